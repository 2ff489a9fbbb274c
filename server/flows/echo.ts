import type { PoolClient } from 'pg';
import type { Field } from '../../kit/field.ts';
import type { Rec } from '../../kit/record-type.ts';
import type { Context } from '../context.ts';
import { toJsonb, toText } from '../db/jsonb.ts';
import type { JsonValue } from '../http/contract.ts';
import type { FlowStep } from './contract.ts';
import { fieldTemplatePaths } from './values/map-fields.ts';
import { comparable } from './values/normalise.ts';
import type { Effects, Progress } from './work.ts';

interface FingerprintRow {
  id: string;
  record_id: string | null;
  before: Record<string, string> | null;
  written: Record<string, JsonValue>;
  causes: string[];
  /** When it was announced, then when it was answered. */
  at: Date;
  /** The run that writes it is not at its end. */
  open: boolean;
}

/** Something with a key of its own, as "entered stage": what it is about, and when it was over there. */
export interface OwnHappening {
  about: string[] | undefined;
  at: string | undefined;
}

/** Between our write and what it made happen: what the clocks differ by, and what the other side takes for it. */
const nearMilliseconds = 5 * 60_000;

/**
 * Is this state our own write coming back? An echo is a difference, against the state the flow took last, that holds
 * only our fields with our values; the first state of a record that we made is one. Then the change carries the chain
 * of flows that caused it. A person's edit beside ours, even in the same second, makes it a change like any other.
 * `seen`: fingerprints whose values this state shows, or that it would show if they still held; they are used up for the
 * flow, whatever was decided: a person who sets our old value again makes a change of their own.
 * `underWay`: it looks like a record whose create is not answered yet; neither its id is known nor its pair.
 */
export async function findCauses(
  ctx: Context,
  input: {
    connectionId: string;
    recordType: string;
    record: Rec;
    fields: Field[];
    flowId: string;
    /** Field hashes of the state now; null: a happening, which has none. */
    now: Record<string, string> | null;
    last: Record<string, string> | null;
    happening: OwnHappening | null;
    /** The record was loaded later than this. */
    loadedAfter: Date;
  },
): Promise<Causes | 'underWay'> {
  const rows = await readFingerprints(ctx, input);
  const showing = rows.filter((row) => holds(row, input) && mayHaveCaused(row, input.happening));
  if (showing.some(({ record_id, open }) => record_id === null && open)) return 'underWay';
  const past = input.now === null ? [] : rows.filter((row) => isPast(row, input.loadedAfter));
  const seen = [...new Set([...showing, ...past])].map(({ id }) => id);
  if (showing.length === 0) return { causes: [], echoed: [], seen };
  if (!isOnlyOurs(showing, input)) return { causes: [], echoed: [], seen };
  // Of a record that the flow has taken before, what did not change brings nothing new either.
  const echoed =
    input.last === null
      ? [...new Set(showing.flatMap(({ written }) => Object.keys(written)))]
      : input.fields.filter(({ derived, writeOnly }) => !derived && !writeOnly).map(({ key }) => key);
  return { causes: chainOf(showing), echoed, seen };
}

interface Causes {
  /** Flows that led to this change, the latest last. */
  causes: string[];
  /** Fields of the record that bring nothing new to the record the change came from. */
  echoed: string[];
  seen: string[];
}

/**
 * Fields of the target that would only carry a change back to where it came from. A person may have written there
 * again meanwhile, and that newer value must not be taken back by the echo of the older one. What the other side added
 * (a number, an id) is news and goes on, and so does what no field of the change says (a constant).
 */
