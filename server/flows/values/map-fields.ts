import type { DerivedAction } from '../../../kit/derive.ts';
import type { Field, Json, Value, Values } from '../../../kit/field.ts';
import { fill, type Text } from '../../../kit/text.ts';
import type { DuplicateRule, FieldTemplate, FlowStep } from '../contract.ts';
import { capital } from '../wording.ts';
import { type Converted, convert } from './convert.ts';
import type { FormulaOptions } from './formulas.ts';
import { asTemplate, type Scope, scopeOf, templatePaths, templateValue } from './liquid.ts';
import { fold, isEmpty, print } from './reading.ts';

export { checkTemplate, templatePaths } from './liquid.ts';

export type MappingOptions = FormulaOptions;

/** Required fields matter where a record may be made, and for actions of the app's own. */
export const operationOf = (kind: DerivedAction['kind'], mode: DuplicateRule['mode']): 'create' | 'update' =>
  kind === 'own' || (kind === 'create' && mode !== 'update') ? 'create' : 'update';

interface MappingInput {
  mapping: FlowStep['mapping'];
  /** What can be mapped. */
  targets: Field[];
  /** `trigger` and the answers of earlier steps by their id. */
  scope: Record<string, unknown>;
  options: MappingOptions;
  operation: 'create' | 'update';
}

export interface Mapped {
  /** What goes out. Null empties a field: only for an explicit empty constant on update. */
  values: Values;
  /** By target field: what it becomes, or why it cannot, as a line under its row. */
  results: Record<string, { value?: Value; problem?: Text }>;
  /** The same with the field's name in the words, as whole sentences. */
  problems: { field: string; text: Text }[];
}

/** Fills the target fields from their templates. Never throws: what cannot be is a problem of its field. */
export function mapFields(input: MappingInput): Mapped {
  const mapped: Mapped = { values: {}, results: {}, problems: [] };
  const byKey = new Map(input.targets.map((field) => [field.key, field]));
  const scope = safeScope(input.scope);
  for (const [key, template] of Object.entries(input.mapping)) {
    const field = byKey.get(key);
    const outcome = field ? fillField({ field, template, scope, input }) : { problem: noSuchField };
    if (outcome === 'leftOut') mapped.results[key] = {};
    else if ('problem' in outcome) addProblem(mapped, field ?? { key, label: key }, outcome.problem);
    else {
      mapped.values[key] = outcome.value;
      mapped.results[key] = { value: outcome.value };
    }
  }
  if (input.operation === 'create') requireFields(mapped, input);
  return mapped;
}

function addProblem(mapped: Mapped, field: Pick<Field, 'key' | 'label'>, text: Text): void {
  mapped.results[field.key] = { problem: capital(text) };
  mapped.problems.push({
    field: field.key,
    text: fill({ en: '"{label}": {text}.', ru: '«{label}»: {text}.' }, { label: field.label, text }),
  });
}

const noSuchField: Text = { en: 'there is no such field any more', ru: 'такого поля больше нет' };

function safeScope(data: Record<string, unknown>): Scope | { problem: Text } {
  try {
    return scopeOf(data);
  } catch {
    return { problem: { en: 'the record is nested too deep', ru: 'у записи слишком глубокая вложенность' } };
  }
}

function fillField(work: {
  field: Field;
  template: FieldTemplate;
  scope: Scope | { problem: Text };
  input: MappingInput;
}): Converted | 'leftOut' {
  const { field, template, scope, input } = work;
  const { options, operation } = input;
  if (field.readOnly) return { problem: { en: 'the field can only be read', ru: 'поле доступно только для чтения' } };
  if (field.createOnly && operation === 'update') return 'leftOut';
  if ('problem' in scope) return scope;
  try {
    const raw = rawValue(template, scope, options);
    if ('problem' in raw) return raw;
    const converted = convert({ value: raw.value, field, origin: raw.origin, options });
    if ('problem' in converted || !isEmpty(converted.value)) return converted;
    const emptied = template.kind === 'constant' && template.value === null && operation === 'update';
    return emptied ? { value: null } : 'leftOut';
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return {
      problem: fill({ en: 'cannot be worked out: {message}', ru: 'не удаётся вычислить: {message}' }, { message }),
    };
  }
}

type Raw = { value: Value; origin: 'chosen' | 'mapped' } | { problem: Text };

