import type { RecordType } from '../../../kit/record-type.ts';
import type { OpenConnection } from '../../connections/index.ts';
import type { Context } from '../../context.ts';
import type { AfterUnlinking, LinkedEnd, Pair } from '../contract.ts';
import { readProgress } from '../progress.ts';

interface Side {
  connection: OpenConnection;
  type: RecordType<unknown>;
}

/** The two ends that a step of the flow links, the trigger's first. */
export interface Link {
  source: Side;
  target: Side;
  step: string;
  after: AfterUnlinking;
}

export interface PairRow {
  id: string;
  link: number;
  source_id: string;
  target_id: string;
  run_id: string | null;
  at: Date;
  /** `at` to the microsecond. */
  place: string;
}

/** Pairs as people see them: with titles and links as far as the history tells them. */
export async function describePairs(
  ctx: Context,
  input: { flowId: string; links: Link[]; rows: PairRow[] },
): Promise<Pair[]> {
  const { flowId, links, rows } = input;
  const linkAt = (row: PairRow) => links[row.link] as Link;
  const synced = await readSynced(ctx, { flowId, ends: rows.map((row) => ({ row, link: linkAt(row) })) });
  const runIds = rows.flatMap(({ id, run_id }) => [run_id, synced.get(id)?.runId ?? null]);
  const runs = await readNames(ctx, runIds);
  return rows.map((row) => {
    const link = linkAt(row);
    const latest = synced.get(row.id);
    const told = [latest?.runId, row.run_id].flatMap((id) => (id ? (runs.get(id) ?? []) : []));
    const names = namesOf(link, row, told);
    return {
      id: row.id,
      source: endOf(link.source, row.source_id, names.source),
      target: endOf(link.target, row.target_id, names.target),
      linkedAt: row.at.toISOString(),
      syncedAt: new Date(Math.max(row.at.getTime(), latest?.at?.getTime() ?? 0)).toISOString(),
      run: row.run_id !== null && runs.has(row.run_id) ? row.run_id : null,
      afterUnlinking: link.after,
    };
  });
}

/** When the flow last took the record, and which run; a write of ours to the other one counts too. */
async function readSynced(
  ctx: Context,
  { flowId, ends }: { flowId: string; ends: { row: PairRow; link: Link }[] },
): Promise<Map<string, { at: Date | null; runId: string | null }>> {
  const { rows } = await ctx.pool.query<{ id: string; at: Date | null; run_id: string | null }>(
    `select p.id, s.run_id, greatest(s.at, (
       select max(f.at) from fingerprints f
       where f.connection_id = p.target_connection and f.record_type = p.target_type and f.record_id = p.target_id)) as at
     from unnest($2::text[], $3::text[], $4::uuid[], $5::text[], $6::text[])
       as p(id, record_key, target_connection, target_type, target_id)
     left join record_states s on s.flow_id = $1 and s.record_key = p.record_key`,
    [
      flowId,
      ends.map(({ row }) => row.id),
      ends.map(({ row, link }) => `${link.source.type.key}:${row.source_id}`),
      ends.map(({ link }) => link.target.connection.id),
      ends.map(({ link }) => link.target.type.key),
      ends.map(({ row }) => row.target_id),
    ],
  );
  return new Map(rows.map(({ id, at, run_id }) => [id, { at, runId: run_id }]));
}

interface Name {
  id: string;
  label: string | null;
  url: string | null;
}

/** What a run calls the record it was about, and those it wrote or found over there. */
interface Told {
  about: Name & { type: string | null };
  others: (Name & { step: string | null })[];
}

async function readNames(ctx: Context, ids: (string | null)[]): Promise<Map<string, Told>> {
  const wanted = [...new Set(ids.filter((id) => id !== null))];
  const columns = 'id, record_type, record_id, record_label, record_url, progress';
  const { rows } = await ctx.pool.query<{
    id: string;
    record_type: string | null;
    record_id: string | null;
    record_label: string | null;
    record_url: string | null;
    progress: Buffer | null;
  }>(
    `select ${columns} from runs where id = any($1::bigint[])
     union all
     select ${columns} from run_history where id = any($1::bigint[])`,
    [wanted],
  );
  return new Map(
    rows.map((row) => {
      const { steps, trace } = readProgress(row.progress);
      const written = Object.entries(steps).flatMap(([step, { id, label, url }]) =>
        id === null ? [] : [{ step, id, label, url }],
      );
      const found = trace.flatMap((line) => (line.found ?? []).map((record) => ({ step: line.step, ...record })));
      const about = { type: row.record_type, id: row.record_id ?? '', label: row.record_label, url: row.record_url };
      return [row.id, { about, others: [...written, ...found] }];
    }),
  );
}

/** A run of this flow was about the source; one of the flow that goes the other way was about the target. */
function namesOf({ source, target, step }: Link, row: PairRow, told: Told[]): { source: Name[]; target: Name[] } {
  const names: { source: Name[]; target: Name[] } = { source: [], target: [] };
  for (const { about, others } of told) {
    if (about.type === source.type.key && about.id === row.source_id) {
      names.source.push(about);
      names.target.push(...others.filter((other) => other.step === step && other.id === row.target_id));
    } else if (about.type === target.type.key && about.id === row.target_id) {
      names.target.push(about);
      names.source.push(...others.filter((other) => other.id === row.source_id));
    }
  }
  return names;
}

function endOf({ connection, type }: Side, id: string, names: Name[]): LinkedEnd {
  return {
    app: connection.connector.key,
    type: type.label,
    id,
    label: names.find(({ label }) => label !== null && label !== '' && label !== id)?.label ?? null,
    url: names.find(({ url }) => url !== null)?.url ?? null,
  };
}
