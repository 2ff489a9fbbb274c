import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { noFaults } from '../kit/testing/stand-in.ts';
import { connectionsApi } from '../server/connections/contract.ts';
import { type Flow, flowsApi, pairsApi } from '../server/flows/contract.ts';
import { dealToTask, type Office, openOffice } from '../server/flows/testing/office.ts';
import { eventually } from '../server/testing/index.ts';
import { inBrowser, openBrowser, visit } from './browser.ts';
import { type Person, personAt } from './person.ts';
import { sayIn } from './words.ts';

const say = sayIn('ru');

inBrowser('the pages around a flow', () => {
  let browser: Browser;
  let office: Office;
  let storageState: NonNullable<BrowserContextOptions['storageState']>;

  const at = (walk: (person: Person, page: Page) => Promise<void>) =>
    visit(browser, { url: office.server.url, language: 'ru', storageState }, (page) =>
      walk(personAt(page, 'ru'), page),
    );
  /** Updates what it finds by the deal's id. */
  const updatingFlow = (name: string) => {
    const [step] = (dealToTask(office) as { steps: Record<string, unknown>[] }).steps;
    const keys = [{ field: 'erpID', template: '{{ trigger.id }}' }];
    return office.startFlow(
      name,
      dealToTask(office, {
        trigger: { connection: office.connections.bitrix24, trigger: 'deal.changed', mode: 'realTime' },
        steps: [{ ...step, duplicates: { mode: 'upsert', keys } }],
      }),
    );
  };
  const enterService = async (title: string): Promise<number> => {
    const { id } = office.bitrix24.createDeal({ title, stageId: 'C1:NEW', categoryId: 1, comments: title });
    office.bitrix24.moveDeal(id, 'C1:UC_SERVICE');
    await office.settle();
    return id;
  };
  const pairsOf = async (flow: Flow) =>
    (await office.server.call(pairsApi.listPairs, { params: { id: flow.id }, query: {} })).items;
  const tasksOf = (deal: number) => office.hubex.listTasks().filter(({ erpID }) => erpID === String(deal));

  beforeAll(async () => {
    [browser, office] = await Promise.all([openBrowser(), openOffice()]);
    await visit(browser, { url: office.server.url, language: 'ru' }, async (page) => {
      await personAt(page, 'ru').signIn();
      storageState = await page.context().storageState();
    });
  }, 120_000);
  beforeEach(() => office.server.passTime(60));
  afterEach(async () => {
    Object.assign(office.hubex.faults, noFaults());
    office.bitrix24.switches.scopes = ['crm', 'user'];
    for (const { id, state } of await office.server.call(flowsApi.listFlows))
      if (state !== 'stopped') await office.server.call(flowsApi.stopFlow, { params: { id } });
  });
  afterAll(async () => {
    await browser?.close();
    await office?.stop();
  });

  it('linked records are found, unlinked after a question that says what comes, and looked for by the keys again', async () => {
    const flow = await updatingFlow('Пары');
    const [oven] = [await enterService('Печь'), await enterService('Шкаф'), await enterService('Мойка')];
    const unlink = say('flows:pairs.unlink');
    await at(async ({ page, link, press, hears, within, dialog }) => {
      await page.goto(`/flows/${flow.id}`);
      await link(say('flows:tabs.pairs')).click();
      const table = page.getByRole('table', { name: say('flows:pairs.table') });
      await table.getByText('Мойка').waitFor();
      await page.getByRole('searchbox', { name: say('flows:pairs.search') }).fill('печь');
      await table.getByText('Мойка').waitFor({ state: 'detached' });
      await press(say('flows:pairs.unlinkOne', { name: 'Печь' }));
      const question = dialog(say('flows:pairs.title', { count: 1 }));
      await question.getByText(say('flows:pairs.after.search')).waitFor();
      await within(question).press(unlink);
      await hears(say('flows:pairs.unlinked', { count: 1 }));
      await press(say('flows:pairs.clear'));

      await table.getByRole('checkbox', { name: say('flows:pairs.selectAll') }).check();
      await press(say('flows:pairs.unlinkMany', { count: 2 }));
      await within(dialog(say('flows:pairs.title', { count: 2 }))).press(unlink);
      await page.getByRole('heading', { name: say('flows:pairs.none') }).waitFor();
    });
    expect(await pairsOf(flow)).toEqual([]);

    office.bitrix24.editDeal(oven, { comments: 'Позвонить' });
    await office.settle();
    const [latest] = await office.runsOf(flow);
    await at(async ({ page, press, within, dialog, hears }) => {
      await page.goto(`/runs/${latest?.id}`);
      // By which key and value it was found, and what.
      await page.getByText(`= ${oven}`).first().waitFor();
      const linked = page.getByRole('region', { name: say('flows:pairs.table') });
      await linked.getByText('Печь').waitFor();
      await press(say('flows:pairs.unlinkOne', { name: 'Печь' }));
      await within(dialog(say('flows:pairs.title', { count: 1 }))).press(unlink);
      await hears(say('flows:pairs.unlinked', { count: 1 }));
      await linked.waitFor({ state: 'detached' });
    });
    expect(tasksOf(oven)).toHaveLength(1);
  }, 90_000);

  it('contents of runs are kept for as long as the flow says', async () => {
    const flow = await updatingFlow('Хранение');
    const kept = async () => (await office.server.call(flowsApi.getFlowHistory, { params: { id: flow.id } })).bodyDays;
    await at(async ({ page, within, press, hears }) => {
      const choose = async (way: 'days' | 'none') => {
        await page.getByRole('radio', { name: say(`flows:bodies.${way}`), exact: true }).check();
      };
      await page.goto(`/flows/${flow.id}`);
      await within(page.getByRole('navigation', { name: say('flows:tabs.label') }))
        .link(say('flows:tabs.settings'))
        .click();
      await choose('days');
      const days = page.getByRole('textbox', { name: say('flows:bodies.number') });
      await days.fill('');
      await press(say('ui:save'));
      await hears(say('flows:bodies.wrong', { most: 3650 }));
      await days.fill('3');
      await press(say('ui:save'));
      await hears(say('flows:bodies.saved'));
      expect(await kept()).toBe(3);
      await page.reload();
      expect(await days.inputValue()).toMatch(/^3 /);
      await choose('none');
      await press(say('ui:save'));
      await eventually(async () => (await kept()) === 0);
    });
  }, 60_000);

  it('a record is created again in spite of the duplicate rule only when a person says so twice', async () => {
    const flow = await updatingFlow('Ещё раз');
    const deal = await enterService('Нужна дважды');
    const [done] = await office.runsOf(flow);
    await at(async ({ page, press, dialog, within }) => {
      await page.goto(`/runs/${done?.id}`);
      await press(say('runs:actions.rerun'));
      const question = dialog(say('runs:rerun.title'));
      await question.getByRole('checkbox', { name: say('runs:rerun.createAgain'), exact: true }).check();
      await question.getByRole('alert').getByText(say('runs:rerun.createAgainHelp')).waitFor();
      await question.getByRole('checkbox', { name: say('runs:rerun.anyway'), exact: true }).check();
      await question.getByRole('alert').getByText(say('runs:rerun.anywayWarning')).waitFor();
      await question.getByText(say('runs:preview.what.create')).waitFor();
      await within(question).press(say('runs:rerun.go'));
      await page.getByRole('link', { name: say('runs:rerunOf', { id: done?.id ?? '' }) }).waitFor();
      await page.getByRole('button', { name: /решение: всё равно создать/ }).waitFor();
    });
    await eventually(() => tasksOf(deal).length === 2, { within: 20_000 });
  }, 60_000);

  it('an access that ends soon is told on the home page until it is renewed', async () => {
    const { hubex } = office.connections;
    const soon = new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10);
    await at(async ({ page, press, link, hears }) => {
      await page.goto(`/connections/${hubex}`);
      await press(say('connections:until.set'));
      await page.getByLabel(say('connections:until.label')).last().fill(soon);
      await press(say('connections:until.keep'));
      await hears(say('connections:until.left', { count: 5 }));
      await page.goto('/');
      await page.getByText(say('home:ending', { name: 'hubex' })).waitFor();
      await link(`${say('home:reconnect')}: hubex`).click();
      const access = page.getByRole('region', { name: say('connections:access') });
      await access.getByLabel('Токен сервисного аккаунта').fill(office.hubex.serviceToken);
      // One button of a name on the page.
      await press(say('connections:reconnect'));
      await hears(say('connections:accessSaved'));
      await hears(say('connections:until.unknown'));
    });
    const { validUntil } = await office.server.call(connectionsApi.getConnection, { params: { id: hubex } });
    expect(validUntil).toBeNull();
  }, 60_000);

  it('a missing right is told as such, and checked again once it is given', async () => {
    office.bitrix24.switches.scopes = [];
    await at(async ({ page, press, hears }) => {
      await page.goto(`/connections/${office.connections.bitrix24}`);
      await press(say('connections:check'));
      const diagnosis = page.getByRole('alert').filter({ hasText: say('connections:trouble.scope') });
      await diagnosis.waitFor();
      office.bitrix24.switches.scopes = ['crm', 'user'];
      await diagnosis.getByRole('button', { name: say('connections:checkAgain') }).click();
      await hears(new RegExp(say('connections:checkedAs', { account: '' })));
    });
  }, 60_000);
});
