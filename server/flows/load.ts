import { ConnectorError } from '../../kit/errors.ts';
import type { Values } from '../../kit/field.ts';
import type { Rec } from '../../kit/record-type.ts';
import type { TriggerItem } from '../../kit/trigger.ts';
import { loadReferences } from '../connections/index.ts';
import type { Context } from '../context.ts';
import { findCauses } from './echo.ts';
import { createdKey, toKey } from './receive.ts';
import { readState, takeState, wasCarriedOut } from './record-states.ts';
import { stateHash } from './values/normalise.ts';
import { type ClaimedRun, type Note, type StepOutcome, valueRows, type Work } from './work.ts';

/** Longer chains of causes are a loop that nobody drew. */
const deepestChain = 10;

/**
 * Puts the record the run is about on the table: loads it where the vendor sent only an id, asks whether this state
 * was seen, and whether it is our own write coming back. Exits: gone · not there yet · unchanged · echo · its create is under way.
 */
export async function load(work: Work, ctx: Context): Promise<StepOutcome> {
  if (work.progress.loaded) return { go: true, note: { why: { en: 'Loaded before.', ru: 'Загружено ранее.' } } };
  const arrived = await arrive(work);
  if (arrived === null) return missing(work, ctx);
  const { record, details, at } = arrived;
  work.record = { id: record.id, label: labelOf(record), url: record.url ?? null };
  const seen = await seeState(work, ctx, { record, at });
  if ('stop' in seen) return seen;
  const { connection, fields } = work.plan.source;
  const values = await loadReferences(ctx, {
    connection,
    fields,
    values: { id: record.id, ...record.values, ...details },
    paths: work.plan.references,
    loader: work.loader,
  });
  const loaded = { values, causes: seen.causes, ...(seen.echoed.length > 0 ? { echoed: seen.echoed } : {}) };
  if (!(await takeState(ctx, { work, loaded, state: seen.state, fingerprints: seen.fingerprints }))) return lost();
  work.progress.loaded = loaded;
  return { go: true, note: { ...seen.note, values: valueRows(fields, values) } };
}

interface Arrived {
  record: Rec;
  details: Values;
  /** When it happened over there. */
  at?: string | undefined;
}

/** The record as it came, or as it is over there now. */
async function arrive(work: Work): Promise<Arrived | null> {
  const { run, plan } = work;
  const item =
    run.payload === null ? null : (JSON.parse(run.payload) as Partial<Arrived> & Pick<TriggerItem, 'recordId'>);
  const { details = {}, at } = item ?? {};
  if (item?.record) return { record: item.record, details, at };
  const { recordType, connection } = plan.source;
  if (!recordType) return { record: { id: run.recordId ?? run.id, values: {} }, details };
  const id = item?.recordId ?? run.recordId;
  if (id === null || id === undefined) return { record: { id: run.id, values: {} }, details };
  try {
    const record = await work.loader.load(connection, recordType.key, id);
    return record ? { record, details, at } : null;
  } catch (error) {
    if (error instanceof ConnectorError && error.kind === 'gone') return null;
    throw error;
  }
}

/** Calls about a new record come before it can be read: so long, in seconds, it may take. */
const soonest = [10, 40, 100];

/** Not there yet, or not any more. A creation that was never seen may be told again, by the reconciling poll. */
async function missing({ run, plan }: Work, ctx: Context): Promise<StepOutcome> {
  const { trigger } = plan.source;
  if (trigger.kind !== 'record' || trigger.event !== 'created') return gone();
  const age = (run.now().getTime() - run.createdAt.getTime()) / 1000;
  const next = soonest.find((seconds) => seconds > age);
  if (run.source === 'webhook' && next !== undefined) return notYet(next - age);
  await ctx.pool.query('delete from seen where flow_id = $1 and key = $2', [
    run.flowId,
    toKey(createdKey(run.recordKey)),
  ]);
  return gone();
}

interface Seen {
  causes: string[];
  echoed: string[];
  state: { hash: string; fields: Record<string, string> } | null;
  fingerprints: string[];
  note: Note;
}

