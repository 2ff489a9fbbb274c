import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Field, FieldType, Json } from '../../../kit/field.ts';
import type { FieldTemplate, FlowStep } from '../contract.ts';
import naughty from '../fixtures/naughty.json' with { type: 'json' };
import {
  checkTemplate,
  evaluateTemplate,
  fieldTemplatePaths,
  mapFields,
  stepPaths,
  templatePaths,
} from './map-fields.ts';

const options = { zone: 'Europe/Moscow', country: 'RU', now: new Date('2026-11-22T09:00:00Z') };
const targets: Field[] = [
  {
    key: 'type',
    label: { en: 'Type', ru: 'Тип' },
    type: 'choice',
    required: true,
    choices: [
      { id: '1', label: 'Ремонт' },
      { id: '2', label: 'Монтаж' },
    ],
  },
  { key: 'notes', label: { en: 'Notes', ru: 'Описание' }, type: 'text', maxLength: 100 },
  { key: 'cost', label: { en: 'Cost', ru: 'Стоимость' }, type: 'number' },
  { key: 'phones', label: { en: 'Phones', ru: 'Телефоны' }, type: 'phone', list: true },
  { key: 'body', label: { en: 'Body', ru: 'Тело' }, type: 'json' },
  { key: 'number', label: { en: 'Number', ru: 'Номер' }, type: 'text', createOnly: true },
  { key: 'created', label: { en: 'Created', ru: 'Создано' }, type: 'datetime', readOnly: true },
];
const scope = {
  trigger: {
    title: 'Не греет',
    stage: { id: 'C1:NEW', label: 'Новая' },
    amount: 1200.5,
    contact: { id: '7', label: 'Иван', phone: ['+79991234567', '+74951234567'] },
    empty: null,
  },
  a1: { id: '55' },
};
const template = (text: string): FieldTemplate => ({ kind: 'template', text });
const map = (mapping: Record<string, FieldTemplate>, operation: 'create' | 'update' = 'update') =>
  mapFields({ mapping, targets, scope, options, operation });

