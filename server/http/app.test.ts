import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountsApi } from '../accounts/contract.ts';
import { startTestServer, type TestServer } from '../testing/index.ts';
import { createApp } from './app.ts';
import { endpoint, problemSchema } from './contract.ts';
import { route } from './route.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const send = (path: string, body: string, type = 'application/json') =>
  server.anonymous(path, {
    method: 'POST',
    headers: { 'content-type': type, authorization: `Bearer ${server.apiKey}` },
    body,
  });

async function problemOf(answer: Response) {
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  return problemSchema.strict().parse(await answer.json());
}

describe('a body that cannot be taken', () => {
  it.each([
    ['not JSON', '{"name":', 400, 'http.not_json'],
    ['JSON with a poisoned prototype', '{"__proto__":{"a":1}}', 400, 'http.not_json'],
    ['nested endlessly', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 400, 'http.too_deep'],
    ['a character with code 0', '{"name":"a\\u0000b"}', 400, 'http.nul_character'],
    ['over 1 MB', JSON.stringify({ name: 'x'.repeat(1024 * 1024) }), 413, 'http.too_large'],
  ])('%s', async (_what, body, status, code) => {
    const problem = await problemOf(await send('/api/v1/api-keys', body));
    expect(problem).toMatchObject({
      status,
      code,
      text: { en: expect.any(String), ru: expect.stringMatching(/[а-я]/) },
    });
  });

  it('of another type', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      expect((await problemOf(await send('/api/v1/api-keys', '{"name":"x"}', type))).status).toBe(415);
    }
  });

  it('but an escaped backslash before u0000 is only text', async () => {
    const answer = await send('/api/v1/api-keys', '{"name":"a\\\\u0000b"}');
    expect(await answer.json()).toMatchObject({ name: 'a\\u0000b' });
  });

  it('and code 0 in an address is refused too', async () => {
    const answer = await server.anonymous('/api/v1/api-keys/a%00b', {
      method: 'DELETE',
      headers: { authorization: `Bearer ${server.apiKey}` },
    });
    expect((await problemOf(answer)).status).toBe(400);
  });
});

describe('a field that does not fit', () => {
  it('is named by JSON pointer, with words in both languages', async () => {
    const answer = await send(
      '/api/v1/setup',
      JSON.stringify({ email: 'x', password: 'short', language: 'de', zone: 5 }),
    );
    const problem = await problemOf(answer);
    expect(problem).toMatchObject({ status: 422, code: 'http.invalid' });
    expect(Object.fromEntries(problem.errors?.map(({ pointer, text }) => [pointer, text]) ?? [])).toEqual({
      '/email': { en: 'This is not an e-mail address.', ru: 'Это не адрес электронной почты.' },
      '/password': { en: 'At least 10 characters.', ru: 'Минимум символов: 10.' },
      '/name': { en: 'Fill this in.', ru: 'Заполните это поле.' },
      '/language': { en: 'One of these is expected: en, ru.', ru: 'Ожидается одно из значений: en, ru.' },
      '/zone': { en: 'Expected here: text.', ru: 'Здесь ожидается: текст.' },
    });
  });

  it('does not come back in the answer', async () => {
    const answer = await send('/api/v1/setup', JSON.stringify({ email: 'my secret', password: { deep: 'my secret' } }));
    expect(await answer.text()).not.toContain('my secret');
  });
});

describe('an unforeseen error', () => {
  it('is told by reference, without its insides', async () => {
    const app = await createApp(server.ctx);
    const broken = endpoint({ method: 'GET', path: '/broken', right: 'public', summary: 'Breaks', tag: 'test' });
    const lying = endpoint({ ...accountsApi.getSession, path: '/lying', right: 'public' });
    route(app, broken, async () => {
      throw new Error('the password is zebra');
    });
    route(app, lying, async () => ({ id: 'the password is zebra' }) as never);
    for (const path of ['/api/v1/broken', '/api/v1/lying']) {
      const answer = await app.inject(path);
      const problem = problemSchema.strict().parse(answer.json());
      expect(problem).toMatchObject({ status: 500, code: 'unforeseen' });
      const reference = problem.instance?.replace('urn:uuid:', '') ?? '';
      expect(problem.detail).toContain(reference);
      expect(reference).toMatch(/^[0-9a-f-]{36}$/);
      expect(answer.body).not.toContain('zebra');
    }
    await app.close();
  });
});

