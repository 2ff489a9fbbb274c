import { describe, expect, test } from 'vitest';
import type { Cursor } from '../../kit/record-type.ts';
import type { TriggerItem } from '../../kit/trigger.ts';
import { task } from './records/task.ts';
import { startHubexStandIn } from './stand-in.ts';
import { connectTo, openHubex, reader } from './testing/bench.ts';
import { taskCompleted } from './triggers/task-completed.ts';
import { taskEnteredStage } from './triggers/task-entered-stage.ts';

const minute = 60_000;
const ids = (items: object[]) =>
  items.map((item) => ('recordId' in item ? item.recordId : 'id' in item ? item.id : '')).sort();

describe('changed tasks', () => {
  test('come over several pages, each once', async () => {
    const { standIn, api } = await openHubex();
    const changes = await reader(api, task);
    const made = Array.from({ length: 250 }, (_, n) => String(standIn.createTask({ notes: `Заявка ${n}` }).id));
    expect(ids(await changes.pass())).toEqual(made.sort());
    const ranges = standIn.requests
      .filter(({ query }) => query.has('lastModifiedFrom'))
      .map(({ headers }) => headers.range);
    expect(ranges).toEqual(['items=1-100', 'items=101-200', 'items=201-300']);
    expect(await changes.pass()).toEqual([]);
  });

  test('lose nobody when a row leaves the window between two pages', async () => {
    const { standIn, api } = await openHubex();
    const first = (await task.changes?.(api, { cursor: null, settings: {} }))?.next ?? null;
    const made = Array.from({ length: 150 }, (_, n) => String(standIn.createTask({ notes: `Заявка ${n}` }).id));
    const found = new Set<string>();
    const one = (await task.changes?.(api, { cursor: first, settings: {} })) ?? expect.fail();
    for (const { id } of one.items) found.add(id);
    // The frozen end of the window: what is edited now leaves it, and the rows behind move up.
    standIn.tenant.clock.advance(minute);
    for (const id of made.slice(0, 3)) standIn.editTask(Number(id), { notes: 'Правка' });
    let page = one;
    while (page.more) {
      page =
        (await task.changes?.(api, { cursor: JSON.parse(JSON.stringify(page.next)), settings: {} })) ?? expect.fail();
      for (const { id } of page.items) found.add(id);
    }
    expect([...found].sort()).toEqual(made.sort());
  });

  test('begin at `since` for a backfill', async () => {
    const { standIn, api } = await openHubex();
    const { id } = standIn.createTask({ notes: 'До пуска' });
    const page = await task.changes?.(api, { cursor: null, since: new Date(Date.now() - minute), settings: {} });
    expect(ids(page?.items ?? [])).toEqual([String(id)]);
  });

  test('are found by the sweep when a stage move leaves lastModified alone', async () => {
    const { standIn, api } = await openHubex();
    standIn.settings.lastModifiedMovesOnStage = false;
    const { id } = standIn.createTask({ notes: 'Тихая' });
    standIn.tenant.clock.advance(10 * minute);
    const changes = await reader(api, task);
    await changes.pass();
    await standIn.workTask(id, 'Назначена');
    standIn.tenant.clock.advance(31 * minute);
    expect(ids(await changes.pass())).toEqual([String(id)]);
    expect(await changes.pass()).toEqual([]);
  });

  test('ask for a fresh start when the cursor is not ours', async () => {
    const { api } = await openHubex();
    await expect(task.changes?.(api, { cursor: { page: 2 }, settings: {} })).rejects.toMatchObject({
      kind: 'startOver',
    });
  });
});

describe('task entered stage', () => {
  test('tells every stage on the way, once, with its note', async () => {
    const { standIn, api } = await openHubex();
    const { id } = standIn.createTask({ notes: 'Сделать' });
    standIn.tenant.clock.advance(10 * minute);
    const stages = await reader(api, taskEnteredStage);
    expect(await stages.pass()).toEqual([]);
    standIn.tenant.clock.advance(minute);
    await standIn.workTask(id, 'В работе', { notes: 'Взял инструмент' });
    const items = await stages.pass();
    expect(items).toMatchObject([
      { details: { enteredStage: { id: '2', label: 'Назначена' } } },
      { details: { enteredStage: { id: '3', label: 'Принята' } } },
      {
        recordId: String(id),
        details: { enteredStage: { id: '4', label: 'В работе' }, stageNotes: 'Взял инструмент' },
      },
    ]);
    expect(await stages.pass()).toEqual([]);
  });

  test('is not fired by an edit, and is fired by a return to the stage', async () => {
    const { standIn, api } = await openHubex();
    const { id } = standIn.createTask({ notes: 'Сделать' });
    await standIn.workTask(id, 'Выполнена');
    standIn.tenant.clock.advance(10 * minute);
    const stages = await reader(api, taskEnteredStage, { stage: '4' });
    await stages.pass();
    standIn.tenant.clock.advance(minute);
    standIn.editTask(id, { notes: 'Уточнение' });
    expect(await stages.pass()).toEqual([]);
    standIn.tenant.clock.advance(minute);
    await standIn.workTask(id, 'В работе');
    expect(await stages.pass()).toHaveLength(1);
    standIn.tenant.clock.advance(minute);
    await standIn.completeTask(id);
    standIn.tenant.clock.advance(minute);
    await standIn.workTask(id, 'В работе');
    expect(await stages.pass()).toHaveLength(1);
  });

  test('works without a history and without a moving lastModified', async () => {
    const { standIn, api } = await openHubex();
    standIn.settings.hidesHistory = true;
    standIn.settings.lastModifiedMovesOnStage = false;
    const { id } = standIn.createTask({ notes: 'Сделать' });
    standIn.tenant.clock.advance(10 * minute);
    const stages = await reader(api, taskEnteredStage);
    await stages.pass();
    await standIn.workTask(id, 'Назначена');
    standIn.tenant.clock.advance(31 * minute);
    expect(await stages.pass()).toMatchObject([{ recordId: String(id), details: { enteredStage: { id: '2' } } }]);
    standIn.editTask(id, { notes: 'Уточнение' });
    expect(await stages.pass()).toEqual([]);
  });
});

