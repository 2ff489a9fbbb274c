/** What the portal of the stand-in consists of: object types, their fields, dictionaries and pipelines. */

export const LEAD = 1;
export const DEAL = 2;
export const CONTACT = 3;
export const COMPANY = 4;

export interface FieldInfo {
  type: string;
  title: string;
  upperName: string;
  isRequired: boolean;
  isReadOnly: boolean;
  isImmutable: boolean;
  isMultiple: boolean;
  isDynamic: boolean;
  isDeprecated?: boolean;
  statusType?: string;
  settings?: Record<string, unknown>;
}

export interface UserField {
  id: number;
  entityId: string;
  /** `UF_CRM_1700000001`; over `crm.item.*` it is called `ufCrm_1700000001`. */
  name: string;
  type: string;
  label: string;
  multiple?: boolean;
  mandatory?: boolean;
  list?: { id: number; value: string }[];
  settings?: Record<string, unknown>;
}

export interface Status {
  entityId: string;
  statusId: string;
  name: string;
  semantics: 'S' | 'F' | null;
  categoryId: number | null;
}

const field = (upperName: string, type: string, title: string, extra: Partial<FieldInfo> = {}): FieldInfo => ({
  type,
  title,
  upperName,
  isRequired: false,
  isReadOnly: false,
  isImmutable: false,
  isMultiple: false,
  isDynamic: false,
  ...extra,
});

const readOnly = { isReadOnly: true };

/** `stageId` → `STAGE_ID` */
export const upper = (name: string): string => name.replace(/([A-Z])/g, '_$1').toUpperCase();

type Row = [name: string, type: string, title: string, extra?: Partial<FieldInfo>];

const common: Row[] = [
  ['id', 'integer', 'ID', readOnly],
  ['createdTime', 'datetime', 'Дата создания', readOnly],
  ['updatedTime', 'datetime', 'Дата изменения', readOnly],
  ['createdBy', 'user', 'Кем создан', readOnly],
  ['updatedBy', 'user', 'Кем изменён', readOnly],
  ['assignedById', 'user', 'Ответственный'],
  ['opened', 'boolean', 'Доступен для всех', { isRequired: true }],
  ['comments', 'text', 'Комментарий'],
  ['sourceId', 'crm_status', 'Источник', { statusType: 'SOURCE' }],
  ['sourceDescription', 'text', 'Дополнительно об источнике'],
  ['originatorId', 'string', 'Внешний источник'],
  ['originId', 'string', 'Идентификатор элемента во внешнем источнике'],
  ['observers', 'user', 'Наблюдатели', { isMultiple: true }],
  ['lastActivityBy', 'user', 'Кто совершил последнюю активность'],
  ['lastActivityTime', 'datetime', 'Последняя активность'],
  ['utmSource', 'string', 'UTM Source'],
];

const moved: Row[] = [
  ['movedBy', 'user', 'Кто сменил стадию', readOnly],
  ['movedTime', 'datetime', 'Дата смены стадии', readOnly],
  ['stageSemanticId', 'string', 'Группа стадии', readOnly],
];

const person: Row[] = [
  ['honorific', 'crm_status', 'Обращение', { statusType: 'HONORIFIC' }],
  ['name', 'string', 'Имя'],
  ['secondName', 'string', 'Отчество'],
  ['lastName', 'string', 'Фамилия'],
  ['post', 'string', 'Должность'],
  ['birthdate', 'date', 'Дата рождения'],
];

const money: Row[] = [
  ['opportunity', 'double', 'Сумма'],
  ['isManualOpportunity', 'boolean', 'Ручной режим подсчёта суммы'],
  ['currencyId', 'crm_currency', 'Валюта'],
];

const counters: Row[] = [
  ['hasPhone', 'boolean', 'Задан телефон', readOnly],
  ['hasEmail', 'boolean', 'Задан e-mail', readOnly],
  ['hasImol', 'boolean', 'Задана открытая линия', readOnly],
];

const toCompany = { settings: { parentEntityTypeId: COMPANY } };
const contacts: Row[] = [
  ['contactId', 'crm_contact', 'Контакт', { isDeprecated: true }],
  ['contactIds', 'crm_contact', 'CONTACT_IDS', { isMultiple: true }],
  ['contacts', 'crm_contact', 'CONTACTS', { isMultiple: true }],
];

