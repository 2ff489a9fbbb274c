import type { Context } from '../context.ts';
import type { Reason } from './contract.ts';

/** Pauses a flow with a reason in words; pausing a flow that does not run changes nothing. */
export async function pauseFlow(ctx: Context, input: { flowId: string; reason: Reason }): Promise<void> {
  const paused = JSON.stringify({ ...input.reason, at: new Date().toISOString() });
  await ctx.pool.query(
    `with paused as (
      update flows set state = 'paused', paused = $2::jsonb where id = $1 and state in ('works', 'waits') returning id)
    update triggers t set active = false, stopped_at = now(),
      settled_delivery = coalesce((select max(id) from deliveries d where d.connection_id = t.connection_id), settled_delivery)
    from paused where t.flow_id = paused.id`,
    [input.flowId, paused],
  );
  ctx.live.tell({ kind: 'flow', id: input.flowId });
}

/** Runs that waited for the flow to be resumed go on. */
export async function wakeHeldRuns(ctx: Context, flowId: string): Promise<void> {
  await ctx.pool.query(`update runs set waits_for = null, wake_at = now() where waits_for = $1 and state = 'waiting'`, [
    flowId,
  ]);
  await ctx.pool.query(`select pg_notify('mostik_runs', '')`);
}
