import { randomUUID } from 'node:crypto';
import type { Selectable } from 'kysely';
import { recordCall } from '../../kit/call.ts';
import type { DerivedTrigger } from '../../kit/derive.ts';
import { asConnectorError } from '../../kit/errors.ts';
import type { FormValues } from '../../kit/form.ts';
import type { ChangePage, Cursor } from '../../kit/record-type.ts';
import type { TriggerPage } from '../../kit/trigger.ts';
import { openConnection, triggerOf } from '../connections/index.ts';
import type { Context } from '../context.ts';
import { toJsonb } from '../db/jsonb.ts';
import type { Tables } from '../db/tables.ts';
import { inTransaction } from '../db/transaction.ts';
import { Problem } from '../http/problem.ts';
import { readSettings } from '../installation.ts';
import type { Backfill, FlowDefinition } from './contract.ts';
import { announce, type Happening, receiveWithin, toKey } from './receive.ts';
import { readFlow } from './store.ts';
import { writeTrigger } from './trigger-row.ts';

type Row = Selectable<Tables['backfills']>;

/** New events must not wait behind thousands of old records: no more than this many are open at a time. */
const mostOpen = 200;
const leaseSeconds = 120;

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
      until: new Date(),
      state: 'counting',
      started_by: input.by,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows === 0n) throw isOpen();
  await wake(ctx);
}

export async function moveBackfill(ctx: Context, input: { flowId: string; move: keyof typeof moves }): Promise<void> {
  const { from, to } = moves[input.move];
  const { numUpdatedRows } = await ctx.db
    .updateTable('backfills')
    .set({ state: to, next_at: new Date(), ...(to === 'cancelled' ? { finished_at: new Date() } : {}) })
    .where('flow_id', '=', input.flowId)
    .where('state', 'in', from)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw otherState();
  ctx.live.tell({ kind: 'flow', id: input.flowId });
  await wake(ctx);
}

const wake = (ctx: Context) => ctx.pool.query(`select pg_notify('mostik_runs', '')`);

async function countOpen(ctx: Context, flowId: string): Promise<number> {
  const { rows } = await ctx.pool.query<{ open: string }>(
    `select count(*) as open from runs
     where flow_id = $1 and source = 'backfill' and state in ('queued', 'working', 'calling', 'waiting')`,
    [flowId],
  );
  return Number(rows[0]?.open ?? 0);
}

/** Claims backfills that have something to do: one process each. */
export async function claimBackfills(ctx: Context, input: { owner: string; limit: number }): Promise<Row[]> {
  const { rows } = await ctx.pool.query<Row>(
    `update backfills set owner = $1, lease_until = now() + make_interval(secs => ${leaseSeconds})
     where id in (
       select id from backfills
       where state in ('counting', 'running') and next_at <= now() and (lease_until is null or lease_until < now())
       order by next_at limit $2 for update skip locked)
     returning *`,
    [input.owner, input.limit],
  );
  return rows;
}

/** One page, or the count, of one claimed backfill. */
export async function workBackfill(ctx: Context, input: { owner: string; row: Row }): Promise<void> {
  const { row } = input;
  try {
    const flow = await readFlow(ctx, row.flow_id);
    if (!flow.definition) return await finish(ctx, input, { state: 'cancelled' });
    const { definition } = flow;
    await recordCall({ priority: 'poll', exchanges: [] }, () =>
      row.state === 'counting' ? count(ctx, { ...input, definition }) : takePage(ctx, { ...input, definition }),
    );
  } catch (error) {
    const failure = asConnectorError(error);
    ctx.log.warn({ flow: row.flow_id, code: failure.code }, 'a backfill failed');
    const seconds = failure.until ? Math.max(1, (failure.until.getTime() - Date.now()) / 1000) : 60;
    await ctx.pool.query(
      `update backfills set failure = $3::jsonb, owner = null, lease_until = null, next_at = now() + make_interval(secs => $4)
       where id = $1 and owner = $2`,
      [row.id, input.owner, toJsonb({ code: failure.code, text: failure.text, at: new Date().toISOString() }), seconds],
    );
  }
  ctx.live.tell({ kind: 'flow', id: row.flow_id });
}

interface Job {
  owner: string;
  row: Row;
  definition: FlowDefinition;
}

async function count(ctx: Context, job: Job): Promise<void> {
  const { connection, derived, settings } = await sourceOf(ctx, job.definition);
  const counter = derived?.kind === 'record' ? derived.recordType.count : undefined;
  const total = counter ? await counter(connection.api, { since: job.row.since, settings }) : null;
  await finish(ctx, job, { state: 'ready', total });
}

