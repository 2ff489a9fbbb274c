import type { FastifyInstance } from 'fastify';
import { readConnections } from '../connections/index.ts';
import type { Context } from '../context.ts';
import { notFound } from '../http/problem.ts';
import { route } from '../http/route.ts';
import { countAttention, dismissMany, listAttention, rerunMany } from './attention.ts';
import { countBackfill, moveBackfill, viewBackfill } from './backfill.ts';
import { attentionApi, backfillApi, flowsApi, pairsApi, runsApi } from './contract.ts';
import { decideRun, retryNow } from './decide.ts';
import { giveUp } from './give-up.ts';
import { readBodyDays, setBodyDays } from './history/bodies.ts';
import { listRuns, viewRun } from './history/runs.ts';
import { listPairs, unlinkPairs } from './pairs/list.ts';
import { previewRerun } from './preview.ts';
import { rerun } from './rerun.ts';
import { templates } from './templates.ts';
import { countPassing, tryDraft } from './trial.ts';
import { formulaTexts } from './values/formula-list.ts';
import {
  copyFlow,
  createFlow,
  deleteFlow,
  discardDraft,
  renameFlow,
  restoreFlow,
  saveDraft,
  saveVersion,
  startFlow,
  stopFlow,
} from './verbs.ts';
import { listFlows, viewFlow } from './views.ts';

export function routes(app: FastifyInstance, ctx: Context): void {
  flowRoutes(app, ctx);
  runRoutes(app, ctx);
  attentionRoutes(app, ctx);
  backfillRoutes(app, ctx);
  pairRoutes(app, ctx);
}

function flowRoutes(app: FastifyInstance, ctx: Context): void {
  route(app, flowsApi.listFlows, ({ query, person }) =>
    listFlows(ctx, { state: query.state, app: query.app, owner: query.mine === 'true' ? person.id : undefined }),
  );
  route(app, flowsApi.getFlow, ({ params }) => viewFlow(ctx, params.id));
  route(app, flowsApi.postFlow, async ({ body, person }) => {
    const draft = body.template === undefined ? body.draft : await draftOfTemplate(ctx, body.template);
    return viewFlow(ctx, await createFlow(ctx, { name: body.name, ...(draft ? { draft } : {}), by: person.id }));
  });
  route(app, flowsApi.patchFlow, async ({ params: { id }, body }) => {
    if (body.draft) await saveDraft(ctx, { id, draft: body.draft, draftNumber: body.draftNumber });
    if (body.name !== undefined) await renameFlow(ctx, { id, name: body.name });
    return viewFlow(ctx, id);
  });
  route(app, flowsApi.saveFlow, async ({ params: { id }, person }) => {
    await saveVersion(ctx, { id, by: person.id });
    return viewFlow(ctx, id);
  });
  route(app, flowsApi.discardDraft, async ({ params: { id } }) => {
    await discardDraft(ctx, id);
    return viewFlow(ctx, id);
  });
  route(app, flowsApi.startFlow, async ({ params: { id }, body, person }) => {
    await startFlow(ctx, { id, by: person.id, missed: body.missed });
    return viewFlow(ctx, id);
  });
  route(app, flowsApi.stopFlow, async ({ params: { id } }) => {
    await stopFlow(ctx, id);
    return viewFlow(ctx, id);
  });
  route(app, flowsApi.getFlowHistory, ({ params: { id } }) => readBodyDays(ctx, id));
  route(app, flowsApi.patchFlowHistory, ({ params: { id }, body }) => setBodyDays(ctx, { id, ...body }));
  route(app, flowsApi.copyFlow, async ({ params: { id }, person }) =>
    viewFlow(ctx, await copyFlow(ctx, { id, by: person.id })),
  );
  route(app, flowsApi.deleteFlow, ({ params: { id } }) => deleteFlow(ctx, id));
  route(app, flowsApi.restoreFlow, async ({ params: { id } }) => {
    await restoreFlow(ctx, id);
    return viewFlow(ctx, id);
  });
  route(app, flowsApi.postTrial, ({ body, person }) => tryDraft(ctx, { ...body, by: person.id }));
  route(app, flowsApi.postFilterCount, ({ body }) => countPassing(ctx, body.draft));
  route(app, flowsApi.listTemplates, async () =>
    templates.map(({ key, name, about, apps }) => ({ key, name, about, apps })),
  );
  route(app, flowsApi.listFormulas, async () => formulaTexts);
}

