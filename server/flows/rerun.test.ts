import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { noFaults } from '../../kit/testing/stand-in.ts';
import { settingsApi } from '../settings/contract.ts';
import { CallRefused } from '../testing/index.ts';
import { attentionApi, type Flow, flowDraft, flowsApi, type RunSummary, runsApi } from './contract.ts';
import { aCall, callToItem, dealToItem, postCall } from './testing/drafts.ts';
import { failNext, isItemCreate, passTimeOfCalls } from './testing/faults.ts';
import { type Office, openOffice } from './testing/office.ts';

const template = (text: string) => ({ kind: 'template', text });

describe('runs that are done again, wait for each other, and look for duplicates', () => {
  let office: Office;
  const started: Flow[] = [];

  beforeAll(async () => {
    office = await openOffice();
    await postCall(office);
  });
  afterEach(async () => {
    for (const standIn of [office.bitrix24, office.hubex, office.target]) Object.assign(standIn.faults, noFaults());
    for (const { id } of started.splice(0)) await office.server.call(flowsApi.stopFlow, { params: { id } });
  });
  afterAll(() => office.stop());

  async function start(name: string, draft: Record<string, unknown>): Promise<Flow> {
    const flow = await office.startFlow(name, draft);
    started.push(flow);
    return flow;
  }
  async function change(flow: Flow, draft: Record<string, unknown>): Promise<void> {
    const params = { id: flow.id };
    await office.server.call(flowsApi.patchFlow, { params, body: { draft: flowDraft.parse(draft) } });
    await office.server.call(flowsApi.saveFlow, { params });
  }
  const itemsCalled = (name: string) => office.target.items.filter((item) => item.name === name);
  const told = (name: string) =>
    office.target.inbox.filter(({ body }) => (body as { name?: string } | null)?.name === name);
  async function call(name: string, more: Record<string, unknown> = {}): Promise<void> {
    await postCall(office, { ...aCall, name, ...more });
    await office.settle();
  }
  const lastRun = async (flow: Flow) => (await office.runsOf(flow))[0] as RunSummary;
  async function rerun(
    run: RunSummary,
    body: { from: 'failedStep' | 'start'; version?: 'same' | 'current'; createAgain?: boolean; anyway?: boolean },
  ): Promise<RunSummary> {
    const { id } = await office.server.call(runsApi.rerun, { params: { id: run.id }, body });
    await office.settle();
    return office.run(id);
  }
  async function pass(seconds: number): Promise<void> {
    await passTimeOfCalls(office.server.ctx.pool, seconds);
    await office.settle();
  }
  const deal = (title: string) =>
    office.bitrix24.createDeal({ title, stageId: 'C1:NEW', categoryId: 1, comments: 'сначала' }).id;
  async function edit(id: number, comments: string): Promise<void> {
    office.bitrix24.editDeal(id, { comments });
    await office.settle();
  }

  /** Makes a record, then tells an address of it. */
  const twoSteps = (path: string) => {
    const draft = callToItem(office) as { steps: Record<string, unknown>[] };
    draft.steps.push({
      id: 'a2',
      connection: office.connections.webhook,
      action: 'request.send',
      mapping: {
        url: template(`${office.target.url}${path}`),
        body: { kind: 'tree', value: { name: '{{ trigger.name }}', item: '{{ a1.id }}' } },
      },
    });
    return draft as Record<string, unknown>;
  };
  const isTold = ({ path, method }: { path: string; method: string }) => method === 'POST' && path === '/told';

  describe('a failed run', () => {
    it.each(['failedStep', 'start'] as const)(
      'keeps the steps that succeeded when it is done again from %s',
      async (from) => {
        const name = `Два шага ${from}`;
        const flow = await start(name, twoSteps('/told'));
        failNext(office.target, isTold, { status: 422, body: { error: 'not now' } });
        await call(name);
        const failed = await lastRun(flow);
        expect(failed.state).toBe('rejected');
        const again = await rerun(failed, { from });
        expect(again).toMatchObject({ state: 'done', rerunOf: failed.id });
        expect(itemsCalled(name)).toHaveLength(1);
        expect(told(name).map(({ body }) => body)).toEqual([{ name, item: String(itemsCalled(name)[0]?.id) }]);
        // It has left the attention list for the history.
        expect((await office.run(failed.id)).state).toBe('rejected');
        const { rows } = await office.server.ctx.pool.query('select 1 from runs where id = $1', [failed.id]);
        expect(rows).toHaveLength(0);
      },
    );

    it('runs with the mended version, or with the one it ran with', async () => {
      const flow = await start('Версия', twoSteps('/told'));
      failNext(office.target, isTold, { status: 422, body: {} });
      await call('Версия');
      const failed = await lastRun(flow);
      await change(flow, twoSteps('/mended'));
      failNext(office.target, isTold, { status: 422, body: {} });
      const same = await rerun(failed, { from: 'failedStep', version: 'same' });
      expect(same).toMatchObject({ state: 'rejected', version: 1 });
      const current = await rerun(same, { from: 'failedStep', version: 'current' });
      expect(current).toMatchObject({ state: 'done', version: 2 });
      expect(told('Версия').map(({ path }) => path)).toEqual(['/mended']);
      expect(itemsCalled('Версия')).toHaveLength(1);
    });

    it('cannot be done again while it is open', async () => {
      const flow = await start('Открыта', callToItem(office));
      office.target.faults.limited = true;
      await call('Открыта');
      const waiting = await lastRun(flow);
      expect(waiting.state).toBe('waiting');
      await expect(rerun(waiting, { from: 'start' })).rejects.toMatchObject({ status: 409 });
      office.target.faults.limited = false;
      await office.server.call(runsApi.retryRun, { params: { id: waiting.id } });
      await pass(60);
      expect((await office.run(waiting.id)).state).toBe('done');
      expect(itemsCalled('Открыта')).toHaveLength(1);
      await expect(office.server.call(runsApi.retryRun, { params: { id: waiting.id } })).rejects.toMatchObject({
        status: 409,
      });
    });

    it('makes a second record only when asked to create again, each time with a new key', async () => {
      const flow = await start('Снова', callToItem(office, { settings: { idempotencyHeader: 'Idempotency-Key' } }));
      await call('Снова');
      const done = await lastRun(flow);
      expect((await rerun(done, { from: 'start' })).state).toBe('done');
      expect(itemsCalled('Снова')).toHaveLength(1);
      expect((await rerun(done, { from: 'start', createAgain: true })).state).toBe('done');
      expect(itemsCalled('Снова')).toHaveLength(2);
      expect((await rerun(done, { from: 'start', createAgain: true })).state).toBe('done');
      expect(itemsCalled('Снова')).toHaveLength(3);
      const keys = office.target.ledger.filter(({ body }) => (body as { name?: string }).name === 'Снова');
      expect(new Set(keys.map(({ key }) => key)).size).toBe(3);
    });

    it('passes over the duplicate rule only when told to create it anyway, and says who told', async () => {
      const keys = [{ field: 'phone', template: '{{ trigger.phone }}' }];
      const flow = await start('Всё равно', callToItem(office, { step: { duplicates: { mode: 'skip', keys } } }));
      const phone = '+7 916 555-00-11';
      await call('Всё равно', { phone });
      const done = await lastRun(flow);
      const preview = async (anyway: boolean) => {
        const { decisions } = await office.server.call(attentionApi.previewRerun, {
          params: { id: done.id },
          body: { createAgain: true, anyway },
        });
        return decisions.map(({ what }) => what);
      };
      const again = { from: 'start', createAgain: true } as const;
      expect(await preview(false)).toEqual(['skip']);
      expect((await rerun(done, again)).state).toBe('skipped');
      expect(itemsCalled('Всё равно')).toHaveLength(1);

      expect(await preview(true)).toEqual(['create']);
      const second = await rerun(done, { ...again, anyway: true });
      expect(second).toMatchObject({ state: 'done', rerunOf: done.id });
      expect(itemsCalled('Всё равно')).toHaveLength(2);
      const { trace } = await office.run(second.id);
      expect(trace.find(({ kind }) => kind === 'duplicate')).toMatchObject({
        code: 'duplicate.anyway',
        why: { en: expect.stringMatching(/^API decided/) },
      });
      // It is said anew each time: a plain rerun asks the rule again.
      expect((await rerun(second, again)).state).toBe('rejected');
      expect(itemsCalled('Всё равно')).toHaveLength(2);
    });
  });

  describe('the order of one record', () => {
    it('lets a newer state take the place of one that waits before its first call', async () => {
      const flow = await start('Смена', dealToItem(office));
      const id = deal('Смена');
      office.bitrix24.faults.down = true;
      await edit(id, 'раз');
      office.bitrix24.faults.down = false;
      await edit(id, 'два');
      await pass(120);
      const runs = (await office.runsOf(flow)).filter(({ record }) => record.id === String(id));
      expect(runs.map(({ state, reason }) => `${state} ${reason?.code}`)).toEqual([
        'done created',
        'skipped superseded',
      ]);
      expect(itemsCalled('Смена').map(({ note }) => note)).toEqual(['два']);
    });

    it('makes a newer run wait for an older one that has called out, and for an unknown one until a person decides', async () => {
      const flow = await start('Очередь', dealToItem(office));
      const id = deal('Очередь');
      const other = deal('Соседняя');
      failNext(office.target, isItemCreate, 'dropAfter');
      await edit(id, 'раз');
      await edit(id, 'два');
      await edit(other, 'мимо');
      expect(itemsCalled('Очередь')).toHaveLength(1);
      // Another record goes its own way.
      expect(itemsCalled('Соседняя')).toHaveLength(1);
      await pass(60);
      const states = async () =>
        (await office.runsOf(flow)).filter(({ record }) => record.id === String(id)).map(({ state }) => state);
      expect(await states()).toEqual(['queued', 'unknown']);
      const unknown = (await office.runsOf(flow)).find(({ state }) => state === 'unknown');
      await office.server.call(runsApi.decideRun, {
        params: { id: unknown?.id ?? '' },
        body: { outcome: 'done', recordId: String(itemsCalled('Очередь')[0]?.id) },
      });
      await office.settle();
      expect(await states()).toEqual(['done', 'done']);
      expect(itemsCalled('Очередь').map(({ note }) => note)).toEqual(['раз', 'два']);
    });
  });

  describe('once', () => {
    it('is spent by what was carried out, not by what was filtered or refused', async () => {
      const draft = {
        ...dealToItem(office, { trigger: { once: true } }),
        filter: { combinator: 'and', rules: [{ field: 'comments', operator: 'startsWith', value: 'да' }] },
      };
      const flow = await start('Однажды', draft);
      const id = deal('Однажды');
      await edit(id, 'нет');
      failNext(office.target, isItemCreate, { status: 422, body: {} });
      await edit(id, 'да, но отказ');
      await edit(id, 'да');
      await edit(id, 'да, снова');
      const runs = (await office.runsOf(flow)).filter(({ record }) => record.id === String(id));
      expect(runs.map(({ state }) => state)).toEqual(['skipped', 'done', 'rejected', 'filtered']);
      expect(runs[0]?.reason?.code).toBe('once');
      expect(itemsCalled('Однажды').map(({ note }) => note)).toEqual(['да']);
    });
  });

  describe('the brake', () => {
    it('pauses a flow that would create too many records, keeps the rest, and goes on when a person resumes it', async () => {
      await office.server.call(settingsApi.patchSettings, { body: { brakePerHour: 5 } });
      const flow = await start('Тормоз', callToItem(office));
      const names = Array.from({ length: 9 }, (_, index) => `Тормоз ${index}`);
      for (const name of names) await postCall(office, { ...aCall, name });
      await office.settle();
      const made = () => names.filter((name) => itemsCalled(name).length > 0).length;
      expect(made()).toBe(5);
      const paused = await office.server.call(flowsApi.getFlow, { params: { id: flow.id } });
      expect(paused).toMatchObject({ state: 'paused', paused: { code: 'brake' } });
      // Some were under way when it was paused and wait; the others came later and are kept as they came.
      const waiting = (await office.runsOf(flow)).filter(({ state }) => state === 'waiting');
      expect(waiting.length).toBeGreaterThan(0);
      expect(waiting.length + (paused.missed ?? 0)).toBe(4);

      await call('Тормоз после');
      await office.server.call(settingsApi.patchSettings, { body: { brakePerHour: 200 } });
      await office.server.call(flowsApi.startFlow, { params: { id: flow.id }, body: { missed: 'catchUp' } });
      await office.settle();
      expect(made()).toBe(9);
      expect(itemsCalled('Тормоз после')).toHaveLength(1);
      for (const name of names) expect(itemsCalled(name)).toHaveLength(1);
      expect((await office.server.call(flowsApi.getFlow, { params: { id: flow.id } })).state).toBe('waits');
    });
  });

  it('refuses to start a flow that is not whole, with every mistake at its card', async () => {
    const draft = dealToItem(office) as { steps: { mapping: Record<string, unknown> }[] };
    const [step] = draft.steps;
    if (step) step.mapping.name = template('{{ trigger.nothing }}');
    const flow = await office.server.call(flowsApi.postFlow, {
      body: {
        name: 'Не готова',
        draft: flowDraft.parse({
          ...draft,
          filter: { combinator: 'and', rules: [{ field: 'absent', operator: 'equals', value: '1' }] },
        }),
      },
    });
    const refused = await office.server
      .call(flowsApi.startFlow, { params: { id: flow.id }, body: {} })
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(CallRefused);
    const { status, problem } = refused as CallRefused;
    expect(status).toBe(422);
    expect(problem?.code).toBe('flow.problems');
    expect(problem?.errors?.map(({ pointer }) => pointer)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^\/filter/), expect.stringMatching(/^\/a1\/name/)]),
    );
    expect((await office.server.call(flowsApi.getFlow, { params: { id: flow.id } })).state).toBe('stopped');
  });

  describe('duplicates', () => {
    const keys = [
      { field: 'phone', template: '{{ trigger.phone }}' },
      { field: 'email', template: '{{ trigger.email }}' },
    ];
    const client = (rule: Record<string, unknown>) => callToItem(office, { step: { duplicates: { keys, ...rule } } });
    let next = 0;
    const fresh = () => {
      next += 1;
      return { phone: `+7916${String(1_000_000 + next)}`, email: `client${next}@example.com` };
    };
    const writes = (id: unknown) =>
      office.target.requests.filter(({ method, path }) => method === 'PATCH' && path === `/items/${String(id)}`);

    it('skip: leaves alone what is found by phone in any spelling, else by e-mail, and says so', async () => {
      const flow = await start('Пропускать', client({ mode: 'skip' }));
      const { phone, email } = fresh();
      await call('Клиент', { phone, email });
      const [item] = itemsCalled('Клиент');
      await call('Тот же телефон', { phone: `8 (${phone.slice(2, 5)}) ${phone.slice(5)}`, email: '' });
      const byPhone = await lastRun(flow);
      expect(byPhone).toMatchObject({
        state: 'skipped',
        reason: { code: 'duplicate', text: { en: expect.stringContaining(`(there: ${item?.phone})`) } },
      });
      await call('Та же почта', { phone: fresh().phone, email: email.toUpperCase() });
      const byMail = await lastRun(flow);
      const trace = (await office.run(byMail.id)).trace.find(({ kind }) => kind === 'duplicate');
      expect(byMail.state).toBe('skipped');
      expect(trace?.found?.map(({ id }) => id)).toEqual([String(item?.id)]);
      expect(JSON.stringify(trace?.why)).toContain('email');
      expect(itemsCalled('Тот же телефон')).toHaveLength(0);
      expect(itemsCalled('Та же почта')).toHaveLength(0);
    });

    it('upsert: updates what is found by the rule of each field, and sends nothing when nothing would change', async () => {
      const fields = { name: 'keep', email: 'ifEmpty', note: 'append', phone: 'overwrite' };
      const flow = await start('Обновлять', client({ mode: 'upsert', fields }));
      const { phone, email } = fresh();
      await call('Первое имя', { phone, email: '', note: 'раз' });
      const [item] = itemsCalled('Первое имя');
      expect(item?.email ?? null).toBeNull();
      await call('Второе имя', { phone, email, note: 'два' });
      expect(office.target.items.find(({ id }) => id === item?.id)).toMatchObject({
        name: 'Первое имя',
        email,
        note: 'раз два',
      });
      expect(writes(item?.id)).toHaveLength(1);
      await call('Третье имя', { phone: phone.replace('+7', '8'), email: 'other@example.com', note: 'два' });
      expect((await lastRun(flow)).state).toBe('done');
      expect((await lastRun(flow)).reason?.code).toBe('same');
      expect(writes(item?.id)).toHaveLength(1);
      expect(itemsCalled('Второе имя')).toHaveLength(0);
    });

    it('update only: changes what is found and makes nothing', async () => {
      const flow = await start('Только обновлять', client({ mode: 'update', fields: { name: 'overwrite' } }));
      const known = fresh();
      office.target.items.push({ id: 9001, name: 'Был', ...known });
      await call('Стал', known);
      expect(office.target.items.find(({ id }) => id === 9001)?.name).toBe('Стал');
      await call('Никого', fresh());
      expect(await lastRun(flow)).toMatchObject({ state: 'skipped', reason: { code: 'no_target' } });
      expect(itemsCalled('Никого')).toHaveLength(0);
    });

    it.each([
      ['first', 'done'],
      ['newest', 'done'],
      ['stop', 'rejected'],
    ] as const)('several matches, %s', async (several, state) => {
      const flow = await start(`Несколько ${several}`, client({ mode: 'upsert', several }));
      const known = fresh();
      const base = next * 1000;
      office.target.items.push({ id: base + 1, name: 'Один', ...known }, { id: base + 2, name: 'Два', ...known });
      await call(`Выбор ${several}`, known);
      const run = await lastRun(flow);
      expect(run.state).toBe(state);
      const changed = office.target.items.filter(({ name }) => name === `Выбор ${several}`);
      expect(changed).toHaveLength(several === 'stop' ? 0 : 1);
      if (several !== 'stop') return;
      expect(run.reason?.code).toBe('duplicate.several');
      const trace = (await office.run(run.id)).trace.find(({ kind }) => kind === 'duplicate');
      expect(trace?.found).toHaveLength(2);
    });

    it('makes one client of several events that come at the same moment', async () => {
      const flow = await start('Разом', client({ mode: 'skip' }));
      const { phone, email } = fresh();
      const spellings = [phone, phone.replace('+7', '8'), `8 ${phone.slice(2)}`, phone, phone, phone];
      await Promise.all(
        spellings.map((spelling) => postCall(office, { ...aCall, name: 'Разом', phone: spelling, email })),
      );
      await office.settle();
      // Whoever finds the key taken comes again a moment later.
      for (let rounds = 0; rounds < spellings.length; rounds += 1) await pass(1);
      expect(itemsCalled('Разом')).toHaveLength(1);
      const states = (await office.runsOf(flow)).map(({ state }) => state).sort();
      expect(states).toEqual(['done', 'skipped', 'skipped', 'skipped', 'skipped', 'skipped']);
    });

    it('makes one client also when the answer to the first create got lost', async () => {
      const flow = await start('Разом с потерей', {
        ...client({ mode: 'skip' }),
        ...callToItem(office, {
          settings: { idempotencyHeader: 'Idempotency-Key' },
          step: { duplicates: { mode: 'skip', keys } },
        }),
      });
      const { phone, email } = fresh();
      failNext(office.target, isItemCreate, 'drop');
      await postCall(office, { ...aCall, name: 'Потеря', phone, email });
      await office.settle();
      await postCall(office, { ...aCall, name: 'Потеря', phone, email });
      await office.settle();
      for (let tries = 0; tries < 3; tries += 1) await pass(30);
      expect(itemsCalled('Потеря')).toHaveLength(1);
      expect((await office.runsOf(flow)).map(({ state }) => state).sort()).toEqual(['done', 'skipped']);
    });
  });
});
