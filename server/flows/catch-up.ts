import type { Json } from '../../kit/field.ts';
import type { HookRequest } from '../../kit/webhook.ts';
import { openConnection } from '../connections/index.ts';
import type { Context } from '../context.ts';
import { happeningsOf } from './hooks.ts';
import { inTransaction } from '../db/transaction.ts';
import { announce, receiveWithin } from './receive.ts';

const pageSize = 200;

/**
 * Reads the calls again that came while the flow was stopped, for this flow alone. What the app is asked for by cursor
 * needs nothing here: the cursor still stands where the flow stopped.
 */
export async function catchUp(ctx: Context, flowId: string): Promise<void> {
  const trigger = await ctx.db.selectFrom('triggers').selectAll().where('flow_id', '=', flowId).executeTakeFirst();
  if (!trigger || trigger.cursor !== null) return;
  const connection = await openConnection(ctx, trigger.connection_id);
  const { webhook } = connection.connector;
  if (!webhook) return;
  let last = trigger.settled_delivery;
  for (;;) {
    const calls = await readCalls(ctx, { flowId, connectionId: trigger.connection_id, after: last });
    const latest = calls.at(-1);
    if (!latest) return;
    last = latest.id;
    const missed = calls.filter(({ taken }) => !taken);
    const happenings = missed.flatMap((call) =>
      happeningsOf({
        connectionId: connection.id,
        events: webhook.read(requestOf(call), connection),
        delivery: null,
      }).happenings.map((happening) => ({
        ...happening,
        flowId,
        recordKey: happening.recordKey ?? `delivery:${call.id}`,
        seenKey: happening.seenKey ?? `delivery:${call.id}`,
      })),
    );
    const queued = await inTransaction(ctx.pool, async (client) => {
      // Runs are addressed to listening flows, so the flow listens from here on.
      await client.query('update triggers set active = true, settled_delivery = $2 where flow_id = $1', [flowId, last]);
      return receiveWithin(client, { deliveries: [], happenings });
    });
    announce(ctx, queued);
  }
}

interface StoredCall {
  id: string;
  headers: string | null;
  body: string | null;
  /** The flow has a run of it: it came when the flow was listening again. */
  taken: boolean;
}

async function readCalls(
  ctx: Context,
  input: { flowId: string; connectionId: string; after: string },
): Promise<StoredCall[]> {
  const { rows } = await ctx.pool.query<StoredCall>(
    `select d.id, d.headers, d.body,
       exists (select 1 from runs r where r.flow_id = $2 and r.created_at >= d.received_at and r.delivery_id = d.id)
       or exists (select 1 from run_history r where r.flow_id = $2 and r.created_at >= d.received_at and r.delivery_id = d.id)
         as taken
     from deliveries d
     where d.connection_id = $1 and d.source = 'webhook' and d.id > $3
     order by d.id limit ${pageSize}`,
    [input.connectionId, input.flowId, input.after],
  );
  return rows;
}

function requestOf(call: { headers: string | null; body: string | null }): HookRequest {
  const kept = JSON.parse(call.headers ?? '{}') as {
    method?: string;
    headers?: Record<string, string>;
    query?: Record<string, string>;
  };
  const body = call.body === null ? null : (JSON.parse(call.body) as Json);
  return {
    method: kept.method ?? 'POST',
    headers: kept.headers ?? {},
    query: kept.query ?? {},
    // A call without a body was kept as an empty object.
    rawBody: Buffer.from(call.body === null || call.body === '{}' ? '' : call.body),
    body,
  };
}
