import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dealToItem } from '../flows/testing/drafts.ts';
import { type Office, openOffice } from '../flows/testing/office.ts';
import { connectionsApi } from './contract.ts';
import { probeConnections } from './probe.ts';

describe('a connection that waits for a person', () => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice();
  });
  afterAll(() => office.stop());
  const params = () => ({ id: office.connections.bitrix24 });
  const healthNow = async () => (await office.server.call(connectionsApi.getConnection, { params: params() })).health;
  const check = () => office.server.call(connectionsApi.checkConnection, { params: params() });

  it('heals by itself when its fault has passed, and its flows go on', async () => {
    const flow = await office.startFlow(
      'Сделки',
      dealToItem(office, { trigger: { trigger: 'deal.created', mode: 'poll' } }),
    );
    office.bitrix24.switches.movedTo = 'maintenance.example';
    await check();
    expect(await healthNow()).toBe('reconnect');
    await probeConnections(office.server.ctx);
    expect(await healthNow()).toBe('reconnect');
    // Another trouble met on the way says nothing final.
    office.bitrix24.switches.movedTo = null;
    office.bitrix24.faults.once.push({ status: 502, body: 'Bad Gateway' });
    await probeConnections(office.server.ctx);
    expect(await healthNow()).toBe('reconnect');

    await probeConnections(office.server.ctx);
    expect(await healthNow()).toBe('works');
    office.bitrix24.createDeal({ title: 'После перерыва' });
    await office.askAgain();
    expect((await office.runsOf(flow)).map(({ state }) => state)).toEqual(['done']);
  });

  it('is not asked while its key is refused', async () => {
    office.bitrix24.switches.revoked = true;
    await check();
    const asked = office.bitrix24.requests.length;
    await probeConnections(office.server.ctx);
    expect(office.bitrix24.requests).toHaveLength(asked);
    expect(await healthNow()).toBe('reconnect');
    office.bitrix24.switches.revoked = false;
  });

  it('never comes to wait over a page of a proxy: polls go on', async () => {
    await check();
    office.bitrix24.faults.once.push({ status: 404, body: '<html>nginx</html>' });
    await office.askAgain();
    expect(await healthNow()).toBe('ailing');
    await office.askAgain();
    const { rows } = await office.server.ctx.pool.query('select failure from triggers where active');
    expect(rows).toEqual([{ failure: null }]);
  });
});
