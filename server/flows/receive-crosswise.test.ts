import type { PoolClient } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../testing/index.ts';
import type { Flow } from './contract.ts';
import { type Happening, receive, receiveWithin } from './receive.ts';
import { dealToItem } from './testing/drafts.ts';
import { type Office, openOffice } from './testing/office.ts';

describe('receptions of the same records in another order', () => {
  let office: Office;
  let flow: Flow;
  const clients: PoolClient[] = [];
  beforeAll(async () => {
    office = await openOffice({ works: false });
    flow = await office.startFlow('Receives', dealToItem(office));
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) {
      await client.query('rollback');
      client.release();
    }
    await office.server.ctx.pool.query('truncate runs');
  });
  afterAll(() => office.stop());

  const change = (id: string): Happening => ({
    delivery: null,
    connectionId: office.connections.bitrix24,
    source: 'webhook',
    triggers: ['deal.changed'],
    flowId: flow.id,
    recordKey: `deal:${id}`,
    recordType: 'deal',
    recordId: id,
    label: null,
    coalesces: true,
    seenKey: null,
    payload: null,
  });
  const happening = (id: string): Happening => ({ ...change(id), coalesces: false, seenKey: `created:${id}` });

  async function begin() {
    const client = await office.server.ctx.pool.connect();
    clients.push(client);
    await client.query('begin');
    const { rows } = await client.query('select pg_backend_pid() as pid');
    const take = (...happenings: Happening[]) => receiveWithin(client, { deliveries: [], happenings });
    return { client, take, pid: rows[0].pid as number };
  }
  const blocked = (...pids: number[]) =>
    eventually(async () => {
      const { rows } = await office.server.ctx.pool.query(
        'select pid from unnest($1::int[]) as pid where cardinality(pg_blocking_pids(pid)) > 0',
        [pids],
      );
      return rows.length === pids.length;
    });
  const stored = async (client: PoolClient, taken: Promise<unknown>) => {
    await taken;
    await client.query('commit');
    return 'stored';
  };

  it.each([
    { of: 'changes', made: change },
    { of: 'happenings with a key', made: happening },
  ])('do not lock each other out: $of', async ({ made }) => {
    const [first, middle, last] = ['1', '2', '3'].map(made) as [Happening, Happening, Happening];
    const [holder, up, down] = [await begin(), await begin(), await begin()];
    // Both come as far as the middle, from either end; then the way is free.
    await holder.take(middle);
    const going = stored(up.client, up.take(first, middle, last));
    await blocked(up.pid);
    const coming = stored(down.client, down.take(last, middle, first));
    await blocked(down.pid);
    await holder.client.query('rollback');
    expect(await Promise.all([going, coming])).toEqual(['stored', 'stored']);
  });

  it.each([
    { code: '40P01', times: 2 },
    { code: '40001', times: 1 },
  ])('are stored at the next try when PostgreSQL breaks them off with $code', async ({ code, times }) => {
    const { pool } = office.server.ctx;
    // A sequence counts on when its transaction is undone.
    await pool.query(`
      create sequence tries;
      create function break_off() returns trigger language plpgsql as $$
        begin
          if nextval('tries') <= ${times} then raise exception 'broken off' using errcode = '${code}'; end if;
          return null;
        end $$;
      create trigger break_off before insert on runs for each statement execute function break_off()`);
    try {
      await receive(office.server.ctx, { deliveries: [], happenings: [change('1')] });
    } finally {
      await pool.query('drop trigger break_off on runs; drop function break_off; drop sequence tries');
    }
    expect((await pool.query('select from runs')).rowCount).toBe(1);
  });
});
