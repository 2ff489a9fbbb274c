import { describe, expect, test } from 'vitest';
import type { Json } from '../../kit/field.ts';
import { type StandInRequest, serveStandIn } from '../../kit/testing/stand-in.ts';
import { startHubexStandIn } from './stand-in.ts';
import { webhook } from './webhook.ts';

const read = (body: Json, options: { query?: Record<string, string>; path?: string } = {}) =>
  webhook.read(
    { method: 'POST', headers: {}, query: options.query ?? {}, rawBody: Buffer.alloc(0), body },
    { fields: options.path === undefined ? {} : { taskIdPath: options.path }, secrets: {}, identity: null },
  );
const changed = (recordId: string) => [
  { kind: 'record', recordType: 'task', recordId, event: 'changed' },
  { kind: 'pollNow' },
];

describe('a webhook call', () => {
  test.each<[Json, string]>([
    [{ taskID: 5136 }, '5136'],
    [{ taskId: '5136' }, '5136'],
    [{ task: { id: 5136, name: 'x' } }, '5136'],
    [{ data: { taskID: 5136 } }, '5136'],
    [[{ taskID: 5136 }], '5136'],
  ])('%j is about task %s', (body, id) => {
    expect(read(body)).toEqual(changed(id));
  });

  test('may carry the id in the address', () => {
    expect(read(null, { query: { taskID: '77' } })).toEqual(changed('77'));
  });

  test.each<[Json]>([[null], [{}], [{ event: 'x' }], [{ taskID: 'DROP TABLE' }], ['text'], [[]], [{ task: null }]])(
    '%j without an id means: ask now',
    (body) => {
      expect(read(body)).toEqual([{ kind: 'pollNow' }]);
    },
  );

  test('is read by the path a person gave', () => {
    expect(read({ payload: { items: [{ nr: 9 }] }, taskID: 1 }, { path: '$.payload.items[0].nr' })).toEqual(
      changed('9'),
    );
  });

  test('is taken from anybody who knows the address', () => {
    const request = { method: 'GET', headers: {}, query: {}, rawBody: Buffer.from('%%%'), body: null };
    expect(webhook.verify(request, { fields: {}, secrets: {}, identity: null })).toEqual({ ok: true });
  });
});

test('the stand-in calls the registered address at each move, in the shape that was set', async () => {
  const calls: StandInRequest[] = [];
  const hub = await serveStandIn((request) => {
    calls.push(request);
    return { status: 200 };
  });
  const standIn = await startHubexStandIn({ seed: false });
  try {
    standIn.registerWebhook(`${hub.url}/in/secret`);
    standIn.registerWebhook(`${hub.url}/in/finished`, [5]);
    const { id } = standIn.createTask({ notes: 'x' });
    await standIn.workTask(id, 'Назначена');
    expect(JSON.parse(calls[0]?.rawBody.toString() ?? '')).toEqual({ taskID: id, taskStageID: 2 });
    standIn.settings.webhookBody = 'none';
    await standIn.completeTask(id);
    expect(calls.map(({ path }) => path)).toEqual([...Array(4).fill('/in/secret'), '/in/finished']);
    expect(calls.at(-1)?.rawBody.toString()).not.toContain(String(id));
    expect(standIn.webhookCalls.every(({ status }) => status === 200)).toBe(true);
  } finally {
    await Promise.all([standIn.stop(), hub.stop()]);
  }
});
