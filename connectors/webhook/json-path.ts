import { query } from 'jsonpath-rfc9535';
import parse from 'jsonpath-rfc9535/parser';
import { ConnectorError } from '../../kit/errors.ts';
import type { Json } from '../../kit/field.ts';
import { fill } from '../../kit/text.ts';

/** Into an object by a name, or to all elements of a list (`[*]`). */
type Step = { name: string } | 'all';

const known = new Map<string, Step[] | null>();

/** The steps of a path that only has names and `[*]`, as `$.data.items[*]`; null for any other. Throws when it is no JSONPath. */
function stepsOf(path: string): Step[] | null {
  const steps = known.get(path);
  if (steps !== undefined) return steps;
  const found = parse(path).segments.map(plainStep);
  const plain = found.every((step) => step !== null) ? found : null;
  if (known.size >= 1000) known.clear();
  known.set(path, plain);
  return plain;
}

function plainStep({ type, node }: ReturnType<typeof parse>['segments'][number]): Step | null {
  if (type !== 'ChildSegment') return null;
  if (node.type === 'MemberNameShorthand') return { name: node.value };
  const [only, ...others] = node.type === 'BracketedSelection' ? node.selectors : [];
  return only?.type === 'WildcardSelector' && others.length === 0 ? 'all' : null;
}

/** All values at a JSONPath (RFC 9535), as in `$.items[*]`. The library parses a path each time, which takes 5 % of a run. */
export function valuesAt(body: Json, path: string): Json[] {
  try {
    const steps = stepsOf(path);
    return steps === null ? (query(body as never, path) as Json[]) : walk(body, steps);
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

const walk = (body: Json, steps: Step[]): Json[] =>
  steps.reduce<Json[]>((values, step) => values.flatMap((value) => take(value, step)), [body]);

function take(value: Json, step: Step): Json[] {
  if (value === null || typeof value !== 'object') return [];
  // Of an object `[*]` is the values of all its members (RFC 9535, 2.3.2.2).
  if (step === 'all') return Object.values(value);
  return !Array.isArray(value) && Object.hasOwn(value, step.name) ? [value[step.name] as Json] : [];
}

/** The first value at a path as an id, or null when there is none that could be one. */
export function idAt(body: Json, path: string): string | null {
  const [value] = valuesAt(body, path);
  return typeof value === 'string' || typeof value === 'number' ? String(value) || null : null;
}

/** The items of a list: the path may point at the list or at its elements. Null when it points at nothing. */
export function itemsAt(body: Json, path: string): Json[] | null {
  const found = valuesAt(body, path);
  const [only] = found;
  if (found.length === 0) return mayBeEmpty(body, path) ? [] : null;
  if (found.length > 1) return found;
  return Array.isArray(only) ? only : only === null ? null : found;
}

/** Nothing at `$.items[*]` is an empty list when `$.items` is there; a filter may have let nothing pass. */
function mayBeEmpty(body: Json, path: string): boolean {
  const steps = stepsOf(path);
  if (steps === null) return true;
  const list = steps.indexOf('all');
  return list !== -1 && walk(body, steps.slice(0, list)).some((value) => typeof value === 'object' && value !== null);
}
