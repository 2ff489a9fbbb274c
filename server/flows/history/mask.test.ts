import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectionsApi } from '../../connections/contract.ts';
import { aCall, callToItem, postCall } from '../testing/drafts.ts';
import { failNext, isItemCreate, passTimeOfCalls } from '../testing/faults.ts';
import { dealToTask, type Office, openOffice } from '../testing/office.ts';
import { createMask } from './mask.ts';

describe('the mask', () => {
  it('masks strings and leaves the JSON whole', () => {
    const { isIn, jsonText, value, text, hides, data } = createMask(['4711', 'a"b\\c']);
    expect(value({ a: 'x4711y', b: 47_110, c: ['a"b\\c'] })).toEqual({ a: 'x•••y', b: 47_110, c: ['•••'] });
    expect([isIn(JSON.stringify('a"b\\c')), isIn('"47"')]).toEqual([true, false]);
    expect(data.value({ a: '4711' })).toEqual({ a: '4711' });
    expect(jsonText('{"a":"4711"}')).toBe('{"a":"•••"}');
    expect(jsonText('{"a": 1}')).toBe('{"a": 1}');
    expect(value({ a: '4711' })).toEqual({ a: '•••' });
    expect(text('4711, 4711')).toBe('•••, •••');
    expect([hides('47'), hides('<4711>')]).toEqual([false, true]);
  });
});

describe('a secret that the other side hands back', () => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice();
  });
  afterAll(() => office.stop());

  it('lies nowhere in the history: not in values, answers, words, labels or what arrived', async () => {
    const token = office.bitrix24.applicationToken;
    const hubexToken = office.hubex.serviceToken;
    const flow = await office.startFlow('There', dealToTask(office));
    const rejecting = await office.startFlow('Rejected', {
      ...dealToTask(office),
      filter: null,
      steps: [
        {
          ...(dealToTask(office).steps as object[])[0],
          mapping: { taskType: { kind: 'template', text: '{{ trigger.comments }}' } },
        },
      ],
    });
    const contactIds = [Number(office.bitrix24.listDeals()[0]?.contactId)];
    const deal = office.bitrix24.createDeal({
      title: `Ключ ${token}`,
      stageId: 'C1:NEW',
      categoryId: 1,
      contactIds,
      comments: `${token} и ${hubexToken}`,
    });
    office.bitrix24.moveDeal(deal.id, 'C1:UC_SERVICE');
    await office.settle();
    const runs = [...(await office.runsOf(flow)), ...(await office.runsOf(rejecting))];
    expect(runs.map(({ state }) => state)).toEqual(expect.arrayContaining(['done', 'rejected']));
    const { rows } = await office.server.ctx.pool.query<{ row: string }>(
      `select h::text as row from run_history h union all select r::text from runs r union all select d::text from deliveries d`,
    );
    const stored = rows.map(({ row }) => row).join('\n');
    expect(stored).toContain('•••');
    // What is packed is seen as a person sees it.
    const seen = JSON.stringify(await Promise.all(runs.map(({ id }) => office.run(id))));
    expect(seen).toContain('Ключ •••');
    for (const secret of [token, hubexToken]) {
      expect(seen).not.toContain(secret);
      expect(stored).not.toContain(secret);
      expect(stored.toLowerCase()).not.toContain(secret.toLowerCase());
    }
  });

  it('lies nowhere either when the run fails before its apps could be asked for their fields', async () => {
    await postCall(office);
    const flow = await office.startFlow('Unplanned', callToItem(office));
    // The next version of the app has no such action any more: there is nothing to plan by.
    await office.server.ctx.pool.query(
      `update flow_versions set definition = jsonb_set(definition, '{steps,0,action}', '"item.gone"') where flow_id = $1`,
      [flow.id],
    );
    const token = office.hubex.serviceToken;
    await postCall(office, { name: `Ключ ${token}`, note: { deep: [`«${token}»`] } });
    await office.settle();
    const [run] = await office.runsOf(flow);
    expect(run?.state).toBe('rejected');
    const { rows } = await office.server.ctx.pool.query<{ row: string }>(
      'select r::text as row from runs r where id = $1',
      [run?.id],
    );
    expect(rows[0]?.row).toContain('Ключ •••');
    expect(rows[0]?.row).not.toContain(token);
    expect(JSON.stringify(await office.run(run?.id ?? ''))).not.toContain(token);
  });

  it('does not come between a person\u2019s words and the other side when a try is repeated', async () => {
    // Short as passwords are, and a word like any other.
    const secret = 'Supervisor';
    const { call, ctx } = office.server;
    const params = { id: office.connections.webhook };
    await call(connectionsApi.patchConnection, {
      params,
      body: connectionsApi.patchConnection.body.parse({ secrets: { signatureSecret: secret }, check: false }),
    });
    const flow = await office.startFlow('Repeated', callToItem(office));
    failNext(office.target, isItemCreate, { status: 429, body: {} });
    const body = JSON.stringify({ ...aCall, name: 'Владелец', note: `Ответственный: ${secret}` });
    await postCall(office, body, { 'x-signature': createHmac('sha256', secret).update(body).digest('hex') });
    await office.settle();
    expect((await office.runsOf(flow)).map(({ state }) => state)).toEqual(['waiting']);
    await passTimeOfCalls(ctx.pool, 120);
    await office.settle();
    expect(office.target.items.filter(({ name }) => name === 'Владелец').map(({ note }) => note)).toEqual([
      `Ответственный: ${secret}`,
    ]);
    const [run] = await office.runsOf(flow);
    expect(JSON.stringify((await office.run(run?.id ?? '')).trace)).not.toContain(secret);
  });
});