async function draftOfTemplate(ctx: Context, key: string) {
  const template = templates.find((candidate) => candidate.key === key);
  if (!template) throw notFound({ en: 'There is no such ready-made flow.', ru: 'Такой готовой связки нет.' });
  const byConnector: Record<string, string[]> = {};
  for (const { id, connector } of await readConnections(ctx))
    byConnector[connector] = [...(byConnector[connector] ?? []), id];
  return template.build(byConnector);
}

function runRoutes(app: FastifyInstance, ctx: Context): void {
  route(app, runsApi.listRuns, ({ query }) =>
    listRuns(ctx, {
      filter: {
        flow: query.flow,
        states: query.states === undefined || query.states === '' ? undefined : query.states.split(','),
        from: query.from === undefined ? undefined : new Date(query.from),
        to: query.to === undefined ? undefined : new Date(query.to),
        q: query.q,
      },
      after: query.after,
      limit: query.limit,
    }),
  );
  route(app, runsApi.getRun, ({ params }) => viewRun(ctx, params.id));
  route(app, runsApi.rerun, async ({ params, body, person }) => ({
    id: await rerun(ctx, { id: params.id, ...body, by: person.name }),
  }));
  route(app, runsApi.decideRun, async ({ params, body, person }) => {
    await decideRun(ctx, { id: params.id, ...body, by: person.name });
    return { id: params.id };
  });
  route(app, runsApi.retryRun, ({ params }) => retryNow(ctx, params.id));
  route(app, runsApi.giveUpRun, ({ params, person }) => giveUp(ctx, { id: params.id, by: person.name }));
}

function attentionRoutes(app: FastifyInstance, ctx: Context): void {
  route(app, attentionApi.listAttention, () => listAttention(ctx));
  route(app, attentionApi.countAttention, async () => ({ count: await countAttention(ctx) }));
  route(app, attentionApi.rerunMany, ({ body: { filter, after, cause, ...how } }) =>
    rerunMany(ctx, {
      ...how,
      cause,
      after,
      filter: filter && {
        ...filter,
        from: filter.from === undefined ? undefined : new Date(filter.from),
        to: filter.to === undefined ? undefined : new Date(filter.to),
      },
    }),
  );
  route(app, attentionApi.dismissMany, ({ body, person }) =>
    dismissMany(ctx, { ...body, after: body.after, by: person.name }),
  );
  route(app, attentionApi.previewRerun, ({ params, body, person }) =>
    previewRerun(ctx, { id: params.id, ...body, by: person.name }),
  );
}

function backfillRoutes(app: FastifyInstance, ctx: Context): void {
  const view = async (flowId: string) => {
    const backfill = await viewBackfill(ctx, flowId);
    if (!backfill) throw notFound();
    return backfill;
  };
  route(app, backfillApi.getBackfill, ({ params }) => viewBackfill(ctx, params.id));
  route(app, backfillApi.postBackfill, async ({ params, body, person }) => {
    await countBackfill(ctx, { flowId: params.id, since: new Date(body.since), by: person.id });
    return view(params.id);
  });
  route(app, backfillApi.moveBackfill, async ({ params }) => {
    await moveBackfill(ctx, { flowId: params.id, move: params.move });
    return view(params.id);
  });
}

function pairRoutes(app: FastifyInstance, ctx: Context): void {
  route(app, pairsApi.listPairs, ({ params, query }) => listPairs(ctx, { flowId: params.id, ...query }));
  route(app, pairsApi.unlinkPairs, ({ params, body, person }) =>
    unlinkPairs(ctx, { flowId: params.id, pairs: body.pairs, by: person.id }),
  );
}
