import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { findEmbedded, startEmbedded } from './embedded.ts';

export interface OpenDatabase {
  url: string;
  /** Ends the server when we started it. */
  close(): Promise<void>;
}

/** No database, and we may not start one: words for the administrator. */
export class DatabaseMissing extends Error {
  override name = 'DatabaseMissing';
}

/**
 * DATABASE_URL when it is set, else our own PostgreSQL in the data folder.
 * `owner`: start it and keep it. `guest`: another process keeps it. `visitor`: use the living one, else start it for a moment.
 */
export async function openDatabase(options: {
  config: Config;
  log: Logger;
  as: 'owner' | 'guest' | 'visitor';
}): Promise<OpenDatabase> {
  const { config, log, as } = options;
  if (config.databaseUrl !== null) return { url: config.databaseUrl, close: async () => {} };
  if (as !== 'owner') {
    const url = await findEmbedded(config.dataDir);
    if (url !== null) return { url, close: async () => {} };
  }
  if (as === 'guest') {
    throw new DatabaseMissing(
      `No database runs in ${config.dataDir}. Start "mostik start" on the same data folder first, or set DATABASE_URL.`,
    );
  }
  const embedded = await startEmbedded({ dataDir: config.dataDir, log });
  if (embedded.adopted) log.info('took over the PostgreSQL that an earlier process had left running');
  return { url: embedded.url, close: () => embedded.stop() };
}
