import { connector } from '../../kit/connector.ts';
import { send } from './actions/send.ts';
import { connect, limitOf, type WebhookApi } from './api.ts';
import { auth } from './auth.ts';
import { check } from './check.ts';
import { item } from './records/item.ts';
import { received } from './triggers/received.ts';
import { hook } from './webhook.ts';

/** Any app that can call an address or be called at one. */
export const webhook = connector<WebhookApi>({
  key: 'webhook',
  label: { en: 'Webhook', ru: 'Вебхук' },
  description: {
    en: 'Receives calls from any app, sends requests to any address',
    ru: 'Получает вызовы от любого приложения и отправляет запросы по любому адресу',
  },
  mark: { letters: 'WH', color: '#7048e8' },
  auth,
  endpoints: [],
  guarded: true,
  limit: ({ fields }) => limitOf(fields),
  connect,
  check,
  records: { item },
  triggers: { 'webhook.received': received },
  actions: { 'request.send': send },
  webhook: hook,
});
