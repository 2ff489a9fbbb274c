import { Client } from 'pg';
import { fillHistory } from './fill-history.ts';
import { type App, quantile, startApp, temporaryFolder } from './processes.ts';

/**
 * Lists and searches over a full history: a million finished runs of thirty days, asked for over HTTP as a screen does.
 * Prints one table and, as its last line, one JSON object.
 */
const runs = Number(process.env.BENCH_RUNS ?? 1_000_000);
const days = 30;
const flows = 20;
const asks = Number(process.env.BENCH_ASKS ?? 40);

interface Question {
  name: string;
  /** The n-th time it is asked. */
  query(n: number): Record<string, string>;
  /** It goes on from the last page: a person who scrolls. */
  deep?: boolean;
}

/** Spread over the whole history, and the same in every run. */
const someone = (n: number) => 1 + ((n * 611_953) % runs);
const flowId = (n: number) => `00000000-0000-4000-8000-${String(n % flows).padStart(12, '0')}`;
const phoneOf = (i: number) => `7999${String(i).padStart(7, '0')}`;

const questions: Question[] = [
  { name: 'first page', query: () => ({}) },
  { name: 'by flow', query: (n) => ({ flow: flowId(n) }) },
  { name: 'by a rare state', query: () => ({ states: 'skipped' }) },
  { name: 'by several states', query: () => ({ states: 'skipped,filtered,rejected,dead,unknown' }) },
  { name: 'by flow and rare state', query: (n) => ({ flow: flowId(n), states: 'skipped' }) },
  { name: 'by flow and a state it never has', query: (n) => ({ flow: flowId(n), states: 'unknown' }) },
  {
    name: 'by time',
    query: (n) => {
      const to = Date.now() - (n % days) * 86_400_000;
      return { from: new Date(to - 86_400_000).toISOString(), to: new Date(to).toISOString() };
    },
  },
  { name: 'q: a record id', query: (n) => ({ q: `"${1_000_000 + someone(n)}"` }) },
  { name: 'q: a phone', query: (n) => ({ q: `8 ${phoneOf(someone(n)).slice(1)}` }) },
  { name: 'q: an e-mail', query: (n) => ({ q: `client-${someone(n)}@example.com` }) },
  { name: 'q: a name, 1 run in 500', query: (n) => ({ q: `"имя${n % 500}"` }) },
  { name: 'q: name and family name', query: (n) => ({ q: `имя${someone(n) % 500} семья${someone(n) % 7919}` }) },
  { name: 'q: a word of every run', query: () => ({ q: 'заявка' }) },
  { name: 'q: a word nobody has', query: (n) => ({ q: `нигде${n}` }) },
  { name: 'q: a rare beginning', query: (n) => ({ q: phoneOf(someone(n)).slice(0, 9) }) },
  { name: 'q: a beginning of three', query: (n) => ({ q: `им${'яе'[n % 2]}` }) },
  { name: 'q in a flow', query: (n) => ({ q: `"имя${n % 500}"`, flow: flowId(n) }) },
  { name: 'deep pages', query: () => ({}), deep: true },
  { name: 'deep pages of a search', query: () => ({ q: '"имя7"' }), deep: true },
];

async function main(): Promise<void> {
  const folder = await temporaryFolder();
  const app = await startApp(folder.path);
  const database = new Client({ connectionString: app.databaseUrl });
  await database.connect();
  try {
    const seconds = await fillHistory(database, { runs, flows, days });
    const sizes = await sizesOf(database);
    const rows = [];
    for (const question of questions) rows.push({ ...(await measure(app, question)), name: question.name });
    console.table(rows.map(({ name, p50, p95, found }) => ({ ask: name, 'p50 ms': p50, 'p95 ms': p95, found })));
    console.log(
      JSON.stringify({
        bench: 'history',
        runs,
        fill_s: seconds,
        ...sizes,
        p95_ms: Math.max(...rows.map(({ p95 }) => p95)),
        by_ask: Object.fromEntries(rows.map(({ name, p50, p95 }) => [name, { p50_ms: p50, p95_ms: p95 }])),
      }),
    );
  } finally {
    await database.end();
    await app.stop();
    await folder.remove();
  }
}

async function sizesOf(database: Client): Promise<Record<string, number>> {
  const { rows } = await database.query<{ rows: string; words: string; all: string }>(
    `select sum(pg_table_size(i.inhrelid)) as rows, sum(pg_total_relation_size(i.inhrelid)) as all,
       (select sum(pg_relation_size(x.oid)) from pg_class x join pg_index n on n.indexrelid = x.oid
        join pg_am a on a.oid = x.relam where a.amname = 'gin' and x.relname ~ '^run_history') as words
     from pg_inherits i where inhparent = 'run_history'::regclass`,
  );
  const perRun = (bytes: string | undefined) => Math.round(Number(bytes) / runs);
  return { bytes_per_run_without_bodies: perRun(rows[0]?.all), words_index_bytes_per_run: perRun(rows[0]?.words) };
}

async function measure(app: App, question: Question): Promise<{ p50: number; p95: number; found: number }> {
  const times: number[] = [];
  let found = 0;
  let after: string | null = null;
  for (let n = 0; n < asks; n += 1) {
    const query = new URLSearchParams({ ...question.query(n), ...(after === null ? {} : { after }) });
    const started = performance.now();
    const response = await fetch(`${app.url}/api/v1/runs?${query}`, {
      headers: { authorization: `Bearer ${app.key}` },
    });
    const page = (await response.json()) as { items: unknown[]; next: string | null };
    times.push(performance.now() - started);
    if (!response.ok) throw new Error(`${query}: ${JSON.stringify(page)}`);
    found += page.items.length;
    if (question.deep) after = n % 2 === 0 ? page.next : deepPlace(n);
  }
  return { p50: quantile(times, 0.5), p95: quantile(times, 0.95), found };
}

/** A place in the middle of the history, as the list writes it. */
function deepPlace(n: number): string {
  const at = new Date(Date.now() - (1 + (n % (days - 1))) * 86_400_000).toISOString();
  return `${at.slice(0, 23).replace('T', ' ')}+00_${runs}`;
}

await main();
