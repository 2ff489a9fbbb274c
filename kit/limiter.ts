import { setTimeout as sleep } from 'node:timers/promises';
import type { Priority } from './call.ts';
import { ConnectorError } from './errors.ts';
import { fill } from './text.ts';

/** A leaky bucket: `capacity` calls at once, then `perSecond`. `concurrency`: calls under way at the same time, of all processes together. */
export interface Bucket {
  key: string;
  capacity: number;
  perSecond: number;
  concurrency?: number;
}

export interface Limiter {
  /**
   * Resolves when a call may go out, in the order of priority, with what to call when the answer is in. Rejects with
   * the signal's reason when it is aborted, and with `rateLimited` when a pause lasts longer than is worth waiting for.
   */
  acquire(bucket: Bucket, options: AcquireOptions): Promise<() => void>;
  /** Nothing goes out before `until`, in any process: the other side said so. At most for `longestPauseMs`. */
  pause(key: string, until: Date): Promise<void>;
  /** Ends a pause: a person says that the other side may be asked again. */
  lift(key: string): Promise<void>;
}

interface AcquireOptions {
  priority: Priority;
  signal?: AbortSignal;
  /** The host that is called, for the words of a refusal. */
  host?: string;
}

/** After that the other side is asked again, whatever it said: a mistake in its answer must not stop it for days. */
export const longestPauseMs = 3_600_000;

/** What a bucket says to a wish for calls. */
export interface Grant {
  granted: number;
  /** When to ask again for the rest. */
  waitMs: number;
  /** The pause that holds everything back. */
  pausedUntil: Date | null;
  /** Of a bucket with `concurrency`: what each granted call holds until it has ended. */
  places?: string[];
}

/** Where the buckets stand: in this process, or in the database for all of them. */
export interface BucketSource {
  take(bucket: Bucket, wanted: number): Promise<Grant>;
  /** The call that held this place has ended, or was never made. */
  release?(key: string, place: string): void;
  pause(key: string, until: Date): Promise<void>;
  lift(key: string): Promise<void>;
}

interface Waiter {
  rank: number;
  host: string;
  /** Since when it waits, of the monotonic clock. */
  since: number;
  longestPauseMs: number;
  go(place: string | undefined): void;
  fail(reason: unknown): void;
}

interface Queue {
  bucket: Bucket;
  waiters: Waiter[];
  running: number;
  pumping: boolean;
}

const ranks: Record<Priority, number> = { person: 0, run: 1, poll: 2 };
/** A poll that has waited for so long goes like a run: behind a backlog that does not end it would never be asked. */
const longestPollWaitMs = 30_000;
/**
 * Longer than this nobody sits and waits: the caller hears until when. A person has nothing to come back by; a run goes
 * back to the queue of work, where it holds no place that runs of other apps could have.
 */
const longestPausesMs: Record<Priority, number> = { person: 30_000, run: 3_000, poll: 3_000 };

/** A queue a bucket in this process, in the order of priority, over buckets that may be shared with others. */
export function createQueuedLimiter(source: BucketSource): Limiter {
  const queues = new Map<string, Queue>();

  const queueOf = (bucket: Bucket): Queue => {
    const queue = queues.get(bucket.key) ?? { bucket, waiters: [], running: 0, pumping: false };
    queue.bucket = bucket;
    queues.set(bucket.key, queue);
    return queue;
  };

  const pump = async (queue: Queue): Promise<void> => {
    if (queue.pumping) return;
    queue.pumping = true;
    try {
      for (let free = freePlaces(queue); free > 0; free = freePlaces(queue)) {
        const grant = await source.take(queue.bucket, free);
        const places = grant.places ?? [];
        letOldPollsPass(queue);
        // Whoever stands first now goes, also when it came while we asked.
        for (const waiter of queue.waiters.splice(0, grant.granted)) {
          queue.running += 1;
          waiter.go(places.shift());
        }
        // Others went away while we asked.
        for (const place of places) source.release?.(queue.bucket.key, place);
        if (grant.pausedUntil) refuseImpatient(queue, grant.pausedUntil);
        if (grant.granted < free && queue.waiters.length > 0) await sleep(Math.min(Math.max(1, grant.waitMs), 1000));
      }
    } catch (error) {
      for (const waiter of queue.waiters.splice(0)) waiter.fail(error);
    } finally {
      queue.pumping = false;
      if (queue.waiters.length === 0 && queue.running === 0) queues.delete(queue.bucket.key);
    }
  };

  return {
    acquire(bucket, { priority, signal, host = bucket.key }) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const queue = queueOf(bucket);
        const leave = () => {
          queue.waiters.splice(queue.waiters.indexOf(waiter), 1);
          reject(signal?.reason);
        };
        const settle =
          <T>(answer: (value: T) => void) =>
          (value: T) => {
            signal?.removeEventListener('abort', leave);
            answer(value);
          };
        const waiter: Waiter = {
          rank: ranks[priority],
          host,
          since: performance.now(),
          longestPauseMs: longestPausesMs[priority],
          go: (place) => settle(resolve)(releaseOnce(queue, place)),
          fail: settle(reject),
        };
        signal?.addEventListener('abort', leave, { once: true });
        const behind = queue.waiters.findIndex((other) => other.rank > waiter.rank);
        queue.waiters.splice(behind === -1 ? queue.waiters.length : behind, 0, waiter);
        void pump(queue);
      });
    },
    pause: (key, until) => source.pause(key, new Date(Math.min(until.getTime(), Date.now() + longestPauseMs))),
    lift: (key) => source.lift(key),
  };

  function releaseOnce(queue: Queue, place: string | undefined): () => void {
    let released = false;
    return () => {
      if (released) return;
      released = true;
      queue.running -= 1;
      if (place !== undefined) source.release?.(queue.bucket.key, place);
      void pump(queue);
    };
  }
}

