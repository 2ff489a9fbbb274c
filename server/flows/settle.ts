import type { Pool, PoolClient } from 'pg';
import type { Value } from '../../kit/field.ts';
import type { Context } from '../context.ts';
import { byteaArray, textArray } from '../db/arrays.ts';
import { createBatcher } from '../db/batch.ts';
import { toJsonb, toText } from '../db/jsonb.ts';
import { inTransaction } from '../db/transaction.ts';
import { readSettings } from '../installation.ts';
import { countCreated, createdByFlow } from './brake.ts';
import type { Reason } from './contract.ts';
import { rememberAnswers } from './echo.ts';
import type { Mask } from './history/mask.ts';
import { wordsOf } from './history/words.ts';
import { releaseKeys } from './key-locks.ts';
import { markOnce } from './once.ts';
import { writePairs } from './pairs/pairs.ts';
import { untilTaken } from './patience.ts';
import { packProgress } from './progress.ts';
import type { Effects, Progress } from './work.ts';

export interface Announcement {
  runId: string;
  fence: number;
  progress: Progress;
  fingerprint: Fingerprint | null;
}

/** What we are about to write; `recordId` is null while a create is under way. */
interface Fingerprint {
  connectionId: string;
  recordType: string;
  recordId: string | null;
  step: string;
  before: Record<string, string> | null;
  written: Record<string, Value>;
  causes: string[];
}

export interface Settlement {
  runId: string;
  fence: number;
  flowId: string;
  recordKey: string;
  /** `working`: a step is settled, the walk goes on. */
  state: 'working' | 'done' | 'filtered' | 'skipped' | 'rejected' | 'dead' | 'unknown' | 'waiting' | 'dropped';
  reason: Reason | null;
  progress: Progress;
  record: { id: string | null; label: string | null; url: string | null };
  attempts: number;
  failingSince: Date | null;
  /** Of a waiting run: seconds until it goes on; null: until somebody wakes it. */
  seconds: number | null;
  waitsFor: string | null;
  effects: Effects;
  /** What arrived, to be kept without the secrets that `mask` knows. */
  payload: string | null;
  mask: Mask;
}

/**
 * Everything a walk writes down: announced calls, settled steps, endings. All of it is refused under an old fence
 * number, and what waits at the same moment shares one statement.
 */
export interface Writer {
  /** False: the run belongs to somebody else now, and the call must not go out. */
  announce(announcement: Announcement): Promise<boolean>;
  /** False: the run belongs to somebody else now. */
  settle(settlement: Settlement): Promise<boolean>;
}

const mostAtOnce = 200;

export function createWriter(ctx: Context): Writer {
  return {
    announce: createBatcher({ most: mostAtOnce, write: (items: Announcement[]) => announceAll(ctx.pool, items) }),
    settle: untilTaken(ctx, createBatcher({ most: mostAtOnce, write: (items: Settlement[]) => settleAll(ctx, items) })),
  };
}

async function announceAll(pool: Pool, items: Announcement[]): Promise<boolean[]> {
  const marks = items.flatMap(({ runId, fingerprint }) => (fingerprint ? [{ runId, ...fingerprint }] : []));
  const { rows } = await pool.query<{ id: string }>({
    name: 'announce-calls',
    text: `
    with announced as (
      update runs r set state = 'calling', called = true, progress = d.progress, creates = d.creates
      from unnest($1::bigint[], $2::int[], $3::bytea[], $12::bool[]) as d(id, fence, progress, creates)
      where r.id = d.id and r.fence = d.fence and r.state in ('working', 'calling')
      returning r.id),
    marked as (
      insert into fingerprints (run_id, connection_id, record_type, record_id, step, before, written, causes)
      select m.run_id, m.connection_id, m.record_type, m.record_id, m.step, m.before::jsonb, m.written::jsonb,
        string_to_array(m.causes, ',')::uuid[]
      from unnest($4::bigint[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[])
        as m(run_id, connection_id, record_type, record_id, step, before, written, causes)
      join announced on announced.id = m.run_id
      on conflict (run_id, step) do update set written = excluded.written, before = excluded.before,
        record_id = coalesce(excluded.record_id, fingerprints.record_id), at = now())
    select id from announced`,
    values: [
      items.map(({ runId }) => runId),
      items.map(({ fence }) => fence),
      byteaArray(items.map(({ progress }) => packProgress(progress))),
      marks.map(({ runId }) => runId),
      marks.map(({ connectionId }) => connectionId),
      marks.map(({ recordType }) => recordType),
      marks.map(({ recordId }) => recordId),
      marks.map(({ step }) => step),
      textArray(marks.map(({ before }) => (before ? toJsonb(before) : null))),
      textArray(marks.map(({ written }) => toJsonb(written))),
      marks.map(({ causes }) => causes.join(',')),
      items.map(({ progress }) => progress.pending?.operation === 'create'),
    ],
  });
  const announced = new Set(rows.map(({ id }) => id));
  return items.map(({ runId }) => announced.has(runId));
}

