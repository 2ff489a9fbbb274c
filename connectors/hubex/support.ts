import type { Text } from '../../kit/text.ts';

/** What a record type can do here, and why it cannot do the rest. A test holds this against the code. */
export interface RecordSupport {
  can: ('changes' | 'newest' | 'get' | 'getMany' | 'find' | 'create' | 'update')[];
  cannot: Partial<Record<'changes' | 'newest' | 'get' | 'find' | 'create' | 'update', Text>>;
}

export const records: Record<string, RecordSupport> = {
  task: { can: ['changes', 'newest', 'get', 'getMany', 'find', 'create', 'update'], cannot: {} },
  contact: { can: ['changes', 'newest', 'get', 'find', 'create', 'update'], cannot: {} },
  company: { can: ['changes', 'newest', 'get', 'find', 'create', 'update'], cannot: {} },
  location: {
    can: ['get', 'find', 'create'],
    cannot: {
      changes: {
        en: 'Locations have no list of changes; they matter only as the address of a task.',
        ru: 'У локаций нет списка изменений; они важны лишь как адрес заявки.',
      },
      newest: {
        en: 'No source describes a list of locations that could be relied on.',
        ru: 'Надёжного описания списка локаций нет ни в одном источнике.',
      },
      update: {
        en: 'One location may serve many tasks: a changed address becomes another location.',
        ru: 'Одна локация может быть у многих заявок: изменённый адрес становится другой локацией.',
      },
    },
  },
};

export const triggers: string[] = ['task.enteredStage', 'task.completed'];
export const actions: string[] = ['task.moveToStage', 'task.sendMessage'];

/** What works with a limit that people should know. */
export const limits: { about: string; text: Text }[] = [
  {
    about: 'task.find',
    text: {
      en: 'Exact by erpID and number. By description, person, phone and e-mail HubEx searches loose text, and such a search may miss.',
      ru: 'Точно по erpID и номеру. По описанию, лицу, телефону и e-mail HubEx ищет по тексту, и такой поиск может что-то пропустить.',
    },
  },
  {
    about: 'task.changes',
    text: {
      en: 'What does not move the change time of a task is found by re-reading the newest 2,000 open tasks, at the latest half an hour later.',
      ru: 'То, что не меняет время изменения заявки, находится перечитыванием 2000 новейших открытых заявок, не позже чем через полчаса.',
    },
  },
  {
    about: 'task.removed',
    text: {
      en: 'Deleted tasks are not reported: it is not documented that deletion moves the change time. A deleted task is noticed when it is loaded.',
      ru: 'Об удалённых заявках не сообщается: не описано, что удаление меняет время изменения. Удаление замечается при загрузке заявки.',
    },
  },
  {
    about: 'task.completed',
    text: {
      en: 'A completion that an offline engineer reports more than a day late, in a task whose change time does not move, is not noticed.',
      ru: 'Не замечается выполнение, о котором инженер без связи сообщил позже чем через сутки, если время изменения заявки не сдвинулось.',
    },
  },
  {
    about: 'company.changes',
    text: {
      en: 'All companies are read at each pass; phone and e-mail are not in that list, so a change of them alone starts no flow.',
      ru: 'При каждом проходе читаются все компании; телефона и e-mail в этом списке нет, их изменение само по себе не запускает связку.',
    },
  },
];

/** What HubEx has and this connector does not do, and why. */
export const exempt: { what: string; why: Text }[] = [
  {
    what: 'files',
    why: {
      en: 'Upload and download are documented, but no flow asked for them yet.',
      ru: 'Загрузка и скачивание описаны, но связкам они пока не нужны.',
    },
  },
  {
    what: 'assets',
    why: {
      en: 'Assets are choices of a task; as records of their own they are not needed by the flows at hand.',
      ru: 'Объекты доступны как выбор в заявке; отдельным типом записи они пока не нужны.',
    },
  },
  {
    what: 'webhook registration',
    why: {
      en: 'The ids of task events are not documented, so a person chooses the events in the console of HubEx.',
      ru: 'Номера событий заявок не описаны, поэтому события выбирает человек в консоли HubEx.',
    },
  },
  {
    what: 'webhook signature',
    why: {
      en: 'None was found: the secret address is the proof, and nothing of a body is trusted but an id.',
      ru: 'Не обнаружена: доказательством служит секретный адрес, а из тела берётся только идентификатор.',
    },
  },
];
