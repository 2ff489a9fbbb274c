import type { Text } from '../../kit/text.ts';

export type Area = 'auth' | 'record' | 'trigger' | 'action' | 'webhook' | 'service';

export interface Support {
  area: Area;
  /** Of a record type: `type.method`. */
  key: string;
  works: boolean;
  /** What is different from what one would expect, or why it does not work. */
  why?: Text;
}

const works = (area: Area, ...keys: string[]): Support[] => keys.map((key) => ({ area, key, works: true }));
const differs = (area: Area, key: string, why: Text): Support => ({ area, key, works: true, why });
const missing = (area: Area, key: string, why: Text): Support => ({ area, key, works: false, why });

/** What of HubEx works here, what does not, and why. A test holds it against the code. */
export const support: Support[] = [
  ...works('auth', 'serviceToken'),

  differs('record', 'task.changes', {
    en: 'What does not move the change time of a task is found by re-reading the newest 2,000 open tasks, half an hour later at the latest. Deleted tasks are not reported; a deleted one is noticed when it is loaded.',
    ru: 'То, что не меняет время изменения заявки, находится перечитыванием 2000 новейших открытых заявок, не позже чем через полчаса. Об удалённых заявках не сообщается, удаление замечается при загрузке.',
  }),
  ...works('record', 'task.newest', 'task.get'),
  differs('record', 'task.create', {
    en: 'Custom fields are written by a second call: when HubEx refuses them, the task is there, and the run says which fields are missing.',
    ru: 'Дополнительные поля записываются вторым запросом: если HubEx их не принял, заявка уже создана, и операция говорит, каких полей не хватает.',
  }),
  missing('record', 'task.getMany', { en: 'HubEx has no "these ids".', ru: 'В HubEx нет запроса по списку id.' }),
  differs('record', 'task.find', {
    en: 'Exact by erpID and number. By description, person, phone and e-mail HubEx searches loose text and may miss.',
    ru: 'Точно по erpID и номеру. По описанию, лицу, телефону и e-mail HubEx ищет по тексту и может что-то пропустить.',
  }),
  differs('record', 'task.update', {
    en: 'The stage is moved by an action of its own; the type of a task cannot be changed.',
    ru: 'Стадия меняется отдельным действием, тип заявки изменить нельзя.',
  }),
  ...works(
    'record',
    'contact.changes',
    'contact.newest',
    'contact.get',
    'contact.find',
    'contact.create',
    'contact.update',
  ),
  missing('record', 'contact.getMany', { en: 'HubEx has no "these ids".', ru: 'В HubEx нет запроса по списку id.' }),
  differs('record', 'company.changes', {
    en: 'All companies are read at each pass. Phone and e-mail are not in that list: a change of them alone starts no flow.',
    ru: 'При каждом проходе читаются все компании. Телефона и e-mail в списке нет: их изменение само по себе не запускает связку.',
  }),
  ...works('record', 'company.newest', 'company.get', 'company.create', 'company.update'),
  differs('record', 'company.find', {
    en: 'HubEx searches companies by loose text, and it is not described where: such a search may miss.',
    ru: 'HubEx ищет компании по тексту, и не описано, где именно: такой поиск может что-то пропустить.',
  }),
  missing('record', 'company.getMany', { en: 'HubEx has no "these ids".', ru: 'В HubEx нет запроса по списку id.' }),
  ...works('record', 'location.get'),
  differs('record', 'location.create', {
    en: 'One address gives one location. Two processes that meet a new address in the same moment may make two.',
    ru: 'Один адрес даёт одну локацию. Два процесса, встретившие новый адрес в один и тот же миг, могут создать две.',
  }),
  differs('record', 'location.find', {
    en: 'Only locations that this connection made are found: no search is documented that could be relied on.',
    ru: 'Находятся только локации, созданные этим подключением: надёжного поиска в описаниях нет.',
  }),
  missing('record', 'location.changes', { en: 'There is no list of changes.', ru: 'Списка изменений нет.' }),
  missing('record', 'location.newest', { en: 'No list is described.', ru: 'Список не описан.' }),
  missing('record', 'location.getMany', { en: 'HubEx has no "these ids".', ru: 'В HubEx нет запроса по списку id.' }),
  missing('record', 'location.update', {
    en: 'One location may serve many tasks: a changed address becomes another location.',
    ru: 'Одна локация может быть у многих заявок: изменённый адрес становится другой локацией.',
  }),

  ...works('trigger', 'task.enteredStage'),
  differs('trigger', 'task.completed', {
    en: 'A completion that an offline engineer reports more than a day late is noticed only if the change time of the task moves.',
    ru: 'Выполнение, о котором инженер без связи сообщил позже чем через сутки, замечается, только если сдвинулось время изменения заявки.',
  }),
  ...works('action', 'task.moveToStage', 'task.sendMessage'),

  ...works('webhook', 'receive'),
  missing('webhook', 'register', {
    en: 'The ids of task events are not documented, so a person chooses the events in the console of HubEx.',
    ru: 'Номера событий заявок не описаны, поэтому события выбирает человек в консоли HubEx.',
  }),
  missing('webhook', 'signature', {
    en: 'None is known: the secret address is the proof, and nothing of a body is trusted but an id.',
    ru: 'Неизвестна: доказательством служит секретный адрес, а из тела берётся только идентификатор.',
  }),

  missing('service', 'files', { en: 'Not built yet.', ru: 'Пока не сделано.' }),
  missing('service', 'assets', {
    en: 'Not built yet as records; a task chooses one from the list.',
    ru: 'Как записи пока не сделаны; в заявке объект выбирается из списка.',
  }),
];
