import type { Text } from '../../kit/text.ts';
import type { Context } from '../context.ts';
import type { Notice, NoticeKind } from './contract.ts';

const shown = 50;

export async function listNotices(ctx: Context): Promise<{ unread: number; items: Notice[] }> {
  const { rows } = await ctx.pool.query<{
    id: string;
    kind: NoticeKind;
    text: Text;
    flow_id: string | null;
    connection_id: string | null;
    at: Date;
    settled_at: Date | null;
    read_at: Date | null;
    unread: string;
  }>(
    `select *, (select count(*) from notices where read_at is null) as unread
     from notices order by at desc, id desc limit ${shown}`,
  );
  return {
    unread: Number(rows[0]?.unread ?? 0),
    items: rows.map((row) => ({
      id: row.id,
      kind: row.kind,
      text: row.text,
      flow: row.flow_id,
      connection: row.connection_id,
      at: row.at.toISOString(),
      settledAt: row.settled_at?.toISOString() ?? null,
      read: row.read_at !== null,
    })),
  };
}

export async function readNotices(ctx: Context): Promise<void> {
  await ctx.pool.query('update notices set read_at = now() where read_at is null');
}