const perType: Record<number, Row[]> = {
  [LEAD]: [
    ['title', 'string', 'Название лида'],
    ['stageId', 'crm_status', 'Статус', { statusType: 'STATUS' }],
    ['companyTitle', 'string', 'Название компании'],
    ['companyId', 'crm_company', 'Компания', toCompany],
    ...contacts,
    ...person,
    ...money,
    ...moved,
    ...counters,
  ],
  [DEAL]: [
    ['title', 'string', 'Название'],
    ['typeId', 'crm_status', 'Тип', { statusType: 'DEAL_TYPE' }],
    ['categoryId', 'crm_category', 'Воронка'],
    ['stageId', 'crm_status', 'Стадия сделки', { statusType: 'DEAL_STAGE' }],
    ['previousStageId', 'crm_status', 'Предыдущая стадия', { statusType: 'DEAL_STAGE', ...readOnly }],
    ['companyId', 'crm_company', 'Компания', toCompany],
    ...contacts,
    ['begindate', 'date', 'Дата начала'],
    ['closedate', 'date', 'Дата завершения'],
    ['closed', 'boolean', 'Закрыта', readOnly],
    ['probability', 'integer', 'Вероятность'],
    ['leadId', 'crm_lead', 'Лид', { settings: { parentEntityTypeId: LEAD } }],
    ['additionalInfo', 'string', 'Дополнительная информация'],
    ...money,
    ...moved,
  ],
  [CONTACT]: [
    ...person,
    ['photo', 'file', 'Фотография'],
    ['typeId', 'crm_status', 'Тип контакта', { statusType: 'CONTACT_TYPE' }],
    ['companyId', 'crm_company', 'Компания', { isDeprecated: true, ...toCompany }],
    ['companyIds', 'crm_company', 'COMPANY_IDS', { isMultiple: true }],
    ['companies', 'crm_company', 'COMPANIES', { isMultiple: true }],
    ['export', 'boolean', 'Участвует в экспорте'],
    ...counters,
  ],
  [COMPANY]: [
    ['title', 'string', 'Название компании'],
    ['typeId', 'crm_status', 'Тип компании', { statusType: 'COMPANY_TYPE' }],
    ['industry', 'crm_status', 'Сфера деятельности', { statusType: 'INDUSTRY' }],
    ['revenue', 'double', 'Годовой оборот'],
    ['isMyCompany', 'boolean', 'Моя компания', readOnly],
    ['contactIds', 'crm_contact', 'CONTACT_IDS', { isMultiple: true }],
    ...counters,
  ],
};

export const userFields: UserField[] = [
  {
    id: 101,
    entityId: 'CRM_DEAL',
    name: 'UF_CRM_1700000001',
    type: 'enumeration',
    label: 'Срочность',
    list: [
      { id: 41, value: 'Обычная' },
      { id: 42, value: 'Высокая' },
      { id: 43, value: 'Авария' },
    ],
  },
  { id: 102, entityId: 'CRM_DEAL', name: 'UF_CRM_1700000002', type: 'address', label: 'Адрес объекта' },
  { id: 103, entityId: 'CRM_DEAL', name: 'UF_CRM_1700000003', type: 'datetime', label: 'Работы закончены' },
  { id: 104, entityId: 'CRM_DEAL', name: 'UF_CRM_1700000004', type: 'double', label: 'Стоимость работ' },
  { id: 105, entityId: 'CRM_DEAL', name: 'UF_CRM_1700000005', type: 'string', label: 'Комментарий инженера' },
  { id: 106, entityId: 'CRM_DEAL', name: 'UF_CRM_1700000006', type: 'money', label: 'Смета' },
  { id: 107, entityId: 'CRM_DEAL', name: 'UF_CRM_1700000007', type: 'string', label: 'Номер договора' },
  { id: 108, entityId: 'CRM_DEAL', name: 'UF_CRM_1700000008', type: 'string', label: 'Оборудование', multiple: true },
  { id: 109, entityId: 'CRM_DEAL', name: 'UF_CRM_1700000009', type: 'boolean', label: 'Гарантийный случай' },
  { id: 110, entityId: 'CRM_DEAL', name: 'UF_CRM_1700000010', type: 'file', label: 'Фото', multiple: true },
  { id: 111, entityId: 'CRM_CONTACT', name: 'UF_CRM_1700000011', type: 'string', label: 'Удобное время звонка' },
];

