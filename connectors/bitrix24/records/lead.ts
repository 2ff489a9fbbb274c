import { LEAD } from '../schema.ts';
import { itemRecord } from './item.ts';

export const lead = itemRecord({
  key: 'lead',
  label: { en: 'Lead', ru: 'Лид' },
  labelMany: { en: 'Leads', ru: 'Лиды' },
  entityTypeId: LEAD,
  page: 'lead',
  labelOf: (values) => String(values.title ?? ''),
});
