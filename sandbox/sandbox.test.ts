import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import qs from 'qs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { eventually } from '../server/testing/index.ts';
import { listen, type Sandbox, startSandbox } from './testing/sandbox.ts';
import { creatioSecrets, hubexToken, startWorld, type World, type WorldState } from './world.ts';

/** Asks an app as Mostik does. */
const rest = (world: World, method: string, params: object) =>
  fetch(`${world.bitrix24.restBase}/1/k7q2zw9x4b1mdemo/${method}.json`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(params),
  });

const hubexLogin = (world: World) =>
  fetch(`${world.hubex.apiUrl}/AUTHZ/AccessTokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-application-id': '3' },
    body: JSON.stringify({ serviceToken: hubexToken }),
  });

/** The id of what was made. */
const madeId = (answer: { body: unknown }): number => z.object({ id: z.number() }).parse(answer.body).id;

const dealIn = (state: WorldState, id: number) => state.bitrix24.deals.find((deal) => deal.id === id);

describe('the outside world', () => {
  let sandbox: Sandbox;
  let mostik: Awaited<ReturnType<typeof listen>>;

  beforeAll(async () => {
    mostik = await listen();
    sandbox = await startSandbox();
    const hook = (name: string) => `${mostik.url}/hooks/${name}`;
    sandbox.world.setHooks({
      bitrix24: hook('deals'),
      hubex: hook('tasks'),
      creatio: hook('creatio'),
      form: hook('form'),
    });
  });
  afterAll(async () => {
    await sandbox.stop();
    mostik.server.close();
  });

  const calledAt = (path: string) => mostik.calls.filter((call) => call.path === path);

  test('a deal that a person moves is told to Mostik and not marked as Mostik’s doing', async () => {
    const { bitrix24 } = await sandbox.state();
    const deal = bitrix24.deals.find(({ stage }) => stage === 'C1:NEW');
    const id = deal?.id ?? 0;
    expect((await sandbox.ask('POST', `/api/deals/${id}/move`, { stage: 'C1:UC_SERVICE' })).status).toBe(200);

    expect(dealIn(await sandbox.state(), id)).toMatchObject({ stage: 'C1:UC_SERVICE', mark: null });
    const call = await eventually(() => calledAt('/hooks/deals')[0]);
    expect(qs.parse(call.body)).toMatchObject({
      event: 'ONCRMDEALUPDATE',
      data: { FIELDS: { ID: String(id) } },
      auth: { domain: 'romashka.bitrix24.ru', application_token: sandbox.world.bitrix24.applicationToken },
    });
  });

  test('what Mostik writes is marked as changed or created by it', async () => {
    const id = (await sandbox.state()).bitrix24.deals[0]?.id ?? 0;
    const answer = await rest(sandbox.world, 'crm.item.update', {
      entityTypeId: 2,
      id,
      fields: { ufCrm_1700000004: 4500, ufCrm_1700000005: 'Заменил ТЭН' },
    });
    expect(answer.status).toBe(200);
    expect(dealIn(await sandbox.state(), id)).toMatchObject({
      cost: 4500,
      engineerComment: 'Заменил ТЭН',
      mark: { how: 'changed' },
    });

    const added = (await (
      await rest(sandbox.world, 'crm.item.add', { entityTypeId: 2, fields: { title: 'От Мостика' } })
    ).json()) as { result: { item: { id: number } } };
    expect(dealIn(await sandbox.state(), added.result.item.id)?.mark?.how).toBe('created');
  });

  test('a new deal has its client; an edit keeps what the person did not touch', async () => {
    const form = { title: 'Шумит вытяжка', amount: 7000, comment: '', address: 'Арбат, 1', urgency: 42 };
    const client = { client: 'Анна Белова', phone: '+7 901 000-11-22', email: 'anna@example.com' };
    const id = madeId(await sandbox.ask('POST', '/api/deals', { ...form, ...client, pipeline: 1 }));
    expect(dealIn(await sandbox.state(), id)).toMatchObject({ ...form, ...client, stage: 'C1:NEW', mark: null });

    const coded = (await sandbox.state()).bitrix24.deals.find(({ title }) => title.startsWith('Не греет'));
    const { title, amount, comment, address, urgency } = coded ?? form;
    await sandbox.ask('PATCH', `/api/deals/${coded?.id}`, { title: `${title}!`, amount, comment, address, urgency });
    const kept = sandbox.world.bitrix24.deal(coded?.id ?? 0);
    expect(kept).toMatchObject({ title: `${title}!`, comments: expect.stringContaining('[B]') });
  });

  test('a contact of Bitrix24 is added and edited: the numbers that the form shows are changed, not added to', async () => {
    const form = { name: 'Зоя', lastName: 'Маслова', post: '', phone: '+7 921 444-55-66', email: 'zoya@example.com' };
    const id = madeId(await sandbox.ask('POST', '/api/bitrix24/contacts', form));
    await sandbox.ask('PATCH', `/api/bitrix24/contacts/${id}`, { post: 'Технолог', phone: '+7 921 444-55-77' });
    const [first] = (await sandbox.state()).bitrix24.contacts;
    expect(first).toMatchObject({ ...form, id, post: 'Технолог', phone: '+7 921 444-55-77', mark: null });
    const { fm } = sandbox.world.bitrix24.portal.items.get(3)?.get(id) ?? {};
    expect(fm).toHaveLength(2);
    await eventually(() => calledAt('/hooks/deals').some(({ body }) => body.includes('ONCRMCONTACTUPDATE')));
  });

  test('a task is worked by its own buttons and completed with a report, and Mostik hears of it', async () => {
    const task = (await sandbox.state()).hubex.tasks.find(({ stage }) => stage.name === 'Новая');
    const id = task?.id ?? 0;
    await sandbox.ask('POST', `/api/tasks/${id}/move`, { stage: task?.next[0]?.id });
    await sandbox.ask('POST', `/api/tasks/${id}/complete`, { comment: 'Заменил подшипник', cost: 3200 });
    const done = (await sandbox.state()).hubex.tasks.find((one) => one.id === id);
    expect(done).toMatchObject({
      stage: { name: 'Выполнена' },
      actualCost: 3200,
      report: 'Заменил подшипник',
      mark: null,
    });
    expect(done?.completed).not.toBeNull();
    await eventually(() => calledAt('/hooks/tasks').some(({ body }) => body.includes(String(id))));
  });

  test('the form of the site goes to Mostik', async () => {
    const form = { name: 'Дмитрий', phone: '+7 977 302-14-58', message: 'Течёт кран' };
    expect((await sandbox.ask('POST', '/api/form', form)).body).toEqual({ status: 200 });
    expect(JSON.parse(calledAt('/hooks/form')[0]?.body ?? '')).toMatchObject(form);
    expect((await sandbox.state()).webhook.forms[0]).toMatchObject({ name: 'Дмитрий', status: 200 });
  });

  test('each app can be made slow, limited, silent, or refuse the token, and be well again', async () => {
    const { world } = sandbox;
    const mood = (app: string, is: string) => sandbox.ask('PUT', `/api/moods/${app}`, { mood: is });

    await mood('bitrix24', 'limited');
    expect(await (await rest(world, 'user.current', {})).json()).toMatchObject({ error: 'QUERY_LIMIT_EXCEEDED' });
    await mood('bitrix24', 'tokenRefused');
    expect((await rest(world, 'user.current', {})).status).toBe(401);
    await mood('bitrix24', 'down');
    await expect(rest(world, 'user.current', {})).rejects.toThrow('fetch failed');
    expect((await sandbox.state()).moods).toMatchObject({ bitrix24: 'down', hubex: 'normal', creatio: 'normal' });
    await mood('bitrix24', 'normal');
    expect((await rest(world, 'user.current', {})).status).toBe(200);

    const signIn = async () => {
      const answer = await fetch(`${world.creatio.url}/ServiceModel/AuthService.svc/Login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ UserName: world.creatio.gate.userName, UserPassword: creatioSecrets.password }),
      });
      return z.object({ Code: z.number() }).parse(await answer.json()).Code;
    };
    expect(await signIn()).toBe(0);
    await mood('creatio', 'tokenRefused');
    expect(await signIn()).toBe(1);
    await mood('creatio', 'normal');

    await mood('hubex', 'limited');
    expect((await hubexLogin(world)).status).toBe(429);
    await mood('hubex', 'slow');
    expect(world.hubex.faults.slowMs).toBeGreaterThan(1000);
    await mood('hubex', 'normal');
    expect((await hubexLogin(world)).status).toBe(201);
  });

  test('a change reaches the page without asking', async () => {
    const stop = new AbortController();
    const heard: WorldState[] = [];
    let text = '';
    const answer = await fetch(`${sandbox.url}/api/live`, { signal: stop.signal });
    const reading = (async () => {
      for await (const chunk of answer.body ?? []) {
        text += Buffer.from(chunk as Uint8Array).toString('utf8');
        const messages = text.split('\n\n');
        text = messages.pop() ?? '';
        for (const message of messages) heard.push(JSON.parse(message.replace('data: ', '')) as WorldState);
      }
    })().catch(() => {});
    await eventually(() => heard.length > 0);
    const task = sandbox.world.hubex.createTask({ notes: 'Сама по себе' });
    await eventually(() => heard.at(-1)?.hubex.tasks.some(({ id, mark }) => id === task.id && mark?.how === 'created'));
    stop.abort();
    await reading;
  });

  test('refuses what makes no sense, in words', async () => {
    const { ask } = sandbox;
    const id = (await sandbox.state()).bitrix24.deals[0]?.id ?? 0;
    expect(await ask('POST', `/api/deals/${id}/move`, { stage: 'NO_SUCH' })).toMatchObject({ status: 400 });
    expect(await ask('POST', '/api/deals/999999/move', { stage: 'C1:NEW' })).toMatchObject({
      status: 400,
      body: { error: 'Element not found' },
    });
    expect((await ask('POST', '/api/tasks/999999/complete', { comment: '', cost: null })).status).toBe(404);
    expect((await ask('POST', '/api/form', { name: '', phone: '', message: '' })).status).toBe(400);
    expect((await ask('PUT', '/api/moods/nobody', { mood: 'down' })).status).toBe(400);
    const { url } = sandbox;
    // What a page of another site could send without a question.
    const foreign = await fetch(`${url}/api/moods/hubex`, { method: 'PUT', body: '{"mood":"down"}' });
    expect(foreign.status).toBe(415);
    expect((await fetch(`${url}/..%2fdemo.yaml`)).status).toBe(404);
    expect((await fetch(`${url}/words.js`)).headers.get('content-type')).toContain('javascript');
  });
});

