import { describe, expect, onTestFinished, test } from 'vitest';
import { createMemory, createSession, testConnection } from '../../kit/testing/connection.ts';
import { createApi } from './api.ts';
import { check } from './check.ts';
import { cookiesOf } from './cookies.ts';
import { discover } from './discover.ts';
import { bpmonline, creatio } from './index.ts';
import { odata3 } from './odata3.ts';
import { odata4 } from './odata4.ts';
import { identityOf, siteOf } from './settings.ts';
import { startCreatioStandIn } from './stand-in.ts';
import { asked, connectTo, failureOf, openBpmonline, openCreatio } from './testing/bench.ts';
import { contact } from './testing/records.ts';

describe('the domain as people type it', () => {
  const of = (address: string) => siteOf({ fields: { address }, endpoints: {} }, 'creatio.com');
  test.each([
    ['romashka', 'https://romashka.creatio.com'],
    ['romashka.creatio.com', 'https://romashka.creatio.com'],
    ['https://romashka.creatio.com/0/Nui/ViewModule.aspx#Section', 'https://romashka.creatio.com'],
    ['https://romashka.creatio.com/Login/NuiLogin.aspx?ReturnUrl=%2f', 'https://romashka.creatio.com'],
    ['http://crm.local:8080/creatio/', 'http://crm.local:8080/creatio'],
    ['', null],
  ])('%s', (typed, site) => expect(of(typed)).toBe(site));

  test('a bare name of bpm’online is no name of Creatio: the password is not sent to somebody else', () => {
    expect(siteOf({ fields: { address: 'romashka' }, endpoints: {} }, odata3.domain)).toBe(
      'https://romashka.bpmonline.com',
    );
    const bucket = bpmonline.limit({ fields: { address: 'romashka' }, secrets: {}, endpoints: {} });
    expect(bucket?.key).toBe('creatio:romashka.bpmonline.com');
  });

  test('two installations of one server are two accounts', async () => {
    const { api } = await openCreatio();
    const { host, site } = api.settings;
    const accountAt = (path: string) =>
      check({ ...api, settings: { ...api.settings, site: `${site}${path}` } }).then(({ identity }) => identity);
    expect(await accountAt('')).toBe(host);
    expect(await accountAt('/Service')).toBe(`${host}/service`);
  });

  test('the identity service stands beside it', () => {
    expect(identityOf('https://186843-crm-bundle.creatio.com')).toBe('https://186843-crm-bundle-is.creatio.com');
  });

  test('an address that is none asks to reconnect', async () => {
    const form = { fields: { address: 'https://' }, secrets: {} };
    expect(() => createApi(testConnection(creatio, form), odata4, 'Creatio')).toThrow('is not a domain');
  });
});

test('cookies of one header, dates with commas included', () => {
  const header =
    'BPMLOADER=1; path=/, .ASPXAUTH=abc=; expires=Fri, 31-Dec-2099 23:59:59 GMT; path=/, BPMCSRF=x; path=/, Gone=; expires=Thu, 01 Jan 1970 00:00:00 GMT';
  expect(cookiesOf(header)).toEqual({ BPMLOADER: '1', '.ASPXAUTH': 'abc=', BPMCSRF: 'x' });
});

