import type { Context } from '../context.ts';
import { readFlow } from './store.ts';
import type { Progress } from './work.ts';

/** Rows that are read, cut and written at a time. */
const atOnce = 200;
/** A day in which this share was blanked is written anew, so that its disk comes back. */
const worthRewriting = 0.2;

/**
 * Blanks the bodies of finished runs that are older than their flow keeps them: what arrived, values, requests and
 * answers. What was decided and why, the records found and the words stay.
 */
export async function blankBodies(ctx: Context): Promise<void> {
  const { rows: flows } = await ctx.pool.query<{ id: string; body_days: number }>(
    'select id, body_days from flows where body_days is not null',
  );
  const days = new Map<string, number>();
  for (const flow of flows) {
    for (const [day, count] of await blankFlow(ctx, flow)) days.set(day, (days.get(day) ?? 0) + count);
  }
  for (const [day, blanked] of days) await rewrite(ctx, { day, blanked });
}

async function blankFlow(ctx: Context, flow: { id: string; body_days: number }): Promise<Map<string, number>> {
  const days = new Map<string, number>();
  let after = { createdAt: '-infinity', id: '0' };
  for (;;) {
    const { rows } = await ctx.pool.query<{ id: string; created_at: string; day: string; progress: string | null }>(
      `select id, created_at::text, tableoid::regclass::text as day, progress from run_history
       where flow_id = $1 and not blanked and created_at < now() - make_interval(days => $2)
         and (created_at, id) > ($3::timestamptz, $4::bigint)
       order by created_at, id limit ${atOnce}`,
      [flow.id, flow.body_days, after.createdAt, after.id],
    );
    const last = rows.at(-1);
    if (!last) return days;
    after = { createdAt: last.created_at, id: last.id };
    await ctx.pool.query(
      `update run_history h set blanked = true, payload = null, progress = d.progress
       from unnest($1::bigint[], $2::timestamptz[], $3::text[]) as d(id, created_at, progress)
       where h.id = d.id and h.created_at = d.created_at`,
      [
        rows.map(({ id }) => id),
        rows.map((row) => row.created_at),
        rows.map(({ progress }) =>
          progress === null ? null : JSON.stringify(blank(JSON.parse(progress) as Progress)),
        ),
      ],
    );
    for (const { day } of rows) days.set(day, (days.get(day) ?? 0) + 1);
  }
}

/** The decisions without the data they were made on. */
export const blank = ({ steps, trace }: Progress): Progress => ({
  steps: Object.fromEntries(Object.entries(steps).map(([id, step]) => [id, { ...step, output: {} }])),
  trace: trace.map(({ values: _, exchanges, ...line }) => ({
    ...line,
    ...(exchanges
      ? { exchanges: exchanges.map((exchange) => ({ ...exchange, requestBody: null, responseBody: null })) }
      : {}),
  })),
});

/**
 * Blanked rows leave holes that only new rows of the same day could fill, and no more come. VACUUM FULL locks that one
 * day: seconds for a day of 30,000 runs. When the lock is not to be had, the next blanking tries again.
 */
async function rewrite(ctx: Context, { day, blanked }: { day: string; blanked: number }): Promise<void> {
  const client = await ctx.pool.connect();
  try {
    const { rows } = await client.query<{ runs: string }>(`select count(*) as runs from ${day}`);
    if (blanked < Number(rows[0]?.runs) * worthRewriting) return;
    await client.query(`set lock_timeout = '2s'`);
    await client.query(`vacuum (full, analyze) ${day}`);
  } catch (error) {
    ctx.log.warn({ err: error, day }, 'the disk of blanked runs could not be given back');
  } finally {
    await client.query('reset lock_timeout').catch(() => {});
    client.release();
  }
}

/** How long a flow keeps bodies; null: as long as the run. */
export async function readBodyDays(ctx: Context, id: string): Promise<{ bodyDays: number | null }> {
  const flow = await readFlow(ctx, id);
  return { bodyDays: flow.body_days };
}

export async function setBodyDays(
  ctx: Context,
  { id, bodyDays }: { id: string; bodyDays: number | null },
): Promise<{ bodyDays: number | null }> {
  await readFlow(ctx, id);
  await ctx.db.updateTable('flows').set({ body_days: bodyDays }).where('id', '=', id).execute();
  return { bodyDays };
}
