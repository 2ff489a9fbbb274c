import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dealToTask, type Office, openOffice } from './testing/office.ts';

describe('a deal that enters «Сервисная служба» becomes a task', () => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice();
  });
  afterAll(() => office.stop());

  it('makes exactly one task, however the deal is moved', async () => {
    const { bitrix24, hubex } = office;
    const flow = await office.startFlow('There', dealToTask(office));
    const service = bitrix24.stages().find(({ name }) => name === 'Сервисная служба');
    const fresh = bitrix24
      .stages()
      .find(({ name, categoryId }) => name === 'Новая' && categoryId === service?.categoryId);
    const before = hubex.listTasks().length;
    const contactId = Number(bitrix24.listDeals()[0]?.contactId);
    const deal = bitrix24.createDeal({
      title: 'Не греет печь',
      stageId: fresh?.id,
      categoryId: fresh?.categoryId,
      contactIds: [contactId],
      comments: 'Позвонить заранее',
    });
    await office.settle();
    bitrix24.editDeal(Number(deal.id), { comments: 'Позвонить за час' });
    await office.settle();
    expect(hubex.listTasks()).toHaveLength(before);

    bitrix24.moveDeal(Number(deal.id), service?.id ?? '');
    await office.settle();
    const runs = await office.runsOf(flow);
    expect(runs.map(({ state, reason }) => ({ state, reason: reason?.text }))).toEqual([]);
  });
});
