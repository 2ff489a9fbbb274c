import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, escapeIdentifier } from 'pg';
import type { TestProject } from 'vitest/node';
import { findChromium } from '../../scripts/chromium.mjs';
import { readConfig } from '../config.ts';
import { startEmbedded } from '../db/embedded.ts';
import { migrate, readMigrations } from '../db/migrate.ts';
import { createPool } from '../db/pool.ts';
import { migrateJobs } from '../jobs/boss.ts';
import { createLogger } from '../logger.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The server that holds the template, and the template's name. */
    postgres: { url: string; template: string; prefix: string };
    /** Path of the browser for browser tests; null: they are skipped. */
    chromium: string | null;
  }
}

const log = createLogger('error');

/** The databases of this run start with this; leftovers of a killed run are told apart by it. */
const prefix = `mostik_test_${randomUUID().slice(0, 8)}_`;

export function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

/** One PostgreSQL for the whole test run: DATABASE_URL when it is set, else one of our own in a temporary folder. */
async function openServer(): Promise<{ url: string; close(): Promise<void> }> {
  const { databaseUrl } = readConfig();
  if (databaseUrl !== null) return { url: databaseUrl, close: async () => {} };
  const folder = await mkdtemp(join(tmpdir(), 'mostik-test-'));
  // Tests kill our own process, never the machine, so nothing need reach the disk here.
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' };
  const server = await startEmbedded({ dataDir: folder, log, settings });
  const close = async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { url: server.url, close };
}

/** A database that every test file is cloned from, with all migrations done. It is made once a set of migrations. */
async function makeTemplate(url: string): Promise<string> {
  const hash = createHash('sha256');
  for (const { checksum } of await readMigrations()) hash.update(checksum);
  const name = `mostik_template_${hash.digest('hex').slice(0, 12)}`;
  const draft = `${name}_${randomUUID().slice(0, 8)}`;
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (rowCount) return name;
    await client.query(`create database ${escapeIdentifier(draft)}`);
    const pool = createPool({ databaseUrl: withDatabase(url, draft), log, max: 2 });
    try {
      await migrate(pool);
      await migrateJobs(pool);
    } finally {
      await pool.end();
    }
    await client
      .query(`alter database ${escapeIdentifier(draft)} rename to ${escapeIdentifier(name)}`)
      .catch(async (error) => {
        await client.query(`drop database if exists ${escapeIdentifier(draft)} with (force)`);
        // 42P04 duplicate_database: another run was quicker.
        if (error.code !== '42P04') throw error;
      });
    return name;
  } finally {
    await client.end();
  }
}

async function dropOurs(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ datname: string }>(
      'select datname from pg_database where starts_with(datname, $1)',
      [prefix],
    );
    for (const { datname } of rows)
      await client.query(`drop database if exists ${escapeIdentifier(datname)} with (force)`);
  } finally {
    await client.end();
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await openServer();
  project.provide('postgres', { url: server.url, template: await makeTemplate(server.url), prefix });
  project.provide('chromium', findChromium());
  return async () => {
    await dropOurs(server.url);
    await server.close();
  };
}