export async function carriedBack(
  ctx: Context,
  input: { loaded: Progress['loaded']; step: FlowStep; connectionId: string; recordType: string },
): Promise<Set<string>> {
  const { causes = [], echoed = [] } = input.loaded ?? {};
  if (causes.length === 0 || echoed.length === 0) return new Set();
  const { rowCount } = await ctx.pool.query(
    'select 1 from triggers where flow_id = any($1::uuid[]) and connection_id = $2 and record_type = $3 limit 1',
    [causes, input.connectionId, input.recordType],
  );
  if (rowCount === 0) return new Set();
  const known = new Set(echoed.map((key) => `trigger.${key}`));
  const carried = Object.entries(input.step.mapping).filter(([, value]) => {
    const paths = fieldTemplatePaths(value);
    return paths.length > 0 && paths.every((path) => known.has(path));
  });
  return new Set(carried.map(([key]) => key));
}

async function readFingerprints(
  ctx: Context,
  input: { connectionId: string; recordType: string; record: Rec; flowId: string },
): Promise<FingerprintRow[]> {
  // While a create is under way its record has no id here yet, and its event may overtake the answer.
  const { rows } = await ctx.pool.query<FingerprintRow>({
    name: 'read-fingerprints',
    text: `select id, record_id, before, written, causes, at, exists (
      select from runs r where r.id = run_id and r.state in ('working', 'calling', 'waiting', 'unknown')) as open
    from fingerprints
    where connection_id = $1 and record_type = $2 and (record_id = $3 or (record_id is null and at > now() - interval '10 minutes'))
      and not ($4::uuid = any(used_by))
    order by id`,
    values: [input.connectionId, input.recordType, input.record.id, input.flowId],
  });
  return rows;
}

/** Does the record show every value we wrote? */
function holds(row: FingerprintRow, input: { record: Rec; fields: Field[] }): boolean {
  const entries = Object.entries(row.written);
  if (entries.length === 0) return row.record_id !== null;
  return entries.every(([key, value]) => {
    const field = input.fields.find((candidate) => candidate.key === key);
    // A field that can only be written does not come back.
    if (!field || field.writeOnly) return row.record_id !== null;
    return JSON.stringify(comparable(field, input.record.values[key])) === JSON.stringify(value);
  });
}

/** A move to a stage comes of a write to the stage, at its time. A record that we made enters its first one as well. */
function mayHaveCaused({ before, written, at }: FingerprintRow, happening: OwnHappening | null): boolean {
  if (happening === null) return true;
  const { about } = happening;
  const touches = before === null || !about || Object.keys(written).some((key) => about.includes(key));
  // Not a number when the app tells no time: then the fields decide.
  return touches && !(Math.abs(Date.parse(happening.at ?? '') - at.getTime()) > nearMilliseconds);
}

/** Answered before the record was loaded: what the record does not show of it by now has been written over. */
const isPast = ({ record_id, open, at }: FingerprintRow, loadedAfter: Date): boolean =>
  record_id !== null && !open && at < loadedAfter;

function isOnlyOurs(
  rows: FingerprintRow[],
  input: { now: Record<string, string> | null; last: Record<string, string> | null },
): boolean {
  const { now } = input;
  if (now === null) return true;
  const base = input.last ?? rows[0]?.before ?? null;
  if (base === null) return true;
  const ours = new Set(rows.flatMap((row) => Object.keys(row.written)));
  const keys = new Set([...Object.keys(base), ...Object.keys(now)]);
  return [...keys].every((key) => base[key] === now[key] || ours.has(key));
}

const chainOf = (rows: FingerprintRow[]): string[] => [...new Set(rows.flatMap(({ causes }) => causes))];

/** Our values as the other side returned them, under the id it gave. */
export async function rememberAnswers(
  client: PoolClient,
  written: (Effects['written'][number] & { runId: string })[],
): Promise<void> {
  if (written.length === 0) return;
  await client.query(
    `update fingerprints f set record_id = d.record_id, written = f.written || d.written::jsonb, at = now()
     from unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) as d(run_id, step, record_id, written)
     where f.run_id = d.run_id and f.step = d.step`,
    [
      written.map(({ runId }) => runId),
      written.map(({ step }) => step),
      written.map(({ recordId }) => toText(recordId)),
      written.map(({ values }) => toJsonb(values)),
    ],
  );
}
