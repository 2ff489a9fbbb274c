import type { Context } from '../../context.ts';
import { milliseconds, readCovered } from './days.ts';
import {
  conditionsOf,
  finishedColumns,
  newestFirst,
  openColumns,
  type Page,
  type Place,
  parameters,
  type RunRow,
  walkSql,
  withNames,
} from './runs-store.ts';

export type Search = Page & {
  /** A `tsquery` over the words of a run. */
  words: string;
};

/** Newest runs that are looked through before the index of words is asked. */
const lookedThrough = 2000;

/**
 * A frequent word is soon met among the newest runs; of a rare one the index knows every place. So the newest runs are
 * looked through first, and the index then gives what is missing, of one day, two, four …: neither has to gather the
 * hundred thousand places of a frequent word to find the latest fifty.
 */
export async function searchRuns(ctx: Context, search: Search): Promise<RunRow[]> {
  const { found, end } = await lookThrough(ctx, search);
  if (end === null) return found;
  for (const span of await spansBefore(ctx, { end, from: search.filter.from })) {
    const missing = search.limit - found.length;
    if (missing <= 0) break;
    found.push(...(await askIndex(ctx, { ...search, before: end, limit: missing, span })));
  }
  return found.slice(0, search.limit);
}

/** `end`: where the looking stopped; null: there was nothing more to look at. */
async function lookThrough(ctx: Context, search: Search): Promise<{ found: RunRow[]; end: Place | null }> {
  const { put, values } = parameters();
  const walked = await walkSql(ctx, { ...search, limit: lookedThrough, put, columns: ', words' });
  const { rows } = await ctx.pool.query<RunRow & { matches: boolean; number: string }>(
    withNames(`
      select * from (
        select *, row_number() over (${newestFirst}) as number, count(*) filter (where matches) over (${newestFirst}) as found
        from (select *, coalesce(words @@ ${put(search.words)}::tsquery, false) as matches from (${walked}) as walked) as judged
      ) as looked
      where (matches and found <= ${put(search.limit)}) or number = ${lookedThrough}`),
    values,
  );
  const last = rows.at(-1);
  const found = rows.filter(({ matches }) => matches).slice(0, search.limit);
  const isOver = last === undefined || Number(last.number) < lookedThrough || found.length >= search.limit;
  return { found, end: isOver ? null : { createdAt: last.place, id: last.id } };
}

interface Span {
  /** ISO; null: all that is older. */
  from: string | null;
  to: string | null;
}

async function spansBefore(ctx: Context, { end, from }: { end: Place; from: Date | undefined }): Promise<Span[]> {
  const covered = await readCovered(ctx);
  const oldest = Math.max(Date.parse(covered.from), from?.getTime() ?? 0);
  const spans: Span[] = [];
  let to: string | null = null;
  // PostgreSQL writes "2026-11-22 10:00:00.123456+00": the day is enough here.
  let start = Math.floor(Date.parse(end.createdAt.replace(/ (.{8}).*$/, 'T$1Z')) / milliseconds) * milliseconds;
  for (let days = 1; start > oldest; days *= 2) {
    const iso = new Date(start).toISOString();
    spans.push({ from: iso, to });
    to = iso;
    start -= days * milliseconds;
  }
  return [...spans, { from: null, to }];
}

/** `offset 0` keeps the planner from walking by time through a day in search of a word that it thinks is frequent. */
async function askIndex(ctx: Context, input: Search & { span: Span }): Promise<RunRow[]> {
  const { filter, before, span } = input;
  const { put, values } = parameters();
  const conditions = [
    `words @@ ${put(input.words)}::tsquery`,
    ...conditionsOf(filter, { before, put }),
    ...(filter.states ? [`state = any(${put(filter.states)})`] : []),
    ...(span.from === null ? [] : [`created_at >= ${put(span.from)}`]),
    ...(span.to === null ? [] : [`created_at < ${put(span.to)}`]),
  ].join(' and ');
  const part = (from: string, columns: string) => `(select ${columns} from ${from} where ${conditions} offset 0)`;
  const parts = `${part('runs', openColumns)} union all ${part('run_history', finishedColumns)}`;
  const { rows } = await ctx.pool.query<RunRow>(
    withNames(`select * from (${parts}) as parts ${newestFirst} limit ${put(input.limit)}`),
    values,
  );
  return rows;
}
