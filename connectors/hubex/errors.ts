import { z } from 'zod';
import { ConnectorError, type ErrorKind } from '../../kit/errors.ts';
import { type HttpResponse, retryAfter } from '../../kit/http.ts';
import type { Written } from '../../kit/record-type.ts';
import { fill, type Text } from '../../kit/text.ts';

/** `ErrorModel` of the swagger; every member may be missing. */
const errorModel = z.looseObject({
  code: z.string().nullish(),
  message: z.string().nullish(),
  arguments: z.record(z.string(), z.unknown()).nullish(),
  traceIdentifier: z.string().nullish(),
});

interface VendorError {
  code: string;
  message: string;
  arguments: Record<string, unknown>;
  /** HubEx itself speaks: it gives a code or a trace. Gateways answer `{"message":"no Route matched"}` at most. */
  isOwn: boolean;
}

/** HubEx's refusals in our words; `{message}` is its own. Codes are matched by their beginning: `InvalidDataFormat*`. */
const words: { code: RegExp; text: Text }[] = [
  {
    code: /^InvalidDataFormat/,
    text: {
      en: 'A value has the wrong format for HubEx: {message}',
      ru: 'Неверный формат значения для HubEx: {message}',
    },
  },
  {
    code: /^InvalidDatePeriod/,
    text: {
      en: 'The period is wrong: its end lies before its beginning. {message}',
      ru: 'Неверный период: конец раньше начала. {message}',
    },
  },
  {
    code: /^InvalidData/,
    text: {
      en: 'HubEx does not accept a value: it is not in the directory or does not fit. {message}',
      ru: 'HubEx не принимает значение: его нет в справочнике или оно не подходит. {message}',
    },
  },
  {
    code: /^ParameterNull/,
    text: {
      en: 'A field that HubEx requires is empty. {message}',
      ru: 'Не заполнено обязательное для HubEx поле. {message}',
    },
  },
  {
    code: /^TaskClosed/,
    text: { en: 'The task is closed and cannot be changed.', ru: 'Заявка закрыта, изменить её нельзя.' },
  },
  {
    code: /^AlreadyDone/,
    text: { en: 'HubEx says this is already done. {message}', ru: 'HubEx сообщает, что это уже сделано. {message}' },
  },
  { code: /^EmptyJson/, text: { en: 'HubEx received an empty request.', ru: 'HubEx получил пустой запрос.' } },
  {
    code: /NotFound|^NoDataFound/,
    text: { en: 'HubEx has no such record any more.', ru: 'Такой записи в HubEx больше нет.' },
  },
];

/** Codes that say the data is bad, whatever else may be going on. */
export const isDataRefusal = (error: ConnectorError): boolean =>
  /^hubex\.(InvalidData|ParameterNull|EmptyJson|TaskClosed)/.test(error.code);

export function vendorError(response: HttpResponse): VendorError | null {
  try {
    const { code, message, arguments: named, traceIdentifier } = errorModel.parse(response.json());
    const isOwn = Boolean(code || traceIdentifier);
    return isOwn || message ? { code: code ?? '', message: message ?? '', arguments: named ?? {}, isOwn } : null;
  } catch {
    return null;
  }
}

/** Which field HubEx means, as far as it says: one of the arguments holds the name. */
function namedField(error: VendorError | null): string | undefined {
  const { parameter, field, parameterName, name } = error?.arguments ?? {};
  const found = [parameter, field, parameterName, name].find((value) => typeof value === 'string');
  return found as string | undefined;
}

/** The same failure, of which we know more than HubEx said. */
export function withMore(
  error: ConnectorError,
  more: Partial<Pick<ConnectorError, 'kind' | 'code' | 'text' | 'outcome'>> & { field?: string; written?: Written },
): ConnectorError {
  const { kind, code, text, field, until, outcome, cause } = error;
  const known = { ...(field === undefined ? {} : { field }), ...(until === undefined ? {} : { until }) };
  return new ConnectorError({ kind, code, text, outcome, cause, ...known, ...more });
}

const failure = (kind: ErrorKind, code: string, text: Text): ConnectorError => new ConnectorError({ kind, code, text });

export const tokenRefused = (): ConnectorError =>
  failure('reconnect', 'hubex.token_refused', {
    en: 'HubEx does not accept the token. Generate a new one in the administrator console (Интеграция → Служебные пользователи) and reconnect.',
    ru: 'HubEx не принимает токен. Сгенерируйте новый в консоли администратора (Интеграция → Служебные пользователи) и переподключите.',
  });

export const notHubex = (host: string, status: number): ConnectorError =>
  failure(
    'temporary',
    'hubex.wrong_address',
    fill(
      {
        en: 'There is no HubEx API at {host} (answer {status}). We will try again; if it stays so, check the API address of the connection: it usually ends with /fsm.',
        ru: 'По адресу {host} нет API HubEx (ответ {status}). Мы попробуем ещё раз; если не поможет, проверьте адрес API в подключении: обычно он заканчивается на /fsm.',
      },
      { host, status },
    ),
  );

