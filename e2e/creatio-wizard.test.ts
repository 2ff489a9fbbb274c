import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CreatioStandIn, startCreatioStandIn } from '../connectors/creatio/stand-in.ts';
import type { StandInRequest } from '../kit/testing/stand-in.ts';
import { flowsApi } from '../server/flows/contract.ts';
import { failNext } from '../server/flows/testing/faults.ts';
import { type Office, openOffice } from '../server/flows/testing/office.ts';
import { eventually } from '../server/testing/index.ts';
import { inBrowser, openBrowser, visit } from './browser.ts';
import { type Person, personAt } from './person.ts';

const flowName = 'Контакты в Creatio';
const refusalWords = 'Недостаточно прав для добавления контакта';

/** The steps of the manual «Albato connector for Creatio», one after the other, by a person who reads Russian. */
inBrowser('the manual of Creatio', () => {
  let browser: Browser;
  let office: Office;
  let creatio: CreatioStandIn;

  beforeAll(async () => {
    [browser, office, creatio] = await Promise.all([openBrowser(), openOffice(), startCreatioStandIn()]);
    // With no flow at all the page begins with the choice that the button opens.
    await office.server.call(flowsApi.postFlow, { body: { name: 'Другая связка' } });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await office?.stop();
    await creatio?.stop();
  });

  const newContact = (fields: { name: string; lastName: string; post: string; phone: string; email: string }) =>
    office.bitrix24.createContact({
      name: fields.name,
      lastName: fields.lastName,
      post: fields.post,
      fm: [
        { typeId: 'PHONE', valueType: 'WORK', value: fields.phone },
        { typeId: 'EMAIL', valueType: 'WORK', value: fields.email },
      ],
    });
  /** The next question to Bitrix24 is brought near until what it brings is there. */
  const arrives = <T>(look: () => T) =>
    eventually(
      async () => {
        await office.server.passTime(60);
        return look();
      },
      { within: 30_000, every: 300, what: 'nothing arrived' },
    );

  it(
    'is walked word for word: connection, flow, mapping, duplicates, start, history',
    () =>
      visit(browser, { url: office.server.url, language: 'ru' }, async (page) => {
        const person = personAt(page, 'ru');
        await person.signIn();
        await connect(person, creatio);
        await chooseSource(person);
        await chooseTarget(person);
        await lookForDuplicates(person);
        await start(person);

        // Known by phone in another spelling: found, and only what is empty is filled.
        const before = creatio.count('Contact');
        const gusev = () => creatio.listContacts().find(({ name }) => name === 'Гусев Олег Петрович');
        creatio.editContact(gusev()?.id ?? '', { JobTitle: '' });
        newContact({
          name: 'Олег',
          lastName: 'Гусев',
          post: 'Директор',
          phone: '+7 911 555-77-01',
          email: 'o@example.com',
        });
        await arrives(() => gusev()?.jobTitle === 'Директор');
        expect(gusev()).toMatchObject({ name: 'Гусев Олег Петрович', email: 'gusev@ladoga.example' });
        expect(creatio.count('Contact')).toBe(before);

        // Known by nothing: created.
        newContact({ name: 'Зоя', lastName: 'Маслова', post: '', phone: '+7 921 444-55-66', email: 'z@example.com' });
        await arrives(() => creatio.listContacts().some(({ name }) => name === 'Маслова Зоя'));

        const isCreate = ({ method, path }: StandInRequest) => method === 'POST' && path.endsWith('/odata/Contact');
        const refusal = { status: 400, body: { error: { code: '', message: refusalWords } } };
        failNext(creatio, isCreate, refusal);
        newContact({ name: 'Иван', lastName: 'Отказов', post: '', phone: '+7 921 444-00-00', email: '' });
        await readHistory(person, () => arrives(() => true));
      }),
    240_000,
  );
});

