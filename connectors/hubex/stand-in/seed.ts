import { addMessage, addTask, enterStage, stageIDs, type Tenant } from './tenant.ts';

const dictionaries = {
  taskTypes: [
    { id: 1, name: 'Ремонт' },
    { id: 2, name: 'Плановое обслуживание' },
    { id: 3, name: 'Монтаж и пусконаладка' },
  ],
  workTypes: [
    { id: 2, name: 'Вид работ по умолчанию' },
    { id: 7, name: 'Диагностика' },
    { id: 8, name: 'Замена расходных материалов' },
    { id: 9, name: 'Заправка хладагентом' },
  ],
  criticalities: [
    { id: 1, name: 'Низкая', color: '#8bc34a' },
    { id: 2, name: 'Обычная', color: '#ffc107', isDefault: true },
    { id: 3, name: 'Высокая', color: '#ff5722' },
    { id: 4, name: 'Авария', color: '#d50000' },
  ],
  requestMethods: [
    { id: 1, name: 'Web' },
    { id: 2, name: 'Мобильное приложение' },
    { id: 3, name: 'Электронная почта' },
    { id: 4, name: 'Интеграция' },
  ],
  statuses: [
    { id: 1, name: 'Подана', color: '#2196f3' },
    { id: 2, name: 'Назначена', color: '#3f51b5' },
    { id: 3, name: 'Выполняется', color: '#ff9800' },
    { id: 4, name: 'Выполнена', color: '#4caf50' },
    { id: 5, name: 'Закрыта', color: '#9e9e9e' },
    { id: 6, name: 'Отменена', color: '#607d8b' },
  ],
  stages: [
    { id: stageIDs.new, name: 'Новая', color: '#2196f3', statusID: 1 },
    { id: stageIDs.assigned, name: 'Назначена', color: '#3f51b5', statusID: 2 },
    { id: stageIDs.accepted, name: 'Принята', color: '#00bcd4', statusID: 2 },
    { id: stageIDs.working, name: 'В работе', color: '#ff9800', statusID: 3 },
    { id: stageIDs.completed, name: 'Выполнена', color: '#4caf50', statusID: 4 },
    { id: stageIDs.closed, name: 'Закрыта', color: '#9e9e9e', statusID: 5 },
    { id: stageIDs.cancelled, name: 'Отменена', color: '#607d8b', statusID: 6 },
  ],
  links: [
    { from: 1, to: 2, name: 'Назначить' },
    { from: 1, to: 7, name: 'Отменить' },
    { from: 2, to: 3, name: 'Принять' },
    { from: 2, to: 7, name: 'Отменить' },
    { from: 3, to: 4, name: 'Начать работу' },
    { from: 3, to: 7, name: 'Отменить' },
    { from: 4, to: 5, name: 'Выполнить' },
    { from: 5, to: 6, name: 'Закрыть' },
    { from: 5, to: 4, name: 'Вернуть в работу' },
  ],
  attributeTypes: [
    { id: 1, name: 'Строка', code: 'String' },
    { id: 2, name: 'Число', code: 'Decimal' },
    { id: 3, name: 'Логический', code: 'Boolean' },
    { id: 4, name: 'Дата и время', code: 'DateTime' },
    { id: 5, name: 'Список', code: 'ListOfValues' },
  ],
  attributes: [
    { id: 7, name: 'Нужен пропуск', typeID: 3 },
    { id: 13, name: 'Номер договора', typeID: 1 },
    { id: 21, name: 'Пробег, км', typeID: 2 },
    { id: 34, name: 'Гарантия', typeID: 5, values: { yes: 'Гарантийный', no: 'Платный', unknown: 'Не определено' } },
    { id: 68, name: 'Акт подписан', typeID: 4 },
  ],
  registrationTypes: [
    { id: 1, nameRu: 'Индивидуальный предприниматель', shortNameRu: 'ИП' },
    { id: 2, nameRu: 'Общество с ограниченной ответственностью', shortNameRu: 'ООО' },
    { id: 3, nameRu: 'Публичное акционерное общество', shortNameRu: 'ПАО' },
  ],
  users: [
    { id: 201, lastName: 'Крылов', firstName: 'Степан' },
    { id: 202, lastName: 'Гусева', firstName: 'Марина' },
    { id: 203, lastName: 'Ахметов', firstName: 'Рустам' },
  ],
} satisfies Partial<Tenant>;

const companies = [
  { id: 17, name: 'Кофейня «Зерно»', tin: '7802345671', phone: '+78123334455', registrationTypeID: 2 },
  { id: 19, name: 'Сеть аптек «Ладога»', tin: '7810456782', phone: '+78124445566', registrationTypeID: 2 },
  { id: 20, name: 'Бизнес-центр «Охта»', tin: '7806567893', email: 'service@ohta.example', registrationTypeID: 3 },
];

