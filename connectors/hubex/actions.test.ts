import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Values } from '../../kit/field.ts';
import { moveToStage } from './actions/move-to-stage.ts';
import { sendMessage } from './actions/send-message.ts';
import type { HubexApi } from './api.ts';
import { failureOf, openHubex } from './testing/bench.ts';

const input = (id: number, values: Values, more: { settings?: Record<string, string>; firstTry?: Date } = {}) => ({
  target: { id: String(id), values: {} },
  values,
  settings: {},
  repeatKey: randomUUID(),
  ...more,
});
const move = (api: HubexApi, id: number, stage: string, notes?: string) =>
  moveToStage.run(api, input(id, { stage: { id: stage, label: '' }, ...(notes ? { notes } : {}) }));

describe('move to stage', () => {
  test('moves where the life cycle leads, with the note', async () => {
    const { standIn, api } = await openHubex();
    const { id } = standIn.createTask({ notes: 'x' });
    await move(api, id, '2', 'Назначаю');
    expect(standIn.tenant.tasks.get(id)).toMatchObject({ stageID: 2, history: [{}, { notes: 'Назначаю' }] });
  });

  test('is refused elsewhere with the stages that are possible', async () => {
    const { standIn, api } = await openHubex();
    const { id } = standIn.createTask({ notes: 'x' });
    const error = await failureOf(move(api, id, '5'));
    expect(error).toMatchObject({ kind: 'rejected', code: 'hubex.stage_not_offered', field: 'stage' });
    expect(error.text).toMatchObject({ ru: expect.stringContaining('«Назначена», «Отменена»') });
    expect(standIn.tenant.tasks.get(id)?.stageID).toBe(1);
  });

  test('is done when the task is there already', async () => {
    const { standIn, api } = await openHubex();
    const { id } = standIn.createTask({ notes: 'x' });
    await move(api, id, '1');
    expect(standIn.requests.filter(({ method }) => method === 'POST').map(({ path }) => path)).toEqual([
      '/fsm/AUTHZ/AccessTokens',
    ]);
  });

  test('fails when HubEx answers 201 with errors', async () => {
    const { standIn, api } = await openHubex();
    const { id } = standIn.createTask({ notes: 'x' });
    const moveTask = api.moveTask;
    api.moveTask = (asked) => {
      standIn.faults.once.push({
        status: 201,
        body: { stageId: 1, errors: [{ code: 'Requirement', message: 'Не заполнен акт' }] },
      });
      return moveTask(asked);
    };
    expect(await failureOf(move(api, id, '2'))).toMatchObject({
      kind: 'rejected',
      text: { ru: expect.stringContaining('Не заполнен акт') },
    });
  });

  test('of a task that is gone says so', async () => {
    const { api } = await openHubex();
    expect(await failureOf(move(api, 4242, '2'))).toMatchObject({ kind: 'gone' });
  });
});

describe('send message', () => {
  test.each([
    ['team', false],
    ['customer', true],
  ])('goes to the %s', async (audience, isExternal) => {
    const { standIn, api } = await openHubex();
    const { id } = standIn.createTask({ notes: 'x' });
    await sendMessage.run(api, input(id, { message: 'Сделка оплачена' }, { settings: { audience } }));
    expect(standIn.tenant.tasks.get(id)?.messages).toMatchObject([{ message: 'Сделка оплачена', isExternal }]);
  });

  test('arrives once when its answer got lost, and twice when it is meant twice', async () => {
    const { standIn, api } = await openHubex();
    const { id } = standIn.createTask({ notes: 'x' });
    await api.countTasks();
    const send = (more: { firstTry?: Date } = {}) =>
      sendMessage.run(api, input(id, { message: 'Сделка оплачена' }, more));
    const firstTry = new Date();
    standIn.faults.once.push('dropAfter');
    expect((await failureOf(send())).outcome).toBe('unknown');
    await send({ firstTry });
    expect(standIn.tenant.tasks.get(id)?.messages).toHaveLength(1);
    await send();
    expect(standIn.tenant.tasks.get(id)?.messages).toHaveLength(2);
  });

  test('arrives though another run said the same a moment ago and HubEx was busy at first', async () => {
    const { standIn, api } = await openHubex();
    const { id } = standIn.createTask({ notes: 'x' });
    const asked = input(id, { message: 'Сделка оплачена' });
    await sendMessage.run(api, input(id, { message: 'Сделка оплачена' }));
    standIn.faults.once.push({ status: 429 });
    expect((await failureOf(sendMessage.run(api, asked))).outcome).toBe('notDone');
    await sendMessage.run(api, asked);
    expect(standIn.tenant.tasks.get(id)?.messages).toHaveLength(2);
  });
});

test.each([moveToStage, sendMessage])('$key says what is missing and what to do', async (action) => {
  const { api } = await openHubex();
  const told = async (asked: Parameters<typeof action.run>[1]) => {
    const { text } = await failureOf(action.run(api, asked));
    return text as { en: string; ru: string };
  };
  const noTask = await told({ ...input(1, { stage: '2', message: 'x' }), target: null });
  expect(noTask).toEqual({
    en: expect.stringMatching(/HubEx task.*Check/),
    ru: expect.stringMatching(/заявка HubEx.*Проверьте/),
  });
  const empty = await told(input(1, {}));
  expect(empty).toEqual({
    en: expect.stringMatching(/task.*(Choose|Check)/),
    ru: expect.stringMatching(/заявку.*(Выберите|Проверьте)/),
  });
});
