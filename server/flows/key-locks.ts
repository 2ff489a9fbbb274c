import type { Context } from '../context.ts';

/** A lock outlives its run by no more than this. */
const heldSeconds = 120;

/**
 * Locks keys of a record that is about to be looked for and made. All or nothing, in sorted order, so that two runs
 * never wait for each other. False: another run holds one of them.
 */
export async function lockKeys(ctx: Context, input: { runId: string; keys: string[] }): Promise<boolean> {
  const keys = [...new Set(input.keys)].sort();
  if (keys.length === 0) return true;
  const { rows } = await ctx.pool.query<{ key: string }>({
    name: 'lock-keys',
    text: `
    insert into key_locks (key, run_id, until)
    select key, $2, now() + make_interval(secs => ${heldSeconds}) from unnest($1::text[]) as k(key) order by key
    on conflict (key) do update set run_id = excluded.run_id, until = excluded.until
      where key_locks.run_id = excluded.run_id or key_locks.until < now()
    returning key`,
    values: [keys, input.runId],
  });
  if (rows.length === keys.length) return true;
  await ctx.pool.query('delete from key_locks where run_id = $1', [input.runId]);
  return false;
}
