import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Field, Value, Values } from '../../../kit/field.ts';
import { type FilterGroup, type FilterRule, filterGroup, type Operator } from '../contract.ts';
import { evaluateFilter, filterPaths } from './evaluate.ts';
import { operatorsFor, patternProblem } from './operators.ts';

const stages = [
  { id: 'C1:NEW', label: 'Новая' },
  { id: 'C1:SERVICE', label: 'Сервисная служба: выезд' },
  { id: 'C2:NEW', label: 'Новая' },
];
const fields: Record<string, Field> = {
  title: { key: 'title', label: { en: 'Title', ru: 'Название' }, type: 'text' },
  amount: { key: 'amount', label: { en: 'Amount', ru: 'Сумма' }, type: 'number' },
  stage: { key: 'stage', label: { en: 'Stage', ru: 'Стадия' }, type: 'choice', choices: stages },
  paid: { key: 'paid', label: { en: 'Paid', ru: 'Оплачено' }, type: 'boolean' },
  day: { key: 'day', label: { en: 'Day', ru: 'День' }, type: 'date' },
  at: { key: 'at', label: { en: 'Created', ru: 'Создано' }, type: 'datetime' },
  tags: { key: 'tags', label: { en: 'Tags', ru: 'Метки' }, type: 'text', list: true },
  contact: { key: 'contact', label: { en: 'Contact', ru: 'Контакт' }, type: 'reference', target: 'contact' },
  'contact.phone': { key: 'phone', label: { en: 'Phone', ru: 'Телефон' }, type: 'phone', list: true },
};
const options = { zone: 'Europe/Moscow', country: 'RU', now: new Date('2026-11-22T09:00:00Z') };
const all = (...rules: FilterGroup['rules']): FilterGroup => ({ combinator: 'and', rules });
const any = (...rules: FilterGroup['rules']): FilterGroup => ({ combinator: 'or', rules });
const evaluate = (filter: FilterGroup | null, data: Values) =>
  evaluateFilter({ filter, data, fieldAt: (path) => fields[path], options });
const passes = (field: string, operator: Operator, value: Value | undefined, data: Values, by?: 'id' | 'label') =>
  evaluate(all({ field, operator, value, by }), data).passed;

const deal: Values = {
  title: ' Ремонт   ГАЗового котла ',
  amount: 1200.5,
  stage: { id: 'C1:SERVICE', label: 'Сервисная служба: выезд' },
  paid: false,
  day: '2026-11-20',
  at: '2026-11-21T21:30:00Z',
  tags: ['Срочно', 'Гарантия'],
  contact: { id: '7', label: 'Иван Петров', phone: ['8 (999) 123-45-67'] },
};

