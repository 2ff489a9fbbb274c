import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { z } from 'zod';

const run = promisify(execFile);
const bench = fileURLToPath(new URL('./backfill.ts', import.meta.url));
const told = z.object({ counted: z.number(), made: z.number(), lost: z.number(), doubled: z.number() });

it('a backfill of 1,000 contacts of Creatio: counted right, each exactly once', { timeout: 180_000 }, async () => {
  const env = { ...process.env, BENCH_RECORDS: '1000' };
  const { stdout } = await run(process.execPath, [bench], { env });
  const last = stdout.trim().split('\n').at(-1) ?? '';
  // And the Supervisor of the stand.
  expect(told.parse(JSON.parse(last))).toEqual({ counted: 1001, made: 1001, lost: 0, doubled: 0 });
});
