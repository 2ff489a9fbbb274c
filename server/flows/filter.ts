import type { Context } from '../context.ts';
import { readSettings } from '../installation.ts';
import { evaluateFilter } from './filter/evaluate.ts';
import type { StepOutcome, Work } from './work.ts';

/** Exit: did not match, and which condition with which value. */
export async function filter(work: Work, ctx: Context): Promise<StepOutcome> {
  const { definition, fieldAt } = work.plan;
  if (!definition.filter || definition.filter.rules.length === 0) {
    return { go: true, note: { why: { en: 'There are no conditions.', ru: 'Условий нет.' } } };
  }
  const { defaultCountry: country, zone } = await readSettings(ctx);
  const { passed, why } = evaluateFilter({
    filter: definition.filter,
    data: work.progress.loaded?.values ?? {},
    fieldAt,
    options: { zone, country, now: new Date() },
  });
  if (passed) return { go: true, note: { why } };
  return { stop: { state: 'filtered', reason: { code: 'filtered', text: why } }, note: { why, code: 'filtered' } };
}
