import { setTimeout as delay } from 'node:timers/promises';
import { askDatabase } from '../database.ts';
import type { Kind } from '../kind.ts';
import { openScene, type Scene } from '../scene.ts';
import { moveToSmallDisk } from '../small-disk.ts';

/** So much is left of a disk that we fill: enough for a second of work. */
const left = 1_000_000;

/** Two calls of each run that one flow alone may have in hand (server/flows/hands.ts); 60 events/s would make 580. */
const callsInHand = 2 * 192;

/**
 * A full disk. Of the history: calls are taken, runs wait with their outcome and say so. Of the queue: calls are answered
 * 503, never a false 200. Once there is space again everything goes on by itself.
 */
export const disk: Kind = {
  name: 'disk',
  repeatable: true,
  limitSeconds: 600,
  async cannot() {
    return process.platform === 'linux' && process.getuid?.() === 0 ? null : 'to mount a small tmpfs one must be root';
  },
  async run(stage) {
    const scene = await openScene(stage);
    const { databaseUrl } = scene;
    const { dataDir } = scene.installation;
    const place = { databaseUrl, dataDir };
    const history = await moveToSmallDisk(stage, { ...place, name: 'history', tables: ['run_history'], megabytes: 64 });
    const queue = await moveToSmallDisk(stage, {
      ...place,
      name: 'queue',
      tables: ['runs', 'deliveries'],
      megabytes: 64,
    });
    await scene.send({ rate: 60 });
    await scene.untilAccepted(100);
    const faults: string[] = [];

    await history.fill(left);
    await untilTold(scene, 'the history is full and nobody is told');
    const before = (await scene.sent()).accepted;
    const callsBefore = (await scene.ledger()).calls;
    await delay(6000);
    const during = (await scene.sent()).accepted;
    const calls = (await scene.ledger()).calls - callsBefore;
    if (during - before < 100) faults.push(`only ${during - before} calls were taken while the history was full`);
    // What is in hand may finish its calls; then all of the flow's places hold an outcome.
    if (calls > callsInHand) faults.push(`${calls} calls went out while the history was full: runs do not wait`);
    const waiting = await openRuns(scene);
    if (waiting < 100) faults.push(`only ${waiting} runs waited for the history`);
    await history.free();
    await untilOver(scene);

    await queue.fill(left);
    await untilRefused(scene);
    const refusedBefore = await scene.sent();
    await delay(4000);
    const refused = await scene.sent();
    const others = Object.keys(refused.statuses).filter((status) => status !== '200' && status !== '503');
    if (others.length > 0) faults.push(`calls were answered ${others.join(', ')} besides 200 and 503`);
    if (!(await wasTold(scene))) faults.push('the queue is full and nobody is told');
    await queue.free();

    const outcome = await scene.finish({ seconds: 120 });
    const seen = `history full: ${during - before} calls taken in 6 s, ${waiting} runs waiting; queue full: ${
      refused.statuses['503'] ?? 0
    } answers 503, ${refused.accepted - refusedBefore.accepted} calls taken in 4 s`;
    return { ...outcome, faults: [...faults, ...outcome.faults], kills: 0, seen };
  },
};

async function wasTold({ databaseUrl }: Scene): Promise<boolean> {
  const rows = await askDatabase(databaseUrl, `select 1 from notices where kind = 'disk.full' and settled_at is null`);
  return rows.length > 0;
}

async function untilTold(scene: Scene, otherwise: string): Promise<void> {
  for (const until = performance.now() + 40_000; !(await wasTold(scene)); await delay(200)) {
    if (performance.now() > until) throw new Error(otherwise);
  }
}

async function untilOver(scene: Scene): Promise<void> {
  for (const until = performance.now() + 60_000; await wasTold(scene); await delay(200)) {
    if (performance.now() > until) throw new Error('the history has space again, and the notice stays');
  }
}

async function untilRefused(scene: Scene): Promise<void> {
  for (const until = performance.now() + 40_000; !(await scene.sent()).statuses['503']; await delay(100)) {
    if (performance.now() > until) throw new Error('the queue is full, and no call is refused');
  }
}

async function openRuns({ databaseUrl }: Scene): Promise<number> {
  const [row] = await askDatabase<{ n: number }>(
    databaseUrl,
    `select count(*)::int as n from runs where state in ('queued', 'working', 'calling', 'waiting')`,
  );
  return row?.n ?? 0;
}
