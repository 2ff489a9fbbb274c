import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Exchange } from '../../kit/call.ts';
import { recordCall } from '../../kit/call.ts';
import type { Json, Values } from '../../kit/field.ts';
import type { FormValues } from '../../kit/form.ts';
import { checkValues } from '../../kit/testing/check-value.ts';
import { createMemory, testConnection } from '../../kit/testing/connection.ts';
import { runConnectorContract } from '../../kit/testing/contract.ts';
import type { HookConnection, HookRequest } from '../../kit/webhook.ts';
import { webhook } from './index.ts';
import { serveWebhookStandIn, type WebhookStandIn } from './stand-in.ts';

const token = 'wh-token-5f3a9c71';
const itemSettings: FormValues = {
  fields: 'name, phone:phone, client.age:number',
  createUrl: '/items',
  createIdPath: '$.item.id',
  findUrl: '/items?phone={phone}&name={name}',
  itemsPath: '$.items',
  updateUrl: '/items/{id}',
  idempotencyHeader: 'Idempotency-Key',
};
const sample = (n: number): Values => ({ name: `Клиент ${n}`, phone: `+7999000000${n}`, 'client.age': 40 + n });

runConnectorContract(webhook, {
  standIn: () => serveWebhookStandIn({ token }),
  connect: (standIn) => ({ fields: { address: standIn.url }, secrets: { token } }),
  wrongToken: (standIn) => ({ fields: { address: standIn.url }, secrets: { token: 'another' } }),
  wrongAddress: () => ({ fields: { address: 'http://127.0.0.1:1' }, secrets: { token } }),
  records: {
    item: {
      settings: itemSettings,
      create: (_standIn, n) => sample(n),
      update: (_standIn, n) => ({ name: `Другой ${n}` }),
      count: (standIn) => standIn.items.length,
      read: (standIn, id) => {
        const item = standIn.items.find((one) => String(one.id) === id);
        const client = item?.client as { age?: number } | undefined;
        return item && { ...item, 'client.age': client?.age ?? null };
      },
    },
  },
});

