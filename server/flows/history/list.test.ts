import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../../testing/index.ts';
import { runsApi } from '../contract.ts';
import { tendHistory } from '../jobs.ts';
import { fillHistory } from '../testing/fill-history.ts';
import { listRuns } from './runs.ts';

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

describe('a history of thirty thousand runs', () => {
  type Filter = Parameters<typeof listRuns>[1]['filter'];
  const flow = '00000000-0000-4000-8000-000000000003';
  const filters: [string, Filter][] = [
    ['everything', {}],
    ['by flow', { flow }],
    ['by state', { states: ['skipped'] }],
    ['by a state that no run has', { states: ['dead'] }],
    ['by several states', { states: ['skipped', 'dead', 'unknown', 'filtered'] }],
    ['by time', { from: new Date(daysAgo(1.5)), to: new Date(daysAgo(1)) }],
    ['by a rare word', { q: 'word17' }],
    ['by a beginning', { q: 'word1' }],
    ['by a frequent word', { q: 'every' }],
    ['by a word in a flow', { q: 'word17', flow, states: ['done'] }],
  ];

  it('is never read from end to end', async () => {
    await server.ctx.pool.query(`
      insert into run_history (id, flow_id, version_id, record_key, event, source, state, attempts, created_at, finished_at, words)
      select i, ('00000000-0000-4000-8000-00000000000' || i % 7)::uuid, 1, 'k' || i, 'deal.changed', 'poll',
        case when i % 500 = 0 then 'skipped' when i % 3 = 0 then 'filtered' else 'done' end, 1, at, at,
        array_to_tsvector(array['every', 'word' || i % 3000])
      from (select i, now() - make_interval(secs => i * 8.5) as at from generate_series(1, 30000) as i) as rows`);
    await tendHistory(server.ctx);
    await server.ctx.pool.query('analyze run_history');
    for (const [name, filter] of filters)
      for (const [sql, values] of await statementsOf(filter))
        expect(await rowsRead(sql, values), name).toBeLessThan(10_000);
  });

  interface PlanNode {
    'Relation Name'?: string;
    'Actual Rows': number;
    'Actual Loops': number;
    'Rows Removed by Filter'?: number;
    'Rows Removed by Index Recheck'?: number;
    Plans?: PlanNode[];
  }
  /** Rows of the history that a statement looked at, those it threw away included: a plan alone tells no cost. */
  async function rowsRead(sql: string, values: unknown[]): Promise<number> {
    const { rows } = await server.ctx.pool.query<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(
      `explain (analyze, timing off, format json) ${sql}`,
      values,
    );
    const count = (node: PlanNode): number => {
      const { 'Relation Name': relation = '', 'Actual Rows': found, 'Actual Loops': loops, Plans = [] } = node;
      const removed = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
      const own = relation.startsWith('run_history') ? (found + removed) * loops : 0;
      return own + Plans.reduce((sum, child) => sum + count(child), 0);
    };
    return rows[0] ? count(rows[0]['QUERY PLAN'][0]?.Plan as PlanNode) : Number.NaN;
  }

  /** Statements over the history that a list sends. */
  async function statementsOf(filter: Filter): Promise<[string, unknown[]][]> {
    const sent: [string, unknown[]][] = [];
    const pool = new Proxy(server.ctx.pool, {
      get(target, key) {
        if (key !== 'query') return Reflect.get(target, key);
        return (sql: string, values: unknown[]) => {
          if (sql.includes('run_history') && !sql.includes('pg_inherits')) sent.push([sql, values]);
          return target.query(sql, values);
        };
      },
    });
    await listRuns({ ...server.ctx, pool }, { filter, after: undefined, limit: 50 });
    expect(sent.length).toBeGreaterThan(0);
    return sent;
  }
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
