import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { noFaults } from '../kit/testing/stand-in.ts';
import { inLanguage } from '../kit/text.ts';
import { type Flow, flowDraft, flowsApi } from '../server/flows/contract.ts';
import { pauseFlow } from '../server/flows/states.ts';
import { dealToTask, type Office, openOffice, taskToDeal } from '../server/flows/testing/office.ts';
import { eventually } from '../server/testing/index.ts';
import { inBrowser, openBrowser, visit } from './browser.ts';
import { type Person, personAt } from './person.ts';
import { sayIn } from './words.ts';

const say = sayIn('ru');

inBrowser('flows on the screen', () => {
  let browser: Browser;
  let office: Office;
  let storageState: NonNullable<BrowserContextOptions['storageState']>;

  const at = (walk: (person: Person, page: Page) => Promise<void>) =>
    visit(browser, { url: office.server.url, language: 'ru', storageState }, (page) =>
      walk(personAt(page, 'ru'), page),
    );
  const newFlow = (name: string, draft: Record<string, unknown>) =>
    office.server.call(flowsApi.postFlow, { body: { name, draft: flowDraft.parse(draft) } });
  const savedFlow = async (name: string, draft: Record<string, unknown>) => {
    const { id } = await newFlow(name, draft);
    return office.server.call(flowsApi.saveFlow, { params: { id } });
  };
  const stored = (flow: Flow) => office.server.call(flowsApi.getFlow, { params: { id: flow.id } });

  beforeAll(async () => {
    [browser, office] = await Promise.all([openBrowser(), openOffice()]);
    await visit(browser, { url: office.server.url, language: 'ru' }, async (page) => {
      await personAt(page, 'ru').signIn();
      storageState = await page.context().storageState();
    });
  }, 120_000);
  // The portal's limit of calls is not what is tested here.
  beforeEach(() => office.server.passTime(60));
  afterEach(async () => {
    Object.assign(office.hubex.faults, noFaults());
    for (const { id, state } of await office.server.call(flowsApi.listFlows))
      if (state !== 'stopped') await office.server.call(flowsApi.stopFlow, { params: { id } });
  });
  afterAll(async () => {
    await browser?.close();
    await office?.stop();
  });

  it('an older draft of a second tab is refused, and the person chooses', async () => {
    const flow = await savedFlow('Две вкладки', dealToTask(office));
    const once = say('flows:editor.once');
    await at(async (first, page) => {
      const second = personAt(await page.context().newPage(), 'ru');
      for (const tab of [first, second]) {
        await tab.page.goto(`/flows/${flow.id}?card=trigger`);
        await tab.page.getByRole('checkbox', { name: once }).waitFor();
      }
      await first.page.getByRole('checkbox', { name: once }).uncheck();
      await eventually(async () => (await stored(flow)).draft.trigger?.once === false);

      await second.page.getByRole('radio', { name: say('flows:mode.poll'), exact: true }).check();
      await second.page.getByRole('alert').getByText(say('flows:conflict.title')).waitFor();
      expect((await stored(flow)).draft.trigger).toMatchObject({ once: false, mode: 'realTime' });
      await second.press(say('flows:conflict.theirs'));
      await second.hears(say('flows:saving.saved'));
      expect(await second.page.getByRole('checkbox', { name: once }).isChecked()).toBe(false);

      await second.page.getByRole('checkbox', { name: once }).check();
      await eventually(async () => (await stored(flow)).draft.trigger?.once === true);
      await first.page.getByRole('radio', { name: say('flows:mode.poll'), exact: true }).check();
      await first.press(say('flows:conflict.mine'));
      await eventually(async () => (await stored(flow)).draft.trigger?.mode === 'poll');
      expect((await stored(flow)).draft.trigger?.once).toBe(false);
    });
  }, 60_000);

  it('what was typed a moment before leaving is there on coming back', async () => {
    const flow = await savedFlow('Уход', dealToTask(office));
    await at(async ({ page, link, title }) => {
      await page.goto(`/flows/${flow.id}?card=a1`);
      const notes = page.getByRole('group', { name: 'Описание' }).getByRole('textbox').last();
      await notes.fill(' Звонить заранее');
      await link(say('app:flows')).click();
      await title(say('flows:list.title'));
      await link('Уход').click();
      await page
        .getByRole('button', { name: new RegExp(`^${say('flows:editor.do')}|^2`) })
        .first()
        .click();
      await eventually(async () => (await notes.inputValue()) === ' Звонить заранее', { within: 20_000 });
    });
    expect(JSON.stringify((await stored(flow)).draft)).toContain('Звонить заранее');
  }, 60_000);

  it('a formula is read, added and filled in words, without a line of code', async () => {
    const flow = await savedFlow('Формулы', dealToTask(office));
    const template = async () => (await stored(flow)).draft.steps[0]?.mapping?.contactPhone;
    await at(async ({ page, press, within, pickField }) => {
      await page.goto(`/flows/${flow.id}?card=a1`);
      const phone = page.getByRole('group', { name: 'Телефон контактного лица' });
      const chip = phone.getByRole('button', { name: /^Контакт › Телефон.* · если пусто: Компания › Телефон/ });
      await chip.click();
      await page.getByRole('button', { name: /^Добавляет текст в конец/ }).click();
      const words = { formula: 'затем', number: 1 };
      const value = page.getByRole('textbox', { name: say('flows:source.formulaValue', words) });
      await value.fill(' доб. "5"');
      await eventually(async () => JSON.stringify(await template()).includes('доб.'));
      expect(await template()).toEqual({
        kind: 'template',
        text: '{{ trigger.contact.phone | default: trigger.company.phone | append: " доб. \\"5\\"" }}',
      });

      await press(say('flows:source.fieldAsValue', words));
      await pickField('Название', 'Название');
      await within(page.getByRole('group', { name: say('flows:source.formulas') })).press(
        say('flows:source.removeFormula', { formula: 'если пусто' }),
      );
      await page.keyboard.press('Escape');
      await phone.getByRole('button', { name: /^Контакт › Телефон[^·]*· затем: Название$/ }).waitFor();
      await eventually(
        async () =>
          JSON.stringify(await template()) ===
          JSON.stringify({ kind: 'template', text: '{{ trigger.contact.phone | append: trigger.title }}' }),
      );
    });
  }, 60_000);

  it('a flow with mistakes does not start: it says what is missing, in its place', async () => {
    const draft = dealToTask(office) as { steps: { mapping: Record<string, unknown> }[] };
    const { taskType: _, ...mapping } = draft.steps[0]?.mapping ?? {};
    const flow = await newFlow('С ошибкой', { ...draft, steps: draft.steps.map((step) => ({ ...step, mapping })) });
    const { problems } = await stored(flow);
    expect(problems).toMatchObject([{ card: 'a1', field: 'taskType' }]);
    const words = inLanguage(problems[0]?.text ?? '', 'ru');
    await at(async ({ page, press, card }) => {
      await page.goto(`/flows/${flow.id}?card=filter`);
      const step = card(say('flows:editor.do'));
      await step.getByText(words).first().waitFor();
      await press(say('flows:editor.start'));
      await step
        .getByRole('row', { name: /Тип заявки/ })
        .getByText(words)
        .waitFor();
      expect(await page.getByRole('dialog').count()).toBe(0);

      await page.goto('/flows');
      await page.getByRole('switch', { name: say('flows:list.turnOn', { name: 'С ошибкой' }) }).press('Space');
      await page.getByRole('dialog').getByText(words).waitFor();
    });
    expect((await stored(flow)).state).toBe('stopped');
  }, 60_000);

  it('a deleted flow comes back by Undo', async () => {
    const flow = await newFlow('Удаляемая', {});
    await at(async ({ page, link, press }) => {
      await page.goto('/flows');
      await press(say('flows:list.menu', { name: 'Удаляемая' }));
      await page.getByRole('menuitem', { name: say('flows:list.delete') }).click();
      await link('Удаляемая').waitFor({ state: 'detached' });
      await press(say('ui:undo'));
      await link('Удаляемая').waitFor();
    });
    expect((await stored(flow)).id).toBe(flow.id);
  }, 60_000);

  it('a value table and a constant are on the next visit as they were left', async () => {
    const [step] = (taskToDeal(office) as { steps: { mapping: Record<string, unknown> }[] }).steps;
    const { stage: _, ...mapping } = step?.mapping ?? {};
    const flow = await savedFlow('Таблица', { ...taskToDeal(office), steps: [{ ...step, mapping }] });
    const stage = 'Стадия сделки';
    const won = 'Сервисная служба: выполнено';
    await at(async ({ page, card, within, pickField }) => {
      const target = card(say('flows:editor.do'));
      const { type } = within(target);
      const fillBy = async (from: string, to: string) => {
        await target
          .getByRole('button', { name: say('flows:kinds.choose', { field: stage, kind: say(`flows:kinds.${from}`) }) })
          .click();
        await page.getByRole('menuitem', { name: say(`flows:kinds.${to}`) }).click();
      };
      await page.goto(`/flows/${flow.id}?card=a1`);
      await type(say('flows:mapping.find'), stage);
      await fillBy('constant', 'table');
      await target
        .getByRole('button', {
          name: say('flows:source.insertInto', { field: say('flows:table.source', { field: stage }) }),
        })
        .click();
      await pickField('стадия', 'Стадия');
      await target.getByRole('button', { name: say('flows:table.addRow'), exact: true }).click();
      await target.getByRole('combobox', { name: say('flows:table.from', { number: 1 }) }).fill('Выполнена');
      await page.keyboard.press('Escape');
      await chooseStage(page, say('flows:table.to', { value: 'Выполнена' }), won);
      await eventually(async () => JSON.stringify((await stored(flow)).draft).includes('"from":"Выполнена"'));

      await page.reload();
      const ours = target.getByRole('combobox', { name: say('flows:table.to', { value: 'Выполнена' }) });
      await eventually(async () => (await ours.inputValue()) === won, { within: 20_000 });
      expect((await stored(flow)).draft.steps[0]?.mapping?.stage).toMatchObject({
        kind: 'table',
        source: '{{ trigger.stage }}',
        rows: [{ from: 'Выполнена', to: { label: won } }],
      });

      await fillBy('table', 'constant');
      await chooseStage(page, stage, won);
      await eventually(async () => (await stored(flow)).draft.steps[0]?.mapping?.stage?.kind === 'constant');
      await page.reload();
      const constant = target.getByRole('combobox', { name: stage, exact: true });
      await eventually(async () => (await constant.inputValue()) === won, { within: 20_000 });
    });
  }, 60_000);

  it('a lost connection is renewed where it hurts, and its run goes on', async () => {
    const flow = await office.startFlow('Потеря доступа', dealToTask(office));
    office.hubex.revokeTokens();
    office.hubex.faults.tokenRefused = true;
    const deal = enterService(office, 'Печь без доступа');
    await eventually(async () => (await office.runsOf(flow))[0]?.state === 'waiting', { within: 20_000 });
    await at(async ({ page, hears, link }) => {
      await page.goto('/');
      await page.getByText(say('home:ailing.revoked', { name: 'hubex' })).waitFor();
      await link(`${say('home:reconnect')}: hubex`).click();
      const access = page.getByRole('region', { name: say('connections:access') });
      await access.getByLabel('Токен сервисного аккаунта').fill(office.hubex.serviceToken);
      const save = access.getByRole('button', { name: say('connections:reconnect'), exact: true });
      await save.click();
      await access.getByRole('alert').first().waitFor();
      office.hubex.faults.tokenRefused = false;
      await save.click();
      await hears(say('connections:accessSaved'));
    });
    await eventually(() => office.hubex.listTasks().some(({ erpID }) => erpID === String(deal)), { within: 20_000 });
  }, 90_000);

  it('a refused run is carried out again from the step that failed', async () => {
    const flow = await office.startFlow('Отказ', dealToTask(office));
    office.hubex.settings.requiredTaskFields.push('criticalityID');
    const deal = enterService(office, 'Скрипит дверца');
    await eventually(async () => (await office.runsOf(flow))[0]?.state === 'rejected', { within: 20_000 });
    office.hubex.settings.requiredTaskFields.pop();
    const [refused] = await office.runsOf(flow);
    await at(async ({ page, press, dialog, within }) => {
      await page.goto(`/runs/${refused?.id}`);
      await press(say('runs:actions.rerun'));
      const question = dialog(say('runs:rerun.title'));
      expect(await question.getByRole('radio', { name: say('runs:rerun.failedStep') }).isChecked()).toBe(true);
      await within(question).press(say('runs:rerun.go'));
      await page.getByRole('link', { name: say('runs:rerunOf', { id: refused?.id ?? '' }) }).waitFor();
      await page.getByText(say('ui:run.done'), { exact: true }).first().waitFor();
    });
    expect(office.hubex.listTasks().filter(({ erpID }) => erpID === String(deal))).toHaveLength(1);
  }, 60_000);

  it.each(['catchUp', 'fromNow'] as const)(
    'a start after a rest asks about what was missed: %s',
    async (choice) => {
      const name = `Перерыв ${choice}`;
      const flow = await office.startFlow(name, dealToTask(office));
      const missed = dealOf(office, choice === 'catchUp' ? 'Плановое ТО печи, цех 2' : 'Тестомес не запускается');
      await office.server.call(flowsApi.stopFlow, { params: { id: flow.id } });
      moveToService(office, missed);
      await office.bitrix24.hooks.settled();
      await at(async ({ page, dialog, within }) => {
        await page.goto('/flows');
        await page.getByRole('switch', { name: say('flows:list.turnOn', { name }) }).press('Space');
        const question = dialog(say('flows:start.title', { name }));
        await question.getByLabel(say(`flows:start.${choice === 'fromNow' ? 'fromNow' : 'catchUpUnknown'}`)).check();
        await within(question).press(say('flows:editor.start'));
        await page.getByRole('switch', { name: say('flows:list.turnOff', { name }) }).waitFor();
      });
      const later = enterService(office, `После перерыва ${choice}`);
      const taskOf = (deal: number) => office.hubex.listTasks().some(({ erpID }) => erpID === String(deal));
      await eventually(() => taskOf(later), { within: 20_000 });
      await eventually(() => taskOf(missed) === (choice === 'catchUp'), { within: 20_000 });
    },
    60_000,
  );

  it('the home page leads to the flows that are paused, and only to them', async () => {
    const flow = await office.startFlow('На паузе', dealToTask(office));
    const text = { en: 'Too many records', ru: 'Слишком много записей' };
    await pauseFlow(office.server.ctx, { flowId: flow.id, reason: { code: 'brake', text } });
    await at(async ({ page, link }) => {
      await page.goto('/');
      await page
        .getByRole('listitem')
        .filter({ hasText: say('home:paused', { count: 1 }) })
        .getByRole('link', { name: say('home:open') })
        .click();
      await page.waitForURL('**/flows?state=paused');
      await link('На паузе').waitFor();
      const rows = page.getByRole('table', { name: say('flows:list.table') }).getByRole('row');
      expect(await rows.count()).toBe(2);
    });
  }, 60_000);
});

const moveToService = (office: Office, deal: number) => office.bitrix24.moveDeal(deal, 'C1:UC_SERVICE');

function enterService(office: Office, title: string): number {
  const { id } = office.bitrix24.createDeal({ title, stageId: 'C1:NEW', categoryId: 1, comments: title });
  moveToService(office, id);
  return id;
}

/** One that was there long before. */
function dealOf(office: Office, title: string): number {
  const deal = office.bitrix24.listDeals().find((one) => one.title === title);
  if (!deal) throw new Error(`There is no deal ${title}`);
  return deal.id;
}

async function chooseStage(page: Page, label: string, stage: string): Promise<void> {
  await page.getByRole('combobox', { name: label, exact: true }).click();
  await page.getByRole('option', { name: stage, exact: true }).last().click();
}
