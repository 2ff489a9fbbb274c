import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { noFaults } from '../../kit/testing/stand-in.ts';
import { attentionApi, type Flow, flowsApi, type RunSummary, runsApi } from './contract.ts';
import { aCall, callToDeal, callToItem, dealToItem, postCall } from './testing/drafts.ts';
import { failNext, isDealAdd, isItemCreate, passTimeOfCalls } from './testing/faults.ts';
import { type Office, openOffice } from './testing/office.ts';

describe('what a person lets be done again', () => {
  let office: Office;
  const started: Flow[] = [];
  beforeAll(async () => {
    office = await openOffice();
    await postCall(office);
  });
  afterEach(async () => {
    for (const standIn of [office.bitrix24, office.target]) Object.assign(standIn.faults, noFaults());
    for (const { id } of started.splice(0)) await office.server.call(flowsApi.stopFlow, { params: { id } });
  });
  afterAll(() => office.stop());

  async function start(name: string, draft: Record<string, unknown>): Promise<Flow> {
    const flow = await office.startFlow(name, draft);
    started.push(flow);
    return flow;
  }
  const itemsCalled = (name: string) => office.target.items.filter((item) => item.name === name);
  const pass = async (seconds: number) => {
    await passTimeOfCalls(office.server.ctx.pool, seconds);
    await office.settle();
  };
  const inState = async (flow: Flow, state: RunSummary['state']) => {
    const found = (await office.runsOf(flow)).find((run) => run.state === state);
    if (!found) throw new Error(`No run of "${flow.name}" is ${state}.`);
    return found;
  };
  const rerun = async (run: RunSummary) => {
    await office.server.call(runsApi.rerun, {
      params: { id: run.id },
      body: { from: 'failedStep', version: 'current', createAgain: false, anyway: false },
    });
    await office.settle();
  };
  const preview = (run: RunSummary) =>
    office.server.call(attentionApi.previewRerun, {
      params: { id: run.id },
      body: { from: 'failedStep', version: 'current', createAgain: false, anyway: false },
    });

  it('makes one record of several refused runs of a record that is loaded only once', async () => {
    const flow = await start('Once', dealToItem(office, { trigger: { once: true } }));
    const { id } = office.bitrix24.createDeal({ title: 'Однажды', stageId: 'C1:NEW', categoryId: 1, comments: '0' });
    for (const comments of ['1', '2']) {
      failNext(office.target, isItemCreate, { status: 422, body: {} });
      office.bitrix24.editDeal(id, { comments });
      await office.settle();
    }
    const groups = await office.server.call(attentionApi.listAttention);
    const group = groups.find((each) => each.flow === flow.id);
    expect(group).toMatchObject({ state: 'rejected', count: 2 });
    await office.server.call(attentionApi.rerunMany, {
      body: {
        cause: { flow: flow.id, state: 'rejected', code: group?.code ?? '', field: group?.field ?? null },
        from: 'failedStep',
        version: 'current',
        createAgain: false,
      },
    });
    await office.settle();
    expect(itemsCalled('Однажды')).toHaveLength(1);
  });

  it('puts no older state over a newer one, and the preview says so', async () => {
    const keys = [{ field: 'deal', template: '{{ trigger.id }}' }];
    const flow = await start('Stale', dealToItem(office, { step: { duplicates: { mode: 'upsert', keys } } }));
    const { id } = office.bitrix24.createDeal({ title: 'Старое', stageId: 'C1:NEW', categoryId: 1, comments: 'ноль' });
    failNext(office.target, isItemCreate, { status: 422, body: {} });
    office.bitrix24.editDeal(id, { comments: 'старое' });
    await office.settle();
    office.bitrix24.editDeal(id, { comments: 'новое' });
    await office.settle();
    const refused = await inState(flow, 'rejected');
    const { values } = await preview(refused);
    expect(values.find(({ key }) => key === 'note')).toMatchObject({ after: 'новое' });
    await rerun(refused);
    expect(itemsCalled('Старое').map(({ note }) => note)).toEqual(['новое']);
  });

  it('keeps the step that was done, and the preview does not promise it again', async () => {
    const draft = callToItem(office) as { steps: object[] };
    const tell = {
      id: 'a2',
      connection: office.connections.webhook,
      action: 'request.send',
      mapping: {
        url: { kind: 'template', text: `${office.target.url}/told` },
        body: { kind: 'tree', value: { item: '{{ a1.id }}' } },
      },
    };
    const flow = await start('Kept', { ...draft, steps: [...draft.steps, tell] });
    failNext(office.target, ({ path }) => path === '/told', { status: 422, body: {} });
    await postCall(office, { ...aCall, name: 'Показ' });
    await office.settle();
    const { decisions, values } = await preview(await inState(flow, 'rejected'));
    expect(decisions).toMatchObject([
      { step: 'a1', what: 'keep' },
      { step: 'a2', what: 'act' },
    ]);
    const [item] = itemsCalled('Показ');
    expect(values.find(({ key }) => key === 'body')).toMatchObject({ after: { item: String(item?.id) } });
  });

  it.each([
    ['the portal is away for more than a day', 27],
    ['the look for it is refused', 0],
  ])('is not done twice where an answer got lost and then %s', async (what, hoursAway) => {
    const flow = await start(what, callToDeal(office));
    const name = `Потерян: ${what}`;
    const deals = () => office.bitrix24.listDeals().filter(({ title }) => title === name);
    failNext(office.bitrix24, isDealAdd, 'dropAfter');
    await postCall(office, { ...aCall, name });
    await office.settle();
    expect(deals()).toHaveLength(1);
    if (hoursAway > 0) {
      office.bitrix24.faults.down = true;
      for (let hours = 0; hours < hoursAway; hours += 3) await pass(3 * 3600);
      office.bitrix24.faults.down = false;
    } else {
      const body = { error: 'ACCESS_DENIED', error_description: 'no' };
      failNext(office.bitrix24, ({ path }) => path.endsWith('crm.item.list'), { status: 403, body });
      await pass(600);
    }
    const run = await inState(flow, 'unknown');
    await expect(rerun(run)).rejects.toMatchObject({ status: 409 });
    expect(deals()).toHaveLength(1);
  });

  it('is decided by one of two people', async () => {
    const { steps } = callToItem(office) as { steps: object[] };
    const flow = await start('Half', {
      trigger: { connection: office.connections.webhook, trigger: 'webhook.received', mode: 'realTime', once: true },
      steps,
    });
    failNext(office.target, isItemCreate, 'drop');
    await postCall(office, { ...aCall, name: 'Половина' });
    await office.settle();
    await pass(60);
    const { id } = await inState(flow, 'unknown');
    const decide = (body: { outcome: 'again' } | { outcome: 'done'; recordId: string }) =>
      office.server.call(runsApi.decideRun, { params: { id }, body });
    const [again, done] = await Promise.allSettled([
      decide({ outcome: 'again' }),
      decide({ outcome: 'done', recordId: '5' }),
    ]);
    expect([again?.status, done?.status].toSorted()).toEqual(['fulfilled', 'rejected']);
    await office.settle();
    expect(itemsCalled('Половина')).toHaveLength(again?.status === 'fulfilled' ? 1 : 0);
  });

  it('goes from the oldest to the newest, over any number of pages', async () => {
    const keys = [{ field: 'phone', template: '{{ trigger.phone }}' }];
    const flow = await start('Bulk', callToItem(office, { step: { duplicates: { mode: 'upsert', keys } } }));
    const phone = '+7 999 000-00-01';
    const names = () => office.target.items.filter((item) => item.phone === phone).map(({ name }) => name);
    await postCall(office, { ...aCall, name: 'Старое имя', phone });
    await office.settle();
    for (let n = 0; n < 104; n += 1)
      await postCall(office, { ...aCall, name: `Прочее ${n}`, phone: `+7 999 100-${1000 + n}` });
    await postCall(office, { ...aCall, name: 'Новое имя', phone });
    await office.settle();
    expect(names()).toEqual(['Новое имя']);
    const body = { filter: { flow: flow.id, states: ['done' as const] }, createAgain: true, from: 'start' as const };
    const pages: number[] = [];
    for (let after: string | undefined; ; ) {
      const page = await office.server.call(attentionApi.rerunMany, {
        body: { ...body, version: 'current', ...(after === undefined ? {} : { after }) },
      });
      await office.settle();
      pages.push(page.taken);
      if (page.next === null) break;
      after = page.next;
    }
    expect(pages).toEqual([100, 6]);
    expect(names()).toEqual(['Новое имя']);
  });
});
