import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Field, FieldType, Value } from '../../../kit/field.ts';
import naughty from '../fixtures/naughty.json' with { type: 'json' };
import { comparable, keysOf, normalise, sameValue, spellings, stateHash } from './normalise.ts';

const russia = { country: 'RU' };
const types: FieldType[] = [
  'text',
  'number',
  'boolean',
  'date',
  'datetime',
  'choice',
  'reference',
  'phone',
  'email',
  'url',
  'address',
  'file',
  'json',
];
const field = (type: FieldType, more: Partial<Field> = {}): Field => ({ key: 'f', label: 'F', type, ...more });
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom(...naughty.strings),
  fc.stringMatching(/^[+78]?[ ()\d-]{3,16}(доб\. ?\d{1,4})?$/),
);

describe('normalise', () => {
  test.each([
    '+7 (999) 123-45-67',
    '8 999 123 45 67',
    '79991234567',
    '9991234567',
    '８９９９１２３４５６７',
    'тел. 8(999)123-45-67',
    '+7 999 123-45-67 доб. 12',
  ])('a phone is one phone however it is spelled: %s', (spelling) => {
    expect(normalise('phone', spelling, russia)).toBe('+79991234567');
  });

  test('a short internal number falls back to its digits, a foreign one keeps its country', () => {
    expect(normalise('phone', '12-34', russia)).toBe('1234');
    expect(normalise('phone', '+49 30 901820', russia)).toBe('+4930901820');
    expect(normalise('phone', '030 901820', { country: 'DE' })).toBe('+4930901820');
  });

  test.each<[FieldType, Value, Value]>([
    ['email', ' Ivan@Example.COM ', 'ivan@example.com'],
    ['text', 'ООО  «Ромашка»\u00a0', 'ооо «ромашка»'],
    ['text', 'Straße', 'STRASSE'],
    ['text', 'e\u0301', '\u00e9'],
    ['number', '1 234,50', 1234.5],
    ['number', '1,234.50', '1234.5'],
    ['number', '-0', 0],
    ['number', '12345678901234567890', ' 12345678901234567890.00'],
    ['date', '01.02.2026', '2026-02-01'],
    ['datetime', '2026-02-01T12:00:00+03:00', '2026-02-01T09:00:00.000Z'],
    ['boolean', 'Да', true],
    ['choice', { id: 'C1:NEW', label: 'Новая' }, 'C1:NEW'],
    ['reference', { id: '7', label: 'Иван', phone: '1' }, 7],
    ['url', 'https://Example.com/', 'https://example.com'],
    ['json', { a: 1, b: [2] }, { b: [2], a: 1 }],
  ])('%s: %j is %j', (type, a, b) => {
    expect(normalise(type, a, russia)).toBe(normalise(type, b, russia));
  });

  test('different values stay different', () => {
    expect(normalise('number', '12345678901234567890', russia)).not.toBe(
      normalise('number', '12345678901234567891', russia),
    );
    expect(normalise('text', 'Иванов', russia)).not.toBe(normalise('text', 'Иванова', russia));
    expect(normalise('phone', '+79991234567', russia)).not.toBe(normalise('phone', '+79991234568', russia));
  });

  test('empty values have no key', () => {
    for (const type of types) {
      for (const empty of [null, undefined, '', '  ', [], ['', null]]) {
        expect(normalise(type, empty, russia)).toBeNull();
      }
    }
    expect(keysOf('phone', ['8 999 123-45-67', '', '+79991234567', '12'], russia)).toEqual(['+79991234567', '12']);
  });

  test('letters that differ in form alone meet: ß, ẞ and SS', () => {
    const keys = ['Strauß', 'STRAUẞ', 'STRAUSS'].map((value) => normalise('text', value, russia));
    expect(new Set(keys).size).toBe(1);
  });

  test('a key is the key of itself', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...types),
        anyText,
        fc.constantFrom('RU', 'DE', 'US', 'IT', 'MX', '??'),
        (type, value, country) => {
          const once = normalise(type, value, { country });
          if (once !== null) expect(normalise(type, once, { country })).toBe(once);
        },
      ),
      { numRuns: 3000 },
    );
  });
});

