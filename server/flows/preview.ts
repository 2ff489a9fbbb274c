import { asked, createLoader } from '../connections/index.ts';
import type { Context } from '../context.ts';
import { readSettings } from '../installation.ts';
import type { ComparedValue, Trial } from './contract.ts';
import { evaluateFilter } from './filter/evaluate.ts';
import { mustReadRun } from './history/runs.ts';
import type { RunRow } from './history/runs-store.ts';
import { type Plan, type PlannedStep, planOf } from './plan.ts';
import { readProgress } from './progress.ts';
import { type Rerun, takenOver } from './rerun.ts';
import { recordOfRun, shownOf, tryStep, workOn } from './trial.ts';

/** What a rerun would send now, field by field beside what the run mapped the last time. Nothing is written. */
export async function previewRerun(ctx: Context, input: { id: string } & Rerun) {
  const run = await mustReadRun(ctx, input.id);
  return asked(async () => {
    const { version, progress } = await takenOver(ctx, run, input);
    const plan = await planOf(ctx, version);
    const sample = progress.loaded
      ? { ...shownOf(run), values: progress.loaded.values }
      : await recordOfRun(ctx, { run, plan, loader: createLoader() });
    const work = workOn(plan, sample);
    Object.assign(work.progress, progress, {
      steps: { ...progress.steps },
      loaded: { causes: [], ...progress.loaded, values: sample.values },
    });
    const { defaultCountry: country, zone } = await readSettings(ctx);
    const options = { zone, country, now: new Date() };
    const filter = evaluateFilter({
      filter: plan.definition.filter,
      data: sample.values,
      fieldAt: plan.fieldAt,
      options,
    });
    const tried: Trial['steps'] = [];
    const isKept = ({ step }: PlannedStep) => progress.steps[step.id] !== undefined;
    const open = plan.steps.filter((planned) => !isKept(planned));
    for (const planned of open) tried.push(await tryStep(ctx, { work, planned, options }));
    return {
      filter,
      decisions: [
        ...plan.steps.filter(isKept).map(({ step }) => ({ step: step.id, what: 'keep', why: wasDone })),
        ...tried.flatMap(decided),
      ],
      values: open.flatMap((planned, index) =>
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

const wasDone = { en: 'It was done; its result is kept.', ru: 'Шаг выполнен, его результат остаётся.' };
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