describe('task completed', () => {
  test.each([true, false])('is told exactly once; lastModified moves: %s', async (moves) => {
    const { standIn, api } = await openHubex();
    standIn.settings.lastModifiedMovesOnStage = moves;
    const { id } = standIn.createTask({ notes: 'Сделать' });
    standIn.tenant.clock.advance(10 * minute);
    const completed = await reader(api, taskCompleted);
    standIn.tenant.clock.advance(minute);
    await standIn.completeTask(id);
    const found = await completed.pass();
    expect(found).toHaveLength(1);
    expect(found).toMatchObject([{ recordId: String(id), key: expect.stringMatching(new RegExp(`^${id}:20`)) }]);
    standIn.tenant.clock.advance(minute);
    standIn.editTask(id, { actualCost: 100 });
    expect(await completed.pass()).toEqual([]);
    standIn.tenant.clock.advance(26 * 60 * minute);
    standIn.editTask(id, { actualCost: 200 });
    expect(await completed.pass()).toEqual([]);
  });

  test('is told at once, though HubEx tells its clock in whole seconds', async () => {
    const { standIn, api } = await openHubex();
    const { id } = standIn.createTask({ notes: 'Сделать' });
    const ask = (cursor: Cursor | null) => taskCompleted.poll?.(api, { cursor, settings: {} }) ?? expect.fail();
    let { next } = await ask(null);
    const { clock } = standIn.tenant;
    const second = Math.ceil(clock.now().getTime() / 1000) * 1000;
    // The last answer came at the end of a second and named its beginning; the next second has begun since.
    clock.now = () => new Date(second + 950);
    await api.countTasks();
    clock.now = () => new Date(second + 1050);
    await standIn.completeTask(id);
    const found: TriggerItem[] = [];
    for (let more = true; more; ) {
      const page = await ask(next);
      found.push(...page.items);
      ({ next, more } = page);
    }
    expect(ids(found)).toEqual([String(id)]);
  });

  test('is told again when the task was taken back and completed anew', async () => {
    const { standIn, api } = await openHubex();
    const { id } = standIn.createTask({ notes: 'Сделать' });
    const completed = await reader(api, taskCompleted);
    await standIn.completeTask(id);
    expect(await completed.pass()).toHaveLength(1);
    standIn.tenant.clock.advance(5 * minute);
    await standIn.workTask(id, 'В работе');
    standIn.tenant.clock.advance(5 * minute);
    await standIn.completeTask(id);
    expect(await completed.pass()).toHaveLength(1);
  });

  test('that an offline engineer reports hours later is still told', async () => {
    const { standIn, api } = await openHubex();
    standIn.settings.lastModifiedMovesOnStage = false;
    const { id } = standIn.createTask({ notes: 'Сделать' });
    const completed = await reader(api, taskCompleted);
    const then = standIn.tenant.clock.now();
    standIn.tenant.clock.advance(6 * 60 * minute);
    await completed.pass();
    await standIn.completeTask(id);
    (standIn.tenant.tasks.get(id) ?? expect.fail()).completed = new Date(then.getTime() + minute);
    expect(await completed.pass()).toHaveLength(1);
  });

  test('from before the start is not told', async () => {
    const { standIn, api } = await openHubex();
    const { id } = standIn.createTask({ notes: 'Давно' });
    await standIn.completeTask(id);
    standIn.tenant.clock.advance(10 * minute);
    const completed = await reader(api, taskCompleted);
    standIn.tenant.clock.advance(minute);
    standIn.editTask(id, { actualCost: 5 });
    expect(await completed.pass()).toEqual([]);
  });
});

test('a clock that runs ahead over there loses nothing', async () => {
  const standIn = await startHubexStandIn({ seed: false });
  try {
    standIn.tenant.clock.advance(17 * minute);
    const changes = await reader(connectTo(standIn), task);
    const { id } = standIn.createTask({ notes: 'x' });
    expect(ids(await changes.pass())).toEqual([String(id)]);
  } finally {
    await standIn.stop();
  }
});