describe('the sign-in form', () => {
  test('one sign-in at the root of the site serves every call', async () => {
    const { standIn, api } = await openCreatio();
    await check(api);
    await api.list('Account', { top: 1 });
    await Promise.all([api.list('Lead', {}), api.list('Case', {}), api.model()]);
    expect(asked(standIn).filter((line) => line.endsWith('/Login'))).toEqual([
      'POST /ServiceModel/AuthService.svc/Login',
    ]);
    const last = standIn.requests.at(-1);
    expect(last?.headers).toMatchObject({ forceusesession: 'true', bpmcsrf: expect.stringMatching(/./) });
    expect(last?.headers.cookie).toMatch(/BPMLOADER=.*\.ASPXAUTH=.*BPMCSRF=/);
  });

  test.each(['401', 'page', 'redirect'] as const)(
    'an ended session (%s) is renewed once, the call repeated',
    async (endedSession) => {
      const { standIn, api } = await openCreatio();
      standIn.gate.rules.endedSession = endedSession;
      await check(api);
      standIn.endSessions();
      const contact = await api.create('Contact', { Name: 'После перерыва' });
      expect(contact).toMatchObject({ Name: 'После перерыва' });
      expect(standIn.gate.signIns).toBe(2);
    },
  );

  test.each(['401', 'page', 'redirect'] as const)(
    'an ended session (%s) is renewed also when the columns are read first, as after a restart of Mostik',
    async (endedSession) => {
      const { standIn } = await openCreatio();
      standIn.gate.rules.endedSession = endedSession;
      const [memory, session] = [createMemory(), createSession()];
      const open = () => createApi({ ...connectTo(standIn, { memory }).connection, session }, odata4, 'Creatio');
      await check(open());
      standIn.endSessions();
      expect((await open().model()).has('Contact')).toBe(true);
      expect(standIn.gate.signIns).toBe(2);
    },
  );

  test('a wrong password is tried once, however often it is asked, by any process', async () => {
    const standIn = await startCreatioStandIn();
    onTestFinished(() => standIn.stop());
    const memory = createMemory();
    const api = connectTo(standIn, { memory, secrets: { password: 'wrong' } });
    const other = connectTo(standIn, { memory, secrets: { password: 'wrong' } });
    for (let i = 0; i < 3; i++) {
      expect(await failureOf(check(api))).toMatchObject({ kind: 'reconnect', code: 'creatio.sign_in_refused' });
      expect(await failureOf(check(other))).toMatchObject({ kind: 'reconnect' });
    }
    expect(standIn.gate.signIns).toBe(1);
    // The right password is another one.
    await check(connectTo(standIn, { memory }));
    expect(standIn.gate.signIns).toBe(2);
  });

  test('a connection opened anew tries a refused password no more, one that a person has reconnected tries it once', async () => {
    const { standIn } = await openCreatio();
    const memory = createMemory();
    standIn.faults.tokenRefused = true;
    await failureOf(check(connectTo(standIn, { memory })));
    standIn.faults.tokenRefused = false;
    // As a fresh process opens it, also hours later.
    expect(await failureOf(check(connectTo(standIn, { memory })))).toMatchObject({ kind: 'reconnect' });
    expect(standIn.gate.signIns).toBe(1);
    await check(connectTo(standIn, { memory, revision: 2 }));
    expect(standIn.gate.signIns).toBe(2);
  });

  test('an expired password is told as such', async () => {
    const { standIn, api } = await openCreatio();
    standIn.gate.passwordExpired = true;
    expect(await failureOf(check(api))).toMatchObject({ kind: 'reconnect', code: 'creatio.password_expired' });
  });

  test('an older stand without BPMCSRF gets no such header', async () => {
    const { standIn, api } = await openBpmonline();
    standIn.gate.rules.csrf = false;
    await api.create('Contact', { Name: 'Без CSRF' });
    expect(standIn.requests.at(-1)?.headers).not.toHaveProperty('bpmcsrf');
  });
});

describe('other ways in', () => {
  const oauth = (standIn: { gate: { clientId: string; clientSecret: string }; url: string }) => ({
    fields: { clientId: standIn.gate.clientId, identityUrl: standIn.url },
    secrets: { clientSecret: standIn.gate.clientSecret },
  });

  test('OAuth client credentials, asked for again when the token is refused', async () => {
    const { standIn } = await openCreatio();
    const api = connectTo(standIn, oauth(standIn));
    await check(api);
    await api.create('Contact', { Name: 'По токену' });
    expect(standIn.requests.at(-1)?.headers).not.toHaveProperty('cookie');
    standIn.endSessions();
    await check(api);
    expect(standIn.gate.signIns).toBe(2);
  });

  test('the path of the token is a field; a wrong client is told and not tried again', async () => {
    const { standIn } = await openCreatio();
    standIn.gate.rules.tokenPath = '/0/connect/token';
    const form = oauth(standIn);
    await check(connectTo(standIn, { ...form, fields: { ...form.fields, tokenPath: '0/connect/token' } }));
    const wrong = connectTo(standIn, {
      fields: { ...form.fields, tokenPath: '0/connect/token' },
      secrets: { clientSecret: 'wrong' },
    });
    expect(await failureOf(check(wrong))).toMatchObject({ kind: 'reconnect', code: 'creatio.client_refused' });
    const before = standIn.gate.signIns;
    await failureOf(check(wrong));
    expect(standIn.gate.signIns).toBe(before);
  });

  test('a wrong identity service is told by its address and the field', async () => {
    const { standIn } = await openCreatio();
    const { fields, secrets } = oauth(standIn);
    const api = connectTo(standIn, { fields: { ...fields, identityUrl: `${standIn.url}/elsewhere` }, secrets });
    const failure = await failureOf(check(api));
    expect(failure).toMatchObject({ kind: 'temporary', code: 'creatio.wrong_identity' });
    expect(failure.message).toContain('/elsewhere/connect/token');
    expect(failure.message).toContain('Identity service');
  });

  test('basic authorization of bpm’online', async () => {
    const { standIn, api } = await openBpmonline({ fields: { signIn: 'basic' } });
    expect(await failureOf(check(api))).toMatchObject({ kind: 'reconnect' });
    standIn.gate.rules.basic = true;
    await check(api);
    expect(standIn.gate.signIns).toBe(0);
    // It opens EntityDataService alone: columns come without their captions.
    const fields = await contact.describe(api, {});
    expect(fields.find(({ key }) => key === 'JobTitle')?.label).toEqual({ en: 'Full job title', ru: 'Должность' });
    expect((await discover(api)).map(({ key }) => key)).toContain('UsrVehicle');
    expect(await contact.newest?.(api, { limit: 2, settings: {} })).toHaveLength(2);
  });
});

