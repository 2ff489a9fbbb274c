import type { Context } from '../../context.ts';
import type { JsonValue } from '../../http/contract.ts';
import { finalStates, type Reason, type RunState } from '../contract.ts';
import { readCovered } from './days.ts';

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
  source: 'webhook' | 'poll' | 'person' | 'backfill';
  delivery_id: string | null;
  /** JSON; only `readRun` reads it. */
  payload: string | null;
  state: RunState;
  /** JSON; only `readRun` reads it. */
  progress: Buffer | null;
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
  /** Its bodies were cut by the flow's limit. */
  blanked: boolean;
}

const shared = `id, flow_id, version_id, record_key, record_type, record_id, record_label, record_url, event, source,
  delivery_id, state, reason, attempts, root_id, rerun_of, create_again, created_at,
  created_at::text as place, finished_at`;

/** Columns of an open run, and of a finished one in the same order; bodies apart. */
export const openColumns = `${shared},
  case when state = 'waiting' and wake_at <> 'infinity' then wake_at end as wake_at, waits_for, true as in_queue,
  false as blanked`;
export const finishedColumns = `${shared}, null::timestamptz as wake_at, null::uuid as waits_for, false as in_queue,
  blanked`;

export interface RunFilter {
  flow?: string | undefined;
  states?: string[] | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
}

/** Where a row stands in the list: `created_at` to the microsecond, and the id. */
export interface Place {
  createdAt: string;
  id: string;
}

export interface Page {
  filter: RunFilter;
  /** The place of the last row seen. */
  before: Place | null;
  limit: number;
  /** Newest first unless told otherwise. */
  order?: Order;
}
type Order = 'newest' | 'oldest';

type Put = (value: unknown) => string;

export function parameters(): { put: Put; values: unknown[] } {
  const values: unknown[] = [];
  return { values, put: (value) => `$${values.push(value)}` };
}

/** A page of the history, open runs among finished ones. */
export async function readRuns(ctx: Context, page: Page): Promise<RunRow[]> {
  const { put, values } = parameters();
  const walked = await walkSql(ctx, { ...page, put, columns: '' });
  const { rows } = await ctx.pool.query<RunRow>(withNames(walked, page.order), values);
  return rows;
}

const directions = { newest: 'desc', oldest: 'asc' } as const;
const inOrder = (order: Order, table = ''): string =>
  `order by ${table}created_at ${directions[order]}, ${table}id ${directions[order]}`;
export const newestFirst = inOrder('newest');

export const withNames = (rows: string, order: Order = 'newest') => `
  select r.*, f.name as flow_name, v.number as version_number from (${rows}) as r
  left join flows f on f.id = r.flow_id
  left join flow_versions v on v.id = r.version_id
  ${inOrder(order, 'r.')}`;

/**
 * Walks down the indexes and stops at the limit. Each of several states has a walk of its own: one walk for all would
 * look at every run between two rare ones. PostgreSQL goes day by day, and not through all at once, only where it is
 * sure that the default partition holds nothing in between: so the days that are there are asked for by their bounds,
 * and whatever else there is by itself.
 */
export async function walkSql(ctx: Context, input: Page & { put: Put; columns: string }): Promise<string> {
  const { filter, before, put, order = 'newest' } = input;
  const limit = put(input.limit);
  const conditions = conditionsOf(filter, { before, put, order });
  const walk = (from: string, columns: string, more: string[]) => {
    const where = [...conditions, ...more].join(' and ') || 'true';
    return `(select ${columns}${input.columns} from ${from} where ${where} ${inOrder(order)} limit ${limit})`;
  };
  const anyState = filter.states ? [`state = any(${put(filter.states)})`] : [];
  // As values of their own, since the planner has to know how rare each state is.
  const byState = filter.states?.filter(isFinal).map((state) => [`state = ${put(state)}`]) ?? [[]];
  const covered = await readCovered(ctx);
  const [from, to] = [put(covered.from), put(covered.to)];
  const parts = [
    walk('runs', openColumns, anyState),
    ...byState.map((state) =>
      walk('run_history', finishedColumns, [...state, `created_at >= ${from}`, `created_at < ${to}`]),
    ),
    walk('run_history', finishedColumns, [...anyState, `(created_at < ${from} or created_at >= ${to})`]),
  ];
  return `select * from (${parts.join(' union all ')}) as parts ${inOrder(order)} limit ${limit}`;
}

const isFinal = (state: string): boolean => (finalStates as readonly string[]).includes(state);

export const conditionsOf = (
  { flow, from, to }: RunFilter,
  { before, put, order = 'newest' }: { before: Place | null; put: Put; order?: Order },
): string[] => [
  ...(flow ? [`flow_id = ${put(flow)}`] : []),
  ...(from ? [`created_at >= ${put(from)}`] : []),
  ...(to ? [`created_at < ${put(to)}`] : []),
  ...(before
    ? [
        `(created_at, id) ${order === 'newest' ? '<' : '>'} (${put(before.createdAt)}::timestamptz, ${put(before.id)}::bigint)`,
      ]
    : []),
];

export async function readRun(ctx: Context, id: string): Promise<RunRow | undefined> {
  const { rows } = await ctx.pool.query<RunRow>(
    `select r.*, f.name as flow_name, v.number as version_number from (
      select ${openColumns}, payload, progress from runs where id = $1
      union all
      select ${finishedColumns}, payload, progress from run_history where id = $1) as r
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
): Promise<{ source: 'webhook' | 'poll' | 'person' | 'backfill'; at: Date; body: JsonValue } | null> {
  const row = await ctx.db.selectFrom('deliveries').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) return null;
  return {
    source: row.source,
    at: row.received_at,
    body: row.body === null ? null : (JSON.parse(row.body) as JsonValue),
  };
}
