import { Kysely, PostgresDialect } from 'kysely';
import { Pool } from 'pg';
import type { Logger } from 'pino';
import type { Tables } from './tables.ts';

/** Connections to the database. Times come back as Date, bigint as string. */
export function createPool(options: { databaseUrl: string; log: Logger; max?: number }): Pool {
  const pool = new Pool({
    connectionString: options.databaseUrl,
    max: options.max ?? 20,
    application_name: 'mostik',
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    // The queue's table is empty most of the day. A plan made then reads it whole, is kept by the prepared statement, and
    // stays when thousands of runs arrive: 100 runs/s in place of 750 until the next analyze. Every query has an index.
    onConnect: (client) => client.query('set enable_seqscan = off'),
  });
  // Without a listener a connection that breaks while idle would end the process.
  pool.on('error', (error) => options.log.warn({ err: error }, 'an idle connection to the database broke'));
  // The pool listens to idle connections only: one that breaks in a transaction, between two statements, would too.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** Typed SQL over the same connections. */
export const createDb = (pool: Pool): Kysely<Tables> => new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
