import { DateTime } from 'luxon';
import type { StandInRequest, StandInResponse } from '../../../kit/testing/stand-in.ts';
import { metadata3 } from './metadata.ts';
import type { ObjectColumn } from './objects.ts';
import { type QueryOptions, query, selected } from './query.ts';
import { Refusal } from './refusal.ts';
import { type Body, change, insert, noTime, remove, type Stand, type StandRow, type Table, tableOf } from './stand.ts';

/** Switches of EntityDataService.svc. */
export interface Odata3Rules {
  /** Answers in Atom although JSON was asked for. */
  xml: boolean;
  /** How times are written. */
  times: 'iso' | 'ticks' | 'offset' | 'zoned';
  /** The zone of times without one. */
  timeZone: string;
  /** `MERGE`, `PATCH` and `POST` with `X-HTTP-Method` pass the proxy; else 405. */
  merge: boolean;
  patch: boolean;
  tunnel: boolean;
  /** `{"d":[…]}` without `results`. */
  bareLists: boolean;
  /** The server's own page with `__next`. */
  serverPage: number | null;
  /** And says where the next begins. */
  tellsNext: boolean;
}

export const odata3Rules = (): Odata3Rules => ({
  xml: false,
  times: 'iso',
  timeZone: 'UTC',
  merge: true,
  patch: true,
  tunnel: true,
  bareLists: false,
  serverPage: null,
  tellsNext: true,
});

interface Service {
  stand: Stand;
  rules: Odata3Rules;
  root: string;
}

const optionsOf = ({ stand, rules }: Service): QueryOptions => ({
  caseSensitive: stand.rules.caseSensitive,
  functions: ['substringof', 'startswith', 'endswith', 'tolower'],
  serverPage: rules.serverPage,
  tellsNext: rules.tellsNext,
  time(text) {
    const [moment = '', fraction = ''] = text.split('.');
    const at = DateTime.fromISO(moment, { zone: rules.timeZone });
    if (!at.isValid || text.endsWith('Z')) throw Refusal.badQuery(`Unrecognized 'Edm.DateTime' literal '${text}'.`);
    return `${at.toUTC().toFormat("yyyy-MM-dd'T'HH:mm:ss")}.${fraction.padEnd(6, '0').slice(0, 6)}Z`;
  },
});

/** Milliseconds and no zone. */
function timeOf(rules: Odata3Rules, value: string, column: ObjectColumn): string {
  const at = DateTime.fromISO(value, { zone: column.kind === 'date' ? 'utc' : rules.timeZone });
  const ticks = DateTime.fromISO(value).toMillis();
  if (rules.times === 'ticks') return `/Date(${ticks})/`;
  if (rules.times === 'offset') return `/Date(${ticks}+0180)/`;
  if (value === noTime) return '0001-01-01T00:00:00';
  if (rules.times === 'zoned') return new Date(ticks).toISOString();
  return at.toFormat("yyyy-MM-dd'T'HH:mm:ss.SSS").replace(/\.000$/, '');
}

function view(service: Service, table: Table, row: StandRow, names: Set<string> | null): Record<string, unknown> {
  const { schema } = table;
  const uri = `${service.root}/ServiceModel/EntityDataService.svc/${schema.name}Collection(guid'${String(row.Id)}')`;
  const shown: Record<string, unknown> = {
    __metadata: { id: uri, uri, type: `Terrasoft.Configuration.${schema.name}` },
  };
  for (const column of schema.columns.values()) {
    if (column.kind === 'stream') continue;
    if (column.kind === 'lookup' && column.name !== 'Id' && names === null)
      shown[column.name.slice(0, -2)] = { __deferred: { uri: `${uri}/${column.name.slice(0, -2)}` } };
    if (names && !names.has(column.name)) continue;
    const value = row[column.name] ?? '';
    shown[column.name] =
      column.kind === 'date' || column.kind === 'datetime'
        ? timeOf(service.rules, String(value), column)
        : column.kind === 'decimal'
          ? Number(value).toFixed(2)
          : value;
  }
  return shown;
}

