import { describe, expect, test } from 'vitest';
import { task } from './records/task.ts';
import { connectTo, failureOf, openHubex, reader } from './testing/bench.ts';
import { taskCompleted } from './triggers/task-completed.ts';

describe('one odd value', () => {
  test.each([
    ['a place without id', { location: { address: 'Кирочная, 70' } }],
    ['a name that is a list', { company: { id: 17, name: ['Зерно'] } }],
    ['notes that are an object', { notes: { text: 'x' } }],
    ['a cost in words', { actualCost: 'по договору' }],
    ['times that are a text', { timesheet: 'нет' }],
    ['custom fields that are a map', { attribute: { 13: 'Д-15' } }],
  ])('costs neither its task nor another: %s', async (_, odd) => {
    const { standIn, api } = await openHubex();
    const ids = [standIn.createTask({ notes: 'x' }).id, standIn.createTask({ notes: 'y' }).id].map(String);
    const cursor = (await task.changes?.(api, { cursor: null, since: new Date(0), settings: {} }))?.next ?? null;
    const row = { number: 'T-1', erpID: 'deal-1', ...odd };
    const body = { [String(ids[0])]: row, [String(ids[1])]: { number: 'T-2' } };
    standIn.faults.once.push({ status: 206, headers: { 'content-range': 'items=1-2/2' }, body });
    const page = (await task.changes?.(api, { cursor, settings: {} })) ?? expect.fail();
    expect(page.items.map(({ id }) => id)).toEqual(ids);
    expect(page.items[0]?.values).toMatchObject({ number: 'T-1', erpID: 'deal-1' });
    standIn.faults.once.push({ status: 200, body: row });
    expect((await task.get?.(api, '1'))?.values).toMatchObject({ number: 'T-1', erpID: 'deal-1' });
  });

  test('among custom fields leaves the others', async () => {
    const { standIn, api } = await openHubex();
    await api.countTasks();
    const attribute = [{ value: 'без поля' }, null, { attribute: { id: 13, name: 'Номер договора' }, value: 'Д-15' }];
    standIn.faults.once.push({ status: 200, body: { number: 'T-1', attribute } });
    expect((await task.get?.(api, '1'))?.values).toMatchObject({ attribute_13: 'Д-15' });
  });

  test.each([
    ['1500.00', 1500],
    ['1 500,50', 1500.5],
    [1500.5, 1500.5],
  ])('is a number all the same: %s', async (actualCost, expected) => {
    const { standIn, api } = await openHubex();
    await api.countTasks();
    standIn.faults.once.push({ status: 200, body: { number: 'T-1', actualCost } });
    expect((await task.get?.(api, '1'))?.values.actualCost).toBe(expected);
  });

  test('in the life of a token does not keep us out', async () => {
    const { standIn } = await openHubex();
    for (const expires_in of ['1800', 'half an hour', null]) {
      standIn.faults.once.push({ status: 201, body: { access_token: 'a.b.c', expires_in } });
      expect(await connectTo(standIn).token()).toBe('a.b.c');
    }
  });
});

describe('a row that cannot be read', () => {
  test('is a happening, loaded by its id', async () => {
    const { standIn, api } = await openHubex();
    const cursor = (await task.changes?.(api, { cursor: null, settings: {} }))?.next ?? null;
    standIn.faults.once.push({ status: 206, headers: { 'content-range': 'items=1-1/1' }, body: { 5150: null } });
    expect((await task.changes?.(api, { cursor, settings: {} }))?.items).toMatchObject([{ id: '5150', values: {} }]);
  });

  test('of a completed task is looked up on its card', async () => {
    const { standIn, api } = await openHubex();
    const { id } = standIn.createTask({ notes: 'Сделать' });
    const completed = await reader(api, taskCompleted);
    await standIn.completeTask(id);
    const list = api.listTasks;
    api.listTasks = async (query, window) => {
      const page = await list(query, window);
      return { ...page, rows: page.rows.map((row) => ({ ...row, row: { number: 'T-1', timesheet: 'нет' } })) };
    };
    expect(await completed.pass()).toMatchObject([{ recordId: String(id) }]);
  });

  test('without an id is no list', async () => {
    const { standIn, api } = await openHubex();
    await api.countTasks();
    for (const body of [{ code: 'X', message: 'сбой' }, [{ number: 'T-1' }]]) {
      standIn.faults.once.push({ status: 200, body });
      expect(await failureOf(api.listTasks({}, { from: 1, till: 100 }))).toMatchObject({
        code: 'hubex.unexpected_answer',
      });
    }
  });
});
