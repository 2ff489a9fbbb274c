import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ErrorKind } from '../../kit/errors.ts';
import { expectKind } from '../../kit/testing/bench.ts';
import { testConnection } from '../../kit/testing/connection.ts';
import { type StandInResponse, serveStandIn } from '../../kit/testing/stand-in.ts';
import { createApi, methods } from './api.ts';
import { bitrix24 } from './index.ts';

/** A portal that gives these answers, one after another. */
async function portalOf(answers: StandInResponse[]) {
  const server = await serveStandIn(() => answers.shift() ?? { status: 200, body: { result: { fields: {} } } });
  const form = { fields: {}, secrets: { webhookUrl: 'https://romashka.bitrix24.ru/rest/1/secretsecret/' } };
  const api = createApi(testConnection(bitrix24, { ...form, endpoints: { rest: `${server.url}/rest` } }));
  return { api, ask: () => api.run(methods.itemFields({ entityTypeId: 2 })), stop: server.stop };
}

async function failure(answer: StandInResponse, kind: ErrorKind) {
  const { ask, stop } = await portalOf([answer]);
  try {
    return await expectKind(ask(), kind);
  } finally {
    await stop();
  }
}

const said = (status: number, error: string | number, description = ''): StandInResponse => ({
  status,
  body: { error, error_description: description },
});

describe('each row of the vendor’s table', () => {
  const rows: [number, string, ErrorKind, string][] = [
    [503, 'QUERY_LIMIT_EXCEEDED', 'rateLimited', 'query_limit'],
    [429, 'OPERATION_TIME_LIMIT', 'rateLimited', 'operation_time_limit'],
    [503, 'OVERLOAD_LIMIT', 'reconnect', 'overload_limit'],
    [500, 'INTERNAL_SERVER_ERROR', 'temporary', 'internal_error'],
    [500, 'ERROR_UNEXPECTED_ANSWER', 'temporary', 'internal_error'],
    [401, 'expired_token', 'reconnect', 'token_expired'],
    [401, 'invalid_token', 'reconnect', 'token'],
    [401, 'INVALID_TOKEN', 'reconnect', 'token'],
    [401, 'NO_AUTH_FOUND', 'reconnect', 'token'],
    [400, 'INVALID_REQUEST', 'reconnect', 'https_only'],
    [403, 'ACCESS_DENIED', 'noAccess', 'access_denied'],
    [403, 'INVALID_CREDENTIALS', 'noAccess', 'access_denied'],
    [403, 'insufficient_scope', 'noAccess', 'scope'],
    [403, 'user_access_error', 'noAccess', 'access_denied'],
    [403, 'allowed_only_intranet_user', 'noAccess', 'access_denied'],
    [404, 'ERROR_METHOD_NOT_FOUND', 'noAccess', 'no_method'],
    [404, 'ERROR_MANIFEST_IS_NOT_AVAILABLE', 'noAccess', 'no_method'],
    [400, 'ERROR_BATCH_LENGTH_EXCEEDED', 'rejected', 'batch'],
    [405, 'ERROR_BATCH_METHOD_NOT_ALLOWED', 'rejected', 'batch'],
    [500, 'PORTAL_DELETED', 'reconnect', 'portal_deleted'],
    [400, 'NOT_FOUND', 'gone', 'not_found'],
    [400, 'CRM_FIELD_ERROR_VALUE_NOT_VALID', 'rejected', 'field'],
    [400, 'INVALID_ARG_VALUE', 'rejected', 'argument'],
  ];
  test.each(rows)('%i %s is %s', async (status, error, kind, code) => {
    const found = await failure(said(status, error, 'Words of the portal'), kind);
    expect(found.code).toBe(`bitrix24.${code}`);
    expect(found.outcome).toBe(kind === 'temporary' ? 'unknown' : 'notDone');
  });
});

