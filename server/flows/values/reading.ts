import { DateTime } from 'luxon';
import type { Value } from '../../../kit/field.ts';

/** Letters that make a difference to nobody who compares: Unicode forms, letter case, spaces, invisible marks. */
export function fold(text: string): string {
  if (plainLetters.test(text)) return tidy(text.toLowerCase());
  // Lower of upper is the nearest to full case folding that JavaScript has: "ß" and "SS" meet, so do both small sigmas.
  // Lowered first, for the capital "ẞ" has no upper form of its own. All of Unicode is the same when folded again.
  const folded = text
    .normalize('NFKC')
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .replaceAll('ς', 'σ')
    .normalize('NFKC');
  return tidy(folded.replace(/[\u200B\u00AD\u2060]/g, ''));
}

/** ASCII and Cyrillic from U+0400 to U+045F: one letter case each way, and nothing that Unicode would compose otherwise. */
const plainLetters = /^[\x20-\x7e\u0400-\u045f]*$/;

/** Spaces, tabs and line breaks as single spaces, none at the ends. */
export const tidy = (text: string): string => text.replace(/\s+/gu, ' ').trim();

/** A value as a person would write it down: a choice by its label, a list with commas. */
export function print(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) {
    return value
      .map(print)
      .filter((part) => part !== '')
      .join(', ');
  }
  if (typeof value !== 'object') return String(value);
  const { label, name, id } = value as { label?: unknown; name?: unknown; id?: unknown };
  for (const candidate of [label, name, id]) {
    if (typeof candidate === 'string' && candidate !== '') return candidate;
    if (typeof candidate === 'number') return String(candidate);
  }
  return JSON.stringify(value);
}

/** Empty for people: nothing, blank text, a list of nothing. */
export function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  if (typeof value === 'string') return value.trim() === '';
  if (Array.isArray(value)) return value.every(isEmpty);
  return false;
}

/** "1 234,50" and "1,234.50" as people and vendors write them, as a canonical decimal: "1234.5"; null when it is no number. */
export function readDecimal(value: unknown): string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? canonicalDecimal(String(value)) : null;
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value !== 'string') return null;
  let text = value.normalize('NFKC').replace(/[\s'’_]/gu, '');
  text = text.replace(/^−/, '-').replace(/(₽|руб\.?|р\.|\$|€|%)$/iu, '');
  if (/^[+-]?\d{1,3}(,\d{3})+\.\d+$/.test(text)) text = text.replaceAll(',', '');
  else if (/^[+-]?\d{1,3}(\.\d{3})+,\d+$/.test(text)) text = text.replaceAll('.', '').replace(',', '.');
  else text = text.replace(',', '.');
  return canonicalDecimal(text);
}

function canonicalDecimal(text: string): string | null {
  if (/^[+-]?(\d+\.?\d*|\.\d+)e[+-]?\d+$/i.test(text)) {
    const number = Number(text);
    return Number.isFinite(number) ? plain(number) : null;
  }
  const parts = /^([+-]?)(\d*)\.?(\d*)$/.exec(text);
  if (!parts || (parts[2] === '' && parts[3] === '')) return null;
  const whole = (parts[2] ?? '').replace(/^0+(?=\d)/, '') || '0';
  const fraction = (parts[3] ?? '').replace(/0+$/, '');
  const digits = fraction === '' ? whole : `${whole}.${fraction}`;
  return parts[1] === '-' && digits !== '0' ? `-${digits}` : digits;
}

/** Without an exponent where that is sensible, so that one number has one spelling. */
function plain(number: number): string {
  const text = String(number);
  if (!text.includes('e')) return text === '-0' ? '0' : text;
  const fixed = number.toFixed(20);
  return fixed.includes('e') ? BigInt(number).toString() : (canonicalDecimal(fixed) ?? '0');
}

/** The number a value says, or null. */
export function readNumber(value: unknown): number | null {
  const decimal = readDecimal(value);
  if (decimal === null) return null;
  const number = Number(decimal);
  return Number.isFinite(number) ? number : null;
}

const yes = new Set(['true', 'yes', 'y', 'да', 'д', '1', 'on', 'истина']);
const no = new Set(['false', 'no', 'n', 'нет', 'н', '0', 'off', 'ложь']);

/** Yes or no in the spellings of people and vendors, or null. */
export function readBoolean(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value;
  const word = fold(print(value));
  return yes.has(word) ? true : no.has(word) ? false : null;
}

/** A day without a time, or a moment. */
export type When = { day: string } | { moment: DateTime };

/** A date or a time as vendors and people write them; a time without a zone is in `zone`. */
export function readWhen(value: unknown, zone: string): When | null {
  if (typeof value !== 'string') return null;
  const text = tidy(value);
  const iso = text.replace(/^(\d{4}-\d{2}-\d{2}) (?=\d)/, '$1T');
  if (/^\d{4}-\d{2}-\d{2}$/.test(iso)) return day(DateTime.fromISO(iso, { zone: 'utc' }));
  if (/^\d{4}-\d{2}-\d{2}T/.test(iso)) return moment(DateTime.fromISO(iso.replace(/ (?=[+-]\d)/, ''), { zone }));
  const russian = /^(\d{1,2})\.(\d{1,2})\.(\d{4})(?:,? (?:в )?(\d{1,2}):(\d{2})(?::(\d{2}))?)?$/.exec(text);
  if (!russian) return null;
  const [, d, m, y, hour, minute, second] = russian;
  const date = { year: Number(y), month: Number(m), day: Number(d) };
  if (hour === undefined) return day(DateTime.fromObject(date, { zone: 'utc' }));
  const time = { hour: Number(hour), minute: Number(minute), second: Number(second ?? 0) };
  return moment(DateTime.fromObject({ ...date, ...time }, { zone }));
}

const day = (at: DateTime): When | null => (at.isValid ? { day: at.toFormat('yyyy-MM-dd') } : null);
const moment = (at: DateTime): When | null => (at.isValid ? { moment: at } : null);

/** The calendar day of a date or moment in `zone`. */
export const dayIn = (when: When, zone: string): string =>
  'day' in when ? when.day : when.moment.setZone(zone).toFormat('yyyy-MM-dd');

/** A moment; a day counts from its first minute in `zone`. */
export const momentIn = (when: When, zone: string): DateTime =>
  'moment' in when ? when.moment : DateTime.fromISO(when.day, { zone });

/** As `field.ts` wants a datetime: ISO in UTC with 'Z', milliseconds only where there are some. */
export function toInstant(at: DateTime): string {
  const utc = at.toUTC();
  return utc.toISO({ suppressMilliseconds: utc.millisecond === 0 }) ?? '';
}

/** The value as a list: an empty one has no elements. */
export function elements(value: Value | undefined): Value[] {
  if (Array.isArray(value)) return value.flatMap(elements);
  return value === undefined || isEmpty(value) ? [] : [value];
}
