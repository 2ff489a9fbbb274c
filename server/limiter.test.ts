import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Bucket, createMemoryLimiter, type Limiter } from '../kit/limiter.ts';
import { createLimiter } from './limiter.ts';
import { createTestDatabase, type TestDatabase } from './testing/database.ts';
import { eventually } from './testing/eventually.ts';

let database: TestDatabase;
let pools: Pool[];
let trips = 0;
let number = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  pools = [0, 1].map(() => new Pool({ connectionString: database.url, max: 4 }));
  for (const pool of pools) pool.on('connect', (client) => count(client));
});
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  await database.drop();
});

function count(client: { query: (...input: never[]) => unknown }): void {
  const query = client.query.bind(client);
  client.query = (...input: never[]) => {
    trips += 1;
    return query(...input);
  };
}

const bucketOf = (more: Partial<Bucket>): Bucket => ({
  key: `bucket-${number++}`,
  capacity: 5,
  perSecond: 20,
  ...more,
});

/** Sends calls through the limiters in turn; the time of each since the start, in order. */
async function times(limiters: Limiter[], input: { bucket: Bucket; calls: number }): Promise<number[]> {
  const start = performance.now();
  const went = await Promise.all(
    Array.from({ length: input.calls }, async (_, index) => {
      const limiter = limiters[index % limiters.length] as Limiter;
      const release = await limiter.acquire(input.bucket, { priority: 'run' });
      const at = performance.now() - start;
      release();
      return at;
    }),
  );
  return went.sort((a, b) => a - b);
}

/** The leaky bucket's promise: between any two calls no more went out than fit in and drained meanwhile. */
function expectWithin(went: number[], bucket: Bucket): void {
  // A grant is seen a little after the database gave it, and not each by the same little.
  const slackMs = 500;
  for (let from = 0; from < went.length; from++) {
    for (let to = from; to < went.length; to++) {
      const seconds = ((went[to] ?? 0) - (went[from] ?? 0) + slackMs) / 1000;
      expect(to - from + 1).toBeLessThanOrEqual(bucket.capacity + bucket.perSecond * seconds + 1);
    }
  }
}

