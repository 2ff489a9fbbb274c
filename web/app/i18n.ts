import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { type Language, languageOf } from '../ui/text.ts';
import { type Room, words } from './words.ts';

const kept = 'mostik.language';

function ofLanguage(language: Language) {
  return Object.fromEntries(Object.entries(words).map(([room, both]) => [room, both[language]]));
}

/** Before anybody is known: what was chosen here before, else what the browser speaks. */
function firstLanguage(): Language {
  return languageOf(localStorage.getItem(kept) ?? navigator.language);
}

export async function startWords(): Promise<void> {
  i18next.on('languageChanged', (language) => {
    document.documentElement.lang = language;
  });
  await i18next.use(initReactI18next).init({
    lng: firstLanguage(),
    fallbackLng: 'en',
    resources: { en: ofLanguage('en'), ru: ofLanguage('ru') },
    defaultNS: 'ui',
    ns: Object.keys(words),
    interpolation: { escapeValue: false },
    returnNull: false,
  });
}

export async function speak(language: Language): Promise<void> {
  localStorage.setItem(kept, language);
  if (i18next.language !== language) await i18next.changeLanguage(language);
}

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'ui';
    resources: { [room in Room]: (typeof words)[room]['en'] };
  }
}
