import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { callToItem, dealToItem, postCall, withHeader } from '../server/flows/testing/drafts.ts';
import { holdCalls, isItemCreate, isTaskCreate } from '../server/flows/testing/faults.ts';
import { type Office, openOffice } from '../server/flows/testing/office.ts';
import {
  administrator,
  createTestDatabase,
  eventually,
  type ServerProcess,
  spawnServer,
  type TestDatabase,
} from '../server/testing/index.ts';

// Each test starts real processes one after the other, and the machine may be busy.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

/** The truth is what the other side holds: the ledger of the Webhook stand-in, the task list of HubEx. */
describe('the process is killed, stopped and told to end in the middle of its work', () => {
  let database: TestDatabase;
  let office: Office;
  let env: Record<string, string>;
  const processes: ServerProcess[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    // Answers HTTP in this process; all work is done by processes that may die.
    office = await openOffice({ database, works: false });
    env = {
      DATABASE_URL: database.url,
      MOSTIK_SECRET_KEY: Buffer.alloc(32, 7).toString('hex'),
      MOSTIK_DATA_DIR: '/nowhere/mostik-test',
      MOSTIK_ALLOW_HOSTS: '127.0.0.1',
      MOSTIK_ADMIN_EMAIL: administrator.email,
      MOSTIK_ADMIN_PASSWORD: administrator.password,
      MOSTIK_API_KEY: office.server.apiKey,
    };
    await postCall(office);
    await office.startFlow('Calls to items', callToItem(office, { settings: withHeader }));
    await office.startFlow('Calls to tasks', {
      trigger: { connection: office.connections.webhook, trigger: 'webhook.received', mode: 'realTime' },
      steps: [
        {
          id: 'a1',
          connection: office.connections.hubex,
          action: 'task.create',
          mapping: {
            taskType: { kind: 'constant', value: { id: '1', label: '' } },
            contactPerson: { kind: 'template', text: '{{ trigger.name }}' },
          },
        },
        {
          id: 'a2',
          connection: office.connections.webhook,
          action: 'request.send',
          settings: withHeader,
          mapping: {
            url: { kind: 'template', text: `${office.target.url}/told` },
            body: { kind: 'tree', value: { name: '{{ trigger.name }}', task: '{{ a1.id }}' } },
          },
        },
      ],
    });
  });
  afterEach(async () => {
    await Promise.all(
      processes.splice(0).map(async (process) => {
        await process.kill('SIGKILL');
      }),
    );
  });
  afterAll(async () => {
    await office.stop();
    await database.drop();
  });

  async function spawned(command: 'start' | 'work'): Promise<ServerProcess> {
    const server = await spawnServer(env, { command });
    processes.push(server);
    return server;
  }
  const ready = (server: ServerProcess) =>
    server.waitReady(120_000).catch((error: unknown) => {
      throw new Error(`It did not get ready. It said:\n${server.output().slice(-3000)}`, { cause: error });
    });
  /** Leases of the dead run out. */
  const passTime = (seconds = 60) => office.server.passTime(seconds);
  const itemsCalled = (name: string) => office.target.items.filter((item) => item.name === name);
  const tasksFor = (name: string) => office.hubex.listTasks().filter(({ contactPerson }) => contactPerson === name);
  const told = (name: string) =>
    office.target.inbox.filter(({ body }) => (body as { name?: string } | null)?.name === name);
  const openRuns = async () =>
    Number((await office.server.ctx.pool.query<{ open: string }>('select count(*) as open from runs')).rows[0]?.open);
  const settled = () =>
    eventually(async () => (await openRuns()) === 0, { within: 90_000, what: 'runs were not carried out' });
  const counts = (names: string[]) => names.map((name) => `${itemsCalled(name).length} ${tasksFor(name).length}`);

  it('loses nothing that was accepted and does nothing twice, whenever it is killed', async () => {
    let seed = 20_260_801;
    const random = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed / 2_147_483_648;
    };
    const path = new URL(office.hooks.webhook).pathname;
    const accepted: string[] = [];
    const unheard: string[] = [];
    office.target.faults.slowMs = 40;
    const server = await spawned('start');
    for (let round = 0; round < 3; round += 1) {
      await ready(server);
      const killing = 5 + Math.floor(random() * 10);
      let heard = 0;
      const enough = Promise.withResolvers<void>();
      const sending = Array.from({ length: 20 }, async (_, index) => {
        const name = `Убит ${round}.${index}`;
        const answer = await fetch(`${server.url}${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ name }),
        }).catch(() => null);
        (answer?.status === 200 ? accepted : unheard).push(name);
        heard += 1;
        if (heard >= killing) enough.resolve();
      });
      await enough.promise;
      await new Promise((resolve) => setTimeout(resolve, random() * 250));
      await server.kill('SIGKILL');
      await Promise.all(sending);
      await passTime();
      server.restart();
    }
    await ready(server);
    await settled();
    office.target.faults.slowMs = 0;
    expect(accepted.length).toBeGreaterThan(15);
    expect(counts(accepted)).toEqual(accepted.map(() => '1 1'));
    // What was cut off before its 200 may have been stored or not, but never twice.
    for (const count of counts(unheard)) expect(['1 1', '0 0']).toContain(count);
  });

  it('asks before it repeats a call whose answer it did not live to write down', async () => {
    const name = 'Убит на вызове';
    const free = [holdCalls(office.target, isItemCreate, 30_000), holdCalls(office.hubex, isTaskCreate, 30_000)];
    const server = await spawned('work');
    const asked = [office.target.requests.filter(isItemCreate), office.hubex.requests.filter(isTaskCreate)];
    await postCall(office, { name });
    await eventually(
      () =>
        office.target.requests.filter(isItemCreate).length > (asked[0]?.length ?? 0) &&
        office.hubex.requests.filter(isTaskCreate).length > (asked[1]?.length ?? 0),
      { within: 60_000 },
    );
    await server.kill('SIGKILL');
    for (const stop of free) stop();
    // Over there the work is done all the same; only nobody is left to hear of it.
    await eventually(() => counts([name])[0] === '1 1', { within: 30_000 });
    await passTime();
    server.restart();
    await settled();
    expect(counts([name])).toEqual(['1 1']);
    expect(office.target.ledger.slice(-2).map(({ repeated }) => repeated)).toEqual([false, true]);
    expect(told(name).map(({ body }) => body)).toEqual([{ name, task: String(tasksFor(name)[0]?.id) }]);
  });

  it('finishes what it has begun when it is told to end, and leaves the rest to others', async () => {
    const names = Array.from({ length: 6 }, (_, index) => `Остановлен ${index}`);
    const free = holdCalls(office.target, isItemCreate, 30_000);
    const server = await spawned('work');
    const before = office.target.requests.filter(isItemCreate).length;
    await Promise.all(names.map((name) => postCall(office, { name })));
    await eventually(() => office.target.requests.filter(isItemCreate).length > before, { within: 60_000 });
    const ended = server.kill('SIGTERM');
    free();
    expect(await ended).toBe(0);
    const { rows } = await office.server.ctx.pool.query(`select id from runs where owner is not null`);
    expect(rows).toEqual([]);
    server.restart();
    await settled();
    expect(counts(names)).toEqual(names.map(() => '1 1'));
    const repeats = office.target.ledger.filter(
      ({ body, repeated }) => repeated && names.includes(String((body as { name?: string }).name)),
    );
    expect(repeats).toEqual([]);
  });

  it('hands back a record that it could not load in time, although a newer change of it waits', async () => {
    const server = await spawned('work');
    const flow = await office.startFlow('Deals to items', dealToItem(office, { settings: withHeader }));
    await eventually(
      async () =>
        (
          await office.server.ctx.pool.query('select 1 from triggers where flow_id = $1 and cursor is not null', [
            flow.id,
          ])
        ).rowCount,
    );
    const deal = office.bitrix24.createDeal({
      title: 'Отложенная',
      stageId: 'C1:NEW',
      categoryId: 1,
      comments: 'ноль',
    });
    await office.bitrix24.hooks.settled();
    await settled();
    const free = holdCalls(office.bitrix24, ({ path }) => path.endsWith('crm.item.list'), 30_000);
    office.bitrix24.editDeal(deal.id, { comments: 'раз' });
    await office.bitrix24.hooks.settled();
    const runs = async () =>
      (
        await office.server.ctx.pool.query<{ state: string; owner: string | null }>(
          'select state, owner from runs where flow_id = $1 order by id',
          [flow.id],
        )
      ).rows;
    await eventually(async () => (await runs()).some(({ state }) => state === 'working'), { within: 60_000 });
    office.bitrix24.editDeal(deal.id, { comments: 'два' });
    await office.bitrix24.hooks.settled();
    expect((await runs()).map(({ state }) => state)).toEqual(['working', 'queued']);
    await server.kill('SIGTERM');
    free();
    // Others need not wait until a lease runs out.
    expect((await runs()).map(({ owner }) => owner)).toEqual([null, null]);
    server.restart();
    await settled();
    expect(itemsCalled('Отложенная').at(-1)).toMatchObject({ note: 'два' });
  });

  it('lets a process that slept past its lease do nothing a second time', async () => {
    const name = 'Проспал';
    const free = [holdCalls(office.target, isItemCreate, 30_000), holdCalls(office.hubex, isTaskCreate, 30_000)];
    const sleeper = await spawned('work');
    const asked = [
      office.target.requests.filter(isItemCreate).length,
      office.hubex.requests.filter(isTaskCreate).length,
    ];
    await postCall(office, { name });
    await eventually(
      () =>
        office.target.requests.filter(isItemCreate).length > (asked[0] ?? 0) &&
        office.hubex.requests.filter(isTaskCreate).length > (asked[1] ?? 0),
      { within: 60_000 },
    );
    process.kill(sleeper.pid, 'SIGSTOP');
    for (const stop of free) stop();
    await passTime();
    const other = await spawned('work');
    await settled();
    expect(counts([name])).toEqual(['1 1']);
    await other.kill('SIGTERM');

    process.kill(sleeper.pid, 'SIGCONT');
    // It works again: it carries out the next call, and has long heard the answers to the old one.
    await postCall(office, { name: 'Проснулся' });
    await settled();
    expect(counts([name, 'Проснулся'])).toEqual(['1 1', '1 1']);
    expect(told(name)).toHaveLength(1);
    const { rows } = await office.server.ctx.pool.query<{ state: string }>(
      `select state from run_history where payload like '%Проспал%'`,
    );
    expect(rows.map(({ state }) => state)).toEqual(['done', 'done']);
  });
});
