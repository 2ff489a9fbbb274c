import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Cursor, Rec, RecordType } from '../../kit/record-type.ts';
import { expectKind } from '../../kit/testing/bench.ts';
import type { Api } from './api.ts';
import { company } from './records/company.ts';
import { contact } from './records/contact.ts';
import { deal } from './records/deal.ts';
import { lead } from './records/lead.ts';
import { connectTo } from './stand-in/connect.ts';
import { type Bitrix24StandIn, startBitrix24StandIn } from './stand-in.ts';

let standIn: Bitrix24StandIn;
let api: Api;
/** The portal's clock. */
let now: Date;

beforeEach(async () => {
  now = new Date('2026-09-01T09:00:00Z');
  standIn = await startBitrix24StandIn({ limited: false, now: () => now });
  api = connectTo(standIn);
});
afterEach(() => standIn.stop());

const later = (seconds: number) => {
  now = new Date(now.getTime() + seconds * 1000);
};
const methodsCalled = () => standIn.requests.map((request) => request.path.split('/').at(-1));
const calls = (method: string) => methodsCalled().filter((name) => name === method).length;
const written = (method: string): Record<string, unknown>[] =>
  standIn.requests
    .filter((request) => request.path.endsWith(`/${method}`))
    .map((request) => JSON.parse(request.rawBody.toString()) as Record<string, unknown>);

async function load(type: RecordType<Api>, id: number | string): Promise<Rec> {
  const record = await type.get?.(api, String(id));
  return record ?? expect.fail(`no ${type.key} ${id}`);
}

/** All pages that wait from a place. */
async function pass(
  type: RecordType<Api>,
  cursor: Cursor | null,
  since?: Date,
): Promise<{ ids: string[]; cursor: Cursor }> {
  const ids: string[] = [];
  let place = cursor;
  for (let first = true; ; first = false) {
    const page = await type.changes?.(api, { cursor: place, settings: {}, ...(first && since && { since }) });
    if (!page) return expect.fail('no changes');
    ids.push(...page.items.map((item) => item.id));
    place = JSON.parse(JSON.stringify(page.next)) as Cursor;
    if (!page.more) return { ids, cursor: place };
  }
}

describe('fields', () => {
  test('a stage is a choice by its name, headed by the pipeline, and a new stage is found without a restart', async () => {
    const stage = (await deal.describe(api, {})).find((field) => field.key === 'stage');
    expect(stage?.choices).toContainEqual({ id: 'C1:UC_SERVICE', label: 'Сервисная служба', group: 'Сервис' });
    expect(stage?.choices).toContainEqual({ id: 'UC_SERVICE', label: 'Сервисная служба', group: 'Продажи' });
    const status = {
      entityId: 'DEAL_STAGE_1',
      statusId: 'C1:UC_NEW',
      name: 'Ждём запчасть',
      semantics: null,
      categoryId: 1,
    };
    standIn.portal.statuses.push(status);
    const described = (await deal.describe(api, {})).find((field) => field.key === 'stage');
    expect(described?.choices).toContainEqual({ id: 'C1:UC_NEW', label: 'Ждём запчасть', group: 'Сервис' });
  });

  test('users’ own fields have their labels and options', async () => {
    const fields = await deal.describe(api, {});
    const by = (key: string) => fields.find((field) => field.key === key);
    expect(by('ufCrm_1700000001')).toMatchObject({
      label: 'Срочность',
      type: 'choice',
      custom: true,
      choices: [
        { id: '41', label: 'Обычная' },
        { id: '42', label: 'Высокая' },
        { id: '43', label: 'Авария' },
      ],
    });
    expect(by('ufCrm_1700000008')).toMatchObject({ type: 'text', list: true });
    expect(by('ufCrm_1700000010')).toMatchObject({ type: 'file', readOnly: true });
  });

  test('a dictionary of more than 50 options is read to its end', async () => {
    for (let n = 0; n < 70; n++)
      standIn.portal.statuses.push({
        entityId: 'SOURCE',
        statusId: `S${n}`,
        name: `Источник ${n}`,
        semantics: null,
        categoryId: null,
      });
    const source = (await deal.describe(api, {})).find((field) => field.key === 'sourceId');
    expect(source?.choices).toHaveLength(74);
  });

  test('an account that may not list user fields gets the options as bare ids', async () => {
    standIn.switches.noUserFieldRights = true;
    const urgency = (await deal.describe(api, {})).find((field) => field.key === 'ufCrm_1700000001');
    expect(urgency).toMatchObject({ label: 'Срочность', type: 'text' });
    const [first] = standIn.listDeals();
    expect((await load(deal, first?.id ?? 0)).values.ufCrm_1700000001).toBe('43');
  });
});

