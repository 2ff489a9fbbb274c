import { z } from 'zod';
import { ConnectorError, type ErrorKind, type Outcome } from '../../kit/errors.ts';
import { failureFromStatus, type HttpResponse } from '../../kit/http.ts';
import { fill, type Text } from '../../kit/text.ts';
import { errorInXml } from './atom.ts';

/** What tells answers of one installation apart in words. */
export interface About {
  /** `Creatio` or `bpm’online`. */
  app: string;
  host: string;
}

const words = z.union([z.string(), z.looseObject({ value: z.string() })]);
/** The forms a failure comes in, whatever the status: OData, ASP.NET, an unknown set, DataService. */
const vendorErrorSchema = z.looseObject({
  error: z.looseObject({ code: z.string().nullish(), message: words.nullish() }).nullish(),
  'odata.error': z.looseObject({ code: z.string().nullish(), message: words.nullish() }).nullish(),
  Message: z.string().nullish(),
  MessageDetail: z.string().nullish(),
  ExceptionMessage: z.string().nullish(),
  ExceptionType: z.string().nullish(),
  success: z.boolean().nullish(),
  errorInfo: z.looseObject({ errorCode: z.string().nullish(), message: z.string().nullish() }).nullish(),
  responseStatus: z.looseObject({ ErrorCode: z.string().nullish(), Message: z.string().nullish() }).nullish(),
});

interface VendorError {
  code: string;
  message: string;
}

const plain = (message: z.infer<typeof words> | null | undefined): string =>
  typeof message === 'string' ? message : (message?.value ?? '');

/** The failure a body tells of, also at HTTP 200; null when it tells of none. */
export function vendorError(body: unknown): VendorError | null {
  const parsed = vendorErrorSchema.safeParse(body);
  if (!parsed.success) return null;
  const { error, errorInfo, responseStatus, ...rest } = parsed.data;
  const odata = error ?? rest['odata.error'];
  if (odata) return { code: odata.code ?? '', message: plain(odata.message) };
  if (rest.MessageDetail) return { code: 'no_such_set', message: rest.MessageDetail };
  if (rest.ExceptionMessage || rest.ExceptionType)
    return { code: rest.ExceptionType ?? '', message: rest.ExceptionMessage ?? rest.Message ?? '' };
  if (rest.success === false)
    return { code: errorInfo?.errorCode ?? '', message: errorInfo?.message ?? responseStatus?.Message ?? '' };
  return null;
}

/** Records never hold both names, so a record is not taken for a failure. */
const bareMessage = (body: unknown): VendorError | null => {
  const { Message: message } = vendorErrorSchema.safeParse(body).data ?? {};
  return message ? { code: '', message } : null;
};

const trimmed = (response: HttpResponse): string => response.text.replace(/^\uFEFF/, '').trimStart();
export const isXml = (response: HttpResponse): boolean =>
  /^<(\?xml|feed|entry|m:error|error)\b/i.test(trimmed(response)) && !/<html/i.test(response.text.slice(0, 1000));
/** The sign-in page, or an error page of IIS. */
export const isPage = (response: HttpResponse): boolean => trimmed(response).startsWith('<') && !isXml(response);

function saidBy(response: HttpResponse): VendorError | null {
  if (isXml(response)) return errorInXml(response.text);
  try {
    const body = response.json();
    return vendorError(body) ?? (response.status >= 400 ? bareMessage(body) : null);
  } catch {
    return null;
  }
}

/** The session has ended: 401, or the sign-in page in the place of an answer. */
export const isSessionLost = (response: HttpResponse): boolean =>
  response.status === 401 || (response.status < 400 && (response.status >= 300 || isPage(response)));

const failure = (kind: ErrorKind, code: string, text: Text, more: { outcome?: Outcome; field?: string } = {}) =>
  new ConnectorError({ kind, code: `creatio.${code}`, text, ...more });

/** Which column the message means, as far as it says. */
const columnIn = (message: string): string | undefined =>
  /Column by path ([\w./]+) not found/i.exec(message)?.[1] ?? /property named '(\w+)'/i.exec(message)?.[1];

/** The database was busy, not against us: worth another try. */
const passing = /deadlock|time-?out expired|timed? ?out|could not serialize|connection .*(lost|closed|reset)/i;

/** The failure an answer tells of, or null: a body may tell of one at HTTP 200. */
export function failureOf(response: HttpResponse, about: About): ConnectorError | null {
  const said = saidBy(response);
  const { status } = response;
  if (status < 400) return said && refusal(said, response, about);
  switch (status) {
    case 401:
      return sessionRefused(about);
    case 403:
      return forbidden(said, about);
    case 404:
    case 410:
      if (said?.code === 'no_such_set') return noSuchSet(objectIn(said.message), about);
      return isPage(response) ? notThere(about, status) : failureFromStatus(response, { app: about.app });
    case 408:
    case 429:
    case 502:
    case 503:
    case 504:
      return failureFromStatus(response, { app: about.app });
    default:
      // Creatio answers 500 also for a wrong column: only a page of IIS or a busy database is worth another try.
      if (status >= 500 && !said) return failureFromStatus(response, { app: about.app });
      return refusal(said ?? { code: '', message: '' }, response, about);
  }
}

