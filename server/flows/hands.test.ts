import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectionsApi } from '../connections/contract.ts';
import { eventually } from '../testing/index.ts';
import { createHands, type Hands, places } from './hands.ts';
import { callToDeal, callToItem, postCall } from './testing/drafts.ts';
import { holdCalls, isItemCreate } from './testing/faults.ts';
import { type Office, openOffice } from './testing/office.ts';

describe('the places of a process', () => {
  let next = 0;
  /** Holds as many runs as there is room for, and gives the way to let go of them. */
  function fill(hands: Hands, flowOf: (n: number) => string, payload = 'x') {
    const ends: (() => void)[] = [];
    for (let room = hands.room(); room > 0; room -= 1) {
      const { promise, resolve } = Promise.withResolvers<void>();
      next += 1;
      hands.hold({ id: String(next), flowId: flowOf(ends.length), payload, lease: { until: 0 } }, promise);
      ends.push(resolve);
    }
    return ends;
  }
  /** Claims as long as any of the flows may have more. */
  function fillAll(hands: Hands, flows: string[], payload?: string) {
    const ends: (() => void)[] = [];
    for (;;) {
      const open = flows.filter((flow) => !hands.full().includes(flow));
      if (open.length === 0 || hands.room() === 0) return ends;
      ends.push(...fill(hands, (n) => open[n % open.length] ?? '', payload));
    }
  }

  it('are three quarters for a flow that is alone', () => {
    const hands = createHands(() => {});
    fillAll(hands, ['a']);
    expect(hands.runs()).toHaveLength((places * 3) / 4);
    expect(hands.full()).toEqual(['a']);
  });

  it('are free for a flow that comes anew, whatever three others have taken by runs of an ordinary size', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1 })), (turns) => {
        const hands = createHands(() => {});
        for (const flows of turns) fillAll(hands, flows);
        expect(hands.full()).not.toContain('new');
        expect(hands.room()).toBeGreaterThan(0);
      }),
    );
  });

  it('are taken by what arrived with a run, and free again when its walk has ended', async () => {
    const loosened: number[] = [];
    const hands = createHands(() => loosened.push(hands.runs().length));
    const ends = fillAll(hands, ['a'], 'x'.repeat(160_000));
    // Ten places each; the first claim could not know.
    expect(ends.length).toBe(64);
    expect(hands.room()).toBe(0);
    for (const end of ends) end();
    await hands.empty();
    // By now it knows: no more than fit.
    expect(hands.room()).toBeGreaterThan(0);
    expect(10 * hands.room()).toBeLessThan(places);
    // From half the share on: 153 places.
    expect(Math.max(...loosened)).toBe(15);
  });
});

describe('a flow whose app answers slowly', () => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice();
  });
  afterAll(() => office.stop());

  it('does not keep the runs of another flow waiting', async () => {
    const { call } = office.server;
    const other = await call(connectionsApi.postConnection, {
      body: { connector: 'webhook', auth: 'none', name: 'Other', fields: {}, check: false },
    });
    const otherHook = `${office.server.url}${new URL(other.hook?.address ?? '').pathname}`;
    const postOther = () =>
      fetch(otherHook, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name":"Быстрый"}' });
    await postCall(office);
    await postOther();
    const slow = await office.startFlow('Slow', callToItem(office));
    const quick = await office.startFlow('Quick', {
      ...callToDeal(office),
      trigger: { connection: other.id, trigger: 'webhook.received', mode: 'realTime' },
    });
    // Longer than a busy machine takes to send all of them.
    const quicken = holdCalls(office.target, isItemCreate, 15_000);
    const waiting = 500;
    await Promise.all(Array.from({ length: waiting }, (_, n) => postCall(office, { name: `Медленный ${n}` })));
    await postOther();
    await eventually(async () => (await office.runsOf(quick)).some(({ state }) => state === 'done'), {
      within: 20_000,
      what: 'the quick run waited for the slow ones',
    });
    const { rows } = await office.server.ctx.pool.query<{ queued: string }>(
      `select count(*) as queued from runs where flow_id = $1 and state = 'queued'`,
      [slow.id],
    );
    // It came after all of them, and was done while some of them had not been begun.
    expect(Number(rows[0]?.queued)).toBeGreaterThan(0);
    quicken();
  });
});
