import { connectionsApi } from '../server/connections/contract.ts';
import { type FlowDraft, flowDraft, flowsApi } from '../server/flows/contract.ts';
import { settingsApi } from '../server/settings/contract.ts';
import { type Call, callerOf } from '../server/testing/call.ts';
import type { App } from './processes.ts';

const text = (template: string) => ({ kind: 'template' as const, text: template });

/** The flow of the benchmark: webhook in, filter, six mapped fields, search by GET, create by POST. */
function draftOf(connection: string, target: string): FlowDraft {
  return flowDraft.parse({
    trigger: { connection, trigger: 'webhook.received', mode: 'realTime' },
    filter: { combinator: 'and', rules: [{ field: 'stage', operator: 'startsWith', value: 'service' }] },
    steps: [
      {
        id: 'a1',
        connection,
        action: 'item.create',
        settings: {
          fields: 'title,name,email,phone,amount,comment',
          findUrl: `${target}/items?email={email}`,
          itemsPath: '$[*]',
          idPath: '$.id',
          createUrl: `${target}/items`,
          createIdPath: '$.id',
        },
        mapping: {
          title: text('Заявка {{ trigger.name }}'),
          name: text('{{ trigger.name }}'),
          email: text('{{ trigger.email }}'),
          phone: text('{{ trigger.phone }}'),
          amount: text('{{ trigger.amount }}'),
          comment: text('{{ trigger.comment }}'),
        },
        duplicates: { mode: 'skip', keys: [{ field: 'email', template: '{{ trigger.email }}' }] },
      },
    ],
  });
}

const callerOfApp = (app: App) => callerOf(app.url, { authorization: `Bearer ${app.key}` });

const addConnection = (call: Call) =>
  call(connectionsApi.postConnection, {
    body: { connector: 'webhook', auth: 'none', name: 'bench', fields: {}, secrets: {}, endpoints: {}, check: false },
  });

/** Connects the Webhook connector and starts the flow; gives the inbound address. The brake is put out of the way. */
export async function prepareApp(app: App, target: string): Promise<string> {
  const call = callerOfApp(app);
  await call(settingsApi.patchSettings, { body: { brakePerHour: 1_000_000 } });
  const connection = await addConnection(call);
  const address = `${app.url}${new URL(connection.hook?.address ?? '').pathname}`;
  // One call shows what calls look like, so that the fields are known.
  await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      id: 'sample',
      name: 'a',
      email: 'a@example.com',
      phone: '+79990000000',
      amount: 1,
      stage: 'x',
      comment: '',
    }),
  });
  await startFlow(call, 'bench', draftOf(connection.id, target));
  return address;
}

/** Started flows beside the one that is measured, each with a connection of its own. */
export async function addFlows(app: App, target: string, count: number): Promise<void> {
  const call = callerOfApp(app);
  for (let n = 0; n < count; n += 1) {
    const { id } = await addConnection(call);
    await startFlow(call, `flow ${n}`, draftOf(id, target));
  }
}

async function startFlow(call: Call, name: string, draft: FlowDraft): Promise<void> {
  const flow = await call(flowsApi.postFlow, { body: { name, draft } });
  await call(flowsApi.startFlow, { params: { id: flow.id }, body: {} });
}
