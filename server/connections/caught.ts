import type { Json } from '../../kit/field.ts';
import type { Context } from '../context.ts';
import { toJsonb } from '../db/jsonb.ts';

/** Caught calls a connection shows for mapping. */
const mostCaught = 5;
const mostBytes = 64 * 1024;
const quietMilliseconds = 1000;
const keptAt = new Map<string, number>();

/**
 * Keeps the latest bodies of a connection's calls, newest first, where its connector finds them: memory key `sample`.
 * Under load one a second is enough to show what calls look like.
 */
export async function keepCaught(ctx: Context, input: { connectionId: string; body: Json }): Promise<void> {
  const last = keptAt.get(input.connectionId) ?? 0;
  if (Date.now() - last < quietMilliseconds) return;
  const body = toJsonb(input.body);
  if (body.length > mostBytes) return;
  keptAt.set(input.connectionId, Date.now());
  await ctx.pool.query(
    `insert into connection_memory (connection_id, key, value) values ($1, 'sample', jsonb_build_array($2::jsonb))
     on conflict (connection_id, key) do update set changed_at = now(), value = (
       select jsonb_agg(body order by place) from (
         select body, place from (
           select $2::jsonb as body, 0::bigint as place
           union all
           select body, place from jsonb_array_elements(connection_memory.value) with ordinality as kept(body, place)
         ) as all_kept order by place limit ${mostCaught}) as latest)`,
    [input.connectionId, body],
  );
}
