import type { Pool } from 'pg';
import type { ClaimedRun } from './work.ts';

/** A worker that has said nothing for this long has lost its runs; others look for such runs four times as often. */
export const leaseSeconds = 20;

interface RunRow {
  id: string;
  flow_id: string;
  version_id: string;
  record_key: string;
  record_type: string | null;
  record_id: string | null;
  event: string;
  coalesces: boolean;
  source: ClaimedRun['source'];
  delivery_id: string | null;
  payload: string | null;
  progress: Buffer | null;
  attempts: number;
  failing_since: Date | null;
  wakes: number;
  fence: number;
  root_id: string | null;
  create_again: number;
  created_at: Date;
  now: Date;
  abandoned_at?: Date;
}

/** A lease is ours for so much less than the others believe: a call that leaves at its end has left. */
const spareSeconds = 2;
/** The monotonic clock goes on while a process is stopped; the lease began no sooner than we asked for it. */
const leaseEnd = (askedAt: number): number => askedAt + (leaseSeconds - spareSeconds) * 1000;

const claimed = (row: RunRow, askedAt: number): ClaimedRun => {
  const heardAt = performance.now();
  return {
    id: row.id,
    flowId: row.flow_id,
    versionId: row.version_id,
    recordKey: row.record_key,
    recordType: row.record_type,
    recordId: row.record_id,
    event: row.event,
    coalesces: row.coalesces,
    source: row.source,
    deliveryId: row.delivery_id,
    payload: row.payload,
    progress: row.progress,
    attempts: row.attempts,
    failingSince: row.failing_since,
    wakes: row.wakes,
    fence: row.fence,
    lease: { until: leaseEnd(askedAt) },
    abandonedAt: row.abandoned_at ?? null,
    rootId: row.root_id,
    createAgain: row.create_again,
    createdAt: row.created_at,
    claimedAt: row.now,
    now: () => new Date(row.now.getTime() + performance.now() - heardAt),
  };
};

/** By an array, so that the rows are reached by their ids whatever the planner expects of `picked`. */
const claim = `
  update runs set state = 'working', owner = $1, fence = runs.fence + 1,
    lease_until = now() + make_interval(secs => ${leaseSeconds})
  where runs.id = any(array(select id from picked))
  returning runs.id, flow_id, version_id, record_key, record_type, record_id, event, coalesces, source, delivery_id,
    payload, progress, attempts, failing_since, wakes, fence, root_id, create_again, created_at, now()`;

/**
 * The run `r` waits for every older one of its flow and record, and for one in hand: ids are given before their
 * transactions commit, so an older run may come to light while a younger one is under way. With an offset PostgreSQL
 * asks for each run, by the index: joined, it read all that is in hand and thousands of dead rows, 2.4 ms of the 3.8 ms
 * of a claim.
 */
const isFirst = `
  not exists (
    select 1 from runs older
    where older.flow_id = r.flow_id and older.record_key = r.record_key and older.id < r.id
      and older.state in ('queued', 'working', 'calling', 'waiting', 'unknown'))
  and not exists (
    select 1 from runs in_hand
    where in_hand.flow_id = r.flow_id and in_hand.record_key = r.record_key and in_hand.state in ('working', 'calling')
    offset 0)`;

/**
 * Claims up to `limit` runs that may go on, of any flow but those in `without`. A run waits for every older open run of the same flow and record, an
 * unknown one included, and for one in hand. The claim commits before any work, so nothing is held locked while vendors answer.
 */
export async function claimRuns(
  pool: Pick<Pool, 'query'>,
  input: { owner: string; limit: number; without: string[] },
): Promise<ClaimedRun[]> {
  const askedAt = performance.now();
  const { rows } = await pool.query<RunRow>({
    // Without a name, so planned each time: of a prepared statement the planner does not know the limit, takes it for a
    // tenth of the table, and then reads all of a backlog of 100,000 at each claim.
    text: `
    with picked as materialized (
      select r.id from runs r
      where r.state in ('queued', 'waiting') and r.wake_at <= now() and r.flow_id <> all($3::uuid[])
        and ${isFirst}
      order by r.wake_at, r.id
      limit $2
      for update skip locked)
    ${claim}`,
    values: [input.owner, input.limit, input.without],
  });
  return rows.map((row) => claimed(row, askedAt)).sort((a, b) => Number(BigInt(a.id) - BigInt(b.id)));
}

/** Takes over runs whose worker has fallen silent. */
export async function claimAbandoned(pool: Pool, input: { owner: string; limit: number }): Promise<ClaimedRun[]> {
  const askedAt = performance.now();
  const { rows } = await pool.query<RunRow>({
    text: `
    with picked as materialized (
      select id, lease_until from runs
      where state in ('working', 'calling') and lease_until < now()
        -- Nobody could renew a lease while the database was away: its worker may hold the answer of its call.
        and pg_postmaster_start_time() < now() - interval '${leaseSeconds} seconds'
      limit $2
      for update skip locked)
    ${claim}, (select p.lease_until from picked p where p.id = runs.id) as abandoned_at`,
    values: [input.owner, input.limit],
  });
  return rows.map((row) => claimed(row, askedAt));
}

/** A row that is locked is being written by its own walk: to wait for it here, holding others, was a deadlock. */
export async function renewLeases(
  pool: Pool,
  input: { owner: string; runs: Pick<ClaimedRun, 'id' | 'lease'>[] },
): Promise<void> {
  const askedAt = performance.now();
  const { rows } = await pool.query<{ id: string }>(
    `with mine as (
       select id from runs where id = any($2::bigint[]) and owner = $1 and state in ('working', 'calling')
       for update skip locked)
     update runs set lease_until = now() + make_interval(secs => ${leaseSeconds}) from mine where runs.id = mine.id
     returning runs.id`,
    [input.owner, input.runs.map(({ id }) => id)],
  );
  const renewed = new Set(rows.map(({ id }) => id));
  for (const { id, lease } of input.runs) if (renewed.has(id)) lease.until = leaseEnd(askedAt);
}

/**
 * Hands runs back that this process has not begun to call for: another may take them at once. They wait rather than
 * queue: a newer change of the same record may have queued, and there is only one of these.
 */
export async function handBack(pool: Pool, input: { owner: string; ids: string[] }): Promise<void> {
  await pool.query(
    `update runs set state = 'waiting', wake_at = now(), owner = null, lease_until = null
     where id = any($2::bigint[]) and owner = $1 and state = 'working'`,
    [input.owner, input.ids],
  );
}

/** Open runs that could be worked on right now, or are being worked on: what a drain waits for. */
export async function countRunnable(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ count: string }>(`
    select count(*) from runs r
    where state in ('working', 'calling') or (state in ('queued', 'waiting') and wake_at <= now()
      and ${isFirst})`);
  return Number(rows[0]?.count ?? 0);
}
