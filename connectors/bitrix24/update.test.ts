import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Values } from '../../kit/field.ts';
import type { StandInResponse } from '../../kit/testing/stand-in.ts';
import type { Api } from './api.ts';
import { contact } from './records/contact.ts';
import { connectTo } from './stand-in/connect.ts';
import { type Bitrix24StandIn, startBitrix24StandIn } from './stand-in.ts';

describe('an update of a contact and its phones', () => {
  let standIn: Bitrix24StandIn;
  let api: Api;
  let id: number;
  beforeEach(async () => {
    standIn = await startBitrix24StandIn({ limited: false, seed: 'empty' });
    api = connectTo(standIn);
    ({ id } = standIn.createContact({ name: 'Яна', fm: [{ typeId: 'PHONE', value: '+79990001122' }] }));
    await contact.describe(api, {});
    standIn.requests.length = 0;
  });
  afterEach(() => standIn.stop());
  const update = async (values: Values) => {
    const current = (await contact.get?.(api, String(id))) ?? null;
    return contact.update?.(api, { id: String(id), values, current, settings: {} });
  };
  const kept = () => standIn.portal.items.get(3)?.get(id);
  const phones = () => kept()?.fm?.map(({ value }) => value);
  const calls = () => standIn.requests.map(({ path }) => path.split('/').at(-1));

  test('keeps a text that looks like a reference into a batch as it is', async () => {
    const values = { comments: 'Итог: $result[item][item][id] и $result[x]', phones: ['+79990003344'] };
    const written = await update(values);
    expect(kept()?.comments).toBe(values.comments);
    expect(phones()).toEqual(['+79990001122', '+79990003344']);
    expect(written?.record?.values.comments).toBe(values.comments);
    expect(calls()).not.toContain('batch');
  });

  const whole = (error: string): StandInResponse => ({ status: 400, body: { error, error_description: '' } });
  const inside: StandInResponse = {
    status: 200,
    body: { result: { result: [], result_error: { contacts: { error: 'ERROR_BATCH_METHOD_NOT_ALLOWED' } } } },
  };
  test.each([
    ['is too long', whole('ERROR_BATCH_LENGTH_EXCEEDED')],
    ['may not hold them', whole('ERROR_BATCH_METHOD_NOT_ALLOWED')],
    ['may not hold one of them', inside],
  ])('is made call by call when the batch %s', async (_title, answer) => {
    const { faults } = standIn;
    const push = faults.once.shift.bind(faults.once);
    faults.once.shift = () => (calls().at(-1) === 'batch' ? answer : push());
    await update({ name: 'Анна', phones: ['+79990003344'] });
    expect(kept()?.name).toBe('Анна');
    expect(phones()).toEqual(['+79990001122', '+79990003344']);
  });
});
