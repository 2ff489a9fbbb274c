import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPool } from '../db/pool.ts';
import { createLogger } from '../logger.ts';
import { createTestDatabase, type TestDatabase } from '../testing/index.ts';
import { claimAbandoned, claimRuns, countRunnable } from './queue.ts';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({ databaseUrl: database.url, log: createLogger('silent'), max: 1 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const claim = () => claimRuns(pool, { owner: 'test', limit: 64, without: [] });
const queue = (runs: number) =>
  pool.query(
    `insert into runs (flow_id, version_id, record_key, event, source)
     select '00000000-0000-4000-8000-000000000001', 1, gen_random_uuid(), 'webhook.received', 'webhook'
     from generate_series(1, $1::int)`,
    [runs],
  );

interface Read {
  whole: number;
  rows: number;
}

/** Since the statistics were written out the last time, a second ago or more. */
async function readSoFar(): Promise<Read> {
  const { rows } = await pool.query<{ seq_scan: string; idx_tup_fetch: string }>(
    `select seq_scan, idx_tup_fetch from pg_stat_xact_user_tables where relname = 'runs'`,
  );
  return { whole: Number(rows[0]?.seq_scan), rows: Number(rows[0]?.idx_tup_fetch) };
}

/** What one claim reads of the queue. They are not written out within a transaction. */
async function claimCounted(claims: number): Promise<Read> {
  await pool.query('begin');
  const before = await readSoFar();
  expect(await claim()).toHaveLength(claims);
  const after = await readSoFar();
  await pool.query('commit');
  return { whole: after.whole - before.whole, rows: after.rows - before.rows };
}

it('claims by index in a burst, though the plan was made when the queue was empty', async () => {
  // As on an idle day: analyzed empty, and asked often enough that the prepared statement keeps its plan.
  await pool.query('vacuum analyze runs');
  for (let n = 0; n < 8; n += 1) await claim();
  await queue(500);
  const { whole, rows } = await claimCounted(64);
  expect(whole).toBe(0);
  expect(rows).toBeLessThan(5000);
});

it('reads of a backlog only what it claims, also when the planner knows how long the backlog is', async () => {
  await queue(20_000);
  await pool.query('vacuum analyze runs');
  for (let n = 0; n < 8; n += 1) await claim();
  // With the dead rows of the claims before; all of them would be more than 20,000.
  expect((await claimCounted(64)).rows).toBeLessThan(5000);
});

it('takes no two runs of one record at once, though the older one came to light later', async () => {
  const insert = (client: Pick<Pool, 'query'>) =>
    client.query<{ id: string }>(
      `insert into runs (flow_id, version_id, record_key, event, source)
       values ('00000000-0000-4000-8000-000000000002', 1, 'deal:1', 'deal.enteredStage', 'webhook') returning id`,
    );
  await pool.query('truncate runs');
  const other = createPool({ databaseUrl: database.url, log: createLogger('silent'), max: 1 });
  // Its id is given, and its transaction is slow.
  await other.query('begin');
  const [older] = (await insert(other)).rows;
  const [younger] = (await insert(pool)).rows;
  expect((await claim()).map(({ id }) => id)).toEqual([younger?.id]);
  await other.query('commit');
  await other.end();
  expect(await claim()).toEqual([]);
  expect(await countRunnable(pool)).toBe(1);
  await pool.query('delete from runs where id = $1', [younger?.id]);
  expect((await claim()).map(({ id }) => id)).toEqual([older?.id]);
});

it('reads of many runs of one record hardly more than one', async () => {
  await pool.query('truncate runs');
  await pool.query(
    `insert into runs (flow_id, version_id, record_key, event, source)
     select '00000000-0000-4000-8000-000000000003', 1, 'deal:2', 'deal.enteredStage', 'webhook' from generate_series(1, 2000)`,
  );
  await pool.query('vacuum analyze runs');
  expect((await claimCounted(1)).rows).toBeLessThan(10_000);
});

it('takes nobody for silent until the database has been up for as long as a lease', async () => {
  await pool.query('delete from runs');
  await queue(1);
  await pool.query(`update runs set state = 'calling', owner = 'other', lease_until = now() - interval '1 minute'`);
  // Ours stands before that of PostgreSQL.
  await pool.query('set search_path = public, pg_catalog');
  const upFor = (seconds: number) =>
    pool.query(`create or replace function pg_postmaster_start_time() returns timestamptz language sql
      as $$ select now() - interval '${seconds} seconds' $$`);
  await upFor(15);
  expect(await claimAbandoned(pool, { owner: 'test', limit: 10 })).toEqual([]);
  await upFor(25);
  expect(await claimAbandoned(pool, { owner: 'test', limit: 10 })).toHaveLength(1);
});
