import type { Field, Value } from '../../../kit/field.ts';
import { inLanguage, type Language, type Text } from '../../../kit/text.ts';
import type { Operator } from '../contract.ts';
import { elements, isEmpty, print, readWhen } from '../values/reading.ts';
import { both } from '../wording.ts';
import { negated, type Question, textsOf } from './operators.ts';

/** Plain operator in words: what holds, and what does not. */
const words: Record<Language, Partial<Record<Operator, [string, string]>>> = {
  en: {
    equals: ['is {x}', 'is not {x}'],
    contains: ['contains {x}', 'does not contain {x}'],
    startsWith: ['starts with {x}', 'does not start with {x}'],
    endsWith: ['ends with {x}', 'does not end with {x}'],
    inList: ['is one of {x}', 'is none of {x}'],
    matches: ['matches the pattern {x}', 'does not match the pattern {x}'],
    greater: ['is greater than {x}', 'is not greater than {x}'],
    less: ['is less than {x}', 'is not less than {x}'],
    between: ['is between {x} and {y}', 'is not between {x} and {y}'],
    before: ['is before {x}', 'is not before {x}'],
    after: ['is after {x}', 'is not after {x}'],
    withinDays: ['is within the last {n} days', 'is not within the last {n} days'],
  },
  ru: {
    equals: ['совпадает с {x}', 'не совпадает с {x}'],
    contains: ['содержит {x}', 'не содержит {x}'],
    startsWith: ['начинается с {x}', 'не начинается с {x}'],
    endsWith: ['заканчивается на {x}', 'не заканчивается на {x}'],
    inList: ['входит в список: {x}', 'не входит в список: {x}'],
    matches: ['подходит под шаблон {x}', 'не подходит под шаблон {x}'],
    greater: ['больше {x}', 'не больше {x}'],
    less: ['меньше {x}', 'не меньше {x}'],
    between: ['между {x} и {y}', 'не между {x} и {y}'],
    before: ['раньше {x}', 'не раньше {x}'],
    after: ['позже {x}', 'не позже {x}'],
    withinDays: ['за последние {n} дн.', 'не за последние {n} дн.'],
  },
};

/** The fact about one rule: `Stage "New" does not start with "Service"`. */
export function fact(question: Question, held: boolean, label: Text): Text {
  return both((language) => factIn(language, question, held, label));
}

function factIn(language: Language, question: Question, held: boolean, label: Text): string {
  const { operator } = question.rule;
  const plain = negated[operator] ?? operator;
  const truth = plain === operator ? held : !held;
  const name = inLanguage(label, language);
  const found = elements(question.value);
  const shown = found.length === 0 ? null : list(found, question, language);
  if (plain === 'empty') {
    if (language === 'en') return truth ? `${name} is empty` : `${name} ${shown} is not empty`;
    return truth ? `${name}: значения нет` : `${name} ${shown}: значение есть`;
  }
  const subject = `${name} ${shown ?? (language === 'en' ? '(empty)' : '(пусто)')}`;
  return `${subject} ${predicate(language, question, plain, truth)}`;
}

/** An operator with its value, without the subject: `starts with "Service"`. */
export function condition(question: Question): Text {
  const { operator } = question.rule;
  const plain = negated[operator] ?? operator;
  if (plain === 'empty') {
    return operator === 'empty' ? { en: 'is empty', ru: 'без значения' } : { en: 'is not empty', ru: 'со значением' };
  }
  return both((language) => predicate(language, question, plain, plain === operator));
}

function predicate(language: Language, question: Question, plain: Operator, truth: boolean): string {
  const phrase = words[language][plain]?.[truth ? 0 : 1] ?? '';
  const { value } = question.rule;
  const [from = null, to = null] = plain === 'between' && Array.isArray(value) ? value : [value ?? null];
  const several = plain === 'between' ? elements(from) : elements(value);
  // A function, since a typed value may hold "$&", which `replace` would expand.
  return phrase
    .replace('{x}', () => (several.length === 0 ? '…' : list(several, question, language)))
    .replace('{y}', () => (isEmpty(to) ? '…' : list([to], question, language)))
    .replace('{n}', () => print(value));
}

function list(values: Value[], question: Question, language: Language): string {
  const shown = values.slice(0, 5).map((value) => quote(value, question, language));
  return values.length > shown.length ? `${shown.join(', ')}…` : shown.join(', ');
}

function quote(value: Value, question: Question, language: Language): string {
  const { field, options } = question;
  if (typeof value === 'number') return print(value);
  if (typeof value === 'boolean') return language === 'en' ? (value ? 'yes' : 'no') : value ? 'да' : 'нет';
  if (isDated(field)) {
    const when = readWhen(print(value), options.zone);
    if (when) {
      const [y, m, d] = 'day' in when ? when.day.split('-') : [];
      if (y) return language === 'en' ? `${y}-${m}-${d}` : `${d}.${m}.${y}`;
      const pattern = language === 'en' ? 'yyyy-MM-dd HH:mm' : 'dd.MM.yyyy HH:mm';
      return 'moment' in when ? when.moment.setZone(options.zone).toFormat(pattern) : print(value);
    }
  }
  const text = field?.type === 'phone' ? print(value) : (textsOf(value, question)[0] ?? '');
  const short = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  if (field?.type === 'number') return short;
  return language === 'en' ? `"${short}"` : `«${short}»`;
}

const isDated = (field: Field | undefined): boolean => field?.type === 'date' || field?.type === 'datetime';
