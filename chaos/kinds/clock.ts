import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { temporaryFolder } from '../../bench/processes.ts';
import type { Kind } from '../kind.ts';
import { openScene, usual } from '../scene.ts';

/** Where Debian and Fedora keep the libfaketime of programs with threads. */
const libraries = [
  `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/faketime/libfaketimeMT.so.1`,
  '/usr/lib64/faketime/libfaketimeMT.so.1',
];
const library = libraries.find((path) => existsSync(path));
const jumps = ['+5h', '-7h', '+26h', '-30h', '+0'];

/** The clock of the app alone is hours wrong, jumps forward and back under load; that of PostgreSQL stays right. */
export const clock: Kind = {
  name: 'clock',
  repeatable: true,
  limitSeconds: 600,
  async cannot() {
    return library === undefined ? 'libfaketime is not installed (apt-get install faketime)' : null;
  },
  async run(stage) {
    const folder = await temporaryFolder();
    stage.onEnd(() => folder.remove());
    const hands = join(folder.path, 'clock');
    await writeFile(hands, '+3h');
    const scene = await openScene(stage, {
      ...usual,
      env: {
        LD_PRELOAD: library ?? '',
        FAKETIME_TIMESTAMP_FILE: hands,
        FAKETIME_CACHE_DURATION: '1',
        // Waits within the process are by the monotonic clock, which no administrator can set.
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
        FAKETIME_DONT_RESET: '1',
      },
    });
    // Failures too: how long a run has been failing is reckoned in hours.
    await scene.setFaults({ slowMs: 100, share: 0.1, kinds: ['500', 'close'] });
    await scene.send({ rate: 40 });
    let { app } = scene;
    let strangest = 0;
    for (const [index, jump] of jumps.entries()) {
      await delay(2500);
      await writeFile(hands, jump);
      await delay(1500);
      strangest = Math.max(strangest, await hoursOff(scene.installation.url));
      // One of the jumps falls between two lives of the app.
      if (index === 2) {
        await app.kill();
        app = scene.start('start');
      }
    }
    const outcome = await scene.finish({ seconds: 90 });
    const faults = [...outcome.faults];
    if (strangest < 20) faults.push('the clock of the app was not wrong');
    return { ...outcome, faults, kills: 1, seen: `clock of the app at ${['+3h', ...jumps].join(', ')}` };
  },
};

/** What the app says in `Date` of an answer, against our clock; 0 while it is starting. */
async function hoursOff(url: string): Promise<number> {
  const answer = await fetch(`${url}/healthz`).catch(() => null);
  const date = answer?.headers.get('date');
  return date ? Math.abs(Date.parse(date) - Date.now()) / 3_600_000 : 0;
}
