import { asked, createLoader } from '../connections/index.ts';
import type { Context } from '../context.ts';
import { readSettings } from '../installation.ts';
import type { ComparedValue, Trial } from './contract.ts';
import { evaluateFilter } from './filter/evaluate.ts';
import { mustReadRun } from './history/runs.ts';
import type { RunRow } from './history/runs-store.ts';
import type { Plan } from './plan.ts';
import { planOf } from './plan.ts';
import { readProgress } from './progress.ts';
import { currentVersion } from './rerun.ts';
import { recordOfRun, tryStep, workOn } from './trial.ts';

/** What a rerun would send now, field by field beside what the run mapped the last time. Nothing is written. */
export async function previewRerun(
  ctx: Context,
  input: { id: string; version: 'same' | 'current'; anyway?: boolean; by?: string },
) {
  const run = await mustReadRun(ctx, input.id);
  return asked(async () => {
    const plan = await planOf(ctx, input.version === 'same' ? run.version_id : await currentVersion(ctx, run));
    const sample = await recordOfRun(ctx, { run, plan, loader: createLoader() });
    const work = workOn(plan, sample);
    if (input.anyway) work.progress.createAnyway = input.by ?? '';
    const { defaultCountry: country, zone } = await readSettings(ctx);
    const options = { zone, country, now: new Date() };
    const filter = evaluateFilter({
      filter: plan.definition.filter,
      data: sample.values,
      fieldAt: plan.fieldAt,
      options,
    });
    const tried: Trial['steps'] = [];
    for (const planned of plan.steps) tried.push(await tryStep(ctx, { work, planned, options }));
    return {
      filter,
      decisions: tried.flatMap(decided),
      values: plan.steps.flatMap((planned, index) =>
        compare({ planned, now: tried[index]?.fields ?? {}, before: mappedBefore(run, planned.step.id) }),
      ),
    };
  });
}

/** The mapping comes before the search for duplicates: with a problem there, the rest is not reached. */
function decided({ id, fields, decision, failure }: Trial['steps'][number]) {
  if (Object.values(fields).some(({ problem }) => problem)) return [{ step: id, what: 'stop', why: noValue }];
  if (decision) return [{ step: id, ...decision }];
  return failure ? [{ step: id, what: 'stop', why: failure.text }] : [];
}

const noValue = { en: 'Not every field gets a value.', ru: 'Не все поля получают значения.' };

/** The values of the mapping step as the history kept them. */
function mappedBefore(run: RunRow, step: string): Map<string, ComparedValue['before']> {
  const progress = readProgress(run.progress);
  const line = progress.trace.findLast(({ kind, step: id }) => kind === 'mapping' && id === step);
  return new Map((line?.values ?? []).map(({ key, after }) => [key, after]));
}

function compare(input: {
  planned: Plan['steps'][number];
  now: Trial['steps'][number]['fields'];
  before: Map<string, ComparedValue['before']>;
}): ComparedValue[] {
  const { planned, now, before } = input;
  const known = new Set(planned.targets.map(({ key }) => key));
  const gone = Object.keys(now).filter((key) => !known.has(key));
  const fields = [...planned.targets, ...gone.map((key) => ({ key, label: key }))];
  return fields.flatMap(({ key, label }): ComparedValue[] => {
    const then = before.get(key);
    const { value, problem } = now[key] ?? {};
    if (then === undefined && value === undefined && !problem) return [];
    return [
      {
        step: planned.step.id,
        key,
        label,
        ...(then === undefined ? {} : { before: then }),
        ...(value === undefined ? {} : { after: value }),
        ...(problem ? { problem } : {}),
      },
    ];
  });
}
