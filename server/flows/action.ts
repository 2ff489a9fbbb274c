import { createHash } from 'node:crypto';
import { asConnectorError, type ConnectorError } from '../../kit/errors.ts';
import type { Value, Values } from '../../kit/field.ts';
import type { FormValues } from '../../kit/form.ts';
import type { RepeatRule, Written } from '../../kit/record-type.ts';
import { fill, type Text } from '../../kit/text.ts';
import type { Context } from '../context.ts';
import { brake } from './brake.ts';
import { leavesPair } from './pairs/pair-of-step.ts';
import type { Writer } from './settle.ts';
import { comparable, stateHash } from './values/normalise.ts';
import type { Draft, Note, PendingCall, StepOf, StepOutcome, StepResult, Work } from './work.ts';
import { valueRows } from './work.ts';

type Stopped = Extract<StepOutcome, { stop: unknown }>;

/**
 * Carries out what mapping and the duplicate rule decided. The call is announced under the run's fence number before
 * it goes out; the answer is settled with the run. Exits: lost, held by the brake, unknown; outside failures are
 * thrown.
 */
export async function act(work: Work, ctx: Context, input: { draft: Draft; writer: Writer }): Promise<StepOutcome> {
  const { draft } = input;
  const { decision } = draft;
  if (decision === null) throw new Error('The duplicate step has not decided.');
  if (decision.what === 'same') {
    work.progress.steps[draft.step.id] = resultOf('same', decision);
    pair(work, draft, decision.byPair ? null : decision.id);
    return { go: true, note: { why: nothingToChange } };
  }
  if (decision.what === 'create') {
    const braked = await brake(ctx, work);
    if (braked) return braked;
  }
  const pending = plannedCall(work, draft);
  return call(work, { ...input, pending, isRepeat: false });
}

/** Goes on with a call that was announced before a crash or whose answer got lost: only by the repeat rule. */
export async function resume(
  work: Work,
  input: { stepOf: StepOf; pending: PendingCall; writer: Writer },
): Promise<StepOutcome> {
  const { stepOf, pending, writer } = input;
  const draft: Draft = { ...stepOf, values: pending.values, decision: null };
  const { abandonedAt } = work.run;
  // The silent worker may have waited for its turn, and have called as late as its lease allowed.
  if (abandonedAt && abandonedAt > new Date(pending.since)) pending.since = abandonedAt.toISOString();
  if (pending.operation === 'update') return call(work, { draft, writer, pending, isRepeat: true });
  const rule = repeatRule(draft);
  switch (rule.kind) {
    case 'safe':
      return call(work, { draft, writer, pending, isRepeat: true });
    case 'none':
      return outcomeUnknown(pending);
    case 'recover':
      return recover(work, { draft, writer, pending, rule });
  }
}

async function recover(
  work: Work,
  input: {
    draft: Draft;
    writer: Writer;
    pending: PendingCall;
    rule: Extract<RepeatRule<unknown>, { kind: 'recover' }>;
  },
): Promise<StepOutcome> {
  const { draft, pending, rule } = input;
  const passed = (work.run.now().getTime() - new Date(pending.since).getTime()) / 1000;
  if (passed < rule.afterSeconds) return answerMayCome(rule.afterSeconds - passed);
  const { connection, step } = draft.planned;
  const found = await rule.recover(connection.api, {
    values: pending.values,
    settings: step.settings as FormValues,
    repeatKey: pending.repeatKey,
    firstTry: firstTryOf(pending),
  });
  if (found === 'unknown') return outcomeUnknown(pending);
  if (found === 'notDone') return call(work, { ...input, isRepeat: true });
  return done(work, { draft, pending, written: found, why: wasDone });
}

/** Calls that were announced before an upgrade have no time of their first try. */
const firstTryOf = ({ firstTry, since }: PendingCall): Date => new Date(firstTry ?? since);

function plannedCall(work: Work, draft: Draft): PendingCall {
  const { decision, planned } = draft;
  const now = work.run.now().toISOString();
  const base = {
    step: planned.step.id,
    repeatKey: repeatKeyOf(work, planned.step.id),
    since: now,
    firstTry: now,
  };
  switch (decision?.what) {
    case 'update':
      return {
        ...base,
        operation: 'update',
        targetId: decision.id,
        byPair: decision.byPair,
        values: decision.changes,
        before: decision.current,
      };
    case 'act':
      return {
        ...base,
        operation: 'act',
        targetId: decision.target?.id ?? null,
        byPair: decision.target?.byPair ?? false,
        values: draft.values,
        before: decision.target?.values ?? null,
      };
    default:
      return { ...base, operation: 'create', targetId: null, values: draft.values, before: null };
  }
}

