import type { Selectable } from 'kysely';
import type { Context } from '../context.ts';
import { toJsonb } from '../db/jsonb.ts';
import type { Tables } from '../db/tables.ts';
import { Problem } from '../http/problem.ts';
import type { FlowDefinition, FlowDraft } from './contract.ts';

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
  throw new Problem({
    status: 404,
    code: 'flow.not_found',
    text: { en: 'There is no such flow.', ru: 'Такой связки нет.' },
  });
}

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

/** Adds an immutable version and makes it the flow's own, unless `current` is false: a trial that is really sent. */
export async function insertVersion(
  ctx: Context,
  input: { flowId: string; definition: FlowDefinition; by: string; current?: boolean },
): Promise<string> {
  return ctx.db.transaction().execute(async (tx) => {
    // The row of the flow serialises two saves of one flow.
    await tx.selectFrom('flows').select('id').where('id', '=', input.flowId).forUpdate().execute();
    const { last } = await tx
      .selectFrom('flow_versions')
      .select((eb) => eb.fn.max('number').as('last'))
      .where('flow_id', '=', input.flowId)
      .executeTakeFirstOrThrow();
    const { id } = await tx
      .insertInto('flow_versions')
      .values({
        flow_id: input.flowId,
        number: (last ?? 0) + 1,
        definition: toJsonb(input.definition),
        saved_by: input.by,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    if (input.current === false) return id;
    await tx
      .updateTable('flows')
      .set({ version_id: id, draft: toJsonb(input.definition) })
      .where('id', '=', input.flowId)
      .execute();
    return id;
  });
}
