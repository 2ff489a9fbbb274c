import { asked } from '../../connections/index.ts';
import type { Context } from '../../context.ts';
import { readSettings } from '../../installation.ts';
import type { AfterUnlinking, Pair } from '../contract.ts';
import { searchRuns } from '../history/list.ts';
import { placeOf } from '../history/runs.ts';
import { parameters } from '../history/runs-store.ts';
import { searchOf } from '../history/search.ts';
import { type Plan, type PlannedStep, planOf } from '../plan.ts';
import { readFlow } from '../store.ts';
import { describePairs, type Link, type PairRow } from './view.ts';

/** Runs that a search by words looks at: the records of the latest of them. */
const mostFound = 200;

/**
 * A page of a flow's linked records, the latest links first. A pair belongs to two connections and two record types, so
 * pairs made by the flow that goes the other way are among them.
 */
export async function listPairs(
  ctx: Context,
  input: {
    flowId: string;
    q?: string | undefined;
    record?: string | undefined;
    after?: string | undefined;
    limit: number;
  },
): Promise<{ items: Pair[]; next: string | null; once: boolean }> {
  const { flowId, limit } = input;
  const flow = await readFlow(ctx, flowId);
  const once = flow.definition?.trigger.once ?? false;
  const links = await linksOf(ctx, flow.version_id);
  const sought = await soughtBy(ctx, input);
  if (links.length === 0 || (sought && sought.source.length + sought.target.length === 0)) {
    return { items: [], next: null, once };
  }
  const rows = await readPairs(ctx, { links, sought, before: placeOf(input.after), limit: limit + 1 });
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: await describePairs(ctx, { flowId, links, rows: shown }),
    next: rows.length > limit && last ? `${last.place}_${last.id}` : null,
    once,
  };
}

/** Forgets pairs of a flow, from whichever end they were made; ids of other flows' pairs are passed over. */
export async function unlinkPairs(
  ctx: Context,
  input: { flowId: string; pairs: string[]; by: string },
): Promise<{ unlinked: number }> {
  const flow = await readFlow(ctx, input.flowId);
  const links = await linksOf(ctx, flow.version_id);
  if (links.length === 0) return { unlinked: 0 };
  const { put, values } = parameters();
  const ids = put(input.pairs);
  const places = links.flatMap((link) => [placeSql(link, put), placeSql(turned(link), put)]).join(' or ');
  const { rows } = await ctx.pool.query(
    `with chosen as (delete from pairs where id = any(${ids}::bigint[]) and (${places}) returning *),
     mirrored as (delete from pairs m using chosen where ${mirrors('m', 'chosen')})
     select id from chosen`,
    values,
  );
  ctx.log.info({ flow: flow.id, pairs: input.pairs, by: input.by }, 'records were unlinked by a person');
  ctx.live.tell({ kind: 'flow', id: flow.id });
  return { unlinked: rows.length };
}

async function linksOf(ctx: Context, versionId: string | null): Promise<Link[]> {
  if (versionId === null) return [];
  const plan = await asked(() => planOf(ctx, versionId));
  const links = new Map<string, Link>();
  for (const planned of plan.steps) {
    const link = linkOf(plan, planned);
    if (!link) continue;
    const place = `${link.target.connection.id} ${link.target.type.key}`;
    if (!links.has(place)) links.set(place, link);
  }
  return [...links.values()];
}

function linkOf({ source }: Plan, planned: PlannedStep): Link | null {
  if (!source.recordType || !planned.recordType || planned.action.kind === 'find') return null;
  return {
    source: { connection: source.connection, type: source.recordType },
    target: { connection: planned.connection, type: planned.recordType },
    step: planned.step.id,
    after: afterUnlinking(planned),
  };
}

/** As `duplicate.ts` decides without a pair. */
function afterUnlinking({ action, step }: PlannedStep): AfterUnlinking {
  const { mode, keys } = step.duplicates;
  if (action.kind !== 'create' || mode === 'update') return keys.length > 0 ? 'find' : 'nothing';
  return mode !== 'create' && keys.length > 0 ? 'search' : 'create';
}

interface Sought {
  source: string[];
  target: string[];
}

/** Ids that a search means at either end; null: nothing is searched for. */
async function soughtBy(
  ctx: Context,
  input: { flowId: string; q?: string | undefined; record?: string | undefined },
): Promise<Sought | null> {
  if (input.record !== undefined) return { source: [input.record], target: [] };
  const typed = input.q?.trim() ?? '';
  if (typed === '') return null;
  const { defaultCountry } = await readSettings(ctx);
  const words = searchOf(typed, defaultCountry);
  // Titles are the runs' to tell: a pair keeps only ids.
  const runs = words
    ? await searchRuns(ctx, { filter: { flow: input.flowId }, words, before: null, limit: mostFound })
    : [];
  const records = runs.flatMap(({ record_id }) => (record_id === null ? [] : [record_id]));
  return { source: [...new Set([typed, ...records])], target: [typed] };
}

const turned = ({ source, target }: Ends): Ends => ({ source: target, target: source });

type Ends = Pick<Link, 'source' | 'target'>;

type Put = (value: unknown) => string;

const placeSql = ({ source, target }: Ends, put: Put): string =>
  `(source_connection = ${put(source.connection.id)} and source_type = ${put(source.type.key)}
    and target_connection = ${put(target.connection.id)} and target_type = ${put(target.type.key)})`;

/** The same two records, linked from the other end: with flows in both directions each writes a pair of its own. */
const mirrors = (one: string, other: string): string =>
  `${one}.source_connection = ${other}.target_connection and ${one}.source_type = ${other}.target_type
    and ${one}.source_id = ${other}.target_id and ${one}.target_connection = ${other}.source_connection
    and ${one}.target_type = ${other}.source_type and ${one}.target_id = ${other}.source_id`;

/** Each walk goes down `pairs_listed` and stops at the limit. Of two pairs of the same records the later one is listed. */
async function readPairs(
  ctx: Context,
  input: { links: Link[]; sought: Sought | null; before: ReturnType<typeof placeOf>; limit: number },
): Promise<PairRow[]> {
  const { put, values } = parameters();
  const limit = put(input.limit);
  const before = input.before
    ? `and (at, id) < (${put(input.before.createdAt)}::timestamptz, ${put(input.before.id)}::bigint)`
    : '';
  const walks = input.links.flatMap((link, index) =>
    [
      { place: link, source: 'source_id', target: 'target_id' },
      { place: turned(link), source: 'target_id', target: 'source_id' },
    ].map(({ place, source, target }) => {
      const sought = input.sought
        ? `and (${source} = any(${put(input.sought.source)}::text[]) or ${target} = any(${put(input.sought.target)}::text[]))`
        : '';
      return `(select id, ${index} as link, ${source} as source_id, ${target} as target_id, run_id, at, at::text as place
        from pairs where ${placeSql(place, put)} ${sought} ${before}
          and not exists (select 1 from pairs m where ${mirrors('m', 'pairs')} and (m.at, m.id) > (pairs.at, pairs.id))
        order by at desc, id desc limit ${limit})`;
    }),
  );
  const { rows } = await ctx.pool.query<PairRow>(
    // A flow from an app to itself walks over a pair twice.
    `select * from (select distinct on (id) * from (${walks.join(' union all ')}) as walked order by id) as pairs
     order by at desc, id desc limit ${limit}`,
    values,
  );
  return rows;
}