async function call(
  work: Work,
  input: { draft: Draft; writer: Writer; pending: PendingCall; isRepeat: boolean },
): Promise<StepOutcome> {
  const { draft, writer, pending } = input;
  work.progress.pending = pending;
  const announced = await writer
    .announce({
      runId: work.run.id,
      fence: work.run.fence,
      progress: work.progress,
      fingerprint: fingerprintOf(work, draft, pending),
    })
    .catch((error: unknown) => {
      // Nothing goes out: a first call that was never made must not be taken for one whose answer got lost.
      if (!input.isRepeat) delete work.progress.pending;
      throw error;
    });
  if (!announced) return { stop: { state: 'lost' }, note: { why: pendingWords } };
  try {
    const written = await carryOut(draft, pending, input.isRepeat);
    return done(work, { draft, pending, written, why: whatWasDone(draft, pending) });
  } catch (error) {
    const failure = asConnectorError(error);
    if (failure.written) remember(work, { draft, pending, written: failure.written });
    // Surely nothing was done: the next try begins anew, with what the record is by then.
    if (failure.outcome === 'notDone') delete work.progress.pending;
    else if (isLostForGood(draft, pending, failure)) return outcomeUnknown(pending, failure.text);
    // It waited for its turn after it was announced: how long it may be under way counts from here.
    else pending.since = work.run.now().toISOString();
    throw failure;
  }
}

/** May have been done, and neither a repeat nor a question can tell. An update is simply sent again. */
function isLostForGood(draft: Draft, pending: PendingCall, failure: ConnectorError): boolean {
  if (pending.operation === 'update') return false;
  return failure.kind === 'rejected' || repeatRule(draft).kind === 'none';
}

type Answer = Partial<Written> & { output?: Values };

async function carryOut(draft: Draft, pending: PendingCall, isRepeat: boolean): Promise<Answer> {
  const { connection, action, recordType, step } = draft.planned;
  const settings = step.settings as FormValues;
  const { values, repeatKey, targetId } = pending;
  const input = { values, settings, repeatKey, ...(isRepeat ? { firstTry: firstTryOf(pending) } : {}) };
  if (action.kind === 'own') {
    const target = targetId === null ? null : { id: targetId, values: pending.before ?? {} };
    return action.action.run(connection.api, { target, ...input });
  }
  if (pending.operation === 'update' && targetId !== null) {
    const current = pending.before ? { id: targetId, values: pending.before } : null;
    const written = await recordType?.update?.(connection.api, { id: targetId, values, current, settings });
    return written ?? { id: targetId };
  }
  if (action.kind === 'find') return targetId === null ? {} : { id: targetId, output: pending.before ?? {} };
  const written = await recordType?.create?.(connection.api, input);
  if (!written) throw new Error(`${action.key} cannot create.`);
  return written;
}

function done(work: Work, input: { draft: Draft; pending: PendingCall; written: Answer; why: Text }): StepOutcome {
  const { draft, pending, written } = input;
  delete work.progress.pending;
  const id = written.id ?? pending.targetId;
  const output = {
    ...pending.before,
    ...pending.values,
    ...written.record?.values,
    ...written.output,
    ...(id === null || id === undefined ? {} : { id }),
  };
  const what = pending.operation === 'create' ? 'created' : pending.operation === 'update' ? 'updated' : 'done';
  const label = written.label ?? written.record?.label ?? id ?? null;
  const url = written.url ?? written.record?.url ?? null;
  work.progress.steps[pending.step] = { what, output, id: id ?? null, label, url };
  remember(work, { draft, pending, written });
  const note: Note = {
    why: written.remark ? fill('{why} {remark}', { why: input.why, remark: written.remark }) : input.why,
    values: valueRows(draft.planned.targets, pending.values, pending.before),
    ...(id === null || id === undefined ? {} : { found: [{ id, label: label ?? id, url }] }),
  };
  return { go: true, note };
}

/** What is there now because of this call: the pair, "once", the brake's count, and how our write will look when it comes back. */
function remember(
  work: Work,
  { draft, pending, written }: { draft: Draft; pending: PendingCall; written: Answer },
): void {
  const id = written.id ?? pending.targetId;
  // Found by its pair, which a person may have undone meanwhile.
  pair(work, draft, pending.byPair === true && id === pending.targetId ? null : id);
  if (pending.operation === 'create') work.effects.created += 1;
  if (id === null || !draft.planned.recordType?.changes) return;
  const values = written.record ? returned(draft, pending, written.record.values) : {};
  work.effects.written.push({ step: pending.step, recordId: id, values });
}

