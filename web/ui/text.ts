import { useTranslation } from 'react-i18next';

/** Words for people as the server sends them: a vendor's own string, or ours in both languages. */
export type Text = string | { en: string; ru: string };
export type Language = 'en' | 'ru';

export const languageOf = (code: string): Language => (code.startsWith('ru') ? 'ru' : 'en');

export const inLanguage = (text: Text, language: Language): string =>
  typeof text === 'string' ? text : text[language];

/** A name to stand in quotes: its own «» become the inner „“ of Russian. */
export const inner = (name: string): string => name.replaceAll('«', '„').replaceAll('»', '“');

/** `const text = useText(); text(field.label)` */
export function useText(): (text: Text) => string {
  const { i18n } = useTranslation();
  const language = languageOf(i18n.language);
  return (text) => inLanguage(text, language);
}

export function useLanguage(): Language {
  const { i18n } = useTranslation();
  return languageOf(i18n.language);
}
