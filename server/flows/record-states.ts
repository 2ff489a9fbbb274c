import type { Context } from '../context.ts';
import { toJsonb } from '../db/jsonb.ts';
import { inTransaction } from '../db/transaction.ts';
import { packProgress } from './progress.ts';
import type { Progress, Work } from './work.ts';

/** The state of a record as a flow took it last. */
export async function readState(
  ctx: Context,
  input: { flowId: string; recordKey: string },
): Promise<{ hash: string; fields: Record<string, string>; runId: string | null } | null> {
  const row = await ctx.db
    .selectFrom('record_states')
    .select(['hash', 'fields', 'run_id'])
    .where('flow_id', '=', input.flowId)
    .where('record_key', '=', input.recordKey)
    .executeTakeFirst();
  return row ? { hash: row.hash, fields: row.fields, runId: row.run_id } : null;
}

/**
 * What the run that took a state came to: one that was filtered out or refused did nothing with it, and a backfill may
 * take the record again. Null: it was only learned. A run whose day has left the history is taken for carried out.
 */
export async function wasCarriedOut(ctx: Context, runId: string | null): Promise<boolean> {
  if (runId === null) return false;
  const { rows } = await ctx.pool.query<{ state: string }>(
    'select state from runs where id = $1 union all select state from run_history where id = $1',
    [runId],
  );
  return !['filtered', 'rejected', 'dead'].includes(rows[0]?.state ?? '');
}

/**
 * Takes a state, uses up the fingerprints it shows, and keeps what was loaded, in one transaction: a crash leaves
 * either a state that was not taken, or a run that knows what it took. False: somebody else has the run now.
 */
export async function takeState(
  ctx: Context,
  input: {
    work: Work;
    loaded: NonNullable<Progress['loaded']> | null;
    state: { hash: string; fields: Record<string, string> } | null;
    fingerprints: string[];
  },
): Promise<boolean> {
  const { work, state, fingerprints } = input;
  const { run, progress } = work;
  // Nothing to take: what came with the run is read again after a crash.
  if (!state && fingerprints.length === 0) return true;
  return inTransaction(ctx.pool, async (client) => {
    const kept = input.loaded ? { ...progress, loaded: input.loaded } : progress;
    const { rowCount } = await client.query(
      `update runs set progress = $3 where id = $1 and fence = $2 and state in ('working', 'calling')`,
      [run.id, run.fence, packProgress(kept)],
    );
    if (rowCount === 0) return false;
    if (state) {
      await client.query(
        `insert into record_states (flow_id, record_key, hash, fields, run_id) values ($1, $2, $3, $4::jsonb, $5)
         on conflict (flow_id, record_key) do update set hash = excluded.hash, fields = excluded.fields,
           run_id = excluded.run_id, at = now()`,
        [run.flowId, run.recordKey, state.hash, toJsonb(state.fields), run.id],
      );
    }
    if (fingerprints.length > 0) {
      await client.query(
        `update fingerprints set used_by = array_append(used_by, $2::uuid)
         where id = any($1::bigint[]) and not ($2::uuid = any(used_by))`,
        [fingerprints, run.flowId],
      );
    }
    return true;
  });
}
