import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { z } from 'zod';

const positive = z.number().positive();
const result = z.object({
  bench: z.literal('flows'),
  runs_per_s: positive,
  floor_runs_per_s: positive,
  ratio: positive,
  ack_p50_ms: positive,
  ack_p99_ms: positive,
  ack_p99_ms_20: positive,
  floor_ack_p99_ms_20: positive,
  e2e_p50_ms_20: positive,
  e2e_p99_ms_20: positive,
  peak_rss_mb: positive,
  cold_start_s: positive,
  history_bytes_per_run: positive,
});

test('the short form of the benchmark measures everything that it promises', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [fileURLToPath(new URL('index.ts', import.meta.url)), 'flows', '--short'],
    { env: { ...process.env, BENCH_EVENTS: '600', BENCH_PAIRS: '1', BENCH_CALM: '100' } },
  );
  const measured = result.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
  // Of what does not hang on how busy the machine is: the memory of two roles, and what a run of 1 KB leaves on the disk.
  expect(measured.peak_rss_mb).toBeLessThan(400);
  expect(measured.history_bytes_per_run).toBeLessThan(6000);
}, 240_000);
