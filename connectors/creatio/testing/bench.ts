import { randomUUID } from 'node:crypto';
import { expect, onTestFinished } from 'vitest';
import type { Memory } from '../../../kit/connector.ts';
import { ConnectorError } from '../../../kit/errors.ts';
import type { Value, Values } from '../../../kit/field.ts';
import type { FormValues } from '../../../kit/form.ts';
import type { Cursor, Rec } from '../../../kit/record-type.ts';
import { testConnection } from '../../../kit/testing/connection.ts';
import { type CreatioApi, createApi } from '../api.ts';
import { bpmonline, creatio } from '../index.ts';
import { odata3 } from '../odata3.ts';
import { odata4 } from '../odata4.ts';
import { changes } from '../records/changes.ts';
import {
  type BpmonlineStandIn,
  type CreatioStandIn,
  type StandInOptions,
  startBpmonlineStandIn,
  startCreatioStandIn,
} from '../stand-in.ts';

interface Form {
  fields?: FormValues;
  secrets?: Record<string, string>;
  memory?: Memory;
  revision?: number;
}

/** Another connection to the same stand, as another process or a changed form would have. */
export function connectTo(standIn: CreatioStandIn | BpmonlineStandIn, form: Form = {}): CreatioApi {
  const isOld = 'merge' in standIn.rules;
  const full = {
    fields: { address: standIn.url, userName: standIn.gate.userName, ...form.fields },
    secrets: form.secrets ?? { password: standIn.gate.password },
  };
  const { memory, revision = 1 } = form;
  const kept = { ...(memory ? { memory } : {}), revision };
  const connection = testConnection(isOld ? bpmonline : creatio, full, kept);
  return createApi(connection, isOld ? odata3 : odata4, isOld ? 'bpm’online' : 'Creatio');
}

/** A running stand with a connection to it, stopped when the test is over. */
export async function openCreatio(
  options: StandInOptions & Form = {},
): Promise<{ standIn: CreatioStandIn; api: CreatioApi }> {
  const standIn = await startCreatioStandIn(options);
  onTestFinished(() => standIn.stop());
  return { standIn, api: connectTo(standIn, options) };
}

export async function openBpmonline(
  options: StandInOptions & Form = {},
): Promise<{ standIn: BpmonlineStandIn; api: CreatioApi }> {
  const standIn = await startBpmonlineStandIn(options);
  onTestFinished(() => standIn.stop());
  return { standIn, api: connectTo(standIn, options) };
}

export const input = (values: Values, repeatKey: string = randomUUID()) => ({ values, settings: {}, repeatKey });

export const where = (field: string, ...values: Value[]) => ({ where: [{ field, values }], limit: 10 });

export async function failureOf(work: Promise<unknown>): Promise<ConnectorError> {
  const error = await work.then(
    () => expect.fail('nothing failed'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ConnectorError)) throw error;
  return error;
}

/** All pages that wait from a place; each cursor goes through JSON, as it does in the database. */
export async function pass(
  api: CreatioApi,
  entity: string,
  from: { cursor: Cursor | null; since?: Date },
): Promise<{ records: Rec[]; cursor: Cursor; pages: number }> {
  const records: Rec[] = [];
  let place = from;
  for (let pages = 1; pages < 500; pages++) {
    const page = await changes(api, entity, place);
    records.push(...page.items);
    place = { cursor: JSON.parse(JSON.stringify(page.next)) as Cursor };
    if (!page.more) return { records, cursor: place.cursor, pages };
  }
  return expect.fail('the pages do not end');
}

/** Requests of the stand so far, as `GET /0/odata/Contact`. */
export const asked = (standIn: CreatioStandIn | BpmonlineStandIn): string[] =>
  standIn.requests.map(({ method, path }) => `${method} ${path}`);
