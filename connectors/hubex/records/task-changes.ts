import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Cursor } from '../../../kit/record-type.ts';
import { type HubexApi, taskOrder } from '../api.ts';
import type { ListPage } from '../caller.ts';
import { cursorLost } from '../errors.ts';
import { type Row, readTime, type TaskRow, taskOf } from '../wire.ts';

/*
 * A reader of changed tasks. A pass has one or two parts, each read page by page with `Range`:
 *   modified: `lastModifiedFrom` (a little before the end of the last pass) to a frozen `lastModifiedTill`;
 *   open: every sixth pass, or after half an hour, the open tasks, newest first. It finds what does not move
 *     `lastModified`: whether a stage move does is not documented.
 * The cursor keeps a short mark of each row it saw, so that overlaps and re-reads give only what really differs.
 */

const overlapMs = 5 * 60_000;
const pageSize = 100;
const sweepEveryPasses = 6;
const sweepEveryMs = 30 * 60_000;
/** Newest open tasks that a sweep looks at: 20 calls. */
const mostOpenTasks = 2000;

const part = z.object({
  kind: z.enum(['modified', 'open']),
  /** Frozen upper bound, ISO. */
  till: z.string(),
  from: z.number(),
  /** Rows when the page before was read. */
  total: z.number().nullable(),
});
const cursorSchema = z.object({
  /** Older happenings are not ours. */
  start: z.string(),
  /** Everything before this moment has been read. */
  read: z.string(),
  part: part.nullable(),
  pass: z.number(),
  sweptAt: z.string().nullable(),
  /** By task: stage, digest of the row, number of the pass that saw it last, the latest time on it. */
  marks: z.record(z.string(), z.tuple([z.string(), z.string(), z.number(), z.string()])),
});
type TaskCursor = z.infer<typeof cursorSchema>;
type Part = z.infer<typeof part>;

export interface ChangedTask {
  id: string;
  row: unknown;
  task: TaskRow;
  /** The task when we saw it last; undefined: we never did, or forgot it as closed and old. */
  before: { stage: string; touchedAt: string } | undefined;
  /** The latest time on it, ISO. */
  touchedAt: string | undefined;
}

export interface ChangedTasks {
  tasks: ChangedTask[];
  next: Cursor;
  more: boolean;
  start: Date;
  /** Happenings before this moment were within reach of earlier passes. */
  since: Date;
}

export async function readChangedTasks(
  api: HubexApi,
  input: { cursor: Cursor | null; since?: Date },
): Promise<ChangedTasks> {
  const cursor = input.cursor === null ? begin(input.since ?? (await hubexNow(api))) : parse(input.cursor);
  const start = new Date(cursor.start);
  if (input.cursor === null && !input.since) return { tasks: [], next: cursor, more: false, start, since: start };
  const current = cursor.part ?? firstPart(api, cursor);
  const page = await readPage(api, { cursor, current });
  const tasks = page.rows.flatMap((row) => changedTask(row, { cursor, current, zone: api.settings.zone }) ?? []);
  remember(cursor, { rows: page.rows, zone: api.settings.zone });
  const since = earlier(cursor.read, cursor.sweptAt, start);
  const following = nextPart(current, page) ?? afterPart(api, { cursor, current });
  const next = following ? { ...cursor, part: following } : endPass(cursor, current);
  return { tasks, next, more: following !== null, start, since };
}

const begin = (start: Date): TaskCursor => ({
  start: start.toISOString(),
  read: start.toISOString(),
  part: null,
  pass: 0,
  sweptAt: null,
  marks: {},
});

function parse(cursor: Cursor): TaskCursor {
  const parsed = cursorSchema.safeParse(cursor);
  if (parsed.success) return parsed.data;
  throw cursorLost(parsed.error);
}

/** HubEx's clock, which may differ from ours: the first call brings its time along. */
async function hubexNow(api: HubexApi): Promise<Date> {
  await api.countTasks();
  return api.now();
}

const earlier = (read: string, sweptAt: string | null, start: Date): Date => {
  const reached = Math.min(Date.parse(read), sweptAt === null ? start.getTime() : Date.parse(sweptAt)) - overlapMs;
  return new Date(Math.max(start.getTime(), reached));
};

