import type { Text } from '../../kit/text.ts';

export type Area = 'auth' | 'record' | 'trigger' | 'action' | 'webhook' | 'service';

export interface Support {
  area: Area;
  /** Of a record type: `type.method`; `object` stands for every object that the live stand adds. */
  key: string;
  works: boolean;
  /** What is different from what one would expect, or why it does not work. */
  why?: Text;
}

const works = (area: Area, ...keys: string[]): Support[] => keys.map((key) => ({ area, key, works: true }));
const differs = (area: Area, key: string, why: Text): Support => ({ area, key, works: true, why });
const missing = (area: Area, key: string, why: Text): Support => ({ area, key, works: false, why });

const types = ['contact', 'account', 'lead', 'case'];

const changes: Text = {
  en: 'By change time; the last minute is read twice. Deleted records are not told of, a deleted one is noticed when it is loaded.',
  ru: 'По времени изменения, последняя минута читается дважды. Об удалённых записях не сообщается, удаление замечается при загрузке.',
};
const find: Text = {
  en: 'Letter by letter, e-mails whatever their case where the stand knows tolower(). Phones are tried in several spellings and may be missed in others. Dates and fractions cannot be searched by.',
  ru: 'Буква в букву, e-mail без учёта регистра, если стенд знает tolower(). Телефоны ищутся в нескольких написаниях, в ином могут не найтись. По датам и дробным числам искать нельзя.',
};
const create: Text = {
  en: 'Our key of the run is the record’s Id, so a repeat meets itself. A stand that gives its own ids is found out by the first create; there a lost answer is looked for by the name of the record.',
  ru: 'Ключ операции становится Id записи, поэтому повтор встречает сам себя. Если стенд выдаёт свои идентификаторы, это выясняется при первом создании, и потерянный ответ ищется по названию записи.',
};

/** What of Creatio and bpm’online works here, what does not, and why. A test holds it against the code. */
export const support: Support[] = [
  ...works('auth', 'password'),
  differs('auth', 'oauth', {
    en: 'Creatio only. The address of the identity service is guessed from the domain and can be overridden.',
    ru: 'Только Creatio. Адрес службы идентификации выводится из домена, его можно переопределить.',
  }),

  ...[...types, 'object'].flatMap((type) => [
    differs('record', `${type}.changes`, changes),
    ...works('record', `${type}.count`, `${type}.newest`, `${type}.get`, `${type}.getMany`),
    differs('record', `${type}.find`, find),
    differs('record', `${type}.create`, create),
    ...works('record', `${type}.update`),
  ]),

  ...['case.enteredStatus', 'lead.enteredStage'].map((key) =>
    differs('trigger', key, {
      en: 'There is no history of statuses: it is seen by polling, and a record that only passes through between two looks is missed. The 3,000 records last changed in the status are remembered; an older one that is edited in it is told again.',
      ru: 'Истории состояний нет: переход виден при опросе, и запись, побывавшая в состоянии между двумя опросами, не замечается. Помнятся 3000 последних изменённых записей в этом состоянии; более старая при правке в нём будет сообщена снова.',
    }),
  ),

  ...[...types, 'object'].map((type) =>
    differs('action', `${type}.attachFile`, {
      en: 'Creatio only. The file is fetched from an address or made of a text, up to 10 MB; sign-ins to other addresses are not carried along.',
      ru: 'Только Creatio. Файл скачивается по адресу или создаётся из текста, до 10 МБ; вход на чужие адреса не передаётся.',
    }),
  ),
  differs('action', 'process.run', {
    en: 'Its results are not read; a start whose answer got lost is not repeated, a person decides.',
    ru: 'Результаты процесса не читаются; если ответ на запуск потерян, он не повторяется, решает человек.',
  }),

  ...works('webhook', 'receive'),
  missing('webhook', 'register', {
    en: 'Creatio has no outgoing webhooks: a person builds a business process that calls the address.',
    ru: 'Исходящих вебхуков в Creatio нет: человек собирает бизнес-процесс, который вызывает адрес.',
  }),

  missing('service', 'files', {
    en: 'What is in files and pictures is not read. That a file was added, its name and size are known: files are objects like ContactFile.',
    ru: 'Содержимое файлов и картинок не читается. О добавлении файла, его имени и размере узнать можно: файлы — объекты вроде ContactFile.',
  }),
  missing('service', 'linkToRecord', {
    en: 'The address of a record’s page differs between versions, so no link to it is shown.',
    ru: 'Адрес страницы записи в разных версиях разный, поэтому ссылка на неё не показывается.',
  }),
];
