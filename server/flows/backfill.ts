import { randomUUID } from 'node:crypto';
import { type Selectable, sql } from 'kysely';
import type { Context } from '../context.ts';
import { toJsonb } from '../db/jsonb.ts';
import type { Tables } from '../db/tables.ts';
import { inTransaction } from '../db/transaction.ts';
import { Problem } from '../http/problem.ts';
import { readSettings } from '../installation.ts';
import type { Backfill, Reason } from './contract.ts';
import { readFlow } from './store.ts';
import { sourceOf, writeTrigger } from './trigger-row.ts';

type Row = Selectable<Tables['backfills']>;

/** By the clock of the database, which all processes share: ours may be an hour ahead. */
const now = sql<Date>`now()`;

/** Which moves a state allows, and where they lead. */
const moves: Record<'start' | 'pause' | 'resume' | 'cancel', { from: Row['state'][]; to: Row['state'] }> = {
  start: { from: ['ready'], to: 'running' },
  pause: { from: ['running'], to: 'paused' },
  resume: { from: ['paused'], to: 'running' },
  cancel: { from: ['counting', 'ready', 'running', 'paused'], to: 'cancelled' },
};

export async function viewBackfill(ctx: Context, flowId: string): Promise<Backfill | null> {
  const row = await ctx.db
    .selectFrom('backfills')
    .selectAll()
    .where('flow_id', '=', flowId)
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (!row) return null;
  return {
    id: row.id,
    since: row.since.toISOString(),
    until: row.until.toISOString(),
    state: row.state,
    total: row.total,
    taken: row.taken,
    open: await countOpen(ctx, flowId),
    failure: row.failure,
  };
}

/** Begins to count the records of a period; a flow has one open backfill. */
export async function countBackfill(ctx: Context, input: { flowId: string; since: Date; by: string }): Promise<void> {
  const flow = await readFlow(ctx, input.flowId);
  if (!flow.definition) throw notSaved();
  // A flow that never ran has no reader yet; runs are addressed by it.
  const reader = await ctx.db
    .selectFrom('triggers')
    .select('flow_id')
    .where('flow_id', '=', flow.id)
    .executeTakeFirst();
  if (!reader) {
    const { definition } = flow;
    const { reconcileMinutes } = await readSettings(ctx);
    await inTransaction(ctx.pool, (client) =>
      writeTrigger(client, { flowId: flow.id, definition, active: false, fromNow: true, reconcileMinutes }),
    );
  }
  const { numInsertedOrUpdatedRows } = await ctx.db
    .insertInto('backfills')
    .values({
      id: randomUUID(),
      flow_id: flow.id,
      since: input.since,
      until: now,
      state: 'counting',
      source: sourceOf(flow.definition),
      started_by: input.by,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows === 0n) throw isOpen();
  await wake(ctx);
}

export async function moveBackfill(ctx: Context, input: { flowId: string; move: keyof typeof moves }): Promise<void> {
  const { from, to } = moves[input.move];
  const { rowCount } = await ctx.pool.query(
    `update backfills set state = $2, next_at = now(),
       failure = case when $2 <> 'cancelled' then failure end, finished_at = case when $2 = 'cancelled' then now() end
     where flow_id = $1 and state = any($3)`,
    [input.flowId, to, from],
  );
  if (rowCount === 0) throw otherState();
  ctx.live.tell({ kind: 'flow', id: input.flowId });
  await wake(ctx);
}

/** What is open of a flow's backfill ends here, with the reason. */
export async function cancelBackfill(ctx: Context, input: { flowId: string; reason: Reason }): Promise<void> {
  await ctx.pool.query(
    `update backfills set state = 'cancelled', failure = $2::jsonb, finished_at = now() where flow_id = $1 and state = any($3)`,
    [input.flowId, toJsonb({ ...input.reason, at: new Date().toISOString() }), moves.cancel.from],
  );
}

const wake = (ctx: Context) => ctx.pool.query(`select pg_notify('mostik_runs', '')`);

export async function countOpen(ctx: Context, flowId: string): Promise<number> {
  const { rows } = await ctx.pool.query<{ open: string }>(
    `select count(*) as open from runs
     where flow_id = $1 and source = 'backfill' and state in ('queued', 'working', 'calling', 'waiting')`,
    [flowId],
  );
  return Number(rows[0]?.open ?? 0);
}

const notSaved = () =>
  new Problem({
    status: 422,
    code: 'backfill.not_saved',
    text: { en: 'Save the flow first.', ru: 'Сначала сохраните связку.' },
  });

const isOpen = () =>
  new Problem({
    status: 409,
    code: 'backfill.open',
    text: { en: 'The flow has a backfill that is not finished.', ru: 'У связки уже есть незаконченный перенос.' },
  });

const otherState = () =>
  new Problem({
    status: 409,
    code: 'backfill.state',
    text: { en: 'The backfill is in another state by now.', ru: 'Перенос уже в другом состоянии.' },
  });
