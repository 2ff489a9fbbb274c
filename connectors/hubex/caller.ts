import type { ConnectionContext } from '../../kit/connector.ts';
import type { Json } from '../../kit/field.ts';
import type { HttpRequest, HttpResponse } from '../../kit/http.ts';
import { readSettings, readToken } from './auth.ts';
import { failureOf, isForeign, notHubex, tokenBroken, tokenRefused, unexpected } from './errors.ts';
import { failureInBody, vendorError } from './refusals.ts';
import { accessToken, type Row, read, rowsOf } from './wire.ts';

export interface Question {
  method: HttpRequest['method'];
  /** Service and path, without the base. */
  path: string;
  query?: HttpRequest['query'];
  json?: unknown;
  headers?: Record<string, string>;
  /** A record that may not be there: 204, `{}`, `[]`, `NoDataFound` and a 404 of HubEx's own give null. */
  mayBeMissing?: boolean;
}

/** Rows FROM to TILL, counted from one, both inclusive. */
export interface Window {
  from: number;
  till: number;
}

export interface ListPage {
  rows: Row[];
  /** The last row of the page; 0 when there is none. */
  till: number;
  total: number;
}

export interface Caller {
  ask(question: Question): Promise<Json | null>;
  list(path: string, query: HttpRequest['query'], window: Window): Promise<ListPage>;
  /** All rows, page by page, at most `limit`. */
  listAll(path: string, query?: HttpRequest['query'], limit?: number): Promise<Row[]>;
  count(path: string, query: HttpRequest['query']): Promise<number>;
  /** HubEx's clock, as far as its answers have told; ours until then. */
  now(): Date;
  /** HubEx's clock shows no more than this: its answers name whole seconds, so `now` may be up to one behind. */
  nowAtMost(): Date;
  token(): Promise<string>;
}

/** Tokens live 30 minutes and are renewed five before their end. */
const renewBeforeSeconds = 5 * 60;
const defaultLifeSeconds = 30 * 60;
const pageSize = 500;
/** HubEx writes `items=1-100/250`, RFC 9110 `items 1-100/250`: a proxy may turn one into the other. */
const contentRange = /^items[= ](\d+)-(\d+)\/(\d+)/i;

