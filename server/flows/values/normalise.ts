import { createHash } from 'node:crypto';
import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js';
import type { Field, FieldType, Json, Value, Values } from '../../../kit/field.ts';
import {
  dayIn,
  elements,
  fold,
  isEmpty,
  momentIn,
  print,
  readBoolean,
  readDecimal,
  readWhen,
  tidy,
} from './reading.ts';

interface Options {
  /** ISO 3166 country of phones written without one. */
  country: string;
}

/**
 * The comparable key of one value: two values with one key are the same phone, e-mail, name, number, day, record.
 * Null for an empty value. Of a list, the key of its first element: see `keysOf` for all.
 */
export function normalise(type: FieldType, value: Value | undefined, options: Options): string | null {
  const [first] = elements(value);
  return first === undefined ? null : keyOf(type, first, options) || null;
}

/** The keys of every element of a list, or of the one value. */
export const keysOf = (type: FieldType, value: Value | undefined, options: Options): string[] => [
  ...new Set(elements(value).flatMap((element) => normalise(type, element, options) ?? [])),
];

function keyOf(type: FieldType, value: Value, options: Options): string {
  const text = print(value);
  switch (type) {
    case 'phone':
      return phoneKey(text, options.country);
    case 'email':
      return fold(text.replace(/^\s*mailto:/i, ''));
    case 'number':
      return readDecimal(value) ?? fold(text);
    case 'boolean':
      return String(readBoolean(value) ?? fold(text));
    case 'date': {
      const when = readWhen(text, 'utc');
      return when ? dayIn(when, 'utc') : fold(text);
    }
    case 'datetime': {
      const when = readWhen(text, 'utc');
      return when ? (momentIn(when, 'utc').toUTC().toISO() ?? '') : fold(text);
    }
    case 'choice':
    case 'reference':
    case 'file':
      return tidy(idOf(value));
    case 'json':
      return typeof value === 'string' ? value.trim() : JSON.stringify(inOrder(value));
    case 'url':
      return urlKey(text);
    case 'text':
    case 'address':
      return fold(text);
  }
}

/** E.164 where the number can be one in the country; else its digits, so that two spellings of a short number still meet. */
function phoneKey(text: string, country: string): string {
  const typed = text.normalize('NFKC').trim();
  const digits = typed.replace(/\D/g, '');
  const bare = `${typed.startsWith('+') ? '+' : ''}${digits}`;
  return e164(typed, country) ?? e164(bare, country) ?? (digits === '' ? fold(text) : bare);
}

function e164(text: string, country: string): string | null {
  const number = parsePhoneNumberFromString(text, knownCountry(country));
  return number?.isPossible() ? number.number : null;
}

const knownCountry = (country: string): CountryCode | undefined => (isSupportedCountry(country) ? country : undefined);

function urlKey(text: string): string {
  const url = URL.parse(text.trim());
  return (url ? url.href : fold(text)).replace(/\/+$/, '');
}

function idOf(value: Value): string {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return print(value);
  const { id } = value;
  return typeof id === 'string' || typeof id === 'number' ? String(id) : print(value);
}

/** Spellings to try where the other side searches by loose text, the likeliest first. */
export function spellings(type: FieldType, value: Value | undefined, options: Options): string[] {
  const found = elements(value).flatMap((element) => {
    const typed = print(element).trim();
    if (type === 'phone') return phoneSpellings(typed, options.country);
    const key = keyOf(type, element, options);
    return [typed, type === 'text' || type === 'address' ? tidy(typed) : key, key];
  });
  return [...new Set(found.filter((spelling) => spelling !== ''))];
}

