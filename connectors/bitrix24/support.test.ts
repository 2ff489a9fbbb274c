import { describe, expect, test } from 'vitest';
import { fieldInfo } from './answers.ts';
import { fieldOf } from './fields.ts';
import { bitrix24 } from './index.ts';
import { multifieldsOf } from './multifields.ts';
import { type Area, support } from './support.ts';
import { webhook } from './webhook.ts';

const keys = (area: Area, works: boolean) =>
  support.filter((row) => row.area === area && row.works === works).map((row) => row.key);

describe('the support list', () => {
  test('names each thing once and gives a reason where something is missing', () => {
    const names = support.map((row) => `${row.area} ${row.key}`);
    expect(new Set(names).size).toBe(names.length);
    expect(support.filter((row) => !row.works && !row.why)).toEqual([]);
  });

  test('has the ways to connect, record types and triggers of the connector, no more and no fewer', () => {
    expect(keys('auth', true)).toEqual(bitrix24.auth.map((kind) => kind.key));
    expect(keys('record', true).sort()).toEqual(Object.keys(bitrix24.records).sort());
    expect(keys('trigger', true).sort()).toEqual(Object.keys(bitrix24.triggers).sort());
  });

  test('tells which events are understood', () => {
    const understood = (event: string) => {
      const body = { event, data: { FIELDS: { ID: '1' } }, auth: {} };
      const request = { method: 'POST', headers: {}, query: {}, rawBody: Buffer.alloc(0), body };
      return webhook.read(request, { fields: {}, secrets: {}, identity: null }).length > 0;
    };
    for (const event of keys('event', true)) expect(understood(event), event).toBe(true);
    for (const event of keys('event', false)) expect(understood(event), event).toBe(false);
  });

  test('tells which field types are described', () => {
    const known = { statuses: {}, stages: [], categories: [], currencies: [], userFields: {} };
    for (const type of keys('fieldType', true)) {
      const field = fieldOf('some', fieldInfo.parse({ type, title: 'Поле', isDynamic: true }), known);
      if (type === 'crm_multifield') expect(multifieldsOf([{ id: 1, typeId: 'PHONE', value: '1' }])).toHaveLength(1);
      else expect(field, type).not.toBeNull();
    }
  });
});
