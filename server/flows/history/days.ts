import type { PoolClient } from 'pg';
import type { Context } from '../../context.ts';
import { patiently } from '../../db/pool.ts';
import { inTransaction } from '../../db/transaction.ts';

/**
 * The history and the deliveries lie in one partition a day, UTC. Days are made ahead and dropped whole, which gives
 * their disk back at once. What fits no day lies in the default partition, `…_rest`.
 */
const tables = [
  { table: 'run_history', time: 'created_at' },
  { table: 'deliveries', time: 'received_at' },
] as const;
type Table = (typeof tables)[number];

const daysAhead = 3;
export const milliseconds = 86_400_000;
/** Writers wait for us while we hold a table; when it is not to be had quickly, the next hour will do. */
const patience = '5s';

/** `2026-11-22` of a moment, UTC. */
export const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);
const nextDay = (day: string) => dayOf(Date.parse(day) + milliseconds);
const partitionOf = (table: string, day: string) => `${table}_${day.replaceAll('-', '')}`;

/** Days that are there, oldest first, with what they take of the disk: rows, large values and indexes. */
export async function readDays(ctx: Context): Promise<{ day: string; bytes: number }[]> {
  const { rows } = await ctx.pool.query<{ day: string; bytes: string }>(
    `select to_char(to_date(right(c.relname, 8), 'YYYYMMDD'), 'YYYY-MM-DD') as day, sum(pg_total_relation_size(c.oid)) as bytes
     from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent in ('run_history'::regclass, 'deliveries'::regclass) and c.relname ~ '_\\d{8}$'
     group by day order by day`,
  );
  return rows.map(({ day, bytes }) => ({ day, bytes: Number(bytes) }));
}

const freshMilliseconds = 60_000;
const coveredBy = new WeakMap<Context, { at: number; covered: Covered }>();

interface Covered {
  /** ISO, inclusive. */
  from: string;
  /** ISO, exclusive. */
  to: string;
}

/**
 * From the first day of the history to the last, as it was at most a minute ago: who asks between them finds whole days,
 * and has to ask outside of them too.
 */
export async function readCovered(ctx: Context): Promise<Covered> {
  const known = coveredBy.get(ctx);
  if (known && performance.now() - known.at < freshMilliseconds) return known.covered;
  const days = await daysOf(ctx, tables[0]);
  const today = dayOf(Date.now());
  const covered = {
    from: `${days[0] ?? today}T00:00:00Z`,
    to: `${days.length === 0 ? today : nextDay(days.at(-1) ?? today)}T00:00:00Z`,
  };
  coveredBy.set(ctx, { at: performance.now(), covered });
  return covered;
}

/** Makes the days from the oldest one there, or today, to a few ahead; rows that waited in the rest move in. */
export async function makeDays(ctx: Context, input: { now: number; oldest: string }): Promise<void> {
  for (const table of tables) {
    const there = new Set(await daysOf(ctx, table));
    const waiting = await daysInRest(ctx, { table, from: input.oldest });
    const first = [...there, ...waiting, dayOf(input.now)].sort().find((day) => day >= input.oldest) ?? input.oldest;
    const last = dayOf(input.now + daysAhead * milliseconds);
    for (let day = first; day <= last; day = nextDay(day)) {
      if (there.has(day)) continue;
      await makeDay(ctx, { table, day, hasRows: waiting.includes(day) }).catch((error: unknown) =>
        ctx.log.warn({ err: error, table: table.table, day }, 'a day of the history could not be made'),
      );
    }
    // What moved out left its space behind; VACUUM gives the empty end of a table back.
    if (waiting.length > 0) await ctx.pool.query(patiently(`vacuum ${table.table}_rest`));
  }
}

async function daysOf(ctx: Context, { table }: Table): Promise<string[]> {
  const { rows } = await ctx.pool.query<{ day: string }>(
    `select to_char(to_date(right(c.relname, 8), 'YYYYMMDD'), 'YYYY-MM-DD') as day
     from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = $1::regclass and c.relname ~ '_\\d{8}$' order by day`,
    [table],
  );
  return rows.map(({ day }) => day);
}

async function daysInRest(ctx: Context, { table, from }: { table: Table; from: string }): Promise<string[]> {
  const { rows } = await ctx.pool.query<{ day: string }>(
    `select distinct to_char(${table.time} at time zone 'UTC', 'YYYY-MM-DD') as day from ${table.table}_rest
     where ${table.time} >= $1::timestamptz order by day`,
    [`${from}T00:00:00Z`],
  );
  return rows.map(({ day }) => day);
}

