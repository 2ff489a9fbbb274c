import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { updateItem } from '../../connectors/bitrix24/stand-in/portal.ts';
import { idFor } from '../../connectors/creatio/stand-in/seed.ts';
import { insert } from '../../connectors/creatio/stand-in/stand.ts';
import { connectionsApi } from '../connections/contract.ts';
import { eventually } from '../testing/index.ts';
import { type Flow, flowsApi } from './contract.ts';
import {
  bitrixToCreatio,
  type CreatioOffice,
  caseToTask,
  crmToBitrix,
  formToLead,
  openCreatioOffice,
  taskToCase,
} from './testing/creatio-office.ts';
import { postCall } from './testing/drafts.ts';

const contactType = 3;

describe('Creatio at either end of a flow', () => {
  let office: CreatioOffice;
  beforeAll(async () => {
    office = await openCreatioOffice();
  });
  const started: Flow[] = [];
  afterEach(async () => {
    for (const { id } of started.splice(0)) await office.server.call(flowsApi.stopFlow, { params: { id } });
  });
  afterAll(() => office.stop());

  async function start(name: string, draft: Record<string, unknown>): Promise<Flow> {
    const flow = await office.startFlow(name, draft);
    started.push(flow);
    return flow;
  }

  const person = (name: string, lastName: string, phone: string, email: string) =>
    Number(
      office.bitrix24.createContact({
        name,
        lastName,
        post: 'Директор',
        fm: [
          { id: 0, typeId: 'PHONE', valueType: 'WORK', value: phone },
          { id: 0, typeId: 'EMAIL', valueType: 'WORK', value: email },
        ],
      }).id,
    );
  const named = (name: string) => office.creatio.listContacts().filter((contact) => contact.name === name);

  it('finds the contact by phone, then by e-mail, and fills only what is empty', async () => {
    const ifEmpty = { Name: 'ifEmpty', MobilePhone: 'ifEmpty', Email: 'ifEmpty', JobTitle: 'ifEmpty' };
    const flow = await start('Contacts', bitrixToCreatio(office, ifEmpty));
    const before = office.creatio.count('Contact');
    // Known by phone in another spelling: «8 (911) 555-77-01» there.
    person('Олег', 'Гусев', '+7 911 555-77-01', 'oleg@other.example');
    await office.settle();
    expect(office.creatio.count('Contact')).toBe(before);
    expect(named('Гусев Олег Петрович')).toMatchObject([{ jobTitle: 'Директор', email: 'gusev@ladoga.example' }]);
    // Known by e-mail alone, in other letters.
    const { id } = office.creatio.createContact({ Name: 'Кротова Вера', Email: 'Krotova@Example.com' });
    person('Вера', 'Кротова', '+7 921 000-11-22', 'krotova@example.com');
    await office.settle();
    expect(office.creatio.count('Contact')).toBe(before + 1);
    expect(office.creatio.contact(id)).toMatchObject({ mobilePhone: '+7 921 000-11-22', jobTitle: 'Директор' });
    // Known by nothing.
    person('Пётр', 'Новиков', '+7 921 000-33-44', 'novikov@example.com');
    await office.settle();
    expect(named('Новиков Пётр')).toMatchObject([{ mobilePhone: '+7 921 000-33-44', email: 'novikov@example.com' }]);
    const states = (await office.runsOf(flow)).map(({ state }) => state);
    expect(states).toEqual(['done', 'done', 'done']);
    const [run] = await office.runsOf(flow);
    const detail = await office.run(run?.id ?? '');
    expect(JSON.stringify(detail)).not.toContain(office.creatio.gate.password);
    const sent = detail.trace.at(-1)?.exchanges?.find(({ method }) => method === 'POST');
    expect(sent?.url).toMatch(/\/0\/odata\/Contact$/);
    expect(sent?.requestBody).toContain('Новиков Пётр');
  });

  it('makes no double of a contact whose phone stands on the card alone', async () => {
    // Bitrix24 tells times in whole seconds: people of the test before may be taken, and keep their names.
    await start('Contacts', bitrixToCreatio(office, { Name: 'ifEmpty' }));
    const { stand } = office.creatio;
    stand.rules.fillsIn = false;
    const { id: ContactId } = office.creatio.createContact({ Name: 'Зимин Лев', MobilePhone: '+7 911 000-00-01' });
    const CommunicationTypeId = office.creatio.valueOf('CommunicationType', 'Рабочий телефон');
    insert(stand, 'ContactCommunication', { Number: '+7 812 700-11-22', CommunicationTypeId, ContactId });
    await office.settle();
    const before = office.creatio.count('Contact');
    person('Лев', 'Зимин', '8 (911) 000-00-01', 'zimin@example.com');
    await office.settle();
    stand.rules.fillsIn = true;
    expect(office.creatio.count('Contact')).toBe(before);
    expect(office.creatio.contact(ContactId)).toMatchObject({ email: 'zimin@example.com' });
  });

  it('hands a case to the engineers as a task, and brings the result back', async () => {
    const status = idFor('CaseStatus Передано инженеру');
    await start('Case to task', caseToTask(office, status));
    const back = await start('Task to case', taskToCase(office));
    const fridge = idFor('Холодильник гудит');
    office.creatio.moveCase(fridge, 'Передано инженеру');
    await office.askAgain();
    const { number } = office.creatio.case(fridge);
    const tasks = () => office.hubex.listTasks().filter(({ erpID }) => erpID === number);
    expect(tasks()).toMatchObject([{ contactPerson: 'Гусев Олег Петрович', contactPhone: '8 (911) 555-77-01' }]);
    office.creatio.editCase(fridge, { Symptoms: 'Шум и днём.' });
    await office.askAgain();
    expect(tasks()).toHaveLength(1);
    await office.hubex.completeTask(Number(tasks()[0]?.id), { comment: 'Заменён подшипник', actualCost: 4200.5 });
    // HubEx tells its clock in whole seconds: what was completed within the last one is found by the ask after it.
    await eventually(async () => {
      await office.askAgain();
      return office.creatio.case(fridge).status === 'Решено';
    });
    expect(office.creatio.case(fridge)).toMatchObject({
      status: 'Решено',
      solution: 'Заменён подшипник',
      visitCost: 4200.5,
    });
    await office.askAgain();
    expect(tasks()).toHaveLength(1);
    expect((await office.runsOf(back)).filter(({ state }) => state === 'done')).toHaveLength(1);
  });

  it('makes a lead of a form, and none of the same person again', async () => {
    await postCall(office);
    const flow = await start('Form to lead', formToLead(office));
    await postCall(office, {
      name: 'Анна Ёлкина',
      phone: '+7 916 000-00-01',
      email: 'elkina@example.com',
      note: 'Печь',
    });
    await office.settle();
    const leads = () => office.creatio.listLeads().filter(({ email }) => email === 'elkina@example.com');
    expect(leads()).toMatchObject([{ contact: 'Анна Ёлкина', commentary: 'Печь', stage: 'Квалификация' }]);
    await postCall(office, { name: 'Анна', phone: '', email: 'ELKINA@example.com', note: 'Ещё раз' });
    await office.settle();
    expect(leads()).toHaveLength(1);
    const states = (await office.runsOf(flow)).map(({ state }) => state);
    expect(states.slice(0, 2)).toEqual(['skipped', 'done']);
  });

  it('attaches a file to the record that a key finds', async () => {
    await postCall(office);
    const flow = await start('Note to contact', {
      trigger: { connection: office.connections.webhook, trigger: 'webhook.received', mode: 'realTime' },
      steps: [
        {
          id: 'a1',
          connection: office.crm.creatio,
          action: 'contact.attachFile',
          mapping: {
            text: { kind: 'template', text: '{{ trigger.note }}' },
            name: { kind: 'template', text: 'осмотр.txt' },
          },
          duplicates: { mode: 'update', several: 'stop', keys: [{ field: 'Email', template: '{{ trigger.email }}' }] },
        },
      ],
    });
    await postCall(office, { name: '', phone: '', email: 'sokolova@karavay.example', note: 'Замечаний нет' });
    await office.settle();
    expect((await office.runsOf(flow)).map(({ state }) => state)).toEqual(['done']);
    expect([...office.creatio.services.files.values()].map(String)).toEqual(['Замечаний нет']);
    const [file] = office.creatio.stand.tables.get('ContactFile')?.rows.values() ?? [];
    expect(file).toMatchObject({ Name: 'осмотр.txt', ContactId: idFor('Соколова Марина Игоревна') });
  });

  it('tries a password that was changed over there once, whatever comes in, and again when a person checks it', async () => {
    const flow = await start('Contacts', bitrixToCreatio(office));
    const { gate } = office.creatio;
    const { password, signIns } = gate;
    gate.password = 'changed-over-there';
    office.creatio.endSessions();
    for (const n of [1, 2, 3]) {
      person(`П${n}`, 'Очередной', `+7 921 100-00-0${n}`, `p${n}@example.com`);
      await office.settle();
    }
    expect(gate.signIns - signIns).toBe(1);
    gate.password = password;
    await office.server.call(connectionsApi.checkConnection, { params: { id: office.crm.creatio } });
    await office.settle();
    expect((await office.runsOf(flow)).filter(({ state }) => state !== 'done')).toEqual([]);
    expect([1, 2, 3].map((n) => named(`Очередной П${n}`).length)).toEqual([1, 1, 1]);
  });

  it('brings a changed contact of bpm’online to Bitrix24', async () => {
    const from = { connection: office.crm.bpmonline, trigger: 'contact.changed', mode: 'poll' as const };
    const flow = await start('bpm’online to Bitrix24', crmToBitrix(office, from));
    const sokolova = idFor('Соколова Марина Игоревна');
    office.bpmonline.editContact(sokolova, { JobTitle: 'Директор по развитию' });
    await office.askAgain();
    const found = [...(office.bitrix24.portal.items.get(contactType)?.values() ?? [])].filter(
      ({ email }) => email === 'sokolova@karavay.example',
    );
    expect(found).toMatchObject([{ name: 'Марина', post: 'Директор по развитию' }]);
    expect((await office.runsOf(flow)).map(({ state }) => state)).toEqual(['done']);
  });

  it('keeps contacts of Bitrix24 and Creatio in step without ping-pong', async () => {
    await start('To Creatio', bitrixToCreatio(office));
    const from = { connection: office.crm.creatio, trigger: 'contact.createdOrChanged', mode: 'realTime' as const };
    await start('To Bitrix24', crmToBitrix(office, from));
    const inBitrix = (lastName: string) =>
      [...(office.bitrix24.portal.items.get(contactType)?.values() ?? [])].filter((one) => one.lastName === lastName);
    const quiet = async () => {
      await office.settle();
      await office.askAgain();
      const writes = office.writes();
      await office.askAgain();
      await office.askAgain();
      expect(office.writes()).toBe(writes);
    };

    const id = person('Зоя', 'Маслова', '+7 921 444-55-66', 'maslova@example.com');
    await quiet();
    const [made] = named('Маслова Зоя');
    expect(made).toMatchObject({ mobilePhone: '+7 921 444-55-66', email: 'maslova@example.com' });
    expect(inBitrix('Маслова')).toHaveLength(1);

    office.creatio.editContact(made?.id ?? '', { JobTitle: 'Технолог' });
    await quiet();
    expect(inBitrix('Маслова')).toMatchObject([{ id, post: 'Технолог' }]);

    updateItem(office.bitrix24.portal, contactType, id, { lastName: 'Маслова-Крюкова' });
    await quiet();
    expect(office.creatio.contact(made?.id ?? '')).toMatchObject({ name: 'Маслова-Крюкова Зоя', jobTitle: 'Технолог' });
    expect(inBitrix('Маслова-Крюкова')).toHaveLength(1);

    const created = office.creatio.createContact({
      Name: 'Орлов Игнат',
      MobilePhone: '8 (921) 777-88-99',
      Email: 'orlov@example.com',
    });
    await quiet();
    expect(inBitrix('Орлов')).toHaveLength(1);
    expect(named('Орлов Игнат').map(({ id: one }) => one)).toEqual([created.id]);
  });
});
