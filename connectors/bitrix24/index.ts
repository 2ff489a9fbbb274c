import { connector } from '../../kit/connector.ts';
import { type Api, createApi } from './api.ts';
import { portalOf, webhookAuth } from './auth.ts';
import { check } from './check.ts';
import { company } from './records/company.ts';
import { contact } from './records/contact.ts';
import { deal } from './records/deal.ts';
import { lead } from './records/lead.ts';
import { dealEnteredStage, leadEnteredStage } from './triggers/entered-stage.ts';
import { webhook } from './webhook.ts';

export const bitrix24 = connector<Api>({
  key: 'bitrix24',
  label: { en: 'Bitrix24', ru: 'Битрикс24' },
  description: {
    en: 'CRM: deals, contacts, companies and leads of a Bitrix24 portal.',
    ru: 'CRM: сделки, контакты, компании и лиды портала Битрикс24.',
  },
  mark: { letters: 'Б2', color: '#0b7fbf' },
  auth: [webhookAuth],
  endpoints: [
    {
      key: 'rest',
      label: {
        en: 'REST address, instead of https://{portal}/rest',
        ru: 'Адрес REST вместо https://{портал}/rest',
      },
    },
  ],
  guarded: true,
  // limits.md: two calls a second, 50 in a burst, per portal and source address, on all plans but Enterprise; and no
  // parallel series from one address. Two at a time still use two a second while an answer takes less than one.
  limit(connection) {
    const portal = portalOf(connection);
    return portal ? { key: `bitrix24:${portal}`, capacity: 50, perSecond: 2, concurrency: 2 } : null;
  },
  connect: createApi,
  check,
  records: { deal, contact, company, lead },
  triggers: {
    [dealEnteredStage.key]: dealEnteredStage,
    [leadEnteredStage.key]: leadEnteredStage,
  },
  actions: {},
  webhook,
});
