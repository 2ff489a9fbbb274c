import type { FieldView } from '../../../server/connections/contract.ts';
import type { FieldTemplate } from '../../../server/flows/contract.ts';
import { printTemplate } from '../source/template.ts';

/** A source field a mapping could use: its keys from `trigger` on, and the words it is called by. */
export interface Candidate {
  path: string[];
  labels: string[];
  type: FieldView['type'];
  list?: boolean | undefined;
}

const soft = new Set(['text', 'phone', 'email', 'url', 'address', 'number', 'date', 'datetime']);

/** What fits without a formula. A choice or a link of one app means nothing in another, so it is never certain. */
function fits(target: FieldView, source: Candidate): boolean {
  if (target.type === 'choice' || target.type === 'reference' || target.type === 'file' || target.type === 'json')
    return false;
  if (target.type === 'text') return soft.has(source.type) || source.type === 'choice';
  return target.type === source.type;
}

/** Words without their endings: «контактного» and «контакт» are the same here. */
function stems(words: string): string[] {
  const plain = words
    .toLowerCase()
    .replaceAll('ё', 'е')
    .replace(/([a-zа-я])(?=\d)|_/g, '$1 ');
  return (plain.match(/[a-zа-я0-9]+/g) ?? []).filter((word) => word.length > 2).map((word) => word.slice(0, 5));
}

const splitKey = (key: string) => key.replace(/([a-z])([A-Z])/g, '$1 $2');
const same = (a: string[], b: string[]) => a.length > 0 && a.length === b.length && a.every((stem) => b.includes(stem));

/** Types that say by themselves what a field is for. */
const telling = new Set(['phone', 'email', 'address']);

function score(target: FieldView, names: string[], source: Candidate): number {
  const wanted = [...names, splitKey(target.key)].map(stems);
  const offered = [
    source.labels.join(' '),
    source.labels.at(-1) ?? '',
    splitKey(source.path.slice(1).join(' ')),
    splitKey(source.path.at(-1) ?? ''),
  ].map(stems);
  const whole = [offered[0] ?? [], offered[2] ?? []];
  if (wanted.some((name) => whole.some((other) => same(name, other)))) return 3;
  if (source.path.length === 2 && wanted.some((name) => offered.some((other) => same(name, other)))) return 3;
  const inside = wanted.some((name) => whole.some((o) => o.length > 1 && o.every((stem) => name.includes(stem))));
  if (inside && telling.has(target.type)) return 2;
  return 0;
}

/**
 * Fills only what is certain: one best field of a fitting type whose name says the same. What is already mapped stays.
 * @param namesOf the target's label in every language it is known in
 */
export function autofill(
  targets: FieldView[],
  sources: Candidate[],
  taken: (key: string) => boolean,
): Record<string, FieldTemplate> {
  const filled: Record<string, FieldTemplate> = {};
  for (const target of targets) {
    if (target.readOnly || taken(target.key)) continue;
    const names = typeof target.label === 'string' ? [target.label] : [target.label.en, target.label.ru];
    const rated = sources
      .filter((source) => fits(target, source))
      .map((source) => ({ source, score: score(target, names, source) }))
      .filter((each) => each.score > 0)
      .sort((a, b) => b.score - a.score);
    const [best, second] = rated;
    if (!best || best.score === second?.score) continue;
    filled[target.key] = {
      kind: 'template',
      text: printTemplate([{ kind: 'field', path: best.source.path, filters: '' }]),
    };
  }
  return filled;
}
