import { hookAddress, readConnections } from '../connections/index.ts';
import type { Context } from '../context.ts';
import { readSettings } from '../installation.ts';
import type { Flow, FlowDefinition, FlowDraft, FlowState, FlowSummary } from './contract.ts';
import { flowDraft } from './contract.ts';
import { namesOf, problemsOf } from './problems/known.ts';
import { draftToDefinition } from './problems/problems.ts';
import { sentence } from './sentence.ts';
import { type FlowRow, readFlow, readFlows } from './store.ts';
import { countMissed } from './trigger-row.ts';
import { sameJson } from './values/normalise.ts';

interface Day {
  runs: number;
  failures: number;
  lastAt: Date | null;
  lastState: string | null;
}

export async function listFlows(
  ctx: Context,
  filter: { state?: FlowState | undefined; app?: string | undefined; owner?: string | undefined },
): Promise<FlowSummary[]> {
  const rows = await readFlows(ctx);
  const [days, apps, owners] = await Promise.all([readDays(ctx, null), readApps(ctx), readOwners(ctx)]);
  return rows
    .map((row) => summaryOf(row, { days, apps, owners }))
    .filter(
      (flow) =>
        (filter.state === undefined || flow.state === filter.state) &&
        (filter.app === undefined || flow.apps.includes(filter.app)) &&
        (filter.owner === undefined || flow.owner.id === filter.owner),
    );
}

export async function viewFlow(ctx: Context, id: string): Promise<Flow> {
  const row = await readFlow(ctx, id);
  const definition = draftToDefinition(row.draft);
  // As the start will count it: by the draft, which it saves first.
  const begins = definition ?? row.definition;
  const [days, apps, owners, problems, missed, trigger] = await Promise.all([
    readDays(ctx, id),
    readApps(ctx),
    readOwners(ctx),
    problemsOf(ctx, row.draft),
    begins ? countMissed(ctx, { flowId: id, definition: begins }) : 0,
    triggerOf(ctx, row),
  ]);
  return {
    ...summaryOf(row, { days, apps, owners }),
    draft: flowDraft.parse(row.draft),
    draftNumber: row.draft_number,
    version:
      row.definition && row.version_number !== null && row.version_saved_at
        ? { number: row.version_number, savedAt: row.version_saved_at.toISOString(), definition: row.definition }
        : null,
    problems,
    sentence: definition && problems.length === 0 ? sentence(definition, await namesOf(ctx, definition)) : null,
    trigger,
    missed,
  };
}

function summaryOf(
  row: FlowRow,
  known: { days: Map<string, Day>; apps: Map<string, string>; owners: Map<string, string> },
): FlowSummary {
  const day = known.days.get(row.id);
  return {
    id: row.id,
    name: row.name,
    state: row.state,
    paused: row.paused,
    owner: { id: row.owner_id, name: known.owners.get(row.owner_id) ?? '' },
    apps: connectionsOf(row.draft).flatMap((id) => known.apps.get(id) ?? []),
    lastRun: day?.lastAt ? { at: day.lastAt.toISOString(), state: day.lastState ?? '' } : null,
    runsToday: day?.runs ?? 0,
    failuresToday: day?.failures ?? 0,
    unsaved: row.definition === null || !isSame(row.draft, row.definition),
  };
}

const connectionsOf = (draft: FlowDraft): string[] => [
  ...(draft.trigger?.connection ? [draft.trigger.connection] : []),
  ...draft.steps.flatMap(({ connection }) => (connection ? [connection] : [])),
];

const isSame = (draft: FlowDraft, definition: FlowDefinition) => {
  const whole = draftToDefinition(draft);
  return whole !== null && sameJson(whole, definition);
};

/**
 * Runs and failures of the last 24 hours, and the last run of each flow. That is sought by a range of one flow, for which
 * only the index by flow has the order: by an equation the planner, where most runs are of one flow, walked the whole
 * history backwards in search of a flow that had none (0.2 s for 120,000 runs).
 */
async function readDays(ctx: Context, flowId: string | null): Promise<Map<string, Day>> {
  const { rows } = await ctx.pool.query<{
    flow_id: string;
    runs: string;
    failures: string;
    last_at: Date;
    last_state: string;
  }>(
    `with listed as (select id from flows where deleted_at is null and ($1::uuid is null or id = $1)),
    day as (
      select flow_id, state from runs where created_at > now() - interval '24 hours' and ($1::uuid is null or flow_id = $1)
      union all
      select flow_id, state from run_history where created_at > now() - interval '24 hours' and ($1::uuid is null or flow_id = $1)),
    counted as (
      select flow_id, count(*) as runs, count(*) filter (where state in ('rejected', 'dead', 'unknown')) as failures
      from day group by flow_id)
    select listed.id as flow_id, coalesce(c.runs, 0) as runs, coalesce(c.failures, 0) as failures,
      last.created_at as last_at, last.state as last_state
    from listed
    left join counted c on c.flow_id = listed.id
    left join lateral (
      select created_at, state from (
        (select created_at, state from runs where flow_id >= listed.id and flow_id <= listed.id
          order by flow_id, created_at desc, id desc limit 1)
        union all
        (select created_at, state from run_history where flow_id >= listed.id and flow_id <= listed.id
          order by flow_id, created_at desc, id desc limit 1)) as l
      order by created_at desc limit 1) as last on true`,
    [flowId],
  );
  return new Map(
    rows.map((row) => [
      row.flow_id,
      { runs: Number(row.runs), failures: Number(row.failures), lastAt: row.last_at, lastState: row.last_state },
    ]),
  );
}

const readApps = async (ctx: Context) =>
  new Map((await readConnections(ctx)).map(({ id, connector }) => [id, connector]));

async function readOwners(ctx: Context): Promise<Map<string, string>> {
  const rows = await ctx.db.selectFrom('people').select(['id', 'name']).execute();
  return new Map(rows.map(({ id, name }) => [id, name]));
}

async function triggerOf(ctx: Context, flow: FlowRow): Promise<Flow['trigger']> {
  const row = await ctx.db.selectFrom('triggers').selectAll().where('flow_id', '=', flow.id).executeTakeFirst();
  if (!row) return null;
  return {
    lastAskedAt: row.asked_at?.toISOString() ?? null,
    lastEventAt: row.event_at?.toISOString() ?? null,
    nextAskAt: row.active ? row.next_ask_at.toISOString() : null,
    failure: row.failure,
    hook: row.mode === 'realTime' ? await hookOf(ctx, row.connection_id) : null,
  };
}

async function hookOf(ctx: Context, connectionId: string): Promise<NonNullable<Flow['trigger']>['hook']> {
  const connection = (await readConnections(ctx)).find(({ id }) => id === connectionId);
  const webhook = connection ? ctx.shelf[connection.connector]?.webhook : undefined;
  if (!connection || !webhook) return null;
  const { reconcileMinutes } = await readSettings(ctx);
  const address = hookAddress(ctx, connection.hook_key);
  const put = (words: string) => words.replaceAll('{address}', address);
  const { help } = webhook;
  return {
    address,
    help: typeof help === 'string' ? put(help) : { en: put(help.en), ru: put(help.ru) },
    reconcileMinutes,
  };
}