export const entityIds: Record<number, string> = {
  [LEAD]: 'CRM_LEAD',
  [DEAL]: 'CRM_DEAL',
  [CONTACT]: 'CRM_CONTACT',
  [COMPANY]: 'CRM_COMPANY',
};

/** `UF_CRM_1700000001` → `ufCrm_1700000001` */
export const camelUserField = (name: string): string => name.replace(/^UF_CRM_/, 'ufCrm_');

const ofUserField = (user: UserField): [string, FieldInfo] => [
  camelUserField(user.name),
  field(user.name, user.type, user.label, {
    isDynamic: true,
    isMultiple: user.multiple ?? false,
    isRequired: user.mandatory ?? false,
    ...(user.settings && { settings: user.settings }),
  }),
];

/** As `crm.item.fields` answers. */
export function fieldsOf(entityTypeId: number, users: UserField[]): Record<string, FieldInfo> {
  const system = [...common, ...(perType[entityTypeId] ?? [])].map(
    ([name, type, title, extra]): [string, FieldInfo] => [name, field(upper(name), type, title, extra)],
  );
  const own = users.filter((user) => user.entityId === entityIds[entityTypeId]).map(ofUserField);
  return Object.fromEntries([...system, ...own]);
}

export const categories = [
  { id: 0, name: 'Продажи', sort: 100, entityTypeId: DEAL, isDefault: 'Y' },
  { id: 1, name: 'Сервис', sort: 200, entityTypeId: DEAL, isDefault: 'N', originId: '', originatorId: '' },
];

const dictionary = (
  entityId: string,
  rows: [string, string, Status['semantics']?][],
  categoryId: number | null = null,
) => rows.map(([statusId, name, semantics = null]): Status => ({ entityId, statusId, name, semantics, categoryId }));

export const statuses: Status[] = [
  ...dictionary('DEAL_STAGE', [
    ['NEW', 'Новая'],
    ['PREPARATION', 'Подготовка документов'],
    ['EXECUTING', 'В работе'],
    ['UC_SERVICE', 'Сервисная служба'],
    ['UC_DONE', 'Сервисная служба: выполнено'],
    ['WON', 'Сделка успешна', 'S'],
    ['LOSE', 'Отказ', 'F'],
  ]),
  ...dictionary(
    'DEAL_STAGE_1',
    [
      ['C1:NEW', 'Новая'],
      ['C1:EXECUTING', 'В работе'],
      ['C1:UC_SERVICE', 'Сервисная служба'],
      ['C1:WON', 'Сервисная служба: выполнено', 'S'],
      ['C1:LOSE', 'Отказ', 'F'],
    ],
    1,
  ),
  ...dictionary('STATUS', [
    ['NEW', 'Не обработан'],
    ['IN_PROCESS', 'В работе'],
    ['CONVERTED', 'Качественный лид', 'S'],
    ['JUNK', 'Некачественный лид', 'F'],
  ]),
  ...dictionary('SOURCE', [
    ['CALL', 'Звонок'],
    ['EMAIL', 'Электронная почта'],
    ['WEB', 'Сайт'],
    ['RECOMMENDATION', 'Рекомендация'],
  ]),
  ...dictionary('DEAL_TYPE', [
    ['SALE', 'Продажа'],
    ['SERVICE', 'Сервисное обслуживание'],
  ]),
  ...dictionary('CONTACT_TYPE', [
    ['CLIENT', 'Клиенты'],
    ['SUPPLIER', 'Поставщики'],
  ]),
  ...dictionary('COMPANY_TYPE', [
    ['CUSTOMER', 'Клиент'],
    ['PARTNER', 'Партнёр'],
  ]),
  ...dictionary('INDUSTRY', [
    ['FOOD', 'Общественное питание'],
    ['RETAIL', 'Розничная торговля'],
    ['OTHER', 'Другое'],
  ]),
  ...dictionary('HONORIFIC', [
    ['HNR_RU_1', 'г-н'],
    ['HNR_RU_2', 'г-жа'],
  ]),
];

export const currencies = [
  { CURRENCY: 'RUB', BASE: 'Y', FULL_NAME: 'Российский рубль' },
  { CURRENCY: 'KZT', BASE: 'N', FULL_NAME: 'Казахстанский тенге' },
];
