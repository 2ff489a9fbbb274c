import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Flow, flowsApi } from './contract.ts';
import { watchSilence } from './silence.ts';
import { callToItem, postCall } from './testing/drafts.ts';
import { type Office, openOffice } from './testing/office.ts';

describe('the alarm of a trigger that fell silent', () => {
  let office: Office;
  let flow: Flow;
  beforeAll(async () => {
    office = await openOffice();
    await postCall(office);
  });
  beforeEach(async () => {
    if (flow) await office.server.call(flowsApi.stopFlow, { params: { id: flow.id } });
    flow = await office.startFlow('Rhythm', callToItem(office));
  });
  afterAll(() => office.stop());

  let id = 5_000_000;
  /** Runs of the past, so many minutes ago each. */
  async function events(minutesAgo: number[]): Promise<void> {
    const { pool } = office.server.ctx;
    id += minutesAgo.length;
    await pool.query('delete from run_history where flow_id = $1', [flow.id]);
    await pool.query(
      `insert into run_history (id, flow_id, version_id, record_key, event, source, state, attempts, created_at, finished_at)
       select $2::bigint + n, $1, 1, 'x', 'webhook.received', 'webhook', 'done', 1, at, at
       from unnest($3::int[]) with ordinality as past(minutes, n), lateral (select now() - make_interval(mins => minutes) as at) as t`,
      [flow.id, id, minutesAgo],
    );
    await pool.query(
      `update triggers set started_at = now() - interval '60 days', event_at = now() - make_interval(mins => $2) where flow_id = $1`,
      [flow.id, Math.min(...minutesAgo)],
    );
  }
  const range = (count: number, of: (n: number) => number) => Array.from({ length: count }, (_, n) => of(n));
  async function notices(): Promise<{ settled: boolean; text: string }[]> {
    await watchSilence(office.server.ctx);
    const { rows } = await office.server.ctx.pool.query<{ settled: boolean; text: string }>(
      `select settled_at is not null as settled, text->>'en' as text from notices where flow_id = $1 and kind = 'trigger.silent'`,
      [flow.id],
    );
    return rows;
  }
  const day = 24 * 60;

  it('knows the nights of a busy flow: twenty quiet minutes after six hundred calls a day are none', async () => {
    // Ten hours a day, a call a minute, the latest twenty minutes ago.
    await events(range(13 * 600, (n) => 20 + Math.floor(n / 600) * day + (n % 600)));
    expect(await notices()).toEqual([]);
  });

  it('is never raised within an hour', async () => {
    await events(range(200, (n) => 55 + n));
    expect(await notices()).toEqual([]);
    await events(range(200, (n) => 65 + n));
    expect(await notices()).toMatchObject([{ settled: false, text: expect.stringContaining('nothing for 1 h') }]);
  });

  it('lasts until something is heard, also when the rhythm has left the two weeks', async () => {
    await events(range(20, (n) => 5 * day + n * 60));
    expect(await notices()).toMatchObject([{ settled: false }]);
    await events(range(20, (n) => 14 * day + n * 60));
    expect(await notices()).toMatchObject([{ settled: false }]);
    await office.server.ctx.pool.query('update triggers set event_at = clock_timestamp() where flow_id = $1', [
      flow.id,
    ]);
    expect(await notices()).toMatchObject([{ settled: true }]);
  });
});
