import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { StandInRequest } from '../../kit/testing/stand-in.ts';
import { eventually } from '../testing/index.ts';
import { type Flow, flowsApi, pairsApi } from './contract.ts';
import { dropPair, findPair } from './pairs/pairs.ts';
import { holdCalls, isTaskCreate } from './testing/faults.ts';
import { type Office, openOffice } from './testing/office.ts';

const template = (text: string) => ({ kind: 'template', text });

/** Nobody but the pair knows which task is the deal's: the rules have no keys. */
describe('one record over there for one here', () => {
  let office: Office;
  const started: Flow[] = [];
  beforeAll(async () => {
    office = await openOffice();
  });
  afterEach(async () => {
    for (const { id } of started.splice(0)) await office.server.call(flowsApi.stopFlow, { params: { id } });
  });
  afterAll(() => office.stop());

  const task = (notes: string, change: Record<string, unknown> = {}) => ({
    id: 'a1',
    connection: office.connections.hubex,
    action: 'task.create',
    mapping: { taskType: { kind: 'constant', value: { id: '1', label: '' } }, notes: template(notes) },
    duplicates: { mode: 'upsert', keys: [] },
    ...change,
  });
  async function start(event: string, ...steps: Record<string, unknown>[]): Promise<Flow> {
    const trigger = { connection: office.connections.bitrix24, trigger: `deal.${event}`, mode: 'realTime' };
    const flow = await office.startFlow(event, { trigger, steps });
    started.push(flow);
    await office.askAgain();
    return flow;
  }
  const deal = (title: string) => office.bitrix24.createDeal({ title, stageId: 'C1:NEW', categoryId: 1 }).id;
  const isTaskUpdate = ({ method, path }: StandInRequest) => method !== 'GET' && /\/Tasks\/\d+/i.test(path);
  const listPairs = async (flow: Flow, record: number) =>
    (
      await office.server.call(pairsApi.listPairs, {
        params: { id: flow.id },
        query: { record: String(record), limit: 10 },
      })
    ).items;
  const tasks = (notes: string) => office.hubex.listTasks().filter((one) => one.notes === notes);

  it('when two flows take the record at the same moment', async () => {
    await start('created', task('{{ trigger.title }}'));
    await start('changed', task('{{ trigger.title }}'));
    const letGo = holdCalls(office.hubex, isTaskCreate, 300);
    office.bitrix24.editDeal(deal('Двойная'), { comments: 'сразу' });
    await office.settle();
    letGo();
    await office.askAgain();
    expect(tasks('Двойная')).toHaveLength(1);
  });

  it('is forgotten when a person unlinks it, also while a run has it in hand', async () => {
    const flow = await start('createdOrChanged', task('{{ trigger.comments }}'));
    const id = office.bitrix24.createDeal({ title: 'Развязать', stageId: 'C1:NEW', categoryId: 1, comments: 'раз' }).id;
    await office.settle();
    const pairs = async () => (await listPairs(flow, id)).map((pair) => pair.id);
    const [pair = ''] = await pairs();
    const letGo = holdCalls(office.hubex, isTaskUpdate, 1000);
    const updates = () => office.hubex.requests.filter(isTaskUpdate).length;
    const before = updates();
    office.bitrix24.editDeal(id, { comments: 'два' });
    await eventually(() => updates() > before);
    await office.server.call(pairsApi.unlinkPairs, { params: { id: flow.id }, body: { pairs: [pair] } });
    await office.settle();
    letGo();
    expect(tasks('два')).toHaveLength(1);
    expect(await pairs()).toEqual([]);
  });

  it('is not forgotten for a record that is gone when the pair has got another one meanwhile', async () => {
    const { ctx } = office.server;
    const from = { connectionId: office.connections.bitrix24, recordType: 'deal', recordId: '77' };
    const to = { toConnection: office.connections.hubex, toType: 'task' };
    await ctx.pool.query(
      `insert into pairs (source_connection, source_type, source_id, target_connection, target_type, target_id)
       values ($1, 'deal', '77', $2, 'task', 'gone')`,
      [from.connectionId, to.toConnection],
    );
    const found = await findPair(ctx, { from, ...to });
    if (!found) throw new Error('no pair');
    await ctx.pool.query(`update pairs set target_id = 'new' where source_id = '77'`);
    await dropPair(ctx, { ...found, from });
    const there = await findPair(ctx, { from, ...to });
    expect(there).toMatchObject({ recordId: 'new' });
    await dropPair(ctx, { pairId: found.pairId, recordId: 'new', from });
    expect(await findPair(ctx, { from, ...to })).toBeNull();
  });

  describe('for each of two steps that make records of one type', () => {
    const called = (phone: string) =>
      [...office.hubex.tenant.contacts.values()].filter((contact) => contact.phone === phone);
    const contact = (id: string, fullName: string, keys: unknown[]) => ({
      id,
      connection: office.connections.hubex,
      action: 'contact.create',
      mapping: { fullName: template(fullName), phone: template('{{ trigger.comments }}') },
      duplicates: { mode: 'upsert', keys },
    });

    it('the second does not write over what the first made', async () => {
      await start('created', task('Монтаж {{ trigger.title }}'), task('Проверка {{ trigger.title }}', { id: 'a2' }));
      deal('на двоих');
      await office.settle();
      expect(tasks('Монтаж на двоих')).toHaveLength(1);
      expect(tasks('Проверка на двоих')).toHaveLength(1);
    });

    it('the second goes by its keys, and past the record of the first', async () => {
      const byPhone = [{ field: 'phone', template: '{{ trigger.comments }}' }];
      await start(
        'createdOrChanged',
        contact('a1', 'Первый {{ trigger.title }}', []),
        contact('a2', 'Второй {{ trigger.title }}', byPhone),
      );
      const phone = '+79260000017';
      const names = () => called(phone).map(({ fullName }) => fullName);
      const { id } = office.bitrix24.createDeal({ title: 'раз', stageId: 'C1:NEW', categoryId: 1, comments: phone });
      await office.settle();
      expect(names()).toEqual(['Первый раз', 'Второй раз']);
      office.bitrix24.editDeal(id, { title: 'два' });
      await office.settle();
      expect(names()).toEqual(['Первый два', 'Второй два']);
    });

    it('the second says that it has nothing to find its own by when changes may go on coming', async () => {
      const keys = [{ field: 'erpID', template: '{{ trigger.id }}' }];
      const second = task('Два {{ trigger.title }}', { id: 'a2', duplicates: { mode: 'upsert', keys } });
      const flow = await start('createdOrChanged', task('Раз {{ trigger.title }}'), second);
      // As a flow that was saved before saving asked for it. A version of its own: no plan of it is known.
      await office.server.ctx.pool.query(
        `with version as (
           insert into flow_versions (flow_id, number, definition, saved_by)
           select flow_id, number + 1, jsonb_set(definition, '{steps,1,duplicates,keys}', '[]'), saved_by
           from flow_versions where flow_id = $1 returning id)
         update flows set version_id = version.id from version where flows.id = $1`,
        [flow.id],
      );
      deal('без поля');
      await office.settle();
      const [run] = await office.runsOf(flow);
      expect(run).toMatchObject({ state: 'rejected', reason: { code: 'duplicate.no_key' } });
      expect([tasks('Раз без поля').length, tasks('Два без поля').length]).toEqual([1, 0]);
    });
  });

  it('a step that only finds a record does not take it for the pair', async () => {
    const other = office.hubex.createTask({ taskTypeID: 1, requestMethodID: 1, erpID: 'найти' } as never);
    const flow = await start('created', {
      id: 'a1',
      connection: office.connections.hubex,
      action: 'task.find',
      duplicates: { mode: 'update', keys: [{ field: 'erpID', template: '{{ trigger.title }}' }] },
    });
    const id = deal('найти');
    await office.settle();
    const [run] = await office.runsOf(flow);
    expect(run?.state).toBe('done');
    const [found] = (await office.run(run?.id ?? '')).trace.flatMap((line) => line.found ?? []);
    expect(found?.id).toBe(String(other.id));
    expect(await listPairs(flow, id)).toEqual([]);
  });

  it('is not said to be looked for when all fields to look by are empty', async () => {
    const keys = [{ field: 'erpID', template: '{{ trigger.comments }}' }];
    const flow = await start('created', task('{{ trigger.title }}', { duplicates: { mode: 'skip', keys } }));
    deal('без ключа');
    await office.settle();
    const run = await office.run((await office.runsOf(flow))[0]?.id ?? '');
    expect(run.trace.find(({ kind }) => kind === 'duplicate')?.why).toMatchObject({
      ru: expect.stringContaining('поиска не было'),
    });
    expect(tasks('без ключа')).toHaveLength(1);
  });
});
