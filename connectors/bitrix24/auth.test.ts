import { describe, expect, test } from 'vitest';
import type { Account } from '../../kit/connector.ts';
import { expectKind } from '../../kit/testing/bench.ts';
import { testConnection } from '../../kit/testing/connection.ts';
import { serveStandIn } from '../../kit/testing/stand-in.ts';
import { createApi, methods } from './api.ts';
import { parseAddress } from './auth.ts';
import { bitrix24 } from './index.ts';
import { startBitrix24StandIn } from './stand-in.ts';

const parse = (webhookUrl: string, rest = '') => parseAddress({ secrets: { webhookUrl }, endpoints: { rest } });

describe('the address of an inbound webhook', () => {
  test.each([
    'https://Romashka.bitrix24.ru/rest/1/abc123/',
    '  https://romashka.bitrix24.ru/rest/1/abc123',
    'https://romashka.bitrix24.ru/rest/1/abc123/crm.deal.list.json?start=0',
  ])('is read from %j', (pasted) => {
    expect(parse(pasted)).toEqual({
      ok: true,
      portal: 'romashka.bitrix24.ru',
      userId: '1',
      secret: 'abc123',
      restBase: 'https://romashka.bitrix24.ru/rest',
    });
  });

  test('keeps the port of an own server', () => {
    expect(parse('https://crm.example.org:8443/rest/17/abc123/')).toMatchObject({ portal: 'crm.example.org:8443' });
  });

  test.each([
    ['', 'bitrix24.address'],
    ['romashka.bitrix24.ru', 'bitrix24.address'],
    ['https://romashka.bitrix24.ru/', 'bitrix24.address'],
    ['https://romashka.bitrix24.ru/rest/crm.deal.list', 'bitrix24.address'],
    ['ftp://romashka.bitrix24.ru/rest/1/abc123/', 'bitrix24.address'],
    ['http://romashka.bitrix24.ru/rest/1/abc123/', 'bitrix24.http'],
  ])('%j is refused as %s', (pasted, code) => {
    expect(parse(pasted)).toMatchObject({ ok: false, code });
  });

  test('may begin with http on this machine, or when an administrator named the endpoint', () => {
    expect(parse('http://127.0.0.1:9000/rest/1/abc123/')).toMatchObject({ restBase: 'http://127.0.0.1:9000/rest' });
    expect(parse('http://crm.local/rest/1/abc123/', 'http://10.0.0.5/rest/')).toMatchObject({
      portal: 'crm.local',
      restBase: 'http://10.0.0.5/rest',
    });
  });

  test('gives all webhooks of a portal one bucket, and none without a portal', () => {
    const limit = (webhookUrl: string) => bitrix24.limit({ fields: {}, secrets: { webhookUrl }, endpoints: {} });
    expect(limit('https://a.bitrix24.ru/rest/1/abc/')).toEqual({
      key: 'bitrix24:a.bitrix24.ru',
      capacity: 50,
      perSecond: 2,
      concurrency: 2,
    });
    expect(limit('https://A.bitrix24.ru/rest/9/xyz/')?.key).toBe('bitrix24:a.bitrix24.ru');
    expect(limit('nonsense')).toBeNull();
  });
});

test('a burst goes to the portal two calls at a time', async () => {
  let now = 0;
  let most = 0;
  let leave: (() => void)[] = [];
  const server = await serveStandIn(async () => {
    most = Math.max(most, ++now);
    // Each stays until there are two of them.
    await new Promise<void>((resolve) => {
      leave.push(resolve);
      if (leave.length < 2) return;
      for (const go of leave) go();
      leave = [];
    });
    now -= 1;
    return { status: 200, body: { result: { fields: {} } } };
  });
  const secrets = { webhookUrl: 'https://romashka.bitrix24.ru/rest/1/secretsecret/' };
  const api = createApi(testConnection(bitrix24, { fields: {}, secrets, endpoints: { rest: `${server.url}/rest` } }));
  await Promise.all(Array.from({ length: 20 }, () => api.run(methods.itemFields({ entityTypeId: 2 }))));
  await server.stop();
  expect(most).toBe(2);
});

describe('the check', () => {
  async function checkWith(
    options: Parameters<typeof startBitrix24StandIn>[0],
    work: (check: () => Promise<Account>) => Promise<void>,
  ) {
    const standIn = await startBitrix24StandIn({ seed: 'empty', ...options });
    const form = { fields: {}, secrets: { webhookUrl: standIn.webhookUrl }, endpoints: { rest: standIn.restBase } };
    const api = bitrix24.connect(testConnection(bitrix24, form));
    await work(() => bitrix24.check(api)).finally(() => standIn.stop());
  }

  test('names the portal and the employee', () =>
    checkWith({}, async (check) => {
      expect(await check()).toEqual({ label: 'romashka.bitrix24.ru, Иван Петров', identity: 'romashka.bitrix24.ru' });
    }));

  test('does without the permission for users, and says so', () =>
    checkWith({ scopes: ['crm'] }, async (check) => {
      const account = await check();
      expect(account.label).toBe('romashka.bitrix24.ru, Иван Петров');
      expect(account.warnings).toHaveLength(1);
    }));

  test('tells that the permission for CRM is missing', () =>
    checkWith({ scopes: ['user'] }, async (check) => {
      expect((await expectKind(check(), 'noAccess')).code).toBe('bitrix24.scope');
    }));

  test('tells a wrong form before anything is sent', async () => {
    const form = { fields: {}, secrets: { webhookUrl: 'https://romashka.bitrix24.ru/' } };
    const api = bitrix24.connect(testConnection(bitrix24, form));
    expect((await expectKind(bitrix24.check(api), 'reconnect')).code).toBe('bitrix24.address');
  });
});
