import type { Action } from '../../kit/action.ts';
import type { AuthKind, Connector } from '../../kit/connector.ts';
import { connector } from '../../kit/connector.ts';
import type { Text } from '../../kit/text.ts';
import { attachFile, attachFileToObject } from './actions/attach-file.ts';
import { runProcess } from './actions/run-process.ts';
import { type CreatioApi, createApi } from './api.ts';
import { bpmonlinePassword, byOAuth, byPassword } from './auth.ts';
import { check } from './check.ts';
import type { Dialect } from './dialect.ts';
import { discover } from './discover.ts';
import { declared } from './names.ts';
import { odata3 } from './odata3.ts';
import { odata4 } from './odata4.ts';
import { entityRecord } from './records/entity.ts';
import { siteOf } from './settings.ts';
import { caseEnteredStatus, leadEnteredStage } from './triggers/entered-status.ts';
import { webhook } from './webhook.ts';

/** Two requests at a time, of all our processes together: our own choice, the vendor names no limit. */
const concurrency = 2;
const capacity = 60;
const perSecond = 20;

const records = Object.fromEntries(
  Object.entries(declared).map(([entity, { key }]) => [key, entityRecord(entity, { hasChanges: true })]),
);

/** Records with files of their own, and how they are called in "attach to …". */
const filed = [
  attachFile('Contact', { key: 'contact', to: { en: 'contact', ru: 'контакту' } }),
  attachFile('Account', { key: 'account', to: { en: 'account', ru: 'контрагенту' } }),
  attachFile('Lead', { key: 'lead', to: { en: 'lead', ru: 'лиду' } }),
  attachFile('Case', { key: 'case', to: { en: 'case', ru: 'обращению' } }),
];

/** One product under two names: only the dialect of OData and the ways to sign in differ. */
const family = (own: {
  key: string;
  label: string;
  description: Text;
  mark: { letters: string; color: string };
  auth: AuthKind[];
  dialect: Dialect;
  actions: Action<CreatioApi>[];
}): Connector =>
  connector<CreatioApi>({
    key: own.key,
    label: own.label,
    description: own.description,
    mark: own.mark,
    auth: own.auth,
    endpoints: [
      { key: 'site', label: { en: 'Address of the site', ru: 'Адрес сайта' } },
      { key: 'identity', label: { en: 'Address of the identity service', ru: 'Адрес службы идентификации' } },
    ],
    guarded: true,
    limit: ({ fields, endpoints }) => {
      const site = siteOf({ fields, endpoints }, own.dialect.domain);
      return site === null ? null : { key: `creatio:${new URL(site).host}`, capacity, perSecond, concurrency };
    },
    connect: (connection) => createApi(connection, own.dialect, own.label),
    check,
    records,
    triggers: { [caseEnteredStatus.key]: caseEnteredStatus, [leadEnteredStage.key]: leadEnteredStage },
    actions: Object.fromEntries(own.actions.map((action) => [action.key, action])),
    discover,
    webhook,
  });

export const creatio = family({
  key: 'creatio',
  label: 'Creatio',
  description: {
    en: 'CRM: contacts, accounts, leads, cases and any object of your own',
    ru: 'CRM: контакты, контрагенты, лиды, обращения и любые ваши объекты',
  },
  mark: { letters: 'Cr', color: '#ff4013' },
  auth: [byPassword, byOAuth],
  dialect: odata4,
  actions: [...filed, attachFileToObject, runProcess],
});

export const bpmonline = family({
  key: 'bpmonline',
  label: 'bpm’online',
  description: {
    en: 'CRM, the earlier name of Creatio: versions up to 7.14',
    ru: 'CRM, прежнее имя Creatio: версии до 7.14',
  },
  mark: { letters: 'bp', color: '#0d6efd' },
  auth: [bpmonlinePassword],
  dialect: odata3,
  // The File API is documented for Creatio alone, the process engine for 7.x too (bpm’online, Other services).
  actions: [runProcess],
});
