import { page, type Row } from './list.ts';
import {
  addItem,
  entityNames,
  type Item,
  itemOf,
  itemsOf,
  type Portal,
  removeItem,
  updateItem,
  updateLegacy,
  userFieldsOf,
} from './portal.ts';
import { Refusal } from './refusal.ts';
import { COMPANY, CONTACT, currencies, DEAL, fieldsOf, LEAD } from './schema.ts';

export type Params = Record<string, unknown>;

export interface Answer {
  result: unknown;
  total?: number;
  next?: number | undefined;
}

export interface Session {
  portal: Portal;
  user: { id: string; name: string; lastName: string };
  /** Differences between portals that the documentation leaves open. */
  quirks: {
    starOmitsUserFields: boolean;
    noDetailsRights: boolean;
    noUserFieldRights: boolean;
    noHistoryCursor: boolean;
  };
}

type Method = (session: Session, params: Params) => Answer;

const asRow = (value: unknown): Row => (typeof value === 'object' && value !== null ? { ...value } : {}) as Row;

const legacyNames: Record<string, number> = { lead: LEAD, deal: DEAL, contact: CONTACT, company: COMPANY };

function entityTypeOf(params: Params): number {
  if (params.entityTypeId === undefined)
    throw new Refusal(400, '100', 'Could not find value for parameter {entityTypeId}');
  return Number(params.entityTypeId);
}

/** `fm` comes only when nothing is selected or exactly `["*"]` (object-fields.md). */
function selected(session: Session, item: Item, select: unknown): Row {
  const names = Object.values(asRow(select)).map(String);
  const all = names.length === 0 || names.includes('*');
  const row: Row = {};
  for (const [name, value] of Object.entries(item)) {
    const isUserField = name.startsWith('ufCrm');
    if (name === 'fm' && names.length > 0 && !(names.length === 1 && all)) continue;
    if (names.includes(name) || (all && !(isUserField && session.quirks.starOmitsUserFields))) row[name] = value;
  }
  return { id: item.id, ...row };
}

function itemList(session: Session, params: Params): Answer {
  const entityTypeId = entityTypeOf(params);
  const infos = fieldsOf(entityTypeId, session.portal.userFields);
  const found = page([...itemsOf(session.portal, entityTypeId).values()], {
    filter: asRow(params.filter),
    order: asRow(params.order) as Record<string, string>,
    start: params.start,
    allowed: (name) => name in infos && name !== 'contacts' && name !== 'companies',
  });
  const items = found.rows.map((row) => selected(session, row as Item, params.select));
  return { result: { items }, total: found.total, next: found.next };
}

/** Legacy lists: upper-case rows, and the filter may name any column. */
const legacyList = (rows: Row[], params: Params): Answer => {
  const order = Object.entries(asRow(params.order)).map(([name, way]) => [name, String(way)]);
  const found = page(rows, {
    filter: asRow(params.filter),
    order: Object.fromEntries(order) as Record<string, string>,
    start: params.start,
    allowed: () => true,
  });
  return { result: found.rows, total: found.total, next: found.next };
};

function statusList({ portal }: Session, params: Params): Answer {
  const rows = portal.statuses.map((status, index) => ({
    ID: String(index + 101),
    ENTITY_ID: status.entityId,
    STATUS_ID: status.statusId,
    NAME: status.name,
    NAME_INIT: '',
    SORT: String((index + 1) * 10),
    SYSTEM: 'N',
    CATEGORY_ID: status.categoryId === null ? null : String(status.categoryId),
    COLOR: '#39A8EF',
    SEMANTICS: status.semantics,
    EXTRA: { SEMANTICS: status.semantics ?? 'process', COLOR: '#39A8EF' },
  }));
  return legacyList(rows, params);
}

function categoryList({ portal }: Session, params: Params): Answer {
  const rows = portal.categories.filter((category) => category.entityTypeId === entityTypeOf(params));
  return { result: { categories: rows }, total: rows.length };
}

