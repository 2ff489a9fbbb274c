import type { ActionView, FieldView, FormFieldView, TriggerView } from '../../../server/connections/contract.ts';
import type {
  DuplicateRule,
  FieldTemplate,
  FilterGroup,
  FilterRule,
  FlowDraft,
} from '../../../server/flows/contract.ts';
import type { JsonValue } from '../../../server/http/contract.ts';
import { pathsIn } from '../source/template.ts';
import { isEmpty } from '../source/values.ts';

export type TriggerDraft = NonNullable<FlowDraft['trigger']>;
export type StepDraft = FlowDraft['steps'][number];
export type Mapping = Record<string, FieldTemplate>;

export const noDuplicateRule: DuplicateRule = { mode: 'create', keys: [], several: 'stop', fields: {} };

/** A new flow begins with one empty step: there is always something to do. */
export function withFirstStep(draft: FlowDraft): FlowDraft {
  return draft.steps.length > 0 ? draft : { ...draft, steps: [{ id: 'a1' }] };
}

export function patchTrigger(draft: FlowDraft, patch: Partial<TriggerDraft>): FlowDraft {
  return { ...draft, trigger: { ...draft.trigger, ...patch } };
}

export function patchStep(draft: FlowDraft, id: string, patch: Partial<StepDraft>): FlowDraft {
  return { ...draft, steps: draft.steps.map((step) => (step.id === id ? { ...step, ...patch } : step)) };
}

/** A connection of another app: what was chosen stays only where that app has it too, as in a ready-made flow. */
export function moveTrigger(draft: FlowDraft, connection: string | undefined, triggers: TriggerView[]): FlowDraft {
  const stays = connection === undefined || triggers.some((view) => view.key === draft.trigger?.trigger);
  return stays ? patchTrigger(draft, { connection }) : { ...draft, trigger: { connection }, filter: null };
}

export function moveStep(
  draft: FlowDraft,
  moved: { id: string; connection: string | undefined; actions: ActionView[] },
): FlowDraft {
  const { id, connection, actions } = moved;
  const step = draft.steps.find((each) => each.id === id);
  const stays = connection === undefined || actions.some((view) => view.key === step?.action);
  if (stays) return patchStep(draft, id, { connection });
  return { ...draft, steps: draft.steps.map((each) => (each.id === id ? { id, connection } : each)) };
}

/** Ids are never used again within a draft: templates of later steps name them. */
export function addStep(draft: FlowDraft): FlowDraft {
  const numbers = draft.steps.map((step) => Number(/^a(\d+)$/.exec(step.id)?.[1] ?? 0));
  return { ...draft, steps: [...draft.steps, { id: `a${Math.max(0, ...numbers) + 1}` }] };
}

export function removeStep(draft: FlowDraft, id: string): FlowDraft {
  return { ...draft, steps: draft.steps.filter((step) => step.id !== id) };
}

export function setMapped(mapping: Mapping, field: string, template: FieldTemplate | null): Mapping {
  if (template) return { ...mapping, [field]: template };
  return Object.fromEntries(Object.entries(mapping).filter(([key]) => key !== field));
}

/** A template that would leave its field empty is no mapping. */
export function isBlank(template: FieldTemplate | undefined): boolean {
  if (!template) return true;
  switch (template.kind) {
    case 'template':
      return template.text.trim() === '';
    case 'constant':
      return isEmpty(template.value);
    case 'table':
      return template.source.trim() === '' && template.rows.length === 0;
    case 'tree':
      return isEmpty(template.value);
  }
}

const settingsComplete = (fields: FormFieldView[], values: Record<string, JsonValue> | undefined) =>
  fields.every((field) => !field.required || !isEmpty(values?.[field.key] ?? field.default));

export function triggerReady(trigger: TriggerDraft | null, view: TriggerView | undefined): boolean {
  return Boolean(trigger?.connection && view && trigger.mode && settingsComplete(view.settings, trigger.settings));
}

export function stepReady(step: StepDraft, action: ActionView | undefined, fields: FieldView[] = []): boolean {
  if (!step.connection || !action || !settingsComplete(action.settings, step.settings)) return false;
  return missingRequired(step, action, fields).length === 0;
}

/** Required fields that nothing is mapped to; an update may leave them alone. */
export function missingRequired(step: StepDraft, action: ActionView, fields: FieldView[]): FieldView[] {
  if (action.duplicates === 'target' || step.duplicates?.mode === 'update') return [];
  return fields.filter((field) => field.required && !field.readOnly && isBlank(step.mapping?.[field.key]));
}

// ---------------------------------------------------------------- what a draft reads from its source

const rulesOf = (group: FilterGroup): FilterRule[] =>
  group.rules.flatMap((rule) => ('rules' in rule ? rulesOf(rule) : [rule]));

/** Every path below the trigger's record that the filter, the mappings and the keys name. */
export function triggerPaths(draft: FlowDraft): string[][] {
  const fromFilter = draft.filter ? rulesOf(draft.filter).map((rule) => rule.field.split('.')) : [];
  const fromSteps = draft.steps.flatMap((step) =>
    [
      ...Object.values(step.mapping ?? {}).flatMap(templatesOf),
      ...(step.duplicates?.keys ?? []).map((key) => key.template),
    ].flatMap(pathsIn),
  );
  const below = fromSteps.filter((path) => path[0] === 'trigger').map((path) => path.slice(1));
  return [...fromFilter, ...below].filter((path) => path.length > 0 && path[0] !== '');
}

/** The texts of a field's template that may hold Liquid. */
export function templatesOf(template: FieldTemplate): string[] {
  switch (template.kind) {
    case 'template':
      return [template.text];
    case 'table':
      return [template.source];
    case 'tree':
      return stringsIn(template.value);
    case 'constant':
      return [];
  }
}

function stringsIn(value: JsonValue): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(stringsIn);
  if (value && typeof value === 'object') return Object.values(value).flatMap(stringsIn);
  return [];
}

/** The references that must be loaded for these paths: `contact`, `contact.company`. */
export function referencesOf(paths: string[][], fields: FieldView[]): string[] {
  const links = new Set(fields.filter((field) => field.target).map((field) => field.key));
  const prefixes = paths
    .filter((path) => path.length > 1 && links.has(path[0] ?? ''))
    .flatMap((path) => path.slice(0, -1).map((_, index) => path.slice(0, index + 1).join('.')));
  return [...new Set(prefixes)].sort();
}

/** How many fields of the record no mapping uses. */
export function unmappedCount(draft: FlowDraft, fields: FieldView[]): number {
  const used = new Set(triggerPaths(draft).map((path) => path[0]));
  return fields.filter((field) => !used.has(field.key)).length;
}

export const usesTrigger = (draft: FlowDraft): boolean => Boolean(draft.trigger?.connection && draft.trigger.trigger);

/** The key of the only one, when there is just one. */
export const onlyOne = (apps: { key: string }[]): string | undefined => (apps.length === 1 ? apps[0]?.key : undefined);