describe.each(['two processes over one database', 'one process in memory'])('%s', (kind) => {
  const limiters = (): Limiter[] =>
    kind.startsWith('two') ? pools.map((pool) => createLimiter(pool)) : [createMemoryLimiter()];

  test.each([
    { capacity: 5, perSecond: 20, calls: 25 },
    { capacity: 1, perSecond: 40, calls: 20 },
    { capacity: 50, perSecond: 100, calls: 90 },
  ])('together never pass $capacity at once and $perSecond a second', async ({ calls, ...limit }) => {
    const bucket = bucketOf(limit);
    const went = await times(limiters(), { bucket, calls });
    expect(went).toHaveLength(calls);
    expectWithin(went, bucket);
    const needed = ((calls - bucket.capacity) / bucket.perSecond) * 1000;
    expect(went.at(-1)).toBeGreaterThanOrEqual(needed - 60);
    expect(went.at(-1)).toBeLessThan(needed + 10_000);
  });

  test('lets a person pass runs, and runs pass polls', async () => {
    const [limiter] = limiters() as [Limiter];
    const bucket = bucketOf({ capacity: 1, perSecond: 20 });
    const order: string[] = [];
    const call = async (priority: 'person' | 'run' | 'poll') => {
      const release = await limiter.acquire(bucket, { priority });
      order.push(priority);
      release();
    };
    const all = [call('poll'), call('poll'), call('poll'), call('run'), call('person'), call('run'), call('person')];
    await Promise.all(all);
    expect(order.slice(0, 2)).toEqual(['person', 'person']);
    expect(order).toEqual(['person', 'person', 'run', 'run', 'poll', 'poll', 'poll']);
  });

  test('does not let runs that never end pass a poll for longer than half a minute', async () => {
    const [limiter] = limiters() as [Limiter];
    const bucket = bucketOf({ capacity: 1, perSecond: 200 });
    const clock = performance.now.bind(performance);
    let ahead = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => clock() + ahead);
    let runs = 0;
    let runsBefore = 0;
    const poll = async () => {
      const release = await limiter.acquire(bucket, { priority: 'poll' });
      runsBefore = runs;
      release();
    };
    const run = async () => {
      while (runs < 60) {
        const release = await limiter.acquire(bucket, { priority: 'run' });
        runs += 1;
        if (runs === 20) ahead = 31_000;
        release();
      }
    };
    const all = [run(), run(), run(), poll()];
    await Promise.all(all).finally(() => vi.restoreAllMocks());
    expect(runsBefore).toBeGreaterThanOrEqual(20);
    expect(runsBefore).toBeLessThan(30);
  });

  test('a pause holds all of them, and those who would wait long are told until when', async () => {
    const [first, second = first] = limiters() as [Limiter, Limiter?];
    const bucket = bucketOf({});
    const began = performance.now();
    await first.pause(bucket.key, new Date(Date.now() + 300));
    await first.pause(bucket.key, new Date(Date.now() + 10));
    const passed = performance.now() - began;
    const went = await times([first, second], { bucket, calls: 4 });
    expect(passed + (went[0] ?? 0)).toBeGreaterThanOrEqual(280);
    const until = new Date(Date.now() + 3_600_000);
    await second.pause(bucket.key, until);
    const error = await first.acquire(bucket, { priority: 'run' }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ kind: 'rateLimited', code: 'limiter.paused', outcome: 'notDone' });
    expect(Math.abs((error as { until: Date }).until.getTime() - until.getTime())).toBeLessThan(1000);
  });

  test('a pause ends within an hour, and at once when a person lifts it', async () => {
    const [first, second = first] = limiters() as [Limiter, Limiter?];
    const bucket = bucketOf({});
    await first.pause(bucket.key, new Date('2083-01-01'));
    const error = await second.acquire(bucket, { priority: 'run' }).catch((reason: unknown) => reason);
    expect((error as { until: Date }).until.getTime()).toBeLessThanOrEqual(Date.now() + 3_600_000 + 1000);
    await second.lift(bucket.key);
    await expect(first.acquire(bucket, { priority: 'run' })).resolves.toBeTypeOf('function');
  });

  test('a run makes room in a pause that a person sits out', async () => {
    const [limiter] = limiters() as [Limiter];
    const bucket = bucketOf({});
    await limiter.pause(bucket.key, new Date(Date.now() + 4_000));
    const person = limiter.acquire(bucket, { priority: 'person' });
    const others = (['run', 'poll'] as const).map((priority) =>
      expect(limiter.acquire(bucket, { priority })).rejects.toMatchObject({ code: 'limiter.paused' }),
    );
    await Promise.all(others);
    await expect(person).resolves.toBeTypeOf('function');
  });

  test('an aborted wait ends at once and takes no place', async () => {
    const [limiter] = limiters() as [Limiter];
    const bucket = bucketOf({ capacity: 1, perSecond: 5 });
    (await limiter.acquire(bucket, { priority: 'run' }))();
    const controller = new AbortController();
    const waiting = limiter.acquire(bucket, { priority: 'person', signal: controller.signal });
    const behind = limiter.acquire(bucket, { priority: 'run' });
    controller.abort(new Error('the person went away'));
    await expect(waiting).rejects.toThrow('the person went away');
    await expect(behind).resolves.toBeTypeOf('function');
    await expect(limiter.acquire(bucket, { priority: 'run', signal: controller.signal })).rejects.toThrow('went away');
  });

  test('no more calls at the same time than the bucket says, of all together', async () => {
    const all = limiters();
    const bucket = bucketOf({ capacity: 100, perSecond: 1000, concurrency: 2 });
    let now = 0;
    let most = 0;
    let leave: (() => void)[] = [];
    await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        const limiter = all[index % all.length] as Limiter;
        const release = await limiter.acquire(bucket, { priority: 'run' });
        most = Math.max(most, ++now);
        // Each stays until there are two of them.
        await new Promise<void>((resolve) => {
          leave.push(resolve);
          if (leave.length < 2) return;
          for (const go of leave) go();
          leave = [];
        });
        now -= 1;
        release();
        release();
      }),
    );
    expect(most).toBe(2);
  });
});

test('the place of a process that died is free after a while', async () => {
  const [pool] = pools as [Pool];
  const bucket = bucketOf({ concurrency: 1 });
  await pool.query(
    `insert into limiter_buckets (key, places) values ($1, jsonb_build_object('of the dead', extract(epoch from now()) + 70))`,
    [bucket.key],
  );
  let went = false;
  const before = trips;
  const waiting = createLimiter(pool)
    .acquire(bucket, { priority: 'run' })
    .finally(() => {
      went = true;
    });
  await eventually(() => trips >= before + 3);
  expect(went).toBe(false);
  await pool.query(
    `update limiter_buckets set places = (select jsonb_object_agg(key, value::float8 - 70) from jsonb_each(places)) where key = $1`,
    [bucket.key],
  );
  await expect(waiting).resolves.toBeTypeOf('function');
});

test('a process that ends gives its places back, also of calls that hang', async () => {
  const [pool] = pools as [Pool];
  const bucket = bucketOf({ concurrency: 1 });
  const ending = createLimiter(pool);
  await ending.acquire(bucket, { priority: 'run' });
  await ending.close();
  await expect(createLimiter(pool).acquire(bucket, { priority: 'run' })).resolves.toBeTypeOf('function');
});

test('many who wait share a round trip', async () => {
  const [pool] = pools as [Pool];
  const bucket = bucketOf({ capacity: 200, perSecond: 1 });
  const before = trips;
  await times([createLimiter(pool)], { bucket, calls: 150 });
  expect(trips - before).toBeGreaterThan(0);
  expect(trips - before).toBeLessThanOrEqual(6);
});

test('a broken database is told to those who wait', async () => {
  const pool = new Pool({ connectionString: 'postgres://nobody@127.0.0.1:1/none' });
  await expect(createLimiter(pool).acquire(bucketOf({}), { priority: 'run' })).rejects.toThrow();
  await pool.end();
});