describe('operators', () => {
  test.each<[string, Operator, Value | undefined, boolean]>([
    ['title', 'equals', 'ремонт газового КОТЛА', true],
    ['title', 'contains', 'газов', true],
    ['title', 'notContains', 'газов', false],
    ['title', 'endsWith', 'котла', true],
    ['title', 'matches', '^ ?ремонт\\s', true],
    ['title', 'inList', ['другое', 'Ремонт газового котла'], true],
    ['title', 'notInList', ['другое'], true],
    ['amount', 'equals', '1 200,50', true],
    ['amount', 'greater', 1200, true],
    ['amount', 'less', '1200,5', false],
    ['amount', 'between', [1000, null], true],
    ['amount', 'between', [0, 1000], false],
    ['amount', 'inList', ['1', '1200.50'], true],
    ['stage', 'startsWith', 'Сервисная служба', true],
    ['stage', 'equals', { id: 'C1:SERVICE', label: 'Сервисная служба: выезд' }, true],
    ['stage', 'notEquals', 'Новая', true],
    ['stage', 'inList', [{ id: 'C1:SERVICE', label: 'Сервисная служба: выезд' }], true],
    ['paid', 'equals', 'нет', true],
    ['paid', 'notEmpty', undefined, true],
    ['day', 'before', '21.11.2026', true],
    ['day', 'equals', '2026-11-20', true],
    ['day', 'withinDays', 2, true],
    ['day', 'withinDays', 1, false],
    // 21:30 UTC is already the 22nd in Moscow.
    ['at', 'equals', '2026-11-22', true],
    ['at', 'after', '2026-11-21', true],
    ['at', 'before', '2026-11-22T00:30:01+03:00', true],
    ['at', 'between', ['2026-11-22', '2026-11-22'], true],
    ['at', 'withinDays', 0, false],
    ['at', 'withinDays', 1, true],
    ['tags', 'equals', 'гарантия', true],
    ['tags', 'notEquals', 'гарантия', false],
    ['tags', 'notContains', 'vip', true],
    ['tags', 'empty', undefined, false],
    ['contact', 'equals', 'иван петров', true],
    ['contact.phone', 'equals', '+79991234567', true],
    ['contact.phone', 'contains', '999 123', true],
    ['contact.phone', 'startsWith', '+7 999', true],
    ['contact.phone', 'startsWith', '+49', false],
    ['contact.email', 'empty', undefined, true],
  ])('%s %s %j: %j', (field, operator, value, expected) => {
    expect(passes(field, operator, value, deal)).toBe(expected);
  });

  test('a choice by id tells two stages of one name apart', () => {
    const data = { stage: { id: 'C2:NEW', label: 'Новая' } };
    expect(passes('stage', 'equals', 'Новая', data)).toBe(true);
    expect(passes('stage', 'equals', { id: 'C1:NEW', label: 'Новая' }, data, 'id')).toBe(false);
    expect(passes('stage', 'equals', 'C2:NEW', data, 'id')).toBe(true);
    expect(passes('stage', 'startsWith', 'C2:', data, 'id')).toBe(true);
    expect(passes('stage', 'equals', 'Новая', { stage: { id: 'C2:NEW' } as unknown as Value })).toBe(true);
  });

  test('an empty value matches nothing, so its negation holds', () => {
    for (const data of [{}, { title: null }, { title: ' ' }] as Values[]) {
      expect(passes('title', 'contains', 'a', data)).toBe(false);
      expect(passes('title', 'notContains', 'a', data)).toBe(true);
      expect(passes('title', 'empty', undefined, data)).toBe(true);
    }
  });

  test('a condition that cannot be asked never holds, and says why', () => {
    expect(passes('title', 'notEquals', undefined, deal)).toBe(false);
    const verdict = evaluate(all({ field: 'title', operator: 'matches', value: '(a' }), deal);
    expect(verdict).toEqual({
      passed: false,
      why: {
        en: 'Title: the pattern has a mistake: missing closing ): `(a`',
        ru: 'Название: в шаблоне ошибка: missing closing ): `(a`',
      },
    });
    expect(patternProblem('^(a+)+$')).toBeNull();
  });

  test('a pattern that blows up a backtracking engine is answered at once', () => {
    const started = performance.now();
    passes('title', 'matches', '^(a+)+$', { title: `${'a'.repeat(5000)}b` });
    expect(performance.now() - started).toBeLessThan(1000);
  });

  test('each type offers its operators', () => {
    expect(operatorsFor(fields.day)).toContain('withinDays');
    expect(operatorsFor(fields.amount)).not.toContain('contains');
    expect(operatorsFor(undefined)).toContain('greater');
  });
});

