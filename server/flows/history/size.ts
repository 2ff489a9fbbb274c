import type { Context } from '../../context.ts';
import { dayOf, readDays } from './days.ts';

const freshMilliseconds = 60_000;
const known = new WeakMap<Context, { at: number; bytes: Promise<number> }>();

/** What history and deliveries take of the disk; looked at once a minute by each process. */
export function readHistoryBytes(ctx: Context): Promise<number> {
  const cached = known.get(ctx);
  if (cached && performance.now() - cached.at < freshMilliseconds) return cached.bytes;
  const bytes = measure(ctx);
  known.set(ctx, { at: performance.now(), bytes });
  bytes.catch(() => known.delete(ctx));
  return bytes;
}

async function measure(ctx: Context): Promise<number> {
  const { rows } = await ctx.pool.query<{ bytes: string | null }>(
    `select sum(pg_total_relation_size(inhrelid)) as bytes from pg_inherits
     where inhparent in ('run_history'::regclass, 'deliveries'::regclass)`,
  );
  return Number(rows[0]?.bytes ?? 0);
}

/** The size now, and what a day adds by the last whole days; null: there was none yet. */
export async function readHistorySize(
  ctx: Context,
): Promise<{ bytes: number; bytesPerDay: number | null; oldestDay: string | null }> {
  const [bytes, days] = await Promise.all([readHistoryBytes(ctx), readDays(ctx)]);
  const today = dayOf(Date.now());
  const past = days.filter(({ day }) => day < today);
  const latest = past.slice(-7);
  return {
    bytes,
    bytesPerDay:
      latest.length === 0 ? null : Math.round(latest.reduce((sum, day) => sum + day.bytes, 0) / latest.length),
    oldestDay: past[0]?.day ?? null,
  };
}
