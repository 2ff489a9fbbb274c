import type { Field, Value } from '../../../kit/field.ts';
import { fill, type Text } from '../../../kit/text.ts';
import type { FilterGroup, FilterRule, FlowProblem } from '../contract.ts';
import { labelOfPath } from '../filter/evaluate.ts';
import { operatorsFor, ruleProblem } from '../filter/operators.ts';
import { elements, fold, isEmpty, print, readBoolean, readNumber, readWhen } from '../values/reading.ts';
import { pathIsKnown } from './paths.ts';
import { problem } from './problem.ts';

type FieldAt = (path: string) => Field | undefined;

/** Mistakes of the filter: rules without a field or value, fields and choices that are gone, operators of another type. */
export function filterProblems(filter: FilterGroup | null, fieldAt: FieldAt | undefined): FlowProblem[] {
  if (!filter) return [];
  return filter.rules.flatMap((entry) => {
    if ('rules' in entry) return filterProblems(entry, fieldAt);
    const found = ruleMistake(entry, fieldAt);
    if (!found) return [];
    const label = entry.field === '' ? '' : labelOfPath(entry.field, fieldAt ?? (() => undefined));
    const text =
      label === ''
        ? found.text
        : fill({ en: '"{label}": {text}.', ru: '«{label}»: {text}.' }, { label, text: found.text });
    return [problem('filter', `filter.${found.code}`, text, entry.field || undefined)];
  });
}

function ruleMistake(rule: FilterRule, fieldAt: FieldAt | undefined): { code: string; text: Text } | null {
  if (rule.field === '') {
    return { code: 'no_field', text: { en: 'Choose a field for the condition.', ru: 'Выберите поле для условия.' } };
  }
  if (fieldAt && !pathIsKnown(rule.field, fieldAt)) {
    return { code: 'unknown_field', text: { en: 'there is no such field any more', ru: 'такого поля больше нет' } };
  }
  const field = fieldAt?.(rule.field);
  if (field && !operatorsFor(field).includes(rule.operator)) {
    return {
      code: 'operator',
      text: { en: 'this comparison does not suit the field', ru: 'такое сравнение к полю не подходит' },
    };
  }
  const text = ruleProblem(rule) ?? (field ? valueMistake(rule, field) : null);
  return text ? { code: 'value', text } : null;
}

/** Values that the field can never have. */
function valueMistake({ operator, value, by }: FilterRule, field: Field): Text | null {
  if (operator === 'empty' || operator === 'notEmpty' || operator === 'matches' || operator === 'withinDays')
    return null;
  for (const one of elements(value)) {
    const text = oneMistake(one, field);
    if (text) return text;
    const exact =
      operator === 'equals' || operator === 'notEquals' || operator === 'inList' || operator === 'notInList';
    if (exact && field.type === 'choice' && !hasChoice(field, one, by)) {
      return fill(
        { en: 'the choice "{value}" is no longer there', ru: 'варианта «{value}» больше нет' },
        { value: print(one) },
      );
    }
  }
  return null;
}

function oneMistake(value: Value, field: Field): Text | null {
  const text = print(value);
  switch (field.type) {
    case 'number':
      return readNumber(value) === null
        ? fill({ en: '"{text}" is not a number', ru: '«{text}» — не число' }, { text })
        : null;
    case 'boolean':
      return readBoolean(value) === null
        ? fill({ en: '"{text}" is neither yes nor no', ru: '«{text}» — не «да» и не «нет»' }, { text })
        : null;
    case 'date':
    case 'datetime':
      return readWhen(text, 'utc') ? null : fill({ en: '"{text}" is not a date', ru: '«{text}» — не дата' }, { text });
    default:
      return null;
  }
}

function hasChoice({ choices }: Field, value: Value, by: FilterRule['by']): boolean {
  if (!choices || choices.length === 0 || isEmpty(value)) return true;
  const id = value !== null && typeof value === 'object' && !Array.isArray(value) ? value.id : value;
  if (choices.some((choice) => choice.id === String(id))) return true;
  return by !== 'id' && choices.some((choice) => fold(choice.label) === fold(print(value)));
}
