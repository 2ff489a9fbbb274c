import type { Field, Value, Values } from '../../kit/field.ts';
import { fill, type Text } from '../../kit/text.ts';
import type { Context } from '../context.ts';
import { readSettings } from '../installation.ts';
import { carriedBack } from './echo.ts';
import { type Found, findTarget, linkOf, type Missing } from './find-target.ts';
import { leavesPair } from './pairs/pair-of-step.ts';
import { sameValue } from './values/normalise.ts';
import type { Decision, Draft, Note, StepOutcome, Target, Work } from './work.ts';

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
  const found = await findTarget(work, ctx, { draft, recordType });
  if ('stop' in found) return found;
  if ('none' in found) {
    if (mode === 'update') return notFound(recordType.label, found);
    return decided(draft, { what: 'create' }, { why: whyCreated[found.none] });
  }
  const { record, how } = found;
  const note: Note = { why: how, found: [linkOf(record)] };
  if (action.kind === 'own' || action.kind === 'find') {
    return decided(draft, { what: 'act', target: { ...targetOf(found), values: record.values } }, note);
  }
  if (mode === 'skip') return skipped(work, draft, found);
  const back = await carriedBack(ctx, {
    loaded: work.progress.loaded,
    step: planned.step,
    connectionId: planned.connection.id,
    recordType: recordType.key,
  });
  return decided(
    draft,
    await update(ctx, { draft, found, back }),
    back.size === 0 ? note : { ...note, why: fill(notBack, { how }) },
  );
}

function decided(draft: Draft, decision: Decision, note: Note): StepOutcome {
  draft.decision = decision;
  return { go: true, note };
}

/** Each field by its rule; nothing is sent when nothing would change. */
async function update(
  ctx: Context,
  { draft, found, back }: { draft: Draft; found: Found; back: Set<string> },
): Promise<Decision> {
  const { record } = found;
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
  const target = { ...targetOf(found), current: record.values };
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

const targetOf = ({ record, byPair }: Found): Target => ({ ...linkOf(record), byPair });

/** What was found belongs to the record from now on; that spends "once" too. */
function skipped(work: Work, draft: Draft, { record, how, byPair }: Found): StepOutcome {
  const { source } = work.plan;
  const { connection, recordType } = draft.planned;
  if (source.recordType && recordType && work.record.id !== null && !byPair && leavesPair(work.plan, draft.planned)) {
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

const notFound = (label: Text, { none }: Missing): Stopped => {
  const text = fill(
    none === 'keyFilled'
      ? {
          en: '{label}: all fields to look by are empty here, so nothing was looked for.',
          ru: '{label}: все поля, по которым искать, здесь пустые, поэтому поиска не было.',
        }
      : { en: '{label}: no record to update was found.', ru: '{label}: записи для изменения не нашлось.' },
    { label },
  );
  return { stop: { state: 'skipped', reason: { code: 'no_target', text } }, note: { why: text, code: 'no_target' } };
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
const whyCreated: Record<Missing['none'], Text> = {
  found: { en: 'Nothing was found, so it is created.', ru: 'Ничего не нашлось, запись будет создана.' },
  keyFilled: {
    en: 'All fields to look by are empty here, so nothing was looked for; it is created.',
    ru: 'Все поля, по которым искать, здесь пустые, поэтому поиска не было; запись будет создана.',
  },
  key: {
    en: 'The pair belongs to the first step that makes such records, and this step has no field to look by; it is created.',
    ru: 'Пара принадлежит первому шагу, который создаёт такие записи, а у этого шага нет поля для поиска; запись будет создана.',
  },
};
const standsAlone: Text = { en: 'There is nothing to look for.', ru: 'Искать нечего.' };