describe('receiving', () => {
  const connection = (fields: FormValues = {}, secrets: Record<string, string> = {}): HookConnection => ({
    fields,
    secrets,
    identity: 'webhook',
  });
  const call = (body: Json, more: Partial<HookRequest> = {}): HookRequest => ({
    method: 'POST',
    headers: {},
    query: {},
    rawBody: Buffer.from(JSON.stringify(body)),
    body,
    ...more,
  });
  const hook = webhook.webhook ?? expect.fail('no webhook');

  test('takes a body as it is, each call on its own', () => {
    const body = { lead: { name: 'Анна', phones: ['+79990001122'] }, 'utm.source': 'ads' };
    expect(hook.verify(call(body), connection())).toEqual({ ok: true });
    expect(hook.read(call(body), connection())).toEqual([
      { kind: 'item', trigger: 'webhook.received', item: { key: '', recordId: '', details: body } },
    ]);
  });

  test('takes lists and the query of a call without a body', () => {
    const [list] = hook.read(call([{ id: 1 }]), connection());
    expect(list).toMatchObject({ item: { details: { body: [{ id: 1 }] } } });
    const bare = call(null, { method: 'GET', rawBody: Buffer.alloc(0), query: { phone: '79990001122' } });
    expect(hook.verify(bare, connection())).toEqual({ ok: true });
    expect(hook.read(bare, connection())).toMatchObject([{ item: { details: { phone: '79990001122' } } }]);
  });

  test('says nothing happened when an app only tries the address out', () => {
    const bare = { rawBody: Buffer.alloc(0), body: null };
    expect(hook.read(call(null, { ...bare, method: 'GET' }), connection())).toEqual([]);
    expect(hook.read(call(null, { ...bare, method: 'HEAD', query: { a: '1' } }), connection())).toEqual([]);
  });

  test.each([
    ['a number in the body', { idPath: '$.event.id' }, {}, '17'],
    ['a header', { idHeader: 'X-Event-Id' }, { 'x-event-id': 'e-9' }, 'e-9'],
    ['the body before the header', { idPath: '$.event.id', idHeader: 'X-Event-Id' }, { 'x-event-id': 'e-9' }, '17'],
    ['no id at the path', { idPath: '$.nothing' }, {}, ''],
    ['an object at the path', { idPath: '$.event' }, {}, ''],
  ])('knows repeats by %s', (_title, fields, headers, key) => {
    const request = call({ event: { id: 17 } }, { headers });
    expect(hook.read(request, connection(fields))).toMatchObject([{ item: { key, recordId: key } }]);
  });

  test('refuses what it cannot read, in words', () => {
    const broken = call(null, { rawBody: Buffer.from('{"a":') });
    expect(hook.verify(broken, connection())).toMatchObject({ ok: false, status: 422, code: 'webhook.not_readable' });
    expect(hook.verify(call({}), connection({ idPath: '$.[' }))).toMatchObject({ ok: false, status: 422 });
  });

  const body = { text: 'подпись' };
  const raw = Buffer.from(JSON.stringify(body));
  test.each([
    ['sha256', 'hex', ''],
    ['sha1', 'hex', 'sha1='],
    ['sha512', 'base64', ''],
    ['sha256', 'base64', 'v1,'],
  ] as const)('checks a signature by %s in %s after "%s"', (signatureAlgorithm, signatureEncoding, signaturePrefix) => {
    const guarded = connection(
      { signatureHeader: 'X-Hub-Signature', signatureAlgorithm, signatureEncoding, signaturePrefix },
      { signatureSecret: 'shared' },
    );
    const sign = (secret: string) =>
      signaturePrefix + createHmac(signatureAlgorithm, secret).update(raw).digest(signatureEncoding);
    const verdict = (signature: string | undefined) =>
      hook.verify(call(body, { headers: signature === undefined ? {} : { 'x-hub-signature': signature } }), guarded);
    const good = sign('shared');
    expect(verdict(good)).toEqual({ ok: true });
    expect(verdict(sign('forged'))).toMatchObject({ ok: false, status: 401, code: 'webhook.signature_wrong' });
    expect(verdict(good.slice(0, -4))).toMatchObject({ ok: false, status: 401 });
    expect(verdict(undefined)).toMatchObject({ ok: false, status: 401, code: 'webhook.signature_missing' });
    const other = hook.verify(
      call(body, { headers: { 'x-hub-signature': good }, rawBody: Buffer.from(`${raw} `) }),
      guarded,
    );
    expect(other).toMatchObject({ ok: false, status: 401 });
  });

  test('a signature of an empty body proves nothing of the query', () => {
    const guarded = connection({}, { signatureSecret: 'shared' });
    const empty = { method: 'GET', rawBody: Buffer.alloc(0), body: {} };
    const headers = { 'x-signature': createHmac('sha256', 'shared').update('').digest('hex') };
    const withQuery = call({}, { ...empty, headers, query: { amount: '1000000' } });
    expect(hook.verify(withQuery, guarded)).toMatchObject({ ok: false, status: 401, code: 'webhook.query_unsigned' });
    expect(hook.verify(call({}, { ...empty, headers }), guarded)).toEqual({ ok: true });
  });

  test('a header without a secret lets nothing in', () => {
    const half = connection({ signatureHeader: 'X-Signature' });
    expect(hook.verify(call({}, { headers: { 'x-signature': 'any' } }), half)).toMatchObject({
      ok: false,
      status: 401,
    });
  });
});

