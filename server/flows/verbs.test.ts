import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../testing/index.ts';
import { type Flow, flowDraft, flowsApi } from './contract.ts';
import { pauseFlow } from './states.ts';
import { dealToItem } from './testing/drafts.ts';
import { type Office, openOffice } from './testing/office.ts';

let office: Office;
beforeAll(async () => {
  office = await openOffice();
});
afterAll(() => office.stop());

const params = (flow: Flow) => ({ id: flow.id });
const drawUp = (flow: Flow, draft: Record<string, unknown>) =>
  office.server.call(flowsApi.patchFlow, { params: params(flow), body: { draft: flowDraft.parse(draft) } });
const save = (flow: Flow) => office.server.call(flowsApi.saveFlow, { params: params(flow) });
const read = (flow: Flow) => office.server.call(flowsApi.getFlow, { params: params(flow) });
const made = (name: string) => office.target.items.filter((item) => item.name === name).length;
const rowOf = async (flow: Flow) => {
  const { rows } = await office.server.ctx.pool.query<{ state: string; active: boolean; trigger_key: string }>(
    'select f.state, t.active, t.trigger_key from flows f join triggers t on t.flow_id = f.id where f.id = $1',
    [flow.id],
  );
  return rows[0];
};

/** Holds the flow's row while `first` and then `second` come to it, and lets them go on in that order. */
async function oneAfterTheOther(flow: Flow, first: () => Promise<unknown>, second: () => Promise<unknown>) {
  const { pool } = office.server.ctx;
  const client = await pool.connect();
  const waiting = async (count: number) => {
    const { rows } = await pool.query<{ count: string }>(
      `select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    return Number(rows[0]?.count) >= count;
  };
  await client.query('begin');
  const both: Promise<unknown>[] = [];
  try {
    await client.query('select 1 from flows where id = $1 for update', [flow.id]);
    both.push(first());
    await eventually(() => waiting(1));
    both.push(second());
    await eventually(() => waiting(2));
  } finally {
    await client.query('commit');
    client.release();
  }
  await Promise.all(both);
}

it('a stop that came while a version was being saved stands', async () => {
  const flow = await office.startFlow('Остановлена', dealToItem(office));
  await drawUp(flow, dealToItem(office, { trigger: { everyMinutes: 7 } }));
  await oneAfterTheOther(
    flow,
    () => office.server.call(flowsApi.stopFlow, { params: params(flow) }),
    () => save(flow),
  );
  expect(await rowOf(flow)).toMatchObject({ state: 'stopped', active: false });
  expect((await read(flow)).version?.number).toBe(2);
});

it('a pause that came while a version was being saved stands', async () => {
  const flow = await office.startFlow('Приостановлена', dealToItem(office));
  await drawUp(flow, dealToItem(office, { trigger: { everyMinutes: 7 } }));
  const reason = { code: 'brake', text: 'Too many.' };
  await oneAfterTheOther(
    flow,
    () => pauseFlow(office.server.ctx, { flowId: flow.id, reason }),
    () => save(flow),
  );
  expect(await rowOf(flow)).toMatchObject({ state: 'paused', active: false });
});

it('what was typed while a version was being saved is not taken back', async () => {
  const flow = await office.startFlow('Печатают дальше', dealToItem(office));
  await drawUp(flow, dealToItem(office, { trigger: { everyMinutes: 7 } }));
  const newer = dealToItem(office, { trigger: { once: true } });
  await oneAfterTheOther(
    flow,
    () => drawUp(flow, newer),
    () => save(flow),
  );
  expect((await read(flow)).draft.trigger?.once).toBe(true);
});

it('a save that breaks half-way is no save, and the next one is whole', async () => {
  const flow = await office.startFlow('Сбой', dealToItem(office, { trigger: { trigger: 'deal.changed' } }));
  const { pool } = office.server.ctx;
  await pool.query(
    `create function boom() returns trigger language plpgsql as $$ begin raise exception 'crash'; end $$`,
  );
  await pool.query('create trigger boom before update on triggers for each row execute function boom()');
  await drawUp(flow, dealToItem(office, { trigger: { trigger: 'deal.created' } }));
  await expect(save(flow)).rejects.toMatchObject({ status: 500 });
  expect((await read(flow)).version?.number).toBe(1);
  await pool.query('drop trigger boom on triggers');
  await save(flow);
  expect(await rowOf(flow)).toMatchObject({ state: 'waits', trigger_key: 'deal.created' });
  office.bitrix24.createDeal({ title: 'После сбоя', stageId: 'C1:NEW', categoryId: 1 });
  await office.settle();
  expect(made('После сбоя')).toBe(1);
});

const entered = (settings: Record<string, string>) =>
  dealToItem(office, { trigger: { trigger: 'deal.enteredStage', mode: 'poll', settings } });
/** In a moment when the portal calls nobody. */
function enterUnheard(title: string): void {
  const { portal } = office.bitrix24;
  const { tell } = portal;
  portal.tell = () => {};
  const { id } = office.bitrix24.createDeal({ title, stageId: 'C1:NEW', categoryId: 1 });
  office.bitrix24.moveDeal(id, 'C1:EXECUTING');
  portal.tell = tell;
}

it('another setting of the same event loses nothing that came since the last ask', async () => {
  const flow = await office.startFlow('Настройка', entered({ stage: 'C1:UC_SERVICE' }));
  enterUnheard('Между опросами');
  await drawUp(flow, entered({}));
  await save(flow);
  await office.askAgain();
  expect(made('Между опросами')).toBeGreaterThan(0);
});

it('"catch up" keeps its word when a setting was changed meanwhile, and is not offered for another event', async () => {
  const flow = await office.startFlow('Догнать', entered({ stage: 'C1:UC_SERVICE' }));
  await office.server.call(flowsApi.stopFlow, { params: params(flow) });
  enterUnheard('Пока стояла');
  await drawUp(flow, entered({}));
  const start = (missed?: 'catchUp') =>
    office.server.call(flowsApi.startFlow, { params: params(flow), body: missed ? { missed } : {} });
  await expect(start()).rejects.toMatchObject({ problem: { code: 'flow.missed' } });
  await start('catchUp');
  await office.askAgain();
  expect(made('Пока стояла')).toBeGreaterThan(0);

  await office.server.call(flowsApi.stopFlow, { params: params(flow) });
  await drawUp(flow, dealToItem(office));
  expect((await read(flow)).missed).toBe(0);
  await start();
});
