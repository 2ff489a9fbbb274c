import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { noFaults } from '../../kit/testing/stand-in.ts';
import { type AttentionGroup, attentionApi, type Cause, type Flow, flowDraft, flowsApi } from './contract.ts';
import { aCall, callToItem, postCall } from './testing/drafts.ts';
import { failNext, isItemCreate } from './testing/faults.ts';
import { type Office, openOffice } from './testing/office.ts';

const template = (text: string) => ({ kind: 'template', text });
const both = (text: unknown) => JSON.stringify(text);

describe('runs that need a person', () => {
  let office: Office;
  const started: Flow[] = [];

  beforeAll(async () => {
    office = await openOffice();
    await postCall(office, { ...aCall, amount: 1 });
  });
  afterEach(async () => {
    Object.assign(office.target.faults, noFaults());
    for (const { id } of started.splice(0)) await office.server.call(flowsApi.stopFlow, { params: { id } });
  });
  afterAll(() => office.stop());

  /** Its amount must be a number: a call with words there is refused before anything is sent. */
  const strict = (mapping: Record<string, unknown> = {}) =>
    callToItem(office, {
      step: { mapping: { name: template('{{ trigger.name }}'), amount: template('{{ trigger.amount }}'), ...mapping } },
    });
  async function start(name: string): Promise<Flow> {
    const flow = await office.startFlow(name, strict());
    started.push(flow);
    return flow;
  }
  async function mend(flow: Flow): Promise<void> {
    const params = { id: flow.id };
    const draft = flowDraft.parse(strict({ amount: { kind: 'constant', value: 5 } }));
    await office.server.call(flowsApi.patchFlow, { params, body: { draft } });
    await office.server.call(flowsApi.saveFlow, { params });
  }
  async function post(calls: Record<string, unknown>[]): Promise<void> {
    await Promise.all(calls.map((call) => postCall(office, { ...aCall, ...call })));
    await office.settle();
  }
  const groupsOf = async (flow: Flow) =>
    (await office.server.call(attentionApi.listAttention)).filter((group) => group.flow === flow.id);
  const oneGroup = async (flow: Flow) => (await groupsOf(flow))[0] as AttentionGroup;
  const causeOf = ({ flow, state, code, field }: AttentionGroup): Cause => ({ flow, state, code, field });
  const rerunMany = (cause: Cause, after?: string) =>
    office.server.call(attentionApi.rerunMany, { body: { cause, ...(after ? { after } : {}) } });
  const itemsCalled = (name: string) => office.target.items.filter((item) => item.name === name);

  it('are grouped by what went wrong and the field at fault, the largest group first', async () => {
    const flow = await start('Группы');
    failNext(office.target, isItemCreate, { status: 422, body: { error: 'name is taken' } });
    await post([{ name: 'Занято', amount: 1 }]);
    await post(['много', 'мало', 'нисколько'].map((amount) => ({ name: `Сумма ${amount}`, amount })));
    const groups = await groupsOf(flow);
    expect(groups).toMatchObject([
      { state: 'rejected', code: 'mapping', field: 'amount', count: 3, flowName: 'Группы' },
      { state: 'rejected', field: null, count: 1 },
    ]);
    expect(groups[0]?.runs).toHaveLength(3);
    expect(groups[1]?.runs).toHaveLength(1);
    expect(both(groups[0]?.text)).toContain('amount');
    const [first, last] = [groups[0]?.firstAt ?? '', groups[0]?.lastAt ?? ''];
    expect(Date.parse(first)).toBeLessThanOrEqual(Date.parse(last));
  });

  it('are all done when the mapping is mended and the group is run again', async () => {
    const flow = await start('Починка');
    const names = ['Первая', 'Вторая', 'Третья'];
    await post(names.map((name) => ({ name, amount: 'много' })));
    const group = await oneGroup(flow);
    const count = async () => (await office.server.call(attentionApi.countAttention)).count;
    const before = await count();
    expect(before).toBeGreaterThanOrEqual(3);
    await mend(flow);
    expect(await rerunMany(causeOf(group))).toEqual({ taken: 3, next: null });
    await office.settle();
    expect(await groupsOf(flow)).toEqual([]);
    expect(await count()).toBe(before - 3);
    const states = (await office.runsOf(flow)).map(({ state }) => state).sort();
    expect(states).toEqual(['done', 'done', 'done', 'rejected', 'rejected', 'rejected']);
    for (const name of names) expect(itemsCalled(name)).toMatchObject([{ amount: 5 }]);
  });

  it('make one rerun each when two people take the group at once', async () => {
    const flow = await start('Двойной щелчок');
    await post([1, 2, 3, 4, 5].map((number) => ({ name: `Двойной ${number}`, amount: 'много' })));
    const cause = causeOf(await oneGroup(flow));
    await mend(flow);
    const answers = await Promise.all([rerunMany(cause), rerunMany(cause)]);
    expect(answers.reduce((sum, { taken }) => sum + taken, 0)).toBe(5);
    await office.settle();
    // A click that comes late finds nothing to take.
    expect(await rerunMany(cause)).toEqual({ taken: 0, next: null });
    expect((await office.runsOf(flow)).filter(({ state }) => state === 'done')).toHaveLength(5);
  });

  it('are taken to the end of the group, though they fail again meanwhile', async () => {
    const flow = await start('Снова и снова');
    const count = 120;
    await post(Array.from({ length: count }, (_, number) => ({ name: `Снова ${number}`, amount: 'много' })));
    const cause = causeOf(await oneGroup(flow));
    const first = await rerunMany(cause);
    await office.settle();
    const second = await rerunMany(cause, first.next ?? '');
    expect([first.taken, second.taken, second.next]).toEqual([100, 20, null]);
    await office.settle();
    expect((await oneGroup(flow)).count).toBe(count);
  });

  it('leave the list with the reason somebody gave, which stays in the history', async () => {
    const flow = await start('Снятие');
    await post([{ name: 'Снятая', amount: 'много' }]);
    const group = await oneGroup(flow);
    const answer = await office.server.call(attentionApi.dismissMany, {
      body: { cause: causeOf(group), reason: 'Сумму внесли вручную' },
    });
    expect(answer).toEqual({ taken: 1, next: null });
    expect(await groupsOf(flow)).toEqual([]);
    const run = await office.run(group.runs[0]?.id ?? '');
    expect(run.state).toBe('rejected');
    const said = both(run.trace.at(-1)?.why);
    expect(said).toContain('Сумму внесли вручную');
    expect(said).toContain('API dismissed it');
    await expect(
      office.server.call(attentionApi.dismissMany, { body: { cause: causeOf(group), reason: '  ' } }),
    ).rejects.toMatchObject({ status: 422 });
  });

  it('show what would be sent now beside what was sent then, and send nothing', async () => {
    const flow = await start('Тогда и сейчас');
    failNext(office.target, isItemCreate, { status: 422, body: { error: 'no' } });
    await post([{ name: 'Тогда', amount: 3 }]);
    const id = (await oneGroup(flow)).runs[0]?.id ?? '';
    await mend(flow);
    const preview = (version: 'same' | 'current') =>
      office.server.call(attentionApi.previewRerun, { params: { id }, body: { version } });
    const now = await preview('current');
    expect(now.filter.passed).toBe(true);
    expect(now.decisions).toMatchObject([{ step: 'a1', what: 'create' }]);
    expect(now.values).toMatchObject([
      { key: 'name', before: 'Тогда', after: 'Тогда' },
      { key: 'amount', before: 3, after: 5 },
    ]);
    expect((await preview('same')).values).toMatchObject([{}, { key: 'amount', before: 3, after: 3 }]);
    expect(itemsCalled('Тогда')).toEqual([]);
    expect(await office.runsOf(flow)).toHaveLength(1);
  });

  it('say before they are run again that they would be refused again', async () => {
    const flow = await start('Снова откажет');
    await post([{ name: 'Та же', amount: 'много' }]);
    const id = (await oneGroup(flow)).runs[0]?.id ?? '';
    const { decisions, values } = await office.server.call(attentionApi.previewRerun, { params: { id }, body: {} });
    expect(decisions).toMatchObject([{ step: 'a1', what: 'stop' }]);
    const amount = values.find(({ key }) => key === 'amount');
    expect(amount).not.toHaveProperty('after');
    expect(both(amount?.problem)).toContain('много');
  });

  it('do not keep the rest of the history from being run again by filter', async () => {
    const flow = await start('По условию');
    await post([
      { name: 'Одна', amount: 'много' },
      { name: 'Другая', amount: 2 },
    ]);
    await mend(flow);
    const body = { filter: { flow: flow.id, states: ['rejected' as const, 'done' as const] } };
    expect(await office.server.call(attentionApi.rerunMany, { body })).toEqual({ taken: 2, next: null });
    await office.settle();
    // What was run again before is passed over; what came of it is new.
    expect(await office.server.call(attentionApi.rerunMany, { body })).toEqual({ taken: 2, next: null });
    await office.settle();
    expect(itemsCalled('Одна')).toHaveLength(1);
    expect(itemsCalled('Другая')).toHaveLength(1);
  });
});