describe('the log', () => {
  it('has a line an answer, and no secret of the request', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
    const app = await createApp({ ...server.ctx, log });
    const secrets = { authorization: `Bearer ${server.apiKey}`, cookie: 'mostik.session_token=hidden-cookie' };
    await app.inject({ url: '/api/v1/session?token=hidden-query', headers: secrets });
    await app.inject({ method: 'POST', url: '/hooks/hidden-hook', payload: { token: 'hidden-body' } });
    await app.inject({ method: 'POST', url: '/hooks/hidden-hook/more' });
    await app.inject({
      method: 'POST',
      url: '/api/v1/session',
      payload: { email: 'a@b.de', password: 'hidden-password' },
    });
    await app.close();
    const text = lines.join('');
    expect(text).toContain('"path":"/api/v1/session"');
    expect(text).not.toMatch(/hidden-/);
    expect(text).not.toContain(server.apiKey);
  });
});

describe('the OpenAPI document', () => {
  type Operation = {
    operationId: string;
    parameters?: { in: string; name: string }[];
    responses: object;
    security?: [];
  };
  type Document = {
    openapi: string;
    paths: Record<string, Record<string, Operation>>;
    components: { schemas: Record<string, object> };
  };
  let document: Document;
  beforeAll(async () => {
    document = (await (await server.anonymous('/api/openapi.json')).json()) as Document;
  });

  it('is 3.1, lists every endpoint once, and leads nowhere into the void', async () => {
    expect(document.openapi).toMatch(/^3\.1\.\d$/);
    const app = await createApp(server.ctx);
    const served = app.endpoints
      .filter(({ method, path }) => method !== 'HEAD' && path !== '/api/openapi.json')
      .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
    await app.close();
    const listed = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(listed.sort()).toEqual(served.sort());
    for (const [, id = ''] of JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)) {
      expect(Object.keys(document.components.schemas)).toContain(id);
    }
    expect(JSON.stringify(document)).not.toMatch(/PLACEHOLDER|"\$schema"/);
  });

  it('names every operation, its parameters and its refusals', () => {
    const ids = new Set<string>();
    for (const [path, item] of Object.entries(document.paths)) {
      for (const operation of Object.values(item)) {
        expect(ids).not.toContain(operation.operationId);
        ids.add(operation.operationId);
        const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
        const named = (operation.parameters ?? []).filter((one) => one.in === 'path').map(({ name }) => name);
        expect(named).toEqual(inPath);
        expect(operation.responses).toHaveProperty('default');
      }
    }
    expect(document.paths['/api/v1/setup']?.get?.security).toEqual([]);
    expect(document.paths['/api/v1/session']?.get?.security).toBeUndefined();
  });
});

describe('every answer', () => {
  it.each(['/', '/api/v1/setup', '/api/v1/session', '/nothing.js'])('of %s keeps browsers careful', async (path) => {
    const { headers } = await server.anonymous(path);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toMatch(/frame-ancestors 'none'/);
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('strict-transport-security')).toBeNull();
    if (path.startsWith('/api')) expect(headers.get('cache-control')).toBe('no-store');
  });

  it('to a file that is not there is 404, not the first page', async () => {
    expect((await server.anonymous('/assets/gone-1234.js')).status).toBe(404);
    expect((await server.anonymous('/.env')).status).toBe(404);
    expect((await server.anonymous('/../../package.json')).status).toBe(404);
  });
});
