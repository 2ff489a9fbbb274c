import type { Context } from '../context.ts';
import { readSettings } from '../installation.ts';
import { pauseFlow } from './states.ts';
import type { StepOutcome, Work } from './work.ts';

/** Counts are read from the database at most this often; between reads this process counts its own. */
const freshMilliseconds = 1000;
const counts = new WeakMap<Context, Map<string, { at: number; created: number }>>();

/**
 * Pauses a flow that would create more records in an hour than the settings allow, and asks its owner. Its runs wait
 * and go on when a person resumes it; resuming begins the hour anew.
 */
export async function brake(ctx: Context, work: Work): Promise<Extract<StepOutcome, { stop: unknown }> | null> {
  if (work.run.source === 'person') return null;
  const { brakePerHour } = await readSettings(ctx);
  const flowId = work.plan.flow.id;
  const count = await countOf(ctx, flowId);
  if (count.created < brakePerHour) {
    count.created += 1;
    return null;
  }
  const text = {
    en: `The flow would create more than ${brakePerHour} records in an hour. Is that right? Resume it to go on, or stop it.`,
    ru: `Связка создала бы больше ${brakePerHour} записей за час. Так и задумано? Возобновите её или остановите.`,
  };
  const reason = { code: 'brake', text };
  await pauseFlow(ctx, { flowId, reason });
  return { stop: { state: 'held', reason, waitsFor: flowId }, note: { why: text, code: 'brake' } };
}

async function countOf(ctx: Context, flowId: string): Promise<{ at: number; created: number }> {
  const cache = counts.get(ctx) ?? new Map<string, { at: number; created: number }>();
  counts.set(ctx, cache);
  const known = cache.get(flowId);
  if (known && Date.now() - known.at < freshMilliseconds) return known;
  const { rows } = await ctx.pool.query<{ created: string | null }>(
    `select sum(created) as created from brake_counts where flow_id = $1 and slot > now() - interval '1 hour'`,
    [flowId],
  );
  const fresh = { at: Date.now(), created: Number(rows[0]?.created ?? 0) };
  cache.set(flowId, fresh);
  return fresh;
}

/** A person let the flow go on: the hour begins anew. */
export async function releaseBrake(ctx: Context, flowId: string): Promise<void> {
  counts.get(ctx)?.delete(flowId);
  await ctx.pool.query('delete from brake_counts where flow_id = $1', [flowId]);
}
