import { useTranslation } from 'react-i18next';
import { useText } from '../../ui/text.ts';
import { type FormulaValue, parseFormulas, valueText } from './formulas.ts';
import { fieldsOnPath } from './groups.ts';
import type { SourceGroup } from './rows.ts';
import { conditionOf, printPath, type Segment } from './template.ts';
import { useFormulas } from './use-formulas.ts';

interface Name {
  words: string;
  /** There is no such field any more. */
  lost: boolean;
}

/** Names fields by the words of their app: `Контакт › Телефон`, or the path itself when the field is gone. */
export function useFieldName(groups: SourceGroup[]): (path: string[]) => Name {
  const text = useText();
  const { t } = useTranslation('flows');
  return (path) => {
    const { chain, keys, rest } = fieldsOnPath(groups, path);
    const group = groups.find((each) => each.id === path[0]);
    const step = group && group.id !== 'trigger' ? [group.title] : [];
    const own = rest.length === 1 && rest[0] === 'id' && chain.length <= 1;
    const names = [...step, ...chain.map((field) => text(field.label)), ...(own ? [t('source.recordId')] : rest)];
    const loading = group !== undefined && group.childrenOf(keys) === undefined;
    return { words: names.join(' › ') || printPath(path), lost: rest.length > 0 && !own && !loading };
  };
}

/** What a chip says: a field by its name, a plain condition in words, other code as it is. */
export function useChipName(segment: Extract<Segment, { kind: 'field' | 'code' }>, groups: SourceGroup[]): Name {
  const { t } = useTranslation('flows');
  const named = useFieldName(groups);
  if (segment.kind === 'field') return named(segment.path);
  const condition = conditionOf(segment.code);
  if (!condition) return { words: segment.code, lost: false };
  if (condition.word === 'else' || condition.word === 'end')
    return { words: t(`conditions.${condition.word}`), lost: false };
  return { words: t(`conditions.${condition.word}`, { field: named(condition.path).words }), lost: false };
}

/** Says formulas in words: `если пусто: Компания › Адрес`; code that only Liquid understands as it is. */
export function useFormulaWords(groups: SourceGroup[]): (filters: string) => string {
  const text = useText();
  const named = useFieldName(groups);
  const known = useFormulas();
  const say = (value: FormulaValue) => {
    if (value.kind === 'field') return named(value.path).words;
    const words = valueText(value);
    return words.trim() === words && words !== '' ? words : `“${words}”`;
  };
  return (filters) => {
    const formulas = parseFormulas(filters);
    if (!formulas) return filters;
    return formulas
      .map(({ name, values }) => {
        const words = known.find((formula) => formula.name === name);
        const title = words ? text(words.short) : name;
        return values.length ? `${title}: ${values.map(say).join(', ')}` : title;
      })
      .join(' · ');
  };
}
