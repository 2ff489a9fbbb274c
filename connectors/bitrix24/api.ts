import qs from 'qs';
import { z } from 'zod';
import type { ConnectionContext } from '../../kit/connector.ts';
import { ConnectorError } from '../../kit/errors.ts';
import type { HttpResponse } from '../../kit/http.ts';
import { fill } from '../../kit/text.ts';
import {
  address,
  batchResult,
  categoriesResult,
  currency,
  duplicates,
  type Envelope,
  envelope,
  fieldsResult,
  historyResult,
  isRefusal,
  itemResult,
  itemsResult,
  person,
  requisite,
  saidIn,
  status,
  type Time,
  userField,
} from './answers.ts';
import { parseAddress } from './auth.ts';
import { failureOf, notRest, operationTimeLimit, type Refusal } from './errors.ts';

export type Params = Record<string, unknown>;

export interface Command<T = unknown> {
  method: string;
  params: Params;
  /** What its `result` must look like. */
  parse(result: unknown): T;
}

/** One page of `crm.item.list` and when the portal made it, by its own clock. */
export interface ListInput {
  filter: Params;
  order: Record<string, 'ASC' | 'DESC'>;
  select: string[];
  /** -1: no counting, which is the quick way through large sets (settings/performance/huge-data.md). */
  start: number;
}

export interface Api {
  /** The portal's host. */
  portal: string;
  /** Where people open the portal. */
  site: string;
  /** ISO country of phones written without one. */
  country: string;
  /** Of the portal's clock, as its last answer told it: `+03:00`. */
  offset(): string;
  run<T>(command: Command<T>): Promise<{ value: T; at: Date; next: number | undefined; total: number | undefined }>;
  batch(commands: Record<string, Command>, options?: { halt: boolean }): Promise<BatchAnswer>;
}

export interface BatchAnswer {
  values: Record<string, unknown>;
  failures: Record<string, ConnectorError>;
  next: Record<string, number>;
}

/** The largest batch, and the size of every list page. */
export const PAGE = 50;

/** A cloud portal ends a request after 60 s (limits.md): later than that nothing is under way. */
export const REQUEST_SECONDS = 60;

/** Where a file field says its address: `urlMachine` holds a key to REST and must not be logged (api-reference/files/). */
const fileKeys = ['urlMachine', 'url'];

const parsed =
  <T>(schema: z.ZodType<T>, portal: string, method: string) =>
  (value: unknown): T => {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    throw new ConnectorError({
      kind: 'temporary',
      code: 'bitrix24.answer',
      text: fill(
        {
          en: '{portal} answered {method} in a form we do not know: {reason}',
          ru: '{portal} ответил на {method} в неизвестном виде: {reason}',
        },
        { portal, method, reason: z.prettifyError(result.error).slice(0, 300) },
      ),
      outcome: 'unknown',
      cause: result.error,
    });
  };

