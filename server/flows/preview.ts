import { asked, createLoader } from '../connections/index.ts';
import type { Context } from '../context.ts';
import { readSettings } from '../installation.ts';
import type { ComparedValue, Trial } from './contract.ts';
import { evaluateFilter } from './filter.ts';
import { planOf } from './plan.ts';
import { currentVersion } from './rerun.ts';
import { mustReadRun } from './runs.ts';
import type { RunRow } from './runs-store.ts';
import { recordOfRun, tryStep, workOn } from './trial.ts';
import type { Plan } from './plan.ts';
import type { Progress } from './work.ts';

/** What a rerun would send now, field by field beside what the run mapped the last time. Nothing is written. */
export async function previewRerun(ctx: Context, input: { id: string; version: 'same' | 'current' }) {
  const run = await mustReadRun(ctx, input.id);
  return asked(async () => {
    const plan = await planOf(ctx, input.version === 'same' ? run.version_id : await currentVersion(ctx, run));
    const sample = await recordOfRun(ctx, { run, plan, loader: createLoader() });
    const work = workOn(plan, sample);
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
      decisions: tried.flatMap(({ id, decision, failure }) =>
        decision ? [{ step: id, ...decision }] : failure ? [{ step: id, what: 'stop', why: failure.text }] : [],
      ),
      values: plan.steps.flatMap((planned, index) =>
        compare({ planned, now: tried[index]?.fields ?? {}, before: mappedBefore(run, planned.step.id) }),
      ),
    };
  });
}

/** The values of the mapping step as the history kept them. */
function mappedBefore(run: RunRow, step: string): Map<string, ComparedValue['before']> {
  const progress = run.progress === null ? null : (JSON.parse(run.progress) as Progress);
  const line = progress?.trace.findLast(({ kind, step: id }) => kind === 'mapping' && id === step);
  return new Map((line?.values ?? []).map(({ key, after }) => [key, after]));
}

function compare(input: {
  planned: Plan['steps'][number];
  now: Record<string, { value?: ComparedValue['after'] | undefined }>;
  before: Map<string, ComparedValue['before']>;
}): ComparedValue[] {
  const { planned, now, before } = input;
  return planned.targets.flatMap((field): ComparedValue[] => {
    const then = before.get(field.key);
    const value = now[field.key]?.value;
    if (then === undefined && value === undefined) return [];
    return [
      {
        step: planned.step.id,
        key: field.key,
        label: field.label,
        ...(then === undefined ? {} : { before: then }),
        ...(value === undefined ? {} : { after: value }),
      },
    ];
  });
}