describe('mapFields', () => {
  test('one lone expression keeps its type, anything around it makes text', () => {
    expect(
      map({
        cost: template(' {{ trigger.amount }} '),
        phones: template('{{ trigger.contact.phone }}'),
        notes: template('{{ trigger.title }}: {{ trigger.stage }}, {{ trigger.contact.phone }}, №{{ a1.id }}'),
        body: template('{{ trigger.stage }}'),
      }).values,
    ).toEqual({
      cost: 1200.5,
      phones: ['+79991234567', '+74951234567'],
      notes: 'Не греет: Новая, +79991234567, +74951234567, №55',
      body: { id: 'C1:NEW', label: 'Новая' },
    });
  });

  test('an empty result leaves the field alone; only an explicit empty constant empties it, and only on update', () => {
    const mapping: Record<string, FieldTemplate> = {
      notes: template('{{ trigger.empty }} {{ trigger.unknown.deeper }}'),
      cost: { kind: 'constant', value: null },
    };
    expect(map(mapping).values).toEqual({ cost: null });
    expect(map({ ...mapping, type: template('Ремонт') }, 'create').values).toEqual({
      type: { id: '1', label: 'Ремонт' },
    });
  });

  test('a required field is asked for only when a record is made', () => {
    expect(map({}).problems).toEqual([]);
    expect(map({}, 'create').problems).toEqual([
      {
        field: 'type',
        text: { en: '"Type": required, but not mapped.', ru: '«Тип»: обязательное поле, а в сопоставлении его нет.' },
      },
    ]);
    expect(map({ type: template('{{ trigger.empty }}') }, 'create').problems).toMatchObject([
      { text: { ru: '«Тип»: обязательное поле, а в записи для него ничего нет.' } },
    ]);
  });

  test('what can be set only once is left out of updates', () => {
    const mapping = { number: template('{{ a1.id }}'), type: template('1') };
    expect(map(mapping, 'create').values).toMatchObject({ number: '55' });
    expect(map(mapping).values).not.toHaveProperty('number');
  });

  test('a mistake is a problem of its field and spoils no other', () => {
    const { values, problems, results } = map({
      cost: template('{{ trigger.title }}'),
      notes: template('{{ trigger.title | date: "%Y" }}'),
      created: template('x'),
      gone: template('x'),
      type: template('монтаж'),
    });
    expect(values).toEqual({ type: { id: '2', label: 'Монтаж' } });
    expect(Object.fromEntries(problems.map(({ field, text }) => [field, (text as { ru: string }).ru]))).toEqual({
      cost: '«Стоимость»: «Не греет» — не число.',
      notes: '«Описание»: «Не греет» — не дата.',
      created: '«Создано»: поле доступно только для чтения.',
      gone: '«gone»: такого поля больше нет.',
    });
    expect(results.created?.problem).toMatchObject({ ru: 'Поле доступно только для чтения' });
  });

  test('a value table goes by label or id, then otherwise, and says when it has no row', () => {
    const table = (source: string, from: string, otherwise?: Json): FieldTemplate => ({
      kind: 'table',
      source,
      rows: [{ from, to: { id: '2', label: 'Монтаж' } }],
      ...(otherwise === undefined ? {} : { otherwise }),
    });
    const typeOf = (one: FieldTemplate) => map({ type: one });
    expect(typeOf(table('{{ trigger.stage }}', ' новая ')).values.type).toEqual({ id: '2', label: 'Монтаж' });
    expect(typeOf(table('trigger.stage', 'c1:new')).values.type).toEqual({ id: '2', label: 'Монтаж' });
    expect(typeOf(table('{{ trigger.stage }}', 'В работе', 'Ремонт')).values.type).toEqual({
      id: '1',
      label: 'Ремонт',
    });
    expect(typeOf(table('{{ trigger.stage }}', 'В работе', null))).toMatchObject({ values: {}, problems: [] });
    expect(typeOf(table('{{ trigger.stage }}', 'В работе')).problems).toMatchObject([
      { field: 'type', text: { ru: '«Тип»: в таблице значений нет строки для «Новая».' } },
    ]);
    expect(typeOf(table('{{ trigger.empty }}', 'В работе'))).toMatchObject({ values: {}, problems: [] });
  });

  test('a tree is JSON whose strings are templates: quotes in data break nothing', () => {
    const odd = { ...scope, trigger: { ...scope.trigger, title: '"}, {"x": "' } };
    const tree: FieldTemplate = {
      kind: 'tree',
      value: { name: '{{ trigger.title }}', n: '{{ trigger.amount }}', list: ['№{{ a1.id }}', 5, null] },
    };
    expect(
      mapFields({ mapping: { body: tree }, targets, scope: odd, options, operation: 'update' }).values.body,
    ).toEqual({
      name: '"}, {"x": "',
      n: 1200.5,
      list: ['№55', 5, null],
    });
  });

  test('templates reach nothing but the data, and stop at their limits', () => {
    const read = (text: string) => evaluateTemplate({ text, scope, options });
    for (const text of [
      '{{ trigger.constructor }}',
      '{{ trigger.stage.toString }}',
      '{{ trigger.__proto__ }}',
      '{{ a1.hasOwnProperty }}',
    ]) {
      expect(read(text)).toEqual({ value: null });
    }
    for (const text of [
      '{% include "/etc/passwd" %}',
      '{% render "x" %}',
      '{% layout "x" %}{% block a %}{% endblock %}',
      '{{ "x" | undescribed }}',
    ]) {
      expect(read(text)).toHaveProperty('problem');
    }
    const started = performance.now();
    expect(read('{% for a in (1..9999) %}{% for b in (1..9999) %}{{ a }}{% endfor %}{% endfor %}')).toHaveProperty(
      'problem',
    );
    expect(performance.now() - started).toBeLessThan(3000);
  });

  test('whatever the template, the record and the fields: no throw, and every value is of its field or a problem', () => {
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
    const formula = fc.constantFrom(
      '',
      '| date',
      '| phone: trigger.a',
      '| add_days: trigger.b',
      '| round: 99',
      '| split: ","',
      '| map: "x"',
      '| where: "x", trigger.a',
      '| sum',
      '| json',
      '| default: trigger.b',
      '| slice: -3, 99',
      '| truncate: trigger.a',
      '| join',
      '| sort',
      '| concat: trigger.b',
      '| yes_no',
      '| map_value: trigger.a',
      '| strip_html',
    );
    const text = fc.oneof(
      fc
        .tuple(
          fc.constantFrom('trigger.a', 'trigger.b.c', 'trigger', '"x"', 'a1[0]'),
          formula,
          fc.constantFrom('', ' x'),
        )
        .map(([path, filter, end]) => `{{ ${path} ${filter} }}${end}`),
      fc.constantFrom(...naughty.strings),
      fc.string(),
    );
    const value = fc
      .oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom(...naughty.strings))
      // As the database gives them back: JSON text has no way to keep the sign of a zero that JavaScript writes as 0.
      .map((drawn) => JSON.parse(JSON.stringify(drawn)) as Json);
    const any: fc.Arbitrary<FieldTemplate> = fc.oneof(
      text.map(template),
      value.map((constant): FieldTemplate => ({ kind: 'constant', value: constant })),
      value.map((tree): FieldTemplate => ({ kind: 'tree', value: tree })),
      fc.record({
        kind: fc.constant('table' as const),
        source: text,
        rows: fc.array(fc.record({ from: text, to: value }), { maxLength: 2 }),
        otherwise: value,
      }),
    );
    const oneField = fc.record({
      type: fc.constantFrom(...types),
      list: fc.boolean(),
      required: fc.boolean(),
      choices: fc.option(fc.constant<Field['choices']>([{ id: '1', label: 'x' }]), { nil: undefined }),
    });
    fc.assert(
      fc.property(
        any,
        oneField,
        value,
        value,
        fc.constantFrom('create' as const, 'update' as const),
        (one, about, a, b, operation) => {
          const { choices, ...rest } = about;
          const field: Field = { key: 'f', label: 'F', ...rest, ...(choices ? { choices } : {}) };
          const result = mapFields({
            mapping: { f: one },
            targets: [field],
            scope: { trigger: { a, b }, a1: b as Record<string, unknown> },
            options,
            operation,
          });
          const sent = result.values.f ?? null;
          if (result.problems.length > 0) expect(sent).toBeNull();
          else if (sent !== null && !field.list && field.type === 'number') expect(typeof sent).toBe('number');
          else if (sent !== null && !field.list && field.type === 'text') expect(typeof sent).toBe('string');
          else if (sent !== null && field.list && field.type !== 'json') expect(Array.isArray(sent)).toBe(true);
          expect(JSON.parse(JSON.stringify(result.values))).toEqual(result.values);
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe('templates', () => {
  test('that are a path alone give what the engine gives', () => {
    const keys = ['a', 'b', 'length', 'size', 'toString', 'constructor'];
    const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<Json>(null, 0, 1.5, 'text', '', false),
        fc.array(tie('tree'), { maxLength: 2 }),
        fc.dictionary(fc.constantFrom(...keys), tie('tree'), { maxKeys: 3 }),
      ),
    }));
    const options = { zone: 'Europe/Moscow', country: 'RU', now: new Date() };
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...keys), tree),
        fc.array(fc.constantFrom(...keys), { minLength: 1, maxLength: 4 }),
        (trigger, path) => {
          const evaluate = (text: string) => evaluateTemplate({ text, scope: { trigger }, options });
          const byEngine = evaluate(`{{ trigger${path.map((key) => `["${key}"]`).join('')} }}`);
          expect(evaluate(`{{ trigger.${path.join('.')} }}`)).toEqual(byEngine);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('name the paths they read', () => {
    expect(
      templatePaths(
        '{{ trigger.contact.phone[0] | default: trigger.company["phone"] }} {% if a1.id %}{{ x }}{% endif %}',
      ),
    ).toEqual(['trigger.contact.phone', 'trigger.company.phone', 'a1.id', 'x']);
    expect(templatePaths('{% for p in trigger.contact.phone %}{{ p.kind }}{% endfor %}')).toEqual([
      'trigger.contact.phone',
    ]);
    expect(templatePaths('{{ broken')).toEqual([]);
    expect(fieldTemplatePaths({ kind: 'tree', value: { a: ['{{ trigger.a }}'], b: 'x' } })).toEqual(['trigger.a']);
    const step: Pick<FlowStep, 'mapping' | 'duplicates'> = {
      mapping: { f: { kind: 'table', source: 'trigger.stage', rows: [] }, g: { kind: 'constant', value: '{{ no }}' } },
      duplicates: { mode: 'skip', keys: [{ field: 'k', template: '{{ trigger.id }}' }], several: 'stop', fields: {} },
    };
    expect(stepPaths(step)).toEqual(['trigger.stage', 'trigger.id']);
  });

  test.each([
    ['{{ trigger.title', 'не закрыты скобки: {{ trigger.title (строка 1, место 1)'],
    ['раз\n{{ a | upcaze }}', 'формулы «upcaze» нет (строка 2, место 1)'],
    ['{% if a %}', 'тег {% if a %} не закрыт (строка 1, место 1)'],
    ['{% include "x" %}', 'тега «include» нет (строка 1, место 1)'],
  ])('%s has its mistake told', (text, words) => {
    expect(checkTemplate(text)).toMatchObject({ ru: words });
  });

  test('a good one has none', () => {
    expect(checkTemplate('{{ trigger.title | upcase }} и «текст» {')).toBeNull();
  });
});
