import type { Field, Value } from '../../../kit/field.ts';
import { readTime, type TaskRow } from '../wire.ts';
import { choice } from './choices.ts';

/** How a value goes into a body: as text, as the id of a choice or reference, as a number, as a UTC time. */
export type WireForm = 'text' | 'id' | 'number' | 'time';

/** One field of a task: what people see, where it stands in an answer, and under which name it is written. */
export interface Column {
  field: Field;
  read?(row: TaskRow, zone: string): Value | undefined;
  write?: { name: string; form: WireForm };
}

const personName = (user: TaskRow['assignedTo']): string | undefined =>
  user && ([user.lastName, user.firstName, user.middleName].filter(Boolean).join(' ') || user.email);

const timesheet =
  (name: string) =>
  (row: TaskRow, zone: string): Value | undefined =>
    readTime(row.timesheet[name], zone);

/** A moment that HubEx stamps by itself as the task moves on. */
const stamped = (key: string, label: Field['label']): Column => ({
  field: { key, label, type: 'datetime', readOnly: true, derived: true },
  read: timesheet(key),
});

const searchMayMiss = {
  en: 'HubEx searches tasks by loose text; we compare each hit again, yet such a search may miss.',
  ru: 'HubEx ищет заявки по тексту; каждую найденную мы сверяем, но такой поиск может что-то пропустить.',
};

