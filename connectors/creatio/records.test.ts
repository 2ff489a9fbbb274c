import { describe, expect, test, vi } from 'vitest';
import { createMemory } from '../../kit/testing/connection.ts';
import { discover } from './discover.ts';
import { addColumn } from './stand-in/objects.ts';
import { idFor } from './stand-in/seed.ts';
import { insert } from './stand-in/stand.ts';
import { connectTo, failureOf, input, openBpmonline, openCreatio, where } from './testing/bench.ts';
import { account, caseRecord, contact, lead } from './testing/records.ts';

const sokolova = idFor('Соколова Марина Игоревна');

describe.each([
  ['Creatio', openCreatio],
  ['bpm’online', openBpmonline],
] as const)('records of %s', (_name, open) => {
  test('columns are fields of their kinds, with the stand’s own captions', async () => {
    const { api } = await open();
    const fields = new Map((await contact.describe(api, {})).map((field) => [field.key, field]));
    expect(fields.get('Name')).toMatchObject({ label: 'ФИО', type: 'text', required: true, search: 'exact' });
    expect(fields.get('MobilePhone')).toMatchObject({ type: 'phone', search: 'text' });
    expect(fields.get('Email')).toMatchObject({ type: 'email', search: 'normalised' });
    expect(fields.get('BirthDate')).toMatchObject({ label: 'Дата рождения', type: 'date' });
    expect(fields.get('Account')).toMatchObject({ type: 'reference', target: 'account', search: 'exact' });
    expect(fields.get('Owner')).toMatchObject({ type: 'reference', target: 'contact' });
    expect(fields.get('Type')?.choices).toContainEqual({ id: idFor('ContactType Клиент'), label: 'Клиент' });
    expect(fields.get('UsrBonusPoints')).toMatchObject({ label: 'Бонусные баллы', type: 'number', custom: true });
    expect(fields.get('ModifiedOn')).toMatchObject({ type: 'datetime', readOnly: true, derived: true });
    expect(fields.has('ContactPhoto')).toBe(false);
  });

  test('a stand that gives no captions shows the usual names in both languages', async () => {
    const { standIn, api } = await open();
    standIn.captions.given = false;
    const fields = await contact.describe(api, {});
    expect(fields.find(({ key }) => key === 'JobTitle')?.label).toEqual({ en: 'Full job title', ru: 'Должность' });
    expect(fields.find(({ key }) => key === 'UsrLoyal')?.label).toBe('UsrLoyal');
    expect(fields.find(({ key }) => key === 'Name')).toMatchObject({ required: true });
    expect(fields.find(({ key }) => key === 'BirthDate')?.type).toBe('date');
  });

  test('empty is empty, and a number 0 is 0', async () => {
    const { standIn, api } = await open({ seed: false });
    const { id } = standIn.createContact({ Name: 'Пустой' });
    const record = await contact.get?.(api, id);
    expect(record?.values).toMatchObject({ Name: 'Пустой', UsrBonusPoints: 0, UsrLoyal: false, Completeness: 0 });
    for (const key of ['Account', 'Type', 'BirthDate', 'MobilePhone', 'Email', 'phones'])
      expect(record?.values, key).not.toHaveProperty(key);
  });

  test('lookups come with labels: choices and the names of other records', async () => {
    const { api } = await open();
    const [record] = (await contact.getMany?.(api, [sokolova])) ?? [];
    expect(record).toMatchObject({
      label: 'Соколова Марина Игоревна',
      values: {
        Type: { id: idFor('ContactType Клиент'), label: 'Клиент' },
        Account: { id: idFor('Пекарня «Каравай»'), label: 'Пекарня «Каравай»' },
        BirthDate: '1984-03-17',
        phones: ['+7 921 555-12-34'],
        emails: ['sokolova@karavay.example'],
      },
    });
  });

  test('a value added to a lookup since is found by its label', async () => {
    const { standIn, api } = await open();
    await caseRecord.describe(api, {});
    const status = insert(standIn.stand, 'CaseStatus', { Name: 'Ждёт запчасть' });
    const made = standIn.createCase({ Subject: 'Ждём', StatusId: status.Id });
    vi.setSystemTime(Date.now() + 2 * 60_000);
    const record = await caseRecord.get?.(api, made.id);
    vi.useRealTimers();
    expect(record?.values.Status).toEqual({ id: status.Id, label: 'Ждёт запчасть' });
  });

  test('a lookup with many values is a reference', async () => {
    const { standIn, api } = await open();
    for (let n = 0; n < 320; n++) insert(standIn.stand, 'City', { Name: `Город ${n}` });
    const city = (await contact.describe(api, {})).find(({ key }) => key === 'City');
    expect(city).toMatchObject({ type: 'reference', target: 'City' });
  });

  test('every object is a record type, own ones included, with their references', async () => {
    const { api } = await open();
    const types = await discover(api);
    const own = types.find(({ key }) => key === 'UsrServiceObject');
    const fields = (await own?.describe(api, {})) ?? [];
    expect(fields.find(({ key }) => key === 'UsrOwnerAccount')).toMatchObject({ type: 'reference', target: 'account' });
    const [record] = (await own?.newest?.(api, { limit: 1, settings: {} })) ?? [];
    expect(record).toMatchObject({ label: 'Печь подовая ХПЭ-500', values: { UsrInstalledOn: '2021-05-12' } });
    expect(types.map(({ key }) => key)).not.toContain('Contact');
    const found = await caseRecord.find?.(api, {
      where: [{ field: 'UsrServiceObject', values: [{ id: record?.id ?? '' }] }],
      limit: 5,
      settings: {},
    });
    expect(found?.map(({ label }) => label)).toEqual(['SR00000001']);
  });

  test('records by id come whole from a stand with pages of its own', async () => {
    const { standIn, api } = await open();
    standIn.rules.serverPage = 7;
    const ids = Array.from({ length: 20 }, (_, n) => standIn.createContact({ Name: `Контакт ${n}` }).id);
    expect((await contact.getMany?.(api, ids))?.map(({ id }) => id).sort()).toEqual([...ids].sort());
  });

  test('fifty records by id take few calls', async () => {
    const { standIn, api } = await open();
    const ids = Array.from({ length: 50 }, (_, n) => standIn.createContact({ Name: `Контакт ${n}` }).id);
    await contact.describe(api, {});
    const before = standIn.requests.length;
    const found = await contact.getMany?.(api, [...ids, '11111111-1111-4111-8111-111111111111', 'none']);
    expect(found?.map(({ id }) => id).sort()).toEqual([...ids].sort());
    expect(standIn.requests.length - before).toBeLessThanOrEqual(api.dialect.batch ? 3 : 7);
  });

  describe('finding', () => {
    const find = async (
      type: typeof contact,
      api: Awaited<ReturnType<typeof open>>['api'],
      ...by: Parameters<typeof where>
    ) => ((await type.find?.(api, { ...where(...by), settings: {} })) ?? []).map(({ label }) => label);

    test('by phone in any of its spellings, on the card and among the communication options', async () => {
      const { standIn, api } = await open();
      const CommunicationTypeId = standIn.valueOf('CommunicationType', 'Рабочий телефон');
      insert(standIn.stand, 'ContactCommunication', {
        Number: '8 812 700-11-22',
        CommunicationTypeId,
        ContactId: sokolova,
      });
      expect(await find(contact, api, 'MobilePhone', '+79115557701', '8 (911) 555-77-01')).toEqual([
        'Гусев Олег Петрович',
      ]);
      expect(await find(contact, api, 'phones', '+78127001122', '8 812 700-11-22')).toEqual([
        'Соколова Марина Игоревна',
      ]);
      expect(await find(contact, api, 'phones', '8 (911) 555-77-01')).toEqual(['Гусев Олег Петрович']);
      expect(await find(contact, api, 'phones', '+70000000000')).toEqual([]);
    });

    test('by e-mail whatever its case', async () => {
      const { api } = await open();
      expect(await find(contact, api, 'Email', 'Gusev@Ladoga.Example')).toEqual(['Гусев Олег Петрович']);
      expect(await find(contact, api, 'emails', 'GUSEV@ladoga.example')).toEqual(['Гусев Олег Петрович']);
    });

    test('by a lookup, by its label and by its id; a quote in a name is no end of it', async () => {
      const { standIn, api } = await open();
      standIn.createContact({ Name: "О'Коннор Шейла" });
      expect(await find(contact, api, 'Name', "О'Коннор Шейла")).toEqual(["О'Коннор Шейла"]);
      expect(await find(contact, api, 'Account', { id: idFor('Кафе «Ладога»') })).toEqual(['Гусев Олег Петрович']);
      expect(await find(contact, api, 'Account', { id: 'Кафе «Ладога»' })).toEqual(['Гусев Олег Петрович']);
      expect(await find(account, api, 'Type', { id: '', label: 'Наша компания' })).toEqual(['Сервис-Мастер']);
      expect(await find(contact, api, 'Account', { id: 'Нет такого' })).toEqual([]);
    });

    test('by a name of several is refused: nothing found would make a double', async () => {
      const { standIn, api } = await open();
      insert(standIn.stand, 'Account', { Name: 'Кафе «Ладога»' });
      expect(await failureOf(find(contact, api, 'Account', { id: 'Кафе «Ладога»' }))).toMatchObject({
        kind: 'rejected',
        code: 'creatio.name_of_several',
        field: 'Account',
      });
    });

    test('by half an emoji, cut off by somebody’s limit', async () => {
      const { api } = await open();
      expect(await find(contact, api, 'Name', 'Анна \ud83d')).toEqual([]);
    });

    test('by a field that cannot be searched is refused in words', async () => {
      const { api } = await open();
      expect(
        await failureOf(find(contact, api, 'BirthDate', '1984-03-17').then(() => find(contact, api, 'Nothing', 'x'))),
      ).toMatchObject({
        kind: 'rejected',
      });
    });
  });

  describe('writing', () => {
    test('sends lookups by name, keeps text whole, and shows the record as it is then', async () => {
      const { standIn, api } = await open();
      const written = await contact.create?.(
        api,
        input({
          Name: 'Ёлкин «Тест» & <Ко>',
          Account: { id: 'Кафе «Ладога»' },
          Type: { id: '', label: 'клиент' },
          UsrBonusPoints: 12.75,
          BirthDate: '1990-05-04',
          Notes: 'первая\nвторая',
        }),
      );
      const row = standIn.stand.tables.get('Contact')?.rows.get(written?.id ?? '');
      expect(row).toMatchObject({
        Name: 'Ёлкин «Тест» & <Ко>',
        AccountId: idFor('Кафе «Ладога»'),
        TypeId: idFor('ContactType Клиент'),
        UsrBonusPoints: 12.75,
        BirthDate: '1990-05-04T00:00:00.000000Z',
        Notes: 'первая\nвторая',
      });
      expect(written?.record?.values).toMatchObject({ Type: { label: 'Клиент' }, BirthDate: '1990-05-04' });
    });

    test('a name that no record has, or several have, is refused for that field', async () => {
      const { standIn, api } = await open();
      const make = (name: string) =>
        contact.create?.(api, input({ Name: 'Х', Account: { id: name } })) ?? Promise.resolve();
      expect(await failureOf(make('Нет такой'))).toMatchObject({ kind: 'rejected', field: 'Account' });
      insert(standIn.stand, 'Account', { Name: 'Кафе «Ладога»' });
      expect(await failureOf(make('Кафе «Ладога»'))).toMatchObject({ code: 'creatio.name_of_several' });
      expect(standIn.listContacts().filter(({ name }) => name === 'Х')).toEqual([]);
    });

    test('clears what is set to nothing', async () => {
      const { standIn, api } = await open();
      const values = { Account: null, JobTitle: null, BirthDate: null };
      await contact.update?.(api, { id: sokolova, values, current: null, settings: {} });
      expect(standIn.contact(sokolova)).toMatchObject({ account: '', jobTitle: '' });
      expect((await contact.get?.(api, sokolova))?.values).not.toHaveProperty('BirthDate');
    });

    test('phones become the list that is written; a spelling is no other number', async () => {
      const { standIn, api } = await open();
      const phones = ['8 (921) 555-12-34', '+7 812 700-11-22'];
      await contact.update?.(api, { id: sokolova, values: { phones }, current: null, settings: {} });
      expect(standIn.communications(sokolova).sort()).toEqual(
        ['+7 812 700-11-22', '+7 921 555-12-34', 'sokolova@karavay.example'].sort(),
      );
      await contact.update?.(api, {
        id: sokolova,
        values: { phones: ['+7 812 700-11-22'] },
        current: null,
        settings: {},
      });
      expect(standIn.communications(sokolova)).not.toContain('+7 921 555-12-34');
      expect(standIn.communications(sokolova)).toContain('sokolova@karavay.example');
    });

    test.each(['ignored', 'refused'] as const)(
      'ids of ours that are %s are found out by the first create',
      async (ids) => {
        const { standIn, api } = await open();
        standIn.stand.rules.clientIds = ids;
        const first = input({ Name: 'Первый' });
        const made = await contact.create?.(api, first);
        expect(made?.id).not.toBe(first.repeatKey);
        expect(await api.connection.memory.get('keepsOurIds')).toBe(false);
        expect(standIn.listContacts().filter(({ name }) => name === 'Первый')).toHaveLength(1);
        if (contact.repeat.kind !== 'recover') throw new Error('recover expected');
        expect(await contact.repeat.recover(api, first)).toMatchObject({ id: made?.id });
        expect(await contact.repeat.recover(api, input({ Name: 'Ещё не было' }))).toBe('notDone');
        await contact.create?.(api, input({ Name: 'Двойник' }));
        await contact.create?.(api, input({ Name: 'Двойник' }));
        expect(await contact.repeat.recover(api, input({ Name: 'Двойник' }))).toBe('unknown');
        expect(await contact.repeat.recover(api, input({ MobilePhone: '+79990000000' }))).toBe('unknown');
      },
    );

    test('a first create that is refused for its content tells nothing of ids', async () => {
      const { standIn, api } = await open();
      const failure = await failureOf(contact.create?.(api, input({ JobTitle: 'Без имени' })) ?? Promise.resolve());
      expect(failure).toMatchObject({ kind: 'rejected' });
      const made = input({ Name: 'С именем' });
      expect((await contact.create?.(api, made))?.id).toBe(made.repeatKey);
      expect(standIn.listContacts().filter(({ jobTitle }) => jobTitle === 'Без имени')).toEqual([]);
    });

    test('where ids are kept, a create that arrives twice meets itself', async () => {
      const { standIn, api } = await open();
      const same = input({ Contact: 'Лид', phones: [] });
      const first = await lead.create?.(api, same);
      const second = await lead.create?.(api, same);
      expect(second?.id).toBe(first?.id);
      expect(first?.id).toBe(same.repeatKey);
      expect(standIn.listLeads().filter(({ contact: name }) => name === 'Лид')).toHaveLength(1);
      if (lead.repeat.kind !== 'recover') throw new Error('recover expected');
      expect(await lead.repeat.recover(api, same)).toMatchObject({ id: first?.id });
      expect(await lead.repeat.recover(api, input({ Contact: 'Другой' }))).toBe('notDone');
    });

    test('a column that somebody added a moment ago is written and read', async () => {
      const { standIn, api } = await open();
      await contact.describe(api, {});
      const schema = standIn.stand.tables.get('Contact')?.schema;
      if (!schema) throw new Error('no schema');
      addColumn(schema, 'UsrRegion', ['text 50', 'Регион обслуживания']);
      for (const row of standIn.stand.tables.get('Contact')?.rows.values() ?? []) row.UsrRegion = 'Север';
      const later = connectTo(standIn, { memory: createMemory() });
      const record = await contact.get?.(later, sokolova);
      expect(record?.values.UsrRegion).toBe('Север');
    });
  });
});
