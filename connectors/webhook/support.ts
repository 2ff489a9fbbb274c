import type { Text } from '../../kit/text.ts';

export type Area = 'auth' | 'record' | 'trigger' | 'action' | 'body';

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

/** What of any app works over bare HTTP, what does not, and why. A test holds it against the code. */
export const support: Support[] = [
  ...works('auth', 'none', 'bearer', 'basic', 'header'),

  differs('trigger', 'webhook.received', {
    en: 'A repeat is known only by an id that the user points to; without one each call counts. Fields are guessed from caught calls.',
    ru: 'Повтор узнаётся только по номеру, на который указал пользователь; без него учитывается каждый вызов. Поля угадываются по полученным вызовам.',
  }),
  differs('action', 'request.send', {
    en: 'A request whose answer got lost is sent again by itself when it is a GET or has a header against repeats; else a person is asked.',
    ru: 'Запрос с потерянным ответом повторяется сам, если это GET или задан заголовок против повторов; иначе решает человек.',
  }),
  differs('record', 'item.find', {
    en: 'One GET for each spelling of a value, at most 12; only by fields that the address has a place for. A 404 or null counts as "nothing found" only when the setting says so.',
    ru: 'По одному запросу GET на каждое написание значения, не больше 12; только по полям, для которых есть место в адресе. Ответ 404 или null считается «ничего не найдено», только если так отмечено в настройке.',
  }),
  differs('record', 'item.create', {
    en: 'The id comes from the answer by a path, else from the end of the Location header.',
    ru: 'Номер берётся из ответа по пути, иначе из конца заголовка Location.',
  }),
  ...works('record', 'item.update'),
  missing('record', 'item.get', {
    en: 'There is no address of one record; what was sent is not compared with what is there.',
    ru: 'Адрес одной записи не задаётся; отправленное не сравнивается с тем, что там уже есть.',
  }),
  missing('record', 'item.changes', {
    en: 'There is no polling of an address; the other app calls us.',
    ru: 'Опроса адреса нет; другое приложение обращается к нам само.',
  }),

  ...works('body', 'json', 'form', 'query'),
  missing('body', 'xml', {
    en: 'Neither received nor sent as fields.',
    ru: 'Не принимается и не отправляется как поля.',
  }),
  missing('body', 'multipart', {
    en: 'Files in a form are not taken.',
    ru: 'Файлы в форме не принимаются.',
  }),
];
