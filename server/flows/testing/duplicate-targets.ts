import type { CreatioOffice } from './creatio-office.ts';
import { itemSettings } from './drafts.ts';

export interface Client {
  name: string;
  phone: string;
  email: string;
  note: string;
}

/** Where a client can be looked for and made, with its fields by our names. */
export interface DuplicateTarget {
  connection: string;
  action: string;
  settings: Record<string, string>;
  fields: Record<keyof Client, string>;
  /** Fields that the keys look by. */
  keys: { phone: string; email: string };
  /** A record that a person made over there; gives its id. `second`: one more number and address, in Bitrix24. */
  add(client: Client, second?: Pick<Client, 'phone' | 'email'>): string;
  all(): (Client & { id: string })[];
}

const contactType = 3;
let nextHubex = 70_000;
let nextItem = 700_000;
/** Portals tell whole seconds: each record is made one later than the one before. */
let seconds = -100_000;

/** The same client record in every app that a flow can write into. */
export const duplicateTargets = (
  office: CreatioOffice,
): Record<'Bitrix24' | 'HubEx' | 'Creatio' | 'Webhook', DuplicateTarget> => ({
  Bitrix24: {
    connection: office.connections.bitrix24,
    action: 'contact.create',
    settings: {},
    fields: { name: 'name', phone: 'phone', email: 'email', note: 'comments' },
    keys: { phone: 'phone', email: 'email' },
    add({ name, phone, email, note }, second = { phone: '', email: '' }) {
      const { portal } = office.bitrix24;
      const { now } = portal;
      seconds += 1;
      portal.now = () => new Date(now().getTime() + seconds * 1000);
      const fm = [
        { typeId: 'PHONE', valueType: 'WORK', value: phone },
        { typeId: 'EMAIL', valueType: 'WORK', value: email },
        { typeId: 'PHONE', valueType: 'MOBILE', value: second.phone },
        { typeId: 'EMAIL', valueType: 'HOME', value: second.email },
      ].filter(({ value }) => value !== '');
      const { id } = office.bitrix24.createContact({ name, comments: note, fm });
      portal.now = now;
      return String(id);
    },
    all: () =>
      [...(office.bitrix24.portal.items.get(contactType)?.values() ?? [])].map(({ id, name, comments, fm = [] }) => ({
        id: String(id),
        name: String(name),
        phone: fm.find(({ typeId }) => typeId === 'PHONE')?.value ?? '',
        email: fm.find(({ typeId }) => typeId === 'EMAIL')?.value ?? '',
        note: String(comments ?? ''),
      })),
  },
  HubEx: {
    connection: office.connections.hubex,
    action: 'contact.create',
    settings: {},
    fields: { name: 'fullName', phone: 'phone', email: 'email', note: 'description' },
    keys: { phone: 'phone', email: 'email' },
    add({ name, phone, email, note }) {
      nextHubex += 1;
      const contact = { id: nextHubex, fullName: name, phone, email, description: note };
      office.hubex.tenant.contacts.set(nextHubex, contact);
      return String(nextHubex);
    },
    all: () =>
      [...office.hubex.tenant.contacts.values()].map(({ id, fullName, phone, email, description }) => ({
        id: String(id),
        name: fullName,
        phone: phone ?? '',
        email: email ?? '',
        note: description ?? '',
      })),
  },
  Creatio: {
    connection: office.crm.creatio,
    action: 'contact.create',
    settings: {},
    fields: { name: 'Name', phone: 'MobilePhone', email: 'Email', note: 'Notes' },
    keys: { phone: 'phones', email: 'emails' },
    add: ({ name, phone, email, note }) =>
      office.creatio.createContact({ Name: name, MobilePhone: phone, Email: email, Notes: note }).id,
    all: () =>
      office.creatio.listContacts().map(({ id, name, mobilePhone, email, notes }) => ({
        id,
        name,
        phone: mobilePhone,
        email,
        note: notes,
      })),
  },
  Webhook: {
    connection: office.connections.webhook,
    action: 'item.create',
    settings: itemSettings(office),
    fields: { name: 'name', phone: 'phone', email: 'email', note: 'note' },
    keys: { phone: 'phone', email: 'email' },
    add(client) {
      nextItem += 1;
      office.target.items.push({ id: nextItem, ...client });
      return String(nextItem);
    },
    all: () =>
      office.target.items.map(({ id, name, phone, email, note }) => ({
        id: String(id),
        name: String(name ?? ''),
        phone: String(phone ?? ''),
        email: String(email ?? ''),
        note: String(note ?? ''),
      })),
  },
});
