import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { connectionsApi } from '../server/connections/contract.ts';
import { type Backfill, backfillApi, flowDraft, flowsApi } from '../server/flows/contract.ts';
import { type Call, callerOf } from '../server/testing/call.ts';
import { ask, forkScript, memoryOf, quantile, startApp, temporaryFolder } from './processes.ts';

/**
 * Takes every contact of a Creatio over to another app: the stand-in with 50,000 contacts and the target are processes of
 * their own, the app is what an administrator starts. Prints one table and, as its last line, one JSON object; ends with an
 * error when a record was lost or doubled, when the count was wrong, or when memory or the cost of a page grew.
 * BENCH_RECORDS=1000 is the short form of `backfill.test.ts`: nothing lost, nothing twice, the count right.
 */
const records = Number(process.env.BENCH_RECORDS ?? 50_000);
/** And the Supervisor, whom every stand has. */
const expected = records + 1;
const parts = 5;
/** Of fewer records a fifth is too short to be measured. */
const leastMeasured = 20_000;

/** Growth that is none: what the last fifth may cost more than the first, and memory over that after the first fifth. */
const mostPageRatio = 1.5;
const mostGrowthMb = 120;

interface Source {
  url: string;
  userName: string;
  password: string;
}

interface Look {
  seconds: number;
  /** Seconds of processor that the app has used: what else the machine does is not in it. */
  cpu: number;
  taken: number;
  memoryMb: number;
  calls: number;
}

async function main(): Promise<void> {
  const folder = await temporaryFolder();
  const source = await forkScript<Source>('creatio-source.ts', { BENCH_RECORDS: String(records) });
  const target = await forkScript<{ port: number }>('target.ts');
  const app = await startApp(folder.path);
  try {
    const targetUrl = `http://127.0.0.1:${target.said.port}`;
    const call = callerOf(app.url, { authorization: `Bearer ${app.key}` });
    const flow = await makeFlow(call, { source: source.said, target: targetUrl });
    const counting = performance.now();
    const total = await countAll(call, flow);
    const countSeconds = (performance.now() - counting) / 1000;
    const looks = await runThrough(call, { flow, pid: app.pid, source: source.child });
    const ledger = (await (await fetch(`${targetUrl}/ledger`)).json()) as { made: number; doubled: number };
    tell({ total, countSeconds, looks, ledger });
  } finally {
    source.child.disconnect();
    target.child.kill('SIGTERM');
    await app.stop();
    await folder.remove();
  }
}

const text = (template: string) => ({ kind: 'template' as const, text: template });

/** Creatio contact → item of another app. The flow itself is not started: only the backfill brings records. */
async function makeFlow(call: Call, { source, target }: { source: Source; target: string }): Promise<string> {
  const add = (body: Record<string, unknown>) =>
    call(connectionsApi.postConnection, {
      body: { fields: {}, secrets: {}, endpoints: {}, check: false, connector: '', auth: '', name: '', ...body },
    });
  const creatio = await add({
    connector: 'creatio',
    auth: 'password',
    name: 'Creatio',
    fields: { address: source.url, userName: source.userName },
    secrets: { password: source.password },
    check: true,
  });
  const webhook = await add({ connector: 'webhook', auth: 'none', name: 'target' });
  const draft = flowDraft.parse({
    trigger: { connection: creatio.id, trigger: 'contact.createdOrChanged', mode: 'poll', everyMinutes: 1440 },
    steps: [
      {
        id: 'a1',
        connection: webhook.id,
        action: 'item.create',
        settings: {
          fields: 'name,email,phone,post',
          createUrl: `${target}/items`,
          createIdPath: '$.id',
          findUrl: `${target}/items?email={email}`,
          itemsPath: '$[*]',
          idPath: '$.id',
        },
        mapping: {
          name: text('{{ trigger.Name }}'),
          email: text('{{ trigger.Email | default: trigger.id }}'),
          phone: text('{{ trigger.MobilePhone }}'),
          post: text('{{ trigger.JobTitle }}'),
        },
        // No search: whatever went through twice would be there twice.
        duplicates: { mode: 'create' },
      },
    ],
  });
  const flow = await call(flowsApi.postFlow, { body: { name: 'Contacts', draft } });
  await call(flowsApi.saveFlow, { params: { id: flow.id } });
  return flow.id;
}

const look = (call: Call, flow: string) => call(backfillApi.getBackfill, { params: { id: flow } });

/** Waits for a state of the backfill; a failure is told at once. */
async function reached(call: Call, flow: string, state: Backfill['state'], each: (now: Backfill) => Promise<void>) {
  for (;;) {
    const now = await look(call, flow);
    if (!now || now.failure || now.state === 'cancelled') throw new Error(`The backfill: ${JSON.stringify(now)}`);
    await each(now);
    if (now.state === state) return now;
    await delay(250);
  }
}

