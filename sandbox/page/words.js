/** Every word of the page's own; names, stages and notes are those of the demo company. */
const words = {
  title: ['Внешний мир', 'The outside world'],
  about: ['приложения демо-компании', 'the apps of the demo company'],
  openMostik: ['Открыть Мостик', 'Open Mostik'],
  language: ['Язык', 'Language'],
  lost: [
    'Песочница не отвечает. Если демо остановлено, запустите его снова.',
    'The sandbox does not answer. If the demo was stopped, start it again.',
  ],
  hint: [
    'Переведите любую сделку на стадию «Сервисная служба». Через пару секунд Мостик создаст заявку в HubEx.',
    'Move any deal to the stage «Сервисная служба» (service). In a couple of seconds Mostik creates a task in HubEx.',
  ],
  notConnected: [
    'Мостик ещё не сообщил свои адреса: события до него не дойдут.',
    'Mostik has not told its addresses yet: events will not reach it.',
  ],
  taskCreated: ['Мостик создал заявку', 'Mostik created the task'],
  taskChanged: ['Мостик изменил заявку', 'Mostik changed the task'],
  dealCreated: ['Мостик создал сделку', 'Mostik created the deal'],
  dealChanged: ['Мостик изменил сделку', 'Mostik changed the deal'],
  contactCreated: ['Мостик создал контакт в {app}:', 'Mostik created a contact in {app}:'],
  contactChanged: ['Мостик изменил контакт в {app}:', 'Mostik changed a contact in {app}:'],
  leadCreated: ['Мостик создал лид в {app}:', 'Mostik created a lead in {app}:'],
  leadChanged: ['Мостик изменил лид в {app}:', 'Mostik changed a lead in {app}:'],
  caseCreated: ['Мостик создал обращение в {app}:', 'Mostik created a case in {app}:'],
  caseChanged: ['Мостик изменил обращение в {app}:', 'Mostik changed a case in {app}:'],
  nextComplete: [
    'Откройте её и выполните, чтобы увидеть обратный путь.',
    'Open it and complete it to see the way back.',
  ],
  byMostik: ['Мостик', 'Mostik'],
  now: ['только что', 'just now'],
  secondsAgo: ['{n} с назад', '{n} s ago'],
  minutesAgo: ['{n} мин назад', '{n} min ago'],

  mood: ['Как отвечает Мостику', 'How it answers Mostik'],
  'mood.normal': ['Работает', 'Works'],
  'mood.slow': ['Медленно', 'Slow'],
  'mood.limited': ['Лимит запросов', 'Rate limit'],
  'mood.down': ['Не отвечает', 'Down'],
  'mood.tokenRefused': ['Токен отклонён', 'Token refused'],
  'about.slow': ['Каждый ответ Мостику приходит через 4 секунды.', 'Every answer to Mostik takes 4 seconds.'],
  'about.limited': ['Мостику отвечает: слишком много запросов.', 'Mostik is told: too many requests.'],
  'about.down': ['Соединения Мостика обрываются без ответа.', 'Mostik’s connections break without an answer.'],
  'about.tokenRefused': ['Мостику отвечает: токен недействителен.', 'Mostik is told: the token is not valid.'],

  'mood.passwordRefused': ['Пароль отклонён', 'Password refused'],
  'about.passwordRefused': [
    'Мостику отвечает: неверный логин или пароль. Один раз отклонённый пароль Мостик больше не пробует: потом нажмите в подключении «Переподключить».',
    'Mostik is told: wrong user name or password. A password refused once is not tried again: press Reconnect in the connection afterwards.',
  ],

  bitrix24: ['Битрикс24', 'Bitrix24'],
  deals: ['Сделки', 'Deals'],
  pipeline: ['Воронка', 'Pipeline'],
  newDeal: ['Новая сделка', 'New deal'],
  deal: ['Сделка', 'Deal'],
  move: ['Перевести на стадию', 'Move to stage'],
  emptyStage: ['Нет сделок', 'No deals'],
  dealTitle: ['Название', 'Title'],
  amount: ['Сумма, ₽', 'Amount, ₽'],
  comment: ['Комментарий', 'Comment'],
  address: ['Адрес объекта', 'Address of the site'],
  addressHelp: ['Пусто: берётся адрес клиента.', 'Empty: the client’s address is used.'],
  urgency: ['Срочность', 'Urgency'],
  notChosen: ['не выбрана', 'not chosen'],
  client: ['Клиент', 'Client'],
  phone: ['Телефон', 'Phone'],
  email: ['E-mail', 'E-mail'],
  stage: ['Стадия', 'Stage'],
  save: ['Сохранить', 'Save'],
  saved: ['Сохранено', 'Saved'],
  create: ['Создать', 'Create'],
  close: ['Закрыть', 'Close'],
  results: ['Пришло от инженера', 'From the engineer'],
  noResults: [
    'Пока пусто. Заполнится, когда заявку выполнят в HubEx.',
    'Empty so far. Filled when the task is completed in HubEx.',
  ],
  finishedAt: ['Работы закончены', 'Work finished'],
  cost: ['Стоимость работ', 'Cost of work'],
  engineerComment: ['Комментарий инженера', 'Engineer’s comment'],

  contacts: ['Контакты', 'Contacts'],
  contact: ['Контакт', 'Contact'],
  newContact: ['Новый контакт', 'New contact'],
  noRecords: ['Пока ничего нет', 'Nothing here yet'],
  firstName: ['Имя', 'First name'],
  lastName: ['Фамилия', 'Last name'],
  fullName: ['ФИО (фамилия первой)', 'Full name (family name first)'],
  jobTitle: ['Должность', 'Job title'],
  contactNotes: ['Заметки', 'Notes'],

  creatio: ['Creatio', 'Creatio'],
  bpmonline: ['bpm’online', 'bpm’online'],
  section: ['Раздел', 'Section'],
  cases: ['Обращения', 'Cases'],
  case: ['Обращение', 'Case'],
  newCase: ['Новое обращение', 'New case'],
  leads: ['Лиды', 'Leads'],
  lead: ['Лид', 'Lead'],
  newLead: ['Новый лид', 'New lead'],
  contactOfLead: ['ФИО контакта', 'Contact name'],
  subject: ['Тема', 'Subject'],
  priority: ['Приоритет', 'Priority'],
  status: ['Состояние', 'Status'],
  moveCase: ['Перевести в состояние', 'Move to status'],
  solution: ['Решение', 'Solution'],
  visitCost: ['Стоимость выезда', 'Cost of the visit'],
  bpmonlineHelp: ['Об изменениях здесь Мостик спрашивает раз в минуту.', 'Mostik asks for changes here once a minute.'],

  hubex: ['HubEx', 'HubEx'],
  tasks: ['Заявки', 'Tasks'],
  task: ['Заявка', 'Task'],
  noTasks: ['Заявок нет', 'No tasks'],
  notes: ['Описание', 'Description'],
  person: ['Контактное лицо', 'Contact person'],
  company: ['Компания', 'Company'],
  location: ['Адрес', 'Address'],
  criticality: ['Критичность', 'Criticality'],
  engineer: ['Исполнитель', 'Engineer'],
  erpID: ['Внешний код', 'External ID'],
  created: ['Создана', 'Created'],
  completed: ['Выполнена', 'Completed'],
  messages: ['Сообщения', 'Messages'],
  nextStages: ['Следующая стадия', 'Next stage'],
  complete: ['Выполнить', 'Complete'],
  completeTitle: ['Выполнить заявку', 'Complete the task'],
  completeComment: ['Что сделано', 'What was done'],
  completeExample: ['Заменил ТЭН, проверил нагрев', 'Replaced the heater, checked the heating'],
  actualCost: ['Стоимость, ₽', 'Cost, ₽'],

  siteTab: ['Сайт', 'Site'],
  site: ['Сайт и вебхуки', 'Site and webhooks'],
  form: ['Заявка с сайта', 'Request from the site'],
  name: ['Имя', 'Name'],
  message: ['Сообщение', 'Message'],
  send: ['Отправить', 'Send'],
  formHelp: [
    'Уходит на адрес подключения «Сайт» в Мостике: связка «Форма на сайте → лид Creatio» делает из неё лид. Чтобы получилась и заявка, запустите там «Форма на сайте → заявка HubEx».',
    'Goes to the address of the connection «Сайт» in Mostik: the flow «Форма на сайте → лид Creatio» makes a lead of it. To have a task, too, start «Форма на сайте → заявка HubEx» there.',
  ],
  formNone: [
    'В Мостике нет подключения «Вебхук»: отправлять некуда.',
    'Mostik has no Webhook connection: there is nowhere to send it.',
  ],
  accepted: ['принято', 'accepted'],
  refused: ['отказ', 'refused'],
  unanswered: ['нет ответа', 'no answer'],
  received: ['Что получил сайт от Мостика', 'What the site received from Mostik'],
  receivedNone: [
    'Пока ничего. Сюда попадает всё, что связки отправляют в подключение «Сайт».',
    'Nothing so far. Whatever flows send to the connection «Сайт» lands here.',
  ],
  item: ['Запись', 'Item'],
  call: ['Вызов', 'Call'],
  repeated: ['повтор, второй записи нет', 'a repeat, no second item'],
};

const kept = (() => {
  try {
    return localStorage.getItem('sandbox.language');
  } catch {
    return null;
  }
})();

export let language = kept ?? (navigator.language.toLowerCase().startsWith('ru') ? 'ru' : 'en');

export function setLanguage(chosen) {
  language = chosen;
  try {
    localStorage.setItem('sandbox.language', chosen);
  } catch {
    // A browser that keeps nothing asks again next time.
  }
}

/** `t('secondsAgo', { n: 3 })` */
export const t = (key, values = {}) =>
  words[key][language === 'ru' ? 0 : 1].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));

export const money = (amount) =>
  new Intl.NumberFormat(language, {
    style: 'currency',
    currency: 'RUB',
    currencyDisplay: 'narrowSymbol',
    maximumFractionDigits: 0,
  }).format(amount);

export const time = (at) =>
  new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }).format(
    new Date(at),
  );

export function ago(at) {
  const seconds = Math.max(0, Math.round((Date.now() - at) / 1000));
  if (seconds < 5) return t('now');
  return seconds < 60 ? t('secondsAgo', { n: seconds }) : t('minutesAgo', { n: Math.round(seconds / 60) });
}
