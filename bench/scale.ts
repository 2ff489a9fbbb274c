import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import { addFlows } from './app-flows.ts';
import { fillHistory } from './fill-history.ts';
import { type App, watchMemory } from './processes.ts';

const historyRuns = Number(process.env.BENCH_HISTORY ?? 1_000_000);
const manyFlows = Number(process.env.BENCH_FLOWS ?? 1000);
const backlogRuns = Number(process.env.BENCH_BACKLOG ?? 100_000);

/** Runs a second of one burst. */
type Burst = (burst: { count: number; bytes?: number }) => Promise<number>;

/**
 * What a run costs as everything around it grows: events, flows, history, and the queue itself. Each burst has one
 * without the growth right before it, since timings of minutes ago say nothing.
 */
export async function measureScale(input: {
  app: App;
  target: string;
  database: Client;
  burst: Burst;
  count: number;
}): Promise<Record<string, number>> {
  const { app, target, database, burst, count } = input;
  // First, since it is the memory of the backlog that counts, not of what went before.
  const backlog = await drainBacklog({ app, database });
  const bytes1k = await burst({ count });
  const stopWatching = watchMemory(app.pid);
  const bytes100k = await burst({ count: Math.ceil(count / 8), bytes: 100_000 });
  const peak100k = stopWatching();
  await addFlows(app, target, 9);
  const flows10 = await burst({ count });
  await addFlows(app, target, manyFlows - 10);
  const flows1000 = await burst({ count });
  const history0 = await burst({ count });
  await fillHistory(database, { runs: historyRuns, flows: 50, days: 30 });
  // A million runs at once leave a gigabyte to be written; a history of that size grew over a month.
  await database.query('checkpoint');
  const history1m = await burst({ count });
  return {
    runs_per_s_1kb: bytes1k,
    runs_per_s_100kb: bytes100k,
    peak_rss_mb_100kb: peak100k,
    runs_per_s_10_flows: flows10,
    runs_per_s_1000_flows: flows1000,
    runs_per_s_short_history: history0,
    runs_per_s_1m_history: history1m,
    ...backlog,
  };
}

/** Events that came in while nothing could be sent on, all at once; the memory of the app while it works them off. */
async function drainBacklog({ app, database }: { app: App; database: Client }): Promise<Record<string, number>> {
  const stopWatching = watchMemory(app.pid);
  const started = performance.now();
  await database.query(
    `insert into runs (flow_id, version_id, record_key, event, source, payload)
     select flow_id, version_id, 'backlog:' || n, event, source, replace(payload, 'client-', 'backlog' || n || '-')
     from (select * from run_history where state = 'done' and payload like '%"client-%' and length(payload) < 2000
           order by created_at desc limit 1) as one, generate_series(1, $1::int) as n`,
    [backlogRuns],
  );
  const open = async () => {
    const { rows } = await database.query<{ open: boolean }>(
      `select exists(select 1 from runs where state in ('queued', 'working', 'calling', 'waiting')) as open`,
    );
    return rows[0]?.open;
  };
  while (await open()) await delay(250);
  const seconds = (performance.now() - started) / 1000;
  return { backlog_runs_per_s: Math.round(backlogRuns / seconds), backlog_peak_rss_mb: stopWatching() };
}
