import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLogger } from '../logger.ts';
import { createTestDatabase, type TestDatabase } from '../testing/index.ts';
import { isMigrated, type Migration, migrate, readMigrations } from './migrate.ts';
import { createPool } from './pool.ts';

const log = createLogger('silent');
let database: TestDatabase;
let pool: Pool;
beforeEach(async () => {
  database = await createTestDatabase({ empty: true });
  pool = createPool({ databaseUrl: database.url, log });
});
afterEach(async () => {
  await pool.end();
  await database.drop();
});

const migration = (name: string, sql: string): Migration => ({
  name,
  sql,
  checksum: createHash('sha256').update(sql).digest('hex'),
});
const first = migration('0001_first', 'create table first (id int); insert into first values (1);');
const second = migration('0002_second', 'create table second (id int);');

const tables = async (): Promise<string[]> => {
  const { rows } = await pool.query<{ tablename: string }>(
    `select tablename from pg_tables where schemaname = 'public' order by 1`,
  );
  return rows.map((row) => row.tablename);
};

test('an empty database gets every migration of the program, and only once', async () => {
  const all = await readMigrations();
  expect(await isMigrated(pool, all)).toBe(false);
  expect(await migrate(pool)).toEqual(all.map(({ name }) => name));
  expect(await isMigrated(pool, all)).toBe(true);
  expect(await migrate(pool)).toEqual([]);
});

test('processes that start at once do each migration once', async () => {
  const pools = Array.from({ length: 4 }, () => createPool({ databaseUrl: database.url, log }));
  try {
    const done = await Promise.all(pools.map((one) => migrate(one, [first, second])));
    expect(done.flat().sort()).toEqual(['0001_first', '0002_second']);
    expect((await pool.query('select * from first')).rowCount).toBe(1);
  } finally {
    await Promise.all(pools.map((one) => one.end()));
  }
});

test('later migrations are added to what is there', async () => {
  await migrate(pool, [first]);
  expect(await migrate(pool, [first, second])).toEqual(['0002_second']);
  expect(await tables()).toEqual(['first', 'migrations', 'second']);
});

test('a database of a newer program is refused, and nothing is done to it', async () => {
  await migrate(pool, [first, migration('0009_later', 'create table later (id int);')]);
  await expect(migrate(pool, [first, second])).rejects.toThrow(/newer than this program.*0009_later/);
  expect(await tables()).toEqual(['first', 'later', 'migrations']);
});

test('a migration that was changed afterwards is refused', async () => {
  await migrate(pool, [first]);
  await expect(migrate(pool, [migration('0001_first', 'create table first (id bigint);')])).rejects.toThrow(
    '0001_first was changed',
  );
});

test('a migration that fails half-way leaves nothing, and names itself', async () => {
  const broken = migration('0002_broken', 'create table half (id int); select no_such_function();');
  await expect(migrate(pool, [first, broken])).rejects.toThrow(/0002_broken failed: .*no_such_function/);
  expect(await tables()).toEqual(['first', 'migrations']);
});
