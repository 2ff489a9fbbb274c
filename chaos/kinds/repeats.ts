import type { Kind } from '../kind.ts';
import { openScene, usual } from '../scene.ts';

/** Deliveries that come up to three times, at once and late, and out of order; the id of a call is known by its path. */
export const repeats: Kind = {
  name: 'repeats',
  repeatable: true,
  limitSeconds: 600,
  async run(stage) {
    // Nothing is looked for over there: only the id of a call keeps its repeats apart.
    const scene = await openScene(stage, { ...usual, duplicates: 'create' });
    await scene.send({ rate: 60, repeats: true });
    await scene.untilAccepted(stage.short ? 100 : 600);
    const outcome = await scene.finish();
    const { posts, accepted } = outcome.sent;
    return { ...outcome, kills: 0, seen: `${accepted} events sent ${posts} times` };
  },
};
