import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountsApi } from '../accounts/contract.ts';
import { connectionsApi } from '../connections/contract.ts';
import { attentionApi, backfillApi, flowsApi, pairsApi, runsApi } from '../flows/contract.ts';
import { noticesApi } from '../notices/contract.ts';
import { settingsApi } from '../settings/contract.ts';
import { administrator, startTestServer, type TestServer } from '../testing/index.ts';
import { createApp } from './app.ts';
import type { Endpoint } from './contract.ts';

let server: TestServer;
let routes: { method: string; path: string; right: string }[];

beforeAll(async () => {
  server = await startTestServer();
  const app = await createApp(server.ctx);
  routes = app.endpoints.filter(({ method }) => method !== 'HEAD');
  await app.close();
});
afterAll(() => server.stop());

/** Nothing of it fits any schema, so only the guard can answer before it is looked at. */
const wrong = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"broken' };

const asked = (route: { method: string; path: string }, init: RequestInit = {}) =>
  server.anonymous(route.path.replace(/:\w+/g, 'not-an-id'), {
    ...(route.method === 'GET' ? {} : wrong),
    ...init,
    method: route.method,
  });

const contracts: Endpoint[] = [
  accountsApi,
  attentionApi,
  backfillApi,
  connectionsApi,
  flowsApi,
  noticesApi,
  pairsApi,
  runsApi,
  settingsApi,
].flatMap((api) => Object.values(api as Record<string, Endpoint>));

describe('every route', () => {
  it('answers strangers 401 before it looks at anything, or is public by its contract', async () => {
    expect(routes.length).toBeGreaterThan(20);
    for (const route of routes.filter(({ right }) => right !== 'public')) {
      const answer = await asked(route);
      expect(`${route.method} ${route.path} ${answer.status}`).toBe(`${route.method} ${route.path} 401`);
    }
    const open = routes.filter(({ right }) => right === 'public').map(({ method, path }) => `${method} ${path}`);
    expect(open.sort()).toEqual([
      'GET /api/openapi.json',
      'GET /api/v1/setup',
      'POST /api/v1/session',
      'POST /api/v1/setup',
    ]);
  });

  it('for administrators answers other people 403 before it looks at anything', async () => {
    await server.ctx.db.updateTable('people').set({ administrator: false }).execute();
    try {
      const authorization = `Bearer ${server.apiKey}`;
      const guarded = routes.filter(({ right }) => right === 'administrator');
      expect(guarded.length).toBeGreaterThan(3);
      for (const route of guarded) {
        const answer = await asked(route, { headers: { ...wrong.headers, authorization } });
        expect(`${route.method} ${route.path} ${answer.status}`).toBe(`${route.method} ${route.path} 403`);
      }
    } finally {
      await server.ctx.db.updateTable('people').set({ administrator: true }).execute();
    }
  });

  it('has the right its contract says', () => {
    const promised = new Map(contracts.map(({ method, path, right }) => [`${method} /api/v1${path}`, right]));
    for (const { method, path, right } of routes) {
      const name = `${method} ${path}`;
      if (name === 'GET /api/openapi.json' || name === 'GET /api/v1/live') continue;
      expect([name, right]).toEqual([name, promised.get(name)]);
    }
  });

  it('does not start without a right', async () => {
    const app = await createApp(server.ctx);
    expect(() => app.get('/api/v1/forgotten', async () => 'secret')).toThrow('does not say which right');
    await app.close();
  });
});

describe('an address that nobody serves', () => {
  it.each(['/api', '/api/v1/nothing', '/api/v2/flows', '/%61pi/v1/nothing', '/api/v1/flows/../nothing'])(
    'under /api is 401 for strangers and 404 for known people: %s',
    async (path) => {
      expect((await server.anonymous(path)).status).toBe(401);
      const known = await server.anonymous(path, { headers: { authorization: `Bearer ${server.apiKey}` } });
      expect(known.status).toBe(404);
      expect(known.headers.get('content-type')).toBe('application/problem+json');
    },
  );

  it('is no way around the guard when it is written otherwise', async () => {
    for (const path of ['/%61pi/v1/session', '/api/v1/%73ession', '/api/v1/session/', '//api/v1/session']) {
      const answer = await server.anonymous(path);
      expect(await answer.text()).not.toContain('@');
    }
  });
});

it('an address of a webhook may be posted to from the page of another site', async () => {
  const answer = await server.anonymous('/hooks/nobody-has-this', {
    method: 'POST',
    headers: { origin: 'https://shop.example', 'sec-fetch-site': 'cross-site' },
  });
  expect(answer.status).toBe(404);
});

describe('a write with the session cookie', () => {
  let cookie = '';
  beforeAll(async () => {
    const answer = await server.anonymous('/api/v1/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(administrator),
    });
    cookie = answer.headers.getSetCookie().join().split(';', 1)[0] ?? '';
  });

  const write = (headers: Record<string, string>) =>
    server.anonymous('/api/v1/me', {
      method: 'PATCH',
      headers: { 'content-type': 'application/json', cookie, ...headers },
      body: '{"name":"Анна"}',
    });

  it.each([
    ['another site', { origin: 'https://evil.example' }],
    ['another port', { origin: 'http://127.0.0.1:1' }],
    ['a sandboxed frame', { origin: 'null' }],
    ['another site, by fetch metadata', { 'sec-fetch-site': 'cross-site' }],
    ['a neighbour under the same domain', { 'sec-fetch-site': 'same-site' }],
  ])('from %s is refused', async (_what, headers: Record<string, string>) => {
    const answer = await write(headers);
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({ code: 'http.other_origin' });
  });

  it.each([
    ['our own pages', () => ({ origin: server.url, 'sec-fetch-site': 'same-origin' })],
    ['our own pages in an older browser', () => ({ origin: server.url })],
    ['a program', () => ({})],
  ])('from %s is done', async (_what, headers) => {
    expect((await write(headers() as Record<string, string>)).status).toBe(200);
  });

  it('reading from elsewhere is left to the browser, which shows the answer to nobody', async () => {
    const answer = await server.anonymous('/api/v1/session', { headers: { cookie, origin: 'https://evil.example' } });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('signing somebody in from elsewhere is refused as well', async () => {
    const answer = await server.anonymous('/api/v1/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: 'https://evil.example' },
      body: JSON.stringify(administrator),
    });
    expect(answer.status).toBe(403);
  });
});