async function countAll(call: Call, flow: string): Promise<number | null> {
  const since = new Date(Date.now() - 365 * 24 * 3600_000).toISOString();
  await call(backfillApi.postBackfill, { params: { id: flow }, body: { since } });
  return (await reached(call, flow, 'ready', async () => {})).total;
}

/** Starts, and looks four times a second until all is through. */
async function runThrough(
  call: Call,
  { flow, pid, source }: { flow: string; pid: number; source: ChildProcess },
): Promise<Look[]> {
  const looks: Look[] = [];
  const started = performance.now();
  await call(backfillApi.moveBackfill, { params: { id: flow, move: 'start' } });
  await reached(call, flow, 'done', async ({ taken, open }) => {
    const { calls } = await ask<{ calls: number }>(source, {});
    const seconds = (performance.now() - started) / 1000;
    looks.push({ seconds, cpu: cpuOf(pid), taken: taken - open, memoryMb: memoryOf(pid), calls });
  });
  return looks;
}

/** proc(5): user and system time are the 14th and 15th field, in hundredths; the name before may hold anything. */
function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

interface Part {
  records: number;
  seconds: number;
  cpu: number;
  calls: number;
  middleMb: number;
}

/** The looks in fifths of the records. */
function inParts(looks: Look[]): Part[] {
  return Array.from({ length: parts }, (_, part) => {
    const end = (n: number) => looks.findIndex(({ taken }) => taken >= (expected * n) / parts);
    const [from, to] = [part === 0 ? 0 : end(part), end(part + 1)];
    const [first, last] = [looks[from], looks[to]];
    if (!first || !last) throw new Error('The backfill ended early.');
    return {
      records: last.taken - first.taken,
      seconds: last.seconds - first.seconds,
      cpu: last.cpu - first.cpu,
      calls: last.calls - first.calls,
      // Between two collections the memory goes up and down: the middle tells whether it grows.
      middleMb: quantile(
        looks.slice(from, to + 1).map(({ memoryMb }) => memoryMb),
        0.5,
      ),
    };
  });
}

const rounded = (value: number, digits = 2): number => Number(value.toFixed(digits));

const grown = (result: { page_cost_ratio: number; page_calls_ratio: number; rss_growth_mb: number }) => [
  result.page_cost_ratio <= mostPageRatio ? null : 'the cost of a page grew',
  result.page_calls_ratio <= mostPageRatio ? null : 'the calls of a page grew',
  result.rss_growth_mb <= mostGrowthMb ? null : 'memory grew',
];

function tell(found: {
  total: number | null;
  countSeconds: number;
  looks: Look[];
  ledger: { made: number; doubled: number };
}): void {
  const { total, looks, ledger } = found;
  const fifths = inParts(looks);
  console.table(
    fifths.map(({ records: count, seconds, cpu, calls, middleMb }, part) => ({
      part: `${part + 1} of ${parts}`,
      records: count,
      seconds: rounded(seconds, 1),
      'CPU ms a record': rounded((cpu * 1000) / count),
      'calls per 500': rounded((calls * 500) / count, 1),
      'MB in the middle': Math.round(middleMb),
    })),
  );
  const costs = fifths.map(({ records: count, cpu }) => cpu / count);
  const calls = fifths.map((part) => part.calls / part.records);
  // The first fifth starts the app's machinery up: the second is the measure.
  const ratio = (values: number[]) => rounded((values.at(-1) ?? 0) / (values[1] ?? 1));
  const growth = (fifths.at(-1)?.middleMb ?? 0) - (fifths[1]?.middleMb ?? 0);
  const result = {
    bench: 'backfill',
    records: expected,
    counted: total,
    count_s: rounded(found.countSeconds),
    made: ledger.made,
    lost: expected - (ledger.made - ledger.doubled),
    doubled: ledger.doubled,
    seconds: rounded(looks.at(-1)?.seconds ?? 0, 1),
    records_per_s: rounded(expected / (looks.at(-1)?.seconds ?? 1), 1),
    page_cost_ratio: ratio(costs),
    page_calls_ratio: ratio(calls),
    peak_rss_mb: Math.round(Math.max(...looks.map(({ memoryMb }) => memoryMb))),
    rss_growth_mb: Math.round(growth),
  };
  const wrong = [
    total === expected ? null : `counted ${total} instead of ${expected}`,
    result.lost === 0 && ledger.doubled === 0 && ledger.made === expected ? null : 'records lost or doubled',
    ...(records < leastMeasured ? [] : grown(result)),
  ].filter((one) => one !== null);
  if (wrong.length > 0) console.error(`Not as promised: ${wrong.join('; ')}.`);
  process.exitCode = wrong.length > 0 ? 1 : 0;
  console.log(JSON.stringify(result));
}

await main();
