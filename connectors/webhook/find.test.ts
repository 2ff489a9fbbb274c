import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FormValues } from '../../kit/form.ts';
import { expectKind } from '../../kit/testing/bench.ts';
import { testConnection } from '../../kit/testing/connection.ts';
import { type StandInResponse, type StandInServer, serveStandIn } from '../../kit/testing/stand-in.ts';
import { connect } from './api.ts';
import { webhook } from './index.ts';
import { item } from './records/item.ts';

describe('a search over HTTP', () => {
  let server: StandInServer;
  let answer: StandInResponse;
  beforeEach(async () => {
    server = await serveStandIn(() => answer);
  });
  afterEach(() => server.stop());

  const find = async (given: StandInResponse, change: FormValues = {}) => {
    answer = given;
    const api = connect(testConnection(webhook, { fields: { address: server.url }, secrets: {} }));
    const settings = { fields: 'phone:phone', findUrl: '/items?phone={phone}', itemsPath: '$.items', ...change };
    return item.find?.(api, { where: [{ field: 'phone', values: ['+79990000000'] }], limit: 5, settings }) ?? [];
  };
  const ok = (body: unknown): StandInResponse => ({ status: 200, body });

  test.each<[string, StandInResponse, FormValues]>([
    ['an empty list', ok({ items: [] }), {}],
    ['no elements of a list', ok({ items: [] }), { itemsPath: '$.items[*]' }],
    ['nothing that a filter lets pass', ok({ items: [{ id: 1 }] }), { itemsPath: '$.items[?@.active==true]' }],
    ['404, where the setting says so', { status: 404, body: 'none' }, { absentIsEmpty: true }],
    ['null, where the setting says so', ok({ items: null }), { absentIsEmpty: true }],
    ['no body, where the setting says so', { status: 204 }, { absentIsEmpty: true }],
  ])('finds nothing in %s', async (_title, given, change) => {
    expect(await find(given, change)).toEqual([]);
  });

  test.each<[string, StandInResponse, FormValues, string]>([
    ['a record without an id', ok({ items: [{ uuid: 'u1' }] }), {}, 'idPath'],
    ['a map instead of a list', ok({ items: { a: { id: 1 } } }), {}, 'idPath'],
    ['nothing at the path', ok({ results: [{ id: 1 }] }), {}, 'itemsPath'],
    ['nothing at the path to elements', ok({ results: [] }), { itemsPath: '$.items[*]' }, 'itemsPath'],
    ['null', ok({ items: null }), {}, 'itemsPath'],
    ['no body', { status: 200 }, {}, 'itemsPath'],
    ['404', { status: 404, body: '<html>nginx</html>' }, {}, 'findUrl'],
  ])('does not take %s for "nothing found", and names the setting', async (_title, given, change, setting) => {
    const error = await expectKind(find(given, change), 'rejected');
    expect(error).toMatchObject({ code: `webhook.find.${setting}`, field: setting });
  });

  test('takes one record that stands alone, and ids that are the items themselves', async () => {
    expect(await find(ok({ id: 7, phone: '+7' }), { itemsPath: '$' })).toMatchObject([{ id: '7' }]);
    expect(await find(ok({ items: [7, 8] }), { idPath: '$' })).toMatchObject([{ id: '7' }, { id: '8' }]);
  });
});