/** Step 2: «Выберите Creatio в пункте меню „Подключения“ … Название … Домен». */
async function connect({ page, say, link, type, press, hears }: Person, creatio: CreatioStandIn) {
  await link(say('app:connections')).click();
  await link(say('connections:add')).click();
  await page.getByRole('link', { name: /^Creatio/ }).click();
  await type(say('connections:name'), 'Creatio «Сервис-Мастер»');
  await page.getByLabel(/^Домен/).fill(creatio.url);
  await page.getByRole('textbox', { name: 'Логин' }).fill(creatio.gate.userName);
  await page.getByLabel(/^Пароль/).fill(creatio.gate.password);
  await press(say('connections:check'));
  await hears(new RegExp(say('connections:checkedAs', { account: '' })));
  await press(say('connections:save'));
  await hears(say('connections:added'));
}

const connectionIs = (card: Locator, label: string, name: RegExp) =>
  expect.poll(() => card.getByRole('combobox', { name: label }).inputValue()).toMatch(name);

/** Step 3, the source: «систему, из которой вы хотите загружать данные», «исходное событие», «параметры подключения». */
async function chooseSource(person: Person) {
  const { page, say, link, press, title, card, within } = person;
  await link(say('app:flows')).click();
  await press('Добавить связку');
  await page.getByRole('button', { name: say('flows:ready.scratch') }).click();
  await title(say('flows:list.newName'));
  await press(say('flows:list.newName'));
  await page.getByRole('textbox', { name: say('flows:editor.name') }).fill(flowName);
  await page.keyboard.press('Enter');
  const when = card(say('flows:editor.when'));
  const { choose, type } = within(when);
  await choose(say('flows:editor.app'), 'Битрикс24');
  // The only account is taken at once.
  await connectionIs(when, say('flows:editor.connection'), /^bitrix24/);
  await choose(say('flows:editor.event'), 'Контакт создан или изменён');
  await when.getByRole('radio', { name: say('flows:mode.poll'), exact: true }).check();
  await type(say('flows:mode.minutes'), '1');
  await within(when).press(say('flows:editor.next'));
  await within(card(say('flows:editor.onlyIf'))).press(say('flows:filter.without'));
}

/** Step 3, «целевое действие», and step 4: «Выберите из выпадающего списка, какие данные системы-источника…». */
async function chooseTarget(person: Person) {
  const { page, say, card, within } = person;
  const step = card(say('flows:editor.do'));
  const { choose, type } = within(step);
  await choose(say('flows:editor.app'), 'Creatio');
  await connectionIs(step, say('flows:editor.connection'), /^Creatio «Сервис-Мастер»/);
  await choose(say('flows:editor.action'), 'Создать контакт');
  const map = async (target: string, ...sources: [words: string, name: string][]) => {
    await type(say('flows:mapping.find'), target);
    for (const [words, name] of sources) {
      await step.getByRole('button', { name: say('flows:source.insertInto', { field: target }), exact: true }).click();
      await person.pickField(words, name);
      await page.keyboard.type(' ');
    }
  };
  await map('ФИО', ['фамилия', 'Фамилия'], ['имя', 'Имя']);
  await map('Мобильный телефон', ['телефон (первый)', 'Телефон (первый)']);
  await map('E-mail', ['e-mail (первый)', 'E-mail (первый)']);
  await map('Должность', ['должность', 'Должность']);
}

