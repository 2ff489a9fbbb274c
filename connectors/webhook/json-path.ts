import { query } from 'jsonpath-rfc9535';
import { ConnectorError } from '../../kit/errors.ts';
import type { Json } from '../../kit/field.ts';
import { fill } from '../../kit/text.ts';

/** All values at a JSONPath (RFC 9535), as in `$.items[*]`. */
export function valuesAt(body: Json, path: string): Json[] {
  try {
    return query(body as never, path) as Json[];
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
