import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { z } from 'zod';

const run = promisify(execFile);
const index = fileURLToPath(new URL('./index.ts', import.meta.url));

const lastLine = z.object({
  runs: z.number(),
  done: z.number(),
  filtered: z.number(),
  skipped: z.number(),
  rejected: z.number(),
  dead: z.number(),
  unknown: z.number(),
  lost: z.number(),
  doubled: z.number(),
  kills: z.number(),
  ok: z.boolean(),
});

it('loses and doubles nothing in the short form of chaos', async () => {
  const { stdout } = await run(process.execPath, [index, '--short'], {
    env: { ...process.env, CHAOS_SEED: '3' },
    timeout: 280_000,
  }).catch((error: { stdout?: string; stderr?: string }) => {
    throw new Error(`Chaos failed:\n${error.stdout ?? ''}\n${error.stderr ?? ''}`);
  });
  const sums = lastLine.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
  const { runs, done, filtered, skipped, rejected, dead, unknown } = sums;
  expect(sums).toMatchObject({ lost: 0, doubled: 0, unknown: 0, dead: 0, ok: true });
  expect(runs).toBe(done + filtered + skipped + rejected + dead + unknown);
  expect(runs).toBeGreaterThan(500);
  expect(sums.kills).toBeGreaterThan(0);
  // Each of these must have happened, else the events were not what they should be.
  for (const some of [done, filtered, skipped, rejected]) expect(some).toBeGreaterThan(0);
}, 300_000);