function userFieldList(session: Session, entityTypeId: number, params: Params): Answer {
  if (session.quirks.noUserFieldRights) throw new Refusal(400, '', 'Access denied.');
  const { LANG, ...filter } = asRow(params.filter);
  const rows = userFieldsOf(session.portal, entityTypeId).map((field) => ({
    ID: String(field.id),
    ENTITY_ID: field.entityId,
    FIELD_NAME: field.name,
    USER_TYPE_ID: field.type,
    MULTIPLE: field.multiple ? 'Y' : 'N',
    MANDATORY: field.mandatory ? 'Y' : 'N',
    SETTINGS: field.settings ?? [],
    ...(LANG ? { EDIT_FORM_LABEL: field.label, LIST_COLUMN_LABEL: field.label } : {}),
    ...(field.list && {
      LIST: field.list.map((option, index) => ({
        ID: String(option.id),
        SORT: String((index + 1) * 10),
        VALUE: option.value,
        DEF: 'N',
      })),
    }),
  }));
  return legacyList(rows, { ...params, filter });
}

function stageHistory(session: Session, params: Params): Answer {
  const entityTypeId = entityTypeOf(params);
  if (entityTypeId !== DEAL && entityTypeId !== LEAD)
    throw new Refusal(400, 0, `${entityNames[entityTypeId] ?? entityTypeId} entity is not supported`);
  const [stage, semantics] =
    entityTypeId === LEAD ? ['STATUS_ID', 'STATUS_SEMANTIC_ID'] : ['STAGE_ID', 'STAGE_SEMANTIC_ID'];
  const rows = session.portal.history
    .filter((row) => row.entityTypeId === entityTypeId)
    .map((row) => ({
      ID: row.id,
      TYPE_ID: row.typeId,
      OWNER_ID: row.ownerId,
      CREATED_TIME: row.at,
      ...(entityTypeId === DEAL && { CATEGORY_ID: row.categoryId }),
      [semantics as string]: row.semantics,
      [stage as string]: row.stageId,
    }));
  // A portal that knows no `start: -1` here takes it for nonsense and answers with nothing.
  if (session.quirks.noHistoryCursor && Number(params.start) < 0) return { result: { items: [] }, total: 0 };
  const { result, total, next } = legacyList(rows, params);
  return { result: { items: result }, ...(total !== undefined && { total }), next };
}

function findByComm(session: Session, params: Params): Answer {
  if (!params.type) throw new Refusal(400, 'Communication type is not defined', "Parameter 'type' is required.");
  const values = Object.values(asRow(params.values)).map(String);
  if (values.length === 0)
    throw new Refusal(400, 'Communication values is not defined', "Parameter 'values' is required.");
  const plain = (value: string) =>
    params.type === 'PHONE' ? value.replace(/\D/g, '').replace(/^8(?=\d{10}$)/, '7') : value.trim().toLowerCase();
  const wanted = new Set(values.slice(0, 20).map(plain));
  const found: Record<string, number[]> = {};
  for (const [entityTypeId, name] of Object.entries(entityNames)) {
    if (name === 'DEAL' || (params.entity_type && params.entity_type !== name)) continue;
    const ids = [...itemsOf(session.portal, Number(entityTypeId)).values()]
      .filter((item) => item.fm?.some((row) => row.typeId === params.type && wanted.has(plain(row.value))))
      .map((item) => item.id);
    if (ids.length > 0) found[name] = ids.slice(0, 20);
  }
  return { result: Object.keys(found).length > 0 ? found : [] };
}

function requisiteList({ portal, quirks }: Session, params: Params): Answer {
  if (quirks.noDetailsRights) throw new Refusal(400, '', 'Access denied.');
  const rows = portal.addresses
    .filter((row) => row.requisiteId !== null)
    .map((row) => ({
      ID: String(row.requisiteId),
      ENTITY_TYPE_ID: String(row.entityTypeId),
      ENTITY_ID: String(row.entityId),
    }));
  const unique = rows.filter((row, index) => rows.findIndex((other) => other.ID === row.ID) === index);
  return legacyList(unique, params);
}

