import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { connectionsApi } from '../connections/contract.ts';
import { type Flow, flowsApi } from './contract.ts';
import { aCall, callToItem, postCall } from './testing/drafts.ts';
import { dealToTask, type Office, openOffice } from './testing/office.ts';

const samples = new URL('../../connectors/bitrix24/samples/', import.meta.url);
const sample = (name: string) => readFileSync(new URL(name, samples), 'utf8');
const form = { 'content-type': 'application/x-www-form-urlencoded' };

describe('what arrives at the inbound addresses', () => {
  let office: Office;

  beforeAll(async () => {
    office = await openOffice();
    await postCall(office);
  });
  afterAll(() => office.stop());

  const post = (url: string, body: string | Buffer, headers: Record<string, string> = form) =>
    fetch(url, { method: 'POST', headers, body: typeof body === 'string' ? body : new Uint8Array(body) });
  async function answerOf(response: Promise<Response>): Promise<{ status: number; code: unknown }> {
    const answered = await response;
    const body = (await answered.json()) as { code?: unknown };
    return { status: answered.status, code: body.code };
  }
  const deliveries = async (connection: string) =>
    (
      await office.server.ctx.pool.query<{ id: string; headers: string; body: string }>(
        'select id, headers, body from deliveries where connection_id = $1 order by id',
        [connection],
      )
    ).rows;
  const itemsCalled = (name: string) => office.target.items.filter((item) => item.name === name);
  const refusalOf = async (id: string) =>
    (await office.server.call(connectionsApi.getConnection, { params: { id } })).hook?.lastRefusal;

  /** An event of Bitrix24 as its outgoing webhook sends it. */
  const event = (change: { event?: string; id?: string; token?: string | null; domain?: string } = {}) => {
    const body = new URLSearchParams({
      event: change.event ?? 'ONCRMDEALUPDATE',
      'data[FIELDS][ID]': change.id ?? '1',
      'auth[domain]': change.domain ?? office.bitrix24.domain,
      'auth[member_id]': 'a223c6b3710f85df22e9377d6c4f7553',
      'auth[access_token]': 's6p6eclrvim6da22ft9ch94ekreb52lv',
      'auth[refresh_token]': '4s386p3q0tr8dy89xvmt96234v3dljg8',
    });
    if (change.token !== null) body.set('auth[application_token]', change.token ?? office.bitrix24.applicationToken);
    return body.toString();
  };

  describe('bad input', () => {
    it('knows no address but those it gave out', async () => {
      expect(await answerOf(office.server.anonymous('/hooks/nobody', { method: 'POST', body: '{}' }))).toEqual({
        status: 404,
        code: 'hook.unknown',
      });
    });

    it.each([
      ['a forged token', { token: 'forged' }, 401, 'bitrix24.hook.wrong_token'],
      ['no token at all', { token: null }, 401, 'bitrix24.hook.wrong_token'],
      ['another portal', { domain: 'stranger.bitrix24.ru' }, 403, 'bitrix24.hook.wrong_portal'],
    ] as const)('refuses %s, keeps nothing, and says so on the connection', async (_what, change, status, code) => {
      const before = await deliveries(office.connections.bitrix24);
      expect(await answerOf(post(office.hooks.bitrix24, event(change)))).toEqual({ status, code });
      expect(await deliveries(office.connections.bitrix24)).toHaveLength(before.length);
      expect(await refusalOf(office.connections.bitrix24)).toMatchObject({ code, text: { ru: expect.any(String) } });
    });

    it('refuses events while the connection has no application token to compare', async () => {
      const { id, hook } = await office.server.call(connectionsApi.postConnection, {
        body: {
          connector: 'bitrix24',
          auth: 'webhook',
          name: 'No token',
          secrets: { webhookUrl: office.bitrix24.webhookUrl },
          endpoints: { rest: office.bitrix24.restBase },
        },
      });
      const address = `${office.server.url}${new URL(hook?.address ?? '').pathname}`;
      expect(await answerOf(post(address, event()))).toEqual({ status: 401, code: 'bitrix24.hook.no_token' });
      expect(await deliveries(id)).toHaveLength(0);
    });

    it.each([
      ['{"name": ', 'application/json'],
      ['just words', 'text/plain'],
    ])('refuses %s', async (body, type) => {
      expect(await answerOf(post(office.hooks.webhook, body, { 'content-type': type }))).toEqual({
        status: 422,
        code: 'webhook.not_readable',
      });
    });

    it('takes a body of 1 MB and answers 413 to a larger one, also when it does not say its size', async () => {
      const ofSize = (bytes: number) => JSON.stringify({ text: 'x'.repeat(bytes - 11) });
      expect((await postCall(office, ofSize(1024 * 1024))).status).toBe(200);
      expect((await postCall(office, ofSize(1024 * 1024 + 1))).status).toBe(413);
      const before = await deliveries(office.connections.webhook);
      const unsized = new ReadableStream({
        start(controller) {
          for (let sent = 0; sent < 20; sent += 1) controller.enqueue(new Uint8Array(100_000).fill(0x20));
          controller.close();
        },
      });
      const answer = await fetch(office.hooks.webhook, {
        method: 'POST',
        body: unsized,
        headers: { 'content-type': 'application/json' },
        duplex: 'half',
      } as RequestInit).then(
        ({ status }) => status,
        // The server may close before it has read everything.
        () => 413,
      );
      expect(answer).toBe(413);
      expect(await deliveries(office.connections.webhook)).toHaveLength(before.length);
    });
  });

  it('cuts the tokens that Bitrix24 sends in every event before anything is stored', async () => {
    expect((await post(office.hooks.bitrix24, event({ id: '999999' }))).status).toBe(200);
    const stored = (await deliveries(office.connections.bitrix24)).at(-1);
    expect(JSON.parse(stored?.body ?? '')).toMatchObject({
      event: 'ONCRMDEALUPDATE',
      data: { FIELDS: { ID: '999999' } },
      auth: { domain: office.bitrix24.domain },
    });
    const whole = JSON.stringify(await deliveries(office.connections.bitrix24));
    for (const secret of [
      office.bitrix24.applicationToken,
      's6p6eclrvim6da22ft9ch94ekreb52lv',
      '4s386p3q0tr8dy89xvmt96',
    ])
      expect(whole).not.toContain(secret);
  });

  describe('samples of Bitrix24 through the real address', () => {
    const names = readdirSync(samples).filter((name) => /\.event\.json$|\.form\.txt$/.test(name));

    it.each(names)('%s', async (name) => {
      // The portal and the token of the sample are put in the place of ours.
      const text = sample(name)
        .replaceAll(/some-domain\.bitrix24\.com/g, office.bitrix24.domain)
        .replaceAll('51856fefc120afa4b628cc82d3935cce', office.bitrix24.applicationToken);
      const before = await deliveries(office.connections.bitrix24);
      const type = name.endsWith('.json') ? { 'content-type': 'application/json' } : form;
      expect((await post(office.hooks.bitrix24, text, type)).status).toBe(200);
      const stored = await deliveries(office.connections.bitrix24);
      expect(stored).toHaveLength(before.length + 1);
      expect(stored.at(-1)?.body).not.toContain(office.bitrix24.applicationToken);
    });

    it('are refused when they come from the portal they were taken from', async () => {
      const refused = await answerOf(post(office.hooks.bitrix24, sample('event-deal-update.form.txt')));
      expect(refused.status).toBe(401);
    });
  });

  describe('the Webhook connector', () => {
    let flow: Flow;
    beforeAll(async () => {
      flow = await office.startFlow('Calls', callToItem(office));
    });

    it('reads a form with brackets', async () => {
      const body = new URLSearchParams([
        ['name', 'Форма'],
        ['client[phone]', '+79160000000'],
        ['tags[]', 'a'],
        ['tags[]', 'b'],
      ]);
      expect((await post(office.hooks.webhook, body.toString())).status).toBe(200);
      await office.settle();
      expect(itemsCalled('Форма')).toHaveLength(1);
      const stored = (await deliveries(office.connections.webhook)).at(-1);
      expect(JSON.parse(stored?.body ?? '')).toEqual({
        name: 'Форма',
        client: { phone: '+79160000000' },
        tags: ['a', 'b'],
      });
    });

    it('takes two equal bodies as two events', async () => {
      await postCall(office, { ...aCall, name: 'Дважды' });
      await postCall(office, { ...aCall, name: 'Дважды' });
      await office.settle();
      expect(itemsCalled('Дважды')).toHaveLength(2);
    });

    it.each([
      ['U+0000', 'a\u0000b', 'ab'],
      ['U+0000 written out', 'a\\u0000b', 'a\\u0000b'],
      ['a lone surrogate', 'a\ud800b', 'a\ufffdb'],
    ])('carries a text with %s to its end', async (_what, name, arrives) => {
      expect((await postCall(office, { ...aCall, name, note: `${arrives}!` })).status).toBe(200);
      await office.settle();
      const [run] = await office.runsOf(flow);
      expect(run?.state).toBe('done');
      const [sent] = office.target.items.filter(({ note }) => note === `${arrives}!`);
      expect(String(sent?.name).replaceAll('\0', '').toWellFormed()).toBe(arrives);
    });

    it('says why such a text was filtered', async () => {
      const filtering = await office.startFlow('Filter', {
        ...callToItem(office),
        filter: { combinator: 'and', rules: [{ field: 'name', operator: 'equals', value: 'никто' }] },
      });
      for (const name of ['a\u0000b', 'a\\u0000b', 'a\ud800b', '\\']) await postCall(office, { ...aCall, name });
      await office.settle();
      const runs = await office.runsOf(filtering);
      expect(runs.map(({ state }) => state)).toEqual(['filtered', 'filtered', 'filtered', 'filtered']);
      await office.server.call(flowsApi.stopFlow, { params: { id: filtering.id } });
    });

    it('gives the trigger its fields from caught calls', async () => {
      const fields = await office.server.call(connectionsApi.postTriggerFields, {
        params: { id: office.connections.webhook },
        body: { trigger: 'webhook.received' },
      });
      expect(fields.map(({ key }) => key)).toEqual(expect.arrayContaining(['name', 'phone', 'email', 'note']));
      const [newest] = await office.server.call(connectionsApi.postSamples, {
        params: { id: office.connections.webhook },
        body: { trigger: 'webhook.received' },
      });
      expect(newest?.values).toHaveProperty('name');
    });

    it('keeps what comes while the flow is stopped: a person chooses to catch up or to start from now', async () => {
      await office.server.call(flowsApi.stopFlow, { params: { id: flow.id } });
      for (const name of ['Пропущено 1', 'Пропущено 2', 'Пропущено 3']) await postCall(office, { ...aCall, name });
      await office.settle();
      const stopped = await office.server.call(flowsApi.getFlow, { params: { id: flow.id } });
      expect(stopped).toMatchObject({ state: 'stopped', missed: 3 });
      await expect(office.server.call(flowsApi.startFlow, { params: { id: flow.id }, body: {} })).rejects.toMatchObject(
        {
          status: 409,
          problem: { code: 'flow.missed', detail: expect.stringContaining('3') },
        },
      );
      await office.server.call(flowsApi.startFlow, { params: { id: flow.id }, body: { missed: 'catchUp' } });
      await office.settle();
      for (const name of ['Пропущено 1', 'Пропущено 2', 'Пропущено 3']) expect(itemsCalled(name)).toHaveLength(1);

      await office.server.call(flowsApi.stopFlow, { params: { id: flow.id } });
      await postCall(office, { ...aCall, name: 'Забыто' });
      await office.server.call(flowsApi.startFlow, { params: { id: flow.id }, body: { missed: 'fromNow' } });
      await postCall(office, { ...aCall, name: 'Дальше' });
      await office.settle();
      expect(itemsCalled('Забыто')).toHaveLength(0);
      expect(itemsCalled('Дальше')).toHaveLength(1);
    });

    it('takes each call once while it catches up and calls go on arriving', async () => {
      await office.server.call(flowsApi.stopFlow, { params: { id: flow.id } });
      const names = Array.from({ length: 60 }, (_, index) => `Поток ${index}`);
      for (const name of names.slice(0, 20)) await postCall(office, { ...aCall, name });
      const arriving = (async () => {
        for (const name of names.slice(20)) await postCall(office, { ...aCall, name });
      })();
      await office.server.call(flowsApi.startFlow, { params: { id: flow.id }, body: { missed: 'catchUp' } });
      await arriving;
      await office.settle();
      const counts = names.map((name) => itemsCalled(name).length);
      expect(counts).toEqual(names.map(() => 1));
    });

    it('answers 503 and never a false 200 when the database takes nothing', async () => {
      const { pool } = office.server.ctx;
      await pool.query('alter table deliveries rename to deliveries_away');
      const refused = await answerOf(postCall(office, { ...aCall, name: 'Отказ' }));
      await pool.query('alter table deliveries_away rename to deliveries');
      expect(refused).toEqual({ status: 503, code: 'hook.not_stored' });
      expect((await postCall(office, { ...aCall, name: 'Отказ' })).status).toBe(200);
      await office.settle();
      expect(itemsCalled('Отказ')).toHaveLength(1);
    });

    it('answers 200 once the call is stored, whatever else goes wrong', async () => {
      const { pool } = office.server.ctx;
      await pool.query('alter table connection_memory rename to connection_memory_away');
      // Caught calls are kept at most once a second: the clock says that it has passed.
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 1100 });
      const answer = await postCall(office, { ...aCall, name: 'Сохранено' });
      vi.useRealTimers();
      await pool.query('alter table connection_memory_away rename to connection_memory');
      expect(answer.status).toBe(200);
      await office.settle();
      expect(itemsCalled('Сохранено')).toHaveLength(1);
    });
  });

  describe('repeats that the sender marks by an id', () => {
    let hook: string;
    let flow: Flow;
    beforeAll(async () => {
      const connection = await office.server.call(connectionsApi.postConnection, {
        body: {
          connector: 'webhook',
          auth: 'none',
          name: 'With id',
          fields: { idPath: '$.event.id', idHeader: 'Webhook-Id' },
          check: false,
        },
      });
      hook = `${office.server.url}${new URL(connection.hook?.address ?? '').pathname}`;
      const json = { 'content-type': 'application/json' };
      await post(hook, JSON.stringify({ ...aCall, event: { id: 'first' } }), json);
      flow = await office.startFlow('By id', {
        ...callToItem(office),
        trigger: { connection: connection.id, trigger: 'webhook.received', mode: 'realTime' },
      });
    });
    const send = (name: string, id: unknown, headers: Record<string, string> = {}) =>
      post(hook, JSON.stringify({ ...aCall, name, event: { id } }), { 'content-type': 'application/json', ...headers });

    it('drops the repeat, also when both come at once', async () => {
      const answers = await Promise.all(Array.from({ length: 5 }, () => send('По номеру', 'e-1')));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
      await send('По номеру', 'e-1');
      await send('По номеру', 'e-2');
      await office.settle();
      expect(itemsCalled('По номеру')).toHaveLength(2);
      expect(await office.runsOf(flow)).toHaveLength(2);
    });

    it('takes the id from the header where the body has none', async () => {
      await send('По заголовку', undefined, { 'webhook-id': 'h-1' });
      await send('По заголовку', undefined, { 'webhook-id': 'h-1' });
      await send('По заголовку', undefined);
      await send('По заголовку', undefined);
      await office.settle();
      expect(itemsCalled('По заголовку')).toHaveLength(3);
    });

    it('takes ids of any length and sign without harm to the calls beside them', async () => {
      const long = Array.from({ length: 6000 }, (_, index) => ((index * 7919) % 36).toString(36)).join('');
      const answers = await Promise.all([
        send('Длинный', long),
        send('Длинный', `${long}2`),
        send('Нулевой', 'a\u0000b'),
        send('Половинный', '\ud800'),
        send('Обычный', 'e-3'),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
      await send('Длинный', long);
      await office.settle();
      expect(itemsCalled('Длинный')).toHaveLength(2);
      for (const name of ['Нулевой', 'Половинный', 'Обычный']) expect(itemsCalled(name)).toHaveLength(1);
    });
  });

  it('starts a flow of Bitrix24 by a real event and by nothing else', async () => {
    const flow = await office.startFlow('Deals', dealToTask(office));
    const before = (await office.runsOf(flow)).length;
    await post(office.hooks.bitrix24, event({ event: 'ONCRMDEALDELETE', id: '5' }));
    await post(office.hooks.bitrix24, event({ event: 'ONTASKADD', id: '5' }));
    await post(office.hooks.bitrix24, event({ id: '999999' }));
    await office.settle();
    const runs = await office.runsOf(flow);
    expect(runs).toHaveLength(before + 1);
    expect(runs[0]).toMatchObject({ state: 'skipped', reason: { code: 'gone' } });
  });
});
