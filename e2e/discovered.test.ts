import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { objectOf } from '../connectors/creatio/stand-in/objects.ts';
import { connectionsApi } from '../server/connections/contract.ts';
import { flowsApi } from '../server/flows/contract.ts';
import { type CreatioOffice, openCreatioOffice } from '../server/flows/testing/creatio-office.ts';
import { eventually } from '../server/testing/index.ts';
import { inBrowser, type Language, openBrowser, seriousFaults, visit } from './browser.ts';
import { type Person, personAt } from './person.ts';

const words = {
  ru: { event: 'Автомобиль: создание', action: 'Создать: Автомобиль', search: 'автомоб', form: 'Получен вызов' },
  en: { event: 'Автомобиль: created', action: 'Create: Автомобиль', search: 'UsrVehicle', form: 'Call received' },
};
const looks = {
  ru: { width: 1440, height: 900 },
  en: { width: 390, height: 844 },
};

inBrowser('objects that only an account has', () => {
  let browser: Browser;
  let office: CreatioOffice;

  beforeAll(async () => {
    [browser, office] = await Promise.all([openBrowser(), openCreatioOffice()]);
    // As many as a grown stand has.
    for (let n = 0; n < 800; n++) {
      const schema = objectOf(`CrmObject${n}`, `Объект CRM ${n}`);
      office.creatio.stand.tables.set(schema.name, { schema, rows: new Map(), version: 0 });
    }
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await office?.stop();
  });

  /** The language is kept with the person: each walk signs in with its own. */
  const at = (language: Language, walk: (page: Page) => Promise<void>) =>
    visit(browser, { url: office.server.url, language, viewport: looks[language] }, async (page) => {
      await personAt(page, language).signIn();
      await walk(page);
    });
  const newFlow = (name: string) => office.server.call(flowsApi.postFlow, { body: { name } });
  const draftOf = async (id: string) => (await office.server.call(flowsApi.getFlow, { params: { id } })).draft;

  /** Types into a list and takes what was found. */
  async function find(
    person: Person,
    card: string,
    { label, typed, name }: Record<'label' | 'typed' | 'name', string>,
  ) {
    const box = person.card(card).getByRole('combobox', { name: label, exact: true });
    await box.click();
    await box.fill(typed);
    await person.page.getByRole('option', { name }).click();
    return box;
  }

  it.each(['ru', 'en'] as const)(
    'are found by typing and stand at both ends of a flow: %s',
    async (language) => {
      const { event, action, search } = words[language];
      const flow = await newFlow(`Objects ${language}`);
      await at(language, async (page) => {
        const person = personAt(page, language);
        const { say, card, within } = person;
        await page.goto(`/flows/${flow.id}`);
        const when = card(say('flows:editor.when'));
        await within(when).choose(say('flows:editor.app'), 'Creatio');
        const events = when.getByRole('combobox', { name: say('flows:editor.event'), exact: true });
        await events.click();
        // The usual ones come first, then the account's own; the rest is counted.
        await page.getByText(say('flows:offers.objects'), { exact: true }).waitFor();
        const options = await page.getByRole('option').allTextContents();
        expect(options.length).toBeLessThanOrEqual(51);
        expect(options[0]).toBe(language === 'ru' ? 'Контакт создан' : 'Contact created');
        expect(options.at(-1)).toMatch(/^(Ещё|\d+)/);
        await events.fill('нет такого');
        await page.getByText(say('flows:offers.none')).waitFor();
        const box = await find(person, say('flows:editor.when'), {
          label: say('flows:editor.event'),
          typed: search,
          name: `${event} UsrVehicle`,
        });
        expect(await box.inputValue()).toBe(event);
        await when.getByRole('radio', { name: say('flows:mode.poll'), exact: true }).check();
        await eventually(async () => (await draftOf(flow.id)).trigger?.trigger === 'UsrVehicle.created');
        // The record of the seed is there as a sample.
        await eventually(async () =>
          (await when.getByRole('combobox', { name: say('flows:sample.label') }).inputValue()).includes('ГАЗель'),
        );
        expect(await seriousFaults(page)).toEqual([]);
        const width = await page.evaluate<number>('document.documentElement.scrollWidth');
        expect(width).toBeLessThanOrEqual(looks[language].width);
        await within(when).press(say('flows:editor.next'));
        const onlyIf = card(say('flows:editor.onlyIf'));
        await within(onlyIf).press(say('flows:filter.without'));
        const todo = card(say('flows:editor.do'));
        await within(todo).choose(say('flows:editor.app'), 'bpm’online');
        await find(person, say('flows:editor.do'), {
          label: say('flows:editor.action'),
          typed: search,
          name: `${action} UsrVehicle`,
        });
        await eventually(async () => (await draftOf(flow.id)).steps[0]?.action === 'UsrVehicle.create');
        await todo.getByText('Госномер', { exact: true }).first().waitFor();
        // Opened anew, both are called by their names again.
        await page.goto(`/flows/${flow.id}?card=trigger`);
        await eventually(async () => (await events.inputValue()) === event);
      });
    },
    120_000,
  );

  const bpmDraft = (trigger: string) => ({
    trigger: { connection: office.crm.bpmonline, trigger, mode: 'poll' as const, settings: {} },
    filter: null,
    steps: [],
  });
  /** The server has to ask the account anew. */
  const renewed = (name: string) =>
    office.server.call(connectionsApi.patchConnection, {
      params: { id: office.crm.bpmonline },
      body: { name, check: false },
    });
  const savedDraft = async (name: string, draft: ReturnType<typeof bpmDraft>) => {
    const flow = await newFlow(name);
    return office.server.call(flowsApi.patchFlow, { params: { id: flow.id }, body: { draft } });
  };

  it('leave the usual events to choose from while the account does not answer', async () => {
    const flow = await savedDraft('Quiet', bpmDraft(''));
    await renewed('Тихая CRM');
    await at('ru', async (page) => {
      const { say, card, within } = personAt(page, 'ru');
      const when = card(say('flows:editor.when'));
      await page.goto(`/flows/${flow.id}?card=trigger`);
      const events = when.getByRole('combobox', { name: say('flows:editor.event'), exact: true });
      await events.waitFor();
      office.bpmonline.faults.limited = true;
      try {
        await events.click();
        await when.getByText(say('flows:offers.failed')).waitFor();
        await page.getByRole('option', { name: 'Обращение изменено', exact: true }).waitFor();
      } finally {
        office.bpmonline.faults.limited = false;
      }
      await page.keyboard.press('Escape');
      await office.server.passTime(120);
      await within(when).press(say('flows:offers.refresh'));
      await when.getByText(say('flows:offers.failed')).waitFor({ state: 'detached' });
      await events.click();
      await page.getByText(say('flows:offers.objects'), { exact: true }).waitFor();
    });
  }, 120_000);

  it('that are gone are named on their card', async () => {
    const flow = await savedDraft('Gone', bpmDraft('UsrVehicle.created'));
    office.bpmonline.stand.tables.delete('UsrVehicle');
    await renewed('Старая CRM');
    await at('ru', async (page) => {
      await page.goto(`/flows/${flow.id}?card=trigger`);
      await page
        .getByText(/«Старая CRM» больше нет объекта «UsrVehicle»/)
        .first()
        .waitFor();
    });
  }, 120_000);
});
