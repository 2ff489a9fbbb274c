import type { PoolClient } from 'pg';
import { fill } from '../../kit/text.ts';
import type { Context } from '../context.ts';
import { inTransaction } from '../db/transaction.ts';
import { Problem } from '../http/problem.ts';
import { mustReadRun } from './history/runs.ts';
import type { RunRow } from './history/runs-store.ts';
import { planOf } from './plan.ts';
import { packProgress, readProgress } from './progress.ts';
import { announce } from './receive.ts';
import type { Progress } from './work.ts';

/**
 * Runs again what has ended: a new run with the same origin, so that a create that had succeeded is recognised. A step
 * that succeeded keeps its result unless `createAgain`; with `anyway` a create passes over the duplicate rule, and the
 * new run says whose decision that was. A failed run leaves the attention list for the history.
 */
export async function rerun(
  ctx: Context,
  input: {
    id: string;
    from: 'failedStep' | 'start';
    version: 'same' | 'current';
    createAgain: boolean;
    anyway?: boolean | undefined;
    /** Who asked. */
    by?: string | undefined;
    /** Only while it is on the attention list: of two people who take the same group, one takes each run. */
    listed?: boolean;
  },
): Promise<string> {
  const run = await mustReadRun(ctx, input.id);
  if (run.finished_at === null || run.state === 'unknown' || run.blanked) throw notNow();
  const version = input.version === 'same' ? run.version_id : await currentVersion(ctx, run);
  const old = readProgress(run.progress);
  const keepsLoaded = input.from === 'failedStep' && old?.loaded !== undefined;
  const progress: Progress = {
    steps: input.createAgain ? {} : (old?.steps ?? {}),
    trace: [],
    ...(keepsLoaded && old?.loaded ? { loaded: old.loaded } : {}),
    ...(input.createAgain && input.anyway ? { createAnyway: input.by ?? '' } : {}),
  };
  const id = await inTransaction(ctx.pool, async (client) => {
    await refuseSecond(client, run.id);
    const { rowCount: listed } = await client.query(moveToHistory, [run.id]);
    if (input.listed && listed === 0) throw notNow();
    const { rows } = await client.query<{ id: string }>(
      `insert into runs (flow_id, version_id, record_key, record_type, record_id, record_label, record_url, event, source,
         delivery_id, payload, progress, root_id, rerun_of, create_again)
       values ($1, $2, $3, $4, $5, $6, $7, $8, 'person', $9, $10, $11, $12, $13, $14) returning id`,
      [
        run.flow_id,
        version,
        run.record_key,
        run.record_type,
        run.record_id,
        run.record_label,
        run.record_url,
        run.event,
        run.delivery_id,
        run.payload,
        packProgress(progress),
        // Created again it is an origin of its own: its key is new each time, and the same for all its repeats.
        input.createAgain ? null : (run.root_id ?? run.id),
        run.id,
        run.create_again + (input.createAgain ? 1 : 0),
      ],
    );
    return rows[0]?.id ?? '';
  });
  announce(ctx, [{ runId: id, flowId: run.flow_id }]);
  return id;
}

/** A double click, or two people at once: while one rerun of a run is open, there is no second. */
async function refuseSecond(client: PoolClient, runId: string): Promise<void> {
  await client.query(`select pg_advisory_xact_lock(hashtextextended('rerun ' || $1, 0))`, [runId]);
  const { rowCount } = await client.query(`select 1 from runs where rerun_of = $1 and finished_at is null limit 1`, [
    runId,
  ]);
  if (rowCount !== 0) throw notNow();
}

