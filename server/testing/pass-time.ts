import type { Pool, PoolClient } from 'pg';
import { inTransaction } from '../db/transaction.ts';

const columns: Record<string, string[]> = {
  runs: ['wake_at', 'lease_until', 'failing_since', 'held_at'],
  triggers: ['next_ask_at', 'lease_until'],
  connection_sessions: ['expires_at', 'renewing_until'],
  limiter_buckets: ['updated_at', 'paused_until'],
  key_locks: ['until'],
};

/** PostgreSQL breaks a deadlock by refusing one side; nothing of it was done. */
const deadlock = '40P01';
const mostTries = 10;

/**
 * Lets time pass for everything that waits, by moving what is stored into the past. In one transaction: a worker that
 * takes a run in between would still find the pause, or the call, of before. It locks rows in another order than workers
 * do, so it may be broken off, and begins anew. `beside` moves more in the same transaction.
 */
export async function passTime(
  pool: Pool,
  seconds: number,
  beside: (client: PoolClient) => Promise<void> = async () => {},
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await inTransaction(pool, async (client) => {
        for (const [table, names] of Object.entries(columns)) {
          const sets = names.map((name) => `${name} = ${name} - make_interval(secs => $1)`);
          await client.query(`update ${table} set ${sets.join(', ')}`, [seconds]);
        }
        await beside(client);
      });
    } catch (error) {
      if ((error as { code?: string }).code !== deadlock || tries === mostTries) throw error;
    }
  }
}
