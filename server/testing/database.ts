import { randomUUID } from 'node:crypto';
import { Client, escapeIdentifier } from 'pg';
import { inject } from 'vitest';
import { withDatabase } from './global-setup.ts';

export interface TestDatabase {
  url: string;
  drop(): Promise<void>;
}

async function onServer(sql: string): Promise<void> {
  const client = new Client({ connectionString: inject('postgres').url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** A migrated database of one's own, cloned from the template of this test run. `empty` has no tables at all. */
export async function createTestDatabase(options: { empty?: boolean } = {}): Promise<TestDatabase> {
  const { url, template, prefix } = inject('postgres');
  const name = `${prefix}${randomUUID().slice(0, 8)}`;
  await onServer(
    `create database ${escapeIdentifier(name)} template ${escapeIdentifier(options.empty ? 'template0' : template)}`,
  );
  return {
    url: withDatabase(url, name),
    drop: () => onServer(`drop database if exists ${escapeIdentifier(name)} with (force)`),
  };
}
