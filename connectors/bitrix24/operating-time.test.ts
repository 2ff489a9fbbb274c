import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { expectKind } from '../../kit/testing/bench.ts';
import { type Api, methods } from './api.ts';
import { connectTo } from './stand-in/connect.ts';
import { type Bitrix24StandIn, startBitrix24StandIn } from './stand-in.ts';

describe('a method that is out of running time', () => {
  let standIn: Bitrix24StandIn;
  let api: Api;
  beforeEach(async () => {
    standIn = await startBitrix24StandIn({ limited: false });
    api = connectTo(standIn);
    standIn.switches.outOfTime = ['crm.item.fields'];
  });
  afterEach(() => standIn.stop());
  const fields = () => methods.itemFields({ entityTypeId: 2 });

  test('is not asked again before its time, alone or in a batch, and the others go on', async () => {
    const error = await expectKind(api.run(fields()), 'rateLimited');
    expect(error).toMatchObject({ code: 'bitrix24.operation_time_limit', onlyThisCall: true });
    await api.run(methods.profile());
    const asked = standIn.requests.length;
    await expect(api.run(fields())).rejects.toBe(error);
    await expect(api.batch({ profile: methods.profile(), fields: fields() })).rejects.toBe(error);
    expect(standIn.requests).toHaveLength(asked);
  });

  test('is told apart in a batch, and waits for the moment that its last batch named', async () => {
    standIn.switches.outOfTime = [];
    const before = Math.floor(Date.now() / 1000);
    await api.batch({ fields: fields() });
    const after = Math.floor(Date.now() / 1000);
    standIn.switches.outOfTime = ['crm.item.fields'];
    const { failures, values } = await api.batch({ profile: methods.profile(), fields: fields() });
    expect(values.profile).toMatchObject({ NAME: 'Иван' });
    const until = (failures.fields?.until?.getTime() ?? 0) / 1000;
    expect(until).toBeGreaterThanOrEqual(before + 600);
    expect(until).toBeLessThanOrEqual(after + 600);
    expect(Number.isInteger(until)).toBe(true);
  });
});
