import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formulaSample, formulaTexts } from './formula-list.ts';
import { evaluateTemplate } from './map-fields.ts';
import { print } from './reading.ts';

const options = { zone: 'Europe/Moscow', country: 'RU', now: new Date('2026-11-22T09:00:00Z') };
const read = (text: string) => evaluateTemplate({ text, scope: formulaSample, options });

test.each(formulaTexts)('$name: $example', ({ example, result }) => {
  const given = read(example);
  expect('value' in given ? print(given.value) : given).toBe(result);
});

test('the help page shows every formula with its example', () => {
  const page = readFileSync(new URL('../../../docs/using/formulas.md', import.meta.url), 'utf8');
  for (const { name, example } of formulaTexts) {
    expect(page).toContain(`| \`${name}\` |`);
    expect(page).toContain(example.replaceAll('|', '\\|'));
  }
  expect(page.match(/^\| `/gm)).toHaveLength(formulaTexts.length);
});

describe('formulas that read what people write', () => {
  test.each([
    ['{{ "0,1" | plus: 0.2 }}', 0.3],
    ['{{ "1 200,50" | times: "2" }}', 2401],
    ['{{ -1.005 | round: 2 }}', -1.01],
    ['{{ 1.005 | round: 2 }}', 1.01],
    ['{{ trigger.contact.email | plus: 1 }}', null],
    ['{{ "today" | date }}', '22.11.2026'],
    ['{{ "now" | date: "%H:%M", "Asia/Yekaterinburg" }}', '14:00'],
    ['{{ "2026-11-22" | date: "%d.%m", "America/New_York" }}', '22.11'],
    ['{{ "2026-11-22T22:00:00Z" | date }}', '23.11.2026'],
    ['{{ 1763803800 | date: "%Y" }}', '2025'],
    ['{{ "2026-11-22 10:00" | add_days: -1 }}', '2026-11-21T07:00:00Z'],
    ['{{ trigger.contact.phone | phone: "RU", "national" }}', ['8 (999) 123-45-67', '8 (495) 123-45-67']],
    ['{{ "позвонить Ивану" | phone }}', 'позвонить Ивану'],
    ['{{ trigger.stage | map_value: "c1:new", "by id" }}', 'by id'],
    ['{{ trigger.stage | map_value: "Другая", "x" | default: "none" }}', 'none'],
    ['{{ trigger.contact | label }}', 'Иван Петров'],
  ])('%s', (text, expected) => {
    expect(read(text)).toEqual({ value: expected });
  });

  test.each([
    ['{{ "котёл" | round }}', '«котёл» — не число'],
    ['{{ "скоро" | add_days: 1 }}', '«скоро» — не дата'],
    ['{{ 1 | divided_by: 0 }}', 'деление на ноль'],
    ['{{ "today" | date: "%d", "Moscow" }}', 'часового пояса «Moscow» нет'],
  ])('%s says what is wrong', (text, words) => {
    expect(read(text)).toMatchObject({ problem: { ru: words } });
  });
});
