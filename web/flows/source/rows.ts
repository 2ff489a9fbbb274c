import type { FieldView } from '../../../server/connections/contract.ts';
import type { JsonValue } from '../../../server/http/contract.ts';
import type { Text } from '../../ui/text.ts';
import { isTree, valueAt } from './values.ts';

/** A step that gives fields: the trigger, or an earlier step. */
export interface SourceGroup {
  /** `trigger`, or the id of a step: the first key of its paths. */
  id: string;
  title: string;
  values: JsonValue | undefined;
  childrenOf(path: string[]): FieldView[] | undefined;
}

/** One line of the picker. */
export interface FieldRow {
  path: string[];
  field: FieldView;
  labels: string[];
  depth: number;
  value: JsonValue | undefined;
  children: 'none' | 'closed' | 'open';
}

const maxDepth = 6;
/** How far a search looks by itself. */
const searchDepth = 2;

/** The open branches of a group as lines; with `search`, every loaded line whose words match, wherever it is. */
export function rowsOf(input: {
  group: SourceGroup;
  open: ReadonlySet<string>;
  search: string;
  text(label: Text): string;
}): FieldRow[] {
  const words = input.search.toLowerCase().replaceAll('ё', 'е').split(/\s+/).filter(Boolean);
  const rows: FieldRow[] = [];
  const walk = (path: string[], labels: string[]) => {
    for (const field of input.group.childrenOf(path) ?? []) {
      if (field.writeOnly) continue;
      const here = [...path, field.key];
      const named = [...labels, input.text(field.label)];
      const value = valueAt(input.group.values, here);
      const deeper = here.length < maxDepth && hasChildren(field, value);
      const isOpen = deeper && input.open.has([input.group.id, ...here].join('.'));
      const row: FieldRow = {
        path: [input.group.id, ...here],
        field,
        labels: named,
        depth: path.length,
        value,
        children: deeper ? (isOpen ? 'open' : 'closed') : 'none',
      };
      if (words.length === 0 || matches(row, words)) rows.push(row);
      if (words.length > 0 ? deeper && here.length < searchDepth : isOpen) walk(here, named);
    }
  };
  walk([], []);
  // What is nearer is likelier meant.
  return words.length > 0 ? rows.sort((a, b) => a.depth - b.depth) : rows;
}

function hasChildren(field: FieldView, value: JsonValue | undefined): boolean {
  if (field.target) return !field.list;
  const first = Array.isArray(value) ? value[0] : value;
  return field.type === 'json' && isTree(first);
}

/** By name, by key, or by what the sample holds. */
function matches(row: FieldRow, words: string[]): boolean {
  const sample =
    typeof row.value === 'string' || typeof row.value === 'number' ? String(row.value) : labelOf(row.value);
  const all = `${row.labels.join(' ')} ${row.path.join('.')} ${sample}`.toLowerCase().replaceAll('ё', 'е');
  return words.every((word) => all.includes(word));
}

const labelOf = (value: JsonValue | undefined): string =>
  isTree(value) && typeof value.label === 'string' ? value.label : '';
