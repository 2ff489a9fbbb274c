import { recordCall } from '../../../kit/call.ts';
import { ConnectorError } from '../../../kit/errors.ts';
import type { Field } from '../../../kit/field.ts';
import type { FormValues } from '../../../kit/form.ts';
import {
  actionFields,
  actionOf,
  describeConnector,
  fieldFinder,
  fieldsOf,
  goneText,
  type OpenConnection,
  openConnection,
  readConnections,
  triggerFields,
  triggerOf,
  viewAction,
  viewTrigger,
} from '../../connections/index.ts';
import type { Context } from '../../context.ts';
import { Problem } from '../../http/problem.ts';
import type { FlowDefinition, FlowDraft, FlowProblem } from '../contract.ts';
import type { Names } from '../sentence.ts';
import { livePlace } from './problem.ts';
import { draftPaths, findProblems, type Known, type KnownStep } from './problems.ts';

/** An app that does not answer by then leaves its card unchecked; the rest of the flow is judged all the same. */
const patienceMilliseconds = 8000;

/** Every mistake of a draft, judged by what the apps say of themselves. */
export async function problemsOf(ctx: Context, draft: FlowDraft): Promise<FlowProblem[]> {
  return findProblems(draft, await knownOf(ctx, draft));
}

async function knownOf(ctx: Context, draft: FlowDraft): Promise<Known> {
  return recordCall(
    { priority: 'person', exchanges: [], signal: AbortSignal.timeout(patienceMilliseconds) },
    async () => {
      const [connections, live, fieldAt, steps] = await Promise.all([
        readConnections(ctx),
        liveOf(ctx, draft),
        orUndefined(ctx, () => sourceFields(ctx, draft)),
        Promise.all(draft.steps.map(async (step) => [step.id, await stepFields(ctx, step)] as const)),
      ]);
      const apps = Object.fromEntries(
        Object.values(ctx.shelf).map((connector) => {
          const { triggers, actions, discovers } = describeConnector(connector);
          return [connector.key, { triggers, actions, discovers }];
        }),
      );
      return {
        connections: connections.map(({ id, connector }) => ({ id, connector })),
        apps,
        live,
        ...(fieldAt ? { fieldAt } : {}),
        steps: Object.fromEntries(steps),
      };
    },
  );
}

/** What the draft names of objects that only an account has: as the account tells of it now, or that it is gone. */
async function liveOf(ctx: Context, draft: FlowDraft): Promise<NonNullable<Known['live']>> {
  const { connection: source, trigger } = draft.trigger ?? {};
  const [triggers, ...actions] = await Promise.all([
    liveOffer(ctx, { id: source, key: trigger }, async (connection, key) => {
      const derived = await triggerOf(connection, key);
      return derived
        ? viewTrigger(connection.connector, derived)
        : { gone: goneText(connection, { what: 'trigger', key }) };
    }),
    ...draft.steps.map((step) =>
      liveOffer(ctx, { id: step.connection, key: step.action }, async (connection, key) => {
        const derived = await actionOf(connection, key);
        return derived ? viewAction(derived) : { gone: goneText(connection, { what: 'action', key }) };
      }),
    ),
  ]);
  return { triggers: Object.fromEntries(triggers), actions: Object.fromEntries(actions.flat()) };
}

/** An app that discovers nothing has all of it on the shelf; one that does not answer is not judged. */
async function liveOffer<View>(
  ctx: Context,
  { id, key }: { id: string | undefined; key: string | undefined },
  look: (connection: OpenConnection, key: string) => Promise<View>,
): Promise<[place: string, found: View][]> {
  if (!id || !key) return [];
  const found = await orUndefined(ctx, async (): Promise<View | undefined> => {
    const connection = await openConnection(ctx, id);
    return connection.connector.discover ? look(connection, key) : undefined;
  });
  return found === undefined ? [] : [[livePlace(id, key), found]];
}

/** What an app, or a connection that is gone, does not tell is left unjudged; a fault of ours is told in the log. */
async function orUndefined<T>(ctx: Context, work: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ConnectorError || error instanceof Problem))
      ctx.log.error({ err: error }, 'a card went unchecked');
    return undefined;
  }
}

async function sourceFields(
  ctx: Context,
  draft: FlowDraft,
): Promise<((path: string) => Field | undefined) | undefined> {
  const { trigger } = draft;
  if (!trigger?.connection || !trigger.trigger) return undefined;
  const connection = await openConnection(ctx, trigger.connection);
  const settings = (trigger.settings ?? {}) as FormValues;
  const fields = await triggerFields(ctx, { connection, trigger: trigger.trigger, settings });
  const find = fieldFinder(ctx, { connection, fields });
  const found = new Map(await Promise.all(draftPaths(draft).map(async (path) => [path, await find(path)] as const)));
  return (path) => found.get(path);
}

async function stepFields(ctx: Context, step: FlowDraft['steps'][number]): Promise<KnownStep> {
  const { connection: id, action: key } = step;
  if (!id || !key) return {};
  const known = await orUndefined(ctx, async (): Promise<KnownStep> => {
    const connection = await openConnection(ctx, id);
    const action = await actionOf(connection, key);
    if (!action) return {};
    const settings = (step.settings ?? {}) as FormValues;
    const targets = await actionFields(ctx, { connection, action: key, settings });
    const recordType = action.kind === 'own' ? action.action.recordType : action.recordType.key;
    const ofType =
      recordType === null
        ? undefined
        : await fieldsOf(ctx, { connection, recordType, ...(action.kind === 'own' ? {} : { settings }) });
    const output = action.kind === 'own' ? (action.action.output ?? targets) : ofType;
    return { targets, ...(ofType ? { fields: ofType } : {}), ...(output ? { output } : {}) };
  });
  return known ?? {};
}

/** The words of a whole definition: apps, events, actions, fields. An app that does not answer leaves the keys. */
export const namesOf = (ctx: Context, definition: FlowDefinition): Promise<Names> =>
  recordCall({ priority: 'person', exchanges: [], signal: AbortSignal.timeout(patienceMilliseconds) }, () =>
    findNames(ctx, definition),
  );

async function findNames(ctx: Context, definition: FlowDefinition): Promise<Names> {
  const ids = [definition.trigger.connection, ...definition.steps.map(({ connection }) => connection)];
  const opened = new Map(await Promise.all(ids.map(async (id) => [id, await openConnection(ctx, id)] as const)));
  const source = opened.get(definition.trigger.connection);
  const [trigger, fieldAt, ...actions] = await Promise.all([
    orUndefined(ctx, async () => source && triggerOf(source, definition.trigger.trigger)),
    orUndefined(ctx, () => sourceFields(ctx, definition)),
    ...definition.steps.map(({ connection, action }) =>
      orUndefined(ctx, async () => actionNamed(opened.get(connection), action)),
    ),
  ]);
  const type = trigger?.kind === 'record' ? trigger.recordType.key : (trigger?.trigger.recordType ?? null);
  const recordType = type === null ? undefined : await orUndefined(ctx, async () => source?.recordType(type));
  const labels = new Map(definition.steps.map(({ id }, index) => [id, actions[index]?.label]));
  return {
    app: (id) => opened.get(id)?.connector.label ?? '',
    trigger: { label: trigger?.label ?? definition.trigger.trigger, record: recordType?.label ?? null },
    action: (step) => labels.get(step.id) ?? step.action,
    fieldAt: fieldAt ?? (() => undefined),
  };
}

const actionNamed = async (connection: OpenConnection | undefined, key: string) =>
  connection && actionOf(connection, key);
