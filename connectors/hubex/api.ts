import type { ConnectionContext } from '../../kit/connector.ts';
import { ConnectorError } from '../../kit/errors.ts';
import type { HttpRequest } from '../../kit/http.ts';
import { type PatchStyle, readSettings, type Settings } from './auth.ts';
import { createCaller, type ListPage, type Window } from './caller.ts';
import { isDataRefusal } from './refusals.ts';
import {
  companySchema,
  contactSchema,
  createdTask,
  locationSchema,
  nextStage,
  type Row,
  read,
  readCard,
  rowsOf,
  type StageEntry,
  stageEntry,
  type TaskRow,
  taskMessage,
  taskSchema,
} from './wire.ts';

export const defaultApiUrl = 'https://api.hubex.ru/fsm';

const paths = {
  token: 'AUTHZ/AccessTokens',
  tasks: 'WORK/Tasks',
  task: (id: string) => `WORK/Tasks/${encodeURIComponent(id)}`,
  taskAttributes: 'WORK/TaskAttributes',
  stagingHistory: 'WORK/TaskStagingHistory',
  contacts: 'COMMON/Contacts',
  companies: 'ES/Companies',
  locations: 'ES/Locations',
  assets: 'ES/Assets',
  attributes: 'COMMON/Attributes',
} as const;

/** Directories that fill drop-downs. */
const dictionaries = {
  taskType: 'WORK/TaskTypes',
  workType: 'WORK/WorkTypes',
  status: 'WORK/TaskStatuses',
  requestMethod: 'WORK/RequestMethods',
  criticality: 'SLA/Criticalities',
  stage: 'TSTG/TaskStages',
  registrationType: 'ES/CompanyRegistrationTypes',
} as const;
export type Dictionary = keyof typeof dictionaries;

/** `orderBy` of tasks: ids from `GET /WORK/TaskOrderBy`. */
export const taskOrder = { created: 1, lastModified: 8 } as const;

export interface CreatedTask {
  id: string;
  number: string | undefined;
}

export type HubexApi = ReturnType<typeof createApi>;

