/** The objects of the fake stand: columns with their kinds, as a designer of Creatio would have set them. */

export type ColumnKind =
  | { kind: 'text'; length: number }
  | { kind: 'int' | 'decimal' | 'boolean' | 'datetime' | 'date' | 'stream' }
  | { kind: 'lookup'; target: string };

export type ObjectColumn = ColumnKind & { name: string; caption: string; required: boolean };

export interface ObjectSchema {
  name: string;
  caption: string;
  columns: Map<string, ObjectColumn>;
}

/** `text 250`, `int`, `decimal`, `boolean`, `datetime`, `date`, `-> Account`; a star in front: required. */
type Spec = [spec: string, caption: string];

function columnOf(name: string, [spec, caption]: Spec): ObjectColumn {
  const required = spec.startsWith('*');
  const [kind = '', argument = ''] = spec.replace('*', '').trim().split(' ');
  const about = { name, caption, required };
  if (kind === '->') return { ...about, kind: 'lookup', target: argument };
  if (kind === 'text') return { ...about, kind: 'text', length: Number(argument || 250) };
  return { ...about, kind: kind as 'int' };
}

const base: Record<string, Spec> = {
  Id: ['-> Self', 'Id'],
  CreatedOn: ['datetime', 'Дата создания'],
  CreatedById: ['-> Contact', 'Создал'],
  ModifiedOn: ['datetime', 'Дата изменения'],
  ModifiedById: ['-> Contact', 'Изменил'],
  ProcessListeners: ['int', 'Активные процессы'],
};

const lookup: Record<string, Spec> = { Name: ['*text 250', 'Название'], Description: ['text 250', 'Описание'] };

const contact: Record<string, Spec> = {
  Name: ['*text 250', 'ФИО'],
  Surname: ['text 250', 'Фамилия'],
  GivenName: ['text 250', 'Имя'],
  MiddleName: ['text 250', 'Отчество'],
  Dear: ['text 250', 'Обращение в письмах'],
  OwnerId: ['-> Contact', 'Ответственный'],
  AccountId: ['-> Account', 'Контрагент'],
  TypeId: ['-> ContactType', 'Тип'],
  GenderId: ['-> Gender', 'Пол'],
  JobTitle: ['text 250', 'Должность'],
  BirthDate: ['date', 'Дата рождения'],
  Age: ['int', 'Возраст'],
  Phone: ['text 250', 'Рабочий телефон'],
  MobilePhone: ['text 250', 'Мобильный телефон'],
  HomePhone: ['text 250', 'Домашний телефон'],
  Email: ['text 250', 'E-mail'],
  Address: ['text 500', 'Адрес'],
  CityId: ['-> City', 'Город'],
  Zip: ['text 50', 'Индекс'],
  DoNotUseEmail: ['boolean', 'Не использовать e-mail'],
  Notes: ['text 100000', 'Заметки'],
  Completeness: ['int', 'Полнота заполнения'],
  ContactPhoto: ['stream', 'Фото'],
  UsrBonusPoints: ['decimal', 'Бонусные баллы'],
  UsrLoyal: ['boolean', 'Постоянный клиент'],
  UsrContractNumber: ['text 50', 'Номер договора'],
};

const account: Record<string, Spec> = {
  Name: ['*text 250', 'Название'],
  AlternativeName: ['text 250', 'Альтернативные названия'],
  OwnerId: ['-> Contact', 'Ответственный'],
  TypeId: ['-> AccountType', 'Тип'],
  IndustryId: ['-> AccountIndustry', 'Отрасль'],
  PrimaryContactId: ['-> Contact', 'Основной контакт'],
  Code: ['text 50', 'Код'],
  Phone: ['text 250', 'Основной телефон'],
  AdditionalPhone: ['text 250', 'Дополнительный телефон'],
  Fax: ['text 250', 'Факс'],
  Web: ['text 250', 'Сайт'],
  Address: ['text 500', 'Адрес'],
  CityId: ['-> City', 'Город'],
  Notes: ['text 100000', 'Заметки'],
  Logo: ['stream', 'Логотип'],
};

const lead: Record<string, Spec> = {
  LeadName: ['text 250', 'Название лида'],
  Contact: ['text 250', 'ФИО контакта'],
  Account: ['text 250', 'Название контрагента'],
  MobilePhone: ['text 250', 'Мобильный телефон'],
  BusinesPhone: ['text 250', 'Рабочий телефон'],
  Email: ['text 250', 'E-mail'],
  Website: ['text 250', 'Сайт'],
  Commentary: ['text 100000', 'Комментарий'],
  OwnerId: ['-> Contact', 'Ответственный'],
  QualifyStatusId: ['-> QualifyStatus', 'Стадия'],
  LeadTypeId: ['-> LeadType', 'Потребность'],
  QualifiedContactId: ['-> Contact', 'Контакт'],
  QualifiedAccountId: ['-> Account', 'Контрагент'],
  Budget: ['decimal', 'Бюджет'],
};

