import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runsApi } from '../server/flows/contract.ts';
import { eventually } from '../server/testing/index.ts';
import { inBrowser, openBrowser, visit } from './browser.ts';
import { type DemoWorld, openDemoWorld } from './demo-world.ts';
import { personAt } from './person.ts';

/** The flows of the demo company between Creatio, bpm'online and the other apps, played on the page of the outside world. */
inBrowser('Creatio and bpm’online in the demo', () => {
  let browser: Browser;
  let demo: DemoWorld;

  beforeAll(async () => {
    [browser, demo] = await Promise.all([openBrowser(), openDemoWorld()]);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await demo?.stop();
  });

  const play = (walk: (outside: Outside) => Promise<void>) =>
    visit(browser, { url: demo.sandbox.url, language: 'ru' }, async (page) => {
      await page.goto('/');
      await walk(outsideAt(page));
    });

  /** Every run is decided, and none goes on by itself when all have been asked again. */
  async function quiet(): Promise<void> {
    const { server, sandbox } = demo;
    const runs = async () => (await server.call(runsApi.listRuns, { query: { limit: 200 } })).items;
    const settled = () =>
      eventually(
        async () => {
          await sandbox.world.creatio.processes.settled();
          await sandbox.world.bitrix24.hooks.settled();
          await server.ctx.pool.query('update limiter_buckets set level = 0');
          const all = await runs();
          return all.every(({ state }) => ['done', 'filtered', 'skipped'].includes(state)) && all;
        },
        { within: 20_000, every: 200, what: 'runs stayed open' },
      );
    await settled();
    await server.ctx.pool.query('update triggers set next_ask_at = now() where active');
    await server.processAll();
    const before = (await settled()).length;
    await server.ctx.pool.query('update triggers set next_ask_at = now() where active');
    await server.processAll();
    expect((await settled()).length).toBe(before);
  }

  it(
    'a contact of Bitrix24 goes to Creatio: found by phone or e-mail, only what is empty is filled',
    () =>
      play(async ({ app, fill, card, openRecord, news }) => {
        await app('Битрикс24').getByRole('button', { name: 'Контакты' }).click();
        await app('Creatio').getByRole('button', { name: 'Контакты' }).click();
        const add = (form: Record<string, string>) =>
          fill(app('Битрикс24').getByRole('button', { name: 'Новый контакт' }), form, 'Создать');
        await add({ Имя: 'Зоя', Фамилия: 'Маслова', Телефон: '+7 921 444-55-66', 'E-mail': 'maslova@example.com' });
        await news(/Мостик создал контакт в Creatio: Маслова Зоя/);
        await card('Creatio', 'Маслова Зоя').getByText('Мостик').waitFor();

        // In Creatio he stands as «8 (911) 555-77-01», with another job title and e-mail.
        const { creatio } = demo.sandbox.world;
        const before = creatio.count('Contact');
        const gusev = creatio.listContacts().find(({ name }) => name === 'Гусев Олег Петрович');
        creatio.editContact(gusev?.id ?? '', { Email: '' });
        await quiet();
        await add({
          Имя: 'Олег',
          Фамилия: 'Гусев',
          Должность: 'Повар',
          Телефон: '+7 911 555-77-01',
          'E-mail': 'oleg@example.com',
        });
        await card('Creatio', 'Гусев Олег Петрович').getByText('oleg@example.com').waitFor();
        expect(creatio.contact(gusev?.id ?? '')).toMatchObject({ jobTitle: 'Директор', email: 'oleg@example.com' });

        // Known by e-mail alone.
        await add({
          Имя: 'Марина',
          Фамилия: 'Соколова',
          Телефон: '+7 900 000-00-01',
          'E-mail': 'SOKOLOVA@karavay.example',
        });
        await quiet();
        expect(creatio.count('Contact')).toBe(before);

        await fill(openRecord('Creatio', 'Маслова Зоя'), { Должность: 'Технолог' }, 'Сохранить');
        await news(/Мостик изменил контакт в Битрикс24: Зоя Маслова/);
        await card('Битрикс24', 'Зоя Маслова').getByText('Технолог').waitFor();
        await quiet();
        expect(creatio.count('Contact')).toBe(before);
      }),
    120_000,
  );

  it(
    'a case that was handed to an engineer becomes a task, and the result comes back',
    () =>
      play(async ({ page, app, card, news }) => {
        await app('Creatio').getByRole('button', { name: 'Перевести в состояние: Холодильник гудит' }).click();
        await page.getByRole('menuitemradio', { name: 'Передано инженеру' }).click();
        await news(/Мостик создал заявку \d+.*Откройте её и выполните/);
        await page.getByRole('status').getByRole('button').click();
        const task = page.getByRole('dialog');
        await task.getByText('Гусев Олег Петрович').waitFor();
        await task.getByText('Санкт-Петербург, Садовая ул., 12').waitFor();
        await task.getByLabel('Что сделано').fill('Заменил подшипник');
        await task.getByLabel('Стоимость, ₽').fill('4200.5');
        await task.getByRole('button', { name: 'Выполнить' }).click();
        await news(/Мостик изменил обращение в Creatio: SR00000002/);
        await card('Creatio', 'Холодильник гудит').getByText('Решено').waitFor();
        await card('Creatio', 'Холодильник гудит').getByText('Заменил подшипник').waitFor();
        const { creatio, hubex } = demo.sandbox.world;
        const done = creatio.listCases().find(({ number }) => number === 'SR00000002');
        expect(done?.visitCost).toBe(4200.5);
        await quiet();
        expect(hubex.listTasks().filter(({ erpID }) => erpID === 'SR00000002')).toHaveLength(1);
      }),
    90_000,
  );

  it(
    'the form of the site becomes a lead, and the same phone makes no second one',
    () =>
      play(async ({ app, card, news }) => {
        await app('Creatio').getByRole('button', { name: 'Лиды' }).click();
        const site = app('Сайт и вебхуки');
        const send = async (phone: string) => {
          await site.getByLabel('Имя').fill('Дмитрий');
          await site.getByLabel('Телефон').fill(phone);
          await site.getByLabel('Сообщение').fill('Течёт кран');
          await site.getByRole('button', { name: 'Отправить' }).click();
        };
        await send('+7 977 302-14-58');
        await news(/Мостик создал лид в Creatio: Дмитрий/);
        await card('Creatio', 'Дмитрий').getByText('Течёт кран').waitFor();
        await send('8 (977) 302-14-58');
        await site
          .getByText(/принято/)
          .nth(1)
          .waitFor();
        await quiet();
        expect(demo.sandbox.world.creatio.listLeads().filter(({ name }) => name === 'Дмитрий')).toHaveLength(1);
      }),
    60_000,
  );

  it(
    'a contact changed in bpm’online comes to Bitrix24 when we ask',
    () =>
      play(async ({ app, card, fill, openRecord }) => {
        await app('Битрикс24').getByRole('button', { name: 'Контакты' }).click();
        await fill(openRecord('bpm’online', 'Белозёрова Анна Сергеевна'), { Должность: 'Директор' }, 'Сохранить');
        await demo.server.passTime(60);
        await card('Битрикс24', 'Анна Белозёрова').getByText('Директор').waitFor();
        await quiet();
      }),
    60_000,
  );

  it(
    'the list of flows says which of them wait for calls and which one asks',
    () =>
      visit(browser, { url: demo.server.url, language: 'ru' }, async (page) => {
        const { signIn, link, say } = personAt(page, 'ru');
        await signIn();
        await link(say('app:flows')).click();
        const state = (flow: string, words: string) =>
          page
            .getByRole('row', { name: new RegExp(flow) })
            .getByText(words)
            .waitFor();
        await state('Контакт Битрикс24 → контакт Creatio', 'Ожидание');
        await state('Обращение Creatio «Передано инженеру» → заявка HubEx', 'Ожидание');
        await state('Контакт bpm’online изменён → контакт Битрикс24', 'Работает');
        await state('Форма на сайте → заявка HubEx', 'Остановлена');
      }),
    60_000,
  );
});

/** What a person does on the page of the outside world. */
function outsideAt(page: Page) {
  const app = (name: string) => page.getByRole('region', { name, exact: true });
  const card = (place: string, name: string) =>
    app(place)
      .getByRole('listitem')
      .filter({ has: page.getByRole('button', { name, exact: true }) });
  return {
    page,
    app,
    card,
    openRecord: (place: string, name: string) => card(place, name).getByRole('button', { name, exact: true }),
    /** Opens a sheet, fills what is named and presses the button. */
    async fill(opens: Locator, form: Record<string, string>, button: string) {
      await opens.click();
      const sheet = page.getByRole('dialog');
      for (const [label, text] of Object.entries(form)) await sheet.getByLabel(label, { exact: true }).fill(text);
      await sheet.getByRole('button', { name: button, exact: true }).click();
      await sheet.waitFor({ state: 'detached' });
    },
    /** The line that tells what Mostik did last. */
    news: (words: RegExp) => page.locator('.news').filter({ hasText: words }).waitFor(),
  };
}
type Outside = ReturnType<typeof outsideAt>;
