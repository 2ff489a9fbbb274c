import { ConnectorError } from '../../kit/errors.ts';
import type { Field, Value } from '../../kit/field.ts';
import type { FormValues } from '../../kit/form.ts';
import type { Rec, RecordType } from '../../kit/record-type.ts';
import { fill, type Text } from '../../kit/text.ts';
import type { Context } from '../context.ts';
import { readSettings } from '../installation.ts';
import { lockKeys } from './key-locks.ts';
import { dropPair, findPair } from './pairs/pairs.ts';
import { toKey } from './receive.ts';
import { evaluateTemplate } from './values/map-fields.ts';
import { keysOf, normalise, spellings } from './values/normalise.ts';
import { print } from './values/reading.ts';
import { scopeOf } from './values/scope.ts';
import type { Draft, StepOutcome, Work } from './work.ts';

/** A search gives at most this many; more than one is already "several". */
const mostHits = 10;

type Found = { record: Rec; how: Text } | null;
type Stopped = Extract<StepOutcome, { stop: unknown }>;

/** The record over there: by its pair, else by the keys of the rule in order. */
export async function findTarget(
  work: Work,
  ctx: Context,
  input: { draft: Draft; recordType: RecordType<unknown> },
): Promise<Found | Stopped> {
  const paired = await searchPair(work, ctx, input);
  if (paired) return paired;
  return searchKeys(work, ctx, input);
}

/** The pair decides before any key: it was made when we wrote or found the record. */
async function searchPair(
  work: Work,
  ctx: Context,
  { draft, recordType }: { draft: Draft; recordType: RecordType<unknown> },
): Promise<Found> {
  const { source } = work.plan;
  const { connection } = draft.planned;
  if (!source.recordType || work.record.id === null || !recordType.get) return null;
  const pair = await findPair(ctx, {
    from: { connectionId: source.connection.id, recordType: source.recordType.key, recordId: work.record.id },
    toConnection: connection.id,
    toType: recordType.key,
  });
  if (!pair) return null;
  const record = await recordType.get(connection.api, pair.recordId).catch((error: unknown) => {
    if (error instanceof ConnectorError && error.kind === 'gone') return null;
    throw error;
  });
  if (record) return { record, how: byPair };
  if (!work.isTrial) await dropPair(ctx, pair.pairId);
  return null;
}

async function searchKeys(
  work: Work,
  ctx: Context,
  { draft, recordType }: { draft: Draft; recordType: RecordType<unknown> },
): Promise<Found | Stopped> {
  const { planned } = draft;
  const { keys, several } = planned.step.duplicates;
  const { defaultCountry: country, zone } = await readSettings(ctx);
  const options = { zone, country, now: new Date() };
  const wanted: { field: Field; value: Value; norm: string }[] = [];
  for (const key of keys) {
    const field = planned.fields.find((candidate) => candidate.key === key.field);
    const result = evaluateTemplate({ text: key.template, scope: scopeOf(work), options });
    if ('problem' in result) return keyFails(result.problem);
    const norm = field ? normalise(field.type, result.value, { country }) : null;
    if (field && norm !== null) wanted.push({ field, value: result.value, norm });
  }
  const place = `${planned.connection.id} ${recordType.key}`;
  const locks = wanted.map(({ field, norm }) => toKey(`${place} ${field.key} ${norm}`));
  if (!work.isTrial && !(await lockKeys(ctx, { runId: work.run.id, keys: locks }))) return busy(work.run);
  if (locks.length > 0) work.progress.locks = locks;
  for (const key of wanted) {
    const hits = await findByKey({ draft, recordType, key, country });
    if (hits.length === 0) continue;
    if (hits.length > 1 && several === 'stop') return tooMany(hits, key.field);
    const record = several === 'newest' ? newestOf(hits) : hits[0];
    if (record) return { record, how: foundBy(key.field, { sought: key.value, there: heldBy(record, key, country) }) };
  }
  return null;
}

/** Hits are checked again after normalising both sides: a loose search of the vendor's proves nothing by itself. */
async function findByKey({
  draft,
  recordType,
  key,
  country,
}: {
  draft: Draft;
  recordType: RecordType<unknown>;
  key: { field: Field; value: Value; norm: string };
  country: string;
}): Promise<Rec[]> {
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
function heldBy(hit: Rec, { field, norm }: { field: Field; norm: string }, country: string): Value | undefined {
  const there = searchedIn(hit, field);
  return Array.isArray(there) ? there.find((one) => normalise(field.type, one, { country }) === norm) : there;
}

function spelled(field: Field, key: { value: Value; norm: string }, country: string): Value[] {
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

const byPair: Text = {
  en: 'Found by the pair: this flow or another one linked the two records before.',
  ru: 'Найдена по паре: эти две записи уже связаны.',
};
