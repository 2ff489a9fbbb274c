import { z } from 'zod';
import { endpoint, jsonSchema, textSchema } from '../http/contract.ts';

/** As `kit/form.ts`. */
export const formFieldSchema = z.object({
  key: z.string(),
  label: textSchema,
  type: z.enum(['text', 'secret', 'url', 'number', 'boolean', 'select', 'json']),
  help: textSchema.optional(),
  placeholder: z.string().optional(),
  required: z.boolean().optional(),
  default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  options: z.array(z.object({ value: z.string(), label: textSchema })).optional(),
  choicesOf: z.string().optional(),
  advanced: z.boolean().optional(),
  pattern: z.string().optional(),
  patternHelp: textSchema.optional(),
});
export type FormFieldView = z.infer<typeof formFieldSchema>;

/** As `kit/field.ts`. */
export const fieldSchema = z.object({
  key: z.string(),
  label: textSchema,
  type: z.enum([
    'text',
    'number',
    'boolean',
    'date',
    'datetime',
    'choice',
    'reference',
    'phone',
    'email',
    'url',
    'address',
    'file',
    'json',
  ]),
  list: z.boolean().optional(),
  required: z.boolean().optional(),
  readOnly: z.boolean().optional(),
  writeOnly: z.boolean().optional(),
  createOnly: z.boolean().optional(),
  derived: z.boolean().optional(),
  custom: z.boolean().optional(),
  multiline: z.boolean().optional(),
  choices: z.array(z.object({ id: z.string(), label: z.string(), group: z.string().optional() })).optional(),
  target: z.string().optional(),
  search: z.enum(['exact', 'normalised', 'text']).optional(),
  searchedIn: z.string().optional(),
  maxLength: z.number().optional(),
  help: textSchema.optional(),
});
export type FieldView = z.infer<typeof fieldSchema>;

const triggerSchema = z.object({
  /** `deal.created`, `deal.changed`, `deal.createdOrChanged`, or the connector's own like `deal.enteredStage`. */
  key: z.string(),
  label: textSchema,
  help: textSchema.optional(),
  recordType: z.string().nullable(),
  settings: z.array(formFieldSchema),
  /** We can ask for it. */
  polled: z.boolean(),
  /** The app's webhook can tell of it. */
  realTime: z.boolean(),
  /** Of a record type that only this account has. */
  discovered: z.boolean().optional(),
});
export type TriggerView = z.infer<typeof triggerSchema>;

const actionSchema = z.object({
  /** `task.create`, `task.update`, `task.find`, or the connector's own like `task.moveToStage`. */
  key: z.string(),
  /** What a record type can do, or the connector's own. */
  kind: z.enum(['create', 'update', 'find', 'own']),
  label: textSchema,
  help: textSchema.optional(),
  recordType: z.string().nullable(),
  settings: z.array(formFieldSchema),
  /** Duplicate rule: `create` may choose all four, `target` looks for the record it acts on, `none` has no such question. */
  duplicates: z.enum(['create', 'target', 'none']),
  /** Of a record type that only this account has. */
  discovered: z.boolean().optional(),
});
export type ActionView = z.infer<typeof actionSchema>;

export const connectorSchema = z.object({
  key: z.string(),
  label: textSchema,
  description: textSchema,
  mark: z.object({ letters: z.string(), color: z.string() }),
  auth: z.array(z.object({ key: z.string(), label: textSchema, help: textSchema, fields: z.array(formFieldSchema) })),
  endpoints: z.array(z.object({ key: z.string(), label: textSchema, default: z.string().optional() })),
  triggers: z.array(triggerSchema),
  actions: z.array(actionSchema),
  /** An account has more record types of its own: ask for the triggers and actions of the connection. */
  discovers: z.boolean(),
  webhook: z.object({ help: textSchema, fields: z.array(formFieldSchema) }).nullable(),
});
export type ConnectorView = z.infer<typeof connectorSchema>;

/**
 * What ails a connection, each with another next click.
 * revoked: the key is not accepted · expired: its time is over · scope: a right is missing · limited: too many calls ·
 * unreachable: no answer · wrongAddress: something else is there · otherAccount: another portal or tenant · unwell: they
 * are in trouble themselves.
 */
