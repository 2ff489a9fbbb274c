import { ConnectorError } from '../../kit/errors.ts';
import type { Field, Value, Values } from '../../kit/field.ts';
import type { FormValues } from '../../kit/form.ts';
import type { Rec, RecordType } from '../../kit/record-type.ts';
import { fill, type Text } from '../../kit/text.ts';
import type { Context } from '../context.ts';
import { readSettings } from '../installation.ts';
import { carriedBack } from './echo.ts';
import { lockKeys } from './key-locks.ts';
import { dropPair, findPair } from './pairs/pairs.ts';
import { toKey } from './receive.ts';
import { evaluateTemplate } from './values/map-fields.ts';
import { keysOf, normalise, sameValue, spellings } from './values/normalise.ts';
import { print } from './values/reading.ts';
import { scopeOf } from './values/scope.ts';
import type { Decision, Draft, Note, StepOutcome, Work } from './work.ts';

/** A search gives at most this many; more than one is already "several". */
const mostHits = 10;

type Found = { record: Rec; how: Text } | null;
type Stopped = Extract<StepOutcome, { stop: unknown }>;

/**
 * Does the record already exist over there? First the pair, then the rule's keys in order. Exit: skipped with the
 * record found, or stopped at several; else the draft says whether to create, to update, or that nothing would change.
 */
export async function duplicate(work: Work, ctx: Context, draft: Draft): Promise<StepOutcome> {
  const { planned } = draft;
  const { action, recordType } = planned;
  const mode = action.kind === 'create' ? planned.step.duplicates.mode : 'update';
  if (!recordType) return decided(draft, { what: 'act', target: null }, { why: standsAlone });
  if (mode === 'create') return decided(draft, { what: 'create' }, { why: alwaysCreates });
  const { createAnyway: by } = work.progress;
  if (by !== undefined && mode !== 'update') {
    return decided(draft, { what: 'create' }, { why: createsAnyway(by), code: 'duplicate.anyway' });
  }
  const found = await search(work, ctx, { draft, recordType });
  if (found && 'stop' in found) return found;
  if (!found) {
    if (mode === 'update') return notFound(recordType.label);
    return decided(draft, { what: 'create' }, { why: nothingFound });
  }
  const { record, how } = found;
  const note: Note = { why: how, found: [linkOf(record)] };
  if (action.kind === 'own' || action.kind === 'find') {
    return decided(draft, { what: 'act', target: targetOf(record) }, note);
  }
  if (mode === 'skip') return skipped(work, draft, { record, how });
  const back = await carriedBack(ctx, {
    loaded: work.progress.loaded,
    step: planned.step,
    connectionId: planned.connection.id,
    recordType: recordType.key,
  });
  return decided(
    draft,
    await update(ctx, { draft, record, back }),
    back.size === 0 ? note : { ...note, why: fill(notBack, { how }) },
  );
}

function decided(draft: Draft, decision: Decision, note: Note): StepOutcome {
  draft.decision = decision;
  return { go: true, note };
}

async function search(
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
    const hits = await findByKey(ctx, { draft, recordType, key, country });
    if (hits.length === 0) continue;
    if (hits.length > 1 && several === 'stop') return tooMany(hits, key.field);
    const record = several === 'newest' ? newestOf(hits) : hits[0];
    if (record) return { record, how: foundBy(key.field, { sought: key.value, there: heldBy(record, key, country) }) };
  }
  return null;
}