const firstPart = (api: HubexApi, cursor: TaskCursor): Part => {
  cursor.pass += 1;
  return { kind: 'modified', till: api.nowAtMost().toISOString(), from: 1, total: null };
};

const readPage = (api: HubexApi, { cursor, current }: { cursor: TaskCursor; current: Part }): Promise<ListPage> => {
  const window = { from: current.from, till: current.from + pageSize - 1 };
  switch (current.kind) {
    case 'modified': {
      const from = Math.max(Date.parse(cursor.start) - 1000, Date.parse(cursor.read) - overlapMs);
      return api.listTasks(
        {
          lastModifiedFrom: new Date(from).toISOString(),
          lastModifiedTill: current.till,
          orderBy: taskOrder.lastModified,
          sortDirection: 1,
        },
        window,
      );
    }
    case 'open':
      return api.listTasks(
        { isClosed: false, creationTill: current.till, orderBy: taskOrder.created, sortDirection: 2 },
        window,
      );
  }
};

/** A row that left the window while we read it moved all later ones up: as many rows are read again. */
function nextPart(current: Part, page: ListPage): Part | null {
  const last = current.kind === 'open' ? Math.min(page.total, mostOpenTasks) : page.total;
  if (page.rows.length === 0 || page.till >= last) return null;
  const gone = current.total === null ? 0 : Math.max(0, current.total - page.total);
  return { ...current, from: Math.max(1, page.till + 1 - gone), total: page.total };
}

/** After the modified tasks a sweep of the open ones, when one is due. */
function afterPart(api: HubexApi, { cursor, current }: { cursor: TaskCursor; current: Part }): Part | null {
  if (current.kind === 'open') return null;
  const age = cursor.sweptAt === null ? Number.POSITIVE_INFINITY : api.now().getTime() - Date.parse(cursor.sweptAt);
  const isDue = age >= sweepEveryMs || (cursor.pass % sweepEveryPasses === 0 && age > 60_000);
  if (!isDue) return null;
  // The end of the modified part is settled from here on, the rest of the pass is the sweep.
  cursor.read = current.till;
  return { kind: 'open', till: api.nowAtMost().toISOString(), from: 1, total: null };
}

function endPass(cursor: TaskCursor, current: Part): TaskCursor {
  if (current.kind === 'modified') return { ...cursor, part: null, read: current.till };
  // What neither the sweep nor the overlap of the last passes saw is closed and old.
  const marks = Object.fromEntries(Object.entries(cursor.marks).filter(([, [, , pass]]) => pass >= cursor.pass - 1));
  return { ...cursor, part: null, sweptAt: current.till, marks };
}

/** Whether a row is news: it differs from its mark, or it is new to us and was touched since the start. */
function changedTask(
  { id, row }: Row,
  { cursor, current, zone }: { cursor: TaskCursor; current: Part; zone: string },
): ChangedTask | null {
  const task = taskOf(row);
  const mark = cursor.marks[id];
  const touchedAt = lastTouch(task, zone);
  if (mark && mark[1] === digest(row)) return null;
  if (!mark && current.kind === 'open' && !(touchedAt && Date.parse(touchedAt) >= startSecond(cursor))) return null;
  const before = mark && { stage: mark[0], touchedAt: mark[3] };
  return { id, row, task, before, touchedAt };
}

/** HubEx tells times in whole seconds. */
const startSecond = (cursor: TaskCursor): number => Math.floor(Date.parse(cursor.start) / 1000) * 1000;

function remember(cursor: TaskCursor, { rows, zone }: { rows: Row[]; zone: string }): void {
  for (const { id, row } of rows) {
    const task = taskOf(row);
    cursor.marks[id] = [task.taskStage?.id ?? '', digest(row), cursor.pass, lastTouch(task, zone) ?? ''];
  }
}

const digest = (row: unknown): string =>
  createHash('sha256').update(JSON.stringify(row)).digest('base64url').slice(0, 8);

const stamps = ['created', 'assigned', 'accepted', 'completed', 'closed', 'statusChanged', 'lastUpdated'] as const;

function lastTouch(task: TaskRow, zone: string): string | undefined {
  const times = [task.lastModified, ...stamps.map((name) => task.timesheet[name])];
  return times
    .flatMap((time) => readTime(time, zone) ?? [])
    .sort()
    .at(-1);
}
