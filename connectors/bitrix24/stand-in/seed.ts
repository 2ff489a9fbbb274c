import { addItem, type Portal } from './portal.ts';
import { COMPANY, CONTACT, DEAL, LEAD } from './schema.ts';

const phone = (value: string, valueType = 'WORK') => ({ typeId: 'PHONE', valueType, value });
const email = (value: string, valueType = 'WORK') => ({ typeId: 'EMAIL', valueType, value });

const companies = [
  {
    title: 'ООО «Кофейня на Мясницкой»',
    industry: 'FOOD',
    phone: '+7 495 120-45-67',
    mail: 'office@kofe-myasnitskaya.example',
    street: 'Мясницкая ул., 24/7, стр. 1',
    city: 'Москва',
    postalCode: '101000',
  },
  {
    title: 'АО «Хлебозавод № 9»',
    industry: 'FOOD',
    phone: '+7 495 739-11-20',
    mail: 'service@hleb9.example',
    street: 'Новодмитровская ул., 1',
    city: 'Москва',
    postalCode: '127015',
  },
  {
    title: 'ООО «Магазины у дома»',
    industry: 'RETAIL',
    phone: '+7 812 309-88-41',
    mail: 'it@udoma.example',
    street: 'Лиговский пр-т, 50, лит. К',
    city: 'Санкт-Петербург',
    postalCode: '191040',
  },
  {
    title: 'ООО «Столовая Пельменная»',
    industry: 'FOOD',
    phone: '+7 343 287-04-14',
    mail: 'zakaz@pelmennaya.example',
    street: 'ул. Малышева, 36',
    city: 'Екатеринбург',
    postalCode: '620014',
  },
  {
    title: 'ИП Гаврилова О. С.',
    industry: 'OTHER',
    phone: '8 (903) 555-10-22',
    mail: 'gavrilova@example.com',
    street: 'ул. Ленина, 8, офис 12',
    city: 'Королёв',
    postalCode: '141070',
  },
];

const people = [
  {
    name: 'Ольга',
    secondName: 'Сергеевна',
    lastName: 'Гаврилова',
    post: 'Владелец',
    company: 4,
    phones: ['+79035551022'],
    mail: 'gavrilova@example.com',
  },
  {
    name: 'Иван',
    secondName: 'Петрович',
    lastName: 'Кузнецов',
    post: 'Управляющий',
    company: 0,
    phones: ['8 (916) 204-31-77', '+7 495 120-45-67'],
    mail: 'kuznetsov@kofe-myasnitskaya.example',
  },
  {
    name: 'Марина',
    secondName: 'Андреевна',
    lastName: 'Соколова',
    post: 'Главный технолог',
    company: 1,
    phones: ['+7 925 731-40-05'],
    mail: 'sokolova@hleb9.example',
  },
  {
    name: 'Сергей',
    secondName: 'Викторович',
    lastName: 'Лебедев',
    post: 'Инженер по эксплуатации',
    company: 2,
    phones: ['+7 921 640-12-90'],
    mail: 'lebedev@udoma.example',
  },
  {
    name: 'Алия',
    secondName: 'Рустамовна',
    lastName: 'Хасанова',
    post: 'Директор',
    company: 3,
    phones: ['+7 912 245-67-89'],
    mail: 'hasanova@pelmennaya.example',
  },
  {
    name: 'Павел',
    secondName: 'Игоревич',
    lastName: 'Чернов',
    post: 'Механик',
    company: 1,
    phones: ['+7 985 118-22-36'],
    mail: 'chernov@hleb9.example',
  },
];

interface DealSeed {
  title: string;
  person: number;
  stageId: string;
  sum: number;
  urgency: 41 | 42 | 43;
  comments: string;
  place?: string;
}

