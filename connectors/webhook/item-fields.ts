import { z } from 'zod';
import { ConnectorError } from '../../kit/errors.ts';
import type { Field, FieldType, Json, Value, Values } from '../../kit/field.ts';
import type { FormValues } from '../../kit/form.ts';
import { fill } from '../../kit/text.ts';
import { parseIfText } from './headers.ts';
import { placesOf } from './places.ts';

const itemTypes = ['text', 'number', 'boolean', 'date', 'datetime', 'phone', 'email', 'url', 'json'] as const;
type ItemType = (typeof itemTypes)[number];
const isItemType = (name: string): name is ItemType => itemTypes.some((type) => type === name);

/** Without declared fields the record is one value. */
const wholeRecord: Field = {
  key: 'body',
  label: { en: 'Whole record (JSON)', ru: 'Запись целиком (JSON)' },
  type: 'json',
};

const typeMap = z.record(z.string().min(1), z.string());

function pairsOf(setting: unknown): [string, string][] {
  const parsed = parseIfText(setting);
  const asObject = typeMap.safeParse(parsed);
  if (asObject.success) return Object.entries(asObject.data);
  return String(parsed ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const [name = '', type = 'text'] = part.split(':').map((piece) => piece.trim());
      return [name, type];
    });
}

/** By the settings of a saved action, which stay the same object for all its runs. */
const fieldsOf = new WeakMap<FormValues, Field[]>();

/**
 * The fields a person declared: `name, phone:phone, client.age:number`, or an object of name → type. A dot leads into
 * an object of the record. Those that the find address has a place for can be searched by.
 */
export function itemFields(settings: FormValues): Field[] {
  const fields = fieldsOf.get(settings) ?? readFields(settings);
  fieldsOf.set(settings, fields);
  return fields;
}

function readFields(settings: FormValues): Field[] {
  const places = new Set(placesOf(String(settings.findUrl ?? '')));
  const pairs = pairsOf(settings.fields);
  if (pairs.length === 0) return [wholeRecord];
  return pairs.map(([key, type]) => {
    if (!isItemType(type)) throw unknownType(key, type);
    // Phones are written in many ways over there: the search by one may miss, and says so.
    const search = type === 'phone' ? ('text' as const) : ('exact' as const);
    return { key, label: key, type, ...(places.has(key) ? { search } : {}) };
  });
}

const unknownType = (key: string, type: string): ConnectorError =>
  new ConnectorError({
    kind: 'rejected',
    code: 'webhook.unknown_type',
    field: 'fields',
    text: fill(
      {
        en: 'The field “{key}” has the type “{type}”, which there is not. Choose one of {types}.',
        ru: 'У поля «{key}» указан тип «{type}», такого нет. Выберите один из: {types}.',
      },
      { key, type, types: itemTypes.join(', ') },
    ),
  });

const isObject = (value: Json | undefined): value is Record<string, Json> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** A key that is there as it stands wins over the path it may mean. */
function valueAt(item: Json, path: string): Json | undefined {
  if (!isObject(item)) return undefined;
  if (Object.hasOwn(item, path)) return item[path];
  const dot = path.indexOf('.');
  return dot === -1 ? undefined : valueAt(item[path.slice(0, dot)] ?? null, path.slice(dot + 1));
}

/** The value in the form of its field, or null when it cannot have it. */
function inForm(type: FieldType, value: Json | undefined): Value {
  if (value === undefined || value === null) return null;
  switch (type) {
    case 'json':
      return value;
    case 'number': {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
      return typeof number === 'number' && Number.isFinite(number) ? number : null;
    }
    case 'boolean':
      return value === true || value === 'true' ? true : value === false || value === 'false' ? false : null;
    case 'date':
      return typeof value === 'string' && /^\d{4}-\d\d-\d\d/.test(value) ? value.slice(0, 10) : null;
    case 'datetime':
      return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? new Date(value).toISOString() : null;
    default:
      return typeof value === 'string' ? value : JSON.stringify(value);
  }
}

/** What the other side's item holds, by our fields. */
export function readItem(fields: Field[], item: Json): Values {
  return Object.fromEntries(
    fields.map((field) => [field.key, inForm(field.type, field === wholeRecord ? item : valueAt(item, field.key))]),
  );
}

/** The JSON the other side gets: `client.phone` becomes an object again. */
export function writeItem(values: Values): Json {
  const keys = Object.keys(values);
  if (keys.length === 1 && keys[0] === wholeRecord.key && isObject(values.body)) return values.body;
  const body: Record<string, Json> = {};
  for (const [path, value] of Object.entries(values)) {
    const steps = path.split('.');
    const last = steps.pop() ?? path;
    let place = body;
    for (const step of steps) {
      const next = Object.hasOwn(place, step) ? place[step] : undefined;
      const object = isObject(next) ? next : {};
      define(place, step, object);
      place = object;
    }
    define(place, last, value);
  }
  return body;
}

/** Plain assignment would take a field named `__proto__` for something else. */
const define = (object: Record<string, Json>, key: string, value: Json): void => {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
};
