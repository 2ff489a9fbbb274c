import type { Field, FieldType, Json, Values } from '../../kit/field.ts';

/** Deeper or wider bodies are reached through the object that holds them. */
const deepest = 6;
const most = 300;

const patterns: [FieldType, RegExp][] = [
  ['datetime', /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z$/],
  ['date', /^\d{4}-\d\d-\d\d$/],
  ['email', /^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$/],
  ['url', /^https?:\/\/\S+$/],
  ['phone', /^\+\d[\d\s()-]{8,17}\d$/],
];

function typeOf(value: Json): FieldType {
  switch (typeof value) {
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'string':
      return patterns.find(([, pattern]) => pattern.test(value))?.[0] ?? 'text';
    default:
      return 'json';
  }
}

const isObject = (value: Json): value is Record<string, Json> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** What all values of one place have in common; a place that once held something else is text. */
function commonField(key: string, values: Json[]): Field {
  const lists = values.filter((value) => Array.isArray(value));
  const list = lists.length > 0 && lists.length === values.length;
  const single = list ? lists.flat() : values;
  const types = new Set(single.filter((value) => value !== null).map(typeOf));
  const [only] = types;
  const scalar = !types.has('json') && lists.length === (list ? values.length : 0);
  const type = types.size === 1 && only ? only : scalar ? 'text' : 'json';
  const multiline = type === 'text' && single.some((value) => typeof value === 'string' && value.includes('\n'));
  return { key, label: key, type, ...(list ? { list } : {}), ...(multiline ? { multiline } : {}) };
}

/**
 * Fields guessed from caught bodies: each key is a field, an object is one as a whole, and what is inside it stands
 * under its path as in `client.phone`.
 */
export function fieldsOfSamples(samples: Values[]): Field[] {
  const places = new Map<string, Json[]>();
  const walk = (object: Record<string, Json>, above: string, depth: number): void => {
    for (const [name, value] of Object.entries(object)) {
      const key = above === '' ? name : `${above}.${name}`;
      if (!places.has(key) && places.size >= most) continue;
      places.set(key, [...(places.get(key) ?? []), value]);
      if (isObject(value) && depth < deepest) walk(value, key, depth + 1);
    }
  };
  for (const sample of samples) walk(sample, '', 1);
  return [...places].map(([key, values]) => ({ ...commonField(key, values), readOnly: true }));
}
