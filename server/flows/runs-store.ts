import type { Context } from '../context.ts';
import type { JsonValue } from '../http/contract.ts';
import type { Reason, RunState } from './contract.ts';

export interface RunRow {
  id: string;
  flow_id: string;
  flow_name: string | null;
  version_id: string;
  version_number: number | null;
  record_key: string;
  record_type: string | null;
  record_id: string | null;
  record_label: string | null;
  record_url: string | null;
  event: string;
  source: 'webhook' | 'poll' | 'person';
  delivery_id: string | null;
  payload: string | null;
  state: RunState;
  progress: string | null;
  reason: Reason | null;
  attempts: number;
  root_id: string | null;
  rerun_of: string | null;
  create_again: number;
  created_at: Date;
  /** `created_at` to the microsecond: the place of a row in the list. */
  place: string;
  finished_at: Date | null;
  wake_at: Date | null;
  waits_for: string | null;
  /** Not in the history yet: open, or it needs a person. */
  in_queue: boolean;
}

const shared = `id, flow_id, version_id, record_key, record_type, record_id, record_label, record_url, event, source,
  delivery_id, state, reason, attempts, root_id, rerun_of, create_again, created_at,
  created_at::text as place, finished_at`;
const bodies = 'payload, progress';
const open = (withBodies: boolean) =>
  `select ${shared}, ${withBodies ? bodies : 'null as payload, null as progress'},
    case when state = 'waiting' and wake_at <> 'infinity' then wake_at end as wake_at, waits_for, true as in_queue from runs`;
const finished = (withBodies: boolean) =>
  `select ${shared}, ${withBodies ? bodies : 'null as payload, null as progress'}, null::timestamptz as wake_at, null::uuid as waits_for, false as in_queue
   from run_history`;

export interface RunFilter {
  flow?: string | undefined;
  states?: string[] | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
}

/**
 * A page of the history, newest first, open runs among finished ones. Both halves read their own index and stop at the
 * limit; `before` is the place of the last row seen.
 */
export async function readRuns(
  ctx: Context,
  input: { filter: RunFilter; before: { createdAt: string; id: string } | null; limit: number },
): Promise<RunRow[]> {
  const { filter, before, limit } = input;
  const values: unknown[] = [];
  const put = (value: unknown) => `$${values.push(value)}`;
  const conditions = [
    ...(filter.flow ? [`flow_id = ${put(filter.flow)}`] : []),
    ...(filter.states ? [`state = any(${put(filter.states)})`] : []),
    ...(filter.from ? [`created_at >= ${put(filter.from)}`] : []),
    ...(filter.to ? [`created_at < ${put(filter.to)}`] : []),
    ...(before ? [`(created_at, id) < (${put(before.createdAt)}, ${put(before.id)})`] : []),
  ];
  const where = conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`;
  const order = `order by created_at desc, id desc limit ${put(limit)}`;
  const { rows } = await ctx.pool.query<RunRow>(
    `select r.*, f.name as flow_name, v.number as version_number from (
      (${open(false)} ${where} ${order}) union all (${finished(false)} ${where} ${order})) as r
    left join flows f on f.id = r.flow_id
    left join flow_versions v on v.id = r.version_id
    order by r.created_at desc, r.id desc limit ${limit}`,
    values,
  );
  return rows;
}

export async function readRun(ctx: Context, id: string): Promise<RunRow | undefined> {
  const { rows } = await ctx.pool.query<RunRow>(
    `select r.*, f.name as flow_name, v.number as version_number from (
      ${open(true)} where id = $1 union all ${finished(true)} where id = $1) as r
    left join flows f on f.id = r.flow_id
    left join flow_versions v on v.id = r.version_id`,
    [id],
  );
  return rows[0];
}

/** The nearest failures of the same flow before and after a run: rejected, dead and unknown runs stay in the queue's table. */
export async function readNeighbours(
  ctx: Context,
  run: RunRow,
): Promise<{ previous: string | null; next: string | null }> {
  const { rows } = await ctx.pool.query<{ previous: string | null; next: string | null }>(
    `select
      (select id from runs where flow_id = $1 and id < $2 and state in ('rejected', 'dead', 'unknown') order by id desc limit 1) as previous,
      (select id from runs where flow_id = $1 and id > $2 and state in ('rejected', 'dead', 'unknown') order by id limit 1) as next`,
    [run.flow_id, run.id],
  );
  return rows[0] ?? { previous: null, next: null };
}

export async function readDelivery(
  ctx: Context,
  id: string,
): Promise<{ source: 'webhook' | 'poll' | 'person'; at: Date; body: JsonValue } | null> {
  const row = await ctx.db.selectFrom('deliveries').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) return null;
  return {
    source: row.source,
    at: row.received_at,
    body: row.body === null ? null : (JSON.parse(row.body) as JsonValue),
  };
}
