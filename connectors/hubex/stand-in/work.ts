import type { StandInRequest, StandInResponse } from '../../../kit/testing/stand-in.ts';
import type { HubexSettings } from '../stand-in.ts';
import { queryTasks } from './task-list.ts';
import { createTask, mergeAttributes, patchTask, postMessage, readMove } from './task-write.ts';
import { nextLinks, type Task, type Tenant } from './tenant.ts';
import { addWebhook } from './webhooks.ts';
import { bodyOf, error, json, listAnswer, present, taskAttributes, taskCard, taskRow, wireTime } from './wire.ts';

interface Work {
  tenant: Tenant;
  settings: HubexSettings;
  request: StandInRequest;
  path: string;
  move(task: Task, stageID: number, notes?: string): Promise<void>;
}

/** The services WORK and MSG. */
export async function answerWork({
  tenant,
  settings,
  request,
  path,
  move,
}: Work): Promise<StandInResponse | undefined> {
  const { method } = request;
  if (path === 'work/tasks') {
    if (method === 'POST') return createTask(tenant, request, settings);
    const found = queryTasks(tenant, request);
    if (!Array.isArray(found)) return found;
    return listAnswer(
      request,
      found.map((task) => ({ id: task.id, row: taskRow(tenant, task, settings.timeZone) })),
      'map',
    );
  }
  if (path === 'work/taskattributes' && method === 'POST') return mergeAttributes(tenant, request);
  if (path === 'work/taskstaginghistory' && method === 'POST') {
    const asked = readMove(tenant, request);
    if ('status' in asked) return asked;
    await move(asked.task, asked.stageID, asked.notes);
    return json(201, {
      stageId: asked.stageID,
      isFinalStage: nextLinks(tenant, asked.stageID).length === 0,
      errors: [],
    });
  }
  if (path === 'msg/webhooks') {
    if (method === 'GET')
      return listAnswer(
        request,
        [...tenant.webhooks.values()].map(({ id, ...row }) => ({ id, row })),
        'map',
      );
    const rows = bodyOf(request) as { uri: string; name?: string; events?: number[]; taskstages?: number[] }[];
    return json(
      201,
      rows.map(({ taskstages, ...row }) =>
        addWebhook(tenant, { ...row, ...(taskstages ? { taskStages: taskstages } : {}) }),
      ),
    );
  }
  const parts = /^work\/tasks\/(\d+)(?:\/(.+))?$/.exec(path);
  if (!parts) return undefined;
  const task = tenant.tasks.get(Number(parts[1]));
  if (!task) return error(404, 'TaskNotFound', 'Заявка не найдена');
  return answerTask({ tenant, settings, request, path: parts[2] ?? '' }, task);
}

function answerTask({ tenant, settings, request, path }: Omit<Work, 'move'>, task: Task): StandInResponse | undefined {
  const { method } = request;
  const zone = settings.timeZone;
  switch (path) {
    case '':
      if (method === 'PATCH') return patchTask(tenant, task, request, settings);
      if (method === 'DELETE') {
        task.deleted = tenant.clock.now();
        return json(202, []);
      }
      return json(200, taskCard(tenant, task, zone));
    case 'stages':
      if (settings.hidesHistory) return { status: 204 };
      return listAnswer(request, historyRows(tenant, task, zone), 'array');
    case 'stages/next':
      return listAnswer(
        request,
        nextLinks(tenant, task.stageID).map((link) => {
          const stage = tenant.stages.find(({ id }) => id === link.to);
          return {
            id: link.to,
            row: { name: stage?.name, linkName: link.name, isFinishStage: nextLinks(tenant, link.to).length === 0 },
          };
        }),
        'map',
      );
    case 'attributes':
      return json(200, taskAttributes(tenant, task));
    case 'conversation':
      return postMessage(tenant, task, request);
    case 'conversations':
      return json(
        200,
        task.messages.map(({ created, author, ...message }) => ({
          ...message,
          created: wireTime(created, zone),
          author: { lastName: author },
        })),
      );
    default:
      return undefined;
  }
}

/** Newest first: `sortOrder` 0 is the stage the task is in. */
function historyRows(tenant: Tenant, task: Task, zone: string): { id: number; row: unknown }[] {
  return task.history.toReversed().map((entry, index) => {
    const stage = tenant.stages.find(({ id }) => id === entry.stageID);
    const row = {
      completed: wireTime(entry.at, zone),
      notes: entry.notes,
      sortOrder: index,
      taskStage: stage && { id: stage.id, name: stage.name },
    };
    return { id: index, row: { ...present(row), sortOrder: index } };
  });
}
