import { z } from 'zod';
import type { Action } from '../../../kit/action.ts';
import { ConnectorError } from '../../../kit/errors.ts';
import type { Field, Json, Values } from '../../../kit/field.ts';
import type { HttpResponse } from '../../../kit/http.ts';
import { isGood, type WebhookApi } from '../api.ts';
import { headersOf } from '../headers.ts';
import { idempotency, idempotencyField, repeatRule } from '../idempotency.ts';
import { fillPlaces } from '../places.ts';

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
const methodSchema = z.enum(methods);

const fields: Field[] = [
  {
    key: 'url',
    label: { en: 'Address', ru: 'Адрес' },
    type: 'url',
    required: true,
    help: {
      en: 'Whole, or the path under the address of the connection. A value inside it stands as {name} and comes from “Values in the address”, so that it is encoded.',
      ru: 'Полный или путь под адресом подключения. Значение внутри него записывается как {name} и берётся из поля «Значения в адресе», чтобы оно было закодировано.',
    },
  },
  {
    key: 'parts',
    label: { en: 'Values in the address', ru: 'Значения в адресе' },
    type: 'json',
    help: { en: 'For each {name} in the address its value.', ru: 'Для каждого {name} в адресе его значение.' },
  },
  {
    key: 'method',
    label: { en: 'Method', ru: 'Метод' },
    type: 'choice',
    choices: methods.map((id) => ({ id, label: id })),
    help: { en: 'Empty: POST.', ru: 'Пусто: POST.' },
  },
  { key: 'query', label: { en: 'Query', ru: 'Параметры запроса' }, type: 'json' },
  { key: 'headers', label: { en: 'Headers', ru: 'Заголовки' }, type: 'json' },
  {
    key: 'body',
    label: { en: 'Body (JSON)', ru: 'Тело (JSON)' },
    type: 'json',
    help: {
      en: 'An object whose values are mapped. Empty: the request has no body.',
      ru: 'Объект, значения которого сопоставляются. Пусто: у запроса нет тела.',
    },
  },
];

const output: Field[] = [
  { key: 'status', label: { en: 'Status', ru: 'Код ответа' }, type: 'number' },
  { key: 'body', label: { en: 'Body of the answer', ru: 'Тело ответа' }, type: 'json' },
  { key: 'headers', label: { en: 'Headers of the answer', ru: 'Заголовки ответа' }, type: 'json' },
];

const refused = (field: string, what: { en: string; ru: string }): ConnectorError =>
  new ConnectorError({ kind: 'rejected', code: 'webhook.bad_field', field, text: what });

/** A choice comes as `{ id, label }`, a template gives plain text. */
function methodOf(value: Json | undefined): (typeof methods)[number] {
  const id = value !== null && typeof value === 'object' && !Array.isArray(value) ? value.id : value;
  if (id === undefined || id === null || id === '') return 'POST';
  const method = methodSchema.safeParse(String(id).toUpperCase());
  if (method.success) return method.data;
  throw refused('method', {
    en: `There is no method “${String(id)}”: choose one of ${methods.join(', ')}.`,
    ru: `Метода «${String(id)}» нет: выберите один из ${methods.join(', ')}.`,
  });
}

const scalars = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

function scalarsOf(values: Values, key: string): z.infer<typeof scalars> {
  const given = scalars.safeParse(values[key] ?? {});
  if (given.success) return given.data;
  throw refused(key, {
    en: `The field “${key}” takes an object of texts and numbers, as in {"page": 1}.`,
    ru: `Поле «${key}» принимает объект из строк и чисел, например {"page": 1}.`,
  });
}

function queryOf(values: Values): Record<string, string | number | boolean | undefined> {
  return Object.fromEntries(
    Object.entries(scalarsOf(values, 'query')).map(([name, value]) => [name, value ?? undefined]),
  );
}

function bodyOfAnswer(response: HttpResponse): Json {
  if (response.text.trim() === '') return null;
  try {
    return response.json();
  } catch {
    return response.text;
  }
}

export const send: Action<WebhookApi> = {
  key: 'request.send',
  label: { en: 'Send request', ru: 'Отправить запрос' },
  help: {
    en: 'Calls any address with a JSON body; later steps can use the answer.',
    ru: 'Обращается по любому адресу с телом JSON; ответ доступен следующим шагам.',
  },
  recordType: null,
  settings: [idempotencyField],
  output,
  async describe() {
    return fields;
  },
  async run(api, input) {
    const { values } = input;
    const method = methodOf(values.method);
    const url = fillPlaces(String(values.url ?? ''), scalarsOf(values, 'parts'));
    const hasBody = values.body !== undefined && values.body !== null && method !== 'GET';
    const response = await api.send({
      method,
      url,
      query: queryOf(values),
      headers: { ...headersOf(values.headers, 'headers'), ...idempotency(input) },
      ...(hasBody ? { json: values.body } : {}),
    });
    if (!isGood(response)) throw sendFailure(api.failure(response, url));
    return { output: { status: response.status, body: bodyOfAnswer(response), headers: response.headers } };
  },
  // A read changes nothing over there (RFC 9110, 9.2.1).
  repeat: repeatRule((values) => methodOf(values.method) === 'GET'),
};

/** An address that is not there is a mistake in the flow, not a record that was deleted. */
function sendFailure(failure: ConnectorError): ConnectorError {
  if (failure.kind !== 'gone') return failure;
  return new ConnectorError({ kind: 'rejected', code: failure.code, text: failure.text, cause: failure });
}
