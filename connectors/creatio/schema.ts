import type { Choice, Field, FieldType } from '../../kit/field.ts';
import { missedMs } from './api/model.ts';
import type { CreatioApi } from './api.ts';
import { type CaptionColumn, valueTypes } from './captions.ts';
import { noSuchSet } from './errors.ts';
import { choicesOf, displayOf } from './lookups.ts';
import type { Column, Entity, Model } from './metadata.ts';
import { columnName, objectName } from './names.ts';

/** A column as a field: how it is shown, and how it is asked for and written. */
export interface LiveColumn {
  field: Field;
  /** The column of the record: `AccountId`. */
  name: string;
  /** `Edm.Guid`. */
  edm: string;
  /** A lookup's way to the other record: `Account`. Filters take this one, bodies the column. */
  nav?: string;
  /** The object it points to, and the column its records are known by. */
  target?: string;
  display?: string | null;
}

export interface Schema {
  entity: string;
  columns: LiveColumn[];
  byKey: Map<string, LiveColumn>;
  fields: Field[];
  /** The column records are known by. */
  display: string | null;
  /** Columns as the stand names them. */
  names: Set<string>;
}

const keptMs = 10 * 60_000;
const kept = new WeakMap<CreatioApi, Map<string, { at: number; schema: Promise<Schema> }>>();

/** The live fields of an object, kept for ten minutes. `unknown`: a record shows a column that is not among them. */
export async function schemaOf(
  api: CreatioApi,
  entity: string,
  freshness: 'kept' | 'unknown' = 'kept',
): Promise<Schema> {
  const cache = kept.get(api) ?? new Map<string, { at: number; schema: Promise<Schema> }>();
  kept.set(api, cache);
  const known = cache.get(entity);
  const longest = freshness === 'unknown' ? 60_000 : keptMs;
  if (known && Date.now() - known.at < longest) return known.schema;
  const schema = readSchema(api, entity, freshness === 'unknown');
  cache.set(entity, { at: Date.now(), schema });
  schema.catch(() => cache.delete(entity));
  return schema;
}

async function readSchema(api: CreatioApi, name: string, fresh: boolean): Promise<Schema> {
  let model = await api.model(fresh ? missedMs : undefined);
  // A new object is given out a minute or two after it was made.
  if (!model.has(name)) model = await api.model(missedMs);
  const entity = model.get(name);
  if (!entity) throw noSuchSet(name, api.about);
  const captions = await api.captions(name);
  const lookups = entity.columns.flatMap((column) => lookupOf(entity, column) ?? []);
  const choices = await choicesOf(
    api,
    lookups.map(({ target }) => target).filter((target) => model.has(target)),
  );
  const columns = entity.columns.flatMap((column): LiveColumn[] => {
    const caption = captions?.get(column.name) ?? captions?.get(column.name.replace(/Id$/, ''));
    const live = liveColumn({ entity, column, model, choices, ...(caption ? { caption } : {}) });
    return live ? [live] : [];
  });
  return {
    entity: name,
    columns,
    byKey: new Map(columns.map((column) => [column.field.key, column])),
    fields: columns.map(({ field }) => field),
    display: displayOf(entity),
    names: new Set(entity.columns.map((column) => column.name)),
  };
}

/** A Guid column `XId` with a way `X` to another record. */
function lookupOf(entity: Entity, column: Column): { nav: string; target: string } | null {
  if (column.type !== 'Edm.Guid' || !column.name.endsWith('Id')) return null;
  const nav = column.name.slice(0, -2);
  const target = entity.lookups[nav];
  return target === undefined ? null : { nav, target };
}

interface Known {
  entity: Entity;
  column: Column;
  model: Model;
  choices: Map<string, Choice[] | null>;
  caption?: CaptionColumn;
}

