import { z } from 'zod';
import type { Dialect, Row } from './dialect.ts';
import { unexpected } from './unexpected.ts';

const pageSchema = z.looseObject({
  value: z.array(z.record(z.string(), z.unknown())),
  '@odata.nextLink': z.string().nullish(),
  '@odata.count': z.union([z.number(), z.string()]).nullish(),
});
const rowSchema = z.record(z.string(), z.unknown());

/** Members about the answer (`@odata.context`) and about binary columns (`Logo@odata.mediaReadLink`) are no columns. */
export const bare = (row: Row): Row => Object.fromEntries(Object.entries(row).filter(([name]) => !name.includes('@')));

export function pageOf(body: unknown): { rows: Row[]; next: string | null; count: number | null } {
  const page = pageSchema.safeParse(body);
  if (!page.success) throw unexpected('list', page.error);
  const count = page.data['@odata.count'];
  return {
    rows: page.data.value.map(bare),
    next: page.data['@odata.nextLink'] ?? null,
    count: count === null || count === undefined ? null : Number(count),
  };
}

export const odata4: Dialect = {
  key: 'odata4',
  domain: 'creatio.com',
  service: 'odata',
  prefixes: ['/0', ''],
  readHeaders: { Accept: 'application/json' },
  writeHeaders: { Accept: 'application/json', 'Content-Type': 'application/json; charset=utf-8' },
  set: (entity) => entity,
  one: (entity, id) => `${entity}(${id})`,
  guid: (id) => id,
  time: (raw) => raw,
  query({ filter, order, top, skip, expand, select, count }) {
    const expanded = (expand ?? []).map(({ nav, display }) => `${nav}($select=Id,${display})`).join(',');
    return {
      ...(filter ? { $filter: filter } : {}),
      ...(select ? { $select: select.join(',') } : {}),
      ...(expanded ? { $expand: expanded } : {}),
      ...(order ? { $orderby: order } : {}),
      ...(top === undefined ? {} : { $top: String(top) }),
      ...(skip ? { $skip: String(skip) } : {}),
      ...(count ? { $count: 'true' } : {}),
    };
  },
  page: (response) => pageOf(response.json()),
  row(response) {
    const row = rowSchema.safeParse(response.json());
    if (!row.success) throw unexpected('record', row.error);
    return bare(row.data);
  },
  updates: () => [{ method: 'PATCH', headers: {}, whole: false }],
  tellsSets: true,
  batch: true,
  decimalsAsText: false,
  zoneless: false,
};
