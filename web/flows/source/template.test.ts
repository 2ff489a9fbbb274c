import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { conditionOf, parseTemplate, pathsIn, printPath, printTemplate, withTextAround } from './template.ts';

describe('a template as segments', () => {
  test('text and fields with their formulas', () => {
    expect(parseTemplate('Клиент {{ trigger.contact.name }}, {{trigger.opportunity|round:2}} ₽')).toEqual([
      { kind: 'text', text: 'Клиент ' },
      { kind: 'field', path: ['trigger', 'contact', 'name'], filters: '' },
      { kind: 'text', text: ', ' },
      { kind: 'field', path: ['trigger', 'opportunity'], filters: 'round:2' },
      { kind: 'text', text: ' ₽' },
    ]);
  });

  test('names that are no identifiers stand in brackets', () => {
    expect(printPath(['trigger', 'Имя поля', '0', 'x'])).toBe('trigger["Имя поля"][0].x');
    expect(parseTemplate('{{ trigger["Имя поля"][0].x }}')).toEqual([
      { kind: 'field', path: ['trigger', 'Имя поля', '0', 'x'], filters: '' },
    ]);
  });

  test('conditions and expressions stay as they were written', () => {
    const template = '{% if trigger.comment %}{{ "a" | append: trigger.title }}{% endif %}';
    expect(parseTemplate(template).every((segment) => segment.kind === 'code')).toBe(true);
    expect(printTemplate(parseTemplate(template))).toBe(template);
    expect(pathsIn(template)).toEqual([
      ['trigger', 'comment'],
      ['trigger', 'title'],
    ]);
  });

  test('a field that a formula names is a field of the template', () => {
    expect(pathsIn('{{ trigger.title | default: trigger.contact.name | append: "trigger.x" }}')).toEqual([
      ['trigger', 'title'],
      ['trigger', 'contact', 'name'],
    ]);
  });

  test('what was printed is read back as the same segments', () => {
    const key = fc.oneof(fc.stringMatching(/^[a-z][A-Za-z0-9_]{0,8}$/), fc.stringMatching(/^[а-я ]{1,8}$/));
    const field = fc.record({
      kind: fc.constant('field' as const),
      path: fc.array(key, { minLength: 1, maxLength: 4 }).map((keys) => ['trigger', ...keys]),
      filters: fc.constantFrom('', 'upcase', 'date: "%d.%m.%Y"'),
    });
    const text = fc.record({ kind: fc.constant('text' as const), text: fc.stringMatching(/^[^{}]{1,10}$/) });
    fc.assert(
      fc.property(fc.array(fc.oneof(field, text)), (segments) => {
        const joined = withTextAround(segments).filter((segment) => segment.kind !== 'text' || segment.text !== '');
        expect(parseTemplate(printTemplate(segments))).toEqual(joined);
      }),
    );
  });

  test('there is always a place to type around chips', () => {
    expect(withTextAround(parseTemplate('{{ a.b }}{{ a.c }}')).map((segment) => segment.kind)).toEqual([
      'text',
      'field',
      'text',
      'field',
      'text',
    ]);
    expect(withTextAround([])).toEqual([{ kind: 'text', text: '' }]);
  });

  test('a line break is a chip', () => {
    const segments = withTextAround(parseTemplate('{{ a.b }}\n{{ a.c }}'));
    expect(segments.map((segment) => segment.kind)).toEqual([
      'text',
      'field',
      'text',
      'break',
      'text',
      'field',
      'text',
    ]);
    expect(printTemplate(segments)).toBe('{{ a.b }}\n{{ a.c }}');
  });

  test('plain conditions are understood', () => {
    expect(conditionOf('{% if trigger.contact.id %}')).toEqual({ word: 'if', path: ['trigger', 'contact', 'id'] });
    expect(conditionOf('{%- else -%}')).toEqual({ word: 'else' });
    expect(conditionOf('{% endif %}')).toEqual({ word: 'end' });
    expect(conditionOf('{% if trigger.amount > 5 %}')).toBeNull();
    expect(conditionOf('{% assign x = 1 %}')).toBeNull();
  });
});
