import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/index.ts';
import { type Flow, flowsApi } from './contract.ts';
import { type CreatioOffice, openCreatioOffice } from './testing/creatio-office.ts';
import { aCall, callToItem, postCall } from './testing/drafts.ts';
import { holdCalls, isItemCreate } from './testing/faults.ts';
import { allDone, startWorkers, type Workers } from './testing/workers.ts';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 180_000 });

describe('two work processes over one database', () => {
  let database: TestDatabase;
  let office: CreatioOffice;
  let workers: Workers;
  const started: Flow[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    office = await openCreatioOffice({ database, works: false });
    await postCall(office);
    workers = await startWorkers(office, { database, count: 2 });
  });
  afterEach(async () => {
    for (const { id } of started.splice(0)) await office.server.call(flowsApi.stopFlow, { params: { id } });
  });
  afterAll(async () => {
    await workers?.stop();
    await office.stop();
    await database.drop();
  });

  async function start(name: string, draft: Record<string, unknown>): Promise<Flow> {
    const flow = await office.startFlow(name, draft);
    started.push(flow);
    return flow;
  }
  const itemsCalled = (name: string) => office.target.items.filter((item) => item.name === name);
  const statesOf = async (flow: Flow) => (await office.runsOf(flow)).map(({ state }) => state).sort();

  describe('events of one client', () => {
    const client = (mode: string) =>
      callToItem(office, {
        step: {
          duplicates: {
            mode,
            keys: [
              { field: 'phone', template: '{{ trigger.phone }}' },
              { field: 'email', template: '{{ trigger.email }}' },
            ],
          },
        },
      });

    it('make one client though both processes take them in the same second', async () => {
      const flow = await start('One client', client('skip'));
      // Long enough for the other process to look before the record is there.
      const free = holdCalls(office.target, isItemCreate, 400);
      const names = Array.from({ length: 6 }, (_, index) => `Клиент ${index}`);
      await Promise.all(
        names.flatMap((name, index) => {
          const phone = `+7916555000${index}`;
          const email = `client${index}@one.example`;
          return [
            { phone, email },
            { phone: phone.replace('+7', '8'), email: '' },
            { phone: '', email: email.toUpperCase() },
          ].map((known) => postCall(office, { ...aCall, name, ...known }));
        }),
      );
      await allDone(office);
      free();
      // A call with the phone alone does not say whose e-mail it is: whichever came first, no key has two records.
      for (const index of names.keys()) {
        const digits = `916555000${index}`;
        expect(office.target.items.filter(({ phone }) => String(phone).endsWith(digits))).toHaveLength(1);
        const mail = `client${index}@one.example`;
        expect(office.target.items.filter(({ email }) => String(email).toLowerCase() === mail)).toHaveLength(1);
      }
      expect(new Set(await statesOf(flow))).toEqual(new Set(['done', 'skipped']));
    });

    it('are carried out one after the other without pauses: thirty take a few seconds', async () => {
      const flow = await start('Thirty', client('upsert'));
      await Promise.all(
        Array.from({ length: 30 }, (_, index) =>
          postCall(office, { ...aCall, name: 'Тридцать', phone: '+79165550100', email: '', note: `Раз ${index}` }),
        ),
      );
      const began = performance.now();
      await allDone(office);
      expect(itemsCalled('Тридцать')).toHaveLength(1);
      expect(await statesOf(flow)).toEqual(Array.from({ length: 30 }, () => 'done'));
      expect(performance.now() - began).toBeLessThan(6000);
    });
  });
});
