import type { Context } from '../../context.ts';

export interface End {
  connectionId: string;
  recordType: string;
  recordId: string;
}

/** The record over there that belongs to this one, read from either end of a pair; of several the latest. */
export async function findPair(
  ctx: Context,
  input: { from: End; toConnection: string; toType: string },
): Promise<{ recordId: string; pairId: string } | null> {
  const { from, toConnection, toType } = input;
  const { rows } = await ctx.pool.query<{ pair_id: string; record_id: string }>({
    name: 'find-pair',
    text: `
    select id as pair_id, target_id as record_id, at from pairs
    where source_connection = $1 and source_type = $2 and source_id = $3 and target_connection = $4 and target_type = $5
    union all
    select id, source_id, at from pairs
    where target_connection = $1 and target_type = $2 and target_id = $3 and source_connection = $4 and source_type = $5
    order by at desc limit 1`,
    values: [from.connectionId, from.recordType, from.recordId, toConnection, toType],
  });
  const row = rows[0];
  return row ? { recordId: row.record_id, pairId: row.pair_id } : null;
}

/** The record at its other end is gone: the pair tells nothing any more. */
export async function dropPair(ctx: Context, pairId: string): Promise<void> {
  await ctx.db.deleteFrom('pairs').where('id', '=', pairId).execute();
}
