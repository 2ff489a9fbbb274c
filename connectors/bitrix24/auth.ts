import type { AuthKind, ConnectionContext } from '../../kit/connector.ts';
import type { Text } from '../../kit/text.ts';

export const webhookAuth: AuthKind = {
  key: 'webhook',
  label: { en: 'Inbound webhook', ru: 'Входящий вебхук' },
  help: {
    en: [
      '1. In Bitrix24 open **Applications → Developer resources**.',
      '2. Choose **Other → Inbound webhook**.',
      '3. Under access permissions add **CRM (crm)** and **Users (user)**.',
      '4. Press **Save** and copy the webhook’s address: it looks like `https://company.bitrix24.com/rest/1/abc123/`.',
      '',
      'We act with the rights of the employee who makes the webhook. Choose one who may read and change deals, contacts, companies and leads. To read addresses, the employee must be allowed to read contacts, companies and leads. The address is a password: do not pass it on.',
    ].join('\n'),
    ru: [
      '1. В Битрикс24 откройте **Приложения → Разработчикам**.',
      '2. Выберите **Другое → Входящий вебхук**.',
      '3. В настройке прав добавьте **CRM (crm)** и **Пользователи (user)**.',
      '4. Нажмите **Сохранить** и скопируйте адрес вебхука. Он выглядит так: `https://company.bitrix24.ru/rest/1/abc123/`.',
      '',
      'Мы работаем с правами сотрудника, который создал вебхук. Выберите того, кто может читать и менять сделки, контакты, компании и лиды. Чтобы читать адреса, сотруднику нужно право на чтение и контактов, и компаний, и лидов. Этот адрес — пароль: не передавайте его.',
    ].join('\n'),
  },
  fields: [
    {
      key: 'webhookUrl',
      label: { en: 'Webhook address', ru: 'Адрес вебхука' },
      type: 'secret',
      required: true,
      placeholder: 'https://company.bitrix24.ru/rest/1/abc123/',
      help: {
        en: 'The whole address from Developer resources → Other → Inbound webhook.',
        ru: 'Адрес целиком из раздела «Разработчикам → Другое → Входящий вебхук».',
      },
      pattern: '\\s*https?://[^/\\s]+/rest/\\d+/[^/\\s]+(/[^\\s]*)?\\s*',
      patternHelp: {
        en: 'The address looks like https://company.bitrix24.com/rest/1/abc123/',
        ru: 'Адрес выглядит так: https://company.bitrix24.ru/rest/1/abc123/',
      },
    },
  ],
};

export interface PortalAddress {
  /** Host with port, lower case: the identity of the account. */
  portal: string;
  userId: string;
  /** Masked wherever it occurs. */
  secret: string;
  /** `https://{portal}/rest`, or what an administrator put there. */
  restBase: string;
}

export type ParsedAddress = ({ ok: true } & PortalAddress) | { ok: false; code: string; text: Text };

const wrong = (code: string, text: Text): ParsedAddress => ({ ok: false, code, text });

const notWebhook: Text = {
  en: 'This is not the address of an inbound webhook. It looks like https://company.bitrix24.com/rest/1/abc123/. Copy it whole from Bitrix24: Developer resources → Other → Inbound webhook.',
  ru: 'Это не адрес входящего вебхука. Он выглядит так: https://company.bitrix24.ru/rest/1/abc123/. Скопируйте его целиком в Битрикс24: «Разработчикам → Другое → Входящий вебхук».',
};

const plainHttp: Text = {
  en: 'The webhook’s address begins with http://. Bitrix24 answers over https only: put https:// in its place.',
  ru: 'Адрес вебхука начинается с http://. Битрикс24 отвечает только по https: замените начало на https://.',
};

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host);

/** Reads the pasted address: with or without the last slash, a method and `.json` behind it are cut. */
export function parseAddress(connection: {
  secrets: Record<string, string>;
  endpoints: Record<string, string>;
}): ParsedAddress {
  const pasted = (connection.secrets.webhookUrl ?? '').trim();
  const override = (connection.endpoints.rest ?? '').trim().replace(/\/+$/, '');
  if (!URL.canParse(pasted)) return wrong('bitrix24.address', notWebhook);
  const url = new URL(pasted);
  const [, userId, secret] = /^\/rest\/(\d+)\/([^/]+)(?:\/.*)?$/.exec(url.pathname) ?? [];
  if (!userId || !secret || !/^https?:$/.test(url.protocol)) return wrong('bitrix24.address', notWebhook);
  if (url.protocol === 'http:' && !override && !isLoopback(url.hostname)) return wrong('bitrix24.http', plainHttp);
  const portal = url.host.toLowerCase();
  return { ok: true, portal, userId, secret, restBase: override || `${url.protocol}//${portal}/rest` };
}

/** The bucket's key: limits count per portal (and source address), whatever the webhook. */
export const portalOf = (connection: Pick<ConnectionContext, 'secrets' | 'endpoints'>): string | null => {
  const address = parseAddress(connection);
  return address.ok ? address.portal : null;
};
