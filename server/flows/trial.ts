import { setTimeout as delay } from 'node:timers/promises';
import { asConnectorError } from '../../kit/errors.ts';
import type { Values } from '../../kit/field.ts';
import type { FormValues } from '../../kit/form.ts';
import type { Rec } from '../../kit/record-type.ts';
import {
  asked,
  createLoader,
  type Loader,
  loadReferences,
  openConnection,
  type Sample,
  samplesOf,
} from '../connections/index.ts';
import type { Context } from '../context.ts';
import { inTransaction } from '../db/transaction.ts';
import type { JsonValue } from '../http/contract.ts';
import { Problem } from '../http/problem.ts';
import { readSettings } from '../installation.ts';
import { type FlowDefinition, type FlowDraft, flowStep, flowTrigger, type Trial } from './contract.ts';
import { duplicate } from './duplicate.ts';
import { evaluateFilter } from './filter/evaluate.ts';
import { mustReadRun } from './history/runs.ts';
import type { RunRow } from './history/runs-store.ts';
import { makePlan, type Plan, type PlannedStep } from './plan.ts';
import { draftToDefinition } from './problems/problems.ts';
import { readProgress } from './progress.ts';
import { announce } from './receive.ts';
import { insertVersion, lockFlow, readFlow } from './store.ts';
import { mapFields, operationOf } from './values/map-fields.ts';
import { scopeOf } from './values/scope.ts';
import { type Draft, emptyEffects, type Progress, type Work } from './work.ts';

/** Recent records looked at for "12 of 40 would pass". */
const countedRecords = 40;

/** Tries a draft on a recent record, as far as it is made: nothing is written unless `send`. */
export async function tryDraft(
  ctx: Context,
  input: { draft: FlowDraft; record?: string | undefined; flow?: string | undefined; send: boolean; by: string },
): Promise<Trial> {
  return asked(async () => {
    const plan = await planDraft(ctx, input.draft);
    const sample = await sampleFor(ctx, { plan, record: input.record });
    const work = workOn(plan, sample);
    const { defaultCountry: country, zone } = await readSettings(ctx);
    const options = { zone, country, now: new Date() };
    const filter = evaluateFilter({
      filter: plan.definition.filter,
      data: sample.values,
      fieldAt: plan.fieldAt,
      options,
    });
    const steps: Trial['steps'] = [];
    for (const planned of plan.steps) steps.push(await tryStep(ctx, { work, planned, options }));
    if (input.send) await sendFirst(ctx, { ...input, sample, steps });
    return {
      record: { id: sample.id, label: sample.label, values: sample.values as Record<string, JsonValue> },
      filter,
      steps,
    };
  });
}

/** How many recent records the filter would pass. */
export async function countPassing(ctx: Context, draft: FlowDraft): Promise<{ passed: number; of: number }> {
  return asked(async () => {
    const plan = await planDraft(ctx, { ...draft, steps: [] });
    const samples = await samplesOf(ctx, { ...sourceOf(plan), limit: countedRecords, references: plan.references });
    const { defaultCountry: country, zone } = await readSettings(ctx);
    const passed = samples.filter(
      ({ values }) =>
        evaluateFilter({
          filter: plan.definition.filter,
          data: values,
          fieldAt: plan.fieldAt,
          options: { zone, country, now: new Date() },
        }).passed,
    );
    return { passed: passed.length, of: samples.length };
  });
}

async function planDraft(ctx: Context, draft: FlowDraft): Promise<Plan> {
  const trigger = flowTrigger.safeParse({ mode: 'poll', ...draft.trigger });
  if (!trigger.success) {
    throw new Problem({
      status: 422,
      code: 'trial.no_trigger',
      text: {
        en: 'Choose the app, the connection and the event first.',
        ru: 'Сначала выберите приложение, подключение и событие.',
      },
    });
  }
  const steps = draft.steps.flatMap((step) => {
    const parsed = flowStep.safeParse(step);
    return parsed.success ? [parsed.data] : [];
  });
  const definition: FlowDefinition = { trigger: trigger.data, filter: draft.filter, steps };
  return makePlan(ctx, { flow: { id: '', name: '' }, version: { id: '', number: 0 }, definition });
}

const sourceOf = (plan: Plan) => ({
  connection: plan.source.connection,
  trigger: plan.definition.trigger.trigger,
  settings: plan.definition.trigger.settings as FormValues,
});

async function sampleFor(ctx: Context, input: { plan: Plan; record: string | undefined }): Promise<Sample> {
  const { plan, record } = input;
  const [sample] = await samplesOf(ctx, {
    ...sourceOf(plan),
    limit: record === undefined ? 1 : countedRecords,
    only: record,
    references: plan.references,
  });
  if (sample) return sample;
  throw new Problem({
    status: 422,
    code: 'trial.no_sample',
    text: {
      en: 'There is no recent record to try it on. Make one over there, or send a call, and try again.',
      ru: 'Нет недавней записи для проверки. Создайте её там или отправьте вызов и проверьте ещё раз.',
    },
  });
}

/** The record of a run as it came, or as it is over there now. */
export async function recordOfRun(ctx: Context, input: { run: RunRow; plan: Plan; loader: Loader }): Promise<Sample> {
  const { run, plan, loader } = input;
  const { connection, fields, recordType } = plan.source;
  const item = run.payload === null ? null : (JSON.parse(run.payload) as { record?: Rec; details?: Values });
  const record =
    item?.record ??
    (recordType && run.record_id !== null ? await loader.load(connection, recordType.key, run.record_id) : null);
  if (!record && recordType) {
    throw new Problem({
      status: 422,
      code: 'gone',
      text: { en: 'The record is not there any more.', ru: 'Записи там больше нет.' },
    });
  }
  const values = await loadReferences(ctx, {
    connection,
    fields,
    values: { id: record?.id ?? run.record_id ?? '', ...record?.values, ...item?.details },
    paths: plan.references,
    loader,
  });
  return { ...shownOf(run), values };
}

