import fc from 'fast-check';
import { query } from 'jsonpath-rfc9535';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../kit/field.ts';
import { idAt, itemsAt, valuesAt } from './json-path.ts';

const names = ['id', 'items', 'data', 'length', '__proto__'];
const tree = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Json>(null, 0, 7, 'seven', '', true),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.array(fc.tuple(fc.constantFrom(...names), tie('json')), { maxLength: 3 }).map((pairs) => {
      const object = {};
      for (const [name, value] of pairs)
        Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
      return object as Json;
    }),
  ),
})).json;
const path = fc
  .array(
    fc.oneof(
      fc.constantFrom(...names).map((name) => `.${name}`),
      fc.constant('[*]'),
    ),
    { maxLength: 4 },
  )
  .map((steps) => `$${steps.join('')}`);

describe('paths', () => {
  test('walked by us give what the library of RFC 9535 gives', () => {
    fc.assert(
      fc.property(tree, path, (body, at) => {
        expect(valuesAt(body, at)).toEqual(query(body as never, at));
      }),
      { numRuns: 1000 },
    );
  });

  test('of other kinds go by the library', () => {
    const items: Json[] = [{ id: 1 }, { id: 2, deep: { id: 3 } }];
    const body = { items };
    expect(valuesAt(body, '$..id')).toEqual([1, 2, 3]);
    expect(idAt(body, '$.items[-1].id')).toBe('2');
    expect(itemsAt(body, '$.items')).toEqual(items);
    expect(itemsAt(body, "$.items[?@.deep]['id']")).toEqual([2]);
  });

  test('that are none are refused in words, each time', () => {
    for (const _ of [1, 2]) expect(() => valuesAt({}, 'id')).toThrow('not a JSONPath');
  });
});
