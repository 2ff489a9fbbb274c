import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Field } from '../../kit/field.ts';
import { fieldInfo, type Multifield } from './answers.ts';
import { multifieldChanges, newMultifields, readMultifields } from './multifields.ts';
import type { LiveField, Schema } from './schema.ts';
import { lacksLabel, plainText, readValue as readValueAt, toUtc, writeValue } from './values.ts';

const live = (type: string, field: Partial<Field>, more: object = {}): LiveField => ({
  name: 'some',
  info: fieldInfo.parse({ type, title: 'Поле', ...more }),
  field: { key: 'some', label: 'Поле', type: 'text', ...field },
});
const readValue = (raw: unknown, field: LiveField) => readValueAt(raw, field, '+02:00');
const schema: Schema = { entityTypeId: 2, fields: [], byKey: new Map(), baseCurrency: 'RUB' };

describe('times', () => {
  test.each([
    ['2024-07-23T18:19:21+02:00', '2024-07-23T16:19:21Z'],
    ['2024-07-23T18:19:21.250+00:00', '2024-07-23T18:19:21.250Z'],
    ['24.08.2023 13:19:39', '2023-08-24T11:19:39Z'],
    ['2024-08-29 10:30:11', '2024-08-29T08:30:11Z'],
    ['2024-08-29 10:30', '2024-08-29T08:30:00Z'],
    ['2024-08-29 10:30:11.5', '2024-08-29T08:30:11.500Z'],
    ['24.08.2023', '2023-08-23T22:00:00Z'],
    ['2023-08-24', '2023-08-23T22:00:00Z'],
    ['', null],
    ['not a time', null],
  ])('%j is %j', (raw, expected) => {
    expect(toUtc(raw, '+02:00')).toBe(expected);
  });

  test('a date is the day in the offset given', () => {
    const date = live('date', { type: 'date' });
    expect(readValue('2024-08-30T02:00:00+02:00', date)).toBe('2024-08-30');
    expect(readValue('2024-08-30T00:00:00+12:00', date)).toBe('2024-08-30');
    expect(readValue('', date)).toBeNull();
  });

  test('a time is sent with its offset', () => {
    expect(writeValue('2026-09-01T09:30:00Z', live('datetime', { type: 'datetime' }), schema)).toBe(
      '2026-09-01T09:30:00+00:00',
    );
  });
});

describe('values', () => {
  const options: Field['choices'] = [{ id: '41', label: 'Обычная' }];
  const enumeration = live('enumeration', { type: 'choice', choices: options }, { isDynamic: true });

  test('an enumeration that is not set comes as false, 0 or nothing', () => {
    for (const raw of [false, 0, '0', '', null, undefined]) expect(readValue(raw, enumeration)).toBeNull();
    expect(readValue('41', enumeration)).toEqual({ id: '41', label: 'Обычная' });
  });

  test('an option we do not know keeps its id, and is noticed', () => {
    const value = readValue(99, enumeration);
    expect(value).toEqual({ id: '99', label: '99' });
    expect(lacksLabel(value, enumeration.field)).toBe(true);
    expect(lacksLabel(readValue(41, enumeration), enumeration.field)).toBe(false);
  });

  test('an option is written by its number, given by id or by name', () => {
    for (const value of [{ id: '41', label: '' }, '41', ' обычная '])
      expect(writeValue(value, enumeration, schema)).toBe(41);
  });

  test('money is a number; it is written in the base currency', () => {
    const money = live('money', { type: 'number' });
    expect(readValue('1500.5|KZT', money)).toBe(1500.5);
    expect(writeValue(1500.5, money, schema)).toBe('1500.5|RUB');
    expect(writeValue('10|KZT', money, schema)).toBe('10|KZT');
  });

  test('flags come in many spellings', () => {
    const flag = live('boolean', { type: 'boolean' });
    for (const raw of ['Y', '1', 1, true]) expect(readValue(raw, flag)).toBe(true);
    for (const raw of ['N', '0', 0, false]) expect(readValue(raw, flag)).toBe(false);
    expect(readValue(null, flag)).toBeNull();
    expect(writeValue(false, flag, schema)).toBe('N');
    expect(writeValue(true, live('boolean', { type: 'boolean' }, { isDynamic: true }), schema)).toBe(1);
  });

  test('no reference is 0, and a list may be false', () => {
    const reference = live('crm_contact', { type: 'reference', target: 'contact' });
    expect(readValue(0, reference)).toBeNull();
    expect(readValue('12', reference)).toEqual({ id: '12' });
    expect(writeValue({ id: '12' }, reference, schema)).toBe(12);
    expect(writeValue(null, reference, schema)).toBe(0);
    expect(readValue(false, { ...reference, field: { ...reference.field, list: true } })).toBeNull();
  });

  test('a file keeps its number; the address with its key goes no further', () => {
    const raw = { id: 433, url: 'https://a/file', urlMachine: 'https://a/rest/1/secret/file' };
    expect(readValue(raw, live('file', { type: 'file' }))).toEqual({ id: '433', name: 'file-433' });
  });

  test('comments lose their BB codes and keep other brackets', () => {
    expect(plainText('\n[B]Жирный[/B] [I]курсив[/I]\n\n[LIST]\n[*]раз\n[*]два\n[/LIST]\n')).toBe(
      'Жирный курсив\n\n• раз\n• два',
    );
    expect(plainText('Смотри [URL=https://a.example/1]схему[/URL], деталь [12-40]')).toBe(
      'Смотри схему (https://a.example/1), деталь [12-40]',
    );
  });
});