/**
 * The whole table is locked, not only its rest: a writer that had already chosen the rest for its row would be refused
 * once the day is there, and what it has to write down would be lost.
 */
async function makeDay(ctx: Context, input: { table: Table; day: string; hasRows: boolean }): Promise<void> {
  const { table, time } = input.table;
  const name = partitionOf(table, input.day);
  const [from, to] = [`${input.day} 00:00:00+00`, `${nextDay(input.day)} 00:00:00+00`];
  await alone(ctx, table, async (client) => {
    if (!input.hasRows) {
      await client.query(
        `create table if not exists ${name} partition of ${table} for values from ('${from}') to ('${to}')`,
      );
      return;
    }
    await client.query(`create table ${name} (like ${table} including all)`);
    await client.query(
      patiently(`with moved as (delete from ${table}_rest where ${time} >= '${from}' and ${time} < '${to}' returning *)
       insert into ${name} select * from moved`),
    );
    await client.query(
      patiently(`alter table ${table} attach partition ${name} for values from ('${from}') to ('${to}')`),
    );
  });
}

/**
 * The first day with calls that a stopped or paused flow still waits to catch up with; null: none does. What is asked
 * for by cursor needs no calls.
 */
export async function waitingFrom(ctx: Context): Promise<string | null> {
  const { rows } = await ctx.pool.query<{ day: string | null }>(
    `select to_char(min(first.received_at) at time zone 'UTC', 'YYYY-MM-DD') as day
     from triggers t join flows f on f.id = t.flow_id and f.deleted_at is null
     cross join lateral (
       select d.received_at from deliveries d
       where d.connection_id = t.connection_id and d.id > t.settled_delivery and d.source = 'webhook'
       order by d.id limit 1) as first
     where not t.active and t.stopped_at is not null and t.cursor is null`,
  );
  return rows[0]?.day ?? null;
}

/** Drops the days before `oldest`, whole, and what of that age lies in the rest; deliveries have a day of their own. */
export async function dropDays(ctx: Context, input: { oldest: string; oldestDelivery: string }): Promise<void> {
  for (const table of tables) {
    const oldest = table.table === 'deliveries' ? input.oldestDelivery : input.oldest;
    for (const day of await daysOf(ctx, table)) {
      if (day >= oldest) break;
      await alone(ctx, table.table, (client) =>
        client.query(patiently(`drop table if exists ${partitionOf(table.table, day)}`)),
      );
    }
  }
  // A run that ended lately was begun long ago: it is old when its end is.
  const before = (day: string) => [`${day}T00:00:00Z`];
  await ctx.pool.query(patiently('delete from run_history_rest where finished_at < $1', before(input.oldest)));
  await ctx.pool.query(patiently('delete from deliveries_rest where received_at < $1', before(input.oldestDelivery)));
}

async function alone(ctx: Context, table: string, work: (client: PoolClient) => Promise<unknown>): Promise<void> {
  await inTransaction(ctx.pool, async (client) => {
    await client.query(`set local lock_timeout = '${patience}'`);
    await client.query(`lock table ${table} in access exclusive mode`);
    await work(client);
  });
}

/** The first day to keep, by age and by size: whole days go, the oldest first, today never. */
export function oldestToKeep(input: {
  days: { day: string; bytes: number }[];
  now: number;
  historyDays: number;
  historyBytes: number;
}): string {
  const { days, now, historyDays, historyBytes } = input;
  const today = dayOf(now);
  let oldest = dayOf(now - historyDays * milliseconds);
  let bytes = days.filter(({ day }) => day >= oldest).reduce((sum, day) => sum + day.bytes, 0);
  for (const day of days) {
    if (day.day < oldest) continue;
    if (bytes <= historyBytes || day.day >= today) break;
    bytes -= day.bytes;
    oldest = nextDay(day.day);
  }
  return oldest;
}

/** As good as no limit by age. */
const mostDays = 36_500;

/** Calls that a stopped flow waits for outlive the days of the history, but not its megabytes. */
export function oldestDelivery(input: {
  days: { day: string; bytes: number }[];
  now: number;
  historyBytes: number;
  oldest: string;
  waiting: string | null;
}): string {
  const { oldest, waiting } = input;
  if (waiting === null || waiting >= oldest) return oldest;
  const bySize = oldestToKeep({ ...input, historyDays: mostDays });
  return bySize > waiting ? bySize : waiting;
}
