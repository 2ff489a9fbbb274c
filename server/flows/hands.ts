import type { ClaimedRun } from './work.ts';

/** Runs that a process has in hand at the same time; most of their time they wait for vendors. */
export const places = 256;
/** A run keeps what arrived with it several times over: for each so many characters it takes a place. */
const charactersPerPlace = 16_000;
/**
 * A flow may hold up to so many times the places that are left free: alone 192 of 256, two 110 each, three 77. So some
 * are always free for a flow that has little to do, however long the backlog of a busy one is or however slowly its app
 * answers (dynamic thresholds, as switches share their buffers: Choudhury and Hahne, IEEE/ACM Trans. Netw. 6(2), 1998).
 */
const share = 3;
const mostAtOnce = 64;

type Held = Pick<ClaimedRun, 'id' | 'flowId' | 'payload' | 'lease'>;

export interface Hands {
  /** The runs in hand. */
  runs(): Held[];
  /** Resolves when the runs that are in hand now have been let go. */
  empty(): Promise<unknown>;
  /** Holds a run until its walk has ended. */
  hold(run: Held, walking: Promise<void>): void;
  /** Flows that have their share: their next runs wait though places are free. */
  full(): string[];
  /** How many runs of other flows may be claimed now. */
  room(): number;
}

/** The places of one process. `loosened` is told when a flow has come down to half its share: time to claim. */
export function createHands(loosened: () => void): Hands {
  const held = new Map<Held, Promise<void>>();
  const byFlow = new Map<string, number>();
  let free = places;
  /** Places of one of the latest runs; how much the next ones bring is not known before they are here. */
  let usual = 1;

  const move = (flowId: string, weight: number) => {
    free -= weight;
    const now = (byFlow.get(flowId) ?? 0) + weight;
    if (now > 0) byFlow.set(flowId, now);
    else byFlow.delete(flowId);
  };
  /** How many runs a flow may have on top: with each it holds one more, and one less is free. */
  const allowance = (taken: number) => Math.floor((share * free - taken) / (share + 1));
  const isFull = (taken: number) => allowance(taken) <= 0;

  return {
    runs: () => [...held.keys()],
    empty: () => Promise.all(held.values()),
    hold(run, walking) {
      const weight = Math.max(1, Math.ceil((run.payload?.length ?? 0) / charactersPerPlace));
      move(run.flowId, weight);
      usual += (weight - usual) / 16;
      const ended = walking.finally(() => {
        held.delete(run);
        move(run.flowId, -weight);
        if (2 * (byFlow.get(run.flowId) ?? 0) <= share * free) loosened();
      });
      held.set(run, ended);
    },
    full: () => [...byFlow].filter(([, taken]) => isFull(taken)).map(([flowId]) => flowId),
    room() {
      // All that comes may be of the flow that has most: it shall not get beyond its share by that.
      const most = Math.max(0, ...[...byFlow.values()].filter((taken) => !isFull(taken)));
      return Math.max(0, Math.min(mostAtOnce, Math.ceil(allowance(most) / usual)));
    },
  };
}
