import { describe, expect, test } from 'vitest';
import type { Cursor } from '../../kit/record-type.ts';
import { changes } from './records/changes.ts';
import { addColumn } from './stand-in/objects.ts';
import { idFor } from './stand-in/seed.ts';
import { change, insert, tableOf } from './stand-in/stand.ts';
import { failureOf, openBpmonline, openCreatio, pass } from './testing/bench.ts';
import { caseEnteredStatus, leadEnteredStage } from './triggers/entered-status.ts';

const names = (records: { label?: string }[]) => records.map(({ label }) => label);

/** A stand whose clock stands still until it is moved. */
function clock(start = '2026-09-01T09:00:00Z') {
  let now = new Date(start);
  return {
    now: () => now,
    later: (seconds: number) => {
      now = new Date(now.getTime() + seconds * 1000);
    },
  };
}

describe.each([
  ['Creatio', openCreatio],
  ['bpm’online', openBpmonline],
] as const)('changes of %s', (_name, open) => {
  test('each once, however many share one moment and wherever a page ends', async () => {
    const time = clock();
    const { standIn, api } = await open({ seed: false, now: time.now });
    const { cursor } = await pass(api, 'Contact', { cursor: null });
    time.later(3600);
    // An import: 1,200 rows with one change time, and single ones around them.
    const at = '2026-09-01T10:00:00.123456Z';
    for (let n = 0; n < 1200; n++) insert(standIn.stand, 'Contact', { Name: `Импорт ${n}`, ModifiedOn: at });
    for (let n = 0; n < 5; n++) insert(standIn.stand, 'Contact', { Name: `Отдельный ${n}` });
    for (const row of standIn.stand.tables.get('Contact')?.rows.values() ?? [])
      if (String(row.Name).startsWith('Импорт')) row.ModifiedOn = at;
    time.later(3600);
    const first = await pass(api, 'Contact', { cursor });
    expect(first.records).toHaveLength(1205);
    expect(new Set(first.records.map(({ id }) => id)).size).toBe(1205);
    expect(first.pages).toBe(4);
    const second = await pass(api, 'Contact', { cursor: first.cursor });
    expect(second.records).toEqual([]);
  });

  test('a record of the moment that changes meanwhile hides no other one', async () => {
    const time = clock();
    const { standIn, api } = await open({ seed: false, now: time.now });
    const at = '2026-09-01T08:00:00.500000Z';
    for (let n = 0; n < 900; n++) insert(standIn.stand, 'Contact', { Name: `Импорт ${n}` });
    const rows = [...(standIn.stand.tables.get('Contact')?.rows.values() ?? [])].filter(
      ({ Name }) => Name !== 'Supervisor',
    );
    for (const row of rows) row.ModifiedOn = at;
    const seen = new Set<string>();
    let from: { cursor: Cursor | null; since?: Date } = { cursor: null, since: new Date('2026-09-01T07:00:00Z') };
    for (let page = 0, more = true; more && page < 20; page++) {
      const found = await changes(api, 'Contact', from);
      for (const { id } of found.items) seen.add(id);
      // After the first page somebody edits a hundred of those that were read.
      if (page === 0)
        for (const { id } of found.items.slice(0, 100)) change(standIn.stand, 'Contact', id, { Notes: 'x' });
      from = { cursor: found.next };
      more = found.more;
    }
    expect(seen.size).toBe(900);
  });

  test('a change that becomes visible late is caught by the overlap', async () => {
    const time = clock();
    const { standIn, api } = await open({ seed: false, now: time.now });
    const start = await pass(api, 'Contact', { cursor: null });
    time.later(100);
    insert(standIn.stand, 'Contact', { Name: 'Ранний' });
    time.later(2);
    insert(standIn.stand, 'Contact', { Name: 'Поздний' });
    const first = await pass(api, 'Contact', { cursor: start.cursor });
    expect(names(first.records)).toEqual(['Ранний', 'Поздний']);
    // Its transaction was open for half a minute: it carries the time of its beginning.
    const late = insert(standIn.stand, 'Contact', { Name: 'Открытая транзакция' });
    late.ModifiedOn = '2026-09-01T09:01:41.000000Z';
    time.later(30);
    const second = await pass(api, 'Contact', { cursor: first.cursor });
    expect(names(second.records)).toContain('Открытая транзакция');
    time.later(600);
    const third = await pass(api, 'Contact', { cursor: second.cursor });
    const fourth = await pass(api, 'Contact', { cursor: third.cursor });
    expect(fourth.records).toEqual([]);
  });

  test('from now means nothing old, by the stand’s clock', async () => {
    const time = clock('2031-01-01T00:00:00Z');
    const { standIn, api } = await open({ now: time.now });
    const start = await pass(api, 'Case', { cursor: null });
    expect(start.records).toEqual([]);
    time.later(5);
    standIn.createCase({ Subject: 'Новое' });
    expect(await pass(api, 'Case', { cursor: start.cursor })).toMatchObject({
      records: [{ values: { Subject: 'Новое' } }],
    });
  });

  test.each([
    ['behind', -10],
    ['ahead', 10],
  ])(
    'a stand whose clock is ten minutes %s tells what changes after the start, and nothing older',
    async (_, minutes) => {
      let off = (minutes - 1) * 60_000;
      const { standIn, api } = await open({ now: () => new Date(Date.now() + off) });
      standIn.createContact({ Name: 'До старта' });
      off = minutes * 60_000;
      const start = await pass(api, 'Contact', { cursor: null, since: new Date() });
      standIn.createContact({ Name: 'После старта' });
      const { records } = await pass(api, 'Contact', { cursor: start.cursor });
      expect(names([...start.records, ...records])).toEqual(['После старта']);
    },
  );

  test.each([true, false])(
    'the server’s own pages lose nothing, whether they tell of the next one (%s)',
    async (tellsNext) => {
      const time = clock();
      const { standIn, api } = await open({ seed: false, now: time.now });
      Object.assign(standIn.rules, { serverPage: 7, tellsNext });
      for (let n = 0; n < 40; n++) {
        time.later(1);
        insert(standIn.stand, 'Contact', { Name: `Контакт ${n}` });
      }
      time.later(600);
      const found = await pass(api, 'Contact', { cursor: null, since: new Date('2026-09-01T09:00:00Z') });
      expect(found.records).toHaveLength(40);
    },
  );

  test('a cursor that is none begins anew', async () => {
    const { api } = await open();
    expect(await failureOf(pass(api, 'Contact', { cursor: { nonsense: true } }))).toMatchObject({ kind: 'startOver' });
  });
});

