import { ConnectorError } from '../../../kit/errors.ts';
import type { Field, Json, Value, Values } from '../../../kit/field.ts';
import type { FormValues } from '../../../kit/form.ts';
import type { HttpResponse } from '../../../kit/http.ts';
import type { Condition, CreateInput, Rec, RecordType, UpdateInput, Written } from '../../../kit/record-type.ts';
import { fill, type Text } from '../../../kit/text.ts';
import { isGood, type WebhookApi } from '../api.ts';
import { headersOf } from '../headers.ts';
import { idempotency, repeatRule } from '../idempotency.ts';
import { itemFields, readItem, writeItem } from '../item-fields.ts';
import { itemSettings } from '../item-settings.ts';
import { idAt, itemsAt } from '../json-path.ts';
import { fillPlaces, placesOf, withoutEmptyParameters } from '../places.ts';

/** One question a spelling: more than these ask too much of the other side. */
const mostQuestions = 12;

const setting = (settings: FormValues, key: string, otherwise = ''): string => {
  const value = settings[key];
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : otherwise;
};

const missing = (field: string, label: Text): ConnectorError =>
  new ConnectorError({
    kind: 'rejected',
    code: 'webhook.setting_missing',
    field,
    text: fill(
      {
        en: 'The setting “{label}” of the action is empty. Fill it in on its card.',
        ru: 'Не заполнена настройка действия «{label}». Заполните её на карточке действия.',
      },
      { label },
    ),
  });

function needed(settings: FormValues, key: string): string {
  const value = setting(settings, key);
  if (value !== '') return value;
  throw missing(key, labelOf(key));
}

/** Null for an answer without a body. */
const bodyOf = (response: HttpResponse): Json => (response.text.trim() === '' ? null : response.json());

/** Without its id a hit cannot be told from another one; to pass it over would make a second record. */
function recordOf(fields: Field[], item: Json, settings: FormValues): Rec {
  const path = setting(settings, 'idPath', '$.id');
  const id = idAt(item, path);
  if (id === null) throw findMistake('idPath', noIdFound, { path });
  return { id, values: readItem(fields, item) };
}

/** The combinations of one value a condition. */
function questionsOf(where: Condition[]): Values[] {
  return where
    .reduce<Values[]>(
      (questions, { field, values }) =>
        questions.flatMap((question) => values.map((value): Values => ({ ...question, [field]: value }))),
      [{}],
    )
    .slice(0, mostQuestions);
}

const asPart = (value: Value | undefined): string | number | boolean | null =>
  value === null || value === undefined || typeof value !== 'object' ? (value ?? null) : JSON.stringify(value);

async function find(
  api: WebhookApi,
  input: { where: Condition[]; limit: number; settings: FormValues },
): Promise<Rec[]> {
  const { where, limit, settings } = input;
  const address = needed(settings, 'findUrl');
  const places = placesOf(address);
  for (const { field } of where) if (!places.includes(field)) throw noPlace(field, address);
  const fields = itemFields(settings);
  const found = new Map<string, Rec>();
  for (const question of questionsOf(where)) {
    const known = withoutEmptyParameters(address, (name) => Object.hasOwn(question, name));
    const parts = Object.fromEntries(Object.entries(question).map(([name, value]) => [name, asPart(value)]));
    for (const item of await ask(api, fillPlaces(known, parts), settings)) {
      const record = recordOf(fields, item, settings);
      found.set(record.id, record);
    }
    if (found.size >= limit) break;
  }
  return [...found.values()].slice(0, limit);
}

/** Some services say 404, null or nothing when a search finds nothing, and so do a wrong address and a wrong path. */
async function ask(api: WebhookApi, url: string, settings: FormValues): Promise<Json[]> {
  const response = await api.send({ method: 'GET', url, headers: headersOf(settings.headers, 'headers') });
  const { absentIsEmpty } = settings;
  if (response.status === 404) {
    if (absentIsEmpty === true) return [];
    throw findMistake('findUrl', notFound, { url: url.slice(0, 200) });
  }
  if (!isGood(response)) throw api.failure(response, url);
  const path = setting(settings, 'itemsPath', '$');
  const items = itemsAt(bodyOf(response), path);
  if (items === null && absentIsEmpty !== true) throw findMistake('itemsPath', noItems, { path });
  return items ?? [];
}

const labelOf = (key: string): Text => itemSettings.find((field) => field.key === key)?.label ?? key;

/** What must not pass for "nothing found", with the setting that is at fault. */
const findMistake = (field: string, text: Text, values: Record<string, Text>): ConnectorError =>
  new ConnectorError({
    kind: 'rejected',
    code: `webhook.find.${field}`,
    field,
    text: fill(text, { ...values, label: labelOf(field), empty: labelOf('absentIsEmpty') }),
  });

