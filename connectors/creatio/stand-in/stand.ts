import { randomUUID } from 'node:crypto';
import { createObjects, type ObjectColumn, type ObjectSchema } from './objects.ts';
import { Refusal } from './refusal.ts';

/** A row as the database keeps it: times in UTC with six digits, empty values as Creatio's own. */
export type StandRow = Record<string, string | number | boolean>;

export const noRecord = '00000000-0000-0000-0000-000000000000';
export const noTime = '0001-01-01T00:00:00.000000Z';

export interface Table {
  schema: ObjectSchema;
  rows: Map<string, StandRow>;
  /** Moves with every write: what was sorted before is old then. */
  version: number;
}

export interface Saved {
  object: string;
  id: string;
  event: 'created' | 'changed';
}

/** Switches for what the sources leave open; each has the value that the page calls likelier. */
export interface StandRules {
  /** What becomes of an `Id` that comes with a create. */
  clientIds: 'kept' | 'ignored' | 'refused';
  /** Phones and e-mail of a card make communication options, and a name is split into its parts. */
  fillsIn: boolean;
  /** `=` tells upper and lower case apart (PostgreSQL) or not (MSSQL). */
  caseSensitive: boolean;
}

export interface Stand {
  tables: Map<string, Table>;
  rules: StandRules;
  clock: { now(): Date };
  /** The user behind the session: who creates and changes. */
  user: string;
  onSaved: (saved: Saved) => void;
}

export function createStand(options: { now?: () => Date } = {}): Stand {
  const tables = new Map<string, Table>();
  for (const schema of createObjects().values()) tables.set(schema.name, { schema, rows: new Map(), version: 0 });
  return {
    tables,
    rules: { clientIds: 'kept', fillsIn: true, caseSensitive: true },
    clock: { now: options.now ?? (() => new Date()) },
    user: noRecord,
    onSaved: () => {},
  };
}

export function tableOf(stand: Stand, object: string): Table {
  const table = stand.tables.get(object);
  if (!table) throw Refusal.unknownSet(object);
  return table;
}

let micros = 0;
/** Now, with six digits. */
export function stamp(stand: Stand): string {
  micros = (micros + 1) % 1000;
  return stand.clock
    .now()
    .toISOString()
    .replace('Z', `${String(micros).padStart(3, '0')}Z`);
}

/** Six digits, so that times compare as text. */
export const padded = (iso: string): string =>
  iso.replace(/(?:\.(\d+))?Z$/, (_, digits = '') => `.${digits.padEnd(6, '0')}Z`);
/** Zeros at the end are left out, as Creatio writes times. */
export const shortened = (time: string): string => time.replace(/\.?0*Z$/, 'Z');

export function emptyOf(column: ObjectColumn): string | number | boolean {
  switch (column.kind) {
    case 'lookup':
      return noRecord;
    case 'int':
    case 'decimal':
      return 0;
    case 'boolean':
      return false;
    case 'date':
    case 'datetime':
      return noTime;
    case 'text':
    case 'stream':
      return '';
  }
}

/** A value of a body in the form of its column; what does not fit is refused as the stand does. */
function columnValue(stand: Stand, column: ObjectColumn, value: unknown): string | number | boolean {
  if (value === null || value === undefined) return emptyOf(column);
  switch (column.kind) {
    case 'lookup': {
      const id = String(value).toLowerCase();
      if (!/^[0-9a-f-]{36}$/.test(id)) throw Refusal.badQuery(`Cannot convert '${id}' to Edm.Guid`);
      if (id !== noRecord && column.name !== 'Id' && !tableOf(stand, column.target).rows.has(id))
        throw Refusal.database(`The INSERT statement conflicted with the FOREIGN KEY constraint "${column.name}".`);
      return id;
    }
    case 'int':
    case 'decimal': {
      const number = Number(value);
      if (!Number.isFinite(number)) throw Refusal.badQuery(`Cannot convert '${String(value)}' to Edm.Decimal`);
      return column.kind === 'int' ? Math.trunc(number) : number;
    }
    case 'boolean':
      return value === true;
    case 'date':
    case 'datetime': {
      const at = new Date(String(value));
      if (Number.isNaN(at.getTime())) throw Refusal.badQuery(`Cannot convert '${String(value)}' to Edm.DateTimeOffset`);
      return column.kind === 'date' ? `${String(value).slice(0, 10)}T00:00:00.000000Z` : padded(at.toISOString());
    }
    case 'text':
      if (String(value).length > column.length) throw Refusal.database('String or binary data would be truncated.');
      return String(value);
    case 'stream':
      return '';
  }
}

export type Body = Record<string, unknown>;

/** A navigation path in a body is ignored without a word; a column that there is not is refused. */
function take(stand: Stand, table: Table, body: Body): StandRow {
  const row: StandRow = {};
  for (const [name, value] of Object.entries(body)) {
    const column = table.schema.columns.get(name);
    if (!column && table.schema.columns.has(`${name}Id`)) continue;
    if (!column) throw Refusal.badQuery(`The property '${name}' does not exist on type '${table.schema.name}'.`);
    row[name] = columnValue(stand, column, value);
  }
  return row;
}

