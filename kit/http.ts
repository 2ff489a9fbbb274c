import { currentCall } from './call.ts';
import { ConnectorError } from './errors.ts';
import type { Json } from './field.ts';
import { type AddressGuard, AddressRefused } from './guard.ts';
import { answer } from './http-answer.ts';
import { networkFailure, retryAfter } from './http-failure.ts';
import { type Prepared, prepare } from './http-prepare.ts';
import { createRedactor, type Redactor, recordExchange } from './http-record.ts';
import { exchange, type RawResponse, TooLate, TransportError } from './http-transport.ts';
import type { Bucket, Limiter } from './limiter.ts';
import { fill } from './text.ts';

export type { AddressGuard } from './guard.ts';
export { failureFromStatus, retryAfter } from './http-failure.ts';

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'MERGE';
  url: string;
  query?: Record<string, string | number | boolean | undefined>;
  headers?: Record<string, string>;
  /** At most one of the three. `json` and `form` set the content type. */
  json?: unknown;
  form?: Record<string, string>;
  body?: string | Uint8Array;
  /** Whole exchange; default 30 s. */
  timeoutMs?: number;
  /** Values of this request that must not be recorded, beside the connection's secrets (a fresh token). */
  secrets?: string[];
  /** Masks the whole bodies of this exchange in the record: token requests. */
  hideBodies?: boolean;
  /** Keys of the JSON answer whose texts are secrets, wherever they stand: masked in the record. */
  answerSecrets?: string[];
  /** Takes the body of a 2xx answer piece by piece, for answers beyond the 20 MB that are kept; `text` is then empty. */
  sink?: (chunk: Buffer) => void;
}

export interface HttpResponse {
  status: number;
  /** Lower-case names. */
  headers: Record<string, string>;
  text: string;
  /** The parsed body (see json.ts); throws `ConnectorError` `http.not_json` (temporary, outcome unknown) when it is not JSON. */
  json(): Json;
}

/** The one way out of the house. Never throws for a status; a missing answer throws `ConnectorError` (temporary). */
export interface Http {
  request(request: HttpRequest): Promise<HttpResponse>;
}

export interface HttpOptions {
  limiter: Limiter;
  bucket: Bucket | null;
  /** Strings that are masked wherever they occur in the record. */
  secrets: string[];
  /** Null: no guard (the address is the connector's own). */
  guard: AddressGuard | null;
}

const defaultTimeoutMs = 30_000;
const maxRedirects = 5;

/** The HTTP client of one connection: limited, guarded, recorded. It repeats nothing by itself but a read on a connection that had died unnoticed. */
export function createHttp(options: HttpOptions): Http {
  const redactorFor = rememberLast((extra: string) => createRedactor([...options.secrets, ...JSON.parse(extra)]));
  return {
    async request(request) {
      const prepared = prepare(request);
      const call: OneCall = { options, request, redactor: redactorFor(JSON.stringify(request.secrets ?? [])) };
      let response = await askTwiceIfStale(prepared, call);
      for (let hops = 0; ; hops++) {
        const next = redirectOf(prepared, response, call);
        if (next === null) return answer(response, prepared.url);
        if (hops === maxRedirects) throw tooManyRedirects(prepared.url);
        prepared.headers = next.headers;
        prepared.url = next.url;
        response = await askTwiceIfStale(prepared, call);
      }
    },
  };
}

interface OneCall {
  options: HttpOptions;
  request: HttpRequest;
  redactor: Redactor;
}

function rememberLast<T>(make: (key: string) => T): (key: string) => T {
  let last: { key: string; value: T } | undefined;
  return (key) => {
    if (last?.key !== key) last = { key, value: make(key) };
    return last.value;
  };
}

/** A GET may go again when the other side had closed an idle connection: it is safe to repeat (RFC 9110, 9.2.2). */
async function askTwiceIfStale(prepared: Prepared, call: OneCall): Promise<RawResponse> {
  const safe = prepared.method === 'GET' || prepared.method === 'HEAD';
  try {
    return await ask(prepared, call);
  } catch (error) {
    const stale = error instanceof ConnectorError && error.cause instanceof TransportError && error.cause.stale;
    if (!safe || !stale) throw error;
    return ask(prepared, call);
  }
}

