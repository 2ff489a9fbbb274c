import { DateTime } from 'luxon';
import { RE2JS } from 're2js';
import type { Field, FieldType, Value } from '../../../kit/field.ts';
import { fill, type Text } from '../../../kit/text.ts';
import { type FilterRule, type Operator, operatorsByType } from '../contract.ts';
import { normalise, spellings } from '../values/normalise.ts';
import {
  dayIn,
  elements,
  fold,
  isEmpty,
  momentIn,
  print,
  readBoolean,
  readDecimal,
  readNumber,
  readWhen,
} from '../values/reading.ts';

export interface FilterOptions {
  /** IANA zone of the flow. */
  zone: string;
  country: string;
  now: Date;
}

/** What one rule asks about one value. */
export interface Question {
  rule: FilterRule;
  field: Field | undefined;
  value: Value | undefined;
  options: FilterOptions;
}

/** The operators a field offers; everything for a value nobody described. */
export const operatorsFor = (field: Field | undefined): readonly Operator[] => operatorsByType[field?.type ?? 'json'];

/** The plain operator behind a negated one. */
export const negated: Partial<Record<Operator, Operator>> = {
  notEquals: 'equals',
  notContains: 'contains',
  notInList: 'inList',
  notEmpty: 'empty',
};

/** Why a rule cannot be asked as it stands (no value, a broken pattern); null when it can. */
export function ruleProblem(rule: FilterRule): Text | null {
  const { operator, value } = rule;
  if (operator === 'empty' || operator === 'notEmpty') return null;
  if (isEmpty(value)) return { en: 'the condition has no value', ru: 'у условия нет значения' };
  if (operator === 'matches') return patternProblem(print(value));
  if (operator === 'withinDays' && !((readNumber(value) ?? -1) >= 0)) {
    return { en: 'the number of days is not a number', ru: 'число дней указано не числом' };
  }
  if (operator === 'between' && !Array.isArray(value)) {
    return { en: 'the condition needs two values', ru: 'условию нужны два значения' };
  }
  return null;
}

/** Does the rule hold? Lists: the plain operator holds when any element does, the negated one when none does. */
export function holds(question: Question): boolean {
  const { operator } = question.rule;
  const plain = negated[operator] ?? operator;
  const found = elements(question.value);
  const any = plain === 'empty' ? found.length === 0 : found.some((element) => test(plain, element, question));
  return plain === operator ? any : !any;
}

function test(operator: Operator, element: Value, question: Question): boolean {
  const wanted = elements(question.rule.value);
  switch (operator) {
    case 'equals':
    case 'inList':
      return wanted.some((one) => equal(element, one, question));
    case 'contains':
      return compareTexts(element, wanted, question, (text, part) => text.includes(part));
    case 'startsWith':
      return compareTexts(element, wanted, question, (text, part) => text.startsWith(part));
    case 'endsWith':
      return compareTexts(element, wanted, question, (text, part) => text.endsWith(part));
    case 'matches':
      return textsOf(element, question).some((text) => matches(print(question.rule.value), text));
    case 'greater':
      return compareNumbers(element, wanted[0], (a, b) => a > b);
    case 'less':
      return compareNumbers(element, wanted[0], (a, b) => a < b);
    case 'between':
      return between(element, question);
    case 'before':
      return compareDates(element, wanted[0], question) < 0;
    case 'after':
      return compareDates(element, wanted[0], question) > 0;
    case 'withinDays':
      return withinDays(element, readNumber(wanted[0]) ?? -1, question);
    case 'empty':
    case 'notEmpty':
    case 'notEquals':
    case 'notContains':
    case 'notInList':
      return false;
  }
}

function equal(element: Value, wanted: Value, question: Question): boolean {
  const { options } = question;
  switch (kindOf(element, question)) {
    case 'number': {
      const decimal = readDecimal(element);
      return decimal !== null && decimal === readDecimal(wanted);
    }
    case 'boolean': {
      const answer = readBoolean(element);
      return answer !== null && answer === readBoolean(wanted);
    }
    case 'date':
    case 'datetime':
      return compareDates(element, wanted, question) === 0;
    case 'phone':
      return normalise('phone', element, options) === normalise('phone', wanted, options);
    default:
      return compareTexts(element, [wanted], question, (text, other) => text === other);
  }
}

/** The field's type; a value nobody described is what it looks like. */
function kindOf(element: Value, { field }: Question): FieldType {
  if (field && field.type !== 'json') return field.type;
  return typeof element === 'number' ? 'number' : typeof element === 'boolean' ? 'boolean' : 'text';
}

function compareTexts(
  element: Value,
  wanted: Value[],
  question: Question,
  compare: (text: string, part: string) => boolean,
): boolean {
  const texts = textsOf(element, question).map(fold);
  return wanted.some((one) => {
    const part = wantedText(one, question);
    return texts.some((text) => compare(text, part));
  });
}

