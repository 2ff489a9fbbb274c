import type { Field } from '../../../kit/field.ts';
import { fill, type Text } from '../../../kit/text.ts';
import type { ActionView, FormFieldView } from '../../connections/contract.ts';
import type { JsonValue } from '../../http/contract.ts';
import type { FlowDraft, FlowProblem } from '../contract.ts';
import { isEmpty } from '../values/reading.ts';
import { mappingProblems, type TemplateRoots, templateMistake } from './mapping.ts';
import { type DraftStep, type Known, type KnownStep, offeredAction, offeredTrigger, problem } from './problem.ts';

interface StepInput {
  draft: FlowDraft;
  step: DraftStep;
  index: number;
  known: Known;
}

/** Mistakes of one step: its action, its mapping, its duplicate rule. */
export function stepProblems({ draft, step, index, known }: StepInput): FlowProblem[] {
  const at = (code: string, text: Text): FlowProblem => problem(step.id, `step.${code}`, text);
  const found: FlowProblem[] = [];
  if (step.id === 'trigger' || draft.steps.findIndex(({ id }) => id === step.id) !== index) {
    found.push(at('id_taken', { en: 'Two steps have one name.', ru: 'У двух шагов одно имя.' }));
  }
  if (!step.connection) return [...found, at('no_connection', { en: 'Choose the app.', ru: 'Выберите приложение.' })];
  const connection = known.connections.find(({ id }) => id === step.connection);
  if (!connection) {
    const text = { en: 'The connection was deleted. Choose another one.', ru: 'Подключение удалено. Выберите другое.' };
    return [...found, at('connection_gone', text)];
  }
  if (!step.action) return [...found, at('no_action', { en: 'Choose what to do.', ru: 'Выберите, что сделать.' })];
  const offer = offeredAction(known, { connection: connection.id, key: step.action });
  if (offer.is === 'gone') return [...found, at('unknown_action', offer.text)];
  if (offer.is === 'unasked') return found;
  const action = offer.view;
  const roots = rootsOf({ draft, index, known });
  const aboutStep: KnownStep = known.steps[step.id] ?? {};
  return [
    ...found,
    ...missingSettings(step.id, action.settings, step.settings),
    ...mappingProblems({ step, action, targets: aboutStep.targets, roots }),
    ...duplicateProblems({ draft, step, action, known, roots }),
  ];
}

function rootsOf({ draft, index, known }: Pick<StepInput, 'draft' | 'index' | 'known'>): TemplateRoots {
  const before = draft.steps.slice(0, index);
  return {
    fieldAt: known.fieldAt,
    earlier: new Map(before.map(({ id }) => [id, known.steps[id]?.output ?? null])),
    later: new Set(draft.steps.slice(index).map(({ id }) => id)),
  };
}

/** Settings that must be given, of a trigger or an action. */
export function missingSettings(
  card: string,
  settings: FormFieldView[],
  given: Record<string, JsonValue> | undefined,
): FlowProblem[] {
  return settings
    .filter((field) => field.required && field.default === undefined && isEmpty(given?.[field.key]))
    .map((field) =>
      problem(
        card,
        'setting.missing',
        fill({ en: 'Fill in "{label}".', ru: 'Заполните «{label}».' }, { label: field.label }),
        field.key,
      ),
    );
}

function duplicateProblems(input: {
  draft: FlowDraft;
  step: DraftStep;
  action: ActionView;
  known: Known;
  roots: TemplateRoots;
}): FlowProblem[] {
  const { draft, step, action, known, roots } = input;
  const rule = step.duplicates;
  const mode = rule?.mode ?? 'create';
  if (action.duplicates === 'none' || (action.duplicates === 'create' && mode === 'create')) return [];
  const keys = rule?.keys ?? [];
  if (keys.length === 0 && !pairIsPossible(draft, known)) {
    const text: Text = {
      en: 'Choose at least one field to find the record by: what starts this flow has no record to remember a pair for.',
      ru: 'Выберите хотя бы одно поле, по которому искать запись: у события этой связки нет записи, для которой можно запомнить пару.',
    };
    return [problem(step.id, 'duplicates.no_key', text)];
  }
  const creates = action.duplicates === 'create' && mode !== 'update';
  if (keys.length === 0 && creates && comesAfterItsLike(draft, step) && maySeeChanges(draft, known)) {
    const text: Text = {
      en: 'Choose at least one field to find the record by: the pair belongs to the earlier step that makes such records.',
      ru: 'Выберите хотя бы одно поле, по которому искать запись: пара принадлежит предыдущему шагу, который создаёт такие же записи.',
    };
    return [problem(step.id, 'duplicates.no_key', text)];
  }
  const fields = known.steps[step.id]?.fields;
  return keys.flatMap((key) => {
    const mistake = keyMistake(key, { fields, roots });
    if (!mistake) return [];
    const label = fields?.find((field) => field.key === key.field)?.label ?? key.field;
    const text = fill(
      { en: 'Search by "{label}": {text}.', ru: 'Поиск по полю «{label}»: {text}.' },
      { label, text: mistake.text },
    );
    return [problem(step.id, `duplicates.${mistake.code}`, text, key.field)];
  });
}

/** A pair joins two records: an event without a record, such as a bare call, cannot have one. */
function pairIsPossible({ trigger }: FlowDraft, known: Known): boolean {
  const event = offeredTrigger(known, { connection: trigger?.connection ?? '', key: trigger?.trigger ?? '' });
  return event.is !== 'there' || event.view.recordType !== null;
}

/** The pair is the first one's of several steps that make records of one type (pair-of-step.ts). */
const comesAfterItsLike = ({ steps }: FlowDraft, { id, connection, action }: DraftStep): boolean =>
  steps
    .slice(
      0,
      steps.findIndex((one) => one.id === id),
    )
    .some((one) => one.connection === connection && one.action === action && one.duplicates?.mode !== 'update');

/** The event may come again for one record: each time a step without a key would make one more. */
function maySeeChanges({ trigger }: FlowDraft, known: Known): boolean {
  const event = offeredTrigger(known, { connection: trigger?.connection ?? '', key: trigger?.trigger ?? '' });
  if (event.is !== 'there') return false;
  const { key, recordType } = event.view;
  return key === `${recordType}.changed` || key === `${recordType}.createdOrChanged`;
}

function keyMistake(
  key: { field: string; template: string },
  { fields, roots }: { fields: Field[] | undefined; roots: TemplateRoots },
): { code: string; text: Text } | null {
  const field = fields?.find((one) => one.key === key.field);
  if (fields && !field)
    return { code: 'unknown_field', text: { en: 'there is no such field any more', ru: 'такого поля больше нет' } };
  if (field && field.search === undefined) {
    return {
      code: 'not_searchable',
      text: { en: 'the app cannot search by this field', ru: 'приложение не умеет искать по этому полю' },
    };
  }
  if (key.template.trim() === '') {
    return { code: 'no_value', text: { en: 'choose what to search for', ru: 'выберите, какое значение искать' } };
  }
  return templateMistake(key.template, roots);
}