function rawValue(template: FieldTemplate, scope: Scope, options: MappingOptions): Raw {
  switch (template.kind) {
    case 'template':
      return mappedValue(templateValue({ text: template.text, scope, options }));
    case 'constant':
      return { value: template.value, origin: 'chosen' };
    case 'table':
      return lookUp(template, scope, options);
    case 'tree':
      return mappedValue(fillTree(template.value, scope, options));
  }
}

const mappedValue = (result: { value: Json } | { problem: Text }): Raw =>
  'problem' in result ? result : { value: result.value, origin: 'mapped' };

/** A value table: every element of the source is looked up by its label or id. */
function lookUp(table: Extract<FieldTemplate, { kind: 'table' }>, scope: Scope, options: MappingOptions): Raw {
  const source = templateValue({ text: asTemplate(table.source), scope, options });
  if ('problem' in source) return source;
  const found: Value[] = [];
  const wanted = Array.isArray(source.value) ? source.value : [source.value];
  for (const one of wanted) {
    const names = namesOf(one).map(fold);
    const row = table.rows.find(({ from }) => names.includes(fold(from)));
    if (row) found.push(row.to);
    else if (table.otherwise !== undefined) found.push(table.otherwise);
    else if (!isEmpty(one)) {
      return {
        problem: fill(
          { en: 'the value table has no row for "{value}"', ru: 'в таблице значений нет строки для «{value}»' },
          { value: print(one).slice(0, 100) },
        ),
      };
    }
  }
  return { value: Array.isArray(source.value) ? found : (found[0] ?? null), origin: 'chosen' };
}

function namesOf(value: Json): string[] {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return [print(value)];
  return [print(value), print(value.id ?? null)].filter((name) => name !== '');
}

/** A JSON value in which every string is a template. */
function fillTree(value: Json, scope: Scope, options: MappingOptions): { value: Json } | { problem: Text } {
  if (typeof value === 'string') return templateValue({ text: value, scope, options });
  if (value === null || typeof value !== 'object') return { value };
  const filled: [string, Json][] = [];
  for (const [key, one] of Object.entries(value)) {
    const result = fillTree(one, scope, options);
    if ('problem' in result) {
      return { problem: fill('{key}: {problem}', { key, problem: result.problem }) };
    }
    filled.push([key, result.value]);
  }
  return { value: Array.isArray(value) ? filled.map(([, one]) => one) : Object.fromEntries(filled) };
}

function requireFields(mapped: Mapped, { targets, mapping }: MappingInput): void {
  for (const field of targets) {
    if (!field.required || field.readOnly || mapped.results[field.key]?.problem) continue;
    if (!isEmpty(mapped.values[field.key])) continue;
    const text: Text = Object.hasOwn(mapping, field.key)
      ? { en: 'required, and the record has nothing for it', ru: 'обязательное поле, а в записи для него ничего нет' }
      : { en: 'required, but not mapped', ru: 'обязательное поле, а в сопоставлении его нет' };
    addProblem(mapped, field, text);
  }
}

/** The value of one template, as the keys of a duplicate rule need it. Never throws. */
export function evaluateTemplate(input: {
  text: string;
  scope: Record<string, unknown>;
  options: MappingOptions;
}): { value: Value } | { problem: Text } {
  const scope = safeScope(input.scope);
  return 'problem' in scope ? scope : templateValue({ text: input.text, scope, options: input.options });
}

/** Every path that a field's template reads. */
export function fieldTemplatePaths(template: FieldTemplate): string[] {
  switch (template.kind) {
    case 'template':
      return templatePaths(template.text);
    case 'constant':
      return [];
    case 'table':
      return templatePaths(asTemplate(template.source));
    case 'tree':
      return [...new Set(stringsIn(template.value).flatMap(templatePaths))];
  }
}

/** The strings of a JSON value: the templates of a tree. */
export function stringsIn(value: Json): string[] {
  if (typeof value === 'string') return [value];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(stringsIn) : [];
}

/** Every path that a step reads: its mapping and the keys of its duplicate rule. */
export const stepPaths = (step: Pick<FlowStep, 'mapping' | 'duplicates'>): string[] => [
  ...new Set([
    ...Object.values(step.mapping).flatMap(fieldTemplatePaths),
    ...step.duplicates.keys.flatMap((key) => templatePaths(key.template)),
  ]),
];
