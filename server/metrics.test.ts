import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestServer, type TestServer } from './testing/index.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

it('tells the numbers to whoever has a key, and to nobody else', async () => {
  expect((await server.anonymous('/metrics')).status).toBe(401);
  await server.ctx.pool.query(
    `insert into runs (flow_id, version_id, record_key, event, source, state, created_at)
     values (gen_random_uuid(), 1, 'a', 'deal.changed', 'webhook', 'rejected', now())`,
  );
  const answer = await server.anonymous('/metrics', { headers: { authorization: `Bearer ${server.apiKey}` } });
  const text = await answer.text();
  expect(answer.headers.get('content-type')).toContain('text/plain');
  expect(text).toContain('mostik_runs{state="rejected"} 1');
  expect(text).toContain('mostik_oldest_waiting_run_seconds 0');
});
