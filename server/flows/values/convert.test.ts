import { describe, expect, test } from 'vitest';
import type { Field, FieldType, Value } from '../../../kit/field.ts';
import { convert, type Origin } from './convert.ts';

const stages = [
  { id: '1', label: 'Низкая' },
  { id: '2', label: 'Высокая' },
  { id: '3', label: 'Средняя' },
  { id: '4', label: 'средняя' },
];
const field = (type: FieldType, more: Partial<Field> = {}): Field => ({
  key: 'f',
  label: { en: 'F', ru: 'Поле' },
  type,
  ...more,
});
const become = (value: Value, to: Field, origin: Origin = 'mapped') =>
  convert({ value, field: to, origin, options: { zone: 'Europe/Moscow' } });

describe('convert', () => {
  test.each<[Value, Field, Value]>([
    [{ id: '7', label: 'Новая' }, field('text'), 'Новая'],
    [12.5, field('text'), '12.5'],
    [['a', null, 'b'], field('text'), 'a, b'],
    ['  две\nстроки ', field('text'), 'две\nстроки'],
    [' ', field('text'), null],
    [' 8 (999) 123-45-67 ', field('phone'), '8 (999) 123-45-67'],
    [['+79991234567', '2'], field('phone'), '+79991234567'],
    ['8 999 1; 8 999 2', field('phone', { list: true }), ['8 999 1', '8 999 2']],
    ['1\u00a0200,50 ₽', field('number'), 1200.5],
    ['1; 2,5', field('number', { list: true }), [1, 2.5]],
    ['Да', field('boolean'), true],
    ['N', field('boolean'), false],
    [0, field('boolean'), false],
    ['2026-11-21T22:30:00Z', field('date'), '2026-11-22'],
    ['22.11.2026', field('date'), '2026-11-22'],
    ['2026-11-22', field('datetime'), '2026-11-21T21:00:00Z'],
    ['22.11.2026 12:30', field('datetime'), '2026-11-22T09:30:00Z'],
    ['2026-11-22T12:30:00.250+03:00', field('datetime'), '2026-11-22T09:30:00.250Z'],
    ['2026-11-22 12:30:00', field('datetime'), '2026-11-22T09:30:00Z'],
    [{ id: '7', label: 'Иван', phone: '1' }, field('reference'), { id: '7', label: 'Иван' }],
    [15, field('reference'), { id: '15' }],
    [{ a: [1] }, field('json'), { a: [1] }],
    [{ id: '9', name: 'a.pdf' }, field('file'), { id: '9', name: 'a.pdf' }],
  ])('%j to %j is %j', (value, to, expected) => {
    expect(become(value, to)).toEqual({ value: expected });
  });

  test.each<[Value, FieldType, string]>([
    ['много', 'number', '«много» — не число'],
    ['иногда', 'boolean', '«иногда» — не «да» и не «нет»'],
    ['завтра', 'date', '«завтра» — не дата'],
    ['2026-02-30', 'date', '«2026-02-30» — не дата'],
    ['31.12', 'datetime', '«31.12» — не дата и время'],
    ['a.pdf', 'file', '«a.pdf» — не файл'],
  ])('%j is no %s, in words', (value, type, words) => {
    expect(become(value, field(type))).toMatchObject({ problem: { ru: words } });
  });

  test('text is never cut silently', () => {
    expect(become('Ёлка🎄', field('text', { maxLength: 5 }))).toEqual({ value: 'Ёлка🎄' });
    expect(become('Ёлка🎄!', field('text', { maxLength: 5 }))).toMatchObject({
      problem: { ru: 'в тексте 6 знаков, поле вмещает 5; сократите его формулой truncate' },
    });
  });
});

describe('choices', () => {
  const priority = field('choice', { choices: stages });

  test('by label from another field, whose ids mean something else', () => {
    expect(become({ id: '1', label: ' ВЫСОКАЯ' }, priority)).toEqual({ value: { id: '2', label: 'Высокая' } });
    expect(become({ id: '1', label: 'Срочная' }, priority)).toMatchObject({
      problem: { ru: 'варианта «Срочная» нет' },
    });
  });

  test('a bare word is an id first, then a label', () => {
    expect(become('2', priority)).toEqual({ value: { id: '2', label: 'Высокая' } });
    expect(become(2, priority)).toEqual({ value: { id: '2', label: 'Высокая' } });
    expect(become('высокая', priority)).toEqual({ value: { id: '2', label: 'Высокая' } });
  });

  test('a chosen one is known by its id, also when it was renamed since, and is missed when it is gone', () => {
    expect(become({ id: '2', label: 'Срочная' }, priority, 'chosen')).toEqual({ value: { id: '2', label: 'Высокая' } });
    expect(become({ id: '9', label: 'Высокая' }, priority, 'chosen')).toMatchObject({
      problem: { ru: 'варианта «Высокая» больше нет' },
    });
    expect(become('Высокая', priority, 'chosen')).toEqual({ value: { id: '2', label: 'Высокая' } });
  });

  test('of an open list passes with an id beyond it, unless the id is that of another field', () => {
    for (const choices of [stages, undefined]) {
      const open = field('choice', { ...(choices ? { choices } : {}), openChoices: true });
      expect(become('777', open)).toEqual({ value: { id: '777', label: '777' } });
      expect(become({ id: '777', label: 'Новая' }, open, 'chosen')).toEqual({ value: { id: '777', label: 'Новая' } });
    }
    const open = field('choice', { choices: stages, openChoices: true });
    expect(become({ id: '777', label: 'Чужая' }, open)).toMatchObject({ problem: { ru: 'варианта «Чужая» нет' } });
    expect(become('Средняя', open)).toMatchObject({ problem: { en: expect.stringContaining('several') } });
    expect(become('высокая', open)).toEqual({ value: { id: '2', label: 'Высокая' } });
  });

  test('two of one name are never guessed at', () => {
    expect(become('Средняя', priority)).toMatchObject({ problem: { en: expect.stringContaining('several') } });
    expect(become({ id: '4', label: 'средняя' }, priority)).toEqual({ value: { id: '4', label: 'средняя' } });
  });

  test('lists take one or many, and text with separators', () => {
    const many = field('choice', { choices: [...stages, { id: '5', label: 'a, b' }], list: true });
    const [low, high] = stages;
    expect(become('Низкая, высокая', many)).toEqual({ value: [low, high] });
    expect(become('a, b', many)).toEqual({ value: [{ id: '5', label: 'a, b' }] });
    expect(become([{ id: '1', label: 'Низкая' }], many)).toEqual({ value: [low] });
  });
});
