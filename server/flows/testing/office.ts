import { type Bitrix24StandIn, startBitrix24StandIn } from '../../../connectors/bitrix24/stand-in.ts';
import { type HubexStandIn, startHubexStandIn } from '../../../connectors/hubex/stand-in.ts';
import { serveWebhookStandIn, type WebhookStandIn } from '../../../connectors/webhook/stand-in.ts';
import { connectionsApi } from '../../connections/contract.ts';
import { startTestServer, type TestServer, type TestServerOptions } from '../../testing/index.ts';
import { type Flow, type FlowDraft, flowDraft, flowsApi, type Run, type RunSummary, runsApi } from '../contract.ts';

/** A server with its three apps on real sockets, connected. */
export interface Office {
  server: TestServer;
  bitrix24: Bitrix24StandIn;
  hubex: HubexStandIn;
  target: WebhookStandIn;
  connections: { bitrix24: string; hubex: string; webhook: string };
  /** The inbound addresses by connector. */
  hooks: { bitrix24: string; hubex: string; webhook: string };
  /** Makes, saves and starts a flow. */
  startFlow(name: string, draft: Record<string, unknown>): Promise<Flow>;
  /** Lets the outgoing calls of the apps arrive, and works until nothing is left. */
  settle(): Promise<void>;
  /** Lets every polled trigger ask again, and works until nothing is left. */
  askAgain(): Promise<void>;
  runsOf(flow: Flow): Promise<RunSummary[]>;
  run(id: string): Promise<Run>;
  stop(): Promise<void>;
}

export async function openOffice(options: TestServerOptions = {}): Promise<Office> {
  const [bitrix24, hubex, target] = await Promise.all([
    startBitrix24StandIn({ limited: false }),
    startHubexStandIn(),
    serveWebhookStandIn(),
  ]);
  const server = await startTestServer(options);
  const { call } = server;
  const add = (connector: string, form: Record<string, unknown>) =>
    call(connectionsApi.postConnection, {
      body: { connector, name: connector, fields: {}, secrets: {}, endpoints: {}, check: true, auth: '', ...form },
    });
  const bitrix24Connection = await add('bitrix24', {
    auth: 'webhook',
    secrets: { webhookUrl: bitrix24.webhookUrl, applicationToken: bitrix24.applicationToken },
    endpoints: { rest: bitrix24.restBase },
  });
  const hubexConnection = await add('hubex', {
    auth: 'serviceToken',
    fields: { callsPerMinute: 6000 },
    secrets: { serviceToken: hubex.serviceToken },
    endpoints: { api: hubex.apiUrl },
  });
  const webhookConnection = await add('webhook', { auth: 'none', check: false });
  const hookOf = (connection: { hook: { address: string } | null }) =>
    `${server.url}${new URL(connection.hook?.address ?? '').pathname}`;
  const hooks = {
    bitrix24: hookOf(bitrix24Connection),
    hubex: hookOf(hubexConnection),
    webhook: hookOf(webhookConnection),
  };
  bitrix24.hooks.register({ url: hooks.bitrix24, token: bitrix24.applicationToken });
  async function settle() {
    // As if a while had passed: tests need not wait for the two calls a second that a portal allows.
    await server.ctx.pool.query('update limiter_buckets set level = 0');
    await bitrix24.hooks.settled();
    await server.processAll();
    await bitrix24.hooks.settled();
    await server.processAll();
  }
  return {
    server,
    bitrix24,
    hubex,
    target,
    connections: { bitrix24: bitrix24Connection.id, hubex: hubexConnection.id, webhook: webhookConnection.id },
    hooks,
    async startFlow(name, draft) {
      const flow = await call(flowsApi.postFlow, { body: { name, draft: flowDraft.parse(draft) as FlowDraft } });
      const started = await call(flowsApi.startFlow, { params: { id: flow.id }, body: {} });
      // The first ask of a fresh trigger sets its cursor.
      await server.processAll();
      return started;
    },
    settle,
    async askAgain() {
      await server.ctx.pool.query('update triggers set next_ask_at = now() where active');
      await settle();
    },
    runsOf: async (flow) => (await call(runsApi.listRuns, { query: { flow: flow.id, limit: 200 } })).items,
    run: (id) => call(runsApi.getRun, { params: { id } }),
    async stop() {
      await server.stop();
      await Promise.all([bitrix24.stop(), hubex.stop(), target.stop()]);
    },
  };
}

/** The way there of the manual: a deal that enters «Сервисная служба» becomes a task. */
export const dealToTask = (office: Office, change: Record<string, unknown> = {}): Record<string, unknown> => ({
  trigger: { connection: office.connections.bitrix24, trigger: 'deal.changed', mode: 'realTime', once: true },
  filter: {
    combinator: 'and',
    rules: [{ field: 'stage', operator: 'startsWith', value: 'Сервисная служба' }],
  },
  steps: [
    {
      id: 'a1',
      connection: office.connections.hubex,
      action: 'task.create',
      mapping: {
        taskType: { kind: 'constant', value: { id: '1', label: '' } },
        contactPerson: { kind: 'template', text: '{{ trigger.contact.name }} {{ trigger.contact.lastName }}' },
        contactPhone: { kind: 'template', text: '{{ trigger.contact.phone | default: trigger.company.phone }}' },
        contactEmail: { kind: 'template', text: '{{ trigger.contact.email | default: trigger.company.email }}' },
        address: { kind: 'template', text: '{{ trigger.contact.address | default: trigger.company.address }}' },
        notes: { kind: 'template', text: '{{ trigger.comments }}' },
        erpID: { kind: 'template', text: '{{ trigger.id }}' },
      },
      duplicates: { mode: 'skip', keys: [{ field: 'erpID', template: '{{ trigger.id }}' }] },
    },
  ],
  ...change,
});

/** The way back of the manual: a completed task moves its deal and brings date, cost and comment. */
export const taskToDeal = (office: Office, change: Record<string, unknown> = {}): Record<string, unknown> => ({
  trigger: { connection: office.connections.hubex, trigger: 'task.completed', mode: 'poll' },
  steps: [
    {
      id: 'a1',
      connection: office.connections.bitrix24,
      action: 'deal.update',
      mapping: {
        stage: {
          kind: 'table',
          source: '{{ trigger.stage }}',
          rows: [{ from: 'Выполнена', to: { id: 'C1:WON', label: 'Сервисная служба: выполнено' } }],
        },
        closedate: { kind: 'template', text: '{{ trigger.completed }}' },
        opportunity: { kind: 'template', text: '{{ trigger.actualCost }}' },
        comments: { kind: 'template', text: '{{ trigger.finishComment }}' },
      },
      duplicates: { mode: 'update', keys: [], fields: { comments: 'append' } },
    },
  ],
  ...change,
});
