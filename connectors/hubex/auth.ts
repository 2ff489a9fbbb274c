import { IANAZone } from 'luxon';
import type { AuthKind, ConnectionContext } from '../../kit/connector.ts';

/** The one way in: the service token of HubEx's API user. */
export const serviceToken: AuthKind = {
  key: 'serviceToken',
  label: { en: 'Service account token', ru: 'Токен сервисного аккаунта' },
  help: {
    en: [
      '1. In HubEx open the administrator console: **Интеграция → Служебные пользователи** (Integration → Service users).',
      '2. Switch on **Пользователь API** (API user).',
      '3. Choose **roles** with full rights on tasks and assets (usually Administrator), and **all districts**: the user sees only the tasks of its districts.',
      '4. Under **Токен доступа** (Access token) press **Сгенерировать** (Generate) and save the file. HubEx shows the token once.',
      '5. Paste the token from the file here.',
    ].join('\n'),
    ru: [
      '1. В HubEx откройте консоль администратора: **Интеграция → Служебные пользователи**.',
      '2. Включите **Пользователя API**.',
      '3. Выберите **роли** с полными полномочиями на заявки и объекты (обычно «Администратор») и **все участки**: пользователь видит только заявки своих участков.',
      '4. В поле **Токен доступа** нажмите **Сгенерировать** и сохраните файл. HubEx показывает токен один раз.',
      '5. Вставьте сюда токен из файла.',
    ].join('\n'),
  },
  fields: [
    {
      key: 'serviceToken',
      label: { en: 'Service account token', ru: 'Токен сервисного аккаунта' },
      type: 'secret',
      required: true,
      help: {
        en: 'The text of the downloaded .txt file. It was lost? Generate a new one in the same place.',
        ru: 'Текст из скачанного файла .txt. Если он потерян, сгенерируйте новый там же.',
      },
    },
    {
      key: 'applicationId',
      label: { en: 'X-Application-ID', ru: 'X-Application-ID' },
      type: 'text',
      default: '3',
      advanced: true,
      help: {
        en: 'Sent with every call. Usually 3; some installations want 5. Empty: not sent.',
        ru: 'Передаётся с каждым запросом. Обычно 3, в некоторых установках 5. Пусто: не передаётся.',
      },
    },
    {
      key: 'responseTimeZone',
      label: { en: 'Time zone of answers', ru: 'Часовой пояс ответов' },
      type: 'text',
      default: 'UTC',
      placeholder: 'Europe/Moscow',
      advanced: true,
      pattern: 'UTC|[A-Za-z_]+(/[A-Za-z0-9_+-]+)+',
      patternHelp: { en: 'A name like UTC or Europe/Moscow.', ru: 'Название вида UTC или Europe/Moscow.' },
      help: {
        en: 'HubEx answers times without a zone; by its documentation they are UTC. Change it if times come shifted by whole hours.',
        ru: 'HubEx отвечает временем без пояса, по документации это UTC. Измените, если время приходит со сдвигом на целые часы.',
      },
    },
    {
      key: 'patchStyle',
      label: { en: 'How tasks are updated', ru: 'Как изменяются заявки' },
      type: 'select',
      default: 'object',
      advanced: true,
      options: [
        { value: 'object', label: { en: 'As an object (HubEx wiki)', ru: 'Объектом (вики HubEx)' } },
        { value: 'array', label: { en: 'As a list of fields (swagger)', ru: 'Списком полей (swagger)' } },
      ],
      help: {
        en: 'The two descriptions of HubEx disagree. When one is refused we try the other and remember what worked.',
        ru: 'Два описания HubEx расходятся. Если один способ отклонён, мы пробуем другой и запоминаем подошедший.',
      },
    },
    {
      key: 'requestMethodId',
      label: { en: 'Request method of new tasks', ru: 'Способ подачи новых заявок' },
      type: 'number',
      default: 4,
      advanced: true,
      help: {
        en: 'Used when the request method is not mapped. HubEx recommends 4 for integrations.',
        ru: 'Используется, если способ подачи не сопоставлен. Для интеграций HubEx рекомендует 4.',
      },
    },
    {
      key: 'callsPerMinute',
      label: { en: 'Calls per minute', ru: 'Запросов в минуту' },
      type: 'number',
      default: 60,
      advanced: true,
      help: {
        en: 'HubEx usually allows 60 calls a minute.',
        ru: 'Обычно HubEx допускает 60 запросов в минуту.',
      },
    },
  ],
};

export type PatchStyle = 'object' | 'array';

export interface Settings {
  /** Empty: the header is not sent. */
  applicationId: string;
  /** An unknown name is read as UTC: times must not vanish over a typing mistake. */
  zone: string;
  patchStyle: PatchStyle;
  requestMethodId: number;
  callsPerMinute: number;
}

/** HubEx gives the token as a .txt file: a byte order mark, spaces and the last line break come along (`trim` cuts them all). */
export const readToken = (secrets: Record<string, string>): string => (secrets.serviceToken ?? '').trim();

const positive = (value: unknown, otherwise: number): number => {
  const number = Number(value);
  return value !== null && value !== '' && Number.isFinite(number) && number > 0 ? number : otherwise;
};

/** The connection's fields with their defaults; an empty application id stays empty. */
export function readSettings(fields: ConnectionContext['fields']): Settings {
  const { applicationId, responseTimeZone, patchStyle } = fields;
  const zone = String(responseTimeZone ?? '').trim();
  return {
    applicationId: applicationId === undefined ? '3' : String(applicationId ?? '').trim(),
    zone: IANAZone.isValidZone(zone) ? zone : 'UTC',
    patchStyle: patchStyle === 'array' ? 'array' : 'object',
    requestMethodId: positive(fields.requestMethodId, 4),
    callsPerMinute: positive(fields.callsPerMinute, 60),
  };
}
