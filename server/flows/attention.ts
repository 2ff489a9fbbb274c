import type { Context } from '../context.ts';
import type { AttentionGroup, Cause, Reason } from './contract.ts';
import { dismissRun } from './decide.ts';
import { placeOf, placeText } from './history/runs.ts';
import { readRuns } from './history/runs-store.ts';
import { rerun } from './rerun.ts';

/** Runs taken at one call: about a second of work, so that progress can be shown and the rest called off. */
const pageSize = 100;
const shownRuns = 3;

/** Runs that need a person, grouped by what went wrong: one mended mapping often settles a whole group. */
export async function listAttention(ctx: Context): Promise<AttentionGroup[]> {
  const { rows } = await ctx.pool.query<{
    flow: string;
    flow_name: string | null;
    state: Cause['state'];
    code: string;
    field: string | null;
    count: string;
    reason: Reason;
    first_at: Date;
    last_at: Date;
    runs: { id: string; label: string }[];
  }>(`
    with grouped as (
      select flow_id, state, coalesce(reason->>'code', '') as code, reason->>'field' as field, id, reason, record_label,
        record_id, created_at,
        row_number() over (partition by flow_id, state, reason->>'code', reason->>'field' order by id desc) as place
      from runs where state in ('rejected', 'dead', 'unknown'))
    select g.flow_id as flow, f.name as flow_name, g.state, g.code, g.field, count(*) as count,
      (array_agg(g.reason) filter (where g.place = 1))[1] as reason,
      min(g.created_at) as first_at, max(g.created_at) as last_at,
      json_agg(json_build_object('id', g.id::text, 'label', coalesce(g.record_label, g.record_id, g.id::text)) order by g.id desc)
        filter (where g.place <= ${shownRuns}) as runs
    from grouped g left join flows f on f.id = g.flow_id
    group by g.flow_id, f.name, g.state, g.code, g.field
    order by count(*) desc, max(g.created_at) desc
    limit 200`);
  return rows.map((row) => ({
    flow: row.flow,
    flowName: row.flow_name ?? '',
    state: row.state,
    code: row.code,
    field: row.field,
    count: Number(row.count),
    text: row.reason?.text ?? '',
    firstAt: row.first_at.toISOString(),
    lastAt: row.last_at.toISOString(),
    runs: row.runs,
  }));
}

/** Every open screen asks for this after each run: by the index of these states alone. */
export async function countAttention(ctx: Context): Promise<number> {
  const { rows } = await ctx.pool.query<{ count: string }>(
    `select count(*) from runs where state in ('rejected', 'dead', 'unknown')`,
  );
  return Number(rows[0]?.count ?? 0);
}

interface Taken {
  taken: number;
  next: string | null;
}

/** Runs a page again: of one cause, or of the history by filter. A run that was run again before is passed over. */
export async function rerunMany(
  ctx: Context,
  input: {
    cause?: Cause | undefined;
    filter?:
      | { flow?: string | undefined; states: string[]; from?: Date | undefined; to?: Date | undefined }
      | undefined;
    from: 'failedStep' | 'start';
    version: 'same' | 'current';
    createAgain: boolean;
    after: string | undefined;
  },
): Promise<Taken> {
  const { cause, filter, after, ...how } = input;
  if (cause) return takePage(ctx, { cause, after, take: (id) => rerun(ctx, { id, ...how, listed: true }) });
  if (!filter) return { taken: 0, next: null };
  // The oldest first, so that an older state never goes over a newer one; up to the moment of the first page.
  const [place, end = (filter.to ?? new Date()).toISOString()] = after?.split('|') ?? [];
  const rows = await readRuns(ctx, {
    filter: { ...filter, to: new Date(end) },
    before: placeOf(place),
    limit: pageSize,
    order: 'oldest',
  });
  const last = rows.at(-1);
  const repeated = await rerunBefore(
    ctx,
    rows.map(({ id }) => id),
  );
  const open = rows.filter(
    ({ id, finished_at, state, blanked }) =>
      finished_at !== null && state !== 'unknown' && !blanked && !repeated.has(id),
  );
  const ids = open.map(({ id }) => id);
  const taken = await takeEach(ctx, { ids, take: (id) => rerun(ctx, { id, ...how }) });
  return { taken, next: rows.length === pageSize && last ? `${placeText(last)}|${end}` : null };
}

/** Takes a page of a group off the list; the reason stays with each run in the history. */
export async function dismissMany(
  ctx: Context,
  input: { cause: Cause; reason: string; by: string; after: string | undefined },
): Promise<Taken> {
  const { cause, after, reason, by } = input;
  return takePage(ctx, { cause, after, take: (id) => dismissRun(ctx, { id, reason, by }) });
}

/**
 * Goes through the group as it was at the first page: runs that fail again come back under later ids, and without an end
 * they would be taken for ever.
 */
async function takePage(
  ctx: Context,
  input: { cause: Cause; after: string | undefined; take: (id: string) => Promise<unknown> },
): Promise<Taken> {
  const { cause, take } = input;
  const [, after = '0', end = null] = /^(\d{1,18})-(\d{1,18})$/.exec(input.after ?? '') ?? [];
  const { rows } = await ctx.pool.query<{ id: string; newest: string }>(
    `with newest as (select coalesce($6::bigint, max(id)) as id from runs)
     select runs.id, newest.id as newest from runs, newest
     where flow_id = $1 and state = $2 and coalesce(reason->>'code', '') = $3 and reason->>'field' is not distinct from $4
       and runs.id > $5 and runs.id <= newest.id
     order by runs.id limit ${pageSize}`,
    [cause.flow, cause.state, cause.code, cause.field, after, end],
  );
  const last = rows.at(-1);
  const taken = await takeEach(ctx, { ids: rows.map(({ id }) => id), take });
  return { taken, next: rows.length === pageSize && last ? `${last.id}-${last.newest}` : null };
}

/** How many were taken: somebody else may have settled one meanwhile. */
async function takeEach(
  ctx: Context,
  { ids, take }: { ids: string[]; take: (id: string) => Promise<unknown> },
): Promise<number> {
  let taken = 0;
  for (const id of ids) {
    const done = await take(id).then(
      () => true,
      (error: unknown) => {
        ctx.log.info({ run: id, err: error }, 'a run of a group could not be taken');
        return false;
      },
    );
    if (done) taken += 1;
  }
  return taken;
}

async function rerunBefore(ctx: Context, ids: string[]): Promise<Set<string>> {
  const { rows } = await ctx.pool.query<{ rerun_of: string }>(
    `select rerun_of from runs where rerun_of = any($1::bigint[])
     union select rerun_of from run_history where rerun_of = any($1::bigint[])`,
    [ids],
  );
  return new Set(rows.map(({ rerun_of }) => rerun_of));
}
