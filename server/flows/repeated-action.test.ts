import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failNext, passTimeOfCalls } from './testing/faults.ts';
import { type Office, openOffice } from './testing/office.ts';

describe('an action whose answer got lost', () => {
  let office: Office;

  beforeAll(async () => {
    office = await openOffice();
  });
  afterAll(() => office.stop());

  it('looks over there before it is done again', async () => {
    const flow = await office.startFlow('Message', {
      trigger: { connection: office.connections.hubex, trigger: 'task.created', mode: 'poll' },
      steps: [
        {
          id: 'a1',
          connection: office.connections.hubex,
          action: 'task.sendMessage',
          settings: { audience: 'team' },
          mapping: { message: { kind: 'constant', value: 'Заявка принята' } },
          duplicates: { mode: 'update', keys: [{ field: 'number', template: '{{ trigger.number }}' }] },
        },
      ],
    });
    failNext(office.hubex, ({ method, path }) => method === 'POST' && /conversation/i.test(path), 'dropAfter');
    const { id } = office.hubex.createTask({ notes: 'Не греет печь' });
    await office.askAgain();
    expect(await office.runsOf(flow)).toMatchObject([{ state: 'waiting' }]);
    await passTimeOfCalls(office.server.ctx.pool, 600);
    await office.settle();
    expect(await office.runsOf(flow)).toMatchObject([{ state: 'done' }]);
    expect(office.hubex.tenant.tasks.get(id)?.messages).toHaveLength(1);
  });
});
