import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StandInRequest } from '../../kit/testing/stand-in.ts';
import { passTime } from '../testing/pass-time.ts';
import type { Flow } from './contract.ts';
import { dealToItem } from './testing/drafts.ts';
import { failNext } from './testing/faults.ts';
import { type Office, openOffice } from './testing/office.ts';

describe('the call about a new record comes before the record can be read', () => {
  let office: Office;
  let flow: Flow;
  beforeAll(async () => {
    office = await openOffice();
    flow = await office.startFlow('Early', dealToItem(office, { trigger: { trigger: 'deal.created' } }));
    await office.askAgain();
  });
  afterAll(() => office.stop());

  /** Polls ask by time. */
  const isRead = ({ path, rawBody }: StandInRequest) => path.endsWith('crm.item.list') && rawBody.includes('@id');
  const nothingThere = () => failNext(office.bitrix24, isRead, { status: 200, body: { result: { items: [] } } });
  async function createEarly(title: string): Promise<void> {
    nothingThere();
    office.bitrix24.createDeal({ title, stageId: 'C1:NEW', categoryId: 1 });
    await office.settle();
    expect((await office.runsOf(flow))[0]).toMatchObject({ state: 'waiting', reason: { code: 'record.not_yet' } });
  }
  const items = (name: string) => office.target.items.filter((item) => item.name === name);

  it('looks again a little later', async () => {
    await createEarly('Ранняя');
    await passTime(office.server.ctx.pool, 10);
    await office.settle();
    expect(items('Ранняя')).toHaveLength(1);
  });

  it('gives up after two minutes, and the poll still finds it', async () => {
    await createEarly('Поздняя');
    nothingThere();
    // It is the oldest by then.
    await office.server.ctx.pool.query(
      `update runs set created_at = created_at - interval '2 minutes', wake_at = now() where state = 'waiting'`,
    );
    await office.settle();
    expect((await office.runsOf(flow)).at(-1)).toMatchObject({ state: 'skipped', reason: { code: 'gone' } });
    await office.askAgain();
    expect(items('Поздняя')).toHaveLength(1);
  });
});
