import type { Context } from '../context.ts';
import { readSettings } from '../installation.ts';
import { blankBodies } from './history/bodies.ts';
import { dropDays, makeDays, oldestDelivery, oldestToKeep, readDays, waitingFrom } from './history/days.ts';
import { dropStaleLocks } from './key-locks.ts';
import { settleAttention, watchSilence } from './silence.ts';
import { tellPaused } from './states.ts';

/** Background work of the flows: the history is kept within its days, its megabytes and the limits of single flows. */
export function registerFlowJobs(ctx: Context): void {
  ctx.jobs.work('history-days', () => tendHistory(ctx));
  ctx.jobs.schedule('history-days', '17 * * * *');
  ctx.jobs.work('silence', async () => {
    await watchSilence(ctx);
    await settleAttention(ctx);
    await tellPaused(ctx);
  });
  ctx.jobs.schedule('silence', '*/10 * * * *');
}

async function databaseTime(ctx: Context): Promise<number> {
  const { rows } = await ctx.pool.query<{ now: Date }>('select now()');
  return rows[0]?.now.getTime() ?? Date.now();
}

/** Drops whole days that are too old or too many megabytes, makes the coming ones, blanks bodies. */
export async function tendHistory(ctx: Context, now?: number): Promise<void> {
  // By the clock of the database: a wrong one of ours would drop days that are not old.
  const at = now ?? (await databaseTime(ctx));
  const { historyDays, historyMegabytes } = await readSettings(ctx);
  const bounds = { days: await readDays(ctx), now: at, historyBytes: historyMegabytes * 1_048_576 };
  const oldest = oldestToKeep({ ...bounds, historyDays });
  const waiting = await waitingFrom(ctx);
  await dropDays(ctx, { oldest, oldestDelivery: oldestDelivery({ ...bounds, oldest, waiting }) });
  await makeDays(ctx, { now: at, oldest });
  await blankBodies(ctx);
  // A repeat comes within days: a sender's tries, a cursor that was lost, calls that wait for a flow to start.
  await ctx.pool.query(`delete from seen where at < now() - make_interval(days => $1)`, [Math.max(historyDays, 7)]);
  await ctx.pool.query(`delete from notices where settled_at < now() - make_interval(days => $1)`, [historyDays]);
  await ctx.pool.query(`delete from fingerprints where at < now() - interval '7 days'`);
  await ctx.pool.query(`delete from brake_counts where slot < now() - interval '2 hours'`);
  await dropStaleLocks(ctx.pool);
}
