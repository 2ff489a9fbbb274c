import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settingsApi } from '../../settings/contract.ts';
import { startTestServer, type TestServer } from '../../testing/index.ts';
import { runsApi } from '../contract.ts';
import { tendHistory } from '../jobs.ts';
import { fillHistory } from '../testing/fill-history.ts';
import { dayOf, oldestToKeep, readDays } from './days.ts';

const day = 86_400_000;
/** One moment a test: one that began before midnight keeps its day. */
let now: number;
const daysAgo = (days: number) => new Date(now - days * day);
const mebibyte = 1_048_576;

let server: TestServer;
beforeEach(async () => {
  now = Date.now();
  server = await startTestServer({ works: false });
});
afterEach(() => server.stop());

/** History and deliveries as the disk has them, indexes and large values included. */
async function onDisk(): Promise<number> {
  const { rows } = await server.ctx.pool.query<{ bytes: string }>(
    `select sum(pg_total_relation_size(inhrelid)) as bytes from pg_inherits
     where inhparent in ('run_history'::regclass, 'deliveries'::regclass)`,
  );
  return Number(rows[0]?.bytes);
}
/** Text that does not pack. */
const noise = (bytes: number) => randomBytes((bytes * 3) / 4).toString('base64');
async function fillDay(daysBack: number, runs: number, bytes = 8000): Promise<string[]> {
  const at = daysAgo(daysBack).toISOString();
  await server.ctx.pool.query(
    `insert into deliveries (connection_id, source, received_at, body)
     select '00000000-0000-4000-8000-000000000001', 'webhook', $1, $2 from generate_series(1, $3)`,
    [at, noise(bytes), runs],
  );
  return fillHistory(
    server.ctx.pool,
    Array.from({ length: runs }, () => ({
      at,
      progress: JSON.stringify({ steps: {}, trace: [], noise: noise(bytes) }),
    })),
  );
}
const listed = async () => (await server.call(runsApi.listRuns, { query: { limit: 200 } })).items.map(({ id }) => id);

