import type { AuthKind } from '../../kit/connector.ts';
import type { FormField } from '../../kit/form.ts';
import type { Text } from '../../kit/text.ts';

const address = (placeholder: string): FormField => ({
  key: 'address',
  label: { en: 'Domain', ru: 'Домен' },
  type: 'text',
  required: true,
  placeholder,
  help: {
    en: 'The address where you sign in, as the browser shows it. What stands after the name of the site is not needed.',
    ru: 'Адрес, по которому вы входите в систему, из строки браузера. То, что стоит после имени сайта, не нужно.',
  },
});

const platform: FormField = {
  key: 'platform',
  label: { en: 'Platform', ru: 'Платформа' },
  type: 'select',
  default: 'auto',
  advanced: true,
  options: [
    { value: 'auto', label: { en: 'Find out', ru: 'Определить самим' } },
    {
      value: 'netframework',
      label: { en: '.NET Framework (addresses with /0/)', ru: '.NET Framework (адреса с /0/)' },
    },
    { value: 'netcore', label: { en: '.NET (addresses without /0/)', ru: '.NET (адреса без /0/)' } },
  ],
};

const userName: FormField = {
  key: 'userName',
  label: { en: 'User name', ru: 'Логин' },
  type: 'text',
  required: true,
  help: {
    en: 'Better a user of its own with the rights it needs: then the history over there shows what the integration did.',
    ru: 'Лучше завести отдельного пользователя с нужными правами: тогда в истории изменений видно, что сделала интеграция.',
  },
};

const password: FormField = {
  key: 'password',
  label: { en: 'Password', ru: 'Пароль' },
  type: 'secret',
  required: true,
  help: {
    en: 'A refused password is tried once and then no more until you change it, so that the user is not locked.',
    ru: 'Отклонённый пароль пробуется один раз, и больше не раньше, чем вы его измените: так пользователя не заблокируют.',
  },
};

const passwordHelp: Text = {
  en: [
    '1. Open **System designer → System users** and add a user for the integration, or take an existing one.',
    '2. Give it the roles whose records it shall read and change, and the operation **Access to OData** if your version asks for it.',
    '3. Write the domain, the user name and the password here.',
  ].join('\n'),
  ru: [
    '1. Откройте **Дизайнер системы → Пользователи системы** и добавьте пользователя для интеграции или возьмите имеющегося.',
    '2. Выдайте ему роли, чьи записи он должен читать и менять, и операцию **Доступ к OData**, если ваша версия её требует.',
    '3. Укажите здесь домен, логин и пароль.',
  ].join('\n'),
};

/** The user's name and password, as in the sign-in form. */
export const byPassword: AuthKind = {
  key: 'password',
  label: { en: 'User name and password', ru: 'Логин и пароль' },
  help: passwordHelp,
  fields: [address('mycompany.creatio.com'), userName, password, platform],
};

/** OAuth 2.0 client credentials: the identity service is a host of its own. */
export const byOAuth: AuthKind = {
  key: 'oauth',
  label: { en: 'OAuth 2.0 (client credentials)', ru: 'OAuth 2.0 (учётные данные клиента)' },
  help: {
    en: [
      '1. Open **System designer → OAuth 2.0 integrated applications** and add an application with the type of access "client credentials".',
      '2. Choose the system user whose rights the application gets.',
      '3. Copy **Client ID** and **Client secret** here. Creatio shows the secret once.',
    ].join('\n'),
    ru: [
      '1. Откройте **Дизайнер системы → Интеграция с приложениями OAuth 2.0** и добавьте приложение с доступом по учётным данным клиента (client credentials).',
      '2. Выберите пользователя системы, с правами которого будет работать приложение.',
      '3. Скопируйте сюда **Client ID** и **Client secret**. Секрет Creatio показывает один раз.',
    ].join('\n'),
  },
  fields: [
    address('mycompany.creatio.com'),
    { key: 'clientId', label: { en: 'Client ID', ru: 'Client ID' }, type: 'text', required: true },
    { key: 'clientSecret', label: { en: 'Client secret', ru: 'Client secret' }, type: 'secret', required: true },
    {
      key: 'identityUrl',
      label: { en: 'Identity service', ru: 'Служба идентификации' },
      type: 'url',
      advanced: true,
      placeholder: 'https://mycompany-is.creatio.com',
      help: {
        en: 'Empty: the name of the site with "-is" added. The system setting OAuth20IdentityServerUrl holds the real one.',
        ru: 'Пусто: имя сайта с добавкой «-is». Настоящий адрес хранит системная настройка OAuth20IdentityServerUrl.',
      },
    },
    {
      key: 'tokenPath',
      label: { en: 'Path of the token', ru: 'Путь выдачи токена' },
      type: 'text',
      default: '/connect/token',
      advanced: true,
    },
    platform,
  ],
};

/** bpm'online knows the sign-in form and, where it is switched on, basic authorization. */
export const bpmonlinePassword: AuthKind = {
  key: 'password',
  label: { en: 'User name and password', ru: 'Логин и пароль' },
  help: passwordHelp,
  fields: [
    address('mycompany.bpmonline.com'),
    userName,
    password,
    {
      key: 'signIn',
      label: { en: 'Way to sign in', ru: 'Способ входа' },
      type: 'select',
      default: 'forms',
      advanced: true,
      options: [
        { value: 'forms', label: { en: 'Sign-in form', ru: 'Форма входа' } },
        { value: 'basic', label: { en: 'Basic authorization', ru: 'Basic-авторизация' } },
      ],
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
        en: "bpm'online answers times without a zone. Change this if times come shifted by whole hours.",
        ru: 'bpm’online отвечает временем без пояса. Измените, если время приходит со сдвигом на целые часы.',
      },
    },
    {
      key: 'updateVerb',
      label: { en: 'How records are changed', ru: 'Как изменять записи' },
      type: 'select',
      default: 'MERGE',
      advanced: true,
      options: [
        { value: 'MERGE', label: 'MERGE' },
        { value: 'PATCH', label: 'PATCH' },
        { value: 'PUT', label: 'PUT' },
      ],
      help: {
        en: 'If MERGE is refused on the way, we send it as POST with X-HTTP-Method, then as PUT, and remember it. PUT sends the whole record anew.',
        ru: 'Если MERGE по дороге отклонён, мы отправим его как POST с X-HTTP-Method, затем как PUT и запомним это. PUT отправляет всю запись заново.',
      },
    },
  ],
};
