import type { Text } from '../../kit/text.ts';

interface ObjectName {
  key: string;
  label: Text;
  labelMany: Text;
}

/** Objects that are record types of their own on the shelf, also before a connection is there. */
export const declared: Record<string, ObjectName> = {
  Contact: { key: 'contact', label: { en: 'Contact', ru: 'Контакт' }, labelMany: { en: 'Contacts', ru: 'Контакты' } },
  Account: {
    key: 'account',
    label: { en: 'Account', ru: 'Контрагент' },
    labelMany: { en: 'Accounts', ru: 'Контрагенты' },
  },
  Lead: { key: 'lead', label: { en: 'Lead', ru: 'Лид' }, labelMany: { en: 'Leads', ru: 'Лиды' } },
  Case: { key: 'case', label: { en: 'Case', ru: 'Обращение' }, labelMany: { en: 'Cases', ru: 'Обращения' } },
};

/** Sections that everybody knows by name; the others are called as the stand calls them. */
const known: Record<string, [en: string, ru: string, enMany: string, ruMany: string]> = {
  Opportunity: ['Opportunity', 'Продажа', 'Opportunities', 'Продажи'],
  Activity: ['Activity', 'Активность', 'Activities', 'Активности'],
  Order: ['Order', 'Заказ', 'Orders', 'Заказы'],
  Product: ['Product', 'Продукт', 'Products', 'Продукты'],
  Contract: ['Contract', 'Договор', 'Contracts', 'Договоры'],
  Invoice: ['Invoice', 'Счёт', 'Invoices', 'Счета'],
  Employee: ['Employee', 'Сотрудник', 'Employees', 'Сотрудники'],
  City: ['City', 'Город', 'Cities', 'Города'],
  Country: ['Country', 'Страна', 'Countries', 'Страны'],
  Region: ['Region', 'Регион', 'Regions', 'Регионы'],
};

/** A section that is there in every stand. */
export const isSection = (entity: string): boolean => entity in known;

/** The code of an object as the stand writes it: people type it into a process in any case. */
export const codeOf = (typed: string): string =>
  [...Object.keys(declared), ...Object.keys(known)].find((code) => code.toLowerCase() === typed.toLowerCase()) ?? typed;

/** Whether the code is one of those that every stand has. */
export const hasCode = (code: string): boolean => Object.hasOwn(declared, code) || Object.hasOwn(known, code);

/** How an object is called as a record type. A caption of the stand's own wins, for sections are renamed too. */
export function objectName(entity: string, caption?: Text): ObjectName {
  const own = Object.hasOwn(declared, entity) ? declared[entity] : undefined;
  if (own) return own;
  const [en, ru, enMany, ruMany] = (Object.hasOwn(known, entity) ? known[entity] : undefined) ?? [];
  const isUsual = caption === undefined || caption === en || caption === ru;
  if (isUsual && en !== undefined && ru !== undefined && enMany !== undefined && ruMany !== undefined)
    return { key: entity, label: { en, ru }, labelMany: { en: enMany, ru: ruMany } };
  return { key: entity, label: caption ?? entity, labelMany: caption ?? entity };
}

