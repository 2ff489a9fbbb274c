import type { Field, Value } from '../../../kit/field.ts';
import { fill, type Text } from '../../../kit/text.ts';
import type { ActionView } from '../../connections/contract.ts';
import type { FieldTemplate, FlowProblem } from '../contract.ts';
import { convert } from '../values/convert.ts';
import { asTemplate } from '../values/liquid.ts';
import { checkTemplate, operationOf, stringsIn, templatePaths } from '../values/map-fields.ts';
import { isEmpty } from '../values/reading.ts';
import { pathMistake } from './paths.ts';
import { type DraftStep, problem } from './problem.ts';

export type TemplateRoots = Parameters<typeof pathMistake>[1];
type Mistake = { code: string; text: Text };

/** Mistakes of a mapping: what is not mapped and has to be, what cannot be worked out, what is gone. */
export function mappingProblems(input: {
  step: DraftStep;
  action: ActionView;
  targets: Field[] | undefined;
  roots: TemplateRoots;
}): FlowProblem[] {
  const { step, action, targets, roots } = input;
  const mapping = step.mapping ?? {};
  const found: FlowProblem[] = [];
  const add = (label: Text, key: string, { code, text }: Mistake) => {
    const words = fill({ en: '"{label}": {text}.', ru: '«{label}»: {text}.' }, { label, text });
    found.push(problem(step.id, `mapping.${code}`, words, key));
  };
  for (const [key, template] of Object.entries(mapping)) {
    const field = targets?.find((one) => one.key === key);
    const mistake = targets && !field ? gone : fieldMistake({ field, template, roots });
    if (mistake) add(field?.label ?? key, key, mistake);
  }
  for (const field of operationOf(action.kind, step.duplicates?.mode ?? 'create') === 'create' ? (targets ?? []) : []) {
    if (!field.required || field.readOnly || isFilled(mapping[field.key])) continue;
    if (found.some((one) => one.field === field.key)) continue;
    add(field.label, field.key, {
      code: 'required',
      text: { en: 'required, but not mapped', ru: 'обязательное поле не сопоставлено' },
    });
  }
  return found;
}

const gone: Mistake = {
  code: 'unknown_field',
  text: { en: 'there is no such field any more', ru: 'такого поля больше нет' },
};

function isFilled(template: FieldTemplate | undefined): boolean {
  if (!template) return false;
  return template.kind === 'template'
    ? template.text.trim() !== ''
    : template.kind !== 'constant' || !isEmpty(template.value);
}

function fieldMistake(input: {
  field: Field | undefined;
  template: FieldTemplate;
  roots: TemplateRoots;
}): Mistake | null {
  const { field, template, roots } = input;
  if (field?.readOnly) {
    return { code: 'read_only', text: { en: 'the field can only be read', ru: 'поле доступно только для чтения' } };
  }
  switch (template.kind) {
    case 'template':
      return templateMistake(template.text, roots) ?? plainTextMistake(template.text, field);
    case 'constant':
      return constantMistake(template.value, field);
    case 'table':
      return tableMistake(template, field, roots);
    case 'tree':
      return stringsIn(template.value).reduce<Mistake | null>(
        (first, text) => first ?? templateMistake(text, roots),
        null,
      );
  }
}

/** A template that does not parse, or reads what is not there. */
export function templateMistake(text: string, roots: TemplateRoots): Mistake | null {
  const broken = checkTemplate(text);
  if (broken) return { code: 'template', text: broken };
  for (const path of templatePaths(text)) {
    const mistake = pathMistake(path, roots);
    if (mistake) return mistake;
  }
  return null;
}

/** Text without any braces is as good as a constant: it is the same for every record. */
const plainTextMistake = (text: string, field: Field | undefined): Mistake | null =>
  /\{[{%]/.test(text) ? null : constantMistake(text, field, 'mapped');

function constantMistake(
  value: Value,
  field: Field | undefined,
  origin: 'chosen' | 'mapped' = 'chosen',
): Mistake | null {
  if (!field) return null;
  const converted = convert({ value, field, origin, options: { zone: 'utc' } });
  return 'problem' in converted ? { code: 'constant', text: converted.problem } : null;
}

function tableMistake(
  table: Extract<FieldTemplate, { kind: 'table' }>,
  field: Field | undefined,
  roots: TemplateRoots,
): Mistake | null {
  if (table.source.trim() === '') {
    return {
      code: 'table',
      text: {
        en: 'choose the field the value table looks at',
        ru: 'выберите поле, на которое смотрит таблица значений',
      },
    };
  }
  if (table.rows.length === 0) {
    return { code: 'table', text: { en: 'the value table has no rows', ru: 'в таблице значений нет строк' } };
  }
  if (table.rows.some(({ from }) => from.trim() === '')) {
    return {
      code: 'table',
      text: {
        en: 'a row of the value table has no value on the left',
        ru: 'в строке таблицы значений нет значения слева',
      },
    };
  }
  const values = [...table.rows.map(({ to }) => to), table.otherwise ?? null];
  return values.reduce<Mistake | null>(
    (first, value) => first ?? constantMistake(value, field),
    templateMistake(asTemplate(table.source), roots),
  );
}
