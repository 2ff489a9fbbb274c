import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Flow, flowsApi, type Run, runsApi } from '../contract.ts';
import { tendHistory } from '../jobs.ts';
import { dealToTask, type Office, openOffice } from '../testing/office.ts';

describe('a flow that keeps bodies for a week', () => {
  let office: Office;
  let flow: Flow;
  let runId: string;
  beforeAll(async () => {
    office = await openOffice();
    flow = await office.startFlow('There', dealToTask(office));
    const contactIds = [Number(office.bitrix24.listDeals()[0]?.contactId)];
    const deal = office.bitrix24.createDeal({
      title: 'Не греет печь',
      stageId: 'C1:NEW',
      categoryId: 1,
      contactIds,
      comments: 'Код домофона 4711',
    });
    office.bitrix24.moveDeal(deal.id, 'C1:UC_SERVICE');
    await office.settle();
    runId = (await office.runsOf(flow)).find(({ state }) => state === 'done')?.id ?? '';
    await office.server.call(flowsApi.patchFlowHistory, { params: { id: flow.id }, body: { bodyDays: 7 } });
  });
  afterAll(() => office.stop());

  /** The row as PostgreSQL writes it. Packed columns are digits of hex here: only a word outside them can be sought. */
  const raw = async () => {
    const { rows } = await office.server.ctx.pool.query<{ row: string }>(
      'select h::text as row from run_history h where id = $1',
      [runId],
    );
    return rows[0]?.row ?? '';
  };
  /** As if the run had been made then: its day moves with it. */
  const makeOlder = (days: number) =>
    office.server.ctx.pool.query(
      `update run_history set created_at = created_at - make_interval(days => $2), finished_at = finished_at - make_interval(days => $2)
       where id = $1`,
      [runId, days],
    );
  const decisions = (run: Run) => run.trace.map(({ kind, verdict, why, found }) => ({ kind, verdict, why, found }));

  it('has them until then', async () => {
    await makeOlder(6);
    await tendHistory(office.server.ctx);
    expect(await raw()).toContain('домофона');
    const run = await office.run(runId);
    expect(JSON.stringify(run.trace)).toContain('домофона');
    expect(run).toMatchObject({ blanked: false, can: { rerun: true } });
  });

  it('keeps after it only what was decided and why, and the way to find the run', async () => {
    const before = await office.run(runId);
    await makeOlder(2);
    await tendHistory(office.server.ctx);
    expect(await raw()).not.toContain('домофона');
    const after = await office.run(runId);
    expect(JSON.stringify(after)).not.toContain('домофона');
    expect(decisions(after)).toEqual(decisions(before));
    expect(after).toMatchObject({ state: 'done', reason: before.reason, blanked: true });
    const exchanges = after.trace.flatMap((line) => line.exchanges ?? []);
    expect(exchanges.length).toBeGreaterThan(0);
    expect(exchanges.every(({ requestBody, responseBody }) => requestBody === null && responseBody === null)).toBe(
      true,
    );
    expect(exchanges.some(({ status }) => status === 200 || status === 201)).toBe(true);
    const found = await office.server.call(runsApi.listRuns, { query: { q: 'греет печь', flow: flow.id } });
    expect(found.items.map(({ id }) => id)).toContain(runId);
  });

  it('cannot be run again without them', async () => {
    expect((await office.run(runId)).can.rerun).toBe(false);
    await expect(
      office.server.call(runsApi.rerun, { params: { id: runId }, body: { from: 'start' } as never }),
    ).rejects.toMatchObject({ status: 409 });
  });

  it('says how long it keeps them, and forgets the limit when told', async () => {
    const params = { id: flow.id };
    expect(await office.server.call(flowsApi.getFlowHistory, { params })).toEqual({ bodyDays: 7 });
    await office.server.call(flowsApi.patchFlowHistory, { params, body: { bodyDays: null } });
    expect(await office.server.call(flowsApi.getFlowHistory, { params })).toEqual({ bodyDays: null });
  });
});
