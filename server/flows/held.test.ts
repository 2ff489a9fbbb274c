import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { noFaults } from '../../kit/testing/stand-in.ts';
import { connectionsApi } from '../connections/contract.ts';
import { noteWorked } from '../connections/index.ts';
import { noticesApi } from '../notices/contract.ts';
import { eventually } from '../testing/index.ts';
import { attentionApi, type Flow, flowDraft, flowsApi, type RunSummary, runsApi } from './contract.ts';
import { aCall, callToDeal, callToItem, postCall } from './testing/drafts.ts';
import { failNext, isDealAdd, isItemCreate } from './testing/faults.ts';
import { type Office, openOffice } from './testing/office.ts';

describe('a run that waits for a person', () => {
  let office: Office;
  const started: Flow[] = [];
  beforeAll(async () => {
    office = await openOffice();
    // The fields of a call are known from one that was caught.
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
  const runOf = async (flow: Flow): Promise<RunSummary | undefined> => (await office.runsOf(flow))[0];
  const itemsCalled = (name: string) => office.target.items.filter((item) => item.name === name);
  const toTarget = async (name: string) => {
    const { id } = await office.server.call(connectionsApi.postConnection, {
      body: {
        connector: 'webhook',
        name,
        fields: { address: office.target.url },
        secrets: {},
        endpoints: {},
        check: false,
        auth: 'none',
      },
    });
    return id;
  };
  /** A run that was refused by a connection made for it alone. */
  async function hold(name: string): Promise<{ flow: Flow; connection: string; run: RunSummary }> {
    const connection = await toTarget(name);
    const flow = await start(name, callToItem(office, { step: { connection } }));
    failNext(office.target, isItemCreate, { status: 401, body: {} });
    await postCall(office, { ...aCall, name });
    await office.settle();
    const run = await runOf(flow);
    expect(run).toMatchObject({ state: 'waiting', nextAt: null });
    return { flow, connection, run: run as RunSummary };
  }
  async function replaceConnection(flow: Flow, connection: string): Promise<void> {
    const params = { id: flow.id };
    const draft = flowDraft.parse(callToItem(office, { step: { connection } }));
    await office.server.call(flowsApi.patchFlow, { params, body: { draft } });
    await office.server.call(flowsApi.saveFlow, { params });
  }
  const attentionOf = async (flow: Flow) =>
    (await office.server.call(attentionApi.listAttention)).filter((group) => group.flow === flow.id);
  const rerun = (run: RunSummary) =>
    office.server.call(runsApi.rerun, { params: { id: run.id }, body: { from: 'failedStep', version: 'current' } });

  it('for a connection that is deleted goes to the attention list, and runs again with the current version', async () => {
    const { flow, connection, run } = await hold('Заменённое');
    await replaceConnection(flow, await toTarget('instead'));
    await office.server.call(connectionsApi.deleteConnection, { params: { id: connection } });
    await office.settle();
    expect(await runOf(flow)).toMatchObject({ state: 'dead', reason: { code: 'connection.deleted' } });
    expect(await attentionOf(flow)).toHaveLength(1);
    const { items } = await office.server.call(noticesApi.listNotices);
    expect(items.find((notice) => notice.flow === flow.id)).toMatchObject({ kind: 'runs.attention' });
    await rerun(run);
    await office.settle();
    expect(itemsCalled('Заменённое')).toHaveLength(1);
  });

  it('need not wait longer: a person puts it on the attention list, runs it again or dismisses it', async () => {
    const { flow, run } = await hold('Не ждать');
    expect((await office.run(run.id)).can).toMatchObject({ giveUp: true, rerun: false });
    await office.server.call(runsApi.giveUpRun, { params: { id: run.id } });
    expect(await runOf(flow)).toMatchObject({ state: 'dead', reason: { code: 'stopped_waiting' } });
    expect((await office.run(run.id)).can).toMatchObject({ giveUp: false, rerun: true });
    await replaceConnection(flow, await toTarget('instead of waiting'));
    await rerun(run);
    await office.settle();
    expect(itemsCalled('Не ждать')).toHaveLength(1);
    expect(await attentionOf(flow)).toHaveLength(0);
    const again = office.server.call(runsApi.giveUpRun, { params: { id: run.id } });
    await expect(again).rejects.toMatchObject({ status: 409 });
  });

  it('for a connection with another account behind it is held whatever that answers, until a check finds the right one', async () => {
    const { pool } = office.server.ctx;
    const params = { id: office.connections.bitrix24 };
    const check = () => office.server.call(connectionsApi.checkConnection, { params });
    const dealsCalled = (title: string) => office.bitrix24.listDeals().filter((deal) => deal.title === title);
    const flow = await start('Other account', callToDeal(office));
    const { rows } = await pool.query<{ identity: string }>('select identity from connections where id = $1', [
      params.id,
    ]);
    await pool.query(`update connections set identity = 'somebody else' where id = $1`, [params.id]);
    expect(await check()).toMatchObject({ ok: false });
    await postCall(office, { ...aCall, name: 'Чужой портал' });
    await office.settle();
    const held = { state: 'waiting', nextAt: null, reason: { code: 'connection.other_account' } };
    expect(await runOf(flow)).toMatchObject(held);
    // It answers well: that says nothing of whose it is.
    await noteWorked(office.server.ctx, params.id);
    await office.server.passTime(3600);
    await office.settle();
    expect(await runOf(flow)).toMatchObject(held);
    expect(dealsCalled('Чужой портал')).toHaveLength(0);
    await pool.query('update connections set identity = $2 where id = $1', [params.id, rows[0]?.identity]);
    await check();
    await office.settle();
    expect(dealsCalled('Чужой портал')).toHaveLength(1);
  });

  it('is unknown rather than dead when a call of it may have been carried out', async () => {
    const flow = await start('Unknown', callToDeal(office));
    failNext(office.bitrix24, isDealAdd, 'dropAfter');
    await postCall(office, { ...aCall, name: 'Неизвестно' });
    await office.settle();
    const run = await eventually(() => runOf(flow));
    expect(run.state).toBe('waiting');
    await office.server.call(runsApi.giveUpRun, { params: { id: run.id } });
    expect(await runOf(flow)).toMatchObject({ state: 'unknown' });
  });
});