/** The stand keeps these itself. */
const keptByStand = new Set(['Id', 'CreatedOn', 'CreatedById', 'ModifiedOn', 'ModifiedById']);
/** These move without anybody changing the record. */
const derived = new Set([
  'ModifiedOn',
  'ModifiedById',
  'ProcessListeners',
  'Age',
  'Completeness',
  'LeadConversionScore',
]);
/** Columns whose name says the kind that the type does not. */
const kinds: { names: RegExp; type: FieldType }[] = [
  { names: /Phone\d*$|^Fax$/, type: 'phone' },
  { names: /^E?-?mail$|Email$/i, type: 'email' },
  { names: /^(Web|Website|Url)$/, type: 'url' },
  { names: /^Address$/, type: 'address' },
];
const multiline = /^(Notes|Symptoms|Solution|Description|Commentary|DetailedResult|Body)$|Notes$|Description$/;

function typeOf({ column, caption }: Known): FieldType | null {
  switch (column.type) {
    case 'Edm.Boolean':
      return 'boolean';
    case 'Edm.DateTimeOffset':
    case 'Edm.DateTime':
      if (caption?.dataValueType === valueTypes.time) return 'text';
      return caption?.dataValueType === valueTypes.date || column.name === 'BirthDate' ? 'date' : 'datetime';
    case 'Edm.Date':
      return 'date';
    case 'Edm.Byte':
    case 'Edm.Int16':
    case 'Edm.Int32':
    case 'Edm.Int64':
    case 'Edm.Decimal':
    case 'Edm.Double':
    case 'Edm.Single':
      return 'number';
    case 'Edm.Guid':
      return 'text';
    case 'Edm.String':
      return kinds.find(({ names }) => names.test(column.name))?.type ?? 'text';
    // Pictures and other bytes are read over addresses of their own.
    default:
      return null;
  }
}

function searchOf(type: FieldType, column: Column): Field['search'] {
  switch (type) {
    case 'phone':
      return 'text';
    case 'email':
      return 'normalised';
    case 'text':
    case 'url':
    case 'address':
    case 'boolean':
    case 'choice':
    case 'reference':
      return 'exact';
    case 'number':
      return column.type === 'Edm.Int32' || column.type === 'Edm.Int64' ? 'exact' : undefined;
    default:
      return undefined;
  }
}

function liveColumn(known: Known): LiveColumn | null {
  const { entity, column, model, choices, caption } = known;
  const lookup = lookupOf(entity, column);
  const plainType = typeOf(known);
  if (plainType === null) return null;
  const values = lookup ? (choices.get(lookup.target) ?? null) : null;
  const isKnown = lookup !== null && model.has(lookup.target);
  const type = !isKnown ? plainType : values ? 'choice' : 'reference';
  const key = lookup?.nav ?? column.name;
  const readOnly = keptByStand.has(column.name) || caption?.dataValueType === valueTypes.time;
  const search = searchOf(type, column);
  const field: Field = {
    key,
    label: caption?.caption ?? columnName(entity.name, key),
    type,
    ...(isRequired(known) && !readOnly ? { required: true } : {}),
    ...(readOnly ? { readOnly: true } : {}),
    ...(derived.has(column.name) ? { derived: true } : {}),
    ...(column.name.startsWith('Usr') ? { custom: true } : {}),
    ...(type === 'text' && multiline.test(column.name) ? { multiline: true } : {}),
    ...(values ? { choices: values } : {}),
    ...(type === 'reference' && lookup ? { target: objectName(lookup.target).key } : {}),
    ...(search ? { search } : {}),
    ...(column.maxLength && ['text', 'phone', 'email', 'url', 'address'].includes(type)
      ? { maxLength: column.maxLength }
      : {}),
  };
  const way = isKnown && lookup ? { ...lookup, display: displayOf(model.get(lookup.target)) } : {};
  return { field, name: column.name, edm: column.type, ...way };
}

/**
 * Only the name a record is known by: the stand fills other required columns with defaults (a case's number and
 * status), and nothing tells which ones. What it still misses, it says itself.
 */
function isRequired({ entity, column, caption }: Known): boolean {
  if (caption) return caption.isRequired && /^(Name|Subject|Title|Caption)$/.test(column.name);
  return column.name === 'Name' && (entity.name === 'Contact' || entity.name === 'Account');
}
