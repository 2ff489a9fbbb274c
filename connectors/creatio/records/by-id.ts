import { ConnectorError } from '../../../kit/errors.ts';
import type { Page, Row } from '../dialect.ts';

/** Ids in one filter: IIS takes query strings of 2,048 characters unless somebody raised it. */
const idsAtOnce = 20;

/** Ids in parts that fit into one filter each. */
export const inParts = (ids: string[]): string[][] =>
  Array.from({ length: Math.ceil(ids.length / idsAtOnce) }, (_, part) =>
    ids.slice(part * idsAtOnce, (part + 1) * idsAtOnce),
  );

/** The rows of several answers; a part that was refused fails the whole. */
export function rowsOf(pages: (Page | ConnectorError)[]): Row[] {
  return pages.flatMap((page) => {
    if (page instanceof ConnectorError) throw page;
    return page.rows;
  });
}
