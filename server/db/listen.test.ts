import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLogger } from '../logger.ts';
import { createTestDatabase, eventually, type TestDatabase } from '../testing/index.ts';
import { listen } from './listen.ts';
import { createPool } from './pool.ts';

const log = createLogger('silent');
let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await createTestDatabase({ empty: true });
  pool = createPool({ databaseUrl: database.url, log });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const say = (payload: string) => pool.query(`select pg_notify('news', $1)`, [payload]);

test('hears what is said, and goes on hearing after its connection was cut', async () => {
  const heard: string[] = [];
  const stop = await listen({ pool, log, channel: 'news', heard: (payload) => heard.push(payload) });
  await say('one');
  await eventually(() => heard.includes('one'));

  await pool.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'mostik news'`);
  // The empty call says: look for yourself, something may have been missed.
  await eventually(() => heard.includes(''));
  await say('two');
  await eventually(() => heard.includes('two'));

  await stop();
  const { rowCount } = await pool.query(`select 1 from pg_stat_activity where application_name = 'mostik news'`);
  expect(rowCount).toBe(0);
});
