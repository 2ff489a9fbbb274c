import { ask } from './dom.js';
import { openRecord, recordCard, recordList } from './record.js';
import { t } from './words.js';

/** Contacts of the three apps that keep some: the same list and sheet, other fields. */

const numbers = (phone) => [
  { name: phone, label: t('phone'), kind: 'tel' },
  { name: 'email', label: t('email'), kind: 'email' },
];

const apps = {
  bitrix24: {
    nameOf: ({ name, lastName }) => [name, lastName].filter(Boolean).join(' '),
    linesOf: ({ post, company, phone, email }) => [
      [post, company],
      [phone, email],
    ],
    fields: () => [
      { name: 'name', label: t('firstName') },
      { name: 'lastName', label: t('lastName'), required: true },
      { name: 'post', label: t('jobTitle') },
      ...numbers('phone'),
    ],
  },
  creatio: {
    nameOf: ({ name }) => name,
    linesOf: ({ jobTitle, account, mobilePhone, email }) => [
      [jobTitle, account],
      [mobilePhone, email],
    ],
    fields: () => [
      { name: 'name', label: t('fullName'), required: true },
      { name: 'jobTitle', label: t('jobTitle') },
      ...numbers('mobilePhone'),
      { name: 'notes', label: t('contactNotes'), kind: 'area' },
    ],
  },
};
apps.bpmonline = apps.creatio;

export function openContact(app, id, tools) {
  const { nameOf, fields } = apps[app];
  openRecord({
    small: `${t(app)} · ${t('contact')}`,
    title: nameOf,
    fields: fields(),
    find: () => tools.world()[app].contacts.find((contact) => contact.id === id),
    button: t('save'),
    save: (changed) => ask('PATCH', `/api/${app}/contacts/${id}`, changed),
    tools,
  });
}

export function openNewContact(app, tools) {
  openRecord({
    small: t(app),
    title: () => t('newContact'),
    fields: apps[app].fields(),
    button: t('create'),
    save: (form) => ask('POST', `/api/${app}/contacts`, form),
    tools,
  });
}

export const contactName = (app, contact) => apps[app].nameOf(contact);

/** Newest first. */
export const contactList = (app, world, tools) =>
  recordList(
    `${app}-contacts`,
    world[app].contacts.map((contact) =>
      recordCard({
        id: contact.id,
        name: apps[app].nameOf(contact),
        lines: apps[app].linesOf(contact),
        fresh: tools.isFresh(contact.mark),
        open: () => openContact(app, contact.id, tools),
      }),
    ),
  );
