import type { StandInRequest, StandInResponse } from '../../../kit/testing/stand-in.ts';
import type { HubexSettings } from '../stand-in.ts';
import { addMessage, addTask, nextLinks, stageIDs, type Task, type TaskData, type Tenant } from './tenant.ts';
import { bodyOf, error, json } from './wire.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const ids: (keyof TaskData)[] = [
  'taskTypeID',
  'requestMethodID',
  'criticalityID',
  'workTypeID',
  'companyID',
  'assetID',
  'locationID',
];
const texts: (keyof TaskData)[] = [
  'number',
  'erpID',
  'notes',
  'notesHtml',
  'contactPerson',
  'contactPhone',
  'contactEmail',
];
const numbers: (keyof TaskData)[] = ['estimatedCost', 'actualCost'];
const times: (keyof TaskData)[] = ['deadline', 'requestedStartDateTime', 'requestedFinishDateTime'];

function exists(tenant: Tenant, field: keyof TaskData, id: number): boolean {
  const lists: Partial<Record<keyof TaskData, { id: number }[] | Map<number, unknown>>> = {
    taskTypeID: tenant.taskTypes,
    requestMethodID: tenant.requestMethods,
    criticalityID: tenant.criticalities,
    workTypeID: tenant.workTypes,
    companyID: tenant.companies,
    assetID: tenant.assets,
    locationID: tenant.locations,
  };
  const list = lists[field];
  return list instanceof Map ? list.has(id) : (list ?? []).some((row) => row.id === id);
}

/** Reads the fields of a body by any case of their names; null means "clear". */
function readData(tenant: Tenant, body: Record<string, unknown>): Map<keyof TaskData, unknown> | StandInResponse {
  const read = new Map<keyof TaskData, unknown>();
  for (const field of [...ids, ...texts, ...numbers, ...times]) {
    const value = body[field.toLowerCase()];
    if (value === undefined) continue;
    if (value === null) {
      read.set(field, undefined);
      continue;
    }
    const isNumber = ids.includes(field) || numbers.includes(field);
    const parsed = isNumber ? Number(value) : times.includes(field) ? new Date(String(value)) : value;
    const wrong =
      (isNumber && Number.isNaN(parsed)) ||
      (times.includes(field) && Number.isNaN((parsed as Date).getTime())) ||
      (texts.includes(field) && typeof value !== 'string');
    if (wrong) return error(400, `InvalidDataFormat`, `Некорректный формат поля ${field}`, { field });
    if (ids.includes(field) && !exists(tenant, field, parsed as number)) {
      return error(409, 'InvalidData', `Не найдено значение поля ${field}`, { field });
    }
    read.set(field, parsed);
  }
  return read;
}

const isRefusal = (value: Map<keyof TaskData, unknown> | StandInResponse): value is StandInResponse =>
  !(value instanceof Map);

/** `POST /WORK/Tasks` */
export function createTask(tenant: Tenant, request: StandInRequest, settings: HubexSettings): StandInResponse {
  const stamp = request.headers['x-concurrency-stamp'];
  if (stamp !== undefined && !uuid.test(stamp))
    return error(400, 'InvalidDataFormat', 'X-Concurrency-Stamp: ожидается Guid');
  if (stamp !== undefined && tenant.stamps.has(stamp.toLowerCase())) {
    return error(409, settings.repeatedStampCode, 'Запрос уже выполнен', { concurrencyStamp: stamp });
  }
  const body = bodyOf(request);
  if (body === undefined || body === null || typeof body !== 'object' || Array.isArray(body)) {
    return error(400, 'EmptyJson', 'Тело запроса отсутствует');
  }
  const data = readData(tenant, body as Record<string, unknown>);
  if (isRefusal(data)) return data;
  const missing = settings.requiredTaskFields.find((field) => data.get(field) === undefined || data.get(field) === '');
  if (missing) return error(409, 'ParameterNull', `Не заполнено обязательное поле ${missing}`, { parameter: missing });
  if (/<script/i.test(String(data.get('notesHtml') ?? '')))
    return error(422, 'UnsafeHtml', 'Недопустимая разметка', { field: 'notesHtml' });
  const task = addTask(tenant, Object.fromEntries(data) as TaskData);
  if (stamp !== undefined) tenant.stamps.add(stamp.toLowerCase());
  return json(
    201,
    { id: task.id, number: task.number, ...(stamp === undefined ? {} : { concurrencyStamp: stamp }) },
    { 'x-last-lsn': `0x${task.id.toString(16).padStart(20, '0')}` },
  );
}

