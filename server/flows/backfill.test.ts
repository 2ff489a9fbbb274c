import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { connectionsApi } from '../connections/contract.ts';
import { eventually } from '../testing/index.ts';
import { backfillApi, type Flow, flowDraft, flowsApi } from './contract.ts';
import { dealToItem } from './testing/drafts.ts';
import { failAll } from './testing/faults.ts';
import { dealToTask, type Office, openOffice } from './testing/office.ts';

const since = () => new Date(Date.now() - 30 * 86_400_000).toISOString();

describe('existing records', () => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice();
  });
  afterAll(() => office.stop());

  const look = (id: string) => office.server.call(backfillApi.getBackfill, { params: { id } });
  const move = (id: string, verb: 'start' | 'pause' | 'resume' | 'cancel') =>
    office.server.call(backfillApi.moveBackfill, { params: { id, move: verb } });
  /** Every second look of a running backfill is put off by a second. */
  async function runOut(id: string) {
    return eventually(async () => {
      await office.server.passTime(2);
      await office.server.ctx.pool.query('update backfills set next_at = now()');
      await office.server.processAll();
      const backfill = await look(id);
      return backfill?.state === 'done' ? backfill : null;
    });
  }

  it('go through a flow only when a person asks, once each', async () => {
    // Polled, so that only the backfill can bring old deals.
    const flow = await office.startFlow(
      'All',
      dealToTask(office, {
        trigger: {
          connection: office.connections.bitrix24,
          trigger: 'deal.createdOrChanged',
          mode: 'poll',
          once: true,
        },
        filter: null,
      }),
    );
    const deals = office.bitrix24.listDeals().length;
    const before = office.hubex.listTasks().length;
    expect(await office.runsOf(flow)).toEqual([]);

    await office.server.call(backfillApi.postBackfill, { params: { id: flow.id }, body: { since: since() } });
    await office.server.processAll();
    expect(await look(flow.id)).toMatchObject({ state: 'ready', total: deals, taken: 0 });
    expect(office.hubex.listTasks()).toHaveLength(before);

    await move(flow.id, 'start');
    expect(await runOut(flow.id)).toMatchObject({ taken: deals, open: 0 });
    expect(office.hubex.listTasks()).toHaveLength(before + deals);

    await office.server.call(backfillApi.postBackfill, { params: { id: flow.id }, body: { since: since() } });
    await office.server.processAll();
    await move(flow.id, 'start');
    await runOut(flow.id);
    expect(office.hubex.listTasks()).toHaveLength(before + deals);
  });

  describe('beside a running flow that creates always', () => {
    const flowOf = (name: string, change: { trigger?: string; filter?: string } = {}) => ({
      ...dealToItem(office, { trigger: { trigger: change.trigger ?? 'deal.created', mode: 'poll' } }),
      filter: {
        combinator: 'and',
        rules: [{ field: 'title', operator: 'startsWith', value: change.filter ?? name }],
      },
    });
    const itemsCalled = (name: string) => office.target.items.filter((item) => item.name === name);
    async function backfill(id: string) {
      await office.server.call(backfillApi.postBackfill, { params: { id }, body: { since: since() } });
      await office.server.processAll();
      await move(id, 'start');
      await runOut(id);
    }
    const newDeal = (title: string) => office.bitrix24.createDeal({ title, stageId: 'C1:NEW', categoryId: 1 });

    it.each(['deal.created', 'deal.createdOrChanged'])(
      'of %s make one record each, whoever comes first',
      async (trigger) => {
        const flow = await office.startFlow('Beside', flowOf('Рядом', { trigger }));
        await office.askAgain();
        newDeal(`Рядом раньше ${trigger}`);
        await office.askAgain();
        newDeal(`Рядом позже ${trigger}`);
        await backfill(flow.id);
        await office.askAgain();
        await office.askAgain();
        expect(itemsCalled(`Рядом раньше ${trigger}`)).toHaveLength(1);
        expect(itemsCalled(`Рядом позже ${trigger}`)).toHaveLength(1);
        await office.server.call(flowsApi.stopFlow, { params: { id: flow.id } });
      },
    );

    it('take what the flow only filtered out before', async () => {
      const flow = await office.startFlow('Filtered', flowOf('Отсев', { filter: 'Другое' }));
      await office.askAgain();
      newDeal('Отсев');
      await office.askAgain();
      expect(itemsCalled('Отсев')).toHaveLength(0);
      const params = { id: flow.id };
      const draft = flowDraft.parse(flowOf('Отсев'));
      await office.server.call(flowsApi.patchFlow, { params, body: { draft } });
      await office.server.call(flowsApi.saveFlow, { params });
      await backfill(flow.id);
      expect(itemsCalled('Отсев')).toHaveLength(1);
      await office.server.call(flowsApi.stopFlow, { params });
    });
  });

  describe('whose app or flow does not let them on', () => {
    const { postBackfill } = backfillApi;
    const flowOf = (trigger = 'deal.created') => dealToItem(office, { trigger: { trigger, mode: 'poll' } });
    async function counted(name: string): Promise<Flow> {
      const flow = await office.startFlow(name, flowOf());
      await office.server.call(postBackfill, { params: { id: flow.id }, body: { since: since() } });
      await office.server.processAll();
      return flow;
    }
    const works = async () => {
      await office.server.ctx.pool.query('update backfills set next_at = now()');
      await office.server.processAll();
    };
    const connection = () => ({ params: { id: office.connections.bitrix24 } });
    const health = async () => (await office.server.call(connectionsApi.getConnection, connection())).health;
    const isAsk = ({ path }: { path: string }) => path.endsWith('crm.item.list');

    it('wait for a connection that must be renewed, and say so', async () => {
      const flow = await counted('Renewed');
      await office.server.ctx.pool.query('update triggers set next_ask_at = $1', ['infinity']);
      const stop = failAll(office.bitrix24, isAsk, {
        status: 401,
        body: { error: 'NO_AUTH_FOUND', error_description: 'Wrong authorization data' },
      });
      await move(flow.id, 'start');
      await works();
      expect(await health()).toBe('reconnect');
      const asked = office.bitrix24.requests.filter(isAsk).length;
      await works();
      expect(await look(flow.id)).toMatchObject({ state: 'running', failure: { code: 'connection.reconnect' } });
      expect(office.bitrix24.requests.filter(isAsk)).toHaveLength(asked);
      stop();
      await office.server.call(connectionsApi.checkConnection, connection());
      expect(await runOut(flow.id)).toMatchObject({ failure: null });
    });

    it('end with the reason when the flow reads something else, and with the flow when it is deleted', async () => {
      const changed = await counted('Changed');
      const params = { id: changed.id };
      await office.server.call(flowsApi.patchFlow, {
        params,
        body: { draft: flowDraft.parse(flowOf('deal.changed')) },
      });
      await office.server.call(flowsApi.saveFlow, { params });
      await move(changed.id, 'start');
      await works();
      const other = { state: 'cancelled', failure: { code: 'backfill.other_source' } };
      expect(await look(changed.id)).toMatchObject(other);

      const deleted = await counted('Deleted');
      await office.server.call(flowsApi.deleteFlow, { params: { id: deleted.id } });
      await office.server.call(flowsApi.restoreFlow, { params: { id: deleted.id } });
      expect(await look(deleted.id)).toMatchObject({ state: 'cancelled', failure: { code: 'backfill.flow_deleted' } });
    });

    it('start at once though our clock is an hour ahead', async () => {
      const flow = await counted('Clock');
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
      await move(flow.id, 'start').finally(() => vi.useRealTimers());
      const { rows } = await office.server.ctx.pool.query<{ due: boolean }>(
        'select next_at <= now() and until <= now() as due from backfills where flow_id = $1',
        [flow.id],
      );
      expect(rows).toEqual([{ due: true }]);
      await move(flow.id, 'cancel');
    });
  });

  it('are not held by the brake, and a second backfill waits for the first to end', async () => {
    const { call } = office.server;
    const flow = await call(flowsApi.postFlow, { body: { name: 'Second' } });
    await expect(
      call(backfillApi.postBackfill, { params: { id: flow.id }, body: { since: since() } }),
    ).rejects.toMatchObject({ status: 422 });
    const started = await office.startFlow('Third', dealToTask(office));
    await call(backfillApi.postBackfill, { params: { id: started.id }, body: { since: since() } });
    await expect(
      call(backfillApi.postBackfill, { params: { id: started.id }, body: { since: since() } }),
    ).rejects.toMatchObject({ status: 409 });
    await move(started.id, 'cancel');
    expect(await look(started.id)).toMatchObject({ state: 'cancelled' });
    await expect(move(started.id, 'resume')).rejects.toMatchObject({ status: 409 });
  });
});
