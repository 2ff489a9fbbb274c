import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { recordCall } from '../../kit/call.ts';
import { asConnectorError } from '../../kit/errors.ts';
import type { FormValues } from '../../kit/form.ts';
import type { Text } from '../../kit/text.ts';
import type { Context } from '../context.ts';
import { Problem } from '../http/problem.ts';
import { route } from '../http/route.ts';
import { checkForm } from './check.ts';
import { connectionsApi } from './contract.ts';
import { diagnosed } from './doctor.ts';
import { actionFields, fieldsOf, triggerFields } from './fields.ts';
import { listActions, listTriggers, type OfferQuery } from './offers.ts';
import { connectorOf, openConnection } from './open.ts';
import { samplesOf } from './samples.ts';
import { addConnection, changeConnection, checkConnection, deleteConnection, mustReadConnection } from './save.ts';
import { describeConnector } from './shelf.ts';
import { viewConnection, viewConnections } from './views.ts';

export function routes(app: FastifyInstance, ctx: Context): void {
  const viewById = async (id: string) => viewConnection(ctx, await mustReadConnection(ctx, id));

  route(app, connectionsApi.listConnectors, async () => Object.values(ctx.shelf).map(describeConnector));
  route(app, connectionsApi.listConnections, () => viewConnections(ctx));
  route(app, connectionsApi.getConnection, ({ params }) => viewById(params.id));
  route(app, connectionsApi.postConnection, async ({ body: { check, ...form }, person }) =>
    viewById(await addConnection(ctx, { form, check, by: person.id })),
  );
  route(app, connectionsApi.patchConnection, async ({ params, body }) => {
    const { check, sameAccount, ...change } = body;
    await changeConnection(ctx, { id: params.id, change: definedOnly(change), check, sameAccount });
    return viewById(params.id);
  });
  route(app, connectionsApi.deleteConnection, ({ params }) => deleteConnection(ctx, params.id));

  route(app, connectionsApi.checkConnection, async ({ params }) =>
    answerOf(() => checkConnection(ctx, params.id), (await mustReadConnection(ctx, params.id)).valid_until),
  );
  route(app, connectionsApi.checkNewConnection, ({ body }) =>
    answerOf(async () =>
      checkForm(ctx, { ...body, connector: connectorOf(ctx, body.connector), fields: body.fields as FormValues }),
    ),
  );

  route(app, connectionsApi.listTriggers, ({ params, query }) =>
    asked(async () => listTriggers(await openConnection(ctx, params.id), offerQuery(query))),
  );
  route(app, connectionsApi.listActions, ({ params, query }) =>
    asked(async () => listActions(await openConnection(ctx, params.id), offerQuery(query))),
  );
  route(app, connectionsApi.listFields, ({ params, query }) =>
    asked(async () =>
      fieldsOf(ctx, {
        connection: await openConnection(ctx, params.id),
        recordType: params.recordType,
        fresh: query.fresh === 'true',
      }),
    ),
  );
  route(app, connectionsApi.postTriggerFields, ({ params, body }) =>
    asked(async () =>
      triggerFields(ctx, {
        ...body,
        settings: body.settings as FormValues,
        connection: await openConnection(ctx, params.id),
      }),
    ),
  );
  route(app, connectionsApi.postActionFields, ({ params, body }) =>
    asked(async () =>
      actionFields(ctx, {
        ...body,
        settings: body.settings as FormValues,
        connection: await openConnection(ctx, params.id),
      }),
    ),
  );
  route(app, connectionsApi.postSamples, ({ params, body }) =>
    asked(async () =>
      samplesOf(ctx, {
        ...body,
        settings: body.settings as FormValues,
        connection: await openConnection(ctx, params.id),
      }),
    ),
  );
}

const offerQuery = (query: z.output<(typeof connectionsApi.listTriggers)['query']>): OfferQuery => ({
  ...query,
  keys: query.keys.split(',').filter((key) => key !== ''),
  fresh: query.fresh === 'true',
});

const definedOnly = <T extends object>(value: T): Partial<T> =>
  Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as Partial<T>;

/** A check that fails is an answer, not an error of ours. */
async function answerOf(check: () => Promise<{ label: string; warnings: Text[] }>, validUntil: string | null = null) {
  try {
    const { label, warnings } = await check();
    return { ok: true, account: label, failure: null, warnings };
  } catch (error) {
    if (error instanceof Problem) {
      return {
        ok: false,
        account: null,
        failure: diagnosed({ kind: 'rejected', code: error.code, text: error.text }, validUntil),
        warnings: [],
      };
    }
    const { kind, code, text } = asConnectorError(error);
    return { ok: false, account: null, failure: diagnosed({ kind, code, text }, validUntil), warnings: [] };
  }
}

/** What a person asks of the other side in passing: before polls and runs, and an outside failure is told as one. */
export async function asked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await recordCall({ priority: 'person', exchanges: [], signal: AbortSignal.timeout(60_000) }, work);
  } catch (error) {
    if (error instanceof Problem) throw error;
    const { code, text, kind } = asConnectorError(error);
    throw new Problem({ status: kind === 'rejected' || kind === 'gone' ? 422 : 502, code, text });
  }
}
