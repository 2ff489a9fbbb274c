import { randomUUID } from 'node:crypto';
import { expect, onTestFinished } from 'vitest';
import type { Memory } from '../../../kit/connector.ts';
import { ConnectorError } from '../../../kit/errors.ts';
import type { Values } from '../../../kit/field.ts';
import type { FormValues } from '../../../kit/form.ts';
import type { ChangePage, Cursor, Rec, RecordType } from '../../../kit/record-type.ts';
import { testConnection } from '../../../kit/testing/connection.ts';
import type { Trigger, TriggerItem } from '../../../kit/trigger.ts';
import { createApi, type HubexApi } from '../api.ts';
import { hubex } from '../index.ts';
import { task } from '../records/task.ts';
import { type HubexStandIn, startHubexStandIn } from '../stand-in.ts';

export interface HubexBench {
  standIn: HubexStandIn;
  api: HubexApi;
}

/** A running HubEx with a connection to it, stopped when the test is over. */
export async function openHubex(
  options: { seed?: boolean; fields?: FormValues; memory?: Memory } = {},
): Promise<HubexBench> {
  const standIn = await startHubexStandIn({ seed: options.seed ?? false });
  onTestFinished(() => standIn.stop());
  return { standIn, api: connectTo(standIn, options) };
}

/** Another connection to the same service, as another process or a changed form would have. */
export function connectTo(standIn: HubexStandIn, options: { fields?: FormValues; memory?: Memory } = {}): HubexApi {
  const form = {
    fields: { callsPerMinute: 60_000, ...options.fields },
    secrets: { serviceToken: standIn.serviceToken },
    endpoints: { api: standIn.apiUrl },
  };
  return createApi(testConnection(hubex, form, options.memory ? { memory: options.memory } : {}));
}

export const createInput = (values: Values, repeatKey: string = randomUUID()) => ({ values, settings: {}, repeatKey });

export const createTask = (api: HubexApi, values: Values, repeatKey?: string) => {
  if (!task.create) throw new Error('tasks cannot be created');
  return task.create(api, createInput({ taskType: { id: '1', label: 'Ремонт' }, ...values }, repeatKey));
};

export async function failureOf(work: Promise<unknown>): Promise<ConnectorError> {
  const error = await work.then(
    () => expect.fail('nothing failed'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ConnectorError);
  return error as ConnectorError;
}

/** Reads until no page waits; each cursor goes through JSON as it does in the database. */
async function readAll<T>(
  read: (cursor: Cursor) => Promise<{ items: T[]; next: Cursor; more: boolean }>,
  start: Cursor,
): Promise<{ items: T[]; cursor: Cursor }> {
  const items: T[] = [];
  let cursor = start;
  for (let page = 0; page < 100; page++) {
    const found = await read(cursor);
    items.push(...found.items);
    cursor = JSON.parse(JSON.stringify(found.next));
    if (!found.more) return { items, cursor };
  }
  throw new Error('The pages do not end');
}

/** A reader of changes or of a trigger's happenings that remembers its cursor. */
export async function reader(
  api: HubexApi,
  source: RecordType<HubexApi> | Trigger<HubexApi>,
  settings: FormValues = {},
): Promise<{ pass(): Promise<(Rec | TriggerItem)[]> }> {
  const read = (cursor: Cursor | null): Promise<ChangePage | { items: TriggerItem[]; next: Cursor; more: boolean }> => {
    const page =
      'labelMany' in source ? source.changes?.(api, { cursor, settings }) : source.poll?.(api, { cursor, settings });
    if (!page) throw new Error(`${source.key} cannot be polled`);
    return page;
  };
  let cursor: Cursor = (await read(null)).next;
  return {
    async pass() {
      // The tests turn HubEx's clock; any answer of it tells the new time.
      await api.countTasks();
      const found = await readAll<Rec | TriggerItem>(read, cursor);
      cursor = found.cursor;
      return found.items;
    },
  };
}
