import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Flow, flowsApi, type Pair, pairsApi } from '../contract.ts';
import { dealToTask, type Office, openOffice, taskToDeal } from '../testing/office.ts';

describe('linked records', () => {
  let office: Office;
  let there: Flow;
  let deals: number[];

  beforeAll(async () => {
    office = await openOffice();
    const [step] = (dealToTask(office) as { steps: Record<string, unknown>[] }).steps;
    const keys = [{ field: 'erpID', template: '{{ trigger.id }}' }];
    there = await office.startFlow(
      'Туда',
      dealToTask(office, {
        trigger: { connection: office.connections.bitrix24, trigger: 'deal.changed', mode: 'realTime' },
        steps: [{ ...step, duplicates: { mode: 'upsert', keys } }],
      }),
    );
    deals = ['Печь', 'Шкаф', 'Мойка'].map(service);
    await office.settle();
  });
  afterAll(() => office.stop());

  const contact = () => Number(office.bitrix24.listDeals().find(({ contactId }) => contactId)?.contactId);
  const service = (title: string) => {
    const { id } = office.bitrix24.createDeal({
      title,
      stageId: 'C1:NEW',
      categoryId: 1,
      comments: title,
      contactIds: [contact()],
    });
    office.bitrix24.moveDeal(id, 'C1:UC_SERVICE');
    return id;
  };
  const list = (query: { q?: string; record?: string; after?: string; limit?: number } = {}, flow = there) =>
    office.server.call(pairsApi.listPairs, { params: { id: flow.id }, query: { limit: 50, ...query } });
  const unlink = (pairs: string[], flow = there) =>
    office.server.call(pairsApi.unlinkPairs, { params: { id: flow.id }, body: { pairs } });
  const edit = async (deal: number, comments: string) => {
    office.bitrix24.editDeal(deal, { comments });
    await office.settle();
    const [latest] = await office.runsOf(there);
    const run = await office.run(latest?.id ?? '');
    return { run, decision: run.trace.find(({ kind }) => kind === 'duplicate') };
  };
  const titles = (pairs: Pair[]) => pairs.map(({ source }) => source.label);

  it('are told with titles and links, the latest first, page by page', async () => {
    const { items, next, once } = await list();
    expect({ next, once }).toEqual({ next: null, once: false });
    expect(titles(items).toSorted()).toEqual(['Мойка', 'Печь', 'Шкаф']);
    expect(items.map(({ linkedAt }) => linkedAt)).toEqual(
      items
        .map(({ linkedAt }) => linkedAt)
        .toSorted()
        .reverse(),
    );
    const oven = items.find(({ source }) => source.label === 'Печь');
    expect(oven).toMatchObject({
      source: { app: 'bitrix24', id: String(deals[0]), url: expect.stringContaining(`/${deals[0]}/`) },
      target: { app: 'hubex', label: expect.any(String) },
      afterUnlinking: 'search',
    });
    expect((await office.run(oven?.run ?? '')).record.id).toBe(String(deals[0]));

    const first = await list({ limit: 2 });
    const second = await list({ limit: 2, after: first.next ?? '' });
    expect([...first.items, ...second.items]).toEqual(items);
    expect(second.next).toBeNull();
  });

  it('are found by a word of the title and by the id at either end', async () => {
    const { items } = await list();
    const [one] = items;
    expect(titles((await list({ q: 'печ' })).items)).toEqual(['Печь']);
    expect((await list({ q: one?.source.id ?? '' })).items.map(({ id }) => id)).toContain(one?.id);
    expect((await list({ q: one?.target.id ?? '' })).items.map(({ id }) => id)).toContain(one?.id);
    expect(titles((await list({ record: String(deals[1]) })).items)).toEqual(['Шкаф']);
    expect((await list({ q: 'нет такой' })).items).toEqual([]);
  });

  it('are one line when flows in both directions have linked them', async () => {
    const before = (await list()).items;
    // As a flow in the other direction writes its own pair of the same records. The tests after this one meet them too.
    await office.server.ctx.pool.query(
      `insert into pairs (source_connection, source_type, source_id, target_connection, target_type, target_id, run_id)
       select target_connection, target_type, target_id, source_connection, source_type, source_id, run_id from pairs`,
    );
    const { items } = await list();
    expect(titles(items).toSorted()).toEqual(titles(before).toSorted());
    expect((await list({ limit: 2 })).items).toEqual(items.slice(0, 2));
  });

  it('belong to both ways: the flow back lists them with its own record first', async () => {
    const back = await office.server.call(flowsApi.postFlow, {
      body: { name: 'Обратно', draft: taskToDeal(office) as never },
    });
    await office.server.call(flowsApi.saveFlow, { params: { id: back.id } });
    const { items } = await list({}, back);
    expect(items).toHaveLength(3);
    expect(items[0]).toMatchObject({
      source: { app: 'hubex' },
      target: { app: 'bitrix24' },
      afterUnlinking: 'nothing',
    });
    expect(items.map(({ target }) => target.label).toSorted()).toEqual(['Мойка', 'Печь', 'Шкаф']);
  });

  it('once unlinked are looked for by the keys again: found by them, or made anew', async () => {
    const [oven = 0, cupboard = 0] = deals;
    expect((await edit(oven, 'раз')).decision?.why).toMatchObject({ en: expect.stringContaining('by the pair') });
    const { items } = await list();
    const pairOf = (deal: number) => items.find(({ source }) => source.id === String(deal));
    const chosen = [pairOf(oven), pairOf(cupboard)].flatMap((pair) => (pair ? [pair.id] : []));
    expect(await unlink(chosen)).toEqual({ unlinked: 2 });
    expect(titles((await list()).items)).toEqual(['Мойка']);

    const found = await edit(oven, 'два');
    expect(found.decision).toMatchObject({
      why: { en: expect.stringContaining(`= ${oven}`) },
      found: [{ id: pairOf(oven)?.target.id }],
    });
    expect((await list({ record: String(oven) })).items).toMatchObject([{ target: { id: pairOf(oven)?.target.id } }]);

    const before = office.hubex.listTasks().length;
    office.hubex.editTask(Number(pairOf(cupboard)?.target.id), { erpID: 'другой' });
    expect((await edit(cupboard, 'три')).run.reason?.code).toBe('created');
    expect(office.hubex.listTasks()).toHaveLength(before + 1);
  });

  it('of other flows are not unlinked', async () => {
    const other = await office.server.call(flowsApi.postFlow, { body: { name: 'Чужая' } });
    const { items } = await list();
    expect(
      await unlink(
        items.map(({ id }) => id),
        other,
      ),
    ).toEqual({ unlinked: 0 });
    expect((await list()).items).toEqual(items);
  });
});
