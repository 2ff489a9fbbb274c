import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Pool, PoolClient } from 'pg';
import type { Context } from '../context.ts';
import { textArray } from '../db/arrays.ts';
import { createBatcher } from '../db/batch.ts';
import { toText } from '../db/jsonb.ts';
import { inTransaction } from '../db/transaction.ts';
import { supersede } from './supersede.ts';

/** What arrived, as received, secret keys cut. */
export interface Delivery {
  connectionId: string;
  source: 'webhook' | 'poll' | 'person' | 'backfill';
  /** JSON. */
  headers: string | null;
  body: string | null;
}

/** One happening in a delivery, addressed to every listening flow, or to one. */
export interface Happening {
  /** Which delivery of this call it came with; null: none is kept. */
  delivery: number | null;
  connectionId: string;
  source: Delivery['source'];
  /** Trigger keys it fires, as in `deal.changed`. */
  triggers: string[];
  /** Only this flow: a poll asks for one flow. */
  flowId: string | null;
  /** Null: each delivery is a record of its own. */
  recordKey: string | null;
  recordType: string | null;
  recordId: string | null;
  label: string | null;
  /** To be loaded before anything is decided: joins a queued run of the same record. */
  coalesces: boolean;
  /** A flow takes a happening with one key once. */
  seenKey: string | null;
  /** JSON of the record or happening; null: it is loaded. */
  payload: string | null;
  /** The payload lacks its end: the body of its delivery, and a brace. */
  endsWithBody?: boolean;
}

export interface Reception {
  deliveries: Delivery[];
  happenings: Happening[];
}

/** Keys stand in indexes, whose rows hold 2.7 KB at most: of a longer one the rest is told by its hash. */
const longestKey = 600;
export function toKey<T extends string | null>(key: T): T {
  const text = toText(key);
  if (text === null || text.length <= longestKey) return text;
  return `${text.slice(0, 500)}… ${createHash('sha256').update(text).digest('base64url')}` as T;
}

/** A record is made once, whoever tells of it. */
export const createdKey = (recordKey: string): string => `created:${recordKey}`;

const mostAtOnce = 250;
const batchers = new WeakMap<Context, (reception: Reception) => Promise<number>>();

/**
 * Stores deliveries and queues their runs in one transaction; when it resolves, nothing of them can be lost any more.
 * Receptions that wait at the same moment share it. Resolves to the number of runs queued by the whole batch.
 */
export function receive(ctx: Context, reception: Reception): Promise<number> {
  let enter = batchers.get(ctx);
  if (!enter) {
    enter = createBatcher({ most: mostAtOnce, write: (batch: Reception[]) => writeBatch(ctx, batch) });
    batchers.set(ctx, enter);
  }
  return enter(reception);
}

async function writeBatch(ctx: Context, batch: Reception[]): Promise<number[]> {
  const deliveries = batch.flatMap((reception) => reception.deliveries);
  let offset = 0;
  const happenings = batch.flatMap((reception) => {
    const start = offset;
    offset += reception.deliveries.length;
    return reception.happenings.map((happening) => ({
      ...happening,
      delivery: happening.delivery === null ? null : happening.delivery + start,
    }));
  });
  const reception = { deliveries, happenings };
  // What coalesces may supersede, which is a second statement; else one, and so one round trip.
  const coalesces = happenings.some((happening) => happening.coalesces);
  const queued = await whenFree(() =>
    coalesces ? inTransaction(ctx.pool, (client) => store(client, reception)) : store(ctx.pool, reception),
  );
  announce(ctx, queued);
  // Who joins a run locks it for this moment, and a claim passes it by.
  if (coalesces && queued.length === 0) wakeWorkers(ctx);
  return batch.map(() => queued.length);
}

/** 40P01, deadlock, and 40001, serialization failure: nothing was stored, and whoever is in our way goes on (PostgreSQL, appendix A). */
const isInTheWay = (error: unknown): boolean =>
  ['40P01', '40001'].includes(String((error as { code?: unknown } | null)?.code));

const awayMilliseconds = 20;

async function whenFree<T>(write: () => Promise<T>, tries = 3): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (tries === 1 || !isInTheWay(error)) throw error;
    await delay(awayMilliseconds);
    return whenFree(write, tries - 1);
  }
}

/** As `receive`, inside a transaction of the caller's: a poll saves its cursor with the items it found. */
export async function receiveWithin(
  client: PoolClient,
  reception: Reception,
): Promise<{ runId: string; flowId: string }[]> {
  return store(client, reception);
}

/** Wakes the workers and the screens once the transaction is in. */
export function announce(ctx: Context, queued: { runId: string; flowId: string }[]): void {
  if (queued.length === 0) return;
  wakeWorkers(ctx);
  for (const { runId, flowId } of queued.slice(-20)) ctx.live.tell({ kind: 'run', id: runId, flow: flowId });
}

/** Sessions that notify commit one after the other, so a busy process calls fifty times a second, not for each batch. */
const callsApartMilliseconds = 20;
const calledAt = new WeakMap<Context, number>();

