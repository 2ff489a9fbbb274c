import { ConnectorError, type ErrorKind } from '../../kit/errors.ts';
import { fill, type Text } from '../../kit/text.ts';

/** A refusal as the portal words it: over HTTP, or inside a batch (then with status 200). */
export interface Refusal {
  status: number;
  error: string;
  description: string;
}

export interface RefusalContext {
  portal: string;
  method: string;
  /** Refusals for too many requests in a row, this one included. */
  limitedTimes: number;
  /** `time.operating_reset_at` of the method's last good answer. */
  operatingResetAt: Date | null;
  now: Date;
}

interface Meaning {
  kind: ErrorKind;
  code: string;
  text: Text;
}

const busy: Text = {
  en: '{portal}: Bitrix24 asks us to call less often. We will go on by ourselves.',
  ru: '{portal}: Битрикс24 просит обращаться реже. Мы продолжим сами.',
};
const resources: Text = {
  en: '{portal}: the method {method} has used up its running time for these ten minutes. We will go on when Bitrix24 allows.',
  ru: '{portal}: метод {method} исчерпал своё время работы за десять минут. Мы продолжим, когда Битрикс24 разрешит.',
};
const overload: Text = {
  en: '{portal}: Bitrix24 support has blocked REST for this portal because of overload. Only they can lift it: write to Bitrix24 support, then check the connection.',
  ru: '{portal}: поддержка Битрикс24 заблокировала REST этого портала из-за перегрузки. Снять блокировку может только она: напишите в поддержку Битрикс24, затем проверьте подключение.',
};
const unwell: Text = {
  en: '{portal}: Bitrix24 is in trouble itself ({words}). We will try again.',
  ru: '{portal}: внутренняя ошибка Битрикс24 ({words}). Мы попробуем ещё раз.',
};
const revoked: Text = {
  en: '{portal} does not know this webhook: it was deleted, its time ran out, or the address has a typing mistake. Make an inbound webhook anew and put its address into the connection.',
  ru: '{portal} не знает такого вебхука: он удалён, истёк его срок или в адресе опечатка. Создайте входящий вебхук заново и вставьте его адрес в подключение.',
};
const expired: Text = {
  en: '{portal}: the time of this webhook is over. Make an inbound webhook anew and put its address into the connection.',
  ru: '{portal}: срок действия этого вебхука истёк. Создайте входящий вебхук заново и вставьте его адрес в подключение.',
};
const httpsOnly: Text = {
  en: '{portal} answers over https only. Put the webhook’s address with https:// into the connection.',
  ru: '{portal} отвечает только по https. Укажите в подключении адрес вебхука с https://.',
};
const plan: Text = {
  en: '{portal}: REST is available on commercial plans only. The portal’s administrator can change the plan.',
  ru: '{portal}: REST доступен только на коммерческих тарифах. Сменить тариф может администратор портала.',
};
const noRight: Text = {
  en: '{portal}: the employee behind the webhook may not do this ({words}). Give them the right in CRM settings, or make the webhook as another employee.',
  ru: '{portal}: у сотрудника, создавшего вебхук, нет на это прав ({words}). Дайте ему права в настройках CRM или создайте вебхук от имени другого сотрудника.',
};
const noScope: Text = {
  en: '{portal}: the webhook lacks a permission that {method} needs. Open the webhook in Developer resources and add CRM (crm) to its access permissions.',
  ru: '{portal}: вебхуку не хватает разрешения для метода {method}. Откройте вебхук в разделе «Разработчикам» и добавьте в права доступа CRM (crm).',
};
const noMethod: Text = {
  en: '{portal} has no method {method} for this webhook. Check its access permissions (crm) and, for your own server, the version of Bitrix24.',
  ru: 'На {portal} для этого вебхука нет метода {method}. Проверьте его права доступа (crm), а на своём сервере — и версию Битрикс24.',
};
const closed: Text = {
  en: '{portal}: the portal is closed or deleted. On your own server switch off “Temporary closure of the public part”, then check the connection.',
  ru: '{portal}: портал закрыт или удалён. На своём сервере выключите «Временное закрытие публичной части», затем проверьте подключение.',
};
const noWords: Text = { en: 'it gives no reason, HTTP {status}', ru: 'причина не указана, HTTP {status}' };
const refused: Text = { en: '{portal} refuses the data: {words}', ru: '{portal} не принимает данные: {words}' };
const gone: Text = {
  en: '{portal}: the record is not there any more ({words}).',
  ru: '{portal}: такой записи больше нет ({words}).',
};

const row = (kind: ErrorKind, code: string, text: Text): Meaning => ({ kind, code: `bitrix24.${code}`, text });

/** By lower-case code: the vendor's own spelling varies (`_includes/system-errors.md`, `limits.md`). */
const meanings: Record<string, Meaning> = {
  query_limit_exceeded: row('rateLimited', 'query_limit', busy),
  operation_time_limit: row('rateLimited', 'operation_time_limit', resources),
  overload_limit: row('reconnect', 'overload_limit', overload),
  internal_server_error: row('temporary', 'internal_error', unwell),
  error_unexpected_answer: row('temporary', 'internal_error', unwell),
  expired_token: row('reconnect', 'token_expired', expired),
  invalid_token: row('reconnect', 'token', revoked),
  no_auth_found: row('reconnect', 'token', revoked),
  invalid_request: row('reconnect', 'https_only', httpsOnly),
  access_denied: row('noAccess', 'access_denied', noRight),
  payment_required: row('noAccess', 'plan', plan),
  invalid_credentials: row('noAccess', 'access_denied', noRight),
  insufficient_scope: row('noAccess', 'scope', noScope),
  invalid_scope: row('noAccess', 'scope', noScope),
  user_access_error: row('noAccess', 'access_denied', noRight),
  allowed_only_intranet_user: row('noAccess', 'access_denied', noRight),
  wrong_auth_type: row('noAccess', 'application_only', noRight),
  error_method_not_found: row('noAccess', 'no_method', noMethod),
  error_manifest_is_not_available: row('noAccess', 'no_method', noMethod),
  error_batch_length_exceeded: row('rejected', 'batch', refused),
  error_batch_method_not_allowed: row('rejected', 'batch', refused),
  portal_deleted: row('reconnect', 'portal_deleted', closed),
  not_found: row('gone', 'not_found', gone),
  crm_field_error_value_not_valid: row('rejected', 'field', refused),
  crm_field_error_required: row('rejected', 'field', refused),
  invalid_arg_value: row('rejected', 'argument', refused),
};