describe('reading', () => {
  test('a deal has its values by type, its links and its page', async () => {
    const [first] = standIn.listDeals();
    const record = await load(deal, first?.id ?? 0);
    expect(record).toMatchObject({
      label: 'Не греет кофемашина La Marzocco',
      url: `${standIn.url}/crm/deal/details/${first?.id}/`,
      values: {
        stage: { id: 'C1:NEW', label: 'Новая', group: 'Сервис' },
        category: { id: '1', label: 'Сервис' },
        opportunity: 18500,
        currencyId: { id: 'RUB', label: 'Российский рубль' },
        ufCrm_1700000001: { id: '43', label: 'Авария' },
        comments: 'С утра не набирает температуру. Второй бойлер холодный.',
        contact: { id: String(first?.contactId) },
        company: { id: String(first?.companyId) },
      },
    });
    expect((await fetch(record.url ?? '')).status).toBe(200);
  });

  test('the tail of an address field is cut', async () => {
    const place = standIn.listDeals().find((item) => item.ufCrm_1700000002);
    expect((await load(deal, place?.id ?? 0)).values.ufCrm_1700000002).toBe('Калининградская ул., 12, Королёв');
  });

  test('phones, e-mails and the address of a contact', async () => {
    const [record] =
      (await contact.find?.(api, {
        where: [{ field: 'phone', values: ['+79162043177'] }],
        limit: 5,
        settings: {},
      })) ?? [];
    expect(record?.label).toBe('Иван Петрович Кузнецов');
    expect(record?.values).toMatchObject({
      phone: '8 (916) 204-31-77',
      phoneWork: '+7 495 120-45-67',
      phones: ['8 (916) 204-31-77', '+7 495 120-45-67'],
      email: 'kuznetsov@kofe-myasnitskaya.example',
      address: '101000, Россия, Москва, Мясницкая ул., 24/7, стр. 1',
    });
  });

  test('a lead’s own address', async () => {
    const item = standIn.createLead({ title: 'Лид' });
    standIn.portal.addresses.push({
      requisiteId: null,
      entityTypeId: 1,
      entityId: item.id,
      typeId: 1,
      street: 'ул. Мира, 5',
      city: 'Пермь',
    });
    expect((await load(lead, item.id)).values.address).toBe('Пермь, ул. Мира, 5');
  });

  test('without the right to company details a contact has no address, and nothing fails', async () => {
    standIn.switches.noDetailsRights = true;
    const [record] = (await contact.newest?.(api, { limit: 1, settings: {} })) ?? [];
    expect(record?.values.email).toBeDefined();
    expect(record?.values).not.toHaveProperty('address');
  });

  test('where * leaves users’ own fields out, they are read beside, and phones stay', async () => {
    const item = standIn.createContact({
      name: 'Яна',
      ufCrm_1700000011: 'утром',
      fm: [{ typeId: 'PHONE', value: '+79990001122' }],
    });
    standIn.switches.starOmitsUserFields = true;
    const [record] = (await contact.getMany?.(api, [String(item.id)])) ?? [];
    expect(record?.values).toMatchObject({ phone: '+79990001122', ufCrm_1700000011: 'утром' });
  });

  test('120 records take three calls, and their addresses two a page', async () => {
    const ids = Array.from({ length: 120 }, (_, n) => String(standIn.createCompany({ title: `Компания ${n}` }).id));
    await company.describe(api, {});
    standIn.requests.length = 0;
    const found = await company.getMany?.(api, [...ids, '999999999', ids[0] ?? '']);
    expect(found?.map((record) => record.id).sort()).toEqual(ids.sort());
    expect(calls('crm.item.list')).toBe(3);
    expect(standIn.requests.length).toBeLessThanOrEqual(9);
  });

  test('a record that is gone is null', async () => {
    const [first] = standIn.listDeals();
    standIn.deleteDeal(first?.id ?? 0);
    expect(await deal.get?.(api, String(first?.id))).toBeNull();
  });
});

