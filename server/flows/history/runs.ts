import type { Context } from '../../context.ts';
import type { JsonValue } from '../../http/contract.ts';
import { Problem } from '../../http/problem.ts';
import { readSettings } from '../../installation.ts';
import type { Run, RunSummary } from '../contract.ts';
import { readProgress } from '../progress.ts';
import { searchRuns } from './list.ts';
import { maskOfAll } from './mask.ts';
import {
  type Place,
  type RunFilter,
  type RunRow,
  readDelivery,
  readNeighbours,
  readRun,
  readRuns,
} from './runs-store.ts';
import { searchOf } from './search.ts';

/** A page of the history and where the next one begins; `q` is what a person typed to find runs by. */
export async function listRuns(
  ctx: Context,
  input: { filter: RunFilter & { q?: string | undefined }; after: string | undefined; limit: number },
): Promise<{ items: RunSummary[]; next: string | null }> {
  const { q, ...filter } = input.filter;
  const { defaultCountry } = await readSettings(ctx);
  const words = q === undefined ? null : searchOf(q, defaultCountry);
  // Signs alone are no words, and nothing has them.
  if (words === null && q !== undefined && q.trim() !== '') return { items: [], next: null };
  const page = { filter, before: placeOf(input.after), limit: input.limit + 1 };
  const rows = await (words === null ? readRuns(ctx, page) : searchRuns(ctx, { ...page, words }));
  const items = rows.slice(0, input.limit);
  const last = items.at(-1);
  return {
    items: items.map(summaryOf),
    next: rows.length > input.limit && last ? placeText(last) : null,
  };
}

/** Opaque place of a row in the list. */
export const placeText = ({ place, id }: RunRow): string => `${place}_${id}`;

export function placeOf(after: string | undefined): Place | null {
  if (after === undefined) return null;
  const match = /^(\d{4}-\d\d-\d\d [\d:.+-]{8,30})_(\d{1,19})$/.exec(after);
  if (match?.[1] && match[2]) return { createdAt: match[1], id: match[2] };
  throw new Problem({
    status: 422,
    code: 'page.place',
    text: { en: 'This is no place in the list.', ru: 'Такого места в списке нет.' },
  });
}

export function summaryOf(row: RunRow): RunSummary {
  return {
    id: row.id,
    flow: { id: row.flow_id, name: row.flow_name ?? '' },
    version: row.version_number ?? 0,
    state: row.state,
    record: {
      id: row.record_id ?? row.record_key,
      label: row.record_label ?? row.record_id ?? '',
      url: row.record_url,
    },
    reason: row.reason,
    startedAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
    nextAt: row.wake_at?.toISOString() ?? null,
  };
}

export async function mustReadRun(ctx: Context, id: string): Promise<RunRow> {
  const row = await readRun(ctx, id);
  if (row) return row;
  throw new Problem({
    status: 404,
    code: 'run.not_found',
    text: {
      en: 'There is no such run, or its day has left the history.',
      ru: 'Такой операции нет, или её день уже удалён из истории.',
    },
  });
}

const attention = new Set(['rejected', 'dead', 'unknown']);
const ended = new Set([...attention, 'done', 'filtered', 'skipped']);

export async function viewRun(ctx: Context, id: string): Promise<Run> {
  const row = await mustReadRun(ctx, id);
  const [neighbours, delivery, mask] = await Promise.all([
    readNeighbours(ctx, row),
    row.delivery_id === null || row.blanked ? null : readDelivery(ctx, row.delivery_id),
    maskOfAll(ctx),
  ]);
  // What arrived is kept as it came, for flows that catch up and runs that go on with it.
  const arrived = delivery ?? { source: row.source, at: row.created_at, body: arrivedWith(row) };
  const progress = readProgress(row.progress);
  return {
    ...summaryOf(row),
    delivery: { source: arrived.source, at: arrived.at.toISOString(), body: mask.value(arrived.body) },
    trace: progress?.trace ?? [],
    attempts: row.attempts,
    blanked: row.blanked,
    rerunOf: row.rerun_of,
    previousFailure: neighbours.previous,
    nextFailure: neighbours.next,
    can: {
      rerun: ended.has(row.state) && row.state !== 'unknown' && !row.blanked,
      decide: row.state === 'unknown' && row.in_queue,
      retryNow: row.state === 'waiting',
      giveUp: row.state === 'waiting',
    },
  };
}

const arrivedWith = (row: RunRow): JsonValue =>
  row.payload === null ? { record: row.record_id, event: row.event } : (JSON.parse(row.payload) as JsonValue);
