import { XMLParser } from 'fast-xml-parser';
import { unexpected } from './unexpected.ts';

/** A row as JSON answers have it; Atom says the same with elements. */
export type Row = Record<string, unknown>;

const parser = new XMLParser({
  removeNSPrefix: true,
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  // Everything stays text: `m:type` says what it is.
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: true,
  // Numeric references like &#38; are plain XML, but the parser files them under HTML.
  htmlEntities: true,
  isArray: (name) => name === 'entry' || name === 'link',
});

type Node = Record<string, unknown>;
const isNode = (value: unknown): value is Node => value !== null && typeof value === 'object' && !Array.isArray(value);
const at = (node: unknown, ...path: string[]): unknown =>
  path.reduce<unknown>((here, name) => (isNode(here) ? here[name] : undefined), node);

function parse(text: string): Node {
  try {
    return parser.parse(text.replace(/^\uFEFF/, '')) as Node;
  } catch (cause) {
    throw unexpected('XML', cause);
  }
}

const numeric = /^Edm\.(Int16|Int32|Byte|SByte|Double|Single)$/;

function valueOf(property: unknown): unknown {
  if (!isNode(property)) return property ?? '';
  if (property['@null'] === 'true') return null;
  const text = String(property['#text'] ?? '');
  const type = String(property['@type'] ?? 'Edm.String');
  if (type === 'Edm.Boolean') return text === 'true';
  return numeric.test(type) ? Number(text) : text;
}

/** `content/m:properties` of an entry, and the expanded entries inside its links. */
function rowOf(entry: unknown): Row {
  const properties = at(entry, 'content', 'properties') ?? at(entry, 'properties');
  const row: Row = {};
  if (isNode(properties))
    for (const [name, property] of Object.entries(properties)) if (!name.startsWith('@')) row[name] = valueOf(property);
  for (const link of (at(entry, 'link') as Node[] | undefined) ?? []) {
    const [inner] = (at(link, 'inline', 'entry') as unknown[] | undefined) ?? [];
    const name = String(link['@rel'] ?? '')
      .split('/')
      .at(-1);
    if (inner !== undefined && name) row[name] = rowOf(inner);
  }
  return row;
}

/** The rows of a feed and the address of the next page. */
export function feedOf(text: string): { rows: Row[]; next: string | null; count: number | null } {
  const { feed } = parse(text);
  if (!isNode(feed) && feed !== '') throw unexpected('feed', null);
  const links = (at(feed, 'link') as Node[] | undefined) ?? [];
  const next = links.find((link) => link['@rel'] === 'next')?.['@href'];
  const count = at(feed, 'count');
  return {
    rows: ((at(feed, 'entry') as unknown[] | undefined) ?? []).map(rowOf),
    next: typeof next === 'string' ? next : null,
    count: count === undefined ? null : Number(isNode(count) ? count['#text'] : count),
  };
}

export function entryOf(text: string): Row {
  const { entry } = parse(text);
  const [first] = Array.isArray(entry) ? entry : [];
  if (first === undefined) throw unexpected('entry', null);
  return rowOf(first);
}

/** `<m:error><m:code/><m:message/></m:error>`; null when the XML tells of no failure. */
export function errorInXml(text: string): { code: string; message: string } | null {
  const { error } = parse(text);
  if (!isNode(error)) return null;
  const words = (node: unknown) => String(isNode(node) ? (node['#text'] ?? '') : (node ?? ''));
  return { code: words(error.code), message: words(error.message) };
}
