// npm test: makes sure of Chromium, runs Vitest, and ends with the true totals alone on the last line.
import './node-24.mjs';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { makeSureOfChromium } from './chromium.mjs';
import { run } from './steps.mjs';

const folder = mkdtempSync(join(tmpdir(), 'mostik-totals-'));
const file = join(folder, 'report.json');

function readReport() {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/** A file that cannot even be loaded has no tests in the report and is still a failure. */
function count(report, code) {
  const files = report?.testResults ?? [];
  const tests = files.flatMap((one) =>
    one.assertionResults.map((test) => ({ ...test, file: relative('.', one.name) })),
  );
  const unloaded = files.filter(
    (one) => one.status === 'failed' && !one.assertionResults.some((test) => test.status === 'failed'),
  );
  const skipped = tests.filter((test) => test.status !== 'passed' && test.status !== 'failed');
  const passed = tests.filter((test) => test.status === 'passed').length;
  const failed = tests.filter((test) => test.status === 'failed').length + unloaded.length;
  // Vitest also fails on an error outside of any test.
  return { passed, failed: failed === 0 && code !== 0 ? 1 : failed, skipped };
}

function tellSkipped(skipped, noChromium) {
  if (skipped.length === 0) return;
  console.log(`\n!!! ${skipped.length} SKIPPED${noChromium ? `: ${noChromium}` : ''}`);
  for (const test of skipped) console.log(`!!!   ${test.file}: ${test.fullName}`);
}

const noChromium = await makeSureOfChromium();
const code = await run('vitest', [
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${file}`,
  ...process.argv.slice(2),
]);
const { passed, failed, skipped } = count(readReport(), code);
rmSync(folder, { recursive: true, force: true });
tellSkipped(skipped, noChromium);
process.exitCode = failed === 0 && code === 0 ? 0 : 1;
console.log(`\n${passed} passed, ${failed} failed, ${skipped.length} skipped`);
