import { describe, expect, test } from 'vitest';
import { hubex } from './index.ts';
import { type Area, support } from './support.ts';

const methods = ['changes', 'newest', 'get', 'getMany', 'find', 'create', 'update'] as const;
const keys = (area: Area, works: boolean) =>
  support
    .filter((row) => row.area === area && row.works === works)
    .map((row) => row.key)
    .sort();

describe('the support list', () => {
  test('names each thing once and gives a reason where something is missing', () => {
    const names = support.map((row) => `${row.area} ${row.key}`);
    expect(new Set(names).size).toBe(names.length);
    expect(support.filter((row) => !row.works && !row.why)).toEqual([]);
  });

  test('has every method of every record type, and says of each one that is not there why', () => {
    const all = Object.values(hubex.records).flatMap((type) =>
      methods.map((method) => ({ key: `${type.key}.${method}`, works: type[method] !== undefined })),
    );
    const named = (works: boolean) =>
      all
        .filter((one) => one.works === works)
        .map(({ key }) => key)
        .sort();
    expect(keys('record', true)).toEqual(named(true));
    expect(keys('record', false)).toEqual(named(false));
  });

  test('has the ways to connect, the triggers and the actions of the connector', () => {
    expect(keys('auth', true)).toEqual(hubex.auth.map(({ key }) => key));
    expect(keys('trigger', true)).toEqual(Object.keys(hubex.triggers).sort());
    expect(keys('action', true)).toEqual(Object.keys(hubex.actions).sort());
  });
});
