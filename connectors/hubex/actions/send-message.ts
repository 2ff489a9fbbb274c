import type { Action } from '../../../kit/action.ts';
import { ConnectorError } from '../../../kit/errors.ts';
import type { HubexApi } from '../api.ts';
import { idOf } from '../records/choices.ts';
import { readTime } from '../wire.ts';

/** Our clock and HubEx's may differ by this much. */
const clockSkewMs = 2 * 60_000;

export const sendMessage: Action<HubexApi> = {
  key: 'task.sendMessage',
  label: { en: 'Send message to task', ru: 'Отправить сообщение в заявку' },
  recordType: 'task',
  settings: [
    {
      key: 'audience',
      label: { en: 'Who sees it', ru: 'Кто видит' },
      type: 'select',
      required: true,
      default: 'team',
      options: [
        { value: 'team', label: { en: 'The team', ru: 'Команда' } },
        { value: 'customer', label: { en: 'The customer', ru: 'Заказчик' } },
      ],
    },
  ],
  describe: async () => [
    { key: 'message', label: { en: 'Message', ru: 'Сообщение' }, type: 'text', required: true, multiline: true },
  ],

  async run(api, { target, values, settings, firstTry }) {
    const message = idOf(values.message);
    if (!target) throw noTask();
    if (message === null) throw nothingToSend();
    const sent = { isExternal: settings.audience === 'customer', message };
    if (firstTry && (await hasArrived(api, { id: target.id, firstTry, ...sent }))) return { id: target.id };
    await api.sendMessage(target.id, sent);
    return { id: target.id };
  },
  repeat: { kind: 'safe' },
};

/** HubEx knows no repeated message, so a repeat looks whether the try whose answer got lost arrived. */
async function hasArrived(
  api: HubexApi,
  sent: { id: string; message: string; isExternal: boolean; firstTry: Date },
): Promise<boolean> {
  const messages = await api.taskMessages(sent.id);
  return messages.some(
    ({ created, message, isExternal }) =>
      message?.trim() === sent.message.trim() &&
      (isExternal ?? false) === sent.isExternal &&
      Date.parse(readTime(created, api.settings.zone) ?? '') >= sent.firstTry.getTime() - clockSkewMs,
  );
}

const noTask = (): ConnectorError =>
  new ConnectorError({
    kind: 'rejected',
    code: 'hubex.no_task',
    text: {
      en: 'No HubEx task was found for the message. Check by which field the step finds it.',
      ru: 'Не найдена заявка HubEx, в которую отправить сообщение. Проверьте, по какому полю шаг её ищет.',
    },
  });

const nothingToSend = (): ConnectorError =>
  new ConnectorError({
    kind: 'rejected',
    code: 'hubex.no_message',
    field: 'message',
    text: {
      en: 'The message to the HubEx task is empty. Check its template, or let a filter leave such records out.',
      ru: 'Сообщение в заявку HubEx пусто. Проверьте его шаблон или отсейте такие записи фильтром.',
    },
  });
