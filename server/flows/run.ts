import { type Exchange, recordCall } from '../../kit/call.ts';
import { asConnectorError, type ConnectorError } from '../../kit/errors.ts';
import { fill, type Text } from '../../kit/text.ts';
import { noteFailure, noteWorked } from '../connections/index.ts';
import type { Context } from '../context.ts';
import { act, resume } from './action.ts';
import type { TraceStep } from './contract.ts';
import { duplicate } from './duplicate.ts';
import { filter } from './filter-step.ts';
import { load } from './load.ts';
import { map } from './mapping-step.ts';
import { once } from './once.ts';
import type { Settlement, Writer } from './settle.ts';
import { type Draft, emptyEffects, type StepOutcome, type Stop, type Work } from './work.ts';

/** Retries go on for this long; then the run is given up. Waiting for a person does not count. */
const patienceHours = 24;
/** The history keeps the first and the latest tries of a step. */
const mostTrace = 60;

/** One claimed run, from where it stands to its end, its next try, or a person. Never throws. */
export async function walk(work: Work, ctx: Context, writer: Writer): Promise<void> {
  const stop = await stepThrough(work, ctx, writer);
  if (stop.state === 'lost') return;
  const settled = await writer.settle(settlementOf(work, stop)).catch((error: unknown) => {
    // The database did not take it: the lease runs out and the run is taken up again.
    ctx.log.error({ err: error, run: work.run.id }, 'a run could not be settled');
    return false;
  });
  if (settled) tell(ctx, work);
}

/** The walk of an event: load, filter, once, then mapping, duplicate and action for each step of the flow. */
async function stepThrough(work: Work, ctx: Context, writer: Writer): Promise<Stop> {
  const first = [
    { kind: 'load' as const, take: () => load(work, ctx) },
    { kind: 'filter' as const, take: () => filter(work, ctx) },
    ...(work.plan.definition.trigger.once ? [{ kind: 'once' as const, take: () => once(work, ctx) }] : []),
  ];
  const isUnderWay = work.progress.pending !== undefined || Object.keys(work.progress.steps).length > 0;
  for (const { kind, take } of isUnderWay ? [] : first) {
    const stop = await traced(work, ctx, { kind, step: null, connectionId: work.plan.source.connection.id, take });
    if (stop) return stop;
  }
  const { steps } = work.plan;
  for (const [index, planned] of steps.entries()) {
    if (work.progress.steps[planned.step.id]) continue;
    const stop = await takeStep(work, ctx, {
      writer,
      draft: { step: planned.step, planned, values: {}, decision: null },
    });
    if (stop) return stop;
    if (index < steps.length - 1 && !(await keepStep(work, writer))) return { state: 'lost' };
  }
  return { state: 'done', reason: endOf(work) };
}

async function takeStep(work: Work, ctx: Context, input: { writer: Writer; draft: Draft }): Promise<Stop | null> {
  const { draft, writer } = input;
  const { step } = draft;
  const at = { step: step.id, connectionId: draft.planned.connection.id };
  const { pending } = work.progress;
  if (pending?.step === step.id) {
    return traced(work, ctx, { ...at, kind: 'action', take: () => resume(work, { stepOf: draft, pending, writer }) });
  }
  return (
    (await traced(work, ctx, { ...at, kind: 'mapping', take: () => map(work, ctx, draft) })) ??
    (await traced(work, ctx, { ...at, kind: 'duplicate', take: () => duplicate(work, ctx, draft) })) ??
    traced(work, ctx, { ...at, kind: 'action', take: () => act(work, ctx, { draft, writer }) })
  );
}

/** A step that is done stays done: later steps may fail and be run again without it. */
async function keepStep(work: Work, writer: Writer): Promise<boolean> {
  const kept = await writer.settle(settlementOf(work, null));
  work.effects = emptyEffects();
  return kept;
}

/** Takes one step, writes its line of the history, and turns a failure into the stop that its kind decides. */
async function traced(
  work: Work,
  ctx: Context,
  input: { kind: TraceStep['kind']; step: string | null; connectionId: string; take: () => Promise<StepOutcome> },
): Promise<Stop | null> {
  const started = Date.now();
  const exchanges: Exchange[] = [];
  const line = (verdict: TraceStep['verdict'], note: Pick<TraceStep, 'why'> & Partial<TraceStep>) => {
    work.progress.trace.push({
      kind: input.kind,
      step: input.step,
      at: new Date(started).toISOString(),
      milliseconds: Date.now() - started,
      verdict,
      ...note,
      ...(exchanges.length > 0 ? { exchanges } : {}),
    });
    if (work.progress.trace.length > mostTrace) work.progress.trace.splice(10, 1);
  };
  try {
    const outcome = await recordCall({ priority: 'run', exchanges }, input.take);
    if (exchanges.length > 0) await noteWorked(ctx, input.connectionId);
    if ('go' in outcome) {
      line('passed', outcome.note);
      return null;
    }
    line(verdictOf(outcome.stop), outcome.note);
    return outcome.stop;
  } catch (error) {
    const failure = asConnectorError(error);
    if (failure.code === 'unforeseen') ctx.log.error({ err: error, run: work.run.id }, 'a step failed unforeseen');
    await noteFailure(ctx, input.connectionId, failure);
    const stop = stopOf(work, { failure, connectionId: input.connectionId });
    line(verdictOf(stop), { why: failure.text, code: failure.code });
    return stop;
  }
}

