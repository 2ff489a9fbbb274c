import type { Choice, Field } from '../../kit/field.ts';
import type { Category, Currency, FieldInfo, Status, UserField } from './answers.ts';
import { type Api, type Command, methods, PAGE } from './api.ts';
import { type Dictionaries, fieldOf, statusTypeOf } from './fields.ts';

export const LEAD = 1;
export const DEAL = 2;
export const CONTACT = 3;
export const COMPANY = 4;

export interface LiveField {
  /** As the vendor calls it. */
  name: string;
  info: FieldInfo;
  field: Field;
}

/** How records of one type look on this portal right now. */
export interface Schema {
  entityTypeId: number;
  fields: LiveField[];
  byKey: Map<string, LiveField>;
  baseCurrency: string;
}

/** Runs commands in batches, follows `next` of the lists, and forgives what the account may not read. */
async function ask(api: Api, commands: Record<string, Command>): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  let left = Object.entries(commands);
  while (left.length > 0) {
    const now = left.splice(0, PAGE);
    const { values, failures, next } = await api.batch(Object.fromEntries(now));
    for (const [key, command] of now) {
      const failure = failures[key];
      if (failure && failure.kind !== 'noAccess' && failure.kind !== 'rejected') throw failure;
      if (failure && key === 'fields') throw failure;
      const value = values[key];
      const before = found[key];
      found[key] = Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : (value ?? before);
      const start = next[key];
      if (start !== undefined) left.push([key, { ...command, params: { ...command.params, start } }]);
    }
    left = left.filter(Boolean);
  }
  return found;
}

const rows = <T>(value: unknown): T[] => (Array.isArray(value) ? (value as T[]) : []);

const asChoices = (statuses: Status[], group?: string): Choice[] =>
  statuses.map((status) => ({ id: status.STATUS_ID, label: status.NAME, ...(group !== undefined && { group }) }));

/** Dictionaries with the stages: `DEAL_STAGE` for pipeline 0, `DEAL_STAGE_n` for the others, `STATUS` for leads. */
const stageEntity = (entityTypeId: number, category: Category): string =>
  entityTypeId === LEAD ? 'STATUS' : category.id === 0 ? 'DEAL_STAGE' : `DEAL_STAGE_${category.id}`;

const needsStages = (entityTypeId: number): boolean => entityTypeId === DEAL || entityTypeId === LEAD;

async function load(api: Api, entityTypeId: number): Promise<Schema> {
  const first = await ask(api, {
    fields: methods.itemFields({ entityTypeId }),
    users: methods.userFieldList(entityTypeId),
    currencies: methods.currencyList(),
    ...(entityTypeId === DEAL && { categories: methods.categoryList(entityTypeId) }),
  });
  const { fields } = first.fields as { fields: Record<string, FieldInfo> };
  const users = rows<UserField>(first.users);
  const currencies = rows<Currency>(first.currencies);
  const { categories = [] } = (first.categories ?? {}) as { categories?: Category[] };
  const userFields = Object.fromEntries(users.map((user) => [user.FIELD_NAME, user]));
  const pipelines = needsStages(entityTypeId) && categories.length === 0 ? [{ id: 0, name: '' }] : categories;
  const entities = pipelines.map((pipeline) => stageEntity(entityTypeId, pipeline));
  for (const info of Object.values(fields)) {
    const entity = info.type === 'crm_status' ? statusTypeOf(info, { userFields }) : undefined;
    if (entity) entities.push(entity);
  }
  const statuses = await ask(
    api,
    Object.fromEntries([...new Set(entities)].map((entity) => [entity, methods.statusList(entity)])),
  );
  const known: Dictionaries = {
    userFields,
    statuses: Object.fromEntries(
      Object.entries(statuses).map(([entity, list]) => [entity, asChoices(rows<Status>(list))]),
    ),
    stages: pipelines.flatMap((pipeline) =>
      asChoices(rows<Status>(statuses[stageEntity(entityTypeId, pipeline)]), pipeline.name || undefined),
    ),
    categories: categories.map(({ id, name }) => ({ id: String(id), label: name })),
    currencies: currencies.map((row) => ({ id: row.CURRENCY, label: row.FULL_NAME || row.CURRENCY })),
  };
  const live = Object.entries(fields).flatMap(([name, info]): LiveField[] => {
    const field = fieldOf(name, info, known);
    return field ? [{ name, info, field }] : [];
  });
  return {
    entityTypeId,
    fields: live,
    byKey: new Map(live.map((one) => [one.field.key, one])),
    baseCurrency: currencies.find((row) => row.BASE === 'Y')?.CURRENCY ?? 'RUB',
  };
}

interface Kept {
  at: number;
  schema: Promise<Schema>;
}

/**
 * Records carry ids of stages and options, their labels come from here. Kept for minutes as long as a connection is
 * open: without that each record read would cost two calls more out of the portal's two a second.
 */
const kept = new WeakMap<Api, Map<number, Kept>>();
const KEPT_MS = 5 * 60_000;
/** A label that is missing asks anew, but not at every record. */
const MISSING_MS = 10_000;

/** `fresh` asks the portal, `missing` does so unless it was asked a moment ago. */
export async function schemaOf(api: Api, entityTypeId: number, need?: 'fresh' | 'missing'): Promise<Schema> {
  const schemas = kept.get(api) ?? new Map<number, Kept>();
  kept.set(api, schemas);
  const known = schemas.get(entityTypeId);
  const age = known ? Date.now() - known.at : Number.POSITIVE_INFINITY;
  if (known && need !== 'fresh' && age < (need === 'missing' ? MISSING_MS : KEPT_MS)) return known.schema;
  const entry: Kept = { at: Date.now(), schema: load(api, entityTypeId) };
  schemas.set(entityTypeId, entry);
  entry.schema.catch(() => {
    if (schemas.get(entityTypeId) === entry) schemas.delete(entityTypeId);
  });
  return entry.schema;
}