test.each([
  ['one row of each page', 1],
  ['every row of each page, as by a flow that writes back', 500],
])('none of 4,000 of one moment is lost while %s is edited', async (_which, edited) => {
  const time = clock();
  const { standIn, api } = await openCreatio({ seed: false, now: time.now });
  standIn.stand.rules.fillsIn = false;
  const at = '2026-09-01T08:00:00.500000Z';
  const rows = Array.from({ length: 4000 }, (_, n) => insert(standIn.stand, 'Contact', { Name: `Импорт ${n}` }));
  for (const row of rows) row.ModifiedOn = at;
  const seen = new Set<string>();
  let from: { cursor: Cursor | null; since?: Date } = { cursor: null, since: new Date('2026-09-01T07:00:00Z') };
  let pages = 0;
  for (let more = true; more && pages < 100; pages++) {
    const page = await changes(api, 'Contact', from);
    for (const { id } of page.items) seen.add(id);
    const unedited = page.items.filter(({ changedAt }) => changedAt?.startsWith('2026-09-01T08'));
    for (const { id } of unedited.slice(0, edited)) change(standIn.stand, 'Contact', id, { Notes: 'x' });
    from = { cursor: page.next };
    more = page.more;
  }
  expect(rows.filter(({ Id }) => !seen.has(String(Id)))).toEqual([]);
  expect(pages).toBeLessThan(40);
});

