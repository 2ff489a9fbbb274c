import type { Text } from '../../kit/text.ts';
import type { Context } from '../context.ts';
import { readSettings } from '../installation.ts';
import { mapFields, operationOf } from './values/map-fields.ts';
import { scopeOf } from './values/scope.ts';
import { type Draft, type StepOutcome, valueRows, type Work } from './work.ts';

/** Exit: a required field is empty or does not parse, and which. */
export async function map(work: Work, ctx: Context, draft: Draft): Promise<StepOutcome> {
  const { planned } = draft;
  const { defaultCountry: country, zone } = await readSettings(ctx);
  const mapped = mapFields({
    mapping: planned.step.mapping,
    targets: planned.targets,
    scope: scopeOf(work),
    options: { zone, country, now: new Date() },
    operation: operationOf(planned.action.kind, planned.step.duplicates.mode),
  });
  draft.values = mapped.values;
  const values = valueRows(planned.targets, mapped.values);
  if (mapped.problems.length === 0) {
    return { go: true, note: { why: { en: 'Every field has its value.', ru: 'Все поля получили значения.' }, values } };
  }
  const text = inOneBreath(mapped.problems.map((problem) => problem.text));
  return {
    stop: { state: 'rejected', reason: { code: 'mapping', text, ...fieldOf(mapped.problems) } },
    note: { why: text, code: 'mapping', values },
  };
}

/** One field at fault groups the run with others of its kind; several do not. */
const fieldOf = (problems: { field: string }[]) =>
  problems.length === 1 && problems[0] ? { field: problems[0].field } : {};

const inOneBreath = (texts: Text[]): Text => ({
  en: texts.map((text) => (typeof text === 'string' ? text : text.en)).join(' '),
  ru: texts.map((text) => (typeof text === 'string' ? text : text.ru)).join(' '),
});
