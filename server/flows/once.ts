import type { PoolClient } from 'pg';
import type { Context } from '../context.ts';
import type { StepOutcome, Work } from './work.ts';

/** "Load each record only once": spent when the first action was carried out or a duplicate was found. */
export async function once(work: Work, ctx: Context): Promise<StepOutcome> {
  const { run } = work;
  const isAsked = run.source === 'person';
  // Tried by hand, or created again on purpose. A plain rerun goes on with what its own origin began.
  if (isAsked && run.rootId === null) return passed;
  const spent = await readMark(ctx, { flowId: run.flowId, recordKey: run.recordKey, rootId: run.rootId });
  if (isAsked && (spent === null || spent.byOrigin)) return passed;
  if (spent === null)
    return { go: true, note: { why: { en: 'The first time for this record.', ru: 'Эта запись — впервые.' } } };
  const why = {
    en: 'Each record is loaded only once, and this one has been.',
    ru: 'Каждая запись загружается лишь единожды, эта уже загружена.',
  };
  return {
    stop: { state: 'skipped', reason: { code: 'once', text: why } },
    note: { why, code: 'once', found: [{ id: spent.runId, label: `№ ${spent.runId}`, url: `/runs/${spent.runId}` }] },
  };
}

const passed: StepOutcome = {
  go: true,
  note: { why: { en: 'A person asked for it again.', ru: 'Запуск повторил человек.' } },
};

/** The run that spent it, and whether it began where this one did. */
async function readMark(
  ctx: Context,
  input: { flowId: string; recordKey: string; rootId: string | null },
): Promise<{ runId: string; byOrigin: boolean } | null> {
  const { rows } = await ctx.pool.query<{ run_id: string; by_origin: boolean }>({
    name: 'read-once',
    text: `
    select run_id, run_id = $3 or exists (select 1 from runs r where r.id = m.run_id and r.root_id = $3)
      or exists (select 1 from run_history r where r.id = m.run_id and r.root_id = $3) as by_origin
    from once_marks m where flow_id = $1 and record_key = $2`,
    values: [input.flowId, input.recordKey, input.rootId],
  });
  const [row] = rows;
  return row ? { runId: row.run_id, byOrigin: row.by_origin } : null;
}

/** Spends it for the record of each of these runs. */
export async function markOnce(
  client: PoolClient,
  runs: { flowId: string; recordKey: string; runId: string }[],
): Promise<void> {
  if (runs.length === 0) return;
  await client.query(
    `insert into once_marks (flow_id, record_key, run_id)
     select * from unnest($1::uuid[], $2::text[], $3::bigint[]) on conflict do nothing`,
    [runs.map(({ flowId }) => flowId), runs.map(({ recordKey }) => recordKey), runs.map(({ runId }) => runId)],
  );
}
