import { describe, expect, test } from 'vitest';
import { idFor } from './stand-in/seed.ts';
import { asked, failureOf, input, openBpmonline, openCreatio, where } from './testing/bench.ts';
import { caseRecord, contact } from './testing/records.ts';

const sokolova = idFor('Соколова Марина Игоревна');

describe('what Creatio leaves open', () => {
  test('without $batch the same records come one filter after the other, and it is remembered', async () => {
    const { standIn, api } = await openCreatio();
    standIn.rules.batch = false;
    const ids = Array.from({ length: 45 }, (_, n) => standIn.createContact({ Name: `Контакт ${n}` }).id);
    expect(await contact.getMany?.(api, ids)).toHaveLength(45);
    const batches = () => asked(standIn).filter((line) => line.includes('$batch')).length;
    const before = batches();
    expect(before).toBe(1);
    await contact.getMany?.(api, ids);
    expect(batches()).toBe(before);
  });

  test('a $batch that stops at the first part that failed is gone on with', async () => {
    const { standIn, api } = await openCreatio();
    standIn.rules.batchGoesOn = false;
    const ask = { select: ['Id'], top: 1 };
    const entities = ['Account', 'UsrNothing', 'Contact', 'Lead'];
    const pages = await api.listMany(entities.map((entity) => ({ entity, ask })));
    expect(pages.map((page) => 'rows' in page)).toEqual([true, false, true, true]);
  });

  test('a part of a $batch that is busy is no answer: choices stay choices', async () => {
    const { standIn, api } = await openCreatio();
    await api.model();
    await api.captions('Contact');
    const responses = Array.from({ length: 40 }, (_, n) => ({ id: String(n), status: 503, body: {} }));
    const fields = () => contact.describe(api, {});
    standIn.faults.once.push({ status: 200, body: { success: false } }, { status: 200, body: { responses } });
    expect(await failureOf(fields())).toMatchObject({ kind: 'temporary' });
    expect((await fields()).find(({ key }) => key === 'Type')?.type).toBe('choice');
  });

  test('without $select inside $expand references keep their ids', async () => {
    const { standIn, api } = await openCreatio();
    standIn.rules.nestedSelect = false;
    const [record] = (await contact.getMany?.(api, [sokolova])) ?? [];
    expect(record?.values.Account).toEqual({ id: idFor('Пекарня «Каравай»') });
    expect(await contact.newest?.(api, { limit: 2, settings: {} })).toHaveLength(2);
  });

  test('without tolower() e-mails are asked for letter by letter', async () => {
    const { standIn, api } = await openCreatio();
    standIn.rules.tolower = false;
    const found = await contact.find?.(api, { ...where('Email', 'gusev@ladoga.example'), settings: {} });
    expect(found?.map(({ label }) => label)).toEqual(['Гусев Олег Петрович']);
  });

  test('decimals as text, no BOM', async () => {
    const { standIn, api } = await openCreatio();
    Object.assign(standIn.rules, { decimalsAsText: true, bom: false });
    const { id } = standIn.createContact({ Name: 'Бонусный', UsrBonusPoints: 3492 });
    expect((await contact.get?.(api, id))?.values.UsrBonusPoints).toBe(3492);
  });

  test('microseconds stay in what is read', async () => {
    const { standIn, api } = await openCreatio();
    const row = standIn.stand.tables.get('Contact')?.rows.get(sokolova);
    if (row) row.CreatedOn = '2024-07-05T04:33:37.315174Z';
    expect((await contact.get?.(api, sokolova))?.values.CreatedOn).toBe('2024-07-05T04:33:37.315174Z');
  });
});

