import type { Selectable } from 'kysely';
import type { PoolClient } from 'pg';
import type { Context } from '../context.ts';
import { toJsonb } from '../db/jsonb.ts';
import type { Tables } from '../db/tables.ts';
import { Problem } from '../http/problem.ts';
import type { FlowDefinition, FlowDraft, FlowState } from './contract.ts';

export interface FlowRow extends Selectable<Tables['flows']> {
  version_number: number | null;
  version_saved_at: Date | null;
  definition: FlowDefinition | null;
}

const flowsWithVersion = (ctx: Context) =>
  ctx.db
    .selectFrom('flows')
    .leftJoin('flow_versions', 'flow_versions.id', 'flows.version_id')
    .selectAll('flows')
    .select([
      'flow_versions.number as version_number',
      'flow_versions.saved_at as version_saved_at',
      'flow_versions.definition',
    ]);

export async function readFlows(ctx: Context): Promise<FlowRow[]> {
  return flowsWithVersion(ctx).where('deleted_at', 'is', null).orderBy('flows.created_at', 'desc').execute();
}

export async function readFlow(ctx: Context, id: string, options: { deleted?: boolean } = {}): Promise<FlowRow> {
  const row = await flowsWithVersion(ctx)
    .where('flows.id', '=', id)
    .$if(options.deleted !== true, (query) => query.where('deleted_at', 'is', null))
    .executeTakeFirst();
  if (row) return row;
  throw noSuchFlow();
}

const noSuchFlow = () =>
  new Problem({
    status: 404,
    code: 'flow.not_found',
    text: { en: 'There is no such flow.', ru: 'Такой связки нет.' },
  });

export async function insertFlow(
  ctx: Context,
  flow: { id: string; name: string; ownerId: string; draft: FlowDraft },
): Promise<void> {
  await ctx.db
    .insertInto('flows')
    .values({ id: flow.id, name: flow.name, owner_id: flow.ownerId, draft: toJsonb(flow.draft) })
    .execute();
}

/** False: somebody saved a newer draft meanwhile. */
export async function writeDraft(
  ctx: Context,
  input: { id: string; draft: FlowDraft; draftNumber: number | undefined },
): Promise<boolean> {
  const { numUpdatedRows } = await ctx.db
    .updateTable('flows')
    .set((eb) => ({ draft: toJsonb(input.draft), draft_number: eb('draft_number', '+', 1) }))
    .where('id', '=', input.id)
    .$if(input.draftNumber !== undefined, (query) => query.where('draft_number', '=', input.draftNumber ?? 0))
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Locks the row of a flow for this transaction: saves, starts, stops and pauses of one flow come one after the other. */
export async function lockFlow(client: PoolClient, id: string): Promise<{ state: FlowState; draftNumber: number }> {
  const { rows } = await client.query<{ state: FlowState; draft_number: number }>(
    'select state, draft_number from flows where id = $1 and deleted_at is null for update',
    [id],
  );
  const [row] = rows;
  if (!row) throw noSuchFlow();
  return { state: row.state, draftNumber: row.draft_number };
}

/** Adds an immutable version of a flow whose row is locked. */
export async function insertVersion(
  client: PoolClient,
  input: { flowId: string; definition: FlowDefinition; by: string },
): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `insert into flow_versions (flow_id, number, definition, saved_by)
     select $1, coalesce(max(number), 0) + 1, $2::jsonb, $3 from flow_versions where flow_id = $1 returning id`,
    [input.flowId, toJsonb(input.definition), input.by],
  );
  return rows[0]?.id ?? '';
}
