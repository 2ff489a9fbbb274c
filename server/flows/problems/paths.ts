import type { Field } from '../../../kit/field.ts';
import { fill, type Text } from '../../../kit/text.ts';

type FieldAt = (path: string) => Field | undefined;

/** What Liquid gives of every text and list. */
const ofLists = new Set(['first', 'last', 'size']);
const ofNamed = new Set(['id', 'label', 'name', 'size']);

/**
 * Could there be something at the path? Inside JSON anything may be; a choice has its id and label; a list its first,
 * last and size.
 */
export function pathIsKnown(path: string, fieldAt: FieldAt): boolean {
  if (path === 'id' || fieldAt(path)) return true;
  const steps = path.split('.');
  for (let length = steps.length - 1; length > 0; length--) {
    const field = fieldAt(steps.slice(0, length).join('.'));
    if (!field) continue;
    const [next = '', ...rest] = steps.slice(length);
    if (field.type === 'json') return true;
    if (ofLists.has(next))
      return rest.length === 0 || pathIsKnown([...steps.slice(0, length), ...rest].join('.'), fieldAt);
    if (field.type === 'reference') return field.target === undefined || (rest.length === 0 && ofNamed.has(next));
    return (field.type === 'choice' || field.type === 'file') && rest.length === 0 && ofNamed.has(next);
  }
  return false;
}

interface Roots {
  /** The trigger's fields; absent: not loaded. */
  fieldAt: FieldAt | undefined;
  /** Earlier steps: their outputs, null when not known. */
  earlier: Map<string, Field[] | null>;
  /** This step and those after it. */
  later: Set<string>;
}

/** Why a path of a template gives nothing, in words that follow the field's name; null when it may give something. */
export function pathMistake(path: string, roots: Roots): { code: string; text: Text } | null {
  const [root = '', ...rest] = path.split('.');
  const inside = rest.join('.');
  if (root === 'trigger') {
    if (inside === '' || !roots.fieldAt || pathIsKnown(inside, roots.fieldAt)) return null;
    return {
      code: 'unknown_path',
      text: fill({ en: 'there is no field "{path}"', ru: 'поля «{path}» нет' }, { path }),
    };
  }
  if (roots.later.has(root)) {
    return {
      code: 'later_step',
      text: fill(
        { en: '"{path}" comes from a step that is done later', ru: '«{path}» появится только на более позднем шаге' },
        { path },
      ),
    };
  }
  const outputs = roots.earlier.get(root);
  if (outputs === undefined) {
    return {
      code: 'unknown_path',
      text: fill({ en: 'nothing is called "{path}"', ru: 'ничего с именем «{path}» нет' }, { path }),
    };
  }
  if (outputs === null || inside === '') return null;
  return pathIsKnown(inside, (key) => outputs.find((field) => field.key === key))
    ? null
    : { code: 'unknown_path', text: fill({ en: 'the step gives no "{path}"', ru: 'шаг не даёт «{path}»' }, { path }) };
}
