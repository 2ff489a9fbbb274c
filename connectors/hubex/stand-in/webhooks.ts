import { request as call } from 'undici';
import type { HubexSettings } from '../stand-in.ts';
import type { Task, Tenant } from './tenant.ts';

export function addWebhook(
  tenant: Tenant,
  webhook: { uri: string; name?: string; events?: number[]; taskStages?: number[] },
): number {
  const id = tenant.nextID();
  const { uri, name = 'Webhook', events = [], taskStages = [] } = webhook;
  tenant.webhooks.set(id, { id, name, uri, isActive: true, events, taskStages });
  return id;
}

/** Calls one address after a stage move; status 0 means that nobody answered. */
export async function callWebhook(
  uri: string,
  task: Task,
  shape: HubexSettings['webhookBody'],
): Promise<{ uri: string; body: string; status: number }> {
  const bodies = {
    taskID: JSON.stringify({ taskID: task.id, taskStageID: task.stageID }),
    nested: JSON.stringify({ event: 'TaskStageChanged', data: { taskID: task.id } }),
    form: `taskID=${task.id}&taskStageID=${task.stageID}`,
    query: '',
    none: JSON.stringify({ event: 'TaskStageChanged' }),
  };
  const body = bodies[shape];
  const address = shape === 'query' ? `${uri}${uri.includes('?') ? '&' : '?'}taskID=${task.id}` : uri;
  const type = shape === 'form' ? 'application/x-www-form-urlencoded' : 'application/json';
  try {
    const answer = await call(address, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
      headersTimeout: 5000,
    });
    await answer.body.dump();
    return { uri: address, body, status: answer.statusCode };
  } catch {
    return { uri: address, body, status: 0 };
  }
}
