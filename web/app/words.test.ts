import { describe, expect, it } from 'vitest';
import { words } from './words.ts';

/** i18next picks these endings by the number: Russian has more of them than English. */
const plural = /_(zero|one|two|few|many|other)$/;
const numbers = { en: ['one', 'other'], ru: ['one', 'few', 'many'] };
type Tree = { [key: string]: string | Tree };

function flat(tree: Tree, before = ''): Record<string, string> {
  return Object.assign(
    {},
    ...Object.entries(tree).map(([key, value]) =>
      typeof value === 'string' ? { [before + key]: value } : flat(value, `${before}${key}.`),
    ),
  );
}

const stems = (all: Record<string, string>) =>
  [...new Set(Object.keys(all).map((key) => key.replace(plural, '')))].sort();
const places = (text: string) => [...text.matchAll(/\{\{(\w+)/g)].map((match) => match[1]).sort();

describe.each(Object.entries(words))('words of %s', (_room, both) => {
  const en = flat(both.en);
  const ru = flat(both.ru);

  it('has the same keys in both languages', () => expect(stems(ru)).toEqual(stems(en)));

  it('leaves nothing empty', () => {
    for (const [key, text] of [...Object.entries(en), ...Object.entries(ru)]) expect(text.trim(), key).not.toBe('');
  });

  it('has every plural form of each language', () => {
    for (const [language, all] of [
      ['en', en],
      ['ru', ru],
    ] as const) {
      const counted = new Set(
        Object.keys(all)
          .filter((key) => plural.test(key))
          .map((key) => key.replace(plural, '')),
      );
      for (const stem of counted)
        for (const number of numbers[language]) expect(all, stem).toHaveProperty([`${stem}_${number}`]);
    }
  });

  it('fills the same places in both languages', () => {
    // “One rule” may leave the number out.
    const whole = Object.keys(en).filter((key) => !plural.test(key));
    for (const key of whole) if (ru[key]) expect(places(ru[key]), key).toEqual(places(en[key] ?? ''));
  });

  it('shouts nowhere', () => {
    for (const text of [...Object.values(en), ...Object.values(ru)]) expect(text).not.toMatch(/!|успешно/i);
  });
});
