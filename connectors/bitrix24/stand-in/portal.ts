import { addMultifields, changeMultifield, countMultifields } from './multifields.ts';
import { Refusal } from './refusal.ts';
import {
  COMPANY,
  CONTACT,
  camelUserField,
  categories,
  DEAL,
  entityIds,
  fieldsOf,
  LEAD,
  type Status,
  statuses,
  type UserField,
  userFields,
} from './schema.ts';
import { isEmpty, portalTime, stored } from './values.ts';

export interface Multifield {
  id: number;
  typeId: string;
  valueType: string;
  value: string;
}

export type Item = Record<string, unknown> & { id: number; fm?: Multifield[] };

export interface HistoryRow {
  id: number;
  entityTypeId: number;
  typeId: number;
  ownerId: number;
  at: string;
  categoryId: number;
  stageId: string;
  semantics: string;
}

export interface AddressRow {
  requisiteId: number | null;
  entityTypeId: number;
  entityId: number;
  typeId: number;
  street: string;
  flat?: string;
  city: string;
  postalCode?: string;
  region?: string;
  country?: string;
}

/** What happened, before it is told to anybody. */
export type Happened = 'ADD' | 'UPDATE' | 'DELETE' | 'MOVETOCATEGORY';

export interface Portal {
  items: Map<number, Map<number, Item>>;
  history: HistoryRow[];
  addresses: AddressRow[];
  categories: typeof categories;
  statuses: Status[];
  userFields: UserField[];
  /** Stage → user field that must be filled before a record may enter it. */
  requiredAt: Record<string, string>;
  nextId: number;
  now(): Date;
  tell(event: Happened, entityTypeId: number, id: number): void;
}

export const entityNames: Record<number, string> = {
  [LEAD]: 'LEAD',
  [DEAL]: 'DEAL',
  [CONTACT]: 'CONTACT',
  [COMPANY]: 'COMPANY',
};

export const newPortal = (options: { now(): Date; tell: Portal['tell'] }): Portal => ({
  items: new Map([LEAD, DEAL, CONTACT, COMPANY].map((type) => [type, new Map()])),
  history: [],
  addresses: [],
  categories: structuredClone(categories),
  statuses: structuredClone(statuses),
  userFields: structuredClone(userFields),
  requiredAt: {},
  nextId: 101,
  ...options,
});

export function itemsOf(portal: Portal, entityTypeId: number): Map<number, Item> {
  const items = portal.items.get(entityTypeId);
  if (!items) throw new Refusal(400, 'NOT_FOUND', 'Smart process not found');
  return items;
}

export function itemOf(portal: Portal, entityTypeId: number, id: unknown): Item {
  const item = itemsOf(portal, entityTypeId).get(Number(id));
  if (!item) throw new Refusal(400, 'NOT_FOUND', 'Element not found');
  return item;
}

export const stageInfo = (portal: Portal, entityTypeId: number, stageId: unknown): Status | undefined =>
  portal.statuses.find(
    (status) =>
      (entityTypeId === LEAD ? status.entityId === 'STATUS' : status.entityId.startsWith('DEAL_STAGE')) &&
      status.statusId === stageId,
  );

const firstStage = (portal: Portal, entityTypeId: number, categoryId: number): string => {
  const entity = entityTypeId === LEAD ? 'STATUS' : categoryId === 0 ? 'DEAL_STAGE' : `DEAL_STAGE_${categoryId}`;
  return portal.statuses.find((status) => status.entityId === entity)?.statusId ?? 'NEW';
};

/** Unknown and read-only fields are passed over without a word, as the vendor does. */
function assign(portal: Portal, entityTypeId: number, item: Item, fields: Record<string, unknown>): void {
  const infos = fieldsOf(entityTypeId, portal.userFields);
  for (const [name, value] of Object.entries(fields)) {
    const info = infos[name];
    if (name === 'contacts' || name === 'companies') throw new Refusal(400, 100, `Field ${name} cannot be set`);
    if (info && !info.isReadOnly) item[name] = stored(portal, name, info, value);
  }
  if ('contactIds' in fields && 'contactId' in infos) item.contactId = (item.contactIds as number[])[0] ?? 0;
  else if ('contactId' in fields) item.contactIds = item.contactId ? [item.contactId] : [];
  if ('companyIds' in fields) item.companyId = (item.companyIds as number[])[0] ?? 0;
  else if ('companyId' in fields && entityTypeId === CONTACT) item.companyIds = item.companyId ? [item.companyId] : [];
  if ('fm' in fields && entityTypeId !== DEAL) addMultifields(portal, item, fields.fm);
  countMultifields(item);
}

function enter(portal: Portal, entityTypeId: number, item: Item, typeId?: number): void {
  const stage = stageInfo(portal, entityTypeId, item.stageId);
  item.stageSemanticId = stage?.semantics ?? 'P';
  if (entityTypeId === DEAL) item.closed = stage?.semantics ? 'Y' : 'N';
  item.movedTime = portalTime(portal.now());
  item.movedBy = 1;
  portal.history.push({
    id: portal.nextId++,
    entityTypeId,
    typeId: typeId ?? (stage?.semantics ? 3 : 2),
    ownerId: item.id,
    at: portalTime(portal.now()),
    categoryId: Number(item.categoryId ?? 0),
    stageId: String(item.stageId),
    semantics: String(item.stageSemanticId),
  });
}

