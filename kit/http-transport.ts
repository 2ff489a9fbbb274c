import type { IncomingHttpHeaders } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { Agent } from 'undici';
import { type AddressGuard, checkLiteral, guardedLookup } from './guard.ts';

export interface RawRequest {
  method: string;
  url: URL;
  headers: Record<string, string>;
  body: string | Uint8Array | null;
  /** Of whoever asks; the exchange ends with it. */
  signal: AbortSignal | null;
  /** Of the monotonic clock: when its turn and its connection come later than this, the request does not leave. */
  notAfter: (() => number) | null;
  /** For the whole exchange. */
  timeoutMs: number;
  guard: AddressGuard | null;
  /** Takes the body of a 2xx answer; the answer then holds none. */
  sink: ((chunk: Buffer) => void) | null;
}

export interface RawResponse {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
  /** Bytes that went to the request's sink. */
  streamedBytes?: number;
}

/** How far an exchange got before it broke: this decides whether it may have been carried out. */
export class TransportError extends Error {
  /** The request began to leave: the connection was made. */
  readonly sent: boolean;
  /** It broke on a connection that had served before, with no byte of this answer: the other side closed an idle socket. */
  readonly stale: boolean;

  constructor(cause: unknown, progress: { sent: boolean; stale: boolean }) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = 'TransportError';
    this.sent = progress.sent;
    this.stale = progress.stale;
  }
}

export class TooLate extends Error {
  override name = 'TooLate';
}

export class AnswerTooLarge extends Error {
  override name = 'AnswerTooLarge';
}

export const maxAnswerBytes = 20 * 1024 * 1024;
const maxStreamedBytes = 1024 * 1024 * 1024;
const connectTimeoutMs = 10_000;

const agents = new Map<string, Agent>();

/** One agent for all calls under the same rules: sockets stay open between calls, and a guarded call never gets an unguarded one. */
function agentFor(guard: AddressGuard | null): Agent {
  const key = guard === null ? 'open' : `guarded ${guard.allowed.join(',')}`;
  const known = agents.get(key);
  if (known) return known;
  const lookup = guard === null ? {} : { lookup: guardedLookup(guard) };
  // Our own time-out bounds the whole exchange, so undici's for headers and body are off.
  const agent = new Agent({
    connect: { timeout: connectTimeoutMs, ...lookup },
    allowH2: false,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  agents.set(key, agent);
  return agent;
}

function flatten(headers: IncomingHttpHeaders): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}

const decoders: Record<string, (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

async function decompress(response: RawResponse): Promise<RawResponse> {
  const decode = decoders[response.headers['content-encoding']?.trim().toLowerCase() ?? ''];
  if (!decode || response.body.length === 0) return response;
  try {
    return { ...response, body: await decode(response.body, { maxOutputLength: maxAnswerBytes }) };
  } catch (error) {
    const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw new TransportError(tooLarge ? new AnswerTooLarge() : error, { sent: true, stale: false });
  }
}

const brokenCodes = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

/** undici tells how much a broken socket had read; a raw reset does not say, and then it may have served before. */
function mayHaveServed(error: unknown): boolean {
  const { code, socket } = error as { code?: string; socket?: { bytesRead?: number } };
  return brokenCodes.has(code ?? '') && (socket?.bytesRead ?? 1) > 0;
}

/** Sends one request over a kept-alive connection and reads the whole answer. Throws `TransportError`, or `AddressRefused` before anything is looked up. */
export async function exchange(request: RawRequest): Promise<RawResponse> {
  if (request.guard) checkLiteral(request.guard, request.url.hostname);
  const response = await decompress(await send(request));
  if (!request.sink || response.body.length === 0 || !isSuccess(response.status)) return response;
  // Compressed although we asked for plain text: kept whole first, then handed on.
  request.sink(response.body);
  return { ...response, body: Buffer.alloc(0), streamedBytes: response.body.length };
}

const isSuccess = (status: number): boolean => status >= 200 && status < 300;

function send(request: RawRequest): Promise<RawResponse> {
  const { url, signal, timeoutMs } = request;
  return new Promise((resolve, reject) => {
    let sent = false;
    let answered = false;
    let settled = false;
    let status = 0;
    let headers: Record<string, string> = {};
    let size = 0;
    let streamedBytes = 0;
    const chunks: Buffer[] = [];
    let stop: ((reason: Error) => void) | undefined;

    const settle = () => {
      settled = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    const fail = (error: unknown) => {
      if (settled) return;
      settle();
      reject(new TransportError(error, { sent, stale: sent && !answered && mayHaveServed(error) }));
    };
    const breakOff = (reason: Error) => {
      fail(reason);
      stop?.(reason);
    };
    const onAbort = () => breakOff(signal?.reason instanceof Error ? signal.reason : new Error(String(signal?.reason)));
    // A signal of AbortSignal.timeout says the same, and costs weak references that every collection has to look at.
    const timer = setTimeout(() => breakOff(new DOMException('The answer took too long', 'TimeoutError')), timeoutMs);
    if (signal?.aborted) return onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });

    agentFor(request.guard).dispatch(
      {
        origin: url.origin,
        path: url.pathname + url.search,
        method: request.method,
        headers: request.headers,
        body: request.body,
      },
      {
        onRequestStart(controller) {
          stop = (reason) => controller.abort(reason);
          if (settled) return stop(new Error('aborted before it was sent'));
          // The last moment before the first byte: a process that was stopped before wakes up here.
          if (request.notAfter && performance.now() > request.notAfter())
            return breakOff(new TooLate('too late to send'));
          sent = true;
        },
        onResponseStarted() {
          answered = true;
        },
        onResponseStart(_controller, statusCode, rawHeaders) {
          // Interim answers (100, 103) come first; the last one counts.
          status = statusCode;
          headers = flatten(rawHeaders);
        },
        onResponseData(controller, chunk) {
          size += chunk.length;
          const streams = request.sink !== null && isSuccess(status) && !headers['content-encoding'];
          if (size > (streams ? maxStreamedBytes : maxAnswerBytes)) return controller.abort(new AnswerTooLarge());
          if (!streams) return void chunks.push(chunk);
          streamedBytes += chunk.length;
          try {
            request.sink?.(chunk);
          } catch (error) {
            controller.abort(error instanceof Error ? error : new Error(String(error)));
          }
        },
        onResponseEnd() {
          if (settled) return;
          settle();
          // undici frees the connection one turn of the event loop after this (a server may close in spite of its word);
          // a caller that asks again sooner would open a second one.
          setImmediate(() =>
            setImmediate(() =>
              resolve(
                streamedBytes > 0
                  ? { status, headers, body: Buffer.alloc(0), streamedBytes }
                  : { status, headers, body: Buffer.concat(chunks) },
              ),
            ),
          );
        },
        onResponseError(_controller, error) {
          fail(error);
        },
      },
    );
  });
}