const contacts = [
  {
    id: 105,
    fullName: 'Орлова Дарья Петровна',
    phone: '+79211234501',
    email: 'orlova@zerno.example',
    position: 'Управляющая',
  },
  { id: 106, fullName: 'Сафин Ильдар', phone: '8 (921) 123-45-02', position: 'Инженер эксплуатации' },
];

const locations = [
  { id: 5957, address: 'Кирочная улица, 70, Санкт-Петербург, Россия', coordinate: '59.939824:30.391287' },
  { id: 5845, address: 'Смоляная улица, 23, Санкт-Петербург, Россия', coordinate: '59.894824:30.254287' },
  { id: 5850, address: 'Большеохтинский проспект, 6, Санкт-Петербург, Россия' },
];

const assets = [
  { id: 1017, name: 'Кондиционер Daikin FTXB35C', companyID: 17, locationID: 5957 },
  { id: 1020, name: 'Кофемашина Nuova Simonelli', companyID: 17, locationID: 5957 },
  { id: 1021, name: 'Холодильник витринный Polair', companyID: 19, locationID: 5845 },
  { id: 1022, name: 'Чиллер Carrier 30RB', companyID: 20, locationID: 5850 },
];

const tasks = [
  {
    notes: 'Кофемашина не держит давление',
    companyID: 17,
    assetID: 1020,
    locationID: 5957,
    criticalityID: 3,
    person: 0,
    stage: 4,
  },
  {
    notes: 'Витрина не охлаждает, +12 °C',
    companyID: 19,
    assetID: 1021,
    locationID: 5845,
    criticalityID: 4,
    person: 1,
    stage: 2,
  },
  {
    notes: 'Плановая чистка кондиционера',
    companyID: 17,
    assetID: 1017,
    locationID: 5957,
    criticalityID: 1,
    person: 0,
    stage: 5,
  },
  {
    notes: 'Шумит вентилятор чиллера',
    companyID: 20,
    assetID: 1022,
    locationID: 5850,
    criticalityID: 2,
    person: 1,
    stage: 1,
  },
];

const byID = <T extends { id: number }>(rows: T[]): Map<number, T> => new Map(rows.map((row) => [row.id, row]));

/** A service company of Saint Petersburg that looks after coffee machines, showcases and chillers; without `tasks` its task list is empty. */
export function seedTenant(options: { tasks: boolean }): Tenant {
  let shift = 0;
  let lastID = 5128;
  const tenant: Tenant = {
    ...structuredClone(dictionaries),
    clock: {
      now: () => new Date(Date.now() + shift),
      advance: (milliseconds) => {
        shift += milliseconds;
      },
    },
    companies: byID(companies.map((company) => ({ ...company, isEmployer: true }))),
    contacts: byID(structuredClone(contacts)),
    locations: byID(structuredClone(locations)),
    assets: byID(structuredClone(assets)),
    tasks: new Map(),
    webhooks: new Map(),
    stamps: new Set(),
    nextID: () => ++lastID,
  };
  if (options.tasks) seedTasks(tenant);
  return tenant;
}

/** The tasks began two days ago and moved on every three hours. */
function seedTasks(tenant: Tenant): void {
  const hour = 3_600_000;
  for (const [index, { person, stage, ...card }] of tasks.entries()) {
    const contact = contacts[person];
    const started = new Date(tenant.clock.now().getTime() - (48 - index * 5) * hour);
    const task = addTask(tenant, {
      ...card,
      taskTypeID: index === 2 ? 2 : 1,
      workTypeID: 2,
      requestMethodID: 1,
      ...(contact ? { contactPerson: contact.fullName, contactPhone: contact.phone } : {}),
      deadline: new Date(started.getTime() + 72 * hour),
    });
    task.created = started;
    task.statusChanged = started;
    task.history = [{ stageID: stageIDs.new, at: started }];
    for (let stageID = 2; stageID <= stage; stageID++) {
      const at = new Date(started.getTime() + stageID * 3 * hour);
      enterStage(tenant, task, {
        stageID,
        at,
        moveLastModified: false,
        ...(stageID === stageIDs.completed ? { notes: 'Почистил теплообменник, проверил дренаж' } : {}),
      });
    }
    task.lastModified = new Date(started.getTime() + Math.max(stage, 1) * 3 * hour);
    if (stage === stageIDs.working)
      addMessage(tenant, task, { text: 'Выехал на объект', isExternal: false, author: 'Крылов' });
  }
}
