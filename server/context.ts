import type { Kysely } from 'kysely';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { Connector } from '../kit/connector.ts';
import type { Limiter } from '../kit/limiter.ts';
import type { Config } from './config.ts';
import type { Tables } from './db/tables.ts';
import type { Live } from './http/live.ts';
import type { Jobs } from './jobs/jobs.ts';
import type { Sealer } from './sealer.ts';

/** Everything that is built once. Rooms take it as their first argument. */
export interface Context {
  config: Config;
  log: Logger;
  /** For the hot statements, written as SQL. */
  pool: Pool;
  /** For everything else. */
  db: Kysely<Tables>;
  /** Seals secrets with AES-256-GCM under the installation's key. */
  sealer: Sealer;
  /** Every app that can be linked, by key. */
  shelf: Record<string, Connector>;
  limiter: Limiter;
  jobs: Jobs;
  /** Tells the screens what changed. */
  live: Live;
}