const notFound: Text = {
  en: 'The search at “{url}” answers 404. Correct the setting “{label}”; if the app answers so when nothing is found, tick “{empty}”.',
  ru: 'Поиск по адресу «{url}» отвечает 404. Исправьте настройку «{label}»; если приложение так отвечает, когда ничего не найдено, отметьте «{empty}».',
};
const noItems: Text = {
  en: 'The answer to the search has nothing at “{path}”. Correct the setting “{label}”; if the app answers so when nothing is found, tick “{empty}”.',
  ru: 'В ответе на поиск по пути «{path}» ничего нет. Исправьте настройку «{label}»; если приложение так отвечает, когда ничего не найдено, отметьте «{empty}».',
};
const noIdFound: Text = {
  en: 'The search found a record that has no id at “{path}”. Correct the setting “{label}”.',
  ru: 'Поиск нашёл запись, в которой нет номера по пути «{path}». Исправьте настройку «{label}».',
};

const noPlace = (field: string, address: string): ConnectorError =>
  new ConnectorError({
    kind: 'rejected',
    code: 'webhook.no_place',
    field,
    text: fill(
      {
        en: 'The address to find a record, “{address}”, has no place for “{field}”. Add it, as in ?{field}={place}, or search by another field.',
        ru: 'В адресе поиска «{address}» нет места для «{field}». Добавьте его, например ?{field}={place}, или ищите по другому полю.',
      },
      { field, address: address.slice(0, 200), place: `{${field}}` },
    ),
  });

/** The id of a new record: by the path; else the end of `Location`, which a 201 may give (RFC 9110, 15.3.2). */
function newId(response: HttpResponse, settings: FormValues): string {
  const path = setting(settings, 'createIdPath', '$.id');
  const inHeader = endOf(response.headers.location);
  const id = idInBody(response, path, inHeader !== null) ?? inHeader;
  if (id !== null) return id;
  throw new ConnectorError({
    kind: 'rejected',
    code: 'webhook.no_id',
    text: fill(
      {
        en: 'The record was taken ({status}), but the answer has no id at “{path}”, so we cannot know it again. Correct the path to the id.',
        ru: 'Запись принята ({status}), но в ответе нет номера по пути «{path}», и мы не сможем её узнать. Исправьте путь к номеру.',
      },
      { status: response.status, path },
    ),
    outcome: 'unknown',
  });
}

/** Some say "Created" in plain words and give the id in `Location` alone. */
function idInBody(response: HttpResponse, path: string, mayBeText: boolean): string | null {
  if (response.text.trim() === '') return null;
  let body: Json;
  try {
    body = response.json();
  } catch (error) {
    if (mayBeText) return null;
    throw error;
  }
  return idAt(body, path);
}

/** The last part of an address, as it stands when its percent signs are no codes: `/items/100%`. */
function endOf(location: string | undefined): string | null {
  const last = location?.split(/[?#]/)[0]?.split('/').filter(Boolean).at(-1) ?? null;
  try {
    return last && decodeURIComponent(last);
  } catch {
    return last;
  }
}

async function create(api: WebhookApi, input: CreateInput): Promise<Written> {
  const { settings } = input;
  const url = needed(settings, 'createUrl');
  const response = await api.send({
    method: setting(settings, 'createMethod', 'POST') === 'PUT' ? 'PUT' : 'POST',
    url,
    headers: { ...headersOf(settings.headers, 'headers'), ...idempotency(input) },
    json: writeItem(input.values),
  });
  if (!isGood(response)) throw wrongAddress(api.failure(response, url));
  return { id: newId(response, settings) };
}

async function update(api: WebhookApi, input: UpdateInput): Promise<Written> {
  const { settings, id } = input;
  const url = fillPlaces(needed(settings, 'updateUrl'), { id });
  const method = setting(settings, 'updateMethod', 'PATCH');
  const response = await api.send({
    method: method === 'PUT' || method === 'POST' ? method : 'PATCH',
    url,
    headers: headersOf(settings.headers, 'headers'),
    json: writeItem(input.values),
  });
  if (!isGood(response)) throw api.failure(response, url);
  return { id };
}

/** A create is refused by 404 when its address is wrong: no record has gone. */
const wrongAddress = (failure: ConnectorError): ConnectorError =>
  failure.kind === 'gone'
    ? new ConnectorError({ kind: 'rejected', code: failure.code, text: failure.text, cause: failure })
    : failure;

export const item: RecordType<WebhookApi> = {
  key: 'item',
  label: { en: 'Record over HTTP', ru: 'Запись по HTTP' },
  labelMany: { en: 'Records over HTTP', ru: 'Записи по HTTP' },
  actionSettings: itemSettings,
  async describe(_api, settings) {
    return itemFields(settings);
  },
  find,
  create,
  update,
  repeat: repeatRule(() => false),
};
