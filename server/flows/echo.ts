import type { Field } from '../../kit/field.ts';
import type { Rec } from '../../kit/record-type.ts';
import type { Context } from '../context.ts';
import type { JsonValue } from '../http/contract.ts';
import { comparable } from './normalise.ts';

interface FingerprintRow {
  id: string;
  record_id: string | null;
  before: Record<string, string> | null;
  written: Record<string, JsonValue>;
  causes: string[];
}

/**
 * Is this state our own write coming back? An echo is a difference, against the state the flow took last, that holds
 * only our fields with our values; the first state of a record that we made is one. Then the change carries the chain
 * of flows that caused it. A person's edit beside ours, even in the same second, makes it a change like any other.
 * `seen`: fingerprints whose values this state shows; they are used up for the flow, whatever was decided.
 */
export async function findCauses(
  ctx: Context,
  input: {
    connectionId: string;
    recordType: string;
    record: Rec;
    fields: Field[];
    flowId: string;
    /** Field hashes of the state now; null: a happening with a key of its own, judged by our values alone. */
    now: Record<string, string> | null;
    last: Record<string, string> | null;
  },
): Promise<{ causes: string[]; seen: string[] }> {
  const rows = await readFingerprints(ctx, input);
  const showing = rows.filter((row) => holds(row, input));
  if (showing.length === 0) return { causes: [], seen: [] };
  const seen = showing.map(({ id }) => id);
  return isOnlyOurs(showing, input) ? { causes: chainOf(showing), seen } : { causes: [], seen };
}

async function readFingerprints(
  ctx: Context,
  input: { connectionId: string; recordType: string; record: Rec; flowId: string },
): Promise<FingerprintRow[]> {
  // While a create is under way its record has no id here yet, and its event may overtake the answer.
  const { rows } = await ctx.pool.query<FingerprintRow>({
    name: 'read-fingerprints',
    text: `select id, record_id, before, written, causes from fingerprints
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
