import { CONTACT } from '../schema.ts';
import { itemRecord } from './item.ts';

export const contact = itemRecord({
  key: 'contact',
  label: { en: 'Contact', ru: 'Контакт' },
  labelMany: { en: 'Contacts', ru: 'Контакты' },
  entityTypeId: CONTACT,
  page: 'contact',
  labelOf: ({ name, secondName, lastName }) => [name, secondName, lastName].filter(Boolean).join(' '),
});
