import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Pool } from 'pg';
import { createPool } from '../db/pool.ts';
import { createLogger } from '../logger.ts';
import { createTestDatabase, type TestDatabase } from '../testing/index.ts';
import { claimRuns } from './queue.ts';

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

it('claims by index in a burst, though the plan was made when the queue was empty', async () => {
  const claim = () => claimRuns(pool, { owner: 'test', limit: 64 });
  // As on an idle day: analyzed empty, and asked often enough that the prepared statement keeps its plan.
  await pool.query('vacuum analyze runs');
  for (let n = 0; n < 8; n += 1) await claim();
  await pool.query(
    `insert into runs (flow_id, version_id, record_key, event, source)
     select '00000000-0000-4000-8000-000000000001', 1, 'k' || n, 'webhook.received', 'webhook'
     from generate_series(1, 500) as n`,
  );
  await pool.query('begin');
  expect(await claim()).toHaveLength(64);
  const { rows } = await pool.query(`select seq_scan from pg_stat_xact_user_tables where relname = 'runs'`);
  await pool.query('commit');
  expect(rows).toEqual([{ seq_scan: '0' }]);
});
