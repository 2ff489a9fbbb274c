import type { Office } from './office.ts';

type Draft = Record<string, unknown>;

/** How the Webhook connector keeps records in its stand-in. */
export const itemSettings = (office: Office, change: Record<string, string> = {}): Record<string, string> => ({
  fields: 'name, phone:phone, email:email, note, amount:number, deal',
  createUrl: `${office.target.url}/items`,
  createIdPath: '$.item.id',
  findUrl: `${office.target.url}/items?name={name}&phone={phone}&email={email}&deal={deal}`,
  itemsPath: '$.items',
  updateUrl: `${office.target.url}/items/{id}`,
  ...change,
});

export const withHeader = { idempotencyHeader: 'Idempotency-Key' };

interface Change {
  trigger?: Draft;
  step?: Draft;
  settings?: Record<string, string>;
}

const template = (text: string) => ({ kind: 'template', text });

/** A call becomes a record over HTTP. The fields of a call are known once one was caught: see `postCall`. */
export const callToItem = (office: Office, change: Change = {}): Draft => ({
  trigger: { connection: office.connections.webhook, trigger: 'webhook.received', mode: 'realTime', ...change.trigger },
  steps: [
    {
      id: 'a1',
      connection: office.connections.webhook,
      action: 'item.create',
      settings: itemSettings(office, change.settings),
      mapping: {
        name: template('{{ trigger.name }}'),
        phone: template('{{ trigger.phone }}'),
        email: template('{{ trigger.email }}'),
        note: template('{{ trigger.note }}'),
      },
      ...change.step,
    },
  ],
});

/** A changed deal becomes a record over HTTP. */
export const dealToItem = (office: Office, change: Change = {}): Draft => ({
  trigger: { connection: office.connections.bitrix24, trigger: 'deal.changed', mode: 'realTime', ...change.trigger },
  steps: [
    {
      id: 'a1',
      connection: office.connections.webhook,
      action: 'item.create',
      settings: itemSettings(office, change.settings),
      mapping: {
        name: template('{{ trigger.title }}'),
        note: template('{{ trigger.comments }}'),
        deal: template('{{ trigger.id }}'),
      },
      ...change.step,
    },
  ],
});

/** A call becomes a deal. */
export const callToDeal = (office: Office, step: Draft = {}): Draft => ({
  trigger: { connection: office.connections.webhook, trigger: 'webhook.received', mode: 'realTime' },
  steps: [
    {
      id: 'a1',
      connection: office.connections.bitrix24,
      action: 'deal.create',
      mapping: { title: template('{{ trigger.name }}') },
      ...step,
    },
  ],
});

export const aCall = { name: 'Анна', phone: '+7 916 000-00-00', email: 'anna@example.com', note: 'Перезвонить' };

/** Some app calls the Webhook connection's address. */
export function postCall(
  office: Office,
  body: unknown = aCall,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(office.hooks.webhook, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}