describe('samples', () => {
  const received = webhook.triggers['webhook.received'] ?? expect.fail('no trigger');
  const apiWith = (bodies: Json[]) =>
    webhook.connect(testConnection(webhook, { fields: {}, secrets: {} }, { memory: createMemory({ sample: bodies }) }));
  const bodies: Json[] = [
    {
      id: 7,
      name: 'Анна',
      paid: true,
      at: '2026-03-01T10:00:00Z',
      day: '2026-03-01',
      client: { phone: '+7 999 000-11-22', email: 'anna@example.ru', tags: ['a', 'b'] },
      lines: [{ sku: 1 }],
      mixed: 1,
      empty: null,
    },
    { id: 8, name: 'Пётр\nи Павел', mixed: 'два', extra: 1.5 },
  ];

  test('become fields with guessed types, nested ones under their path', async () => {
    const fields = (await received.describe?.(apiWith(bodies), {})) ?? [];
    const types = Object.fromEntries(fields.map((field) => [field.key, field.list ? `${field.type}[]` : field.type]));
    expect(types).toEqual({
      id: 'number',
      name: 'text',
      paid: 'boolean',
      at: 'datetime',
      day: 'date',
      client: 'json',
      'client.phone': 'phone',
      'client.email': 'email',
      'client.tags': 'text[]',
      lines: 'json[]',
      mixed: 'text',
      empty: 'text',
      extra: 'number',
    });
  });

  test('come newest first, in the forms of their fields', async () => {
    const api = apiWith(bodies);
    const items = (await received.newest?.(api, { limit: 1, settings: {} })) ?? [];
    expect(items).toHaveLength(1);
    expect(items[0]?.details).toEqual(bodies[0]);
    const fields = ((await received.describe?.(api, {})) ?? []).filter((field) => field.key !== 'mixed');
    const { mixed: _mixed, ...rest } = items[0]?.details ?? {};
    expect(checkValues(fields, rest)).toEqual([]);
  });

  test('without any there are no fields and no items', async () => {
    const api = webhook.connect(testConnection(webhook, { fields: {}, secrets: {} }));
    expect(await received.describe?.(api, {})).toEqual([]);
    expect(await received.newest?.(api, { limit: 5, settings: {} })).toEqual([]);
  });
});

