import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks again until `check` gives something other than false, null or undefined, and throws nothing; fails with its last
 * error, or with `what`, when `within` milliseconds are over.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  options: { within?: number; every?: number; what?: string } = {},
): Promise<Exclude<T, false | null | undefined>> {
  const { within = 10_000, every = 25, what = 'the condition did not come true' } = options;
  const until = Date.now() + within;
  for (;;) {
    let last: unknown;
    try {
      const value = await check();
      if (value !== false && value !== null && value !== undefined)
        return value as Exclude<T, false | null | undefined>;
      last = new Error(`${what} within ${within} ms`);
    } catch (error) {
      last = error;
    }
    if (Date.now() >= until) throw last;
    await delay(every);
  }
}
