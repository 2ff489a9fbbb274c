import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Progress } from '../work.ts';
import { searchOf } from './search.ts';
import { mostWords, wordsOf } from './words.ts';

const line = (values: Record<string, unknown>): Progress['trace'][number] => ({
  kind: 'load',
  step: null,
  at: '2026-11-22T10:00:00Z',
  milliseconds: 1,
  verdict: 'passed',
  why: 'x',
  values: Object.entries(values).map(([key, after]) => ({ key, label: key, after: after as string })),
});

const wordsOfValues = (
  values: Record<string, unknown>,
  record: { id: string | null; label: string | null } = { id: '77', label: null },
) => wordsOf({ runId: '5', record, progress: { steps: {}, trace: [line(values)] }, country: 'RU', hides: () => false });

describe('the words of a run', () => {
  it('are ids, names, phones, e-mails and numbers, without long texts, links and dates', () => {
    expect(
      wordsOfValues(
        {
          phone: '8 (916) 123-45-67',
          email: 'Anna@Example.com',
          amount: 3500,
          name: 'Пётр Петров-Водкин',
          stage: { id: 'C1:NEW', label: 'Новая' },
          comment: 'слово '.repeat(60),
          link: 'https://example.com/deal/9',
          created: '2026-11-20T10:00:00Z',
          urgent: true,
          extra: null,
        },
        { id: '77', label: 'Не греет печь' },
      ),
    ).toEqual([
      '5',
      '77',
      '79161234567',
      'anna@example.com',
      'не',
      'греет',
      'печь',
      '3500',
      'петр',
      'петров-водкин',
      'c1',
      'new',
      'новая',
      'петров',
      'водкин',
    ]);
  });

  it('name records that were found or made, first of all', () => {
    const words = wordsOf({
      runId: '5',
      record: { id: '77', label: null },
      progress: {
        steps: { a1: { what: 'created', output: {}, id: '901', label: 'Заявка 12-34', url: null } },
        trace: [{ ...line({ note: 'Много слов' }), found: [{ id: '333', label: 'Анна', url: null }] }],
      },
      country: 'RU',
      hides: () => false,
    });
    expect(words.slice(0, 4)).toEqual(['5', '77', '901', '333']);
    expect(words).toEqual(expect.arrayContaining(['заявка', '12-34', 'анна', 'много']));
  });

  it('leave out what must not be kept', () => {
    const progress = { steps: {}, trace: [line({ a: 'tok_1234567890', b: 'Анна' })] };
    const hides = (text: string) => text.includes('1234567890');
    expect(
      wordsOf({ runId: '5', record: { id: null, label: 'key tok_1234567890' }, progress, country: 'RU', hides }),
    ).toEqual(['5', 'анна']);
  });

  it('are never more than forty, never empty, never twice, whatever the record holds', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue(), { maxKeys: 60 }), (values) => {
        const words = wordsOfValues(values);
        expect(words.length).toBeLessThanOrEqual(mostWords);
        expect(new Set(words).size).toBe(words.length);
        expect(words.every((word) => word !== '' && word.length <= 100 && !word.includes('\n'))).toBe(true);
      }),
    );
  });
});

describe('what a person types', () => {
  it('means all words, beginnings from three characters on, and quoted words as they stand', () => {
    expect(searchOf('Пётр пе "12"', 'RU')).toBe(`'12' & 'петр':* & 'пе'`);
    expect(searchOf(" ' : & !  ", 'RU')).toBeNull();
    expect(searchOf(`o'neil`, 'RU')).toBe(`'o''neil':*`);
  });

  it('finds a phone by any spelling of its beginning', () => {
    const stored = '79161234567';
    for (const typed of ['+7 916 123-45-67', '8 (916) 123-45-67', '9161234567', '89161234', '+7916123', '916 123']) {
      const beginnings = [...(searchOf(typed, 'RU') ?? '').matchAll(/'(\d+)':\*/g)].map(([, digits]) => digits ?? '?');
      expect(
        beginnings.some((digits) => stored.startsWith(digits)),
        typed,
      ).toBe(true);
    }
  });

  it('takes a number that is no phone as it is, too', () => {
    expect(searchOf('100200300', 'RU')).toContain(`'100200300':*`);
    expect(searchOf('12345', 'RU')).toBe(`'12345':*`);
  });
});
