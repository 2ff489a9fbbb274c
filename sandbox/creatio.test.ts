import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { listen, type Sandbox, startSandbox } from './testing/sandbox.ts';

const madeGuid = (answer: { body: unknown }): string => z.object({ id: z.guid() }).parse(answer.body).id;

describe('Creatio and bpm’online in the outside world', () => {
  let sandbox: Sandbox;
  let mostik: Awaited<ReturnType<typeof listen>>;

  beforeAll(async () => {
    mostik = await listen();
    sandbox = await startSandbox();
    sandbox.world.setHooks({ bitrix24: null, hubex: null, creatio: `${mostik.url}/hooks/creatio`, form: null });
  });
  afterAll(async () => {
    await sandbox.stop();
    mostik.server.close();
  });

  test('contacts, leads and cases of Creatio are added and edited, newest first, and its process tells Mostik', async () => {
    const { ask, state, world } = sandbox;
    const contact = { name: 'Орлов Игнат', jobTitle: '', mobilePhone: '+7 921 777-88-99', email: '', notes: '' };
    const person = madeGuid(await ask('POST', '/api/creatio/contacts', contact));
    const lead = { contact: 'Юрий', account: 'Кафе', mobilePhone: '', email: '', commentary: 'Перезвонить' };
    const leadId = madeGuid(await ask('POST', '/api/creatio/leads', lead));
    const form = { subject: 'Не морозит', symptoms: '', priority: 'Высокий', contact: person };
    const caseId = madeGuid(await ask('POST', '/api/creatio/cases', form));
    await ask('PATCH', `/api/creatio/contacts/${person}`, { jobTitle: 'Повар' });
    await ask('PATCH', `/api/creatio/leads/${leadId}`, { commentary: 'Перезвонил' });
    await ask('PATCH', `/api/creatio/cases/${caseId}`, { priority: 'Критичный' });
    await ask('POST', `/api/creatio/cases/${caseId}/move`, { status: 'Передано инженеру' });
    const { creatio } = await state();
    expect(creatio.contacts[0]).toMatchObject({ ...contact, id: person, jobTitle: 'Повар', mark: null });
    expect(creatio.leads[0]).toMatchObject({ name: 'Юрий / Кафе', commentary: 'Перезвонил', mark: null });
    expect(creatio.cases[0]).toMatchObject({
      subject: 'Не морозит',
      contact: 'Орлов Игнат',
      priority: 'Критичный',
      status: 'Передано инженеру',
      mark: null,
    });
    await world.creatio.processes.settled();
    const told = mostik.calls.map(({ body }) => JSON.parse(body) as unknown);
    expect(told).toContainEqual({ EntityName: 'Case', Id: caseId });
    expect(told).toContainEqual({ EntityName: 'Contact', Id: person });
    expect(await ask('POST', `/api/creatio/cases/${caseId}/move`, { status: 'Нет такого' })).toMatchObject({
      status: 400,
    });
    const nobody = '00000000-0000-4000-8000-000000000000';
    expect((await ask('PATCH', `/api/creatio/cases/${nobody}`, { subject: 'Кто здесь' })).status).toBe(404);
  });

  test('a change of bpm’online by its service is marked as Mostik’s; a person’s rename leaves the cases alone', async () => {
    const { ask, state, world } = sandbox;
    const [contact] = (await state()).bpmonline.contacts;
    const id = contact?.id ?? '';
    world.bpmonline.editContact(id, { JobTitle: 'Директор' });
    const inBpm = async () => (await state()).bpmonline.contacts.find((one) => one.id === id);
    expect(await inBpm()).toMatchObject({ jobTitle: 'Директор', mark: { how: 'changed' } });
    await ask('PATCH', `/api/bpmonline/contacts/${id}`, { jobTitle: 'Генеральный директор' });
    expect(await inBpm()).toMatchObject({ jobTitle: 'Генеральный директор', mark: null });

    const { creatio } = await state();
    const owner = creatio.contacts.find(({ name }) => name === 'Гусев Олег Петрович')?.id;
    await ask('PATCH', `/api/creatio/contacts/${owner}`, { name: 'Гусев Олег' });
    const after = (await state()).creatio.cases.find((one) => one.contact === 'Гусев Олег');
    expect(after).toMatchObject({ subject: 'Холодильник гудит', mark: null });
  });
});
