import { Kysely, PostgresDialect } from 'kysely';
import { Pool, type QueryConfig } from 'pg';
import type { Logger } from 'pino';
import type { Tables } from './tables.ts';

/**
 * A host that vanishes says nothing: without an end to its patience a query waits for a quarter of an hour, until TCP
 * gives up, and all that is written in batches waits behind it.
 */
const queryTimeoutMs = 120_000;

/** A query that may take as long as it takes: it makes, moves or rewrites whole tables. */
export const patiently = (text: string, values: unknown[] = []): QueryConfig =>
  // Zero would be taken for "not said"; this is the longest that a timer can wait.
  ({ text, values, query_timeout: 2 ** 31 - 1 }) as QueryConfig;

/** Connections to the database. Times come back as Date, bigint as string. */
export function createPool(options: { databaseUrl: string; log: Logger; max?: number; timeoutMs?: number }): Pool {
  const pool = new Pool({
    connectionString: options.databaseUrl,
    max: options.max ?? 20,
    application_name: 'mostik',
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    query_timeout: options.timeoutMs ?? queryTimeoutMs,
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