function refusal(said: VendorError, response: HttpResponse, about: About): ConnectorError {
  if (said.code === 'no_such_set') return noSuchSet(objectIn(said.message), about);
  const message = said.message || response.text.replace(/\s+/g, ' ').trim().slice(0, 300) || '—';
  const isPassing = response.status >= 500 && passing.test(said.message);
  const field = columnIn(said.message);
  return failure(
    isPassing ? 'temporary' : 'rejected',
    isPassing ? 'busy' : `refused.${response.status}`,
    fill(
      { en: '{app} refuses the request ({status}): {message}', ru: '{app} отклоняет запрос ({status}): {message}' },
      { app: about.app, status: response.status, message: message.slice(0, 500) },
    ),
    { ...(isPassing ? { outcome: 'unknown' } : {}), ...(field ? { field } : {}) },
  );
}

export const noSuchObject = 'creatio.no_such_set';

/** `No type was found that matches the controller named 'UsrVehicle'.` */
const objectIn = (message: string): string => /named '(\w+)'/.exec(message)?.[1] ?? message;

export const noSuchSet = (object: string, about: About): ConnectorError =>
  failure(
    'rejected',
    'no_such_set',
    fill(
      {
        en: '{app} has no object “{object}”: it was deleted, renamed or closed for OData. Bring it back over there, or choose another event or action in the flow. A new object appears a minute or two after it was made.',
        ru: 'В {app} нет объекта «{object}»: его удалили, переименовали или закрыли для OData. Верните его там или выберите в связке другое событие или действие. Новый объект появляется через одну-две минуты после создания.',
      },
      { app: about.app, object },
    ),
  );

const forbidden = (said: VendorError | null, about: About): ConnectorError =>
  failure(
    'noAccess',
    'forbidden',
    fill(
      {
        en: '{app} does not let this user do that (403). Give it the rights on the object and its records. {message}',
        ru: '{app} не разрешает это пользователю (403). Выдайте ему права на объект и записи. {message}',
      },
      { app: about.app, message: said?.message ?? '' },
    ),
  );

export const sessionRefusal = 'creatio.session_refused';

/** After a fresh sign-in it says so again: not the session is ended, but the door is closed. */
export const sessionRefused = (about: About): ConnectorError =>
  failure(
    'reconnect',
    sessionRefusal.replace('creatio.', ''),
    fill(
      {
        en: '{app} does not accept our sign-in: it asks for it again right after it succeeded. Check the rights of the user and the way to sign in, and reconnect.',
        ru: '{app} не принимает наш вход: сразу после него снова просит войти. Проверьте права пользователя и способ входа и переподключите.',
      },
      { app: about.app },
    ),
  );

/** What a refused sign-in says, in its own words where there are any. */
export const signInRefused = (about: About, details: { message: string; expired: boolean }): ConnectorError =>
  details.expired
    ? failure(
        'reconnect',
        'password_expired',
        fill(
          {
            en: 'The password of this user has expired. Sign in to {app} in the browser, set a new one and reconnect.',
            ru: 'Срок действия пароля истёк. Войдите в {app} через браузер, задайте новый и переподключите.',
          },
          { app: about.app },
        ),
      )
    : failure(
        'reconnect',
        'sign_in_refused',
        fill(
          {
            en: '{app} does not accept the user name or the password: {message} We do not try it again; correct it and reconnect.',
            ru: '{app} не принимает логин или пароль: {message} Мы не пробуем его снова; исправьте и переподключите.',
          },
          { app: about.app, message: details.message || '—' },
        ),
      );

export const clientRefused = (about: About, message: string): ConnectorError =>
  failure(
    'reconnect',
    'client_refused',
    fill(
      {
        en: 'The identity service of {app} does not accept the client: {message} Check Client ID, Client secret and the address of the service.',
        ru: 'Служба идентификации {app} не принимает клиента: {message} Проверьте Client ID, Client secret и адрес службы.',
      },
      { app: about.app, message: message || '—' },
    ),
  );

/** A service of its own beside OData that older or cut-down stands lack: asking again would not help. */
export const noService = (service: string, about: About): ConnectorError =>
  failure(
    'rejected',
    'no_service',
    fill(
      {
        en: 'This {app} gives us no service {service}, which this action needs: it may be an older version, or basic authorization does not open it.',
        ru: 'В этой {app} нам недоступна служба {service}, нужная для этого действия: возможно, это более старая версия или Basic-авторизация её не открывает.',
      },
      { app: about.app, service },
    ),
  );

export const wrongAddress = 'creatio.wrong_address';

/** There is something at the address, but not the application. */
export const notThere = (about: About, status: number): ConnectorError =>
  failure(
    'temporary',
    wrongAddress.replace('creatio.', ''),
    fill(
      {
        en: 'There is no {app} at {host} (answer {status}). Check the domain; an installation of your own may need its path too.',
        ru: 'По адресу {host} нет {app} (ответ {status}). Проверьте домен; у собственной установки может понадобиться и путь.',
      },
      { app: about.app, host: about.host, status },
    ),
  );