function emptyItem(portal: Portal, entityTypeId: number): Item {
  const infos = fieldsOf(entityTypeId, portal.userFields);
  const at = portalTime(portal.now());
  const id = portal.nextId++;
  const item: Item = { id };
  for (const [name, info] of Object.entries(infos))
    if (name !== 'contacts' && name !== 'companies')
      item[name] = info.isMultiple
        ? []
        : /^crm_(contact|company)$/.test(info.type)
          ? 0
          : info.type === 'boolean' && !info.isDynamic
            ? 'N'
            : null;
  Object.assign(item, { id, createdTime: at, updatedTime: at, createdBy: 1, updatedBy: 1, assignedById: 1 });
  Object.assign(item, { lastActivityTime: at, lastActivityBy: 1, searchContent: null, entityTypeId });
  if (entityTypeId !== DEAL) item.fm = [];
  return item;
}

const names: Record<number, string> = { [LEAD]: 'Лид', [DEAL]: 'Сделка', [COMPANY]: 'Компания' };

export function addItem(portal: Portal, entityTypeId: number, fields: Record<string, unknown>): Item {
  const items = itemsOf(portal, entityTypeId);
  const item = emptyItem(portal, entityTypeId);
  if (entityTypeId === DEAL) item.categoryId = 0;
  assign(portal, entityTypeId, item, fields);
  if (entityTypeId !== CONTACT) item.title ||= `${names[entityTypeId]} #${item.id}`;
  else if (!item.name && !item.lastName) item.lastName = `Контакт #${item.id}`;
  items.set(item.id, item);
  if (entityTypeId === DEAL || entityTypeId === LEAD) {
    item.stageId ||= firstStage(portal, entityTypeId, Number(item.categoryId ?? 0));
    enter(portal, entityTypeId, item, 1);
  }
  portal.tell('ADD', entityTypeId, item.id);
  return item;
}

function checkRequired(portal: Portal, entityTypeId: number, item: Item): void {
  const name = portal.requiredAt[String(item.stageId)];
  if (!name || !isEmpty(item[name])) return;
  const info = fieldsOf(entityTypeId, portal.userFields)[name];
  throw new Refusal(400, 'CRM_FIELD_ERROR_REQUIRED', `Field "${info?.title ?? name}" is required`);
}

/** Another pipeline without a stage of it: the vendor puts the record at that pipeline's start. */
function settleStage(portal: Portal, item: Item, before: Item): void {
  const stage = stageInfo(portal, DEAL, item.stageId);
  if (item.categoryId !== before.categoryId && (stage?.categoryId ?? 0) !== item.categoryId)
    item.stageId = firstStage(portal, DEAL, Number(item.categoryId));
  else if (item.stageId !== before.stageId && (stage?.categoryId ?? 0) !== item.categoryId)
    throw new Refusal(400, 'CRM_FIELD_ERROR_VALUE_NOT_VALID', 'Invalid value for field "Стадия сделки"');
}

export function updateItem(portal: Portal, entityTypeId: number, id: unknown, fields: Record<string, unknown>): Item {
  const before = itemOf(portal, entityTypeId, id);
  if ('id' in fields) throw new Refusal(400, 0, 'Setting value for Primary ID is not allowed, it is read-only field');
  const item = structuredClone(before);
  assign(portal, entityTypeId, item, fields);
  if (entityTypeId === DEAL) settleStage(portal, item, before);
  // "If no field values have changed, the save is not performed" (crm-item-update.md): no event either.
  if (JSON.stringify(item) === JSON.stringify(before)) return before;
  return save(portal, entityTypeId, item, before);
}

export function save(portal: Portal, entityTypeId: number, item: Item, before: Item): Item {
  const movedPipeline = item.categoryId !== before.categoryId;
  const movedStage = item.stageId !== before.stageId;
  if (movedStage && !movedPipeline) checkRequired(portal, entityTypeId, item);
  item.updatedTime = portalTime(portal.now());
  if (movedStage) {
    if (entityTypeId === DEAL) item.previousStageId = before.stageId;
    enter(portal, entityTypeId, item, movedPipeline ? 5 : undefined);
  }
  itemsOf(portal, entityTypeId).set(item.id, item);
  portal.tell(movedPipeline ? 'MOVETOCATEGORY' : 'UPDATE', entityTypeId, item.id);
  return item;
}

export function removeItem(portal: Portal, entityTypeId: number, id: unknown): void {
  const item = itemOf(portal, entityTypeId, id);
  itemsOf(portal, entityTypeId).delete(item.id);
  portal.tell('DELETE', entityTypeId, item.id);
}

/** `crm.contact.update` and its kind: rows with an ID change that value, without an ID they are added, DELETE or an empty value removes. */
export function updateLegacy(portal: Portal, entityTypeId: number, id: unknown, fields: Record<string, unknown>): void {
  const before = itemOf(portal, entityTypeId, id);
  const item = structuredClone(before);
  for (const typeId of ['PHONE', 'EMAIL', 'WEB', 'IM'])
    for (const sent of Object.values((fields[typeId] ?? {}) as Record<string, Record<string, unknown>>))
      changeMultifield(portal, item, typeId, sent);
  const others = Object.entries(fields).filter(([name]) => !['PHONE', 'EMAIL', 'WEB', 'IM'].includes(name));
  const infos = Object.entries(fieldsOf(entityTypeId, portal.userFields));
  for (const [name, value] of others) {
    const camel = infos.find(([, info]) => info.upperName === name)?.[0] ?? camelUserField(name);
    assign(portal, entityTypeId, item, { [camel]: value });
  }
  countMultifields(item);
  save(portal, entityTypeId, item, before);
}

export const userFieldsOf = (portal: Portal, entityTypeId: number): UserField[] =>
  portal.userFields.filter((field) => field.entityId === entityIds[entityTypeId]);