/** Columns by their usual meaning, for stands that give no captions: `name: [English, Russian]`. */
const columns: Record<string, [en: string, ru: string]> = {
  Id: ['Id', 'Id'],
  Name: ['Name', 'Название'],
  'Contact.Name': ['Full name', 'ФИО'],
  'Lead.Contact': ['Contact name', 'ФИО контакта'],
  'Lead.Account': ['Account name', 'Название контрагента'],
  'Lead.LeadName': ['Lead name', 'Название лида'],
  CreatedOn: ['Created on', 'Дата создания'],
  CreatedBy: ['Created by', 'Создал'],
  ModifiedOn: ['Modified on', 'Дата изменения'],
  ModifiedBy: ['Modified by', 'Изменил'],
  ProcessListeners: ['Active processes', 'Активные процессы'],
  Owner: ['Owner', 'Ответственный'],
  Dear: ['Salutation in letters', 'Обращение в письмах'],
  SalutationType: ['Title', 'Обращение'],
  Gender: ['Gender', 'Пол'],
  Account: ['Account', 'Контрагент'],
  Contact: ['Contact', 'Контакт'],
  DecisionRole: ['Role', 'Роль'],
  Type: ['Type', 'Тип'],
  Job: ['Job title (list)', 'Должность (справочник)'],
  JobTitle: ['Full job title', 'Должность'],
  Department: ['Department', 'Департамент'],
  BirthDate: ['Birth date', 'Дата рождения'],
  Phone: ['Business phone', 'Рабочий телефон'],
  'Account.Phone': ['Primary phone', 'Основной телефон'],
  AdditionalPhone: ['Additional phone', 'Дополнительный телефон'],
  MobilePhone: ['Mobile phone', 'Мобильный телефон'],
  HomePhone: ['Home phone', 'Домашний телефон'],
  BusinesPhone: ['Business phone', 'Рабочий телефон'],
  Fax: ['Fax', 'Факс'],
  Skype: ['Skype', 'Skype'],
  Email: ['E-mail', 'E-mail'],
  Web: ['Web', 'Сайт'],
  Website: ['Web', 'Сайт'],
  AddressType: ['Type of address', 'Тип адреса'],
  Address: ['Address', 'Адрес'],
  City: ['City', 'Город'],
  CityStr: ['City', 'Город'],
  Region: ['State/province', 'Область/штат'],
  Country: ['Country', 'Страна'],
  Zip: ['ZIP/postal code', 'Индекс'],
  DoNotUseEmail: ['Do not use e-mail', 'Не использовать e-mail'],
  DoNotUseCall: ['Do not call', 'Не звонить'],
  DoNotUseSms: ['Do not send SMS', 'Не отправлять SMS'],
  DoNotUseMail: ['Do not use mail', 'Не использовать почту'],
  DoNotUseFax: ['Do not use fax', 'Не использовать факс'],
  Notes: ['Notes', 'Заметки'],
  Surname: ['Last name', 'Фамилия'],
  GivenName: ['First name', 'Имя'],
  MiddleName: ['Middle name', 'Отчество'],
  Completeness: ['Completeness', 'Полнота заполнения'],
  Age: ['Age', 'Возраст'],
  Language: ['Language', 'Язык'],
  Ownership: ['Ownership', 'Форма собственности'],
  PrimaryContact: ['Primary contact', 'Основной контакт'],
  Parent: ['Parent account', 'Родительский контрагент'],
  Industry: ['Industry', 'Отрасль'],
  Code: ['Code', 'Код'],
  AlternativeName: ['Also known as', 'Альтернативные названия'],
  EmployeesNumber: ['Number of employees', 'Количество сотрудников'],
  AnnualRevenue: ['Annual revenue', 'Годовой оборот'],
  QualifyStatus: ['Stage', 'Стадия'],
  LeadType: ['Customer need', 'Потребность'],
  LeadSource: ['Source', 'Источник'],
  RegisterMethod: ['Registration method', 'Способ регистрации'],
  QualifiedContact: ['Contact', 'Контакт'],
  QualifiedAccount: ['Account', 'Контрагент'],
  Commentary: ['Comment', 'Комментарий'],
  Budget: ['Budget', 'Бюджет'],
  Number: ['Number', 'Номер'],
  Subject: ['Subject', 'Тема'],
  Symptoms: ['Description', 'Описание'],
  Solution: ['Solution', 'Решение'],
  Status: ['Status', 'Состояние'],
  Priority: ['Priority', 'Приоритет'],
  Origin: ['Source', 'Источник'],
  Category: ['Category', 'Категория'],
  Group: ['Group', 'Группа'],
  RegisteredOn: ['Registration date', 'Дата регистрации'],
  ResponseDate: ['Response time', 'Срок реакции'],
  SolutionDate: ['Resolution time', 'Срок разрешения'],
  RespondedOn: ['Actual response time', 'Фактическое время реакции'],
  SolutionProvidedOn: ['Actual resolution time', 'Фактическое время разрешения'],
  ClosureDate: ['Closed on', 'Дата закрытия'],
  Title: ['Title', 'Заголовок'],
  Stage: ['Stage', 'Стадия'],
  Amount: ['Amount', 'Сумма'],
  DueDate: ['Due date', 'Дата завершения'],
  StartDate: ['Start date', 'Дата начала'],
  Description: ['Description', 'Описание'],
};

/** What to call a column: a name for a lookup without its `Id`. */
export function columnName(entity: string, column: string): Text {
  const [en, ru] = columns[`${entity}.${column}`] ?? columns[column] ?? [];
  return en === undefined || ru === undefined ? column : { en, ru };
}
