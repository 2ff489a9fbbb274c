import type { PoolClient } from 'pg';
import type { Context } from '../context.ts';
import { inTransaction } from '../db/transaction.ts';
import { moveToHistory, notNow } from './decide.ts';
import { mustReadRun } from './history/runs.ts';
import type { RunRow } from './history/runs-store.ts';
import { packProgress, readProgress } from './progress.ts';
import { announce } from './receive.ts';
import type { Progress } from './work.ts';

/**
 * Runs again what has ended: a new run with the same origin, so that a create that had succeeded is recognised. A step
 * that succeeded keeps its result unless `createAgain`; with `anyway` a create passes over the duplicate rule, and the
 * new run says whose decision that was. A failed run leaves the attention list for the history.
 */
export async function rerun(
  ctx: Context,
  input: Rerun & {
    id: string;
    /** Only while it is on the attention list: of two people who take the same group, one takes each run. */
    listed?: boolean;
  },
): Promise<string> {
  const run = await mustReadRun(ctx, input.id);
  if (run.finished_at === null || run.state === 'unknown' || run.blanked) throw notNow();
  const { version, progress } = await takenOver(ctx, run, input);
  const id = await inTransaction(ctx.pool, async (client) => {
    await refuseSecond(client, run.id);
    const { rowCount: listed } = await client.query(moveToHistory, [run.id]);
    if (input.listed && listed === 0) throw notNow();
    const { rows } = await client.query<{ id: string }>(
      `insert into runs (flow_id, version_id, record_key, record_type, record_id, record_label, record_url, event, source,
         delivery_id, payload, progress, root_id, rerun_of, create_again)
       values ($1, $2, $3, $4, $5, $6, $7, $8, 'person', $9, $10, $11, $12, $13, $14) returning id`,
      [
        run.flow_id,
        version,
        run.record_key,
        run.record_type,
        run.record_id,
        run.record_label,
        run.record_url,
        run.event,
        run.delivery_id,
        run.payload,
        packProgress(progress),
        // Created again it is an origin of its own: its key is new each time, and the same for all its repeats.
        input.createAgain ? null : (run.root_id ?? run.id),
        run.id,
        run.create_again + (input.createAgain ? 1 : 0),
      ],
    );
    return rows[0]?.id ?? '';
  });
  announce(ctx, [{ runId: id, flowId: run.flow_id }]);
  return id;
}

/** A double click, or two people at once: while one rerun of a run is open, there is no second. */
async function refuseSecond(client: PoolClient, runId: string): Promise<void> {
  await client.query(`select pg_advisory_xact_lock(hashtextextended('rerun ' || $1, 0))`, [runId]);
  const { rowCount } = await client.query(`select 1 from runs where rerun_of = $1 and finished_at is null limit 1`, [
    runId,
  ]);
  if (rowCount !== 0) throw notNow();
}

/** How a run is run again. */
export interface Rerun {
  from: 'failedStep' | 'start';
  version: 'same' | 'current';
  createAgain: boolean;
  anyway?: boolean | undefined;
  /** Who asked. */
  by?: string | undefined;
}

/**
 * What a rerun begins with. Results of finished steps are kept where the version still does the same there. What was
 * loaded is kept only while it is the latest the flow knows of the record: an older state must not go over a newer one.
 */
export async function takenOver(
  ctx: Context,
  run: RunRow,
  how: Rerun,
): Promise<{ version: string; progress: Progress }> {
  const version = how.version === 'same' ? run.version_id : await currentVersion(ctx, run);
  const { steps, loaded } = readProgress(run.progress);
  const keepsLoaded = how.from === 'failedStep' && loaded !== undefined && !(await wasTakenSince(ctx, run));
  return {
    version,
    progress: {
      steps: how.createAgain ? {} : await stillTheSame(ctx, { steps, from: run.version_id, to: version }),
      trace: [],
      ...(keepsLoaded ? { loaded } : {}),
      ...(how.createAgain && how.anyway ? { createAnyway: how.by ?? '' } : {}),
    },
  };
}

/** Has a later run of the flow taken a state of this record? */
async function wasTakenSince(ctx: Context, run: RunRow): Promise<boolean> {
  const { rowCount } = await ctx.pool.query(
    'select 1 from record_states where flow_id = $1 and record_key = $2 and run_id > $3',
    [run.flow_id, run.record_key, run.id],
  );
  return rowCount !== 0;
}

/** Results whose step has the same action and connection in the other version. */
async function stillTheSame(
  ctx: Context,
  input: { steps: Progress['steps']; from: string; to: string },
): Promise<Progress['steps']> {
  if (input.from === input.to) return input.steps;
  const rows = await ctx.db
    .selectFrom('flow_versions')
    .select(['id', 'definition'])
    .where('id', 'in', [input.from, input.to])
    .execute();
  const stepOf = (version: string, id: string) =>
    rows.find((row) => row.id === version)?.definition.steps.find((step) => step.id === id);
  const kept = Object.entries(input.steps).filter(([id]) => {
    const [old, current] = [stepOf(input.from, id), stepOf(input.to, id)];
    return old?.action === current?.action && old?.connection === current?.connection;
  });
  return Object.fromEntries(kept);
}

async function currentVersion(ctx: Context, run: RunRow): Promise<string> {
  const flow = await ctx.db.selectFrom('flows').select('version_id').where('id', '=', run.flow_id).executeTakeFirst();
  return flow?.version_id ?? run.version_id;
}
