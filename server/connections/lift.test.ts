import { expect, it } from 'vitest';
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
