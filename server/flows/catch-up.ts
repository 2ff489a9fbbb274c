import type { Json } from '../../kit/field.ts';
import type { HookRequest } from '../../kit/webhook.ts';
import { openConnection } from '../connections/index.ts';
import type { Context } from '../context.ts';
import { happeningsOf } from './hooks.ts';
import { announce, inTransaction, receiveWithin } from './receive.ts';

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
    const calls = await ctx.db
      .selectFrom('deliveries')
      .select(['id', 'headers', 'body'])
      .where('connection_id', '=', trigger.connection_id)
      .where('source', '=', 'webhook')
      .where('id', '>', last)
      .orderBy('id')
      .limit(pageSize)
      .execute();
    const latest = calls.at(-1);
    if (!latest) return;
    last = latest.id;
    const happenings = calls.flatMap((call) =>
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
