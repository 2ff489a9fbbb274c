import { expect, it } from 'vitest';
import { dealToItem } from '../flows/testing/drafts.ts';
import { openOffice } from '../flows/testing/office.ts';
import { connectionsApi } from './contract.ts';

it('a check asks at once, whatever pause the app had asked for; so does a reconnect', async () => {
  const office = await openOffice();
  const params = { id: office.connections.bitrix24 };
  const check = () => office.server.call(connectionsApi.checkConnection, { params });
  const limited = { status: 429, headers: { 'retry-after': '3600' }, body: { error: 'QUERY_LIMIT_EXCEEDED' } };
  office.bitrix24.faults.once.push(limited);
  expect((await check()).failure).toMatchObject({ code: 'bitrix24.query_limit' });
  expect((await check()).ok).toBe(true);
  office.bitrix24.faults.once.push(limited);
  await check();
  const body = { secrets: { webhookUrl: office.bitrix24.webhookUrl }, check: true };
  expect(await office.server.call(connectionsApi.patchConnection, { params, body })).toMatchObject({ health: 'works' });
  await office.stop();
});

it('one method out of running time holds back no other call of the portal', async () => {
  const office = await openOffice();
  const flow = await office.startFlow(
    'Новые',
    dealToItem(office, { trigger: { trigger: 'deal.created', mode: 'poll' } }),
  );
  await office.startFlow('Стадии', dealToItem(office, { trigger: { trigger: 'deal.enteredStage', mode: 'poll' } }));
  office.bitrix24.switches.outOfTime = ['crm.stagehistory.list'];
  await office.askAgain();
  const { rows } = await office.server.ctx.pool.query('select failure from triggers where failure is not null');
  expect(rows).toMatchObject([{ failure: { code: 'bitrix24.operation_time_limit' } }]);
  office.bitrix24.createDeal({ title: 'Печь' });
  await office.askAgain();
  expect((await office.runsOf(flow)).map(({ state }) => state)).toEqual(['done']);
  await office.stop();
});
