import { z } from 'zod';

/** PHP sends an empty map as `[]`. */
export const phpMap = <T extends z.ZodType>(value: T) =>
  z.preprocess(
    (raw) => (Array.isArray(raw) ? Object.fromEntries(raw.map((one, index) => [String(index), one])) : raw),
    z.record(z.string(), value),
  );

/** Unix seconds by the portal's clock. */
const time = z.looseObject({ start: z.number().optional(), operating_reset_at: z.number().optional() });
export type Time = z.infer<typeof time>;

export const envelope = z.looseObject({
  result: z.unknown(),
  time: time.optional(),
  total: z.number().optional(),
  next: z.number().optional(),
});
export type Envelope = z.infer<typeof envelope>;

/** Told by the presence of the key: `error` may be the empty string, a number, or a sentence. */
export const refusal = z.looseObject({
  error: z.union([z.string(), z.number()]),
  error_description: z.string().optional().default(''),
});

export const batchResult = z.looseObject({
  result: phpMap(z.unknown()),
  result_error: phpMap(refusal),
  result_next: phpMap(z.number()).optional(),
  result_time: phpMap(time).optional(),
});

const id = z.union([z.string(), z.number()]).transform(String);
const word = z.union([z.string(), z.number()]).nullish();

export const item = z.looseObject({ id: z.number() });
export type Item = z.infer<typeof item>;
export const itemResult = z.object({ item });
export const itemsResult = z.object({ items: z.array(item) });

export const fieldInfo = z.looseObject({
  type: z.string(),
  title: z.string().optional().default(''),
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
  LIST: z.array(z.looseObject({ ID: id, VALUE: z.string() })).optional(),
});
export type UserField = z.infer<typeof userField>;

export const status = z.looseObject({ ENTITY_ID: z.string(), STATUS_ID: id, NAME: z.string() });
export type Status = z.infer<typeof status>;

export const category = z.looseObject({ id: z.number(), name: z.string() });
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
  id: z.coerce.number(),
  typeId: z.string(),
  valueType: z.string().optional().default('OTHER'),
  value: z.coerce.string(),
});
export type Multifield = z.infer<typeof multifield>;
