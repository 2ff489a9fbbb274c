import type { StandInRequest, StandInResponse } from '../../../kit/testing/stand-in.ts';
import { metadata4 } from './metadata.ts';
import type { ObjectColumn } from './objects.ts';
import { type QueryOptions, query, selected } from './query.ts';
import { Refusal } from './refusal.ts';
import {
  type Body,
  change,
  insert,
  remove,
  type Stand,
  type StandRow,
  shortened,
  type Table,
  tableOf,
} from './stand.ts';

/** Switches of the OData 4 service. */
export interface Odata4Rules {
  /** Answers begin with a UTF-8 BOM. */
  bom: boolean;
  /** `$batch` in JSON. */
  batch: boolean;
  /** `$batch` goes on after a part that failed, as `Prefer: continue-on-error` asks; else the rest is left out. */
  batchGoesOn: boolean;
  /** `$expand=Account($select=Id,Name)`. */
  nestedSelect: boolean;
  /** `tolower()`. */
  tolower: boolean;
  /** Decimals come as text, as with `IEEE754Compatible=true`. */
  decimalsAsText: boolean;
  /** The server's own page with `@odata.nextLink`. */
  serverPage: number | null;
  /** And says where the next begins. */
  tellsNext: boolean;
}

export const odata4Rules = (): Odata4Rules => ({
  bom: true,
  batch: true,
  batchGoesOn: true,
  nestedSelect: true,
  tolower: true,
  decimalsAsText: false,
  serverPage: null,
  tellsNext: true,
});

interface Service {
  stand: Stand;
  rules: Odata4Rules;
  root: string;
}

const allFunctions = ['contains', 'startswith', 'endswith'];

const optionsOf = ({ stand, rules }: Service): QueryOptions => ({
  caseSensitive: stand.rules.caseSensitive,
  functions: rules.tolower ? [...allFunctions, 'tolower'] : allFunctions,
  serverPage: rules.serverPage,
  tellsNext: rules.tellsNext,
  time(text) {
    const at = /^([\dT:-]+?)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(text);
    if (!at) throw Refusal.badQuery(`The time '${text}' has no zone.`);
    const moment = new Date(`${at[1]}${at[3]}`).toISOString().slice(0, 19);
    return `${moment}.${(at[2] ?? '').padEnd(6, '0').slice(0, 6)}Z`;
  },
});

function view(service: Service, table: Table, row: StandRow, names: Set<string> | null): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const column of table.schema.columns.values()) {
    if (names && !names.has(column.name)) continue;
    if (column.kind === 'stream') {
      if (names) continue;
      const link = `${table.schema.name}(${String(row.Id)})/${column.name}`;
      shown[`${column.name}@odata.mediaEditLink`] = link;
      shown[`${column.name}@odata.mediaReadLink`] = link;
      shown[`${column.name}@odata.mediaContentType`] = 'application/octet-stream';
      continue;
    }
    shown[column.name] = shownValue(service, column, row[column.name]);
  }
  return shown;
}

function shownValue({ rules }: Service, { kind }: ObjectColumn, value: StandRow[string] | undefined): unknown {
  if (kind === 'date' || kind === 'datetime') return shortened(String(value));
  return kind === 'decimal' && rules.decimalsAsText ? Number(value).toFixed(2) : value;
}

/** `Account($select=Id,Name),Owner`: names with the columns wanted, null for all. */
function expansions(service: Service, asked: URLSearchParams): { nav: string; names: Set<string> | null }[] {
  const expand = asked.get('$expand') ?? '';
  return [...expand.matchAll(/(\w+)(?:\(([^)]*)\))?/g)].map(([, nav = '', inner]) => {
    if (inner !== undefined && !service.rules.nestedSelect)
      throw Refusal.badQuery(`Found an unbalanced bracket expression in '${expand}'.`);
    const names = /\$select=([\w,]+)/.exec(inner ?? '')?.[1];
    return { nav, names: names ? new Set(names.split(',')) : null };
  });
}

function withExpanded(service: Service, table: Table, row: StandRow, asked: URLSearchParams): Record<string, unknown> {
  const shown = view(service, table, row, selected(table, asked));
  for (const { nav, names } of expansions(service, asked)) {
    const column = table.schema.columns.get(`${nav}Id`);
    if (column?.kind !== 'lookup') throw Refusal.badQuery(`Could not find a property named '${nav}'.`);
    const target = tableOf(service.stand, column.target);
    const other = target.rows.get(String(row[column.name]));
    shown[nav] = other ? view(service, target, other, names) : null;
  }
  return shown;
}