describe('changes', () => {
  test('many with one time stamp come once each, over several pages', async () => {
    const start = await pass(deal, null);
    expect(start.ids).toEqual([]);
    const made = Array.from({ length: 120 }, (_, n) => String(standIn.createDeal({ title: `Сделка ${n}` }).id));
    const found = await pass(deal, start.cursor);
    expect(found.ids).toEqual(made);
  });

  test('a record that changes while pages are read hides no other', async () => {
    const start = await pass(deal, null);
    const made = Array.from({ length: 60 }, (_, n) => standIn.createDeal({ title: `Сделка ${n}` }).id);
    const first = await deal.changes?.(api, { cursor: start.cursor, settings: {} });
    later(5);
    standIn.editDeal(made[0] ?? 0, { title: 'Изменена между страницами' });
    const rest = await pass(deal, first?.next ?? null);
    expect(new Set([...(first?.items.map((item) => Number(item.id)) ?? []), ...rest.ids.map(Number)])).toEqual(
      new Set(made),
    );
    const next = await pass(deal, rest.cursor);
    expect(next.ids).toContain(String(made[0]));
  });

  test('the last minute is read again, what is older is not', async () => {
    const start = await pass(deal, null);
    const { id } = standIn.createDeal({ title: 'Одна' });
    const first = await pass(deal, start.cursor);
    expect(first.ids).toEqual([String(id)]);
    expect((await pass(deal, first.cursor)).ids).toEqual([String(id)]);
    later(61);
    const old = await pass(deal, first.cursor);
    expect(old.ids).toEqual([String(id)]);
    expect((await pass(deal, old.cursor)).ids).toEqual([]);
  });

  test('a backfill begins where it is told', async () => {
    const before = (await pass(deal, null, new Date('2026-08-20T00:00:00Z'))).ids;
    expect(before).toHaveLength(12);
    expect((await pass(deal, null, new Date('2026-08-31T00:00:00Z'))).ids.length).toBeLessThan(12);
  });

  test('a place that is no place starts over', async () => {
    await expectKind(deal.changes?.(api, { cursor: { page: 3 }, settings: {} }) ?? Promise.resolve(), 'startOver');
  });
});

describe('finding', () => {
  const find = (type: RecordType<Api>, where: { field: string; values: (string | number)[] }[]) =>
    type.find?.(api, { where, limit: 5, settings: {} });

  test('every condition must hold, any of its values will do', async () => {
    const deals = standIn.listDeals();
    const found = await find(deal, [
      { field: 'stage', values: ['C1:NEW', 'C1:EXECUTING'] },
      { field: 'opportunity', values: [18500, 64000] },
    ]);
    expect(found?.map((record) => record.id)).toEqual([String(deals[1]?.id), String(deals[0]?.id)]);
  });

  test('by e-mail and name together', async () => {
    const where = [{ field: 'email', values: ['lebedev@udoma.example'] }];
    expect(await find(contact, [...where, { field: 'lastName', values: ['Лебедев'] }])).toHaveLength(1);
    expect(await find(contact, [...where, { field: 'lastName', values: ['Чернов'] }])).toEqual([]);
  });

  test('more spellings of a phone than one call takes', async () => {
    const spellings = [...Array.from({ length: 25 }, (_, n) => `+7000000${1000 + n}`), '+79859999999', '89851182236'];
    expect((await find(contact, [{ field: 'phone', values: spellings }]))?.[0]?.label).toContain('Чернов');
    expect(calls('crm.duplicate.findbycomm')).toBe(2);
  });

  test('a field that cannot be searched is named', async () => {
    const error = await expectKind(find(deal, [{ field: 'nosuch', values: ['1'] }]) ?? Promise.resolve(), 'rejected');
    expect(error.field).toBe('nosuch');
  });
});

