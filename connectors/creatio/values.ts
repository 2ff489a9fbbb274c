import { DateTime } from 'luxon';
import type { Value } from '../../kit/field.ts';
import type { Dialect } from './dialect.ts';
import type { LiveColumn } from './schema.ts';

/** An empty lookup. */
const noRecord = '00000000-0000-0000-0000-000000000000';
const guid = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** An id in the one spelling we keep, or null: other sides write it with braces or in capitals. */
export function guidOf(value: unknown): string | null {
  const text = typeof value === 'string' ? value.trim().replace(/^\{|\}$/g, '') : '';
  return guid.test(text) && text !== noRecord ? text.toLowerCase() : null;
}

/** How one stand writes times. */
export interface Clock {
  zoneless: boolean;
  zone: string;
}

/** An empty time. */
const emptyTime = '0001-01-01T00:00:00';
const emptyTicks = Date.parse(`${emptyTime}Z`);

/** A time as filters take it: `/Date(1292347363771)/` becomes the ISO text of the same moment in the stand's zone. */
export function isoOf(raw: string, zone: string): string {
  // The minutes of an offset (`+0180`) say how the moment is shown; the ticks are in UTC already.
  const ticks = /^\/Date\((-?\d+)/.exec(raw)?.[1];
  if (ticks === undefined) return raw;
  return Number(ticks) === emptyTicks
    ? emptyTime
    : DateTime.fromMillis(Number(ticks), { zone }).toFormat("yyyy-MM-dd'T'HH:mm:ss.SSS");
}

const isEmpty = (iso: string): boolean => iso.startsWith('0001-01-01');

const parts = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?)(\.\d+)?(Z|[+-]\d{2}:?\d{2})?$/;

/** A moment in UTC with Z and every digit the stand gave; null for the empty date. */
export function readTime(raw: unknown, { zone }: Clock): string | null {
  const iso = typeof raw === 'string' ? isoOf(raw.trim(), zone) : '';
  const found = parts.exec(iso);
  if (!found || isEmpty(iso)) return null;
  const [, moment = '', fraction = '', offset = ''] = found;
  if (offset === 'Z') return `${moment.length === 16 ? `${moment}:00` : moment}${fraction}Z`;
  const at = DateTime.fromISO(`${moment}${offset}`, { zone });
  return at.isValid ? `${at.toUTC().toFormat("yyyy-MM-dd'T'HH:mm:ss")}${fraction}Z` : null;
}

const zoned = /T.*(Z|[+-]\d{2}:?\d{2})$/;

/** A time of the stand's own as its filters take it back: with a zone or without, and every digit. */
export function filterTime(raw: string, clock: Clock): string {
  const iso = isoOf(raw, clock.zone);
  return zoned.test(iso) === clock.zoneless ? writeTime(readTime(iso, clock) ?? iso, clock) : iso;
}

/** A time of ours as the stand takes it. */
export function writeTime(iso: string, { zoneless, zone }: Clock): string {
  if (!zoneless) return iso;
  const fraction = /\.\d{1,3}/.exec(iso)?.[0] ?? '';
  return `${DateTime.fromISO(iso, { zone }).toFormat("yyyy-MM-dd'T'HH:mm:ss")}${fraction}`;
}

export const clockOf = (dialect: Dialect, zone: string): Clock => ({ zoneless: dialect.zoneless, zone });

/** A raw value in the form of its field; null when it is empty: zero ids and the year 1 are, a number 0 is not. */
export function readValue(column: LiveColumn, row: Record<string, unknown>, clock: Clock): Value {
  const raw = row[column.name];
  if (raw === null || raw === undefined || raw === '') return null;
  switch (column.field.type) {
    case 'number': {
      const number = typeof raw === 'string' ? Number(raw) : raw;
      return typeof number === 'number' && Number.isFinite(number) ? number : null;
    }
    case 'boolean':
      return typeof raw === 'boolean' ? raw : String(raw) === 'true';
    case 'datetime':
      return readTime(raw, clock);
    case 'date':
      return readDay(String(raw));
    case 'choice':
    case 'reference':
      return readLookup(column, row);
    default:
      return readText(column, raw, clock);
  }
}

/** A day is midnight in UTC, whatever the zone of times: in another zone it would be the day before. */
function readDay(raw: string): string | null {
  const iso = isoOf(raw, 'UTC');
  return isEmpty(iso) ? null : iso.slice(0, 10);
}

function readText(column: LiveColumn, raw: unknown, clock: Clock): Value {
  const text = String(raw);
  if (column.edm === 'Edm.Guid') return guidOf(text);
  // A time of day stands on a day that means nothing.
  if (column.edm.startsWith('Edm.DateTime')) return isoOf(text, clock.zone).slice(11, 16) || null;
  return text.trim() === '' ? null : text;
}

/** A label comes along with an expanded lookup, or from its choices. */
function readLookup(column: LiveColumn, row: Record<string, unknown>): Value {
  const id = guidOf(row[column.name]);
  if (id === null) return null;
  const other = column.nav === undefined ? undefined : row[column.nav];
  const name =
    other !== null && typeof other === 'object' ? (other as Record<string, unknown>)[column.display ?? ''] : '';
  const choice = column.field.choices?.find((one) => one.id === id);
  const label = choice?.label ?? (typeof name === 'string' && name.trim() !== '' ? name : undefined);
  return column.field.type === 'choice' ? { id, label: label ?? id } : { id, ...(label ? { label } : {}) };
}

/** The choice of a record that the known choices do not hold. */
export const lacksChoice = (column: LiveColumn, row: Record<string, unknown>): boolean => {
  if (column.field.type !== 'choice') return false;
  const id = guidOf(row[column.name]);
  return id !== null && !column.field.choices?.some((choice) => choice.id === id);
};

const textTypes = new Set(['text', 'phone', 'email', 'url', 'address']);

/** A value of ours as the stand takes it in a body. Lookups are given as the id of the record already. */
export function writeValue(input: { column: LiveColumn; value: Value; dialect: Dialect; clock: Clock }): unknown {
  const { column, value, dialect, clock } = input;
  const { type } = column.field;
  if (value === null || value === '') return textTypes.has(type) && column.edm === 'Edm.String' ? '' : null;
  switch (type) {
    case 'number':
      return dialect.decimalsAsText && /Decimal|Int64/.test(column.edm) ? String(value) : Number(value);
    case 'boolean':
      return value === true;
    case 'date':
      return column.edm === 'Edm.Date' ? String(value) : `${String(value)}T00:00:00${clock.zoneless ? '' : 'Z'}`;
    case 'datetime':
      return writeTime(String(value), clock);
    default:
      return column.edm === 'Edm.Guid' ? guidOf(value) : String(value);
  }
}
