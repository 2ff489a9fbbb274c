import type { Values } from '../../../kit/field.ts';
import type { Rec } from '../../../kit/record-type.ts';
import { addressesOf } from '../addresses.ts';
import type { Item } from '../answers.ts';
import { type Api, methods, PAGE, type Params } from '../api.ts';
import { readMultifields } from '../multifields.ts';
import { DEAL, type Schema, schemaOf } from '../schema.ts';
import { lacksLabel, readValue, toUtc } from '../values.ts';

/** What tells one record type of the portal from another. */
export interface Kind {
  entityTypeId: number;
  /** In addresses of pages: `/crm/deal/details/351/`. */
  page: string;
  labelOf(values: Values): string;
}

/** Leads, contacts and companies have phones, e-mails and an address; deals have them through their client. */
export const hasContacts = (entityTypeId: number): boolean => entityTypeId !== DEAL;

export const urlOf = (api: Api, kind: Kind, id: string): string => `${api.site}/crm/${kind.page}/details/${id}/`;

function toRec(api: Api, kind: Kind, item: Item, known: { schema: Schema; address: string | undefined }): Rec {
  const values: Values = {};
  for (const live of known.schema.fields) {
    const value = readValue(item[live.name], live, api.offset());
    if (value !== null) values[live.field.key] = value;
  }
  if (hasContacts(kind.entityTypeId)) Object.assign(values, readMultifields(item.fm));
  if (known.address) values.address = known.address;
  const id = String(item.id);
  const createdAt = toUtc(String(item.createdTime ?? ''), api.offset());
  const changedAt = toUtc(String(item.updatedTime ?? ''), api.offset());
  return {
    id,
    values,
    label: kind.labelOf(values) || `#${id}`,
    url: urlOf(api, kind, id),
    ...(createdAt && { createdAt }),
    ...(changedAt && { changedAt }),
  };
}

const lacksLabels = (schema: Schema, items: Item[]): boolean =>
  items.some((item) =>
    schema.fields.some((live) => lacksLabel(readValue(item[live.name], live, '+00:00'), live.field)),
  );

/** Items of the vendor as records: labels from the live schema, addresses in two calls for the whole page. */
export async function toRecs(api: Api, kind: Kind, items: Item[], addresses?: Map<string, string>): Promise<Rec[]> {
  if (items.length === 0) return [];
  let schema = await schemaOf(api, kind.entityTypeId);
  if (lacksLabels(schema, items)) schema = await schemaOf(api, kind.entityTypeId, 'missing');
  const ids = items.map((item) => String(item.id));
  const known =
    addresses ?? (hasContacts(kind.entityTypeId) ? await addressesOf(api, kind.entityTypeId, ids) : new Map());
  return items.map((item) => toRec(api, kind, item, { schema, address: known.get(String(item.id)) }));
}

/**
 * A page of items with all their fields. `fm` comes only with exactly `["*"]`; where a portal leaves the users' own
 * fields out of `*`, they are asked for by name and put beside.
 */
export async function listItems(
  api: Api,
  kind: Kind,
  input: { filter: Params; order: Record<string, 'ASC' | 'DESC'> },
): Promise<{ items: Item[]; at: Date }> {
  const { entityTypeId } = kind;
  const page = await api.run(methods.itemList(entityTypeId, { ...input, select: ['*'], start: -1 }));
  const { items } = page.value;
  const schema = items.length > 0 ? await schemaOf(api, entityTypeId) : undefined;
  const own = schema?.fields.filter((live) => live.info.isDynamic).map((live) => live.name) ?? [];
  if (items.length === 0 || own.every((name) => items.some((item) => name in item))) return { items, at: page.at };
  const filter = { '@id': items.map((item) => item.id) };
  const more = await api.run(
    methods.itemList(entityTypeId, { filter, order: { id: 'ASC' }, select: ['id', ...own], start: -1 }),
  );
  const extra = new Map(more.value.items.map((item) => [item.id, item]));
  return { items: items.map((item) => ({ ...item, ...extra.get(item.id) })), at: page.at };
}

/** By id, 50 a call; ids that are not there are absent. */
export async function getMany(api: Api, kind: Kind, ids: string[]): Promise<Rec[]> {
  const numbers = [...new Set(ids)].map(Number).filter((id) => Number.isInteger(id) && id > 0);
  const found: Rec[] = [];
  for (let from = 0; from < numbers.length; from += PAGE) {
    const filter = { '@id': numbers.slice(from, from + PAGE) };
    const { items } = await listItems(api, kind, { filter, order: { id: 'ASC' } });
    found.push(...(await toRecs(api, kind, items)));
  }
  return found;
}

/** The latest, newest first; one page is all a person looks at. */
export async function newest(api: Api, kind: Kind, limit: number): Promise<Rec[]> {
  const { items } = await listItems(api, kind, { filter: {}, order: { id: 'DESC' } });
  return toRecs(api, kind, items.slice(0, limit));
}
