import type { Context } from '../context.ts';
import { claimBackfills, workBackfill } from './backfill-work.ts';
import { claimTriggers, poll, renewAsks } from './poll.ts';

/** Asks that a process has under way at the same time. */
const most = 8;
/** Of one connection, while others may be due: one that answers slowly leaves room for them. */
const mostOfConnection = 4;

export interface Asks {
  /** Begins what is due, as far as there is room; gives how much that was. */
  begin(): Promise<number>;
  count(): number;
  /** Nobody else takes over what is under way. */
  renew(): Promise<void>;
  /** Resolves when what is under way now has ended. */
  ended(): Promise<unknown>;
}

/**
 * What a process asks the apps: triggers that are due, and pages of existing records. `loosened` is told when there is
 * room again and more may be due.
 */
export function createAsks(ctx: Context, input: { owner: string; loosened(): void }): Asks {
  const { owner, loosened } = input;
  const underWay = new Map<string, { connectionId: string | null; ended: Promise<void> }>();
  /** The last time there was more to begin than room. */
  let isCrowded = false;

  const room = () => most - underWay.size;
  function hold(about: { id: string; connectionId: string | null; what: string }, asking: Promise<void>): void {
    const ended = asking
      .catch((error: unknown) => ctx.log.error({ err: error }, `a ${about.what} could not be settled`))
      .finally(() => {
        underWay.delete(about.id);
        if (isCrowded) loosened();
      });
    underWay.set(about.id, { connectionId: about.connectionId, ended });
  }

  function busyConnections(): string[] {
    const ids = [...underWay.values()].flatMap(({ connectionId }) => connectionId ?? []);
    return [...new Set(ids)].filter((id) => ids.filter((other) => other === id).length >= mostOfConnection);
  }

  async function beginTriggers(): Promise<number> {
    const limit = Math.min(room(), mostOfConnection);
    if (limit <= 0) return 0;
    const due = await claimTriggers(ctx, { owner, limit, without: busyConnections(), underWay: [...underWay.keys()] });
    for (const trigger of due) {
      const about = { id: trigger.flow_id, connectionId: trigger.connection_id, what: 'poll' };
      hold(about, poll(ctx, { owner, trigger }));
    }
    // The first few may all have been of one connection; there may be more of others.
    return due.length < limit ? due.length : due.length + (await beginTriggers());
  }

  /** Existing records share the room of the triggers. */
  async function beginBackfills(): Promise<number> {
    if (room() <= 0) return 0;
    const due = await claimBackfills(ctx, { owner, limit: room() });
    for (const row of due)
      hold({ id: row.id, connectionId: null, what: 'backfill' }, workBackfill(ctx, { owner, row }));
    return due.length;
  }

  return {
    async begin() {
      const begun = (await beginTriggers()) + (await beginBackfills());
      isCrowded = room() <= 0;
      return begun;
    },
    count: () => underWay.size,
    renew: () => renewAsks(ctx, { owner, ids: [...underWay.keys()] }),
    ended: () => Promise.all([...underWay.values()].map(({ ended }) => ended)),
  };
}
