import type { Pool } from 'pg';
import type { RunState } from '../contract.ts';
import { packProgress } from '../progress.ts';
import type { Progress } from '../work.ts';

interface Row {
  flowId?: string;
  state?: RunState;
  /** ISO. */
  at?: string;
  words?: string[];
  label?: string;
  payload?: string | null;
  progress?: string | null;
}

const nobody = '00000000-0000-4000-8000-000000000001';
/** Far from the ids that runs of the test get. */
let nextId = 1_000_000;

/** Puts finished runs into the history as they are; gives their ids. */
export async function fillHistory(pool: Pool, rows: Row[]): Promise<string[]> {
  const ids = rows.map(() => String(nextId++));
  await pool.query(
    `insert into run_history (id, flow_id, version_id, record_key, record_id, record_label, event, source, payload, state,
       progress, attempts, created_at, finished_at, words)
     select id, flow_id, 1, 'k' || id, 'r' || id, label, 'deal.changed', 'webhook', payload, state, progress, 1, at, at,
       array_to_tsvector(string_to_array(words, E'\\n'))
     from unnest($1::bigint[], $2::uuid[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::bytea[])
       as d(id, flow_id, state, at, words, label, payload, progress)`,
    [
      ids,
      rows.map(({ flowId }) => flowId ?? nobody),
      rows.map(({ state }) => state ?? 'done'),
      rows.map(({ at }) => at ?? new Date().toISOString()),
      rows.map(({ words }) => (words ?? []).join('\n')),
      rows.map(({ label }) => label ?? null),
      rows.map(({ payload }) => payload ?? null),
      rows.map(({ progress }) => (progress ? packProgress(JSON.parse(progress) as Progress) : null)),
    ],
  );
  return ids;
}
