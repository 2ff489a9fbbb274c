import { ConnectorError } from '../../kit/errors.ts';
import type { Field, Value } from '../../kit/field.ts';
import type { FormValues } from '../../kit/form.ts';
import type { Rec, RecordType } from '../../kit/record-type.ts';
import { fill, type Text } from '../../kit/text.ts';
import type { Context } from '../context.ts';
import { readSettings } from '../installation.ts';
import { lockKeys } from './key-locks.ts';
import { goesByPair, rivalsOf } from './pairs/pair-of-step.ts';
import { dropPair, type End, findPair } from './pairs/pairs.ts';
import { toKey } from './receive.ts';
import { evaluateTemplate } from './values/map-fields.ts';
import { keysOf, normalise, spellings } from './values/normalise.ts';
import { print } from './values/reading.ts';
import { scopeOf } from './values/scope.ts';
import type { Draft, StepOutcome, Work } from './work.ts';

/** A search gives at most this many; more than one is already "several". */
const mostHits = 10;

export interface Found {
  record: Rec;
  how: Text;
  byPair: boolean;
}
type Stopped = Extract<StepOutcome, { stop: unknown }>;

interface Input {
  draft: Draft;
  recordType: RecordType<unknown>;
}

interface Key {
  field: Field;
  value: Value;
  norm: string;
}

/** Why there is none: the search found nothing, or there was nothing to search by. */
export interface Missing {
  none: 'found' | 'keyFilled' | 'key';
}

/** The record over there: by its pair, else by the keys of the rule in order. */
export async function findTarget(work: Work, ctx: Context, input: Input): Promise<Found | Stopped | Missing> {
  const { planned } = input.draft;
  const byPair = goesByPair(work.plan, planned);
  const hasKeys = planned.step.duplicates.keys.length > 0;
  // Of a change there may be more to come.
  if (!byPair && !hasKeys && work.run.coalesces) return needsKey();
  const pair = byPair ? pairPlace(work, input) : null;
  const keys = await keysSought(work, ctx, input.draft);
  if (!work.isTrial && !(await lock(work, ctx, { ...input, pair, keys }))) return busy(work.run);
  const paired = pair && (await searchPair(work, ctx, { ...input, pair }));
  if (paired) return paired;
  if ('problem' in keys) return keyFails(keys.problem);
  if (keys.length === 0 && (hasKeys || !byPair)) return { none: hasKeys ? 'keyFilled' : 'key' };
  return (await searchKeys(work, ctx, { ...input, keys })) ?? { none: 'found' };
}

interface PairPlace {
  from: End;
  toConnection: string;
  toType: string;
}

/** Where a pair of the record would stand; null: there can be none. */
function pairPlace(work: Work, { draft, recordType }: Input): PairPlace | null {
  const { connection, recordType: type } = work.plan.source;
  if (!type || work.record.id === null || !recordType.get) return null;
  return {
    from: { connectionId: connection.id, recordType: type.key, recordId: work.record.id },
    toConnection: draft.planned.connection.id,
    toType: recordType.key,
  };
}

/** What the keys of the rule come to for this record; empty ones are left out. */
async function keysSought(work: Work, ctx: Context, { planned }: Draft): Promise<Key[] | { problem: Text }> {
  const { defaultCountry: country, zone } = await readSettings(ctx);
  const options = { zone, country, now: new Date() };
  const sought: Key[] = [];
  for (const key of planned.step.duplicates.keys) {
    const field = planned.fields.find((candidate) => candidate.key === key.field);
    const result = evaluateTemplate({ text: key.template, scope: scopeOf(work), options });
    if ('problem' in result) return result;
    const norm = field ? normalise(field.type, result.value, { country }) : null;
    if (field && norm !== null) sought.push({ field, value: result.value, norm });
  }
  return sought;
}

/**
 * Nobody else shall look for the record while this run may make it: neither by its keys, nor, where a rule may have
 * none, as the pair of the same record in another flow. False: somebody else does.
 */
async function lock(
  work: Work,
  ctx: Context,
  input: Input & { pair: PairPlace | null; keys: Key[] | { problem: Text } },
): Promise<boolean> {
  const { draft, recordType, pair, keys } = input;
  const { connection, action, step } = draft.planned;
  const place = `${connection.id} ${recordType.key}`;
  const locks = 'problem' in keys ? [] : keys.map(({ field, norm }) => toKey(`${place} ${field.key} ${norm}`));
  if (pair && action.kind === 'create' && step.duplicates.mode !== 'update') {
    const { connectionId, recordType: type, recordId } = pair.from;
    locks.push(toKey(`pair ${connectionId} ${type} ${recordId} ${place}`));
  }
  if (!(await lockKeys(ctx, { runId: work.run.id, keys: locks }))) return false;
  if (locks.length > 0) work.progress.locks = locks;
  return true;
}

/** The pair decides before any key: it was made when we wrote or found the record. */
async function searchPair(
  work: Work,
  ctx: Context,
  { draft, recordType, pair }: Input & { pair: PairPlace },
): Promise<Found | null> {
  const known = await findPair(ctx, pair);
  if (!known) return null;
  const { connection } = draft.planned;
  const record = await recordType.get?.(connection.api, known.recordId).catch((error: unknown) => {
    if (error instanceof ConnectorError && error.kind === 'gone') return null;
    throw error;
  });
  if (record) return { record, how: foundByPair, byPair: true };
  if (!work.isTrial) await dropPair(ctx, { ...known, from: pair.from });
  return null;
}

