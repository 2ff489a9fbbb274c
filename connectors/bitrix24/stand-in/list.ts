import { Refusal } from './refusal.ts';

export type Row = Record<string, unknown>;

const PREFIX = /^(>=|<=|!=%|!%=|!@|!=|!%|=%|%=|>|<|@|%|=|!)?(.+)$/;
const DATE = /^\d{4}-\d\d-\d\dT/;

const asList = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : typeof value === 'object' && value !== null ? Object.values(value) : [value];

const rank = (value: unknown): number | string => {
  if (typeof value === 'string' && DATE.test(value)) return Date.parse(value);
  if (typeof value === 'string' && value !== '' && !Number.isNaN(Number(value))) return Number(value);
  return typeof value === 'number' ? value : String(value ?? '').toLowerCase();
};

const same = (a: unknown, b: unknown): boolean =>
  Array.isArray(a) ? a.some((one) => same(one, b)) : rank(a) === rank(b) || String(a ?? '') === String(b ?? '');

function compare(a: unknown, b: unknown): number {
  const [left, right] = [rank(a), rank(b)];
  if (typeof left === typeof right) return left < right ? -1 : left > right ? 1 : 0;
  return String(left) < String(right) ? -1 : 1;
}

/** `%word%` as SQL's LIKE reads it. */
function like(value: unknown, pattern: string): boolean {
  const escaped = pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('%', '.*');
  return new RegExp(`^${escaped}$`, 'is').test(String(value ?? ''));
}

function test(operator: string, value: unknown, wanted: unknown): boolean {
  if (operator.startsWith('!')) return !test(operator === '!' ? '=' : operator.slice(1), value, wanted);
  switch (operator) {
    case '>=':
      return value !== null && value !== undefined && compare(value, wanted) >= 0;
    case '>':
      return value !== null && value !== undefined && compare(value, wanted) > 0;
    case '<=':
      return value !== null && value !== undefined && compare(value, wanted) <= 0;
    case '<':
      return value !== null && value !== undefined && compare(value, wanted) < 0;
    case '%':
      return like(value, `%${String(wanted)}%`);
    case '=%':
    case '%=':
      return like(value, String(wanted));
    default:
      return asList(wanted).some((one) => same(value, one));
  }
}

function matches(row: Row, filter: Row, allowed: (name: string) => boolean): boolean {
  const { logic, ...conditions } = filter;
  const results = Object.entries(conditions).map(([key, wanted]) => {
    if (/^\d+$/.test(key)) return matches(row, wanted as Row, allowed);
    const [, operator = '=', name = ''] = PREFIX.exec(key) ?? [];
    if (!allowed(name))
      throw new Refusal(400, 'INVALID_ARG_VALUE', `Invalid filter: field '${name}' is not allowed in filter`);
    return test(operator, row[name], wanted);
  });
  return logic === 'OR' ? results.some(Boolean) : results.every(Boolean);
}

export interface ListInput {
  filter?: Row | undefined;
  order?: Record<string, string> | undefined;
  start?: unknown;
  allowed(name: string): boolean;
}

export interface Page {
  rows: Row[];
  total: number;
  next: number | undefined;
}

const PAGE = 50;

/** A page as every list method gives it: 50 rows, `start: -1` without counting. */
export function page(rows: Row[], input: ListInput): Page {
  const found = rows.filter((row) => matches(row, input.filter ?? {}, input.allowed));
  const order = Object.entries(input.order ?? {});
  for (const [name] of order)
    if (!input.allowed(name))
      throw new Refusal(400, 'INVALID_ARG_VALUE', `Invalid order: field '${name}' is not allowed in order`);
  found.sort((a, b) => {
    for (const [name, direction] of order) {
      const difference = compare(a[name], b[name]);
      if (difference !== 0) return direction.toUpperCase() === 'DESC' ? -difference : difference;
    }
    return 0;
  });
  const start = Number(input.start ?? 0);
  if (start < 0) return { rows: found.slice(0, PAGE), total: 0, next: undefined };
  const next = start + PAGE < found.length ? start + PAGE : undefined;
  return { rows: found.slice(start, start + PAGE), total: found.length, next };
}
