import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../testing/index.ts';
import { flowsApi } from './contract.ts';
import { contactsToBitrix24, contactsToHubex } from './testing/contacts.ts';
import { holdCalls } from './testing/faults.ts';
import { type Office, openOffice } from './testing/office.ts';

let office: Office;
beforeAll(async () => {
  office = await openOffice();
});
afterAll(() => office.stop());

it('keeps an ask that takes longer than its lease, and does not begin it a second time', async () => {
  const flow = await office.startFlow('Long', contactsToBitrix24(office));
  const isAsk = ({ path }: { path: string }) => /contacts/i.test(path);
  const before = office.hubex.requests.filter(isAsk).length;
  const asked = () => office.hubex.requests.filter(isAsk).length - before;
  const free = holdCalls(office.hubex, isAsk, 8000);
  const { pool } = office.server.ctx;
  await pool.query('update triggers set next_ask_at = now() where flow_id = $1', [flow.id]);
  await eventually(() => asked() > 0);
  await pool.query(`update triggers set lease_until = now() - interval '1 second' where flow_id = $1`, [flow.id]);
  await eventually(async () => {
    const { rows } = await pool.query<{ held: boolean }>(
      'select owner is not null and lease_until > now() as held from triggers where flow_id = $1',
      [flow.id],
    );
    return rows[0]?.held;
  });
  expect(asked()).toBe(1);
  free();
  await office.server.call(flowsApi.stopFlow, { params: { id: flow.id } });
});

it('does not keep a trigger waiting for eight asks of another app that answers slowly', async () => {
  for (let n = 0; n < 8; n += 1) await office.startFlow(`Slow ${n}`, contactsToBitrix24(office));
  await office.startFlow('Quick', contactsToHubex(office, 'poll'));
  const seen = { slow: office.hubex.requests.length, quick: office.bitrix24.requests.length };
  const slowAsked = () => office.hubex.requests.slice(seen.slow).filter(({ path }) => /contacts/i.test(path)).length;
  const quicken = holdCalls(office.hubex, ({ path }) => /contacts/i.test(path), 6000);
  await office.server.ctx.pool.query(
    `update triggers set next_ask_at = now() - case when connection_id = $1 then interval '1 minute' else '0' end`,
    [office.connections.hubex],
  );
  const began = performance.now();
  await eventually(async () => office.bitrix24.requests.length > seen.quick, {
    within: 20_000,
    what: 'the other app was not asked',
  });
  // All eight were due before it, and none of those that were asked has been answered.
  expect(performance.now() - began).toBeLessThan(6000);
  expect(slowAsked()).toBeGreaterThan(0);
  expect(slowAsked()).toBeLessThan(8);
  quicken();
});
