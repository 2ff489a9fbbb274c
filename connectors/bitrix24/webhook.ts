import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { fill, type Text } from '../../kit/text.ts';
import type { HookConnection, HookEvent, HookRequest, HookVerdict, Webhook } from '../../kit/webhook.ts';
import { parseAddress } from './auth.ts';

/** A form with PHP brackets, opened into objects; all values are strings (api-reference/events/index.md). */
const eventSchema = z.looseObject({
  event: z.string(),
  data: z
    .looseObject({
      FIELDS: z.looseObject({ ID: z.union([z.string(), z.number()]).transform(String).optional() }).optional(),
    })
    .optional(),
  auth: z.looseObject({
    domain: z.string().optional(),
    application_token: z.string().optional(),
  }),
});

const recordEvent = /^ONCRM(LEAD|DEAL|CONTACT|COMPANY)(ADD|UPDATE|DELETE|MOVETOCATEGORY)$/;
const kinds = { ADD: 'created', UPDATE: 'changed', DELETE: 'removed', MOVETOCATEGORY: 'changed' } as const;

const refuse = (status: 401 | 403 | 422, code: string, text: Text): HookVerdict => ({
  ok: false,
  status,
  code: `bitrix24.hook.${code}`,
  text,
});

const notEvent: Text = {
  en: 'This is not an event of a Bitrix24 outgoing webhook.',
  ru: 'Это не событие исходящего вебхука Битрикс24.',
};
const noToken: Text = {
  en: 'Bitrix24 called, but the connection has no application token, so we cannot tell a real call from a forged one. Copy the token from the outgoing webhook (Developer resources → Integrations → the webhook → Application token) and save it in the connection.',
  ru: 'Битрикс24 прислал событие, но в подключении не сохранён токен приложения, и отличить настоящее событие от подделки нельзя. Скопируйте токен из исходящего вебхука («Разработчикам → Интеграции → вебхук → Токен приложения») и сохраните его в подключении.',
};
const wrongToken: Text = {
  en: 'The application token of the call is not the one saved in the connection. If the outgoing webhook was made anew, copy its new token into the connection.',
  ru: 'Токен приложения в событии не совпадает с сохранённым в подключении. Если исходящий вебхук создан заново, вставьте в подключение его новый токен.',
};
const wrongPortal: Text = {
  en: 'The event comes from {other}, but the connection belongs to {portal}. Paste the address into the outgoing webhook of the right portal.',
  ru: 'Событие пришло с {other}, а подключение принадлежит {portal}. Вставьте адрес в исходящий вебхук нужного портала.',
};

/** Digests have one length, so the time says nothing about the token. */
function sameToken(given: string, kept: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(kept));
}

const hostname = (host: string): string => host.trim().toLowerCase().replace(/:\d+$/, '');

function portalOf(connection: HookConnection): string {
  if (connection.identity) return connection.identity;
  const address = parseAddress({ secrets: connection.secrets, endpoints: {} });
  return address.ok ? address.portal : '';
}

function verify(request: HookRequest, connection: HookConnection): HookVerdict {
  const event = eventSchema.safeParse(request.body);
  if (!event.success) return refuse(422, 'not_event', notEvent);
  const kept = connection.secrets.applicationToken?.trim() ?? '';
  if (kept === '') return refuse(401, 'no_token', noToken);
  if (!sameToken(event.data.auth.application_token ?? '', kept)) return refuse(401, 'wrong_token', wrongToken);
  const portal = portalOf(connection);
  const other = event.data.auth.domain ?? '';
  if (other === '' || hostname(other) !== hostname(portal))
    return refuse(403, 'wrong_portal', fill(wrongPortal, { other: other || '—', portal: portal || '—' }));
  return { ok: true };
}

/** Only the id arrives, never what changed: the record is loaded before anything is decided. */
function read(request: HookRequest): HookEvent[] {
  const event = eventSchema.safeParse(request.body);
  if (!event.success) return [];
  const match = recordEvent.exec(event.data.event.toUpperCase());
  const id = event.data.data?.FIELDS?.ID;
  if (!match || id === undefined || !/^\d+$/.test(id)) return [];
  const recordType = (match[1] ?? '').toLowerCase();
  const kind = kinds[match[2] as keyof typeof kinds];
  const touched: HookEvent = { kind: 'record', recordType, recordId: id, event: kind };
  // The stage may have changed: the history knows.
  const mayMove = kind !== 'removed' && (recordType === 'deal' || recordType === 'lead');
  return mayMove ? [touched, { kind: 'pollNow', trigger: `${recordType}.enteredStage` }] : [touched];
}

export const webhook: Webhook = {
  help: {
    en: [
      '1. In Bitrix24 open **Applications → Developer resources → Other → Outgoing webhook**.',
      '2. Put this address into **Handler address**: {address}',
      '3. Tick the events: for deals **ONCRMDEALADD** and **ONCRMDEALUPDATE**; for contacts **ONCRMCONTACTADD** and **ONCRMCONTACTUPDATE**; for companies **ONCRMCOMPANYADD** and **ONCRMCOMPANYUPDATE**; for leads **ONCRMLEADADD** and **ONCRMLEADUPDATE**. More events do no harm.',
      '4. Press **Save**. Copy the **Application token** that Bitrix24 shows there into the field below and save the connection.',
      '5. Change a record that the flow watches: the call shows up here.',
      '',
      'Bitrix24 sends each event once and tells nothing of a deal moved to another pipeline; the reconciling poll picks up both. Outgoing webhooks do not exist in demo mode, and your own Bitrix24 server needs an active licence.',
    ].join('\n'),
    ru: [
      '1. В Битрикс24 откройте **Приложения → Разработчикам → Другое → Исходящий вебхук**.',
      '2. В поле **URL вашего обработчика** вставьте этот адрес: {address}',
      '3. Отметьте события: для сделок **Создание сделки (ONCRMDEALADD)** и **Обновление сделки (ONCRMDEALUPDATE)**; для контактов — **ONCRMCONTACTADD** и **ONCRMCONTACTUPDATE**; для компаний — **ONCRMCOMPANYADD** и **ONCRMCOMPANYUPDATE**; для лидов — **ONCRMLEADADD** и **ONCRMLEADUPDATE**. Лишние события не мешают.',
      '4. Нажмите **Сохранить**. Скопируйте **Токен приложения**, который Битрикс24 покажет там же, в поле ниже и сохраните подключение.',
      '5. Измените запись, за которой следит связка: событие появится здесь.',
      '',
      'Битрикс24 отправляет каждое событие один раз и не сообщает о переносе сделки в другую воронку; и то и другое подхватывает сверочный опрос. В демо-режиме исходящих вебхуков нет, а своему серверу Битрикс24 нужна активная лицензия.',
    ].join('\n'),
  },
  fields: [
    {
      key: 'applicationToken',
      label: { en: 'Application token', ru: 'Токен приложения' },
      type: 'secret',
      help: {
        en: 'Bitrix24 shows it in the outgoing webhook after saving. Without it no event is accepted.',
        ru: 'Битрикс24 показывает его в исходящем вебхуке после сохранения. Без него события не принимаются.',
      },
    },
  ],
  secretKeys: ['access_token', 'refresh_token', 'application_token', 'AUTH_ID', 'REFRESH_ID', 'APPLICATION_TOKEN'],
  verify,
  read,
};
