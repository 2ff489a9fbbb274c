import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { connectionsApi } from '../connections/contract.ts';
import { createTestDatabase, eventually, type TestDatabase } from '../testing/index.ts';
import { type Flow, flowsApi } from './contract.ts';
import { type CreatioOffice, formToLead, openCreatioOffice } from './testing/creatio-office.ts';
import { aCall, callToItem, dealToItem, postCall, withHeader } from './testing/drafts.ts';
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
            { phone: '', email },
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
        expect(office.target.items.filter(({ email }) => email === mail)).toHaveLength(1);
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

  describe('a session of Creatio that has ended', () => {
    const gate = () => office.creatio.gate;
    const isSignIn = ({ path }: { path: string }) => path.endsWith('/AuthService.svc/Login');
    async function sendForms(who: string): Promise<void> {
      await Promise.all(
        Array.from({ length: 16 }, (_, index) =>
          postCall(office, { ...aCall, name: who, email: `${who}${index}@form.example` }),
        ),
      );
    }
    const leadsOf = (who: string) => office.creatio.listLeads().filter(({ contact }) => contact === who);

    it('is renewed by one process while both have calls that wait for it', async () => {
      await start('Leads', formToLead(office));
      await sendForms('first');
      await allDone(office);
      const before = gate().signIns;
      gate().sessions.clear();
      const free = holdCalls(office.creatio, isSignIn, 300);
      await sendForms('second');
      await allDone(office);
      free();
      expect(gate().signIns).toBe(before + 1);
      expect([leadsOf('first').length, leadsOf('second').length]).toEqual([16, 16]);
    });

    it('is asked for once with a password that is refused, by all processes together', async () => {
      const { password, signIns } = gate();
      const flow = await start('Refused', formToLead(office));
      gate().sessions.clear();
      gate().password = 'changed over there';
      await sendForms('third');
      await eventually(async () => {
        const runs = await office.runsOf(flow);
        return runs.length === 16 && runs.every(({ state, nextAt }) => state === 'waiting' && nextAt === null);
      });
      gate().password = password;
      expect(gate().signIns).toBe(signIns + 1);
      await office.server.call(connectionsApi.checkConnection, { params: { id: office.crm.creatio } });
      await allDone(office);
      expect(leadsOf('third')).toHaveLength(16);
    });
  });

  describe('a trigger that is asked', () => {
    const isAsk = ({ path, rawBody }: { path: string; rawBody: Buffer }) =>
      path.endsWith('crm.item.list') && rawBody.toString().includes('updatedTime');
    const asks = () => office.bitrix24.requests.filter(isAsk).length;
    const triggerOf = async (flow: Flow) =>
      (
        await office.server.ctx.pool.query<{ owner: string | null; asked_at: Date; cursor: { watermark: string } }>(
          'select owner, asked_at, cursor from triggers where flow_id = $1',
          [flow.id],
        )
      ).rows[0];
    const due = (flow: Flow) =>
      office.server.ctx.pool.query(`update triggers set next_ask_at = now() where flow_id = $1`, [flow.id]);
    async function asked(flow: Flow): Promise<void> {
      const before = (await triggerOf(flow))?.asked_at.getTime();
      await due(flow);
      await eventually(async () => {
        const { owner, asked_at } = (await triggerOf(flow)) ?? {};
        return owner === null && asked_at?.getTime() !== before;
      });
    }
    /** The portal tells nobody: only asking finds it. */
    function newDeal(title: string): void {
      const { tell } = office.bitrix24.portal;
      office.bitrix24.portal.tell = () => {};
      office.bitrix24.createDeal({ title, stageId: 'C1:NEW', categoryId: 1 });
      office.bitrix24.portal.tell = tell;
    }
    const polled = () =>
      dealToItem(office, { trigger: { trigger: 'deal.created', mode: 'poll' }, settings: withHeader });

    it('is asked by one process at a time, each found record once', async () => {
      const flow = await start('Asked', polled());
      await eventually(async () => (await triggerOf(flow))?.owner === null && (await triggerOf(flow))?.cursor);
      const free = holdCalls(office.bitrix24, isAsk, 700);
      const before = asks();
      for (const round of [0, 1, 2]) {
        newDeal(`Спрошена ${round}`);
        await asked(flow);
      }
      free();
      // Both look for due triggers every half second, and an answer takes longer than that.
      expect(asks() - before).toBe(3);
      await allDone(office);
      for (const round of [0, 1, 2]) expect(itemsCalled(`Спрошена ${round}`)).toHaveLength(1);
    });

    it('is asked by the other one when the first dies over it, and nothing is lost or taken twice', async () => {
      const flow = await start('Died', polled());
      await eventually(async () => (await triggerOf(flow))?.owner === null && (await triggerOf(flow))?.cursor);
      newDeal('До смерти');
      await asked(flow);
      const free = holdCalls(office.bitrix24, isAsk, 30_000);
      newDeal('При смерти');
      await due(flow);
      const owner = await eventually(async () => (await triggerOf(flow))?.owner);
      const first = workers.processes.find(({ pid }) => owner.split(' ').includes(String(pid)));
      await first?.kill('SIGKILL');
      free();
      newDeal('После смерти');
      // It is dead for the others only when its lease has run out.
      expect((await triggerOf(flow))?.owner).toBe(owner);
      await office.server.passTime(150);
      await eventually(async () => (await triggerOf(flow))?.owner === null);
      await allDone(office);
      for (const when of ['До', 'При', 'После']) expect(itemsCalled(`${when} смерти`)).toHaveLength(1);
      expect((await triggerOf(flow))?.cursor.watermark).toBeTruthy();
      expect(await statesOf(flow)).toEqual(['done', 'done', 'done']);
    });
  });
});
