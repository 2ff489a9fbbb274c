import { words as accounts } from '../accounts/words.ts';
import { words as attention } from '../attention/words.ts';
import { words as connections } from '../connections/words.ts';
import { words as flows } from '../flows/words.ts';
import { words as home } from '../home/words.ts';
import { words as notices } from '../notices/words.ts';
import { words as runs } from '../runs/words.ts';
import { words as settings } from '../settings/words.ts';
import { words as ui } from '../ui/words.ts';
import { words as app } from './frame-words.ts';

/** Every room's words by the room's name, which is the namespace in `useTranslation('flows')`. */
export const words = { app, ui, accounts, home, connections, flows, attention, notices, runs, settings };
export type Room = keyof typeof words;
