import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Json, Values } from '../../kit/field.ts';
import { fill, type Text } from '../../kit/text.ts';
import type { HookConnection, HookRequest, HookVerdict, Webhook } from '../../kit/webhook.ts';
import { idAt } from './json-path.ts';

const help: Text = {
  en: `1. Copy the address: \`{address}\`
2. Paste it into the other app where it asks for a webhook or callback address; method POST, format JSON or form.
3. Send a trial call from there: its fields then stand ready for the mapping.

The address is secret: whoever knows it can send data here.`,
  ru: `1. Скопируйте адрес: \`{address}\`
2. Вставьте его в другом приложении там, где спрашивают адрес вебхука или обратного вызова; метод POST, формат JSON или форма.
3. Отправьте оттуда пробный вызов: его поля появятся в сопоставлении.

Адрес секретный: кто его знает, может отправлять сюда данные.`,
};

const algorithms = ['sha256', 'sha1', 'sha512'];
const encodings = ['hex', 'base64'] as const;

const fields: Webhook['fields'] = [
  {
    key: 'idPath',
    label: { en: 'Path to the id of a call', ru: 'Путь к номеру вызова' },
    type: 'text',
    placeholder: '$.event.id',
    pattern: '^\\$.*$',
    patternHelp: { en: 'A JSONPath begins with $', ru: 'Путь JSONPath начинается с $' },
    help: {
      en: 'JSONPath to an id that is the same when the app sends one event again: the repeat is then dropped. Empty: each call counts.',
      ru: 'JSONPath к номеру, который не меняется, когда приложение присылает то же событие ещё раз: повтор тогда отбрасывается. Пусто: учитывается каждый вызов.',
    },
  },
  {
    key: 'idHeader',
    label: { en: 'Or the header with that id', ru: 'Или заголовок с этим номером' },
    type: 'text',
    placeholder: 'X-Event-Id',
  },
  {
    key: 'signatureSecret',
    label: { en: 'Signing secret (HMAC)', ru: 'Секрет подписи (HMAC)' },
    type: 'secret',
    help: {
      en: 'When the app signs its calls: the secret it shows beside the webhook. A call without the right signature is then refused.',
      ru: 'Если приложение подписывает вызовы: секрет, который оно показывает рядом с вебхуком. Вызов без правильной подписи тогда отклоняется.',
    },
  },
  {
    key: 'signatureHeader',
    label: { en: 'Header with the signature', ru: 'Заголовок с подписью' },
    type: 'text',
    placeholder: 'X-Signature',
  },
  {
    key: 'signatureAlgorithm',
    label: { en: 'Algorithm', ru: 'Алгоритм' },
    type: 'select',
    default: 'sha256',
    options: algorithms.map((value) => ({ value, label: value.toUpperCase().replace('SHA', 'SHA-') })),
    advanced: true,
  },
  {
    key: 'signatureEncoding',
    label: { en: 'Written as', ru: 'Запись подписи' },
    type: 'select',
    default: 'hex',
    options: encodings.map((value) => ({ value, label: value })),
    advanced: true,
  },
  {
    key: 'signaturePrefix',
    label: { en: 'Before the signature', ru: 'Перед подписью' },
    type: 'text',
    placeholder: 'sha256=',
    advanced: true,
  },
];

const no = (status: 401 | 422, code: string, text: Text): HookVerdict => ({ ok: false, status, code, text });

const setting = (connection: HookConnection, key: string): string => {
  const value = connection.fields[key];
  return typeof value === 'string' ? value.trim() : '';
};