/** Takes a run off the attention list; why, and who said so, stays with it in the history. */
export async function dismissRun(ctx: Context, input: { id: string; reason: string; by: string }): Promise<void> {
  const run = await mustReadRun(ctx, input.id);
  const progress = readProgress(run.progress);
  const why = fill({ en: '{by} dismissed it: {reason}', ru: '{by}, снято со списка: {reason}' }, input);
  progress.trace.push({
    kind: 'action',
    step: null,
    at: new Date().toISOString(),
    milliseconds: 0,
    verdict: 'stopped',
    why,
  });
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

/** Rejected and dead runs stay beside the queue until a person settled them. */
const moveToHistory = `
  with settled as (
    delete from runs where id = $1 and state in ('rejected', 'dead', 'unknown') returning *)
  insert into run_history (id, flow_id, version_id, record_key, record_type, record_id, record_label, record_url, event, source,
    delivery_id, payload, state, progress, reason, attempts, root_id, rerun_of, create_again, created_at, words, finished_at)
  select id, flow_id, version_id, record_key, record_type, record_id, record_label, record_url, event, source, delivery_id,
    payload, state, progress, reason, attempts, root_id, rerun_of, create_again, created_at, words, coalesce(finished_at, now())
  from settled`;

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
  const progress = readProgress(run.progress);
  const { pending } = progress;
  switch (input.outcome) {
    case 'again':
      delete progress.pending;
      progress.trace.push(
        decidedLine(input.by, { en: 'was not done; it is done again.', ru: 'вызов не был выполнен; он повторяется.' }),
      );
      await requeue(ctx, run, progress);
      break;
    case 'done': {
      delete progress.pending;
      if (pending) {
        const id = input.recordId ?? pending.targetId;
        progress.steps[pending.step] = {
          what: pending.operation === 'create' ? 'created' : pending.operation === 'update' ? 'updated' : 'done',
          output: { ...pending.values, ...(id === null ? {} : { id }) },
          id,
          label: id,
          url: null,
        };
      }
      progress.trace.push(decidedLine(input.by, { en: 'was done over there.', ru: 'вызов был выполнен.' }));
      await rememberDone(ctx, {
        run,
        step: pending?.step ?? null,
        recordId: input.recordId ?? pending?.targetId ?? null,
      });
      await requeue(ctx, run, progress);
      break;
    }
    case 'dismiss': {
      const { rowCount } = await ctx.pool.query(moveToHistory, [run.id]);
      if (rowCount === 0) throw notNow();
      break;
    }
  }
  announce(ctx, [{ runId: run.id, flowId: run.flow_id }]);
}

/** The pair and "once", as if the answer had come. */
async function rememberDone(
  ctx: Context,
  input: { run: RunRow; step: string | null; recordId: string | null },
): Promise<void> {
  const { run, recordId } = input;
  await ctx.pool.query(
    'insert into once_marks (flow_id, record_key, run_id) values ($1, $2, $3) on conflict do nothing',
    [run.flow_id, run.record_key, run.id],
  );
  const plan = await planOf(ctx, run.version_id);
  const planned = plan.steps.find(({ step }) => step.id === input.step);
  const { source } = plan;
  if (!planned?.recordType || !source.recordType || recordId === null || run.record_id === null) return;
  await ctx.pool.query(
    `insert into pairs (source_connection, source_type, source_id, target_connection, target_type, target_id, run_id)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (source_connection, source_type, source_id, target_connection, target_type)
     do update set target_id = excluded.target_id, run_id = excluded.run_id, at = now()`,
    [
      source.connection.id,
      source.recordType.key,
      run.record_id,
      planned.connection.id,
      planned.recordType.key,
      recordId,
      run.id,
    ],
  );
}

/** The same run goes on: its place in the order of its record is kept. */
async function requeue(ctx: Context, run: RunRow, progress: Progress): Promise<void> {
  const { rowCount } = await ctx.pool.query(
    `update runs set state = 'queued', coalesces = false, progress = $2, finished_at = null, wake_at = now(), failing_since = null,
       reason = null where id = $1 and state = 'unknown'`,
    [run.id, packProgress(progress)],
  );
  // Somebody else was quicker.
  if (rowCount === 0) throw notNow();
}

function decidedLine(by: string, what: { en: string; ru: string }): Progress['trace'][number] {
  return {
    kind: 'action',
    step: null,
    at: new Date().toISOString(),
    milliseconds: 0,
    verdict: 'passed',
    why: fill({ en: `{by} decided: the call ${what.en}`, ru: `{by}, решение: ${what.ru}` }, { by }),
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

export async function currentVersion(ctx: Context, run: RunRow): Promise<string> {
  const flow = await ctx.db.selectFrom('flows').select('version_id').where('id', '=', run.flow_id).executeTakeFirst();
  return flow?.version_id ?? run.version_id;
}

const notNow = () =>
  new Problem({
    status: 409,
    code: 'run.not_now',
    text: {
      en: 'The run is in another state by now. Look at it again.',
      ru: 'Операция уже в другом состоянии. Посмотрите на неё ещё раз.',
    },
  });
