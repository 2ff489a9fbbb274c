import { createHash, timingSafeEqual } from 'node:crypto';
import type { Json } from '../../kit/field.ts';
import type { Text } from '../../kit/text.ts';
import type { HookConnection, HookEvent, HookRequest, HookVerdict, Webhook } from '../../kit/webhook.ts';
import { codeOf, hasCode, objectName } from './names.ts';
import { guidOf } from './values.ts';

/** Not for choosing: what stands in it is cut from what is kept of a call. */
const secretHeader = 'x-mostik-secret';
const defaultIdPath = 'Id, RecordId';
const defaultEntityPath = 'EntityName, Entity';

const setting = ({ fields }: HookConnection, key: string, otherwise: string): string => {
  const value = fields[key];
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : otherwise;
};

const refuse = (status: 401 | 422, code: string, text: Text): HookVerdict => ({
  ok: false,
  status,
  code: `creatio.hook.${code}`,
  text,
});

const noSecret: Text = {
  en: 'The process called, but the connection has no secret, so a real call cannot be told from a forged one. Think of a secret, write it into the header of the web service in Creatio and here.',
  ru: 'Процесс прислал вызов, но в подключении нет секрета, и отличить настоящий вызов от подделки нельзя. Придумайте секрет, укажите его в заголовке веб-сервиса в Creatio и здесь.',
};
const wrongSecret: Text = {
  en: 'The secret in the header of the call is not the one saved in the connection.',
  ru: 'Секрет в заголовке вызова не совпадает с сохранённым в подключении.',
};
const noId: Text = {
  en: 'The body names no record: a JSON with its Id is expected, and the name of the object in EntityName.',
  ru: 'В теле не указана запись: нужен JSON с её Id и названием объекта в EntityName.',
};

/** Digests have one length, so the time says nothing about the secret. */
function sameSecret(given: string, kept: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(kept));
}

/** The first of several places that holds something; names in any case, since people type them in two designers. */
function valueAt(body: Json, paths: string): string {
  for (const path of paths.split(',')) {
    const steps = path
      .trim()
      .split('.')
      .filter((step) => step !== '');
    let here: Json | undefined = body;
    for (const step of steps) {
      if (here === null || typeof here !== 'object' || Array.isArray(here)) here = undefined;
      else here = Object.entries(here).find(([name]) => name.toLowerCase() === step.toLowerCase())?.[1];
      if (here === undefined) break;
    }
    if (steps.length > 0 && typeof here === 'string' && here.trim() !== '') return here.trim();
  }
  return '';
}

/** What the process sends, in the body or in the address. */
const contentOf = ({ body, query }: HookRequest): Json =>
  body !== null && typeof body === 'object' && !Array.isArray(body) ? { ...query, ...body } : { ...query };

const idOf = (request: HookRequest, connection: HookConnection): string | null =>
  guidOf(valueAt(contentOf(request), setting(connection, 'idPath', defaultIdPath)));

function verify(request: HookRequest, connection: HookConnection): HookVerdict {
  const kept = connection.secrets.webhookSecret?.trim() ?? '';
  if (kept === '') return refuse(401, 'no_secret', noSecret);
  if (!sameSecret(request.headers[secretHeader]?.trim() ?? '', kept)) return refuse(401, 'wrong_secret', wrongSecret);
  return idOf(request, connection) === null ? refuse(422, 'no_id', noId) : { ok: true };
}

/** Only which record it is about is taken from a call; the record itself is read afterwards. */
function read(request: HookRequest, connection: HookConnection): HookEvent[] {
  const recordId = idOf(request, connection);
  const entity = valueAt(contentOf(request), setting(connection, 'entityPath', defaultEntityPath));
  const pollNow: HookEvent = { kind: 'pollNow' };
  if (recordId === null || entity === '') return [pollNow];
  const code = codeOf(entity);
  const event = eventOf(request);
  const touched: HookEvent = { kind: 'record', recordType: objectName(code).key, recordId, event: event ?? 'changed' };
  // Asking tells what the call does not: whether the record is new, in which case the code of an object of one's own is
  // written, and, of statuses, what was before.
  const saysAll = event !== null && hasCode(code) && code !== 'Case' && code !== 'Lead';
  return saysAll ? [touched] : [touched, pollNow];
}