/** The signature is over the bytes as they came; it is compared in constant time. */
function checkSignature(request: HookRequest, connection: HookConnection): HookVerdict {
  const secret = connection.secrets.signatureSecret ?? '';
  const named = setting(connection, 'signatureHeader');
  if (secret === '' && named === '') return { ok: true };
  if (secret === '') {
    return no(401, 'webhook.secret_missing', {
      en: 'A signature header is set, but no signing secret: fill it in, or clear the header.',
      ru: 'Указан заголовок подписи, но нет секрета: заполните секрет или уберите заголовок.',
    });
  }
  // The signature is over the body alone, and that of an empty one never changes: it proves nothing of the query.
  if (request.rawBody.length === 0 && Object.keys(request.query).length > 0) {
    return no(401, 'webhook.query_unsigned', {
      en: 'The connection has a signing secret, and a signature covers the body alone: values in the query are not taken. Send them in the body.',
      ru: 'В подключении задан секрет подписи, а подпись охватывает только тело: значения из адреса не принимаются. Отправьте их в теле.',
    });
  }
  const header = (named || 'x-signature').toLowerCase();
  const given = request.headers[header]?.trim();
  if (!given) {
    return no(
      401,
      'webhook.signature_missing',
      fill({ en: 'The call has no signature in {header}.', ru: 'В вызове нет подписи в {header}.' }, { header }),
    );
  }
  return signatureMatches({ given, secret, request, connection })
    ? { ok: true }
    : no(401, 'webhook.signature_wrong', {
        en: 'The signature does not match the body. Compare the signing secret, the algorithm and how it is written.',
        ru: 'Подпись не соответствует телу. Сверьте секрет, алгоритм и запись подписи.',
      });
}

function signatureMatches(input: {
  given: string;
  secret: string;
  request: HookRequest;
  connection: HookConnection;
}): boolean {
  const { given, secret, request, connection } = input;
  const prefix = setting(connection, 'signaturePrefix');
  if (!given.startsWith(prefix)) return false;
  const algorithm = algorithms.find((one) => one === setting(connection, 'signatureAlgorithm')) ?? 'sha256';
  const encoding = encodings.find((one) => one === setting(connection, 'signatureEncoding')) ?? 'hex';
  const expected = createHmac(algorithm, secret).update(request.rawBody).digest();
  const sent = Buffer.from(given.slice(prefix.length), encoding);
  return sent.length === expected.length && timingSafeEqual(sent, expected);
}

/** What a call says: its body, or the query of a call without one. */
function contentOf(request: HookRequest): Json {
  return request.rawBody.length === 0 ? request.query : request.body;
}

/** A body that is no object (a list, a single value) stands under `body`. */
export const detailsOf = (content: Json): Values =>
  content !== null && typeof content === 'object' && !Array.isArray(content) ? content : { body: content };

const idHeaderOf = (connection: HookConnection): string => setting(connection, 'idHeader').toLowerCase();

function idOf(request: HookRequest, connection: HookConnection): string {
  const path = setting(connection, 'idPath');
  const header = idHeaderOf(connection);
  const byPath = path === '' ? null : idAt(contentOf(request), path);
  return byPath ?? (header === '' ? '' : (request.headers[header]?.trim() ?? ''));
}

function checkContent(request: HookRequest, connection: HookConnection): HookVerdict {
  if (request.rawBody.length > 0 && request.body === null) {
    return no(422, 'webhook.not_readable', {
      en: 'The body is neither valid JSON nor a form. Send Content-Type: application/json or application/x-www-form-urlencoded and a body in that format.',
      ru: 'Тело — не правильный JSON и не форма. Отправьте Content-Type: application/json или application/x-www-form-urlencoded и тело в этом формате.',
    });
  }
  try {
    idOf(request, connection);
    return { ok: true };
  } catch {
    return no(
      422,
      'webhook.bad_id_path',
      fill(
        {
          en: 'The path to the id of a call in this connection, “{path}”, is not a JSONPath. Correct it; nothing was taken.',
          ru: 'Путь к номеру вызова в этом подключении, «{path}», — не путь JSONPath. Исправьте его; вызов не принят.',
        },
        { path: setting(connection, 'idPath') },
      ),
    );
  }
}

/** Calls of any app: JSON, a form, or the query alone. */
export const hook: Webhook = {
  help,
  fields,
  secretKeys: [],
  keepHeaders: (connection) => [idHeaderOf(connection)],
  verify(request, connection) {
    const signature = checkSignature(request, connection);
    return signature.ok ? checkContent(request, connection) : signature;
  },
  read(request, connection) {
    // Apps try an address out with HEAD or a bare GET; neither says anything.
    const content = contentOf(request);
    const empty = request.rawBody.length === 0 && Object.keys(request.query).length === 0;
    if (request.method === 'HEAD' || empty) return [];
    const id = idOf(request, connection);
    return [
      { kind: 'item', trigger: 'webhook.received', item: { key: id, recordId: id, details: detailsOf(content) } },
    ];
  },
};
