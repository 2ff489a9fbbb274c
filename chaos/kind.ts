import { readFile } from 'node:fs/promises';
import { type Random, randomOf } from './random.ts';
import { noSums, type Sums } from './reckon.ts';

/** One kind of trouble: what is done to the app, and what must hold afterwards. */
export interface Kind {
  name: string;
  /** Whether repeats are recognised over there, so that nothing may stay unknown. */
  repeatable: boolean;
  /** The kind is given up and counts as failed after this. */
  limitSeconds: number;
  /** Why it cannot be tried on this machine; null: it can. */
  cannot?(): Promise<string | null>;
  run(stage: Stage): Promise<Findings>;
}

/** What a kind was given. */
export interface Stage {
  seed: number;
  /** The short form, as in the tests. */
  short: boolean;
  random: Random;
  /** Done in reverse order when the kind has ended, however it ended. */
  onEnd(work: () => Promise<unknown> | void): void;
  /** Files to show the end of when the kind fails. */
  logs: string[];
}

export interface Findings extends Sums {
  kills: number;
  /** What does not hold, in words. */
  faults: string[];
  /** What was measured or seen, for the table. */
  seen: string;
}

export interface Report extends Findings {
  kind: string;
  repeatable: boolean;
  seconds: number;
  /** Why it was not tried. */
  skippedFor?: string;
  ok: boolean;
}

/** Runs one kind within its time and cleans up after it. */
export async function runKind(kind: Kind, how: { seed: number; short: boolean }): Promise<Report> {
  const began = performance.now();
  const report = (findings: Findings, more: Partial<Report> = {}): Report => ({
    ...findings,
    kind: kind.name,
    repeatable: kind.repeatable,
    seconds: Math.round((performance.now() - began) / 100) / 10,
    ok: isGood(kind, findings),
    ...more,
  });
  const nothing = { ...noSums(), kills: 0, faults: [], seen: '' };
  const reason = (await kind.cannot?.()) ?? null;
  if (reason !== null) return report(nothing, { skippedFor: reason, ok: true });
  const ends: (() => Promise<unknown> | void)[] = [];
  const stage: Stage = {
    ...how,
    random: randomOf(how.seed, kind.name),
    onEnd: (work) => void ends.push(work),
    logs: [],
  };
  try {
    return report(await within(kind.run(stage), kind.limitSeconds));
  } catch (error) {
    for (const log of stage.logs) console.error((await readFile(log, 'utf8').catch(() => '')).slice(-4000));
    return report({ ...nothing, faults: [error instanceof Error ? error.message : String(error)] }, { ok: false });
  } finally {
    for (const end of ends.reverse()) {
      try {
        await end();
      } catch (error) {
        console.error(`${kind.name}: could not clean up: ${String(error)}`);
      }
    }
  }
}

async function within<T>(work: Promise<T>, seconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Not finished within ${seconds} s.`)), seconds * 1000);
  });
  try {
    return await Promise.race([work, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}

function isGood(kind: Kind, { faults, runs, lost, doubled, unknown, ...states }: Findings): boolean {
  const final = states.done + states.filtered + states.skipped + states.rejected + states.dead + unknown;
  const isClear = unknown === 0 || !kind.repeatable;
  return faults.length === 0 && runs > 0 && runs === final && lost === 0 && doubled === 0 && isClear;
}
