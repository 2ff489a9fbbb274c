import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** What a stand-in is told to do wrong. The stand-in itself says each fault in its vendor's own words. */
export interface Faults {
  /** Milliseconds every answer is late. */
  slowMs: number;
  /** Holds a request until what it gives has come true. */
  hold: ((request: StandInRequest) => Promise<unknown> | undefined) | undefined;
  /** Closes the socket without an answer. */
  down: boolean;
  /** Answers with the vendor's own "too many requests". */
  limited: boolean;
  /** Answers with the vendor's own "token refused". */
  tokenRefused: boolean;
  /** One-time faults, taken in order: an answer to give, `drop` closes before the work is done, `dropAfter` does the work and closes without an answer. */
  once: (StandInResponse | 'drop' | 'dropAfter')[];
}

export interface StandInRequest {
  method: string;
  /** Path without query, decoded. */
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  rawBody: Buffer;
}

export interface StandInResponse {
  status: number;
  headers?: Record<string, string>;
  /** An object or array is sent as JSON, a string as it is, undefined as no body. */
  body?: unknown;
}

export interface StandInServer {
  /** `http://127.0.0.1:port` */
  url: string;
  faults: Faults;
  /** Every request that came, in order, for tests. The oldest fall off after 2,000. */
  requests: StandInRequest[];
  stop(): Promise<void>;
}

export const noFaults = (): Faults => ({
  slowMs: 0,
  hold: undefined,
  down: false,
  limited: false,
  tokenRefused: false,
  once: [],
});

async function readRequest(message: IncomingMessage): Promise<StandInRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const url = new URL(message.url ?? '/', 'http://stand-in');
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers))
    headers[name] = Array.isArray(value) ? value.join(', ') : (value ?? '');
  return {
    method: message.method ?? 'GET',
    path: decodeURIComponent(url.pathname),
    query: url.searchParams,
    headers,
    rawBody: Buffer.concat(chunks),
  };
}

function send(response: ServerResponse, answer: StandInResponse): void {
  const isText = typeof answer.body === 'string';
  const body = answer.body === undefined ? '' : isText ? (answer.body as string) : JSON.stringify(answer.body);
  const type: Record<string, string> =
    answer.body === undefined
      ? {}
      : { 'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8' };
  response.writeHead(answer.status, { ...type, ...answer.headers });
  response.end(body);
}

/** A fake service on a real loopback socket. `handle` is the vendor; faults that need no vendor words are done here. */
export async function serveStandIn(
  handle: (request: StandInRequest, faults: Faults) => StandInResponse | Promise<StandInResponse>,
  options: { port?: number } = {},
): Promise<StandInServer> {
  const faults = noFaults();
  const requests: StandInRequest[] = [];
  const server = createServer((message, response) => {
    void (async () => {
      const request = await readRequest(message);
      requests.push(request);
      if (requests.length > 2000) requests.shift();
      if (faults.slowMs > 0) await delay(faults.slowMs);
      await faults.hold?.(request);
      const fault = faults.once.shift();
      if (faults.down || fault === 'drop') return void message.socket.destroy();
      if (typeof fault === 'object') return send(response, fault);
      const answer = await handle(request, faults);
      if (fault === 'dropAfter') return void message.socket.destroy();
      send(response, answer);
    })().catch((error: unknown) => {
      send(response, { status: 500, body: { error: 'STAND_IN_BUG', error_description: String(error) } });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    faults,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