/** `PATCH /WORK/Tasks/{id}`: the wiki shows an object, the swagger an array of `{field, value}`. */
export function patchTask(
  tenant: Tenant,
  task: Task,
  request: StandInRequest,
  settings: HubexSettings,
): StandInResponse {
  const body = bodyOf(request);
  const style = Array.isArray(body) ? 'array' : 'object';
  if (body === undefined || body === null) return error(400, 'EmptyJson', 'Тело запроса отсутствует');
  if (settings.patchStyle !== 'both' && settings.patchStyle !== style)
    return error(400, 'InvalidDataFormat', 'Некорректный формат данных');
  if (task.stageID === stageIDs.closed || task.stageID === stageIDs.cancelled)
    return error(409, 'TaskClosed', 'Заявка закрыта');
  const fields =
    style === 'array'
      ? Object.fromEntries(
          (body as { field?: string; value?: unknown }[]).map(({ field, value }) => [
            String(field).toLowerCase(),
            value,
          ]),
        )
      : (body as Record<string, unknown>);
  const data = readData(tenant, fields);
  if (isRefusal(data)) return data;
  for (const [field, value] of data) {
    if (value === undefined) delete task.data[field];
    else Object.assign(task.data, { [field]: value });
  }
  task.lastModified = tenant.clock.now();
  return { status: 202 };
}

/** `POST /WORK/TaskStagingHistory`, checked; the caller moves the task, since webhooks hang on it. */
export function readMove(
  tenant: Tenant,
  request: StandInRequest,
): { task: Task; stageID: number; notes?: string } | StandInResponse {
  const body = bodyOf(request) as { taskid?: number; taskstageid?: number; notes?: string } | undefined;
  const task = tenant.tasks.get(Number(body?.taskid));
  if (!task || task.deleted) return error(404, 'TaskNotFound', 'Заявка не найдена');
  const stage = tenant.stages.find(({ id }) => id === Number(body?.taskstageid));
  if (!stage) return error(409, 'InvalidData', 'Стадия не найдена');
  if (!nextLinks(tenant, task.stageID).some(({ to }) => to === stage.id)) {
    return json(201, {
      stageId: task.stageID,
      isFinalStage: false,
      errors: [{ code: 'StageNotAllowed', message: 'Переход невозможен' }],
    });
  }
  return { task, stageID: stage.id, ...(body?.notes === undefined ? {} : { notes: body.notes }) };
}

/** `POST /WORK/TaskAttributes`: "" clears. A value that does not fit fails its row, and the answer is 202 all the same. */
export function mergeAttributes(tenant: Tenant, request: StandInRequest): StandInResponse {
  const body = bodyOf(request);
  const rows = (Array.isArray(body) ? body : []) as {
    taskid: number;
    data: { attributeid: number; value: unknown }[];
  }[];
  const failed: { taskID: number; error: string }[] = [];
  for (const row of rows) {
    const task = tenant.tasks.get(Number(row.taskid));
    if (!task) return error(404, 'TaskNotFound', 'Заявка не найдена');
    const wrong = row.data.find(({ attributeid, value }) => !fits(tenant, attributeid, value));
    if (wrong) {
      failed.push({
        taskID: task.id,
        error: `InvalidDataFormat@${tenant.attributes.find(({ id }) => id === wrong.attributeid)?.name}`,
      });
      continue;
    }
    for (const { attributeid, value } of row.data) {
      if (!tenant.attributes.some(({ id }) => id === attributeid))
        return error(409, 'InvalidData', 'Дополнительное поле не найдено');
      if (value === '') task.attributes.delete(attributeid);
      else task.attributes.set(attributeid, String(value));
    }
    task.lastModified = tenant.clock.now();
  }
  return failed.length > 0 ? json(202, failed) : { status: 202 };
}

function fits(tenant: Tenant, id: number, value: unknown): boolean {
  const attribute = tenant.attributes.find((candidate) => candidate.id === id);
  if (!attribute || value === '') return true;
  const { code } = tenant.attributeTypes.find((type) => type.id === attribute.typeID) ?? {};
  if (code === 'Boolean') return /^(true|false)$/.test(String(value));
  if (code === 'Decimal') return !Number.isNaN(Number(value));
  return attribute.values === undefined || Object.hasOwn(attribute.values, String(value));
}

/** `POST /WORK/Tasks/{id}/conversation/` */
export function postMessage(tenant: Tenant, task: Task, request: StandInRequest): StandInResponse {
  const body = bodyOf(request) as { message?: string; isexternal?: boolean } | undefined;
  if (!body?.message) return error(409, 'ParameterNull', 'Пустое сообщение', { parameter: 'message' });
  const added = addMessage(tenant, task, {
    text: body.message,
    isExternal: body.isexternal === true,
    author: 'Пользователь API',
  });
  return json(201, [{ id: added.id, taskID: task.id }]);
}
