// node scripts/pictures.ts: takes the pictures of docs/using anew, from a demo company that lives for as long as it takes.
import './node-24.mjs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { eventually } from '../server/testing/eventually.ts';
import { freePort, spawnServer } from '../server/testing/process.ts';
import { buildWeb, webIsCurrent } from '../web/build.mjs';
import { findChromium } from './chromium.mjs';

const folder = new URL('../docs/using/pictures/', import.meta.url).pathname;
const screen = { width: 1440, height: 900 };
const person = { email: 'demo@mostik.example', password: 'mostik-demo' };
const languages = ['ru', 'en'] as const;
type Language = (typeof languages)[number];

interface World {
  bitrix24: { deals: { id: number; title: string; stage: string }[] };
  hubex: { tasks: { id: number }[] };
}

/** Asks the page that plays the outside world, or does something there. */
async function outside<T>(sandbox: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(`${sandbox}/api/${path}`, {
    ...(body !== undefined && {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

/** Three deals go to the service stage, one elsewhere; one task is completed. */
async function play(sandbox: string): Promise<void> {
  const world = () => outside<World>(sandbox, 'world');
  const before = await world();
  const waiting = before.bitrix24.deals.filter(({ stage }) => stage === 'C1:NEW' || stage === 'C1:EXECUTING');
  const [elsewhere, ...service] = waiting.slice(-4);
  if (!elsewhere || service.length < 3) throw new Error('The demo has too few deals.');
  await outside(sandbox, `deals/${elsewhere.id}/move`, { stage: 'C1:EXECUTING' });
  for (const deal of service) await outside(sandbox, `deals/${deal.id}/move`, { stage: 'C1:UC_SERVICE' });
  const after = await eventually(
    async () => {
      const now = await world();
      return now.hubex.tasks.length >= before.hubex.tasks.length + service.length && now;
    },
    { within: 60_000, every: 500, what: 'the tasks of the deals did not appear' },
  );
  const done = after.hubex.tasks[1]?.id;
  await outside(sandbox, `tasks/${done}/complete`, { comment: 'Заменили насос, проверили давление', cost: 4800 });
}

/** Calls the API as the signed-in person. */
async function api<T>(context: BrowserContext, path: string, change?: { method: string; body: unknown }): Promise<T> {
  const answer = await context.request.fetch(`/api/v1/${path}`, {
    ...(change && { method: change.method, data: change.body as object }),
  });
  if (!answer.ok()) throw new Error(`${path}: ${answer.status()} ${await answer.text()}`);
  return (await answer.json()) as T;
}

async function visit(browser: Browser, language: Language) {
  const context = await browser.newContext({
    baseURL: demo.url,
    viewport: screen,
    colorScheme: 'light',
    locale: language === 'ru' ? 'ru-RU' : 'en-GB',
    timezoneId: 'Europe/Moscow',
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(20_000);
  await api(context, 'session', { method: 'POST', body: person });
  return { language, context };
}

async function settle(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle', { timeout: 1500 }).catch(() => {});
  await page.evaluate(() => document.fonts.ready);
  await page.locator('.mantine-Skeleton-root').first().waitFor({ state: 'detached', timeout: 10_000 });
}

async function take(page: Page, name: string, language: Language): Promise<void> {
  await settle(page);
  // A pointer that rests on something would show its hover.
  await page.mouse.move(0, 0);
  await page.screenshot({ path: join(folder, `${name}.${language}.png`), animations: 'disabled', caret: 'hide' });
  console.log(`${name}.${language}.png`);
}

interface Listed {
  id: string;
  name: string;
  connector?: string;
}

const words = {
  ru: {
    new: 'Добавить связку',
    ready: 'Сделка Битрикс24 → заявка HubEx',
    type: 'Тип заявки',
    fields: 'Поля',
    check: 'Проверить на недавней записи',
    sample: 'Запись для примера',
    saved: 'Черновик сохранён',
  },
  en: {
    new: 'Add a flow',
    ready: 'Bitrix24 deal → HubEx task',
    type: 'Task type',
    fields: 'Fields',
    check: 'Check on a recent record',
    sample: 'Sample record',
    saved: 'Draft saved',
  },
};
/** A deal of the demo that passes the filter before anything has happened. */
const passing = 'Ремонт льдогенератора';

/** Makes the first flow as docs/using/first-flow tells it, up to its start, and throws it away. */
async function firstFlow(language: Language, context: BrowserContext): Promise<void> {
  const say = words[language];
  await api(context, 'me', { method: 'PATCH', body: { language } });
  const page = await context.newPage();
  await page.goto('/flows');
  await page.getByRole('button', { name: say.new }).first().click();
  await page.getByRole('dialog').getByText(say.ready, { exact: true }).click();
  await page.waitForURL(/\/flows\/[0-9a-f-]{36}/);
  await page
    .getByRole('textbox', { name: say.type })
    .or(page.getByRole('combobox', { name: say.type }))
    .first()
    .click();
  await page.getByRole('option', { name: 'Ремонт' }).click();
  await page.getByText(say.saved).waitFor();
  // The result of the choice, beside the choice itself.
  await page.getByRole('row', { name: say.type }).getByText('Ремонт').waitFor();
  await take(page, 'editor', language);
  await page.getByText(say.fields, { exact: true }).evaluate((title) => title.scrollIntoView({ block: 'start' }));
  await page.mouse.wheel(0, -150);
  await take(page, 'mapping', language);
  await page.getByRole('button', { name: say.check }).click();
  const panel = page.getByRole('dialog');
  await panel
    .getByRole('textbox', { name: say.sample })
    .or(panel.getByRole('combobox', { name: say.sample }))
    .first()
    .click();
  await page.getByRole('option', { name: passing }).click();
  await panel.getByText(passing).last().waitFor();
  await take(page, 'check', language);
  const id = page.url().split('/').at(-1);
  await page.close();
  await context.request.delete(`/api/v1/flows/${id}`);
}

async function everyday(language: Language, context: BrowserContext): Promise<void> {
  await api(context, 'me', { method: 'PATCH', body: { language } });
  const page = await context.newPage();
  const flows = await api<Listed[]>(context, 'flows');
  const flow = flows.find(({ name }) => name.includes('Сервисная служба'));
  const connections = await api<Listed[]>(context, 'connections');
  const portal = connections.find(({ connector }) => connector === 'bitrix24');
  const { items } = await api<{ items: Listed[] }>(context, `runs?flow=${flow?.id}&states=done`);
  const pages = {
    home: '/',
    flows: '/flows',
    connections: '/connections',
    connection: `/connections/${portal?.id}`,
    runs: '/runs',
    run: `/runs/${items[0]?.id}`,
  };
  for (const [name, path] of Object.entries(pages)) {
    await page.goto(path);
    await take(page, name, language);
  }
  await page.close();
}

const executablePath = findChromium();
if (!executablePath) throw new Error('There is no Chromium on this machine; install one or set CHROMIUM_PATH.');
if (!webIsCurrent()) await buildWeb();
await mkdir(folder, { recursive: true });
const dataDir = await mkdtemp(join(tmpdir(), 'mostik-pictures-'));
const sandboxPort = await freePort();
const demo = await spawnServer(
  { MOSTIK_DATA_DIR: dataDir, SANDBOX_PORT: String(sandboxPort), TZ: 'Europe/Moscow' },
  { command: 'demo' },
);
const sandbox = `http://127.0.0.1:${sandboxPort}`;
try {
  await demo.waitReady();
  await eventually(() => demo.output().includes(person.email), { within: 30_000 });
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const contexts = await Promise.all(languages.map((language) => visit(browser, language)));
    for (const { language, context } of contexts) await firstFlow(language, context);
    await play(sandbox);
    for (const { language, context } of contexts) {
      await eventually(
        async () => {
          const { items } = await api<{ items: Listed[] }>(context, 'runs?states=done');
          return items.length >= 4;
        },
        { within: 60_000, every: 500, what: 'the way back did not come' },
      );
      await everyday(language, context);
    }
  } finally {
    await browser.close();
  }
} finally {
  await demo.kill('SIGTERM');
  await rm(dataDir, { recursive: true, force: true });
}
