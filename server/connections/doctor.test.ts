import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { noFaults, type StandInResponse } from '../../kit/testing/stand-in.ts';
import { type CreatioOffice, openCreatioOffice } from '../flows/testing/creatio-office.ts';
import { noticesApi } from '../notices/contract.ts';
import { settingsApi } from '../settings/contract.ts';
import { connectionsApi, type Trouble } from './contract.ts';
import { troubleOf } from './doctor.ts';

const json = (status: number, body: unknown): StandInResponse => ({ status, body });
/** One moment for all: a test that began before midnight keeps its day. */
const began = Date.now();
const inDays = (days: number) => new Date(began + days * 86_400_000).toISOString().slice(0, 10);

describe('the doctor of connections', () => {
  let office: CreatioOffice;
  let webhook: string;
  beforeAll(async () => {
    office = await openCreatioOffice();
    const added = await office.server.call(connectionsApi.postConnection, {
      body: {
        connector: 'webhook',
        name: 'С ключом',
        auth: 'bearer',
        fields: { address: office.target.url },
        secrets: { token: 'secret' },
        check: false,
      },
    });
    webhook = added.id;
  });
  afterEach(async () => {
    for (const standIn of [office.bitrix24, office.hubex, office.creatio, office.target])
      Object.assign(standIn.faults, noFaults());
    Object.assign(office.bitrix24.switches, { revoked: false, scopes: ['crm', 'user'] });
    office.creatio.gate.passwordExpired = false;
    await office.server.ctx.pool.query(
      `update connections set identity = account_was.identity, valid_until = null, needs_reconnect = false
       from (select id, replace(identity, 'other ', '') as identity from connections) as account_was
       where account_was.id = connections.id`,
    );
    await office.server.passTime(120);
  });
  afterAll(() => office.stop());

  const idOf = (app: string): string =>
    ({ ...office.connections, ...office.crm, webhook })[app as 'bitrix24' | 'hubex' | 'webhook' | 'creatio'];
  const standInOf = (app: string) =>
    ({ bitrix24: office.bitrix24, hubex: office.hubex, creatio: office.creatio, webhook: office.target })[app];
  /** HubEx and Creatio sign in first: the answer is given to what comes after. */
  const next = (app: string, ...answers: StandInResponse[]) => standInOf(app)?.faults.once.push(...answers);
  const signedIn = json(200, { access_token: 'a.b.c', expires_in: 1800 });

  const cases: [app: string, trouble: Trouble, arrange: () => unknown][] = [
    ['bitrix24', 'revoked', () => (office.bitrix24.switches.revoked = true)],
    ['bitrix24', 'expired', () => next('bitrix24', json(401, { error: 'expired_token', error_description: '' }))],
    ['bitrix24', 'scope', () => (office.bitrix24.switches.scopes = [])],
    ['bitrix24', 'limited', () => (office.bitrix24.faults.limited = true)],
    ['bitrix24', 'unreachable', () => (office.bitrix24.faults.down = true)],
    [
      'bitrix24',
      'wrongAddress',
      () => next('bitrix24', { status: 302, headers: { location: 'https://new.bitrix24.ru/' } }),
    ],
    ['hubex', 'revoked', () => (office.hubex.faults.tokenRefused = true)],
    ['hubex', 'scope', () => next('hubex', signedIn, json(403, { code: 'AccessDenied', message: 'Нет прав' }))],
    ['hubex', 'limited', () => (office.hubex.faults.limited = true)],
    ['hubex', 'unreachable', () => (office.hubex.faults.down = true)],
    ['hubex', 'wrongAddress', () => next('hubex', { status: 404, body: '<html>nginx</html>' })],
    ['creatio', 'revoked', () => (office.creatio.faults.tokenRefused = true)],
    ['creatio', 'expired', () => (office.creatio.gate.passwordExpired = true)],
    ['creatio', 'limited', () => (office.creatio.faults.limited = true)],
    ['creatio', 'unreachable', () => (office.creatio.faults.down = true)],
    ['creatio', 'wrongAddress', () => next('creatio', { status: 404, body: '<html>IIS</html>' })],
    ['webhook', 'revoked', () => next('webhook', json(401, {}))],
    ['webhook', 'scope', () => next('webhook', json(403, {}))],
    ['webhook', 'limited', () => next('webhook', json(429, {}))],
    ['webhook', 'unreachable', () => (office.target.faults.down = true)],
    ['webhook', 'unwell', () => next('webhook', json(500, {}))],
  ];

  it.each(cases)('tells of %s that it is %s', async (app, trouble, arrange) => {
    arrange();
    const params = { id: idOf(app) };
    const checked = await office.server.call(connectionsApi.checkConnection, { params });
    expect(checked).toMatchObject({ ok: false, failure: { trouble } });
    expect(await office.server.call(connectionsApi.getConnection, { params })).toMatchObject({
      lastFailure: { trouble },
      health: trouble === 'revoked' || trouble === 'expired' ? 'reconnect' : expect.any(String),
    });
  });

  it('tells a right that is missing in Creatio, which answers 403', () => {
    expect(troubleOf({ kind: 'noAccess', code: 'creatio.forbidden' })).toBe('scope');
  });

  it('takes a refused key for an expired one once its day is over', async () => {
    const params = { id: idOf('hubex') };
    await office.server.call(connectionsApi.patchConnection, {
      params,
      body: { validUntil: inDays(-1), check: false },
    });
    office.hubex.faults.tokenRefused = true;
    const { failure } = await office.server.call(connectionsApi.checkConnection, { params });
    expect(failure?.trouble).toBe('expired');
  });

  it('stops flows at another account behind the same keys', async () => {
    const params = { id: idOf('hubex') };
    await office.server.ctx.pool.query(`update connections set identity = 'other ' || identity where id = $1`, [
      params.id,
    ]);
    const { failure } = await office.server.call(connectionsApi.checkConnection, { params });
    expect(failure?.trouble).toBe('otherAccount');
    expect(await office.server.call(connectionsApi.getConnection, { params })).toMatchObject({
      health: 'reconnect',
      lastFailure: { trouble: 'otherAccount' },
    });
  });

  it('tells once, and on the home page, of an access that ends soon; a new day or a new key settles it', async () => {
    const params = { id: idOf('hubex') };
    const endingNow = async () => (await office.server.call(settingsApi.getOverview)).endingConnections;
    const told = async () =>
      (await office.server.call(noticesApi.listNotices)).items.filter(
        ({ kind, settledAt }) => kind === 'connection.ending' && settledAt === null,
      );
    const set = (body: object) =>
      office.server.call(connectionsApi.patchConnection, { params, body: { check: false, ...body } });

    await set({ validUntil: inDays(60) });
    expect(await endingNow()).toEqual([]);
    const soon = inDays(10);
    expect((await set({ validUntil: soon })).validUntil).toBe(soon);
    await set({ validUntil: inDays(9) });
    expect(await endingNow()).toMatchObject([{ id: params.id, validUntil: inDays(9) }]);
    const before = await told();
    expect(before).toMatchObject([{ connection: params.id, text: { ru: expect.stringContaining('действует до') } }]);

    const kept = await set({ secrets: {} });
    expect(kept.validUntil).toBe(inDays(9));
    expect(await set({ secrets: { serviceToken: office.hubex.serviceToken } })).toMatchObject({ validUntil: null });
    expect(await endingNow()).toEqual([]);
    expect(await told()).toEqual([]);
  });
});
