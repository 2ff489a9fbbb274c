import { editorWords } from './editor/words.ts';
import { listWords } from './list/words.ts';
import { mappingWords } from './mapping/words.ts';

export const words = {
  en: { ...listWords.en, ...editorWords.en, ...mappingWords.en },
  ru: { ...listWords.ru, ...editorWords.ru, ...mappingWords.ru },
};
