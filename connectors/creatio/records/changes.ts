import { z } from 'zod';
import { ConnectorError } from '../../../kit/errors.ts';
import type { ChangePage, Cursor } from '../../../kit/record-type.ts';
import type { CreatioApi } from '../api.ts';
import type { Row } from '../dialect.ts';
import { filterTime, writeTime } from '../values.ts';
import { clock, pageOf, toRecs } from './read.ts';

/**
 * at: the change time up to which was read, as the stand wrote it (a JavaScript date would lose the microseconds).
 * skip: how many rows of exactly that time were read. last: the last of them.
 * from: where this pass began.
 */
const cursorSchema = z.object({
  at: z.string(),
  skip: z.number(),
  last: z.string().nullable(),
  from: z.string(),
});
type Position = z.infer<typeof cursorSchema>;

const pageSize = 500;
/** A change may become visible a moment after the time it carries: its transaction was still open, another node's clock runs ahead. */
const overlapMs = 60_000;

const startingAt = (at: string): Position => ({ at, skip: 0, last: null, from: at });

function positionOf(cursor: Cursor): Position {
  const position = cursorSchema.safeParse(cursor);
  if (position.success) return position.data;
  throw new ConnectorError({
    kind: 'startOver',
    code: 'creatio.cursor',
    text: {
      en: 'The place where we stopped reading changes is lost. We read anew from the last good time.',
      ru: 'Место, на котором мы остановились при чтении изменений, потеряно. Читаем заново с последнего удачного опроса.',
    },
  });
}

/** Times of one stand have one form, so their order as text is their order in time, save for the length of the fraction. */
const padded = (time: string): string => time.replace(/(\.\d+)?(Z?)$/, (_, part = '.') => part.padEnd(8, '0'));
const isBefore = (a: string, b: string): boolean => padded(a) < padded(b);

const rawTime = (api: CreatioApi, time: Date): string => writeTime(`${time.toISOString().slice(0, 19)}Z`, clock(api));

/** The `Date` of an answer, which tells the stand's clock, is cut to whole seconds. */
const cutMs = 1000;

/** What is longer ago was no start of a flow but a day that a person chose: there the clock does not matter. */
const startedMs = 24 * 3600_000;

/** A place to begin at, by the stand's clock, which any answer tells and which may be minutes off ours: now, or a moment of ours. */
export async function startOf(api: CreatioApi, entity: string, since?: Date): Promise<Position> {
  if (since && Date.now() - since.getTime() > startedMs) return startingAt(rawTime(api, since));
  await api.list(entity, { select: ['Id'], top: 1 });
  if (!since) return startingAt(rawTime(api, api.now()));
  const ahead = api.now().getTime() - Date.now();
  const shift = ahead < 0 ? Math.min(0, ahead + cutMs) : ahead;
  return startingAt(rawTime(api, new Date(since.getTime() + shift)));
}

/**
 * The safe way through changes: by change time, beginning with `ge` the last one and stepping over the rows of that
 * very time which were read. `$skip` never reaches over more than one moment; rows that are edited meanwhile leave it
 * and those behind them move up. So the row before is asked for along, and if it is not the one we remember, we go
 * back to where that one stands now.
 */
export async function readChanges(
  api: CreatioApi,
  entity: string,
  input: { cursor: Cursor | null; since?: Date },
): Promise<{ rows: Row[]; next: Position; more: boolean }> {
  if (input.cursor === null && !input.since) return { rows: [], next: await startOf(api, entity), more: false };
  const position = input.cursor === null ? await startOf(api, entity, input.since) : positionOf(input.cursor);
  const anchored = position.last !== null && position.skip > 0;
  const page = await pageOf(api, entity, {
    ...walkFrom(api, position),
    top: pageSize + (anchored ? 1 : 0),
    skip: position.skip - (anchored ? 1 : 0),
  });
  const [first] = page.rows;
  if (anchored && !isLast(api, first, position))
    return { rows: [], next: await movedTo(api, entity, position), more: true };
  const rows = anchored ? page.rows.slice(1) : page.rows;
  // A stand may cut a page without a word (MaxEntityRowCount): only an empty one is the end.
  const more = rows.length > 0 || page.next !== null;
  const reached = step(api, position, rows);
  return { rows, next: more ? reached : rested(api, reached), more };
}

const walkFrom = (api: CreatioApi, { at }: Position) => ({
  filter: `ModifiedOn ge ${api.dialect.time(at)}`,
  order: 'ModifiedOn,Id',
});

const isLast = (api: CreatioApi, row: Row | undefined, { at, last }: Position): boolean =>
  row?.Id === last && changedAt(api, row) === at;

/**
 * The place behind the row that was read last, page by page back from where it stood: rows only ever leave a moment. When
 * that row has left it too, the moment is read anew; this ends, because each time there is one row less in it.
 */
async function movedTo(api: CreatioApi, entity: string, position: Position): Promise<Position> {
  const ask = { ...walkFrom(api, position), select: ['Id', 'ModifiedOn'] };
  for (let end = position.skip; end > 0; end -= pageSize) {
    const skip = Math.max(0, end - pageSize);
    const rows = await api.listAll(entity, { ...ask, skip }, end - skip);
    const index = rows.findIndex((row) => isLast(api, row, position));
    if (index >= 0) return { ...position, skip: skip + index + 1 };
  }
  return { ...position, skip: 0, last: null };
}

const changedAt = (api: CreatioApi, row: Row | undefined): string =>
  filterTime(String(row?.ModifiedOn ?? ''), clock(api));

/** Where the rows lead to. */
function step(api: CreatioApi, position: Position, rows: Row[]): Position {
  const last = rows.at(-1);
  if (last === undefined) return position;
  const at = changedAt(api, last);
  const ofThatTime = rows.filter((row) => changedAt(api, row) === at).length;
  const before = at === position.at ? position.skip : 0;
  return {
    ...position,
    at,
    skip: before + ofThatTime,
    last: String(last.Id),
  };
}

/** The place between two passes: a minute back where the pass came closer to now than that, never before its begin. */
function rested(api: CreatioApi, reached: Position): Position {
  const back = rawTime(api, new Date(api.now().getTime() - overlapMs));
  if (!isBefore(back, reached.at)) return { ...reached, from: reached.at };
  return startingAt(isBefore(back, reached.from) ? reached.from : back);
}

export async function changes(
  api: CreatioApi,
  entity: string,
  input: { cursor: Cursor | null; since?: Date },
): Promise<ChangePage> {
  const { rows, next, more } = await readChanges(api, entity, input);
  return { items: await toRecs(api, entity, rows), removed: [], next: { ...next }, more };
}

/** How many records `changes` would give from then on: the stand counts, one row comes. Null where it leaves the count out. */
export async function count(api: CreatioApi, entity: string, since: Date): Promise<number | null> {
  const filter = `ModifiedOn ge ${api.dialect.time(rawTime(api, since))}`;
  const page = await api.list(entity, { filter, select: ['Id'], top: 1, count: true });
  return page.count;
}
