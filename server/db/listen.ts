import { setTimeout as delay } from 'node:timers/promises';
import { Client, escapeIdentifier, type Pool } from 'pg';
import type { Logger } from 'pino';

/**
 * Hears NOTIFY on one channel over a connection of its own, which is made anew when it breaks. What was said meanwhile
 * is lost, so after each new connection `heard('')` is called and the listener looks for itself.
 * Resolves when the first connection listens; returns what ends it.
 */
export async function listen(options: {
  pool: Pool;
  log: Logger;
  channel: string;
  heard: (payload: string) => void;
}): Promise<() => Promise<void>> {
  const { pool, log, channel, heard } = options;
  const ended = new AbortController();
  let client: Client;

  async function connect(): Promise<void> {
    const next = new Client({
      connectionString: pool.options.connectionString,
      application_name: `mostik ${channel}`,
      keepAlive: true,
    });
    next.on('notification', (message) => heard(message.payload ?? ''));
    next.on('error', (error) => log.warn({ err: error, channel }, 'the listening connection to the database broke'));
    try {
      await next.connect();
      await next.query(`listen ${escapeIdentifier(channel)}`);
    } catch (error) {
      await next.end().catch(() => {});
      throw error;
    }
    next.once('end', () => void reconnect());
    client = next;
  }

  async function reconnect(): Promise<void> {
    for (let wait = 100; !ended.signal.aborted; wait = Math.min(wait * 2, 5000)) {
      try {
        await connect();
        if (ended.signal.aborted) return await client.end();
        return heard('');
      } catch {
        await delay(wait, undefined, { signal: ended.signal }).catch(() => {});
      }
    }
  }

  await connect();
  return async () => {
    ended.abort();
    await client.end().catch(() => {});
  };
}
