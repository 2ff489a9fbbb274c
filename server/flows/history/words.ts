import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js';
import { fold } from '../values/reading.ts';
import type { Progress } from '../work.ts';

/** What a run can be found by: its index grows by about 35 bytes a word (measured, docs/decisions/0010-history-search.md). */
export const mostWords = 40;
const longestWord = 100;
/** Of one label or name; a comment of three pages is no name. */
const mostOfText = 12;
const longestName = 120;
/** Values that are looked at, however many the record has. */
const mostValues = 400;

interface Found {
  ids: string[];
  labels: string[];
  contacts: string[];
  numbers: string[];
  names: string[];
}

/**
 * The words of a run, the tellingest first: ids of the run and of records found or written, labels, phones, e-mails,
 * numbers, names. `hides` is true for a text that must not be kept.
 */
export function wordsOf(input: {
  runId: string;
  record: { id: string | null; label: string | null };
  progress: Progress;
  country: string;
  hides(text: string): boolean;
}): string[] {
  const found = collect(input);
  const words = new Set<string>();
  const add = (word: string) => {
    if (words.size < mostWords && word !== '' && word.length <= longestWord) words.add(word);
  };
  const labels = found.labels.map(splitWords);
  const names = found.names.map(splitWords);
  for (const id of found.ids) add(asId(id));
  for (const contact of found.contacts) add(contact);
  for (const label of labels) for (const word of label.slice(0, mostOfText)) add(word);
  for (const number of found.numbers) add(number);
  for (const name of names) for (const word of name.slice(0, mostOfText)) add(word);
  // Room left: «Петров-Водкин» is also found by «Водкин».
  for (const text of [...labels, ...names]) for (const word of text) for (const part of partsOf(word)) add(part);
  return [...words];
}

const asId = (id: string): string => fold(id).replaceAll(/\s+/gu, ' ').slice(0, longestWord);

function collect(input: Parameters<typeof wordsOf>[0]): Found {
  const { runId, record, progress, country, hides } = input;
  const found: Found = { ids: [runId], labels: [], contacts: [], numbers: [], names: [] };
  const put = (list: string[], text: string | null) => {
    if (text !== null && text !== '' && !hides(text)) list.push(text);
  };
  put(found.ids, record.id);
  put(found.labels, record.label);
  for (const result of Object.values(progress.steps)) {
    put(found.ids, result.id);
    put(found.labels, result.label);
  }
  for (const line of progress.trace) {
    for (const { id, label } of line.found ?? []) {
      put(found.ids, id);
      put(found.labels, label);
    }
  }
  const seen = new Set<unknown>();
  const look = (value: unknown, depth: number): void => {
    if (value === null || value === undefined || typeof value === 'boolean' || seen.size >= mostValues) return;
    if (typeof value === 'object') {
      if (depth > 3) return;
      for (const one of Object.values(value)) look(one, depth + 1);
      return;
    }
    if (seen.has(value)) return;
    seen.add(value);
    const text = String(value);
    if (!hides(text)) sort(text, found, country);
  };
  // Newest lines last: what was mapped and sent tells more than the rest of a wide record.
  for (const line of [...progress.trace].reverse()) for (const { after } of line.values ?? []) look(after, 0);
  look(progress.loaded?.values, 0);
  return found;
}

function sort(text: string, found: Found, country: string): void {
  if (text.length > longestName || /^https?:/i.test(text)) return;
  if (/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text)) found.contacts.push(fold(text));
  else if (/^-?\d+([.,]\d+)?$/.test(text) && !looksLikePhone(text)) found.numbers.push(text.replace(',', '.'));
  else if (looksLikePhone(text)) found.contacts.push(phoneWord(text, country));
  // Days and moments are what the list is sorted and filtered by already.
  else if (!/^\d{4}-\d\d-\d\d/.test(text)) found.names.push(text);
}

/** Ten to fifteen digits in nothing but a phone's punctuation; a bare number of that many digits may be one too. */
const looksLikePhone = (text: string): boolean =>
  /^\+?[\d\s().-]+$/.test(text) &&
  /^\d{10,15}$/.test(text.replace(/\D/g, '')) &&
  !/^\d{4}-\d\d-\d\d/.test(text) &&
  !/^\d+\.\d+$/.test(text);

/**
 * A phone as the digits of its E.164 form. Written with its country code it needs no look into the numbering plans,
 * which costs about 30 µs.
 */
export function phoneWord(text: string, country: string): string {
  const digits = text.replace(/\D/g, '');
  if (text.trim().startsWith('+')) return digits;
  const number = parsePhoneNumberFromString(text, knownCountry(country));
  return number?.isValid() ? number.number.slice(1) : digits;
}

export const knownCountry = (country: string): CountryCode | undefined =>
  isSupportedCountry(country) ? country : undefined;

const wordPattern = /[\p{L}\p{N}]+(?:[-_./@+'’][\p{L}\p{N}]+)*/gu;

/** Words as they are kept and searched: letter case, «ё» and invisible marks apart. */
export const splitWords = (text: string): string[] => fold(text).replaceAll('ё', 'е').match(wordPattern) ?? [];

function partsOf(word: string): string[] {
  const parts = word.split(/[-_./@+'’]/);
  return parts.length > 1 ? parts.filter((part) => part.length > 2) : [];
}