describe('what bpm’online leaves open', () => {
  test('answers in Atom are read like JSON', async () => {
    const { standIn, api } = await openBpmonline();
    standIn.rules.xml = true;
    const [record] = (await contact.getMany?.(api, [sokolova])) ?? [];
    expect(record?.values).toMatchObject({
      Name: 'Соколова Марина Игоревна',
      Account: { label: 'Пекарня «Каравай»' },
      UsrLoyal: false,
      UsrBonusPoints: 0,
    });
    expect((await contact.create?.(api, input({ Name: 'Из XML & <тегов>' })))?.label).toBe('Из XML & <тегов>');
  });

  test.each(['iso', 'ticks', 'offset', 'zoned'] as const)(
    'days and empty times, as %s, west and east of UTC',
    async (times) => {
      for (const timeZone of ['America/New_York', 'Asia/Vladivostok', 'UTC']) {
        const { standIn, api } = await openBpmonline({ fields: { responseTimeZone: timeZone } });
        Object.assign(standIn.rules, { timeZone, times });
        const [born] = (await contact.getMany?.(api, [sokolova])) ?? [];
        expect(born?.values.BirthDate, timeZone).toBe('1984-03-17');
        const { id } = standIn.createCase({ Subject: 'Без срока' });
        const record = await caseRecord.get?.(api, id);
        expect(record?.values, timeZone).not.toHaveProperty('SolutionDate');
        expect(record?.createdAt?.slice(0, 19), timeZone).toBe(record?.changedAt?.slice(0, 19));
        const empty = await contact.get?.(api, standIn.createContact({ Name: 'Пустой' }).id);
        expect(empty?.values, timeZone).not.toHaveProperty('BirthDate');
      }
    },
  );

  test('lists without `results`', async () => {
    const { standIn, api } = await openBpmonline();
    standIn.rules.bareLists = true;
    expect(await contact.newest?.(api, { limit: 2, settings: {} })).toHaveLength(2);
  });

  test('MERGE that does not pass goes as POST with X-HTTP-Method, remembered', async () => {
    const { standIn, api } = await openBpmonline();
    standIn.rules.merge = false;
    const update = (JobTitle: string) =>
      contact.update?.(api, { id: sokolova, values: { JobTitle }, current: null, settings: {} });
    await update('Директор');
    expect(standIn.contact(sokolova).jobTitle).toBe('Директор');
    const merges = () => asked(standIn).filter((line) => line.startsWith('MERGE')).length;
    expect(merges()).toBe(1);
    await update('Управляющая');
    expect(merges()).toBe(1);
    expect(standIn.contact(sokolova).jobTitle).toBe('Управляющая');
  });

  test('where neither passes, the whole record goes as PUT and nothing of it is emptied; remembered', async () => {
    const { standIn, api } = await openBpmonline();
    Object.assign(standIn.rules, { merge: false, tunnel: false });
    const update = (JobTitle: string) =>
      contact.update?.(api, { id: sokolova, values: { JobTitle }, current: null, settings: {} });
    await update('Директор');
    expect(standIn.contact(sokolova)).toMatchObject({
      jobTitle: 'Директор',
      mobilePhone: '+7 921 555-12-34',
      account: 'Пекарня «Каравай»',
    });
    await update('Управляющая');
    expect(asked(standIn).filter((line) => line.startsWith('MERGE'))).toHaveLength(1);
    expect(standIn.contact(sokolova).jobTitle).toBe('Управляющая');
  });

  test('PATCH, where somebody chose it, is not MERGE', async () => {
    const { standIn, api } = await openBpmonline({ fields: { updateVerb: 'PATCH' } });
    standIn.rules.merge = false;
    const values = { JobTitle: 'Директор' };
    await contact.update?.(api, { id: sokolova, values, current: null, settings: {} });
    expect(asked(standIn).filter((line) => !/^(GET|PATCH|POST \/(ServiceModel|0\/DataService))/.test(line))).toEqual(
      [],
    );
    expect(standIn.contact(sokolova).jobTitle).toBe('Директор');
  });

  test('PUT, where somebody chose it, empties nothing', async () => {
    const { standIn, api } = await openBpmonline({ fields: { updateVerb: 'PUT' } });
    const values = { JobTitle: 'Директор' };
    await contact.update?.(api, { id: sokolova, values, current: null, settings: {} });
    expect(standIn.contact(sokolova)).toMatchObject({
      jobTitle: 'Директор',
      mobilePhone: '+7 921 555-12-34',
      account: 'Пекарня «Каравай»',
    });
  });
});
