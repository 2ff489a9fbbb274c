import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createMemory } from '../../kit/testing/connection.ts';
import { idFor } from './stand-in/seed.ts';
import { insert } from './stand-in/stand.ts';
import { asked, connectTo, openCreatio, where } from './testing/bench.ts';
import { account, contact } from './testing/records.ts';

const sokolova = idFor('Соколова Марина Игоревна');
const bakery = { id: idFor('Пекарня «Каравай»'), label: 'Пекарня «Каравай»' };

/** A failure of a moment in the words of ASP.NET, as a pool that restarts gives it. */
const hiccup = {
  status: 500,
  body: {
    Message: 'An error has occurred.',
    ExceptionMessage: 'Object reference not set to an instance of an object.',
    ExceptionType: 'System.NullReferenceException',
  },
};

const dayLater = () => {
  vi.setSystemTime(Date.now() + 25 * 3600_000);
  onTestFinished(() => void vi.useRealTimers());
};

describe('one passing 500 takes nothing away for good', () => {
  test('not the names of references', async () => {
    const { standIn, api } = await openCreatio();
    const accountOf = async () => (await contact.getMany?.(api, [sokolova]))?.[0]?.values.Account;
    expect(await accountOf()).toEqual(bakery);
    standIn.faults.once.push(hiccup);
    await accountOf();
    expect(await accountOf()).toEqual(bakery);
  });

  test('not the search whatever the case', async () => {
    const { standIn, api } = await openCreatio();
    const found = async () => contact.find?.(api, { ...where('Email', 'Gusev@Ladoga.Example'), settings: {} });
    expect(await found()).toHaveLength(1);
    // Both with the names of references and without.
    standIn.faults.once.push(hiccup, hiccup);
    await found();
    expect(await found()).toHaveLength(1);
  });

  test('not $batch', async () => {
    const { standIn, api } = await openCreatio();
    const ids = Array.from({ length: 25 }, (_, n) => standIn.createContact({ Name: `К ${n}` }).id);
    const batches = () => asked(standIn).filter((line) => line.endsWith('$batch')).length;
    await contact.getMany?.(api, ids);
    standIn.faults.once.push(hiccup);
    expect(await contact.getMany?.(api, ids)).toHaveLength(25);
    const before = batches();
    await contact.getMany?.(api, ids);
    expect(batches()).toBeGreaterThan(before);
  });
});

describe('what a stand does not take', () => {
  test('is tried again after a day', async () => {
    const { standIn } = await openCreatio();
    standIn.rules.nestedSelect = false;
    const memory = createMemory();
    const accountOf = async () =>
      (await contact.getMany?.(connectTo(standIn, { memory }), [sokolova]))?.[0]?.values.Account;
    expect(await accountOf()).toEqual({ id: bakery.id });
    standIn.rules.nestedSelect = true;
    expect(await accountOf()).toEqual({ id: bakery.id });
    dayLater();
    expect(await accountOf()).toEqual(bakery);
  });

  test('of one object says nothing of another', async () => {
    const { standIn, api } = await openCreatio();
    const { id: owner } = standIn.createContact({ Name: 'Владелец' });
    const row = insert(standIn.stand, 'Account', { Name: 'С владельцем', OwnerId: owner });
    await contact.getMany?.(api, [sokolova]);
    standIn.rules.nestedSelect = false;
    await contact.getMany?.(api, [sokolova]);
    standIn.rules.nestedSelect = true;
    const [found] = (await account.getMany?.(api, [String(row.Id)])) ?? [];
    expect(found?.values.Owner).toEqual({ id: owner, label: 'Владелец' });
  });
});