async function sourceOf(ctx: Context, { trigger }: FlowDefinition) {
  const connection = await openConnection(ctx, trigger.connection);
  return {
    connection,
    derived: await triggerOf(connection, trigger.trigger),
    settings: trigger.settings as FormValues,
  };
}

/** The next page of old records, saved with the cursor; each record once. */
async function takePage(ctx: Context, job: Job): Promise<void> {
  const { row, definition } = job;
  const open = await countOpen(ctx, row.flow_id);
  if (row.read_all) return finish(ctx, job, open === 0 ? { state: 'done' } : { state: 'running', seconds: 1 });
  if (open >= mostOpen) return finish(ctx, job, { state: 'running', seconds: 1 });
  const { connection, derived, settings } = await sourceOf(ctx, definition);
  const from = row.cursor === null ? { cursor: null, since: row.since } : { cursor: row.cursor as Cursor };
  const found =
    derived?.kind === 'record'
      ? ofRecords(job, await derived.recordType.changes?.(connection.api, { ...from, settings }), derived)
      : derived?.kind === 'own'
        ? ofItems(job, await derived.trigger.poll?.(connection.api, { ...from, settings }), derived.trigger.recordType)
        : null;
  if (!found) return finish(ctx, job, { state: 'cancelled' });
  const queued = await inTransaction(ctx.pool, async (client) => {
    const runs = await receiveWithin(client, { deliveries: [], happenings: found.happenings });
    await client.query('insert into seen (flow_id, key) select $1, unnest($2::text[]) on conflict do nothing', [
      row.flow_id,
      found.taken,
    ]);
    const { rowCount } = await client.query(
      `update backfills set cursor = $3::jsonb, taken = taken + $4, read_all = $5, failure = null, owner = null,
         lease_until = null, next_at = now()
       where id = $1 and owner = $2 and state in ('running', 'paused')`,
      [row.id, job.owner, toJsonb(found.next), runs.length, !found.more],
    );
    // Called off, or taken over, meanwhile: the page is not taken.
    if (rowCount === 0) throw new Error('The backfill was called off.');
    return runs;
  });
  announce(ctx, queued);
}

interface Page {
  happenings: Happening[];
  next: Cursor;
  more: boolean;
  /** Keys under which the ordinary reader would take the same happenings: they are taken now. */
  taken: string[];
}

function ofRecords(
  { row, definition: { trigger } }: Job,
  page: ChangePage | undefined,
  { event, recordType: { key: recordType } }: Extract<DerivedTrigger, { kind: 'record' }>,
): Page | null {
  if (!page) return null;
  const old = page.items.filter(({ changedAt }) => changedAt === undefined || new Date(changedAt) <= row.until);
  return {
    next: page.next,
    more: page.more,
    taken: event === 'created' ? old.map(({ id }) => toKey(`created:${recordType}:${id}`)) : [],
    happenings: old.map((record) => ({
      ...happened(row, trigger),
      recordKey: `${recordType}:${record.id}`,
      recordType,
      recordId: record.id,
      label: record.label ?? null,
      seenKey: `backfill ${row.id} ${recordType}:${record.id}`,
      payload: null,
    })),
  };
}

function ofItems(
  { row, definition: { trigger } }: Job,
  page: TriggerPage | undefined,
  recordType: string | null,
): Page | null {
  if (!page) return null;
  return {
    next: page.next,
    more: page.more,
    taken: [],
    happenings: page.items.map(({ key, ...item }) => ({
      ...happened(row, trigger),
      recordKey: `${recordType ?? trigger.trigger}:${item.recordId}`,
      recordType,
      recordId: item.recordId,
      label: null,
      // The same key as the ordinary reader's: what it has taken is not taken again.
      seenKey: `${trigger.trigger}:${key}`,
      payload: JSON.stringify(item),
    })),
  };
}

const happened = (row: Row, trigger: FlowDefinition['trigger']) => ({
  delivery: null,
  connectionId: trigger.connection,
  source: 'backfill' as const,
  triggers: [trigger.trigger],
  flowId: row.flow_id,
  coalesces: false,
});

async function finish(
  ctx: Context,
  job: { owner: string; row: Row },
  change: { state: Row['state']; total?: number | null; seconds?: number },
): Promise<void> {
  await ctx.pool.query(
    `update backfills set state = $3, total = coalesce($4, total), failure = null, owner = null, lease_until = null,
       next_at = now() + make_interval(secs => $5), finished_at = case when $3 in ('done', 'cancelled') then now() end
     where id = $1 and owner = $2 and state in ('counting', 'running')`,
    [job.row.id, job.owner, change.state, change.total ?? null, change.seconds ?? 0],
  );
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
