import { request } from 'node:http';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import type { Problem } from '../http/contract.ts';
import { startTestServer, type TestServer } from '../testing/index.ts';
import { ensureAdministrator, setupCode } from './index.ts';

const noAdministrator = { adminEmail: null, adminPassword: null };
const anna = {
  email: 'Anna@Example.com',
  password: 'long enough word',
  name: 'Анна',
  language: 'ru',
  zone: 'Europe/Moscow',
};

let server: TestServer;
afterEach(() => server.stop());

/** node:http, since fetch lets nobody set Host. */
function ask(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: object } = {},
): Promise<{ status: number; body: unknown; cookies: string[] }> {
  return new Promise((resolve, reject) => {
    const headers = { ...(options.body && { 'content-type': 'application/json' }), ...options.headers };
    const asked = request(url, { method: options.method ?? 'GET', headers }, async (answer) => {
      let text = '';
      for await (const chunk of answer) text += chunk;
      const cookies = answer.headers['set-cookie'] ?? [];
      resolve({ status: answer.statusCode ?? 0, body: JSON.parse(text), cookies });
    });
    asked.on('error', reject);
    asked.end(options.body && JSON.stringify(options.body));
  });
}

const setUp = (more: { headers?: Record<string, string>; body?: object; base?: string } = {}) =>
  ask(`${more.base ?? server.url}/api/v1/setup`, {
    method: 'POST',
    body: { ...anna, ...more.body },
    ...(more.headers && { headers: more.headers }),
  });
const statusOf = (headers: Record<string, string> = {}) => ask(`${server.url}/api/v1/setup`, { headers });

describe('from this computer', () => {
  it('makes the administrator, signs in, and is then over', async () => {
    server = await startTestServer({ config: noAdministrator });
    expect((await statusOf()).body).toEqual({ needed: true, codeNeeded: false });

    const made = await setUp();
    expect(made).toMatchObject({ status: 201, body: { email: 'anna@example.com', name: 'Анна', language: 'ru' } });

    const cookie = made.cookies.map((one) => one.split(';', 1)[0]).join('; ');
    const session = await ask(`${server.url}/api/v1/session`, { headers: { cookie } });
    expect(session).toMatchObject({ status: 200, body: { email: 'anna@example.com' } });

    expect((await statusOf()).body).toEqual({ needed: false, codeNeeded: false });
    expect(await setUp({ body: { email: 'other@example.com' } })).toMatchObject({
      status: 409,
      body: { code: 'accounts.already_set_up' },
    });
  });

  it('lets one of two through that come at the same moment', async () => {
    server = await startTestServer({ config: noAdministrator });
    const emails = ['a@example.com', 'b@example.com', 'c@example.com', 'c@example.com'];
    const answers = await Promise.all(emails.map((email) => setUp({ body: { email } })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
    const { count } = await server.ctx.db
      .selectFrom('people')
      .innerJoin('credentials', 'credentials.person_id', 'people.id')
      .select((column) => column.fn.countAll<string>().as('count'))
      .executeTakeFirstOrThrow();
    expect(count).toBe('1');
  });

  it('refuses a time zone that does not exist and makes nobody', async () => {
    server = await startTestServer({ config: noAdministrator });
    const answer = await setUp({ body: { zone: 'Europe/Moskau' } });
    expect(answer.status).toBe(422);
    expect((answer.body as Problem).errors?.map(({ pointer }) => pointer)).toEqual(['/zone']);
    expect((await statusOf()).body).toMatchObject({ needed: true });
  });
});

describe('from elsewhere', () => {
  it.each([
    ['a proxy on this computer', { 'x-forwarded-for': '203.0.113.7' }],
    ['a proxy that says it in RFC 7239', { forwarded: 'for=203.0.113.7' }],
    ['a name rebound to this address', { host: 'evil.example' }],
    ['a name that only begins like loopback', { host: '127.0.0.1.evil.example' }],
  ])('asks for the code: %s', async (_what, headers: Record<string, string>) => {
    server = await startTestServer({ config: noAdministrator });
    const code = await setupCode(server.ctx);
    expect((await statusOf(headers)).body).toEqual({ needed: true, codeNeeded: true });
    expect(await setUp({ headers })).toMatchObject({ status: 403, body: { code: 'accounts.setup_code_needed' } });
    expect(await setUp({ headers, body: { code: 'AAAA-AAAA-AAAA' } })).toMatchObject({
      status: 403,
      body: { code: 'accounts.setup_code_wrong' },
    });
    const typed = code?.toLowerCase().replaceAll('-', ' ');
    expect(await setUp({ headers, body: { code: typed } })).toMatchObject({ status: 201 });
    expect(await setupCode(server.ctx)).toBeNull();
  });

  const outside = Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.family === 'IPv4' && !address.internal)?.address;

  const leftOut = outside ? '' : ' (left out: this machine has no address but its own)';
  it.skipIf(!outside)(`asks for the code on an address of the network${leftOut}`, async () => {
    server = await startTestServer({ config: { ...noAdministrator, host: '0.0.0.0' } });
    const base = `http://${outside}:${new URL(server.url).port}`;
    expect(await setUp({ base, headers: { host: 'localhost' } })).toMatchObject({ status: 403 });
  });

  it('takes the code of another process on the same database', async () => {
    server = await startTestServer({ config: noAdministrator });
    const code = await setupCode({ ...server.ctx });
    await setupCode(server.ctx);
    const headers = { 'x-forwarded-for': '203.0.113.7' };
    expect(await setUp({ headers, body: { code } })).toMatchObject({ status: 201 });
  });
});

describe('unattended', () => {
  it('makes the administrator of the environment once and leaves a changed password alone', async () => {
    server = await startTestServer({ config: { adminEmail: 'Boss@example.com', adminPassword: 'first password' } });
    const before = await server.ctx.db.selectFrom('credentials').select('password').execute();
    const again = { ...server.ctx, config: { ...server.ctx.config, adminPassword: 'second password' } };
    await ensureAdministrator(again);
    expect(await server.ctx.db.selectFrom('credentials').select('password').execute()).toEqual(before);
    expect((await statusOf()).body).toEqual({ needed: false, codeNeeded: false });
    expect(await setupCode(server.ctx)).toBeNull();
  });
});
