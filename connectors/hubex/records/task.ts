import type { Field } from '../../../kit/field.ts';
import type { Condition, Rec, RecordType } from '../../../kit/record-type.ts';
import { type HubexApi, taskOrder } from '../api.ts';
import { idOf } from './choices.ts';
import { matches } from './matches.ts';
import { readChangedTasks } from './task-changes.ts';
import { createTask } from './task-create.ts';
import { columns } from './task-fields.ts';
import { describeTask } from './task-form.ts';
import { loadTask, toRec, toRecs } from './task-load.ts';
import { updateTask } from './task-write.ts';

/** Filters that HubEx compares itself; every other searchable field goes through its text search. */
const exactFilters: Record<string, string> = { erpID: 'erpID', number: 'taskNumber' };

const fields: Field[] = columns.map(({ field }) => field);

async function search(api: HubexApi, where: Condition[], limit: number): Promise<Rec[]> {
  const searchable = where.filter(({ field }) => fields.find(({ key }) => key === field)?.search !== undefined);
  const condition = searchable.find(({ field }) => exactFilters[field]) ?? searchable[0];
  if (!condition) return [];
  const parameter = exactFilters[condition.field] ?? 'searchText';
  const found = new Map<string, Rec>();
  for (const value of condition.values) {
    const text = idOf(value);
    if (text === null) continue;
    const page = await api.listTasks(
      { [parameter]: text, orderBy: taskOrder.created, sortDirection: 2 },
      { from: 1, till: 100 },
    );
    for (const record of toRecs(page.rows, api.settings.zone)) {
      if (matches(record, where, fields)) found.set(record.id, record);
    }
    if (found.size >= limit) break;
  }
  return newestFirst([...found.values()]).slice(0, limit);
}

/** The map of a list loses HubEx's order in JavaScript. */
const newestFirst = (records: Rec[]): Rec[] =>
  records.sort(
    (one, other) => (other.createdAt ?? '').localeCompare(one.createdAt ?? '') || Number(other.id) - Number(one.id),
  );

async function loadAll(api: HubexApi, ids: string[]): Promise<Rec[]> {
  const records: Rec[] = [];
  // One call a task: HubEx has no "these ids", and its limit is a call a second anyway.
  for (const id of ids) {
    const record = await loadTask(api, id);
    if (record) records.push(record);
  }
  return records;
}

/** As many samples are loaded whole; for more the list's own fields have to do, at one call instead of many. */
const mostWholeSamples = 5;

export const task: RecordType<HubexApi> = {
  key: 'task',
  label: { en: 'Task', ru: 'Заявка' },
  labelMany: { en: 'Tasks', ru: 'Заявки' },
  describe: describeTask,

  async count(api, { since }) {
    const page = await api.listTasks({ lastModifiedFrom: since.toISOString() }, { from: 1, till: 1 });
    return page.total;
  },
  async changes(api, input) {
    const { tasks, next, more } = await readChangedTasks(api, input);
    const items = tasks.flatMap(({ id, row, touchedAt }) => {
      const record = toRec(id, row, api.settings.zone);
      return record ? [{ ...record, ...(touchedAt ? { changedAt: touchedAt } : {}) }] : [];
    });
    return { items, removed: [], next, more };
  },
  async newest(api, { limit }) {
    const page = await api.listTasks({ orderBy: taskOrder.created, sortDirection: 2 }, { from: 1, till: limit });
    const records = newestFirst(toRecs(page.rows, api.settings.zone));
    return limit <= mostWholeSamples
      ? loadAll(
          api,
          records.map(({ id }) => id),
        )
      : records;
  },
  get: loadTask,
  async find(api, { where, limit }) {
    const found = await search(api, where, limit);
    return loadAll(
      api,
      found.map(({ id }) => id),
    );
  },

  create: createTask,
  update: updateTask,
  repeat: { kind: 'safe' },
};