/** How the element reads: a choice by its label or id, a phone in all its spellings. */
export function textsOf(element: Value, { field, rule, options }: Question): string[] {
  if (field?.type === 'phone') {
    return spellings('phone', element, options).flatMap((spelling) => [spelling, spelling.replace(/[^\d+]/g, '')]);
  }
  if (rule.by === 'id' && element !== null && typeof element === 'object' && !Array.isArray(element)) {
    return [print(element.id ?? null)];
  }
  return [labelOf(element, field, rule.by)];
}

function wantedText(wanted: Value, { field, rule }: Question): string {
  if (field?.type === 'phone' && /^[\d\s()+.-]+$/.test(print(wanted))) return print(wanted).replace(/[^\d+]/g, '');
  if (rule.by === 'id' && wanted !== null && typeof wanted === 'object' && !Array.isArray(wanted)) {
    return fold(print(wanted.id ?? null));
  }
  return fold(labelOf(wanted, field, rule.by));
}

function labelOf(element: Value, field: Field | undefined, by: FilterRule['by']): string {
  if (element === null || typeof element !== 'object' || Array.isArray(element)) {
    // A bare id, as a vendor or a hand-written rule gives it.
    const choice = by === 'id' ? undefined : field?.choices?.find((one) => one.id === print(element));
    return choice?.label ?? print(element);
  }
  if (typeof element.label === 'string' && element.label !== '') return element.label;
  return field?.choices?.find((one) => one.id === String(element.id))?.label ?? print(element);
}

function compareNumbers(
  element: Value,
  wanted: Value | undefined,
  compare: (a: number, b: number) => boolean,
): boolean {
  const [a, b] = [readNumber(element), readNumber(wanted)];
  return a !== null && b !== null && compare(a, b);
}

function between(element: Value, question: Question): boolean {
  const [from = null, to = null] = Array.isArray(question.rule.value) ? question.rule.value : [];
  const type = question.field?.type;
  const dates = type === 'date' || type === 'datetime' || (type !== 'number' && readNumber(element) === null);
  const low =
    isEmpty(from) ||
    (dates ? compareDates(element, from, question) >= 0 : compareNumbers(element, from, (a, b) => a >= b));
  const high =
    isEmpty(to) || (dates ? compareDates(element, to, question) <= 0 : compareNumbers(element, to, (a, b) => a <= b));
  return low && high;
}

/** Less than, equal to, greater than zero; NaN when one is no date. Two moments compare as moments, else days in the flow's zone. */
function compareDates(element: Value, wanted: Value | undefined, { options: { zone } }: Question): number {
  const a = readWhen(print(element), zone);
  const b = readWhen(print(wanted), zone);
  if (!a || !b) return Number.NaN;
  if ('moment' in a && 'moment' in b) return a.moment.toMillis() - b.moment.toMillis();
  const [one, other] = [dayIn(a, zone), dayIn(b, zone)];
  return one < other ? -1 : one > other ? 1 : 0;
}

/** A moment: not longer ago than so many times 24 hours. A day: not earlier than so many days before today. Never the future. */
function withinDays(element: Value, days: number, { options: { zone, now } }: Question): boolean {
  const when = readWhen(print(element), zone);
  if (!when) return false;
  const current = DateTime.fromJSDate(now, { zone });
  if ('moment' in when) {
    const age = current.toMillis() - momentIn(when, zone).toMillis();
    return age >= 0 && age <= days * 86_400_000;
  }
  return when.day <= current.toFormat('yyyy-MM-dd') && when.day >= current.minus({ days }).toFormat('yyyy-MM-dd');
}

const compiled = new Map<string, RE2JS | Text>();

/** RE2: a pattern that a user writes can never make us think forever. */
function compile(pattern: string): RE2JS | Text {
  const known = compiled.get(pattern);
  if (known) return known;
  if (compiled.size >= 500) compiled.clear();
  let result: RE2JS | Text;
  try {
    result = RE2JS.compile(pattern, RE2JS.CASE_INSENSITIVE);
  } catch (error) {
    const message = (error instanceof Error ? error.message : String(error))
      .replace(/^error parsing regexp: /, '')
      .replace('(?i)', '');
    result = fill({ en: 'the pattern has a mistake: {message}', ru: 'в шаблоне ошибка: {message}' }, { message });
  }
  compiled.set(pattern, result);
  return result;
}

/** What is wrong with a pattern; null when nothing is. */
export function patternProblem(pattern: string): Text | null {
  if (pattern.length > 1000) return { en: 'the pattern is too long', ru: 'шаблон слишком длинный' };
  const result = compile(pattern);
  return result instanceof RE2JS ? null : result;
}

function matches(pattern: string, text: string): boolean {
  const result = compile(pattern);
  return result instanceof RE2JS && result.matcher(text).find();
}
