import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { prepareApp } from './app-flows.ts';
import { type App, ask, forkScript, quantile, startApp, temporaryFolder, watchMemory } from './processes.ts';
import { measureScale } from './scale.ts';

/**
 * Throughput and latency of a flow, beside a floor that is measured in the same run: see floor.ts. Prints one table
 * and, as its last line, one JSON object.
 */
interface Measured {
  runsPerSecond: number;
  ackP50: number;
  ackP99: number;
}

const burst = { count: Number(process.env.BENCH_EVENTS ?? 4000), connections: 64 };
const pairs = Number(process.env.BENCH_PAIRS ?? 3);
/** Without what a run costs as everything around it grows: ten minutes less. */
const isShort = process.argv.includes('--short');
let series = 0;

async function main(): Promise<void> {
  const folder = await temporaryFolder();
  const target = await forkScript<{ port: number }>('target.ts');
  const sender = await forkScript('load.ts');
  const targetUrl = `http://127.0.0.1:${target.said.port}`;
  // The first start on a machine also compiles what it keeps for all later ones.
  await (await startApp(folder.path)).stop();
  let app = await startApp(folder.path);
  try {
    const hook = await prepareApp(app, targetUrl);
    const database = await connect(app.databaseUrl);
    const floorDatabase = await databaseBeside(database, app.databaseUrl);
    const floor = await forkScript<{ port: number; worker: number }>('floor.ts', {
      FLOOR_DATABASE: floorDatabase,
      FLOOR_TARGET: targetUrl,
    });
    const floorClient = await connect(floorDatabase);
    const stopWatching = watchMemory(app.pid);
    const floorPids = [floor.child.pid ?? 0, floor.said.worker];
    const both = async (count: number) => ({
      app: await without(floorPids, () => burstApp({ app, hook, database, sender: sender.child, count })),
      floor: await without([app.pid], () =>
        burstFloor({ port: floor.said.port, client: floorClient, sender: sender.child, count }),
      ),
    });
    // Warm both: code compiled, plans made, connections open. Until V8 has compiled what is hot a run costs more CPU: of all
    // processes together 1.4 ms in the first burst, 1.1 and 1.0 in the next two, 0.9 from the fourth on.
    for (let warmed = 0; warmed < 3; warmed += 1) await both(burst.count);
    const rows: { app: Measured; floor: Measured }[] = [];
    for (let pair = 0; pair < pairs; pair += 1) rows.push(await both(burst.count));
    await comeToRest([database, floorClient]);
    const calm = await without(floorPids, () => evenly({ hook, database, sender: sender.child }));
    const calmFloor = await evenlyFloor({ port: floor.said.port, sender: sender.child });
    floor.child.kill('SIGTERM');
    const bytes = await historyBytes(database);
    const peak = stopWatching();
    const scale = isShort
      ? {}
      : await measureScale({
          app,
          target: targetUrl,
          database,
          count: burst.count,
          burst: async (one) => (await burstApp({ app, hook, database, sender: sender.child, ...one })).runsPerSecond,
        });
    await Promise.all([database.end(), floorClient.end()]);
    await app.stop();
    app = await startApp(folder.path);
    const median = (pick: (row: (typeof rows)[number]) => number) => quantile(rows.map(pick), 0.5);
    const ratios = rows.map((row) => row.app.runsPerSecond / row.floor.runsPerSecond).sort((a, b) => a - b);
    const result = {
      bench: 'flows',
      runs_per_s: median((row) => row.app.runsPerSecond),
      floor_runs_per_s: median((row) => row.floor.runsPerSecond),
      ratio: Math.round((ratios[Math.floor(ratios.length / 2)] ?? 0) * 1000) / 1000,
      ack_p50_ms: median((row) => row.app.ackP50),
      ack_p99_ms: median((row) => row.app.ackP99),
      ack_p99_ms_20: quantile(calm.acks, 0.99),
      floor_ack_p99_ms_20: quantile(calmFloor, 0.99),
      e2e_p50_ms_20: quantile(calm.ends, 0.5),
      e2e_p99_ms_20: quantile(calm.ends, 0.99),
      peak_rss_mb: peak,
      cold_start_s: Math.round(app.startSeconds * 100) / 100,
      history_bytes_per_run: bytes,
      ...scale,
    };
    console.table(
      rows.map((row) => ({
        ours: row.app.runsPerSecond,
        floor: row.floor.runsPerSecond,
        'ack p99 ours': row.app.ackP99,
        'ack p99 floor': row.floor.ackP99,
      })),
    );
    console.log(JSON.stringify(result));
  } finally {
    await app.stop().catch(() => {});
    sender.child.kill();
    target.child.kill();
    await folder.remove();
  }
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  // When a measurement fails the server is stopped under us: the failure is to be told, not this.
  client.on('error', () => {});
  await client.connect();
  return client;
}