export const troubles = [
  'revoked',
  'expired',
  'scope',
  'limited',
  'unreachable',
  'wrongAddress',
  'otherAccount',
  'unwell',
] as const;
export type Trouble = (typeof troubles)[number];

/** A failure in words, with what to do next. */
export const failureSchema = z.object({
  kind: z.string(),
  code: z.string(),
  text: textSchema,
  at: z.string().optional(),
  trouble: z.enum(troubles).nullable().optional(),
});
export type FailureView = z.infer<typeof failureSchema>;

export const connectionSchema = z.object({
  id: z.uuid(),
  connector: z.string(),
  auth: z.string(),
  name: z.string(),
  /** The account behind it; null until a check succeeded. */
  account: z.string().nullable(),
  fields: z.record(z.string(), jsonSchema),
  /** Which secrets are kept; their values never leave the server. */
  secretsSet: z.array(z.string()),
  endpoints: z.record(z.string(), z.string()),
  /** Lately worked · never tried · needs a person · cannot be reached or limited just now. */
  health: z.enum(['works', 'untried', 'reconnect', 'ailing']),
  workedAt: z.string().nullable(),
  lastFailure: failureSchema.nullable(),
  warnings: z.array(textSchema),
  /** The last day its access is good for, as a person wrote it down: `2026-12-31`. */
  validUntil: z.string().nullable(),
  /** Flows that use it. */
  flows: z.array(z.object({ id: z.uuid(), name: z.string(), state: z.string() })),
  hook: z
    .object({
      /** The whole address to paste into the other app. */
      address: z.string(),
      lastCallAt: z.string().nullable(),
      lastRefusal: failureSchema.nullable(),
    })
    .nullable(),
  createdAt: z.string(),
});
export type ConnectionView = z.infer<typeof connectionSchema>;

const id = z.object({ id: z.uuid() });
/** How a list of triggers or actions is asked for: `keys`, joined by commas, asks for exactly these. */
const offerQuery = z.object({
  search: z.string().max(200).default(''),
  keys: z.string().max(2000).default(''),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  offset: z.coerce.number().int().min(0).default(0),
  fresh: z.enum(['true', 'false']).default('false'),
});
const offersOf = <Item extends z.ZodType>(item: Item) =>
  z.object({
    items: z.array(item),
    /** How many match in all. */
    total: z.number(),
    /** The account could not be asked for its objects: only those of the shelf are listed. */
    failure: failureSchema.nullable(),
  });
const formValues = z.record(z.string().max(100), jsonSchema);

const checkSchema = z.object({
  ok: z.boolean(),
  account: z.string().nullable(),
  failure: failureSchema.nullable(),
  warnings: z.array(textSchema),
});

