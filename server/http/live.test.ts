import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LiveEvent } from '../flows/contract.ts';
import { eventually, startTestServer, type TestServer } from '../testing/index.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

/** Reads a stream as a browser would. */
async function open(of: TestServer) {
  const ended = new AbortController();
  const answer = await of.anonymous('/api/v1/live', {
    headers: { authorization: `Bearer ${of.apiKey}` },
    signal: ended.signal,
  });
  const events: LiveEvent[] = [];
  const read = async () => {
    let rest = '';
    for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.startsWith('data: ')) events.push(JSON.parse(line.slice(6)));
    }
  };
  return { answer, events, closed: read().catch(() => undefined), close: () => ended.abort() };
}

it('delivers what changed to every screen, in order and without repeats', async () => {
  const stream = await open(server);
  expect(stream.answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(stream.answer.headers.get('x-content-type-options')).toBe('nosniff');
  // Until the first listener hears, news are lost; screens ask anew when the stream opens.
  await eventually(() => {
    server.ctx.live.tell({ kind: 'flow', id: 'first' });
    return stream.events.length > 0;
  });
  await eventually(() => stream.events.at(-1)?.id === 'first');
  stream.events.length = 0;
  for (let times = 0; times < 3; times += 1) server.ctx.live.tell({ kind: 'run', id: '1', flow: 'f' });
  server.ctx.live.tell({ kind: 'connection', id: '2' });
  await eventually(() => stream.events.some(({ id }) => id === '2'));
  expect(stream.events.filter(({ id }) => id !== 'first')).toEqual([
    { kind: 'run', id: '1', flow: 'f' },
    { kind: 'connection', id: '2' },
  ]);
  stream.close();
});

it('splits what does not fit into one NOTIFY', async () => {
  const stream = await open(server);
  const ids = Array.from({ length: 2000 }, (_, index) => `запуск ${index}`);
  for (const id of ids) server.ctx.live.tell({ kind: 'run', id });
  await eventually(() => stream.events.some(({ id }) => id === ids.at(-1)));
  expect(stream.events.filter(({ kind }) => kind === 'run').map(({ id }) => id)).toEqual(ids);
  stream.close();
});

it('reaches the screens of other processes, and goes on when the listening connection was cut', async () => {
  const second = await startTestServer({
    database: { url: server.ctx.config.databaseUrl ?? '', drop: async () => {} },
  });
  const stream = await open(second);
  const told = async (id: string) => {
    await eventually(() => {
      server.ctx.live.tell({ kind: 'flow', id });
      return stream.events.some((event) => event.id === id);
    });
  };
  await told('before');
  await server.ctx.pool.query(`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and query ilike 'listen%mostik_live%'`);
  await told('after');
  await second.stop();
  await stream.closed;
});

it('is for known people', async () => {
  expect((await server.anonymous('/api/v1/live')).status).toBe(401);
});

it('lets the server stop while screens listen', async () => {
  const short = await startTestServer();
  const stream = await open(short);
  await short.stop();
  await stream.closed;
});
