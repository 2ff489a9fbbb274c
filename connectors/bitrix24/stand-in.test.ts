import qs from 'qs';
import { afterEach, describe, expect, test } from 'vitest';
import type { Json } from '../../kit/field.ts';
import { expectKind } from '../../kit/testing/bench.ts';
import { type StandInServer, serveStandIn } from '../../kit/testing/stand-in.ts';
import { type Api, methods } from './api.ts';
import { connectTo } from './stand-in/connect.ts';
import { type Bitrix24StandIn, type Bitrix24StandInOptions, startBitrix24StandIn } from './stand-in.ts';
import { webhook } from './webhook.ts';

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});

async function start(options: Bitrix24StandInOptions = {}): Promise<Bitrix24StandIn> {
  const standIn = await startBitrix24StandIn({ limited: false, ...options });
  running.push(standIn);
  return standIn;
}

const post = async (standIn: Bitrix24StandIn, method: string, body: string, type: string) => {
  const secret = new URL(standIn.webhookUrl).pathname.replace('/rest', '');
  const headers = { 'content-type': type };
  const answer = await fetch(`${standIn.restBase}${secret}${method}`, { method: 'POST', body, headers });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};

describe('the portal', () => {
  test('takes JSON and forms alike, with or without .json', async () => {
    const standIn = await start();
    const asJson = await post(
      standIn,
      'crm.item.list',
      JSON.stringify({ entityTypeId: 2, start: 0 }),
      'application/json',
    );
    const asForm = await post(
      standIn,
      'crm.item.list.json',
      'entityTypeId=2&filter[>id]=0',
      'application/x-www-form-urlencoded',
    );
    expect(asForm.body.result).toEqual(asJson.body.result);
    expect(asJson.body.total).toBe(12);
  });

  test('pages by 50 and says where the next page begins; without counting neither total nor next', async () => {
    const standIn = await start({ seed: 'empty' });
    for (let n = 0; n < 60; n++) standIn.createDeal({ title: `Сделка ${n}` });
    const list = async (start: number) =>
      (await post(standIn, 'crm.item.list', JSON.stringify({ entityTypeId: 2, start }), 'application/json')).body;
    expect(await list(0)).toMatchObject({ total: 60, next: 50 });
    const second = await list(50);
    expect(second).toMatchObject({ total: 60 });
    expect(second).not.toHaveProperty('next');
    const uncounted = await list(-1);
    expect(uncounted).toMatchObject({ total: 0 });
    expect(uncounted).not.toHaveProperty('next');
  });

  test('refuses the 51st call of a burst', async () => {
    const standIn = await start({ limited: true, seed: 'empty' });
    const answers: number[] = [];
    for (let n = 0; n < 60; n++) answers.push((await post(standIn, 'profile', '{}', 'application/json')).status);
    expect(answers.slice(0, 50)).toEqual(Array.from({ length: 50 }, () => 200));
    expect(answers).toContain(503);
  });

  test('answers a legacy mistake with an empty error', async () => {
    const standIn = await start();
    const answer = await post(standIn, 'crm.contact.update', '{"id":1}', 'application/json');
    expect(answer).toMatchObject({
      status: 400,
      body: { error: '', error_description: "Parameter 'fields' must be array." },
    });
  });

  test('refuses a batch of more than 50 commands', async () => {
    const standIn = await start();
    const commands = Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`c${n}`, methods.profile()]));
    expect((await expectKind(connectTo(standIn).batch(commands), 'rejected')).code).toBe('bitrix24.batch');
  });
});

describe('a batch', () => {
  const commands = (standIn: Bitrix24StandIn) => ({
    made: methods.itemAdd({ entityTypeId: 3, fields: { name: 'Ян & Ко = 1', comments: 'а[б]=в&г' } }),
    wrong: methods.itemGet({ entityTypeId: 3, id: 999999999 }),
    linked: methods.itemUpdate({
      entityTypeId: 2,
      id: standIn.listDeals()[0]?.id,
      fields: { contactIds: ['$result[made][item][id]'] },
    }),
  });

  test('refers to earlier results, keeps every sign, and tells inner failures apart', async () => {
    const standIn = await start();
    const { values, failures } = await connectTo(standIn).batch(commands(standIn));
    const made = (values.made as { item: { id: number; name: string; comments: string } }).item;
    expect(made).toMatchObject({ name: 'Ян & Ко = 1', comments: 'а[б]=в&г' });
    expect((values.linked as { item: { contactIds: number[] } }).item.contactIds).toEqual([made.id]);
    expect(Object.keys(failures)).toEqual(['wrong']);
    expect(failures.wrong?.kind).toBe('gone');
  });

  test('stops at the first failure when told so', async () => {
    const standIn = await start();
    const { values, failures } = await connectTo(standIn).batch(commands(standIn), { halt: true });
    expect(Object.keys(values)).toEqual(['made']);
    expect(Object.keys(failures)).toEqual(['wrong']);
  });
});