function addressList({ portal, quirks }: Session, params: Params): Answer {
  if (quirks.noDetailsRights) throw new Refusal(400, '', 'Access denied.');
  const rows = portal.addresses.map((row) => ({
    TYPE_ID: String(row.typeId),
    ENTITY_TYPE_ID: row.requisiteId === null ? String(row.entityTypeId) : '8',
    ENTITY_ID: String(row.requisiteId ?? row.entityId),
    ADDRESS_1: row.street,
    ADDRESS_2: row.flat ?? null,
    CITY: row.city,
    POSTAL_CODE: row.postalCode ?? null,
    REGION: row.region ?? null,
    PROVINCE: null,
    COUNTRY: row.country ?? null,
    COUNTRY_CODE: null,
    LOC_ADDR_ID: '569',
    ANCHOR_TYPE_ID: String(row.entityTypeId),
    ANCHOR_ID: String(row.entityId),
  }));
  return legacyList(rows, params);
}

function checkFields(params: Params): Row {
  if (typeof params.fields !== 'object' || params.fields === null)
    throw new Refusal(400, '', "Parameter 'fields' must be array.");
  return asRow(params.fields);
}

const legacyUpdate =
  (entityTypeId: number): Method =>
  (session, params) => {
    updateLegacy(session.portal, entityTypeId, params.id, checkFields(params));
    return { result: true };
  };

export const methods: Record<string, { scope: 'crm' | 'user' | null; run: Method }> = {
  profile: {
    scope: null,
    run: ({ user }) => ({
      result: { ID: user.id, ADMIN: true, NAME: user.name, LAST_NAME: user.lastName, TIME_ZONE: '' },
    }),
  },
  'user.current': {
    scope: 'user',
    run: ({ user }) => ({ result: { ID: user.id, ACTIVE: true, NAME: user.name, LAST_NAME: user.lastName } }),
  },
  'crm.item.fields': {
    scope: 'crm',
    run: ({ portal }, params) => {
      itemsOf(portal, entityTypeOf(params));
      return { result: { fields: fieldsOf(entityTypeOf(params), portal.userFields) } };
    },
  },
  'crm.item.list': { scope: 'crm', run: itemList },
  'crm.item.get': {
    scope: 'crm',
    run: ({ portal }, params) => ({ result: { item: itemOf(portal, entityTypeOf(params), params.id) } }),
  },
  'crm.item.add': {
    scope: 'crm',
    run: ({ portal }, params) => ({ result: { item: addItem(portal, entityTypeOf(params), checkFields(params)) } }),
  },
  'crm.item.update': {
    scope: 'crm',
    run: ({ portal }, params) => ({
      result: { item: updateItem(portal, entityTypeOf(params), params.id, checkFields(params)) },
    }),
  },
  'crm.item.delete': {
    scope: 'crm',
    run: ({ portal }, params) => {
      removeItem(portal, entityTypeOf(params), params.id);
      return { result: [] };
    },
  },
  'crm.status.list': { scope: 'crm', run: statusList },
  'crm.category.list': { scope: 'crm', run: categoryList },
  'crm.currency.list': { scope: 'crm', run: () => ({ result: currencies, total: currencies.length }) },
  'crm.stagehistory.list': { scope: 'crm', run: stageHistory },
  'crm.duplicate.findbycomm': { scope: 'crm', run: findByComm },
  'crm.requisite.list': { scope: 'crm', run: requisiteList },
  'crm.address.list': { scope: 'crm', run: addressList },
  ...Object.fromEntries(
    Object.entries(legacyNames).flatMap(([name, entityTypeId]) => [
      [
        `crm.${name}.userfield.list`,
        { scope: 'crm', run: (session: Session, params: Params) => userFieldList(session, entityTypeId, params) },
      ],
      [`crm.${name}.update`, { scope: 'crm', run: legacyUpdate(entityTypeId) }],
    ]),
  ),
};