describe('why', () => {
  const service: FilterRule = { field: 'stage', operator: 'startsWith', value: 'Сервисная служба' };
  const dear: FilterRule = { field: 'amount', operator: 'greater', value: 1000 };

  test('names the condition and the value that decided', () => {
    expect(evaluate(all(dear, service), { amount: 5000, stage: { id: 'C1:NEW', label: 'Новая' } })).toEqual({
      passed: false,
      why: {
        en: 'Stage "Новая" does not start with "Сервисная служба"',
        ru: 'Стадия «Новая» не начинается с «Сервисная служба»',
      },
    });
  });

  test('of a pass names what held', () => {
    expect(evaluate(all(dear, service), deal).why).toEqual({
      en: 'Amount 1200.5 is greater than 1000 and Stage "Сервисная служба: выезд" starts with "Сервисная служба"',
      ru: 'Сумма 1200.5 больше 1000 и Стадия «Сервисная служба: выезд» начинается с «Сервисная служба»',
    });
    expect(evaluate(any({ ...dear, value: 9000 }, service), deal).why).toMatchObject({
      ru: 'Стадия «Сервисная служба: выезд» начинается с «Сервисная служба»',
    });
  });

  test('of a failed "or" names everything that did not hold', () => {
    expect(evaluate(any(service, dear), {}).why).toEqual({
      en: 'Stage (empty) does not start with "Сервисная служба" and Amount (empty) is not greater than 1000',
      ru: 'Стадия (пусто) не начинается с «Сервисная служба» и Сумма (пусто) не больше 1000',
    });
  });

  test('follows references by their labels, shows dates in the zone, and empty ones as such', () => {
    const why = (rule: FilterRule) => evaluate(all(rule), deal).why;
    expect(why({ field: 'contact.phone', operator: 'notEmpty' })).toMatchObject({
      ru: 'Контакт → Телефон «8 (999) 123-45-67»: значение есть',
    });
    expect(why({ field: 'at', operator: 'before', value: '2026-11-22' })).toEqual({
      en: 'Created 2026-11-22 00:30 is not before 2026-11-22',
      ru: 'Создано 22.11.2026 00:30 не раньше 22.11.2026',
    });
    expect(why({ field: 'comment', operator: 'notEmpty' })).toMatchObject({ en: 'Comment is empty' });
  });

  test('no conditions pass', () => {
    const none = { passed: true, why: { en: 'There are no conditions', ru: 'Условий нет' } };
    expect(evaluate(null, deal)).toEqual(none);
    expect(evaluate(any(all(), any()), deal)).toEqual(none);
    expect(evaluate(any(all(), { field: 'amount', operator: 'less', value: 1 }), deal).passed).toBe(false);
  });
});

test('the paths a filter reads', () => {
  const rule = (field: string): FilterRule => ({ field, operator: 'empty' });
  expect(filterPaths(all(rule('stage'), any(rule('contact.phone'), rule('stage')), rule('')))).toEqual([
    'stage',
    'contact.phone',
  ]);
  expect(filterPaths(null)).toEqual([]);
});

// ---------------------------------------------------------------- against a reference

const words = ['новая', 'сервис', 'сервисная служба', 'abc', 'b'];
const word = fc.constantFrom(...words, ...words.map((one) => one.toUpperCase()), '');
const number = fc.integer({ min: -3, max: 3 });
const data = fc.record(
  {
    title: word,
    amount: number,
    tags: fc.array(word, { maxLength: 3 }),
    stage: fc.constantFrom(...stages),
    day: fc.constantFrom('2026-11-20', '2026-11-21', '2026-11-22', '2026-11-23'),
  },
  { requiredKeys: [] },
);
const pick = (field: string, operators: Operator[], value: fc.Arbitrary<Value>) =>
  fc.record({ field: fc.constant(field), operator: fc.constantFrom(...operators), value });