describe('sending', () => {
  let standIn: WebhookStandIn;
  let elsewhere: WebhookStandIn;
  let exchanges: Exchange[];
  beforeEach(async () => {
    standIn = await serveWebhookStandIn({ token });
    elsewhere = await serveWebhookStandIn();
    exchanges = [];
  });
  afterEach(async () => {
    await standIn.stop();
    await elsewhere.stop();
  });
  const open = () =>
    webhook.connect(testConnection(webhook, { fields: { address: `${standIn.url}/api` }, secrets: { token } }));
  const send = (values: Values, settings: FormValues = {}) =>
    recordCall({ priority: 'run', exchanges }, async () =>
      webhook.actions['request.send']?.run(open(), { target: null, values, settings, repeatKey: 'key-1' }),
    );

  test('sends under the address of the connection, and gives the answer to later steps', async () => {
    const result = await send(
      {
        url: '/deals/{id}/notes',
        parts: { id: 'а/б?в' },
        query: { page: 2 },
        headers: { 'X-Source': 'Mostik' },
        body: { text: 'Привет' },
      },
      { idempotencyHeader: 'Idempotency-Key' },
    );
    expect(result?.output).toMatchObject({ status: 200, body: { received: 1 } });
    const [request] = standIn.requests;
    expect(request).toMatchObject({ method: 'POST', path: '/api/deals/а/б?в/notes' });
    expect(request?.query.get('page')).toBe('2');
    expect(request?.headers).toMatchObject({ 'x-source': 'Mostik', 'idempotency-key': 'key-1' });
    expect(standIn.inbox[0]?.body).toEqual({ text: 'Привет' });
    expect(exchanges[0]?.url).toContain('/deals/%D0%B0%2F%D0%B1%3F%D0%B2/notes?page=2');
  });

  test('gives the key to its own host alone', async () => {
    await send({ url: `${elsewhere.url}/inbox`, body: { a: 1 } });
    expect(elsewhere.inbox[0]?.headers.authorization).toBeUndefined();
    elsewhere.faults.tokenRefused = true;
    await expect(send({ url: `${elsewhere.url}/inbox` })).rejects.toMatchObject({ kind: 'noAccess' });
  });

  test.each([
    ['a line break in a header', { url: '/x', headers: { 'X-A': 'a\r\nX-B: b' } }, 'http.bad_header'],
    ['a line break in the address', { url: '/x\r\n/y' }, 'webhook.bad_address'],
    ['another kind of address', { url: 'file:///etc/passwd' }, 'http.bad_url'],
    ['a private address', { url: 'http://10.0.0.1/' }, 'http.address_refused'],
    ['a place without a value', { url: '/x/{id}' }, 'webhook.empty_place'],
    ['a value that climbs out', { url: '/x/{id}', parts: { id: '..' } }, 'webhook.empty_place'],
    ['a method that there is not', { url: '/x', method: 'BREW' }, 'webhook.bad_field'],
    ['headers that are no object', { url: '/x', headers: ['a'] }, 'webhook.bad_headers'],
  ] as [string, Values, string][])('refuses %s before anything is sent', async (_title, values, code) => {
    await expect(send(values)).rejects.toMatchObject({ code, kind: 'rejected', outcome: 'notDone' });
    expect(standIn.requests).toEqual([]);
  });

  test('tells a lost answer, and says whether it may go again', async () => {
    standIn.faults.once.push('dropAfter');
    await expect(send({ url: '/x' })).rejects.toMatchObject({ kind: 'temporary', outcome: 'unknown' });
    const rule = webhook.actions['request.send']?.repeat;
    if (rule?.kind !== 'recover') return expect.fail('no recover');
    const input = { values: {}, repeatKey: 'key-1' };
    expect(await rule.recover(open(), { ...input, settings: {} })).toBe('unknown');
    expect(await rule.recover(open(), { ...input, settings: { idempotencyHeader: 'Idempotency-Key' } })).toBe(
      'notDone',
    );
    expect(await rule.recover(open(), { ...input, values: { method: 'get' }, settings: {} })).toBe('notDone');
  });

  test.each([
    [
      { user: 'анна' },
      { password: 'pass:word' },
      'authorization',
      `Basic ${btoa('\u00d0\u00b0\u00d0\u00bd\u00d0\u00bd\u00d0\u00b0:pass:word')}`,
    ],
    [{ headerName: 'X-Api-Key' }, { headerValue: 'k-123456' }, 'x-api-key', 'k-123456'],
  ] as const)('sends the key as its kind says, and records none of it', async (fields, secrets, header, value) => {
    const api = webhook.connect(
      testConnection(webhook, { fields: { ...fields, address: elsewhere.url }, secrets: { ...secrets } }),
    );
    await recordCall({ priority: 'run', exchanges }, async () =>
      webhook.actions['request.send']?.run(api, { target: null, values: { url: '/in' }, settings: {}, repeatKey: 'k' }),
    );
    expect(elsewhere.requests[0]?.headers[header]).toBe(value);
    expect(JSON.stringify(exchanges)).not.toContain(value.replace('Basic ', ''));
  });
});

