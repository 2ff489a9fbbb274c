import { ConnectorError } from '../../../kit/errors.ts';
import type { Values } from '../../../kit/field.ts';
import type { Rec } from '../../../kit/record-type.ts';
import type { CreatioApi } from '../api.ts';
import type { Ask, Page, Row } from '../dialect.ts';
import { lacks, noteLack } from '../lacks.ts';
import { choicesOf } from '../lookups.ts';
import { type Schema, schemaOf } from '../schema.ts';
import { type Clock, clockOf, guidOf, lacksChoice, readTime, readValue } from '../values.ts';
import { inParts, rowsOf } from './by-id.ts';
import { communicationsOf } from './communications.ts';

/** How many rows are asked for at once, less where they are so long that an answer grows too large. */
const pageSizes = [500, 100, 20];

export const clock = (api: CreatioApi): Clock => clockOf(api.dialect, api.settings.zone);

const expandKey = (entity: string) => `expand.${entity}`;

/** References come with the names of their records; choices have theirs already. */
const expandOf = (schema: Schema): NonNullable<Ask['expand']> =>
  schema.columns.flatMap(({ field, nav, display }) =>
    field.type === 'reference' && nav && display && !field.readOnly ? [{ nav, display }] : [],
  );

/** Asks with the names of references; a stand that does not take such a question is asked without them for a day. */
async function withNames<T>(api: CreatioApi, schema: Schema, work: (more: Ask) => Promise<T>): Promise<T> {
  const { memory } = api.connection;
  const key = expandKey(schema.entity);
  const expand = (await lacks(memory, key)) ? [] : expandOf(schema);
  if (expand.length === 0) return work({});
  try {
    return await work({ expand, columns: [...schema.names] });
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.kind !== 'rejected' || error.code.startsWith('http.')) throw error;
    // Refused again: then something else is wrong with it.
    const found = await work({});
    await noteLack(memory, key, error);
    return found;
  }
}

/** Columns come and go with the configuration, values of lookups with the days: what a row shows and we lack is read anew. */
async function freshSchema(api: CreatioApi, schema: Schema, rows: Row[]): Promise<Schema> {
  const navs = new Set(schema.columns.map(({ nav }) => nav));
  const isNew = (name: string) => !schema.names.has(name) && !navs.has(name);
  const [first] = rows;
  if (first && Object.entries(first).some(([name, value]) => isNew(name) && typeof value !== 'object'))
    return schemaOf(api, schema.entity, 'unknown');
  const lacking = schema.columns.filter((column) => rows.some((row) => lacksChoice(column, row)));
  if (lacking.length === 0) return schema;
  const targets = lacking.flatMap(({ target }) => target ?? []);
  const choices = await choicesOf(api, targets, 'missing');
  for (const { field, target } of lacking) {
    const now = target === undefined ? null : choices.get(target);
    if (now) field.choices = now;
  }
  return schema;
}

function toRec(row: Row, known: { schema: Schema; clock: Clock; more: Values | undefined }): Rec | null {
  const id = guidOf(row.Id);
  if (id === null) return null;
  const { schema } = known;
  const values: Values = {};
  for (const column of schema.columns) {
    const value = readValue(column, row, known.clock);
    if (value !== null) values[column.field.key] = value;
  }
  const label = schema.display === null ? '' : String(row[schema.display] ?? '').trim();
  const createdAt = readTime(row.CreatedOn, known.clock);
  const changedAt = readTime(row.ModifiedOn, known.clock);
  return {
    id,
    values: { ...values, ...known.more },
    label: label || id,
    ...(createdAt ? { createdAt } : {}),
    ...(changedAt ? { changedAt } : {}),
  };
}

/** Rows as records; phones and e-mails of a whole page come in a few calls. */
export async function toRecs(api: CreatioApi, entity: string, rows: Row[]): Promise<Rec[]> {
  if (rows.length === 0) return [];
  const schema = await freshSchema(api, await schemaOf(api, entity), rows);
  const communications = await communicationsOf(api, entity, rows);
  const known = { schema, clock: clock(api) };
  return rows.flatMap((row) => toRec(row, { ...known, more: communications.get(guidOf(row.Id) ?? '') }) ?? []);
}

/** A page with its references named. Rows that make the answer too large are asked for in smaller pages. */
export async function pageOf(api: CreatioApi, entity: string, ask: Ask): Promise<Page & { asked: number }> {
  const schema = await schemaOf(api, entity);
  for (const size of pageSizes) {
    const asked = Math.min(ask.top ?? size, size);
    try {
      const page = await withNames(api, schema, (more) => api.list(entity, { ...ask, ...more, top: asked }));
      return { ...page, asked };
    } catch (error) {
      const isTooLarge = error instanceof ConnectorError && error.code === 'http.too_large';
      if (!isTooLarge || size === pageSizes.at(-1)) throw error;
    }
  }
  throw new Error('unreachable');
}

export async function get(api: CreatioApi, entity: string, id: string): Promise<Rec | null> {
  const guid = guidOf(id);
  if (guid === null) return null;
  const row = await api.get(entity, guid);
  const [record] = row ? await toRecs(api, entity, [row]) : [];
  return record ?? null;
}

/** By id, twenty in one filter and the filters in one `$batch`; ids that are not there are absent. */
export async function getMany(api: CreatioApi, entity: string, ids: string[]): Promise<Rec[]> {
  const guids = [...new Set(ids.flatMap((id) => guidOf(id) ?? []))];
  const schema = await schemaOf(api, entity);
  const filterOf = (part: string[]) => part.map((id) => `Id eq ${api.dialect.guid(id)}`).join(' or ');
  const rows = await withNames(api, schema, async (more) => {
    const questionOf = (part: string[]) => ({ entity, ask: { filter: filterOf(part), top: part.length, ...more } });
    return rowsOf(api, inParts(api, guids, questionOf));
  });
  return toRecs(api, entity, rows);
}

/** The latest, newest first. */
export async function newest(api: CreatioApi, entity: string, limit: number): Promise<Rec[]> {
  const { names } = await schemaOf(api, entity);
  const order = ['CreatedOn', 'ModifiedOn'].find((name) => names.has(name));
  const page = await pageOf(api, entity, { top: limit, ...(order ? { order: `${order} desc` } : {}) });
  return toRecs(api, entity, page.rows);
}
