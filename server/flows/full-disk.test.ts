import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { noticesApi } from '../notices/contract.ts';
import { eventually } from '../testing/index.ts';
import type { Flow } from './contract.ts';
import { aCall, callToItem, postCall } from './testing/drafts.ts';
import { type Office, openOffice } from './testing/office.ts';

describe('A database whose disk is full', () => {
  let office: Office;
  let flow: Flow;
  beforeAll(async () => {
    office = await openOffice();
    await postCall(office);
    // The other side knows no repeats: whatever is not written down would be unknown.
    flow = await office.startFlow('Calls', callToItem(office));
    await office.server.ctx.pool.query(`
      create function refuse() returns trigger language plpgsql as
      $$ begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$`);
  });
  afterEach(() => free());
  afterAll(() => office.stop());

  const full: string[] = [];
  async function fill(table: string): Promise<void> {
    full.push(table);
    const { pool } = office.server.ctx;
    await pool.query(`create trigger full_disk before insert on ${table} for each statement execute function refuse()`);
  }
  async function free(): Promise<void> {
    for (const table of full.splice(0)) await office.server.ctx.pool.query(`drop trigger full_disk on ${table}`);
  }
  const openNotices = async () => {
    const { items } = await office.server.call(noticesApi.listNotices);
    return items.filter(({ kind, settledAt }) => kind === 'disk.full' && settledAt === null);
  };
  const itemsNamed = (name: string) => office.target.items.filter((item) => item.name === name);

  it('lets runs wait with what they have done, and tells people; calls are taken meanwhile', async () => {
    await fill('run_history');
    expect((await postCall(office, { ...aCall, name: 'Ждёт', phone: '+79160001001' })).status).toBe(200);
    await eventually(() => itemsNamed('Ждёт').length === 1);
    await eventually(async () => (await openNotices()).length === 1);
    expect((await postCall(office, { ...aCall, name: 'Тоже', phone: '+79160001002' })).status).toBe(200);
    const waiting = await office.runsOf(flow);
    expect(waiting.filter(({ state }) => state === 'done')).toHaveLength(0);
    expect(waiting).toHaveLength(2);
    await free();
    await eventually(async () => (await office.runsOf(flow)).every(({ state }) => state === 'done'));
    await eventually(async () => (await openNotices()).length === 0);
    expect(itemsNamed('Ждёт')).toHaveLength(1);
    expect(itemsNamed('Тоже')).toHaveLength(1);
  });

  it('answers 503 to calls that cannot be stored, and never a false 200', async () => {
    await fill('runs');
    const refused = await postCall(office, { ...aCall, name: 'Не принят', phone: '+79160001003' });
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ code: 'hook.not_stored' });
    await eventually(async () => (await openNotices()).length === 1);
    await free();
    expect((await postCall(office, { ...aCall, name: 'Не принят', phone: '+79160001003' })).status).toBe(200);
    await eventually(() => itemsNamed('Не принят').length === 1);
    await eventually(async () => (await openNotices()).length === 0);
  });
});
