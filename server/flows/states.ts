import { fill } from '../../kit/text.ts';
import type { Context } from '../context.ts';
import { toJsonb } from '../db/jsonb.ts';
import { quoted, raiseNotice } from '../notice.ts';
import type { Reason } from './contract.ts';

/** Tells of a paused flow, or of all that nobody was told of: their process died before it could. */
export async function tellPaused(ctx: Context, flowId: string | null = null): Promise<void> {
  const { rows } = await ctx.pool.query<{ id: string; name: string; paused: Reason }>(
    `select id, name, paused from flows f
     where state = 'paused' and paused is not null and deleted_at is null and ($1::uuid is null or id = $1)
       and not exists (select 1 from notices n where n.kind = 'flow.paused' and n.subject = f.id::text and n.settled_at is null)`,
    [flowId],
  );
  for (const { id, name, paused } of rows) {
    const text = fill(
      { en: 'The flow "{name}" is paused. {why}', ru: 'Связка «{name}» приостановлена. {why}' },
      { name: quoted(name), why: paused.text },
    );
    await raiseNotice(ctx, { kind: 'flow.paused', flowId: id, text });
  }
}

/** Pauses a flow with a reason in words; pausing a flow that does not run changes nothing. */
export async function pauseFlow(ctx: Context, input: { flowId: string; reason: Reason }): Promise<void> {
  const paused = toJsonb({ ...input.reason, at: new Date().toISOString() });
  const { rowCount } = await ctx.pool.query(
    `with paused as (
      update flows set state = 'paused', paused = $2::jsonb where id = $1 and state in ('works', 'waits') returning id)
    update triggers t set active = false, stopped_at = now(),
      settled_delivery = coalesce((select max(id) from deliveries d where d.connection_id = t.connection_id), settled_delivery)
    from paused where t.flow_id = paused.id`,
    [input.flowId, paused],
  );
  if (rowCount === 0) return;
  await tellPaused(ctx, input.flowId);
  ctx.live.tell({ kind: 'flow', id: input.flowId });
}

/** Runs that waited for the flow to be resumed go on. */
export async function wakeHeldRuns(ctx: Context, flowId: string): Promise<void> {
  await ctx.pool.query(
    `update runs set waits_for = null, wake_at = now(), failing_since = failing_since + (now() - held_at), held_at = null
     where waits_for = $1 and state = 'waiting'`,
    [flowId],
  );
  await ctx.pool.query(`select pg_notify('mostik_runs', '')`);
}
