import type { Context } from '../context.ts';
import { readSettings } from '../installation.ts';
import { pauseFlow } from './states.ts';
import type { StepOutcome, Work } from './work.ts';

/** Counts are read from the database at most this often; between reads this process counts its own. */
const freshMilliseconds = 1000;

interface Count {
  created: number;
  /** Runs of this process that were let pass: what they create is not in the database yet. */
  passed: string[];
}
const counts = new WeakMap<Context, Map<string, { at: number; count: Promise<Count> }>>();

/**
 * Pauses a flow that would create more records in an hour than the settings allow, and asks its owner. Its runs wait
 * and go on when a person resumes it; resuming begins the hour anew.
 */
export async function brake(ctx: Context, work: Work): Promise<Extract<StepOutcome, { stop: unknown }> | null> {
  if (work.run.source === 'person' || work.run.source === 'backfill') return null;
  const { brakePerHour } = await readSettings(ctx);
  const flowId = work.plan.flow.id;
  const count = await countOf(ctx, flowId);
  if (count.created < brakePerHour) {
    count.created += 1;
    count.passed.push(work.run.id);
    return null;
  }
  const text = {
    en: `The flow would create more records in an hour than is allowed (${brakePerHour}). Is that right? Resume it to go on, or stop it.`,
    ru: `Связка создала бы за час больше записей, чем разрешено (${brakePerHour}). Так и задумано? Возобновите её или остановите.`,
  };
  const reason = { code: 'brake', text };
  await pauseFlow(ctx, { flowId, reason });
  return { stop: { state: 'held', reason, waitsFor: flowId }, note: { why: text, code: 'brake' } };
}

/** Runs that ask at the same moment share one count, so that they do not all take the last place. */
function countOf(ctx: Context, flowId: string): Promise<Count> {
  const cache = counts.get(ctx) ?? new Map<string, { at: number; count: Promise<Count> }>();
  counts.set(ctx, cache);
  const known = cache.get(flowId);
  if (known && performance.now() - known.at < freshMilliseconds) return known.count;
  const count = readCount(ctx, { flowId, last: known?.count });
  cache.set(flowId, { at: performance.now(), count });
  count.catch(() => cache.delete(flowId));
  return count;
}

/** What was created within the hour, and what is being created right now. */
async function readCount(ctx: Context, input: { flowId: string; last: Promise<Count> | undefined }): Promise<Count> {
  const last = await input.last?.catch(() => undefined);
  const { rows } = await ctx.pool.query<{ created: string | null; under_way: string[] }>(
    `select (select sum(created) from brake_counts where flow_id = $1 and slot > now() - interval '1 hour') as created,
       array(select id::text from runs where flow_id = $1 and (
         (state = 'working' and id = any($2::bigint[]))
         or (state = 'calling' and creates))) as under_way`,
    [input.flowId, last?.passed ?? []],
  );
  const passed = rows[0]?.under_way ?? [];
  return { created: Number(rows[0]?.created ?? 0) + passed.length, passed };
}

/** A person let the flow go on: the hour begins anew. */
export async function releaseBrake(ctx: Context, flowId: string): Promise<void> {
  counts.get(ctx)?.delete(flowId);
  await ctx.pool.query('delete from brake_counts where flow_id = $1', [flowId]);
}

/** How many records each flow created, in a stable order: two processes that count the same flows never lock crosswise. */
export function createdByFlow(items: { flowId: string; effects: { created: number } }[]): {
  flows: string[];
  counts: number[];
} {
  const byFlow = new Map<string, number>();
  for (const { flowId, effects } of items) {
    if (effects.created > 0) byFlow.set(flowId, (byFlow.get(flowId) ?? 0) + effects.created);
  }
  const sorted = [...byFlow].sort(([a], [b]) => (a < b ? -1 : 1));
  return { flows: sorted.map(([flowId]) => flowId), counts: sorted.map(([, created]) => created) };
}

/** The statement that counts them; its two arrays are parameters `first` and the next. */
export function countCreated(first: number): string {
  return `insert into brake_counts (flow_id, slot, created)
     select flow_id, date_bin('5 minutes', now(), 'epoch'), created
     from unnest($${first}::uuid[], $${first + 1}::int[]) as d(flow_id, created)
     on conflict (flow_id, slot) do update set created = brake_counts.created + excluded.created`;
}
