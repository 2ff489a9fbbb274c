import { query } from 'jsonpath-rfc9535';
import parse from 'jsonpath-rfc9535/parser';
import { ConnectorError } from '../../kit/errors.ts';
import type { Json } from '../../kit/field.ts';
import { fill } from '../../kit/text.ts';

const parsed = new Map<string, string[] | null>();

/** The names of a path that only goes into objects, as `$.data.id`; null for any other. Throws when it is no JSONPath. */
function namesIn(path: string): string[] | null {
  const known = parsed.get(path);
  if (known !== undefined) return known;
  const names: string[] = [];
  for (const { type, node } of parse(path).segments) {
    if (type === 'ChildSegment' && node.type === 'MemberNameShorthand') names.push(node.value);
    else return remember(path, null);
  }
  return remember(path, names);
}

function remember(path: string, names: string[] | null): string[] | null {
  if (parsed.size >= 1000) parsed.clear();
  parsed.set(path, names);
  return names;
}

/** All values at a JSONPath (RFC 9535), as in `$.items[*]`. The library parses the path each time: 5 % of a run. */
export function valuesAt(body: Json, path: string): Json[] {
  try {
    const names = namesIn(path);
    return names === null ? (query(body as never, path) as Json[]) : valueAt(body, names);
  } catch (cause) {
    throw new ConnectorError({
      kind: 'rejected',
      code: 'webhook.bad_path',
      text: fill(
        {
          en: '“{path}” is not a JSONPath. It begins with $, as in $.data.id or $.items[*].',
          ru: '«{path}» — не путь JSONPath. Он начинается с $, например $.data.id или $.items[*].',
        },
        { path },
      ),
      cause,
    });
  }
}

function valueAt(body: Json, names: string[]): Json[] {
  let value = body;
  for (const name of names) {
    if (value === null || typeof value !== 'object' || Array.isArray(value) || !Object.hasOwn(value, name)) return [];
    value = value[name] as Json;
  }
  return [value];
}

/** The first value at a path as an id, or null when there is none that could be one. */
export function idAt(body: Json, path: string): string | null {
  const [value] = valuesAt(body, path);
  return typeof value === 'string' || typeof value === 'number' ? String(value) || null : null;
}

/** The items of a list: the path may point at the list or at its elements. */
export function itemsAt(body: Json, path: string): Json[] {
  const found = valuesAt(body, path);
  return found.length === 1 && Array.isArray(found[0]) ? found[0] : found;
}
