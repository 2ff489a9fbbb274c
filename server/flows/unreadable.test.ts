import { afterAll, beforeAll, expect, it } from 'vitest';
import { aCall, callToItem, postCall } from './testing/drafts.ts';
import { type Office, openOffice } from './testing/office.ts';

let office: Office;
beforeAll(async () => {
  office = await openOffice();
  await postCall(office);
});
afterAll(() => office.stop());

it('a run whose progress cannot be read any more asks a person, and the others go on', async () => {
  const { pool } = office.server.ctx;
  const flow = await office.startFlow('Unreadable', callToItem(office));
  await pool.query(
    `insert into runs (flow_id, version_id, record_key, event, source, payload, progress)
     select id, version_id, 'x', 'webhook.received', 'webhook', '{"recordId": "x"}', '\\x01ff' from flows where id = $1`,
    [flow.id],
  );
  await postCall(office, { ...aCall, name: 'Соседняя' });
  await office.settle();
  const states = (await office.runsOf(flow)).map(({ state, reason }) => [state, reason?.code]);
  expect(states.sort()).toEqual([
    ['dead', 'progress.unreadable'],
    ['done', 'created'],
  ]);
  expect(office.target.items.filter(({ name }) => name === 'Соседняя')).toHaveLength(1);
});
