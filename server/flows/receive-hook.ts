import type { HookEvent, HookRequest } from '../../kit/webhook.ts';
import { keepCaught } from '../connections/index.ts';
import type { Context } from '../context.ts';
import { happeningsOf } from './hooks.ts';
import { noteRefused, noteTaken } from './patience.ts';
import { receive } from './receive.ts';

/** A checked call of a connection's webhook, secrets cut: stored with its runs before this resolves. */
export async function receiveHook(
  ctx: Context,
  input: { connectionId: string; request: HookRequest; events: HookEvent[] },
): Promise<void> {
  const { connectionId, request, events } = input;
  const { method, headers, query } = request;
  const { happenings, asksNow } = happeningsOf({ connectionId, events, delivery: { place: 0, body: request.body } });
  await receive(ctx, {
    deliveries: [
      {
        connectionId,
        source: 'webhook',
        headers: JSON.stringify({ method, headers, query }),
        body: request.body === null ? JSON.stringify(request.rawBody.toString('utf8')) : JSON.stringify(request.body),
      },
    ],
    happenings,
  }).catch((error: unknown) => {
    noteRefused(ctx, error);
    throw error;
  });
  noteTaken(ctx);
  // The call is stored: a sender who heard of a failure now would send it a second time.
  try {
    if (events.some(({ kind }) => kind === 'item')) await keepCaught(ctx, { connectionId, body: caughtBody(request) });
    if (asksNow === 'all' || asksNow.length > 0) await askNow(ctx, { connectionId, triggers: asksNow });
  } catch (error) {
    ctx.log.warn({ err: error, connection: connectionId }, 'a call is stored; what it brings along failed');
  }
  noteEvent(ctx, { connectionId, happened: happenings.length > 0 });
}

const caughtBody = ({ rawBody, body, query }: HookRequest) => (rawBody.length === 0 ? query : body);

/** The call said that something changed which it does not tell itself. */
async function askNow(ctx: Context, input: { connectionId: string; triggers: 'all' | string[] }): Promise<void> {
  await ctx.pool.query(
    `update triggers set next_ask_at = now()
     where connection_id = $1 and active and next_ask_at > now() and ($2::text[] is null or trigger_key = any($2))`,
    [input.connectionId, input.triggers === 'all' ? null : input.triggers],
  );
  await ctx.pool.query(`select pg_notify('mostik_runs', '')`);
}

const notedAt = new Map<string, number>();

/** When a trigger heard something last, written down every few seconds. */
function noteEvent(ctx: Context, input: { connectionId: string; happened: boolean }): void {
  const last = notedAt.get(input.connectionId) ?? Number.NEGATIVE_INFINITY;
  if (!input.happened || performance.now() - last < 5000) return;
  notedAt.set(input.connectionId, performance.now());
  ctx.pool
    .query('update triggers set event_at = now() where connection_id = $1 and active', [input.connectionId])
    .catch((error: unknown) => ctx.log.warn({ err: error }, 'the time of a call could not be noted'));
}
