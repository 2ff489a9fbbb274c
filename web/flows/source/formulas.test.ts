import fc from 'fast-check';
import { Liquid } from 'liquidjs';
import { describe, expect, test } from 'vitest';
import { formulaTexts } from '../../../server/flows/values/formula-list.ts';
import { parseFormulas, printFormulas } from './formulas.ts';
import { parseTemplate } from './template.ts';

describe('the formulas of a field', () => {
  test.each([
    ['', []],
    ['strip', [{ name: 'strip', values: [] }]],
    [
      'append: "a|b", 5|default: trigger.contact["Имя поля"]',
      [
        {
          name: 'append',
          values: [
            { kind: 'text', text: 'a|b' },
            { kind: 'number', digits: '5' },
          ],
        },
        { name: 'default', values: [{ kind: 'field', path: ['trigger', 'contact', 'Имя поля'] }] },
      ],
    ],
    ['default: "", allow_false: true', null],
    ['default: false', null],
    ['append: "unfinished', null],
    ['| strip', null],
    ['strip |', null],
  ])('%j', (code, formulas) => expect(parseFormulas(code)).toEqual(formulas));

  test('those of every example are read', () => {
    for (const { example } of formulaTexts)
      for (const segment of parseTemplate(example))
        if (segment.kind === 'field') expect(parseFormulas(segment.filters), example).not.toBeNull();
  });

  const text = fc.record({
    kind: fc.constant('text' as const),
    text: fc.string({ unit: fc.constantFrom(...'ab"\'\\|,:{}%\nж 1') }),
  });
  const number = fc.record({ kind: fc.constant('number' as const), digits: fc.constantFrom('0', '-5', '1.25', '10') });
  const field = fc.record({
    kind: fc.constant('field' as const),
    path: fc.constantFrom<string[]>(['trigger', 'a'], ['trigger', 'Имя поля', '0', 'x'], ['a1', 'b_c']),
  });
  const formula = fc.record({
    name: fc.constantFrom('strip', 'append', 'add_days'),
    values: fc.array(fc.oneof(text, number, field), { maxLength: 3 }),
  });

  test('what was printed is read back', () => {
    fc.assert(
      fc.property(fc.array(formula), (formulas) => {
        expect(parseFormulas(printFormulas(formulas))).toEqual(formulas);
      }),
    );
  });

  test('Liquid reads a printed text as the same text', () => {
    const liquid = new Liquid();
    fc.assert(
      fc.property(text, (value) => {
        const code = printFormulas([{ name: 'append', values: [value] }]);
        // A tag ends at its first braces whatever they stand in: such a text is no template, ours or theirs.
        fc.pre(!/[{}]/.test(value.text));
        expect(liquid.parseAndRenderSync(`{{ "" | ${code} }}`)).toBe(value.text);
      }),
    );
  });
});