/** Where the code is empty, a number or a sentence, only the words tell the cause. */
function byWords(refusal: Refusal): Meaning {
  const words = `${refusal.error} ${refusal.description}`.toLowerCase();
  if (/access denied|insufficient permission|доступ запрещ|недостаточно прав/.test(words))
    return row('noAccess', 'access_denied', noRight);
  if (/^\s*(\S+ )?(is )?not found\b|\b(element|item|deal|contact|company|lead) (is )?not found/.test(words))
    return row('gone', 'not_found', gone);
  if (refusal.status === 401) return row('reconnect', 'token', revoked);
  if (refusal.status === 429) return row('rateLimited', 'query_limit', busy);
  if (refusal.status >= 500) return row('temporary', 'internal_error', unwell);
  if (refusal.status === 403) return row('noAccess', 'access_denied', noRight);
  return row('rejected', 'refused', refused);
}

function meaningOf(refusal: Refusal): Meaning {
  const known = meanings[refusal.error.trim().toLowerCase()];
  if (!known) return byWords(refusal);
  if (known.code === 'bitrix24.access_denied' && /commercial plan|коммерческ/i.test(refusal.description))
    return row('noAccess', 'plan', plan);
  // "Smart process not found" is about the type of the record, not about one record.
  if (known.kind === 'gone' && /smart process|spa\b/i.test(refusal.description))
    return row('rejected', 'type', refused);
  return known;
}

/** The field that the words name: `Invalid value for field "Amount"`, `field 'title' is not allowed`. */
function fieldIn(description: string): string | undefined {
  return /(?:field|поле|поля|полю)\s+["'«“](.+?)["'»”]/i.exec(description)?.[1];
}

const SECOND = 1000;

/** The running time is counted for each method by itself (limits.md): the others go on. */
export const operationTimeLimit = 'bitrix24.operation_time_limit';

function waitUntil(meaning: Meaning, context: RefusalContext): Date {
  const after = (seconds: number) => new Date(context.now.getTime() + seconds * SECOND);
  if (meaning.code === operationTimeLimit) {
    const reset = context.operatingResetAt;
    return reset && reset > context.now && reset < after(3600) ? reset : after(600);
  }
  // The bucket drains two a second: a second frees two calls, and a portal that goes on refusing is left alone for longer.
  return after(Math.min(60, 2 ** context.limitedTimes));
}

const plainWords = (text: string): string =>
  text
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

/** Turns the portal's refusal into what must happen next. */
export function failureOf(refusal: Refusal, context: RefusalContext): ConnectorError {
  const meaning = meaningOf(refusal);
  const words =
    plainWords(refusal.description) || plainWords(refusal.error) || fill(noWords, { status: refusal.status });
  const field = meaning.kind === 'rejected' ? fieldIn(refusal.description) : undefined;
  return new ConnectorError({
    kind: meaning.kind,
    code: meaning.code,
    text: fill(meaning.text, { portal: context.portal, method: context.method, words }),
    // A server that broke down may have carried the call out before.
    outcome: meaning.kind === 'temporary' ? 'unknown' : 'notDone',
    ...(field !== undefined && { field }),
    ...(meaning.kind === 'rateLimited' && { until: waitUntil(meaning, context) }),
    onlyThisCall: meaning.code === operationTimeLimit,
  });
}

/** The old address of a renamed portal sends on to the same path of the new one, and the path holds the secret. */
const hostOf = (location: string | undefined, portal: string): string =>
  location !== undefined && URL.canParse(location, `https://${portal}`)
    ? new URL(location, `https://${portal}`).host
    : '—';

/**
 * Something answered that is not Bitrix24's REST: another site, a login page, a moved portal. A page that says 404 may
 * be a proxy's while the portal is being updated, so it is asked again: REST itself says 404 in JSON.
 */
export function notRest(
  portal: string,
  { status, headers }: { status: number; headers: Record<string, string> },
): ConnectorError {
  const moved = status >= 300 && status < 400;
  return new ConnectorError({
    kind: moved ? 'reconnect' : 'temporary',
    code: moved ? 'bitrix24.moved' : 'bitrix24.not_rest',
    text: moved
      ? fill(
          {
            en: '{portal} sends us on to {location}. If the portal has a new address, make the webhook there and put its address into the connection.',
            ru: '{portal} перенаправляет на {location}. Если у портала новый адрес, создайте вебхук там и вставьте его адрес в подключение.',
          },
          { portal, location: hostOf(headers.location, portal) },
        )
      : fill(
          {
            en: 'What answers at {portal} is not Bitrix24 ({status}). Check the address of the portal in the webhook.',
            ru: 'По адресу {portal} отвечает не Битрикс24 ({status}). Проверьте адрес портала в вебхуке.',
          },
          { portal, status },
        ),
    outcome: moved || status === 404 ? 'notDone' : 'unknown',
  });
}