describe('the days of the history', () => {
  it('are made ahead, and take in what came before they were there', async () => {
    const ids = await fillHistory(server.ctx.pool, [
      { at: daysAgo(0).toISOString() },
      { at: daysAgo(2).toISOString() },
    ]);
    await tendHistory(server.ctx, now);
    const days = (await readDays(server.ctx)).map((one) => one.day);
    expect(days).toEqual([-2, -1, 0, 1, 2, 3].map((offset) => dayOf(now + offset * day)));
    const { rows } = await server.ctx.pool.query(
      'select 1 from run_history_rest union all select 1 from deliveries_rest',
    );
    expect(rows).toHaveLength(0);
    expect(await listed()).toEqual(ids);
    await tendHistory(server.ctx, now);
    expect((await readDays(server.ctx)).map((one) => one.day)).toEqual(days);
  });

  it('go when they are too old, and the disk comes back', async () => {
    const kept = await fillDay(3, 30);
    await tendHistory(server.ctx, now);
    const before = await onDisk();
    await fillDay(31, 200, 24_000);
    await fillDay(29.5, 200, 24_000);
    await tendHistory(server.ctx, now - 2 * day);
    expect(await onDisk()).toBeGreaterThan(before + 10 * mebibyte);
    await tendHistory(server.ctx, now);
    await server.call(settingsApi.patchSettings, { body: { historyDays: 28 } });
    await tendHistory(server.ctx, now);
    // Days without runs take about 150 KB each.
    expect(await onDisk()).toBeLessThan(before + 5 * mebibyte);
    expect(new Set(await listed())).toEqual(new Set(kept));
  });

  it('keep a failed run that nobody has settled, however old', async () => {
    await server.ctx.pool.query(
      `insert into runs (flow_id, version_id, record_key, event, source, state, created_at, finished_at)
       values ('00000000-0000-4000-8000-000000000001', 1, 'k', 'deal.changed', 'poll', 'dead', now() - interval '400 days', now() - interval '400 days')`,
    );
    await tendHistory(server.ctx, now);
    expect(await listed()).toHaveLength(1);
  });

  it('keep a run that was begun long ago and has ended lately', async () => {
    const [id] = await fillHistory(server.ctx.pool, [{ at: daysAgo(60).toISOString() }]);
    await server.ctx.pool.query('update run_history set finished_at = now()');
    await tendHistory(server.ctx, now);
    expect(await listed()).toEqual([id]);
    await server.ctx.pool.query(`update run_history set finished_at = now() - interval '31 days'`);
    await tendHistory(server.ctx, now);
    expect(await listed()).toEqual([]);
  });

  it('go by size, the oldest first and never today', async () => {
    for (const back of [0, 1, 2, 3]) await fillDay(back, 100);
    await tendHistory(server.ctx, now);
    const days = await readDays(server.ctx);
    const sizes = new Map(days.map((one) => [one.day, one.bytes]));
    const size = (back: number) => sizes.get(dayOf(now - back * day)) ?? 0;
    const oldest = (historyBytes: number) => oldestToKeep({ days, now, historyDays: 30, historyBytes });
    const all = days.reduce((sum, one) => sum + one.bytes, 0);
    expect(oldest(all)).toBe(dayOf(now - 30 * day));
    expect(oldest(all - 1)).toBe(dayOf(now - 2 * day));
    expect(oldest(all - size(3) - 1)).toBe(dayOf(now - day));
    expect(oldest(1)).toBe(dayOf(now));
  });

  it('go by size for real: the setting bounds the disk', async () => {
    // Days of about 30 MB; the smallest limit is 100 MB.
    for (const back of [1, 2, 3, 4]) await fillDay(back, 250, 60_000);
    const kept = await fillDay(0, 5);
    await tendHistory(server.ctx, now);
    expect(await onDisk()).toBeGreaterThan(100 * mebibyte);
    await server.call(settingsApi.patchSettings, { body: { historyMegabytes: 100 } });
    await tendHistory(server.ctx, now);
    expect(await onDisk()).toBeLessThan(100 * mebibyte);
    expect((await listed()).slice(0, 5).sort()).toEqual([...kept].sort());
    expect((await readDays(server.ctx))[0]?.day).toBe(dayOf(now - 3 * day));
  });

  it('take along what only told repeats and what has been said', async () => {
    const { pool } = server.ctx;
    const flow = '00000000-0000-4000-8000-000000000001';
    await pool.query(
      `insert into seen (flow_id, key, at) values ($1, 'old', now() - interval '31 days'), ($1, 'young', now() - interval '29 days')`,
      [flow],
    );
    await pool.query(
      `insert into notices (kind, subject, text, settled_at) values
         ('flow.paused', 'old', '"x"', now() - interval '31 days'),
         ('flow.paused', 'young', '"x"', now() - interval '29 days'), ('flow.paused', 'open', '"x"', null)`,
    );
    await server.call(settingsApi.patchSettings, { body: { historyDays: 30 } });
    await tendHistory(server.ctx, now);
    const seen = await pool.query<{ key: string }>('select key from seen where flow_id = $1', [flow]);
    expect(seen.rows.map(({ key }) => key)).toEqual(['young']);
    const notices = await pool.query<{ subject: string }>('select subject from notices order by subject');
    expect(notices.rows.map(({ subject }) => subject)).toEqual(['open', 'young']);
  });

  it('are told in the overview and the settings', async () => {
    await fillDay(1, 100);
    await tendHistory(server.ctx, now);
    const { history } = await server.call(settingsApi.getSettings);
    expect(history).toEqual({
      bytes: await onDisk(),
      bytesPerDay: (await readDays(server.ctx))[0]?.bytes,
      oldestDay: dayOf(now - day),
    });
    expect((await server.call(settingsApi.getOverview)).historyBytes).toBe(history.bytes);
  });
});
