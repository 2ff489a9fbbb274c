import { type Exchange, recordCall } from '../../kit/call.ts';
import { asConnectorError } from '../../kit/errors.ts';
import { fill, type Text } from '../../kit/text.ts';
import { noteFailure, noteWorked, type OpenConnection } from '../connections/index.ts';
import type { Context } from '../context.ts';
import { quoted, raiseNotice } from '../notice.ts';
import { act, leftOpen, resume } from './action.ts';
import type { TraceStep } from './contract.ts';
import { duplicate } from './duplicate.ts';
import { filter } from './filter.ts';
import { load } from './load.ts';
import { map } from './mapping.ts';
import { once } from './once.ts';
import type { Writer } from './settle.ts';
import { settlementOf, stopOf } from './stop.ts';
import { type Draft, emptyEffects, type StepOutcome, type Stop, type Work } from './work.ts';

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
  if (!settled) return;
  tell(ctx, work);
  if (stop.state === 'rejected' || stop.state === 'dead' || stop.state === 'unknown') {
    const { id: flowId, name } = work.plan.flow;
    await tellOwner(ctx, { flowId, name, why: stop.reason.text });
  }
}

/** Once for a flow, until its attention list is empty again. */
export async function tellOwner(ctx: Context, input: { flowId: string; name: string; why: Text }): Promise<void> {
  const { flowId, name, why } = input;
  const text = fill(
    {
      en: 'The flow "{name}" has runs that need you. {why}',
      ru: 'В связке «{name}» есть операции, которым нужны вы. {why}',
    },
    { name: quoted(name), why },
  );
  await raiseNotice(ctx, { kind: 'runs.attention', flowId, text }).catch((error: unknown) =>
    ctx.log.error({ err: error, flow: flowId }, 'a notice could not be written'),
  );
}

/** The walk of an event: load, filter, once, then mapping, duplicate and action for each step of the flow. */
async function stepThrough(work: Work, ctx: Context, writer: Writer): Promise<Stop> {
  const first = [
    { kind: 'load' as const, take: () => load(work, ctx) },
    { kind: 'filter' as const, take: () => filter(work, ctx) },
    ...(work.plan.definition.trigger.once ? [{ kind: 'once' as const, take: () => once(work, ctx) }] : []),
  ];
  const { loaded, pending, steps: taken } = work.progress;
  // A rerun from the start keeps finished steps, but has to load the record for those that are left.
  const isUnderWay = loaded !== undefined && (pending !== undefined || Object.keys(taken).length > 0);
  for (const { kind, take } of isUnderWay ? [] : first) {
    const stop = await traced(work, ctx, { kind, step: null, connection: work.plan.source.connection, take });
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
  const at = { step: step.id, connection: draft.planned.connection };
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
  input: { kind: TraceStep['kind']; step: string | null; connection: OpenConnection; take: () => Promise<StepOutcome> },
): Promise<Stop | null> {
  const at = new Date();
  const started = performance.now();
  const exchanges: Exchange[] = [];
  const line = (verdict: TraceStep['verdict'], note: Pick<TraceStep, 'why'> & Partial<TraceStep>) => {
    work.progress.trace.push({
      kind: input.kind,
      step: input.step,
      at: at.toISOString(),
      milliseconds: Math.round(performance.now() - started),
      verdict,
      ...note,
      ...(exchanges.length > 0 ? { exchanges } : {}),
    });
    if (work.progress.trace.length > mostTrace) work.progress.trace.splice(10, 1);
  };
  // What was done is done, whether or not the connection's health could be written down.
  const unnoted = (error: unknown) =>
    ctx.log.warn({ err: error, run: work.run.id }, 'the health of a connection could not be noted');
  try {
    const notAfter = () => work.run.lease.until;
    const outcome = await recordCall({ priority: 'run', exchanges, notAfter }, input.take);
    if (exchanges.length > 0) await noteWorked(ctx, input.connection.id).catch(unnoted);
    if ('go' in outcome) {
      line('passed', outcome.note);
      return null;
    }
    line(verdictOf(outcome.stop), outcome.note);
    return outcome.stop;
  } catch (error) {
    const failure = asConnectorError(error);
    if (failure.code === 'unforeseen') ctx.log.error({ err: error, run: work.run.id }, 'a step failed unforeseen');
    await noteFailure(ctx, input.connection, failure).catch(unnoted);
    const end = stopOf(work.run, { failure, connectionId: input.connection.id });
    const isOver = end.state === 'dead' || end.state === 'rejected';
    const stop = (isOver && leftOpen(work, end.reason.text)) || end;
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
    same: { en: 'Done.', ru: 'Сделано.' },
  }[last?.what ?? 'done'];
  return { code: last?.what ?? 'done', text: fill(words, { label }) };
}

const toldAt = new Map<string, number>();

/** Screens ask anew when told; a few times a second and flow is enough for any eye. */
function tell(ctx: Context, work: Work): void {
  const last = toldAt.get(work.run.flowId) ?? Number.NEGATIVE_INFINITY;
  if (performance.now() - last < 250) return;
  toldAt.set(work.run.flowId, performance.now());
  ctx.live.tell({ kind: 'run', id: work.run.id, flow: work.run.flowId });
}
