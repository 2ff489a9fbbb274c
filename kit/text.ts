/** Words for people. A plain string when the words come from outside (a vendor's own label), both languages when they are ours. */
export type Text = string | { en: string; ru: string };

export type Language = 'en' | 'ru';

export const inLanguage = (text: Text, language: Language): string =>
  typeof text === 'string' ? text : text[language];

/** Puts values into `{name}` places, in both languages: `fill({ en: 'Field {f}', ru: 'Поле {f}' }, { f: label })`. */
export function fill(text: Text, values: Record<string, Text | number>): Text {
  const put = (words: string, language: Language) =>
    words.replace(/\{(\w+)\}/g, (place, name: string) => {
      const value = values[name];
      return value === undefined ? place : typeof value === 'number' ? String(value) : inLanguage(value, language);
    });
  return typeof text === 'string'
    ? { en: put(text, 'en'), ru: put(text, 'ru') }
    : { en: put(text.en, 'en'), ru: put(text.ru, 'ru') };
}