const leaves = new Set<Settlement['state']>(['done', 'filtered', 'skipped', 'dropped']);

async function settleAll(ctx: Context, settlements: Settlement[]): Promise<boolean[]> {
  const { defaultCountry } = await readSettings(ctx);
  const items = settlements.map((item) => ({ ...item, kept: keptOf(item, defaultCountry) }));
  const leaving = items.filter(({ state }) => leaves.has(state));
  const staying = items.filter(({ state }) => !leaves.has(state));
  const hasEffects = leaving.some(
    ({ effects }) => effects.pairs.length > 0 || effects.written.length > 0 || effects.spendsOnce,
  );
  // The common case is one statement, and so one round trip and one flush.
  const settled = new Set(
    staying.length === 0 && !hasEffects
      ? await moveToHistory(ctx.pool, leaving)
      : await inTransaction(ctx.pool, async (client) => {
          const done = [...(await moveToHistory(client, leaving)), ...(await updateOpen(client, staying))];
          const mine = new Set(done);
          await writeEffects(
            client,
            items.filter(({ runId }) => mine.has(runId)),
          );
          await letGo(
            client,
            staying.filter(({ runId }) => mine.has(runId)),
          );
          return done;
        }),
  );
  return items.map(({ runId }) => settled.has(runId));
}

/** It will work with its data again by itself. */
const goesOn = (state: Settlement['state']): boolean => state === 'working' || state === 'waiting';

const changedBy = (change: (text: string) => string, text: string): string | null => {
  const changed = change(text);
  return changed === text ? null : changed;
};

type Kept = Settlement & { kept: ReturnType<typeof keptOf> };

/** What is written down has the connections' secrets masked, and the words that a run is found by. */
function keptOf({ runId, state, reason, record, progress, payload, mask }: Settlement, country: string) {
  return {
    reason: reason ? toJsonb(mask.value(reason)) : null,
    label: record.label === null ? null : toText(mask.text(record.label)),
    // Null: it stays as it is.
    payload: payload === null || goesOn(state) ? null : changedBy(mask.data.jsonText, payload),
    // One a line.
    words:
      state === 'working' || state === 'dropped'
        ? null
        : toText(wordsOf({ runId, record, progress, country, hides: mask.hides }).join('\n')),
  };
}

/** Finished runs leave the queue, enter the history, let go of their keys and are counted, in one statement. */
async function moveToHistory(client: Pool | PoolClient, items: Kept[]): Promise<string[]> {
  if (items.length === 0) return [];
  const created = createdByFlow(items);
  const { rows } = await client.query<{ id: string }>({
    name: 'finish-runs',
    text: `
    with finished as (
      delete from runs r
      using unnest($1::bigint[], $2::int[], $3::text[], $4::text[], $5::bytea[], $6::text[], $7::text[], $8::text[], $9::int[],
        $10::text[], $11::text[])
        as d(id, fence, state, reason, progress, record_id, record_label, record_url, attempts, payload, words)
      where r.id = d.id and r.fence = d.fence and r.state in ('working', 'calling')
      returning r.id, r.flow_id, r.version_id, r.record_key, r.record_type, coalesce(d.record_id, r.record_id) as record_id,
        coalesce(d.record_label, r.record_label) as record_label, coalesce(d.record_url, r.record_url) as record_url,
        r.event, r.source, r.delivery_id, coalesce(d.payload, r.payload) as payload, d.state, d.progress,
        d.reason::jsonb as reason, d.attempts, r.root_id, r.rerun_of, r.create_again, r.created_at,
        array_to_tsvector(string_to_array(d.words, E'\\n')) as words),
    kept as (
      insert into run_history (id, flow_id, version_id, record_key, record_type, record_id, record_label, record_url,
        event, source, delivery_id, payload, state, progress, reason, attempts, root_id, rerun_of, create_again,
        created_at, words, finished_at)
      select id, flow_id, version_id, record_key, record_type, record_id, record_label, record_url, event, source,
        delivery_id, payload, state, progress, reason, attempts, root_id, rerun_of, create_again, created_at, words, now()
      from finished where state <> 'dropped'),
    unlocked as (delete from key_locks using finished where key_locks.run_id = finished.id),
    counted as (${countCreated(12)})
    select id from finished`,
    values: [
      items.map(({ runId }) => runId),
      items.map(({ fence }) => fence),
      items.map(({ state }) => state),
      textArray(items.map(({ kept }) => kept.reason)),
      byteaArray(items.map(({ progress, mask }) => packProgress(forHistory(progress), { by: mask, hasEnded: true }))),
      items.map(({ record }) => toText(record.id)),
      textArray(items.map(({ kept }) => kept.label)),
      items.map(({ record }) => toText(record.url)),
      items.map(({ attempts }) => attempts),
      textArray(items.map(({ kept }) => kept.payload)),
      textArray(items.map(({ kept }) => kept.words)),
      created.flows,
      created.counts,
    ],
  });
  return rows.map(({ id }) => id);
}

