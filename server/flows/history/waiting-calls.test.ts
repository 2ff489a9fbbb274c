import { afterAll, beforeAll, expect, it } from 'vitest';
import { flowsApi } from '../contract.ts';
import { tendHistory } from '../jobs.ts';
import { aCall, callToItem, postCall } from '../testing/drafts.ts';
import { type Office, openOffice } from '../testing/office.ts';
import { oldestDelivery } from './days.ts';

let office: Office;
beforeAll(async () => {
  office = await openOffice();
  await postCall(office);
});
afterAll(() => office.stop());

const day = 86_400_000;

it('keeps the calls that a stopped flow waits for beyond the days of the history, as long as the megabytes allow', async () => {
  const { ctx, call } = office.server;
  const flow = await office.startFlow('Waits', callToItem(office));
  const params = { id: flow.id };
  const missed = async () => (await call(flowsApi.getFlow, { params })).missed;
  await call(flowsApi.stopFlow, { params });
  await postCall(office, { ...aCall, name: 'Ждёт навёрстывания' });
  await tendHistory(ctx, Date.now() + 40 * day);
  expect(await missed()).toBe(1);
  await expect(call(flowsApi.startFlow, { params, body: {} })).rejects.toMatchObject({ status: 409 });
  await call(flowsApi.startFlow, { params, body: { missed: 'catchUp' } });
  await office.settle();
  expect(office.target.items.filter(({ name }) => name === 'Ждёт навёрстывания')).toHaveLength(1);
  // Nobody waits for them any more.
  await tendHistory(ctx, Date.now() + 40 * day);
  const { rows } = await ctx.pool.query<{ calls: string }>('select count(*) as calls from deliveries');
  expect(rows).toEqual([{ calls: '0' }]);
});

it('lets them go when the history is larger than its megabytes', () => {
  const days = ['2026-01-01', '2026-01-02', '2026-03-01', '2026-03-02'].map((one) => ({ day: one, bytes: 10 }));
  const from = (historyBytes: number, waiting: string | null) =>
    oldestDelivery({ days, now: Date.parse('2026-03-02T12:00:00Z'), historyBytes, oldest: '2026-02-01', waiting });
  expect(from(100, null)).toBe('2026-02-01');
  expect(from(100, '2026-02-20')).toBe('2026-02-01');
  expect(from(100, '2026-01-01')).toBe('2026-01-01');
  expect(from(30, '2026-01-01')).toBe('2026-01-02');
});
