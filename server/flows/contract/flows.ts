import { z } from 'zod';
import { endpoint, textSchema } from '../../http/contract.ts';
import { flowDefinition, flowDraft } from './definition.ts';
import { trialSchema } from './trial.ts';

export const flowStates = ['stopped', 'works', 'waits', 'paused'] as const;
export type FlowState = (typeof flowStates)[number];

/** A mistake in a half-made flow, told on the card it belongs to. */
export const flowProblem = z.object({
  /** `trigger`, `filter`, the id of a step, or `steps` when there is none. */
  card: z.string(),
  /** The target field, rule or key it is about. */
  field: z.string().optional(),
  code: z.string(),
  text: textSchema,
});
export type FlowProblem = z.infer<typeof flowProblem>;

const flowSummaryShape = {
  id: z.uuid(),
  name: z.string(),
  state: z.enum(flowStates),
  /** Why we paused it, and what to do. */
  paused: z.object({ code: z.string(), text: textSchema, at: z.string() }).nullable(),
  owner: z.object({ id: z.string(), name: z.string() }),
  /** Connector keys from trigger to last step. */
  apps: z.array(z.string()),
  lastRun: z.object({ at: z.string(), state: z.string() }).nullable(),
  runsToday: z.number().int(),
  failuresToday: z.number().int(),
  /** The draft differs from the version that runs. */
  unsaved: z.boolean(),
};
export const flowSummarySchema = z.object(flowSummaryShape);
export type FlowSummary = z.infer<typeof flowSummarySchema>;

export const flowSchema = z.object({
  ...flowSummaryShape,
  draft: flowDraft,
  /** Grows with every autosave: send it back, a save over a newer draft is refused (two tabs). */
  draftNumber: z.number().int(),
  version: z.object({ number: z.number().int(), savedAt: z.string(), definition: flowDefinition }).nullable(),
  problems: z.array(flowProblem),
  /** One sentence that sums the flow up. */
  sentence: textSchema.nullable(),
  trigger: z
    .object({
      lastAskedAt: z.string().nullable(),
      lastEventAt: z.string().nullable(),
      nextAskAt: z.string().nullable(),
      failure: z.object({ code: z.string(), text: textSchema, at: z.string() }).nullable(),
      /** For `waits`: the address to paste and the exact steps. */
      hook: z.object({ address: z.string(), help: textSchema, reconcileMinutes: z.number() }).nullable(),
    })
    .nullable(),
  /** Calls that came while it was stopped or paused; null: it was stopped, and only asking the app would tell how many. */
  missed: z.number().int().nullable(),
});
export type Flow = z.infer<typeof flowSchema>;

const id = z.object({ id: z.uuid() });

/** Days after which what came, was sent and was answered is blanked; null: kept as long as the run. */
const flowHistorySchema = z.object({ bodyDays: z.number().int().min(0).max(3650).nullable() });

