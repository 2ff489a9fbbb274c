import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Flow, flowsApi } from './contract.ts';
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
});
