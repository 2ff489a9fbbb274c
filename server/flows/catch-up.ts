import { setTimeout as delay } from 'node:timers/promises';
import type { Pool, PoolClient } from 'pg';
import type { Json } from '../../kit/field.ts';
import type { HookRequest } from '../../kit/webhook.ts';
import { openConnection } from '../connections/index.ts';
import type { Context } from '../context.ts';
import { inTransaction } from '../db/transaction.ts';
import { happeningsOf } from './hooks.ts';
import { announce, receiveWithin } from './receive.ts';

const pageSize = 200;

/** A call is stored in milliseconds; whoever needs longer is cut off, and its sender hears that it was not stored. */
const receptionSeconds = 5;

type Begin = (client: PoolClient) => Promise<void>;

/**
 * Reads the calls again that came while the flow was stopped, for this flow alone, oldest first; with the last page it
 * begins, so that no newer call goes before them. What the app is asked for by cursor needs nothing here: the cursor
 * still stands where the flow stopped. False: there was nothing to read, and it has not begun.
 */
export async function catchUp(ctx: Context, flowId: string, begin: Begin): Promise<boolean> {
  return readAgain(ctx, { flowId, begin });
}

/**
 * Takes the calls that found the flow not yet listening and were stored after the flow had looked for the last time.
 * Comes after the flow has begun to listen; what has its run already is left alone.
 */
export async function catchUpStragglers(ctx: Context, flowId: string): Promise<void> {
  await receptionsOver(ctx);
  await readAgain(ctx, { flowId, begin: null });
}

async function readAgain(ctx: Context, input: { flowId: string; begin: Begin | null }): Promise<boolean> {
  const { flowId, begin } = input;
  const trigger = await ctx.db.selectFrom('triggers').selectAll().where('flow_id', '=', flowId).executeTakeFirst();
  if (!trigger || trigger.cursor !== null) return false;
  const connection = await openConnection(ctx, trigger.connection_id);
  const { webhook } = connection.connector;
  if (!webhook) return false;
  // Stays where it is until the flow stops again: what a crash breaks off is read anew, and taken once all the same.
  let last = trigger.settled_delivery;
  for (;;) {
    const calls = await readCalls(ctx, { flowId, connectionId: trigger.connection_id, after: last });
    const latest = calls.at(-1);
    if (!latest) return false;
    last = latest.id;
    const isLast = calls.length < pageSize;
    const happenings = calls
      .filter(({ taken }) => !taken)
      .flatMap((call) =>
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
      // Runs are addressed to listening flows; nobody else sees it listen before this is committed.
      await client.query('update triggers set active = true where flow_id = $1', [flowId]);
      const runs = await receiveWithin(client, { deliveries: [], happenings });
      if (begin && isLast) await begin(client);
      else if (begin) await client.query('update triggers set active = false where flow_id = $1', [flowId]);
      return runs;
    });
    announce(ctx, queued);
    if (isLast) return begin !== null;
  }
}

/**
 * Waits until every call is in, or given up, that was being stored at this moment. An INSERT locks its table before it
 * looks at any row and until its transaction ends, so a reception that did not see the flow listen is among the holders
 * of that lock (CREATE INDEX CONCURRENTLY waits for writers in the same way). It costs those who receive nothing.
 */
async function receptionsOver(ctx: Context): Promise<void> {
  let open = await openReceptions(ctx.pool);
  for (const until = Date.now() + receptionSeconds * 1000; open.length > 0 && Date.now() < until; ) {
    await delay(10);
    const still = new Set((await openReceptions(ctx.pool)).map(({ transaction }) => transaction));
    open = open.filter(({ transaction }) => still.has(transaction));
  }
  if (open.length === 0) return;
  ctx.log.warn({ backends: open.map(({ pid }) => pid) }, 'calls were being stored for too long; they are cut off');
  await ctx.pool.query('select pg_terminate_backend(pid) from unnest($1::int[]) as p(pid)', [
    open.map(({ pid }) => pid),
  ]);
}

async function openReceptions(pool: Pool): Promise<{ transaction: string; pid: number }[]> {
  const { rows } = await pool.query<{ transaction: string; pid: number }>(
    `select virtualtransaction as transaction, pid from pg_locks
     where locktype = 'relation' and relation = 'deliveries'::regclass and mode = 'RowExclusiveLock' and granted
       and database = (select oid from pg_database where datname = current_database()) and pid <> pg_backend_pid()`,
  );
  return rows;
}

interface StoredCall {
  id: string;
  headers: string | null;
  body: string | null;
  /** The flow has a run of it: it came when the flow was listening again, or was read before. */
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
       or exists (select 1 from seen s where s.flow_id = $2 and s.key = 'delivery:' || d.id)
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
