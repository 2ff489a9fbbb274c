import { ConnectorError } from '../../../kit/errors.ts';
import type { Value } from '../../../kit/field.ts';
import type { Condition, Rec } from '../../../kit/record-type.ts';
import { fill } from '../../../kit/text.ts';
import type { CreatioApi } from '../api.ts';
import { quoted } from '../dialect.ts';
import { lacks, noteLack } from '../lacks.ts';
import { type LiveColumn, type Schema, schemaOf } from '../schema.ts';
import { guidOf } from '../values.ts';
import { isCommunication, ownersOf } from './communications.ts';
import { pageOf, toRecs } from './read.ts';
import { nameUnknown, resolveId } from './resolve.ts';

const caselessKey = 'tolower';

const notSearchable = (field: string): ConnectorError =>
  new ConnectorError({
    kind: 'rejected',
    code: 'creatio.not_searchable',
    text: fill(
      {
        en: 'There is no search by the field “{field}”. Choose another key of the duplicate rule.',
        ru: 'По полю «{field}» искать нельзя. Выберите другой ключ в поиске дублей.',
      },
      { field },
    ),
    field,
  });

const oneOf = (path: string, literals: string[]): string =>
  literals.map((literal) => `${path} eq ${literal}`).join(' or ');

/** E-mails whatever their case; the database of a stand may tell cases apart or not. */
const textFilter = (path: string, values: Value[], caseless: boolean): string =>
  caseless
    ? oneOf(`tolower(${path})`, [...new Set(values.map((value) => quoted(String(value).trim().toLowerCase())))])
    : oneOf(path, [...new Set(values.map((value) => quoted(String(value))))]);

async function conditionOf(
  api: CreatioApi,
  column: LiveColumn,
  search: { values: Value[]; caseless: boolean },
): Promise<string | null> {
  const { dialect } = api;
  const { values, caseless } = search;
  if (column.nav !== undefined) {
    const ids = await Promise.all(values.map((value) => resolveId(api, column, value).catch(notThere)));
    const known = ids.flatMap((id) => id ?? []);
    // In filters a lookup is a way to its record: the flat column is unknown there.
    return known.length === 0 ? null : oneOf(`${column.nav}/Id`, known.map(dialect.guid));
  }
  switch (column.edm) {
    case 'Edm.Guid': {
      const ids = values.flatMap((value) => guidOf(value) ?? []);
      return ids.length === 0 ? null : oneOf(column.name, ids.map(dialect.guid));
    }
    case 'Edm.String':
      return textFilter(column.name, values, caseless && column.field.type === 'email');
    case 'Edm.Boolean':
      return oneOf(column.name, values.map(String));
    default: {
      const numbers = values.map(Number).filter(Number.isFinite);
      return numbers.length === 0 ? null : oneOf(column.name, numbers.map(String));
    }
  }
}

/** A name that no record has finds nothing; that is no failure of a search. A name of several is: any of them may be meant. */
function notThere(error: unknown): null {
  if (error instanceof ConnectorError && error.code === nameUnknown) return null;
  throw error;
}

/** Null: nothing can match. */
async function filterOf(
  api: CreatioApi,
  input: { schema: Schema; where: Condition[]; caseless: boolean },
): Promise<string | null> {
  const { schema, where, caseless } = input;
  const parts: string[] = [];
  for (const { field, values } of where) {
    const column = schema.byKey.get(field);
    if (isCommunication(field)) {
      const filter = (path: string, part: Value[]) => textFilter(path, part, caseless && field === 'emails');
      const owners = await ownersOf(api, schema.entity, { kind: field, values, filter, columns: schema.names });
      if (owners.length === 0) return null;
      parts.push(oneOf('Id', owners.slice(0, 20).map(api.dialect.guid)));
      continue;
    }
    if (!column) throw notSearchable(field);
    const condition = await conditionOf(api, column, { values, caseless });
    if (condition === null) return null;
    parts.push(condition);
  }
  return parts.map((part) => (parts.length > 1 ? `(${part})` : part)).join(' and ');
}

/** Records that match every condition, the latest changed first. */
export async function find(
  api: CreatioApi,
  entity: string,
  input: { where: Condition[]; limit: number },
): Promise<Rec[]> {
  const schema = await schemaOf(api, entity);
  const search = async (caseless: boolean): Promise<Rec[]> => {
    const filter = await filterOf(api, { schema, where: input.where, caseless });
    if (filter === null) return [];
    const order = schema.names.has('ModifiedOn') ? { order: 'ModifiedOn desc' } : {};
    const { rows } = await pageOf(api, entity, { ...(filter ? { filter } : {}), ...order, top: input.limit });
    return toRecs(api, entity, rows);
  };
  const { memory } = api.connection;
  const caseless = !(await lacks(memory, caselessKey));
  try {
    return await search(caseless);
  } catch (error) {
    // A stand that does not know tolower() is asked letter by letter for a day.
    const mayBeFunction = error instanceof ConnectorError && error.kind === 'rejected' && hasEmail(schema, input.where);
    if (!caseless || !mayBeFunction) throw error;
    const found = await search(false);
    await noteLack(memory, caselessKey, error);
    return found;
  }
}

const hasEmail = (schema: Schema, where: Condition[]): boolean =>
  where.some(({ field }) => field === 'emails' || schema.byKey.get(field)?.field.type === 'email');
