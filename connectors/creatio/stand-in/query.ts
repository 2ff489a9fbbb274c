import { type FilterOptions, parseFilter } from './filter.ts';
import { Refusal } from './refusal.ts';
import { noRecord, type Stand, type StandRow, type Table, tableOf } from './stand.ts';

/** However many are asked for (MaxEntityRowCount). */
const mostRows = 20_000;

export interface QueryOptions extends FilterOptions {
  /** The server's own page, null: it cuts nothing but at the cap. */
  serverPage: number | null;
  /** A page that the server cut says where the next begins. */
  tellsNext: boolean;
}

export interface Result {
  rows: StandRow[];
  /** All that match. */
  count: number;
  /** The server cut the page: where the next begins. */
  next: number | null;
}

/** A column by its path: lookups only over their record, flat they are unknown to queries. */
export function resolvePath(stand: Stand, table: Table, row: StandRow, path: string): string | number | boolean | null {
  const [head = '', ...rest] = path.split('/');
  const column = table.schema.columns.get(rest.length > 0 ? `${head}Id` : head);
  if (!column || (rest.length > 0 && column.kind !== 'lookup')) throw Refusal.noColumn(path, table.schema.name);
  if (rest.length === 0) {
    if (column.kind === 'lookup' && head !== 'Id') throw Refusal.noColumn(path, table.schema.name);
    return row[head] ?? null;
  }
  if (column.kind !== 'lookup') return null;
  const id = String(row[`${head}Id`] ?? noRecord);
  if (rest.length === 1 && rest[0] === 'Id') return id === noRecord ? null : id;
  const target = tableOf(stand, column.target);
  const other = target.rows.get(id);
  return other ? resolvePath(stand, target, other, rest.join('/')) : null;
}

const sorted = new WeakMap<Table, { version: number; orders: Map<string, StandRow[]> }>();

/** Rows in an order, kept until the table changes: a walk through fifty thousand asks for the same one again and again. */
function inOrder(stand: Stand, table: Table, order: string): StandRow[] {
  const known = sorted.get(table);
  const kept = known?.version === table.version ? known : { version: table.version, orders: new Map() };
  sorted.set(table, kept);
  const before = kept.orders.get(order);
  if (before) return before;
  const keys = order.split(',').map((part) => {
    const [path = '', direction] = part.trim().split(/\s+/);
    return { path, sign: direction === 'desc' ? -1 : 1 };
  });
  const rows = [...table.rows.values()].map((row) => ({
    row,
    keys: keys.map(({ path }) => resolvePath(stand, table, row, path) ?? ''),
  }));
  rows.sort((a, b) => {
    for (const [index, { sign }] of keys.entries()) {
      const [left, right] = [a.keys[index] ?? '', b.keys[index] ?? ''];
      if (left !== right) return left < right ? -sign : sign;
    }
    return 0;
  });
  const result = rows.map(({ row }) => row);
  kept.orders.set(order, result);
  return result;
}

const idsOnly = /^Id eq [0-9a-f-]{36}(?: or Id eq [0-9a-f-]{36})*$/;

/** The rows that a filter by Ids alone names, as an index would find them; null for any other filter. */
function byIds(table: Table, filter: string | null): StandRow[] | null {
  if (filter === null || !idsOnly.test(filter)) return null;
  const ids = new Set(filter.match(/[0-9a-f-]{36}/g));
  return [...ids].map((id) => table.rows.get(id)).filter((row) => row !== undefined);
}

export function query(stand: Stand, object: string, asked: URLSearchParams, options: QueryOptions): Result {
  const table = tableOf(stand, object);
  const filter = asked.get('$filter');
  const matches = filter ? parseFilter(filter, options) : () => true;
  const order = asked.get('$orderby');
  const named = order ? null : byIds(table, filter);
  const all = named ?? (order ? inOrder(stand, table, order) : [...table.rows.values()]);
  const skip = Number(asked.get('$skip') ?? 0);
  const top = Math.min(Number(asked.get('$top') ?? mostRows), mostRows);
  const wantsCount = asked.has('$count') || asked.has('$inlinecount');
  const size = Math.min(top, options.serverPage ?? mostRows);
  const rows: StandRow[] = [];
  let count = 0;
  // Also an empty table knows its columns.
  if (filter && all.length === 0) parseFilter(filter, options)((path) => resolvePath(stand, table, {}, path));
  for (const row of all) {
    if (!matches((path) => resolvePath(stand, table, row, path))) continue;
    count += 1;
    if (count > skip && rows.length < size) rows.push(row);
    if (!wantsCount && count > skip + size) break;
  }
  const isCut = size < top && count > skip + size;
  return { rows, count, next: isCut && options.tellsNext ? skip + size : null };
}

/** The names `$select` gives, checked: a column that there is not is an error. */
export function selected(table: Table, asked: URLSearchParams): Set<string> | null {
  const select = asked.get('$select');
  if (!select || select === '*') return null;
  const names = select.split(',').map((name) => name.trim());
  for (const name of names)
    if (!name.includes('/') && !table.schema.columns.has(name))
      throw Refusal.badQuery(`Could not find a property named '${name}' on type '${table.schema.name}'.`);
  return new Set(names);
}
