import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { HttpResponse } from '../../kit/http.ts';
import { failureOf } from './errors.ts';
import { createModelReader } from './metadata.ts';
import { odata3 } from './odata3.ts';
import { odata4 } from './odata4.ts';
import { toRecs } from './records/read.ts';
import { openBpmonline, openCreatio } from './testing/bench.ts';

const file = (name: string): string => readFileSync(new URL(`./samples/${name}`, import.meta.url), 'utf8');
const answer = (name: string, status = 200): HttpResponse => {
  const text = file(name);
  return { status, headers: {}, text, json: () => JSON.parse(text.replace(/^\uFEFF/, '')) };
};
const about = { app: 'Creatio', host: 'example.creatio.com' };

describe('samples of Creatio', () => {
  test('contacts: zero ids and the year 1 are empty, a number 0 is not, microseconds stay', async () => {
    const { api } = await openCreatio();
    const { rows } = odata4.page(answer('odata4-contact-list.response.json'));
    expect(Object.keys(rows[0] ?? {}).filter((name) => name.includes('@'))).toEqual([]);
    const [record] = await toRecs(api, 'Contact', rows.slice(0, 1));
    expect(record).toMatchObject({
      id: '410006e1-ca4e-4502-a9ec-e54d922d2c00',
      label: 'Supervisor',
      createdAt: '2019-07-15T23:00:58.333098Z',
      changedAt: '2024-07-05T04:33:37.315174Z',
      values: {
        GivenName: 'Supervisor',
        Account: { id: 'e308b781-3c5b-4ecb-89ef-5c1ed4da488e' },
        Age: 0,
        DoNotUseEmail: true,
      },
    });
    for (const key of ['BirthDate', 'Owner', 'Email', 'Surname', 'City'])
      expect(record?.values).not.toHaveProperty(key);
  });

  test('accounts and settings are lists of rows too', () => {
    const accounts = odata4.page(answer('odata4-account-list.response.json'));
    expect(accounts.rows[0]).toMatchObject({ Name: 'Accom (sample)', Completeness: 95 });
    expect(odata4.page(answer('odata4-syssettings-list.response.json')).rows).toHaveLength(4);
  });

  test('$metadata in the smallest form', () => {
    const reader = createModelReader();
    // Piece by piece, as the network cuts it.
    const bytes = Buffer.from(file('odata4-metadata.min.derived.xml'));
    for (let at = 0; at < bytes.length; at += 7) reader.write(bytes.subarray(at, at + 7));
    const contact = reader.end().get('Contact');
    expect(contact?.lookups).toEqual({ Account: 'Account' });
    expect(contact?.columns.map(({ name }) => name)).toEqual(['Id', 'Name', 'ModifiedOn', 'BirthDate', 'AccountId']);
  });

  test('failures in each of their forms, whatever the status', () => {
    expect(failureOf(answer('odata4-error-odata.response.derived.json', 400), about)).toMatchObject({
      kind: 'rejected',
      message: expect.stringContaining('The query specified in the URI is not valid'),
    });
    expect(failureOf(answer('odata4-error-aspnet.response.derived.json', 500), about)).toMatchObject({
      kind: 'rejected',
      field: 'EntityId',
    });
    expect(failureOf(answer('dataservice-error.response.derived.json'), about)).toMatchObject({
      kind: 'rejected',
      message: expect.stringContaining('Item with name "Foo" not found'),
    });
    expect(failureOf(answer('odata4-contact-list.response.json'), about)).toBeNull();
  });

  test('sign-in answers and the token', async () => {
    const { standIn, api } = await openCreatio();
    standIn.faults.once.push({ status: 200, body: JSON.parse(file('authservice-login.failed.response.derived.json')) });
    await expect(api.list('Contact', {})).rejects.toMatchObject({
      kind: 'reconnect',
      message: expect.stringContaining('Authentication failed.'),
    });
    const sent = JSON.parse(standIn.requests[0]?.rawBody.toString() ?? '{}');
    const shown = JSON.parse(file('authservice-login.request.http').split('\n\n')[1] ?? '{}');
    expect(Object.keys(sent)).toEqual(Object.keys(shown));
  });
});

describe('samples of bpm’online', () => {
  test('a list, one record, what was not expanded', () => {
    expect(odata3.page(answer('bpmonline/odata3-account-list.derived.response.json')).rows).toEqual([
      { Id: 'e308b781-3c5b-4ecb-89ef-5c1ed4da488e', Name: 'Our company', CreatedOn: '2010-12-14T17:22:43.771' },
    ]);
    expect(odata3.row(answer('bpmonline/odata3-contact-entity.response.json'))).toEqual({
      Id: 'c4ed336c-3e9b-40fe-8b82-5632476472b4',
      Name: 'Andrew Baker (sample)',
    });
    const deferred = odata3.page(answer('bpmonline/odata3-deferred.derived.response.json'));
    expect(deferred.rows[0]).not.toHaveProperty('Account');
    expect(deferred.next).toContain('$skiptoken');
  });

  test('a feed in Atom', () => {
    expect(odata3.page(answer('bpmonline/odata3-feed.derived.response.xml'))).toEqual({
      rows: [
        {
          Id: 'c4ed336c-3e9b-40fe-8b82-5632476472b4',
          Name: 'Andrew Baker (sample)',
          CreatedOn: '2018-10-26T09:13:30.142',
        },
      ],
      next: null,
      count: null,
    });
  });

  test('questions have the form of the vendor’s own', async () => {
    const { standIn, api } = await openBpmonline();
    await api.list('Contact', {
      select: ['Id', 'CreatedOn', 'Name', 'Account/Name'],
      expand: [{ nav: 'Account', display: 'Name' }],
      order: 'CreatedOn desc',
    });
    const request = standIn.requests.at(-1);
    const shown = file('bpmonline/odata3-contact-list.request.http');
    const [, path = ''] = /^GET (\S+)\?/.exec(shown) ?? [];
    expect(request?.path).toBe(path);
    expect(request?.headers.accept).toBe(/^Accept: (.*)$/m.exec(shown)?.[1]);
    expect(request?.query.get('$orderby')).toBe('CreatedOn desc');
  });
});