describe('the state', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mostik-sandbox-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('outlives the process, and new numbers go on after the old ones', async () => {
    const file = join(folder, 'deep', 'sandbox.json');
    const first = await startSandbox(file);
    const form = { title: 'Запомнить', amount: 1, comment: '', address: '', urgency: null };
    const client = { client: 'Пётр', phone: '', email: '' };
    const deal = madeId(await first.ask('POST', '/api/deals', { ...form, ...client, pipeline: 1 }));
    const task = first.world.hubex.createTask({ notes: 'Запомнить' });
    const lead = { contact: 'Запомнить', account: '', mobilePhone: '', email: '', commentary: '' };
    await first.ask('POST', '/api/creatio/leads', lead);
    const [old] = first.world.bpmonline.listContacts();
    await first.ask('PATCH', `/api/bpmonline/contacts/${old?.id}`, { notes: 'Запомнить' });
    await first.ask('POST', `/api/tasks/${task.id}/complete`, { comment: 'Готово', cost: 10 });
    // Written a moment after the change: a killed process keeps it, too.
    await eventually(async () => (await readFile(file, 'utf8')).includes('Готово'));
    const before = await first.state();
    await first.stop();

    const second = await startSandbox(file);
    try {
      const after = await second.state();
      expect(after.bitrix24.deals).toEqual(before.bitrix24.deals.map((deal) => ({ ...deal, mark: null })));
      expect(after.hubex.tasks).toEqual(before.hubex.tasks.map((one) => ({ ...one, mark: null })));
      expect(after.creatio.leads[0]).toMatchObject({ contact: 'Запомнить' });
      expect(after.creatio).toEqual(before.creatio);
      expect(after.bpmonline).toEqual(before.bpmonline);
      const again = madeId(await second.ask('POST', '/api/deals', { ...form, ...client, pipeline: 1 }));
      expect(again).toBeGreaterThan(deal);
      expect(second.world.hubex.createTask({ notes: 'Новая' }).id).toBeGreaterThan(task.id);
    } finally {
      await second.stop();
    }
  });

  test('a broken file is told instead of being overwritten', async () => {
    const file = join(folder, 'broken.json');
    await writeFile(file, '{"format":1}');
    await expect(startWorld({ port: 0, stateFile: file })).rejects.toThrow(file);
    expect(await readFile(file, 'utf8')).toBe('{"format":1}');
  });
});
