import { z } from 'zod';
import type { FieldView } from '../../connections/contract.ts';
import { type JsonValue, jsonSchema } from '../../http/contract.ts';

/** Operators of filter rules. By field type: see `operatorsFor` in `filter-operators.ts`. */
export const operators = [
  'equals',
  'notEquals',
  'contains',
  'notContains',
  'startsWith',
  'endsWith',
  'empty',
  'notEmpty',
  'greater',
  'less',
  'between',
  'inList',
  'notInList',
  'matches',
  'before',
  'after',
  'withinDays',
] as const;
export type Operator = (typeof operators)[number];

const textOperators = [
  'equals',
  'notEquals',
  'contains',
  'notContains',
  'startsWith',
  'endsWith',
  'empty',
  'notEmpty',
  'inList',
  'notInList',
  'matches',
] as const satisfies Operator[];
const dateOperators = [
  'equals',
  'notEquals',
  'before',
  'after',
  'between',
  'withinDays',
  'empty',
  'notEmpty',
] as const satisfies Operator[];

/** Which operators a field of a type offers; a list offers those of its elements. */
export const operatorsByType: Record<FieldView['type'], readonly Operator[]> = {
  text: textOperators,
  phone: textOperators,
  email: textOperators,
  url: textOperators,
  address: textOperators,
  choice: textOperators,
  reference: textOperators,
  number: ['equals', 'notEquals', 'greater', 'less', 'between', 'inList', 'notInList', 'empty', 'notEmpty'],
  boolean: ['equals', 'notEquals', 'empty', 'notEmpty'],
  date: dateOperators,
  datetime: dateOperators,
  file: ['empty', 'notEmpty'],
  json: operators,
};

/**
 * `field` is a path from the trigger's record over its references: `stage`, `contact.phone`.
 * A choice or reference is compared by label when `by` is `label` (the default), by id when it is `id`.
 * `value`: one value; a list for `inList` and `notInList`; `[from, to]` for `between`; days back for `withinDays`.
 */
export interface FilterRule {
  field: string;
  operator: Operator;
  value?: JsonValue | undefined;
  by?: 'label' | 'id' | undefined;
}
export interface FilterGroup {
  combinator: 'and' | 'or';
  rules: (FilterRule | FilterGroup)[];
}
const filterRule = z.object({
  field: z.string().max(300),
  operator: z.enum(operators),
  value: jsonSchema.optional(),
  by: z.enum(['label', 'id']).optional(),
});
export const filterGroup: z.ZodType<FilterGroup> = z.object({
  combinator: z.enum(['and', 'or']),
  get rules() {
    return z.array(z.union([filterRule, filterGroup])).max(100);
  },
});

/**
 * What a target field gets.
 * template: Liquid over `trigger` and earlier steps by their id; one lone expression keeps the value's type.
 * constant: a value of the target field's type; a choice as `{ id, label }`.
 * table: the value of `source` looked up in `rows` by label or id, letter case and spaces apart; no row: `otherwise`.
 * tree: a JSON value in which every string is a template.
 */
export const fieldTemplate = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('template'), text: z.string().max(20_000) }),
  z.object({ kind: z.literal('constant'), value: jsonSchema }),
  z.object({
    kind: z.literal('table'),
    source: z.string().max(2000),
    rows: z.array(z.object({ from: z.string().max(500), to: jsonSchema })).max(500),
    otherwise: jsonSchema.optional(),
  }),
  z.object({ kind: z.literal('tree'), value: jsonSchema }),
]);
export type FieldTemplate = z.infer<typeof fieldTemplate>;

export const fieldRules = ['overwrite', 'ifEmpty', 'keep', 'append'] as const;
export type FieldRule = (typeof fieldRules)[number];

export const duplicateRule = z.object({
  /** create always · skip if found · update or create · update only */
  mode: z.enum(['create', 'skip', 'upsert', 'update']),
  /** Tried in order; the template need not be the mapped one. */
  keys: z
    .array(z.object({ field: z.string().max(200), template: z.string().max(2000) }))
    .max(10)
    .default([]),
  several: z.enum(['first', 'newest', 'stop']).default('stop'),
  /** By target field, for updates; default `overwrite`. */
  fields: z.record(z.string().max(200), z.enum(fieldRules)).default({}),
});
export type DuplicateRule = z.infer<typeof duplicateRule>;

const settings = z.record(z.string().max(100), jsonSchema).default({});

export const flowTrigger = z.object({
  connection: z.uuid(),
  /** `deal.changed`, `deal.enteredStage`, … */
  trigger: z.string().max(200),
  settings,
  /** realTime: the app calls us, and a slow poll reconciles. poll: we ask every `everyMinutes`. */
  mode: z.enum(['realTime', 'poll']),
  everyMinutes: z.number().int().min(1).max(1440).default(5),
  /** Load each record only once. */
  once: z.boolean().default(false),
});

export const flowStep = z.object({
  /** Later steps name it in templates: `{{ a1.id }}`. */
  id: z.string().regex(/^[a-z][a-zA-Z0-9_]{0,30}$/),
  connection: z.uuid(),
  /** `task.create`, `deal.update`, `task.moveToStage`, … */
  action: z.string().max(200),
  settings,
  mapping: z.record(z.string().max(200), fieldTemplate).default({}),
  duplicates: duplicateRule.default({ mode: 'create', keys: [], several: 'stop', fields: {} }),
});
export type FlowStep = z.infer<typeof flowStep>;

/** A whole, immutable definition as a version keeps it. */
export const flowDefinition = z.object({
  trigger: flowTrigger,
  filter: filterGroup.nullable().default(null),
  steps: z.array(flowStep).min(1).max(20),
});
export type FlowDefinition = z.infer<typeof flowDefinition>;

/** A half-made definition as the editor saves it while a person works. */
export const flowDraft = z.object({
  trigger: flowTrigger.partial().nullable().default(null),
  filter: filterGroup.nullable().default(null),
  steps: z
    .array(flowStep.partial().extend({ id: flowStep.shape.id }))
    .max(20)
    .default([]),
});
export type FlowDraft = z.infer<typeof flowDraft>;
