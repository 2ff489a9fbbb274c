import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { noFaults } from '../../kit/testing/stand-in.ts';
import { connectionsApi } from '../connections/contract.ts';
import { eventually } from '../testing/index.ts';
import { type Flow, flowsApi, type RunSummary, runsApi } from './contract.ts';
import { readProgress } from './progress.ts';
import { aCall, callToDeal, callToItem, postCall, withHeader } from './testing/drafts.ts';
import { failAll, failNext, isDealAdd, isItemCreate, isTaskCreate, passTimeOfCalls } from './testing/faults.ts';
import { dealToTask, type Office, openOffice } from './testing/office.ts';

const serviceStage = 'C1:UC_SERVICE';
const textOf = (run: RunSummary | undefined) => (run?.reason?.text as { ru: string } | undefined)?.ru ?? '';
const secondsUntilNext = (run: RunSummary | undefined) => (Date.parse(run?.nextAt ?? '') - Date.now()) / 1000;

describe('what each kind of failure does', () => {
  let office: Office;
  const started: Flow[] = [];

  beforeAll(async () => {
    office = await openOffice();
    // The fields of a call are known from one that was caught.
    await postCall(office);
  });
  afterEach(async () => {
    for (const standIn of [office.bitrix24, office.hubex, office.target]) Object.assign(standIn.faults, noFaults());
    await office.server.ctx.pool.query('update limiter_buckets set paused_until = null');
    for (const { id } of started.splice(0)) await office.server.call(flowsApi.stopFlow, { params: { id } });
  });
  afterAll(() => office.stop());

  async function start(name: string, draft: Record<string, unknown>): Promise<Flow> {
    const flow = await office.startFlow(name, draft);
    started.push(flow);
    return flow;
  }
  function enterService(title: string): number {
    const deal = office.bitrix24.createDeal({ title, stageId: 'C1:NEW', categoryId: 1, comments: title });
    office.bitrix24.moveDeal(deal.id, serviceStage);
    return deal.id;
  }
  const tasksOf = (dealId: number) => office.hubex.listTasks().filter(({ erpID }) => erpID === String(dealId));
  const dealsCalled = (title: string) => office.bitrix24.listDeals().filter((deal) => deal.title === title);
  const itemsCalled = (name: string) => office.target.items.filter((item) => item.name === name);
  /** Fields of the other side were learned before: only the call under test meets the fault. */
  async function runOf(flow: Flow, dealId?: number): Promise<RunSummary | undefined> {
    const runs = await office.runsOf(flow);
    return dealId === undefined ? runs[0] : runs.find(({ record }) => record.id === String(dealId));
  }
  async function pass(seconds: number): Promise<void> {
    await passTimeOfCalls(office.server.ctx.pool, seconds);
    await office.settle();
  }
  const connection = (id: string) => office.server.call(connectionsApi.getConnection, { params: { id } });

  describe('HubEx refuses the token', () => {
    it('holds the run with words until the connection is renewed in place, then goes on by itself', async () => {
      const flow = await start('Token', dealToTask(office));
      office.hubex.revokeTokens();
      office.hubex.faults.tokenRefused = true;
      const dealId = enterService('Не включается печь');
      await office.settle();
      const held = await runOf(flow, dealId);
      expect(held).toMatchObject({ state: 'waiting', nextAt: null, reason: { code: 'hubex.token_refused' } });
      expect(textOf(held)).toContain('переподключите');
      expect(await connection(office.connections.hubex)).toMatchObject({
        health: 'reconnect',
        lastFailure: { kind: 'reconnect', code: 'hubex.token_refused' },
      });
      // Waiting for a person uses up no patience.
      await pass(3 * 86_400);
      expect((await runOf(flow, dealId))?.state).toBe('waiting');

      office.hubex.faults.tokenRefused = false;
      await office.server.call(connectionsApi.patchConnection, {
        params: { id: office.connections.hubex },
        body: { secrets: { serviceToken: office.hubex.serviceToken } },
      });
      await office.settle();
      expect((await runOf(flow, dealId))?.state).toBe('done');
      expect(tasksOf(dealId)).toHaveLength(1);
      expect((await connection(office.connections.hubex)).health).toBe('works');
    });

    it('holds it also when the fields of the app have to be asked for first', async () => {
      const flow = await start('Token and fields', dealToTask(office));
      await office.server.ctx.pool.query('delete from field_cache');
      await office.server.call(flowsApi.patchFlow, {
        params: { id: flow.id },
        body: { draft: { ...flow.draft, filter: null } },
      });
      await office.server.call(flowsApi.saveFlow, { params: { id: flow.id } });
      await office.server.ctx.pool.query('delete from field_cache');
      office.hubex.revokeTokens();
      office.hubex.faults.tokenRefused = true;
      const dealId = enterService('Печь искрит');
      await office.settle();
      expect(await runOf(flow, dealId)).toMatchObject({ state: 'waiting', nextAt: null });
      expect((await connection(office.connections.hubex)).health).toBe('reconnect');
      office.hubex.faults.tokenRefused = false;
      await office.server.call(connectionsApi.checkConnection, { params: { id: office.connections.hubex } });
      await office.settle();
      expect(tasksOf(dealId)).toHaveLength(1);
    });

    it('lets a held run go on when another call shows that the connection works again', async () => {
      const flow = await start('Token hiccup', dealToTask(office));
      office.hubex.revokeTokens();
      office.hubex.faults.tokenRefused = true;
      const first = enterService('Первая печь');
      await office.settle();
      office.hubex.faults.tokenRefused = false;
      const second = enterService('Вторая печь');
      await office.settle();
      expect((await runOf(flow, second))?.state).toBe('done');
      await pass(60);
      expect((await runOf(flow, first))?.state).toBe('done');
      expect(tasksOf(first)).toHaveLength(1);
    });
  });

  describe('an app that lets us read and refuses our writes', () => {
    let half: string;
    const client = () =>
      callToItem(office, {
        step: {
          connection: half,
          duplicates: { mode: 'skip', keys: [{ field: 'phone', template: '{{ trigger.phone }}' }] },
        },
      });
    const notices = async () =>
      (
        await office.server.ctx.pool.query<{ settled: boolean }>(
          `select settled_at is not null as settled from notices where connection_id = $1 and kind = 'connection.reconnect'`,
          [half],
        )
      ).rows;
    beforeEach(async () => {
      const added = await office.server.call(connectionsApi.postConnection, {
        body: {
          connector: 'webhook',
          name: 'half',
          fields: { address: office.target.url },
          secrets: {},
          endpoints: {},
          check: false,
          auth: 'none',
        },
      });
      half = added.id;
    });

    it('is told of once, and asks for a person after a few tries', async () => {
      const flow = await start('Half', client());
      const before = office.target.requests.filter(isItemCreate).length;
      const stop = failAll(office.target, isItemCreate, { status: 401, body: {} });
      for (const n of [0, 1, 2, 3]) {
        await postCall(office, { ...aCall, name: `Половина ${n}`, phone: `+7999666000${n}` });
        await office.settle();
      }
      expect(await notices()).toEqual([{ settled: false }]);
      for (let hour = 0; hour < 8; hour += 1) await pass(3600);
      stop();
      const runs = await office.runsOf(flow);
      expect(runs.map(({ state, reason }) => `${state} ${reason?.code}`)).toEqual(
        Array.from({ length: 4 }, () => 'dead refused_again'),
      );
      expect(office.target.requests.filter(isItemCreate).length - before).toBeLessThanOrEqual(16);
      expect(await notices()).toHaveLength(1);
    });

    it('gives a held run its tries back when a person renews the connection', async () => {
      const flow = await start('Half renewed', client());
      const stop = failAll(office.target, isItemCreate, { status: 401, body: {} });
      await postCall(office, { ...aCall, name: 'Возобновлённый', phone: '+79996660010' });
      await office.settle();
      await office.server.ctx.pool.query('update runs set wakes = 3 where flow_id = $1', [flow.id]);
      await office.server.call(connectionsApi.checkConnection, { params: { id: half } });
      await office.settle();
      expect(await runOf(flow)).toMatchObject({ state: 'waiting', reason: { code: 'http.401' } });
      stop();
      await office.server.call(connectionsApi.checkConnection, { params: { id: half } });
      await office.settle();
      expect(itemsCalled('Возобновлённый')).toHaveLength(1);
    });
  });

  it('waits out a limit as long as the other side asks, and goes on', async () => {
    const flow = await start('Limited', dealToTask(office));
    office.hubex.faults.limited = true;
    const dealId = enterService('Шумит вытяжка');
    await office.settle();
    const waiting = await runOf(flow, dealId);
    expect(waiting).toMatchObject({ state: 'waiting', reason: { code: 'hubex.limited' } });
    expect(secondsUntilNext(waiting)).toBeGreaterThan(40);
    expect(secondsUntilNext(waiting)).toBeLessThan(61);
    office.hubex.faults.limited = false;
    await pass(60);
    expect((await runOf(flow, dealId))?.state).toBe('done');
    expect(tasksOf(dealId)).toHaveLength(1);
  });

  it('tries again with growing delays while the other side is down, and gives up after a day for a person to see', async () => {
    const flow = await start('Down', dealToTask(office));
    office.hubex.faults.down = true;
    const dealId = enterService('Не морозит ларь');
    await office.settle();
    for (const [least, most] of [
      [2, 5],
      [4.5, 10],
      [9.5, 20],
      [19.5, 40],
    ] as const) {
      const waiting = await runOf(flow, dealId);
      expect(waiting?.state).toBe('waiting');
      expect(secondsUntilNext(waiting)).toBeGreaterThan(least);
      expect(secondsUntilNext(waiting)).toBeLessThanOrEqual(most);
      await pass(most);
    }
    await pass(25 * 3600);
    const dead = await runOf(flow, dealId);
    expect(dead).toMatchObject({ state: 'dead', reason: { code: 'gave_up' } });
    expect(textOf(dead)).toMatch(/^Сутки попыток ничего не дали\. \S/);
    expect(tasksOf(dealId)).toHaveLength(0);

    // It stays until somebody works on it, and holds up nobody.
    const other = enterService('Не греет плита');
    office.hubex.faults.down = false;
    await office.settle();
    expect(tasksOf(other)).toHaveLength(1);
    await office.server.call(runsApi.rerun, { params: { id: dead?.id ?? '' }, body: { from: 'failedStep' } });
    await office.settle();
    expect(tasksOf(dealId)).toHaveLength(1);
  });

  it('shows refused data with the name of the field, and does not try again', async () => {
    const flow = await start('Refused', dealToTask(office));
    office.hubex.settings.requiredTaskFields.push('criticalityID');
    const dealId = enterService('Скрипит дверца');
    await office.settle();
    office.hubex.settings.requiredTaskFields.pop();
    const rejected = await runOf(flow, dealId);
    expect(rejected).toMatchObject({ state: 'rejected', nextAt: null, reason: { code: 'hubex.ParameterNull' } });
    expect(textOf(rejected)).toContain('criticalityID');
    const asked = office.hubex.requests.filter(isTaskCreate).length;
    await pass(86_400);
    expect(office.hubex.requests.filter(isTaskCreate)).toHaveLength(asked);
    expect(tasksOf(dealId)).toHaveLength(0);
  });

  it('names the field that the mapping leaves empty although it is required', async () => {
    const draft = dealToTask(office) as { steps: { mapping: Record<string, unknown> }[] };
    const [step] = draft.steps;
    if (step)
      step.mapping.taskType = {
        kind: 'table',
        source: '{{ trigger.title }}',
        rows: [{ from: 'Ремонт', to: { id: '1', label: 'Ремонт' } }],
      };
    const flow = await start('Empty', draft);
    const dealId = enterService('Гудит насос');
    await office.settle();
    const rejected = await runOf(flow, dealId);
    expect(rejected).toMatchObject({ state: 'rejected', reason: { code: 'mapping' } });
    expect(textOf(rejected)).toMatch(/тип/i);
    expect(tasksOf(dealId)).toHaveLength(0);
  });

  it('makes one task when HubEx breaks down once', async () => {
    const flow = await start('500', dealToTask(office));
    failNext(office.hubex, isTaskCreate, { status: 500, body: 'Internal Server Error' });
    const dealId = enterService('Течёт посудомойка');
    await office.settle();
    expect(await runOf(flow, dealId)).toMatchObject({ state: 'waiting', reason: { code: 'hubex.500' } });
    await pass(10);
    expect((await runOf(flow, dealId))?.state).toBe('done');
    expect(tasksOf(dealId)).toHaveLength(1);
  });

  it('makes one task when HubEx did it and its answer got lost', async () => {
    const flow = await start('Lost answer', dealToTask(office));
    failNext(office.hubex, isTaskCreate, 'dropAfter');
    const dealId = enterService('Не крутит мясорубка');
    await office.settle();
    expect((await runOf(flow, dealId))?.state).toBe('waiting');
    expect(tasksOf(dealId)).toHaveLength(1);
    await pass(10);
    expect((await runOf(flow, dealId))?.state).toBe('done');
    expect(tasksOf(dealId)).toHaveLength(1);
    expect(office.hubex.requests.filter(isTaskCreate).at(-1)?.headers['x-concurrency-stamp']).toBe(
      office.hubex.requests.filter(isTaskCreate).at(-2)?.headers['x-concurrency-stamp'],
    );
  });

  it('carries every deal through a burst of 503 from Bitrix24', async () => {
    const flow = await start('Burst', dealToTask(office));
    office.bitrix24.faults.limited = true;
    const deals = Array.from({ length: 8 }, (_, index) => enterService(`Всплеск ${index}`));
    await office.settle();
    const waiting = await office.runsOf(flow);
    expect(waiting).toHaveLength(8);
    for (const run of waiting)
      expect(run).toMatchObject({
        state: 'waiting',
        reason: { code: expect.stringMatching(/query_limit|limiter.paused/) },
      });
    await pass(60);
    office.bitrix24.faults.limited = false;
    await pass(60);
    for (const dealId of deals) expect(tasksOf(dealId)).toHaveLength(1);
    expect((await office.runsOf(flow)).map(({ state }) => state)).toEqual(deals.map(() => 'done'));
  });

  describe('Bitrix24 makes a deal and the answer gets lost', () => {
    it('looks for it by our mark once no call can be under way any more, and finds it', async () => {
      const flow = await start('Deal', callToDeal(office));
      failNext(office.bitrix24, isDealAdd, 'dropAfter');
      await postCall(office, { ...aCall, name: 'Потерянный ответ' });
      await office.settle();
      await pass(10);
      expect(await runOf(flow)).toMatchObject({ state: 'waiting', reason: { code: 'answer.lost' } });
      const waits = secondsUntilNext(await runOf(flow));
      expect(waits).toBeGreaterThan(30);
      expect(dealsCalled('Потерянный ответ')).toHaveLength(1);
      await pass(60);
      expect((await runOf(flow))?.state).toBe('done');
      expect(dealsCalled('Потерянный ответ')).toHaveLength(1);
    });

    it('counts how long the call may be under way from when it failed, however long it had waited for its turn', async () => {
      const flow = await start('Deal waited', callToDeal(office));
      const { pool } = office.server.ctx;
      failNext(office.bitrix24, isDealAdd, 'drop');
      await pool.query(`update limiter_buckets set level = 1000, updated_at = clock_timestamp()`);
      await postCall(office, { ...aCall, name: 'Долгая очередь' });
      const waited = await eventually(async () => {
        const { rows } = await pool.query<{ progress: Buffer; now: Date }>(
          `select progress, clock_timestamp() as now from runs where flow_id = $1 and state = 'calling'`,
          [flow.id],
        );
        const [row] = rows;
        const since = row && readProgress(row.progress).pending?.since;
        return since && row.now.getTime() - Date.parse(since) > 1000 ? row.now : null;
      });
      await office.settle();
      const { rows } = await pool.query<{ progress: Buffer }>('select progress from runs where flow_id = $1', [
        flow.id,
      ]);
      const since = readProgress(rows[0]?.progress ?? null).pending?.since ?? '';
      expect(Date.parse(since)).toBeGreaterThan(waited.getTime() - 500);
    });

    it('makes it after all when the call never arrived', async () => {
      const flow = await start('Deal not made', callToDeal(office));
      failNext(office.bitrix24, isDealAdd, 'drop');
      await postCall(office, { ...aCall, name: 'Не дошло' });
      await office.settle();
      await pass(10);
      expect(dealsCalled('Не дошло')).toHaveLength(0);
      await pass(60);
      expect((await runOf(flow))?.state).toBe('done');
      expect(dealsCalled('Не дошло')).toHaveLength(1);
    });
  });

  describe('an app over HTTP that knows no repeats', () => {
    async function lose(fault: 'drop' | 'dropAfter', name: string): Promise<{ flow: Flow; unknown: RunSummary }> {
      const flow = await start(name, callToItem(office));
      failNext(office.target, isItemCreate, fault);
      await postCall(office, { ...aCall, name });
      await office.settle();
      await pass(10);
      const run = await runOf(flow);
      expect(run).toMatchObject({ state: 'unknown', reason: { code: 'outcome.unknown' } });
      // It never guesses: time alone changes nothing.
      await pass(2 * 86_400);
      expect((await runOf(flow))?.state).toBe('unknown');
      if (!run) throw new Error('no run');
      return { flow, unknown: run };
    }
    const decide = (run: RunSummary, body: { outcome: 'done' | 'again' | 'dismiss'; recordId?: string }) =>
      office.server.call(runsApi.decideRun, { params: { id: run.id }, body });

    it('is done when a person found the record over there', async () => {
      const { flow, unknown } = await lose('dropAfter', 'Сделано');
      await decide(unknown, { outcome: 'done', recordId: String(itemsCalled('Сделано')[0]?.id) });
      await office.settle();
      expect(await runOf(flow)).toMatchObject({ id: unknown.id, state: 'done' });
      expect(itemsCalled('Сделано')).toHaveLength(1);
    });

    it('is done again when a person did not', async () => {
      const { flow, unknown } = await lose('drop', 'Повторить');
      expect(itemsCalled('Повторить')).toHaveLength(0);
      await decide(unknown, { outcome: 'again' });
      await office.settle();
      expect(await runOf(flow)).toMatchObject({ id: unknown.id, state: 'done' });
      expect(itemsCalled('Повторить')).toHaveLength(1);
      const trace = (await office.run(unknown.id)).trace;
      expect(trace.some(({ why }) => JSON.stringify(why).includes('вызов не был выполнен'))).toBe(true);
    });

    it('is left when a person says so, and is settled only once', async () => {
      const { flow, unknown } = await lose('dropAfter', 'Оставить');
      await decide(unknown, { outcome: 'dismiss' });
      await office.settle();
      expect(await runOf(flow)).toMatchObject({ id: unknown.id, state: 'unknown' });
      expect(itemsCalled('Оставить')).toHaveLength(1);
      await expect(decide(unknown, { outcome: 'again' })).rejects.toMatchObject({ status: 409 });
      await office.settle();
      expect(itemsCalled('Оставить')).toHaveLength(1);
    });
  });

  it('repeats by itself where the app knows repeats by a header', async () => {
    const flow = await start('Header', callToItem(office, { settings: withHeader }));
    failNext(office.target, isItemCreate, 'dropAfter');
    await postCall(office, { ...aCall, name: 'С заголовком' });
    await office.settle();
    await pass(10);
    expect((await runOf(flow))?.state).toBe('done');
    expect(itemsCalled('С заголовком')).toHaveLength(1);
    expect(office.target.ledger.slice(-2).map(({ repeated }) => repeated)).toEqual([false, true]);
  });
});
