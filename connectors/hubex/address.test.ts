import { describe, expect, test } from 'vitest';
import type { Values } from '../../kit/field.ts';
import { createMemory } from '../../kit/testing/connection.ts';
import { task } from './records/task.ts';
import { connectTo, createTask, failureOf, openHubex } from './testing/bench.ts';

const values = { notes: 'Не морозит витрина', contactPerson: 'Анна', contactPhone: '+79211234567' };

describe('an address in words', () => {
  test('becomes one location however it is spelled, also for another process', async () => {
    const memory = createMemory();
    const { standIn, api } = await openHubex({ memory });
    const before = standIn.tenant.locations.size;
    const first = await createTask(api, { ...values, address: 'Санкт-Петербург, ул. Ёлочная, д. 5' });
    const other = connectTo(standIn, { memory });
    const second = await createTask(other, { ...values, address: '  санкт-петербург  ул Елочная,  д. 5' });
    expect(standIn.tenant.locations.size).toBe(before + 1);
    const places = [await task.get?.(api, first.id), await task.get?.(api, second.id)];
    expect(places[0]?.values.location).toEqual(places[1]?.values.location);
    await createTask(api, { ...values, address: 'Санкт-Петербург, ул. Ёлочная, д. 6' });
    expect(standIn.tenant.locations.size).toBe(before + 2);
  });

  test('of an update comes back as the location the record now has', async () => {
    const { api } = await openHubex();
    const { id } = await createTask(api, values);
    const written = await task.update?.(api, {
      id,
      values: { address: 'Выборг, Садовая, 1' },
      current: null,
      settings: {},
    });
    expect(written?.record?.values.location).toMatchObject({ label: 'Выборг, Садовая, 1' });
  });

  test('of several tasks at once becomes one location', async () => {
    const { standIn, api } = await openHubex();
    const before = standIn.tenant.locations.size;
    const address = 'Тверь, Советская, 5';
    const made = await Promise.all([1, 2, 3].map(() => createTask(api, { ...values, address })));
    expect(made).toHaveLength(3);
    expect(standIn.tenant.locations.size).toBe(before + 1);
  });

  test.each([true, false])(
    'whose location was deleted over there gets another; the refusal names it: %s',
    async (names) => {
      const { standIn, api } = await openHubex();
      standIn.settings.namesFields = names;
      const address = 'Москва, Мира, 1';
      const { id } = await createTask(api, { ...values, address });
      standIn.tenant.locations.clear();
      const other = await createTask(api, { ...values, address });
      await task.update?.(api, { id, values: { address }, current: null, settings: {} });
      const places = [await task.get?.(api, id), await task.get?.(api, other.id)].map((one) => one?.values.location);
      expect(places[0]).toMatchObject({ label: address });
      expect(places[1]).toEqual(places[0]);
      expect(standIn.tenant.locations.size).toBe(1);
    },
  );

  test('keeps its location when HubEx refuses the task for something else', async () => {
    const { standIn, api } = await openHubex();
    const address = 'Москва, Мира, 1';
    await createTask(api, { ...values, address });
    const before = standIn.tenant.locations.size;
    for (const names of [true, false]) {
      standIn.settings.namesFields = names;
      const wrong = { ...values, address, company: { id: '404404' } };
      expect(await failureOf(createTask(api, wrong))).toMatchObject({ code: 'hubex.InvalidData' });
    }
    expect(standIn.tenant.locations.size).toBe(before);
  });

  test.each([
    { status: 403, body: { code: 'AccessDeniedLocationAdd', message: 'Нет прав' } },
    { status: 409, body: { code: 'InvalidData', message: 'Адрес не распознан' } },
  ])('stands in the description where HubEx takes no location: $status', async (refusal) => {
    const { standIn, api } = await openHubex();
    standIn.settings.answers['POST ES/Locations'] = refusal;
    const address = 'Москва, Мира, 1';
    const written = await createTask(api, { ...values, address });
    const notes = async () => (await task.get?.(api, written.id))?.values.notes;
    expect(await notes()).toBe('Не морозит витрина\nМосква, Мира, 1');
    expect(written.remark).toMatchObject({ ru: expect.stringContaining('записан в описание') });
    const update = (changed: Values) =>
      task.update?.(api, { id: written.id, values: changed, current: null, settings: {} });
    await update({ address });
    expect(await notes()).toBe('Не морозит витрина\nМосква, Мира, 1');
    const updated = await update({ address: 'Москва, Мира, 2', notes: 'Переехали' });
    expect(await notes()).toBe('Переехали\nМосква, Мира, 2');
    expect(updated?.remark).toBeDefined();
    await createTask(api, { address });
    expect(standIn.listTasks()[0]?.notes).toBe(address);
  });
});