/**
 * Processes that stand still while the other side is measured. The floor's worker asks its queue every 5 ms, over ever
 * more dead rows: idle it took up to a tenth of the machine from ours.
 */
async function without<T>(pids: number[], measured: () => Promise<T>): Promise<T> {
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  try {
    return await measured();
  } finally {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
  }
}

/** Dirty pages and dead rows of the bursts: twenty events a second meet neither. */
async function comeToRest(databases: Client[]): Promise<void> {
  for (const database of databases) await database.query('vacuum analyze');
  for (const database of databases) await database.query('checkpoint');
}

/** The floor's own database on the same server. */
async function databaseBeside(client: Client, url: string): Promise<string> {
  await client.query('create database floor');
  const beside = new URL(url);
  beside.pathname = '/floor';
  return beside.href;
}

interface Burst {
  sender: ChildProcess;
  count: number;
  /** Of one event; 1 KB unless told. */
  bytes?: number;
}

/** All events in as fast as they are taken, until the last run is in the history. */
async function burstApp(input: Burst & { app: App; hook: string; database: Client }): Promise<Measured> {
  const { database, hook, sender, count, bytes } = input;
  const finished = async () => {
    const { rows } = await database.query<{ open: boolean }>(
      "select exists(select 1 from runs where state in ('queued', 'working', 'calling', 'waiting')) as open",
    );
    return rows[0]?.open === false;
  };
  return measure({ sender, url: hook, count, finished, ...(bytes === undefined ? {} : { bytes }) });
}

async function burstFloor(input: Burst & { port: number; client: Client }): Promise<Measured> {
  const { client, port, sender, count } = input;
  const finished = async () => {
    const { rows } = await client.query<{ open: boolean }>('select exists(select 1 from floor_queue) as open');
    return rows[0]?.open === false;
  };
  return measure({ sender, url: `http://127.0.0.1:${port}/hook`, count, finished });
}

async function measure(input: Burst & { url: string; finished: () => Promise<boolean> }): Promise<Measured> {
  const { sender, url, count, bytes, finished } = input;
  series += 1;
  const started = performance.now();
  const { latencies } = await ask<{ latencies: number[] }>(sender, {
    url,
    run: `s${series}`,
    count,
    connections: burst.connections,
    ...(bytes === undefined ? {} : { bytes }),
  });
  while (!(await finished())) await delay(50);
  const seconds = (performance.now() - started) / 1000;
  return {
    runsPerSecond: Math.round(count / seconds),
    ackP50: quantile(latencies, 0.5),
    ackP99: quantile(latencies, 0.99),
  };
}

/** Half a minute: the one or two stalls of a shared disk that come in that time are not a hundredth of it. */
const calmly = { rate: 20, count: Number(process.env.BENCH_CALM ?? 600) };

/** An even rate: how long until 200, and how long until the run is in the history. */
async function evenly(input: {
  hook: string;
  database: Client;
  sender: ChildProcess;
}): Promise<{ acks: number[]; ends: number[] }> {
  const { hook, database, sender } = input;
  series += 1;
  const run = `s${series}`;
  const sent = await ask<{ latencies: number[]; sentAt: number[] }>(sender, { url: hook, run, ...calmly });
  await delay(1000);
  const { rows } = await database.query<{ event: string; at: string }>(
    `select substring(payload from $1) as event, extract(epoch from finished_at) * 1000 as at from run_history
     where payload like $2 and state = 'done'`,
    [`"${run}-(\\d+)"`, `%"${run}-%`],
  );
  const ends = rows.map(({ event, at }) => Number(at) - (sent.sentAt[Number(event) - 1] ?? Number.NaN));
  return { acks: sent.latencies, ends };
}

async function evenlyFloor({ port, sender }: { port: number; sender: ChildProcess }): Promise<number[]> {
  series += 1;
  const url = `http://127.0.0.1:${port}/hook`;
  return (await ask<{ latencies: number[] }>(sender, { url, run: `s${series}`, ...calmly })).latencies;
}

async function historyBytes(database: Client): Promise<number> {
  const { rows } = await database.query<{ bytes: string; runs: string }>(
    `select sum(pg_total_relation_size(inhrelid)) as bytes, (select count(*) from run_history) as runs
     from pg_inherits where inhparent = 'run_history'::regclass`,
  );
  return Math.round(Number(rows[0]?.bytes) / Math.max(1, Number(rows[0]?.runs)));
}

await main();