describe('outgoing webhooks', () => {
  async function listen(): Promise<StandInServer> {
    const server = await serveStandIn(() => ({ status: 200 }));
    running.push(server);
    return server;
  }
  const events = (server: StandInServer) =>
    server.requests.map((request) => (qs.parse(request.rawBody.toString()) as { event?: string }).event);

  test('reach our verification as the vendor sends them', async () => {
    const [standIn, server] = [await start(), await listen()];
    standIn.hooks.register({ url: `${server.url}/hook` });
    const { id } = standIn.createDeal({ title: 'Новая' });
    await standIn.hooks.settled();
    const [sent] = server.requests;
    const body = qs.parse(sent?.rawBody.toString() ?? '') as unknown as Json;
    const request = { method: 'POST', headers: {}, query: {}, rawBody: Buffer.alloc(0), body };
    const secrets = { applicationToken: standIn.applicationToken };
    const connection = { fields: {}, secrets, identity: standIn.domain };
    expect(sent?.headers['content-type']).toContain('application/x-www-form-urlencoded');
    expect(webhook.verify(request, connection)).toEqual({ ok: true });
    expect(webhook.read(request, connection)[0]).toEqual({
      kind: 'record',
      recordType: 'deal',
      recordId: String(id),
      event: 'created',
    });
  });

  test('tell of edits and moves, but a move to another pipeline only to who asked for that event', async () => {
    const [standIn, plain, app] = [await start(), await listen(), await listen()];
    standIn.hooks.register({ url: plain.url });
    standIn.hooks.register({ url: app.url, events: ['ONCRMDEALMOVETOCATEGORY'] });
    const id = standIn.listDeals()[0]?.id ?? 0;
    standIn.editDeal(id, { title: 'Иначе' });
    standIn.editDeal(id, { title: 'Иначе' });
    standIn.moveDeal(id, 'C1:EXECUTING');
    standIn.moveDeal(id, 'UC_SERVICE');
    standIn.deleteDeal(id);
    await standIn.hooks.settled();
    expect(events(plain).sort()).toEqual(['ONCRMDEALDELETE', 'ONCRMDEALUPDATE', 'ONCRMDEALUPDATE']);
    expect(events(app)).toEqual(['ONCRMDEALMOVETOCATEGORY']);
  });

  test('are sent once, whether anybody answers or not', async () => {
    const [standIn, server] = [await start(), await listen()];
    server.faults.down = true;
    standIn.hooks.register({ url: server.url });
    standIn.createDeal({ title: 'Новая' });
    await standIn.hooks.settled();
    expect(standIn.hooks.log).toMatchObject([{ event: 'ONCRMDEALADD', status: null }]);
    expect(server.requests).toHaveLength(1);
  });
});

test('the demo company is whole: every deal has a contact, every contact a way to reach it', async () => {
  const standIn = await start();
  const api: Api = connectTo(standIn);
  expect(standIn.listDeals()).toHaveLength(12);
  const { value } = await api.run(methods.itemList(3, { filter: {}, order: { id: 'ASC' }, select: ['*'], start: 0 }));
  const reachable = new Set(
    value.items.filter((item) => item.hasPhone === 'Y' && item.hasEmail === 'Y').map((item) => item.id),
  );
  for (const item of standIn.listDeals()) expect(reachable).toContain(item.contactId);
  const names = standIn
    .stages()
    .filter((stage) => stage.categoryId === 1)
    .map((stage) => stage.name);
  expect(names).toEqual(['Новая', 'В работе', 'Сервисная служба', 'Сервисная служба: выполнено', 'Отказ']);
});
