import { z } from 'zod';
import { endpoint, jsonSchema, pageQuery, textSchema } from '../../http/contract.ts';

export const openStates = ['queued', 'working', 'calling', 'waiting'] as const;
export const finalStates = ['done', 'filtered', 'skipped', 'rejected', 'dead', 'unknown'] as const;
export const runStates = [...openStates, ...finalStates] as const;
export type RunState = (typeof runStates)[number];

const reasonSchema = z.object({
  code: z.string(),
  text: textSchema,
  /** The target field at fault, when it is one. */
  field: z.string().optional(),
});
export type Reason = z.infer<typeof reasonSchema>;

export const runSummarySchema = z.object({
  id: z.string(),
  flow: z.object({ id: z.string(), name: z.string() }),
  version: z.number().int(),
  state: z.enum(runStates),
  /** The record it is about, as people call it. */
  record: z.object({ id: z.string(), label: z.string(), url: z.string().nullable() }),
  /** In words: which condition, which found record, which refusal. */
  reason: reasonSchema.nullable(),
  startedAt: z.string(),
  finishedAt: z.string().nullable(),
  /** When a waiting run goes on. */
  nextAt: z.string().nullable(),
});
export type RunSummary = z.infer<typeof runSummarySchema>;

/** As `kit/call.ts`. */
const exchangeSchema = z.object({
  at: z.string(),
  milliseconds: z.number(),
  method: z.string(),
  url: z.string(),
  requestHeaders: z.record(z.string(), z.string()),
  requestBody: z.string().nullable(),
  status: z.number().nullable(),
  responseHeaders: z.record(z.string(), z.string()),
  responseBody: z.string().nullable(),
  error: z.string().optional(),
  requestBytesCut: z.number().optional(),
  responseBytesCut: z.number().optional(),
});
export type ExchangeView = z.infer<typeof exchangeSchema>;

/** A row of a step's data: a field before and after the step. */
const stepValueSchema = z.object({
  key: z.string(),
  label: textSchema,
  before: jsonSchema.optional(),
  after: jsonSchema.optional(),
});

export const traceStepSchema = z.object({
  /** receive · load · filter · once · mapping · duplicate · action, the last three with the id of the flow's step. */
  kind: z.enum(['load', 'filter', 'once', 'mapping', 'duplicate', 'action']),
  step: z.string().nullable(),
  at: z.string(),
  milliseconds: z.number(),
  /** passed: the walk went on · stopped: it ended here · failed · waits */
  verdict: z.enum(['passed', 'stopped', 'failed', 'waits']),
  /** The decision in words. */
  why: textSchema,
  code: z.string().optional(),
  /** Before and after, by field. */
  values: z.array(stepValueSchema).optional(),
  exchanges: z.array(exchangeSchema).optional(),
  /** The record it found or wrote, to open over there. */
  found: z.array(z.object({ id: z.string(), label: z.string(), url: z.string().nullable() })).optional(),
});
export type TraceStep = z.infer<typeof traceStepSchema>;

export const runSchema = runSummarySchema.extend({
  /** What arrived, secrets cut. */
  delivery: z
    .object({ source: z.enum(['webhook', 'poll', 'person', 'backfill']), at: z.string(), body: jsonSchema })
    .nullable(),
  trace: z.array(traceStepSchema),
  attempts: z.number().int(),
  /** Its bodies and values were cut by the flow's limit: it cannot be run again. */
  blanked: z.boolean(),
  /** The run this one repeats. */
  rerunOf: z.string().nullable(),
  /** Neighbouring failures of the flow. */
  previousFailure: z.string().nullable(),
  nextFailure: z.string().nullable(),
  can: z.object({ rerun: z.boolean(), decide: z.boolean(), retryNow: z.boolean(), giveUp: z.boolean() }),
});
export type Run = z.infer<typeof runSchema>;

const runId = z.object({ id: z.string().regex(/^\d{1,19}$/) });

export const runsApi = {
  listRuns: endpoint({
    method: 'GET',
    path: '/runs',
    right: 'signedIn',
    summary: 'The history, newest first, by flow, state, time and words',
    tag: 'runs',
    query: pageQuery.extend({
      flow: z.uuid().optional(),
      /** Comma-separated states. */
      states: z.string().max(200).optional(),
      from: z.iso.datetime({ offset: true }).optional(),
      to: z.iso.datetime({ offset: true }).optional(),
      /**
       * Words of the records: ids, names, phones in any spelling, e-mails, numbers. All must be there; three
       * characters and more are also found as a beginning; "in quotes" only the word as it stands.
       */
      q: z.string().max(200).optional(),
    }),
    response: z.object({ items: z.array(runSummarySchema), next: z.string().nullable() }),
  }),
  getRun: endpoint({
    method: 'GET',
    path: '/runs/:id',
    right: 'signedIn',
    summary: 'One run with every step',
    tag: 'runs',
    params: runId,
    response: runSchema,
  }),
  rerun: endpoint({
    method: 'POST',
    path: '/runs/:id/rerun',
    right: 'signedIn',
    summary:
      'Run again from the failed step or from the start; a step that succeeded keeps its result unless `createAgain`',
    tag: 'runs',
    params: runId,
    body: z.object({
      from: z.enum(['failedStep', 'start']),
      version: z.enum(['same', 'current']).default('current'),
      createAgain: z.boolean().default(false),
      /** With `createAgain`: create even where the duplicate rule would skip or change a record that is there. */
      anyway: z.boolean().default(false),
    }),
    response: z.object({ id: z.string() }),
    status: 202,
  }),
  decideRun: endpoint({
    method: 'POST',
    path: '/runs/:id/decide',
    right: 'signedIn',
    summary: 'Settle an unknown outcome: it was done over there, or it was not and shall be done again, or leave it',
    tag: 'runs',
    params: runId,
    body: z.object({ outcome: z.enum(['done', 'again', 'dismiss']), recordId: z.string().max(300).optional() }),
    response: z.object({ id: z.string() }),
  }),
  retryRun: endpoint({
    method: 'POST',
    path: '/runs/:id/retry',
    right: 'signedIn',
    summary: 'Let a waiting run go on now',
    tag: 'runs',
    params: runId,
    status: 204,
  }),
  giveUpRun: endpoint({
    method: 'POST',
    path: '/runs/:id/give-up',
    right: 'signedIn',
    summary: 'Let a waiting run wait no longer: it goes to the attention list, to be run again or dismissed',
    tag: 'runs',
    params: runId,
    status: 204,
  }),
};
