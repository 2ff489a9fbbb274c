import { ConnectorError } from '../../../kit/errors.ts';
import type { Choice, Value, Values } from '../../../kit/field.ts';
import type { CreateInput, UpdateInput, Written } from '../../../kit/record-type.ts';
import type { Item } from '../answers.ts';
import { type Api, type Command, methods, type Params } from '../api.ts';
import { isContactKey, multifieldChanges, multifieldsOf, newMultifields } from '../multifields.ts';
import { DEAL, type Schema, schemaOf } from '../schema.ts';
import { writeValue } from '../values.ts';
import { hasContacts, type Kind, toRecs, urlOf } from './read.ts';

/** Our mark in the vendor's own fields for the key of an outside system. */
const ORIGINATOR = 'mostik';

const idOf = (value: Value | undefined): string =>
  typeof value === 'object' && value !== null && 'id' in value
    ? String((value as unknown as Choice).id)
    : String(value ?? '');

/** `C1:NEW` belongs to pipeline 1, `NEW` to pipeline 0. */
const pipelineOf = (stage: string): string => /^C(\d+):/.exec(stage)?.[1] ?? '0';

function fieldsOf(schema: Schema, values: Values): Params {
  const fields: Params = {};
  for (const [key, value] of Object.entries(values)) {
    const live = schema.byKey.get(key);
    if (live && !live.field.readOnly) fields[live.name] = writeValue(value, live, schema);
  }
  return fields;
}

/** A stage of another pipeline is refused unless the pipeline changes with it. */
function addPipeline(fields: Params, schema: Schema, current: Values | undefined): void {
  if (schema.entityTypeId !== DEAL || !fields.stageId || 'categoryId' in fields) return;
  const pipeline = pipelineOf(String(fields.stageId));
  if (!current || idOf(current.category) !== pipeline) fields.categoryId = Number(pipeline);
}

/** The vendor names a field by its title or code; the mapping's row is found by our key. */
async function named<T>(schema: Schema, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.field === undefined) throw error;
    const { kind, code, text, outcome, field } = error;
    const live = schema.fields.find(({ name, info }) => [name, info.upperName, info.title].includes(field));
    throw new ConnectorError({ kind, code, text, outcome, field: live?.field.key ?? field, cause: error });
  }
}

const written = async (api: Api, kind: Kind, item: Item, addresses?: Map<string, string>): Promise<Written> => {
  const [record] = await toRecs(api, kind, [item], addresses);
  return {
    id: String(item.id),
    url: urlOf(api, kind, String(item.id)),
    ...(record && { record, label: record.label ?? '' }),
  };
};

const hasOrigin = (schema: Schema): boolean =>
  [schema.byKey.get('originatorId'), schema.byKey.get('originId')].every((live) => live && !live.field.readOnly);

export async function create(api: Api, kind: Kind, input: CreateInput): Promise<Written> {
  const schema = await schemaOf(api, kind.entityTypeId);
  const fields = fieldsOf(schema, input.values);
  addPipeline(fields, schema, undefined);
  if (hasContacts(kind.entityTypeId)) {
    const fm = newMultifields(input.values, api.country);
    if (fm.length > 0) fields.fm = fm;
  }
  if (hasOrigin(schema) && !fields.originId && !fields.originatorId)
    Object.assign(fields, { originatorId: ORIGINATOR, originId: input.repeatKey });
  const { value } = await named(schema, () => api.run(methods.itemAdd({ entityTypeId: kind.entityTypeId, fields })));
  // A record made this moment has no company details yet, so its address needs no call.
  return written(api, kind, value.item, new Map());
}

/** Looks for what a create made whose answer got lost. Where the mapping itself fills the origin, nobody can tell. */
export async function recover(api: Api, kind: Kind, input: CreateInput): Promise<Written | 'notDone' | 'unknown'> {
  const schema = await schemaOf(api, kind.entityTypeId);
  const own = fieldsOf(schema, input.values);
  if (!hasOrigin(schema) || own.originId || own.originatorId) return 'unknown';
  const filter = { '=originatorId': ORIGINATOR, '=originId': input.repeatKey };
  const { value } = await api.run(
    methods.itemList(kind.entityTypeId, { filter, order: { id: 'ASC' }, select: ['*'], start: -1 }),
  );
  const [first] = value.items;
  return first ? written(api, kind, first, new Map()) : 'notDone';
}

interface Steps {
  item?: Command;
  contacts?: Command;
}

/** The vendor's own calls for an update, in their order. */
async function stepsOf(api: Api, kind: Kind, input: UpdateInput, schema: Schema): Promise<Steps> {
  const { entityTypeId } = kind;
  const id = Number(input.id);
  const fields = fieldsOf(schema, input.values);
  addPipeline(fields, schema, input.current?.values);
  const steps: Steps = {};
  if (Object.keys(fields).length > 0) steps.item = methods.itemUpdate({ entityTypeId, id, fields });
  if (!hasContacts(entityTypeId) || !Object.keys(input.values).some(isContactKey)) return steps;
  const { value } = await api.run(methods.itemGet({ entityTypeId, id }));
  const rows = multifieldChanges(input.values, multifieldsOf(value.item.fm), api.country);
  if (Object.keys(rows).length > 0) steps.contacts = methods.legacyUpdate(entityTypeId, { id, fields: rows });
  return steps;
}

/** Sends only what changes; phones and e-mails go a way of their own, in the same batch. */
export async function update(api: Api, kind: Kind, input: UpdateInput): Promise<Written> {
  const schema = await schemaOf(api, kind.entityTypeId);
  const { item, contacts } = await stepsOf(api, kind, input, schema);
  const after = methods.itemGet({ entityTypeId: kind.entityTypeId, id: Number(input.id) });
  const address = input.current?.values.address;
  const addresses = input.current ? new Map(address ? [[input.id, String(address)]] : []) : undefined;
  if (!contacts) {
    const { value } = await named(schema, () => api.run((item ?? after) as typeof after));
    return written(api, kind, value.item, addresses);
  }
  const result = await named(schema, () => inOrder(api, { ...(item && { item }), contacts }, after));
  return result ? written(api, kind, result.item, addresses) : { id: input.id, url: urlOf(api, kind, input.id) };
}

/** The portal puts an earlier command's result in the place of `$result[…]` (batch.md), also in a text of a customer. */
const mentionsResults = (commands: Record<string, Command>): boolean =>
  JSON.stringify(Object.values(commands).map(({ params }) => params)).includes('$result[');

/** Too long or not allowed in a batch: the vendor's table says to call directly. */
const isBatchRefused = (error: unknown): boolean => error instanceof ConnectorError && error.code === 'bitrix24.batch';

/** Writes and the record after them: in one batch, or one by one where a batch cannot carry them. */
async function inOrder<T>(api: Api, writes: Record<string, Command>, after: Command<T>): Promise<T | undefined> {
  if (!mentionsResults(writes)) {
    try {
      const { values, failures } = await api.batch({ ...writes, after }, { halt: true });
      const failure = Object.keys(writes)
        .map((key) => failures[key])
        .find((each) => each !== undefined);
      if (failure) throw failure;
      return values.after as T | undefined;
    } catch (error) {
      if (!isBatchRefused(error)) throw error;
    }
  }
  for (const write of Object.values(writes)) await api.run(write);
  return (await api.run(after)).value;
}
