import { expect, test } from 'vitest';
import type { HookRequest } from '../../kit/webhook.ts';
import { webhook } from './index.ts';
import { type Area, support } from './support.ts';

const keys = (area: Area, works: boolean) =>
  support.filter((row) => row.area === area && row.works === works).map((row) => row.key);

test('names each thing once and gives a reason where something is missing', () => {
  const names = support.map((row) => `${row.area} ${row.key}`);
  expect(new Set(names).size).toBe(names.length);
  expect(support.filter((row) => !row.works && !row.why)).toEqual([]);
});

test('has the ways to connect, triggers and actions of the connector, no more and no fewer', () => {
  expect(keys('auth', true)).toEqual(webhook.auth.map((kind) => kind.key));
  expect(keys('trigger', true)).toEqual(Object.keys(webhook.triggers));
  expect(keys('action', true)).toEqual(Object.keys(webhook.actions));
});

test('tells what a record type can do', () => {
  const { item } = webhook.records;
  const has = (key: string) => item !== undefined && key.replace('item.', '') in item;
  expect(keys('record', true).filter((key) => !has(key))).toEqual([]);
  expect(keys('record', false).filter(has)).toEqual([]);
});

test('tells which bodies are taken', () => {
  const understood = (key: string): boolean => {
    const request: HookRequest = { method: 'POST', headers: {}, query: {}, rawBody: Buffer.from('body'), body: null };
    // The server parses JSON and forms, and leaves the rest.
    if (key === 'json' || key === 'form') request.body = { a: '1' };
    if (key === 'query') Object.assign(request, { rawBody: Buffer.alloc(0), query: { a: '1' } });
    return webhook.webhook?.verify(request, { fields: {}, secrets: {}, identity: null }).ok ?? false;
  };
  expect(keys('body', true).filter((key) => !understood(key))).toEqual([]);
  expect(keys('body', false).filter(understood)).toEqual([]);
});
