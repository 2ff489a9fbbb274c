import { describe, expect, test, vi } from 'vitest';
import { discover } from './discover.ts';
import { objectOf } from './stand-in/objects.ts';
import { idFor } from './stand-in/seed.ts';
import { insert, type Stand } from './stand-in/stand.ts';
import { asked, failureOf, input, openBpmonline, openCreatio } from './testing/bench.ts';

const addObject = (stand: Stand, name: string, caption: string): void =>
  void stand.tables.set(name, { schema: objectOf(name, caption), rows: new Map(), version: 0 });

describe.each([
  ['Creatio', openCreatio],
  ['bpm’online', openBpmonline],
] as const)('objects of %s', (_name, open) => {
  test('are record types called as people call them, their own ones before what is technical', async () => {
    const { standIn, api } = await open();
    addObject(standIn.stand, 'Order', 'Заказ');
    addObject(standIn.stand, 'Opportunity', 'Сделка');
    addObject(standIn.stand, 'SysModule', 'Раздел');
    const types = await discover(api);
    const label = (key: string) => types.find((type) => type.key === key)?.label;
    expect(label('UsrVehicle')).toBe('Автомобиль');
    // The usual caption is ours in both languages; a renamed section keeps its own name.
    expect(label('Order')).toEqual({ en: 'Order', ru: 'Заказ' });
    expect(label('Opportunity')).toBe('Сделка');
    const place = (key: string) => types.findIndex((type) => type.key === key);
    const places = ['Order', 'UsrVehicle', 'CaseOrigin', 'ContactFile'].map(place);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(types.slice(-1)[0]?.key).toBe('UsrServiceObjectFile');
  });

  test('are called by their codes where the stand gives no captions', async () => {
    const { standIn, api } = await open();
    standIn.captions.given = false;
    const types = await discover(api);
    expect(types.find(({ key }) => key === 'UsrVehicle')?.label).toBe('UsrVehicle');
  });

  test('are asked for once, however often they are listed', async () => {
    const { standIn, api } = await open();
    const first = await discover(api);
    expect(await discover(api)).toBe(first);
    expect(asked(standIn).filter((one) => /\$metadata$|EntitySchemaManagerRequest$/.test(one))).toHaveLength(2);
  });

  test('are read, counted and written like any other record', async () => {
    const { standIn, api } = await open();
    const vehicle = (await discover(api)).find(({ key }) => key === 'UsrVehicle');
    const van = await vehicle?.get?.(api, idFor('van'));
    expect(van).toMatchObject({
      label: 'ГАЗель NEXT',
      values: { UsrPlate: 'А123ВС178', UsrMileage: 148200.5, UsrBodyType: { label: 'Фургон' } },
    });
    const made = await vehicle?.create?.(api, input({ Name: 'Lada Largus', UsrYear: 2024 }));
    expect(standIn.stand.tables.get('UsrVehicle')?.rows.get(made?.id ?? '')).toMatchObject({ UsrYear: 2024 });
  });

  test('count before they are read: those changed since then', async () => {
    const { standIn, api } = await open();
    const vehicle = (await discover(api)).find(({ key }) => key === 'UsrVehicle');
    const since = new Date();
    for (let n = 0; n < 1205; n++) insert(standIn.stand, 'UsrVehicle', { Name: `Машина ${n}` });
    // The van of the seed is a week old.
    expect(await vehicle?.count?.(api, { since, settings: {} })).toBe(1205);
    expect(await vehicle?.count?.(api, { since: new Date(0), settings: {} })).toBe(1206);
  });

  test('an object that is gone is named by every failure, and is gone from the list soon after', async () => {
    const { standIn, api } = await open();
    const vehicle = (await discover(api)).find(({ key }) => key === 'UsrVehicle');
    await vehicle?.newest?.(api, { limit: 1, settings: {} });
    standIn.stand.tables.delete('UsrVehicle');
    const failure = await failureOf(vehicle?.newest?.(api, { limit: 1, settings: {} }) ?? Promise.resolve());
    expect(failure).toMatchObject({ kind: 'rejected', code: 'creatio.no_such_set' });
    expect(JSON.stringify(failure.text)).toContain('«UsrVehicle»');
    const later = Date.now() + 6 * 60_000;
    vi.spyOn(Date, 'now').mockReturnValue(later);
    try {
      expect((await discover(api)).map(({ key }) => key)).not.toContain('UsrVehicle');
    } finally {
      vi.restoreAllMocks();
    }
  });
});

test('a grown stand of 3,000 objects is listed quickly', async () => {
  const { standIn, api } = await openCreatio({ seed: false });
  for (let n = 0; n < 3000; n++) addObject(standIn.stand, `UsrObject${n}`, `Объект ${n}`);
  await discover(api);
  const began = performance.now();
  for (let n = 0; n < 100; n++) await discover(api);
  expect(performance.now() - began).toBeLessThan(200);
});
