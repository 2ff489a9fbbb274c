import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Problem } from '../http/contract.ts';
import { administrator, startTestServer, type TestServer } from '../testing/index.ts';
import { resetPassword } from './index.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const json = { 'content-type': 'application/json' };

const signIn = (credentials: { email: string; password: string }) =>
  server.anonymous('/api/v1/session', { method: 'POST', headers: json, body: JSON.stringify(credentials) });

const cookieOf = (answer: Response): string =>
  answer.headers
    .getSetCookie()
    .map((one) => one.split(';', 1)[0])
    .join('; ');

async function newSession(password = administrator.password): Promise<string> {
  const answer = await signIn({ email: administrator.email, password });
  expect(answer.status).toBe(200);
  return cookieOf(answer);
}

const whoAmI = (cookie: string) => server.anonymous('/api/v1/session', { headers: { cookie } });

const changePassword = (cookie: string, body: { current: string; next: string }) =>
  server.anonymous('/api/v1/me/password', {
    method: 'POST',
    headers: { ...json, cookie },
    body: JSON.stringify(body),
  });

/** As if time had passed for everybody who waits. */
const letWait = () => server.ctx.pool.query(`update password_attempts set blocked_until = now() - interval '1 second'`);

describe('a session', () => {
  it('begins with the right password, whatever the case of the e-mail, and ends with signing out', async () => {
    const answer = await signIn({ email: 'ADMIN@example.com', password: administrator.password });
    expect(answer.status).toBe(200);
    expect(answer.headers.getSetCookie().join()).toMatch(/HttpOnly; SameSite=Lax/);
    const cookie = cookieOf(answer);
    expect(await (await whoAmI(cookie)).json()).toMatchObject({ email: administrator.email });

    const gone = await server.anonymous('/api/v1/session', { method: 'DELETE', headers: { cookie } });
    expect(gone.status).toBe(204);
    expect(gone.headers.getSetCookie().join()).toMatch(/mostik.session_token=;/);
    expect((await whoAmI(cookie)).status).toBe(401);
  });

  it('is not had with a forged cookie', async () => {
    const cookie = await newSession();
    const token = decodeURIComponent(cookie.split('=')[1] ?? '').split('.')[0];
    expect((await whoAmI(`mostik.session_token=${token}`)).status).toBe(401);
    expect((await whoAmI(`mostik.session_token=${token}.AAAA`)).status).toBe(401);
    expect((await whoAmI('mostik.session_token=%E0%A4%A')).status).toBe(401);
  });

  it('has a Secure cookie behind a public https address', async () => {
    const secure = await startTestServer({ config: { publicUrl: 'https://mostik.example.com' } });
    try {
      const answer = await secure.anonymous('/api/v1/session', {
        method: 'POST',
        headers: json,
        body: JSON.stringify(administrator),
      });
      expect(answer.headers.getSetCookie().join()).toMatch(/^__Secure-mostik\.session_token=.*; Secure/);
      expect(answer.headers.get('strict-transport-security')).toMatch(/max-age=\d+/);
      const session = await secure.anonymous('/api/v1/session', { headers: { cookie: cookieOf(answer) } });
      expect(session.status).toBe(200);
    } finally {
      await secure.stop();
    }
  });
});

