import type { Context } from '../context.ts';
import { readSettings } from '../installation.ts';

/** Background work of the flows: days of the history are made ahead and dropped when they are old. */
export function registerFlowJobs(ctx: Context): void {
  ctx.jobs.work('history-days', () => tendHistory(ctx));
  ctx.jobs.schedule('history-days', '17 * * * *');
}

const daysAhead = 3;
const day = (time: number) => new Date(time).toISOString().slice(0, 10);

/** Makes the partitions of the coming days and drops whole days that are older than the settings keep. */
export async function tendHistory(ctx: Context): Promise<void> {
  const { historyDays } = await readSettings(ctx);
  const today = Date.now();
  for (let ahead = 0; ahead <= daysAhead; ahead += 1) {
    await makeDay(ctx, { from: day(today + ahead * 86_400_000), to: day(today + (ahead + 1) * 86_400_000) });
  }
  const oldest = day(today - historyDays * 86_400_000);
  const { rows } = await ctx.pool.query<{ name: string }>(
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = 'run_history'::regclass and c.relname ~ '^run_history_\\d{8}$' and c.relname < $1`,
    [`run_history_${oldest.replaceAll('-', '')}`],
  );
  for (const { name } of rows) await ctx.pool.query(`drop table if exists ${name}`);
  await ctx.pool.query('delete from run_history_rest where created_at < $1', [oldest]);
  await ctx.pool.query(`delete from deliveries where received_at < $1`, [oldest]);
  await ctx.pool.query(`delete from fingerprints where at < now() - interval '7 days'`);
  await ctx.pool.query(`delete from brake_counts where slot < now() - interval '2 hours'`);
  await ctx.pool.query(`delete from key_locks where until < now()`);
}

/** Rows that already lie in the default partition keep a day from being made; they stay there until they are old. */
async function makeDay(ctx: Context, { from, to }: { from: string; to: string }): Promise<void> {
  const name = `run_history_${from.replaceAll('-', '')}`;
  const { rows } = await ctx.pool.query<{ exists: boolean; taken: boolean }>(
    `select to_regclass($1) is not null as exists,
       exists (select 1 from run_history_rest where created_at >= $2 and created_at < $3) as taken`,
    [name, from, to],
  );
  if (rows[0]?.exists || rows[0]?.taken) return;
  await ctx.pool
    .query(`create table if not exists ${name} partition of run_history for values from ('${from}') to ('${to}')`)
    .catch((error: unknown) => ctx.log.warn({ err: error, name }, 'a day of the history could not be made'));
}
