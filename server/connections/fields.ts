import type { Field } from '../../kit/field.ts';
import type { FormValues } from '../../kit/form.ts';
import type { Context } from '../context.ts';
import { toJsonb } from '../db/jsonb.ts';
import { actionOf, triggerOf } from './offers.ts';
import type { OpenConnection } from './open.ts';

/** Described fields are asked for anew after this long. */
const keptMinutes = 15;

/** Live fields of a record type, cached; `fresh` asks the other side. A stale description serves when the other side is down. */
export async function fieldsOf(
  ctx: Context,
  input: { connection: OpenConnection; recordType: string; settings?: FormValues; fresh?: boolean },
): Promise<Field[]> {
  const { connection, recordType: key } = input;
  const recordType = await connection.recordType(key);
  if (!recordType) return [];
  // Settings of an action change what can be mapped, so such a description is not shared.
  const cached = input.settings === undefined || Object.keys(input.settings).length === 0;
  if (!cached) return recordType.describe(connection.api, input.settings ?? {});
  const known = await ctx.db
    .selectFrom('field_cache')
    .select(['fields', 'fetched_at'])
    .where('connection_id', '=', connection.id)
    .where('record_type', '=', key)
    .executeTakeFirst();
  const isFresh = known && Date.now() - known.fetched_at.getTime() < keptMinutes * 60_000;
  if (known && isFresh && !input.fresh) return known.fields;
  try {
    const fields = await recordType.describe(connection.api, {});
    await keep(ctx, { connectionId: connection.id, recordType: key, fields });
    return fields;
  } catch (error) {
    if (known && !input.fresh) return known.fields;
    throw error;
  }
}

async function keep(ctx: Context, input: { connectionId: string; recordType: string; fields: Field[] }): Promise<void> {
  const fields = toJsonb(input.fields);
  await ctx.db
    .insertInto('field_cache')
    .values({ connection_id: input.connectionId, record_type: input.recordType, fields })
    .onConflict((conflict) =>
      conflict.columns(['connection_id', 'record_type']).doUpdateSet({ fields, fetched_at: new Date() }),
    )
    .execute();
}

/** What a trigger gives: details of the happening first, then the fields of its record. */
export async function triggerFields(
  ctx: Context,
  input: { connection: OpenConnection; trigger: string; settings: FormValues; fresh?: boolean },
): Promise<Field[]> {
  const { connection } = input;
  const trigger = await triggerOf(connection, input.trigger);
  if (!trigger) return [];
  const fresh = input.fresh ?? false;
  if (trigger.kind === 'record') return fieldsOf(ctx, { connection, recordType: trigger.recordType.key, fresh });
  const details = (await trigger.trigger.describe?.(connection.api, input.settings)) ?? [];
  if (trigger.trigger.recordType === null) return details;
  const fields = await fieldsOf(ctx, { connection, recordType: trigger.trigger.recordType, fresh });
  const taken = new Set(details.map((field) => field.key));
  return [...details, ...fields.filter((field) => !taken.has(field.key))];
}

/** What an action takes. */
export async function actionFields(
  ctx: Context,
  input: { connection: OpenConnection; action: string; settings: FormValues; fresh?: boolean },
): Promise<Field[]> {
  const { connection, settings } = input;
  const action = await actionOf(connection, input.action);
  if (!action) return [];
  if (action.kind === 'own') return action.action.describe(connection.api, settings);
  const fresh = input.fresh ?? false;
  const all = await fieldsOf(ctx, { connection, recordType: action.recordType.key, settings, fresh });
  if (action.kind === 'find') return all.filter((field) => field.search !== undefined);
  return all.filter((field) => !field.readOnly && !(action.kind === 'update' && field.createOnly));
}

const idField: Field = { key: 'id', label: 'ID', type: 'text', readOnly: true };

/** Finds the field behind a path over references, as in `contact.company.title`. Fields of each type are read once. */
export function fieldFinder(
  ctx: Context,
  input: { connection: OpenConnection; fields: Field[] },
): (path: string) => Promise<Field | undefined> {
  const byType = new Map<string, Promise<Field[]>>();
  const ofType = (key: string) => {
    const known = byType.get(key) ?? fieldsOf(ctx, { connection: input.connection, recordType: key });
    byType.set(key, known);
    return known;
  };
  return async (path) => {
    // Webhook samples have flattened keys like `client.phone`: the whole path may be one key.
    const whole = input.fields.find((field) => field.key === path);
    if (whole) return whole;
    let fields = input.fields;
    const parts = path.split('.');
    for (const [index, part] of parts.entries()) {
      const field = fields.find((candidate) => candidate.key === part) ?? (part === 'id' ? idField : undefined);
      if (!field || index === parts.length - 1) return field;
      if (field.type !== 'reference' || field.target === undefined) return undefined;
      fields = await ofType(field.target);
    }
    return undefined;
  };
}
