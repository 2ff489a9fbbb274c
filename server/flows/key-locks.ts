import { setTimeout as delay } from 'node:timers/promises';
import type { Pool, PoolClient } from 'pg';
import type { Context } from '../context.ts';
import { createBatcher } from '../db/batch.ts';

/** A lock outlives a run whose worker fell silent by no more than this. */
const heldSeconds = 120;
/**
 * The run is in hand, however slowly its app answers, or waits and may yet turn out to have made the record: one that
 * waits for anything else has let go.
 */
const isHeld = (lock: string) => `(${lock}.until > now() or exists (
  select from runs r where r.id = ${lock}.run_id
    and (r.state = 'waiting' or r.state in ('working', 'calling') and r.lease_until > now())))`;
/** Most keys are let go within a call or two: so long a run waits in hand, then it makes room and comes again. */
const patienceMilliseconds = 1000;
/** Runs of a process that wait in hand at once; the rest of its hands stays free for other keys. */
const mostInHand = 16;
const turnMilliseconds = 20;

interface Wish {
  runId: string;
  keys: string[];
}

interface Waiting {
  wish: Wish;
  until: number;
  resolve(locked: boolean): void;
  reject(error: unknown): void;
}

interface Locks {
  lock(wish: Wish): Promise<boolean>;
  /** Oldest first. */
  waiting: Waiting[];
}
const locksOf = new WeakMap<Context, Locks>();

/**
 * Locks keys of a record that is about to be looked for and made. All or nothing, in sorted order, so that two runs
 * never wait for each other. A key that another run holds is waited for, whichever process has that run. False: it took
 * too long, or too many wait already.
 */
export async function lockKeys(ctx: Context, wish: Wish): Promise<boolean> {
  if (wish.keys.length === 0) return true;
  const locks = locksOf.get(ctx) ?? {
    lock: createBatcher({ most: 200, write: (wishes: Wish[]) => lockAll(ctx.pool, wishes) }),
    waiting: [],
  };
  locksOf.set(ctx, locks);
  if (await locks.lock(wish)) return true;
  if (locks.waiting.length >= mostInHand) return false;
  return new Promise((resolve, reject) => {
    locks.waiting.push({ wish, until: performance.now() + patienceMilliseconds, resolve, reject });
    if (locks.waiting.length === 1) void takeTurns(ctx.pool, locks);
  });
}

/** Whoever waits longest comes first; all who wait share a statement. */
async function takeTurns(pool: Pool, locks: Locks): Promise<void> {
  while (locks.waiting.length > 0) {
    await delay(turnMilliseconds);
    const round = [...locks.waiting];
    try {
      const locked = await lockAll(
        pool,
        round.map(({ wish }) => wish),
      );
      const over = round.filter(({ until }, index) => locked[index] || performance.now() > until);
      locks.waiting = locks.waiting.filter((one) => !over.includes(one));
      for (const one of over) one.resolve(locked[round.indexOf(one)] === true);
    } catch (error) {
      locks.waiting = locks.waiting.filter((one) => !round.includes(one));
      for (const { reject } of round) reject(error);
    }
  }
}

async function lockAll(pool: Pool, wishes: Wish[]): Promise<boolean[]> {
  // One row may be asked for once in a statement: within a batch the first run has the key.
  const wanted = new Map<string, string>();
  for (const { runId, keys } of wishes) for (const key of keys) if (!wanted.has(key)) wanted.set(key, runId);
  const sorted = [...wanted].sort(([a], [b]) => (a < b ? -1 : 1));
  const { rows } = await pool.query<{ key: string; run_id: string }>({
    name: 'lock-keys',
    text: `
    insert into key_locks (key, run_id, until)
    select key, run_id, now() + make_interval(secs => ${heldSeconds}) from unnest($1::text[], $2::bigint[]) as k(key, run_id)
    -- A conflict locks the row even when it changes nothing; whoever lets go of several at once would meet us crosswise.
    where not exists (
      select from key_locks held where held.key = k.key and held.run_id <> k.run_id and ${isHeld('held')})
    order by key
    on conflict (key) do update set run_id = excluded.run_id, until = excluded.until
      where key_locks.run_id = excluded.run_id or not ${isHeld('key_locks')}
    returning key, run_id`,
    values: [sorted.map(([key]) => key), sorted.map(([, runId]) => runId)],
  });
  const held = new Set(rows.map(({ key, run_id }) => `${run_id} ${key}`));
  const locked = wishes.map(({ runId, keys }) => keys.every((key) => held.has(`${runId} ${key}`)));
  const inPart = new Set(rows.map(({ run_id }) => run_id));
  const givenUp = wishes.filter(({ runId }, index) => !locked[index] && inPart.has(runId)).map(({ runId }) => runId);
  if (givenUp.length > 0) await pool.query('delete from key_locks where run_id = any($1::bigint[])', [givenUp]);
  return locked;
}

/** Lets go of every key of these runs. */
export async function releaseKeys(client: PoolClient, runIds: string[]): Promise<void> {
  if (runIds.length > 0) await client.query('delete from key_locks where run_id = any($1::bigint[])', [runIds]);
}

/** Locks that nobody let go of. */
export async function dropStaleLocks(pool: Pool): Promise<void> {
  await pool.query(`delete from key_locks where not ${isHeld('key_locks')}`);
}
