import type { Json } from '../../kit/field.ts';
import type { HookConnection, HookEvent, HookRequest, Webhook } from '../../kit/webhook.ts';

/** Where a task's id may stand; the body of HubEx's webhooks is not documented. */
const defaultPaths = 'taskID, taskId, TaskID, id, task.id, data.taskID';

/** HubEx signs nothing that we know of: whoever knows the long secret address may call it, and the body is never trusted beyond an id. */
export const webhook: Webhook = {
  help: {
    en: [
      "1. In HubEx open the administrator console: **Интеграция → Webhook'и** (Integration → Webhooks). If the entry is missing, your role lacks its right.",
      '2. Press **Создать Webhook** (Create webhook) and paste this address: `{address}`',
      '3. Choose the task events you want to hear of, or the stages, make the webhook active and press **Сохранить** (Save).',
      '4. Move any task to another stage: the line "last call" beside the address shows that it arrived.',
      '',
      'Whatever HubEx sends, the task itself is loaded afterwards. If calls arrive but no task is recognised, look at a caught body in the history and write the place of the id into "Path of the task id".',
    ].join('\n'),
    ru: [
      "1. В HubEx откройте консоль администратора: **Интеграция → Webhook'и**. Если такого пункта нет, у вашей роли нет этого полномочия.",
      '2. Нажмите **Создать Webhook** и вставьте этот адрес: `{address}`',
      '3. Выберите события заявок, о которых хотите узнавать, или стадии, сделайте webhook активным и нажмите **Сохранить**.',
      '4. Переведите любую заявку на другую стадию: строка «последний вызов» рядом с адресом покажет, что он дошёл.',
      '',
      'Что бы ни прислал HubEx, сама заявка после этого загружается. Если вызовы приходят, а заявка не узнаётся, посмотрите пришедшее тело в истории и впишите место идентификатора в поле «Путь к id заявки».',
    ].join('\n'),
  },
  fields: [
    {
      key: 'taskIdPath',
      label: { en: 'Path of the task id', ru: 'Путь к id заявки' },
      type: 'text',
      default: defaultPaths,
      advanced: true,
      help: {
        en: 'Several separated by commas; the first that holds a number counts. Names in the address are looked at as well.',
        ru: 'Несколько через запятую; берётся первый, где стоит число. Параметры в адресе тоже просматриваются.',
      },
    },
  ],
  secretKeys: ['serviceToken', 'access_token', 'accessToken', 'refresh_token', 'refreshToken', 'authorization'],
  verify: () => ({ ok: true }),
  read: (request, connection) => {
    const id = taskIdOf(request, connection);
    // Own triggers ("completed", "entered stage") are asked for as well: only they know what the change means.
    const pollNow: HookEvent = { kind: 'pollNow' };
    if (id === null) return [pollNow];
    return [{ kind: 'record', recordType: 'task', recordId: id, event: 'changed' }, pollNow];
  },
};

function taskIdOf({ body, query }: HookRequest, { fields }: HookConnection): string | null {
  const setting =
    typeof fields.taskIdPath === 'string' && fields.taskIdPath.trim() !== '' ? fields.taskIdPath : defaultPaths;
  const paths = setting.split(',').flatMap((path) => path.trim().replace(/^\$\.?/, '') || []);
  for (const path of paths) {
    const id = numeric(at(body, path)) ?? numeric(query[path]);
    if (id !== null) return id;
  }
  return null;
}

const numeric = (value: Json | undefined): string | null =>
  (typeof value === 'number' || typeof value === 'string') && /^\d{1,18}$/.test(String(value)) ? String(value) : null;

/** `data.taskID`, `[0].taskID`: a list without an index means its first element. */
function at(body: Json | undefined, path: string): Json | undefined {
  const steps = path.split(/[.[\]]+/).filter((step) => step !== '');
  let here: Json | undefined = body;
  for (const step of steps) {
    if (Array.isArray(here)) {
      here = /^\d+$/.test(step) ? here[Number(step)] : member(here[0], step);
      continue;
    }
    here = member(here, step);
  }
  return here;
}

const member = (value: Json | undefined, name: string): Json | undefined =>
  value !== null && typeof value === 'object' && !Array.isArray(value) && Object.hasOwn(value, name)
    ? value[name]
    : undefined;
