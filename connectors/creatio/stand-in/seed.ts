import { createHash } from 'node:crypto';
import { type Body, insert, type Stand, valueOf } from './stand.ts';

/** The same ids after every start: connections and flows of a demo point at them. */
export function idFor(name: string): string {
  const hex = createHash('sha256').update(`seed ${name}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const values: Record<string, string[]> = {
  ContactType: ['Клиент', 'Сотрудник', 'Поставщик', 'Контактное лицо'],
  AccountType: ['Клиент', 'Партнёр', 'Поставщик', 'Наша компания'],
  AccountIndustry: ['Общественное питание', 'Торговля', 'Производство', 'Гостиницы'],
  Gender: ['Женский', 'Мужской'],
  City: ['Санкт-Петербург', 'Москва', 'Выборг', 'Великий Новгород'],
  QualifyStatus: [
    'Квалификация',
    'Распределение',
    'Перевод в продажу',
    'Ожидание продажи',
    'Удовлетворён',
    'Не заинтересован',
  ],
  LeadType: ['Обслуживание оборудования', 'Ремонт', 'Поставка'],
  CaseStatus: ['Новое', 'В работе', 'Передано инженеру', 'Ожидает ответа', 'Решено', 'Закрыто', 'Отменено'],
  CasePriority: ['Средний', 'Низкий', 'Высокий', 'Критичный'],
  CaseOrigin: ['Звонок', 'E-mail', 'Портал', 'Сайт'],
  CommunicationType: ['Мобильный телефон', 'Рабочий телефон', 'Домашний телефон', 'E-mail', 'Skype', 'Web'],
  UsrServiceObjectKind: ['Печь', 'Холодильник', 'Тестомес'],
  UsrVehicleBodyType: ['Фургон', 'Пикап', 'Легковой'],
};

const accounts: { name: string; type: string; industry: string; phone: string; web: string; address: string }[] = [
  {
    name: 'Сервис-Мастер',
    type: 'Наша компания',
    industry: 'Производство',
    phone: '+7 812 300-10-10',
    web: 'servicemaster.example',
    address: 'Санкт-Петербург, ул. Заставская, 7',
  },
  {
    name: 'Пекарня «Каравай»',
    type: 'Клиент',
    industry: 'Общественное питание',
    phone: '+7 812 555-01-10',
    web: 'karavay.example',
    address: 'Санкт-Петербург, пр. Стачек, 47',
  },
  {
    name: 'Кафе «Ладога»',
    type: 'Клиент',
    industry: 'Общественное питание',
    phone: '+7 812 555-02-20',
    web: '',
    address: 'Санкт-Петербург, Садовая ул., 12',
  },
  {
    name: 'Гостиница «Выборг»',
    type: 'Клиент',
    industry: 'Гостиницы',
    phone: '+7 81378 5-55-03',
    web: 'hotel-vyborg.example',
    address: 'Выборг, Ленинградское шоссе, 19',
  },
];

const contacts: { name: string; account: string; job: string; mobile: string; email: string; birth?: string }[] = [
  {
    name: 'Администратор Сервиса',
    account: 'Сервис-Мастер',
    job: 'Администратор',
    mobile: '',
    email: 'admin@servicemaster.example',
  },
  {
    name: 'Соколова Марина Игоревна',
    account: 'Пекарня «Каравай»',
    job: 'Управляющая',
    mobile: '+7 921 555-12-34',
    email: 'sokolova@karavay.example',
    birth: '1984-03-17',
  },
  {
    name: 'Гусев Олег Петрович',
    account: 'Кафе «Ладога»',
    job: 'Директор',
    mobile: '8 (911) 555-77-01',
    email: 'gusev@ladoga.example',
    birth: '1979-11-02',
  },
  {
    name: 'Белозёрова Анна Сергеевна',
    account: 'Гостиница «Выборг»',
    job: 'Главный инженер',
    mobile: '+79215559080',
    email: 'belozerova@hotel-vyborg.example',
  },
];

const leads: Body[] = [
  {
    Contact: 'Фролов Денис',
    Account: 'Столовая № 5',
    MobilePhone: '+7 905 555-43-21',
    Email: 'frolov@stolovaya5.example',
    Commentary: 'Нужен договор на обслуживание двух печей',
  },
  { Contact: 'Юлия', MobilePhone: '8 812 555-66-77', Commentary: 'Перезвонить после обеда' },
];

const cases: {
  subject: string;
  contact: string;
  status: string;
  priority: string;
  origin: string;
  symptoms: string;
}[] = [
  {
    subject: 'Не греет подовая печь',
    contact: 'Соколова Марина Игоревна',
    status: 'В работе',
    priority: 'Высокий',
    origin: 'Звонок',
    symptoms: 'Нижний под не набирает температуру выше 120 °C.',
  },
  {
    subject: 'Холодильник гудит',
    contact: 'Гусев Олег Петрович',
    status: 'Новое',
    priority: 'Средний',
    origin: 'Портал',
    symptoms: 'Шум компрессора по ночам.',
  },
  {
    subject: 'Плановое обслуживание',
    contact: 'Белозёрова Анна Сергеевна',
    status: 'Закрыто',
    priority: 'Низкий',
    origin: 'E-mail',
    symptoms: 'Ежеквартальный осмотр.',
  },
];

/** Whose session it is when nobody says otherwise: the Supervisor of a fresh stand. */
export const supervisor = '410006e1-ca4e-4502-a9ec-e54d922d2c00';

const weekMs = 7 * 24 * 3600_000;

/** Lookups, and with `records` a small service company, all a week old. */
export function seedStand(stand: Stand, options: { records: boolean }): void {
  const { clock } = stand;
  stand.clock = { now: () => new Date(clock.now().getTime() - weekMs) };
  seedValues(stand);
  if (options.records) seedRecords(stand);
  stand.clock = clock;
}

function seedValues(stand: Stand): void {
  for (const [object, names] of Object.entries(values))
    for (const Name of names) insert(stand, object, { Id: idFor(`${object} ${Name}`), Name });
  insert(stand, 'Contact', { Id: supervisor, Name: 'Supervisor' });
  stand.user = supervisor;
}

function seedRecords(stand: Stand): void {
  for (const { name, type, industry, ...rest } of accounts)
    insert(stand, 'Account', {
      Id: idFor(name),
      Name: name,
      TypeId: valueOf(stand, 'AccountType', type),
      IndustryId: valueOf(stand, 'AccountIndustry', industry),
      OwnerId: supervisor,
      Phone: rest.phone,
      Web: rest.web,
      Address: rest.address,
    });
  for (const { name, account, job, mobile, email, birth } of contacts)
    insert(stand, 'Contact', {
      Id: idFor(name),
      Name: name,
      AccountId: idFor(account),
      TypeId: valueOf(stand, 'ContactType', account === 'Сервис-Мастер' ? 'Сотрудник' : 'Клиент'),
      OwnerId: supervisor,
      JobTitle: job,
      MobilePhone: mobile,
      Email: email,
      ...(birth ? { BirthDate: birth } : {}),
    });
  for (const body of leads) insert(stand, 'Lead', { ...body, Id: idFor(String(body.Contact)) });
  const oven = insert(stand, 'UsrServiceObject', {
    Id: idFor('oven'),
    Name: 'Печь подовая ХПЭ-500',
    UsrSerialNumber: 'XP-500-0117',
    UsrInstalledOn: '2021-05-12',
    UsrOwnerAccountId: idFor('Пекарня «Каравай»'),
    UsrKindId: valueOf(stand, 'UsrServiceObjectKind', 'Печь'),
  });
  insert(stand, 'UsrVehicle', {
    Id: idFor('van'),
    Name: 'ГАЗель NEXT',
    UsrPlate: 'А123ВС178',
    UsrYear: 2019,
    UsrMileage: 148_200.5,
    UsrNextServiceOn: '2026-11-01',
    UsrOwnerContactId: idFor('Гусев Олег Петрович'),
    UsrBodyTypeId: valueOf(stand, 'UsrVehicleBodyType', 'Фургон'),
  });
  for (const { subject, contact, status, priority, origin, symptoms } of cases)
    insert(stand, 'Case', {
      Id: idFor(subject),
      Subject: subject,
      Symptoms: symptoms,
      ContactId: idFor(contact),
      StatusId: valueOf(stand, 'CaseStatus', status),
      PriorityId: valueOf(stand, 'CasePriority', priority),
      OriginId: valueOf(stand, 'CaseOrigin', origin),
      ...(subject.includes('печь') ? { UsrServiceObjectId: oven.Id } : {}),
    });
}
