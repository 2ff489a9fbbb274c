import { z } from 'zod';
import type { FieldView } from '../connections/contract.ts';
import { endpoint, type JsonValue, jsonSchema, pageQuery, textSchema } from '../http/contract.ts';

// ---------------------------------------------------------------- the definition of a flow

/** Operators of filter rules. By field type: see `operatorsFor` in `filter-operators.ts`. */
export const operators = [
  'equals',
  'notEquals',
  'contains',
  'notContains',
  'startsWith',
  'endsWith',
  'empty',
  'notEmpty',
  'greater',
  'less',
  'between',
  'inList',
  'notInList',
  'matches',
  'before',
  'after',
  'withinDays',
] as const;
export type Operator = (typeof operators)[number];

const textOperators = [
  'equals',
  'notEquals',
  'contains',
  'notContains',
  'startsWith',
  'endsWith',
  'empty',
  'notEmpty',
  'inList',
  'notInList',
  'matches',
] as const satisfies Operator[];
const dateOperators = [
  'equals',
  'notEquals',
  'before',
  'after',
  'between',
  'withinDays',
  'empty',
  'notEmpty',
] as const satisfies Operator[];

/** Which operators a field of a type offers; a list offers those of its elements. */
export const operatorsByType: Record<FieldView['type'], readonly Operator[]> = {
  text: textOperators,
  phone: textOperators,
  email: textOperators,
  url: textOperators,
  address: textOperators,
  choice: textOperators,
  reference: textOperators,
  number: ['equals', 'notEquals', 'greater', 'less', 'between', 'inList', 'notInList', 'empty', 'notEmpty'],
  boolean: ['equals', 'notEquals', 'empty', 'notEmpty'],
  date: dateOperators,
  datetime: dateOperators,
  file: ['empty', 'notEmpty'],
  json: operators,
};

/**
 * `field` is a path from the trigger's record over its references: `stage`, `contact.phone`.
 * A choice or reference is compared by label when `by` is `label` (the default), by id when it is `id`.
 * `value`: one value; a list for `inList` and `notInList`; `[from, to]` for `between`; days back for `withinDays`.
 */
export interface FilterRule {
  field: string;
  operator: Operator;
  value?: JsonValue | undefined;
  by?: 'label' | 'id' | undefined;
}
export interface FilterGroup {
  combinator: 'and' | 'or';
  rules: (FilterRule | FilterGroup)[];
}
const filterRule = z.object({
  field: z.string().max(300),
  operator: z.enum(operators),
  value: jsonSchema.optional(),
  by: z.enum(['label', 'id']).optional(),
});
export const filterGroup: z.ZodType<FilterGroup> = z.object({
  combinator: z.enum(['and', 'or']),
  get rules() {
    return z.array(z.union([filterRule, filterGroup])).max(100);
  },
});

/**
 * What a target field gets.
 * template: Liquid over `trigger` and earlier steps by their id; one lone expression keeps the value's type.
 * constant: a value of the target field's type; a choice as `{ id, label }`.
 * table: the value of `source` looked up in `rows` by label or id, letter case and spaces apart; no row: `otherwise`.
 * tree: a JSON value in which every string is a template.
 */
export const fieldTemplate = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('template'), text: z.string().max(20_000) }),
  z.object({ kind: z.literal('constant'), value: jsonSchema }),
  z.object({
    kind: z.literal('table'),
    source: z.string().max(2000),
    rows: z.array(z.object({ from: z.string().max(500), to: jsonSchema })).max(500),
    otherwise: jsonSchema.optional(),
  }),
  z.object({ kind: z.literal('tree'), value: jsonSchema }),
]);
export type FieldTemplate = z.infer<typeof fieldTemplate>;

export const fieldRules = ['overwrite', 'ifEmpty', 'keep', 'append'] as const;
export type FieldRule = (typeof fieldRules)[number];

export const duplicateRule = z.object({
  /** create always · skip if found · update or create · update only */
  mode: z.enum(['create', 'skip', 'upsert', 'update']),
  /** Tried in order; the template need not be the mapped one. */
  keys: z
    .array(z.object({ field: z.string().max(200), template: z.string().max(2000) }))
    .max(10)
    .default([]),
  several: z.enum(['first', 'newest', 'stop']).default('stop'),
  /** By target field, for updates; default `overwrite`. */
  fields: z.record(z.string().max(200), z.enum(fieldRules)).default({}),
});
export type DuplicateRule = z.infer<typeof duplicateRule>;

const settings = z.record(z.string().max(100), jsonSchema).default({});

export const flowTrigger = z.object({
  connection: z.uuid(),
  /** `deal.changed`, `deal.enteredStage`, … */
  trigger: z.string().max(200),
  settings,
  /** realTime: the app calls us, and a slow poll reconciles. poll: we ask every `everyMinutes`. */
  mode: z.enum(['realTime', 'poll']),
  everyMinutes: z.number().int().min(1).max(1440).default(5),
  /** Load each record only once. */
  once: z.boolean().default(false),
});