/** The signal of the process, where the call names it; null: it does not. */
function eventOf(request: HookRequest): 'created' | 'changed' | null {
  const event = valueAt(contentOf(request), 'Event').toLowerCase();
  if (event === 'added' || event === 'created') return 'created';
  return event === 'modified' || event === 'changed' ? 'changed' : null;
}

export const webhook: Webhook = {
  help: {
    en: [
      'Creatio has no subscriptions to events: a business process of yours calls this address.',
      '',
      '1. Think of a long secret and save it in the field below.',
      '2. In Creatio open **System designer → Set up web services** and add a **REST** service with this address: `{address}`',
      '3. Add a method **POST** to it. Request parameters: the header `X-Mostik-Secret` with the secret as its value, and in the body three text parameters `EntityName`, `Id` and `Event`.',
      '4. Open the **process designer** and make a process: the signal **Record added** or **Record modified** for the object you need (say, Case), and behind it the element **Call web service** with your service and method.',
      '5. In the element set `EntityName` to the code of the object (`Contact`, `Case`, `UsrProject`) `Id` to the Id of the record of the signal, as text, and `Event` to `added` or `modified`, as the signal is. Run the call in the background.',
      '6. Save and activate the process, change such a record: the call shows up here.',
      '',
      'From the call only the Id and the kind of event are taken, the record is read afterwards. Without `Event` Mostik finds out by asking whether the record is new. Whatever calls do not tell of is picked up by the reconciling poll.',
    ].join('\n'),
    ru: [
      'Подписки на события в Creatio нет: этот адрес вызывает ваш бизнес-процесс.',
      '',
      '1. Придумайте длинный секрет и сохраните его в поле ниже.',
      '2. В Creatio откройте **Дизайнер системы → Настройка веб-сервисов** и добавьте **REST**-сервис с этим адресом: `{address}`',
      '3. Добавьте в него метод **POST**. Параметры запроса: заголовок `X-Mostik-Secret` со значением секрета и в теле три текстовых параметра `EntityName`, `Id` и `Event`.',
      '4. Откройте **дизайнер процессов** и создайте процесс: сигнал **Добавление записи** или **Изменение записи** по нужному объекту (например, «Обращение»), за ним элемент **Вызвать веб-сервис** с вашим сервисом и методом.',
      '5. В элементе задайте `EntityName` — код объекта (`Contact`, `Case`, `UsrProject`), `Id` — Id записи из сигнала, текстом, и `Event` — `added` или `modified`, по сигналу. Вызов выполняйте в фоне.',
      '6. Сохраните и активируйте процесс, измените такую запись: вызов появится здесь.',
      '',
      'Из вызова берутся только Id и вид события, сама запись читается после него. Без `Event` Мостик узнаёт опросом, новая ли она. О чём вызовы не сообщат, подхватит сверочный опрос.',
    ].join('\n'),
  },
  fields: [
    {
      key: 'webhookSecret',
      label: { en: 'Secret of the calls', ru: 'Секрет вызовов' },
      type: 'secret',
      help: {
        en: 'The same text as in the header of the web service in Creatio. Without it no call is accepted.',
        ru: 'Тот же текст, что в заголовке веб-сервиса в Creatio. Без него вызовы не принимаются.',
      },
    },
    {
      key: 'idPath',
      label: { en: 'Path of the record’s Id', ru: 'Путь к Id записи' },
      type: 'text',
      default: defaultIdPath,
      advanced: true,
      help: {
        en: 'Several separated by commas; the first that holds something counts.',
        ru: 'Несколько через запятую; берётся первый заполненный.',
      },
    },
    {
      key: 'entityPath',
      label: { en: 'Path of the object’s code', ru: 'Путь к коду объекта' },
      type: 'text',
      default: defaultEntityPath,
      advanced: true,
    },
  ],
  secretKeys: [secretHeader, 'password', 'UserPassword', 'access_token', 'BPMCSRF'],
  verify,
  read,
};
