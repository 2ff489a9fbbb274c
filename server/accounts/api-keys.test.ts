import { afterAll, beforeAll, expect, it } from 'vitest';
import { administrator, callerOf, startTestServer, type TestServer } from '../testing/index.ts';
import { accountsApi } from './contract.ts';
import { ensureApiKey, issueApiKey } from './index.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const as = (authorization: string) => server.anonymous('/api/v1/api-keys', { headers: { authorization } });

it('works from the moment it is made until it is revoked, and its secret is shown once', async () => {
  const made = await server.call(accountsApi.postApiKey, { body: { name: 'Отчёты' } });
  expect((await as(`Bearer ${made.key}`)).status).toBe(200);
  expect((await as(`bearer ${made.key}`)).status).toBe(200);

  const listed = (await server.call(accountsApi.listApiKeys)).find(({ id }) => id === made.id);
  expect(listed).toMatchObject({ name: 'Отчёты', start: made.key.slice(0, 12) });
  expect(listed?.lastUsedAt).not.toBeNull();
  expect(JSON.stringify(listed)).not.toContain(made.key);

  await server.call(accountsApi.deleteApiKey, { params: { id: made.id } });
  expect((await as(`Bearer ${made.key}`)).status).toBe(401);
  await expect(server.call(accountsApi.deleteApiKey, { params: { id: made.id } })).rejects.toMatchObject({
    status: 404,
  });
});

it('may be used more than ten times a day', async () => {
  const { key } = await server.call(accountsApi.postApiKey, { body: { name: 'often' } });
  const call = callerOf(server.url, { authorization: `Bearer ${key}` });
  for (let times = 0; times < 25; times += 1) await call(accountsApi.getSession);
});

it('is not kept in plain words', async () => {
  const { key } = await server.call(accountsApi.postApiKey, { body: { name: 'secret' } });
  const { rows } = await server.ctx.pool.query('select * from api_keys');
  expect(JSON.stringify(rows)).not.toContain(key);
  expect(JSON.stringify(rows)).not.toContain(server.apiKey);
});

it.each(['Bearer', 'Bearer ', 'Bearer wrong', 'Basic YTpi', ''])(
  'refuses `Authorization: %s`',
  async (authorization) => {
    const answer = await as(authorization);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  },
);

it('of the environment is replaced by the next one, and ends with the setting', async () => {
  const withKey = (apiKey: string | null) => ({ ...server.ctx, config: { ...server.ctx.config, apiKey } });
  const next = 'another-key-of-24-characters-or-more';
  await ensureApiKey(withKey(next));
  expect((await as(`Bearer ${server.apiKey}`)).status).toBe(401);
  expect((await as(`Bearer ${next}`)).status).toBe(200);
  const own = await server.anonymous('/api/v1/api-keys/environment', {
    method: 'DELETE',
    headers: { authorization: `Bearer ${next}` },
  });
  expect(own.status).toBe(409);
  await ensureApiKey(withKey(null));
  expect((await as(`Bearer ${next}`)).status).toBe(401);
  await ensureApiKey(withKey(server.apiKey));
  expect((await as(`Bearer ${server.apiKey}`)).status).toBe(200);
});

it('of the command line acts for the first administrator', async () => {
  const key = await issueApiKey(server.ctx, 'from the shell');
  const call = callerOf(server.url, { authorization: `Bearer ${key}` });
  expect(await call(accountsApi.getSession)).toMatchObject({ email: administrator.email });
});
