import { randomUUID } from 'node:crypto';
import {
  type Faults,
  type StandInRequest,
  type StandInResponse,
  type StandInServer,
  serveStandIn,
} from '../../kit/testing/stand-in.ts';
import { answerDirectory } from './stand-in/directories.ts';
import { seedTenant } from './stand-in/seed.ts';
import {
  addMessage,
  addTask,
  enterStage,
  stageIDs,
  type Task,
  type TaskData,
  type Tenant,
  wayTo,
} from './stand-in/tenant.ts';
import { type HubexTaskView, viewOf } from './stand-in/view.ts';
import { addWebhook, callWebhook } from './stand-in/webhooks.ts';
import { bodyOf, error, json } from './stand-in/wire.ts';
import { answerWork } from './stand-in/work.ts';

export type { HubexTaskView } from './stand-in/view.ts';

/** Switches for what the sources disagree on or leave open. */
export interface HubexSettings {
  /** `X-Application-ID` values that pass; others and none are answered 403. Null: everything passes. */
  applicationIds: string[] | null;
  patchStyle: 'object' | 'array' | 'both';
  /** Whether a stage move counts as a change of the task. */
  lastModifiedMovesOnStage: boolean;
  requiredTaskFields: (keyof TaskData)[];
  /** Zone of the zoneless times in answers. */
  timeZone: string;
  /** `GET stages` answers 204, as if the account saw no history. */
  hidesHistory: boolean;
  /** The code of the 409 to a stamp that was used before. */
  repeatedStampCode: string;
  /** Refusals say which field is meant; `arguments` may be missing. */
  namesFields: boolean;
  /** Answers that stand in for the usual ones, by method and path: `GET ES/Assets`. */
  answers: Record<string, StandInResponse>;
  /** How a list or a card with nothing in it is answered: 204, or 200 with one of the two. */
  emptyAnswer: '204' | '{}' | '[]';
  /** The body of a webhook call; the real one is not known. */
  webhookBody: 'taskID' | 'nested' | 'form' | 'query' | 'none';
}

export interface HubexStandIn extends StandInServer {
  /** The API's base, to put into the connection's endpoint. */
  apiUrl: string;
  /** The key of the API user. */
  serviceToken: string;
  settings: HubexSettings;
  /** The whole state, for assertions. */
  tenant: Tenant;
  /** Webhook calls made so far, with the answered status (0: nobody answered). */
  webhookCalls: { uri: string; body: string; status: number }[];
  listTasks(): HubexTaskView[];
  createTask(data: TaskData): HubexTaskView;
  editTask(id: number, data: Partial<TaskData>): HubexTaskView;
  /** Walks the life cycle to a stage by name or id, like an engineer who presses the buttons one after another. */
  workTask(id: number, stage: string | number, options?: { notes?: string }): Promise<HubexTaskView>;
  /** To «Выполнена», with what the engineer wrote and what it cost. */
  completeTask(id: number, options?: { comment?: string; actualCost?: number }): Promise<HubexTaskView>;
  deleteTask(id: number): void;
  sendMessage(id: number, text: string, isExternal?: boolean): void;
  registerWebhook(uri: string, taskStages?: number[]): number;
  /** Makes every token given so far invalid. */
  revokeTokens(): void;
}

const tokenLife = 30 * 60_000;
/** Tokens are still taken for five minutes after their end (clock skew of .NET). */
const tokenGrace = 5 * 60_000;

/** What the sources leave open in the form of an answer. */
function said(answer: StandInResponse, settings: HubexSettings): StandInResponse {
  if (answer.status === 204 && settings.emptyAnswer !== '204') return json(200, JSON.parse(settings.emptyAnswer));
  if (settings.namesFields || answer.status < 400 || typeof answer.body !== 'object') return answer;
  return { ...answer, body: { ...answer.body, arguments: undefined } };
}

