import { COMPANY } from '../schema.ts';
import { itemRecord } from './item.ts';

export const company = itemRecord({
  key: 'company',
  label: { en: 'Company', ru: 'Компания' },
  labelMany: { en: 'Companies', ru: 'Компании' },
  entityTypeId: COMPANY,
  page: 'company',
  labelOf: (values) => String(values.title ?? ''),
});