export const columns: Column[] = [
  {
    field: { key: 'number', label: { en: 'Number', ru: 'Номер' }, type: 'text', createOnly: true, search: 'exact' },
    read: (row) => row.number,
    write: { name: 'number', form: 'text' },
  },
  {
    field: {
      key: 'erpID',
      label: { en: 'External ID (erpID)', ru: 'Внешний код (erpID)' },
      type: 'text',
      search: 'exact',
      help: {
        en: 'The key of the record in the other system: the best key for finding duplicates.',
        ru: 'Код записи в другой системе: лучший ключ для поиска дублей.',
      },
    },
    read: (row) => row.erpID,
    write: { name: 'erpID', form: 'text' },
  },
  {
    field: {
      key: 'notes',
      label: { en: 'Description', ru: 'Описание' },
      type: 'text',
      multiline: true,
      search: 'text',
      help: searchMayMiss,
    },
    read: (row) => row.notes,
    write: { name: 'notes', form: 'text' },
  },
  {
    field: {
      key: 'taskType',
      label: { en: 'Task type', ru: 'Тип заявки' },
      type: 'choice',
      required: true,
      createOnly: true,
    },
    read: (row) => choice(row.taskType),
    write: { name: 'taskTypeID', form: 'id' },
  },
  {
    field: { key: 'workType', label: { en: 'Work type', ru: 'Вид работ' }, type: 'choice' },
    read: (row) => choice(row.workType),
    write: { name: 'workTypeID', form: 'id' },
  },
  {
    field: { key: 'criticality', label: { en: 'Criticality', ru: 'Критичность' }, type: 'choice' },
    read: (row) => choice(row.actualCriticality),
    write: { name: 'criticalityID', form: 'id' },
  },
  {
    field: {
      key: 'stage',
      label: { en: 'Stage', ru: 'Стадия' },
      type: 'choice',
      readOnly: true,
      help: {
        en: 'Changed only by the action "Move task to stage": HubEx allows the moves of its life cycle alone.',
        ru: 'Меняется только действием «Перевести заявку на стадию»: HubEx допускает лишь переходы своего жизненного цикла.',
      },
    },
    read: (row) => choice(row.taskStage),
  },
  {
    field: { key: 'status', label: { en: 'Status', ru: 'Статус' }, type: 'choice', readOnly: true },
    read: (row) => choice(row.taskStatus),
  },
  {
    field: { key: 'company', label: { en: 'Company', ru: 'Компания' }, type: 'reference', target: 'company' },
    read: (row) => choice(row.company),
    write: { name: 'companyID', form: 'id' },
  },
  {
    field: { key: 'asset', label: { en: 'Asset', ru: 'Объект' }, type: 'choice' },
    read: (row) => choice(row.asset),
    write: { name: 'assetID', form: 'id' },
  },
  {
    field: { key: 'location', label: { en: 'Location', ru: 'Локация' }, type: 'reference', target: 'location' },
    read: (row) => row.location && choice({ id: row.location.id, name: row.location.address }),
    write: { name: 'locationID', form: 'id' },
  },
  {
    field: {
      key: 'address',
      label: { en: 'Address', ru: 'Адрес' },
      type: 'address',
      writeOnly: true,
      help: {
        en: 'An address in words becomes a location of HubEx; the same address gives the same location again.',
        ru: 'Адрес текстом становится локацией HubEx; тот же адрес снова даёт ту же локацию.',
      },
    },
  },
  {
    field: {
      key: 'contactPerson',
      label: { en: 'Contact person', ru: 'Контактное лицо' },
      type: 'text',
      search: 'text',
      help: searchMayMiss,
    },
    read: (row) => row.contactPerson,
    write: { name: 'contactPerson', form: 'text' },
  },
  {
    field: {
      key: 'contactPhone',
      label: { en: 'Contact phone', ru: 'Телефон контактного лица' },
      type: 'phone',
      search: 'text',
      help: searchMayMiss,
    },
    read: (row) => row.contactPhone,
    write: { name: 'contactPhone', form: 'text' },
  },
  {
    field: {
      key: 'contactEmail',
      label: { en: 'Contact e-mail', ru: 'E-mail контактного лица' },
      type: 'email',
      search: 'text',
      help: searchMayMiss,
    },
    read: (row) => row.contactEmail,
    write: { name: 'contactEmail', form: 'text' },
  },
  {
    field: {
      key: 'requestMethod',
      label: { en: 'Request method', ru: 'Способ подачи' },
      type: 'choice',
      createOnly: true,
      help: {
        en: 'When it is not mapped, the one of the connection is used (4, as HubEx recommends for integrations).',
        ru: 'Если не сопоставлен, берётся из подключения (4, как рекомендует HubEx для интеграций).',
      },
    },
    read: (row) => choice(row.requestMethod),
    write: { name: 'requestMethodID', form: 'id' },
  },
  {
    field: { key: 'deadline', label: { en: 'Deadline', ru: 'Срок выполнения' }, type: 'datetime' },
    read: timesheet('deadline'),
    write: { name: 'deadline', form: 'time' },
  },
  {
    field: { key: 'requestedStart', label: { en: 'Requested start', ru: 'Желаемое начало работ' }, type: 'datetime' },
    read: timesheet('requestedStart'),
    write: { name: 'requestedStartDateTime', form: 'time' },
  },
  {
    field: {
      key: 'requestedFinish',
      label: { en: 'Requested finish', ru: 'Желаемое окончание работ' },
      type: 'datetime',
    },
    read: timesheet('requestedFinish'),
    write: { name: 'requestedFinishDateTime', form: 'time' },
  },
  {
    field: { key: 'actualCost', label: { en: 'Actual cost', ru: 'Фактическая стоимость' }, type: 'number' },
    read: (row) => row.actualCost,
    write: { name: 'actualCost', form: 'number' },
  },
  {
    field: { key: 'estimatedCost', label: { en: 'Estimated cost', ru: 'Оценочная стоимость' }, type: 'number' },
    read: (row) => row.estimatedCost,
    write: { name: 'estimatedCost', form: 'number' },
  },
  {
    field: { key: 'assignedTo', label: { en: 'Assigned to', ru: 'Исполнитель' }, type: 'text', readOnly: true },
    read: (row) => personName(row.assignedTo),
  },
  {
    field: { key: 'requestedBy', label: { en: 'Requested by', ru: 'Заявитель' }, type: 'text', readOnly: true },
    read: (row) => personName(row.requestedBy),
  },
  {
    field: {
      key: 'finishComment',
      label: { en: "Engineer's comment", ru: 'Комментарий исполнителя' },
      type: 'text',
      multiline: true,
      readOnly: true,
      derived: true,
      help: {
        en: 'Of completed tasks: the note of the finishing stage, else the last message of the team.',
        ru: 'У выполненных заявок: примечание завершающей стадии, иначе последнее сообщение команды.',
      },
    },
  },
  stamped('created', { en: 'Created', ru: 'Создана' }),
  stamped('assigned', { en: 'Assigned', ru: 'Назначена' }),
  stamped('accepted', { en: 'Accepted', ru: 'Принята' }),
  stamped('completed', { en: 'Completed', ru: 'Выполнена' }),
  stamped('closed', { en: 'Closed', ru: 'Закрыта' }),
  {
    field: {
      key: 'lastModified',
      label: { en: 'Changed', ru: 'Изменена' },
      type: 'datetime',
      readOnly: true,
      derived: true,
    },
    read: (row, zone) => readTime(row.lastModified, zone),
  },
];
