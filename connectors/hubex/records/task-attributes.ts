import type { Choice, Field, FieldType, Value, Values } from '../../../kit/field.ts';
import type { HubexApi } from '../api.ts';
import { type AttributeValue, attributeSchema, readTime, writeTime } from '../wire.ts';
import { idOf, whereAllowed } from './choices.ts';

/** Custom fields («дополнительные поля»): described by the tenant, values always travel as text. */

const keyOfID = (id: string): string => `attribute_${id}`;
const idOfKey = (key: string): number | null => {
  const found = /^attribute_(\d+)$/.exec(key);
  return found ? Number(found[1]) : null;
};

/** The list of type codes is not documented, so their names are read for what they say; the rest is text. */
const typesByWord: [RegExp, FieldType][] = [
  [/date.?time|дата и время|timestamp/i, 'datetime'],
  [/date|дата/i, 'date'],
  [/bool|логич|flag|флаг|checkbox/i, 'boolean'],
  [/int|decimal|float|double|numeric|number|числ|money/i, 'number'],
];

function typeOf(
  type: { code?: string | undefined; name?: string | undefined } | undefined,
  choices: Choice[],
): FieldType {
  if (choices.length > 0) return 'choice';
  const words = `${type?.code ?? ''} ${type?.name ?? ''}`;
  return typesByWord.find(([pattern]) => pattern.test(words))?.[1] ?? 'text';
}

/** `{"yes":"Да"}` in lists, `[{"key":"yes","value":"Да"}]` on the card. */
function choicesFrom(listOfValues: unknown): Choice[] {
  if (listOfValues === null || typeof listOfValues !== 'object') return [];
  if (!Array.isArray(listOfValues)) {
    return Object.entries(listOfValues).map(([id, label]) => ({ id, label: String(label) }));
  }
  return (listOfValues as { key?: unknown; value?: unknown; deleted?: unknown }[])
    .filter((entry) => entry?.key !== undefined && !entry.deleted)
    .map(({ key, value }) => ({ id: String(key), label: String(value ?? key) }));
}

export async function attributeFields(api: HubexApi): Promise<Field[]> {
  const rows = await whereAllowed(api.taskAttributeCatalogue);
  return rows.flatMap(({ id, row }) => {
    const attribute = attributeSchema.safeParse(row).data;
    if (!attribute || attribute.deleted !== undefined) return [];
    const choices = choicesFrom(attribute.listOfValues);
    const type = typeOf(attribute.type, choices);
    return [
      {
        key: keyOfID(id),
        label: attribute.name ?? id,
        type,
        custom: true,
        ...(type === 'choice' ? { choices } : {}),
      },
    ];
  });
}

/** The custom values on a task's card. */
export function attributeValues(attributes: AttributeValue[], zone: string): Values {
  const values: Values = {};
  for (const { attribute, attributeType, value, listOfValues } of attributes) {
    const text = value === null || value === undefined ? '' : String(value);
    if (text === '') continue;
    const choices = choicesFrom(listOfValues);
    values[keyOfID(attribute.id)] = readValue(typeOf(attributeType, choices), { text, choices, zone });
  }
  return values;
}

function readValue(type: FieldType, raw: { text: string; choices: Choice[]; zone: string }): Value {
  const { text, choices, zone } = raw;
  switch (type) {
    case 'boolean':
      return /^(true|1|да|yes)$/i.test(text);
    case 'number': {
      const number = Number(text.replace(',', '.'));
      return Number.isNaN(number) ? null : number;
    }
    case 'datetime':
      return readTime(text, zone) ?? null;
    case 'date':
      return /^\d{4}-\d{2}-\d{2}/.exec(text)?.[0] ?? null;
    case 'choice': {
      const found = choices.find(({ id }) => id === text) ?? choices.find(({ label }) => label === text);
      return found ? { id: found.id, label: found.label } : { id: text, label: text };
    }
    default:
      return text;
  }
}

export interface AttributeRow {
  attributeID: number;
  value: unknown;
}

/** Our key of the field that a row writes. */
export const keyOf = ({ attributeID }: AttributeRow): string => keyOfID(String(attributeID));

/** Rows for `POST /WORK/TaskAttributes`: "" clears, yes and no go as they are (wiki), all else as text (swagger). */
export function attributeBody(values: Values): AttributeRow[] {
  return Object.entries(values).flatMap(([key, value]) => {
    const attributeID = idOfKey(key);
    return attributeID === null ? [] : [{ attributeID, value: wireValue(value) }];
  });
}

function wireValue(value: Value): string | boolean {
  if (value === null) return '';
  if (typeof value === 'boolean') return value;
  const text = idOf(value) ?? '';
  return /^\d{4}-\d{2}-\d{2}T.*Z$/.test(text) ? writeTime(text) : text;
}
