import type { Json, Values } from '../../kit/field.ts';
import type { Rec } from '../../kit/record-type.ts';
import type { HookEvent } from '../../kit/webhook.ts';
import { createdKey, type Happening } from './receive.ts';

/** What the events of one webhook call mean to the flows of its connection; `asksNow` are the triggers to ask for. */
export function happeningsOf(input: {
  connectionId: string;
  events: HookEvent[];
  /** What they came with: its place in the reception, and what is kept of its body. */
  delivery: { place: number; body: Json } | null;
}): { happenings: Happening[]; asksNow: 'all' | string[] } {
  const { connectionId, events, delivery } = input;
  const base = { delivery: delivery?.place ?? null, connectionId, source: 'webhook' as const, flowId: null };
  const happenings = events.flatMap((event): Happening[] => {
    switch (event.kind) {
      case 'record':
        return ofRecord(base, event);
      case 'item': {
        const { trigger, item } = event;
        const { key, ...rest } = item;
        return [
          {
            ...base,
            triggers: [trigger],
            // Without an id of its own each delivery is a record of its own.
            recordKey: key === '' && item.recordId === '' ? null : `${trigger}:${item.recordId || key}`,
            recordType: null,
            recordId: item.recordId || key || null,
            label: item.record?.label ?? (item.recordId || key || null),
            coalesces: false,
            seenKey: key === '' ? null : `${trigger}:${key}`,
            ...payloadOf(rest, delivery?.body),
          },
        ];
      }
      case 'pollNow':
        return [];
    }
  });
  const polls = events.filter((event) => event.kind === 'pollNow');
  const named = polls.flatMap(({ trigger }) => trigger ?? []);
  return { happenings, asksNow: named.length < polls.length ? 'all' : named };
}

/** Most calls are their details: the database puts in the body that it gets with the delivery, so that it is sent once. */
function payloadOf(
  item: { recordId: string; record?: Rec; details?: Values },
  body: Json | undefined,
): Pick<Happening, 'payload' | 'endsWithBody'> {
  const { details, ...rest } = item;
  if (details === undefined || details !== body) return { payload: JSON.stringify(item) };
  return { payload: `${JSON.stringify(rest).slice(0, -1)},"details":`, endsWithBody: true };
}

type Base = Pick<Happening, 'delivery' | 'connectionId' | 'source' | 'flowId'>;

/** A record's event only marks it as changed: it is loaded, and its state decides. */
function ofRecord(base: Base, event: Extract<HookEvent, { kind: 'record' }>): Happening[] {
  const { recordType, recordId } = event;
  const key = `${recordType}:${recordId}`;
  const record = { recordKey: key, recordType, recordId, label: null, payload: null };
  switch (event.event) {
    case 'removed':
      return [];
    case 'created':
      return [
        { ...base, ...record, triggers: [`${recordType}.created`], coalesces: false, seenKey: createdKey(key) },
        { ...base, ...record, triggers: [`${recordType}.createdOrChanged`], coalesces: true, seenKey: null },
      ];
    case 'changed':
      return [
        {
          ...base,
          ...record,
          triggers: [`${recordType}.changed`, `${recordType}.createdOrChanged`],
          coalesces: true,
          seenKey: null,
        },
      ];
  }
}