test('a phone is searched in every spelling that systems keep', () => {
  const found = spellings('phone', '8 (999) 123-45-67', russia);
  for (const spelling of ['+79991234567', '89991234567', '79991234567', '9991234567', '8 (999) 123-45-67']) {
    expect(found).toContain(spelling);
  }
  expect(found).toContain('+7 999 123-45-67');
  expect(found).toContain('+7 (999) 123-45-67');
  expect(found).toContain('8 999 123-45-67');
  // A country without a prefix of its own before national numbers.
  expect(spellings('phone', '+1 213 373 4253', russia)).toContain('+1 (213) 373-4253');
  expect(spellings('email', ' A@b.C', russia)).toEqual(['A@b.C', 'a@b.c']);
  expect(spellings('text', null, russia)).toEqual([]);
});

describe('what two systems call equal', () => {
  test.each<[Field, Value | undefined, Value | undefined]>([
    [field('number'), 1, '1.00'],
    [field('datetime'), '2026-01-01T10:00:00.123Z', '2026-01-01T13:00:00+03:00'],
    [field('phone'), '+7 (999) 123-45-67', '79991234567'],
    [field('text'), 'одна\r\nдве ', 'одна\nдве'],
    [field('text'), '', null],
    [field('choice'), { id: '1', label: 'old name' }, { id: '1', label: 'new name' }],
    [field('phone', { list: true }), ['+79991234567', '123'], ['123', '7 999 1234567']],
    [field('choice', { list: true }), [], undefined],
    [field('json'), { a: 1, b: 2 }, { b: 2, a: 1 }],
  ])('%j: %j and %j', (about, a, b) => {
    expect(sameValue(about, a, b)).toBe(true);
  });

  test('a change of letter case is a change, so is another choice', () => {
    expect(sameValue(field('text'), 'иван', 'Иван')).toBe(false);
    expect(sameValue(field('choice'), { id: '1', label: 'A' }, { id: '2', label: 'A' })).toBe(false);
    expect(sameValue(field('boolean'), false, null)).toBe(false);
    expect(sameValue(field('number'), 0, null)).toBe(false);
    expect(sameValue(field('json'), [1, 2], [2, 1])).toBe(false);
  });

  test('the national spelling is known when the country is', () => {
    expect(sameValue(field('phone'), '8 999 123-45-67', '+79991234567', russia)).toBe(true);
    expect(comparable(field('phone'), '8 999 123-45-67', russia)).toBe('79991234567');
  });
});

test('the state of a record ignores what the vendor derives, empty fields, labels and the order of keys', () => {
  const fields: Field[] = [
    { key: 'title', label: 'T', type: 'text' },
    { key: 'stage', label: 'S', type: 'choice' },
    { key: 'contact', label: 'C', type: 'reference' },
    { key: 'changed', label: 'M', type: 'datetime', derived: true },
  ];
  const before = stateHash(
    { title: 'A', stage: { id: '1', label: 'New' }, contact: { id: '5' }, changed: '2026-01-01T00:00:00Z' },
    fields,
  );
  const same = stateHash(
    {
      changed: '2027-01-01T00:00:00Z',
      contact: { id: '5', label: 'Ivan', phone: '1' },
      stage: { id: '1', label: 'Neu' },
      title: 'A',
    },
    [...fields].reverse().concat({ key: 'custom', label: 'X', type: 'text' }),
  );
  expect(same).toEqual(before);
  const moved = stateHash({ title: 'A', stage: { id: '2', label: 'New' }, contact: { id: '5' } }, fields);
  expect(moved.hash).not.toBe(before.hash);
  expect(moved.fields.title).toBe(before.fields.title);
  expect(moved.fields.stage).not.toBe(before.fields.stage);
  expect(Object.keys(before.fields)).toEqual(['contact', 'stage', 'title']);
});
