import type { FormField } from '../../kit/form.ts';
import { idempotencyField } from './idempotency.ts';

const jsonPath = {
  pattern: '^\\$.*$',
  patternHelp: { en: 'A JSONPath begins with $', ru: 'Путь JSONPath начинается с $' },
};

const methods = (...names: string[]) => names.map((name) => ({ value: name, label: name }));

/** How any REST service keeps its records: where to find, create and update them, and where the id stands. */
export const itemSettings: FormField[] = [
  {
    key: 'fields',
    label: { en: 'Fields', ru: 'Поля' },
    type: 'text',
    placeholder: 'name, phone:phone, client.age:number',
    help: {
      en: 'Names with a comma between, each with its type after a colon when it is not text: number, boolean, date, datetime, phone, email, url, json. A dot leads into an object. Empty: the whole record is mapped as JSON.',
      ru: 'Имена через запятую; если поле не текстовое, тип через двоеточие: number, boolean, date, datetime, phone, email, url, json. Точка ведёт внутрь объекта. Пусто: запись сопоставляется целиком как JSON.',
    },
  },
  {
    key: 'createUrl',
    label: { en: 'Address to create a record', ru: 'Адрес для создания записи' },
    type: 'text',
    placeholder: '/clients',
  },
  {
    key: 'createMethod',
    label: { en: 'Method to create', ru: 'Метод создания' },
    type: 'select',
    default: 'POST',
    options: methods('POST', 'PUT'),
    advanced: true,
  },
  {
    key: 'createIdPath',
    label: { en: 'Path to the id of the new record', ru: 'Путь к номеру новой записи' },
    type: 'text',
    default: '$.id',
    ...jsonPath,
  },
  {
    key: 'findUrl',
    label: { en: 'Address to find a record', ru: 'Адрес для поиска записи' },
    type: 'text',
    placeholder: '/clients?phone={phone}',
    help: {
      en: 'Asked with GET. A field stands in it as {name}; a parameter whose field is not searched by is left out.',
      ru: 'Запрашивается методом GET. Поле записывается в нём как {name}; параметр, по полю которого не ищут, опускается.',
    },
  },
  {
    key: 'itemsPath',
    label: { en: 'Path to the found records', ru: 'Путь к найденным записям' },
    type: 'text',
    default: '$',
    placeholder: '$.items',
    ...jsonPath,
  },
  {
    key: 'idPath',
    label: { en: 'Path to the id in a found record', ru: 'Путь к номеру в найденной записи' },
    type: 'text',
    default: '$.id',
    ...jsonPath,
  },
  {
    key: 'absentIsEmpty',
    label: { en: '404 or null means: nothing found', ru: '404 или null значит: ничего не найдено' },
    type: 'boolean',
    default: false,
    advanced: true,
    help: {
      en: 'For apps that answer a search without results with 404, with null or with no body. Without it such an answer stops the run, since a wrong address or path answers so too, and a record would be created each time.',
      ru: 'Для приложений, которые на поиск без результатов отвечают 404, null или пустым телом. Если не отмечено, такой ответ останавливает операцию: так же отвечает неверный адрес или путь, и каждый раз создавалась бы новая запись.',
    },
  },
  {
    key: 'updateUrl',
    label: { en: 'Address to update a record', ru: 'Адрес для изменения записи' },
    type: 'text',
    placeholder: '/clients/{id}',
    help: { en: '{id} is the id of the record.', ru: '{id} — номер записи.' },
  },
  {
    key: 'updateMethod',
    label: { en: 'Method to update', ru: 'Метод изменения' },
    type: 'select',
    default: 'PATCH',
    options: methods('PATCH', 'PUT', 'POST'),
    advanced: true,
  },
  {
    key: 'headers',
    label: { en: 'Headers', ru: 'Заголовки' },
    type: 'json',
    placeholder: '{"X-Source": "Mostik"}',
    advanced: true,
  },
  idempotencyField,
];
