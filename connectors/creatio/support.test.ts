import { describe, expect, test } from 'vitest';
import { bpmonline, creatio } from './index.ts';
import { entityRecord } from './records/entity.ts';
import { type Area, support } from './support.ts';

const methods = ['changes', 'newest', 'get', 'getMany', 'find', 'create', 'update', 'count'] as const;
const keys = (area: Area, works: boolean) =>
  support
    .filter((row) => row.area === area && row.works === works)
    .map(({ key }) => key)
    .sort();

describe('the support list', () => {
  test('names each thing once and gives a reason where something is missing', () => {
    const names = support.map(({ area, key }) => `${area} ${key}`);
    expect(new Set(names).size).toBe(names.length);
    expect(support.filter((row) => !row.works && !row.why)).toEqual([]);
  });

  test('has every method of every record type', () => {
    const all = { ...creatio.records, object: entityRecord('UsrAnything', { hasChanges: true }) };
    const there = Object.entries(all).flatMap(([key, type]) =>
      methods.filter((method) => type[method] !== undefined).map((method) => `${key}.${method}`),
    );
    expect(keys('record', true)).toEqual(there.sort());
    expect(keys('record', false)).toEqual([]);
  });

  test('has the ways to connect and the triggers of both', () => {
    const auth = [...creatio.auth, ...bpmonline.auth].map(({ key }) => key);
    expect(keys('auth', true)).toEqual([...new Set(auth)].sort());
    for (const connector of [creatio, bpmonline])
      expect(keys('trigger', true)).toEqual(Object.keys(connector.triggers).sort());
    expect(keys('action', true)).toEqual(Object.keys(creatio.actions).sort());
    expect(Object.keys(bpmonline.actions)).toEqual(['process.run']);
  });
});