export const connectionsApi = {
  listConnectors: endpoint({
    method: 'GET',
    path: '/connectors',
    right: 'signedIn',
    summary: 'The shelf: every app that can be linked',
    tag: 'connections',
    response: z.array(connectorSchema),
  }),
  listConnections: endpoint({
    method: 'GET',
    path: '/connections',
    right: 'signedIn',
    summary: 'All connections with health and the flows that use them',
    tag: 'connections',
    response: z.array(connectionSchema),
  }),
  getConnection: endpoint({
    method: 'GET',
    path: '/connections/:id',
    right: 'signedIn',
    summary: 'One connection',
    tag: 'connections',
    params: id,
    response: connectionSchema,
  }),
  postConnection: endpoint({
    method: 'POST',
    path: '/connections',
    right: 'administrator',
    summary: 'Add a connection; it is checked first unless `check` is false',
    tag: 'connections',
    body: z.object({
      connector: z.string().max(50),
      auth: z.string().max(50),
      name: z.string().trim().min(1).max(200),
      fields: formValues.default({}),
      secrets: z.record(z.string().max(100), z.string().max(20_000)).default({}),
      endpoints: z.record(z.string().max(100), z.string().max(2000)).default({}),
      check: z.boolean().default(true),
    }),
    response: connectionSchema,
    status: 201,
  }),
  patchConnection: endpoint({
    method: 'PATCH',
    path: '/connections/:id',
    right: 'administrator',
    summary:
      'Rename, or reconnect in place: a secret that is not named stays; refused when another account is behind it, unless that is said to be the same one',
    tag: 'connections',
    params: id,
    body: z.object({
      name: z.string().trim().min(1).max(200).optional(),
      auth: z.string().max(50).optional(),
      fields: formValues.optional(),
      secrets: z.record(z.string().max(100), z.string().max(20_000)).optional(),
      endpoints: z.record(z.string().max(100), z.string().max(2000)).optional(),
      /** Told two weeks before it comes; null forgets it. */
      validUntil: z.iso.date().nullable().optional(),
      check: z.boolean().default(true),
      /** What answers is the same account at a new address: a portal that was renamed. */
      sameAccount: z.boolean().default(false),
    }),
    response: connectionSchema,
  }),
  deleteConnection: endpoint({
    method: 'DELETE',
    path: '/connections/:id',
    right: 'administrator',
    summary: 'Delete; refused with the list of flows while any uses it',
    tag: 'connections',
    params: id,
    status: 204,
  }),
  checkConnection: endpoint({
    method: 'POST',
    path: '/connections/:id/check',
    right: 'signedIn',
    summary: 'Ask the other side now: which thing is wrong?',
    tag: 'connections',
    params: id,
    response: checkSchema,
  }),
  checkNewConnection: endpoint({
    method: 'POST',
    path: '/connections/check',
    right: 'administrator',
    summary: 'Check a form that is not saved yet',
    tag: 'connections',
    body: z.object({
      connector: z.string().max(50),
      auth: z.string().max(50),
      fields: formValues.default({}),
      secrets: z.record(z.string().max(100), z.string().max(20_000)).default({}),
      endpoints: z.record(z.string().max(100), z.string().max(2000)).default({}),
    }),
    response: checkSchema,
  }),
  listTriggers: endpoint({
    method: 'GET',
    path: '/connections/:id/triggers',
    right: 'signedIn',
    summary:
      'Triggers of a connection, those of the objects that only this account has included; the usual ones come first, `fresh` asks the other side anew',
    tag: 'connections',
    params: id,
    query: offerQuery,
    response: offersOf(triggerSchema),
  }),
  listActions: endpoint({
    method: 'GET',
    path: '/connections/:id/actions',
    right: 'signedIn',
    summary: 'Actions of a connection, as the list of its triggers',
    tag: 'connections',
    params: id,
    query: offerQuery,
    response: offersOf(actionSchema),
  }),
  listFields: endpoint({
    method: 'GET',
    path: '/connections/:id/record-types/:recordType/fields',
    right: 'signedIn',
    summary: 'Live fields of a record type; `fresh` asks the other side anew',
    tag: 'connections',
    params: z.object({ id: z.uuid(), recordType: z.string().max(200) }),
    query: z.object({ fresh: z.enum(['true', 'false']).default('false') }),
    response: z.array(fieldSchema),
  }),
  postTriggerFields: endpoint({
    method: 'POST',
    path: '/connections/:id/trigger-fields',
    right: 'signedIn',
    summary: 'What a trigger gives to filter and map: details of the happening and fields of its record',
    tag: 'connections',
    params: id,
    body: z.object({
      trigger: z.string().max(200),
      settings: formValues.default({}),
      fresh: z.boolean().default(false),
    }),
    response: z.array(fieldSchema),
  }),
  postActionFields: endpoint({
    method: 'POST',
    path: '/connections/:id/action-fields',
    right: 'signedIn',
    summary: 'What an action takes: the fields to map',
    tag: 'connections',
    params: id,
    body: z.object({
      action: z.string().max(200),
      settings: formValues.default({}),
      fresh: z.boolean().default(false),
    }),
    response: z.array(fieldSchema),
  }),
  postSamples: endpoint({
    method: 'POST',
    path: '/connections/:id/samples',
    right: 'signedIn',
    summary: 'Recent records a trigger would have given, newest first, with their references loaded',
    tag: 'connections',
    params: id,
    body: z.object({
      trigger: z.string().max(200),
      settings: formValues.default({}),
      limit: z.number().int().min(1).max(40).default(3),
      /** Paths of references to load, as in `contact` or `contact.company`. */
      references: z.array(z.string().max(300)).max(20).default([]),
    }),
    response: z.array(
      z.object({
        id: z.string(),
        label: z.string(),
        url: z.string().nullable(),
        at: z.string().nullable(),
        values: z.record(z.string(), jsonSchema),
      }),
    ),
  }),
};
