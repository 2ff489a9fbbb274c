import { z } from 'zod';
import type { Cursor } from '../../../kit/record-type.ts';
import type { Trigger, TriggerItem } from '../../../kit/trigger.ts';
import { type HubexApi, taskOrder } from '../api.ts';
import { cursorLost } from '../errors.ts';
import { type Row, readTime, type TaskRow, taskOf } from '../wire.ts';

/*
 * Two ways at once, since it is not documented that completing a task moves `lastModified`: what was modified and is
 * completed, and what has a completion time. An engineer who was offline reports hours later with the time of then,
 * so the second way looks a day back.
 */
const ways = ['modified', 'completed'] as const;
const overlapMs = { modified: 5 * 60_000, completed: 24 * 3600_000 };
const pageSize = 100;

const cursorSchema = z.object({
  start: z.string(),
  read: z.string(),
  part: z.object({ way: z.enum(ways), till: z.string(), from: z.number(), total: z.number().nullable() }).nullable(),
  /** Keys given in the last days, so that the overlaps give nothing twice. */
  given: z.record(z.string(), z.string()),
});
type CompletedCursor = z.infer<typeof cursorSchema>;
type Part = NonNullable<CompletedCursor['part']>;

function parse(cursor: Cursor): CompletedCursor {
  const parsed = cursorSchema.safeParse(cursor);
  if (parsed.success) return parsed.data;
  throw cursorLost(parsed.error);
}

/** HubEx says that these are completed: where a row does not tell since when, the card of the task does. */
async function itemOf(api: HubexApi, { id, row }: Row): Promise<TriggerItem | null> {
  const told = (task: TaskRow | null) => readTime(task?.timesheet.completed, api.settings.zone);
  const at = told(taskOf(row)) ?? told(await api.getTask(id));
  return at ? { key: `${id}:${at}`, recordId: id, details: { completedAt: at }, at } : null;
}

const readPage = (api: HubexApi, { cursor, part }: { cursor: CompletedCursor; part: Part }) => {
  const reach = Math.max(Date.parse(cursor.start) - 1000, Date.parse(cursor.read) - overlapMs[part.way]);
  const from = new Date(reach).toISOString();
  const window = { from: part.from, till: part.from + pageSize - 1 };
  const order = { orderBy: taskOrder.lastModified, sortDirection: 1 };
  return part.way === 'modified'
    ? api.listTasks({ isCompleted: true, lastModifiedFrom: from, lastModifiedTill: part.till, ...order }, window)
    : api.listTasks({ completionFrom: from, completionTill: part.till, ...order }, window);
};

export const taskCompleted: Trigger<HubexApi> = {
  key: 'task.completed',
  label: { en: 'Task completed', ru: 'Заявка выполнена' },
  help: {
    en: 'Fires once for each completion; a task taken back into work and completed again fires again.',
    ru: 'Срабатывает один раз на каждое выполнение; если заявку вернули в работу и выполнили снова, сработает ещё раз.',
  },
  recordType: 'task',
  about: ['stage'],
  describe: async () => [
    { key: 'completedAt', label: { en: 'Completed at', ru: 'Время выполнения' }, type: 'datetime' },
  ],

  async poll(api, { cursor: given, since }) {
    if (given === null && !since) await api.countTasks();
    const cursor = given === null ? begin(since ?? api.now()) : parse(given);
    if (given === null && !since) return { items: [], next: cursor, more: false };
    const part: Part = cursor.part ?? { way: 'modified', till: api.nowAtMost().toISOString(), from: 1, total: null };
    const page = await readPage(api, { cursor, part });
    const start = Math.floor(Date.parse(cursor.start) / 1000) * 1000;
    const items: TriggerItem[] = [];
    for (const row of page.rows) {
      const item = await itemOf(api, row);
      if (!item || cursor.given[item.key] !== undefined || Date.parse(item.at ?? '') < start) continue;
      cursor.given[item.key] = item.at ?? '';
      items.push(item);
    }
    const following = nextPart(part, page);
    if (following) return { items, next: { ...cursor, part: following }, more: true };
    return { items, next: { ...cursor, part: null, read: part.till, given: lately(cursor, part) }, more: false };
  },

  async newest(api, { limit }) {
    const page = await api.listTasks(
      { isCompleted: true, orderBy: taskOrder.lastModified, sortDirection: 2 },
      { from: 1, till: limit },
    );
    const items = await Promise.all(page.rows.map((row) => itemOf(api, row)));
    return items.filter((item) => item !== null).sort((one, other) => (other.at ?? '').localeCompare(one.at ?? ''));
  },
};

const begin = (start: Date): CompletedCursor => ({
  start: start.toISOString(),
  read: start.toISOString(),
  part: null,
  given: {},
});

/** The next page; rows that left while we read moved the later ones up and are made good for. Then the other way. */
function nextPart(part: Part, page: { rows: Row[]; till: number; total: number }): Part | null {
  if (page.rows.length > 0 && page.till < page.total) {
    const gone = part.total === null ? 0 : Math.max(0, part.total - page.total);
    return { ...part, from: Math.max(1, page.till + 1 - gone), total: page.total };
  }
  return part.way === 'modified' ? { way: 'completed', till: part.till, from: 1, total: null } : null;
}

/** Completions older than both overlaps can come again only when the task is touched: they stay known for a month. */
const lately = (cursor: CompletedCursor, part: Part): Record<string, string> => {
  const month = Date.parse(part.till) - 30 * 24 * 3600_000;
  return Object.fromEntries(Object.entries(cursor.given).filter(([, at]) => Date.parse(at) >= month));
};
