import type { Text } from '../kit/text.ts';
import type { Context } from './context.ts';
import { toJsonb } from './db/jsonb.ts';
import type { NoticeKind } from './notices/contract.ts';

/** The queue of alerts to send. */
export const alertQueue = 'alerts';

/** A name that goes between «»: its own quotes become inner ones. */
export const quoted = (name: string): string => name.replaceAll('«', '„').replaceAll('»', '“');

/** Tells of a trouble once: while it lasts, telling it again changes nothing. */
export async function raiseNotice(
  ctx: Context,
  input: { kind: NoticeKind; text: Text; flowId?: string; connectionId?: string },
): Promise<void> {
  const { rows } = await ctx.pool.query<{ id: string }>(
    `insert into notices (kind, subject, text, flow_id, connection_id) values ($1, $2, $3::jsonb, $4, $5)
     on conflict (kind, subject) where settled_at is null do nothing returning id`,
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
  await ctx.jobs.send(alertQueue, { notice: row.id });
  tellScreens(ctx, input);
}

/** The trouble is over. */
export async function settleNotice(
  ctx: Context,
  input: { kinds: NoticeKind[]; flowId?: string; connectionId?: string },
): Promise<void> {
  const { rowCount } = await ctx.pool.query(
    'update notices set settled_at = now() where kind = any($1) and subject = $2 and settled_at is null',
    [input.kinds, input.flowId ?? input.connectionId ?? ''],
  );
  if (rowCount !== 0) tellScreens(ctx, input);
}

function tellScreens(ctx: Context, { flowId, connectionId }: { flowId?: string; connectionId?: string }): void {
  if (flowId !== undefined) ctx.live.tell({ kind: 'flow', id: flowId });
  if (connectionId !== undefined) ctx.live.tell({ kind: 'connection', id: connectionId });
}