/** A small stateful HubEx that behaves as the vendor page says, oddities included. */
export async function startHubexStandIn(
  options: { port?: number; seed?: boolean; serviceToken?: string } = {},
): Promise<HubexStandIn> {
  const tenant = seedTenant({ tasks: options.seed ?? true });
  const settings: HubexSettings = {
    applicationIds: ['3'],
    patchStyle: 'object',
    lastModifiedMovesOnStage: true,
    requiredTaskFields: ['taskTypeID', 'requestMethodID'],
    timeZone: 'UTC',
    hidesHistory: false,
    repeatedStampCode: 'AlreadyDone',
    namesFields: true,
    answers: {},
    emptyAnswer: '204',
    webhookBody: 'taskID',
  };
  const serviceToken = options.serviceToken ?? `svc-${randomUUID()}`;
  const tokens = new Map<string, number>();
  const webhookCalls: HubexStandIn['webhookCalls'] = [];

  const issueToken = (): StandInResponse => {
    const now = tenant.clock.now().getTime();
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = {
      tenantID: 342,
      tenantMemberID: 7,
      iat: Math.floor(now / 1000),
      exp: Math.floor((now + tokenLife) / 1000),
      jti: randomUUID(),
    };
    const token = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}.${randomUUID()}`;
    tokens.set(token, now + tokenLife);
    return json(201, { access_token: token, expires_in: tokenLife / 1000 });
  };

  const refusal = (request: StandInRequest, faults: Faults): StandInResponse | null => {
    if (faults.limited) return { status: 429 };
    if (settings.applicationIds && !settings.applicationIds.includes(request.headers['x-application-id'] ?? ''))
      return { status: 403 };
    if (faults.tokenRefused) return { status: 401 };
    return null;
  };

  const callWebhooks = async (task: Task): Promise<void> => {
    for (const webhook of tenant.webhooks.values()) {
      if (!webhook.isActive) continue;
      if (webhook.taskStages.length > 0 && !webhook.taskStages.includes(task.stageID)) continue;
      webhookCalls.push(await callWebhook(webhook.uri, task, settings.webhookBody));
    }
  };

  const move = async (task: Task, stageID: number, notes?: string): Promise<void> => {
    enterStage(tenant, task, {
      stageID,
      moveLastModified: settings.lastModifiedMovesOnStage,
      ...(notes === undefined ? {} : { notes }),
    });
    await callWebhooks(task);
  };

  const answer = async (request: StandInRequest, faults: Faults): Promise<StandInResponse> => {
    const path = request.path
      .toLowerCase()
      .replace(/^\/fsm\//, '')
      .replace(/\/$/, '');
    if (path === request.path.toLowerCase()) return { status: 404, body: '<html>Not Found</html>' };
    const refused = refusal(request, faults);
    if (refused) return refused;
    if (path === 'authz/accesstokens') {
      const body = bodyOf(request) as { servicetoken?: string } | undefined;
      return body?.servicetoken === serviceToken ? issueToken() : error(401, 'Unauthorized', 'Токен недействителен');
    }
    const until = tokens.get((request.headers.authorization ?? '').replace(/^Bearer /, ''));
    if (until === undefined || until + tokenGrace < tenant.clock.now().getTime()) return { status: 401 };
    const instead = Object.entries(settings.answers).find(
      ([name]) => name.toLowerCase() === `${request.method} ${path}`.toLowerCase(),
    );
    if (instead) return instead[1];
    return (
      (await answerWork({ tenant, settings, request, path, move })) ??
      answerDirectory(tenant, request, path) ??
      error(404, 'NotFound', 'Ресурс не найден')
    );
  };
  const server = await serveStandIn(async (request, faults) => {
    const found = await answer(request, faults);
    const answered = said(found, settings);
    return { ...answered, headers: { ...answered.headers, date: tenant.clock.now().toUTCString() } };
  }, options);

  const taskOf = (id: number): Task => {
    const task = tenant.tasks.get(id);
    if (!task) throw new Error(`No task ${id}`);
    return task;
  };
  const walk = async (id: number, stage: string | number, notes?: string): Promise<HubexTaskView> => {
    const task = taskOf(id);
    const target = tenant.stages.find((candidate) => candidate.id === stage || candidate.name === stage);
    const way = target && wayTo(tenant, task.stageID, target.id);
    if (!way) throw new Error(`No way from stage ${task.stageID} to ${stage}`);
    for (const [index, step] of way.entries()) await move(task, step, index === way.length - 1 ? notes : undefined);
    return viewOf(tenant, task);
  };

  return Object.assign(server, {
    apiUrl: `${server.url}/fsm`,
    serviceToken,
    settings,
    tenant,
    webhookCalls,
    listTasks: () =>
      [...tenant.tasks.values()]
        .filter((task) => !task.deleted)
        .reverse()
        .map((task) => viewOf(tenant, task)),
    createTask: (data: TaskData) =>
      viewOf(tenant, addTask(tenant, { taskTypeID: 1, requestMethodID: 1, workTypeID: 2, ...data })),
    editTask: (id: number, data: Partial<TaskData>) => {
      const task = taskOf(id);
      Object.assign(task.data, data);
      task.lastModified = tenant.clock.now();
      return viewOf(tenant, task);
    },
    workTask: (id: number, stage: string | number, how: { notes?: string } = {}) => walk(id, stage, how.notes),
    completeTask: (id: number, how: { comment?: string; actualCost?: number } = {}) => {
      if (how.actualCost !== undefined) taskOf(id).data.actualCost = how.actualCost;
      return walk(id, stageIDs.completed, how.comment);
    },
    deleteTask: (id: number) => {
      taskOf(id).deleted = tenant.clock.now();
    },
    sendMessage: (id: number, text: string, isExternal = false) => {
      addMessage(tenant, taskOf(id), { text, isExternal, author: 'Крылов' });
    },
    registerWebhook: (uri: string, taskStages: number[] = []) => addWebhook(tenant, { uri, taskStages }),
    revokeTokens: () => tokens.clear(),
  });
}
