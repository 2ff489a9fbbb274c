import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { updateItem } from '../../connectors/bitrix24/stand-in/portal.ts';
import type { Contact } from '../../connectors/hubex/stand-in/tenant.ts';
import type { StandInRequest, StandInServer } from '../../kit/testing/stand-in.ts';
import { connectionsApi } from '../connections/contract.ts';
import { passTime } from '../testing/pass-time.ts';
import { type Flow, flowsApi } from './contract.ts';
import { contactsToBitrix24, contactsToHubex } from './testing/contacts.ts';
import { itemSettings } from './testing/drafts.ts';
import { answerLate } from './testing/late-answers.ts';
import { type Office, openOffice } from './testing/office.ts';

const template = (text: string) => ({ kind: 'template', text });

describe('our own writes come back', () => {
  let office: Office;
  const started: Flow[] = [];

  beforeAll(async () => {
    office = await openOffice();
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

  const toHubex = () => contactsToHubex(office);
  const toBitrix24 = () => contactsToBitrix24(office);

  let next = 0;
  function person(lastName: string): { id: number; phone: string } {
    next += 1;
    const phone = `+7925${String(1_000_000 + next)}`;
    const { id } = office.bitrix24.createContact({
      name: 'Анна',
      lastName,
      post: 'Повар',
      fm: [{ typeId: 'PHONE', valueType: 'WORK', value: phone }],
    });
    return { id, phone };
  }
  const contactTypeId = 3;
  const inBitrix24 = (lastName: string) =>
    [...(office.bitrix24.portal.items.get(contactTypeId)?.values() ?? [])].filter((item) => item.lastName === lastName);
  const inHubex = (lastName: string) =>
    [...office.hubex.tenant.contacts.values()].filter(({ fullName }) => fullName.startsWith(lastName));
  function editInHubex(contact: Contact | undefined, change: Partial<Contact>): void {
    if (!contact) throw new Error('no contact');
    office.hubex.tenant.contacts.set(contact.id, { ...contact, ...change });
  }
  const writes = () => ({
    bitrix24: office.bitrix24.requests.filter(({ path }) =>
      /crm\.(item\.(add|update)|contact\.update|batch)/.test(path),
    ).length,
    hubex: office.hubex.requests.filter(({ method, path }) => /contacts/i.test(path) && method !== 'GET').length,
  });
  async function askOnly({ id }: Flow): Promise<void> {
    await office.server.ctx.pool.query('update triggers set next_ask_at = now() where flow_id = $1', [id]);
    await office.settle();
  }
  async function rounds(count: number): Promise<void> {
    for (let round = 0; round < count; round += 1) await office.askAgain();
  }

  it('two flows that link contacts in both directions make no doubles and come to rest', async () => {
    const there = await start('There', toHubex());
    const back = await start('Back', toBitrix24());
    await rounds(1);
    const { id } = person('Туданова');
    await rounds(3);
    expect(inHubex('Туданова')).toHaveLength(1);
    expect(inBitrix24('Туданова')).toHaveLength(1);
    const atRest = writes();
    await rounds(3);
    expect(writes()).toEqual(atRest);

    // A person over there changes it: the change comes over and does not go back.
    editInHubex(inHubex('Туданова')[0], { position: 'Шеф-повар' });
    await rounds(3);
    expect(inBitrix24('Туданова').map(({ post }) => post)).toEqual(['Шеф-повар']);
    const after = writes();
    expect(after.hubex).toBe(atRest.hubex);
    office.bitrix24.portal.tell('UPDATE', contactTypeId, id);
    await rounds(3);
    expect(writes()).toEqual(after);

    // And a person over here again, on the same field.
    updateItem(office.bitrix24.portal, contactTypeId, id, { post: 'Управляющая' });
    await rounds(3);
    expect(inHubex('Туданова').map(({ position }) => position)).toEqual(['Управляющая']);
    expect(inBitrix24('Туданова').map(({ post }) => post)).toEqual(['Управляющая']);
    const end = writes();
    await rounds(2);
    expect(writes()).toEqual(end);

    // A contact made over there gets its twin here, once.
    office.hubex.tenant.contacts.set(9100, { id: 9100, fullName: 'Обратнова Мария', phone: '+79250000099' });
    await rounds(3);
    expect(inBitrix24('Обратнова')).toHaveLength(1);
    expect(inHubex('Обратнова')).toHaveLength(1);
    const states = [...(await office.runsOf(there)), ...(await office.runsOf(back))].map(({ state }) => state);
    expect(states.filter((state) => state !== 'done' && state !== 'skipped')).toEqual([]);
  });

  it('comes to rest also when the two sides write a value differently', async () => {
    const back = toBitrix24();
    // What comes back is not letter for letter what was sent.
    Object.assign(back.steps[0]?.mapping ?? {}, { post: template('{{ trigger.position | upcase }}') });
    await start('There', toHubex());
    await start('Back', back);
    await rounds(1);
    person('Кругова');
    await rounds(4);
    const atRest = writes();
    await rounds(3);
    expect(writes()).toEqual(atRest);
    expect(inHubex('Кругова')).toHaveLength(1);
    expect(inBitrix24('Кругова')).toHaveLength(1);
  });

  it('does not swallow what a person edits in the same second as our write', async () => {
    await start('There', toHubex());
    await start('Back', toBitrix24());
    await rounds(1);
    const { id } = person('Правкина');
    await rounds(2);
    // The event of our write is on its way while a person edits another field: one event, both changes.
    const { tell } = office.bitrix24.portal;
    office.bitrix24.portal.tell = () => {};
    editInHubex(inHubex('Правкина')[0], { position: 'Технолог' });
    await office.askAgain();
    expect(inBitrix24('Правкина')[0]).toMatchObject({ name: 'Анна', post: 'Технолог' });
    updateItem(office.bitrix24.portal, contactTypeId, id, { name: 'Анастасия' });
    office.bitrix24.portal.tell = tell;
    tell('UPDATE', contactTypeId, id);
    await rounds(3);
    expect(inBitrix24('Правкина')[0]).toMatchObject({ name: 'Анастасия', post: 'Технолог' });
    expect(inHubex('Правкина')[0]).toMatchObject({ fullName: 'Правкина Анастасия', position: 'Технолог' });

    // The same once more with the very field that we wrote.
    office.bitrix24.portal.tell = () => {};
    editInHubex(inHubex('Правкина')[0], { position: 'Инженер' });
    await office.askAgain();
    updateItem(office.bitrix24.portal, contactTypeId, id, { post: 'Главный инженер' });
    office.bitrix24.portal.tell = tell;
    tell('UPDATE', contactTypeId, id);
    await rounds(3);
    expect(inBitrix24('Правкина')[0]).toMatchObject({ post: 'Главный инженер' });
    expect(inHubex('Правкина')[0]).toMatchObject({ position: 'Главный инженер' });
  });

  it('does not take back a newer edit with the echo of the older one', async () => {
    await start('There', toHubex());
    const back = await start('Back', toBitrix24());
    await rounds(1);
    const { id } = person('Спешина');
    await rounds(2);
    const edit = (post: string) => updateItem(office.bitrix24.portal, contactTypeId, id, { post });
    edit('Старшая');
    await office.settle();
    expect(inHubex('Спешина')[0]).toMatchObject({ position: 'Старшая' });
    // The next edit is not told yet when the way back finds what the first one made over there.
    const { tell } = office.bitrix24.portal;
    office.bitrix24.portal.tell = () => {};
    edit('Главная');
    await askOnly(back);
    const [echo] = await office.runsOf(back);
    expect(echo).toMatchObject({ state: 'done', reason: { code: 'same' } });
    const why = (await office.run(echo?.id ?? '')).trace.find(({ kind }) => kind === 'duplicate')?.why;
    expect(JSON.stringify(why)).toContain('обратно оно не переносится');
    expect(inBitrix24('Спешина')[0]).toMatchObject({ post: 'Главная' });
    office.bitrix24.portal.tell = tell;
    tell('UPDATE', contactTypeId, id);
    await rounds(3);
    expect(inBitrix24('Спешина')[0]).toMatchObject({ post: 'Главная' });
    expect(inHubex('Спешина')[0]).toMatchObject({ position: 'Главная' });
  });

  it('brings what the other side added back to where the change came from', async () => {
    const flow = await start('Deal to task', {
      trigger: { connection: office.connections.bitrix24, trigger: 'deal.created', mode: 'realTime' },
      steps: [
        {
          id: 'a1',
          connection: office.connections.hubex,
          action: 'task.create',
          mapping: {
            taskType: { kind: 'constant', value: { id: '1', label: '' } },
            notes: template('{{ trigger.title }}'),
          },
        },
      ],
    });
    await start('Number to deal', {
      trigger: { connection: office.connections.hubex, trigger: 'task.created', mode: 'poll' },
      steps: [
        {
          id: 'a1',
          connection: office.connections.bitrix24,
          action: 'deal.update',
          mapping: {
            title: template('{{ trigger.notes }}'),
            comments: template('Заявка {{ trigger.number }}'),
          },
          duplicates: { mode: 'update', keys: [] },
        },
      ],
    });
    await rounds(1);
    const { id } = office.bitrix24.createDeal({ title: 'С номером', stageId: 'C1:NEW', categoryId: 1 });
    await office.settle();
    const task = office.hubex.listTasks().find(({ notes }) => notes === 'С номером');
    // Renamed before the way back gets there: the number comes, the old name does not.
    office.bitrix24.editDeal(id, { title: 'Переименована' });
    await rounds(2);
    expect(office.bitrix24.deal(id)).toMatchObject({ title: 'Переименована', comments: `Заявка ${task?.number}` });
    expect((await office.runsOf(flow)).map(({ state }) => state)).toEqual(['done']);
  });

  it('lets a chain go on through three apps', async () => {
    await start('There', toHubex());
    const onward = await start('Onward', {
      trigger: { connection: office.connections.hubex, trigger: 'contact.createdOrChanged', mode: 'poll' },
      steps: [
        {
          id: 'a1',
          connection: office.connections.webhook,
          action: 'item.create',
          settings: itemSettings(office),
          mapping: { name: template('{{ trigger.fullName }}'), phone: template('{{ trigger.phone }}') },
        },
      ],
    });
    await rounds(1);
    person('Цепкина');
    await rounds(3);
    expect(office.target.items.filter(({ name }) => name === 'Цепкина Анна')).toHaveLength(1);
    const run = await office.run((await office.runsOf(onward))[0]?.id ?? '');
    expect(JSON.stringify(run.trace.find(({ kind }) => kind === 'load')?.why)).toContain('другая связка');
  });

  it('does not start itself by writing into the record it starts from', async () => {
    const flow = await start('Itself', {
      trigger: { connection: office.connections.bitrix24, trigger: 'deal.createdOrChanged', mode: 'realTime' },
      steps: [
        {
          id: 'a1',
          connection: office.connections.bitrix24,
          action: 'deal.update',
          mapping: { comments: template('{{ trigger.comments }}+') },
          duplicates: { mode: 'update', keys: [{ field: 'id', template: '{{ trigger.id }}' }] },
        },
      ],
    });
    const { id } = office.bitrix24.createDeal({ title: 'Сама', stageId: 'C1:NEW', categoryId: 1, comments: 'раз' });
    await rounds(3);
    expect(office.bitrix24.deal(id).comments).toBe('раз+');
    office.bitrix24.editDeal(id, { comments: 'два' });
    await rounds(3);
    expect(office.bitrix24.deal(id).comments).toBe('два+');
    const codes = (await office.runsOf(flow)).map(({ state, reason }) => (state === 'skipped' ? reason?.code : state));
    // Not how many are done: an ask whose answer was overtaken by the echo brings the state of before once more.
    expect(codes.filter((code) => code !== 'done' && code !== 'echo' && code !== 'unchanged')).toEqual([]);
    const atRest = writes();
    await rounds(3);
    expect(writes()).toEqual(atRest);
    expect(office.bitrix24.deal(id).comments).toBe('два+');
  });

  describe('the event of a record we make comes before the answer', () => {
    let late: StandInServer;
    const patch = (rest: string) =>
      office.server.call(connectionsApi.patchConnection, {
        params: { id: office.connections.bitrix24 },
        body: { endpoints: { rest } },
      });
    beforeAll(async () => {
      const isAdd = ({ path, rawBody }: StandInRequest) => /crm\.item\.add/.test(`${path} ${rawBody.toString()}`);
      late = await answerLate(office.bitrix24.url, isAdd, 700);
      await patch(`${late.url}/rest`);
    });
    afterAll(async () => {
      await patch(office.bitrix24.restBase);
      await late.stop();
    });

    /** Runs that wait for the answer go on. */
    async function answersCome() {
      await passTime(office.server.ctx.pool, 30);
      await office.settle();
    }

    it('makes no double of it in the flow that goes back when only the pair can tell', async () => {
      const byPair = (draft: ReturnType<typeof toHubex> | ReturnType<typeof toBitrix24>) => ({
        ...draft,
        steps: draft.steps.map((step) => ({ ...step, duplicates: { mode: 'upsert', keys: [] } })),
      });
      const there = await start('There', byPair(toHubex()));
      const makes = await start('Makes contacts', byPair(toBitrix24()));
      await rounds(1);
      office.hubex.tenant.contacts.set(9300, { id: 9300, fullName: 'Парная Вера', phone: '+79250000300' });
      await askOnly(makes);
      expect((await office.runsOf(there))[0]).toMatchObject({ state: 'waiting', reason: { code: 'create.under_way' } });
      await answersCome();
      await rounds(1);
      expect(inBitrix24('Парная')).toHaveLength(1);
      expect(inHubex('Парная')).toHaveLength(1);
      expect((await office.runsOf(there))[0]).toMatchObject({ state: 'done', reason: { code: 'same' } });
    });

    it('makes no double of it in the flow that goes back', async () => {
      await start('There', toHubex());
      const makes = await start('Makes contacts', toBitrix24());
      await rounds(1);
      office.hubex.tenant.contacts.set(9200, { id: 9200, fullName: 'Ранняя Вера', phone: '+79250000200' });
      await rounds(3);
      expect(inBitrix24('Ранняя')).toHaveLength(1);
      expect(inHubex('Ранняя')).toHaveLength(1);
      expect((await office.runsOf(makes)).filter(({ state }) => state !== 'done' && state !== 'skipped')).toEqual([]);
    });

    it('does not start the flow that makes it', async () => {
      const flow = await start('Copies', {
        trigger: { connection: office.connections.bitrix24, trigger: 'deal.createdOrChanged', mode: 'realTime' },
        steps: [
          {
            id: 'a1',
            connection: office.connections.bitrix24,
            action: 'deal.create',
            mapping: { title: template('Копия: {{ trigger.title }}') },
          },
        ],
      });
      office.bitrix24.createDeal({ title: 'Образец', stageId: 'C1:NEW', categoryId: 1 });
      await office.settle();
      await answersCome();
      await rounds(3);
      const titles = office.bitrix24.listDeals().map(({ title }) => String(title));
      expect(titles.filter((title) => title.endsWith('Образец')).sort()).toEqual(['Копия: Образец', 'Образец']);
      const codes = (await office.runsOf(flow)).map(({ reason }) => reason?.code);
      // The copy tells of itself more than once; a later call takes the place of one that still waits.
      expect(codes.filter((code) => code !== 'superseded').sort()).toEqual(['created', 'echo']);
    });
  });
});