describe('errors whose code says nothing', () => {
  test.each<[string | number, string, ErrorKind]>([
    ['', 'Access denied.', 'noAccess'],
    ['', 'Not found', 'gone'],
    ['', 'Contact is not found', 'gone'],
    ['', "Parameter 'fields' must be array.", 'rejected'],
    [0, 'SHIPMENT_DOCUMENT entity is not supported', 'rejected'],
    ['Communication type is not defined', "Parameter 'type' is required.", 'rejected'],
    ['NOT_FOUND', 'Smart process not found', 'rejected'],
    ['Access denied', '', 'noAccess'],
  ])('%j %j is %s', async (error, description, kind) => {
    await failure(said(400, error, description), kind);
  });

  test.each<[unknown, unknown, ErrorKind, string]>([
    ['QUERY_LIMIT_EXCEEDED', null, 'rateLimited', ''],
    ['QUERY_LIMIT_EXCEEDED', ['Too many', 'requests'], 'rateLimited', ''],
    [null, 'Access denied.', 'noAccess', 'Access denied.'],
    [{ code: 'INVALID_ARG_VALUE', message: 'Title is empty' }, undefined, 'rejected', 'Title is empty'],
    ['', { title: ['is empty'], stage: 'is wrong' }, 'rejected', 'is empty; is wrong'],
  ])('%j with %j is %s', async (error, error_description, kind, words) => {
    const found = await failure({ status: 400, body: { error, error_description } }, kind);
    expect(JSON.stringify(found.text)).toContain(words);
  });

  test('a refusal without a word says so', async () => {
    const { text } = await failure(said(400, ''), 'rejected');
    expect(text).toMatchObject({ ru: expect.stringContaining('причина не указана, HTTP 400') });
  });

  test('a good status with the key "error" is a failure all the same', async () => {
    await failure(said(200, '', 'Access denied.'), 'noAccess');
  });
});

test('the plan of the portal is told in its own words', async () => {
  const found = await failure(said(403, 'ACCESS_DENIED', 'REST API is available only on commercial plans'), 'noAccess');
  expect(found.code).toBe('bitrix24.plan');
});

test('a refused field is named', async () => {
  const found = await failure(
    said(400, 'CRM_FIELD_ERROR_VALUE_NOT_VALID', 'Invalid value for field "Сумма"'),
    'rejected',
  );
  expect(found.field).toBe('Сумма');
});

test('each refusal in a row waits longer, up to a minute, and a good answer begins anew', async () => {
  const limit = () => said(503, 'QUERY_LIMIT_EXCEEDED', 'Too many requests');
  const good: StandInResponse = { status: 200, body: { result: { fields: {} } } };
  const { ask, stop } = await portalOf([...Array.from({ length: 8 }, limit), good, limit()]);
  const waits: number[] = [];
  for (let n = 0; n < 8; n++) waits.push(((await expectKind(ask(), 'rateLimited')).until?.getTime() ?? 0) - Date.now());
  await ask();
  const afterwards = ((await expectKind(ask(), 'rateLimited')).until?.getTime() ?? 0) - Date.now();
  await stop();
  expect(waits.map((wait) => Math.round(wait / 1000))).toEqual([2, 4, 8, 16, 32, 60, 60, 60]);
  expect(Math.round(afterwards / 1000)).toBe(2);
});

test('a method out of its running time waits for the moment the last good answer named', async () => {
  const reset = Math.floor(Date.now() / 1000) + 321;
  const good: StandInResponse = { status: 200, body: { result: { fields: {} }, time: { operating_reset_at: reset } } };
  const { ask, stop } = await portalOf([good, said(429, 'OPERATION_TIME_LIMIT')]);
  await ask();
  expect((await expectKind(ask(), 'rateLimited')).until).toEqual(new Date(reset * 1000));
  await stop();
});

describe('what is no REST answer at all', () => {
  test.each<[StandInResponse, ErrorKind, string]>([
    [{ status: 404, body: '<html>Not Found</html>' }, 'temporary', 'bitrix24.not_rest'],
    [{ status: 404, body: { message: 'no Route matched' } }, 'temporary', 'bitrix24.not_rest'],
    [{ status: 302, headers: { location: 'https://new.bitrix24.ru/' } }, 'reconnect', 'bitrix24.moved'],
    [{ status: 200, body: '<html>Вход</html>' }, 'temporary', 'bitrix24.not_rest'],
    [{ status: 502, body: 'Bad Gateway' }, 'temporary', 'bitrix24.internal_error'],
    [{ status: 200, body: { result: { items: 'none' } } }, 'temporary', 'bitrix24.answer'],
  ])('%j is %s', async (answer, kind, code) => {
    expect((await failure(answer, kind)).code).toBe(code);
  });
});

describe('errors of the vendor’s samples', () => {
  const folder = new URL('./samples/', import.meta.url);
  const files = readdirSync(folder).filter((name) => name.endsWith('.error.response.json'));

  test.each(files)('%s is read as a refusal in words', async (name) => {
    const { ask, stop } = await portalOf([
      { status: 400, body: JSON.parse(readFileSync(new URL(name, folder), 'utf8')) },
    ]);
    const error = await expectKind(ask(), ['rejected', 'gone', 'noAccess']);
    await stop();
    expect(error.code).not.toBe('bitrix24.answer');
  });
});
