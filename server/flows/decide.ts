import { fill, type Text } from '../../kit/text.ts';
import type { Context } from '../context.ts';
import { inTransaction } from '../db/transaction.ts';
import { Problem } from '../http/problem.ts';
import { mustReadRun } from './history/runs.ts';
import type { RunRow } from './history/runs-store.ts';
import { markOnce } from './once.ts';
import { writePairs } from './pairs/pairs.ts';
import { planOf } from './plan.ts';
import { packProgress, readProgress } from './progress.ts';
import { announce } from './receive.ts';
import type { PairOf, PendingCall, Progress, StepResult } from './work.ts';

/** Takes a run off the attention list; why, and who said so, stays with it in the history. */
export async function dismissRun(ctx: Context, input: { id: string; reason: string; by: string }): Promise<void> {
  const run = await mustReadRun(ctx, input.id);
  const why = fill({ en: '{by} dismissed it: {reason}', ru: '{by}, снято со списка: {reason}' }, input);
  await leaveList(ctx, run, why);
}

async function leaveList(ctx: Context, run: RunRow, why: Text): Promise<void> {
  const progress = readProgress(run.progress);
  progress.trace.push(lineOf(why));
  await inTransaction(ctx.pool, async (client) => {
    const { rowCount } = await client.query(
      `update runs set progress = $2 where id = $1 and state in ('rejected', 'dead', 'unknown')`,
      [run.id, packProgress(progress)],
    );
    if (rowCount === 0) throw notNow();
    await client.query(moveToHistory, [run.id]);
  });
  announce(ctx, [{ runId: run.id, flowId: run.flow_id }]);
}

/** What a person decided, as a line of the run. */
const lineOf = (why: Text): Progress['trace'][number] => ({
  kind: 'action',
  step: null,
  at: new Date().toISOString(),
  milliseconds: 0,
  verdict: 'stopped',
  why,
});

/**
 * Settles an unknown outcome. done: it was carried out over there; the pair and "once" are written as if the answer had
 * come. again: it was not; the call goes out anew under the same key. dismiss: it is left.
 */
export async function decideRun(
  ctx: Context,
  input: { id: string; outcome: 'done' | 'again' | 'dismiss'; recordId?: string | undefined; by: string },
): Promise<void> {
  const run = await mustReadRun(ctx, input.id);
  if (run.state !== 'unknown' || !run.in_queue) throw notNow();
  switch (input.outcome) {
    case 'again':
      await goOn(ctx, run, { ...input, done: null });
      break;
    case 'done':
      await goOn(ctx, run, { ...input, done: { id: input.recordId ?? null } });
      break;
    case 'dismiss': {
      const why = fill({ en: '{by} left it as it is.', ru: '{by}: оставлено как есть.' }, input);
      await leaveList(ctx, run, why);
      break;
    }
  }
}

/** The same run goes on, its place in the order of its record kept, with what a person found over there. */
async function goOn(
  ctx: Context,
  run: RunRow,
  input: { by: string; done: { id: string | null } | null },
): Promise<void> {
  const progress = readProgress(run.progress);
  const { pending } = progress;
  delete progress.pending;
  const id = input.done?.id ?? pending?.targetId ?? null;
  if (input.done && pending) progress.steps[pending.step] = resultOf(pending, id);
  progress.trace.push(decidedLine(input.by, input.done ? wasDone : isDoneAgain));
  const effects = input.done ? await effectsOf(ctx, run, { step: pending?.step ?? null, recordId: id }) : null;
  await inTransaction(ctx.pool, async (client) => {
    const { rowCount } = await client.query(
      `update runs set state = 'queued', coalesces = false, progress = $2, finished_at = null, wake_at = now(), failing_since = null,
         reason = null where id = $1 and state = 'unknown'`,
      [run.id, packProgress(progress)],
    );
    // Somebody else was quicker.
    if (rowCount === 0) throw notNow();
    if (effects?.spendsOnce)
      await markOnce(client, [{ flowId: run.flow_id, recordKey: run.record_key, runId: run.id }]);
    await writePairs(client, effects?.pairs ?? []);
  });
  announce(ctx, [{ runId: run.id, flowId: run.flow_id }]);
}

/** The step as if its answer had come. */
const resultOf = (pending: PendingCall, id: string | null): StepResult => ({
  what: pending.operation === 'create' ? 'created' : pending.operation === 'update' ? 'updated' : 'done',
  output: { ...pending.values, ...(id === null ? {} : { id }) },
  id,
  label: id,
  url: null,
});

/** The pair and "once", as if the answer had come. */
async function effectsOf(
  ctx: Context,
  run: RunRow,
  input: { step: string | null; recordId: string | null },
): Promise<{ spendsOnce: boolean; pairs: (PairOf & { runId: string })[] }> {
  const { source, steps, definition } = await planOf(ctx, run.version_id);
  const spendsOnce = definition.trigger.once;
  const planned = steps.find(({ step }) => step.id === input.step);
  if (!planned?.recordType || !source.recordType || input.recordId === null || run.record_id === null)
    return { spendsOnce, pairs: [] };
  const pair = {
    sourceConnection: source.connection.id,
    sourceType: source.recordType.key,
    sourceId: run.record_id,
    targetConnection: planned.connection.id,
    targetType: planned.recordType.key,
    targetId: input.recordId,
    runId: run.id,
  };
  return { spendsOnce, pairs: [pair] };
}

const wasDone = { en: 'was done over there.', ru: 'вызов был выполнен.' };
const isDoneAgain = { en: 'was not done; it is done again.', ru: 'вызов не был выполнен; он повторяется.' };

function decidedLine(by: string, what: { en: string; ru: string }): Progress['trace'][number] {
  return {
    ...lineOf(fill({ en: `{by} decided: the call ${what.en}`, ru: `{by}, решение: ${what.ru}` }, { by })),
    verdict: 'passed',
  };
}

/** A waiting run goes on now. */
export async function retryNow(ctx: Context, id: string): Promise<void> {
  const { rowCount } = await ctx.pool.query(
    `update runs set wake_at = now(), waits_for = null where id = $1 and state = 'waiting'`,
    [id],
  );
  if (rowCount === 0) throw notNow();
  await ctx.pool.query(`select pg_notify('mostik_runs', '')`);
}

/** Rejected and dead runs stay beside the queue until a person settled them. */
export const moveToHistory = `
  with settled as (
    delete from runs where id = $1 and state in ('rejected', 'dead', 'unknown') returning *)
  insert into run_history (id, flow_id, version_id, record_key, record_type, record_id, record_label, record_url, event, source,
    delivery_id, payload, state, progress, reason, attempts, root_id, rerun_of, create_again, created_at, words, finished_at)
  select id, flow_id, version_id, record_key, record_type, record_id, record_label, record_url, event, source, delivery_id,
    payload, state, progress, reason, attempts, root_id, rerun_of, create_again, created_at, words, coalesce(finished_at, now())
  from settled`;

export const notNow = () =>
  new Problem({
    status: 409,
    code: 'run.not_now',
    text: {
      en: 'The run is in another state by now. Look at it again.',
      ru: 'Операция уже в другом состоянии. Посмотрите на неё ещё раз.',
    },
  });