describe('writing', () => {
  const create = (type: RecordType<Api>, values: Rec['values'], repeatKey = 'key-1') =>
    type.create?.(api, { values, settings: {}, repeatKey });

  test('a new record carries our key, unless the mapping sets the origin itself', async () => {
    const first = await create(deal, { title: 'Наша' });
    expect(standIn.deal(Number(first?.id))).toMatchObject({ originatorId: 'mostik', originId: 'key-1' });
    const own = { title: 'Своя', originatorId: 'hubex', originId: '77' };
    const second = await create(deal, own, 'key-2');
    expect(standIn.deal(Number(second?.id))).toMatchObject({ originatorId: 'hubex', originId: '77' });
    const rule = deal.repeat.kind === 'recover' ? deal.repeat : expect.fail('no rule');
    expect(await rule.recover(api, { values: own, settings: {}, repeatKey: 'key-2' })).toBe('unknown');
    expect(await rule.recover(api, { values: { title: 'Наша' }, settings: {}, repeatKey: 'key-9' })).toBe('notDone');
  });

  test('a stage of another pipeline brings its pipeline along, in one call', async () => {
    const sale = standIn.listDeals().find((item) => item.categoryId === 0);
    const current = await load(deal, sale?.id ?? 0);
    await deal.update?.(api, {
      id: current.id,
      values: { stage: { id: 'C1:UC_SERVICE', label: '' } },
      current,
      settings: {},
    });
    expect(standIn.deal(Number(current.id))).toMatchObject({ stageId: 'C1:UC_SERVICE', categoryId: 1 });
    expect(standIn.portal.history.at(-1)).toMatchObject({ typeId: 5, ownerId: Number(current.id) });
    expect(written('crm.item.update')).toEqual([
      { entityTypeId: 2, id: Number(current.id), fields: { stageId: 'C1:UC_SERVICE', categoryId: 1 } },
    ]);
  });

  test('a stage of the same pipeline is sent alone, and may be given by its name', async () => {
    const [first] = standIn.listDeals();
    const current = await load(deal, first?.id ?? 0);
    await deal.update?.(api, {
      id: current.id,
      values: { stage: { id: 'C1:EXECUTING', label: '' } },
      current,
      settings: {},
    });
    expect(written('crm.item.update').at(-1)?.fields).toEqual({ stageId: 'C1:EXECUTING' });
    const answer = await deal.update?.(api, { id: current.id, values: { sourceId: 'Сайт' }, current, settings: {} });
    expect(answer?.record?.values.sourceId).toEqual({ id: 'WEB', label: 'Сайт' });
  });

  test('null clears a field', async () => {
    const [first] = standIn.listDeals();
    const current = await load(deal, first?.id ?? 0);
    const values = { comments: null, ufCrm_1700000001: null, contacts: null };
    const answer = await deal.update?.(api, { id: current.id, values, current, settings: {} });
    for (const key of Object.keys(values)) expect(answer?.record?.values, key).not.toHaveProperty(key);
  });

  test('what the answer of an update shows equals what a load shows', async () => {
    const [person] = (await contact.newest?.(api, { limit: 1, settings: {} })) ?? [];
    const current = await load(contact, person?.id ?? '');
    const answer = await contact.update?.(api, {
      id: current.id,
      values: { post: 'Инженер', phone: '+7 900 000-00-01' },
      current,
      settings: {},
    });
    expect(answer?.record?.values).toEqual((await load(contact, current.id)).values);
    expect(answer?.record?.values).toMatchObject({
      post: 'Инженер',
      phone: '+7 900 000-00-01',
      address: current.values.address,
    });
  });

  test('a required field that is empty is named by its key', async () => {
    standIn.portal.requiredAt['C1:EXECUTING'] = 'ufCrm_1700000007';
    const [first] = standIn.listDeals();
    const current = await load(deal, first?.id ?? 0);
    const values = { stage: { id: 'C1:EXECUTING', label: '' } };
    const error = await expectKind(
      deal.update?.(api, { id: current.id, values, current, settings: {} }) ?? Promise.resolve(),
      'rejected',
    );
    expect(error.field).toBe('ufCrm_1700000007');
    expect(standIn.deal(Number(current.id)).stageId).toBe('C1:NEW');
  });

  test('a stage that was deleted is refused, and nothing is half-written', async () => {
    const [first] = standIn.listDeals();
    const current = await load(deal, first?.id ?? 0);
    const values = { title: 'Новое имя', stage: { id: 'C1:UC_GONE', label: '' } };
    const error = await expectKind(
      deal.update?.(api, { id: current.id, values, current, settings: {} }) ?? Promise.resolve(),
      'rejected',
    );
    expect(error.field).toBe('stage');
    expect(standIn.deal(Number(current.id)).title).toBe(first?.title);
  });
});

