import {
  type Body,
  change,
  insert,
  noRecord,
  remove,
  type Stand,
  type StandRow,
  shortened,
  tableOf,
  valueOf,
} from './stand.ts';

/** What people see and do in the application: the face for tests and for the sandbox page. */

export interface ContactView {
  id: string;
  name: string;
  account: string;
  jobTitle: string;
  mobilePhone: string;
  phone: string;
  email: string;
  notes: string;
  changedAt: string;
}

export interface LeadView {
  id: string;
  name: string;
  contact: string;
  account: string;
  mobilePhone: string;
  email: string;
  commentary: string;
  stage: string;
}

export interface CaseView {
  id: string;
  number: string;
  subject: string;
  symptoms: string;
  solution: string;
  contact: string;
  status: string;
  priority: string;
  visitCost: number;
}

export interface Face {
  listContacts(): ContactView[];
  createContact(body: Body): ContactView;
  editContact(id: string, body: Body): ContactView;
  contact(id: string): ContactView;
  listLeads(): LeadView[];
  createLead(body: Body): LeadView;
  listCases(): CaseView[];
  createCase(body: Body): CaseView;
  editCase(id: string, body: Body): CaseView;
  /** To a status by its name. */
  moveCase(id: string, status: string): CaseView;
  case(id: string): CaseView;
  /** The names of the case statuses, in their order. */
  caseStatuses(): string[];
  /** Changes the record of this name. */
  change(object: string, name: string, body: Body): { id: string };
  remove(object: string, id: string): void;
  /** The Id of a lookup's value by its name. */
  valueOf(object: string, name: string): string;
  /** Phones and e-mails of a contact, as its communication options hold them. */
  communications(contactId: string): string[];
  count(object: string): number;
}

export function createFace(stand: Stand): Face {
  const rowsOf = (object: string): StandRow[] =>
    [...tableOf(stand, object).rows.values()].sort((a, b) => (String(a.CreatedOn) < String(b.CreatedOn) ? 1 : -1));
  const row = (object: string, id: string): StandRow => {
    const found = tableOf(stand, object).rows.get(id.toLowerCase());
    if (!found) throw new Error(`No ${object} ${id}`);
    return found;
  };
  const nameOf = (object: string, id: unknown): string => {
    const other = id === noRecord ? undefined : tableOf(stand, object).rows.get(String(id));
    return String(other?.Name ?? '');
  };
  const text = (value: unknown): string => String(value ?? '');

  const viewContact = (one: StandRow): ContactView => ({
    id: text(one.Id),
    name: text(one.Name),
    account: nameOf('Account', one.AccountId),
    jobTitle: text(one.JobTitle),
    mobilePhone: text(one.MobilePhone),
    phone: text(one.Phone),
    email: text(one.Email),
    notes: text(one.Notes),
    changedAt: shortened(text(one.ModifiedOn)),
  });
  const viewLead = (one: StandRow): LeadView => ({
    id: text(one.Id),
    name: text(one.LeadName),
    contact: text(one.Contact),
    account: text(one.Account),
    mobilePhone: text(one.MobilePhone),
    email: text(one.Email),
    commentary: text(one.Commentary),
    stage: nameOf('QualifyStatus', one.QualifyStatusId),
  });
  const viewCase = (one: StandRow): CaseView => ({
    id: text(one.Id),
    number: text(one.Number),
    subject: text(one.Subject),
    symptoms: text(one.Symptoms),
    solution: text(one.Solution),
    contact: nameOf('Contact', one.ContactId),
    status: nameOf('CaseStatus', one.StatusId),
    priority: nameOf('CasePriority', one.PriorityId),
    visitCost: Number(one.UsrVisitCost ?? 0),
  });

  return {
    listContacts: () => rowsOf('Contact').map(viewContact),
    createContact: (body) => viewContact(insert(stand, 'Contact', body)),
    editContact: (id, body) => viewContact(change(stand, 'Contact', id, body)),
    contact: (id) => viewContact(row('Contact', id)),
    listLeads: () => rowsOf('Lead').map(viewLead),
    createLead: (body) => viewLead(insert(stand, 'Lead', body)),
    listCases: () => rowsOf('Case').map(viewCase),
    createCase: (body) => viewCase(insert(stand, 'Case', body)),
    editCase: (id, body) => viewCase(change(stand, 'Case', id, body)),
    moveCase: (id, status) => viewCase(change(stand, 'Case', id, { StatusId: valueOf(stand, 'CaseStatus', status) })),
    case: (id) => viewCase(row('Case', id)),
    caseStatuses: () => [...tableOf(stand, 'CaseStatus').rows.values()].map(({ Name }) => text(Name)),
    change: (object, name, body) => ({ id: text(change(stand, object, valueOf(stand, object, name), body).Id) }),
    remove: (object, id) => remove(stand, object, id),
    valueOf: (object, name) => valueOf(stand, object, name),
    communications: (contactId) =>
      [...tableOf(stand, 'ContactCommunication').rows.values()]
        .filter(({ ContactId }) => ContactId === contactId)
        .map(({ Number: number }) => text(number)),
    count: (object) => tableOf(stand, object).rows.size,
  };
}
