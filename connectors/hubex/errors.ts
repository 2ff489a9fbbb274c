import { ConnectorError, type ErrorKind } from '../../kit/errors.ts';
import { type HttpResponse, retryAfter } from '../../kit/http.ts';
import type { Written } from '../../kit/record-type.ts';
import { fill, type Text } from '../../kit/text.ts';
import { accessDenied, refusal, type VendorError, vendorError } from './refusals.ts';

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

export const tokenBroken = (): ConnectorError =>
  failure('reconnect', 'hubex.token_broken', {
    en: 'The service token has spaces or line breaks in it. Copy the whole text of the file that HubEx gave once more, in one line, and reconnect.',
    ru: 'В токене сервисного аккаунта есть пробелы или переносы строк. Скопируйте весь текст файла из HubEx ещё раз, одной строкой, и переподключите.',
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
    return accessDenied();
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

/** The status HubEx refused with, where it was one. */
export const statusOf = (error: ConnectorError): number | undefined =>
  (error.cause as { status?: number } | undefined)?.status;

export const cursorLost = (cause: unknown): ConnectorError =>
  new ConnectorError({
    kind: 'startOver',
    code: 'hubex.cursor',
    text: {
      en: 'The place in the list of changed HubEx tasks is lost. We read the changes of the last day again; nothing needs to be done.',
      ru: 'Место в списке изменённых заявок HubEx потеряно. Мы перечитаем изменения за последние сутки, делать ничего не нужно.',
    },
    cause,
  });

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
