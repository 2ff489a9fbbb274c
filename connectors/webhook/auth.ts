import type { AuthKind } from '../../kit/connector.ts';
import type { FormField } from '../../kit/form.ts';

const addressPattern = '^https?://\\S+$';
const addressPatternHelp = {
  en: 'The address begins with https:// or http://',
  ru: 'Адрес начинается с https:// или http://',
};

const optionalAddress: FormField = {
  key: 'address',
  label: { en: 'Address of the app', ru: 'Адрес приложения' },
  type: 'url',
  placeholder: 'https://api.example.com/v1',
  pattern: addressPattern,
  patternHelp: addressPatternHelp,
  help: {
    en: 'Needed only for sending: requests may then name just the path, and Check asks this address. Leave it empty to receive only.',
    ru: 'Нужен только для отправки: тогда в запросах можно указывать один путь, а проверка обращается по этому адресу. Оставьте пустым, чтобы только получать.',
  },
};

const address: FormField = {
  ...optionalAddress,
  required: true,
  help: {
    en: 'Requests may name just the path. The key is sent to this host alone, never to another.',
    ru: 'В запросах можно указывать один путь. Ключ отправляется только на этот сервер и ни на какой другой.',
  },
};

const perMinute: FormField = {
  key: 'perMinute',
  label: { en: 'At most requests a minute', ru: 'Не больше запросов в минуту' },
  type: 'number',
  advanced: true,
  help: {
    en: 'Empty: no limit of ours. Look into the documentation of the app for its own.',
    ru: 'Пусто: без ограничения с нашей стороны. Ограничение приложения смотрите в его документации.',
  },
};

/** How the other side knows us when we send. Receiving needs none of it: the secret address and the signature do that. */
export const auth: AuthKind[] = [
  {
    key: 'none',
    label: { en: 'Without a key', ru: 'Без ключа' },
    help: {
      en: 'To receive calls, or to send to an app that asks for no key.',
      ru: 'Чтобы получать вызовы или отправлять в приложение, которому не нужен ключ.',
    },
    fields: [optionalAddress, perMinute],
  },
  {
    key: 'bearer',
    label: { en: 'Token (Bearer)', ru: 'Токен (Bearer)' },
    help: {
      en: 'Sent as `Authorization: Bearer …`. Make the token in the settings of the app, usually under “API”.',
      ru: 'Отправляется как `Authorization: Bearer …`. Создайте токен в настройках приложения, обычно в разделе «API».',
    },
    fields: [address, { key: 'token', label: { en: 'Token', ru: 'Токен' }, type: 'secret', required: true }, perMinute],
  },
  {
    key: 'basic',
    label: { en: 'User name and password', ru: 'Логин и пароль' },
    help: {
      en: 'Sent as `Authorization: Basic …`.',
      ru: 'Отправляются как `Authorization: Basic …`.',
    },
    fields: [
      address,
      { key: 'user', label: { en: 'User name', ru: 'Логин' }, type: 'text', required: true },
      { key: 'password', label: { en: 'Password', ru: 'Пароль' }, type: 'secret', required: true },
      perMinute,
    ],
  },
  {
    key: 'header',
    label: { en: 'Key in a header', ru: 'Ключ в заголовке' },
    help: {
      en: 'Sent in the header you name, for example `X-Api-Key`.',
      ru: 'Отправляется в указанном заголовке, например `X-Api-Key`.',
    },
    fields: [
      address,
      {
        key: 'headerName',
        label: { en: 'Header', ru: 'Заголовок' },
        type: 'text',
        required: true,
        placeholder: 'X-Api-Key',
        pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
        patternHelp: {
          en: 'Letters, digits and hyphens, as in X-Api-Key',
          ru: 'Латинские буквы, цифры и дефисы, например X-Api-Key',
        },
      },
      { key: 'headerValue', label: { en: 'Key', ru: 'Ключ' }, type: 'secret', required: true },
      perMinute,
    ],
  },
];
