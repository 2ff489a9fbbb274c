import type { Pool } from 'pg';
import { type Bucket, createQueuedLimiter, type Grant, type Limiter } from '../kit/limiter.ts';

/**
 * Drains the bucket by the database's own clock and adds as many of the wanted calls as fit. The row is locked first,
 * so that what two processes see is never the same free place. A clock that was read before a wait for that lock lies
 * behind `updated_at`: then nothing drains, and time never goes back.
 */
const takeSql = `
  with bucket as (
    select key, level, updated_at, paused_until, clock_timestamp() as now
    from limiter_buckets where key = $1 for update
  ), drained as (
    select key, paused_until, now, greatest(updated_at, now) as at, paused_until > now as paused,
      greatest(0, level - greatest(0, extract(epoch from now - updated_at)::float8) * $3::float8) as level
    from bucket
  ), granted as (
    select *, case when paused then 0
      else greatest(0, least($4::int, floor($2::float8 - level + 1e-9)::int)) end as calls
    from drained
  )
  update limiter_buckets set level = granted.level + granted.calls, updated_at = granted.at
  from granted where limiter_buckets.key = granted.key
  returning granted.calls, limiter_buckets.level,
    case when granted.paused then extract(epoch from granted.paused_until - granted.now)::float8 * 1000 end as paused_ms`;

interface TakenRow {
  calls: number;
  level: number;
  paused_ms: number | null;
}

async function take(pool: Pool, bucket: Bucket, wanted: number): Promise<Grant> {
  const values = [bucket.key, bucket.capacity, bucket.perSecond, wanted];
  const { rows } = await pool.query<TakenRow>({ name: 'limiter-take', text: takeSql, values });
  const [row] = rows;
  if (!row) {
    await pool.query('insert into limiter_buckets (key) values ($1) on conflict do nothing', [bucket.key]);
    return take(pool, bucket, wanted);
  }
  if (row.paused_ms !== null) {
    return { granted: 0, waitMs: row.paused_ms, pausedUntil: new Date(Date.now() + row.paused_ms) };
  }
  const missing = row.level + 1 - bucket.capacity;
  const waitMs = row.calls < wanted ? Math.ceil((missing / bucket.perSecond) * 1000) : 0;
  return { granted: row.calls, waitMs, pausedUntil: null };
}

/** The limiter of this process over buckets that all processes share. One round trip serves all who wait at that moment. */
export function createLimiter(pool: Pool): Limiter {
  return createQueuedLimiter({
    take: (bucket, wanted) => take(pool, bucket, wanted),
    async pause(key, until) {
      // Our clock may differ from the database's: what counts is how long from now.
      await pool.query(
        `insert into limiter_buckets (key, paused_until) values ($1, clock_timestamp() + $2 * interval '1 millisecond')
         on conflict (key) do update set paused_until = greatest(limiter_buckets.paused_until, excluded.paused_until)`,
        [key, Math.max(0, until.getTime() - Date.now())],
      );
    },
    async lift(key) {
      await pool.query('update limiter_buckets set paused_until = null where key = $1', [key]);
    },
  });
}