/** Carries questions to HubEx: token, headers, pages, failures. Which questions there are stands in `api.ts`. */
export function createCaller(connection: ConnectionContext, tokenPath: string): Caller {
  const settings = readSettings(connection.fields);
  const base = (connection.endpoints.api ?? '').replace(/\/+$/, '');
  const host = URL.parse(base)?.host ?? base;
  const about = { applicationId: settings.applicationId, host };
  const headers: Record<string, string> =
    settings.applicationId === '' ? {} : { 'X-Application-ID': settings.applicationId };
  let clockShift = 0;

  const heed = (response: HttpResponse): HttpResponse => {
    const at = Date.parse(response.headers.date ?? '');
    if (!Number.isNaN(at)) clockShift = at - Date.now();
    return response;
  };

  const renew = async (): Promise<{ token: string; expiresAt: Date }> => {
    const serviceToken = readToken(connection.secrets);
    if (/\s/.test(serviceToken)) throw tokenBroken();
    const response = await connection.http.request({
      method: 'POST',
      url: `${base}/${tokenPath}`,
      headers,
      json: { serviceToken },
      secrets: [serviceToken],
      hideBodies: true,
    });
    if (response.status >= 300) throw exchangeFailure(response, about);
    const { access_token, expires_in } = read(accessToken, response.json(), 'access token');
    const seconds = Math.max(60, (expires_in ?? defaultLifeSeconds) - renewBeforeSeconds);
    return { token: access_token, expiresAt: new Date(Date.now() + seconds * 1000) };
  };

  const once = async (question: Question, token: string): Promise<HttpResponse> =>
    heed(
      await connection.http.request({
        method: question.method,
        url: `${base}/${question.path}`,
        headers: { ...headers, ...question.headers, Authorization: `Bearer ${token}` },
        secrets: [token],
        ...(question.query ? { query: question.query } : {}),
        ...(question.json === undefined ? {} : { json: question.json }),
      }),
    );

  const send = async (question: Question): Promise<HttpResponse> => {
    let token = await connection.session.token(renew);
    let response = await once(question, token);
    // Twice: what another process kept meanwhile may have ended too; what comes after that is surely new.
    for (let renewals = 0; response.status === 401 && renewals < 2; renewals += 1) {
      token = await connection.session.token(renew, token);
      response = await once(question, token);
    }
    return response;
  };

  const checked = async (question: Question): Promise<HttpResponse | null> => {
    const response = await send(question);
    if (question.mayBeMissing && isMissing(response)) return null;
    if (response.status >= 300) throw failureOf(response, about);
    return response;
  };

  const list: Caller['list'] = async (path, query, window) => {
    const range = { Range: `items=${window.from}-${window.till}` };
    const question: Question = { method: 'GET', path, query, headers: range };
    const response = await checked(question);
    const rows = rowsOf(response && bodyOf(response, question));
    // Ids are whole numbers over there: an error in the guise of a list has none, and must not pass for a short list.
    const odd = rows.find(({ id }) => !/^\d+$/.test(id));
    if (odd) throw unexpected(`${path}: "${odd.id}"`, null);
    const told = contentRange.exec(response?.headers['content-range'] ?? '');
    if (response?.status === 206 && !told) throw unexpected(`${path}: 206, Content-Range?`, null);
    if (told) return { rows, till: Number(told[2]), total: Number(told[3]) };
    // Nothing beyond the end; or a short list that knows no pages. Without pages HubEx cuts at 10,000 rows in silence.
    if (rows.length >= 10_000) throw unexpected(`${path}: 10,000 rows without Content-Range`, null);
    return { rows: window.from > 1 ? [] : rows, till: rows.length, total: rows.length };
  };

  return {
    list,
    async ask(question) {
      const response = await checked(question);
      const body = response && bodyOf(response, question);
      const failure = response && question.method !== 'GET' && failureInBody(body, response.status);
      if (failure) throw failure;
      return question.mayBeMissing && isNothing(body) ? null : body;
    },
    async listAll(path, query = {}, limit = 10_000) {
      const all: Row[] = [];
      for (let from = 1; from <= limit; ) {
        const page = await list(path, query, { from, till: Math.min(from + pageSize - 1, limit) });
        all.push(...page.rows);
        if (page.rows.length === 0 || page.till >= page.total) break;
        from = page.till + 1;
      }
      return all;
    },
    async count(path, query) {
      const response = await checked({ method: 'HEAD', path, query });
      const total = /\/(\d+)$/.exec(response?.headers['content-range'] ?? '');
      return total ? Number(total[1]) : 0;
    },
    now: () => new Date(Date.now() + clockShift),
    nowAtMost: () => new Date(Date.now() + clockShift + 1000),
    token: () => connection.session.token(renew),
  };
}

/** Writes are answered 202 without a body, reads 204 where there is nothing: an empty 200 is nobody's word that a record is gone. */
function bodyOf(response: HttpResponse, { method, path }: Question): Json | null {
  if (response.text.trim() !== '') return response.json();
  if (response.status === 204 || method !== 'GET') return null;
  throw unexpected(`${method} ${path}: ${response.status}, 0 B`, null);
}

/** One empty result is as good as another over there: no body, `{}`, `[]`. */
const isNothing = (body: Json | null): boolean =>
  body !== null && typeof body === 'object' && Object.keys(body).length === 0;

function isMissing(response: HttpResponse): boolean {
  if (response.status === 404) return !isForeign(response);
  if (response.status === 400) return vendorError(response)?.code.startsWith('NoDataFound') ?? false;
  return response.status === 204;
}

/** A service token that HubEx does not know may be refused by more than one status. */
function exchangeFailure(response: HttpResponse, about: { applicationId: string; host: string }): Error {
  const { status } = response;
  if (isForeign(response)) return notHubex(about.host, status);
  return [400, 401, 404, 409, 422].includes(status) ? tokenRefused() : failureOf(response, about);
}
