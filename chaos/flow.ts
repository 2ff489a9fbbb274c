import { connectionsApi } from '../server/connections/contract.ts';
import { type FlowDraft, flowDraft, flowsApi } from '../server/flows/contract.ts';
import { settingsApi } from '../server/settings/contract.ts';
import { type Call, callerOf } from '../server/testing/call.ts';
import { bodyOf } from './events.ts';

const text = (template: string) => ({ kind: 'template' as const, text: template });

export interface FlowOptions {
  /** The target knows the header against repeats. */
  repeatable: boolean;
  /** `skip`: look for the client first, one record each. `create`: a record for each event, without looking. */
  duplicates: 'skip' | 'create';
}

export interface Prepared {
  /** Where the sender posts. */
  address: string;
  flowId: string;
}

/** Webhook in, filter, six mapped fields, the duplicate rule, create by POST; the id of a call stands at `$.id`. */
function draftOf(connection: string, target: string, options: FlowOptions): FlowDraft {
  return flowDraft.parse({
    trigger: { connection, trigger: 'webhook.received', mode: 'realTime' },
    filter: { combinator: 'and', rules: [{ field: 'stage', operator: 'startsWith', value: 'service' }] },
    steps: [
      {
        id: 'a1',
        connection,
        action: 'item.create',
        settings: {
          fields: 'client,title,name,email,amount:number,comment',
          findUrl: `${target}/items?client={client}`,
          itemsPath: '$[*]',
          idPath: '$.id',
          createUrl: `${target}/items`,
          createIdPath: '$.id',
          ...(options.repeatable ? { idempotencyHeader: 'Idempotency-Key' } : {}),
        },
        mapping: {
          client: text(options.duplicates === 'skip' ? '{{ trigger.client }}' : '{{ trigger.id }}'),
          title: text('Заявка {{ trigger.name }}'),
          name: text('{{ trigger.name }}'),
          email: text('{{ trigger.email }}'),
          amount: text('{{ trigger.amount }}'),
          comment: text('{{ trigger.comment }}'),
        },
        duplicates:
          options.duplicates === 'skip'
            ? { mode: 'skip', keys: [{ field: 'client', template: '{{ trigger.client }}' }] }
            : { mode: 'create', keys: [] },
      },
    ],
  });
}

/** Connects the Webhook connector on both sides and starts the flow. The brake is put out of the way. */
export async function prepareFlow(
  app: { url: string; key: string },
  target: string,
  options: FlowOptions,
): Promise<Prepared> {
  const call = callerOf(app.url, { authorization: `Bearer ${app.key}` });
  await call(settingsApi.patchSettings, { body: { brakePerHour: 1_000_000 } });
  const connection = await call(connectionsApi.postConnection, {
    body: {
      connector: 'webhook',
      auth: 'none',
      name: 'chaos',
      fields: { idPath: '$.id' },
      secrets: {},
      endpoints: {},
      check: false,
    },
  });
  const address = `${app.url}${new URL(connection.hook?.address ?? '').pathname}`;
  // One call shows what calls look like, so that the fields are known; no flow listens yet.
  await fetch(address, { method: 'POST', headers: { 'content-type': 'application/json' }, body: bodyOf(1) });
  const flowId = await startFlow(call, 'chaos', draftOf(connection.id, target, options));
  return { address, flowId };
}

/** Makes and starts a flow; gives its id. */
export async function startFlow(call: Call, name: string, draft: FlowDraft): Promise<string> {
  const flow = await call(flowsApi.postFlow, { body: { name, draft } });
  await call(flowsApi.startFlow, { params: { id: flow.id }, body: {} });
  return flow.id;
}
