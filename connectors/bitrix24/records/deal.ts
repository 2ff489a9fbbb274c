import { DEAL } from '../schema.ts';
import { itemRecord } from './item.ts';

export const deal = itemRecord({
  key: 'deal',
  label: { en: 'Deal', ru: 'Сделка' },
  labelMany: { en: 'Deals', ru: 'Сделки' },
  entityTypeId: DEAL,
  page: 'deal',
  labelOf: (values) => String(values.title ?? ''),
});
