import { recordCall } from '../../kit/call.ts';
import type { Values } from '../../kit/field.ts';
import type { FormValues } from '../../kit/form.ts';
import type { Rec } from '../../kit/record-type.ts';
import type { TriggerItem } from '../../kit/trigger.ts';
import type { Context } from '../context.ts';
import { triggerFields } from './fields.ts';
import { triggerOf } from './offers.ts';
import type { OpenConnection } from './open.ts';
import { createLoader, loadReferences } from './references.ts';

export interface Sample {
  id: string;
  label: string;
  url: string | null;
  at: string | null;
  values: Values;
}

/** Recent records a trigger would have given, newest first, with the asked references loaded. */
export async function samplesOf(
  ctx: Context,
  input: {
    connection: OpenConnection;
    trigger: string;
    settings: FormValues;
    limit: number;
    /** Of these the one with this id. */
    only?: string | undefined;
    references: string[];
  },
): Promise<Sample[]> {
  return recordCall({ priority: 'person', exchanges: [], signal: AbortSignal.timeout(60_000) }, async () => {
    const samples = (await newest(input)).filter(({ id }) => input.only === undefined || id === input.only);
    if (input.references.length === 0) return samples;
    const fields = await triggerFields(ctx, input);
    const loader = createLoader();
    return Promise.all(
      samples.map(async (sample) => ({
        ...sample,
        values: await loadReferences(ctx, {
          connection: input.connection,
          fields,
          values: sample.values,
          paths: input.references,
          loader,
        }),
      })),
    );
  });
}

async function newest(input: {
  connection: OpenConnection;
  trigger: string;
  settings: FormValues;
  limit: number;
}): Promise<Sample[]> {
  const { connection, settings, limit } = input;
  const trigger = await triggerOf(connection, input.trigger);
  if (!trigger) return [];
  if (trigger.kind === 'record') {
    const records = (await trigger.recordType.newest?.(connection.api, { limit, settings })) ?? [];
    return records.map(ofRecord);
  }
  const items = (await trigger.trigger.newest?.(connection.api, { limit, settings })) ?? [];
  const recordType = trigger.trigger.recordType;
  return Promise.all(items.map((item) => ofItem(connection, { item, recordType })));
}

const ofRecord = (record: Rec): Sample => ({
  id: record.id,
  label: record.label ?? record.id,
  url: record.url ?? null,
  at: record.changedAt ?? record.createdAt ?? null,
  values: { id: record.id, ...record.values },
});

async function ofItem(
  connection: OpenConnection,
  input: { item: TriggerItem; recordType: string | null },
): Promise<Sample> {
  const { item } = input;
  const type = input.recordType === null ? undefined : await connection.recordType(input.recordType);
  const record = item.record ?? (type?.get ? await type.get(connection.api, item.recordId) : null);
  return {
    id: item.recordId,
    label: record?.label ?? item.recordId,
    url: record?.url ?? null,
    at: item.at ?? record?.changedAt ?? null,
    values: { id: item.recordId, ...record?.values, ...item.details },
  };
}
