import { randomUUID } from 'node:crypto';
import type { PoolClient } from 'pg';
import { fill } from '../../kit/text.ts';
import type { Context } from '../context.ts';
import { toJsonb } from '../db/jsonb.ts';
import { inTransaction } from '../db/transaction.ts';
import { Problem } from '../http/problem.ts';
import { readSettings } from '../installation.ts';
import { settleNotice } from '../notice.ts';
import { cancelBackfill } from './backfill.ts';
import { flowDeleted } from './backfill-work.ts';
import { releaseBrake } from './brake.ts';
import { catchUp, catchUpStragglers } from './catch-up.ts';
import { type FlowDefinition, type FlowDraft, flowDraft } from './contract.ts';
import { problemsOf } from './problems/known.ts';
import { draftToDefinition } from './problems/problems.ts';
import { wakeHeldRuns } from './states.ts';
import { type FlowRow, insertFlow, insertVersion, lockFlow, readFlow, writeDraft } from './store.ts';
import { countMissed, silenceTrigger, writeTrigger } from './trigger-row.ts';
import { sameJson } from './values/normalise.ts';

/** Makes a stopped flow. */
export async function createFlow(
  ctx: Context,
  input: { name: string; draft?: FlowDraft; by: string },
): Promise<string> {
  const id = randomUUID();
  await insertFlow(ctx, { id, name: input.name, ownerId: input.by, draft: input.draft ?? flowDraft.parse({}) });
  ctx.live.tell({ kind: 'flow', id });
  return id;
}

export async function renameFlow(ctx: Context, input: { id: string; name: string }): Promise<void> {
  await ctx.db.updateTable('flows').set({ name: input.name }).where('id', '=', input.id).execute();
  ctx.live.tell({ kind: 'flow', id: input.id });
}

/** Saves a draft as it stands; refused when another tab saved a newer one. */
export async function saveDraft(
  ctx: Context,
  input: { id: string; draft: FlowDraft; draftNumber?: number | undefined },
): Promise<void> {
  await readFlow(ctx, input.id);
  if (await writeDraft(ctx, { ...input, draftNumber: input.draftNumber })) return;
  throw new Problem({
    status: 409,
    code: 'flow.newer_draft',
    text: {
      en: 'The flow was changed in another tab or by somebody else.',
      ru: 'Связку изменили в другой вкладке или это сделал кто-то ещё.',
    },
  });
}

/** Makes a version of the draft. A running flow must stay whole; its cursor is not touched. */
export async function saveVersion(ctx: Context, input: { id: string; by: string }): Promise<void> {
  const flow = await readFlow(ctx, input.id);
  // The apps are asked, which may take seconds: what happens to the flow meanwhile stands.
  const definition = await mustBeWhole(ctx, flow);
  if (flow.definition && sameJson(flow.definition, definition)) return;
  const { reconcileMinutes } = await readSettings(ctx);
  await inTransaction(ctx.pool, async (client) => {
    const { state, draftNumber } = await lockFlow(client, flow.id);
    const version = await insertVersion(client, { flowId: flow.id, definition, by: input.by });
    const isNewest = draftNumber === flow.draft_number;
    await client.query(
      'update flows set version_id = $2, draft = case when $4 then $3::jsonb else draft end where id = $1',
      [flow.id, version, toJsonb(definition), isNewest],
    );
    if (state === 'works' || state === 'waits')
      await listen(client, { flowId: flow.id, definition, fromNow: false, reconcileMinutes });
  });
  ctx.live.tell({ kind: 'flow', id: flow.id });
}

/** The reader of a flow and its state say the same, whatever breaks in between. */
async function listen(
  client: PoolClient,
  input: { flowId: string; definition: FlowDefinition; fromNow: boolean; reconcileMinutes: number },
): Promise<void> {
  await writeTrigger(client, { ...input, active: true });
  await client.query('update flows set state = $2, paused = null where id = $1', [
    input.flowId,
    input.definition.trigger.mode === 'realTime' ? 'waits' : 'works',
  ]);
}

export async function discardDraft(ctx: Context, id: string): Promise<void> {
  const flow = await readFlow(ctx, id);
  if (!flow.definition) return;
  await writeDraft(ctx, { id, draft: flowDraft.parse(flow.definition), draftNumber: undefined });
}