function list(service: Service, object: string, asked: URLSearchParams): unknown {
  const table = tableOf(service.stand, object);
  selected(table, asked);
  expansions(service, asked);
  const { rows, count, next } = query(service.stand, object, asked, optionsOf(service));
  const more = new URLSearchParams(asked);
  more.set('$skip', String(next ?? 0));
  return {
    '@odata.context': `${service.root}/odata/$metadata#${object}`,
    ...(asked.has('$count') ? { '@odata.count': count } : {}),
    value: rows.map((row) => withExpanded(service, table, row, asked)),
    ...(next === null ? {} : { '@odata.nextLink': `${service.root}/odata/${object}?${more.toString()}` }),
  };
}

const bodyOf = (request: StandInRequest): Body => {
  try {
    return JSON.parse(request.rawBody.toString('utf8')) as Body;
  } catch {
    throw Refusal.badQuery('The request body is not JSON.');
  }
};

/** One request of the service; `path` is what follows `/odata/`. */
export function answerOdata4(service: Service, request: StandInRequest, path: string): StandInResponse {
  const { stand, rules } = service;
  const json = (status: number, body: unknown): StandInResponse => ({
    status,
    headers: { 'content-type': 'application/json; odata.metadata=minimal' },
    body: `${rules.bom ? '\uFEFF' : ''}${JSON.stringify(body)}`,
  });
  if (path === '') {
    const sets = [...stand.tables.keys()].map((name) => ({ name, kind: 'EntitySet', url: name }));
    return json(200, { '@odata.context': `${service.root}/odata/$metadata`, value: sets });
  }
  if (path === '$metadata')
    return { status: 200, headers: { 'content-type': 'application/xml' }, body: metadata4(stand) };
  if (path === '$batch') return rules.batch ? json(200, batch(service, request)) : { status: 404, body: '' };
  const one = /^(\w+)\(([0-9a-f-]{36})\)$/i.exec(path);
  if (one) return answerOne(service, { request, object: one[1] ?? '', id: one[2] ?? '', json });
  if (!/^\w+$/.test(path)) throw Refusal.badQuery(`Resource not found for the segment '${path}'.`);
  const table = tableOf(stand, path);
  if (request.method === 'GET') return json(200, list(service, path, request.query));
  if (request.method === 'POST') return json(201, view(service, table, insert(stand, path, bodyOf(request)), null));
  return { status: 405, body: { error: { code: '', message: 'Method not allowed' } } };
}

function answerOne(
  service: Service,
  asked: {
    request: StandInRequest;
    object: string;
    id: string;
    json: (status: number, body: unknown) => StandInResponse;
  },
): StandInResponse {
  const { request, object, id, json } = asked;
  const { stand } = service;
  const table = tableOf(stand, object);
  switch (request.method) {
    case 'GET': {
      const row = table.rows.get(id.toLowerCase());
      if (!row) throw Refusal.notFound();
      return json(200, withExpanded(service, table, row, request.query));
    }
    case 'PATCH':
      change(stand, object, id, bodyOf(request));
      return { status: 204 };
    case 'DELETE':
      remove(stand, object, id);
      return { status: 204 };
    default:
      return { status: 405, body: { error: { code: '', message: 'Method not allowed' } } };
  }
}

/** At most a hundred, each answered as if it had come alone. */
function batch(service: Service, request: StandInRequest): unknown {
  const { requests = [] } = bodyOf(request) as { requests?: { id: string; method: string; url: string }[] };
  if (requests.length > 100) throw Refusal.badQuery('The batch has more than 100 requests.');
  const responses = requests.map(({ id, url }) => {
    const at = new URL(url, 'http://stand/');
    try {
      return { id, status: 200, headers: {}, body: list(service, at.pathname.slice(1), at.searchParams) };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { id, status: error.status, headers: {}, body: { error: { code: '', message: error.message } } };
    }
  });
  const failed = service.rules.batchGoesOn ? -1 : responses.findIndex(({ status }) => status >= 400);
  return { responses: failed < 0 ? responses : responses.slice(0, failed + 1) };
}
