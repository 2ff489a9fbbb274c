import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, startTestServer, type TestServer } from './testing/index.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const readyz = async () => {
  const response = await server.anonymous('/readyz');
  return { status: response.status, body: (await response.json()) as { checks: Record<string, string> } };
};

test('a started server lives and is ready', async () => {
  expect((await server.anonymous('/healthz')).status).toBe(200);
  expect(await readyz()).toMatchObject({
    status: 200,
    body: { checks: { database: 'ok', migrations: 'ok', workers: 'ok' } },
  });
});

test('without a living worker it says what to start', async () => {
  // Ours may beat in between.
  const { body } = await eventually(async () => {
    await server.ctx.pool.query(`update processes set beat_at = now() - interval '1 minute'`);
    const answer = await readyz();
    return answer.status === 503 && answer;
  });
  expect(body.checks).toMatchObject({ database: 'ok', workers: expect.stringContaining('mostik work') });
});

test('a migration this program does not know makes it not ready', async () => {
  await server.ctx.pool.query(`insert into migrations (name, checksum) values ('9999_later', 'x')`);
  const { status, body } = await readyz();
  expect(status).toBe(503);
  expect(body.checks.migrations).toContain('mostik migrate');
});
