import { describe, expect, test } from 'vitest';
import type { Json } from '../../kit/field.ts';
import type { HookRequest } from '../../kit/webhook.ts';
import { webhook } from './webhook.ts';

const id = 'c4ed336c-3e9b-40fe-8b82-5632476472b4';
const call = (body: Json, headers: Record<string, string> = { 'x-mostik-secret': 'long-secret' }): HookRequest => ({
  method: 'POST',
  headers,
  query: {},
  rawBody: Buffer.from(JSON.stringify(body)),
  body,
});
const connection = (fields = {}, secrets: Record<string, string> = { webhookSecret: 'long-secret' }) => ({
  fields,
  secrets,
  identity: null,
});

describe('calls of a business process', () => {
  test('name a record, which is read afterwards; statuses are asked for too', () => {
    const request = call({ EntityName: 'Case', Id: `{${id.toUpperCase()}}` });
    expect(webhook.verify(request, connection())).toEqual({ ok: true });
    expect(webhook.read(request, connection())).toEqual([
      { kind: 'record', recordType: 'case', recordId: id, event: 'changed' },
      { kind: 'pollNow' },
    ]);
  });

  test('of an object of one’s own', () => {
    const events = webhook.read(call({ entityname: 'UsrServiceObject', recordid: id }), connection());
    expect(events).toMatchObject([{ recordType: 'UsrServiceObject', recordId: id }, { kind: 'pollNow' }]);
  });

  test.each([
    ['added', 'created'],
    ['Modified', 'changed'],
  ] as const)('name their event (%s)', (Event, event) => {
    const read = (EntityName: string) => webhook.read(call({ EntityName, Id: id, Event }), connection());
    expect(read('Contact')).toEqual([{ kind: 'record', recordType: 'contact', recordId: id, event }]);
    expect(read('Case')).toEqual([{ kind: 'record', recordType: 'case', recordId: id, event }, { kind: 'pollNow' }]);
  });

  test('without an event everything is asked: the record may be new', () => {
    expect(webhook.read(call({ EntityName: 'Account', Id: id }), connection())).toMatchObject([
      { recordType: 'account', event: 'changed' },
      { kind: 'pollNow' },
    ]);
  });

  test.each([
    ['CASE', 'case'],
    ['opportunity', 'Opportunity'],
    ['usrproject', 'usrproject'],
    ['constructor', 'constructor'],
  ])('with the name of the object as people type it: %s', (EntityName, recordType) => {
    expect(webhook.read(call({ EntityName, Id: id }), connection())).toMatchObject([
      { recordType, recordId: id },
      { kind: 'pollNow' },
    ]);
  });

  test('with the id somewhere else', () => {
    const fields = { idPath: 'data.contact.id', entityPath: 'data.object' };
    const request = call({ data: { object: 'Contact', contact: { id } } });
    expect(webhook.verify(request, connection(fields))).toEqual({ ok: true });
    expect(webhook.read(request, connection(fields))[0]).toMatchObject({ recordType: 'contact', recordId: id });
  });

  test('without the name of the object everything of the connection is asked', () => {
    expect(webhook.read(call({ Id: id }), connection())).toEqual([{ kind: 'pollNow' }]);
  });

  test.each([
    ['no secret in the call', call({ Id: id }, {}), connection(), 401],
    ['a wrong one', call({ Id: id }, { 'x-mostik-secret': 'other' }), connection(), 401],
    ['none saved', call({ Id: id }), connection({}, {}), 401],
    ['no id', call({ EntityName: 'Case' }), connection(), 422],
    ['an id that is none', call({ EntityName: 'Case', Id: '42' }), connection(), 422],
  ])('are refused with %s', (_name, request, kept, status) => {
    expect(webhook.verify(request, kept)).toMatchObject({ ok: false, status });
  });
});
