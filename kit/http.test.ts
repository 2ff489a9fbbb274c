import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Exchange, recordCall } from './call.ts';
import { createHttp, failureFromStatus, type Http, type HttpRequest, retryAfter } from './http.ts';
import { type Bucket, createMemoryLimiter, type Limiter } from './limiter.ts';
import { type StandInResponse, type StandInServer, serveStandIn } from './testing/stand-in.ts';

let service: StandInServer;
let respond: (path: string) => StandInResponse;
beforeEach(async () => {
  respond = () => ({ status: 200, body: { ok: true } });
  service = await serveStandIn((request) => respond(request.path));
});
afterEach(() => service.stop());

const open = (more: { limiter?: Limiter; bucket?: Bucket; secrets?: string[] } = {}): Http =>
  createHttp({ limiter: createMemoryLimiter(), bucket: null, secrets: [], guard: null, ...more });

const post = (url: string, more: Partial<HttpRequest> = {}) =>
  open().request({ method: 'POST', url, json: {}, ...more });

/** A server of bare sockets: what happens on the wire is the test's to say. */
async function bareServer(onSocket: (socket: Socket) => void): Promise<{ url: string; stop(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

describe('a connection that was never made', () => {
  const expectNotDone = async (work: Promise<unknown>, code: string, host: string) =>
    expect(work).rejects.toMatchObject({
      kind: 'temporary',
      outcome: 'notDone',
      code,
      text: { en: expect.stringContaining(host), ru: expect.stringContaining(host) },
    });

  test('refused', () => expectNotDone(post('http://127.0.0.1:1/'), 'http.refused', '127.0.0.1:1'));
  test('a host that there is not', () =>
    expectNotDone(post('http://nobody.invalid/'), 'http.host_unknown', 'nobody.invalid'));
  test('https where only http is spoken', async () => {
    const { host } = new URL(service.url);
    await expectNotDone(post(`https://${host}/`), 'http.tls', host);
  });
  test('a handshake that the server breaks off', async () => {
    // Without a certificate a TLS server ends each handshake with an alert.
    const server = createTlsServer(() => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expectNotDone(post(`https://${host}/`), 'http.tls', host);
    await new Promise((resolve) => server.close(resolve));
  });
  test('a time-out before the connection stood', async () => {
    // RFC 5737 keeps 192.0.2.0/24 for documentation: nobody answers there, or the network says so at once.
    const work = post('http://192.0.2.1/', { timeoutMs: 150 });
    await expect(work).rejects.toMatchObject({ kind: 'temporary', outcome: 'notDone' });
  });
});

describe('an exchange that broke after the request went out', () => {
  const unknown = { kind: 'temporary', outcome: 'unknown' };

  test('closed without an answer', async () => {
    service.faults.once.push('dropAfter');
    await expect(post(service.url)).rejects.toMatchObject({ ...unknown, code: 'http.broken' });
    expect(service.requests).toHaveLength(1);
  });
  test('no answer in time', async () => {
    service.faults.slowMs = 2000;
    await expect(post(service.url, { timeoutMs: 100 })).rejects.toMatchObject({ ...unknown, code: 'http.timeout' });
  });
  test('a body that never ends', async () => {
    const bare = await bareServer((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'));
    await expect(post(bare.url, { timeoutMs: 200 })).rejects.toMatchObject({ ...unknown, code: 'http.timeout' });
    await bare.stop();
  });
  test('a body that breaks off', async () => {
    const bare = await bareServer((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'));
    await expect(post(bare.url)).rejects.toMatchObject({ ...unknown, code: 'http.broken' });
    await bare.stop();
  });
  test('an answer that is no HTTP', async () => {
    const bare = await bareServer((socket) => socket.end('220 smtp.example ESMTP\r\n'));
    await expect(post(bare.url)).rejects.toMatchObject(unknown);
    await bare.stop();
  });
  test('the caller gave up', async () => {
    service.faults.slowMs = 2000;
    const controller = new AbortController();
    const exchanges: Exchange[] = [];
    const work = recordCall({ priority: 'run', exchanges, signal: controller.signal }, () => post(service.url));
    await expect.poll(() => service.requests.length).toBe(1);
    controller.abort(new Error('the process stops'));
    await expect(work).rejects.toMatchObject(unknown);
    expect(exchanges).toMatchObject([{ status: null, error: expect.stringContaining('the process stops') }]);
  });
  test('an answer that is not JSON', async () => {
    respond = () => ({ status: 200, body: '<html>' });
    const response = await post(service.url);
    expect(() => response.json()).toThrowError(expect.objectContaining({ ...unknown, code: 'http.not_json' }));
  });
});

test('an answer that is nested beyond all data is refused, and an id beyond 2^53 keeps its digits', async () => {
  respond = (path) => ({ status: 200, body: path === '/deep' ? '['.repeat(20_000) : '{"id":12345678901234567890}' });
  const deep = await post(`${service.url}/deep`);
  expect(() => deep.json()).toThrowError(
    expect.objectContaining({ kind: 'rejected', outcome: 'unknown', code: 'http.too_deep' }),
  );
  expect((await post(service.url)).json()).toEqual({ id: '12345678901234567890' });
});

describe('an idle connection that the other side had closed', () => {
  /** Answers the first request of a connection, and hangs up when the second comes. */
  const hangsUpOnTheSecond = () => {
    const seen: string[] = [];
    const server = bareServer((socket) => {
      let requests = 0;
      socket.on('data', (data) => {
        seen.push(data.toString().split(' ')[0] ?? '');
        if (++requests === 1) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
        else socket.destroy();
      });
    });
    return { seen, server };
  };

  test('a GET goes once more, and the history shows both', async () => {
    const { seen, server } = hangsUpOnTheSecond();
    const { url, stop } = await server;
    const exchanges: Exchange[] = [];
    await recordCall({ priority: 'run', exchanges }, async () => {
      const http = open();
      await http.request({ method: 'GET', url });
      expect((await http.request({ method: 'GET', url })).text).toBe('ok');
    });
    expect(seen).toEqual(['GET', 'GET', 'GET']);
    expect(exchanges.map(({ status }) => status)).toEqual([200, null, 200]);
    await stop();
  });

  test('a POST never', async () => {
    const { seen, server } = hangsUpOnTheSecond();
    const { url, stop } = await server;
    await post(url);
    await expect(post(url)).rejects.toMatchObject({ code: 'http.broken', outcome: 'unknown' });
    expect(seen).toEqual(['POST', 'POST']);
    await stop();
  });

  test('nor a GET whose new connection broke', async () => {
    service.faults.down = true;
    await expect(open().request({ method: 'GET', url: service.url })).rejects.toMatchObject({ code: 'http.broken' });
    expect(service.requests).toHaveLength(1);
  });
});

describe('answers', () => {
  test('compressed ones are read, bombs are not', async () => {
    const text = JSON.stringify({ text: 'Привет' });
    for (const [encoding, body] of [
      ['gzip', gzipSync(text)],
      ['br', brotliCompressSync(text)],
    ] as const) {
      const bare = await bareServer((socket) => {
        socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: ${encoding}\r\ncontent-length: ${body.length}\r\n\r\n`);
        socket.end(body);
      });
      expect((await post(bare.url)).json()).toEqual({ text: 'Привет' });
      await bare.stop();
    }
    const bomb = gzipSync(Buffer.alloc(21 * 1024 * 1024));
    const bare = await bareServer((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`);
      socket.end(bomb);
    });
    await expect(post(bare.url)).rejects.toMatchObject({ code: 'http.too_large', outcome: 'unknown' });
    await bare.stop();
  });

  test('larger than 20 MB are cut off', async () => {
    respond = () => ({ status: 200, body: 'x'.repeat(20 * 1024 * 1024 + 1) });
    await expect(post(service.url)).rejects.toMatchObject({ kind: 'rejected', code: 'http.too_large' });
  });

  test('a byte order mark does not spoil JSON', async () => {
    respond = () => ({ status: 200, body: '\uFEFF{"a":1}' });
    expect((await post(service.url)).json()).toEqual({ a: 1 });
  });
});

describe('redirects', () => {
  test('a read follows, without the key when it leads to another host', async () => {
    const other = await serveStandIn((request) => ({ status: 200, body: request.headers }));
    respond = (path) =>
      path === '/start'
        ? { status: 301, headers: { location: '/next' } }
        : { status: 307, headers: { location: other.url } };
    const response = await open().request({
      method: 'GET',
      url: `${service.url}/start`,
      headers: { authorization: 'Bearer k', 'x-key': 'k', accept: 'application/json' },
    });
    expect(service.requests.map(({ path, headers }) => [path, headers['x-key']])).toEqual([
      ['/start', 'k'],
      ['/next', 'k'],
    ]);
    expect(response.json()).toMatchObject({ accept: 'application/json' });
    expect(response.json()).not.toHaveProperty('authorization');
    expect(response.json()).not.toHaveProperty('x-key');
    await other.stop();
  });

  test('a write does not', async () => {
    respond = () => ({ status: 302, headers: { location: '/next' } });
    expect((await post(service.url)).status).toBe(302);
    expect(service.requests).toHaveLength(1);
  });

  test('a circle ends', async () => {
    respond = () => ({ status: 302, headers: { location: '/again' } });
    const work = open().request({ method: 'GET', url: service.url });
    await expect(work).rejects.toMatchObject({ kind: 'rejected', code: 'http.too_many_redirects' });
    expect(service.requests).toHaveLength(6);
  });
});

describe('limits', () => {
  const bucket: Bucket = { key: 'a', capacity: 2, perSecond: 20 };

  test('calls wait for their turn, and one that is aborted meanwhile was not sent', async () => {
    const http = open({ limiter: createMemoryLimiter(), bucket: { ...bucket, capacity: 1, perSecond: 0.5 } });
    await http.request({ method: 'GET', url: service.url });
    const controller = new AbortController();
    const waiting = recordCall({ priority: 'poll', exchanges: [], signal: controller.signal }, () =>
      http.request({ method: 'POST', url: service.url }),
    );
    controller.abort(new Error('stopped'));
    await expect(waiting).rejects.toMatchObject({ kind: 'temporary', outcome: 'notDone', code: 'http.not_sent' });
    expect(service.requests).toHaveLength(1);
  });

  test('a call whose turn comes too late for its caller is not sent', async () => {
    const http = open({ limiter: createMemoryLimiter(), bucket: { ...bucket, capacity: 1, perSecond: 2 } });
    await http.request({ method: 'GET', url: service.url });
    // In time when it begins to wait, not when its turn comes.
    const notAfter = performance.now() + 100;
    const late = recordCall({ priority: 'run', exchanges: [], notAfter: () => notAfter }, () =>
      http.request({ method: 'POST', url: service.url }),
    );
    await expect(late).rejects.toMatchObject({ kind: 'temporary', outcome: 'notDone', code: 'http.too_late' });
    expect(service.requests).toHaveLength(1);
  });

  test('"too many requests" with a time holds the whole bucket back', async () => {
    const limiter = createMemoryLimiter();
    respond = () => ({ status: 429, headers: { 'retry-after': '120' } });
    expect((await open({ limiter, bucket }).request({ method: 'GET', url: service.url })).status).toBe(429);
    const next = open({ limiter, bucket }).request({ method: 'GET', url: service.url });
    const { host } = new URL(service.url);
    await expect(next).rejects.toMatchObject({
      kind: 'rateLimited',
      outcome: 'notDone',
      until: expect.any(Date),
      text: { en: expect.stringContaining(`${host} asked us to wait, and 2 min`), ru: expect.stringContaining(host) },
    });
    expect(service.requests).toHaveLength(1);
  });
});

describe('what a status means', () => {
  const now = new Date('2026-03-01T00:00:00Z');
  const meaning = (status: number, headers: Record<string, string> = {}) =>
    failureFromStatus({ status, headers, text: 'because', json: () => null }, { app: 'Test', now });

  test.each([
    [401, {}, 'reconnect', 'notDone'],
    [403, {}, 'noAccess', 'notDone'],
    [404, {}, 'gone', 'notDone'],
    [400, {}, 'rejected', 'notDone'],
    [409, {}, 'rejected', 'notDone'],
    [422, {}, 'rejected', 'notDone'],
    [302, {}, 'rejected', 'notDone'],
    [429, {}, 'rateLimited', 'notDone'],
    [429, { 'retry-after': '5' }, 'rateLimited', 'notDone'],
    [408, {}, 'temporary', 'unknown'],
    [500, {}, 'temporary', 'unknown'],
    [502, {}, 'temporary', 'unknown'],
    [503, {}, 'temporary', 'unknown'],
    [503, { 'retry-after': '5' }, 'rateLimited', 'notDone'],
  ] as const)('%i %o: %s, %s', (status, headers, kind, outcome) => {
    const failure = meaning(status, headers);
    expect(failure).toMatchObject({ kind, outcome, code: `http.${status}` });
    expect(failure.until?.getTime()).toBe('retry-after' in headers ? now.getTime() + 5000 : undefined);
  });

  test.each([
    ['7', '2026-03-01T00:00:07.000Z'],
    ['Sun, 01 Mar 2026 00:02:00 GMT', '2026-03-01T00:02:00.000Z'],
    ['Sunday, 01-Mar-26 00:02:00 GMT', '2026-03-01T00:02:00.000Z'],
    ['Sun, 01 Mar 2020 00:00:00 GMT', '2026-03-01T00:00:01.000Z'],
    ['0', '2026-03-01T00:00:01.000Z'],
    ['1772323200', '2026-03-01T01:00:00.000Z'],
    ['99999999999999999', '2026-03-01T01:00:00.000Z'],
    ['-1', undefined],
    ['2001', '2026-03-01T00:33:21.000Z'],
    ['Sunday', undefined],
    ['soon', undefined],
    [undefined, undefined],
  ])('Retry-After %s', (value, expected) => {
    expect(retryAfter(value === undefined ? {} : { 'retry-after': value }, now)?.toISOString()).toBe(expected);
  });
});

test('an answer larger than what is kept goes to the sink piece by piece', async () => {
  const body = 'я'.repeat(11 * 1024 * 1024);
  respond = () => ({ status: 200, body });
  const exchanges: Exchange[] = [];
  let bytes = 0;
  let pieces = 0;
  const sink = (chunk: Buffer) => {
    bytes += chunk.length;
    pieces += 1;
  };
  const answer = await recordCall({ priority: 'run', exchanges }, () =>
    open().request({ method: 'GET', url: service.url, sink }),
  );
  expect(answer.text).toBe('');
  expect(bytes).toBe(Buffer.byteLength(body));
  expect(pieces).toBeGreaterThan(10);
  expect(exchanges[0]?.responseBody).toBe(`[streamed, ${bytes} bytes]`);
});

test('a refusal is text also where a sink waits for the answer', async () => {
  respond = () => ({ status: 403, body: { error: 'no' } });
  const answer = await open().request({ method: 'GET', url: service.url, sink: () => expect.fail('a refusal came') });
  expect(answer.text).toBe('{"error":"no"}');
});