function phoneSpellings(typed: string, country: string): string[] {
  const key = phoneKey(typed, country);
  const number = parsePhoneNumberFromString(key, knownCountry(country));
  if (!number?.isPossible()) return [key, typed];
  const national = number.formatNational();
  // As people write by hand: `+7 (999) 123-45-67`, and both forms without brackets.
  const prefix = national.replace(/\D/g, '').slice(0, -number.nationalNumber.length);
  const local = national.startsWith(prefix) ? national.slice(prefix.length).trim() : national;
  const abroad = `+${number.countryCallingCode} ${local}`;
  return [
    number.number,
    national.replace(/\D/g, ''),
    number.number.slice(1),
    number.nationalNumber,
    national,
    abroad,
    abroad.replace(/[()]/g, ''),
    national.replace(/[()]/g, ''),
    number.formatInternational(),
    typed,
  ];
}

/**
 * What two systems would call equal: choices and references by id, 1 = 1.0 = "1.00", a moment by the second, phones by
 * their digits, lists as sets. Null: empty.
 */
export function comparable(field: Field, value: Value | undefined, options?: Options): Json {
  const all = elements(value).map((element) => comparableOne(field.type, element, options));
  if (field.type === 'json') return isEmpty(value) ? null : inOrder(value ?? null);
  if (!field.list) return all[0] ?? null;
  const byText = new Map(all.map((element) => [JSON.stringify(element), element]));
  return byText.size === 0 ? null : [...byText.keys()].sort().map((key) => byText.get(key) ?? null);
}

function comparableOne(type: FieldType, value: Value, options?: Options): Json {
  switch (type) {
    case 'number':
      // The decimal as text: ids of twenty digits would lose their tail as a JavaScript number.
      return readDecimal(value) ?? tidy(print(value));
    case 'boolean':
      return readBoolean(value) ?? tidy(print(value));
    case 'phone':
      return phoneKey(print(value), options?.country ?? '').replace(/^\+/, '');
    case 'datetime': {
      const when = readWhen(print(value), 'utc');
      // Vendors keep whole seconds: what we sent with milliseconds comes back without.
      return when ? momentIn(when, 'utc').toUTC().toFormat("yyyy-MM-dd'T'HH:mm:ss") : tidy(print(value));
    }
    case 'date':
    case 'choice':
    case 'reference':
    case 'file':
    case 'url':
    case 'email':
      return keyOf(type, value, { country: options?.country ?? '' });
    case 'json':
      return inOrder(value);
    case 'address':
      return tidy(print(value).normalize('NFC'));
    case 'text':
      return print(value).normalize('NFC').replace(/\r\n?/g, '\n').trim();
  }
}

/** Would the other side call them equal? Empty values are. */
export const sameValue = (field: Field, a: Value | undefined, b: Value | undefined, options?: Options): boolean =>
  JSON.stringify(comparable(field, a, options)) === JSON.stringify(comparable(field, b, options));

/** JSON with its keys in one order, so that equal values have equal text. Fields without a value are no fields. */
function inOrder(value: Json): Json {
  if (Array.isArray(value)) return value.map(inOrder);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, one]) => [key, inOrder(one)]));
}

/** Equal as JSON: the order of keys is the database's own affair. */
export const sameJson = (a: unknown, b: unknown): boolean =>
  JSON.stringify(inOrder((a ?? null) as Json)) === JSON.stringify(inOrder((b ?? null) as Json));

/**
 * The state of a record as short hashes, one by field and one of all. Fields that the vendor derives are left out, so are
 * empty ones: a new custom field that nobody filled changes no record.
 */
export function stateHash(values: Values, fields: Field[]): { hash: string; fields: Record<string, string> } {
  const hashes: Record<string, string> = {};
  for (const field of [...fields].sort((a, b) => (a.key < b.key ? -1 : 1))) {
    if (field.derived || field.writeOnly) continue;
    const value = comparable(field, values[field.key]);
    if (value !== null && value !== '') hashes[field.key] = digest(JSON.stringify(value), 8);
  }
  return { hash: digest(JSON.stringify(hashes), 22), fields: hashes };
}

const digest = (text: string, length: number): string =>
  createHash('sha256').update(text).digest('base64url').slice(0, length);
