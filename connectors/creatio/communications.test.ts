import { describe, expect, test } from 'vitest';
import { change, insert, type StandRow, tableOf } from './stand-in/stand.ts';
import { failureOf, openBpmonline, openCreatio, where } from './testing/bench.ts';
import { contact } from './testing/records.ts';

type Opened = Awaited<ReturnType<typeof openCreatio>> | Awaited<ReturnType<typeof openBpmonline>>;

const optionsOf = ({ standIn }: Opened, id: string): StandRow[] =>
  [...tableOf(standIn.stand, 'ContactCommunication').rows.values()].filter(({ ContactId }) => ContactId === id);
const write = ({ api }: Opened, id: string, phones: string[]) =>
  contact.update?.(api, { id, values: { phones }, current: null, settings: {} }) ?? Promise.resolve();

describe.each([
  ['Creatio', openCreatio],
  ['bpm’online', openBpmonline],
] as const)('communication options of %s', (_name, open) => {
  test('show the numbers of the card too, each once', async () => {
    const { standIn, api } = await open();
    standIn.stand.rules.fillsIn = false;
    const { id } = standIn.createContact({
      Name: 'Карточка',
      MobilePhone: '+7 911 000-00-01',
      Phone: '8 812 700 11 22',
    });
    const CommunicationTypeId = standIn.valueOf('CommunicationType', 'Рабочий телефон');
    insert(standIn.stand, 'ContactCommunication', { Number: '+7 812 700-11-22', CommunicationTypeId, ContactId: id });
    const [found] = (await contact.find?.(api, { ...where('phones', '+7 911 000-00-01'), settings: {} })) ?? [];
    expect(found).toMatchObject({ id, values: { phones: ['+7 812 700-11-22', '+7 911 000-00-01'] } });
  });

  test.each([
    ['a mobile one, where there is one', [], 'Мобильный телефон'],
    ['else one at work', ['Мобильный телефон'], 'Рабочий телефон'],
    ['else any', ['Мобильный телефон', 'Рабочий телефон'], 'Домашний телефон'],
  ])('a written phone is %s', async (_which, gone, type) => {
    const opened = await open();
    const { standIn } = opened;
    for (const name of gone) standIn.change('CommunicationType', name, { Name: `Skype ${name.slice(0, 3)}` });
    const { id } = standIn.createContact({ Name: 'Тип' });
    await write(opened, id, ['+7 921 700-11-22']);
    expect(optionsOf(opened, id)).toMatchObject([{ CommunicationTypeId: standIn.valueOf('CommunicationType', type) }]);
  });

  test('a phone is refused in words where no type is called one', async () => {
    const opened = await open();
    const { standIn } = opened;
    for (const [n, row] of [...tableOf(standIn.stand, 'CommunicationType').rows.values()].entries())
      row.Name = `Вид ${n}`;
    const { id } = standIn.createContact({ Name: 'Тип' });
    expect(await failureOf(write(opened, id, ['+7 921 700-11-22']))).toMatchObject({
      kind: 'rejected',
      code: 'creatio.no_communication_type',
      field: 'phones',
    });
  });

  test('two spellings of one number are one', async () => {
    const opened = await open();
    const { id } = opened.standIn.createContact({ Name: 'Дважды' });
    await write(opened, id, ['+7 812 700-11-22', '8 (812) 700-11-22']);
    expect(optionsOf(opened, id)).toMatchObject([{ Number: '+7 812 700-11-22' }]);
  });

  test('come also where a stand refuses ids of ours', async () => {
    const opened = await open();
    const { id } = opened.standIn.createContact({ Name: 'Без наших Id' });
    opened.standIn.stand.rules.clientIds = 'refused';
    await write(opened, id, ['+7 812 700-11-22']);
    await write(opened, id, ['+7 812 700-11-22', '+7 812 700-11-24']);
    const numbers = optionsOf(opened, id).map(({ Number: number }) => number);
    expect(numbers.sort()).toEqual(['+7 812 700-11-22', '+7 812 700-11-24']);
  });

  describe('a number of ours that a person corrected over there', () => {
    const [before, corrected] = ['+7 812 700-11-22', '+7 812 700-11-23'];

    async function correctedOver() {
      const opened = await open();
      const { id } = opened.standIn.createContact({ Name: 'Исправленный' });
      await write(opened, id, [before]);
      const [option] = optionsOf(opened, id);
      change(opened.standIn.stand, 'ContactCommunication', String(option?.Id), { Number: corrected });
      return { opened, id };
    }

    test('comes back into its own row', async () => {
      const { opened, id } = await correctedOver();
      await write(opened, id, [before]);
      expect(optionsOf(opened, id)).toMatchObject([{ Number: before }]);
    });

    test('gets a row beside it where both are wanted, once however often they are written', async () => {
      const { opened, id } = await correctedOver();
      for (let n = 0; n < 2; n++) await write(opened, id, [before, corrected]);
      const numbers = optionsOf(opened, id).map(({ Number: number }) => number);
      expect(numbers.sort()).toEqual([before, corrected]);
    });
  });
});