async function searchKeys(work: Work, ctx: Context, input: Input & { keys: Key[] }): Promise<Found | Stopped | null> {
  const { draft, recordType, keys } = input;
  const taken = rivalsOf(work.plan, draft.planned).map((step) => work.progress.steps[step]?.id);
  const { several } = draft.planned.step.duplicates;
  const { defaultCountry: country } = await readSettings(ctx);
  for (const key of keys) {
    const hits = (await findByKey({ draft, recordType, key, country })).filter(({ id }) => !taken.includes(id));
    if (hits.length === 0) continue;
    if (hits.length > 1 && several === 'stop') return tooMany(hits, key.field);
    const record = several === 'newest' ? newestOf(hits) : hits[0];
    if (record) {
      const how = foundBy(key.field, { sought: key.value, there: heldBy(record, key, country) });
      return { record, how, byPair: false };
    }
  }
  return null;
}

/** Hits are checked again after normalising both sides: a loose search of the vendor's proves nothing by itself. */
async function findByKey(input: Input & { key: Key; country: string }): Promise<Rec[]> {
  const { draft, recordType, key, country } = input;
  const { connection, step } = draft.planned;
  const { field, norm } = key;
  if (field.key === 'id' && recordType.get) {
    const record = await recordType.get(connection.api, norm);
    return record ? [record] : [];
  }
  if (!recordType.find) return [];
  const values = spelled(field, key, country);
  const hits = await recordType.find(connection.api, {
    where: [{ field: field.key, values }],
    limit: mostHits,
    settings: step.settings as FormValues,
  });
  return hits.filter((hit) => {
    const there = searchedIn(hit, field);
    // A field that the other side searches by but does not show cannot be checked again.
    return there === undefined || keysOf(field.type, there, { country }).includes(norm);
  });
}

const searchedIn = (hit: Rec, field: Field): Value | undefined => hit.values[field.searchedIn ?? field.key];

/** Of several values over there the one that the key found. */
function heldBy(hit: Rec, { field, norm }: Key, country: string): Value | undefined {
  const there = searchedIn(hit, field);
  return Array.isArray(there) ? there.find((one) => normalise(field.type, one, { country }) === norm) : there;
}

function spelled(field: Field, key: Key, country: string): Value[] {
  if (field.search === 'text') return spellings(field.type, key.value, { country });
  // Letter for letter over there, and most keep e-mails in small letters.
  if (field.search === 'exact' && field.type === 'email') return [...new Set([key.value, key.norm])];
  return [key.value];
}

const newestOf = (hits: Rec[]): Rec | undefined =>
  [...hits].sort((a, b) => (b.changedAt ?? b.createdAt ?? '').localeCompare(a.changedAt ?? a.createdAt ?? ''))[0];

export const linkOf = (record: Rec) => ({ id: record.id, label: record.label ?? record.id, url: record.url ?? null });

function tooMany(hits: Rec[], field: Field): Stopped {
  const text = fill(
    {
      en: 'Several records have the same "{field}" ({n}). Choose what to do with several, or merge them over there.',
      ru: 'Записей с таким же полем «{field}» несколько ({n}). Выберите, что делать с несколькими, или объедините их там.',
    },
    { field: field.label, n: hits.length },
  );
  return {
    stop: { state: 'rejected', reason: { code: 'duplicate.several', text } },
    note: { why: text, code: 'duplicate.several', found: hits.map(linkOf) },
  };
}

/** A key that cannot be told must not pass for "nothing found": that would make a second record. */
const keyFails = (why: Text): Stopped => {
  const text = fill(
    { en: 'A key of the duplicate rule fails. {why}', ru: 'Ключ поиска дублей не вычислить. {why}' },
    { why },
  );
  return {
    stop: { state: 'rejected', reason: { code: 'duplicate.key', text } },
    note: { why: text, code: 'duplicate.key' },
  };
};

const needsKey = (): Stopped => {
  const text = {
    en: 'The pair belongs to the first step that makes such records, and this step has no field to find its own by: each change would make one more. Choose a field to look by.',
    ru: 'Пара принадлежит первому шагу, который создаёт такие записи, а у этого шага нет поля, по которому найти свою: каждое изменение создавало бы ещё одну. Выберите поле для поиска.',
  };
  const code = 'duplicate.no_key';
  return { stop: { state: 'rejected', reason: { code, text } }, note: { why: text, code } };
};

/** Most wait for a moment only; one that has waited long waits for a call whose answer got lost. */
const busy = ({ createdAt, now }: Work['run']): Stopped => {
  const seconds = Math.min(30, Math.max(0.3, (now().getTime() - createdAt.getTime()) / 10_000));
  const text = {
    en: 'Another run is making a record with the same key; this one waits for it.',
    ru: 'Запись с тем же ключом создаёт другая операция; эта её подождёт.',
  };
  return { stop: { state: 'waiting', reason: { code: 'key.busy', text }, seconds }, note: { why: text } };
};

/** Spelled differently over there, both spellings are told: +7 916 204-31-77 and 8 (916) 204-31-77. */
function foundBy(field: Field, { sought, there }: { sought: Value; there: Value | undefined }): Text {
  const [value, known] = [print(sought), print(there)];
  return fill(
    known === '' || known === value
      ? { en: 'Found by {field} = {value}.', ru: 'Найдена по полю «{field}» = {value}.' }
      : {
          en: 'Found by {field} = {value} (there: {known}).',
          ru: 'Найдена по полю «{field}» = {value} (там: {known}).',
        },
    { field: field.label, value, known },
  );
}

const foundByPair: Text = {
  en: 'Found by the pair: this flow or another one linked the two records before.',
  ru: 'Найдена по паре: эти две записи уже связаны.',
};