const freePlaces = (queue: Queue): number =>
  Math.min(queue.waiters.length, (queue.bucket.concurrency ?? Number.POSITIVE_INFINITY) - queue.running);

function letOldPollsPass(queue: Queue): void {
  const old = performance.now() - longestPollWaitMs;
  const passing = queue.waiters.filter(({ rank, since }) => rank === ranks.poll && since < old);
  if (passing.length === 0) return;
  for (const waiter of passing) waiter.rank = ranks.run;
  queue.waiters.sort((a, b) => a.rank - b.rank || a.since - b.since);
}

function refuseImpatient(queue: Queue, until: Date): void {
  const pausedMs = until.getTime() - Date.now();
  const refused = queue.waiters.filter(({ longestPauseMs }) => longestPauseMs < pausedMs);
  queue.waiters = queue.waiters.filter((waiter) => !refused.includes(waiter));
  for (const { fail, host } of refused) fail(paused(host, until));
}

const paused = (host: string, until: Date): ConnectorError =>
  new ConnectorError({
    kind: 'rateLimited',
    code: 'limiter.paused',
    text: fill(
      {
        en: '{host} asked us to wait, and {minutes} min of that are left. We will go on by ourselves; Check on the connection asks at once.',
        ru: '{host} просит подождать, осталось {minutes} мин. Продолжим сами; «Проверить» в подключении спросит сразу.',
      },
      { host, minutes: Math.ceil((until.getTime() - Date.now()) / 60_000) },
    ),
    until,
  });

/** Drains a bucket by the time that passed and fills it with as many of the wanted calls as fit. */
export function fillBucket(
  state: { level: number; elapsedMs: number },
  bucket: Bucket,
  wanted: number,
): Grant & { level: number } {
  const drained = Math.max(0, state.level - (Math.max(0, state.elapsedMs) / 1000) * bucket.perSecond);
  const granted = Math.max(0, Math.min(wanted, Math.floor(bucket.capacity - drained + 1e-9)));
  const level = drained + granted;
  const waitMs = granted < wanted ? Math.ceil(((level + 1 - bucket.capacity) / bucket.perSecond) * 1000) : 0;
  return { granted, level, waitMs, pausedUntil: null };
}

/** Buckets of this process alone, for tests and stand-alone tools. */
export function createMemoryLimiter(): Limiter {
  const levels = new Map<string, { level: number; at: number }>();
  const pauses = new Map<string, Date>();
  return createQueuedLimiter({
    async take(bucket, wanted) {
      const pausedUntil = pauses.get(bucket.key);
      const pausedMs = pausedUntil ? pausedUntil.getTime() - Date.now() : 0;
      if (pausedUntil && pausedMs > 0) return { granted: 0, waitMs: pausedMs, pausedUntil };
      const now = performance.now();
      const state = levels.get(bucket.key) ?? { level: 0, at: now };
      const grant = fillBucket({ level: state.level, elapsedMs: now - state.at }, bucket, wanted);
      levels.set(bucket.key, { level: grant.level, at: now });
      return grant;
    },
    async pause(key, until) {
      if ((pauses.get(key)?.getTime() ?? 0) < until.getTime()) pauses.set(key, until);
    },
    async lift(key) {
      pauses.delete(key);
    },
  });
}
