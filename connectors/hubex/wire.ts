import { DateTime } from 'luxon';
import { z } from 'zod';
import type { Json } from '../../kit/field.ts';
import { unexpected } from './errors.ts';

/**
 * What HubEx answers. Empty fields are absent, so nothing is required; unknown fields are let through. A member of another
 * form than we know is left out: one odd value must not cost the task it stands on.
 */
const maybe = <T extends z.ZodType>(schema: T) =>
  schema
    .optional()
    .catch(undefined)
    // Else the member itself would be optional in the type.
    .transform((value) => value);
const text = maybe(z.union([z.string(), z.number()]).transform(String));
/** Also as text: "1500.00". */
const number = maybe(z.union([z.number(), z.string().regex(/\d/).transform(readNumber).pipe(z.number())]));
/** The time of the deletion, or that there was one. */
const deleted = maybe(z.union([z.string(), z.number(), z.literal(true)]).transform(String));
const idValue = z.union([z.string(), z.number()]).transform(String);

function readNumber(told: string): number {
  return Number(told.replace(/\s/g, '').replace(',', '.'));
}

export const named = z.looseObject({ id: idValue, name: text });
export type Named = z.infer<typeof named>;

const user = z.looseObject({ lastName: text, firstName: text, middleName: text, email: text });

export const attributeValue = z.looseObject({
  attribute: named,
  attributeType: maybe(z.looseObject({ code: text, name: text })),
  value: z.unknown().optional(),
  listOfValues: z.unknown().optional(),
});
export type AttributeValue = z.infer<typeof attributeValue>;

/** `Tasks.ListResult` and, with the last members, `DetailedInfoResult`. */
export const taskSchema = z.looseObject({
  number: text,
  lastModified: text,
  erpID: text,
  notes: text,
  taskType: maybe(named),
  taskStage: maybe(named),
  taskStatus: maybe(named),
  workType: maybe(named),
  actualCriticality: maybe(named),
  company: maybe(named),
  asset: maybe(named),
  location: maybe(z.looseObject({ id: idValue, address: text })),
  requestedBy: maybe(user),
  assignedTo: maybe(user),
  contactPerson: text,
  contactPhone: text,
  contactEmail: text,
  timesheet: z.record(z.string(), z.unknown()).catch({}),
  deleted,
  requestMethod: maybe(named),
  actualCost: number,
  estimatedCost: number,
  attribute: maybe(
    z.array(z.unknown()).transform((values) => values.flatMap((value) => attributeValue.safeParse(value).data ?? [])),
  ),
  concurrencyStamp: text,
});
export type TaskRow = z.infer<typeof taskSchema>;

/** A row of a list. One that is no object at all tells nothing but its id. */
export const taskOf = (row: unknown): TaskRow => taskSchema.safeParse(row).data ?? taskSchema.parse({});

export const createdTask = z.looseObject({ id: idValue, number: text });
export const accessToken = z.looseObject({ access_token: z.string().min(1), expires_in: number });

/** `ListStagingHistoryResult`; read defensively, since the sources do not agree whether notes are in it. */
export const stageEntry = z.looseObject({
  taskStage: maybe(named),
  completed: text,
  notes: text,
  sortOrder: number,
});
export type StageEntry = z.infer<typeof stageEntry>;

export const nextStage = z.looseObject({ name: text, linkName: text });
export const taskMessage = z.looseObject({ created: text, message: text, isExternal: maybe(z.boolean()) });
export const dictionaryRow = z.looseObject({ name: text, nameRu: text, shortNameRu: text, deleted });

export const attributeSchema = z.looseObject({
  name: text,
  deleted,
  type: maybe(z.looseObject({ code: text, name: text })),
  /** A map in lists, an array of `{key, value}` on the card. */
  listOfValues: z.unknown().optional(),
});

export const contactSchema = z.looseObject({
  fullName: text,
  phone: text,
  email: text,
  position: text,
  description: text,
  deleted,
});
export const companySchema = z.looseObject({
  name: text,
  tin: text,
  erpID: text,
  phone: text,
  email: text,
  isEmployer: maybe(z.boolean()),
  registrationTypeID: text,
  registrationTypeNameRu: text,
  deleted,
});
export const locationSchema = z.looseObject({ address: text, coordinate: text, deleted });

/** Reads a body by its schema; what does not fit is an answer nobody described. */
export function read<T extends z.ZodType>(schema: T, body: unknown, what: string): z.infer<T> {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw unexpected(what, parsed.error);
  return parsed.data;
}

/** A card with none of the members we know is no record that happens to be empty: an error in disguise, or somebody else's answer. */
export function readCard<T extends z.ZodObject>(schema: T, body: unknown, what: string): z.infer<T> {
  const card = read(schema, body, what) as Record<string, unknown>;
  const isKnown = Object.keys(schema.shape).some((member) => !isAbsent(card[member]));
  if (!isKnown) throw unexpected(what, null);
  return card as z.infer<T>;
}

const isAbsent = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);

export interface Row {
  id: string;
  row: unknown;
}

/** Lists come as a map keyed by id, whose rows mostly carry no id, or as an array. Nothing at all is an empty list. */
export function rowsOf(body: Json | null): Row[] {
  if (body === null || typeof body !== 'object') return [];
  if (!Array.isArray(body)) return Object.entries(body).map(([id, row]) => ({ id, row }));
  return body.map((row) => {
    const id = row !== null && typeof row === 'object' && !Array.isArray(row) ? row.id : undefined;
    return { id: id === undefined || id === null ? '' : String(id), row };
  });
}

const hasZone = /(?:Z|[+-]\d{2}:?\d{2})$/;

/** A time as `field.ts` wants it: UTC with Z, the fraction kept. Times without a zone are in the connection's `zone`. */
export function readTime(value: unknown, zone: string): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  const parts = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?)(\.\d+)?(.*)$/.exec(value.trim().replace(' ', 'T'));
  if (!parts) return undefined;
  const [, moment = '', fraction = '', offset = ''] = parts;
  const at = DateTime.fromISO(`${moment}${hasZone.test(offset) ? offset : ''}`, { zone });
  return at.isValid ? `${at.toUTC().toFormat("yyyy-MM-dd'T'HH:mm:ss")}${fraction}Z` : undefined;
}

/** The other way: requests carry UTC with milliseconds, as in the vendor's samples. */
export function writeTime(value: string): string {
  const at = new Date(value);
  return Number.isNaN(at.getTime()) ? value : at.toISOString();
}
