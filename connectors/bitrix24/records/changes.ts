import { z } from 'zod';
import { ConnectorError } from '../../../kit/errors.ts';
import type { ChangePage, Cursor } from '../../../kit/record-type.ts';
import { type Api, methods, PAGE } from '../api.ts';
import { type Kind, listItems, toRecs } from './read.ts';

/**
 * watermark: changes from this time on are read in this pass · upTo: when the pass began, by the portal's clock, null
 * between passes · lastId: the last record read in this pass.
 */
const cursorSchema = z.object({ watermark: z.string(), upTo: z.string().nullable(), lastId: z.number() });
type Position = z.infer<typeof cursorSchema>;

/** A change may be written a moment after the time it carries; what is read twice is told apart by the record's state. */
const OVERLAP_MS = 60_000;

function positionOf(cursor: Cursor): Position {
  const position = cursorSchema.safeParse(cursor);
  if (position.success) return position.data;
  throw new ConnectorError({
    kind: 'startOver',
    code: 'bitrix24.cursor',
    text: {
      en: 'The place where we stopped reading changes is lost. We read anew from a day before the last successful ask.',
      ru: 'Место, на котором мы остановились при чтении изменений, потеряно. Читаем заново: с отступом в сутки от последнего удачного опроса.',
    },
  });
}

/** `2026-08-01T00:00:00+00:00`: the offset must be said, else the portal takes its own. */
const portalForm = (iso: string): string => iso.replace(/(?:\.\d+)?Z$/, '+00:00');

/** Now by the portal's clock: ours may be minutes off. */
async function portalNow(api: Api, kind: Kind): Promise<string> {
  const input = { filter: { id: 0 }, order: { id: 'ASC' as const }, select: ['id'], start: -1 };
  const { at } = await api.run(methods.itemList(kind.entityTypeId, input));
  return at.toISOString();
}

/**
 * The safe way through changes: time frozen at the start of a pass, records in the order of their ids with `>id`, so
 * that a record which changes meanwhile moves no other one over a page's edge, and an overlap with the pass before.
 */
export async function changes(
  api: Api,
  kind: Kind,
  input: { cursor: Cursor | null; since?: Date },
): Promise<ChangePage> {
  if (input.cursor === null && !input.since) {
    const next: Position = { watermark: await portalNow(api, kind), upTo: null, lastId: 0 };
    return { items: [], removed: [], next, more: false };
  }
  const position =
    input.cursor === null
      ? { watermark: (input.since ?? new Date()).toISOString(), upTo: null, lastId: 0 }
      : positionOf(input.cursor);
  const { items, at } = await listItems(api, kind, {
    filter: { '>=updatedTime': portalForm(position.watermark), '>id': position.lastId },
    order: { id: 'ASC' },
  });
  const upTo = position.upTo ?? at.toISOString();
  const more = items.length >= PAGE;
  const overlapped = new Date(Date.parse(upTo) - OVERLAP_MS).toISOString();
  // Never further back than where this pass began: a fresh cursor stands at "now" and must not show what was before.
  const watermark = overlapped > position.watermark ? overlapped : position.watermark;
  const next: Position = more
    ? { watermark: position.watermark, upTo, lastId: items.at(-1)?.id ?? position.lastId }
    : { watermark, upTo: null, lastId: 0 };
  return { items: await toRecs(api, kind, items), removed: [], next, more };
}

/** With `start: 0` the portal counts all rows that match (crm-item-list.md). */
export async function countChanges(api: Api, kind: Kind, since: Date): Promise<number | null> {
  const { total } = await api.run(
    methods.itemList(kind.entityTypeId, {
      filter: { '>=updatedTime': portalForm(since.toISOString()) },
      order: { id: 'ASC' },
      select: ['id'],
      start: 0,
    }),
  );
  return total ?? null;
}