export const shownOf = (run: RunRow): Omit<Sample, 'values'> => ({
  id: run.record_id ?? '',
  label: run.record_label ?? '',
  url: run.record_url,
  at: null,
});

export function workOn(plan: Plan, sample: Sample): Work {
  const progress: Progress = { steps: {}, trace: [], loaded: { values: sample.values, causes: [] } };
  return {
    plan,
    progress,
    effects: emptyEffects(),
    record: { id: sample.id, label: sample.label, url: sample.url },
    loader: createLoader(),
    isTrial: true,
    run: {
      id: '0',
      flowId: plan.flow.id,
      versionId: '0',
      recordKey: sample.id,
      recordType: null,
      recordId: sample.id,
      event: plan.definition.trigger.trigger,
      coalesces: false,
      source: 'person',
      deliveryId: null,
      payload: null,
      progress: null,
      attempts: 0,
      failingSince: null,
      fence: 0,
      rootId: null,
      wakes: 0,
      createAgain: 0,
      lease: { until: Number.POSITIVE_INFINITY },
      abandonedAt: null,
      createdAt: new Date(),
      claimedAt: new Date(),
      now: () => new Date(),
    },
  };
}

export async function tryStep(
  ctx: Context,
  input: { work: Work; planned: PlannedStep; options: { zone: string; country: string; now: Date } },
): Promise<Trial['steps'][number]> {
  const { work, planned } = input;
  const mapped = mapFields({
    mapping: planned.step.mapping,
    targets: planned.targets,
    scope: scopeOf(work),
    options: input.options,
    operation: operationOf(planned.action.kind, planned.step.duplicates.mode),
  });
  const draft: Draft = { step: planned.step, planned, values: mapped.values, decision: null };
  const tried = { id: planned.step.id, fields: mapped.results, result: null };
  // What the step would give is what later steps can use in the trial.
  work.progress.steps[planned.step.id] = { what: 'done', output: mapped.values, id: null, label: null, url: null };
  try {
    const outcome = await duplicate(work, ctx, draft);
    const { why } = outcome.note;
    if ('stop' in outcome) {
      const what = outcome.stop.state === 'skipped' ? 'skip' : 'stop';
      return { ...tried, decision: { what, why }, send: null, failure: null };
    }
    return { ...tried, decision: { what: whatOf(draft), why }, send: toSend(draft), failure: null };
  } catch (error) {
    const { code, text } = asConnectorError(error);
    return { ...tried, decision: null, send: toSend(draft), failure: { code, text } };
  }
}

function whatOf(draft: Draft): 'create' | 'update' | 'skip' | 'act' {
  switch (draft.decision?.what) {
    case 'update':
      return 'update';
    case 'same':
      return 'skip';
    case 'act':
      return 'act';
    default:
      return 'create';
  }
}

const toSend = ({ decision, values }: Draft): Values =>
  decision?.what === 'update' ? decision.changes : decision?.what === 'same' ? {} : values;

/** What is really sent becomes a run like any other, on a version made of the draft: it is seen in the history. */
async function sendFirst(
  ctx: Context,
  input: { draft: FlowDraft; flow?: string | undefined; sample: Sample; steps: Trial['steps']; by: string },
): Promise<void> {
  const definition = draftToDefinition(input.draft);
  if (!definition || input.flow === undefined) {
    throw new Problem({
      status: 422,
      code: 'trial.not_whole',
      text: {
        en: 'Finish the marked cards before sending.',
        ru: 'Прежде чем отправлять, закончите отмеченные карточки.',
      },
    });
  }
  const flow = await readFlow(ctx, input.flow);
  const connection = await openConnection(ctx, definition.trigger.connection);
  const recordType = definition.trigger.trigger.split('.')[0] ?? '';
  const isRecord = (await connection.recordType(recordType)) !== undefined;
  const runId = await inTransaction(ctx.pool, async (client) => {
    await lockFlow(client, flow.id);
    // A version like any other, but not the one that the flow runs by.
    const versionId = await insertVersion(client, { flowId: flow.id, definition, by: input.by });
    const { rows } = await client.query<{ id: string }>(
      `insert into runs (flow_id, version_id, record_key, record_type, record_id, record_label, event, source, payload)
       values ($1, $2, $3, $4, $5, $6, $7, 'person', $8) returning id`,
      [
        flow.id,
        versionId,
        isRecord ? `${recordType}:${input.sample.id}` : `trial:${input.sample.id}`,
        recordType,
        input.sample.id,
        input.sample.label,
        definition.trigger.trigger,
        JSON.stringify({
          recordId: input.sample.id,
          record: { id: input.sample.id, label: input.sample.label, values: input.sample.values },
        }),
      ],
    );
    return rows[0]?.id ?? '';
  });
  announce(ctx, [{ runId, flowId: flow.id }]);
  await fillResults(ctx, { runId, steps: input.steps });
}

/** Waits for the run, half a minute at most: after that the history shows how it goes on. */
async function fillResults(ctx: Context, input: { runId: string; steps: Trial['steps'] }): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const run = await mustReadRun(ctx, input.runId);
    const isOver = run.finished_at !== null || run.state === 'waiting';
    if (isOver || Date.now() > deadline) {
      const progress = readProgress(run.progress);
      for (const step of input.steps) {
        const result = progress.steps[step.id];
        if (result) step.result = { id: result.id, url: result.url };
        else if (run.reason && run.state !== 'done') step.failure = run.reason;
      }
      return;
    }
    await delay(100);
  }
}
