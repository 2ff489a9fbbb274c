import type { Choice, Field, Json, Reference, Value } from '../../kit/field.ts';
import type { LiveField, Schema } from './schema.ts';

const isEmpty = (raw: unknown): boolean => raw === null || raw === undefined || raw === '';

/**
 * `2024-07-23T18:19:21+02:00` → `2024-07-23T16:19:21Z`, with fractions only where the portal sends them. A few fields
 * come without an offset, as `24.08.2023 13:19:39` or `2024-08-29 10:30:11`: they are in the portal's own.
 */
export function toUtc(raw: string, portalOffset: string): string | null {
  const bare = raw.replace(/^(\d\d)\.(\d\d)\.(\d{4})/, '$3-$2-$1').replace(/^(\d{4}-\d\d-\d\d)$/, '$1T00:00:00');
  const iso = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(bare)
    ? `${bare.replace(' ', 'T')}${portalOffset}`
    : bare;
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return null;
  return /\.\d+/.test(bare.slice(10)) ? date.toISOString() : date.toISOString().replace('.000Z', 'Z');
}

/** Dates come with a time of day (`2024-08-30T02:00:00+02:00`): the day counts, in the offset given. */
function toDay(raw: string): string | null {
  const russian = /^(\d\d)\.(\d\d)\.(\d{4})/.exec(raw);
  if (russian) return `${russian[3]}-${russian[2]}-${russian[1]}`;
  return /^\d{4}-\d\d-\d\d/.exec(raw)?.[0] ?? null;
}

/** BB codes of comments as plain text. */
export const plainText = (raw: string): string =>
  raw
    .replace(/\[\*\]/g, '• ')
    .replace(/\[url=([^\]]+)\](.*?)\[\/url\]/gis, (_, href: string, text: string) =>
      text === href ? href : `${text} (${href})`,
    )
    .replace(
      /\[\/?(?:b|i|u|s|p|url|img|list|quote|code|table|tr|td|th|color|size|font|user|left|right|center|justify)(?:=[^\]]*)?\]/gi,
      '',
    )
    .replace(/\n{3,}/g, '\n\n')
    .trim();

/** Address fields may carry the id of a place behind the words: `Tverskaya Street, 7, Berlin|;|575`. */
const plainAddress = (raw: string): string => (raw.split('|;|')[0] ?? '').trim();

const asNumber = (raw: unknown): number | null => {
  const number = typeof raw === 'number' ? raw : Number(String(raw).replace(',', '.'));
  return Number.isFinite(number) ? number : null;
};

/** `1500.5|RUB` */
const amount = (raw: unknown): number | null => asNumber(String(raw).split('|')[0]);

function choice(raw: unknown, field: Field): Choice {
  const id = String(raw);
  const known = field.choices?.find((one) => one.id === id);
  return known ? { ...known } : { id, label: id };
}

function reference(raw: unknown): Reference | null {
  const id = String(raw);
  return id === '0' || id === '' ? null : { id };
}

function file(raw: unknown): Json {
  const { id } = (typeof raw === 'object' && raw !== null ? raw : { id: raw }) as { id?: unknown };
  // The address of the file carries a key of the portal, so it goes no further.
  return isEmpty(id) || id === 0 ? null : { id: String(id), name: `file-${String(id)}` };
}

function readOne(raw: unknown, { info, field, name }: LiveField, portalOffset: string): Value {
  if (isEmpty(raw)) return null;
  switch (field.type) {
    case 'boolean':
      return ['Y', 'y', '1', 1, true, 'true'].includes(raw as string);
    case 'number':
      return info.type === 'money' ? amount(raw) : asNumber(raw);
    case 'date':
      return toDay(String(raw));
    case 'datetime':
      return toUtc(String(raw), portalOffset);
    case 'choice':
      // A single enumeration that is not set reads as false or 0.
      return raw === false || (info.type === 'enumeration' && String(raw) === '0')
        ? null
        : ({ ...choice(raw, field) } as Json);
    case 'reference':
      return reference(raw) as Json;
    case 'address':
      return plainAddress(String(raw)) || null;
    case 'file':
      return raw === false ? null : file(raw);
    case 'json':
      return raw as Json;
    default:
      if (raw === false) return null;
      return name === 'comments' ? plainText(String(raw)) || null : String(raw);
  }
}

/** A value of the vendor in the kit's form; null when there is none. */
export function readValue(raw: unknown, live: LiveField, portalOffset: string): Value {
  if (!live.field.list) return readOne(raw, live, portalOffset);
  const list = Array.isArray(raw) ? raw : isEmpty(raw) || raw === false ? [] : [raw];
  const values = list.map((one) => readOne(one, live, portalOffset)).filter((one) => one !== null);
  return values.length > 0 ? values : null;
}

/** Whether a choice of this value has no label yet: a stage or an option that is newer than what we know. */
export function lacksLabel(value: Value, field: Field): boolean {
  if (field.type !== 'choice' || value === null || value === undefined) return false;
  return [value].flat().some((one) => !field.choices?.some((known) => known.id === (one as unknown as Choice).id));
}

const idOf = (value: Value): string =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && 'id' in value
    ? String(value.id)
    : String(value);

/** A choice may be given by id or by its label. */
function choiceId(value: Value, field: Field): string {
  const id = idOf(value);
  if (field.choices?.some((one) => one.id === id)) return id;
  const wanted = id.trim().toLowerCase();
  return field.choices?.find((one) => one.label.trim().toLowerCase() === wanted)?.id ?? id;
}

const isTrue = (value: Value): boolean => value === true || ['y', 'true', '1'].includes(String(value).toLowerCase());

function writeOne(value: Value, live: LiveField, schema: Schema): unknown {
  const { field, info } = live;
  switch (field.type) {
    case 'boolean':
      return info.isDynamic ? (isTrue(value) ? 1 : 0) : isTrue(value) ? 'Y' : 'N';
    case 'number':
      if (info.type !== 'money') return asNumber(value) ?? String(value);
      return String(value).includes('|') ? String(value) : `${String(value)}|${schema.baseCurrency}`;
    case 'choice':
      return info.type === 'enumeration' || info.type === 'crm_category'
        ? Number(choiceId(value, field))
        : choiceId(value, field);
    case 'reference':
      return Number(idOf(value));
    case 'datetime':
      return String(value).replace(/Z$/, '+00:00');
    case 'json':
      return value;
    default:
      return typeof value === 'object' && value !== null ? idOf(value) : String(value);
  }
}

/** A value of the kit as the vendor takes it. Null clears. */
export function writeValue(value: Value, live: LiveField, schema: Schema): unknown {
  const { field } = live;
  if (field.list) {
    if (isEmpty(value)) return [];
    return [value].flat().map((one) => writeOne(one as Value, live, schema));
  }
  if (isEmpty(value)) return field.type === 'reference' ? 0 : '';
  return writeOne(value, live, schema);
}
