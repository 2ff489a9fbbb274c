import type { Item } from '../connectors/bitrix24/stand-in/portal.ts';
import { COMPANY, CONTACT } from '../connectors/bitrix24/stand-in/schema.ts';
import type { Bitrix24StandIn } from '../connectors/bitrix24/stand-in.ts';
import type { HubexStandIn, HubexTaskView } from '../connectors/hubex/stand-in.ts';

/** User fields of the demo's deals, as the portal calls them. */
export const dealFields = {
  urgency: 'ufCrm_1700000001',
  address: 'ufCrm_1700000002',
  finishedAt: 'ufCrm_1700000003',
  cost: 'ufCrm_1700000004',
  engineerComment: 'ufCrm_1700000005',
} as const;

/** A deal as its card and form show it. */
export interface DealView {
  id: number;
  title: string;
  stage: string;
  pipeline: number;
  client: string;
  company: string;
  phone: string;
  email: string;
  amount: number;
  comment: string;
  address: string;
  urgency: number | null;
  /** What comes back from the engineer. */
  finishedAt: string | null;
  cost: number | null;
  engineerComment: string;
  movedAt: string;
}

/** A contact as its card and form show it. */
export interface ContactView {
  id: number;
  name: string;
  lastName: string;
  post: string;
  company: string;
  phone: string;
  email: string;
}

export interface PipelineView {
  id: number;
  name: string;
  stages: { id: string; name: string; end: 'won' | 'lost' | null }[];
}

export interface TaskView extends HubexTaskView {
  /** What the engineer wrote at the end. */
  report: string | null;
}

const words = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';

const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null);

/** `Tverskaya, 7|;|575` carries the id of a place; comments carry BB codes. */
const withoutPlace = (value: unknown): string => words(value).split('|;|')[0] ?? '';
const withoutCodes = (value: unknown): string => words(value).replace(/\[\/?[a-z*][^\]]*\]/gi, '');

const firstOf = (item: Item | undefined, typeId: string): string =>
  item?.fm?.find((one) => one.typeId === typeId)?.value ?? '';

export function dealView(app: Bitrix24StandIn, deal: Item): DealView {
  const contact = app.portal.items.get(CONTACT)?.get(Number(deal.contactId));
  const company = app.portal.items.get(COMPANY)?.get(Number(deal.companyId));
  const person = [contact?.name, contact?.lastName].map(words).filter(Boolean).join(' ');
  return {
    id: deal.id,
    title: words(deal.title),
    stage: words(deal.stageId),
    pipeline: Number(deal.categoryId),
    client: person || words(company?.title),
    company: words(company?.title),
    phone: firstOf(contact, 'PHONE') || firstOf(company, 'PHONE'),
    email: firstOf(contact, 'EMAIL') || firstOf(company, 'EMAIL'),
    amount: Number(deal.opportunity ?? 0),
    comment: withoutCodes(deal.comments),
    address: withoutPlace(deal[dealFields.address]),
    urgency: numberOf(deal[dealFields.urgency]),
    finishedAt: words(deal[dealFields.finishedAt]) || null,
    cost: numberOf(deal[dealFields.cost]),
    engineerComment: words(deal[dealFields.engineerComment]),
    movedAt: words(deal.movedTime),
  };
}

/** Those that came to their stage last stand first, as on the board of Bitrix24. */
export const dealViews = (app: Bitrix24StandIn): DealView[] =>
  app
    .listDeals()
    .map((deal) => dealView(app, deal))
    .sort((one, other) => other.movedAt.localeCompare(one.movedAt) || other.id - one.id);

/** Newest first. */
export const taskViews = (app: HubexStandIn): TaskView[] =>
  app.listTasks().map((task) => ({
    ...task,
    report: app.tenant.tasks.get(task.id)?.history.findLast(({ notes }) => notes)?.notes ?? null,
  }));

/** Newest first. */
export const contactViews = (app: Bitrix24StandIn): ContactView[] =>
  [...(app.portal.items.get(CONTACT)?.values() ?? [])]
    .map((contact) => ({
      id: contact.id,
      name: words(contact.name),
      lastName: words(contact.lastName),
      post: words(contact.post),
      company: words(app.portal.items.get(COMPANY)?.get(Number(contact.companyId))?.title),
      phone: firstOf(contact, 'PHONE'),
      email: firstOf(contact, 'EMAIL'),
    }))
    .sort((one, other) => other.id - one.id);

const ends = { S: 'won', F: 'lost' } as const;

export function pipelineViews(app: Bitrix24StandIn): PipelineView[] {
  return app.portal.categories.map(({ id, name }) => ({
    id,
    name,
    stages: app.portal.statuses
      .filter((status) => status.entityId === (id === 0 ? 'DEAL_STAGE' : `DEAL_STAGE_${id}`))
      .map((status) => ({
        id: status.statusId,
        name: status.name,
        end: status.semantics ? ends[status.semantics] : null,
      })),
  }));
}

export const urgencies = (app: Bitrix24StandIn): { id: number; name: string }[] =>
  (app.portal.userFields.find(({ name }) => name === 'UF_CRM_1700000001')?.list ?? []).map(({ id, value }) => ({
    id,
    name: value,
  }));
