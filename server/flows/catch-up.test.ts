import type { PoolClient } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settingsApi } from '../settings/contract.ts';
import { eventually } from '../testing/index.ts';
import { type Flow, flowsApi } from './contract.ts';
import { happeningsOf } from './hooks.ts';
import { receiveWithin } from './receive.ts';
import { aCall, callToItem, postCall } from './testing/drafts.ts';
import { type Office, openOffice } from './testing/office.ts';

describe('calls that are being stored while a flow begins to listen', () => {
  let office: Office;
  let flow: Flow;

  beforeAll(async () => {
    office = await openOffice();
    await office.server.call(settingsApi.patchSettings, { body: { brakePerHour: 10_000 } });
    await postCall(office);
    flow = await office.startFlow('Calls', callToItem(office));
  });
  afterAll(() => office.stop());

  const params = () => ({ id: flow.id });
  const stop = () => office.server.call(flowsApi.stopFlow, { params: params() });
  const start = (missed?: 'catchUp' | 'fromNow') =>
    office.server.call(flowsApi.startFlow, { params: params(), body: missed ? { missed } : {} });
  const timesMade = (name: string) => office.target.items.filter((item) => item.name === name).length;
  const listens = async () =>
    (await office.server.ctx.pool.query('select 1 from triggers where flow_id = $1 and active', [flow.id])).rowCount ===
    1;

  /** A call as another process stores it: everything is written, only the commit is still to come. */
  async function storing(name: string): Promise<PoolClient> {
    const connectionId = office.connections.webhook;
    const body = { ...aCall, name };
    const item = { key: '', recordId: '', record: { id: '', values: body } };
    const { happenings } = happeningsOf({
      connectionId,
      events: [{ kind: 'item', trigger: 'webhook.received', item }],
      delivery: { place: 0, body: null },
    });
    const client = await office.server.ctx.pool.connect();
    await client.query('begin');
    await receiveWithin(client, {
      deliveries: [{ connectionId, source: 'webhook', headers: '{}', body: JSON.stringify(body) }],
      happenings,
    });
    return client;
  }
  async function commit(client: PoolClient): Promise<void> {
    await client.query('commit');
    client.release();
  }

  it('go through it although they came too early to find it and too late to be counted', async () => {
    await stop();
    const early = await storing('Между');
    const starting = start();
    await eventually(listens);
    await commit(early);
    expect((await starting).state).toBe('waits');
    await office.settle();
    expect(timesMade('Между')).toBe(1);
  });

  it('go through it once beside those that were missed, though a later one was stored first', async () => {
    await stop();
    const early = await storing('Раньше');
    await postCall(office, { ...aCall, name: 'Позже' });
    const starting = start('catchUp');
    await eventually(listens);
    await postCall(office, { ...aCall, name: 'Живьём' });
    await commit(early);
    await starting;
    await office.settle();
    expect(['Раньше', 'Позже', 'Живьём'].map(timesMade)).toEqual([1, 1, 1]);
  });

  it('are not waited for for ever: one that hangs is cut off, and is not stored', { timeout: 60_000 }, async () => {
    await stop();
    const hanging = await storing('Завис');
    hanging.on('error', () => {});
    await start();
    await expect(hanging.query('commit')).rejects.toThrow();
    hanging.release(true);
    await postCall(office, { ...aCall, name: 'После зависшего' });
    await office.settle();
    expect(['Завис', 'После зависшего'].map(timesMade)).toEqual([0, 1]);
  });

  it('are read again page by page, oldest first, before any newer one', async () => {
    await stop();
    const names = Array.from({ length: 450 }, (_, index) => `Стопка ${index}`);
    for (let at = 0; at < names.length; at += 50)
      await Promise.all(names.slice(at, at + 50).map((name) => postCall(office, { ...aCall, name })));
    await start('catchUp');
    await postCall(office, { ...aCall, name: 'Стопка — последняя' });
    await office.settle();
    expect(names.filter((name) => timesMade(name) !== 1)).toEqual([]);
    const { rows } = await office.server.ctx.pool.query<{ payload: string }>(
      `select payload from run_history where flow_id = $1 and payload like '%Стопка%' order by id`,
      [flow.id],
    );
    expect(rows).toHaveLength(names.length + 1);
    expect(rows.at(-1)?.payload).toContain('последняя');
  });
});
