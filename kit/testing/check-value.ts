import { z } from 'zod';
import type { Field, FieldType, Values } from '../field.ts';

const text = z.string();
const schemas: Record<FieldType, z.ZodType> = {
  text,
  phone: text,
  email: text,
  url: text,
  address: text,
  number: z.number(),
  boolean: z.boolean(),
  date: z.iso.date(),
  datetime: z.iso.datetime(),
  choice: z.strictObject({ id: z.string().min(1), label: z.string().min(1), group: z.string().optional() }),
  reference: z.strictObject({ id: z.string().min(1), label: z.string().optional() }),
  file: z.strictObject({
    id: z.string().min(1),
    name: z.string(),
    size: z.number().optional(),
    mimeType: z.string().optional(),
  }),
  json: z.json(),
};

/** What is wrong with a value of a field, or null. The forms are those of `FieldType`. */
export function checkValue(field: Field, value: unknown): string | null {
  if (value === null || value === undefined) return null;
  const schema = field.list ? z.array(schemas[field.type]) : schemas[field.type];
  const result = schema.safeParse(value);
  return result.success ? null : `${field.key} (${field.type}${field.list ? ' list' : ''}): ${JSON.stringify(value)}`;
}

/** Everything that is wrong with a record's values, and keys that no field describes. */
export function checkValues(fields: Field[], values: Values): string[] {
  const byKey = new Map(fields.map((field) => [field.key, field]));
  return Object.entries(values).flatMap(([key, value]) => {
    const field = byKey.get(key);
    if (!field) return [`${key}: not described`];
    return checkValue(field, value) ?? [];
  });
}
