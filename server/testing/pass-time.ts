import type { Pool } from 'pg';

const columns: Record<string, string[]> = {
  runs: ['wake_at', 'lease_until', 'failing_since', 'held_at'],
  triggers: ['next_ask_at', 'lease_until'],
  connection_sessions: ['expires_at', 'renewing_until'],
  limiter_buckets: ['updated_at', 'paused_until'],
  key_locks: ['until'],
};

/** Lets time pass for everything that waits, by moving what is stored into the past. */
export async function passTime(pool: Pool, seconds: number): Promise<void> {
  for (const [table, names] of Object.entries(columns)) {
    const sets = names.map((name) => `${name} = ${name} - make_interval(secs => $1)`);
    await pool.query(`update ${table} set ${sets.join(', ')}`, [seconds]);
  }
}
