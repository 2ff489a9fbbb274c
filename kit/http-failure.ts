import { ConnectorError, type ErrorKind, type Outcome } from './errors.ts';
import { AddressRefused } from './guard.ts';
import type { HttpResponse } from './http.ts';
import { AnswerTooLarge, TransportError } from './http-transport.ts';
import { longestPauseMs } from './limiter.ts';
import { fill, type Text } from './text.ts';

interface Words {
  code: string;
  text: Text;
}

const hostUnknown: Words = {
  code: 'http.host_unknown',
  text: {
    en: 'There is no computer named {host}. Check the address for a typing mistake.',
    ru: 'Адрес {host} не найден. Проверьте, нет ли в нём опечатки.',
  },
};
const refused: Words = {
  code: 'http.refused',
  text: {
    en: '{host} refuses connections. Check the address and the port, and that the service is running.',
    ru: '{host} не принимает соединения. Проверьте адрес и порт и что сервис запущен.',
  },
};
const unreachable: Words = {
  code: 'http.unreachable',
  text: {
    en: 'There is no way to {host} from this computer. Check the network and the address.',
    ru: 'С этого компьютера нет пути к {host}. Проверьте сеть и адрес.',
  },
};
const connectTimeout: Words = {
  code: 'http.connect_timeout',
  text: {
    en: '{host} did not answer the attempt to connect. Check the address and the network; we will try again.',
    ru: '{host} не ответил на попытку соединиться. Проверьте адрес и сеть; мы попробуем ещё раз.',
  },
};
const tls: Words = {
  code: 'http.tls',
  text: {
    en: 'No secure connection to {host}: {reason}. Check its certificate and that the address begins with the right http or https.',
    ru: 'Не удалось установить защищённое соединение с {host}: {reason}. Проверьте сертификат и правильность http или https в адресе.',
  },
};
const timedOut: Words = {
  code: 'http.timeout',
  text: {
    en: '{host} did not answer in {seconds} s. It may be overloaded; we will try again.',
    ru: '{host} не ответил за {seconds} с. Возможно, он перегружен; мы попробуем ещё раз.',
  },
};
const broken: Words = {
  code: 'http.broken',
  text: {
    en: 'The connection to {host} broke before its answer was complete: {reason}.',
    ru: 'Соединение с {host} прервалось до получения полного ответа: {reason}.',
  },
};
const notConnected: Words = {
  code: 'http.not_connected',
  text: { en: 'No connection to {host}: {reason}.', ru: 'Нет соединения с {host}: {reason}.' },
};

const byCode: Record<string, Words> = {
  ENOTFOUND: hostUnknown,
  EAI_AGAIN: hostUnknown,
  EAI_NODATA: hostUnknown,
  ECONNREFUSED: refused,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  EADDRNOTAVAIL: unreachable,
  ETIMEDOUT: connectTimeout,
  UND_ERR_CONNECT_TIMEOUT: connectTimeout,
};

const codeOf = (error: unknown): string => String((error as { code?: unknown } | null)?.code ?? '');
const isTls = (code: string): boolean => /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO)/.test(code);

function wordsBeforeSending(cause: unknown): Words {
  const first = cause instanceof AggregateError ? cause.errors[0] : cause;
  const code = codeOf(cause) || codeOf(first);
  return byCode[code] ?? (isTls(code) ? tls : notConnected);
}

/** OpenSSL's own message is a line of numbers; its `reason` is the words in it. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { reason } = cause as { reason?: unknown };
  return typeof reason === 'string' ? reason : cause.message.trim() || codeOf(cause);
}

/** An `AbortSignal.timeout` says so by the name of its reason. */
const isTimeout = (error: unknown): boolean => error instanceof Error && error.name === 'TimeoutError';

export function addressRefused(error: AddressRefused): ConnectorError {
  return new ConnectorError({
    kind: 'rejected',
    code: 'http.address_refused',
    text: fill(
      {
        en: '{host} leads to {address}, an address inside a private network, and calls there are closed. An administrator can open it with MOSTIK_ALLOW_HOSTS.',
        ru: '{host} ведёт на {address}, адрес внутри частной сети; обращения туда закрыты. Администратор может разрешить их через MOSTIK_ALLOW_HOSTS.',
      },
      { host: error.host, address: error.address },
    ),
    cause: error,
  });
}

