import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createTestDatabase, eventually, type ServerProcess, type TestDatabase } from '../testing/index.ts';
import type { Flow } from './contract.ts';
import { readProgress } from './progress.ts';
import { aCall, callToDeal, postCall } from './testing/drafts.ts';
import { passTimeOfCalls } from './testing/faults.ts';
import { type Office, openOffice } from './testing/office.ts';
import { allDone, startWorkers, type Workers } from './testing/workers.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

interface Row {
  id: string;
  state: string;
  owner: string | null;
  progress: Buffer | null;
  lease_until: Date | null;
}

describe('a work process that is stopped while its announced call waits for its turn, and wakes up later', () => {
  let database: TestDatabase;
  let office: Office;
  let workers: Workers;
  let stopped: ServerProcess | undefined;

  beforeAll(async () => {
    database = await createTestDatabase();
    office = await openOffice({ database, works: false });
    // The fields of a call are known from one that was caught.
    await postCall(office);
    workers = await startWorkers(office, { database, count: 2 });
  });
  afterAll(async () => {
    if (stopped) process.kill(stopped.pid, 'SIGCONT');
    await workers?.stop();
    await office.stop();
    await database.drop();
  });

  const deals = (title: string) => office.bitrix24.listDeals().filter((deal) => deal.title === title);
  const send = (name: string) => postCall(office, { ...aCall, name });
  async function runOf(flow: Flow): Promise<Row | undefined> {
    const { rows } = await office.server.ctx.pool.query<Row>(
      'select id, state, owner, progress, lease_until from runs where flow_id = $1',
      [flow.id],
    );
    return rows[0];
  }

  it('does not make its call a second time: another one has taken over', async () => {
    const { pool } = office.server.ctx;
    const flow = await office.startFlow('Deals', callToDeal(office));
    // Both know the fields of a deal by now: the call under test is the first request of its run.
    for (const n of [1, 2, 3, 4, 5, 6]) await send(`Тёплый ${n}`);
    await allDone(office);
    await pool.query('update limiter_buckets set level = 70, updated_at = clock_timestamp()');
    await send('Остановленный');
    const held = await eventually(async () => {
      const run = await runOf(flow);
      return run?.state === 'calling' ? run : null;
    });
    stopped = workers.processes.find(({ pid }) => held.owner?.split(' ').includes(String(pid)));
    const other = workers.processes.find((one) => one !== stopped);
    process.kill(stopped?.pid ?? 0, 'SIGSTOP');
    // The other one waits until no call can be under way, counted from the end of the lease, and looks over there.
    const taken = await eventually(
      async () => {
        const run = await runOf(flow);
        return run?.state === 'waiting' ? run : null;
      },
      { within: 60_000, what: 'nobody took the run over' },
    );
    const since = readProgress(taken.progress).pending?.since ?? '';
    expect(Date.parse(since)).toBeGreaterThanOrEqual((held.lease_until as Date).getTime());
    await passTimeOfCalls(pool, 400);
    await allDone(office);
    expect(deals('Остановленный')).toHaveLength(1);
    // What it takes on after it woke up goes out after the call it was stopped over: both wait in one line.
    await other?.kill('SIGKILL');
    process.kill(stopped?.pid ?? 0, 'SIGCONT');
    await send('После остановки');
    await allDone(office);
    expect(deals('После остановки')).toHaveLength(1);
    expect(deals('Остановленный')).toHaveLength(1);
  });
});
