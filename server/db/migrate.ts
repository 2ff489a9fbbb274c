import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { Pool, PoolClient } from 'pg';
import { patiently } from './pool.ts';

const folder = new URL('./migrations/', import.meta.url);

export interface Migration {
  name: string;
  sql: string;
  checksum: string;
}

/** The database cannot be brought to this version: words for the administrator. */
export class MigrationError extends Error {
  override name = 'MigrationError';
}

/** The SQL files beside this one, in order. */
export async function readMigrations(from: URL = folder): Promise<Migration[]> {
  const names = (await readdir(from)).filter((name) => /^\d{4}_\w+\.sql$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(new URL(name, from), 'utf8');
      return { name: name.replace(/\.sql$/, ''), sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/**
 * Does the work in a transaction, while no other process does such work. The lock ends with the transaction, so it also
 * works behind a transaction pooler.
 */
export async function underLock<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    await client.query(patiently(`select pg_advisory_xact_lock(hashtext('mostik migrations'))`));
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((lost: Error) => (broken = lost));
    throw error;
  } finally {
    client.release(broken);
  }
}

async function readDone(database: Pool | PoolClient): Promise<Map<string, string>> {
  const { rows } = await database.query<{ name: string; checksum: string }>(
    'select name, checksum from migrations order by name',
  );
  return new Map(rows.map((row) => [row.name, row.checksum]));
}

function refuseForeign(done: Map<string, string>, migrations: Migration[]): void {
  const known = new Map(migrations.map((migration) => [migration.name, migration.checksum]));
  for (const [name, checksum] of done) {
    const expected = known.get(name);
    if (expected === undefined) {
      throw new MigrationError(
        `The database is newer than this program: it has the migration ${name}, which this version does not know. Start the newer version.`,
      );
    }
    if (expected !== checksum) {
      throw new MigrationError(`The migration ${name} was changed after it had been carried out in this database.`);
    }
  }
}

async function migrateOne(client: PoolClient, migration: Migration): Promise<boolean> {
  const { rowCount } = await client.query('select 1 from migrations where name = $1', [migration.name]);
  if (rowCount) return false;
  try {
    await client.query(patiently(migration.sql));
  } catch (error) {
    throw new MigrationError(`The migration ${migration.name} failed: ${(error as Error).message}`, { cause: error });
  }
  await client.query('insert into migrations (name, checksum) values ($1, $2)', [migration.name, migration.checksum]);
  return true;
}

/** Carries out what is missing, each file in a transaction. Returns the names of what was done now. */
export async function migrate(pool: Pool, migrations?: Migration[]): Promise<string[]> {
  const wanted = migrations ?? (await readMigrations());
  await refuseOldPostgres(pool);
  await underLock(pool, async (client) => {
    await client.query(
      'create table if not exists migrations (name text primary key, checksum text not null, at timestamptz not null default now())',
    );
    refuseForeign(await readDone(client), wanted);
  });
  const now: string[] = [];
  for (const migration of wanted) {
    if (await underLock(pool, (client) => migrateOne(client, migration))) now.push(migration.name);
  }
  return now;
}

async function refuseOldPostgres(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ version: number }>(
    `select current_setting('server_version_num')::int as version`,
  );
  const version = rows[0]?.version ?? 0;
  if (version < 150_000)
    throw new MigrationError(`PostgreSQL 15 or newer is needed; this one is ${Math.floor(version / 10_000)}.`);
}

/** Whether the database has exactly the migrations of this program. */
export async function isMigrated(pool: Pool, migrations: Migration[]): Promise<boolean> {
  const done = await readDone(pool).catch((error: { code?: string }) => {
    // 42P01 undefined_table: never migrated.
    if (error.code === '42P01') return new Map<string, string>();
    throw error;
  });
  return done.size === migrations.length && migrations.every(({ name, checksum }) => done.get(name) === checksum);
}
