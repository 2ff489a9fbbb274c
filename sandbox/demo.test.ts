import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectionsApi } from '../server/connections/contract.ts';
import { flowsApi, runsApi } from '../server/flows/contract.ts';
import {
  type Call,
  callerOf,
  eventually,
  freePort,
  isFree,
  type ServerProcess,
  spawnServer,
} from '../server/testing/index.ts';
import type { WorldState } from './world.ts';

/** The real demo: one process with everything, its own PostgreSQL, and the outside world as its child. */
let folder: string;
let demo: ServerProcess;
let sandbox: string;
let call: Call;

const world = async (): Promise<WorldState> => (await (await fetch(`${sandbox}/api/world`)).json()) as WorldState;

async function ask(path: string, body: unknown): Promise<void> {
  const answer = await fetch(`${sandbox}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(200);
}

const move = (id: number, stage: string) => ask(`/api/deals/${id}/move`, { stage });
const tasksOf = async (deal: number) => (await world()).hubex.tasks.filter(({ erpID }) => erpID === String(deal));
const dealOf = async (id: number) => (await world()).bitrix24.deals.find((deal) => deal.id === id);

/** When the demo says that it is ready; it was started for the nth time. */
const ready = (times: number) =>
  eventually(
    () => {
      if (demo.output().includes('cannot start')) throw new Error(demo.output());
      return demo.output().split('HubEx появится заявка').length > times;
    },
    { within: 60_000, what: `the demo was not ready:\n${demo.output()}` },
  );

const dealFlow = 'Сделка на стадии «Сервисная служба» → заявка HubEx';

/** States of all runs of the way there, oldest first. */
async function runsThere(): Promise<string[]> {
  const flow = (await call(flowsApi.listFlows)).find(({ name }) => name === dealFlow);
  const { items } = await call(runsApi.listRuns, { query: { flow: flow?.id } });
  return items.map(({ state }) => state).reverse();
}

/** Does something that touches a deal, and waits until the way there has decided about it. */
async function decided(work: () => Promise<unknown>): Promise<string | undefined> {
  const before = (await runsThere()).length;
  await work();
  const open = ['queued', 'working', 'calling', 'waiting'];
  const states = await eventually(
    async () => {
      const now = await runsThere();
      return now.length > before && !now.some((state) => open.includes(state)) ? now : null;
    },
    { within: 20_000, what: 'no run was decided' },
  );
  return states.at(-1);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mostik-demo-'));
  const port = await freePort(6);
  sandbox = `http://127.0.0.1:${port}`;
  const key = 'demo-test-key-of-32-characters-00';
  const env = { MOSTIK_DATA_DIR: folder, SANDBOX_PORT: String(port), MOSTIK_API_KEY: key, MOSTIK_LOG_LEVEL: 'error' };
  demo = await spawnServer(env, { command: 'demo' });
  call = callerOf(demo.url, { authorization: `Bearer ${key}` });
  await ready(1);
}, 70_000);

afterAll(async () => {
  await demo?.kill('SIGTERM');
  await rm(folder, { recursive: true, force: true });
}, 30_000);