export function insert(stand: Stand, object: string, body: Body): StandRow {
  const table = tableOf(stand, object);
  const given = take(stand, table, body);
  if (stand.rules.clientIds === 'refused' && given.Id !== undefined)
    throw Refusal.badQuery(`The property 'Id' of type '${object}' is read-only.`);
  const id = stand.rules.clientIds === 'kept' && typeof given.Id === 'string' ? given.Id : randomUUID();
  if (table.rows.has(id))
    throw Refusal.database(`Violation of PRIMARY KEY constraint "PK${object}Id". Cannot insert duplicate key.`);
  const now = stamp(stand);
  const row: StandRow = {};
  for (const column of table.schema.columns.values()) row[column.name] = emptyOf(column);
  Object.assign(row, { CreatedOn: now, ModifiedOn: now, CreatedById: stand.user, ModifiedById: stand.user }, given, {
    Id: id,
  });
  fillIn(stand, table, row, given);
  const missing = [...table.schema.columns.values()].find(
    (column) => column.required && row[column.name] === emptyOf(column),
  );
  if (missing) throw Refusal.database(`Value for column "${missing.caption}" (${missing.name}) is required.`);
  table.rows.set(id, row);
  table.version += 1;
  communicate(stand, object, row, given);
  stand.onSaved({ object, id, event: 'created' });
  return row;
}

export function change(stand: Stand, object: string, id: string, body: Body): StandRow {
  const table = tableOf(stand, object);
  const row = table.rows.get(id.toLowerCase());
  if (!row) throw Refusal.notFound();
  const given = take(stand, table, body);
  delete given.Id;
  Object.assign(row, { ModifiedOn: stamp(stand), ModifiedById: stand.user }, given);
  fillIn(stand, table, row, given);
  table.version += 1;
  communicate(stand, object, row, given);
  stand.onSaved({ object, id: String(row.Id), event: 'changed' });
  return row;
}

export function remove(stand: Stand, object: string, id: string): void {
  const table = tableOf(stand, object);
  if (!table.rows.delete(id.toLowerCase())) throw Refusal.notFound();
  table.version += 1;
}

/** The value of a lookup by its name, for seeds and people who click. */
export function valueOf(stand: Stand, object: string, name: string): string {
  for (const row of tableOf(stand, object).rows.values()) if (row.Name === name) return String(row.Id);
  throw new Error(`${object} has no «${name}»`);
}

const firstOf = (stand: Stand, object: string): string =>
  String([...tableOf(stand, object).rows.keys()][0] ?? noRecord);

/** What the application does by itself when a record is saved. */
function fillIn(stand: Stand, table: Table, row: StandRow, given: StandRow): void {
  switch (table.schema.name) {
    case 'Contact':
      if (stand.rules.fillsIn) splitName(row, given);
      return;
    case 'Lead': {
      if (row.QualifyStatusId === noRecord) row.QualifyStatusId = firstOf(stand, 'QualifyStatus');
      row.LeadName = [row.Contact, row.Account].filter((part) => part !== '').join(' / ') || 'Лид';
      return;
    }
    case 'Case': {
      if (row.Number === '') row.Number = `SR${String(table.rows.size + 1).padStart(8, '0')}`;
      if (row.StatusId === noRecord) row.StatusId = firstOf(stand, 'CaseStatus');
      if (row.PriorityId === noRecord) row.PriorityId = firstOf(stand, 'CasePriority');
      if (row.RegisteredOn === noTime) row.RegisteredOn = String(row.CreatedOn);
    }
  }
}

function splitName(row: StandRow, given: StandRow): void {
  const parts = ['Surname', 'GivenName', 'MiddleName'] as const;
  if (given.Name !== undefined && parts.every((part) => given[part] === undefined)) {
    const words = String(given.Name).split(/\s+/);
    for (const [index, part] of parts.entries()) row[part] = words[index] ?? '';
  } else if (given.Name === undefined && parts.some((part) => given[part] !== undefined)) {
    row.Name = parts
      .map((part) => row[part])
      .filter((part) => part !== '')
      .join(' ');
  }
}

const cardColumns: Record<string, string> = {
  MobilePhone: 'Мобильный телефон',
  Phone: 'Рабочий телефон',
  HomePhone: 'Домашний телефон',
  Email: 'E-mail',
};

/** The numbers of a card stand among the communication options too. */
function communicate(stand: Stand, object: string, row: StandRow, given: StandRow): void {
  if (!stand.rules.fillsIn || (object !== 'Contact' && object !== 'Account')) return;
  const options = tableOf(stand, `${object}Communication`);
  for (const [column, type] of Object.entries(cardColumns)) {
    const number = given[column];
    if (typeof number !== 'string' || number === '') continue;
    const there = [...options.rows.values()].some(
      (option) => option[`${object}Id`] === row.Id && option.Number === number,
    );
    if (there) continue;
    const CommunicationTypeId = valueOf(stand, 'CommunicationType', type);
    insert(stand, `${object}Communication`, { Number: number, CommunicationTypeId, [`${object}Id`]: row.Id });
  }
}