const caseObject: Record<string, Spec> = {
  Number: ['*text 50', 'Номер'],
  Subject: ['*text 500', 'Тема'],
  Symptoms: ['text 100000', 'Описание'],
  Solution: ['text 100000', 'Решение'],
  ContactId: ['-> Contact', 'Контакт'],
  AccountId: ['-> Account', 'Контрагент'],
  StatusId: ['*-> CaseStatus', 'Состояние'],
  PriorityId: ['*-> CasePriority', 'Приоритет'],
  OriginId: ['-> CaseOrigin', 'Источник'],
  OwnerId: ['-> Contact', 'Ответственный'],
  RegisteredOn: ['*datetime', 'Дата регистрации'],
  SolutionDate: ['datetime', 'Срок разрешения'],
  SolutionProvidedOn: ['datetime', 'Фактическое время разрешения'],
  UsrVisitCost: ['decimal', 'Стоимость выезда'],
  UsrServiceObjectId: ['-> UsrServiceObject', 'Объект обслуживания'],
};

const usrServiceObject: Record<string, Spec> = {
  Name: ['*text 250', 'Название'],
  UsrSerialNumber: ['text 50', 'Серийный номер'],
  UsrInstalledOn: ['date', 'Дата установки'],
  UsrOwnerAccountId: ['-> Account', 'Владелец'],
  UsrKindId: ['-> UsrServiceObjectKind', 'Вид'],
};

const usrVehicle: Record<string, Spec> = {
  Name: ['*text 250', 'Название'],
  UsrPlate: ['text 20', 'Госномер'],
  UsrYear: ['int', 'Год выпуска'],
  UsrMileage: ['decimal', 'Пробег, км'],
  UsrNextServiceOn: ['date', 'Дата следующего ТО'],
  UsrOwnerContactId: ['-> Contact', 'Владелец'],
  UsrBodyTypeId: ['-> UsrVehicleBodyType', 'Тип кузова'],
};

const communication = (owner: string): Record<string, Spec> => ({
  Number: ['*text 250', 'Номер'],
  CommunicationTypeId: ['-> CommunicationType', 'Тип'],
  [`${owner}Id`]: [`-> ${owner}`, owner],
});

const file = (owner: string): Record<string, Spec> => ({
  Name: ['*text 250', 'Название'],
  Data: ['stream', 'Данные'],
  Size: ['int', 'Размер'],
  [`${owner}Id`]: [`-> ${owner}`, owner],
});

const sections: Record<string, { caption: string; columns: Record<string, Spec> }> = {
  Contact: { caption: 'Контакт', columns: contact },
  Account: { caption: 'Контрагент', columns: account },
  Lead: { caption: 'Лид', columns: lead },
  Case: { caption: 'Обращение', columns: caseObject },
  UsrServiceObject: { caption: 'Объект обслуживания', columns: usrServiceObject },
  UsrVehicle: { caption: 'Автомобиль', columns: usrVehicle },
  ContactCommunication: { caption: 'Средство связи контакта', columns: communication('Contact') },
  AccountCommunication: { caption: 'Средство связи контрагента', columns: communication('Account') },
  ContactFile: { caption: 'Файл контакта', columns: file('Contact') },
  AccountFile: { caption: 'Файл контрагента', columns: file('Account') },
  LeadFile: { caption: 'Файл лида', columns: file('Lead') },
  CaseFile: { caption: 'Файл обращения', columns: file('Case') },
  UsrServiceObjectFile: { caption: 'Файл объекта', columns: file('UsrServiceObject') },
};

const lookups: Record<string, string> = {
  ContactType: 'Тип контакта',
  AccountType: 'Тип контрагента',
  AccountIndustry: 'Отрасль',
  Gender: 'Пол',
  City: 'Город',
  QualifyStatus: 'Стадия лида',
  LeadType: 'Потребность',
  CaseStatus: 'Состояние обращения',
  CasePriority: 'Приоритет обращения',
  CaseOrigin: 'Источник обращения',
  CommunicationType: 'Тип средства связи',
  UsrServiceObjectKind: 'Вид объекта обслуживания',
  UsrVehicleBodyType: 'Тип кузова',
};

/** The schemas of a fresh stand; a test may add objects and columns of its own. */
export function createObjects(): Map<string, ObjectSchema> {
  const objects = new Map<string, ObjectSchema>();
  const all = {
    ...sections,
    ...Object.fromEntries(Object.entries(lookups).map(([name, caption]) => [name, { caption, columns: lookup }])),
  };
  for (const [name, { caption, columns }] of Object.entries(all)) objects.set(name, objectOf(name, caption, columns));
  return objects;
}

/** One more object, as somebody adds in the designer. */
export function objectOf(name: string, caption: string, columns: Record<string, Spec> = lookup): ObjectSchema {
  const entries = Object.entries({ ...base, ...columns }).map(([key, spec]) => [key, columnOf(key, spec)] as const);
  return { name, caption, columns: new Map(entries) };
}

/** One more column, as somebody adds in the designer. */
export function addColumn(schema: ObjectSchema, name: string, spec: Spec): void {
  schema.columns.set(name, columnOf(name, spec));
}
