import { setTimeout as delay } from 'node:timers/promises';
import { ageLeases, heldBy } from '../database.ts';
import type { Kind } from '../kind.ts';
import { openScene, type Scene, usual } from '../scene.ts';

/**
 * One of two workers is stopped (SIGSTOP) in the middle of its work, longer than its lease; the other takes its runs
 * over; then it wakes up and wants to go on. Full form: 60 s. Short form: a few, and its leases are aged in the database.
 */
export const stop: Kind = {
  name: 'stop',
  repeatable: true,
  limitSeconds: 600,
  async run(stage) {
    const scene = await openScene(stage, { ...usual, roles: 'split' });
    const sleeper = scene.start('work');
    // Calls take a while, so that some are under way when the worker stops.
    await scene.setFaults({ slowMs: 800 });
    await scene.send({ rate: stage.short ? 40 : 20 });
    await scene.untilAccepted(60);
    const held = await stopInTheMiddle(scene, sleeper);
    if (stage.short) {
      await ageLeases(scene.databaseUrl, sleeper.pid);
      await untilTakenOver(scene, sleeper.pid);
    } else {
      await delay(60_000);
    }
    const left = await heldBy(scene.databaseUrl, sleeper.pid);
    sleeper.signal('SIGCONT');
    await delay(2000);
    const outcome = await scene.finish();
    const faults = [...outcome.faults];
    if (held === 0) faults.push('the stopped worker had no run in hand');
    if (left > 0) faults.push(`${left} runs stayed with the stopped worker`);
    return { ...outcome, faults, kills: 0, seen: `${held} runs in hand when stopped, ${left} left when it woke` };
  },
};

async function stopInTheMiddle(
  scene: Scene,
  sleeper: { pid: number; signal(name: NodeJS.Signals): void },
): Promise<number> {
  const until = performance.now() + 60_000;
  // It may still be starting.
  while ((await heldBy(scene.databaseUrl, sleeper.pid)) === 0 && performance.now() < until) await delay(200);
  for (;;) {
    sleeper.signal('SIGSTOP');
    const held = await heldBy(scene.databaseUrl, sleeper.pid);
    if (held > 0 || performance.now() > until) return held;
    sleeper.signal('SIGCONT');
    await delay(100);
  }
}

async function untilTakenOver(scene: Scene, pid: number): Promise<void> {
  const until = performance.now() + 25_000;
  while ((await heldBy(scene.databaseUrl, pid)) > 0 && performance.now() < until) await delay(200);
}
