import type { Portal } from './portal.ts';
import { Refusal } from './refusal.ts';
import type { FieldInfo } from './schema.ts';

/** The portal speaks the offset of its server: Moscow. */
export const portalTime = (date: Date): string =>
  `${new Date(date.getTime() + 3 * 3_600_000).toISOString().slice(0, 19)}+03:00`;

const offset = (value: unknown): string =>
  /^\d{4}-\d\d-\d\d$/.test(String(value)) ? `${value}T03:00:00+03:00` : portalTime(new Date(String(value)));

export const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || value === '' || value === false;

const invalid = (info: FieldInfo): never => {
  throw new Refusal(400, 'CRM_FIELD_ERROR_VALUE_NOT_VALID', `Invalid value for field "${info.title}"`);
};

/** A value as the portal keeps it after it was sent. */
export function stored(portal: Portal, name: string, info: FieldInfo, value: unknown): unknown {
  if (info.isMultiple) {
    if (isEmpty(value)) return [];
    if (!Array.isArray(value))
      throw new Refusal(400, 100, `Expected iterable value for multiple field, but got ${typeof value} instead`);
    return value.map((one) => stored(portal, name, { ...info, isMultiple: false }, one));
  }
  switch (info.type) {
    case 'boolean':
      return name.startsWith('ufCrm')
        ? ['Y', 'y', true, 'true', 1, '1'].includes(value as string)
        : ['Y', 'y', true, 'true'].includes(value as string)
          ? 'Y'
          : 'N';
    case 'integer':
    case 'double':
    case 'user':
    case 'enumeration':
    case 'crm_category':
      if (isEmpty(value)) return info.isDynamic ? null : 0;
      return Number.isNaN(Number(value)) ? invalid(info) : Number(value);
    case 'crm_contact':
    case 'crm_company':
    case 'crm_lead':
      return isEmpty(value) ? 0 : Number(value);
    case 'date':
    case 'datetime':
      if (isEmpty(value)) return null;
      return Number.isNaN(Date.parse(String(value))) ? invalid(info) : offset(value);
    case 'crm_status':
      return checkedStatus(portal, info, value);
    default:
      return value === null ? null : typeof value === 'object' ? value : String(value);
  }
}

function checkedStatus(portal: Portal, info: FieldInfo, value: unknown): unknown {
  if (isEmpty(value)) return '';
  const known = portal.statuses.some(
    (status) => status.entityId.startsWith(info.statusType ?? '') && status.statusId === String(value),
  );
  return known ? String(value) : invalid(info);
}
