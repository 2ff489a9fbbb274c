import i18next, { type TFunction } from 'i18next';
import { words } from '../web/app/words.ts';
import type { Language } from './browser.ts';

const ofLanguage = (language: Language) =>
  Object.fromEntries(Object.entries(words).map(([room, both]) => [room, both[language]]));

const instance = i18next.createInstance();
await instance.init({
  lng: 'en',
  resources: { en: ofLanguage('en'), ru: ofLanguage('ru') },
  ns: Object.keys(words),
  interpolation: { escapeValue: false },
});

/** The product's own words: what a person of this language looks for on the screen. `say('flows:editor.next')` */
export const sayIn = (language: Language): TFunction => instance.getFixedT(language);
