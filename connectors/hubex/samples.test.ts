import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../kit/field.ts';
import { attributeBody } from './records/task-attributes.ts';
import { taskBody } from './records/task-form.ts';
import { toRecs } from './records/task-load.ts';
import { failureInBody } from './refusals.ts';
import { openHubex } from './testing/bench.ts';
import { accessToken, createdTask, readTime, rowsOf } from './wire.ts';

const file = (name: string) => readFileSync(new URL(`./samples/${name}`, import.meta.url), 'utf8');
const json = (name: string): Json => JSON.parse(file(name));

describe('samples of the vendor', () => {
  test('a list of tasks: the key is the id, empty fields are absent', () => {
    const records = toRecs(rowsOf(json('tasks-list.response.json')), 'UTC');
    expect(records.map(({ id }) => id).sort()).toEqual(['5135', '5136']);
    const record = records.find(({ id }) => id === '5136');
    expect(record).toMatchObject({
      label: '000000001',
      changedAt: '2025-07-24T11:31:25Z',
      values: {
        number: '000000001',
        workType: { id: '2', label: 'Вид работ по умолчанию' },
        asset: { id: '1020', label: 'Кондиционер' },
        location: { id: '5957', label: 'Кирочная улица, 70, Санкт-Петербург, Россия' },
        lastModified: '2025-07-24T11:31:25Z',
      },
    });
    expect(record?.values).not.toHaveProperty('notes');
  });

  test('answers to a token exchange, a create and a stage move', () => {
    expect(accessToken.parse(json('access-token.response.json')).access_token).toMatch(/^eyJ/);
    expect(createdTask.parse(json('task-create.response.json'))).toMatchObject({ id: '5129', number: '0207000000003' });
    expect(createdTask.parse(json('task-create-swagger.response.json'))).toMatchObject({
      id: '12345',
      number: 'T-12345',
    });
    expect(failureInBody(json('task-stage-change.response.json'), 201)).toBeNull();
  });

  test('a create body has the members of the wiki’s sample, whatever their case', () => {
    const body = taskBody(
      {
        company: { id: '123' },
        asset: { id: '456', label: '' },
        workType: { id: '7', label: '' },
        location: { id: '5946' },
        taskType: { id: '1', label: '' },
        criticality: { id: '2', label: '' },
        requestMethod: { id: '1', label: '' },
        deadline: '2025-07-08T15:00:00Z',
        notes: 'Не работает принтер в кабинете 301',
      },
      'create',
    );
    const sample = json('task-create.request.json') as Record<string, Json>;
    const lower = Object.fromEntries(Object.entries(sample).map(([key, value]) => [key.toLowerCase(), value]));
    const ours = Object.fromEntries(Object.entries(body).map(([key, value]) => [key.toLowerCase(), value]));
    expect({ ...ours, noteshtml: `${ours.noteshtml}\n` }).toEqual(lower);
  });

  test('an update and custom fields have the form of the samples', () => {
    const patch = taskBody({ company: { id: '17' }, deadline: '2025-07-10T14:08:00Z' }, 'update');
    expect(patch).toEqual(json('task-patch-wiki.request.json'));
    const data = attributeBody({ attribute_7: true, attribute_13: 'NFC отсканирован', attribute_68: null });
    expect([{ taskID: 5130, data }]).toEqual(json('task-attributes.request.json'));
  });

  test('the requests we send are those of the samples', async () => {
    const { standIn, api } = await openHubex();
    const { id } = standIn.createTask({ notes: 'Проверка' });
    await standIn.workTask(id, 'Назначена');
    await api.sendMessage(String(id), { isExternal: false, message: 'Принял в работу' });
    const sent = JSON.parse(standIn.requests.at(-1)?.rawBody.toString() ?? '');
    expect(sent).toEqual(json('task-conversation-post.request.json'));
    await api.moveTask({ taskID: id, taskStageID: 3 });
    const move = JSON.parse(standIn.requests.at(-1)?.rawBody.toString() ?? '');
    expect(Object.keys(move)).toEqual(Object.keys(json('task-stage-change.request.json') as object));
  });
});

describe('the stand-in answers as the samples do', () => {
  test('a Range past the end is cut to what is there', async () => {
    const [asked = '', answered = ''] = file('tasks-range-paging.http').split(/\r?\n\r?\n/);
    const [, from, till] = /Range: items=(\d+)-(\d+)/.exec(asked) ?? [];
    const [, last, total] = /Content-Range: items=151-(\d+)\/(\d+)/.exec(answered) ?? [];
    const { standIn, api } = await openHubex();
    for (let n = 0; n < Number(total); n++) standIn.createTask({ notes: `Заявка ${n}` });
    const page = await api.listTasks({}, { from: Number(from), till: Number(till) });
    expect(page).toMatchObject({ till: Number(last), total: Number(total) });
    expect(page.rows).toHaveLength(30);
  });

  test('a company is made from the wiki’s body, and its id read from an array', async () => {
    const { standIn, api } = await openHubex();
    standIn.tenant.nextID = () => 21;
    const [body] = json('company-create.request.json') as Record<string, Json>[];
    expect([Number(await api.createCompany(body ?? {}))]).toEqual(json('company-create.response.json'));
    const sent = JSON.parse(standIn.requests.at(-1)?.rawBody.toString() ?? '');
    expect(sent).toEqual(json('company-create.request.json'));
  });
});

describe('times without a zone', () => {
  test.each([
    ['2025-07-24T11:31:25', 'UTC', '2025-07-24T11:31:25Z'],
    ['2025-07-24T11:31:25', 'Europe/Moscow', '2025-07-24T08:31:25Z'],
    ['2025-07-24T11:31:25.1234567', 'Europe/Moscow', '2025-07-24T08:31:25.1234567Z'],
    ['2025-07-24T11:31:25Z', 'Europe/Moscow', '2025-07-24T11:31:25Z'],
    ['2025-07-24T11:31:25+05:00', 'UTC', '2025-07-24T06:31:25Z'],
    ['вчера', 'UTC', undefined],
    ['', 'UTC', undefined],
    [null, 'UTC', undefined],
  ])('%s in %s is %s', (value, zone, expected) => {
    expect(readTime(value, zone)).toBe(expected);
  });
});

describe('lists', () => {
  test('come as a map, an array, or nothing', () => {
    expect(rowsOf({ '12': { name: 'a' } })).toEqual([{ id: '12', row: { name: 'a' } }]);
    expect(rowsOf([{ id: 12, name: 'a' }])).toEqual([{ id: '12', row: { id: 12, name: 'a' } }]);
    expect(rowsOf({})).toEqual([]);
    expect(rowsOf([])).toEqual([]);
    expect(rowsOf(null)).toEqual([]);
  });
});
