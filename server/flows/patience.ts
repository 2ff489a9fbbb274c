import { setTimeout as delay } from 'node:timers/promises';
import type { Context } from '../context.ts';
import { raiseNotice, settleNotice } from '../notice.ts';

/**
 * What became of a call outside must be written down. While the database does not take it, because it restarts or its
 * disk is full, the run waits with its outcome in hand and under its lease, and does not call out again.
 */
export function untilTaken<Item, Result>(
  ctx: Context,
  write: (item: Item) => Promise<Result>,
): (item: Item) => Promise<Result> {
  return async (item) => {
    for (let wait = 200; ; wait = Math.min(wait * 2, 2000)) {
      try {
        const result = await write(item);
        noteTaken(ctx);
        return result;
      } catch (error) {
        if (!willPass(error)) throw error;
        noteRefused(ctx, error);
        // A process that stops does not wait for it: the lease runs out and another takes the run over.
        await delay(wait, undefined, { ref: false });
      }
    }
  };
}

const codeOf = (error: unknown): string => String((error as { code?: unknown } | null)?.code ?? '');

/** 53100, disk full (PostgreSQL, appendix A). */
const isFull = (error: unknown): boolean => codeOf(error) === '53100';

/**
 * Classes 08, 40, 53, 57 and 58: connection, rollback, resources, shutdown, system; 25006: read only, as in a failover.
 * A connection that broke has a code of the system, or only the words of `pg`.
 */
function willPass(error: unknown): boolean {
  if (/^(08|40|53|57|58)...$|^25006$|^E[A-Z]+$/.test(codeOf(error))) return true;
  return (
    error instanceof Error && /^Connection terminated|^timeout exceeded when trying|not queryable/.test(error.message)
  );
}

interface Trouble {
  /** By the monotonic clock. */
  loggedAt: number;
  toldAt: number | null;
}

/** null: nothing is wrong. Absent in a process that has just started: the notice of another one may still be open. */
const troubles = new WeakMap<Context, Trouble | null>();
const logAgainMilliseconds = 5000;
const tellAgainMilliseconds = 30_000;

const isOver = (since: number | null | undefined, milliseconds: number): boolean =>
  since === null || since === undefined || performance.now() - since > milliseconds;

/** The database refused a write: when its disk is full, people are told. */
export function noteRefused(ctx: Context, error: unknown): void {
  const trouble = troubles.get(ctx) ?? { loggedAt: Number.NEGATIVE_INFINITY, toldAt: null };
  troubles.set(ctx, trouble);
  if (isOver(trouble.loggedAt, logAgainMilliseconds)) {
    trouble.loggedAt = performance.now();
    const what = isFull(error) ? 'the disk of the database is full' : 'the database takes nothing for now';
    ctx.log.error({ err: error }, what);
  }
  if (!isFull(error) || !isOver(trouble.toldAt, tellAgainMilliseconds)) return;
  trouble.toldAt = performance.now();
  raiseNotice(ctx, { kind: 'disk.full', text: fullWords }).catch((failure: unknown) =>
    // The notice needs room as well.
    ctx.log.error({ err: failure }, 'a notice could not be written'),
  );
}

/** The database takes what we write: the trouble is over. */
export function noteTaken(ctx: Context): void {
  if (troubles.get(ctx) === null) return;
  troubles.set(ctx, null);
  settleNotice(ctx, { kinds: ['disk.full'] }).catch((failure: unknown) => {
    troubles.delete(ctx);
    ctx.log.error({ err: failure }, 'a notice could not be settled');
  });
}

const fullWords = {
  en: 'The disk of the database is full. Runs wait and nothing is lost; calls that cannot be stored are answered 503, so that their senders repeat them. Free some space or keep less history: everything goes on by itself.',
  ru: 'На диске базы данных кончилось место. Операции ждут, ничего не теряется; на вызовы, которые не удалось сохранить, приходит ответ 503, чтобы их прислали ещё раз. Освободите место или храните меньше истории: всё продолжится само.',
};
