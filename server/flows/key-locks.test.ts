import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, startTestServer, type TestServer } from '../testing/index.ts';
import type { Flow } from './contract.ts';
import { dropStaleLocks, lockKeys } from './key-locks.ts';
import { aCall, callToItem, postCall } from './testing/drafts.ts';
import { holdCalls, isItemCreate } from './testing/faults.ts';
import { type Office, openOffice } from './testing/office.ts';

describe('the lock of a key', () => {
  let office: Office;
  let flow: Flow;
  beforeAll(async () => {
    office = await openOffice();
    await postCall(office);
    const duplicates = { mode: 'skip', keys: [{ field: 'phone', template: '{{ trigger.phone }}' }] };
    flow = await office.startFlow('Keys', callToItem(office, { step: { duplicates } }));
  });
  afterAll(() => office.stop());

  const query = async (text: string, values: unknown[] = []) => (await office.server.ctx.pool.query(text, values)).rows;
  const runOut = () => query(`update key_locks set until = now() - interval '1 second'`);

  it('holds as long as its run is in hand, however slowly the app answers', async () => {
    const letGo = holdCalls(office.target, isItemCreate, 1500);
    const call = { ...aCall, name: 'Медленная', phone: '+79995550023' };
    await postCall(office, call);
    await eventually(async () => (await query(`select from runs where state = 'calling'`)).length === 1);
    await runOut();
    await postCall(office, call);
    await office.settle();
    letGo();
    await query(`update runs set wake_at = now() where state = 'waiting'`);
    await office.settle();
    expect(office.target.items.filter(({ name }) => name === call.name)).toHaveLength(1);
    expect((await office.runsOf(flow)).map(({ state }) => state).sort()).toEqual(['done', 'skipped']);
  });
});

describe.each([
  { of: 'waits with its call unanswered', state: 'waiting', lease: null, holds: true },
  { of: 'is in the hands of a living worker', state: 'working', lease: '10 seconds', holds: true },
  { of: 'was in the hands of a worker that fell silent', state: 'calling', lease: '-1 second', holds: false },
  { of: 'waits for a person', state: 'rejected', lease: null, holds: false },
])('the lock of a run that $of', ({ state, lease, holds }) => {
  let server: TestServer;
  // A worker would take the run of the silent one over.
  beforeAll(async () => {
    server = await startTestServer({ works: false });
  });
  afterAll(() => server.stop());

  it(holds ? 'holds beyond its time' : 'ends with its time', async () => {
    const { pool } = server.ctx;
    const { rows } = await pool.query<{ id: string }>(
      `insert into runs (flow_id, version_id, record_key, event, source, state, lease_until, wake_at)
       values (gen_random_uuid(), 0, 'x', 'webhook.received', 'webhook', $1, now() + $2::interval, 'infinity') returning id`,
      [state, lease],
    );
    await pool.query('insert into key_locks (key, run_id, until) values ($1, $2, now())', [state, rows[0]?.id]);
    await dropStaleLocks(pool);
    expect((await pool.query('select from key_locks where key = $1', [state])).rowCount).toBe(holds ? 1 : 0);
    expect(await lockKeys(server.ctx, { runId: '0', keys: [state] })).toBe(!holds);
  });
});