/**
 * Saves and starts. What came while it was stopped is a question for a person: without an answer the start is refused
 * and asks it.
 */
export async function startFlow(
  ctx: Context,
  input: { id: string; by: string; missed?: 'catchUp' | 'fromNow' | undefined },
): Promise<void> {
  await saveVersion(ctx, input);
  const flow = await readFlow(ctx, input.id);
  const { definition } = flow;
  if (!definition || flow.state === 'works' || flow.state === 'waits') return;
  const missed = await countMissed(ctx, { flowId: flow.id, definition });
  if (missed !== 0 && input.missed === undefined) throw whatOfTheMissed(missed);
  const { reconcileMinutes } = await readSettings(ctx);
  const fromNow = input.missed === 'fromNow';
  const begin = async (client: PoolClient) => {
    await lockFlow(client, flow.id);
    await listen(client, { flowId: flow.id, definition, fromNow, reconcileMinutes });
  };
  const hasBegun = input.missed === 'catchUp' && (await catchUp(ctx, flow.id, begin));
  if (!hasBegun) await inTransaction(ctx.pool, begin);
  await catchUpStragglers(ctx, flow.id);
  await releaseBrake(ctx, flow.id);
  await settleNotice(ctx, { kinds: ['flow.paused', 'trigger.silent'], flowId: flow.id });
  await wakeHeldRuns(ctx, flow.id);
  ctx.live.tell({ kind: 'flow', id: flow.id });
}

export async function stopFlow(ctx: Context, id: string): Promise<void> {
  await endFlow(ctx, id, `state = 'stopped', paused = null`);
}

async function endFlow(ctx: Context, id: string, change: string): Promise<void> {
  await inTransaction(ctx.pool, async (client) => {
    await lockFlow(client, id);
    await silenceTrigger(client, id);
    await client.query(`update flows set ${change} where id = $1`, [id]);
  });
  await settleNotice(ctx, { kinds: ['flow.paused', 'trigger.silent'], flowId: id });
  ctx.live.tell({ kind: 'flow', id });
}

export async function copyFlow(ctx: Context, input: { id: string; by: string }): Promise<string> {
  const flow = await readFlow(ctx, input.id);
  return createFlow(ctx, { name: `${flow.name} (2)`, draft: flow.draft, by: input.by });
}

/** Deletes a flow; its history stays, and it can be brought back. */
export async function deleteFlow(ctx: Context, id: string): Promise<void> {
  await endFlow(ctx, id, `state = 'stopped', paused = null, deleted_at = now()`);
  await cancelBackfill(ctx, { flowId: id, reason: flowDeleted });
}

export async function restoreFlow(ctx: Context, id: string): Promise<void> {
  await readFlow(ctx, id, { deleted: true });
  await ctx.db.updateTable('flows').set({ deleted_at: null }).where('id', '=', id).execute();
  ctx.live.tell({ kind: 'flow', id });
}

async function mustBeWhole(ctx: Context, flow: FlowRow) {
  const problems = await problemsOf(ctx, flow.draft);
  const definition = draftToDefinition(flow.draft);
  if (problems.length === 0 && definition) return definition;
  throw new Problem({
    status: 422,
    code: 'flow.problems',
    text: {
      en: 'The flow is not whole yet. See the marked cards.',
      ru: 'Связка ещё не готова. Смотрите отмеченные карточки.',
    },
    errors: problems.map(({ card, field, text }) => ({
      pointer: `/${card}${field === undefined ? '' : `/${field}`}`,
      text,
    })),
  });
}

function whatOfTheMissed(missed: number | null): Problem {
  const text =
    missed === null
      ? {
          en: 'Records may have changed while the flow was stopped. Catch up, or start from now?',
          ru: 'Пока связка стояла, записи могли измениться. Догнать пропущенное или начать с этого момента?',
        }
      : fill(
          {
            en: '{n} calls came while the flow was stopped. Catch up, or start from now?',
            ru: 'Пока связка стояла, пришло вызовов: {n}. Догнать пропущенное или начать с этого момента?',
          },
          { n: missed },
        );
  return new Problem({ status: 409, code: 'flow.missed', text });
}
