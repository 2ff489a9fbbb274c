import { z } from 'zod';
import type { HttpResponse } from '../../kit/http.ts';
import { entryOf, feedOf } from './atom.ts';
import { type Ask, type Dialect, longestQuery, type Page, queryText, type Row, type UpdateWay } from './dialect.ts';
import { isXml } from './errors.ts';
import { unexpected } from './unexpected.ts';

const rowSchema = z.record(z.string(), z.unknown());
const listSchema = z.looseObject({
  results: z.array(rowSchema),
  __next: z.string().nullish(),
  __count: z.union([z.number(), z.string()]).nullish(),
});
/** Some services leave `results` out and give the array itself. */
const answerSchema = z.looseObject({ d: z.union([listSchema, z.array(rowSchema)]) });
const oneSchema = z.looseObject({ d: rowSchema });

const isDeferred = (value: unknown): boolean => value !== null && typeof value === 'object' && '__deferred' in value;

/** Without what is about the record (`__metadata`) and what was not asked for (`__deferred`), in expanded records too. */
function bare(row: Row): Row {
  const kept: Row = {};
  for (const [name, value] of Object.entries(row)) {
    if (name === '__metadata' || isDeferred(value)) continue;
    const isRow = value !== null && typeof value === 'object' && !Array.isArray(value);
    kept[name] = isRow ? bare(value as Row) : value;
  }
  return kept;
}

function pageOf(body: unknown): Page {
  const answer = answerSchema.safeParse(body);
  if (!answer.success) throw unexpected('list', answer.error);
  const { d } = answer.data;
  if (Array.isArray(d)) return { rows: d.map(bare), next: null, count: null };
  const count = d.__count;
  return {
    rows: d.results.map(bare),
    next: d.__next ?? null,
    count: count === null || count === undefined ? null : Number(count),
  };
}

function rowOf(response: HttpResponse): Row {
  if (isXml(response)) return entryOf(response.text);
  const answer = oneSchema.safeParse(response.json());
  if (!answer.success) throw unexpected('record', answer.error);
  return bare(answer.data.d);
}

/** `$expand` gives the whole other record unless every column is named, as far as the rest of the query leaves room for it. */
function selectOf({ columns, expand = [] }: Ask, rest: Record<string, string>): string | undefined {
  if (!columns || expand.length === 0) return undefined;
  const named = [...columns, ...expand.flatMap(({ nav, display }) => [`${nav}/Id`, `${nav}/${display}`])].join(',');
  return queryText({ $select: named, ...rest }).length > longestQuery ? undefined : named;
}

export const odata3: Dialect = {
  key: 'odata3',
  domain: 'bpmonline.com',
  service: 'ServiceModel/EntityDataService.svc',
  prefixes: ['/0'],
  readHeaders: { Accept: 'application/json;odata=verbose' },
  writeHeaders: {
    Accept: 'application/json;odata=verbose',
    'Content-Type': 'application/json;odata=verbose',
  },
  set: (entity) => `${entity}Collection`,
  one: (entity, id) => `${entity}Collection(guid'${id}')`,
  guid: (id) => `guid'${id}'`,
  time: (raw) => `datetime'${raw}'`,
  query(ask) {
    const { filter, order, top, skip, expand = [], select, count } = ask;
    const rest = {
      ...(filter ? { $filter: filter } : {}),
      ...(expand.length > 0 ? { $expand: expand.map(({ nav }) => nav).join(',') } : {}),
      ...(order ? { $orderby: order } : {}),
      ...(top === undefined ? {} : { $top: String(top) }),
      ...(skip ? { $skip: String(skip) } : {}),
      ...(count ? { $inlinecount: 'allpages' } : {}),
    };
    const named = select?.join(',') ?? selectOf(ask, rest);
    return { ...rest, ...(named ? { $select: named } : {}) };
  },
  page: (response) => (isXml(response) ? feedOf(response.text) : pageOf(response.json())),
  row: rowOf,
  updates(verb) {
    const put: UpdateWay = { method: 'PUT', headers: {}, whole: true };
    if (verb === 'PUT') return [put];
    // A proxy that knows only GET and POST takes the verb in a header (OData 3); PUT, which resets what is not sent, is the last.
    return [
      { method: verb, headers: {}, whole: false },
      { method: 'POST', headers: { 'X-HTTP-Method': verb }, whole: false },
      put,
    ];
  },
  tellsSets: false,
  batch: false,
  decimalsAsText: true,
  zoneless: true,
};