/** What the walk needed only to go on is not kept. */
const forHistory = ({ steps, trace }: Progress): Progress => ({ steps, trace });

async function updateOpen(client: PoolClient, items: Kept[]): Promise<string[]> {
  if (items.length === 0) return [];
  const { rows } = await client.query<{ id: string }>({
    name: 'settle-runs',
    text: `
    update runs r set state = d.state, reason = d.reason::jsonb, progress = d.progress,
      record_id = coalesce(d.record_id, r.record_id), record_label = coalesce(d.record_label, r.record_label),
      record_url = coalesce(d.record_url, r.record_url), attempts = d.attempts, failing_since = d.failing_since,
      waits_for = d.waits_for, held_at = case when d.waits_for is not null then now() end,
      wakes = r.wakes + d.renewed::int, payload = coalesce(d.payload, r.payload),
      words = array_to_tsvector(string_to_array(d.words, E'\\n')),
      wake_at = case when d.state = 'waiting' and d.seconds is null then
                       -- Renewed, resumed or deleted before we could write that we wait for it: nobody would wake the run.
                       case when d.renewed then now() + interval '10 seconds' else 'infinity' end
                     when d.state = 'waiting' then now() + make_interval(secs => d.seconds) else r.wake_at end,
      finished_at = case when d.state in ('rejected', 'dead', 'unknown') then now() end,
      owner = case when d.state = 'working' then r.owner end,
      lease_until = case when d.state = 'working' then r.lease_until end
    from (
      select *, waits_for is not null
        and not exists (select 1 from connections c where c.id = waits_for and c.needs_reconnect)
        and not exists (select 1 from flows f where f.id = waits_for and f.state not in ('works', 'waits')) as renewed
      from unnest($1::bigint[], $2::int[], $3::text[], $4::text[], $5::bytea[], $6::text[], $7::text[], $8::text[],
        $9::int[], $10::timestamptz[], $11::float8[], $12::uuid[], $13::text[], $14::text[])
        as d(id, fence, state, reason, progress, record_id, record_label, record_url, attempts, failing_since, seconds, waits_for,
          payload, words)) as d
    where r.id = d.id and r.fence = d.fence and r.state in ('working', 'calling')
    returning r.id`,
    values: [
      items.map(({ runId }) => runId),
      items.map(({ fence }) => fence),
      items.map(({ state }) => state),
      textArray(items.map(({ kept }) => kept.reason)),
      byteaArray(
        items.map(({ progress, mask, state }) => packProgress(progress, { by: mask, hasEnded: !goesOn(state) })),
      ),
      items.map(({ record }) => toText(record.id)),
      textArray(items.map(({ kept }) => kept.label)),
      items.map(({ record }) => toText(record.url)),
      items.map(({ attempts }) => attempts),
      items.map(({ failingSince }) => failingSince),
      items.map(({ seconds }) => seconds),
      items.map(({ waitsFor }) => waitsFor),
      textArray(items.map(({ kept }) => kept.payload)),
      textArray(items.map(({ kept }) => kept.words)),
    ],
  });
  return rows.map(({ id }) => id);
}

async function writeEffects(client: PoolClient, items: Settlement[]): Promise<void> {
  const ofRun = <T>(pick: (effects: Effects) => T[]) =>
    items.flatMap(({ runId, effects }) => pick(effects).map((effect) => ({ runId, ...effect })));
  await writePairs(
    client,
    ofRun(({ pairs }) => pairs),
  );
  await rememberAnswers(
    client,
    ofRun(({ written }) => written),
  );
  await markOnce(
    client,
    items.filter(({ effects }) => effects.spendsOnce),
  );
}

/** Runs that stay open let go of their keys unless the walk goes on, and what they created is counted. */
async function letGo(client: PoolClient, items: Settlement[]): Promise<void> {
  await releaseKeys(
    client,
    items.filter(isThroughWithKeys).map(({ runId }) => runId),
  );
  const created = createdByFlow(items);
  if (created.flows.length > 0) await client.query(countCreated(1), [created.flows, created.counts]);
}

/** Its call may still turn out to have been done: whoever looked for the record meanwhile would make it a second time. */
const isThroughWithKeys = ({ progress, state }: Settlement): boolean =>
  (progress.locks?.length ?? 0) > 0 && state !== 'working' && !(state === 'waiting' && progress.pending !== undefined);
