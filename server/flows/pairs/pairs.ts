import type { PoolClient } from 'pg';
import type { Context } from '../../context.ts';
import { toText } from '../../db/jsonb.ts';
import type { PairOf } from '../work.ts';

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

/** The record at its other end is gone: the pair tells nothing any more, unless it has got another end meanwhile. */
export async function dropPair(ctx: Context, pair: { pairId: string; from: End; recordId: string }): Promise<void> {
  await ctx.pool.query(
    `delete from pairs where id = $1 and (source_id, target_id) in (($2::text, $3::text), ($3, $2))`,
    [pair.pairId, pair.from.recordId, pair.recordId],
  );
}

/** The latest pair of a source wins; within one batch too. */
export async function writePairs(client: PoolClient, pairs: (PairOf & { runId: string })[]): Promise<void> {
  if (pairs.length === 0) return;
  const bySource = new Map(
    pairs.map((pair) => [
      [pair.sourceConnection, pair.sourceType, pair.sourceId, pair.targetConnection, pair.targetType].join('\n'),
      pair,
    ]),
  );
  const latest = [...bySource].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, pair]) => pair);
  await client.query(
    `insert into pairs (source_connection, source_type, source_id, target_connection, target_type, target_id, run_id)
     select * from unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::bigint[])
     on conflict (source_connection, source_type, source_id, target_connection, target_type)
     do update set target_id = excluded.target_id, run_id = excluded.run_id, at = now()
     where pairs.target_id <> excluded.target_id`,
    [
      latest.map((pair) => pair.sourceConnection),
      latest.map((pair) => pair.sourceType),
      latest.map((pair) => toText(pair.sourceId)),
      latest.map((pair) => pair.targetConnection),
      latest.map((pair) => pair.targetType),
      latest.map((pair) => toText(pair.targetId)),
      latest.map((pair) => pair.runId),
    ],
  );
}
