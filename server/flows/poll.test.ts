import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Company } from '../../connectors/hubex/stand-in/tenant.ts';
import { connectionsApi } from '../connections/contract.ts';
import { eventually } from '../testing/index.ts';
import { type Flow, flowDraft, flowsApi } from './contract.ts';
import { dealToItem, itemSettings } from './testing/drafts.ts';
import { failNext } from './testing/faults.ts';
import { type Office, openOffice } from './testing/office.ts';

describe('asking for what changed', () => {
  let office: Office;
  let portalNow: () => Date;
  const started: Flow[] = [];

  beforeAll(async () => {
    office = await openOffice();
    portalNow = office.bitrix24.portal.now;
  });
  afterEach(async () => {
    office.bitrix24.portal.now = portalNow;
    await office.server.ctx.pool.query('drop function if exists refuse cascade');
    for (const { id } of started.splice(0)) await office.server.call(flowsApi.stopFlow, { params: { id } });
  });
  afterAll(() => office.stop());

  const polled = (event: 'created' | 'changed' | 'createdOrChanged', more: Record<string, unknown> = {}) =>
    dealToItem(office, { trigger: { trigger: `deal.${event}`, mode: 'poll', ...more } });
  async function start(name: string, draft: Record<string, unknown>): Promise<Flow> {
    const flow = await office.startFlow(name, draft);
    started.push(flow);
    return flow;
  }
  const triggerOf = async (flow: Flow) =>
    (
      await office.server.ctx.pool.query<{ cursor: unknown; started_at: Date; failure: { code: string } | null }>(
        'select cursor, started_at, failure from triggers where flow_id = $1',
        [flow.id],
      )
    ).rows[0];
  /** Without the portal's webhook: only asking finds it. */
  function silently<T>(change: () => T): T {
    const { tell } = office.bitrix24.portal;
    office.bitrix24.portal.tell = () => {};
    try {
      return change();
    } finally {
      office.bitrix24.portal.tell = tell;
    }
  }
  /** By the portal's clock, which tells whole seconds. */
  function later<T>(seconds: number, change: () => T): T {
    office.bitrix24.portal.now = () => new Date(portalNow().getTime() + seconds * 1000);
    try {
      return change();
    } finally {
      office.bitrix24.portal.now = portalNow;
    }
  }
  const newDeal = (title: string) =>
    silently(() => office.bitrix24.createDeal({ title, stageId: 'C1:NEW', categoryId: 1, comments: 'новая' }).id);
  const oldDeal = (title: string) => later(-3600, () => newDeal(title));
  const edit = (id: number, comments: string) => silently(() => office.bitrix24.editDeal(id, { comments }));
  const itemsCalled = (name: string) => office.target.items.filter((item) => item.name === name);
  const runsOf = async (flow: Flow, id?: number) =>
    (await office.runsOf(flow)).filter(({ record }) => id === undefined || record.id === String(id));

  it('takes no existing record at the first start', async () => {
    const id = oldDeal('Старая');
    const flows = [
      await start('Created', polled('created')),
      await start('Changed', polled('changed')),
      await start('Both', polled('createdOrChanged')),
    ];
    await office.askAgain();
    await office.askAgain();
    for (const flow of flows) expect(await runsOf(flow)).toEqual([]);
    edit(id, 'тронута');
    await office.askAgain();
    expect((await Promise.all(flows.map((flow) => runsOf(flow)))).map(({ length }) => length)).toEqual([0, 1, 1]);
  });

  it('tells created, changed and both apart, and no overlap gives a row twice', async () => {
    const created = await start('Created', polled('created'));
    const changed = await start('Changed', polled('changed'));
    const both = await start('Both', polled('createdOrChanged'));
    const countsOf = async (id: number) =>
      (await Promise.all([created, changed, both].map((flow) => runsOf(flow, id)))).map(({ length }) => length);
    async function askThrice(): Promise<void> {
      for (let asks = 0; asks < 3; asks += 1) await office.askAgain();
    }
    const id = newDeal('Свежая');
    await askThrice();
    expect(await countsOf(id)).toEqual([1, 0, 1]);
    later(5, () => edit(id, 'тронута'));
    await askThrice();
    expect(await countsOf(id)).toEqual([1, 1, 2]);
    // Made and touched between two asks: one creation, one change, one of both.
    const other = newDeal('Сразу тронута');
    later(5, () => edit(other, 'тронута'));
    await askThrice();
    expect(await countsOf(other)).toEqual([1, 1, 1]);
  });

  it('fires both once for ADD and UPDATE that come together by webhook, and the reconciling poll adds nothing', async () => {
    const realTime = { mode: 'realTime' };
    const flows = [
      await start('Created', polled('created', realTime)),
      await start('Changed', polled('changed', realTime)),
      await start('Both', polled('createdOrChanged', realTime)),
    ];
    const deal = office.bitrix24.createDeal({ title: 'Вместе', stageId: 'C1:NEW', categoryId: 1 });
    office.bitrix24.editDeal(deal.id, { comments: 'сразу' });
    await office.settle();
    for (let asks = 0; asks < 3; asks += 1) await office.askAgain();
    for (const flow of flows) {
      const runs = (await runsOf(flow, deal.id)).filter(({ state }) => state === 'done');
      expect(runs).toHaveLength(1);
    }
    expect(itemsCalled('Вместе')).toHaveLength(3);
  });

  it('picks up what the webhook never told, and never takes an edit twice when both do', async () => {
    const flow = await start('Reconciled', polled('changed', { mode: 'realTime' }));
    const id = oldDeal('Двумя путями');
    edit(id, 'молча');
    await office.askAgain();
    expect(itemsCalled('Двумя путями')).toHaveLength(1);
    for (const comments of ['раз', 'два', 'три']) {
      office.bitrix24.editDeal(id, { comments });
      await Promise.all([office.settle(), office.askAgain()]);
      await office.askAgain();
    }
    expect(itemsCalled('Двумя путями').map(({ note }) => note)).toEqual(['молча', 'раз', 'два', 'три']);
    expect((await runsOf(flow, id)).filter(({ state }) => state === 'done')).toHaveLength(4);
  });

  it('takes every one of many records that changed in the same second', async () => {
    await start('Same second', polled('changed'));
    const ids = Array.from({ length: 65 }, (_, index) => oldDeal(`Секунда ${index}`));
    const moment = new Date();
    office.bitrix24.portal.now = () => moment;
    for (const id of ids) edit(id, 'разом');
    office.bitrix24.portal.now = portalNow;
    await office.askAgain();
    await office.askAgain();
    const counts = ids.map((_, index) => itemsCalled(`Секунда ${index}`).length);
    expect(counts).toEqual(ids.map(() => 1));
  });

  describe('the cursor', () => {
    it.each([
      ['the rows', 'insert on runs', "new.source = 'poll'"],
      // The statement that moves the cursor also notes that something was found.
      ['the cursor', 'update on triggers', 'new.event_at is distinct from old.event_at'],
    ])('and what was found are saved together: %s cannot be written', async (what, event, condition) => {
      const { pool } = office.server.ctx;
      const flow = await start(`Together ${what}`, polled('changed'));
      const id = oldDeal(`Вместе ${what}`);
      await office.askAgain();
      const before = await triggerOf(flow);
      await pool.query(
        `create function refuse() returns trigger language plpgsql as 'begin raise exception ''no''; end'`,
      );
      await pool.query(
        `create trigger refuse before ${event} for each row when (${condition}) execute function refuse()`,
      );
      edit(id, 'между');
      await office.askAgain();
      const after = await triggerOf(flow);
      // Whole pages of what was seen before may be behind it; the record that could not be saved never is.
      const place = (row: typeof after) => row?.cursor as { watermark: string; lastId: number };
      expect(place(after).watermark).toBe(place(before).watermark);
      expect(place(after).lastId).toBeLessThan(id);
      expect(after?.failure).not.toBeNull();
      expect(await runsOf(flow, id)).toEqual([]);
      await pool.query('drop function refuse cascade');
      await office.askAgain();
      expect(itemsCalled(`Вместе ${what}`)).toHaveLength(1);
      expect((await triggerOf(flow))?.failure).toBeNull();
    });

    it('that is lost in the middle of a long catch-up begins again from before it', async () => {
      const { pool } = office.server.ctx;
      const flow = await start('Long catch-up', polled('changed'));
      const ids = Array.from({ length: 60 }, (_, index) => oldDeal(`Долгая ${index}`));
      await office.askAgain();
      await pool.query(
        `update triggers set asked_at = now() - interval '3 days', started_at = now() - interval '9 days' where flow_id = $1`,
        [flow.id],
      );
      for (const id of ids) edit(id, 'в простое');
      // The second of two pages does not come.
      const isSecond = ({ path, rawBody }: { path: string; rawBody: Buffer }) =>
        path.endsWith('crm.item.list') && /">id":[1-9]/.test(rawBody.toString());
      failNext(office.bitrix24, isSecond, 'drop');
      await office.askAgain();
      const { rows } = await pool.query<{ failed: boolean; old: boolean }>(
        `select failure is not null as failed, asked_at < now() - interval '2 days' as old from triggers where flow_id = $1`,
        [flow.id],
      );
      expect(rows).toEqual([{ failed: true, old: true }]);
      await office.askAgain();
      // Deals of other tests have changed since then, too.
      const taken = (await office.runsOf(flow)).map(({ record }) => record.id);
      expect(taken.filter((id) => ids.some((one) => String(one) === id))).toHaveLength(60);
    });

    describe('when the app does not know it any more', () => {
      const lose = (flow: Flow) =>
        office.server.ctx.pool.query(`update triggers set cursor = '{"lost": true}' where flow_id = $1`, [flow.id]);
      const askThrice = async () => {
        for (let asks = 0; asks < 3; asks += 1) await office.askAgain();
      };

      it.each([
        ['created', 'realTime'],
        ['changed', 'poll'],
        ['createdOrChanged', 'poll'],
        ['createdOrChanged', 'realTime'],
      ] as const)('reads "%s" (%s) anew: nothing is lost, nothing is taken twice', async (event, mode) => {
        const untouched = oldDeal('До старта');
        later(-60, () => edit(untouched, 'до старта'));
        const flow = await start(`Lost ${event} ${mode}`, polled(event, { mode }));
        const taken = newDeal(`Взята ${event} ${mode}`);
        await askThrice();
        later(3, () => edit(taken, 'раз'));
        await askThrice();
        const known = await office.runsOf(flow);
        await lose(flow);
        later(6, () => edit(taken, 'два'));
        const fresh = later(6, () => newDeal(`Новая ${event} ${mode}`));
        await office.askAgain();
        expect(await triggerOf(flow)).toMatchObject({ cursor: null, failure: { code: 'bitrix24.cursor' } });
        // Changed between the failed ask and the next one.
        later(9, () => edit(fresh, 'ещё'));
        await askThrice();
        expect((await triggerOf(flow))?.failure).toBeNull();
        const runs = (await office.runsOf(flow)).filter(({ id }) => !known.some((one) => one.id === id));
        const ids = runs.map(({ record }) => record.id).sort();
        expect(ids).toEqual((event === 'created' ? [fresh] : [taken, fresh]).map(String).sort());
        expect(runs.every(({ state }) => state === 'done')).toBe(true);
        expect(await runsOf(flow, untouched)).toEqual([]);
      });

      it('reads deals that entered a stage anew, each entry once', async () => {
        const trigger = { trigger: 'deal.enteredStage', mode: 'poll', settings: { stage: 'C1:UC_SERVICE' } };
        const flow = await start('Lost entries', dealToItem(office, { trigger }));
        const id = oldDeal('Входы');
        const enter = () => {
          for (const stage of ['C1:UC_SERVICE', 'C1:NEW']) silently(() => office.bitrix24.moveDeal(id, stage));
        };
        enter();
        await askThrice();
        await lose(flow);
        enter();
        await office.askAgain();
        expect((await triggerOf(flow))?.cursor).toBeNull();
        enter();
        await askThrice();
        expect((await runsOf(flow, id)).map(({ state }) => state)).toEqual(['done', 'done', 'done']);
      });

      it('reads finished tasks of HubEx anew, each once', async () => {
        const flow = await start('Lost tasks', {
          trigger: { connection: office.connections.hubex, trigger: 'task.completed', mode: 'poll' },
          steps: [
            {
              id: 'a1',
              connection: office.connections.webhook,
              action: 'item.create',
              settings: itemSettings(office),
              mapping: { name: { kind: 'template', text: '{{ trigger.finishComment }}' } },
            },
          ],
        });
        const [first, second] = office.hubex.listTasks().filter(({ stage }) => stage.name !== 'Выполнена');
        const finished = (comment: string) =>
          eventually(async () => {
            await office.askAgain();
            return itemsCalled(comment).length > 0;
          });
        await office.hubex.completeTask(first?.id ?? 0, { comment: 'Закончена первая' });
        await finished('Закончена первая');
        await lose(flow);
        await office.hubex.completeTask(second?.id ?? 0, { comment: 'Закончена вторая' });
        await finished('Закончена вторая');
        await askThrice();
        expect(itemsCalled('Закончена первая')).toHaveLength(1);
        expect(itemsCalled('Закончена вторая')).toHaveLength(1);
      });
    });

    async function republish(flow: Flow, draft: Record<string, unknown>): Promise<void> {
      const params = { id: flow.id };
      await office.server.call(flowsApi.patchFlow, { params, body: { draft: flowDraft.parse(draft) } });
      await office.server.call(flowsApi.saveFlow, { params });
    }

    it('stays where it is when the flow is edited and published again', async () => {
      const flow = await start('Republished', polled('changed'));
      const id = oldDeal('Издание');
      edit(id, 'до издания');
      const before = await triggerOf(flow);
      const draft = polled('changed') as { steps: { mapping: Record<string, unknown> }[] };
      for (const version of ['первое', 'второе', 'третье']) {
        const [step] = draft.steps;
        if (step) step.mapping.email = { kind: 'constant', value: version };
        await republish(flow, { ...draft, name: 'another' });
      }
      expect(await triggerOf(flow)).toEqual(before);
      await office.askAgain();
      expect(itemsCalled('Издание').map(({ note }) => note)).toEqual(['до издания']);
    });

    it('stays where it is over a stop, and lets a person choose', async () => {
      const flow = await start('Stopped', polled('changed'));
      const id = oldDeal('Остановка');
      const params = { id: flow.id };
      await office.server.call(flowsApi.stopFlow, { params });
      edit(id, 'пока стояла');
      await office.askAgain();
      expect(itemsCalled('Остановка')).toHaveLength(0);
      await expect(office.server.call(flowsApi.startFlow, { params, body: {} })).rejects.toMatchObject({ status: 409 });
      await office.server.call(flowsApi.startFlow, { params, body: { missed: 'catchUp' } });
      await office.askAgain();
      expect(itemsCalled('Остановка').map(({ note }) => note)).toEqual(['пока стояла']);

      await office.server.call(flowsApi.stopFlow, { params });
      edit(id, 'забыта');
      await office.server.call(flowsApi.startFlow, { params, body: { missed: 'fromNow' } });
      // The portal tells whole seconds: what changed within the second of the start counts as new.
      const { started_at } = (await triggerOf(flow)) ?? { started_at: new Date() };
      expect(Date.now() - started_at.getTime()).toBeLessThan(10_000);
    });

    it.each([
      ['another event', { trigger: 'deal.createdOrChanged' }],
      ['another connection', { connection: 'second' }],
    ])('starts from now with %s', async (what, change) => {
      const flow = await start(`Source ${what}`, polled('changed'));
      const id = oldDeal(`Источник ${what}`);
      later(-30, () => edit(id, 'для прежнего'));
      const second = await office.server.call(connectionsApi.postConnection, {
        body: {
          connector: 'bitrix24',
          auth: 'webhook',
          name: 'Second',
          secrets: {
            webhookUrl: office.bitrix24.webhookUrl,
            applicationToken: office.bitrix24.applicationToken,
          },
          endpoints: { rest: office.bitrix24.restBase },
        },
      });
      const before = await triggerOf(flow);
      await republish(
        flow,
        polled('changed', { ...change, ...('connection' in change ? { connection: second.id } : {}) }),
      );
      const fresh = await triggerOf(flow);
      expect(fresh?.cursor).toBeNull();
      expect(fresh?.started_at.getTime()).toBeGreaterThan(before?.started_at.getTime() ?? 0);
      await office.askAgain();
      await office.askAgain();
      expect(itemsCalled(`Источник ${what}`)).toHaveLength(0);
      edit(id, 'для нового');
      await office.askAgain();
      expect(itemsCalled(`Источник ${what}`).map(({ note }) => note)).toEqual(['для нового']);
    });
  });

  it('asks only for what a call does not tell itself: the history of stages', async () => {
    const settings = { stage: 'C1:UC_SERVICE' };
    const told = await start('Told', polled('changed', { mode: 'realTime' }));
    const entered = await start(
      'Entered by call',
      dealToItem(office, { trigger: { trigger: 'deal.enteredStage', settings } }),
    );
    const id = oldDeal('Вызов и стадия');
    const askedAt = async (flow: Flow) =>
      (
        await office.server.ctx.pool.query<{ asked_at: Date }>('select asked_at from triggers where flow_id = $1', [
          flow.id,
        ])
      ).rows[0]?.asked_at;
    const before = { told: await askedAt(told), entered: await askedAt(entered) };
    office.bitrix24.moveDeal(id, 'C1:UC_SERVICE');
    await office.settle();
    await eventually(async () => (await askedAt(entered))?.getTime() !== before.entered?.getTime());
    await office.settle();
    expect(await askedAt(told)).toEqual(before.told);
    for (const flow of [told, entered]) expect(await runsOf(flow, id)).toMatchObject([{ state: 'done' }]);
  });

  it('fires once for each time a deal enters a stage, however often it is asked', async () => {
    const flow = await start(
      'Entered',
      dealToItem(office, {
        trigger: { trigger: 'deal.enteredStage', mode: 'poll', settings: { stage: 'C1:UC_SERVICE' } },
      }),
    );
    const id = oldDeal('По стадиям');
    const move = (stage: string) => silently(() => office.bitrix24.moveDeal(id, stage));
    for (const stage of ['C1:UC_SERVICE', 'C1:NEW', 'C1:UC_SERVICE', 'C1:NEW']) move(stage);
    for (let asks = 0; asks < 3; asks += 1) await office.askAgain();
    expect(await runsOf(flow, id)).toHaveLength(2);
    move('C1:UC_SERVICE');
    for (let asks = 0; asks < 2; asks += 1) await office.askAgain();
    expect(itemsCalled('По стадиям')).toHaveLength(3);
  });

  describe('companies of HubEx, which tells no changes: the whole list is compared with what was seen', () => {
    const draft = (event: string) => ({
      trigger: { connection: office.connections.hubex, trigger: `company.${event}`, mode: 'poll' },
      steps: [
        {
          id: 'a1',
          connection: office.connections.webhook,
          action: 'item.create',
          settings: itemSettings(office),
          mapping: {
            name: { kind: 'template', text: '{{ trigger.name }}' },
            note: { kind: 'template', text: event },
          },
        },
      ],
    });
    const sent = (event: string) => office.target.items.filter(({ note }) => note === event).map(({ name }) => name);
    const events = ['created', 'changed', 'createdOrChanged'] as const;
    const put = (id: number, name: string) =>
      office.hubex.tenant.companies.set(id, {
        ...office.hubex.tenant.companies.get(17),
        id,
        name,
        tin: String(id),
        registrationTypeID: 2,
      } as Company);

    it('learns what is there, then tells what is new and what has changed, once each', async () => {
      for (const event of events) await start(`Companies ${event}`, draft(event));
      await office.askAgain();
      for (const event of events) expect(sent(event)).toEqual([]);

      put(17, 'Переименована');
      put(9001, 'Новая');
      for (let asks = 0; asks < 2; asks += 1) await office.askAgain();
      expect(sent('created')).toEqual(['Новая']);
      expect(sent('changed')).toEqual(['Переименована']);
      expect(sent('createdOrChanged').sort()).toEqual(['Новая', 'Переименована']);

      // Born after the first pass and changed later.
      put(9001, 'Новая, изменена');
      for (let asks = 0; asks < 2; asks += 1) await office.askAgain();
      expect(sent('created')).toEqual(['Новая']);
      expect(sent('changed')).toEqual(['Переименована', 'Новая, изменена']);
      expect(sent('createdOrChanged')).toContain('Новая, изменена');
    });
  });
});