describe('a change of password', () => {
  it('ends all other sessions, keeps this browser signed in, and lets the old password in no more', async () => {
    const other = await newSession();
    const mine = await newSession();
    const next = 'quite another password';
    const changed = await changePassword(mine, { current: administrator.password, next });
    expect(changed.status).toBe(204);
    expect((await whoAmI(other)).status).toBe(401);
    expect((await whoAmI(mine)).status).toBe(401);
    expect((await whoAmI(cookieOf(changed))).status).toBe(200);
    expect((await signIn(administrator)).status).toBe(401);
    const back = await changePassword(cookieOf(changed), { current: next, next: administrator.password });
    expect(back.status).toBe(204);
  });

  it('is refused with a wrong current password, at the field, and slowed down', async () => {
    const cookie = await newSession();
    const guess = () => changePassword(cookie, { current: 'not it at all', next: 'some new password' });
    const first = await guess();
    expect(first.status).toBe(422);
    expect(((await first.json()) as Problem).errors?.[0]?.pointer).toBe('/current');
    const statuses = [];
    for (let tries = 0; tries < 6; tries += 1) statuses.push((await guess()).status);
    expect(statuses).toContain(429);
    await letWait();
    expect((await whoAmI(cookie)).status).toBe(200);
  });

  it('can be forced from the command line', async () => {
    const cookie = await newSession();
    const password = await resetPassword(server.ctx, 'Admin@example.com ');
    expect((await whoAmI(cookie)).status).toBe(401);
    const renewed = await newSession(password);
    await changePassword(renewed, { current: password, next: administrator.password });
    await expect(resetPassword(server.ctx, 'nobody@example.com')).rejects.toThrow('nobody@example.com');
  });
});

describe('guessing', () => {
  it('gets one answer for an unknown e-mail and a wrong password', async () => {
    const known = await signIn({ email: administrator.email, password: 'wrong' });
    const unknown = await signIn({ email: 'unknown@example.com', password: 'wrong' });
    expect(known.status).toBe(401);
    expect(await unknown.json()).toEqual(await known.json());
  });

  it.each([
    ['by e-mail', (_try: number) => 'slow@example.com'],
    ['by address', (attempt: number) => `slow${attempt}@example.com`],
  ])('is slowed down more and more %s', async (_how, email) => {
    await server.ctx.db.deleteFrom('password_attempts').execute();
    const waits: number[] = [];
    for (let attempt = 0; waits.length < 3 && attempt < 30; attempt += 1) {
      const answer = await signIn({ email: email(attempt), password: 'wrong' });
      if (answer.status === 429) {
        waits.push(Number(answer.headers.get('retry-after')));
        await letWait();
      }
    }
    expect(waits).toEqual([2, 4, 8]);
    await server.ctx.db.deleteFrom('password_attempts').execute();
  });

  it('gains nothing by a burst at the same moment', async () => {
    const burst = Array.from({ length: 40 }, () => signIn({ email: administrator.email, password: 'wrong' }));
    const statuses = (await Promise.all(burst)).map(({ status }) => status);
    const tried = statuses.filter((status) => status === 401).length;
    expect(tried).toBeLessThanOrEqual(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(40 - tried);
    await letWait();
    expect((await signIn(administrator)).status).toBe(200);
  });

  it('is shared by all processes', async () => {
    const second = await startTestServer({
      database: { url: server.ctx.config.databaseUrl ?? '', drop: async () => {} },
    });
    try {
      for (let tries = 0; tries < 5; tries += 1) await signIn({ email: 'shared@example.com', password: 'wrong' });
      const elsewhere = await second.anonymous('/api/v1/session', {
        method: 'POST',
        headers: json,
        body: JSON.stringify({ email: 'shared@example.com', password: 'wrong' }),
      });
      expect(elsewhere.status).toBe(429);
    } finally {
      await second.stop();
    }
  });
});

describe('my own settings', () => {
  it('change one by one, and a wrong zone is refused', async () => {
    const cookie = await newSession();
    const patch = (body: object) =>
      server.anonymous('/api/v1/me', { method: 'PATCH', headers: { ...json, cookie }, body: JSON.stringify(body) });
    expect(await (await patch({ language: 'ru' })).json()).toMatchObject({ language: 'ru', name: 'Administrator' });
    expect(await (await patch({ zone: 'Asia/Tokyo' })).json()).toMatchObject({ language: 'ru', zone: 'Asia/Tokyo' });
    expect((await patch({ zone: 'Mars/Olympus' })).status).toBe(422);
    expect((await patch({})).status).toBe(200);
    expect((await patch({ administrator: false, email: 'x@example.com' })).status).toBe(200);
    expect(await (await whoAmI(cookie)).json()).toMatchObject({ email: administrator.email, zone: 'Asia/Tokyo' });
  });
});
