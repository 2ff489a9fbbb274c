import {
  type BpmonlineStandIn,
  type CreatioStandIn,
  startBpmonlineStandIn,
  startCreatioStandIn,
} from '../../../connectors/creatio/stand-in.ts';
import { connectionsApi } from '../../connections/contract.ts';
import type { TestServerOptions } from '../../testing/index.ts';
import { type Office, openOffice } from './office.ts';

/** The office with a Creatio and a bpm'online beside its other apps, connected. */
export interface CreatioOffice extends Office {
  creatio: CreatioStandIn;
  bpmonline: BpmonlineStandIn;
  crm: { creatio: string; bpmonline: string };
  /** The business process of Creatio that calls us, for tests that switch it off and on. */
  process: { url: string; secret: string; objects: string[] };
  /** Runs of all flows that ended in a write, for "nothing goes on by itself". */
  writes(): number;
}

const secret = 'secret-of-the-process';

export async function openCreatioOffice(options: TestServerOptions = {}): Promise<CreatioOffice> {
  const [creatio, bpmonline] = await Promise.all([startCreatioStandIn(), startBpmonlineStandIn()]);
  const office = await openOffice(options);
  const { call } = office.server;
  const add = (connector: string, standIn: CreatioStandIn | BpmonlineStandIn) =>
    call(connectionsApi.postConnection, {
      body: {
        connector,
        name: connector,
        auth: 'password',
        fields: { address: standIn.url, userName: standIn.gate.userName },
        secrets: { password: standIn.gate.password, webhookSecret: secret },
        endpoints: {},
        check: true,
      },
    });
  const creatioConnection = await add('creatio', creatio);
  const bpmonlineConnection = await add('bpmonline', bpmonline);
  // A business process of the user's: cases and contacts call as they are saved.
  const path = new URL(creatioConnection.hook?.address ?? '').pathname;
  const process = { url: `${office.server.url}${path}`, secret, objects: ['Contact', 'Case'] };
  creatio.processes.register(process);
  const settle = async (): Promise<void> => {
    await creatio.processes.settled();
    await office.settle();
    await creatio.processes.settled();
    await office.settle();
  };
  return {
    ...office,
    creatio,
    bpmonline,
    crm: { creatio: creatioConnection.id, bpmonline: bpmonlineConnection.id },
    process,
    settle,
    async askAgain() {
      await office.askAgain();
      await settle();
    },
    writes: () =>
      [creatio, bpmonline].flatMap(({ requests }) => requests).filter(isWrite).length +
      office.bitrix24.requests.filter(({ path: asked }) => /item\.(add|update)|contact\.update/.test(asked)).length,
    async stop() {
      await creatio.processes.settled();
      await office.stop();
      await Promise.all([creatio.stop(), bpmonline.stop()]);
    },
  };
}

const isWrite = ({ method, path }: { method: string; path: string }): boolean =>
  method !== 'GET' && !/Login$|\$batch$|RuntimeEntitySchemaRequest$/.test(path);

const template = (text: string) => ({ kind: 'template', text });
const phoneThenEmail = (phone: string, email: string) => [
  { field: 'phones', template: phone },
  { field: 'emails', template: email },
];

/** Bitrix24 contact → Creatio contact: found by phone, then by e-mail; only empty fields are filled. */
export const bitrixToCreatio = (office: CreatioOffice, fields: Record<string, string> = {}) => ({
  trigger: { connection: office.connections.bitrix24, trigger: 'contact.createdOrChanged', mode: 'realTime' },
  steps: [
    {
      id: 'a1',
      connection: office.crm.creatio,
      action: 'contact.create',
      mapping: {
        Name: template('{{ trigger.lastName }} {{ trigger.name }}'),
        MobilePhone: template('{{ trigger.phone }}'),
        Email: template('{{ trigger.email }}'),
        JobTitle: template('{{ trigger.post }}'),
      },
      duplicates: {
        mode: 'upsert',
        several: 'first',
        keys: phoneThenEmail('{{ trigger.phone }}', '{{ trigger.email }}'),
        fields,
      },
    },
  ],
});

/** A contact of a CRM of the family → Bitrix24 contact. */
export const crmToBitrix = (
  office: CreatioOffice,
  from: { connection: string; trigger: string; mode: 'realTime' | 'poll' },
) => ({
  trigger: from,
  steps: [
    {
      id: 'a1',
      connection: office.connections.bitrix24,
      action: 'contact.create',
      mapping: {
        name: template('{{ trigger.GivenName }}'),
        lastName: template('{{ trigger.Surname }}'),
        phone: template('{{ trigger.MobilePhone }}'),
        email: template('{{ trigger.Email }}'),
        post: template('{{ trigger.JobTitle }}'),
      },
      duplicates: {
        mode: 'upsert',
        several: 'first',
        keys: [
          { field: 'phone', template: '{{ trigger.MobilePhone }}' },
          { field: 'email', template: '{{ trigger.Email }}' },
        ],
        fields: {},
      },
    },
  ],
});

/** A case handed to the engineers becomes a task. */
export const caseToTask = (office: CreatioOffice, status: string) => ({
  trigger: { connection: office.crm.creatio, trigger: 'case.enteredStatus', mode: 'poll', settings: { status } },
  steps: [
    {
      id: 'a1',
      connection: office.connections.hubex,
      action: 'task.create',
      mapping: {
        taskType: { kind: 'constant', value: { id: '1', label: '' } },
        contactPerson: template('{{ trigger.Contact.Name }}'),
        contactPhone: template('{{ trigger.Contact.MobilePhone }}'),
        notes: template('{{ trigger.Subject }}\n{{ trigger.Symptoms }}'),
        erpID: template('{{ trigger.Number }}'),
      },
      duplicates: { mode: 'skip', keys: [{ field: 'erpID', template: '{{ trigger.Number }}' }] },
    },
  ],
});

/** The finished task moves its case and brings what was done. */
export const taskToCase = (office: CreatioOffice) => ({
  trigger: { connection: office.connections.hubex, trigger: 'task.completed', mode: 'poll' },
  steps: [
    {
      id: 'a1',
      connection: office.crm.creatio,
      action: 'case.update',
      mapping: {
        Status: { kind: 'constant', value: { id: office.creatio.valueOf('CaseStatus', 'Решено'), label: 'Решено' } },
        Solution: template('{{ trigger.finishComment }}'),
        UsrVisitCost: template('{{ trigger.actualCost }}'),
      },
      duplicates: { mode: 'update', keys: [] },
    },
  ],
});

/** A form of the site becomes a lead. */
export const formToLead = (office: CreatioOffice) => ({
  trigger: { connection: office.connections.webhook, trigger: 'webhook.received', mode: 'realTime' },
  steps: [
    {
      id: 'a1',
      connection: office.crm.creatio,
      action: 'lead.create',
      mapping: {
        Contact: template('{{ trigger.name }}'),
        MobilePhone: template('{{ trigger.phone }}'),
        Email: template('{{ trigger.email }}'),
        Commentary: template('{{ trigger.note }}'),
        LeadType: { kind: 'constant', value: { id: office.creatio.valueOf('LeadType', 'Ремонт'), label: 'Ремонт' } },
      },
      duplicates: { mode: 'skip', keys: [{ field: 'Email', template: '{{ trigger.email }}' }] },
    },
  ],
});