export const flowStep = z.object({
  /** Later steps name it in templates: `{{ a1.id }}`. */
  id: z.string().regex(/^[a-z][a-zA-Z0-9_]{0,30}$/),
  connection: z.uuid(),
  /** `task.create`, `deal.update`, `task.moveToStage`, … */
  action: z.string().max(200),
  settings,
  mapping: z.record(z.string().max(200), fieldTemplate).default({}),
  duplicates: duplicateRule.default({ mode: 'create', keys: [], several: 'stop', fields: {} }),
});
export type FlowStep = z.infer<typeof flowStep>;

/** A whole, immutable definition as a version keeps it. */
export const flowDefinition = z.object({
  trigger: flowTrigger,
  filter: filterGroup.nullable().default(null),
  steps: z.array(flowStep).min(1).max(20),
});
export type FlowDefinition = z.infer<typeof flowDefinition>;

/** A half-made definition as the editor saves it while a person works. */
export const flowDraft = z.object({
  trigger: flowTrigger.partial().nullable().default(null),
  filter: filterGroup.nullable().default(null),
  steps: z
    .array(flowStep.partial().extend({ id: flowStep.shape.id }))
    .max(20)
    .default([]),
});
export type FlowDraft = z.infer<typeof flowDraft>;

// ---------------------------------------------------------------- flows

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

/** What a flow would do with one record, step by step, without doing it. */
export const trialSchema = z.object({
  record: z.object({ id: z.string(), label: z.string(), values: z.record(z.string(), jsonSchema) }),
  filter: z.object({ passed: z.boolean(), why: textSchema }),
  steps: z.array(
    z.object({
      id: z.string(),
      /** By target field: the value it becomes, or why it cannot. */
      fields: z.record(z.string(), z.object({ value: jsonSchema.optional(), problem: textSchema.optional() })),
      /** What the duplicate rule found: create, update (with changed fields), skip, stop. */
      decision: z.object({ what: z.enum(['create', 'update', 'skip', 'stop', 'act']), why: textSchema }).nullable(),
      /** What would be (or was) sent, by field. */
      send: z.record(z.string(), jsonSchema).nullable(),
      /** Only when really sent. */
      result: z.object({ id: z.string().nullable(), url: z.string().nullable() }).nullable(),
      failure: z.object({ code: z.string(), text: textSchema }).nullable(),
    }),
  ),
});
export type Trial = z.infer<typeof trialSchema>;

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

// ---------------------------------------------------------------- runs

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
  kind: z.enum(['receive', 'load', 'filter', 'once', 'mapping', 'duplicate', 'action']),
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
  can: z.object({ rerun: z.boolean(), decide: z.boolean(), retryNow: z.boolean() }),
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
};

// ---------------------------------------------------------------- backfill

/** Existing records through a flow: counted first, started by a person, paused, called off. */
export const backfillSchema = z.object({
  id: z.uuid(),
  since: z.string(),
  until: z.string(),
  state: z.enum(['counting', 'ready', 'running', 'paused', 'done', 'cancelled']),
  /** Records of the period; null: not counted yet, or the app cannot tell. */
  total: z.number().int().nullable(),
  /** Records handed to the flow so far. */
  taken: z.number().int(),
  /** Of these, not finished yet. */
  open: z.number().int(),
  failure: z.object({ code: z.string(), text: textSchema, at: z.string() }).nullable(),
});
export type Backfill = z.infer<typeof backfillSchema>;

const ofFlow = z.object({ id: z.uuid() });

export const backfillApi = {
  getBackfill: endpoint({
    method: 'GET',
    path: '/flows/:id/backfill',
    right: 'signedIn',
    summary: 'The latest backfill of a flow',
    tag: 'backfill',
    params: ofFlow,
    response: backfillSchema.nullable(),
  }),
  postBackfill: endpoint({
    method: 'POST',
    path: '/flows/:id/backfill',
    right: 'signedIn',
    summary: 'Count the existing records of a period; nothing goes through the flow before it is started',
    tag: 'backfill',
    params: ofFlow,
    body: z.object({ since: z.iso.datetime({ offset: true }) }),
    response: backfillSchema,
    status: 201,
  }),
  moveBackfill: endpoint({
    method: 'POST',
    path: '/flows/:id/backfill/:move',
    right: 'signedIn',
    summary: 'Start, pause, resume or cancel the open backfill',
    tag: 'backfill',
    params: z.object({ id: z.uuid(), move: z.enum(['start', 'pause', 'resume', 'cancel']) }),
    response: backfillSchema,
  }),
};

// ---------------------------------------------------------------- attention

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
    body: z.object({ version: z.enum(['same', 'current']).default('current') }),
    response: z.object({
      filter: z.object({ passed: z.boolean(), why: textSchema }),
      decisions: z.array(z.object({ step: z.string(), what: z.string(), why: textSchema })),
      values: z.array(comparedValueSchema),
    }),
  }),
};

/** Server-sent events at `GET /api/v1/live`: what changed, so that screens ask anew. */
export const liveEvent = z.object({
  kind: z.enum(['run', 'flow', 'connection']),
  id: z.string(),
  flow: z.string().optional(),
});
export type LiveEvent = z.infer<typeof liveEvent>;