/** 403 has two causes that look alike: HubEx wants another `X-Application-ID`, or the role lacks the right. */
function forbidden(error: VendorError | null, applicationId: string): ConnectorError {
  if (error?.code.startsWith('AccessDenied')) {
    return failure('noAccess', 'hubex.access_denied', {
      en: 'The role of the API user does not allow this. Give it roles with rights on tasks and assets, and all districts.',
      ru: 'Роль Пользователя API не разрешает это. Выдайте ему роли с полномочиями на заявки и объекты и все участки.',
    });
  }
  const other = applicationId === '5' ? '3' : '5';
  return failure(
    'noAccess',
    'hubex.application_id',
    fill(
      {
        en: 'HubEx refuses access (403) with X-Application-ID {now}. Set it to {other} in the advanced settings of the connection; if that does not help, give the API user more rights.',
        ru: 'HubEx отказывает в доступе (403) при X-Application-ID {now}. Укажите {other} в дополнительных настройках подключения; если не поможет, выдайте Пользователю API больше прав.',
      },
      { now: applicationId || '—', other },
    ),
  );
}

function tooMany(response: HttpResponse): ConnectorError {
  // No 429 is documented, nor a Retry-After: without one we wait out the minute the limit is counted over.
  const until = retryAfter(response.headers) ?? new Date(Date.now() + 60_000);
  return new ConnectorError({
    kind: 'rateLimited',
    code: 'hubex.limited',
    text: {
      en: 'HubEx asks us to call less often. We will go on by ourselves.',
      ru: 'HubEx просит обращаться реже. Мы продолжим сами.',
    },
    until,
  });
}

const unwell = (status: number): ConnectorError =>
  new ConnectorError({
    kind: 'temporary',
    code: `hubex.${status}`,
    text: fill(
      {
        en: 'HubEx is in trouble itself ({status}). We will try again.',
        ru: 'В HubEx внутренняя ошибка ({status}). Мы попробуем ещё раз.',
      },
      { status },
    ),
    outcome: 'unknown',
  });

/** No HubEx behind this answer: it sends nobody on, and says by its `ErrorModel` that a record is not there. */
export const isForeign = (response: HttpResponse): boolean =>
  (response.status < 400 || response.status === 404 || response.status === 405) && !vendorError(response)?.isOwn;

/** Turns an answer of 300 and above into a failure with its kind. */
export function failureOf(response: HttpResponse, about: { applicationId: string; host: string }): ConnectorError {
  const { status } = response;
  const error = vendorError(response);
  if (status === 401) return tokenRefused();
  if (status === 403) return forbidden(error, about.applicationId);
  if (status === 429) return tooMany(response);
  if (status >= 500) return unwell(status);
  if (isForeign(response)) return notHubex(about.host, status);
  const gone = status === 404 || error?.code.startsWith('NoDataFound');
  return refusal(error, { kind: gone ? 'gone' : 'rejected', status, text: response.text });
}

/** HubEx's own word for what is wrong, in ours where we know the code. */
function refusal(error: VendorError | null, about: { kind: ErrorKind; status: number; text: string }): ConnectorError {
  const known = words.find(({ code }) => code.test(error?.code ?? ''));
  const field = namedField(error);
  const fallback: Text = {
    en: 'HubEx refuses the request ({status}): {message}',
    ru: 'HubEx отклоняет запрос ({status}): {message}',
  };
  const message = [
    error?.message || (known ? '' : error?.code || about.text.replace(/\s+/g, ' ').slice(0, 300) || '—'),
    field && `(${field})`,
  ];
  return new ConnectorError({
    kind: about.kind,
    code: `hubex.${error?.code || about.status}`,
    text: trimmed(fill(known?.text ?? fallback, { status: about.status, message: message.filter(Boolean).join(' ') })),
    ...(field === undefined ? {} : { field }),
    cause: { status: about.status },
  });
}

/** The status HubEx refused with, where it was one. */
export const statusOf = (error: ConnectorError): number | undefined =>
  (error.cause as { status?: number } | undefined)?.status;

const trimmed = (text: Text): Text =>
  typeof text === 'string' ? text.trim() : { en: text.en.trim(), ru: text.ru.trim() };

/** Some methods answer 2xx and list what failed; an empty list means all is well. */
export function failureInBody(errors: unknown[]): ConnectorError | null {
  const [first] = errors;
  if (first === undefined) return null;
  const model = errorModel.safeParse(first);
  const said =
    typeof first === 'string'
      ? first
      : model.success
        ? (model.data.message ?? model.data.code ?? JSON.stringify(first))
        : JSON.stringify(first);
  return failure(
    'rejected',
    'hubex.errors',
    fill({ en: 'HubEx did not do it: {message}', ru: 'HubEx не выполнил запрос: {message}' }, { message: said }),
  );
}

/** A body that is not what the documentation says. */
export const unexpected = (what: string, cause: unknown): ConnectorError =>
  new ConnectorError({
    kind: 'temporary',
    code: 'hubex.unexpected_answer',
    text: fill(
      {
        en: 'HubEx answered in a form we do not know ({what}). The answer is in the history; we will try again.',
        ru: 'HubEx ответил в неизвестном нам виде ({what}). Ответ сохранён в истории; мы попробуем ещё раз.',
      },
      { what },
    ),
    outcome: 'unknown',
    cause,
  });
