import { parseArgs } from 'node:util';
import { type Kind, type Report, runKind } from './kind.ts';
import { clock } from './kinds/clock.ts';
import { disk } from './kinds/disk.ts';
import { kill } from './kinds/kill.ts';
import { pingpong } from './kinds/pingpong.ts';
import { postgres } from './kinds/postgres.ts';
import { repeats } from './kinds/repeats.ts';
import { stop } from './kinds/stop.ts';
import { vendor, vendorWithoutKeys } from './kinds/vendor.ts';
import { workers } from './kinds/workers.ts';
import { finalStates, noSums } from './reckon.ts';

/**
 * `npm run chaos [-- --short] [KIND…]`: troubles the app on purpose and counts what was lost or doubled. The seed is
 * CHAOS_SEED; without one it is drawn, and printed. Prints a line for each kind and, as its last line, one JSON object.
 */
const kinds: Kind[] = [kill, stop, postgres, vendor, vendorWithoutKeys, repeats, clock, disk, workers, pingpong];
/** What the short form tries: those that need no root and little time. */
const shortKinds = ['kill', 'stop', 'postgres', 'vendor', 'repeats'];

/** Fewer would prove little. */
const enoughRuns = 1000;

const columns = ['kind', 'runs', ...finalStates, 'lost', 'doubled', 'kills', 'seconds'] as const;

function line(report: Report): string {
  const cells = columns.map((column, index) => String(report[column]).padStart(index === 0 ? 0 : column.length));
  const verdict = report.skippedFor ? `SKIPPED: ${report.skippedFor}` : report.ok ? 'ok' : 'FAILED';
  return `| ${(cells[0] ?? '').padEnd(14)} | ${cells.slice(1).join(' | ')} | ${verdict} ${report.seen} |`;
}

const head = () => `| ${'kind'.padEnd(14)} | ${columns.slice(1).join(' | ')} | |`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { short: { type: 'boolean' } } });
  const short = values.short ?? false;
  const unknown = positionals.filter((name) => !kinds.some((kind) => kind.name === name));
  if (unknown.length > 0) {
    console.error(`There is no kind "${unknown.join(' ')}". There are: ${kinds.map(({ name }) => name).join(', ')}`);
    process.exitCode = 2;
    return;
  }
  const wanted = positionals.length > 0 ? positionals : short ? shortKinds : kinds.map(({ name }) => name);
  const seed = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 1_000_000));
  const began = performance.now();
  console.log(`seed ${seed}\n${head()}\n|${'---|'.repeat(columns.length + 1)}`);
  const reports: Report[] = [];
  for (const kind of kinds.filter(({ name }) => wanted.includes(name))) {
    const report = await runKind(kind, { seed, short });
    reports.push(report);
    console.log(line(report));
    for (const fault of report.faults.slice(0, 20)) console.log(`    ${report.kind}: ${fault}`);
  }
  const sums = sumsOf(reports);
  const isWhole = !short && positionals.length === 0;
  const ok = reports.every((report) => report.ok) && (!isWhole || sums.runs > enoughRuns);
  console.log(JSON.stringify({ ...sums, seed, seconds: Math.round((performance.now() - began) / 1000), ok }));
  process.exitCode = ok ? 0 : 1;
}

function sumsOf(reports: Report[]) {
  const sums = { ...noSums(), kills: 0 };
  const names = Object.keys(sums) as (keyof typeof sums)[];
  for (const report of reports) for (const name of names) sums[name] += report[name];
  const where = reports.filter(({ repeatable }) => repeatable);
  return {
    ...sums,
    unknown_where_repeatable: where.reduce((sum, { unknown }) => sum + unknown, 0),
    skipped_kinds: reports.filter(({ skippedFor }) => skippedFor !== undefined).map(({ kind }) => kind),
  };
}

await main();
