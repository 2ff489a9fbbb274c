import type { Pool } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPool } from '../db/pool.ts';
import { createLogger } from '../logger.ts';
import { createTestDatabase, eventually, type TestDatabase } from '../testing/index.ts';
import { createJobs } from './boss.ts';
import type { Jobs } from './jobs.ts';

const log = createLogger('silent');
let database: TestDatabase;
let pool: Pool;
const open: Jobs[] = [];
beforeEach(async () => {
  database = await createTestDatabase();
  pool = createPool({ databaseUrl: database.url, log });
});
afterEach(async () => {
  for (const jobs of open.splice(0)) await jobs.stop();
  await pool.end();
  await database.drop();
});

async function startJobs(works: boolean, register: (jobs: Jobs) => void): Promise<Jobs> {
  const jobs = createJobs(pool, log);
  register(jobs);
  await jobs.start({ works });
  open.push(jobs);
  return jobs;
}

test('what one process sends another one works on, once', async () => {
  const done: unknown[] = [];
  const register = (jobs: Jobs) =>
    jobs.work('greet', async (data) => {
      done.push(data);
    });
  const sender = await startJobs(false, register);
  await startJobs(true, register);
  await sender.send('greet', { name: 'Anna' });
  await sender.send('greet', { name: 'Boris' });
  await eventually(() => done.length === 2);
  expect(done).toEqual(expect.arrayContaining([{ name: 'Anna' }, { name: 'Boris' }]));
});

test('a job that fails is kept to be tried later, and the next ones go on', async () => {
  const done: unknown[] = [];
  const jobs = await startJobs(true, (one) =>
    one.work('fragile', async (data) => {
      if ((data as { bad: boolean }).bad) throw new Error('no');
      done.push(data);
    }),
  );
  await jobs.send('fragile', { bad: true });
  await jobs.send('fragile', { bad: false });
  await eventually(() => done.length === 1);
  const { rows } = await pool.query<{ retry_count: number; later: boolean }>(
    `select retry_count, start_after > now() + interval '10 seconds' as later from pgboss.job where name = 'fragile' and state = 'retry'`,
  );
  expect(rows).toEqual([{ retry_count: 0, later: true }]);
});

test('a cron that two processes register is there once', async () => {
  const register = (jobs: Jobs) => {
    jobs.work('tidy', async () => {});
    jobs.schedule('tidy', '*/5 * * * *');
  };
  await startJobs(true, register);
  await startJobs(true, register);
  const { rows } = await pool.query('select name, cron, timezone from pgboss.schedule');
  expect(rows).toEqual([{ name: 'tidy', cron: '*/5 * * * *', timezone: 'UTC' }]);
});

test('a mistake of the program is told at once', async () => {
  const jobs = createJobs(pool, log);
  jobs.work('one', async () => {});
  expect(() => jobs.work('one', async () => {})).toThrow('Two handlers');
  await expect(jobs.send('one', {})).rejects.toThrow('before the jobs have started');
});
