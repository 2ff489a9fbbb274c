import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { fill, inLanguage, type Text } from '../../kit/text.ts';
import type { Problem as ProblemBody } from './contract.ts';

interface ProblemDetails {
  /** HTTP status, 400 or above. */
  status: number;
  /** For machines, stable: `room.what_is_wrong`. */
  code: string;
  /** For people: what happened, what to do next. */
  text: Text;
  /** Wrong fields of the request by JSON pointer. */
  errors?: { pointer: string; text: Text }[] | undefined;
  /** What stands in the way. */
  items?: { id: string; name: string }[] | undefined;
  /** Sent along, like Retry-After. */
  headers?: Record<string, string> | undefined;
  cause?: unknown;
}

/** A refusal that the caller sees as RFC 9457 problem details. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly text: Text;
  readonly errors: ProblemDetails['errors'];
  readonly items: ProblemDetails['items'];
  readonly headers: Record<string, string>;

  constructor(details: ProblemDetails) {
    super(inLanguage(details.text, 'en'), { cause: details.cause });
    this.name = 'Problem';
    this.status = details.status;
    this.code = details.code;
    this.text = details.text;
    this.errors = details.errors;
    this.items = details.items;
    this.headers = details.headers ?? {};
  }
}

/** The usual answer for an id that leads nowhere. */
export const notFound = (text: Text = { en: 'There is nothing here.', ru: 'Здесь ничего нет.' }): Problem =>
  new Problem({ status: 404, code: 'not_found', text });

/** Refuses one field of the request as the schema would have. */
export const invalidField = (pointer: string, text: Text): Problem =>
  new Problem({ status: 422, code: 'http.invalid', text, errors: [{ pointer, text }] });

export function sendProblem(reply: FastifyReply, problem: Problem, instance?: string): FastifyReply {
  const { status, code, text, errors, items, headers } = problem;
  const body: ProblemBody = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: inLanguage(text, 'en'),
    ...(instance && { instance }),
    code,
    text,
    ...(errors && { errors }),
    ...(items && { items }),
  };
  return reply.code(status).headers(headers).type('application/problem+json').serializer(JSON.stringify).send(body);
}

/** The one place where a thrown error becomes an answer. */
export function handleError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = error instanceof Problem ? error : ofFramework(error);
  if (problem) return sendProblem(reply, problem);
  request.log.error({ err: error, reference: request.id }, 'Unforeseen error');
  return sendProblem(reply, unforeseen(request.id), `urn:uuid:${request.id}`);
}

const unforeseen = (reference: string): Problem =>
  new Problem({
    status: 500,
    code: 'unforeseen',
    text: fill(
      {
        en: 'Something went wrong on our side. The log has it under {reference}.',
        ru: 'Что-то пошло не так на нашей стороне. В журнале это записано под номером {reference}.',
      },
      { reference },
    ),
  });

/** What Fastify itself refuses: https://fastify.dev/docs/latest/Reference/Errors/ */
const frameworkTexts: Record<string, { status: number; code: string; text: Text }> = {
  FST_ERR_CTP_BODY_TOO_LARGE: {
    status: 413,
    code: 'http.too_large',
    text: { en: 'The request is too large: at most 1 MB.', ru: 'Слишком большой запрос: не больше 1 МБ.' },
  },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    status: 415,
    code: 'http.media_type',
    text: {
      en: 'Send the body as application/json.',
      ru: 'Передайте тело запроса как application/json.',
    },
  },
  FST_ERR_CTP_INVALID_JSON_BODY: {
    status: 400,
    code: 'http.not_json',
    text: { en: 'The body is not valid JSON.', ru: 'Тело запроса не является правильным JSON.' },
  },
};

function ofFramework(error: unknown): Problem | null {
  if (!(error instanceof Error)) return null;
  const { code, statusCode } = error as Partial<FastifyError>;
  const known = code === undefined ? undefined : frameworkTexts[code];
  if (known) return new Problem({ ...known, cause: error });
  if (statusCode === undefined || statusCode < 400 || statusCode >= 500) return null;
  return new Problem({
    status: statusCode,
    code: 'http.bad_request',
    text: { en: 'The request could not be understood.', ru: 'Запрос не удалось понять.' },
    cause: error,
  });
}