/** Hits are checked again after normalising both sides: a loose search of the vendor's proves nothing by itself. */
async function findByKey(
  _ctx: Context,
  input: {
    draft: Draft;
    recordType: RecordType<unknown>;
    key: { field: Field; value: Value; norm: string };
    country: string;
  },
): Promise<Rec[]> {
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

/** Each field by its rule; nothing is sent when nothing would change. */
async function update(
  ctx: Context,
  { draft, record, back }: { draft: Draft; record: Rec; back: Set<string> },
): Promise<Decision> {
  const { planned, values } = draft;
  const country = (await readSettings(ctx)).defaultCountry;
  const changes: Values = {};
  for (const field of planned.targets) {
    const value = values[field.key];
    if (value === undefined || field.createOnly || back.has(field.key)) continue;
    const changed = changeOf({
      rule: planned.step.duplicates.fields[field.key] ?? 'overwrite',
      field,
      value,
      country,
      current: record.values[field.key],
    });
    if (changed !== undefined) changes[field.key] = changed;
  }
  const target = { id: record.id, current: record.values, label: record.label ?? record.id, url: record.url ?? null };
  return Object.keys(changes).length === 0 ? { what: 'same', ...target } : { what: 'update', ...target, changes };
}

const isEmpty = (value: Value | undefined) =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

function changeOf(input: {
  rule: 'overwrite' | 'ifEmpty' | 'keep' | 'append';
  field: Field;
  value: Value;
  current: Value | undefined;
  country: string;
}): Value | undefined {
  const { rule, field, value, current } = input;
  const isSame = !field.writeOnly && sameValue(field, value, current, { country: input.country });
  switch (rule) {
    case 'keep':
      return undefined;
    case 'ifEmpty':
      return isEmpty(current) && !isEmpty(value) ? value : undefined;
    case 'overwrite':
      return isSame ? undefined : value;
    case 'append':
      return appended({ field, value, current });
  }
}

/** Adds what is not there yet, so that a repeat adds nothing. */
function appended({
  field,
  value,
  current,
}: {
  field: Field;
  value: Value;
  current: Value | undefined;
}): Value | undefined {
  if (isEmpty(value)) return undefined;
  if (isEmpty(current)) return value;
  if (field.list) {
    const there = Array.isArray(current) ? current : [current as Value];
    const single = { ...field, list: false };
    const added = (Array.isArray(value) ? value : [value]).filter(
      (part) => !there.some((known) => sameValue(single, part, known)),
    );
    return added.length === 0 ? undefined : [...there, ...added];
  }
  if (typeof current !== 'string' || typeof value !== 'string') return undefined;
  return current.includes(value) ? undefined : `${current}${field.multiline ? '\n' : ' '}${value}`;
}

const linkOf = (record: Rec) => ({ id: record.id, label: record.label ?? record.id, url: record.url ?? null });
const targetOf = (record: Rec) => ({ ...linkOf(record), values: record.values });

/** What was found belongs to the record from now on; that spends "once" too. */
function skipped(work: Work, draft: Draft, { record, how }: { record: Rec; how: Text }): StepOutcome {
  const { source } = work.plan;
  const { connection, recordType } = draft.planned;
  if (source.recordType && recordType && work.record.id !== null) {
    work.effects.pairs.push({
      sourceConnection: source.connection.id,
      sourceType: source.recordType.key,
      sourceId: work.record.id,
      targetConnection: connection.id,
      targetType: recordType.key,
      targetId: record.id,
    });
  }
  work.effects.spendsOnce = work.plan.definition.trigger.once;
  const text = fill(
    { en: '{how} Nothing was created: {label}.', ru: '{how} Новая запись не создана: {label}.' },
    { how, label: record.label ?? record.id },
  );
  return {
    stop: { state: 'skipped', reason: { code: 'duplicate', text } },
    note: { why: text, code: 'duplicate', found: [linkOf(record)] },
  };
}

const notFound = (label: Text): Stopped => {
  const text = fill(
    { en: '{label}: no record to update was found.', ru: '{label}: записи для изменения не нашлось.' },
    { label },
  );
  return { stop: { state: 'skipped', reason: { code: 'no_target', text } }, note: { why: text, code: 'no_target' } };
};

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
const createsAnyway = (by: string): Text =>
  fill(
    {
      en: '{by} decided to create it anyway: the duplicate rule is passed over, nothing was looked for.',
      ru: '{by}, решение: всё равно создать. Правило дублей не применяется, поиска не было.',
    },
    { by },
  );
const notBack: Text = {
  en: '{how} The change came from this very record; what it brought is not carried back.',
  ru: '{how} Изменение пришло из этой же записи; обратно оно не переносится.',
};
const alwaysCreates: Text = { en: 'The rule is to create always.', ru: 'По правилу запись создаётся всегда.' };
const nothingFound: Text = {
  en: 'Nothing was found, so it is created.',
  ru: 'Ничего не нашлось, запись будет создана.',
};
const standsAlone: Text = { en: 'There is nothing to look for.', ru: 'Искать нечего.' };