function wakeWorkers(ctx: Context): void {
  const wait = (calledAt.get(ctx) ?? Number.NEGATIVE_INFINITY) + callsApartMilliseconds - performance.now();
  // A call that is about to go out is for these runs too.
  if (wait > callsApartMilliseconds) return;
  calledAt.set(ctx, performance.now() + Math.max(0, wait));
  const call = () =>
    void ctx.pool.query(`select pg_notify('mostik_runs', '')`).catch(() => {
      // Workers also look every second.
    });
  if (wait <= 0) call();
  else setTimeout(call, wait).unref();
}

async function store(client: Pool | PoolClient, { deliveries, happenings }: Reception) {
  const perTrigger = happenings.flatMap(({ triggers, ...happening }) =>
    triggers.map((trigger) => ({ ...happening, trigger })),
  );
  const { rows } = await client.query<{
    id: string;
    flow_id: string;
    record_key: string;
    coalesces: boolean;
    queued: boolean;
  }>({
    name: 'receive',
    text: `
    with delivered as (
      insert into deliveries (connection_id, source, headers, body)
      select connection_id, source, headers, body
      from unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) with ordinality
        as d(connection_id, source, headers, body, place)
      order by place
      returning id, body),
    -- Ids grow in the order of the rows, so the n-th id belongs to the n-th delivery.
    numbered as (select id, body, row_number() over (order by id) - 1 as place from delivered),
    happened as (
      select h.*, n.id as delivery_id, case when h.ends_with_body then h.start || n.body || '}' else h.start end as payload
      from unnest($5::int[], $6::uuid[], $7::text[], $8::text[], $9::uuid[], $10::text[], $11::text[], $12::text[],
        $13::text[], $14::bool[], $15::text[], $16::text[], $17::bool[]) with ordinality
        as h(delivery, connection_id, source, trigger, flow_id, record_key, record_type, record_id, label, coalesces,
          seen_key, start, ends_with_body, place)
      left join numbered n on n.place = h.delivery),
    -- Joined here and now, not from a memory: a flow that has just been started or republished gets its event.
    addressed as (
      select h.*, t.flow_id as listener, f.version_id
      from happened h
      join triggers t on t.connection_id = h.connection_id and t.trigger_key = h.trigger
        and (t.active or h.source = 'backfill')
        and (h.flow_id is null or h.flow_id = t.flow_id)
      join flows f on f.id = t.flow_id),
    fresh as (
      insert into seen (flow_id, key)
      select distinct listener, seen_key from addressed where seen_key is not null
      -- Receptions of several processes, and of polls, lock what they share in one order, here and below.
      order by listener, seen_key
      on conflict do nothing
      returning flow_id, key),
    once_each as (
      select distinct on (a.listener, coalesce(a.seen_key, 'place ' || a.place)) a.*
      from addressed a
      left join fresh s on s.flow_id = a.listener and s.key = a.seen_key
      where a.seen_key is null or s.key is not null
      order by a.listener, coalesce(a.seen_key, 'place ' || a.place), a.place)
    insert into runs (flow_id, version_id, record_key, record_type, record_id, record_label, event, coalesces, source,
      delivery_id, payload)
    select listener, version_id, coalesce(record_key, 'delivery:' || delivery_id), record_type, record_id, label, trigger,
      coalesces, source, delivery_id, payload
    from once_each
    -- Only rows that coalesce can meet others; all else is queued as it came.
    order by case when coalesces then listener end, case when coalesces then record_key end, place
    -- What came after a republishing is for the new version, and so is the run it joins.
    on conflict (flow_id, record_key) where coalesces and state = 'queued'
      do update set version_id = excluded.version_id, event = excluded.event where runs.version_id < excluded.version_id
    returning id, flow_id, record_key, coalesces, xmax = 0 as queued`,
    values: [
      deliveries.map(({ connectionId }) => connectionId),
      deliveries.map(({ source }) => source),
      textArray(deliveries.map(({ headers }) => toText(headers))),
      textArray(deliveries.map(({ body }) => toText(body))),
      perTrigger.map(({ delivery }) => delivery),
      perTrigger.map(({ connectionId }) => connectionId),
      perTrigger.map(({ source }) => source),
      perTrigger.map(({ trigger }) => trigger),
      perTrigger.map(({ flowId }) => flowId),
      perTrigger.map(({ recordKey }) => toKey(recordKey)),
      perTrigger.map(({ recordType }) => recordType),
      perTrigger.map(({ recordId }) => toText(recordId)),
      textArray(perTrigger.map(({ label }) => toText(label))),
      perTrigger.map(({ coalesces }) => coalesces),
      perTrigger.map(({ seenKey }) => toKey(seenKey)),
      textArray(perTrigger.map(({ payload }) => toText(payload))),
      perTrigger.map(({ endsWithBody }) => endsWithBody ?? false),
    ],
  });
  const queued = rows.filter((row) => row.queued);
  await supersede(
    client,
    queued.filter(({ coalesces }) => coalesces),
  );
  return queued.map((row) => ({ runId: row.id, flowId: row.flow_id }));
}