function verdictOf(stop: Stop): TraceStep['verdict'] {
  switch (stop.state) {
    case 'waiting':
    case 'held':
      return 'waits';
    case 'rejected':
    case 'dead':
    case 'unknown':
      return 'failed';
    default:
      return 'stopped';
  }
}

/** The kind of a failure decides: reconnect, wait, retry, reject. */
function stopOf(work: Work, input: { failure: ConnectorError; connectionId: string }): Stop {
  const { failure, connectionId } = input;
  const reason = { code: failure.code, text: failure.text };
  switch (failure.kind) {
    case 'reconnect':
      return { state: 'held', reason, waitsFor: connectionId };
    case 'rateLimited':
      return { state: 'waiting', reason, seconds: failure.until ? secondsUntil(failure.until) : backOff(work) };
    case 'temporary':
    case 'startOver':
      return isOutOfPatience(work)
        ? { state: 'dead', reason: gaveUp(failure.text) }
        : { state: 'waiting', reason, seconds: backOff(work) };
    case 'noAccess':
      return { state: 'dead', reason };
    case 'rejected':
    case 'gone':
      return { state: 'rejected', reason };
  }
}

const secondsUntil = (time: Date) => Math.max(0.2, (time.getTime() - Date.now()) / 1000);

/** 5 s, 10 s, 20 s … up to an hour, each with up to a half off, so that runs do not come back in step. */
function backOff(work: Work): number {
  const seconds = Math.min(3600, 5 * 2 ** work.run.attempts);
  return seconds * (0.5 + Math.random() / 2);
}

const isOutOfPatience = (work: Work): boolean =>
  work.run.failingSince !== null && Date.now() - work.run.failingSince.getTime() > patienceHours * 3_600_000;

const gaveUp = (why: Text) => ({
  code: 'gave_up',
  text: fill({ en: 'Given up after a day of tries. {why}', ru: 'Сутки попыток ничего не дали. {why}' }, { why }),
});

function settlementOf(work: Work, stop: Exclude<Stop, { state: 'lost' }> | null): Settlement {
  const { run, progress } = work;
  const base = {
    runId: run.id,
    fence: run.fence,
    flowId: run.flowId,
    recordKey: run.recordKey,
    progress,
    record: work.record,
    effects: work.effects,
    reason: stop && 'reason' in stop ? stop.reason : null,
    attempts: run.attempts + (stop ? 1 : 0),
    failingSince: null,
    seconds: null,
    waitsFor: null,
  };
  if (stop === null) return { ...base, state: 'working' };
  switch (stop.state) {
    case 'waiting': {
      // A key that another run holds is no failure.
      const isFailure = stop.reason.code !== 'key.busy';
      return {
        ...base,
        state: 'waiting',
        seconds: stop.seconds,
        attempts: run.attempts + (isFailure ? 1 : 0),
        failingSince: isFailure ? (run.failingSince ?? new Date()) : run.failingSince,
      };
    }
    case 'held':
      return { ...base, state: 'waiting', waitsFor: stop.waitsFor };
    default:
      return { ...base, state: stop.state };
  }
}

/** What the run came to, from its last step. */
function endOf(work: Work): { code: string; text: Text } {
  const results = Object.values(work.progress.steps);
  const last = results.at(-1);
  if (results.every(({ what }) => what === 'same')) {
    return {
      code: 'same',
      text: { en: 'Over there it is already so; nothing was sent.', ru: 'Там уже всё так; ничего не отправлено.' },
    };
  }
  const label = last?.label ?? last?.id ?? '';
  const words = {
    created: { en: 'Created: {label}', ru: 'Создано: {label}' },
    updated: { en: 'Updated: {label}', ru: 'Изменено: {label}' },
    done: { en: 'Done. {label}', ru: 'Сделано. {label}' },
    found: { en: 'Found: {label}', ru: 'Найдено: {label}' },
    same: { en: 'Done.', ru: 'Сделано.' },
  }[last?.what ?? 'done'];
  return { code: last?.what ?? 'done', text: fill(words, { label }) };
}

const toldAt = new Map<string, number>();

/** Screens ask anew when told; a few times a second and flow is enough for any eye. */
function tell(ctx: Context, work: Work): void {
  const last = toldAt.get(work.run.flowId) ?? 0;
  if (Date.now() - last < 250) return;
  toldAt.set(work.run.flowId, Date.now());
  ctx.live.tell({ kind: 'run', id: work.run.id, flow: work.run.flowId });
}
