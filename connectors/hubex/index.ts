import { createHash } from 'node:crypto';
import { connector } from '../../kit/connector.ts';
import { moveToStage } from './actions/move-to-stage.ts';
import { sendMessage } from './actions/send-message.ts';
import { createApi, defaultApiUrl, type HubexApi } from './api.ts';
import { readSettings, readToken, serviceToken } from './auth.ts';
import { check } from './check.ts';
import { company } from './records/company.ts';
import { contact } from './records/contact.ts';
import { location } from './records/location.ts';
import { task } from './records/task.ts';
import { taskCompleted } from './triggers/task-completed.ts';
import { taskEnteredStage } from './triggers/task-entered-stage.ts';
import { webhook } from './webhook.ts';

export const hubex = connector<HubexApi>({
  key: 'hubex',
  label: 'HubEx',
  description: {
    en: 'Field service: tasks for engineers, their stages and results',
    ru: 'Выездной сервис: заявки инженеров, их стадии и результаты',
  },
  mark: { letters: 'Hx', color: '#1f6feb' },
  auth: [serviceToken],
  endpoints: [{ key: 'api', label: { en: 'API address', ru: 'Адрес API' }, default: defaultApiUrl }],
  guarded: false,
  limit({ fields, secrets, endpoints }) {
    const host = URL.parse(endpoints.api ?? '')?.host ?? '';
    const token = createHash('sha256').update(readToken(secrets)).digest('hex').slice(0, 16);
    const { callsPerMinute } = readSettings(fields);
    // A sixth at once and the rest over the minute: never more than the limit in any sixty seconds.
    const capacity = Math.ceil(callsPerMinute / 6);
    return { key: `hubex:${host}:${token}`, capacity, perSecond: Math.max(callsPerMinute - capacity, 0.5) / 60 };
  },
  connect: createApi,
  check,
  records: { task, contact, company, location },
  triggers: { [taskEnteredStage.key]: taskEnteredStage, [taskCompleted.key]: taskCompleted },
  actions: { [moveToStage.key]: moveToStage, [sendMessage.key]: sendMessage },
  webhook,
});
