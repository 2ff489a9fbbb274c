import { inLanguage, type Language, type Text } from '../../kit/text.ts';

type Both = { en: string; ru: string };

/** Words made anew in both languages. */
export const both = (make: (language: Language) => string): Both => ({ en: make('en'), ru: make('ru') });

/** With a capital at the start, as a line of its own begins. */
export const capital = (text: Text): Both =>
  both((language) => inLanguage(text, language).replace(/^\p{Ll}/u, (letter) => letter.toUpperCase()));

/** With a small letter at the start, as inside a sentence; abbreviations such as "ID" stay. */
export const small = (text: Text): Both =>
  both((language) => inLanguage(text, language).replace(/^\p{Lu}(?!\p{Lu})/u, (letter) => letter.toLowerCase()));

/** Parts in one line; the separators are the same for both languages, or one for each. */
export const joined = (parts: Text[], separator: Text): Both =>
  both((language) => parts.map((part) => inLanguage(part, language)).join(inLanguage(separator, language)));
