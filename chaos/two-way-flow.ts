import { connectionsApi } from '../server/connections/contract.ts';
import { flowDraft } from '../server/flows/contract.ts';
import { settingsApi } from '../server/settings/contract.ts';
import { callerOf } from '../server/testing/call.ts';
import type { Doors } from './crms.ts';
import { startFlow } from './flow.ts';

const text = (template: string) => ({ kind: 'template' as const, text: template });
const secret = 'secret-of-the-process';

export interface TwoWay {
  flowIds: string[];
  hooks: { bitrix24: string; creatio: string; secret: string };
}

/** Contacts of Bitrix24 and Creatio in step, both ways: found by phone, then by e-mail, else created. */
export async function prepareTwoWay(app: { url: string; key: string }, doors: Doors): Promise<TwoWay> {
  const call = callerOf(app.url, { authorization: `Bearer ${app.key}` });
  await call(settingsApi.patchSettings, { body: { brakePerHour: 1_000_000 } });
  const bitrix24 = await call(connectionsApi.postConnection, {
    body: {
      connector: 'bitrix24',
      name: 'bitrix24',
      auth: 'webhook',
      fields: {},
      secrets: { webhookUrl: doors.bitrix24.webhookUrl, applicationToken: doors.bitrix24.applicationToken },
      endpoints: { rest: doors.bitrix24.restBase },
      check: true,
    },
  });
  const creatio = await call(connectionsApi.postConnection, {
    body: {
      connector: 'creatio',
      name: 'creatio',
      auth: 'password',
      fields: { address: doors.creatio.url, userName: doors.creatio.userName },
      secrets: { password: doors.creatio.password, webhookSecret: secret },
      endpoints: {},
      check: true,
    },
  });
  const toCreatio = flowDraft.parse({
    trigger: { connection: bitrix24.id, trigger: 'contact.createdOrChanged', mode: 'realTime' },
    steps: [
      {
        id: 'a1',
        connection: creatio.id,
        action: 'contact.create',
        mapping: {
          Name: text('{{ trigger.lastName }} {{ trigger.name }}'),
          MobilePhone: text('{{ trigger.phone }}'),
          Email: text('{{ trigger.email }}'),
          JobTitle: text('{{ trigger.post }}'),
        },
        duplicates: {
          mode: 'upsert',
          several: 'stop',
          keys: [
            { field: 'phones', template: '{{ trigger.phone }}' },
            { field: 'emails', template: '{{ trigger.email }}' },
          ],
        },
      },
    ],
  });
  const toBitrix24 = flowDraft.parse({
    trigger: { connection: creatio.id, trigger: 'contact.createdOrChanged', mode: 'realTime' },
    steps: [
      {
        id: 'a1',
        connection: bitrix24.id,
        action: 'contact.create',
        mapping: {
          name: text('{{ trigger.GivenName }}'),
          lastName: text('{{ trigger.Surname }}'),
          phone: text('{{ trigger.MobilePhone }}'),
          email: text('{{ trigger.Email }}'),
          post: text('{{ trigger.JobTitle }}'),
        },
        duplicates: {
          mode: 'upsert',
          several: 'stop',
          keys: [
            { field: 'phone', template: '{{ trigger.MobilePhone }}' },
            { field: 'email', template: '{{ trigger.Email }}' },
          ],
        },
      },
    ],
  });
  const flowIds = [await startFlow(call, 'To Creatio', toCreatio), await startFlow(call, 'To Bitrix24', toBitrix24)];
  const hookOf = (connection: { hook: { address: string } | null }) =>
    `${app.url}${new URL(connection.hook?.address ?? '').pathname}`;
  return { flowIds, hooks: { bitrix24: hookOf(bitrix24), creatio: hookOf(creatio), secret } };
}