test.each(['iso', 'ticks', 'offset', 'zoned'] as const)(
  'bpm’online: times in the zone of the stand, as %s',
  async (times) => {
    const time = clock();
    const fields = { responseTimeZone: 'Europe/Moscow' };
    const { standIn, api } = await openBpmonline({ seed: false, now: time.now, fields });
    Object.assign(standIn.rules, { timeZone: 'Europe/Moscow', times });
    const start = await pass(api, 'Contact', { cursor: null });
    time.later(3600);
    insert(standIn.stand, 'Contact', { Name: 'Первый' });
    time.later(3600);
    const first = await pass(api, 'Contact', { cursor: start.cursor });
    expect(first.records[0]?.changedAt).toMatch(/^2026-09-01T10:00:00/);
    insert(standIn.stand, 'Contact', { Name: 'Второй' });
    time.later(3600);
    const second = await pass(api, 'Contact', { cursor: first.cursor });
    expect(names(second.records)).toEqual(['Второй']);
    expect(second.records[0]?.changedAt).toMatch(/^2026-09-01T11:00:00/);
  },
);

describe('case entered a status', () => {
  const settings = { status: idFor('CaseStatus Передано инженеру') };
  const poll = async (
    api: Awaited<ReturnType<typeof openCreatio>>['api'],
    cursor: Cursor | null,
  ): Promise<{ entered: (string | undefined)[]; keys: string[]; cursor: Cursor }> => {
    const entered: (string | undefined)[] = [];
    const keys: string[] = [];
    let place = cursor;
    for (;;) {
      const page = await caseEnteredStatus.poll?.(api, { cursor: place, settings });
      if (!page) throw new Error('no poll');
      entered.push(...page.items.map(({ record }) => record?.values.Subject as string));
      keys.push(...page.items.map(({ key }) => key));
      place = JSON.parse(JSON.stringify(page.next)) as Cursor;
      if (!page.more) return { entered, keys, cursor: place };
    }
  };

  test('a case is told when it enters, not while it stands there, and again when it comes back', async () => {
    const time = clock();
    const { standIn, api } = await openCreatio({ now: time.now });
    const [oven = '', fridge = ''] = ['Не греет подовая печь', 'Холодильник гудит'].map(idFor);
    standIn.moveCase(oven, 'Передано инженеру');
    time.later(300);
    const start = await poll(api, null);
    expect(start.entered).toEqual([]);
    time.later(300);
    standIn.editCase(oven, { Symptoms: 'Стоит там с прошлого' });
    standIn.moveCase(fridge, 'Передано инженеру');
    const first = await poll(api, start.cursor);
    expect(first.entered).toEqual(['Холодильник гудит']);
    time.later(300);
    standIn.editCase(fridge, { Symptoms: 'Правка внутри состояния' });
    const second = await poll(api, first.cursor);
    expect(second.entered).toEqual([]);
    time.later(300);
    standIn.moveCase(fridge, 'Новое');
    const third = await poll(api, second.cursor);
    time.later(300);
    standIn.moveCase(fridge, 'Передано инженеру');
    standIn.createCase({ Subject: 'Сразу инженеру', StatusId: settings.status });
    const fourth = await poll(api, third.cursor);
    expect(fourth.entered).toEqual(['Холодильник гудит', 'Сразу инженеру']);
    expect(fourth.keys).not.toContain(first.keys[0]);
  });
});

test('a lead that has Status in the place of QualifyStatus enters a stage too', async () => {
  const time = clock();
  const { standIn, api } = await openCreatio({ now: time.now });
  const { schema } = tableOf(standIn.stand, 'Lead');
  schema.columns.delete('QualifyStatusId');
  addColumn(schema, 'StatusId', ['-> QualifyStatus', 'Состояние']);
  const settings = { status: standIn.valueOf('QualifyStatus', 'Распределение') };
  const begun = await leadEnteredStage.poll?.(api, { cursor: null, settings });
  time.later(300);
  standIn.createLead({ Contact: 'Новый', StatusId: settings.status });
  const page = await leadEnteredStage.poll?.(api, { cursor: begun?.next ?? null, settings });
  expect(page?.items).toMatchObject([{ details: { enteredStatus: { label: 'Распределение' } } }]);
});
