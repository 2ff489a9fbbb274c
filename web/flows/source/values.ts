import type { FieldView } from '../../../server/connections/contract.ts';
import type { JsonValue } from '../../../server/http/contract.ts';

type Tree = { [key: string]: JsonValue };
export const isTree = (value: JsonValue | undefined): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value by its path. A key may hold dots itself, so the whole rest is tried first; of a list the first element. */
export function valueAt(values: JsonValue | undefined, path: string[]): JsonValue | undefined {
  if (path.length === 0) return values;
  if (Array.isArray(values)) {
    const place = /^\d+$/.test(path[0] ?? '');
    return valueAt(values[place ? Number(path[0]) : 0], place ? path.slice(1) : path);
  }
  if (!isTree(values)) return undefined;
  for (let length = path.length; length > 0; length--) {
    const key = path.slice(0, length).join('.');
    if (Object.hasOwn(values, key)) return valueAt(values[key], path.slice(length));
  }
  return undefined;
}

export const isEmpty = (value: JsonValue | undefined): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.every(isEmpty));

/** What words and zone a value is shown in. */
export interface Showing {
  language: string;
  zone?: string | undefined;
  yes: string;
  no: string;
}

/** A value as people write it; empty text for an empty value. */
export function showValue(value: JsonValue | undefined, showing: Showing, type?: FieldView['type']): string {
  if (isEmpty(value) || value === undefined || value === null) return '';
  if (Array.isArray(value))
    return value
      .map((item) => showValue(item, showing, type))
      .filter(Boolean)
      .join(', ');
  if (typeof value === 'boolean') return value ? showing.yes : showing.no;
  if (typeof value === 'number') return value.toLocaleString(showing.language, { maximumFractionDigits: 6 });
  if (typeof value === 'string') return showText(value, showing, type);
  return showObject(value);
}

function showObject(value: Tree): string {
  if (typeof value.label === 'string' && value.label) return value.label;
  if (typeof value.name === 'string' && 'id' in value) return value.name;
  if ('id' in value && (typeof value.id === 'string' || typeof value.id === 'number')) return String(value.id);
  return JSON.stringify(value);
}

function showText(value: string, { language, zone }: Showing, type?: FieldView['type']): string {
  const datetime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}.*(Z|[+-]\d{2}:\d{2})$/.test(value);
  if ((type === 'datetime' || type === undefined) && datetime) return showTime(value, language, zone);
  if ((type === 'date' || type === undefined) && /^\d{4}-\d{2}-\d{2}$/.test(value)) {
    const date = new Date(`${value}T00:00:00Z`);
    if (!Number.isNaN(date.getTime())) return date.toLocaleDateString(language, { timeZone: 'UTC' });
  }
  return value;
}

function showTime(value: string, language: string, zone: string | undefined): string {
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) return value;
  return date.toLocaleString(language, {
    timeZone: zone,
    day: '2-digit',
    month: '2-digit',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  });
}