describe('phones and e-mails', () => {
  test('are read whatever an odd row holds', () => {
    const rows = [
      { id: 1, typeId: 'PHONE', valueType: null, value: '+79161112233' },
      { id: 2, typeId: 'PHONE', valueType: 'WORK', value: null },
      { id: '3', typeId: 'EMAIL', value: ['a@b.example'] },
      { id: null, typeId: null, value: 5 },
      null,
    ];
    expect(readMultifields(rows)).toEqual({ phone: '+79161112233', phones: ['+79161112233'] });
  });

  const phones = ['+79161112233', '8 (916) 111-22-33', '9161112233', '+7 495 000-00-01', '+1 212 555 0100', 'доб. 12'];
  const phone = fc.constantFrom(...phones);
  const values = fc.record(
    {
      phone: fc.option(phone),
      phoneWork: fc.option(phone),
      phones: fc.array(phone),
      email: fc.constantFrom('a@b.example', 'A@B.example'),
    },
    { requiredKeys: [] },
  );
  const rows = fc
    .uniqueArray(fc.record({ value: phone, valueType: fc.constantFrom('WORK', 'MOBILE') }), {
      selector: (row) => row.value,
    })
    .map((list): Multifield[] => list.map((row, index) => ({ id: index + 1, typeId: 'PHONE', ...row })));

  /** What the portal keeps after it was told. */
  function applied(current: Multifield[], changes: ReturnType<typeof multifieldChanges>): Multifield[] {
    let next = 1000;
    let kept = current.map((row) => ({ ...row }));
    for (const [typeId, list] of Object.entries(changes))
      for (const change of list) {
        const row = kept.find((one) => one.id === change.ID);
        if (change.DELETE) kept = kept.filter((one) => one.id !== change.ID);
        else if (row) row.value = change.VALUE ?? '';
        else kept.push({ id: next++, typeId, valueType: change.VALUE_TYPE ?? '', value: change.VALUE ?? '' });
      }
    return kept;
  }
  const given = (input: object) =>
    Object.values(input)
      .flat()
      .filter((value) => value !== null) as string[];

  test('whatever is written is there afterwards, and no value twice that was there once', () => {
    fc.assert(
      fc.property(values, rows, (wanted, current) => {
        const after = applied(current, multifieldChanges(wanted as never, current, 'RU'));
        const again = newMultifields({ phones: after.map((row) => row.value) } as never, 'RU').length;
        const before = newMultifields({ phones: current.map((row) => row.value) } as never, 'RU').length;
        // Spellings of one number that somebody typed twice stay as they are: nothing of ours was added.
        expect(after.length - again).toBeLessThanOrEqual(current.length - before);
      }),
    );
  });

  test('writing the same again changes nothing, unless something is cleared', () => {
    fc.assert(
      fc.property(values, rows, (wanted, current) => {
        fc.pre(!Object.values(wanted).includes(null as never));
        const after = applied(current, multifieldChanges(wanted as never, current, 'RU'));
        expect(multifieldChanges(wanted as never, after, 'RU')).toEqual({});
        expect(given(wanted).length === 0 || after.length > 0).toBe(true);
      }),
    );
  });
});