const texts: Operator[] = [
  'equals',
  'notEquals',
  'contains',
  'notContains',
  'startsWith',
  'endsWith',
  'empty',
  'notEmpty',
];
const rule: fc.Arbitrary<FilterRule> = fc.oneof(
  pick('title', texts, word.filter(Boolean)),
  pick('tags', texts, word.filter(Boolean)),
  pick('stage', texts, fc.constantFrom('новая', 'сервис')),
  pick('title', ['inList', 'notInList'], fc.array(word.filter(Boolean), { minLength: 1 })),
  pick('amount', ['equals', 'notEquals', 'greater', 'less', 'empty', 'notEmpty'], number),
  pick('amount', ['between'], fc.tuple(number, number)),
  pick('day', ['before', 'after', 'equals', 'notEquals'], fc.constantFrom('2026-11-21', '2026-11-22')),
  pick('day', ['withinDays'], fc.integer({ min: 0, max: 3 })),
);
const { group } = fc.letrec<{ group: FilterGroup; entry: FilterRule | FilterGroup }>((tie) => ({
  entry: fc.oneof({ maxDepth: 3 }, rule, tie('group')),
  group: fc.record({
    combinator: fc.constantFrom('and' as const, 'or' as const),
    rules: fc.array(tie('entry'), { maxLength: 4 }),
  }),
}));

/** Says yes, no, or nothing (an empty group) by counting; every rule by its own small table. */
function reference(entry: FilterRule | FilterGroup, record: Values): boolean | null {
  if ('rules' in entry) {
    const answers = entry.rules.map((one) => reference(one, record)).filter((answer) => answer !== null);
    const yes = answers.filter(Boolean).length;
    if (answers.length === 0) return null;
    return entry.combinator === 'and' ? yes === answers.length : yes > 0;
  }
  const raw = record[entry.field];
  const list = (Array.isArray(raw) ? raw : [raw])
    .map((one) => (one && typeof one === 'object' && 'label' in one ? one.label : one))
    .filter((one) => one !== undefined && one !== '');
  const low = (one: unknown) => (typeof one === 'string' ? one.toLowerCase() : one);
  const wanted = entry.value as never;
  const seen = list.map(low) as never[];
  const days = (one: string) => Math.round((Date.parse('2026-11-22') - Date.parse(one)) / 86_400_000);
  const table: Record<string, () => boolean> = {
    equals: () => seen.includes(low(wanted) as never),
    contains: () => seen.some((one: string) => one.split(low(wanted) as string).length > 1),
    startsWith: () => seen.some((one: string) => one.indexOf(low(wanted) as string) === 0),
    endsWith: () => seen.some((one: string) => one.slice(-(wanted as string).length) === low(wanted)),
    empty: () => seen.length === 0,
    inList: () => (wanted as string[]).map(low).some((one) => seen.includes(one as never)),
    greater: () => seen.some((one) => one > wanted),
    less: () => seen.some((one) => one < wanted),
    between: () => seen.some((one) => one >= wanted[0] && one <= wanted[1]),
    before: () => seen.some((one) => one < wanted),
    after: () => seen.some((one) => one > wanted),
    withinDays: () => seen.some((one) => days(one) >= 0 && days(one) <= (wanted as number)),
  };
  const negation = /^not(.)(.*)$/.exec(entry.operator);
  const answer = table[negation ? `${negation[1]?.toLowerCase()}${negation[2]}` : entry.operator];
  if (!answer) throw new Error(`The reference does not know ${entry.operator}`);
  return negation ? !answer() : answer();
}

test('the evaluator agrees with a reference written another way', () => {
  fc.assert(
    fc.property(group, data, (filter, record) => {
      const verdict = evaluate(filterGroup.parse(filter), record as Values);
      expect(verdict.passed).toBe(reference(filter, record as Values) ?? true);
    }),
    { numRuns: 5000 },
  );
});

test('whatever is asked of whatever value, there is an answer with words', () => {
  const value = fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Value>;
  const anyRule = fc.record({
    field: fc.constantFrom(...Object.keys(fields), 'other', 'a.b'),
    operator: fc.constantFrom(...operatorsFor(undefined)),
    value,
    by: fc.constantFrom('id' as const, 'label' as const),
  });
  fc.assert(
    fc.property(anyRule, fc.dictionary(fc.constantFrom(...Object.keys(fields), 'a'), value), (one, record) => {
      const { passed, why } = evaluate(all(one), record);
      expect(typeof passed).toBe('boolean');
      expect((why as { ru: string }).ru).not.toBe('');
    }),
    { numRuns: 2000 },
  );
});
