import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { idFor } from '../../connectors/creatio/stand-in/seed.ts';
import { type Body, change, insert, type StandRow, tableOf } from '../../connectors/creatio/stand-in/stand.ts';
import { connectionsApi } from '../connections/contract.ts';
import { eventually } from '../testing/index.ts';
import { backfillApi, type Flow, type FlowDraft, flowDraft, flowsApi } from './contract.ts';
import { type CreatioOffice, openCreatioOffice } from './testing/creatio-office.ts';
import { postCall } from './testing/drafts.ts';

const template = (text: string) => ({ kind: 'template', text });

describe('objects that only an account has', () => {
  let office: CreatioOffice;
  beforeAll(async () => {
    office = await openCreatioOffice();
  });
  const started: Flow[] = [];
  afterEach(async () => {
    for (const { id } of started.splice(0)) await office.server.call(flowsApi.stopFlow, { params: { id } });
  });
  afterAll(() => office.stop());

  type App = 'creatio' | 'bpmonline';
  const vehicles = (app: App): StandRow[] => [...tableOf(office[app].stand, 'UsrVehicle').rows.values()];
  const buy = (app: App, body: Body): string => String(insert(office[app].stand, 'UsrVehicle', body).Id);
  const edit = (app: App, id: string, body: Body) => change(office[app].stand, 'UsrVehicle', id, body);
  const start = async (name: string, draft: Record<string, unknown>): Promise<Flow> => {
    const flow = await office.startFlow(name, draft);
    started.push(flow);
    return flow;
  };
  const triggers = (app: App, query: Record<string, unknown>) =>
    office.server.call(connectionsApi.listTriggers, { params: { id: office.crm[app] }, query });

  /** A van that came or changed becomes a task, known by its plate. */
  const vanToTask = (app: App, mode: 'realTime' | 'poll') => ({
    trigger: { connection: office.crm[app], trigger: 'UsrVehicle.createdOrChanged', mode },
    filter: { combinator: 'and', rules: [{ field: 'UsrBodyType', operator: 'equals', value: 'Фургон' }] },
    steps: [
      {
        id: 'a1',
        connection: office.connections.hubex,
        action: 'task.create',
        mapping: {
          taskType: { kind: 'constant', value: { id: '1', label: '' } },
          contactPerson: template('{{ trigger.UsrOwnerContact.Name }}'),
          contactPhone: template('{{ trigger.UsrOwnerContact.MobilePhone }}'),
          notes: template('{{ trigger.Name }}, {{ trigger.UsrYear }}'),
          erpID: template('{{ trigger.UsrPlate }}'),
        },
        duplicates: {
          mode: 'upsert',
          several: 'first',
          keys: [{ field: 'erpID', template: '{{ trigger.UsrPlate }}' }],
        },
      },
    ],
  });
  const tasksOf = (plate: string) => office.hubex.listTasks().filter(({ erpID }) => erpID === plate);

  /** A form becomes a vehicle, found by its plate. */
  const formToVehicle = (app: App) => ({
    trigger: { connection: office.connections.webhook, trigger: 'webhook.received', mode: 'realTime' },
    steps: [
      {
        id: 'a1',
        connection: office.crm[app],
        action: 'UsrVehicle.create',
        mapping: {
          Name: template('{{ trigger.name }}'),
          UsrPlate: template('{{ trigger.note }}'),
          UsrYear: template('{{ trigger.phone }}'),
          UsrBodyType: { kind: 'constant', value: { id: idFor('UsrVehicleBodyType Пикап'), label: 'Пикап' } },
        },
        duplicates: {
          mode: 'upsert',
          several: 'first',
          keys: [{ field: 'UsrPlate', template: '{{ trigger.note }}' }],
          fields: { Name: 'ifEmpty' },
        },
      },
    ],
  });

  it.each(['creatio', 'bpmonline'] as const)(
    'are listed with those of the shelf, and found by their names: %s',
    async (app) => {
      const first = await triggers(app, { limit: 5 });
      expect(first.items.map(({ key }) => key)).toEqual([
        'contact.created',
        'contact.changed',
        'contact.createdOrChanged',
        'account.created',
        'account.changed',
      ]);
      expect(first).toMatchObject({ failure: null });
      const found = await triggers(app, { search: 'АВТОМОБИЛЬ созд' });
      expect(found.items).toMatchObject([
        {
          key: 'UsrVehicle.created',
          label: { ru: 'Автомобиль: создание' },
          discovered: true,
          polled: true,
          settings: [],
        },
        { key: 'UsrVehicle.createdOrChanged' },
      ]);
      expect(found.total).toBe(2);
      expect((await triggers(app, { keys: 'UsrVehicle.changed,case.enteredStatus' })).items).toMatchObject([
        { key: 'case.enteredStatus' },
        { key: 'UsrVehicle.changed', discovered: true },
      ]);
      const next = await triggers(app, { limit: 5, offset: 5 });
      expect(next.items).toHaveLength(5);
      expect(next.items.map(({ key }) => key)).not.toContain('account.changed');
      const actions = await office.server.call(connectionsApi.listActions, {
        params: { id: office.crm[app] },
        query: { search: 'usrvehicle' },
      });
      expect(actions.items.slice(0, 3)).toMatchObject([
        { key: 'UsrVehicle.create', duplicates: 'create' },
        { key: 'UsrVehicle.update', duplicates: 'target' },
        { key: 'UsrVehicle.find', duplicates: 'target' },
      ]);
    },
  );

  it.each(['creatio', 'bpmonline'] as const)(
    'start a flow by polling, with their references and choices: %s',
    async (app) => {
      const flow = await start('Vans', vanToTask(app, 'poll'));
      const plate = `В${app === 'creatio' ? 1 : 2}00АА178`;
      const id = buy(app, {
        Name: 'Ford Transit',
        UsrPlate: plate,
        UsrYear: 2022,
        UsrOwnerContactId: idFor('Гусев Олег Петрович'),
        UsrBodyTypeId: idFor('UsrVehicleBodyType Фургон'),
      });
      buy(app, { Name: 'Легковая', UsrPlate: 'не фургон' });
      await office.askAgain();
      expect(tasksOf(plate)).toMatchObject([{ contactPerson: 'Гусев Олег Петрович', notes: 'Ford Transit, 2022' }]);
      edit(app, id, { UsrYear: 2023 });
      await office.askAgain();
      expect(tasksOf(plate)).toMatchObject([{ notes: 'Ford Transit, 2023' }]);
      const ofVan = (await office.runsOf(flow)).filter(({ record }) => record.id === id);
      expect(ofVan.map(({ state }) => state)).toEqual(['done', 'done']);
    },
  );

  it('start a flow at the call of a business process', async () => {
    const flow = await start('Vans at once', vanToTask('creatio', 'realTime'));
    const id = buy('creatio', {
      Name: 'Sollers Argo',
      UsrPlate: 'С300СС178',
      UsrBodyTypeId: idFor('UsrVehicleBodyType Фургон'),
    });
    const { hook } = await office.server.call(connectionsApi.getConnection, { params: { id: office.crm.creatio } });
    const answer = await fetch(`${office.server.url}${new URL(hook?.address ?? '').pathname}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-mostik-secret': 'secret-of-the-process' },
      body: JSON.stringify({ EntityName: 'UsrVehicle', Id: id }),
    });
    expect(answer.status).toBe(200);
    await office.settle();
    expect(tasksOf('С300СС178')).toHaveLength(1);
    await office.askAgain();
    const ofVan = (await office.runsOf(flow)).filter(({ record }) => record.id === id);
    expect(ofVan.map(({ state }) => state)).toEqual(['done']);
  });

  it.each(['creatio', 'bpmonline'] as const)('are created, found again by a key, and updated: %s', async (app) => {
    await postCall(office);
    await start('Form to vehicle', formToVehicle(app));
    const plate = 'К777КК47';
    const ofPlate = () => vehicles(app).filter(({ UsrPlate }) => UsrPlate === plate);
    await postCall(office, { name: 'УАЗ Профи', phone: '2021', email: '', note: plate });
    await office.settle();
    expect(ofPlate()).toMatchObject([{ Name: 'УАЗ Профи', UsrYear: 2021 }]);
    await postCall(office, { name: 'Другое имя', phone: '2022', email: '', note: plate });
    await office.settle();
    expect(ofPlate()).toMatchObject([{ Name: 'УАЗ Профи', UsrYear: 2022 }]);
  });

  it('are tried, counted and brought in before anything is started', async () => {
    const draft = flowDraft.parse(vanToTask('creatio', 'poll')) as FlowDraft;
    const { call } = office.server;
    const trial = await call(flowsApi.postTrial, { body: { draft, record: idFor('van') } });
    expect(trial.steps[0]).toMatchObject({ failure: null, send: { erpID: 'А123ВС178' } });
    const flow = await start('All vans', vanToTask('creatio', 'poll'));
    await call(backfillApi.postBackfill, {
      params: { id: flow.id },
      body: { since: new Date(Date.now() - 30 * 86_400_000).toISOString() },
    });
    await office.server.processAll();
    const look = () => call(backfillApi.getBackfill, { params: { id: flow.id } });
    expect(await look()).toMatchObject({ state: 'ready', total: vehicles('creatio').length });
    await call(backfillApi.moveBackfill, { params: { id: flow.id, move: 'start' } });
    await eventually(async () => {
      await office.server.ctx.pool.query('update backfills set next_at = now()');
      await office.server.processAll();
      return (await look())?.state === 'done';
    });
    expect(tasksOf('А123ВС178')).toMatchObject([{ contactPerson: 'Гусев Олег Петрович' }]);
  });

  it('that are gone later are named, with what to do', async () => {
    const { call } = office.server;
    const { stand } = office.creatio;
    const flow = await start('Soon gone', vanToTask('creatio', 'poll'));
    const read = () => call(flowsApi.getFlow, { params: { id: flow.id } });
    expect((await read()).problems).toEqual([]);
    expect((await read()).sentence).not.toBeNull();
    const table = tableOf(stand, 'UsrVehicle');
    stand.tables.delete('UsrVehicle');
    try {
      await office.askAgain();
      expect((await read()).trigger?.failure).toMatchObject({ text: { ru: expect.stringContaining('«UsrVehicle»') } });
      // As after a while: the connection reads anew what the stand has.
      await call(connectionsApi.patchConnection, { params: { id: office.crm.creatio }, body: { name: 'Наша CRM' } });
      expect((await read()).problems).toMatchObject([
        {
          card: 'trigger',
          code: 'trigger.unknown',
          text: { ru: expect.stringMatching(/«Наша CRM» больше нет объекта «UsrVehicle».*выберите другое событие/) },
        },
      ]);
      expect((await triggers('creatio', { search: 'UsrVehicle.' })).items).toEqual([]);
    } finally {
      stand.tables.set('UsrVehicle', table);
    }
  });

  it('leave the shelf usable while the account does not answer', async () => {
    const { call } = office.server;
    await call(connectionsApi.patchConnection, { params: { id: office.crm.bpmonline }, body: { name: 'Тихая CRM' } });
    office.bpmonline.faults.limited = true;
    try {
      const list = await triggers('bpmonline', {});
      expect(list.failure?.text).toMatchObject({ ru: expect.stringMatching(/\S/) });
      expect(list.items.map(({ key }) => key)).toContain('case.enteredStatus');
    } finally {
      office.bpmonline.faults.limited = false;
    }
  });
});
