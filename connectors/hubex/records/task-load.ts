import type { Values } from '../../../kit/field.ts';
import type { Rec } from '../../../kit/record-type.ts';
import type { HubexApi } from '../api.ts';
import { type Row, readTime, type StageEntry, type TaskRow, taskOf } from '../wire.ts';
import { present } from './choices.ts';
import { attributeValues } from './task-attributes.ts';
import { columns } from './task-fields.ts';

/** A row of a list or a card as a record; a deleted one is none. Of an unreadable row there is the id, to load it by. */
export function toRec(id: string, row: unknown, zone: string): Rec | null {
  const task = taskOf(row);
  if (task.deleted !== undefined) return null;
  const fixed = present(Object.fromEntries(columns.map(({ field, read }) => [field.key, read?.(task, zone)])));
  const values: Values = { ...fixed, ...attributeValues(task.attribute ?? [], zone) };
  const createdAt = readTime(task.timesheet.created, zone);
  const changedAt = readTime(task.lastModified, zone);
  return {
    id,
    values,
    label: task.number ?? id,
    ...(createdAt ? { createdAt } : {}),
    ...(changedAt ? { changedAt } : {}),
  };
}

export const toRecs = (rows: Row[], zone: string): Rec[] => rows.flatMap(({ id, row }) => toRec(id, row, zone) ?? []);

/** The whole task. What the engineer wrote is asked for only where there is something: at completed tasks. */
export async function loadTask(api: HubexApi, id: string): Promise<Rec | null> {
  const task = await api.getTask(id);
  const { zone } = api.settings;
  const record = task && toRec(id, task, zone);
  if (!record) return null;
  const comment = record.values.completed ? await finishComment(api, id, task) : undefined;
  return comment === undefined ? record : { ...record, values: { ...record.values, finishComment: comment } };
}

/** The note of the stage that completed the task, else the last message of the team. */
async function finishComment(api: HubexApi, id: string, task: TaskRow): Promise<string | undefined> {
  const { zone } = api.settings;
  const completed = Date.parse(readTime(task.timesheet.completed, zone) ?? '');
  const finishing = newestFirst(await api.taskStages(id), zone).find(
    (entry) => entry.notes && Math.abs(Date.parse(readTime(entry.completed, zone) ?? '') - completed) <= 60_000,
  );
  if (finishing?.notes) return finishing.notes;
  const messages = (await api.taskMessages(id)).filter(({ isExternal, message }) => !isExternal && message);
  const at = (message: (typeof messages)[number]) => Date.parse(readTime(message.created, zone) ?? '') || 0;
  return messages.sort((one, other) => at(other) - at(one))[0]?.message;
}

/** `sortOrder` 0 is the stage of today; where it is missing the time decides. */
export function newestFirst(entries: StageEntry[], zone: string): StageEntry[] {
  const at = (entry: StageEntry) => Date.parse(readTime(entry.completed, zone) ?? '') || 0;
  return entries.toSorted((one, other) => at(other) - at(one) || (one.sortOrder ?? 0) - (other.sortOrder ?? 0));
}