/** Step 5: three answers, «отметьте галочками поля», «как именно обновлять поля найденной записи». */
async function lookForDuplicates({ page, say, card, within, hears }: Person) {
  const step = card(say('flows:editor.do'));
  const { choose } = within(step);
  await step.getByText('Дубли не искать: каждый раз новая запись.').waitFor();
  await step.getByText('Найденную запись не трогать; создать, только если такой нет.').waitFor();
  await step.getByRole('radio', { name: say('flows:duplicates.upsert') }).click();
  const ticks = step.getByRole('group', { name: say('flows:duplicates.tick') });
  await ticks.getByRole('checkbox', { name: 'Мобильный телефон' }).check();
  await ticks.getByRole('checkbox', { name: 'E-mail' }).check();
  await ticks.getByRole('checkbox', { name: 'Должность' }).check();
  await ticks.getByRole('checkbox', { name: 'Должность' }).uncheck();
  const key = (number: number) => step.getByRole('combobox', { name: say('flows:duplicates.keyField', { number }) });
  await expect.poll(() => key(1).inputValue()).toBe('Мобильный телефон');
  await expect.poll(() => key(2).inputValue()).toBe('E-mail');
  expect(await key(3).count()).toBe(0);
  await choose(say('flows:duplicates.several'), say('flows:duplicates.first'));
  for (const field of ['ФИО', 'Мобильный телефон', 'E-mail', 'Должность'])
    await choose(say('flows:duplicates.ruleOf', { field }), say('flows:duplicates.ifEmpty'));
  await hears(say('flows:saving.saved'));
  await page.keyboard.press('Escape');
}

/** Step 6: «…после чего статус связки изменится на „работает“ или „ожидание“». */
async function start({ page, say, press, dialog, within, hears, link }: Person) {
  await press(say('flows:editor.save'));
  await hears(say('flows:saving.version', { number: 1 }));
  await press(say('flows:editor.start'));
  await within(dialog(say('flows:start.title', { name: flowName }))).press(say('flows:editor.start'));
  await hears(say('flows:start.works'));
  await link(say('app:flows')).click();
  const row = page.getByRole('row', { name: new RegExp(flowName) });
  await row.getByText('Работает').waitFor();
}

/** «История операций»: requests to both systems, what was received and sent, and mistakes. */
async function readHistory({ page, say, link, title }: Person, comes: () => Promise<unknown>) {
  await link(say('app:runs')).click();
  await title('История операций');
  const rowOf = (name: string) => page.getByRole('row', { name: new RegExp(name) });
  await eventually(
    async () => {
      await comes();
      return (await rowOf('Иван Отказов').count()) > 0;
    },
    { within: 30_000, what: 'the refused contact is not in the history' },
  );
  const steps = page.getByRole('navigation', { name: say('runs:steps') });
  /** A run that has ended: one that is queued may be found to bring nothing new, and leaves no trace. */
  const open = async (name: string, state: 'done' | 'rejected') => {
    const row = rowOf(name).filter({ hasText: say(`ui:run.${state}`) });
    await row.getByRole('link', { name }).first().click();
    await title(name);
  };
  const tab = async (name: string) => page.getByRole('tab', { name: say(`runs:tabs.${name}`) }).click();
  const shows = (words: string | RegExp) => page.getByRole('tabpanel').getByText(words).first().waitFor();

  /** A step often takes several calls: the record itself came or went in the first. */
  const firstCall = async () => {
    await page.getByRole('tabpanel').getByRole('combobox').click();
    await page.getByRole('option').first().click();
  };

  await open('Зоя Маслова', 'done');
  // Received: the request to Bitrix24 and its answer.
  await steps.getByRole('button', { name: say('runs:kinds.load') }).click();
  await tab('data');
  await shows('+7 921 444-55-66');
  await tab('request');
  await shows(/crm\./);
  await tab('response');
  await firstCall();
  await shows(/Маслова/);
  // Sent: the request to Creatio and its answer.
  await steps.getByRole('button', { name: say('runs:kinds.action') }).click();
  await tab('request');
  await firstCall();
  await shows(/odata\/Contact$/);
  await shows(/Маслова Зоя/);
  await tab('response');
  await firstCall();
  await shows('201');
  await steps.getByRole('button', { name: say('runs:kinds.duplicate') }).click();
  await tab('request');
  await shows(/odata\/Contact/);

  await link(say('app:runs')).click();
  await open('Иван Отказов', 'rejected');
  await page.getByText(refusalWords).first().waitFor();
  await tab('response');
  await firstCall();
  await shows(refusalWords);
}
