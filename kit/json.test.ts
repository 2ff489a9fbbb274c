import { describe, expect, test } from 'vitest';
import { isDeeper, parseJson, TooDeep } from './json.ts';

const nested = (levels: number): string => `${'[{"a":'.repeat(levels / 2)}1${'}]'.repeat(levels / 2)}`;

describe('JSON of apps', () => {
  test.each<[string, unknown]>([
    ['{"id":12345678901234567788}', { id: '12345678901234567788' }],
    ['[-9007199254740993]', ['-9007199254740993']],
    ['9007199254740991', 9_007_199_254_740_991],
    ['{"price":12345678901234567.25,"far":1e300}', { price: 12_345_678_901_234_568, far: 1e300 }],
    ['{"card":"1234567890123456","n":5}', { card: '1234567890123456', n: 5 }],
    ['\uFEFF{"a":null}', { a: null }],
  ])('keeps the digits of %s', (text, value) => {
    expect(parseJson(text)).toEqual(value);
  });

  test('takes 200 levels and no more, whatever stands in its strings', () => {
    const brackets = `{"a":"${'[{'.repeat(500)}\\"${'['.repeat(500)}\\\\","b":[]}`;
    expect(parseJson(brackets)).toMatchObject({ b: [] });
    expect(parseJson(nested(200))).toBeInstanceOf(Array);
    expect(() => parseJson(nested(202))).toThrow(TooDeep);
    expect(() => parseJson('['.repeat(20_000))).toThrow(TooDeep);
    expect(isDeeper(`"${'['.repeat(500)}`, 10)).toBe(false);
  });

  test('is refused when it is none', () => {
    expect(() => parseJson('<html>')).toThrow(SyntaxError);
  });
});