describe('phones and e-mails', () => {
  const numbers = (id: number) =>
    standIn.portal.items
      .get(3)
      ?.get(id)
      ?.fm?.map((row) => `${row.typeId} ${row.valueType} ${row.value}`);
  const anna = () =>
    standIn.createContact({
      name: 'Анна',
      fm: [
        { typeId: 'PHONE', valueType: 'MOBILE', value: '8 (916) 111-22-33' },
        { typeId: 'PHONE', valueType: 'WORK', value: '+7 495 000-00-01' },
        { typeId: 'EMAIL', valueType: 'WORK', value: 'Anna@Example.com' },
      ],
    }).id;
  const set = async (id: number, values: Rec['values']) =>
    contact.update?.(api, { id: String(id), values, current: await load(contact, id), settings: {} });

  test('a number that is there in another spelling is not sent', async () => {
    const id = anna();
    const before = numbers(id);
    await set(id, { phone: '+79161112233', phones: ['+7 (495) 000 00 01', '89161112233'], email: 'anna@example.com' });
    expect(numbers(id)).toEqual(before);
    expect(JSON.stringify(written('batch'))).not.toContain('crm.contact.update');
  });

  test('a new number takes the place of the one of its kind', async () => {
    const id = anna();
    await set(id, { phoneWork: '+7 495 777-77-77', post: 'Директор' });
    expect(numbers(id)).toEqual([
      'PHONE MOBILE 8 (916) 111-22-33',
      'PHONE WORK +7 495 777-77-77',
      'EMAIL WORK Anna@Example.com',
    ]);
    expect(standIn.portal.items.get(3)?.get(id)?.post).toBe('Директор');
  });

  test('first and work phone at once change two rows', async () => {
    const id = anna();
    await set(id, { phone: '+7 900 000-00-01', phoneWork: '+7 900 000-00-02' });
    expect(numbers(id)?.slice(0, 2)).toEqual(['PHONE MOBILE +7 900 000-00-01', 'PHONE WORK +7 900 000-00-02']);
  });

  test('a list adds what is missing and removes nothing; doing it again changes nothing', async () => {
    const id = anna();
    await set(id, { emails: ['anna@example.com', 'a.belova@example.com'], phones: ['+7 900 000-00-03'] });
    const once = numbers(id);
    expect(once).toHaveLength(5);
    await set(id, { emails: ['anna@example.com', 'a.belova@example.com'], phones: ['+7 900 000-00-03'] });
    expect(numbers(id)).toEqual(once);
  });

  test('null removes the first one', async () => {
    const id = anna();
    await set(id, { phone: null, email: null });
    expect(numbers(id)).toEqual(['PHONE WORK +7 495 000-00-01']);
  });

  test('a new contact gets each number once', async () => {
    const values = {
      name: 'Олег',
      phone: '+7 900 000-00-09',
      phoneWork: '89000000009',
      phones: ['+79000000009', '+79000000010'],
    };
    const made = await contact.create?.(api, { values, settings: {}, repeatKey: 'k' });
    expect(numbers(Number(made?.id))).toEqual(['PHONE WORK +7 900 000-00-09', 'PHONE WORK +79000000010']);
  });
});
