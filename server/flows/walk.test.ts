import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../testing/index.ts';
import type { Flow } from './contract.ts';
import { dealToTask, type Office, openOffice, taskToDeal } from './testing/office.ts';

const newStage = 'C1:NEW';
const serviceStage = 'C1:UC_SERVICE';
const doneStage = 'C1:WON';

describe('the job of the manual, there and back', () => {
  let office: Office;
  let there: Flow;
  let back: Flow;
  let elsewhere: Flow;

  beforeAll(async () => {
    office = await openOffice();
    there = await office.startFlow('There', dealToTask(office));
    back = await office.startFlow('Back', taskToDeal(office));
    // A third flow that legitimately starts from our write: whatever task is made is told elsewhere.
    elsewhere = await office.startFlow('Elsewhere', {
      trigger: { connection: office.connections.hubex, trigger: 'task.created', mode: 'poll' },
      steps: [
        {
          id: 'a1',
          connection: office.connections.webhook,
          action: 'request.send',
          mapping: {
            method: { kind: 'constant', value: { id: 'POST', label: 'POST' } },
            url: { kind: 'template', text: `${office.target.url}/told` },
            body: { kind: 'tree', value: { number: '{{ trigger.number }}', person: '{{ trigger.contactPerson }}' } },
          },
        },
      ],
    });
  });
  afterAll(() => office.stop());

  function newDeal(title: string) {
    const contactId = Number(office.bitrix24.listDeals()[0]?.contactId);
    return Number(
      office.bitrix24.createDeal({
        title,
        stageId: newStage,
        categoryId: 1,
        contactIds: [contactId],
        comments: 'Позвонить заранее',
      }).id,
    );
  }
  const tasksOf = (dealId: number) => office.hubex.listTasks().filter(({ erpID }) => erpID === String(dealId));

  it('makes exactly one task with the client, however the deal is moved', async () => {
    const dealId = newDeal('Не греет печь');
    await office.settle();
    office.bitrix24.editDeal(dealId, { comments: 'Позвонить за час' });
    await office.settle();
    expect(tasksOf(dealId)).toHaveLength(0);
    const [filtered] = await office.runsOf(there);
    expect(filtered?.state).toBe('filtered');
    expect(filtered?.reason?.text).toMatchObject({
      ru: 'Стадия сделки «Новая» не начинается с «Сервисная служба»',
    });

    office.bitrix24.moveDeal(dealId, serviceStage);
    await office.settle();
    const [task] = tasksOf(dealId);
    expect(task).toMatchObject({ notes: 'Позвонить за час' });
    expect(task?.contactPerson).toMatch(/\S+ \S+/);
    expect(task?.contactPhone).toMatch(/\d/);

    office.bitrix24.moveDeal(dealId, newStage);
    await office.settle();
    office.bitrix24.moveDeal(dealId, serviceStage);
    await office.settle();
    expect(tasksOf(dealId)).toHaveLength(1);
    const states = (await office.runsOf(there))
      .filter(({ record }) => record.id === String(dealId))
      .map(({ state }) => state);
    expect(states).toEqual(['skipped', 'filtered', 'done', 'filtered']);
  });

  it('tells the third flow of the task that the first one made', async () => {
    const dealId = newDeal('Стучит компрессор');
    office.bitrix24.moveDeal(dealId, serviceStage);
    await office.settle();
    const [task] = tasksOf(dealId);
    await office.askAgain();
    const told = office.target.inbox.filter(({ body }) => (body as { number?: string }).number === task?.number);
    expect(told).toHaveLength(1);
    expect((await office.runsOf(elsewhere)).some(({ state }) => state === 'done')).toBe(true);
  });

  it('moves the deal on when the engineer has finished, and does not start over', async () => {
    const dealId = newDeal('Течёт мойка');
    office.bitrix24.moveDeal(dealId, serviceStage);
    await office.settle();
    const [task] = tasksOf(dealId);
    await office.hubex.completeTask(Number(task?.id), { comment: 'Заменил прокладку', actualCost: 3500 });
    // HubEx tells times in whole seconds, so an ask in the very second of the completion may see it only at the next one.
    await eventually(async () => {
      await office.askAgain();
      return office.bitrix24.deal(dealId).stageId === doneStage;
    });
    const deal = office.bitrix24.deal(dealId);
    expect(deal.opportunity).toBe(3500);
    expect(String(deal.comments)).toContain('Заменил прокладку');
    expect(String(deal.closedate)).toMatch(/^\d{4}-\d\d-\d\d/);

    // The stage «Сервисная служба: выполнено» matches the filter of the way there: our own write comes back as an event.
    await office.settle();
    await office.askAgain();
    expect(tasksOf(dealId)).toHaveLength(1);
    const doneBack = (await office.runsOf(back)).filter(({ state }) => state === 'done');
    expect(doneBack).toHaveLength(1);
  });

  it('shows every step with its requests, answers and reasons', async () => {
    const run = await office.run((await office.runsOf(there)).find(({ state }) => state === 'done')?.id ?? '');
    expect(run.trace.map(({ kind, verdict }) => `${kind} ${verdict}`)).toEqual([
      'load passed',
      'filter passed',
      'once passed',
      'mapping passed',
      'duplicate passed',
      'action passed',
    ]);
    const create = run.trace.at(-1)?.exchanges?.find(({ method }) => method === 'POST');
    expect(create?.url).toContain('/WORK/Tasks');
    expect(JSON.stringify(run)).not.toContain(office.hubex.serviceToken);
    expect(JSON.stringify(run)).not.toContain(office.bitrix24.applicationToken);
  });
});