/** Turns what broke an exchange into a failure in words: not done while nothing had been sent, else unknown. */
export function networkFailure(error: unknown, request: { host: string; timeoutMs: number }): ConnectorError {
  const { sent } = error instanceof TransportError ? error : { sent: false };
  const cause = error instanceof TransportError ? error.cause : error;
  if (cause instanceof AddressRefused) return addressRefused(cause);
  if (cause instanceof AnswerTooLarge) return tooLarge(request.host);
  const words = isTimeout(cause) ? (sent ? timedOut : connectTimeout) : sent ? broken : wordsBeforeSending(cause);
  return new ConnectorError({
    kind: 'temporary',
    code: words.code,
    text: fill(words.text, {
      host: request.host,
      seconds: Math.round(request.timeoutMs / 100) / 10,
      reason: reasonOf(cause),
    }),
    outcome: sent ? 'unknown' : 'notDone',
    cause: error,
  });
}

const tooLarge = (host: string): ConnectorError =>
  new ConnectorError({
    kind: 'rejected',
    code: 'http.too_large',
    text: fill(
      {
        en: 'The answer of {host} is larger than 20 MB, the most we take. Ask for fewer records at once.',
        ru: 'Ответ {host} больше 20 МБ, а это предел. Запросите меньше записей за раз.',
      },
      { host },
    ),
    outcome: 'unknown',
  });

/** Dates of HTTP begin with the day of the week and are always in GMT (RFC 9110, 5.6.7). */
const httpDate = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun).* GMT$/;

/**
 * When the other side wants to be asked again: `Retry-After` in seconds or as an HTTP date (RFC 9110, 10.2.3). Between a
 * second and an hour from now: some send the moment itself in seconds, and nobody should stand still until 2083.
 */
export function retryAfter(headers: Record<string, string>, now: Date = new Date()): Date | null {
  const value = headers['retry-after']?.trim() ?? '';
  const waitMs = /^\d+$/.test(value)
    ? Number(value) * 1000
    : httpDate.test(value)
      ? Date.parse(value) - now.getTime()
      : NaN;
  return Number.isNaN(waitMs) ? null : new Date(now.getTime() + Math.min(Math.max(waitMs, 1000), longestPauseMs));
}

interface StatusMeaning {
  kind: ErrorKind;
  outcome: Outcome;
  text: Text;
}

const meanings: Record<number, Omit<StatusMeaning, 'outcome'>> = {
  401: {
    kind: 'reconnect',
    text: {
      en: '{app} does not accept our key or token (401). Reconnect the connection with a valid one.',
      ru: '{app} не принимает ключ или токен (401). Переподключите подключение с действующим.',
    },
  },
  403: {
    kind: 'noAccess',
    text: {
      en: '{app} does not let this account do that (403). Give it the right over there, or connect another account.',
      ru: '{app} не разрешает это данной учётной записи (403). Выдайте ей право там или подключите другую.',
    },
  },
  404: {
    kind: 'gone',
    text: {
      en: '{app} has nothing at this address (404): the record was deleted, or the address is wrong.',
      ru: 'В {app} по этому адресу ничего нет (404): запись удалена или адрес неверен.',
    },
  },
};

const busy: Text = {
  en: '{app} asks us to slow down ({status}). We will go on when it allows.',
  ru: '{app} просит обращаться реже ({status}). Продолжим, когда он разрешит.',
};
const unwell: Text = {
  en: '{app} is in trouble itself ({status}). We will try again.',
  ru: 'В {app} произошла внутренняя ошибка ({status}). Мы попробуем ещё раз.',
};
const refusedData: Text = {
  en: '{app} refuses the request ({status}): {answer}',
  ru: '{app} отклоняет запрос ({status}): {answer}',
};

function meaningOf(status: number, waits: boolean): StatusMeaning {
  const named = meanings[status];
  if (named) return { ...named, outcome: 'notDone' };
  switch (status) {
    case 429:
      return { kind: 'rateLimited', outcome: 'notDone', text: busy };
    case 503:
      // With Retry-After the server turned the request away; without, something behind it may have worked.
      return waits
        ? { kind: 'rateLimited', outcome: 'notDone', text: busy }
        : { kind: 'temporary', outcome: 'unknown', text: unwell };
    case 408:
      return { kind: waits ? 'rateLimited' : 'temporary', outcome: waits ? 'notDone' : 'unknown', text: busy };
    default:
      if (status >= 500) return { kind: 'temporary', outcome: 'unknown', text: unwell };
      return { kind: 'rejected', outcome: 'notDone', text: refusedData };
  }
}

/** The general meaning of a status, for services that have no words of their own. */
export function failureFromStatus(response: HttpResponse, options: { app: string; now?: Date }): ConnectorError {
  const until = retryAfter(response.headers, options.now);
  const { kind, outcome, text } = meaningOf(response.status, until !== null);
  const answer = response.text.replace(/\s+/g, ' ').trim().slice(0, 300);
  return new ConnectorError({
    kind,
    code: `http.${response.status}`,
    text: fill(text, { app: options.app, status: response.status, answer: answer || '—' }),
    outcome,
    ...(kind === 'rateLimited' && until ? { until } : {}),
  });
}
