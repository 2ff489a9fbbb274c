import type { z } from 'zod';
import { type ConnectionRow, endsSoon, healthOf, readConnections, troubleOf } from '../connections/index.ts';
import type { Context } from '../context.ts';
import type { FlowState } from '../flows/contract.ts';
import { listRuns, readHistoryBytes } from '../flows/index.ts';
import type { settingsApi } from './contract.ts';

type Overview = z.output<typeof settingsApi.getOverview.response>;

/** The home page: is everything running, what needs me. */
export async function readOverview(ctx: Context): Promise<Overview> {
  const [flows, connections, silentTriggers, open, hours, latest, historyBytes] = await Promise.all([
    countFlows(ctx),
    readConnections(ctx),
    readSilent(ctx),
    readOpen(ctx),
    readHours(ctx),
    listRuns(ctx, { filter: {}, after: undefined, limit: 8 }),
    readHistoryBytes(ctx),
  ]);
  return {
    flows,
    ailingConnections: connections.flatMap((row) => {
      const health = healthOf(row);
      return health === 'reconnect' || health === 'ailing'
        ? [{ id: row.id, name: row.name, connector: row.connector, health, trouble: troubleOfRow(row) }]
        : [];
    }),
    endingConnections: connections.flatMap(({ id, name, valid_until: day }) =>
      endsSoon(day) ? [{ id, name, validUntil: day }] : [],
    ),
    silentTriggers,
    ...open,
    historyBytes,
    runsToday: hours.reduce((sum, hour) => sum + hour.runs, 0),
    failuresToday: hours.reduce((sum, hour) => sum + hour.failures, 0),
    hours,
    latest: latest.items,
  };
}

const troubleOfRow = ({ failure, valid_until }: ConnectionRow) => (failure ? troubleOf(failure, valid_until) : null);

async function countFlows(ctx: Context): Promise<Overview['flows']> {
  const { rows } = await ctx.pool.query<{ state: FlowState; count: string }>(
    'select state, count(*) from flows where deleted_at is null group by state',
  );
  return rows.map(({ state, count }) => ({ state, count: Number(count) }));
}

async function readSilent(ctx: Context): Promise<Overview['silentTriggers']> {
  const { rows } = await ctx.pool.query<{ flow: string; name: string; since: Date }>(
    `select f.id as flow, f.name, n.at as since from notices n join flows f on f.id = n.flow_id
     where n.kind = 'trigger.silent' and n.settled_at is null order by n.at`,
  );
  return rows.map(({ flow, name, since }) => ({ flow, name, since: since.toISOString() }));
}

async function readOpen(ctx: Context): Promise<Pick<Overview, 'attention' | 'waiting' | 'oldestWaitingAt'>> {
  const { rows } = await ctx.pool.query<{ attention: string; waiting: string; oldest: Date | null }>(`
    select count(*) filter (where state in ('rejected', 'dead', 'unknown')) as attention,
      count(*) filter (where state in ('queued', 'waiting')) as waiting,
      min(created_at) filter (where state in ('queued', 'waiting')) as oldest
    from runs`);
  const [row] = rows;
  return {
    attention: Number(row?.attention ?? 0),
    waiting: Number(row?.waiting ?? 0),
    oldestWaitingAt: row?.oldest?.toISOString() ?? null,
  };
}

async function readHours(ctx: Context): Promise<Overview['hours']> {
  const { rows } = await ctx.pool.query<{ at: Date; runs: string; failures: string }>(`
    with day as (
      select created_at, state from runs where created_at > date_trunc('hour', now()) - interval '23 hours'
      union all
      select created_at, state from run_history where created_at > date_trunc('hour', now()) - interval '23 hours'),
    counted as (
      select date_trunc('hour', created_at) as at, count(*) as runs,
        count(*) filter (where state in ('rejected', 'dead', 'unknown')) as failures
      from day group by 1)
    select h.at, coalesce(c.runs, 0) as runs, coalesce(c.failures, 0) as failures
    from generate_series(date_trunc('hour', now()) - interval '23 hours', date_trunc('hour', now()), interval '1 hour') as h(at)
    left join counted c on c.at = h.at order by h.at`);
  return rows.map(({ at, runs, failures }) => ({
    at: at.toISOString(),
    runs: Number(runs),
    failures: Number(failures),
  }));
}
