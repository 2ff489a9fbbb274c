import type { Pool } from 'pg';
import { createBatcher } from '../db/batch.ts';
import type { Context } from '../context.ts';

/** A lock outlives its run by no more than this. */
const heldSeconds = 120;

interface Wish {
  runId: string;
  keys: string[];
}

const batchers = new WeakMap<Context, (wish: Wish) => Promise<boolean>>();

/**
 * Locks keys of a record that is about to be looked for and made. All or nothing, in sorted order, so that two runs
 * never wait for each other. False: another run holds one of them.
 */
export async function lockKeys(ctx: Context, wish: Wish): Promise<boolean> {
  if (wish.keys.length === 0) return true;
  let lock = batchers.get(ctx);
  if (!lock) {
    lock = createBatcher({ most: 200, write: (wishes: Wish[]) => lockAll(ctx.pool, wishes) });
    batchers.set(ctx, lock);
  }
  return lock(wish);
}

async function lockAll(pool: Pool, wishes: Wish[]): Promise<boolean[]> {
  // One row may be asked for once in a statement: within a batch the first run has the key.
  const wanted = new Map<string, string>();
  for (const { runId, keys } of wishes) for (const key of keys) if (!wanted.has(key)) wanted.set(key, runId);
  const sorted = [...wanted].sort(([a], [b]) => (a < b ? -1 : 1));
  const { rows } = await pool.query<{ key: string; run_id: string }>({
    name: 'lock-keys',
    text: `
    insert into key_locks (key, run_id, until)
    select key, run_id, now() + make_interval(secs => ${heldSeconds}) from unnest($1::text[], $2::bigint[]) as k(key, run_id)
    order by key
    on conflict (key) do update set run_id = excluded.run_id, until = excluded.until
      where key_locks.run_id = excluded.run_id or key_locks.until < now()
    returning key, run_id`,
    values: [sorted.map(([key]) => key), sorted.map(([, runId]) => runId)],
  });
  const held = new Set(rows.map(({ key, run_id }) => `${run_id} ${key}`));
  const locked = wishes.map(({ runId, keys }) => keys.every((key) => held.has(`${runId} ${key}`)));
  const givenUp = wishes.filter((_, index) => !locked[index]).map(({ runId }) => runId);
  if (givenUp.length > 0) await pool.query('delete from key_locks where run_id = any($1::bigint[])', [givenUp]);
  return locked;
}
