import { setTimeout as delay } from 'node:timers/promises';
import { untilReady } from '../app.ts';
import { ageLeases } from '../database.ts';
import type { Kind } from '../kind.ts';
import { between } from '../random.ts';
import { openScene } from '../scene.ts';

/** kill -9 of the whole app at a random moment under load, again and again, each time started on the same data. */
export const kill: Kind = {
  name: 'kill',
  repeatable: true,
  limitSeconds: 900,
  async run(stage) {
    const times = stage.short ? 2 : 20;
    const scene = await openScene(stage);
    await scene.send({ rate: stage.short ? 40 : 60 });
    let { app } = scene;
    let slowest = 0;
    for (let n = 0; n < times; n += 1) {
      await delay(between(stage.random, 100, stage.short ? 1500 : 2500));
      await app.kill();
      const { pid } = app;
      const began = performance.now();
      app = scene.start('start');
      await untilReady(scene.installation);
      // The full form waits until the leases of the dead end by themselves.
      if (stage.short) await ageLeases(scene.databaseUrl, pid);
      slowest = Math.max(slowest, performance.now() - began);
    }
    const outcome = await scene.finish();
    return { ...outcome, kills: times, seen: `slowest return ${(slowest / 1000).toFixed(1)} s` };
  },
};
