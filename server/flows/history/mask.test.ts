import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callToItem, postCall } from '../testing/drafts.ts';
import { dealToTask, type Office, openOffice } from '../testing/office.ts';
import { createMask } from './mask.ts';

describe('the mask', () => {
  it('masks strings and leaves the JSON whole', () => {
    const { json, jsonText, value, text, hides } = createMask(['4711', 'a"b\\c']);
    expect(JSON.parse(json({ a: 'x4711y', b: 47_110, c: ['a"b\\c'] }))).toEqual({ a: 'x•••y', b: 47_110, c: ['•••'] });
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
    const ends = [...(await office.runsOf(flow)), ...(await office.runsOf(rejecting))].map(({ state }) => state);
    expect(ends).toEqual(expect.arrayContaining(['done', 'rejected']));
    const { rows } = await office.server.ctx.pool.query<{ row: string }>(
      `select h::text as row from run_history h union all select r::text from runs r union all select d::text from deliveries d`,
    );
    const stored = rows.map(({ row }) => row).join('\n');
    expect(stored).toContain('•••');
    for (const secret of [token, hubexToken]) {
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
  });
});