function withExpanded(service: Service, table: Table, row: StandRow, asked: URLSearchParams): Record<string, unknown> {
  const names = selected(table, asked);
  const shown = view(service, table, row, names);
  for (const nav of (asked.get('$expand') ?? '').split(',').filter((name) => name !== '')) {
    const column = table.schema.columns.get(`${nav}Id`);
    if (column?.kind !== 'lookup') throw Refusal.badQuery(`Could not find a property named '${nav}'.`);
    const target = tableOf(service.stand, column.target);
    const other = target.rows.get(String(row[column.name]));
    const inner =
      names &&
      new Set([...names].filter((name) => name.startsWith(`${nav}/`)).map((name) => name.slice(nav.length + 1)));
    shown[nav] = other ? view(service, target, other, inner) : null;
  }
  return shown;
}

/** A path into another record needs that record expanded. */
function checkExpanded(asked: URLSearchParams): void {
  const expanded = new Set((asked.get('$expand') ?? '').split(','));
  for (const name of (asked.get('$select') ?? '').split(',')) {
    const [nav = ''] = name.split('/');
    if (name.includes('/') && !expanded.has(nav))
      throw Refusal.badQuery(`'${name}' is selected, but '${nav}' is not expanded.`);
  }
}

const escapeXml = (text: string): string => text.replace(/[&<>"]/g, (mark) => `&#${mark.charCodeAt(0)};`);

function entryOf(table: Table, shown: Record<string, unknown>): string {
  const properties: string[] = [];
  const links: string[] = [];
  for (const [name, value] of Object.entries(shown)) {
    const column = table.schema.columns.get(name);
    if (column) properties.push(`<d:${name}${typeOf(column)}>${escapeXml(String(value))}</d:${name}>`);
    else if (name !== '__metadata' && value !== null && !('__deferred' in (value as object)))
      links.push(
        `<link rel="http://schemas.microsoft.com/ado/2007/08/dataservices/related/${name}"><m:inline><entry><content type="application/xml"><m:properties>${Object.entries(
          value as object,
        )
          .filter(([inner]) => inner !== '__metadata')
          .map(([inner, content]) => `<d:${inner}>${escapeXml(String(content))}</d:${inner}>`)
          .join('')}</m:properties></content></entry></m:inline></link>`,
      );
  }
  return `${links.join('')}<content type="application/xml"><m:properties>${properties.join('')}</m:properties></content>`;
}

const typeOf = (column: ObjectColumn): string => {
  const types = {
    int: 'Int32',
    decimal: 'Decimal',
    boolean: 'Boolean',
    lookup: 'Guid',
    date: 'DateTime',
    datetime: 'DateTime',
  };
  return column.kind === 'text' || column.kind === 'stream' ? '' : ` m:type="Edm.${types[column.kind]}"`;
};

const atom =
  'xmlns="http://www.w3.org/2005/Atom" xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices" xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"';

const passes = (rules: Odata3Rules, method: string): boolean =>
  method === 'MERGE' ? rules.merge : method === 'PATCH' ? rules.patch : rules.tunnel;

/** One request of the service; `path` is what follows `EntityDataService.svc/`. */
export function answerOdata3(service: Service, request: StandInRequest, path: string): StandInResponse {
  const { stand, rules } = service;
  const json = (status: number, d: unknown): StandInResponse => ({
    status,
    headers: { 'content-type': 'application/json;odata=verbose;charset=utf-8' },
    body: { d },
  });
  const xml = (status: number, body: string): StandInResponse => ({
    status,
    headers: { 'content-type': 'application/atom+xml' },
    body: `<?xml version="1.0" encoding="utf-8"?>${body}`,
  });
  if (path === '') return json(200, { EntitySets: [...stand.tables.keys()].map((name) => `${name}Collection`) });
  if (path === '$metadata')
    return { status: 200, headers: { 'content-type': 'application/xml' }, body: metadata3(stand) };
  const one = /^(\w+)Collection\(guid'([0-9a-f-]{36})'\)$/i.exec(path);
  if (one) {
    const [, object = '', id = ''] = one;
    return answerOne(service, { request, object, id, json, xml });
  }
  const object = /^(\w+)Collection$/.exec(path)?.[1];
  if (!object) throw new Refusal(404, 'odata', `Resource not found for the segment '${path}'.`);
  const table = tableOf(stand, object);
  if (request.method === 'POST') {
    const shown = view(service, table, insert(stand, object, bodyOf(service, table, request)), null);
    return rules.xml ? xml(201, `<entry ${atom}>${entryOf(table, shown)}</entry>`) : json(201, shown);
  }
  checkExpanded(request.query);
  const { rows, count, next } = query(stand, object, request.query, optionsOf(service));
  const shown = rows.map((row) => withExpanded(service, table, row, request.query));
  const more = new URLSearchParams(request.query);
  more.set('$skip', String(next ?? 0));
  const nextUrl =
    next === null ? null : `${service.root}/ServiceModel/EntityDataService.svc/${path}?${more.toString()}`;
  if (rules.xml) {
    const link = nextUrl === null ? '' : `<link rel="next" href="${escapeXml(nextUrl)}"/>`;
    return xml(
      200,
      `<feed ${atom}>${shown.map((row) => `<entry>${entryOf(table, row)}</entry>`).join('')}${link}</feed>`,
    );
  }
  if (rules.bareLists) return json(200, shown);
  const counted = request.query.has('$inlinecount') ? { __count: String(count) } : {};
  return json(200, { results: shown, ...counted, ...(nextUrl === null ? {} : { __next: nextUrl }) });
}

/** Times of a body have no zone either. */
function bodyOf({ rules }: Service, table: Table, request: StandInRequest): Body {
  const body = JSON.parse(request.rawBody.toString('utf8')) as Body;
  for (const [name, value] of Object.entries(body)) {
    if (table.schema.columns.get(name)?.kind !== 'datetime' || typeof value !== 'string') continue;
    if (value.endsWith('Z')) throw Refusal.badQuery(`Cannot convert '${value}' to Edm.DateTime.`);
    body[name] = DateTime.fromISO(value, { zone: rules.timeZone }).toUTC().toISO();
  }
  return body;
}

function answerOne(
  service: Service,
  asked: {
    request: StandInRequest;
    object: string;
    id: string;
    json: (status: number, d: unknown) => StandInResponse;
    xml: (status: number, body: string) => StandInResponse;
  },
): StandInResponse {
  const { request, object, id, json, xml } = asked;
  const { stand, rules } = service;
  const table = tableOf(stand, object);
  const row = table.rows.get(id.toLowerCase());
  if (!row) throw Refusal.unknownSet(object);
  const override = request.method === 'POST' ? request.headers['x-http-method'] : undefined;
  const method = override ?? request.method;
  switch (method) {
    case 'GET': {
      const shown = withExpanded(service, table, row, request.query);
      return rules.xml ? xml(200, `<entry ${atom}>${entryOf(table, shown)}</entry>`) : json(200, shown);
    }
    case 'MERGE':
    case 'PATCH':
      if (!passes(rules, request.method)) return { status: 405, body: '' };
      change(stand, object, id, bodyOf(service, table, request));
      return { status: 204 };
    case 'PUT': {
      // What is not sent is emptied.
      const kept = ['Id', 'CreatedOn', 'CreatedById'];
      const empty = [...table.schema.columns.keys()].filter(
        (name) => !kept.includes(name) && !name.startsWith('Modified'),
      );
      change(stand, object, id, {
        ...Object.fromEntries(empty.map((name) => [name, null])),
        ...bodyOf(service, table, request),
      });
      return { status: 204 };
    }
    case 'DELETE':
      remove(stand, object, id);
      return { status: 204 };
    default:
      return { status: 405, body: '' };
  }
}
