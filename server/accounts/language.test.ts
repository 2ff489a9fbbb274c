import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { administrator, startTestServer, type TestServer } from '../testing/index.ts';
import { accountsApi, personSchema } from './contract.ts';
import { languageOf } from './people.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

async function signIn(headers: Record<string, string>, more: object = {}) {
  const answer = await server.anonymous('/api/v1/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ ...administrator, ...more }),
  });
  const cookie = answer.headers.getSetCookie().map((one) => one.split(';', 1)[0]);
  return { person: personSchema.parse(await answer.json()), cookie: cookie.join('; ') };
}

describe('an administrator made unattended', () => {
  it('reads the language of the browser, until she chooses one', async () => {
    expect((await signIn({ 'accept-language': 'ru-RU,ru;q=0.9,en-US;q=0.8' })).person.language).toBe('ru');
    const { person, cookie } = await signIn({ 'accept-language': 'ru' }, { language: 'en' });
    expect(person.language).toBe('en');

    const { method, path } = accountsApi.patchMe;
    await server.anonymous(`/api/v1${path}`, {
      method,
      headers: { 'content-type': 'application/json', cookie },
      body: JSON.stringify({ language: 'en' }),
    });
    expect((await signIn({ 'accept-language': 'ru' }, { language: 'ru' })).person.language).toBe('en');
  });
});

describe('the language of a browser', () => {
  it.each([
    ['en-US,en;q=0.9,ru;q=0.8', 'en'],
    ['de-DE,de;q=0.9,ru;q=0.5,en;q=0.4', 'ru'],
    ['en;q=0, ru', 'ru'],
    ['fr', 'en'],
    [undefined, 'en'],
  ])('%s is %s', (header, language) => {
    expect(languageOf(header)).toBe(language);
  });
});
