import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FormValues } from '../../../kit/form.ts';
import type { Cursor } from '../../../kit/record-type.ts';
import { expectKind } from '../../../kit/testing/bench.ts';
import type { Api } from '../api.ts';
import { connectTo } from '../stand-in/connect.ts';
import { type Bitrix24StandIn, startBitrix24StandIn } from '../stand-in.ts';
import { dealEnteredStage, leadEnteredStage } from './entered-stage.ts';

let standIn: Bitrix24StandIn;
let api: Api;

beforeEach(async () => {
  standIn = await startBitrix24StandIn({ limited: false });
  api = connectTo(standIn);
});
afterEach(() => standIn.stop());

const poll = async (cursor: Cursor | null, settings: FormValues = {}, since?: Date) =>
  (await dealEnteredStage.poll?.(api, { cursor, settings, ...(since && { since }) })) ?? expect.fail('no poll');
const firstDeal = () => standIn.listDeals()[0]?.id ?? 0;

describe('deal entered a stage', () => {
  test('sees stages that were left before we looked, in their order', async () => {
    const { next } = await poll(null);
    const id = firstDeal();
    for (const stage of ['C1:EXECUTING', 'C1:UC_SERVICE', 'C1:EXECUTING', 'C1:UC_SERVICE']) standIn.moveDeal(id, stage);
    const page = await poll(next);
    expect(page.items.map((item) => item.details?.stage)).toEqual([
      { id: 'C1:EXECUTING', label: 'В работе', group: 'Сервис' },
      { id: 'C1:UC_SERVICE', label: 'Сервисная служба', group: 'Сервис' },
      { id: 'C1:EXECUTING', label: 'В работе', group: 'Сервис' },
      { id: 'C1:UC_SERVICE', label: 'Сервисная служба', group: 'Сервис' },
    ]);
    expect(new Set(page.items.map((item) => item.key)).size).toBe(4);
    expect(new Set(page.items.map((item) => item.recordId))).toEqual(new Set([String(id)]));
    expect((await poll(page.next)).items).toEqual([]);
  });

  test.each([0, 1, 2])('loses no move that happens while it asks for the first time, after %i calls', async (calls) => {
    const since = new Date(Date.now() + 1000);
    const now = standIn.portal.now;
    standIn.portal.now = () => new Date(since.getTime() + 1000);
    const asked = () => standIn.requests.filter(({ path }) => path.endsWith('/crm.stagehistory.list')).length;
    const { once } = standIn.faults;
    once.shift = () => {
      if (asked() <= calls) return undefined;
      once.shift = () => undefined;
      standIn.moveDeal(firstDeal(), 'C1:EXECUTING');
      return undefined;
    };
    const first = await poll(null, {}, since);
    standIn.portal.now = now;
    const rest = await poll(first.next);
    expect([...first.items, ...rest.items].map(({ recordId }) => recordId)).toEqual([String(firstDeal())]);
  });

  test('sees a move to another pipeline and a new deal', async () => {
    const { next } = await poll(null);
    standIn.moveDeal(firstDeal(), 'UC_SERVICE');
    const made = standIn.createDeal({ title: 'Новая', categoryId: 1 });
    const { items } = await poll(next);
    expect(items.map((item) => [item.recordId, item.details?.category])).toEqual([
      [String(firstDeal()), { id: '0', label: 'Продажи' }],
      [String(made.id), { id: '1', label: 'Сервис' }],
    ]);
  });

  test('only the chosen stage, and the place moves past the others', async () => {
    const { next } = await poll(null);
    const settings = { stage: 'C1:UC_SERVICE' };
    standIn.moveDeal(firstDeal(), 'C1:EXECUTING');
    const other = await poll(next, settings);
    expect(other.items).toEqual([]);
    expect(other.next).not.toEqual(next);
    standIn.moveDeal(firstDeal(), 'C1:UC_SERVICE');
    expect((await poll(other.next, settings)).items).toHaveLength(1);
    expect(await dealEnteredStage.newest?.(api, { limit: 10, settings })).toHaveLength(1);
  });

  test('more moves than a page holds come once each', async () => {
    let { next: cursor } = await poll(null);
    for (let n = 0; n < 130; n++) standIn.moveDeal(firstDeal(), n % 2 === 0 ? 'C1:EXECUTING' : 'C1:NEW');
    const keys: string[] = [];
    for (let more = true; more; ) {
      const page = await poll(cursor);
      keys.push(...page.items.map((item) => item.key));
      ({ next: cursor, more } = page);
    }
    expect(keys).toHaveLength(130);
    expect(new Set(keys).size).toBe(130);
  });

  test('does not need a list without counting, which this method does not promise', async () => {
    standIn.switches.noHistoryCursor = true;
    const { next } = await poll(null);
    standIn.moveDeal(firstDeal(), 'C1:EXECUTING');
    expect((await poll(next)).items).toHaveLength(1);
  });

  test('a backfill begins where it is told', async () => {
    const all = await poll(null, {}, new Date(Date.now() - 30 * 86_400_000));
    expect(all.items).toHaveLength(12);
    const none = await poll(null, {}, new Date(Date.now() + 1000));
    expect(none.items).toEqual([]);
  });

  test('says when, in UTC', async () => {
    const { next } = await poll(null);
    standIn.moveDeal(firstDeal(), 'C1:EXECUTING');
    const [item] = (await poll(next)).items;
    expect(item?.details?.enteredAt).toBe(item?.at);
    expect(item?.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  test('a place that is no place starts over', async () => {
    await expectKind(poll({ page: 1 }), 'startOver');
  });
});

test('a lead entered a stage, by the names of the lead’s history', async () => {
  const start = await leadEnteredStage.poll?.(api, { cursor: null, settings: {} });
  const { id } = standIn.createLead({ title: 'Заявка' });
  const page = await leadEnteredStage.poll?.(api, { cursor: start?.next ?? null, settings: {} });
  expect(page?.items).toEqual([
    expect.objectContaining({
      recordId: String(id),
      details: { stage: { id: 'NEW', label: 'Не обработан' }, enteredAt: expect.any(String) },
    }),
  ]);
});
