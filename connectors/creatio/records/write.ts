import { ConnectorError } from '../../../kit/errors.ts';
import type { Values } from '../../../kit/field.ts';
import type { CreateInput, UpdateInput, Written } from '../../../kit/record-type.ts';
import type { CreatioApi } from '../api.ts';
import { quoted, type Row } from '../dialect.ts';
import { type Schema, schemaOf } from '../schema.ts';
import { guidOf, readTime, writeTime, writeValue } from '../values.ts';
import { change } from './change.ts';
import { writeCommunications } from './communication-write.ts';
import { clock, get, toRecs } from './read.ts';
import { resolveId } from './resolve.ts';

/** Whether the stand keeps an `Id` of ours: told by the answer to the first create, never assumed. */
const keptKey = 'keepsOurIds';
/** A create whose answer got lost is looked for among records not older than this. */
const recentMs = 24 * 3600_000;

async function bodyOf(api: CreatioApi, schema: Schema, values: Values): Promise<Row> {
  const body: Row = {};
  for (const [key, value] of Object.entries(values)) {
    const column = schema.byKey.get(key);
    if (!column || column.field.readOnly) continue;
    // A way to the record in a body is ignored without a word, and the lookup stays empty: the flat column it is.
    body[column.name] =
      column.nav === undefined
        ? writeValue({ column, value, dialect: api.dialect, clock: clock(api) })
        : value === null
          ? null
          : await resolveId(api, column, value);
  }
  return body;
}

/** The vendor names a column; the mapping's row is found by our key. */
async function named<T>(schema: Schema, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.field === undefined) throw error;
    const { kind, code, text, outcome, field } = error;
    const column = schema.columns.find(({ name, nav }) => name === field || nav === field?.split('/')[0]);
    throw new ConnectorError({ kind, code, text, outcome, field: column?.field.key ?? field, cause: error });
  }
}

async function writtenRow(api: CreatioApi, entity: string, row: Row): Promise<Written> {
  const [record] = await toRecs(api, entity, [row]);
  if (!record) throw new Error('The answer to a write has no Id.');
  return { id: record.id, record, ...(record.label ? { label: record.label } : {}) };
}

async function writtenId(api: CreatioApi, entity: string, id: string): Promise<Written> {
  const record = await get(api, entity, id);
  return record ? { id, record, ...(record.label ? { label: record.label } : {}) } : { id };
}

/** Phones and e-mails have rows of their own and come after the record; the answer then is read again. */
async function finish(api: CreatioApi, entity: string, made: { row: Row; values: Values }): Promise<Written> {
  const id = guidOf(made.row.Id);
  const hasLists = Object.keys(made.values).some((key) => key === 'phones' || key === 'emails');
  if (id === null || !hasLists) return writtenRow(api, entity, made.row);
  await writeCommunications(api, { entity, id }, made.values);
  return writtenId(api, entity, id);
}

/**
 * The key of the run is the record's own Id, so a repeat meets itself. Whether a stand keeps such ids, the first real
 * create tells: the id that comes back is compared with the one that went out.
 */
export async function create(api: CreatioApi, entity: string, input: CreateInput): Promise<Written> {
  const schema = await schemaOf(api, entity);
  const { memory } = api.connection;
  const keeps = await memory.get(keptKey);
  const body = await bodyOf(api, schema, input.values);
  const id = keeps === false ? null : guidOf(input.repeatKey);
  const isProbe = keeps === undefined && id !== null;
  const row = await named(schema, () => createOrMeet(api, entity, { body, id, isProbe }));
  if (isProbe) await memory.set(keptKey, guidOf(row.Id) === id);
  return finish(api, entity, { row, values: input.values });
}

/** A create that arrives twice is refused by its key; the record that is there is ours, for nobody else has this id. */
async function createOrMeet(
  api: CreatioApi,
  entity: string,
  { body, id, isProbe }: { body: Row; id: string | null; isProbe: boolean },
): Promise<Row> {
  try {
    const row = await api.create(entity, id === null ? body : { ...body, Id: id });
    if (row) return row;
  } catch (error) {
    const isRefused = error instanceof ConnectorError && error.kind === 'rejected';
    if (!isRefused || id === null) throw error;
    const there = await api.get(entity, id);
    if (there) return there;
    // Nobody knows yet whether this stand takes ids of ours: the id itself may be what it refuses.
    if (isProbe) return createOrMeet(api, entity, { body, id: null, isProbe: false });
    throw error;
  }
  const made = id === null ? null : await api.get(entity, id);
  if (made) return made;
  throw new ConnectorError({
    kind: 'temporary',
    code: 'creatio.created_unseen',
    text: {
      en: 'The record was accepted, but the answer does not say under which id.',
      ru: 'Запись принята, но в ответе нет её идентификатора.',
    },
    outcome: 'unknown',
  });
}

/** Looks for what a create made whose answer got lost. */
export async function recover(
  api: CreatioApi,
  entity: string,
  input: CreateInput,
): Promise<Written | 'notDone' | 'unknown'> {
  const { memory } = api.connection;
  const id = guidOf(input.repeatKey);
  const keeps = await memory.get(keptKey);
  const own = id === null ? null : await api.get(entity, id);
  if (own) {
    if (keeps === undefined) await memory.set(keptKey, true);
    return finish(api, entity, { row: own, values: input.values });
  }
  if (keeps === true) return 'notDone';
  return search(api, entity, input);
}

/**
 * The stand does not keep our ids, or nobody knows yet: a record of the same name made since yesterday. None: nothing
 * was made. One: that is it. Several, or no name to look for: a person decides.
 */
async function search(api: CreatioApi, entity: string, input: CreateInput): Promise<Written | 'notDone' | 'unknown'> {
  const schema = await schemaOf(api, entity);
  const { display } = schema;
  const name = display === null ? undefined : input.values[display];
  if (display === null || typeof name !== 'string' || name === '' || !schema.names.has('CreatedOn')) return 'unknown';
  const since = writeTime(new Date(api.now().getTime() - recentMs).toISOString(), clock(api));
  const filter = `${display} eq ${quoted(name)} and CreatedOn ge ${api.dialect.time(since)}`;
  const { rows } = await api.list(entity, { filter, top: 3 });
  const sent = await bodyOf(api, schema, input.values);
  const same = rows.filter((row) => isSame(api, row, sent));
  const [only] = same;
  if (rows.length === 0) return 'notDone';
  return only && same.length === 1 ? finish(api, entity, { row: only, values: input.values }) : 'unknown';
}

/** Every column we sent holds what we sent. */
const isSame = (api: CreatioApi, row: Row, sent: Row): boolean =>
  Object.entries(sent).every(([name, value]) => {
    const there = row[name];
    if (typeof value === 'string' && typeof there === 'string') {
      const time = (text: string) => readTime(text, clock(api))?.slice(0, 19);
      return there.toLowerCase() === value.toLowerCase() || (time(there) !== undefined && time(there) === time(value));
    }
    return value === null || String(there) === String(value);
  });

/** Sends only what changes, and reads what became of it. */
export async function update(api: CreatioApi, entity: string, input: UpdateInput): Promise<Written> {
  const schema = await schemaOf(api, entity);
  const columns = await bodyOf(api, schema, input.values);
  if (Object.keys(columns).length > 0) await named(schema, () => change(api, entity, { id: input.id, columns }));
  await writeCommunications(api, { entity, id: input.id }, input.values);
  return writtenId(api, entity, input.id);
}