test('the terminal tells where to go and how to get in', async () => {
  expect(demo.output()).toContain(demo.url);
  expect(demo.output()).toContain(sandbox);
  const [, email = '', password = ''] = /(\S+@\S+) {2}(\S+)/.exec(demo.output()) ?? [];
  const answer = await fetch(`${demo.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: demo.url },
    body: JSON.stringify({ email, password }),
  });
  expect(answer.status).toBe(200);
});

test('the flows are there: all but one are started, and that of bpm’online asks by itself', async () => {
  const flows = await call(flowsApi.listFlows);
  expect(Object.fromEntries(flows.map(({ name, state }) => [name, state]))).toEqual({
    [dealFlow]: 'waits',
    'Заявка HubEx выполнена → сделка': 'waits',
    'Форма на сайте → заявка HubEx': 'stopped',
    'Контакт Битрикс24 → контакт Creatio': 'waits',
    'Контакт Creatio → контакт Битрикс24': 'waits',
    'Обращение Creatio «Передано инженеру» → заявка HubEx': 'waits',
    'Заявка HubEx выполнена → обращение Creatio': 'waits',
    'Форма на сайте → лид Creatio': 'waits',
    'Контакт bpm’online изменён → контакт Битрикс24': 'works',
  });
  for (const connection of await call(connectionsApi.listConnections)) {
    const checked = await call(connectionsApi.checkConnection, { params: { id: connection.id } });
    expect(checked).toMatchObject({ ok: true, failure: null });
  }
});

test('a deal becomes one task, and the completed task moves the deal and tells what was done', async () => {
  const deal = (await world()).bitrix24.deals.find(({ title }) => title.startsWith('Замена ТЭНа'));
  const id = deal?.id ?? 0;
  expect(await decided(() => move(id, 'C1:EXECUTING'))).toBe('filtered');
  expect(await decided(() => move(id, 'C1:UC_SERVICE'))).toBe('done');
  const task = await eventually(async () => (await tasksOf(id))[0], { within: 20_000, what: 'no task appeared' });
  expect(task).toMatchObject({
    contactPerson: 'Алия Хасанова',
    contactPhone: '+7 912 245-67-89',
    contactEmail: 'hasanova@pelmennaya.example',
    address: expect.stringContaining('Малышева, 36'),
    notes: 'Замена ТЭНа в пароконвектомате\nРаботать после 22:00, когда кухня закрыта.',
    criticality: 'Высокая',
    mark: { how: 'created' },
  });

  expect(await decided(() => move(id, 'C1:EXECUTING'))).not.toBe('done');
  expect(await decided(() => move(id, 'C1:UC_SERVICE'))).toBe('skipped');
  expect(await tasksOf(id)).toHaveLength(1);

  // The stage of the way back begins with the same words: the deal comes round, and makes no second task.
  const completeIt = async () => {
    await ask(`/api/tasks/${task.id}/complete`, { comment: 'Заменил ТЭН', cost: 4500 });
    await eventually(async () => (await dealOf(id))?.stage === 'C1:WON', { within: 20_000, what: 'the deal stayed' });
  };
  expect(await decided(completeIt)).toBe('skipped');
  expect(await tasksOf(id)).toHaveLength(1);

  const moved = await dealOf(id);
  expect(moved).toMatchObject({ cost: 4500, engineerComment: 'Заменил ТЭН', mark: { how: 'changed' } });
  const completed = (await tasksOf(id))[0]?.completed ?? '';
  expect(Math.abs(Date.parse(moved?.finishedAt ?? '') - Date.parse(completed))).toBeLessThan(1000);

  const { items } = await call(runsApi.listRuns, { query: { states: 'rejected,dead,unknown' } });
  expect(items).toEqual([]);
}, 90_000);

test('the form of the site becomes a lead of Creatio, a case becomes a task', async () => {
  await ask('/api/form', { name: 'Дмитрий', phone: '+7 977 302-14-58', message: 'Течёт кран' });
  await eventually(async () => (await world()).creatio.leads[0]?.commentary === 'Течёт кран', {
    within: 20_000,
    what: 'no lead appeared',
  });
  const one = (await world()).creatio.cases.find(({ subject }) => subject === 'Холодильник гудит');
  await ask(`/api/creatio/cases/${one?.id}/move`, { status: 'Передано инженеру' });
  await eventually(async () => (await world()).hubex.tasks.some(({ erpID }) => erpID === one?.number), {
    within: 20_000,
    what: 'no task of the case appeared',
  });
}, 60_000);

test('after a kill everything is as it was and goes on', async () => {
  const before = await world();
  await demo.kill('SIGKILL');
  await eventually(async () => isFree(Number(new URL(sandbox).port)), { what: 'the sandbox lives on' });
  demo.restart();
  await ready(2);
  const strip = ({ bitrix24, hubex, creatio }: WorldState) => ({
    leads: creatio.leads.map(({ name, commentary }) => ({ name, commentary })),
    deals: bitrix24.deals.map((deal) => ({ ...deal, mark: null })),
    tasks: hubex.tasks.map((task) => ({ ...task, mark: null })),
  });
  expect(strip(await world())).toEqual(strip(before));
  expect(await call(flowsApi.listFlows)).toHaveLength(9);

  const deal = before.bitrix24.deals.find(({ title }) => title.startsWith('Тестомес'));
  await move(deal?.id ?? 0, 'C1:UC_SERVICE');
  await eventually(async () => (await tasksOf(deal?.id ?? 0)).length === 1, { within: 20_000 });
}, 120_000);

test('stops when asked', async () => {
  expect(await demo.kill('SIGTERM')).toBe(0);
  expect(await isFree(Number(new URL(sandbox).port))).toBe(true);
}, 30_000);
