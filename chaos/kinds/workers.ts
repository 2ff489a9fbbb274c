import { setTimeout as delay } from 'node:timers/promises';
import { heldBy } from '../database.ts';
import type { Kind } from '../kind.ts';
import { between } from '../random.ts';
import { openScene, usual } from '../scene.ts';

/** What a killed worker had in hand goes on elsewhere within this. */
const takenOverWithin = 30;

/** One `serve`, three `work`; two of the three are killed at random under load. */
export const workers: Kind = {
  name: 'workers',
  repeatable: true,
  limitSeconds: 600,
  async run(stage) {
    const scene = await openScene(stage, { ...usual, roles: 'split' });
    const all = [...scene.workers, scene.start('work'), scene.start('work')];
    await scene.setFaults({ slowMs: 400 });
    await scene.send({ rate: 50 });
    await scene.untilAccepted(200);
    const times: number[] = [];
    let held = 0;
    for (const victim of all.slice(0, 2)) {
      await delay(between(stage.random, 0, 3000));
      await victim.kill();
      const began = performance.now();
      held += await heldBy(scene.databaseUrl, victim.pid);
      while ((await heldBy(scene.databaseUrl, victim.pid)) > 0) {
        if (performance.now() - began > 90_000) throw new Error('The runs of a killed worker stay with it.');
        await delay(100);
      }
      times.push((performance.now() - began) / 1000);
    }
    const outcome = await scene.finish();
    const slowest = Math.max(...times);
    const faults = [...outcome.faults];
    if (slowest > takenOverWithin) faults.push(`taken over only after ${slowest.toFixed(1)} s`);
    if (held === 0) faults.push('no killed worker had a run in hand');
    return {
      ...outcome,
      faults,
      kills: 2,
      seen: `${held} runs in hand, taken over after at most ${slowest.toFixed(1)} s`,
    };
  },
};
