import type { DerivedAction, DerivedTrigger } from '../../kit/derive.ts';
import { ConnectorError } from '../../kit/errors.ts';
import type { Field } from '../../kit/field.ts';
import type { FormValues } from '../../kit/form.ts';
import type { RecordType } from '../../kit/record-type.ts';
import {
  actionFields,
  actionOf,
  fieldFinder,
  fieldsOf,
  gone,
  type OpenConnection,
  openConnection,
  triggerFields,
  triggerOf,
} from '../connections/index.ts';
import type { Context } from '../context.ts';
import type { FlowDefinition, FlowStep } from './contract.ts';
import { filterPaths } from './filter/evaluate.ts';
import { stepPaths } from './values/map-fields.ts';
import { withPrefixes } from './values/paths.ts';

/** A version with everything its walk needs: opened connections, described fields, paths to load. */
export interface Plan {
  flow: { id: string; name: string };
  version: { id: string; number: number };
  definition: FlowDefinition;
  source: {
    connection: OpenConnection;
    trigger: DerivedTrigger;
    recordType: RecordType<unknown> | undefined;
    fields: Field[];
  };
  /** Paths over references that filter, mapping or keys read. */
  references: string[];
  fieldAt(path: string): Field | undefined;
  steps: PlannedStep[];
}

export interface PlannedStep {
  step: FlowStep;
  connection: OpenConnection;
  action: DerivedAction;
  /** The record type it writes or acts on. */
  recordType: RecordType<unknown> | undefined;
  /** What can be mapped. */
  targets: Field[];
  /** All fields of the record type: keys may look by ones that cannot be written. */
  fields: Field[];
}

/** A plan is made anew after this long, so that new fields and stages of the other side come to be known. */
const freshMilliseconds = 10_000;
const plans = new WeakMap<Context, Map<string, { at: number; plan: Promise<Plan> }>>();

/** The plan of a saved version; made anew at once when a connection in it was changed or renewed. */
export async function planOf(ctx: Context, versionId: string): Promise<Plan> {
  const cache = plans.get(ctx) ?? new Map<string, { at: number; plan: Promise<Plan> }>();
  plans.set(ctx, cache);
  const known = cache.get(versionId);
  if (known && performance.now() - known.at < freshMilliseconds) {
    const plan = await known.plan;
    if (await hasCurrentConnections(ctx, plan)) return plan;
  }
  const plan = readVersion(ctx, versionId).then((version) => makePlan(ctx, version));
  cache.set(versionId, { at: performance.now(), plan });
  plan.catch(() => cache.delete(versionId));
  if (cache.size > 2000) cache.delete(cache.keys().next().value ?? '');
  return plan;
}

async function hasCurrentConnections(ctx: Context, { source, steps }: Plan): Promise<boolean> {
  for (const { connection } of [source, ...steps]) {
    if ((await openConnection(ctx, connection.id)) !== connection || connection.blocked) return false;
  }
  return true;
}

async function readVersion(ctx: Context, versionId: string) {
  const row = await ctx.db
    .selectFrom('flow_versions')
    .innerJoin('flows', 'flows.id', 'flow_versions.flow_id')
    .select(['flow_versions.id', 'flow_versions.number', 'definition', 'flows.id as flowId', 'flows.name'])
    .where('flow_versions.id', '=', versionId)
    .executeTakeFirst();
  if (!row) throw missing('version', { en: 'This version of the flow is gone.', ru: 'Этой версии связки больше нет.' });
  return {
    flow: { id: row.flowId, name: row.name },
    version: { id: row.id, number: row.number },
    definition: row.definition,
  };
}

/** Opens and describes all that a definition names; a failure says which card it belongs to. */
export async function makePlan(
  ctx: Context,
  input: { flow: Plan['flow']; version: Plan['version']; definition: FlowDefinition },
): Promise<Plan> {
  const { definition } = input;
  const [source, steps] = await Promise.all([
    blaming(definition.trigger.connection, planSource(ctx, definition)),
    Promise.all(definition.steps.map((step) => blaming(step.connection, planStep(ctx, step)))),
  ]);
  const paths = withPrefixes(pathsOf(definition));
  const find = fieldFinder(ctx, source);
  const found = new Map(await Promise.all(paths.map(async (path) => [path, await find(path)] as const)));
  return {
    ...input,
    source,
    references: paths.filter((path) => path.includes('.') || found.get(path)?.type === 'reference'),
    fieldAt: (path) => found.get(path),
    steps,
  };
}

const blamed = new WeakMap<object, string>();

async function blaming<T>(connectionId: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error) blamed.set(error, connectionId);
    throw error;
  }
}

/** Whose connection kept a plan from being made. */
export const connectionOf = (error: unknown): string | null =>
  error instanceof Error ? (blamed.get(error) ?? null) : null;

/** A connection that must not be used holds the run, whatever it would answer. */
async function usable(ctx: Context, id: string): Promise<OpenConnection> {
  const connection = await openConnection(ctx, id);
  if (connection.blocked) throw connection.blocked;
  return connection;
}

async function planSource(ctx: Context, { trigger }: FlowDefinition): Promise<Plan['source']> {
  const connection = await usable(ctx, trigger.connection);
  const derived = await triggerOf(connection, trigger.trigger);
  if (!derived) throw gone(connection, { what: 'trigger', key: trigger.trigger });
  const settings = trigger.settings as FormValues;
  const fields = await triggerFields(ctx, { connection, trigger: trigger.trigger, settings });
  const key = derived.kind === 'record' ? derived.recordType.key : derived.trigger.recordType;
  return {
    connection,
    trigger: derived,
    fields,
    recordType: key === null ? undefined : await connection.recordType(key),
  };
}

async function planStep(ctx: Context, step: FlowStep): Promise<PlannedStep> {
  const connection = await usable(ctx, step.connection);
  const action = await actionOf(connection, step.action);
  if (!action) throw gone(connection, { what: 'action', key: step.action });
  const settings = step.settings as FormValues;
  const targets = await actionFields(ctx, { connection, action: step.action, settings });
  const key = action.kind === 'own' ? action.action.recordType : action.recordType.key;
  const recordType = key === null ? undefined : await connection.recordType(key);
  const fields =
    key === null
      ? targets
      : await fieldsOf(ctx, { connection, recordType: key, ...(action.kind === 'own' ? {} : { settings }) });
  return { step, connection, action, recordType, targets, fields };
}

/** Every path over the trigger's record that the definition reads. */
function pathsOf(definition: FlowDefinition): string[] {
  const mapped = definition.steps
    .flatMap(stepPaths)
    .flatMap((path) => (path.startsWith('trigger.') ? [path.slice('trigger.'.length)] : []));
  return [...new Set([...filterPaths(definition.filter), ...mapped])];
}

const missing = (what: string, text: { en: string; ru: string }) =>
  new ConnectorError({ kind: 'rejected', code: `flow.${what}_missing`, text });
