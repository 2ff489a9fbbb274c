import { z } from 'zod';
import { ConnectorError, type ErrorKind } from '../../kit/errors.ts';
import type { Json } from '../../kit/field.ts';
import type { HttpResponse } from '../../kit/http.ts';
import { fill, type Text } from '../../kit/text.ts';

/** HubEx's refusals: how it says them, and how we do. */

/** `ErrorModel` of the swagger; every member may be missing. */
const errorModel = z.looseObject({
  code: z.string().nullish(),
  message: z.string().nullish(),
  arguments: z.record(z.string(), z.unknown()).nullish(),
  traceIdentifier: z.string().nullish(),
});

export interface VendorError {
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
    text: {
      en: 'The task is closed in HubEx and cannot be changed. Take it back into work there, or let a filter of the flow leave closed tasks out.',
      ru: 'Заявка в HubEx закрыта, изменить её нельзя. Верните её там в работу или отсейте закрытые заявки фильтром связки.',
    },
  },
  {
    code: /^AlreadyDone/,
    text: { en: 'HubEx says this is already done. {message}', ru: 'HubEx сообщает, что это уже сделано. {message}' },
  },
  {
    code: /^EmptyJson/,
    text: {
      en: 'HubEx received a request without values. Check that the mapping gives any.',
      ru: 'HubEx получил запрос без значений. Проверьте, что сопоставление их даёт.',
    },
  },
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
    return vendorErrorOf(response.json());
  } catch {
    return null;
  }
}

function vendorErrorOf(body: Json): VendorError | null {
  const { code, message, arguments: named, traceIdentifier } = errorModel.safeParse(body).data ?? {};
  const isOwn = Boolean(code || traceIdentifier);
  return isOwn || message ? { code: code ?? '', message: message ?? '', arguments: named ?? {}, isOwn } : null;
}

/** Which field HubEx means, as far as it says: one of the arguments holds the name. */
function namedField(error: VendorError | null): string | undefined {
  const { parameter, field, parameterName, name } = error?.arguments ?? {};
  const found = [parameter, field, parameterName, name].find((value) => typeof value === 'string');
  return found as string | undefined;
}

/** HubEx's own word for what is wrong, in ours where we know the code. */
export function refusal(
  error: VendorError | null,
  about: { kind: ErrorKind; status: number; text?: string },
): ConnectorError {
  const known = words.find(({ code }) => code.test(error?.code ?? ''));
  const field = namedField(error);
  const raw = about.text?.replace(/\s+/g, ' ').slice(0, 300);
  const message = [error?.message || (known ? '' : error?.code || raw || '—'), field && `(${field})`];
  return new ConnectorError({
    kind: about.kind,
    code: `hubex.${error?.code || about.status}`,
    text: trimmed(
      fill(known?.text ?? fallback(about.status), { status: about.status, message: message.filter(Boolean).join(' ') }),
    ),
    ...(field === undefined ? {} : { field }),
    cause: { status: about.status },
  });
}

const fallback = (status: number): Text =>
  status < 300
    ? { en: 'HubEx did not do it: {message}', ru: 'HubEx не выполнил запрос: {message}' }
    : {
        en: 'HubEx refuses the request ({status}): {message}',
        ru: 'HubEx отклоняет запрос ({status}): {message}',
      };

const trimmed = (text: Text): Text =>
  typeof text === 'string' ? text.trim() : { en: text.en.trim(), ru: text.ru.trim() };

export const accessDenied = (): ConnectorError =>
  new ConnectorError({
    kind: 'noAccess',
    code: 'hubex.access_denied',
    text: {
      en: 'The role of the API user does not allow this. Give it roles with rights on tasks and assets, and all districts.',
      ru: 'Роль Пользователя API не разрешает это. Выдайте ему роли с полномочиями на заявки и объекты и все участки.',
    },
  });

/**
 * What an answer of 2xx to a write says was not done: rows `{…,"error":"Code@Detail"}`, or `errors` (an empty list means
 * all is well). The first code decides, all details are told.
 */
export function failureInBody(body: Json | null, status: number): ConnectorError | null {
  const errors = failedOf(body).map(sayingOf);
  const [first] = errors;
  if (!first) return null;
  if (first.code.startsWith('AccessDenied')) return accessDenied();
  const kind = /NotFound|^NoDataFound/.test(first.code) ? 'gone' : 'rejected';
  const message = errors.map((error) => error.message || error.code).join('; ');
  return refusal({ ...first, message }, { kind, status });
}

function failedOf(body: Json | null): Json[] {
  if (body === null || typeof body !== 'object') return [];
  if (Array.isArray(body)) return body.flatMap((row) => memberOf(row, 'error') || []);
  const { errors } = body;
  return errors !== null && typeof errors === 'object' ? Object.values(errors) : errors ? [errors] : [];
}

const memberOf = (row: Json, name: string): Json | undefined =>
  row !== null && typeof row === 'object' && !Array.isArray(row) ? row[name] : undefined;

/** `Code@Detail`, an `ErrorModel`, a row with either, or plain words. */
function sayingOf(said: Json): VendorError {
  const text = typeof said === 'string' ? said : memberOf(said, 'error');
  if (typeof text !== 'string') return { ...noWords, ...vendorErrorOf(said) };
  const [, code = '', message = text] = /^(\w+)(?:@(.*))?$/s.exec(text) ?? [];
  return { ...noWords, code, message: code === text ? '' : message };
}

const noWords: VendorError = { code: '', message: '', arguments: {}, isOwn: true };
