import { z } from 'zod';

/** PHP sends an empty map as `[]`. */
export const phpMap = <T extends z.ZodType>(value: T) =>
  z.preprocess(
    (raw) => (Array.isArray(raw) ? Object.fromEntries(raw.map((one, index) => [String(index), one])) : raw),
    z.record(z.string(), value),
  );

const time = z.looseObject({
  /** Unix seconds by the portal's clock. */
  start: z.number().optional(),
  operating_reset_at: z.number().optional(),
  /** In the offset of the portal's server. */
  date_start: z.string().optional(),
});
export type Time = z.infer<typeof time>;

export const envelope = z.looseObject({
  result: z.unknown(),
  time: time.optional(),
  total: z.number().optional(),
  next: z.number().optional(),
});
export type Envelope = z.infer<typeof envelope>;

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The words in whatever PHP put where a text belongs: null, a number, a list of sentences, a map by field. */
function wordsOf(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Object.values(value).map(wordsOf).filter(Boolean).join('; ');
  return value === null || value === undefined ? '' : String(value);
}

/** `error` may be empty, a number or a sentence; newer methods put an object with code and message there (rest-v3.md). */
export function saidIn(body: unknown): { error: string; description: string } {
  const { error, error_description } = isMap(body) ? body : { error: body };
  if (!isMap(error)) return { error: wordsOf(error), description: wordsOf(error_description) };
  const { code, ...rest } = error;
  return { error: wordsOf(code), description: wordsOf(error_description) || wordsOf(rest) };
}

/** Told by the presence of the key `error`, never by its value. */
export const isRefusal = (body: unknown): boolean => isMap(body) && 'error' in body;

export const batchResult = z.looseObject({
  result: phpMap(z.unknown()),
  result_error: phpMap(z.unknown().transform(saidIn)),
  result_next: phpMap(z.number()).optional(),
  result_time: phpMap(time).optional(),
});

const id = z.union([z.string(), z.number()]).transform(String);
const word = z.union([z.string(), z.number()]).nullish();
/** A text that may be missing: one odd row must not stop the reading of all. */
const text = word.catch(null).transform((value) => (value === null || value === undefined ? '' : String(value)));

export const item = z.looseObject({ id: z.number() });
export type Item = z.infer<typeof item>;
export const itemResult = z.object({ item });
export const itemsResult = z.object({ items: z.array(item) });

export const fieldInfo = z.looseObject({
  type: z.string(),
  title: text,
  upperName: z.string().optional(),
  isRequired: z.boolean().optional().default(false),
  isReadOnly: z.boolean().optional().default(false),
  isImmutable: z.boolean().optional().default(false),
  isMultiple: z.boolean().optional().default(false),
  isDynamic: z.boolean().optional().default(false),
  statusType: z.string().optional(),
  settings: z.unknown().optional(),
});
export type FieldInfo = z.infer<typeof fieldInfo>;
export const fieldsResult = z.object({ fields: z.record(z.string(), fieldInfo) });

export const userField = z.looseObject({
  FIELD_NAME: z.string(),
  USER_TYPE_ID: z.string(),
  EDIT_FORM_LABEL: z.string().nullish(),
  LIST_COLUMN_LABEL: z.string().nullish(),
  SETTINGS: z.unknown().optional(),
  LIST: z.array(z.looseObject({ ID: id, VALUE: text })).optional(),
});
export type UserField = z.infer<typeof userField>;

export const status = z.looseObject({ ENTITY_ID: z.string(), STATUS_ID: id, NAME: text });
export type Status = z.infer<typeof status>;

export const category = z.looseObject({ id: z.number(), name: text });
export type Category = z.infer<typeof category>;
export const categoriesResult = z.object({ categories: z.array(category) });

export const currency = z.looseObject({
  CURRENCY: z.string(),
  BASE: z.string().optional(),
  FULL_NAME: z.string().nullish(),
});
export type Currency = z.infer<typeof currency>;

/** Deals say STAGE_ID, leads STATUS_ID. */
export const historyRow = z.looseObject({
  ID: z.coerce.number(),
  TYPE_ID: z.coerce.number(),
  OWNER_ID: z.coerce.number(),
  CREATED_TIME: z.string(),
  CATEGORY_ID: z.coerce.number().optional(),
  STAGE_ID: z.string().optional(),
  STATUS_ID: z.string().optional(),
});
export type HistoryRow = z.infer<typeof historyRow>;
export const historyResult = z.object({ items: z.array(historyRow) });

/** By type of record; without a match an empty list. */
export const duplicates = phpMap(z.array(z.coerce.number()));

export const requisite = z.looseObject({ ID: id, ENTITY_ID: id });
export const address = z.looseObject({
  TYPE_ID: id,
  ENTITY_ID: id,
  ADDRESS_1: word,
  ADDRESS_2: word,
  CITY: word,
  POSTAL_CODE: word,
  REGION: word,
  PROVINCE: word,
  COUNTRY: word,
});
export type Address = z.infer<typeof address>;

export const person = z.looseObject({ NAME: z.string().nullish(), LAST_NAME: z.string().nullish() });
export type Person = z.infer<typeof person>;

export const multifield = z.looseObject({
  id: z.coerce.number().catch(0),
  typeId: text,
  valueType: text.transform((type) => type || 'OTHER'),
  value: text,
});
export type Multifield = z.infer<typeof multifield>;