async function seeState(
  work: Work,
  ctx: Context,
  { record, at }: Pick<Arrived, 'record' | 'at'>,
): Promise<Seen | Extract<StepOutcome, { stop: unknown }>> {
  const { run, plan } = work;
  const { trigger, recordType, connection } = plan.source;
  const note: Note = { why: { en: 'Here is the record.', ru: 'Запись получена.' } };
  // A happening without a record, or a person's rerun, has no state to compare.
  if (!recordType || run.source === 'person') return { causes: [], echoed: [], state: null, fingerprints: [], note };
  const happening = trigger.kind === 'own' ? { about: trigger.trigger.about, at } : null;
  const state = happening ? null : stateHash(record.values, plan.source.fields);
  const last = happening ? null : await readState(ctx, { flowId: run.flowId, recordKey: run.recordKey });
  const isOurOwn = last?.runId === run.id;
  if (state && last && !isOurOwn) {
    const isSame = last.hash === state.hash;
    if (isSame && run.coalesces) return unchanged(run.source);
    // A creation happens once, whatever the record is by now.
    const isTaken = isSame || (trigger.kind === 'record' && trigger.event === 'created');
    if (run.source === 'backfill' && isTaken && (await wasCarriedOut(ctx, last.runId))) return unchanged(run.source);
  }
  const echo = await findCauses(ctx, {
    connectionId: connection.id,
    recordType: recordType.key,
    record,
    fields: plan.source.fields,
    flowId: plan.flow.id,
    now: state?.fields ?? null,
    // A run that took the last state and was superseded did nothing with it: against nothing, no change is an echo.
    last: isOurOwn || !last ? null : last.hash === '' ? {} : last.fields,
    happening,
    loadedAfter: run.claimedAt,
  });
  if (echo === 'underWay') return underWay(run);
  if (echo.causes.includes(plan.flow.id) || echo.causes.length >= deepestChain) {
    if (!(await takeState(ctx, { work, loaded: null, state, fingerprints: echo.seen }))) return lost();
    return echo.causes.includes(plan.flow.id) ? ownEcho() : tooDeep();
  }
  return {
    causes: echo.causes,
    echoed: echo.echoed,
    state,
    fingerprints: echo.seen,
    note: echo.causes.length === 0 ? note : { why: causedByFlow },
  };
}

const labelOf = (record: Rec) => (record.label ?? record.id).replaceAll('\0', '').slice(0, 500);

const causedByFlow = {
  en: 'Another flow made this change; it may go on from here.',
  ru: 'Это изменение сделала другая связка; отсюда можно идти дальше.',
};

const stopped = (code: string, text: { en: string; ru: string }): Extract<StepOutcome, { stop: unknown }> => ({
  stop: { state: 'skipped', reason: { code, text } },
  note: { why: text, code },
});

const gone = () =>
  stopped('gone', {
    en: 'The record is not there any more.',
    ru: 'Записи там больше нет.',
  });

const notYet = (seconds: number): Extract<StepOutcome, { stop: unknown }> => {
  const text = {
    en: 'The app told of a new record that cannot be read yet; we look again.',
    ru: 'Приложение сообщило о новой записи, но прочитать её пока нельзя; посмотрим ещё раз.',
  };
  const code = 'record.not_yet';
  return {
    stop: { state: 'waiting', reason: { code, text }, seconds: Math.max(1, seconds) },
    note: { why: text, code },
  };
};

const unchanged = (source: ClaimedRun['source']): Extract<StepOutcome, { stop: unknown }> => {
  const text = {
    en: 'Nothing changed since this flow took the record last.',
    ru: 'С прошлого раза, когда связка брала запись, ничего не изменилось.',
  };
  // Overlapping polls see the same state again; that is no happening worth a row.
  return source === 'poll' ? { stop: { state: 'dropped' }, note: { why: text } } : stopped('unchanged', text);
};

const ownEcho = () =>
  stopped('echo', {
    en: 'This is the change that this flow made itself, coming back.',
    ru: 'Это вернулось изменение, которое сделала сама связка.',
  });

const tooDeep = () =>
  stopped('loop', {
    en: 'Flows set each other off ten times in a row; the chain is cut here.',
    ru: 'Связки запустили друг друга десять раз подряд; цепочка прервана здесь.',
  });

/** Asked again soon at first; one that has waited long waits for a person, or for an app that is away. */
const underWay = ({ createdAt, now }: ClaimedRun): Extract<StepOutcome, { stop: unknown }> => {
  const seconds = Math.min(30, Math.max(2, (now().getTime() - createdAt.getTime()) / 10_000));
  const text = {
    en: 'A flow is making just such a record, and its call is not answered yet. Once it is, we know whether it is this one.',
    ru: 'Как раз такую запись создаёт одна из связок, и ответа на вызов ещё нет. Когда он придёт, станет ясно, эта ли запись.',
  };
  return {
    stop: { state: 'waiting', reason: { code: 'create.under_way', text }, seconds },
    note: { why: text, code: 'create.under_way' },
  };
};

const lost = (): Extract<StepOutcome, { stop: unknown }> => ({
  stop: { state: 'lost' },
  note: { why: { en: 'Another process has the run.', ru: 'Операцией занят другой процесс.' } },
});
