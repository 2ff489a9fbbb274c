import type { Office } from './office.ts';

const template = (text: string) => ({ kind: 'template', text });
const byPhone = { mode: 'upsert', keys: [{ field: 'phone', template: '{{ trigger.phone }}' }] };

/** A contact of Bitrix24 is kept the same in HubEx. */
export const contactsToHubex = (office: Office, mode: 'realTime' | 'poll' = 'realTime') => ({
  trigger: { connection: office.connections.bitrix24, trigger: 'contact.createdOrChanged', mode },
  steps: [
    {
      id: 'a1',
      connection: office.connections.hubex,
      action: 'contact.create',
      mapping: {
        fullName: template('{{ trigger.lastName }} {{ trigger.name }}'),
        phone: template('{{ trigger.phone }}'),
        position: template('{{ trigger.post }}'),
      },
      duplicates: byPhone,
    },
  ],
});

/** And back. */
export const contactsToBitrix24 = (office: Office) => ({
  trigger: { connection: office.connections.hubex, trigger: 'contact.createdOrChanged', mode: 'poll' },
  steps: [
    {
      id: 'a1',
      connection: office.connections.bitrix24,
      action: 'contact.create',
      mapping: {
        lastName: template("{{ trigger.fullName | split: ' ' | first }}"),
        name: template("{{ trigger.fullName | split: ' ' | last }}"),
        phone: template('{{ trigger.phone }}'),
        post: template('{{ trigger.position }}'),
      },
      duplicates: byPhone,
    },
  ],
});