describe('the platform', () => {
  test.each(['netframework', 'netcore'] as const)('%s is found out once and remembered', async (platform) => {
    const standIn = await startCreatioStandIn({ platform });
    onTestFinished(() => standIn.stop());
    const memory = createMemory();
    const probes = () => asked(standIn).filter((line) => line.endsWith('/odata/')).length;
    await check(connectTo(standIn, { memory }));
    const first = probes();
    expect(first).toBe(platform === 'netframework' ? 1 : 2);
    const again = connectTo(standIn, { memory });
    await check(again);
    expect(probes()).toBe(first);
  });

  test('a stand that moved to the other one is found again', async () => {
    const { standIn, api } = await openCreatio();
    await check(api);
    standIn.gate.rules.platform = 'netcore';
    expect(await failureOf(check(api))).toMatchObject({ code: 'creatio.wrong_address' });
    await check(api);
  });

  test('an ended session of another process is no wrong address', async () => {
    const { standIn, api } = await openCreatio();
    standIn.gate.rules.endedSession = 'page';
    const session = createSession();
    await session.token(async () => ({ token: '{".ASPXAUTH":"old"}', expiresAt: new Date(Date.now() + 60_000) }));
    const form = {
      fields: { address: standIn.url, userName: standIn.gate.userName },
      secrets: { password: standIn.gate.password },
    };
    const connection = { ...testConnection(creatio, form), session };
    await check(createApi(connection, odata4, 'Creatio'));
    expect(standIn.gate.signIns).toBe(1);
    expect(api).toBeDefined();
  });
});

describe('failures', () => {
  test('two requests at a time, never more', async () => {
    const { standIn, api } = await openCreatio();
    await check(api);
    standIn.faults.slowMs = 30;
    const before = performance.now();
    await Promise.all(Array.from({ length: 8 }, () => api.list('Contact', { top: 1 })));
    // Eight calls of 30 ms, two at a time.
    expect(performance.now() - before).toBeGreaterThan(110);
  });

  test('a failure at HTTP 200 is one', async () => {
    const { standIn, api } = await openCreatio();
    await check(api);
    standIn.faults.once.push({ status: 200, body: { error: { code: '', message: 'Bad column' } } });
    expect(await failureOf(api.list('Contact', {}))).toMatchObject({
      kind: 'rejected',
      message: expect.stringContaining('Bad column'),
    });
  });

  test.each([
    ['Creatio', openCreatio],
    ['bpm’online', openBpmonline],
  ] as const)(
    'an object that is not given out is told by its own words, a missing record is none: %s',
    async (_, open) => {
      const { api } = await open();
      const noSuchSet = { kind: 'rejected', code: 'creatio.no_such_set' };
      const id = '11111111-1111-4111-8111-111111111111';
      expect(await failureOf(api.list('UsrNew', {}))).toMatchObject(noSuchSet);
      expect(await failureOf(api.create('UsrNew', {}))).toMatchObject(noSuchSet);
      expect(await failureOf(api.get('UsrNew', id))).toMatchObject(noSuchSet);
      expect(await api.get('Contact', id)).toBeNull();
    },
  );

  test('a busy database is tried again, a wrong column is not', async () => {
    const { standIn, api } = await openCreatio();
    await check(api);
    const body = {
      Message: 'An error has occurred.',
      ExceptionMessage: 'Transaction was deadlocked on lock resources',
    };
    standIn.faults.once.push({ status: 500, body });
    expect(await failureOf(api.list('Contact', {}))).toMatchObject({ kind: 'temporary', outcome: 'unknown' });
    expect(await failureOf(api.list('Contact', { filter: 'AccountId eq null' }))).toMatchObject({
      kind: 'rejected',
      field: 'AccountId',
    });
  });

  test('no rights is no lost session', async () => {
    const { standIn, api } = await openCreatio();
    await check(api);
    standIn.faults.once.push({ status: 403, body: { error: { code: '', message: 'No rights' } } });
    expect(await failureOf(api.list('Contact', {}))).toMatchObject({ kind: 'noAccess' });
    expect(standIn.gate.signIns).toBe(1);
  });
});
