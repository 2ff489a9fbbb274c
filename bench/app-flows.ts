import { connectionsApi } from '../server/connections/contract.ts';
import { type FlowDraft, flowDraft, flowsApi } from '../server/flows/contract.ts';
import { settingsApi } from '../server/settings/contract.ts';
import { callerOf } from '../server/testing/call.ts';
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

/** Connects the Webhook connector and starts the flow; gives the inbound address. The brake is put out of the way. */
export async function prepareApp(app: App, target: string, options: { flows?: number } = {}): Promise<string> {
  const call = callerOf(app.url, { authorization: `Bearer ${app.key}` });
  await call(settingsApi.patchSettings, { body: { brakePerHour: 1_000_000 } });
  const add = () =>
    call(connectionsApi.postConnection, {
      body: { connector: 'webhook', auth: 'none', name: 'bench', fields: {}, secrets: {}, endpoints: {}, check: false },
    });
  const connection = await add();
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
  for (let n = 1; n < (options.flows ?? 1); n += 1) {
    const other = await add();
    await startFlow(call, `flow ${n}`, draftOf(other.id, target));
  }
  await startFlow(call, 'bench', draftOf(connection.id, target));
  return address;
}

async function startFlow(call: ReturnType<typeof callerOf>, name: string, draft: FlowDraft): Promise<void> {
  const flow = await call(flowsApi.postFlow, { body: { name, draft } });
  await call(flowsApi.startFlow, { params: { id: flow.id }, body: {} });
}
