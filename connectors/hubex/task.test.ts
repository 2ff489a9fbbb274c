import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../kit/field.ts';
import { createMemory } from '../../kit/testing/connection.ts';
import type { HubexApi } from './api.ts';
import { task } from './records/task.ts';
import { connectTo, createInput, createTask, failureOf, openHubex } from './testing/bench.ts';

const values = { notes: 'Не морозит витрина', contactPerson: 'Анна', contactPhone: '+79211234567' };

describe('creating a task', () => {
  test('sends the stamp, our own key as erpID, and both kinds of notes', async () => {
    const { standIn, api } = await openHubex();
    const repeatKey = randomUUID();
    const { id } = await createTask(api, { notes: 'Шум <громкий>\nи запах' }, repeatKey);
    const { data } = standIn.tenant.tasks.get(Number(id)) ?? expect.fail('no task');
    expect(data).toMatchObject({
      requestMethodID: 4,
      notes: 'Шум <громкий>\nи запах',
      notesHtml: '<p>Шум &lt;громкий&gt;<br>и запах</p>',
      erpID: `mostik:${api.connection.id}:${repeatKey}`,
    });
    expect(standIn.requests.at(-1)?.headers['x-concurrency-stamp']).toBe(repeatKey);
  });

  test.each([
    ['drop', 'AlreadyDone'],
    ['dropAfter', 'AlreadyDone'],
    ['dropAfter', 'InvalidData'],
    ['dropAfter', 'TaskClosed'],
  ] as const)('repeated after "%s" and answered %s makes one task', async (fault, code) => {
    for (const erpID of [undefined, 'deal-77']) {
      const { standIn, api } = await openHubex();
      standIn.settings.repeatedStampCode = code;
      const repeatKey = randomUUID();
      const input = { ...values, ...(erpID ? { erpID } : {}) };
      await api.countTasks();
      standIn.faults.once.push(fault);
      expect((await failureOf(createTask(api, input, repeatKey))).outcome).toBe('unknown');
      const written = await createTask(api, input, repeatKey);
      expect(standIn.listTasks().map(({ id }) => String(id))).toEqual([written.id]);
      expect((await createTask(api, input, repeatKey)).id).toBe(written.id);
    }
  });

  test('is rejected on a 409 when no task is ours', async () => {
    const { standIn, api } = await openHubex();
    await api.countTasks();
    standIn.faults.once.push({ status: 409, body: { code: 'AlreadyDone', message: 'Уже выполнено' } });
    expect(await failureOf(createTask(api, values))).toMatchObject({ kind: 'rejected', code: 'hubex.AlreadyDone' });
  });

  test('does not take an older task with the same mapped erpID for its own', async () => {
    const { standIn, api } = await openHubex();
    const older = standIn.createTask({ ...values, erpID: 'deal-9' });
    (standIn.tenant.tasks.get(older.id) ?? expect.fail()).created = new Date(Date.now() - 3_600_000);
    await api.countTasks();
    standIn.faults.once.push({ status: 409, body: { code: 'AlreadyDone' } });
    expect(await failureOf(createTask(api, { ...values, erpID: 'deal-9' }))).toMatchObject({ kind: 'rejected' });

    const repeatKey = randomUUID();
    standIn.faults.once.push('dropAfter');
    await failureOf(createTask(api, { ...values, erpID: 'deal-9' }, repeatKey));
    const written = await createTask(api, { ...values, erpID: 'deal-9' }, repeatKey);
    expect(written.id).not.toBe(String(older.id));
    expect(standIn.listTasks()).toHaveLength(2);
  });

  test('repeated an hour later is still known by the time of its first try, which costs no memory', async () => {
    const memory = createMemory();
    const kept: string[] = [];
    const noting = {
      get: memory.get,
      set: (key: string, value: Json) => memory.set(key, value).then(() => void kept.push(key)),
    };
    const { standIn, api } = await openHubex({ memory: noting });
    const repeatKey = randomUUID();
    const firstTry = new Date(Date.now() - 3_600_000);
    const input = { taskType: { id: '1', label: 'Ремонт' }, ...values, erpID: 'deal-9' };
    const { id } = (await task.create?.(api, createInput(input, repeatKey))) ?? expect.fail();
    (standIn.tenant.tasks.get(Number(id)) ?? expect.fail()).created = firstTry;
    expect(await task.create?.(api, { ...createInput(input, repeatKey), firstTry })).toMatchObject({ id });
    expect(kept).toEqual([]);
  });

  test('says it does not know when two young tasks carry the same erpID and words', async () => {
    const { standIn, api } = await openHubex();
    const repeatKey = randomUUID();
    standIn.createTask({ notes: values.notes, erpID: 'deal-5' });
    standIn.createTask({ notes: values.notes, erpID: 'deal-5' });
    await api.countTasks();
    standIn.faults.once.push({ status: 409, body: { code: 'AlreadyDone' } });
    const error = await failureOf(createTask(api, { ...values, erpID: 'deal-5' }, repeatKey));
    expect(error).toMatchObject({ code: 'hubex.several_ours', outcome: 'unknown' });
  });

  test('names a missing required field by our key', async () => {
    const { standIn, api } = await openHubex();
    standIn.settings.requiredTaskFields = ['taskTypeID', 'requestMethodID', 'criticalityID'];
    expect(await failureOf(createTask(api, values))).toMatchObject({ kind: 'rejected', field: 'criticality' });
    expect(standIn.listTasks()).toEqual([]);
  });
});

