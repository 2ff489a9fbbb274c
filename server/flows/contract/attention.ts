import { z } from 'zod';
import { endpoint, jsonSchema, textSchema } from '../../http/contract.ts';
import { finalStates } from './runs.ts';

/** What makes runs one group: flow, state, code and field at fault. */
export const causeSchema = z.object({
  flow: z.uuid(),
  state: z.enum(['rejected', 'dead', 'unknown']),
  code: z.string().max(200),
  field: z.string().max(200).nullable(),
});
export type Cause = z.infer<typeof causeSchema>;

export const attentionGroupSchema = causeSchema.extend({
  flowName: z.string(),
  count: z.number().int(),
  /** The words of the latest run of the group. */
  text: textSchema,
  firstAt: z.string(),
  lastAt: z.string(),
  /** Latest runs of the group. */
  runs: z.array(z.object({ id: z.string(), label: z.string() })),
});
export type AttentionGroup = z.infer<typeof attentionGroupSchema>;

/** A row of "then and now": what was sent the last time and what would be sent. */
export const comparedValueSchema = z.object({
  step: z.string(),
  key: z.string(),
  label: textSchema,
  before: jsonSchema.optional(),
  after: jsonSchema.optional(),
  /** Why it gets no value now: the rerun would be rejected for it. */
  problem: textSchema.optional(),
});
export type ComparedValue = z.infer<typeof comparedValueSchema>;

/** Runs are taken in pages, so that a person sees the progress and can stop between two. */
const bulkAnswer = z.object({
  /** Runs of this page that were taken. */
  taken: z.number().int(),
  /** Where the next page begins; null: all were taken. */
  next: z.string().nullable(),
});

export const attentionApi = {
  listAttention: endpoint({
    method: 'GET',
    path: '/attention',
    right: 'signedIn',
    summary: 'Runs that need a person, grouped by cause, the largest groups first',
    tag: 'attention',
    response: z.array(attentionGroupSchema),
  }),
  countAttention: endpoint({
    method: 'GET',
    path: '/attention/count',
    right: 'signedIn',
    summary: 'How many runs need a person',
    tag: 'attention',
    response: z.object({ count: z.number().int() }),
  }),
  rerunMany: endpoint({
    method: 'POST',
    path: '/attention/rerun',
    right: 'signedIn',
    summary: 'Run a page of a group, or of the history by filter, again; call until `next` is null',
    tag: 'attention',
    body: z.object({
      cause: causeSchema.optional(),
      filter: z
        .object({
          flow: z.uuid().optional(),
          states: z.array(z.enum(finalStates)).min(1),
          from: z.iso.datetime({ offset: true }).optional(),
          to: z.iso.datetime({ offset: true }).optional(),
        })
        .optional(),
      from: z.enum(['failedStep', 'start']).default('failedStep'),
      version: z.enum(['same', 'current']).default('current'),
      createAgain: z.boolean().default(false),
      after: z.string().max(200).optional(),
    }),
    response: bulkAnswer,
  }),
  dismissMany: endpoint({
    method: 'POST',
    path: '/attention/dismiss',
    right: 'signedIn',
    summary: 'Take a page of a group off the list with a reason; it stays in the history',
    tag: 'attention',
    body: z.object({
      cause: causeSchema,
      reason: z.string().trim().min(1).max(500),
      after: z.string().max(200).optional(),
    }),
    response: bulkAnswer,
  }),
  previewRerun: endpoint({
    method: 'POST',
    path: '/runs/:id/preview',
    right: 'signedIn',
    summary: 'What a rerun would send, beside what was sent the last time; nothing is sent',
    tag: 'attention',
    params: z.object({ id: z.string().regex(/^\d{1,19}$/) }),
    body: z.object({
      from: z.enum(['failedStep', 'start']).default('start'),
      version: z.enum(['same', 'current']).default('current'),
      createAgain: z.boolean().default(false),
      /** As if it were created again in spite of the duplicate rule. */
      anyway: z.boolean().default(false),
    }),
    response: z.object({
      filter: z.object({ passed: z.boolean(), why: textSchema }),
      decisions: z.array(z.object({ step: z.string(), what: z.string(), why: textSchema })),
      values: z.array(comparedValueSchema),
    }),
  }),
};
