import { AsYouType, getCountryCallingCode } from 'libphonenumber-js';
import { fold } from '../values/reading.ts';
import { knownCountry, splitWords } from './words.ts';

/** Below this a beginning would mean half of the history. */
const shortestBeginning = 3;
const mostTerms = 8;

/**
 * What a person typed as a `tsquery` over the words of a run. All words must be there; three characters and more also
 * find what begins with them; "in quotes" a word is meant as it stands. A phone is found in any spelling. Null: nothing
 * to search for.
 */
export function searchOf(typed: string, country: string): string | null {
  const phone = phoneQuery(typed, country);
  if (phone) return phone;
  const quoted = [...typed.matchAll(/"([^"]+)"/g)].map(([, text]) => exact(fold(text ?? '').replaceAll('ё', 'е')));
  const free = splitWords(typed.replaceAll(/"[^"]+"/g, ' ')).map((word) =>
    word.length >= shortestBeginning ? beginning(word) : exact(word),
  );
  const terms = [...quoted, ...free].slice(0, mostTerms);
  return terms.length === 0 ? null : terms.join(' & ');
}

/** A lexeme in quotes: nothing in it is an operator. */
const lexeme = (word: string) => `'${word.replaceAll('\0', '').replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
const exact = (word: string) => lexeme(word);
const beginning = (word: string) => `${lexeme(word)}:*`;

/** Six digits and more in nothing but a phone's punctuation: as typed, and as it begins with its country code. */
function phoneQuery(typed: string, country: string): string | null {
  const text = typed.trim();
  const digits = text.replace(/\D/g, '');
  if (!/^\+?[\d\s().-]+$/.test(text) || digits.length < 6 || digits.length > 15) return null;
  if (text.startsWith('+')) return beginning(digits);
  const known = knownCountry(country);
  if (known === undefined) return beginning(digits);
  const form = new AsYouType(known);
  form.input(digits);
  const national = form.getNationalNumber();
  const spellings = [digits, ...(national === '' ? [] : [`${getCountryCallingCode(known)}${national}`])];
  return `(${[...new Set(spellings)].map(beginning).join(' | ')})`;
}
