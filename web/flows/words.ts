import { backfillWords } from './backfill/words.ts';
import { duplicateWords } from './duplicates/words.ts';
import { editorWords } from './editor/words.ts';
import { filterWords } from './filter/words.ts';
import { frameWords } from './frame/words.ts';
import { listWords } from './list/words.ts';
import { mappingWords } from './mapping/words.ts';
import { pairsWords } from './pairs/words.ts';
import { settingsWords } from './settings/words.ts';
import { sourceWords } from './source/words.ts';
import { startWords } from './start/words.ts';
import { trialWords } from './trial/words.ts';

export const words = {
  en: {
    ...listWords.en,
    ...editorWords.en,
    ...filterWords.en,
    ...sourceWords.en,
    ...mappingWords.en,
    ...duplicateWords.en,
    ...startWords.en,
    ...trialWords.en,
    ...backfillWords.en,
    ...frameWords.en,
    ...pairsWords.en,
    ...settingsWords.en,
  },
  ru: {
    ...listWords.ru,
    ...editorWords.ru,
    ...filterWords.ru,
    ...sourceWords.ru,
    ...mappingWords.ru,
    ...duplicateWords.ru,
    ...startWords.ru,
    ...trialWords.ru,
    ...backfillWords.ru,
    ...frameWords.ru,
    ...pairsWords.ru,
    ...settingsWords.ru,
  },
};
