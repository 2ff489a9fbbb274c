import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { type Bucket, createQueuedLimiter, type Grant, type Limiter } from '../kit/limiter.ts';

/** A place is held for as long as its process says so: of one that died it is free after this long. */
const placeSeconds = 10;
const renewedEveryMs = 3000;
/** Places that others hold become free without a word: they are looked at again after this long. */
const placeWaitMs = 50;

/**
 * Drains the bucket by the database's own clock and adds as many of the wanted calls as fit. The row is locked first,
 * so that what two processes see is never the same free place. A clock that was read before a wait for that lock lies
 * behind `updated_at`: then nothing drains, and time never goes back. Places stand in the same row for that lock's sake;
 * of a bucket without `concurrency` ($5) they are not looked at.
 */
const takeSql = `
  with bucket as (
    select key, level, updated_at, paused_until, places, clock_timestamp() as now
    from limiter_buckets where key = $1 for update
  ), drained as (
    select key, paused_until, now, greatest(updated_at, now) as at, paused_until > now as paused,
      greatest(0, level - greatest(0, extract(epoch from now - updated_at)::float8) * $3::float8) as level,
      case when $5::int is null then places else (
        select coalesce(jsonb_object_agg(p.key, p.value), '{}')
        from jsonb_each(places - $6::text[]) as p where p.value::float8 > extract(epoch from now)) end as places
    from bucket
  ), granted as (
    select *, case when paused then 0
      else greatest(0, least($4::int, floor($2::float8 - level + 1e-9)::int,
        case when $5::int is not null then $5 - (select count(*)::int from jsonb_object_keys(places)) end)) end as calls
    from drained
  )
  update limiter_buckets set level = granted.level + granted.calls, updated_at = granted.at,
    places = case when $5::int is null then granted.places else granted.places || (
      select coalesce(jsonb_object_agg(w.place, extract(epoch from granted.now) + ${placeSeconds}), '{}')
      from unnest($7::text[]) with ordinality as w(place, n) where w.n <= granted.calls) end
  from granted where limiter_buckets.key = granted.key
  returning granted.calls, limiter_buckets.level,
    case when granted.paused then extract(epoch from granted.paused_until - granted.now)::float8 * 1000 end as paused_ms`;

interface TakenRow {
  calls: number;
  level: number;
  paused_ms: number | null;
}

async function take(pool: Pool, input: { bucket: Bucket; wanted: number; ended: string[] }): Promise<Grant> {
  const { bucket, wanted, ended } = input;
  const concurrency = bucket.concurrency ?? null;
  const places = concurrency === null ? [] : Array.from({ length: wanted }, () => randomUUID());
  const values = [bucket.key, bucket.capacity, bucket.perSecond, wanted, concurrency, ended, places];
  const { rows } = await pool.query<TakenRow>({ name: 'limiter-take', text: takeSql, values });
  const [row] = rows;
  if (!row) {
    await pool.query('insert into limiter_buckets (key) values ($1) on conflict do nothing', [bucket.key]);
    return take(pool, input);
  }
  if (row.paused_ms !== null) {
    return { granted: 0, waitMs: row.paused_ms, pausedUntil: new Date(Date.now() + row.paused_ms) };
  }
  const missing = row.level + 1 - bucket.capacity;
  const waitMs = row.calls < wanted ? Math.ceil((missing / bucket.perSecond) * 1000) : 0;
  return {
    granted: row.calls,
    waitMs: concurrency === null ? waitMs : Math.max(placeWaitMs, waitMs),
    pausedUntil: null,
    places: places.slice(0, row.calls),
  };
}

/** The limiter of this process over buckets that all processes share. One round trip serves all who wait at that moment. */
export function createLimiter(pool: Pool): Limiter & { close(): Promise<void> } {
  const places = holdPlaces(pool);
  const limiter = createQueuedLimiter({
    async take(bucket, wanted) {
      const grant = await take(pool, { bucket, wanted, ended: places.takeEnded(bucket.key) });
      places.hold(bucket.key, grant.places ?? []);
      return grant;
    },
    release: places.release,
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
  return { ...limiter, close: places.close };
}

/** The places of this process, by bucket: those whose calls are under way, and those that can be given back. */
function holdPlaces(pool: Pool) {
  const held = new Map<string, Set<string>>();
  /** The next grant gives them back, or we do when nobody waits for one. */
  const ended = new Map<string, string[]>();
  let renewing: ReturnType<typeof setInterval> | undefined;

  const takeEnded = (key: string): string[] => {
    const places = ended.get(key) ?? [];
    ended.delete(key);
    return places;
  };
  async function giveBack(key: string, places: string[]): Promise<void> {
    if (places.length === 0) return;
    // What cannot be given back is free when its time is over.
    await pool
      .query('update limiter_buckets set places = places - $2::text[] where key = $1', [key, places])
      .catch(() => {});
  }
  /** One that somebody else has taken meanwhile, since we were silent for too long, stays theirs. */
  async function renew(): Promise<void> {
    for (const [key, places] of held)
      await pool
        .query(
          `update limiter_buckets b set places = places || (
             select coalesce(jsonb_object_agg(p, extract(epoch from clock_timestamp()) + ${placeSeconds}), '{}')
             from unnest($2::text[]) as p where b.places ? p)
           where key = $1`,
          [key, [...places]],
        )
        .catch(() => {});
  }

  return {
    takeEnded,
    hold(key: string, places: string[]): void {
      if (places.length === 0) return;
      const all = held.get(key) ?? new Set();
      held.set(key, all);
      for (const place of places) all.add(place);
      renewing ??= setInterval(() => void renew(), renewedEveryMs).unref();
    },
    release(key: string, place: string): void {
      const all = held.get(key);
      all?.delete(place);
      if (all?.size === 0) held.delete(key);
      if (held.size === 0) {
        clearInterval(renewing);
        renewing = undefined;
      }
      const places = ended.get(key);
      if (places) return void places.push(place);
      ended.set(key, [place]);
      setImmediate(() => void giveBack(key, takeEnded(key)));
    },
    /** Calls that hang while the process ends keep nobody else from calling. */
    async close(): Promise<void> {
      clearInterval(renewing);
      const all = [...held];
      held.clear();
      await Promise.all(all.map(([key, places]) => giveBack(key, [...places, ...takeEnded(key)])));
    },
  };
}
