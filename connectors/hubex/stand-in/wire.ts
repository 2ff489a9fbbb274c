import { randomUUID } from 'node:crypto';
import { DateTime } from 'luxon';
import type { StandInRequest, StandInResponse } from '../../../kit/testing/stand-in.ts';
import type { Task, Tenant } from './tenant.ts';

/** How HubEx writes things: times without a zone, empty fields left out, lists as maps keyed by id, errors as `ErrorModel`. */

export const error = (
  status: number,
  code: string,
  message: string,
  args?: Record<string, string>,
): StandInResponse => ({
  status,
  body: { code, message, ...(args ? { arguments: args } : {}), traceIdentifier: randomUUID() },
});

export const json = (status: number, body: unknown, headers: Record<string, string> = {}): StandInResponse => ({
  status,
  body,
  headers,
});

/** Empty fields are absent. */
export const present = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== null && value !== ''),
  );

export const wireTime = (date: Date | undefined, zone: string): string | undefined =>
  date && DateTime.fromJSDate(date, { zone }).toFormat("yyyy-MM-dd'T'HH:mm:ss");

/** Parsed body with lower-case keys, since the real binding does not care for case; `undefined` when it is not JSON. */
export function bodyOf(request: StandInRequest): unknown {
  try {
    return lowerKeys(JSON.parse(request.rawBody.toString('utf8')));
  } catch {
    return undefined;
  }
}

function lowerKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowerKeys);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key.toLowerCase(), lowerKeys(inner)]));
}

interface Window {
  from: number;
  till: number;
}

function windowOf(request: StandInRequest): Window | null {
  const range = /^items=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
  if (range) return { from: Math.max(1, Number(range[1])), till: Number(range[2]) };
  const offset = request.query.get('offset');
  const fetch = request.query.get('fetch');
  if (offset === null && fetch === null) return null;
  return { from: Number(offset ?? 0) + 1, till: Number(offset ?? 0) + Number(fetch ?? 10_000) };
}

/** A page of rows. As a map the text is written by hand, since the server keeps its order there and `JSON.stringify` would sort the keys. */
export function listAnswer(
  request: StandInRequest,
  rows: { id: number; row: unknown }[],
  form: 'map' | 'array',
): StandInResponse {
  const total = rows.length;
  if (request.method === 'HEAD') return { status: 200, headers: { 'content-range': `items=0-0/${total}` } };
  const window = windowOf(request);
  const page = window ? rows.slice(window.from - 1, window.till) : rows.slice(0, 10_000);
  if (page.length === 0) return { status: 204 };
  const body =
    form === 'map'
      ? `{${page.map(({ id, row }) => `"${id}":${JSON.stringify(row)}`).join(',')}}`
      : JSON.stringify(page.map(({ row }) => row));
  const type = { 'content-type': 'application/json; charset=utf-8' };
  if (!window) return { status: 200, headers: type, body };
  const range = `items=${window.from}-${window.from + page.length - 1}/${total}`;
  return { status: 206, headers: { ...type, 'content-range': range }, body };
}

const named = (rows: { id: number; name: string }[], id: number | undefined) => {
  const row = rows.find((candidate) => candidate.id === id);
  return row && { id: row.id, name: row.name };
};
const fromMap = (rows: Map<number, { id: number; name: string }>, id: number | undefined) => {
  const row = id === undefined ? undefined : rows.get(id);
  return row && { id: row.id, name: row.name };
};

/** `Tasks.ListResult`: has no id, the map's key is it. */
export function taskRow(tenant: Tenant, task: Task, zone: string): Record<string, unknown> {
  const time = (date: Date | undefined) => wireTime(date, zone);
  const { data } = task;
  const stage = tenant.stages.find(({ id }) => id === task.stageID);
  const criticality = tenant.criticalities.find(({ id }) => id === data.criticalityID);
  return present({
    number: task.number,
    lastModified: time(task.lastModified),
    erpID: data.erpID,
    notes: data.notes,
    taskType: named(tenant.taskTypes, data.taskTypeID),
    workType: named(tenant.workTypes, data.workTypeID),
    taskStage: stage && { id: stage.id, name: stage.name, color: stage.color },
    taskStatus: tenant.statuses.find(({ id }) => id === stage?.statusID),
    actualCriticality: criticality && { id: criticality.id, name: criticality.name, color: criticality.color },
    company: fromMap(tenant.companies, data.companyID),
    asset: fromMap(tenant.assets, data.assetID),
    location: data.locationID === undefined ? undefined : tenant.locations.get(data.locationID),
    assignedTo: tenant.users.find(({ id }) => id === task.assignedTo),
    contactPerson: data.contactPerson,
    contactPhone: data.contactPhone,
    contactEmail: data.contactEmail,
    timesheet: present({
      created: time(task.created),
      requested: time(task.created),
      assigned: time(task.assigned),
      accepted: time(task.accepted),
      completed: time(task.completed),
      closed: time(task.closed),
      deadline: time(data.deadline),
      requestedStart: time(data.requestedStartDateTime),
      requestedFinish: time(data.requestedFinishDateTime),
      statusChanged: time(task.statusChanged),
    }),
    deleted: time(task.deleted),
    isAvailable: true,
    isFavourite: false,
    isRated: false,
    childCount: 0,
  });
}

/** `DetailedInfoResult`: the row and what only the card shows. */
export function taskCard(tenant: Tenant, task: Task, zone: string): Record<string, unknown> {
  return present({
    ...taskRow(tenant, task, zone),
    notesHtml: task.data.notesHtml,
    requestMethod: named(tenant.requestMethods, task.data.requestMethodID),
    estimatedCost: task.data.estimatedCost,
    actualCost: task.data.actualCost,
    attribute: task.attributes.size === 0 ? undefined : taskAttributes(tenant, task),
  });
}

/** Values of custom fields are text, whatever their type. */
export function taskAttributes(tenant: Tenant, task: Task): unknown[] {
  return [...task.attributes].map(([id, value]) => {
    const attribute = tenant.attributes.find((candidate) => candidate.id === id);
    return {
      attribute: { id, name: attribute?.name },
      attributeType: tenant.attributeTypes.find((type) => type.id === attribute?.typeID),
      value,
      ...(attribute?.values ? { listOfValues: attribute.values } : {}),
    };
  });
}
