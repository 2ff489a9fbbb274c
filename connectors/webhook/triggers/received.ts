import { z } from 'zod';
import type { Values } from '../../../kit/field.ts';
import type { Trigger } from '../../../kit/trigger.ts';
import type { WebhookApi } from '../api.ts';
import { fieldsOfSamples } from '../sample-fields.ts';
import { detailsOf } from '../webhook.ts';

const sampleSchema = z.array(z.json());

/** Bodies of recent calls, newest first: the server keeps them in the connection's memory under `sample`. */
async function caught(api: WebhookApi): Promise<Values[]> {
  const kept = sampleSchema.safeParse(await api.connection.memory.get('sample'));
  return kept.success ? kept.data.map(detailsOf) : [];
}

export const received: Trigger<WebhookApi> = {
  key: 'webhook.received',
  label: { en: 'Call received', ru: 'Получен вызов' },
  help: {
    en: 'Any app can start it by calling the secret address of the connection. Send one call first: its fields then stand ready.',
    ru: 'Запускает любое приложение, обратившись по секретному адресу подключения. Сначала отправьте один вызов: его поля появятся здесь.',
  },
  recordType: null,
  async describe(api) {
    return fieldsOfSamples(await caught(api));
  },
  async newest(api, { limit }) {
    const samples = await caught(api);
    return samples.slice(0, limit).map((details, index) => ({ key: `sample-${index + 1}`, recordId: '', details }));
  },
};
