import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { updateItem } from '../../connectors/bitrix24/stand-in/portal.ts';
import { type Flow, flowsApi } from './contract.ts';
import { contactsToHubex } from './testing/contacts.ts';
import { bitrixToCreatio, type CreatioOffice, crmToBitrix, openCreatioOffice } from './testing/creatio-office.ts';

const contactType = 3;
const template = (text: string) => ({ kind: 'template', text });

describe('three apps in a circle, two CRMs linked both ways', () => {
  let office: CreatioOffice;
  const started: Flow[] = [];
  beforeAll(async () => {
    office = await openCreatioOffice();
  });
  afterEach(async () => {
    for (const { id } of started.splice(0)) await office.server.call(flowsApi.stopFlow, { params: { id } });
  });
  afterAll(() => office.stop());

  async function start(name: string, draft: Record<string, unknown>): Promise<Flow> {
    const flow = await office.startFlow(name, draft);
    started.push(flow);
    return flow;
  }
  const creatioChanged = (mode: 'realTime' | 'poll' = 'realTime') => ({
    connection: office.crm.creatio,
    trigger: 'contact.createdOrChanged',
    mode,
  });
  /** HubEx → Creatio: with the way from Bitrix24 to HubEx and the one from Creatio to Bitrix24 it closes the circle. */
  const hubexToCreatio = () => ({
    trigger: { connection: office.connections.hubex, trigger: 'contact.createdOrChanged', mode: 'poll' },
    steps: [
      {
        id: 'a1',
        connection: office.crm.creatio,
        action: 'contact.create',
        mapping: {
          Name: template('{{ trigger.fullName }}'),
          MobilePhone: template('{{ trigger.phone }}'),
          JobTitle: template('{{ trigger.position }}'),
        },
        duplicates: { mode: 'upsert', several: 'first', keys: [{ field: 'phones', template: '{{ trigger.phone }}' }] },
      },
    ],
  });

  const inBitrix24 = (phone: string) =>
    [...(office.bitrix24.portal.items.get(contactType)?.values() ?? [])].filter(({ fm }) =>
      fm?.some(({ value }) => value.replace(/\D/g, '') === phone),
    );
  const inHubex = (phone: string) =>
    [...office.hubex.tenant.contacts.values()].filter((one) => one.phone?.replace(/\D/g, '') === phone);
  const inCreatio = (phone: string) =>
    office.creatio.listContacts().filter(({ mobilePhone }) => mobilePhone?.replace(/\D/g, '') === phone);
  const hubexWrites = () =>
    office.hubex.requests.filter(({ method, path }) => /contacts/i.test(path) && method !== 'GET').length;
  const writes = () => office.writes() + hubexWrites();
  async function rest(): Promise<void> {
    for (let rounds = 0; rounds < 4; rounds += 1) await office.askAgain();
    const before = writes();
    for (let rounds = 0; rounds < 2; rounds += 1) await office.askAgain();
    expect(writes()).toBe(before);
  }
  const posts = (phone: string) => ({
    bitrix24: inBitrix24(phone).map(({ post }) => post),
    hubex: inHubex(phone).map(({ position }) => position),
    creatio: inCreatio(phone).map(({ jobTitle }) => jobTitle),
  });
  const everywhere = (post: string) => ({ bitrix24: [post], hubex: [post], creatio: [post] });
  const person = (lastName: string, phone: string) =>
    office.bitrix24.createContact({
      name: 'Анна',
      lastName,
      post: 'Повар',
      fm: [{ typeId: 'PHONE', valueType: 'WORK', value: `+${phone}` }],
    }).id;

  it('a change goes once around and comes to rest, wherever it was made', { timeout: 90_000 }, async () => {
    const flows = [
      await start('A to B', contactsToHubex(office)),
      await start('B to C', hubexToCreatio()),
      await start('C to A', crmToBitrix(office, creatioChanged())),
    ];
    await rest();
    const phone = '79270000001';
    const id = person('Круговая', phone);
    await rest();
    expect(posts(phone)).toEqual(everywhere('Повар'));

    updateItem(office.bitrix24.portal, contactType, id, { post: 'Технолог' });
    await rest();
    expect(posts(phone)).toEqual(everywhere('Технолог'));

    const [theirs] = inHubex(phone);
    if (theirs) office.hubex.tenant.contacts.set(theirs.id, { ...theirs, position: 'Инженер' });
    await rest();
    expect(posts(phone)).toEqual(everywhere('Инженер'));

    office.creatio.editContact(inCreatio(phone)[0]?.id ?? '', { JobTitle: 'Директор' });
    await rest();
    expect(posts(phone)).toEqual(everywhere('Директор'));
    const states = (await Promise.all(flows.map((flow) => office.runsOf(flow)))).flat().map(({ state }) => state);
    expect(states.filter((state) => state !== 'done' && state !== 'skipped')).toEqual([]);
    expect(states.length).toBeLessThan(40);
  });

  it('an edit in the same second as our write into Creatio is not swallowed', { timeout: 90_000 }, async () => {
    await start('To Creatio', bitrixToCreatio(office));
    const back = await start('To Bitrix24', crmToBitrix(office, creatioChanged()));
    await rest();
    const phone = '79270000002';
    const id = person('Секундная', phone);
    await rest();
    const theirs = inCreatio(phone)[0]?.id ?? '';
    // The process over there calls only after both changes: one call, our value and theirs.
    office.creatio.processes.clear();
    updateItem(office.bitrix24.portal, contactType, id, { post: 'Шеф' });
    await office.settle();
    expect(posts(phone).creatio).toEqual(['Шеф']);
    office.creatio.processes.register(office.process);
    office.creatio.editContact(theirs, { GivenName: 'Анастасия' });
    await rest();
    expect(inBitrix24(phone)).toMatchObject([{ post: 'Шеф', name: 'Анастасия' }]);

    // The very field that we wrote.
    office.creatio.processes.clear();
    updateItem(office.bitrix24.portal, contactType, id, { post: 'Старший повар' });
    await office.settle();
    office.creatio.processes.register(office.process);
    office.creatio.editContact(theirs, { JobTitle: 'Су-шеф' });
    await rest();
    expect(posts(phone)).toMatchObject({ bitrix24: ['Су-шеф'], creatio: ['Су-шеф'] });

    // A newer edit here, while the echo of the older one comes back from there.
    const { tell } = office.bitrix24.portal;
    updateItem(office.bitrix24.portal, contactType, id, { post: 'Первая' });
    await office.bitrix24.hooks.settled();
    await office.server.processAll();
    office.bitrix24.portal.tell = () => {};
    updateItem(office.bitrix24.portal, contactType, id, { post: 'Вторая' });
    await office.server.ctx.pool.query('update triggers set next_ask_at = now() where flow_id = $1', [back.id]);
    await office.settle();
    expect(posts(phone).bitrix24).toEqual(['Вторая']);
    office.bitrix24.portal.tell = tell;
    tell('UPDATE', contactType, id);
    await rest();
    expect(posts(phone)).toMatchObject({ bitrix24: ['Вторая'], creatio: ['Вторая'] });
  });
});
