import type { Field } from '../../kit/field.ts';
import { fill, inLanguage, type Text } from '../../kit/text.ts';
import type { FilterGroup, FlowDefinition, FlowStep } from './contract.ts';
import { labelOfPath } from './filter/evaluate.ts';
import type { FilterOptions } from './filter/operators.ts';
import { condition } from './filter/words.ts';
import { joined, small } from './wording.ts';

/** How the apps call what a definition names. */
export interface Names {
  /** Of the connection's app. */
  app(connection: string): Text;
  trigger: {
    /** Of the event: `Deal entered stage`. */
    label: Text;
    /** Of its record type: `Deal`; null when it has none. */
    record: Text | null;
  };
  /** Of the step's action: `Create task`. */
  action(step: FlowStep): Text;
  fieldAt(path: string): Field | undefined;
}

/** One sentence that sums a flow up. */
export function sentence(definition: FlowDefinition, names: Names): Text {
  const { trigger, filter, steps } = definition;
  const conditions = filter ? groupWords(filter, names, { left: 4 }) : null;
  const doing = joined(
    steps.map((step) => stepWords(step, names)),
    { en: ', then ', ru: ', затем ' },
  );
  const once = trigger.once ? onceWords(names.trigger.record) : '';
  const parts = { when: whenWords(definition, names), conditions: conditions ?? '', doing, once };
  return conditions === null
    ? fill({ en: 'When {when}, we {doing}{once}.', ru: 'Когда {when}, {doing}{once}.' }, parts)
    : fill(
        { en: 'When {when} and {conditions}, we {doing}{once}.', ru: 'Когда {when} и {conditions}, {doing}{once}.' },
        parts,
      );
}

/** Our own labels are in two languages and can be bent; a vendor's own word stays as it is, in quotes. */
const bends = (label: Text): label is { en: string; ru: string } => typeof label !== 'string';

const happenings: Record<string, { en: string; ru: string }> = {
  created: { en: 'appears', ru: 'появится' },
  changed: { en: 'changes', ru: 'изменится' },
  createdOrChanged: { en: 'appears or changes', ru: 'появится или изменится' },
};

function whenWords({ trigger }: FlowDefinition, names: Names): Text {
  const app = names.app(trigger.connection);
  const happens = happenings[trigger.trigger.split('.').at(-1) ?? ''];
  const { record, label } = names.trigger;
  if (happens && record !== null) {
    const subject = bends(record)
      ? { en: withArticle(small(record).en), ru: small(record).ru }
      : fill({ en: '"{record}"', ru: '«{record}»' }, { record });
    return fill({ en: '{subject} in {app} {happens}', ru: '{subject} в {app} {happens}' }, { subject, app, happens });
  }
  return fill({ en: 'the event "{label}" comes ({app})', ru: 'придёт событие «{label}» ({app})' }, { label, app });
}

const withArticle = (noun: string): string => (/^[aeiou]/i.test(noun) ? `an ${noun}` : `a ${noun}`);

/** `left` counts the conditions that still find room. */
function groupWords(group: FilterGroup, names: Names, room: { left: number }): Text | null {
  const parts: Text[] = [];
  for (const entry of group.rules) {
    if ('rules' in entry) {
      const inner = groupWords(entry, names, room);
      if (inner) parts.push(entry.rules.length > 1 && group.rules.length > 1 ? fill('({inner})', { inner }) : inner);
      continue;
    }
    room.left -= 1;
    if (room.left === -1) parts.push({ en: 'other conditions hold', ru: 'выполнены другие условия' });
    if (room.left < 0) continue;
    const about = { rule: entry, field: names.fieldAt(entry.field), value: undefined, options: nowhere };
    const label = labelOfPath(entry.field, names.fieldAt);
    parts.push(fill('{label} {words}', { label: small(label), words: condition(about) }));
  }
  if (parts.length === 0) return null;
  return joined(parts, group.combinator === 'and' ? { en: ' and ', ru: ' и ' } : { en: ' or ', ru: ' или ' });
}

/** Dates of conditions are printed as they were typed: the zone plays no part. */
const nowhere: FilterOptions = { zone: 'utc', country: 'RU', now: new Date(0) };

/** What our Russian labels begin with, in the first person: "Создать заявку" → "создадим заявку". */
const verbs: [RegExp, string][] = [
  [/^Создать /, 'создадим '],
  [/^Изменить /, 'изменим '],
  [/^Обновить /, 'обновим '],
  [/^Найти /, 'найдём '],
  [/^Отправить /, 'отправим '],
  [/^Перевести /, 'переведём '],
  [/^Переместить /, 'переместим '],
  [/^Добавить /, 'добавим '],
  [/^Написать /, 'напишем '],
];

function stepWords(step: FlowStep, names: Names): Text {
  const label = names.action(step);
  const app = names.app(step.connection);
  const verb = verbs.find(([start]) => start.test(inLanguage(label, 'ru')));
  const english = inLanguage(label, 'en').replace(
    /^(Create|Update|Find|Send) (?=[a-z]+$)/,
    (_, word: string) => `${word} a `,
  );
  const doing =
    verb && bends(label)
      ? { en: small(english).en, ru: label.ru.replace(verb[0], verb[1]) }
      : fill({ en: 'do "{label}"', ru: 'выполним «{label}»' }, { label });
  return fill(
    { en: '{doing} in {app}{duplicates}', ru: '{doing} в {app}{duplicates}' },
    { doing, app, duplicates: duplicateWords(step) },
  );
}

function duplicateWords({ action, duplicates: { mode } }: FlowStep): Text {
  if (!action.endsWith('.create')) return '';
  switch (mode) {
    case 'create':
      return '';
    case 'skip':
      return { en: ' unless it is there already', ru: ' (найденный дубль пропустим)' };
    case 'upsert':
      return { en: ' or update the one that is there', ru: ' (найденный дубль изменим)' };
    case 'update':
      return { en: ' only where it is there already, as an update', ru: ' (только если запись уже есть: изменим её)' };
  }
}

function onceWords(record: Text | null): Text {
  if (record === null || !bends(record) || /\s/.test(record.ru))
    return { en: ', each record once', ru: ', каждую запись один раз' };
  const noun = small(record);
  const feminine = /[ая]$/.test(noun.ru);
  const each = feminine ? 'каждую' : /[ое]$/.test(noun.ru) ? 'каждое' : 'каждый';
  const accusative = noun.ru.replace(/а$/, 'у').replace(/я$/, 'ю');
  return { en: `, each ${noun.en} once`, ru: `, ${each} ${accusative} один раз` };
}
