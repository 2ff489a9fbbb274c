import type { PoolClient } from 'pg';
import type { Context } from '../context.ts';
import type { FlowDefinition } from './contract.ts';

/** While this stays the same, so does the cursor. */
export function sourceOf({ trigger }: FlowDefinition): string {
  const settings = Object.entries(trigger.settings).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([trigger.connection, trigger.trigger, settings]);
}

/** The app's answer to the last ask may have been on its way while it changed something. */
const overlap = '1 minute';

/**
 * Points the flow's reader at its saved definition. Editing never moves the cursor. Other settings of the same event ask
 * anew from the last ask on; another app, event or connection starts from now. `fromNow` lets go of what came while it
 * was stopped.
 */
export async function writeTrigger(
  client: PoolClient,
  input: {
    flowId: string;
    definition: FlowDefinition;
    active: boolean;
    fromNow: boolean;
    /** How often a flow that waits for calls asks all the same. */
    reconcileMinutes: number;
  },
): Promise<void> {
  const { trigger } = input.definition;
  const everySeconds = 60 * (trigger.mode === 'realTime' ? input.reconcileMinutes : trigger.everyMinutes);
  const recordType = trigger.trigger.slice(0, trigger.trigger.lastIndexOf('.'));
  await client.query(
    `with latest as (select coalesce(max(id), 0) as id from deliveries where connection_id = $2),
    was as (
      select source = $5 and not $9 as same,
        connection_id = $2 and trigger_key = $3 and not $9 as same_event
      from triggers where flow_id = $1)
    insert into triggers (flow_id, connection_id, trigger_key, record_type, source, active, mode, every_seconds, settled_delivery)
    select $1, $2, $3, $4, $5, $6, $7, $8, latest.id from latest
    on conflict (flow_id) do update set
      connection_id = excluded.connection_id, trigger_key = excluded.trigger_key, record_type = excluded.record_type,
      mode = excluded.mode, every_seconds = excluded.every_seconds, active = excluded.active,
      stopped_at = case when excluded.active then null else coalesce(triggers.stopped_at, now()) end,
      failure = null, owner = null, lease_until = null, next_ask_at = now(),
      cursor = case when (select same from was) then triggers.cursor end,
      started_at = case when (select same from was) then triggers.started_at
        when (select same_event from was)
          then greatest(triggers.started_at, coalesce(triggers.asked_at - interval '${overlap}', triggers.started_at))
        else now() end,
      settled_delivery = case when (select same_event from was) then triggers.settled_delivery
        else excluded.settled_delivery end,
      source = excluded.source`,
    [
      input.flowId,
      trigger.connection,
      trigger.trigger,
      recordType,
      sourceOf(input.definition),
      input.active,
      trigger.mode,
      everySeconds,
      input.fromNow,
    ],
  );
}

/** Stops listening; what comes from now on waits for "catch up". */
export async function silenceTrigger(client: PoolClient, flowId: string): Promise<void> {
  await client.query(
    `update triggers t set active = false, stopped_at = now(), owner = null, lease_until = null,
       settled_delivery = coalesce((select max(id) from deliveries d where d.connection_id = t.connection_id), settled_delivery)
     where flow_id = $1 and active`,
    [flowId],
  );
}

/**
 * What came while the flow was stopped. A number counts the connection's calls; null: the app is asked by cursor, and
 * only asking tells how many; 0: nothing, it never ran, or it listens for something else now and begins from this moment.
 */
export async function countMissed(
  ctx: Context,
  { flowId, definition }: { flowId: string; definition: FlowDefinition },
): Promise<number | null> {
  const { rows } = await ctx.pool.query<{ has_cursor: boolean; stopped: boolean; calls: string }>(
    `select t.cursor is not null as has_cursor, t.stopped_at is not null and not t.active as stopped,
       (select count(*) from deliveries d where d.connection_id = t.connection_id and d.id > t.settled_delivery
          and d.source = 'webhook'
          -- A call that came in the moment of stopping may have its run already.
          and not exists (select 1 from runs r
            where r.flow_id = t.flow_id and r.created_at >= d.received_at and r.delivery_id = d.id)
          and not exists (select 1 from run_history r
            where r.flow_id = t.flow_id and r.created_at >= d.received_at and r.delivery_id = d.id)) as calls
     from triggers t where t.flow_id = $1 and t.connection_id = $2 and t.trigger_key = $3`,
    [flowId, definition.trigger.connection, definition.trigger.trigger],
  );
  const row = rows[0];
  if (!row?.stopped) return 0;
  return row.has_cursor ? null : Number(row.calls);
}