/** Opens the portal behind a webhook's address. A wrong address is told at the first call. */
export function createApi(connection: ConnectionContext): Api {
  const where = parseAddress(connection);
  const portal = where.ok ? where.portal : '';
  const resets = new Map<string, Date>();
  /** Methods that are out of running time. */
  const stopped = new Map<string, ConnectorError>();
  let limitedTimes = 0;
  let offset = '+00:00';

  function refuse(method: string, answer: Refusal): ConnectorError {
    if (answer.error.trim().toLowerCase() === 'query_limit_exceeded') limitedTimes += 1;
    const operatingResetAt = resets.get(method) ?? null;
    const failure = failureOf(answer, { portal, method, limitedTimes, operatingResetAt, now: new Date() });
    if (failure.code === operationTimeLimit) stopped.set(method, failure);
    return failure;
  }

  function noteTime(method: string, time: Time | undefined): void {
    const reset = time?.operating_reset_at;
    if (reset !== undefined) resets.set(method, new Date(reset * 1000));
  }

  /** To go on asking with such a method only prolongs its stop. */
  function mustNotWait(asked: Command[]): void {
    for (const { method } of asked) {
      const failure = stopped.get(method);
      if (failure?.until && failure.until > new Date()) throw failure;
      stopped.delete(method);
    }
  }

  function read(method: string, response: HttpResponse): Envelope {
    const body = bodyOf(portal, response);
    if (isRefusal(body)) throw refuse(method, { status: response.status, ...saidIn(body) });
    if (response.status === 404) throw notRest(portal, response);
    if (response.status >= 400) throw refuse(method, { status: response.status, error: '', description: '' });
    const answer = parsed(envelope, portal, method)(body);
    limitedTimes = 0;
    noteTime(method, answer.time);
    offset = /[+-]\d\d:\d\d$/.exec(answer.time?.date_start ?? '')?.[0] ?? offset;
    return answer;
  }

  async function call(method: string, params: Params): Promise<Envelope> {
    if (!where.ok) throw new ConnectorError({ kind: 'reconnect', code: where.code, text: where.text });
    const response = await connection.http.request({
      method: 'POST',
      url: `${where.restBase}/${where.userId}/${where.secret}/${method}`,
      headers: { accept: 'application/json' },
      json: params,
      timeoutMs: REQUEST_SECONDS * 1000,
      secrets: [where.secret],
      answerSecrets: fileKeys,
    });
    return read(method, response);
  }

  async function batch(commands: Record<string, Command>, options = { halt: false }): Promise<BatchAnswer> {
    mustNotWait(Object.values(commands));
    const cmd = Object.fromEntries(
      Object.entries(commands).map(([key, { method, params }]) => [key, `${method}?${encode(params)}`]),
    );
    const answer = await call('batch', { halt: options.halt ? 1 : 0, cmd });
    const maps = parsed(batchResult, portal, 'batch')(answer.result);
    const failures = Object.entries(maps.result_error).map(([key, said]) => [
      key,
      refuse(commands[key]?.method ?? 'batch', { status: 200, ...said }),
    ]);
    for (const [key, time] of Object.entries(maps.result_time ?? {})) {
      const method = commands[key]?.method;
      if (method) noteTime(method, time);
    }
    const values = Object.entries(maps.result)
      .filter(([key]) => commands[key])
      .map(([key, value]) => [key, commands[key]?.parse(value)]);
    return { values: Object.fromEntries(values), failures: Object.fromEntries(failures), next: maps.result_next ?? {} };
  }

  return {
    portal,
    site: where.ok ? new URL(where.restBase).origin : '',
    country: connection.defaultCountry,
    offset: () => offset,
    batch,
    async run(command) {
      mustNotWait([command]);
      const answer = await call(command.method, command.params);
      const seconds = answer.time?.start;
      return {
        value: command.parse(answer.result),
        at: seconds === undefined ? new Date() : new Date(Math.floor(seconds) * 1000),
        next: answer.next,
        total: answer.total,
      };
    },
  };
}

/** Inside a batch parameters travel as a query string with PHP brackets (settings/how-to-call-rest-api/batch.md). */
function encode(params: Params): string {
  // A query string has no empty list: the empty string clears a field all the same.
  const filter = (_: string, value: unknown) => (Array.isArray(value) && value.length === 0 ? '' : value);
  return qs.stringify(params, { arrayFormat: 'indices', filter });
}

function bodyOf(portal: string, response: HttpResponse): unknown {
  try {
    return response.json();
  } catch (error) {
    if (error instanceof ConnectorError && error.kind === 'rejected') throw error;
    if (response.status === 429 || response.status >= 500)
      throw failureOf(
        { status: response.status, error: '', description: '' },
        { portal, method: '', limitedTimes: 1, operatingResetAt: null, now: new Date() },
      );
    throw notRest(portal, response);
  }
}

const legacyNames: Record<number, string> = { 1: 'lead', 2: 'deal', 3: 'contact', 4: 'company' };
const command =
  <T>(method: string, schema: z.ZodType<T>) =>
  (params: Params = {}): Command<T> => ({ method, params, parse: parsed(schema, 'Bitrix24', method) });

/** Every method that we call, and what it answers. */
export const methods = {
  profile: command('profile', person),
  userCurrent: command('user.current', person),
  itemFields: command('crm.item.fields', fieldsResult),
  itemList: (entityTypeId: number, input: ListInput) =>
    command('crm.item.list', itemsResult)({ entityTypeId, ...input }),
  itemGet: command('crm.item.get', itemResult),
  itemAdd: command('crm.item.add', itemResult),
  itemUpdate: command('crm.item.update', itemResult),
  /** The only way to change or delete a phone or e-mail: `crm.item.update` only adds them (object-fields.md). */
  legacyUpdate: (entityTypeId: number, params: Params) =>
    command(`crm.${legacyNames[entityTypeId]}.update`, z.unknown())(params),
  /** Without LANG the answer has no labels. */
  userFieldList: (entityTypeId: number) =>
    command(`crm.${legacyNames[entityTypeId]}.userfield.list`, z.array(userField))({ filter: { LANG: 'ru' } }),
  statusList: (entityId: string) =>
    command('crm.status.list', z.array(status))({ filter: { ENTITY_ID: entityId }, order: { SORT: 'ASC' } }),
  categoryList: (entityTypeId: number) => command('crm.category.list', categoriesResult)({ entityTypeId }),
  currencyList: command('crm.currency.list', z.array(currency)),
  stageHistory: command('crm.stagehistory.list', historyResult),
  findByComm: command('crm.duplicate.findbycomm', duplicates),
  requisiteList: command('crm.requisite.list', z.array(requisite)),
  addressList: command('crm.address.list', z.array(address)),
};
