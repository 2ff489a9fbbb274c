import { ConnectorError } from '../../../kit/errors.ts';
import type { Values } from '../../../kit/field.ts';
import type { CreateInput, Rec, UpdateInput, Written } from '../../../kit/record-type.ts';
import type { HubexApi } from '../api.ts';
import { isDataRefusal, statusOf } from '../errors.ts';
import { idOf } from './choices.ts';
import { locationFor } from './location.ts';
import { attributeBody } from './task-attributes.ts';
import { keyOfWireName, taskBody } from './task-form.ts';
import { loadTask, toRec } from './task-load.ts';

/** Our clock may run ahead of HubEx's by this much. */
const clockSkewMs = 2 * 60_000;

/**
 * Creates a task once, however often it is repeated: HubEx answers 409 to a second use of the stamp, and the task is
 * then found by its `erpID`: the mapped one, else a key of ours with connection and stamp in it.
 */
export async function createTask(api: HubexApi, { values, repeatKey }: CreateInput): Promise<Written> {
  const mapped = idOf(values.erpID);
  const erpID = mapped ?? `mostik:${api.connection.id}:${repeatKey}`;
  const firstTry = mapped === null ? null : await rememberFirstTry(api, repeatKey);
  const body = {
    requestMethodID: api.settings.requestMethodId,
    ...taskBody(values, 'create'),
    ...(await locationOf(api, values)),
    erpID,
  };
  const written = await inOurFields(async () => {
    try {
      const { id, number } = await api.createTask(body, repeatKey);
      return { id, label: number ?? id };
    } catch (error) {
      if (!(error instanceof ConnectorError) || !mayBeRepeat(error)) throw error;
      const found = await findOurs(api, { erpID, stamp: repeatKey, firstTry, notes: idOf(values.notes) });
      if (found === null) throw error;
      return { id: found.id, label: found.label ?? found.id };
    }
  });
  const attributes = attributeBody(values).filter(({ value }) => value !== '');
  if (attributes.length > 0) await inOurFields(() => api.setTaskAttributes(written.id, attributes));
  return written;
}

/** 409 that is not a plain "this value is wrong": the code of a repeated stamp is not documented. */
const mayBeRepeat = (error: ConnectorError): boolean =>
  error.kind === 'rejected' && statusOf(error) === 409 && !isDataRefusal(error);

/** When this create was first tried: an older task with the same mapped `erpID` is not ours. */
async function rememberFirstTry(api: HubexApi, repeatKey: string): Promise<Date> {
  const key = `create:${repeatKey}`;
  const known = await api.connection.memory.get(key);
  if (typeof known === 'string') return new Date(known);
  const now = new Date();
  await api.connection.memory.set(key, now.toISOString());
  return now;
}

interface Ours {
  erpID: string;
  stamp: string;
  firstTry: Date | null;
  notes: string | null;
}

/** The task that an earlier try of this create made; null when there is none. */
async function findOurs(api: HubexApi, ours: Ours): Promise<Rec | null> {
  const page = await api.listTasks({ erpID: ours.erpID }, { from: 1, till: 50 });
  const hits = page.rows.flatMap(({ id, row }) => {
    const record = toRec(id, row, api.settings.zone);
    const stamp = (row as { concurrencyStamp?: unknown }).concurrencyStamp;
    // An unknown parameter would be ignored by HubEx and give every task: compare again.
    return record && record.values.erpID === ours.erpID ? [{ record, stamp }] : [];
  });
  const stamped = hits.filter(
    ({ stamp }) => typeof stamp === 'string' && stamp.toLowerCase() === ours.stamp.toLowerCase(),
  );
  const candidates =
    stamped.length > 0
      ? stamped
      : hits.filter(({ stamp, record }) => (stamp === undefined || stamp === null) && isYoung(record, ours));
  const [first, ...others] = candidates;
  if (!first) return null;
  if (others.length === 0) return first.record;
  const alike = candidates.filter(({ record }) => (record.values.notes ?? null) === ours.notes);
  if (alike.length === 1 && alike[0]) return alike[0].record;
  throw severalOurs(ours.erpID, candidates.length);
}

/** Without a creation time only the words can tell. */
function isYoung(record: Rec, { firstTry, notes }: Ours): boolean {
  if (firstTry === null) return true;
  if (record.createdAt === undefined) return (record.values.notes ?? null) === notes;
  return Date.parse(record.createdAt) >= firstTry.getTime() - clockSkewMs;
}

const severalOurs = (erpID: string, count: number): ConnectorError =>
  new ConnectorError({
    kind: 'rejected',
    code: 'hubex.several_ours',
    outcome: 'unknown',
    text: {
      en: `HubEx already has ${count} tasks with the external ID ${erpID}, and we cannot tell which of them is ours.`,
      ru: `В HubEx уже есть заявки с внешним кодом ${erpID} (${count}), и нельзя понять, какая из них наша.`,
    },
  });

/** A mapped location wins over an address in words. */
async function locationOf(api: HubexApi, values: Values): Promise<{ locationID?: number }> {
  const address = idOf(values.address);
  if (address === null || address.trim() === '' || idOf(values.location) !== null) return {};
  return { locationID: Number(await locationFor(api, address)) };
}

export async function updateTask(api: HubexApi, { id, values }: UpdateInput): Promise<Written> {
  const body = { ...taskBody(values, 'update'), ...(await locationOf(api, values)) };
  const attributes = attributeBody(values);
  await inOurFields(async () => {
    if (Object.keys(body).length > 0) await api.patchTask(id, body);
    if (attributes.length > 0) await api.setTaskAttributes(id, attributes);
  });
  // The address comes back as a location: only the record itself says how.
  const record = idOf(values.address) === null ? null : await loadTask(api, id);
  return record ? { id, record } : { id };
}

/** HubEx names a refused field by its own name; people know ours. */
async function inOurFields<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.field === undefined) throw error;
    const field = keyOfWireName(error.field);
    if (field === undefined) throw error;
    const { kind, code, text, outcome, cause } = error;
    throw new ConnectorError({ kind, code, text, field, outcome, cause });
  }
}
