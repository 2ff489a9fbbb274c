import type { Text } from '../kit/text.ts';
import type { Context } from './context.ts';
import { toJsonb } from './db/jsonb.ts';
import type { NoticeKind } from './notices/contract.ts';

/** The queue of alerts to send. */
export const alertQueue = 'alerts';

/** A name that goes between «»: its own quotes become inner ones. */
export const quoted = (name: string): string => name.replaceAll('«', '„').replaceAll('»', '“');

/**
 * Tells of a trouble once: while it lasts, telling it again changes nothing. One that passed by itself less than a day
 * ago and comes back is the same: its notice is opened again, and nobody is alerted anew.
 */
export async function raiseNotice(
  ctx: Context,
  input: { kind: NoticeKind; text: Text; flowId?: string; connectionId?: string },
): Promise<void> {
  const { rows } = await ctx.pool.query<{ id: string | null }>(
    `with reopened as (
       update notices set settled_at = null, lapsed = false, text = $3::jsonb
       where kind = $1 and subject = $2 and lapsed and at > now() - interval '1 day'
         and id = (select max(id) from notices where kind = $1 and subject = $2)
       returning id),
     raised as (
       insert into notices (kind, subject, text, flow_id, connection_id)
       select $1, $2, $3::jsonb, $4::uuid, $5::uuid where not exists (select 1 from reopened)
       on conflict (kind, subject) where settled_at is null do nothing returning id)
     select id from raised union all select null from reopened`,
    [
      input.kind,
      input.flowId ?? input.connectionId ?? '',
      toJsonb(input.text),
      input.flowId ?? null,
      input.connectionId ?? null,
    ],
  );
  const [row] = rows;
  if (!row) return;
  if (row.id !== null) await ctx.jobs.send(alertQueue, { notice: row.id });
  tellScreens(ctx, input);
}

/** The trouble is over; `lapsed`: by itself, nobody did anything. */
export async function settleNotice(
  ctx: Context,
  input: { kinds: NoticeKind[]; flowId?: string; connectionId?: string; lapsed?: boolean },
): Promise<void> {
  const { rowCount } = await ctx.pool.query(
    'update notices set settled_at = now(), lapsed = $3 where kind = any($1) and subject = $2 and settled_at is null',
    [input.kinds, input.flowId ?? input.connectionId ?? '', input.lapsed ?? false],
  );
  if (rowCount !== 0) tellScreens(ctx, input);
}

function tellScreens(ctx: Context, { flowId, connectionId }: { flowId?: string; connectionId?: string }): void {
  if (flowId !== undefined) ctx.live.tell({ kind: 'flow', id: flowId });
  if (connectionId !== undefined) ctx.live.tell({ kind: 'connection', id: connectionId });
}
