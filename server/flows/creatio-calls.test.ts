import { afterAll, beforeAll, expect, it } from 'vitest';
import { flowsApi } from './contract.ts';
import { type CreatioOffice, crmToBitrix, openCreatioOffice } from './testing/creatio-office.ts';

let office: CreatioOffice;
beforeAll(async () => {
  office = await openCreatioOffice();
});
afterAll(() => office.stop());

it.each([
  ['names the event', true],
  ['names the record alone', false],
])('tells a new contact at once where the process %s', async (_which, tellsEvent) => {
  const { processes } = office.creatio;
  processes.clear();
  processes.register({ ...office.process, tellsEvent });
  const from = { connection: office.crm.creatio, trigger: 'contact.created', mode: 'realTime' as const };
  const flow = await office.startFlow('Created', crmToBitrix(office, from));
  const made = office.creatio.createContact({ Name: 'Лосев Иван', MobilePhone: '+7 921 333-00-11' });
  const states = async () =>
    (await office.runsOf(flow)).filter(({ record }) => record.id === made.id).map(({ state }) => state);
  await office.settle();
  expect(await states()).toEqual(['done']);
  office.creatio.editContact(made.id, { JobTitle: 'Пекарь' });
  await office.askAgain();
  expect(await states()).toEqual(['done']);
  await office.server.call(flowsApi.stopFlow, { params: { id: flow.id } });
});
