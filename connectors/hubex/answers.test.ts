import { describe, expect, test } from 'vitest';
import { company } from './records/company.ts';
import { contact } from './records/contact.ts';
import { location } from './records/location.ts';
import { task } from './records/task.ts';
import { failureOf, type HubexBench, openHubex } from './testing/bench.ts';

/** A bench whose token is there already, so that the next answer is the one under test. */
async function warm(): Promise<HubexBench> {
  const bench = await openHubex();
  await bench.api.countTasks();
  return bench;
}

describe('a record that is not there', () => {
  test.each([
    ['a page of a gateway', { status: 404, body: 'default backend - 404' }],
    ['a gateway that speaks JSON', { status: 404, body: { message: 'no Route matched with those values' } }],
    ['an empty 404', { status: 404 }],
    ['an empty 200', { status: 200 }],
    ['a card without any of its members', { status: 200, body: { status: 'ok' } }],
  ])('is not what %s says', async (_, answer) => {
    const { standIn, api } = await warm();
    const { id } = standIn.createTask({ notes: 'x' });
    for (const [type, known] of [
      [task, String(id)],
      [company, '17'],
      [contact, '105'],
      [location, '5957'],
    ] as const) {
      standIn.faults.once.push(answer);
      expect(await failureOf(type.get?.(api, known) ?? expect.fail())).toMatchObject({ kind: 'temporary' });
      expect(await type.get?.(api, known)).toMatchObject({ id: known });
    }
  });

  test.each(['204', '{}', '[]'] as const)('is what %s says', async (emptyAnswer) => {
    const { standIn, api } = await warm();
    standIn.settings.emptyAnswer = emptyAnswer;
    for (const type of [company, contact, location]) expect(await type.get?.(api, '777')).toBeNull();
    standIn.faults.once.push({
      status: Number(emptyAnswer) || 200,
      body: Number(emptyAnswer) ? undefined : JSON.parse(emptyAnswer),
    });
    expect(await task.get?.(api, '777')).toBeNull();
    expect((await api.listTasks({}, { from: 1, till: 100 })).rows).toEqual([]);
  });

  test.each([
    [404, { code: 'TaskNotFound', message: 'Заявка не найдена' }],
    [404, { traceIdentifier: '0HN4' }],
    [400, { code: 'NoDataFound' }],
  ])('is what %i %o says', async (status, body) => {
    const { standIn, api } = await warm();
    standIn.faults.once.push({ status, body });
    expect(await task.get?.(api, '777')).toBeNull();
  });

  test('nor is an empty 200 an empty list, or a redirect a done write', async () => {
    const { standIn, api } = await warm();
    standIn.faults.once.push({ status: 200 });
    expect(await failureOf(api.listTasks({}, { from: 1, till: 100 }))).toMatchObject({
      code: 'hubex.unexpected_answer',
    });
    standIn.faults.once.push({ status: 302, headers: { location: '/login' } });
    expect(await failureOf(api.putContact({ id: 105 }))).toMatchObject({ code: 'hubex.wrong_address' });
  });
});

describe('a write that HubEx answers with 2xx and does not do', () => {
  test('is refused by the row that failed, in our words', async () => {
    const { standIn, api } = await warm();
    const { id } = standIn.createTask({ notes: 'x' });
    const values = { attribute_21: 'много' };
    const failure = await failureOf(
      task.update?.(api, { id: String(id), values, current: null, settings: {} }) ?? expect.fail(),
    );
    expect(failure).toMatchObject({
      kind: 'rejected',
      code: 'hubex.InvalidDataFormat',
      outcome: 'notDone',
      text: { en: 'A value has the wrong format for HubEx: Пробег, км' },
    });
  });

  test.each([
    [[{ id: 1, error: 'AccessDenied@Contact' }], 'noAccess', 'hubex.access_denied'],
    [[{ id: 1, error: 'ContactNotFound' }], 'gone', 'hubex.ContactNotFound'],
    [[{ id: 0 }, { id: 1, error: 'AlreadyDone@Контакт' }], 'rejected', 'hubex.AlreadyDone'],
    [{ errors: [{ code: 'InvalidData', message: 'companyID' }] }, 'rejected', 'hubex.InvalidData'],
    [{ errors: [{ error: 'InvalidDataFormat@AlreadyActive' }] }, 'rejected', 'hubex.InvalidDataFormat'],
    [{ errors: ['Не заполнен акт', 'Нет подписи'] }, 'rejected', 'hubex.202'],
  ])('%o', async (body, kind, code) => {
    const { standIn, api } = await warm();
    standIn.faults.once.push({ status: 202, body });
    const failure = await failureOf(api.putContact({ id: 105, fullName: 'Орлова' }));
    expect(failure).toMatchObject({ kind, code, outcome: 'notDone' });
    expect((failure.text as { en: string }).en).not.toMatch(/[{}"]/);
  });

  test.each([[[]], [{ errors: [] }], [[{ id: 1 }]], [undefined]])('unless nothing failed: %o', async (body) => {
    const { standIn, api } = await warm();
    standIn.faults.once.push({ status: 202, body });
    await api.putContact({ id: 105, fullName: 'Орлова' });
  });
});

describe('the range of a page', () => {
  const body = { 5129: { number: 'T-1' } };

  test.each(['items=1-1/250', 'items 1-1/250', 'Items 1-1/250'])('is read from "%s"', async (range) => {
    const { standIn, api } = await warm();
    standIn.faults.once.push({ status: 206, headers: { 'content-range': range }, body });
    expect(await api.listTasks({}, { from: 1, till: 1 })).toMatchObject({ till: 1, total: 250 });
  });

  test.each(['items=1-1/*', ''])('that a part does not tell ends no list: "%s"', async (range) => {
    const { standIn, api } = await warm();
    standIn.faults.once.push({ status: 206, headers: range ? { 'content-range': range } : {}, body });
    expect(await failureOf(api.listTasks({}, { from: 1, till: 1 }))).toMatchObject({
      kind: 'temporary',
      code: 'hubex.unexpected_answer',
    });
  });
});
