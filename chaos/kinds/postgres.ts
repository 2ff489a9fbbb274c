import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { untilReady } from '../app.ts';
import type { Kind } from '../kind.ts';
import { between } from '../random.ts';
import { openScene } from '../scene.ts';

/** Fast shutdown, immediate shutdown, and a crash (PostgreSQL, "Shutting Down the Server"). */
const ends = ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const;

/** PostgreSQL is ended under load, in three ways in turn; the app that brings it starts it again by itself. */
export const postgres: Kind = {
  name: 'postgres',
  repeatable: true,
  limitSeconds: 600,
  async run(stage) {
    const scene = await openScene(stage);
    await scene.setFaults({ slowMs: 100 });
    await scene.send({ rate: stage.short ? 40 : 60 });
    const times = stage.short ? 2 : 6;
    for (let n = 0; n < times; n += 1) {
      await delay(between(stage.random, 500, 2500));
      process.kill(await postmaster(scene.installation.dataDir), ends[n % ends.length]);
      await delay(300);
      await untilReady(scene.installation);
    }
    const outcome = await scene.finish();
    return { ...outcome, kills: 0, seen: `${times} restarts: fast, immediate, kill -9 in turn` };
  },
};

/** The first line of postmaster.pid is the process (PostgreSQL, "Database File Layout"). */
async function postmaster(dataDir: string): Promise<number> {
  const [pid] = (await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n');
  return Number(pid);
}