/** One exchange: waits for its turn, sends, records. */
async function ask(prepared: Prepared, call: OneCall): Promise<RawResponse> {
  const { options } = call;
  const around = currentCall();
  const release = options.bucket ? await turn(options, options.bucket, prepared.url.host) : () => {};
  const timeoutMs = call.request.timeoutMs ?? defaultTimeoutMs;
  const started = new Date();
  const clock = performance.now();
  const record = (response: RawResponse | null, error?: string) =>
    around?.exchanges.push(
      recordExchange(
        {
          at: started,
          milliseconds: Math.round(performance.now() - clock),
          method: prepared.method,
          url: prepared.url.href,
          requestHeaders: prepared.headers,
          requestBody: prepared.body,
          response: response?.streamedBytes ? { ...response, body: streamed(response.streamedBytes) } : response,
          hideBodies: call.request.hideBodies ?? false,
          answerSecrets: call.request.answerSecrets ?? [],
          ...(error === undefined ? {} : { error }),
        },
        call.redactor,
      ),
    );
  try {
    const response = await exchange({
      ...prepared,
      signal: around?.signal ?? null,
      notAfter: around?.notAfter ?? null,
      timeoutMs,
      guard: options.guard,
      sink: call.request.sink ?? null,
    });
    record(response);
    await obeyPause(options, response);
    return response;
  } catch (error) {
    if (!(error instanceof TransportError || error instanceof AddressRefused)) throw error;
    if (error.cause instanceof TooLate) throw tooLate(error);
    const failure = networkFailure(error, { host: prepared.url.host, timeoutMs });
    record(null, failure.message);
    throw failure;
  } finally {
    release();
  }
}

const streamed = (bytes: number): Buffer => Buffer.from(`[streamed, ${bytes} bytes]`);

async function turn(options: HttpOptions, bucket: Bucket, host: string): Promise<() => void> {
  const around = currentCall();
  const signal = around?.signal ? { signal: around.signal } : {};
  try {
    return await options.limiter.acquire(bucket, { priority: around?.priority ?? 'person', host, ...signal });
  } catch (error) {
    throw error instanceof ConnectorError ? error : notSent(error);
  }
}

/** "Too many requests" with a time holds every process back, not only this call. */
async function obeyPause(options: HttpOptions, response: RawResponse): Promise<void> {
  if (options.bucket === null || response.status !== 429) return;
  const until = retryAfter(response.headers);
  if (until) await options.limiter.pause(options.bucket.key, until);
}

/** Where a read is sent on to; what the caller meant for one host alone does not go to another. */
function redirectOf(from: Prepared, response: RawResponse, call: OneCall): Pick<Prepared, 'url' | 'headers'> | null {
  const isRead = from.method === 'GET' || from.method === 'HEAD';
  const { location } = response.headers;
  if (!isRead || ![301, 302, 303, 307, 308].includes(response.status) || !location) return null;
  if (!URL.canParse(location, from.url.href)) return null;
  const url = new URL(location, from.url);
  if (!/^https?:$/.test(url.protocol)) return null;
  if (url.origin === from.url.origin) return { url, headers: from.headers };
  const mine = call.request.headers ?? {};
  const kept = Object.entries(from.headers).filter(
    ([name]) => !Object.keys(mine).some((own) => own.toLowerCase() === name) || name === 'accept',
  );
  return { url, headers: Object.fromEntries(kept) };
}

const notSent = (cause: unknown): ConnectorError =>
  new ConnectorError({
    kind: 'temporary',
    code: 'http.not_sent',
    text: fill(
      {
        en: 'The call was not sent, since its turn did not come: {reason}.',
        ru: 'Запрос не был отправлен, так как его очередь не подошла: {reason}.',
      },
      { reason: cause instanceof Error ? cause.message : String(cause) },
    ),
    cause,
  });

/** The code of a call whose caller no longer had the right to make it; it says nothing of the connection. */
export const tooLateCode = 'http.too_late';

const tooLate = (cause: unknown): ConnectorError =>
  new ConnectorError({
    kind: 'temporary',
    code: tooLateCode,
    text: {
      en: 'The call was not sent: our process had stood still, and another one may have taken over.',
      ru: 'Запрос не был отправлен: наш процесс простоял слишком долго, и работу мог взять другой.',
    },
    cause,
  });

const tooManyRedirects = (url: URL): ConnectorError =>
  new ConnectorError({
    kind: 'rejected',
    code: 'http.too_many_redirects',
    text: fill(
      {
        en: '{host} sends us on from address to address without an end. Check the address.',
        ru: '{host} бесконечно перенаправляет с адреса на адрес. Проверьте адрес.',
      },
      { host: url.host },
    ),
  });
