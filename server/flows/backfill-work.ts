import type { Selectable } from 'kysely';
import type { DerivedTrigger } from '../../kit/derive.ts';
import { asConnectorError } from '../../kit/errors.ts';
import type { FormValues } from '../../kit/form.ts';
import type { ChangePage, Cursor } from '../../kit/record-type.ts';
import type { TriggerPage } from '../../kit/trigger.ts';
import { type OpenConnection, triggerOf } from '../connections/index.ts';
import type { Context } from '../context.ts';
import { toJsonb } from '../db/jsonb.ts';
import type { Tables } from '../db/tables.ts';
import { inTransaction } from '../db/transaction.ts';
import { askVendor, NoLongerOurs } from './asking.ts';
import { countOpen } from './backfill.ts';
import type { FlowDefinition, Reason } from './contract.ts';
import { announce, type Happening, receiveWithin, toKey } from './receive.ts';
import { type FlowRow, readFlow } from './store.ts';
import { sourceOf } from './trigger-row.ts';

type Row = Selectable<Tables['backfills']>;

/** New events must not wait behind thousands of old records: no more than this many are open at a time. */
const mostOpen = 200;
const leaseSeconds = 30;
/** Something failed, or waits for a person: we look again after this long. */
const laterSeconds = 60;

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
    const flow = await readFlow(ctx, row.flow_id, { deleted: true });
    const { definition } = flow;
    const reason = overBecause(row, flow);
    if (reason || !definition) await finish(ctx, input, { state: 'cancelled', reason });
    else if (row.state === 'counting') await count(ctx, { ...input, definition });
    else await takePage(ctx, { ...input, definition });
  } catch (error) {
    if (error instanceof NoLongerOurs) return;
    const failure = asConnectorError(error);
    ctx.log.warn({ flow: row.flow_id, code: failure.code }, 'a backfill failed');
    const seconds = failure.until ? Math.max(1, (failure.until.getTime() - Date.now()) / 1000) : laterSeconds;
    await putOff(ctx, input, { reason: failure, seconds });
  }
  ctx.live.tell({ kind: 'flow', id: row.flow_id });
}

interface Job {
  owner: string;
  row: Row;
  definition: FlowDefinition;
}

/** Why a backfill has nothing to go on with; its cursor means nothing to another source. */
function overBecause(row: Row, flow: FlowRow): Reason | null {
  if (flow.deleted_at !== null) return flowDeleted;
  if (!flow.definition) return cannotBeRead;
  return row.source === null || row.source === sourceOf(flow.definition) ? null : readsElsewhere;
}

async function count(ctx: Context, job: Job): Promise<void> {
  const { trigger } = job.definition;
  const asked = await askVendor(ctx, trigger.connection, async (connection) => {
    const derived = await triggerOf(connection, trigger.trigger);
    const counter = derived?.kind === 'record' ? derived.recordType.count : undefined;
    const settings = trigger.settings as FormValues;
    return counter ? counter(connection.api, { since: job.row.since, settings }) : null;
  });
  if (!asked) return putOff(ctx, job, { reason: mustBeRenewed, seconds: laterSeconds });
  await finish(ctx, job, { state: 'ready', total: asked.answer });
}

/** The next page of old records, saved with the cursor; each record once. */
async function takePage(ctx: Context, job: Job): Promise<void> {
  const { row, definition } = job;
  const open = await countOpen(ctx, row.flow_id);
  if (row.read_all) return finish(ctx, job, open === 0 ? { state: 'done' } : { state: 'running', seconds: 1 });
  if (open >= mostOpen) return finish(ctx, job, { state: 'running', seconds: 1 });
  const asked = await askVendor(ctx, definition.trigger.connection, (connection) => askPage(job, connection));
  if (!asked) return putOff(ctx, job, { reason: mustBeRenewed, seconds: laterSeconds });
  if (!asked.answer) return finish(ctx, job, { state: 'cancelled', reason: cannotBeRead });
  await savePage(ctx, job, asked.answer);
}

async function askPage(job: Job, connection: OpenConnection): Promise<Page | null> {
  const { row, definition } = job;
  const derived = await triggerOf(connection, definition.trigger.trigger);
  const settings = definition.trigger.settings as FormValues;
  const from = row.cursor === null ? { cursor: null, since: row.since } : { cursor: row.cursor as Cursor };
  switch (derived?.kind) {
    case 'record':
      return ofRecords(job, await derived.recordType.changes?.(connection.api, { ...from, settings }), derived);
    case 'own':
      return ofItems(
        job,
        await derived.trigger.poll?.(connection.api, { ...from, settings }),
        derived.trigger.recordType,
      );
    default:
      return null;
  }
}

async function savePage(ctx: Context, job: Job, found: Page): Promise<void> {
  const { row } = job;
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
    // The page is not taken.
    if (rowCount === 0) throw new NoLongerOurs('The backfill was called off, or taken over.');
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
  change: { state: Row['state']; total?: number | null; seconds?: number; reason?: Reason | null },
): Promise<void> {
  const { state, total = null, seconds = 0, reason = null } = change;
  await ctx.pool.query(
    `update backfills set state = $3, total = coalesce($4, total), failure = $6::jsonb, owner = null, lease_until = null,
       next_at = now() + make_interval(secs => $5), finished_at = case when $3 in ('done', 'cancelled') then now() end
     where id = $1 and owner = $2 and state in ('counting', 'running')`,
    [job.row.id, job.owner, state, total, seconds, failureOf(reason)],
  );
}

async function putOff(
  ctx: Context,
  job: { owner: string; row: Row },
  input: { reason: Reason; seconds: number },
): Promise<void> {
  await ctx.pool.query(
    `update backfills set failure = $3::jsonb, owner = null, lease_until = null, next_at = now() + make_interval(secs => $4)
     where id = $1 and owner = $2`,
    [job.row.id, job.owner, failureOf(input.reason), input.seconds],
  );
}

const failureOf = (reason: Reason | null) =>
  reason && toJsonb({ code: reason.code, text: reason.text, at: new Date().toISOString() });

const mustBeRenewed: Reason = {
  code: 'connection.reconnect',
  text: { en: 'The connection must be renewed first.', ru: 'Сначала нужно обновить подключение.' },
};
export const flowDeleted: Reason = {
  code: 'backfill.flow_deleted',
  text: { en: 'The flow was deleted.', ru: 'Связку удалили.' },
};
const readsElsewhere: Reason = {
  code: 'backfill.other_source',
  text: {
    en: 'The trigger of the flow was changed meanwhile. Count anew to bring in what it reads now.',
    ru: 'Тем временем в связке изменили событие. Посчитайте заново, чтобы перенести то, что она читает теперь.',
  },
};
const cannotBeRead: Reason = {
  code: 'backfill.not_readable',
  text: {
    en: 'The app does not give existing records for the trigger of this flow.',
    ru: 'Для события этой связки приложение не отдаёт существующие записи.',
  },
};
