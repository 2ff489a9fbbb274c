import type { Context } from '../../context.ts';
import { patiently } from '../../db/pool.ts';
import { readSettings } from '../../installation.ts';
import { packProgress, readProgress } from '../progress.ts';
import { readFlow } from '../store.ts';
import type { Progress } from '../work.ts';
import { wordsOf } from './words.ts';

/** Rows that are read, cut and written at a time. */
const atOnce = 200;
/** A day in which this share was blanked is written anew, so that its disk comes back. */
const worthRewriting = 0.2;

/**
 * Blanks the bodies of finished runs that are older than their flow keeps them: what arrived, values, requests and
 * answers. What was decided and why and the records found stay, and the run can be found by their words.
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
  const { defaultCountry: country } = await readSettings(ctx);
  const days = new Map<string, number>();
  let after = { createdAt: '-infinity', id: '0' };
  for (;;) {
    const { rows } = await ctx.pool.query<OldRun>(
      `select id, created_at::text, tableoid::regclass::text as day, record_id, record_label, progress from run_history
       where flow_id = $1 and not blanked and created_at < now() - make_interval(days => $2)
         and (created_at, id) > ($3::timestamptz, $4::bigint)
       order by created_at, id limit ${atOnce}`,
      [flow.id, flow.body_days, after.createdAt, after.id],
    );
    const last = rows.at(-1);
    if (!last) return days;
    after = { createdAt: last.created_at, id: last.id };
    const blanked = rows.map((row) => blankRun(row, country));
    await ctx.pool.query(
      `update run_history h set blanked = true, payload = null, progress = d.progress,
         words = array_to_tsvector(string_to_array(d.words, E'\\n'))
       from unnest($1::bigint[], $2::timestamptz[], $3::bytea[], $4::text[]) as d(id, created_at, progress, words)
       where h.id = d.id and h.created_at = d.created_at`,
      [
        rows.map(({ id }) => id),
        rows.map((row) => row.created_at),
        blanked.map(({ progress }) => progress),
        blanked.map(({ words }) => words),
      ],
    );
    for (const { day } of rows) days.set(day, (days.get(day) ?? 0) + 1);
  }
}

interface OldRun {
  id: string;
  /** To the microsecond. */
  created_at: string;
  /** The partition it lies in. */
  day: string;
  record_id: string | null;
  record_label: string | null;
  progress: Buffer | null;
}

/** What stays of a run: its decisions, and only the words that are in them. */
function blankRun(row: OldRun, country: string): { progress: Buffer; words: string } {
  const progress = blank(readProgress(row.progress));
  const words = wordsOf({
    runId: row.id,
    record: { id: row.record_id, label: row.record_label },
    progress,
    country,
    hides: () => false,
  });
  return { progress: packProgress(progress), words: words.join('\n') };
}

/** The decisions without the data they were made on. */
const blank = ({ steps, trace }: Progress): Progress => ({
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
    const { rows } = await client.query<{ runs: string }>(patiently(`select count(*) as runs from ${day}`));
    if (blanked < Number(rows[0]?.runs) * worthRewriting) return;
    await client.query(`set lock_timeout = '2s'`);
    await client.query(patiently(`vacuum (full, analyze) ${day}`));
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