const deals: DealSeed[] = [
  {
    title: 'Не греет кофемашина La Marzocco',
    person: 1,
    stageId: 'C1:NEW',
    sum: 18500,
    urgency: 43,
    comments: 'С утра не набирает температуру. Второй бойлер [B]холодный[/B].',
  },
  {
    title: 'Плановое ТО печи, цех 2',
    person: 2,
    stageId: 'C1:NEW',
    sum: 64000,
    urgency: 41,
    comments: 'Заезд через КПП-1, пропуск заказать за день.',
  },
  {
    title: 'Течёт холодильная витрина',
    person: 3,
    stageId: 'C1:EXECUTING',
    sum: 27300,
    urgency: 42,
    comments: 'Магазин на Лиговском. Вода под витриной, гость поскользнулся.',
  },
  {
    title: 'Замена ТЭНа в пароконвектомате',
    person: 4,
    stageId: 'C1:NEW',
    sum: 21900,
    urgency: 42,
    comments: 'Работать после 22:00, когда кухня закрыта.',
  },
  {
    title: 'Посудомоечная машина: ошибка E15',
    person: 0,
    stageId: 'C1:EXECUTING',
    sum: 9800,
    urgency: 41,
    comments: 'Сбрасывали питанием, не помогло.',
    place: 'Калининградская ул., 12, Королёв|;|575',
  },
  {
    title: 'Тестомес не запускается',
    person: 5,
    stageId: 'C1:NEW',
    sum: 33000,
    urgency: 43,
    comments: 'Выбивает автомат. Линия стоит.',
  },
  { title: 'Договор на годовое обслуживание', person: 3, stageId: 'NEW', sum: 480000, urgency: 41, comments: '' },
  {
    title: 'Поставка двух льдогенераторов',
    person: 1,
    stageId: 'PREPARATION',
    sum: 312000,
    urgency: 41,
    comments: 'Ждут счёт до пятницы.',
  },
  { title: 'Переоснащение кухни', person: 4, stageId: 'EXECUTING', sum: 1250000, urgency: 41, comments: '' },
  {
    title: 'Аренда кофемашины на выставку',
    person: 1,
    stageId: 'WON',
    sum: 45000,
    urgency: 41,
    comments: 'Вернули в срок.',
  },
  {
    title: 'Ремонт льдогенератора',
    person: 0,
    stageId: 'C1:WON',
    sum: 12400,
    urgency: 41,
    comments: 'Заменён датчик.',
  },
  {
    title: 'Диагностика холодильной камеры',
    person: 2,
    stageId: 'C1:LOSE',
    sum: 6000,
    urgency: 41,
    comments: 'Отказались: своя служба.',
  },
];

const leads = [
  {
    title: 'Заявка с сайта: шумит вытяжка',
    name: 'Дмитрий',
    lastName: 'Орлов',
    phone: '+7 977 302-14-58',
    mail: 'orlov@example.com',
  },
  {
    title: 'Звонок: нужен мастер по печам',
    name: 'Светлана',
    lastName: 'Титова',
    phone: '8 906 771-90-04',
    mail: 'titova@example.com',
  },
];

function seedCompanies(portal: Portal): number[] {
  return companies.map((row) => {
    const { id } = addItem(portal, COMPANY, {
      title: row.title,
      industry: row.industry,
      typeId: 'CUSTOMER',
      fm: [phone(row.phone), email(row.mail)],
    });
    const address = {
      entityTypeId: COMPANY,
      entityId: id,
      street: row.street,
      city: row.city,
      postalCode: row.postalCode,
    };
    portal.addresses.push({ ...address, requisiteId: portal.nextId++, typeId: 1, country: 'Россия' });
    return id;
  });
}

function seedContacts(portal: Portal, companyIds: number[]): number[] {
  return people.map((row) => {
    const { id } = addItem(portal, CONTACT, {
      name: row.name,
      secondName: row.secondName,
      lastName: row.lastName,
      post: row.post,
      typeId: 'CLIENT',
      companyIds: [companyIds[row.company]],
      fm: [...row.phones.map((value, index) => phone(value, index === 0 ? 'MOBILE' : 'WORK')), email(row.mail)],
    });
    const company = companies[row.company];
    if (company && row.company !== 4)
      portal.addresses.push({
        requisiteId: portal.nextId++,
        entityTypeId: CONTACT,
        entityId: id,
        typeId: 1,
        street: company.street,
        city: company.city,
        postalCode: company.postalCode,
        country: 'Россия',
      });
    return id;
  });
}

/** A firm that services kitchen equipment: a dozen deals, the people and companies behind them, two leads. */
export function seedDemo(portal: Portal): void {
  const live = portal.now;
  let hoursAgo = 24 * 7;
  portal.now = () => new Date(live().getTime() - hoursAgo * 3_600_000);
  const companyIds = seedCompanies(portal);
  const contactIds = seedContacts(portal, companyIds);
  for (const row of deals) {
    hoursAgo -= 12;
    addItem(portal, DEAL, {
      title: row.title,
      categoryId: row.stageId.startsWith('C1:') ? 1 : 0,
      stageId: row.stageId,
      opportunity: row.sum,
      currencyId: 'RUB',
      typeId: row.stageId.startsWith('C1:') ? 'SERVICE' : 'SALE',
      sourceId: 'CALL',
      contactIds: [contactIds[row.person]],
      companyId: companyIds[people[row.person]?.company ?? 0],
      comments: row.comments,
      ufCrm_1700000001: row.urgency,
      ...(row.place && { ufCrm_1700000002: row.place }),
    });
  }
  for (const row of leads) {
    const { title, name, lastName } = row;
    addItem(portal, LEAD, { title, name, lastName, sourceId: 'WEB', fm: [phone(row.phone), email(row.mail)] });
  }
  portal.now = live;
}
