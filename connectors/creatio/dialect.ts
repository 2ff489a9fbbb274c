import type { HttpRequest, HttpResponse } from '../../kit/http.ts';
import type { Row } from './atom.ts';
import type { UpdateVerb } from './settings.ts';

export type { Row } from './atom.ts';

/** What is asked of a set, in no dialect's words. */
export interface Ask {
  filter?: string;
  order?: string;
  top?: number;
  skip?: number;
  /** Lookups whose id and name come along. */
  expand?: { nav: string; display: string }[];
  /** Only these columns. */
  select?: string[];
  /** All columns of the set: a dialect that must name every column of an expanded answer takes them from here. */
  columns?: string[];
  count?: boolean;
}

export interface Page {
  rows: Row[];
  /** The address of the next page, where the server cuts on its own. */
  next: string | null;
  count: number | null;
}

export interface UpdateWay {
  method: HttpRequest['method'];
  headers: Record<string, string>;
  /** Empties every column that is not sent. */
  whole: boolean;
}

/** OData 4 or OData 3: everything in which they differ. */
export interface Dialect {
  key: 'odata4' | 'odata3';
  /** Of the vendor's cloud, for a name without one. */
  domain: string;
  /** Under the site, behind the platform's prefix. */
  service: string;
  /** bpm’online always keeps its services under `/0`. */
  prefixes: readonly ('/0' | '')[];
  readHeaders: Record<string, string>;
  writeHeaders: Record<string, string>;
  set(entity: string): string;
  one(entity: string, id: string): string;
  guid(id: string): string;
  /** A time as the server wrote it, put into a filter. */
  time(raw: string): string;
  query(ask: Ask): Record<string, string>;
  page(response: HttpResponse): Page;
  row(response: HttpResponse): Row;
  /** The ways of an update, the usual one first. */
  updates(verb: UpdateVerb): UpdateWay[];
  /** Of an unknown set it says something else than of an unknown record. */
  tellsSets: boolean;
  /** JSON bodies that hold several requests. */
  batch: boolean;
  /** Decimals and long integers travel as text. */
  decimalsAsText: boolean;
  /** Times are written and answered without a zone. */
  zoneless: boolean;
}

/** IIS takes query strings of 2,048 characters unless somebody raised it; a longer one gets a page in the place of an answer. */
export const longestQuery = 1900;

/** A text literal: quotes double in both dialects. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/**
 * `+` for a space is a habit of forms that OData does not know, so each part is percent-encoded; `$` stays as people
 * know it from the documentation. Half an emoji, cut off by somebody’s limit, has no encoding: it becomes U+FFFD.
 */
export const queryText = (query: Record<string, string>): string =>
  Object.entries(query)
    .map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`)
    .join('&');
