import type { Choice, Field, FieldType } from '../../kit/field.ts';
import type { FieldInfo, UserField } from './answers.ts';

/** What is known of the portal's dictionaries when fields are described. */
export interface Dictionaries {
  /** By ENTITY_ID of `crm.status.list`. */
  statuses: Record<string, Choice[]>;
  /** All stages of the record type, headed by their pipelines. */
  stages: Choice[];
  categories: Choice[];
  currencies: Choice[];
  /** By FIELD_NAME, `UF_CRM_…`. */
  userFields: Record<string, UserField>;
}

const types: Record<string, FieldType> = {
  integer: 'number',
  double: 'number',
  string: 'text',
  char: 'boolean',
  boolean: 'boolean',
  text: 'text',
  date: 'date',
  datetime: 'datetime',
  money: 'number',
  url: 'url',
  address: 'address',
  file: 'file',
  enumeration: 'choice',
  crm_status: 'choice',
  crm_currency: 'choice',
  crm_category: 'choice',
  /** Employees are numbers: their names need a permission that a CRM webhook does not have. */
  user: 'number',
  employee: 'number',
  crm_webform: 'number',
  crm_quote: 'number',
  crm_entity: 'number',
  location: 'text',
  crm: 'text',
  iblock_section: 'number',
  iblock_element: 'number',
};

const targets: Record<string, string> = {
  crm_lead: 'lead',
  crm_deal: 'deal',
  crm_contact: 'contact',
  crm_company: 'company',
};
const parents: Record<number, string> = { 1: 'lead', 2: 'deal', 3: 'contact', 4: 'company' };

/**
 * The vendor computes these. Their change alone is no change of the record: a call or an opened card moves the
 * activity times, a stage moves its own date.
 */
const derived =
  /^(updatedTime|updatedBy|movedTime|movedBy|previousStageId|stageSemanticId|closed|dateClosed|searchContent|isNew|isReturnCustomer|isRepeatedApproach|hasPhone|hasEmail|hasImol|hasProducts|receivedAmount|lostAmount|lastActivity\w*|lastCommunication\w*|\w+Short)$/;

/**
 * `contacts` and `companies` are declared, but neither read nor written over REST (object-fields.md); phones, e-mails
 * and the address are fields of our own.
 */
const hidden = new Set(['contacts', 'companies', 'fm', 'phone', 'phoneWork', 'phones', 'email', 'emails', 'address']);

/** `contactId` → `contact`, `contactIds` → `contacts`; all other names stay as the vendor writes them. */
export function keyOf(name: string, info: FieldInfo): string {
  if (info.isDynamic) return name;
  if (name === 'stageId' || name === 'previousStageId' || name === 'categoryId' || name === 'assignedById')
    return name.slice(0, -2);
  if (!targets[info.type]) return name;
  return name
    .replace(/Ids$/, 's')
    .replace(/^companys$/, 'companies')
    .replace(/Id$/, '');
}

const parentOf = (info: FieldInfo): string | undefined => {
  const { parentEntityTypeId } = (info.settings ?? {}) as { parentEntityTypeId?: number };
  return parents[parentEntityTypeId ?? 0];
};

function choicesOf(name: string, info: FieldInfo, known: Dictionaries): Choice[] | undefined {
  switch (info.type) {
    case 'crm_category':
      return known.categories;
    case 'crm_currency':
      return known.currencies;
    case 'crm_status':
      if (name === 'stageId' || name === 'previousStageId') return known.stages;
      return known.statuses[statusTypeOf(info, known) ?? ''];
    case 'enumeration':
      return known.userFields[info.upperName ?? '']?.LIST?.map((option) => ({ id: option.ID, label: option.VALUE }));
    default:
      return undefined;
  }
}

/** The dictionary of a `crm_status` field; a user's own field names it in its settings. */
export function statusTypeOf(info: FieldInfo, known: Pick<Dictionaries, 'userFields'>): string | undefined {
  if (info.statusType) return info.statusType;
  const settings = known.userFields[info.upperName ?? '']?.SETTINGS ?? info.settings;
  const { ENTITY_TYPE } = (settings ?? {}) as { ENTITY_TYPE?: string };
  return ENTITY_TYPE;
}

function typeOf(info: FieldInfo, choices: Choice[] | undefined): FieldType {
  if (targets[info.type] || (info.type === 'crm_entity' && parentOf(info))) return 'reference';
  const type = types[info.type] ?? 'json';
  // A dictionary that we may not read leaves the bare id.
  if (type === 'choice' && (!choices || choices.length === 0)) return info.type === 'crm_category' ? 'number' : 'text';
  return type;
}

/** `=field` of crm.item.list is exact; long texts, files, addresses and lists are no keys. */
const searchable = (type: FieldType, info: FieldInfo): boolean =>
  !info.isMultiple &&
  info.type !== 'text' &&
  ['text', 'number', 'choice', 'reference', 'url', 'boolean'].includes(type);

function labelOf(name: string, info: FieldInfo, known: Dictionaries): string {
  const title = info.title.trim();
  const isCode = title === '' || title === info.upperName || title === name;
  if (!isCode) return title;
  const user = known.userFields[info.upperName ?? ''];
  return user?.EDIT_FORM_LABEL || user?.LIST_COLUMN_LABEL || title || name;
}

/** Titles that the vendor leaves as codes. */
const ourLabels: Record<string, Field['label']> = {
  CONTACT_IDS: { en: 'Contacts (all)', ru: 'Контакты (все)' },
  COMPANY_IDS: { en: 'Companies (all)', ru: 'Компании (все)' },
};

/** A vendor's field as we show it; null for those that cannot be used. */
export function fieldOf(name: string, info: FieldInfo, known: Dictionaries): Field | null {
  if (hidden.has(name) || info.type === 'crm_multifield') return null;
  const choices = choicesOf(name, info, known);
  const type = typeOf(info, choices);
  const label = labelOf(name, info, known);
  const target = type === 'reference' ? (targets[info.type] ?? parentOf(info)) : undefined;
  const isDerived = !info.isDynamic && derived.test(name);
  return {
    key: keyOf(name, info),
    label: ourLabels[label] ?? label,
    type,
    ...(info.isMultiple && { list: true }),
    // System fields are filled by the portal itself when they are missing (object-fields.md, "Required Fields").
    ...(info.isRequired && info.isDynamic && { required: true }),
    ...((info.isReadOnly || isDerived || type === 'file') && { readOnly: true }),
    ...(info.isImmutable && { createOnly: true }),
    ...(isDerived && { derived: true }),
    ...(info.isDynamic && { custom: true }),
    ...(info.type === 'text' && { multiline: true }),
    ...(type === 'choice' && choices && { choices }),
    ...(target && { target }),
    ...(searchable(type, info) && { search: 'exact' as const }),
  };
}
