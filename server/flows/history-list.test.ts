import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/index.ts';
import { runsApi } from './contract.ts';
import { tendHistory } from './jobs.ts';
import { fillHistory } from './testing/fill-history.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ works: false });
  await tendHistory(server.ctx);
});
afterAll(() => server.stop());
beforeEach(() => server.ctx.pool.query('truncate run_history'));

async function allPages(query: Record<string, unknown>, limit: number): Promise<string[]> {
  const ids: string[] = [];
  let after: string | undefined;
  do {
    const page = await server.call(runsApi.listRuns, { query: { ...query, limit, ...(after ? { after } : {}) } });
    ids.push(...page.items.map(({ id }) => id));
    after = page.next ?? undefined;
  } while (after !== undefined);
  return ids;
}
const find = async (q: string) => (await server.call(runsApi.listRuns, { query: { q } })).items.map(({ id }) => id);
const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();

describe('paging', () => {
  it('shows every run once, newest first, however many share a moment', async () => {
    const states = ['done', 'filtered', 'skipped'] as const;
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            // Few moments over days that have a partition and days that have none.
            at: fc.constantFrom(0, 0.01, 1, 5, 40).map((days) => `${daysAgo(days).slice(0, 16)}:00Z`),
            state: fc.constantFrom(...states),
            words: fc.constantFrom('anna', 'boris').map((word) => [word]),
          }),
          { maxLength: 40 },
        ),
        fc.integer({ min: 1, max: 7 }),
        fc.subarray([...states], { minLength: 1 }),
        async (rows, limit, wanted) => {
          await server.ctx.pool.query('truncate run_history');
          const ids = await fillHistory(server.ctx.pool, rows);
          const expected = (keep: (row: (typeof rows)[number]) => boolean) =>
            rows
              .flatMap((row, index) => (keep(row) ? [{ id: Number(ids[index]), at: row.at }] : []))
              .sort((a, b) => (a.at === b.at ? b.id - a.id : a.at < b.at ? 1 : -1))
              .map(({ id }) => String(id));
          expect(await allPages({}, limit)).toEqual(expected(() => true));
          expect(await allPages({ states: wanted.join(',') }, limit)).toEqual(
            expected(({ state }) => wanted.includes(state)),
          );
          expect(await allPages({ q: 'ann' }, limit)).toEqual(expected(({ words }) => words[0] === 'anna'));
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('search', () => {
  it('finds by whole words and their beginnings, all of them together', async () => {
    const [anna, boris] = await fillHistory(server.ctx.pool, [
      { words: ['анна', 'петрова', '79161234567', 'anna@example.com', '77'], at: daysAgo(0) },
      { words: ['борис', 'петров', '79031112233', '778'], at: daysAgo(3) },
    ]);
    expect(await find('Анна')).toEqual([anna]);
    expect(await find('петр')).toEqual([anna, boris]);
    expect(await find('петров бор')).toEqual([boris]);
    expect(await find('anna@example.com')).toEqual([anna]);
    expect(await find('8 916 123-45-67')).toEqual([anna]);
    expect(await find('77')).toEqual([anna]);
    expect(await find('"778"')).toEqual([boris]);
    expect(await find('nobody')).toEqual([]);
    expect(await find('&')).toEqual([]);
  });

  it('finds rare words behind thousands of newer runs, in order, page by page', async () => {
    const many = Array.from({ length: 5000 }, (_, index) => ({ words: ['frequent'], at: daysAgo(index / 5000) }));
    await fillHistory(server.ctx.pool, many);
    const rare = await fillHistory(
      server.ctx.pool,
      [1.2, 2, 3.5, 9, 35].map((days) => ({ words: ['rare', 'frequent'], at: daysAgo(days) })),
    );
    expect(await find('rare')).toEqual(rare);
    expect(await allPages({ q: 'rare' }, 2)).toEqual(rare);
    expect(await allPages({ q: 'rare', from: daysAgo(5) }, 2)).toEqual(rare.slice(0, 3));
    expect(await allPages({ q: 'frequent' }, 200)).toHaveLength(5005);
  });

  it('finds a run that waits for a person', async () => {
    const { rows } = await server.ctx.pool.query<{ id: string }>(
      `insert into runs (flow_id, version_id, record_key, event, source, state, words, finished_at)
       values ('00000000-0000-4000-8000-000000000001', 1, 'k', 'deal.changed', 'poll', 'rejected', array_to_tsvector('{ольга}'), now())
       returning id`,
    );
    expect(await find('Ольга')).toEqual([rows[0]?.id]);
  });
});