export const flowsApi = {
  listFlows: endpoint({
    method: 'GET',
    path: '/flows',
    right: 'signedIn',
    summary: 'All flows',
    tag: 'flows',
    query: z.object({
      state: z.enum(flowStates).optional(),
      app: z.string().max(50).optional(),
      mine: z.enum(['true', 'false']).optional(),
    }),
    response: z.array(flowSummarySchema),
  }),
  getFlow: endpoint({
    method: 'GET',
    path: '/flows/:id',
    right: 'signedIn',
    summary: 'One flow',
    tag: 'flows',
    params: id,
    response: flowSchema,
  }),
  postFlow: endpoint({
    method: 'POST',
    path: '/flows',
    right: 'signedIn',
    summary: 'Make a flow: empty, or from a ready-made one',
    tag: 'flows',
    body: z.object({
      name: z.string().trim().min(1).max(200),
      draft: flowDraft.optional(),
      /** Key of a ready-made flow. */
      template: z.string().max(100).optional(),
    }),
    response: flowSchema,
    status: 201,
  }),
  patchFlow: endpoint({
    method: 'PATCH',
    path: '/flows/:id',
    right: 'signedIn',
    summary: 'Rename, or save the draft as it stands (half-made is fine); 409 when another tab saved a newer draft',
    tag: 'flows',
    params: id,
    body: z.object({
      name: z.string().trim().min(1).max(200).optional(),
      draft: flowDraft.optional(),
      draftNumber: z.number().int().optional(),
    }),
    response: flowSchema,
  }),
  saveFlow: endpoint({
    method: 'POST',
    path: '/flows/:id/save',
    right: 'signedIn',
    summary: 'Make a version of the draft; a running flow goes on with it, its cursor untouched',
    tag: 'flows',
    params: id,
    response: flowSchema,
  }),
  discardDraft: endpoint({
    method: 'POST',
    path: '/flows/:id/discard',
    right: 'signedIn',
    summary: 'Put the draft back to the saved version',
    tag: 'flows',
    params: id,
    response: flowSchema,
  }),
  startFlow: endpoint({
    method: 'POST',
    path: '/flows/:id/start',
    right: 'signedIn',
    summary: 'Save and start; `missed` says what to do with what came while it was stopped',
    tag: 'flows',
    params: id,
    body: z.object({ missed: z.enum(['catchUp', 'fromNow']).optional() }).default({}),
    response: flowSchema,
  }),
  stopFlow: endpoint({
    method: 'POST',
    path: '/flows/:id/stop',
    right: 'signedIn',
    summary: 'Stop',
    tag: 'flows',
    params: id,
    response: flowSchema,
  }),
  getFlowHistory: endpoint({
    method: 'GET',
    path: '/flows/:id/history',
    right: 'signedIn',
    summary: 'How long bodies of its runs are kept',
    tag: 'flows',
    params: id,
    response: flowHistorySchema,
  }),
  patchFlowHistory: endpoint({
    method: 'PATCH',
    path: '/flows/:id/history',
    right: 'signedIn',
    summary: 'Keep bodies of its runs for some days only; the decisions stay as long as the history',
    tag: 'flows',
    params: id,
    body: flowHistorySchema,
    response: flowHistorySchema,
  }),
  copyFlow: endpoint({
    method: 'POST',
    path: '/flows/:id/copy',
    right: 'signedIn',
    summary: 'Copy as a stopped flow',
    tag: 'flows',
    params: id,
    response: flowSchema,
    status: 201,
  }),
  deleteFlow: endpoint({
    method: 'DELETE',
    path: '/flows/:id',
    right: 'signedIn',
    summary: 'Delete; its history stays',
    tag: 'flows',
    params: id,
    status: 204,
  }),
  restoreFlow: endpoint({
    method: 'POST',
    path: '/flows/:id/restore',
    right: 'signedIn',
    summary: 'Bring a deleted flow back, stopped',
    tag: 'flows',
    params: id,
    response: flowSchema,
  }),
  postTrial: endpoint({
    method: 'POST',
    path: '/flows/trial',
    right: 'signedIn',
    summary:
      'Try a draft on a recent record: filter, mapping, duplicates, what would be sent; really sent only with `send`',
    tag: 'flows',
    body: z.object({
      draft: flowDraft,
      /** A sample's id; absent: the newest. */
      record: z.string().max(300).optional(),
      /** Needed to send: what is sent becomes a run of this flow, to be seen in its history. */
      flow: z.uuid().optional(),
      send: z.boolean().default(false),
    }),
    response: trialSchema,
  }),
  postFilterCount: endpoint({
    method: 'POST',
    path: '/flows/filter-count',
    right: 'signedIn',
    summary: 'How many recent records the filter would pass',
    tag: 'flows',
    body: z.object({ draft: flowDraft }),
    response: z.object({ passed: z.number().int(), of: z.number().int() }),
  }),
  listFormulas: endpoint({
    method: 'GET',
    path: '/formulas',
    right: 'signedIn',
    summary: 'What can be done to a value in a mapping, with examples',
    tag: 'flows',
    response: z.array(
      z.object({
        name: z.string(),
        group: z.string(),
        short: textSchema,
        description: textSchema,
        example: z.string(),
        result: z.string(),
      }),
    ),
  }),
  listTemplates: endpoint({
    method: 'GET',
    path: '/flow-templates',
    right: 'signedIn',
    summary: 'Ready-made flows to begin from',
    tag: 'flows',
    response: z.array(z.object({ key: z.string(), name: textSchema, about: textSchema, apps: z.array(z.string()) })),
  }),
};
