import type { ConnectionContext } from '../../kit/connector.ts';
import { ConnectorError } from '../../kit/errors.ts';
import { failureFromStatus, type HttpRequest, type HttpResponse } from '../../kit/http.ts';
import type { Bucket } from '../../kit/limiter.ts';
import { fill } from '../../kit/text.ts';

type FormPart = Pick<ConnectionContext, 'fields' | 'secrets'>;

export interface WebhookApi {
  connection: ConnectionContext;
  /** Sends to an address, absolute or under the connection's; any status is an answer. */
  send(request: HttpRequest): Promise<HttpResponse>;
  /** The failure that a status other than 2xx means for what was asked at this address. */
  failure(response: HttpResponse, url: string): ConnectorError;
}

const baseOf = ({ fields }: Pick<FormPart, 'fields'>): URL | null => {
  const { address } = fields;
  return typeof address === 'string' && URL.canParse(address) ? new URL(address) : null;
};

/** The header by which the other side knows us, and what of it must not be recorded. */
function keyHeader({ fields, secrets }: FormPart): { headers: Record<string, string>; secrets: string[] } {
  if (secrets.token) return { headers: { authorization: `Bearer ${secrets.token}` }, secrets: [] };
  if (secrets.password !== undefined) {
    const pair = Buffer.from(`${String(fields.user ?? '')}:${secrets.password}`).toString('base64');
    return { headers: { authorization: `Basic ${pair}` }, secrets: [pair] };
  }
  if (secrets.headerValue) return { headers: { [String(fields.headerName ?? '')]: secrets.headerValue }, secrets: [] };
  return { headers: {}, secrets: [] };
}

/** The limit a person named: some at once, and never more than that number in any minute. */
export function limitOf(fields: ConnectionContext['fields']): Bucket | null {
  const perMinute = Number(fields.perMinute ?? 0);
  if (!Number.isFinite(perMinute) || perMinute < 1) return null;
  const capacity = Math.max(1, Math.floor(perMinute / 10));
  const perSecond = Math.max(1, perMinute - capacity) / 60;
  return { key: `webhook:${baseOf({ fields })?.host ?? 'any'}:${perMinute}`, capacity, perSecond };
}

export function connect(connection: ConnectionContext): WebhookApi {
  const base = baseOf(connection);
  const key = keyHeader(connection);

  const resolve = (url: string): URL => {
    // The URL standard drops line breaks and tabs without a word: an address that holds them is not what was meant.
    if (hasControl(url)) throw badAddress(url);
    if (URL.canParse(url)) return new URL(url);
    if (base === null) throw badAddress(url);
    const root = base.href.replace(/\/*$/, '/');
    return new URL(url.replace(/^\/+/, ''), root);
  };
  /** The key goes to the connection's own host alone: an address that came with the data must not carry it off. */
  const isOurs = (url: URL): boolean => base !== null && url.origin === base.origin;

  return {
    connection,
    async send(request) {
      const url = resolve(request.url);
      const headers = isOurs(url) ? { ...key.headers, ...request.headers } : { ...request.headers };
      return connection.http.request({ ...request, url: url.href, headers, secrets: key.secrets });
    },
    failure(response, url) {
      const target = resolve(url);
      const failure = failureFromStatus(response, { app: target.host });
      const foreign = failure.kind === 'reconnect' && !isOurs(target);
      return foreign ? keyWanted(target, failure) : failure;
    },
  };
}

export const isGood = (response: HttpResponse): boolean => response.status >= 200 && response.status < 300;

const hasControl = (text: string): boolean => /\p{Cc}/u.test(text);

const badAddress = (url: string): ConnectorError =>
  new ConnectorError({
    kind: 'rejected',
    code: 'webhook.bad_address',
    field: 'url',
    text: fill(
      {
        en: '“{url}” is not an address we can call. Give a whole one with https://, or fill in the address of the app in the connection and name the path.',
        ru: 'По адресу «{url}» обратиться нельзя. Укажите полный адрес с https:// или заполните адрес приложения в подключении и указывайте путь.',
      },
      { url: JSON.stringify(url.slice(0, 200)).slice(1, -1) },
    ),
  });

const keyWanted = (url: URL, cause: ConnectorError): ConnectorError =>
  new ConnectorError({
    kind: 'noAccess',
    code: cause.code,
    text: fill(
      {
        en: '{host} asks for a key (401), and this connection has none for it. Make a connection with the address of this app and its key.',
        ru: '{host} требует ключ (401), а в этом подключении его нет. Создайте подключение с адресом этого приложения и ключом.',
      },
      { host: url.host },
    ),
    cause,
  });