describe('updating a task', () => {
  test.each(['object', 'array'] as const)('finds the style "%s" by itself and remembers it', async (style) => {
    for (const setting of ['object', 'array']) {
      const memory = createMemory();
      const { standIn, api } = await openHubex({ fields: { patchStyle: setting }, memory });
      standIn.settings.patchStyle = style;
      const { id } = await createTask(api, values);
      const update = (notes: string) => task.update?.(api, { id, values: { notes }, current: null, settings: {} });
      const patches = () => standIn.requests.filter(({ method }) => method === 'PATCH').length;
      await update('Первый');
      expect(patches()).toBe(setting === style ? 1 : 2);
      await update('Второй');
      expect(patches()).toBe(setting === style ? 2 : 3);
      expect((await task.get?.(api, id))?.values.notes).toBe('Второй');
    }
  });

  test('says why when both styles are refused, and remembers nothing', async () => {
    const memory = createMemory();
    const { api } = await openHubex({ memory });
    const { id } = await createTask(api, values);
    const wrong = { company: { id: '404404' } };
    expect(
      await failureOf(task.update?.(api, { id, values: wrong, current: null, settings: {} }) ?? Promise.resolve()),
    ).toMatchObject({
      kind: 'rejected',
      code: 'hubex.InvalidData',
      field: 'company',
    });
    expect(await memory.get('patchStyle')).toBeUndefined();
  });

  test('is refused for a closed task without trying the other style', async () => {
    const { standIn, api } = await openHubex();
    const { id } = await createTask(api, values);
    await standIn.workTask(Number(id), 'Отменена');
    const error = await failureOf(
      task.update?.(api, { id, values: { notes: 'x' }, current: null, settings: {} }) ?? Promise.resolve(),
    );
    expect(error.code).toBe('hubex.TaskClosed');
    expect(standIn.requests.filter(({ method }) => method === 'PATCH')).toHaveLength(1);
  });

  test('clears a field and a custom field', async () => {
    const { api } = await openHubex();
    const { id } = await createTask(api, { ...values, attribute_13: 'Д-15' });
    await task.update?.(api, { id, values: { contactPerson: null, attribute_13: null }, current: null, settings: {} });
    const after = await task.get?.(api, id);
    expect(after?.values).not.toHaveProperty('contactPerson');
    expect(after?.values).not.toHaveProperty('attribute_13');
    expect(after?.values.notes).toBe(values.notes);
  });
});

describe('finding a task', () => {
  const find = (api: HubexApi, field: string, searched: string) =>
    task.find?.(api, { where: [{ field, values: [searched] }], limit: 5, settings: {} });

  test('by erpID and number exactly, by phone in any spelling that HubEx finds', async () => {
    const { api } = await openHubex({ seed: true });
    const { id, label } = await createTask(api, { ...values, erpID: 'deal-12' });
    expect((await find(api, 'erpID', 'deal-12'))?.map((record) => record.id)).toEqual([id]);
    expect(await find(api, 'erpID', 'deal-1')).toEqual([]);
    expect((await find(api, 'number', label ?? ''))?.map((record) => record.id)).toEqual([id]);
    expect((await find(api, 'contactPhone', '9211234567'))?.map((record) => record.id)).toEqual([id]);
    expect(await find(api, 'notes', 'витрина')).toEqual([]);
  });
});

describe('what the engineer wrote', () => {
  test('is the note of the finishing stage', async () => {
    const { standIn, api } = await openHubex();
    const { id } = standIn.createTask({ notes: 'Починить' });
    await standIn.completeTask(id, { comment: 'Заменил компрессор', actualCost: 4500 });
    expect((await task.get?.(api, String(id)))?.values).toMatchObject({
      finishComment: 'Заменил компрессор',
      actualCost: 4500,
    });
  });

  test('is the last message of the team where the stage has no note', async () => {
    const { standIn, api } = await openHubex();
    const { id } = standIn.createTask({ notes: 'Починить' });
    standIn.sendMessage(id, 'Еду');
    standIn.tenant.clock.advance(60_000);
    standIn.sendMessage(id, 'Готово, чек в приложении');
    standIn.sendMessage(id, 'Спасибо', true);
    await standIn.completeTask(id);
    expect((await task.get?.(api, String(id)))?.values.finishComment).toBe('Готово, чек в приложении');
    standIn.settings.hidesHistory = true;
    expect((await task.get?.(api, String(id)))?.values.finishComment).toBe('Готово, чек в приложении');
  });

  test('is not asked for while the task is open', async () => {
    const { standIn, api } = await openHubex();
    const { id } = standIn.createTask({ notes: 'Починить' });
    await task.get?.(api, String(id));
    expect(standIn.requests.filter(({ path }) => /stages|conversations/.test(path))).toEqual([]);
  });
});

describe('reading times', () => {
  test('uses the zone of the connection', async () => {
    const { standIn } = await openHubex();
    standIn.settings.timeZone = 'Europe/Moscow';
    const { id } = standIn.createTask({ notes: 'x', deadline: new Date('2027-03-01T09:00:00Z') });
    const api = connectTo(standIn, { fields: { responseTimeZone: 'Europe/Moscow' } });
    expect((await task.get?.(api, String(id)))?.values.deadline).toBe('2027-03-01T09:00:00Z');
  });
});
