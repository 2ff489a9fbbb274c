import { expect, test } from 'vitest';
import type { Cursor } from '../../kit/record-type.ts';
import { changes } from './records/changes.ts';
import { createObjects } from './stand-in/objects.ts';
import { insert } from './stand-in/stand.ts';
import { openCreatio } from './testing/bench.ts';

test('50,000 contacts: the count is right, memory and the cost of a page stay flat', { timeout: 120_000 }, async () => {
  let now = Date.parse('2026-01-01T00:00:00Z');
  const { standIn, api } = await openCreatio({ seed: false, now: () => new Date(now) });
  standIn.stand.rules.fillsIn = false;
  for (let n = 0; n < 50_000; n++) {
    // Every tenth thousand came in one import: a thousand rows share their moment.
    if (n % 10_000 >= 1000) now += 1000;
    const row = insert(standIn.stand, 'Contact', { Name: `Контакт ${n}`, MobilePhone: `+7921${5_000_000 + n}` });
    if (n % 10_000 < 1000) row.ModifiedOn = new Date(now).toISOString().replace('Z', '000Z');
  }
  now += 3600_000;
  const seen = new Set<string>();
  const pages: { milliseconds: number; requests: number }[] = [];
  let from: { cursor: Cursor | null; since?: Date } = { cursor: null, since: new Date('2025-01-01') };
  let heapAfterTen = 0;
  for (let more = true; more; ) {
    // Of the processor: by the clock the limiter makes every page take as long as the next one.
    const began = process.cpuUsage();
    const before = standIn.requests.length;
    const page = await changes(api, 'Contact', from);
    for (const { id } of page.items) seen.add(id);
    const { user, system } = process.cpuUsage(began);
    pages.push({ milliseconds: (user + system) / 1000, requests: standIn.requests.length - before });
    if (pages.length === 10) heapAfterTen = process.memoryUsage().heapUsed;
    from = { cursor: JSON.parse(JSON.stringify(page.next)) as Cursor };
    more = page.more;
    expect(JSON.stringify(page.next).length).toBeLessThan(300);
  }
  // And the Supervisor who is there from the start.
  expect(seen.size).toBe(50_001);
  expect(pages.length).toBeLessThanOrEqual(105);
  // Half of them took less; a page or two pay for the collection of garbage.
  const cost = (part: typeof pages) =>
    part.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b)[Math.floor(part.length / 2)] ?? 0;
  const [early, late] = [cost(pages.slice(5, 25)), cost(pages.slice(-25, -1))];
  expect(late, `early ${early} ms, late ${late} ms a page`).toBeLessThan(early * 2 + 20);
  // The stand-in forgets requests beyond 2,000; a page is one list and one $batch of communication options.
  expect(Math.max(...pages.slice(1, 20).map(({ requests }) => requests))).toBeLessThanOrEqual(3);
  expect(process.memoryUsage().heapUsed - heapAfterTen).toBeLessThan(200 * 1024 * 1024);
});

test('$metadata of a grown stand is read while it comes', { timeout: 60_000 }, async () => {
  const { standIn, api } = await openCreatio({ seed: false });
  const [contact] = createObjects().values();
  if (!contact) throw new Error('no object');
  for (let n = 0; n < 6000; n++)
    standIn.stand.tables.set(`UsrObject${n}`, {
      schema: { ...contact, name: `UsrObject${n}` },
      rows: new Map(),
      version: 0,
    });
  const model = await api.model();
  expect(model.size).toBeGreaterThan(6000);
  expect(model.get('UsrObject5999')?.lookups).toMatchObject({ Account: 'Account', Owner: 'Contact' });
  const answered = standIn.requests.filter(({ path }) => path.endsWith('$metadata'));
  await api.model();
  expect(answered).toHaveLength(1);
});
