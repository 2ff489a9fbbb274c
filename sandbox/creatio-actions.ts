import { z } from 'zod';
import { Refusal } from '../connectors/creatio/stand-in/refusal.ts';
import { type Body, change, insert, type Stand, tableOf, valueOf } from '../connectors/creatio/stand-in/stand.ts';
import { type Action, text } from './action.ts';
import type { World } from './world.ts';

/** What people do in the sections of Creatio and bpm'online: contacts in both, leads and cases in Creatio. */

const contactForm = z.object({ name: text.min(1), jobTitle: text, mobilePhone: text, email: text, notes: text });
const leadForm = z.object({ contact: text.min(1), account: text, mobilePhone: text, email: text, commentary: text });
const caseForm = z.object({ subject: text.min(1), symptoms: text, priority: text });
const newCase = caseForm.extend({ contact: text });

/** The columns behind the fields of the forms. */
const columns: Record<string, string> = {
  name: 'Name',
  jobTitle: 'JobTitle',
  mobilePhone: 'MobilePhone',
  email: 'Email',
  notes: 'Notes',
  contact: 'Contact',
  account: 'Account',
  commentary: 'Commentary',
  subject: 'Subject',
  symptoms: 'Symptoms',
};

function bodyOf(stand: Stand, form: Record<string, string | undefined>): Body {
  const { priority, ...texts } = form;
  const given = Object.entries(texts).filter(([, value]) => value !== undefined);
  return {
    ...Object.fromEntries(given.map(([field, value]) => [columns[field], value])),
    ...(priority && { PriorityId: lookup(stand, 'CasePriority', priority) }),
  };
}

/** The Id of a lookup's value that the page named. */
function lookup(stand: Stand, object: string, name: string): string {
  try {
    return valueOf(stand, object, name);
  } catch {
    throw Refusal.badQuery(`${object}: ${name}?`);
  }
}

function createCase({ creatio }: World, body: unknown): string {
  const { contact, ...form } = newCase.parse(body);
  const known = tableOf(creatio.stand, 'Contact').rows.has(contact);
  const row = insert(creatio.stand, 'Case', {
    ...bodyOf(creatio.stand, form),
    ...(known && { ContactId: contact }),
    OriginId: lookup(creatio.stand, 'CaseOrigin', 'Звонок'),
  });
  return String(row.Id);
}

const guid = '([0-9a-f-]{36})';
const stands = ['creatio', 'bpmonline'] as const;

const contactsOf = (app: (typeof stands)[number]): Action[] => [
  {
    method: 'POST',
    path: new RegExp(`^/api/${app}/contacts$`),
    run: async (world, { body }) => {
      const { stand } = world[app];
      const form = contactForm.parse(body);
      return world.byHand(null, () => ({ id: String(insert(stand, 'Contact', bodyOf(stand, form)).Id) }));
    },
  },
  {
    method: 'PATCH',
    path: new RegExp(`^/api/${app}/contacts/${guid}$`),
    run: async (world, { caught: [id = ''], body }) => {
      const { stand } = world[app];
      const form = contactForm.partial().parse(body);
      await world.byHand(`${app}.contact:${id}`, () => change(stand, 'Contact', id, bodyOf(stand, form)));
    },
  },
];

export const creatioActions: Action[] = [
  ...stands.flatMap(contactsOf),
  {
    method: 'POST',
    path: /^\/api\/creatio\/leads$/,
    run: async (world, { body }) => {
      const { stand } = world.creatio;
      const form = leadForm.parse(body);
      return world.byHand(null, () => ({ id: String(insert(stand, 'Lead', bodyOf(stand, form)).Id) }));
    },
  },
  {
    method: 'PATCH',
    path: new RegExp(`^/api/creatio/leads/${guid}$`),
    run: async (world, { caught: [id = ''], body }) => {
      const { stand } = world.creatio;
      const form = leadForm.partial().parse(body);
      await world.byHand(`creatio.lead:${id}`, () => change(stand, 'Lead', id, bodyOf(stand, form)));
    },
  },
  {
    method: 'POST',
    path: /^\/api\/creatio\/cases$/,
    run: (world, { body }) => world.byHand(null, () => ({ id: createCase(world, body) })),
  },
  {
    method: 'PATCH',
    path: new RegExp(`^/api/creatio/cases/${guid}$`),
    run: async (world, { caught: [id = ''], body }) => {
      const { stand } = world.creatio;
      const form = caseForm.partial().parse(body);
      await world.byHand(`creatio.case:${id}`, () => change(stand, 'Case', id, bodyOf(stand, form)));
    },
  },
  {
    method: 'POST',
    path: new RegExp(`^/api/creatio/cases/${guid}/move$`),
    run: async (world, { caught: [id = ''], body }) => {
      const { stand } = world.creatio;
      const { status } = z.object({ status: text }).parse(body);
      const StatusId = lookup(stand, 'CaseStatus', status);
      await world.byHand(`creatio.case:${id}`, () => change(stand, 'Case', id, { StatusId }));
    },
  },
];
