import type { Text } from '../../kit/text.ts';

export type Area = 'auth' | 'record' | 'trigger' | 'event' | 'fieldType';

export interface Support {
  area: Area;
  key: string;
  works: boolean;
  /** What is different from what one would expect, or why it does not work. */
  why?: Text;
}

const works = (area: Area, ...keys: string[]): Support[] => keys.map((key) => ({ area, key, works: true }));
const differs = (area: Area, key: string, why: Text): Support => ({ area, key, works: true, why });
const missing = (area: Area, key: string, why: Text): Support => ({ area, key, works: false, why });

const later: Text = { en: 'Not built yet.', ru: 'Пока не сделано.' };

/** What of Bitrix24 works here, what does not, and why. A test holds it against the code. */
export const support: Support[] = [
  ...works('auth', 'webhook'),
  missing('auth', 'oauth', later),

  ...works('record', 'deal', 'contact', 'company', 'lead'),
  missing('record', 'smartProcess', later),
  missing('record', 'smartInvoice', later),
  missing('record', 'quote', later),
  missing('record', 'productRow', later),
  missing('record', 'activity', later),

  ...works('trigger', 'deal.enteredStage', 'lead.enteredStage'),

  ...works('event', 'ONCRMLEADADD', 'ONCRMLEADUPDATE', 'ONCRMLEADDELETE'),
  ...works('event', 'ONCRMDEALADD', 'ONCRMDEALUPDATE', 'ONCRMDEALDELETE'),
  ...works('event', 'ONCRMCONTACTADD', 'ONCRMCONTACTUPDATE', 'ONCRMCONTACTDELETE'),
  ...works('event', 'ONCRMCOMPANYADD', 'ONCRMCOMPANYUPDATE', 'ONCRMCOMPANYDELETE'),
  differs('event', 'ONCRMDEALMOVETOCATEGORY', {
    en: 'An outgoing webhook does not offer it; a move to another pipeline is seen by the reconciling poll.',
    ru: 'В исходящем вебхуке его нет; перенос в другую воронку виден при сверочном опросе.',
  }),
  missing('event', 'ONCRMQUOTEUPDATE', later),
  missing('event', 'ONCRMDYNAMICITEMUPDATE', later),
  missing('event', 'ONAPPUNINSTALL', {
    en: 'Belongs to applications, not to webhooks.',
    ru: 'Относится к приложениям, а не к вебхукам.',
  }),

  ...works('fieldType', 'integer', 'double', 'string', 'char', 'boolean', 'date', 'datetime', 'url'),
  ...works('fieldType', 'enumeration', 'crm_status', 'crm_category', 'crm_currency'),
  ...works('fieldType', 'crm_lead', 'crm_deal', 'crm_contact', 'crm_company', 'crm_entity'),
  differs('fieldType', 'text', {
    en: 'Comments are read as plain text: BB codes are cut.',
    ru: 'Комментарии читаются как простой текст: BB-коды убираются.',
  }),
  differs('fieldType', 'crm_multifield', {
    en: 'Phones and e-mails; websites and messengers are not read. A list adds what is missing and removes nothing.',
    ru: 'Телефоны и e-mail; сайты и мессенджеры не читаются. Список добавляет недостающее и ничего не удаляет.',
  }),
  differs('fieldType', 'money', {
    en: 'Read as a number without its currency; written in the portal’s base currency.',
    ru: 'Читается числом без валюты; записывается в базовой валюте портала.',
  }),
  differs('fieldType', 'address', {
    en: 'The address from company details and a lead’s own address are read only.',
    ru: 'Адрес из реквизитов и собственный адрес лида доступны только для чтения.',
  }),
  differs('fieldType', 'user', {
    en: 'The employee’s number: names need a permission of their own.',
    ru: 'Номер сотрудника: для имён нужно отдельное разрешение.',
  }),
  differs('fieldType', 'employee', {
    en: 'The employee’s number, as above.',
    ru: 'Номер сотрудника, как и выше.',
  }),
  differs('fieldType', 'file', {
    en: 'Only whether a file is there and its number; the content is neither read nor written.',
    ru: 'Только наличие файла и его номер; содержимое не читается и не записывается.',
  }),
  ...works('fieldType', 'crm_quote', 'crm_webform', 'location', 'crm', 'iblock_section', 'iblock_element'),
  differs('fieldType', 'resourcebooking', {
    en: 'Shown as raw data.',
    ru: 'Показывается как исходные данные.',
  }),
];