/** The pair for later changes, and "once". */
function pair(work: Work, draft: Draft, targetId: string | null): void {
  const { source } = work.plan;
  const { connection, recordType } = draft.planned;
  work.effects.spendsOnce = work.plan.definition.trigger.once;
  if (!source.recordType || !recordType || work.record.id === null || targetId === null) return;
  if (!leavesPair(work.plan, draft.planned)) return;
  work.effects.pairs.push({
    sourceConnection: source.connection.id,
    sourceType: source.recordType.key,
    sourceId: work.record.id,
    targetConnection: connection.id,
    targetType: recordType.key,
    targetId,
  });
}

const resultOf = (
  what: 'same',
  found: { id: string; current: Values; label: string | null; url: string | null },
): StepResult => ({
  what,
  output: { ...found.current, id: found.id },
  id: found.id,
  label: found.label,
  url: found.url,
});

function repeatRule(draft: Draft): RepeatRule<unknown> {
  const { action, recordType } = draft.planned;
  if (action.kind === 'own') return action.action.repeat;
  return recordType?.repeat ?? { kind: 'none' };
}

/** Only what can come back as a change needs to be known again. */
function fingerprintOf(work: Work, draft: Draft, pending: PendingCall) {
  const { connection, recordType, fields } = draft.planned;
  if (!recordType?.changes) return null;
  return {
    connectionId: connection.id,
    recordType: recordType.key,
    recordId: pending.targetId,
    step: pending.step,
    before: pending.before ? stateHash(pending.before, fields).fields : null,
    written: returned(draft, pending, pending.values),
    causes: [...(work.progress.loaded?.causes ?? []), work.plan.flow.id],
  };
}

function returned(draft: Draft, pending: PendingCall, values: Values): Record<string, Value> {
  return Object.fromEntries(
    draft.planned.fields
      .filter((field) => pending.values[field.key] !== undefined && !field.derived)
      .map((field) => [field.key, comparable(field, values[field.key])]),
  );
}

/** UUIDv5-shaped from original run, step and number of "create again": every repeat of one create has the same. */
function repeatKeyOf(work: Work, stepId: string): string {
  const name = `mostik ${work.run.rootId ?? work.run.id} ${stepId} ${work.run.createAgain} ${work.plan.flow.id}`;
  const bytes = createHash('sha1').update(name).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function whatWasDone(draft: Draft, pending: PendingCall): Text {
  switch (pending.operation) {
    case 'create':
      return fill({ en: '{label}: created.', ru: '{label}: запись создана.' }, { label: labelOf(draft) });
    case 'update':
      return fill({ en: '{label}: updated.', ru: '{label}: запись изменена.' }, { label: labelOf(draft) });
    case 'act':
      return fill({ en: '{label}: done.', ru: '{label}: сделано.' }, { label: draft.planned.action.label });
  }
}

const labelOf = (draft: Draft): Text => draft.planned.recordType?.label ?? draft.planned.action.label;

const nothingToChange: Text = {
  en: 'Over there it is already so; nothing was sent.',
  ru: 'Там уже всё так; ничего не отправлено.',
};
const wasDone: Text = {
  en: 'The answer had got lost, but the record is there: the call had been carried out.',
  ru: 'Ответ потерялся, но запись там есть: вызов был выполнен.',
};
const pendingWords: Text = { en: 'Another process has the run.', ru: 'Операцией занят другой процесс.' };

function answerMayCome(seconds: number): Stopped {
  const text = {
    en: 'The answer got lost. We look over there once the call can no longer be under way.',
    ru: 'Ответ потерялся. Посмотрим там, когда вызов уже точно не может выполняться.',
  };
  return {
    stop: { state: 'waiting', reason: { code: 'answer.lost', text }, seconds: Math.max(1, seconds) },
    note: { why: text, code: 'answer.lost' },
  };
}

/**
 * A run that would end with a call that may have been done: run again, it would be made a second time. Null: there is
 * none, or a repeat is harmless.
 */
export function leftOpen(work: Work, why: Text): Stopped['stop'] | null {
  const { pending } = work.progress;
  const planned = work.plan.steps.find(({ step }) => step.id === pending?.step);
  if (!pending || !planned || pending.operation === 'update') return null;
  const isSafe = repeatRule({ step: planned.step, planned, values: {}, decision: null }).kind === 'safe';
  return isSafe ? null : outcomeUnknown(pending, why).stop;
}

function outcomeUnknown(pending: PendingCall, why?: Text): Stopped {
  const text = fill(
    {
      en: 'The answer got lost, and the other side gives no way to ask whether it was done. {why} Look there, then tell us what you found.',
      ru: 'Ответ потерялся, а другая сторона не даёт узнать, выполнен ли вызов. {why} Посмотрите там и скажите, что нашли.',
    },
    { why: why ?? '' },
  );
  return {
    stop: { state: 'unknown', reason: { code: 'outcome.unknown', text } },
    note: {
      why: text,
      code: 'outcome.unknown',
      values: Object.entries(pending.values).map(([key, after]) => ({ key, label: key, after })),
    },
  };
}
