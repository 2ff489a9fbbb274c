import { type Fault, faultKinds } from '../faults.ts';
import type { Findings, Kind, Stage } from '../kind.ts';
import { openScene, type SceneOptions, usual } from '../scene.ts';

/** Of a hundred calls thirty fail. Saying nothing until our patience of 30 s ends is the rarest, or it would be all we wait for. */
const usualFaults = faultKinds.filter((kind) => kind !== 'nothing');
const mixOf = (stage: Stage): Fault[] =>
  stage.short ? usualFaults : [...usualFaults, ...usualFaults, ...usualFaults, ...usualFaults, 'nothing'];

async function failAtRandom(stage: Stage, options: SceneOptions): Promise<Findings> {
  const scene = await openScene(stage, options);
  await scene.setFaults({ share: 0.3, kinds: mixOf(stage) });
  await scene.send({ rate: 50 });
  await scene.untilAccepted(stage.short ? 80 : 500);
  const outcome = await scene.finish({ hurry: true, seconds: 240 });
  const met = Object.entries(outcome.ledger.met).map(([fault, times]) => `${fault} ${times}×`);
  return { ...outcome, kills: 0, seen: `${met.join(', ')}; repeats known over there: ${outcome.ledger.repeats}` };
}

/** The other side answers 429, 500, garbage, nothing, or closes in the middle; what was asked is done, or not. */
export const vendor: Kind = {
  name: 'vendor',
  repeatable: true,
  limitSeconds: 600,
  run: (stage) => failAtRandom(stage, { ...usual, duplicates: 'create' }),
};

/** The same, and the other side knows no repeats: what cannot be known must be told as unknown, not tried again. */
export const vendorWithoutKeys: Kind = {
  name: 'vendor-no-keys',
  repeatable: false,
  limitSeconds: 600,
  run: (stage) => failAtRandom(stage, { ...usual, duplicates: 'create', repeatable: false }),
};