describe('records over HTTP', () => {
  let standIn: WebhookStandIn;
  beforeEach(async () => {
    standIn = await serveWebhookStandIn();
  });
  afterEach(async () => {
    await standIn.stop();
  });
  const { item } = webhook.records;
  const open = () => webhook.connect(testConnection(webhook, { fields: { address: standIn.url }, secrets: {} }));
  const create = (values: Values, settings: FormValues) =>
    item?.create?.(open(), { values, settings, repeatKey: 'one-key' });

  test('searches by one key although the address has places for two', async () => {
    await create(sample(1), itemSettings);
    await create({ ...sample(1), phone: '+79990000077' }, { ...itemSettings, idempotencyHeader: '' });
    const found = await item?.find?.(open(), {
      where: [{ field: 'phone', values: ['89990000001', '+79990000001'] }],
      limit: 5,
      settings: itemSettings,
    });
    expect(found?.map(({ id }) => id)).toEqual(['101']);
    expect(found?.[0]?.values).toEqual(sample(1));
    expect(standIn.requests.at(-1)?.query.has('name')).toBe(false);
  });

  test('says which setting is missing and which field has no place', async () => {
    await expect(create(sample(1), {})).rejects.toMatchObject({ code: 'webhook.setting_missing', field: 'createUrl' });
    const where = [{ field: 'client.age', values: [41] }];
    const finding = item?.find?.(open(), { where, limit: 1, settings: itemSettings });
    await expect(finding).rejects.toMatchObject({ code: 'webhook.no_place', field: 'client.age' });
    expect(standIn.requests).toEqual([]);
  });

  test('does not make a second one to learn an id it cannot see', async () => {
    const blind = { ...itemSettings, createIdPath: '$.wrong' };
    await expect(create(sample(1), blind)).rejects.toMatchObject({ code: 'webhook.no_id', outcome: 'unknown' });
    expect(standIn.items).toHaveLength(1);
  });

  test.each([
    ['plain words', { status: 201, headers: { location: '/items/77' }, body: 'Created' }, '77'],
    ['a page', { status: 201, headers: { location: '/items/%D0%B0?x=1' }, body: '<html/>' }, 'а'],
    ['nothing', { status: 201, headers: { location: '/items/100%' } }, '100%'],
    ['another object', { status: 201, headers: { location: '/items/77/' }, body: { ok: true } }, '77'],
    ['its id', { status: 201, headers: { location: '/jobs/1' }, body: { item: { id: 5 } } }, '5'],
  ])('knows the new record by Location beside %s', async (_title, answer, id) => {
    standIn.faults.once.push(answer);
    expect(await create(sample(1), itemSettings)).toEqual({ id });
  });

  test('an answer that is neither JSON nor names the record leaves it open', async () => {
    standIn.faults.once.push({ status: 201, body: 'Created' });
    await expect(create(sample(1), itemSettings)).rejects.toMatchObject({ code: 'http.not_json', outcome: 'unknown' });
  });

  test('takes a whole record when no fields are declared', async () => {
    expect((await item?.describe(open(), {}))?.map(({ key }) => key)).toEqual(['body']);
    await create({ body: { deep: { list: [1, 2] } } }, { ...itemSettings, fields: '' });
    expect(standIn.items[0]).toEqual({ id: 101, deep: { list: [1, 2] } });
  });

  test('reads fields from names with types or from an object, and refuses a type that there is not', async () => {
    const describeWith = async (fields: FormValues[string]) =>
      (await item?.describe(open(), { fields }))?.map(({ key, type }) => `${key}:${type}`);
    expect(await describeWith(' name , age : number,')).toEqual(['name:text', 'age:number']);
    expect(await describeWith({ name: 'text', mail: 'email' })).toEqual(['name:text', 'mail:email']);
    expect(await describeWith('{"name":"text"}')).toEqual(['name:text']);
    await expect(describeWith('age:integer')).rejects.toMatchObject({ code: 'webhook.unknown_type' });
  });

  test('keeps a key named like a part of JavaScript as plain data', async () => {
    await create({ '__proto__.admin': true, name: 'x' }, { ...itemSettings, fields: 'name, __proto__.admin:boolean' });
    expect(JSON.parse(standIn.requests[0]?.rawBody.toString() ?? '')).toEqual(
      JSON.parse('{"__proto__":{"admin":true},"name":"x"}'),
    );
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  test('stays under the limit a person named, in any minute', () => {
    for (const perMinute of [1, 5, 60, 1000]) {
      const bucket = webhook.limit({ fields: { address: standIn.url, perMinute }, secrets: {}, endpoints: {} });
      const most = (bucket?.capacity ?? 0) + (bucket?.perSecond ?? 0) * 60;
      expect(most).toBeLessThanOrEqual(Math.max(perMinute, 2));
    }
    expect(webhook.limit({ fields: {}, secrets: {}, endpoints: {} })).toBeNull();
  });
});
