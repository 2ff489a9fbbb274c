import { describe, expect, test } from 'vitest';
import { addressOf, runSearch, spanOf } from './search.ts';

const now = new Date('2026-11-22T21:30:00Z');

describe('the search of the history', () => {
  test('forgives what it does not know', () => {
    expect(runSearch.parse({ flow: 'x', states: 'dead,nonsense', when: 'someday' })).toEqual({
      states: ['dead'],
      when: 'all',
    });
    expect(runSearch.parse({})).toEqual({ states: [], when: 'all' });
  });

  test('comes back from its own address', () => {
    const search = runSearch.parse({ states: 'dead,unknown', when: 'custom', from: '2026-11-01', to: '2026-11-02' });
    expect(runSearch.parse(addressOf(search))).toEqual(search);
  });

  test('takes words as they are, a number too', () => {
    expect(runSearch.parse({ q: 79161234567 }).q).toBe('79161234567');
    expect(addressOf(runSearch.parse({ q: 'Анна' }))).toMatchObject({ q: 'Анна' });
    expect(addressOf(runSearch.parse({ q: '' })).q).toBeUndefined();
  });

  test("today begins at the person's midnight", () => {
    expect(spanOf(runSearch.parse({ when: 'today' }), 'Europe/Moscow', now)).toEqual({
      from: '2026-11-22T21:00:00.000Z',
    });
    expect(spanOf(runSearch.parse({ when: 'today' }), 'UTC', now)).toEqual({ from: '2026-11-22T00:00:00.000Z' });
  });

  test('days of a clock change are as long as they are', () => {
    const search = runSearch.parse({ when: 'custom', from: '2026-10-25', to: '2026-10-25' });
    expect(spanOf(search, 'Europe/Berlin')).toEqual({
      from: '2026-10-24T22:00:00.000Z',
      to: '2026-10-25T23:00:00.000Z',
    });
  });
});