/** Everything we ask HubEx for; the only file that knows its addresses. */
export function createApi(connection: ConnectionContext) {
  const settings: Settings = readSettings(connection.fields);
  const caller = createCaller(connection, paths.token);
  const { ask } = caller;
  const found = (path: string) => ask({ method: 'GET', path, mayBeMissing: true });
  const rows = async (path: string): Promise<Row[]> => rowsOf(await found(path));

  return {
    connection,
    settings,
    now: caller.now,
    nowAtMost: caller.nowAtMost,
    token: caller.token,

    countTasks: () => caller.count(paths.tasks, { isDeleted: false }),
    listTasks: (query: HttpRequest['query'], window: Window): Promise<ListPage> =>
      caller.list(paths.tasks, { ...query, isDeleted: false }, window),
    async getTask(id: string): Promise<TaskRow | null> {
      const body = await found(paths.task(id));
      return body === null ? null : readCard(taskSchema, body, 'task');
    },
    async createTask(body: Record<string, unknown>, stamp: string): Promise<CreatedTask> {
      const headers = { 'X-Concurrency-Stamp': stamp };
      const answer = await ask({ method: 'POST', path: paths.tasks, json: body, headers });
      return read(createdTask, answer, 'created task');
    },
    patchTask: (id: string, fields: Record<string, unknown>) => patchTask({ connection, settings, caller }, id, fields),
    setTaskAttributes: (id: string, data: { attributeID: number; value: unknown }[]) =>
      ask({ method: 'POST', path: paths.taskAttributes, json: [{ taskID: Number(id), data }] }),
    async taskStages(id: string): Promise<StageEntry[]> {
      const entries = await rows(`${paths.task(id)}/stages`);
      return entries.flatMap(({ row }) => stageEntry.safeParse(row).data ?? []);
    },
    async nextStages(id: string): Promise<{ id: string; name: string }[]> {
      const next = await rows(`${paths.task(id)}/stages/next`);
      return next.map(({ id: stage, row }) => ({ id: stage, name: nextStage.safeParse(row).data?.name ?? stage }));
    },
    async moveTask(move: { taskID: number; taskStageID: number; notes?: string }): Promise<void> {
      await ask({ method: 'POST', path: paths.stagingHistory, json: move });
    },
    async taskMessages(id: string) {
      const messages = await rows(`${paths.task(id)}/conversations/`);
      return messages.flatMap(({ row }) => taskMessage.safeParse(row).data ?? []);
    },
    sendMessage: (id: string, message: { isExternal: boolean; message: string }) =>
      ask({ method: 'POST', path: `${paths.task(id)}/conversation/`, json: { ...message, attachments: [] } }),

    dictionary: (name: Dictionary): Promise<Row[]> => caller.listAll(dictionaries[name]),
    taskAttributeCatalogue: (): Promise<Row[]> =>
      caller.listAll(paths.attributes, { isRelevantForTask: true, isDeleted: false }),
    assets: (limit: number): Promise<Row[]> => caller.listAll(paths.assets, {}, limit),

    listContacts: (query: HttpRequest['query'], window: Window) =>
      caller.list(paths.contacts, { ...query, isDeleted: false }, window),
    async getContact(id: string) {
      const body = await found(`${paths.contacts}/${encodeURIComponent(id)}`);
      return body === null ? null : readCard(contactSchema, body, 'contact');
    },
    createContact: async (contact: Record<string, unknown>) =>
      firstID(await ask({ method: 'POST', path: paths.contacts, json: [contact] })),
    putContact: (contact: Record<string, unknown>) => ask({ method: 'PUT', path: paths.contacts, json: [contact] }),

    listCompanies: (query: HttpRequest['query'], window: Window) => caller.list(paths.companies, query, window),
    async getCompany(id: string) {
      const body = await found(`${paths.companies}/${encodeURIComponent(id)}`);
      return body === null ? null : readCard(companySchema, body, 'company');
    },
    createCompany: async (company: Record<string, unknown>) =>
      firstID(await ask({ method: 'POST', path: paths.companies, json: [company] })),
    putCompany: (company: Record<string, unknown>) => ask({ method: 'PUT', path: paths.companies, json: [company] }),

    async getLocation(id: string) {
      const body = await found(`${paths.locations}/${encodeURIComponent(id)}`);
      // The swagger answers a map keyed by id even for one.
      const keyed = rowsOf(body).find((row) => row.id === id)?.row;
      return body === null ? null : readCard(locationSchema, keyed ?? body, 'location');
    },
    createLocation: async (location: Record<string, unknown>) =>
      firstID(await ask({ method: 'POST', path: paths.locations, json: [location] })),
  };
}

/** Answers of array creates: `[21]`, or `[{"id":21}]`, or `{"id":21}`. */
function firstID(body: unknown): string {
  const [first] = Array.isArray(body) ? body : [body];
  const id = first !== null && typeof first === 'object' ? (first as { id?: unknown }).id : first;
  return read(createdTask, { id }, 'created ids').id;
}

interface Patching {
  connection: ConnectionContext;
  settings: Settings;
  caller: { ask: ReturnType<typeof createCaller>['ask'] };
}

/** The wiki shows an object, the swagger an array; whichever was taken last is tried first, the other once after a refusal. */
async function patchTask(
  { connection, settings, caller }: Patching,
  id: string,
  fields: Record<string, unknown>,
): Promise<void> {
  const memoryKey = 'patchStyle';
  const remembered = await connection.memory.get(memoryKey);
  const style: PatchStyle = remembered === 'object' || remembered === 'array' ? remembered : settings.patchStyle;
  const other: PatchStyle = style === 'object' ? 'array' : 'object';
  const send = (as: PatchStyle) => caller.ask({ method: 'PATCH', path: paths.task(id), json: patchBody(as, fields) });
  try {
    await send(style);
  } catch (error) {
    if (!(error instanceof ConnectorError) || !mayBeStyle(error)) throw error;
    try {
      await send(other);
    } catch {
      throw error;
    }
    await connection.memory.set(memoryKey, other);
  }
}

const patchBody = (style: PatchStyle, fields: Record<string, unknown>): unknown =>
  style === 'object' ? fields : Object.entries(fields).map(([field, value]) => ({ field, value }));

/** Refused as data (400, 409), and not for a reason that has nothing to do with the form of the body. */
const mayBeStyle = (error: ConnectorError): boolean =>
  error.kind === 'rejected' && !(isDataRefusal(error) && /TaskClosed/.test(error.code));
