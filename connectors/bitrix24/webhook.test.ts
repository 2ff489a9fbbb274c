import { readdirSync, readFileSync } from 'node:fs';
import qs from 'qs';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../kit/field.ts';
import type { HookConnection, HookRequest } from '../../kit/webhook.ts';
import { webhook } from './webhook.ts';

const folder = new URL('./samples/', import.meta.url);
const text = (name: string): string => readFileSync(new URL(name, folder), 'utf8').trim();

/** As the server hands it over: a form's brackets opened, JSON parsed. */
function request(body: Json, rawBody = ''): HookRequest {
  return { method: 'POST', headers: {}, query: {}, rawBody: Buffer.from(rawBody), body };
}
const form = (raw: string): HookRequest => request(qs.parse(raw) as unknown as Json, raw);

const connection: HookConnection = {
  fields: {},
  secrets: { applicationToken: '51856fefc120afa4b628cc82d3935cce' },
  identity: 'some-domain.bitrix24.com',
};
const update = text('event-deal-update.form.txt');

describe('an event of the outgoing webhook', () => {
  test('as the vendor’s form is accepted and read', () => {
    expect(webhook.verify(form(update), connection)).toEqual({ ok: true });
    expect(webhook.read(form(update), connection)).toEqual([
      { kind: 'record', recordType: 'deal', recordId: '759', event: 'changed' },
      { kind: 'pollNow', trigger: 'deal.enteredStage' },
    ]);
  });

  const expected: Record<string, [string, string, string]> = {
    'event-to-application.event.json': ['deal', '7405', 'created'],
    'on-crm-deal-add-1.event.json': ['deal', '6641', 'created'],
    'on-crm-deal-update-1.event.json': ['deal', '759', 'changed'],
    'on-crm-deal-delete-1.event.json': ['deal', '1765', 'removed'],
  };
  const files = readdirSync(folder).filter((name) => name.endsWith('.event.json'));

  test.each(files)('%s is accepted as JSON', (name) => {
    const body = JSON.parse(text(name)) as Json & { auth: { application_token: string; domain: string } };
    const own = {
      ...connection,
      secrets: { applicationToken: body.auth.application_token },
      identity: body.auth.domain,
    };
    expect(webhook.verify(request(body), own)).toEqual({ ok: true });
    const [first] = webhook.read(request(body), own);
    if (!/crm-(lead|deal|contact|company)|to-application/.test(name)) expect(first).toBeUndefined();
    else expect(first).toMatchObject({ kind: 'record', recordId: expect.stringMatching(/^\d+$/) });
    const [recordType, recordId, event] = expected[name] ?? [];
    if (recordType) expect(first).toEqual({ kind: 'record', recordType, recordId, event });
  });

  test('a deal moved to another pipeline is a changed deal, and the stage history is asked', () => {
    const moved = request({
      event: 'ONCRMDEALMOVETOCATEGORY',
      data: { FIELDS: { ID: '5', CATEGORY_ID: '1' } },
      auth: {},
    });
    expect(webhook.read(moved, connection)).toEqual([
      { kind: 'record', recordType: 'deal', recordId: '5', event: 'changed' },
      { kind: 'pollNow', trigger: 'deal.enteredStage' },
    ]);
  });

  test('the installation of an application is understood as nothing', () => {
    const install = form(text('event-app-install.form.txt'));
    expect(webhook.verify(install, connection)).toEqual({ ok: true });
    expect(webhook.read(install, connection)).toEqual([]);
  });
});

describe('what is refused', () => {
  const code = (hook: HookRequest, from: HookConnection = connection) => {
    const verdict = webhook.verify(hook, from);
    return verdict.ok ? 'accepted' : `${verdict.status} ${verdict.code.replace('bitrix24.hook.', '')}`;
  };
  const changed = (from: string, to: string) => form(update.replace(from, to));

  test('a forged token', () => {
    expect(code(changed('51856fefc120', '51856fefc121'))).toBe('401 wrong_token');
  });
  test('a token with something behind it, or none', () => {
    expect(code(form(`${update}0`))).toBe('401 wrong_token');
    expect(code(form(update.replace(/&auth%5Bapplication_token%5D=.*/, '')))).toBe('401 wrong_token');
  });
  test('the right token of another portal', () => {
    expect(code(changed('domain%5D=some-domain', 'domain%5D=other-domain'))).toBe('403 wrong_portal');
    expect(code(form(update.replace(/&auth%5Bdomain%5D=[^&]*/, '')))).toBe('403 wrong_portal');
  });
  test('everything while no token is saved, with the words where to find it', () => {
    const verdict = webhook.verify(form(update), { ...connection, secrets: {} });
    expect(verdict).toMatchObject({ ok: false, status: 401, code: 'bitrix24.hook.no_token' });
    expect(JSON.stringify(verdict)).toContain('Токен приложения');
  });
  test('a body that is no event', () => {
    expect(code(request(null))).toBe('422 not_event');
    expect(code(request({ hello: 'world' }))).toBe('422 not_event');
  });

  test('before the first check the portal of the webhook’s address counts', () => {
    const secrets = { ...connection.secrets, webhookUrl: 'https://some-domain.bitrix24.com/rest/1/abc123/' };
    expect(code(form(update), { ...connection, secrets, identity: null })).toBe('accepted');
    expect(code(form(update), { ...connection, identity: null })).toBe('403 wrong_portal');
  });

  test('a port of an own server does not matter', () => {
    expect(code(form(update), { ...connection, identity: 'some-domain.bitrix24.com:8443' })).toBe('accepted');
  });
});

test('every token of an event is named among the secrets that are cut', () => {
  const { auth } = qs.parse(update) as unknown as { auth: Record<string, string> };
  const tokens = Object.keys(auth).filter((key) => key.includes('token'));
  expect(webhook.secretKeys).toEqual(expect.arrayContaining(tokens));
});
