import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { servePage } from './page-server.ts';
import { startWorld, type World } from './world.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const executablePath = inject('chromium');

/** What axe finds that would keep somebody out. */
async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found = (await page.evaluate('axe.run()')) as {
    violations: { id: string; impact: string | null; nodes: { target: unknown[] }[] }[];
  };
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}

describe.skipIf(executablePath === null)('the page of the outside world', () => {
  let world: World;
  let site: Awaited<ReturnType<typeof servePage>>;
  let browser: Browser;

  beforeAll(async () => {
    world = await startWorld({ port: 0 });
    world.setHooks({ bitrix24: null, hubex: null, creatio: null, form: 'http://127.0.0.1:1/' });
    site = await servePage(world, { host: '127.0.0.1', port: 0 });
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser?.close();
    await site?.stop();
    await world?.stop();
  });

  async function open(options: { width: number; locale: string }): Promise<Page> {
    const { width, locale } = options;
    const context = await browser.newContext({ viewport: { width, height: 900 }, locale, bypassCSP: true });
    const page = await context.newPage();
    page.on('pageerror', (error) => {
      throw error;
    });
    await page.goto(site.url);
    await page.locator('.card').first().waitFor();
    return page;
  }

  const dealNamed = (name: string) => world.bitrix24.listDeals().find(({ title }) => String(title).startsWith(name));

  test('a deal is moved with the mouse, and with the keyboard alone', async () => {
    const page = await open({ width: 1440, locale: 'ru-RU' });
    await page
      .locator('.card', { hasText: 'Тестомес' })
      .dragTo(page.getByRole('region', { name: /^Сервисная служба: 0/ }));
    await expect.poll(() => dealNamed('Тестомес')?.stageId).toBe('C1:UC_SERVICE');

    await page.getByRole('button', { name: 'Перевести на стадию: Плановое ТО' }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect.poll(() => dealNamed('Плановое ТО')?.stageId).toBe('C1:UC_SERVICE');
    await page.context().close();
  });

  test('an edit is saved, and what comes back shows while the form is open', async () => {
    const page = await open({ width: 1440, locale: 'en-US' });
    await page.getByRole('button', { name: 'Течёт холодильная витрина', exact: true }).click();
    const sheet = page.getByRole('dialog');
    await sheet.getByLabel('Address of the site').fill('Лиговский, 52');
    const id = dealNamed('Течёт')?.id ?? 0;
    world.bitrix24.editDeal(id, { ufCrm_1700000005: 'Подтянул хомут' });
    await sheet.getByText('Подтянул хомут').waitFor();
    await sheet.getByRole('button', { name: 'Save' }).click();
    await expect.poll(() => world.bitrix24.deal(id).ufCrm_1700000002).toBe('Лиговский, 52');
    await page.context().close();
  });

  test('a task is completed with what was done and what it cost', async () => {
    const page = await open({ width: 390, locale: 'ru-RU' });
    await page.getByRole('button', { name: 'HubEx' }).click();
    await page.getByRole('button', { name: 'Витрина не охлаждает' }).click();
    const sheet = page.getByRole('dialog');
    await sheet.getByRole('button', { name: 'Принять' }).click();
    await sheet.getByLabel('Что сделано').fill('Заправил хладагент');
    await sheet.getByLabel('Стоимость, ₽').fill('5200');
    await sheet.getByRole('button', { name: 'Выполнить' }).click();
    const task = () => world.hubex.listTasks().find(({ notes }) => notes.startsWith('Витрина'));
    await expect.poll(() => task()?.stage.name).toBe('Выполнена');
    expect(task()?.actualCost).toBe(5200);
    await page.context().close();
  });

  test('a case is added and moved to a status, a contact of bpm’online edited, on a narrow screen in both languages', async () => {
    const russian = await open({ width: 390, locale: 'ru-RU' });
    await russian.getByRole('button', { name: 'Creatio' }).click();
    await russian.getByRole('button', { name: 'Новое обращение' }).click();
    const form = russian.getByRole('dialog');
    await form.getByLabel('Тема').fill('Искрит розетка');
    await form.getByLabel('Контактное лицо').selectOption('Гусев Олег Петрович');
    await form.getByRole('button', { name: 'Создать' }).click();
    await russian.getByRole('button', { name: 'Перевести в состояние: Искрит розетка' }).focus();
    await russian.keyboard.press('Enter');
    await russian.getByRole('menuitemradio', { name: 'Передано инженеру' }).click();
    await expect
      .poll(() => world.creatio.listCases()[0])
      .toMatchObject({ subject: 'Искрит розетка', contact: 'Гусев Олег Петрович', status: 'Передано инженеру' });
    await russian.context().close();

    const english = await open({ width: 390, locale: 'en-US' });
    await english.getByRole('button', { name: 'bpm’online' }).click();
    await english.getByRole('button', { name: 'Белозёрова' }).click();
    const sheet = english.getByRole('dialog');
    // What is changed meanwhile and not touched in the form stays.
    const id = world.bpmonline.listContacts().find(({ name }) => name.startsWith('Белозёрова'))?.id ?? '';
    world.bpmonline.editContact(id, { Notes: 'Звонить после обеда' });
    await sheet.getByLabel('Job title').fill('Technical director');
    await sheet.getByRole('button', { name: 'Save' }).click();
    await expect
      .poll(() => world.bpmonline.contact(id))
      .toMatchObject({ jobTitle: 'Technical director', notes: 'Звонить после обеда' });
    await english.context().close();
  });

  test.each([
    ['ru-RU', 1440],
    ['ru-RU', 390],
    ['en-US', 1440],
    ['en-US', 390],
  ])('in %s at %i px nothing hangs over the edge and nothing keeps anybody out', async (locale, width) => {
    world.setMood('bitrix24', 'down');
    const page = await open({ width, locale });
    await page.getByText(locale === 'ru-RU' ? 'Соединения Мостика обрываются' : 'connections break').waitFor();
    const look = async () => {
      for (const section of await page.locator('.app .switch button:visible').all()) {
        await section.click();
        expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
      }
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
      expect(await barriers(page)).toEqual([]);
    };
    for (const tab of await page.locator('.tabs button:visible').all()) {
      await tab.click();
      await look();
    }
    await look();
    world.setMood('bitrix24', 'normal');
    await page.context().close();
  });
});
