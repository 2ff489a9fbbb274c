import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../server/testing/index.ts';
import { words } from '../web/app/words.ts';
import { inBrowser, openBrowser, seriousFaults, visit } from './browser.ts';
import { type BusyOffice, openBusyOffice } from './busy-office.ts';
import { personAt } from './person.ts';

const wide = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };
type Scheme = 'light' | 'dark';

/** Each language sees half of the looks with axe's eyes, both together all four; narrow or dark says nothing of words. */
const looks = {
  ru: [
    { size: wide, scheme: 'light' },
    { size: phone, scheme: 'dark' },
  ],
  en: [
    { size: wide, scheme: 'dark' },
    { size: phone, scheme: 'light' },
  ],
} satisfies Record<string, { size: typeof wide; scheme: Scheme }[]>;

const pagesOf = ({ flows, runs, connections }: BusyOffice) => [
  '/',
  '/flows',
  `/flows/${flows.there.id}?card=trigger`,
  `/flows/${flows.there.id}?card=filter`,
  `/flows/${flows.there.id}?card=a1`,
  `/flows/${flows.back.id}?card=a1`,
  `/flows/${flows.call.id}`,
  `/flows/${flows.draft.id}`,
  `/flows/${flows.there.id}/pairs`,
  `/flows/${flows.call.id}/pairs`,
  `/flows/${flows.there.id}/settings`,
  '/connections',
  '/connections/new',
  '/connections/new/hubex',
  `/connections/${connections.bitrix24}#reconnect`,
  `/connections/${connections.hubex}`,
  `/connections/${connections.webhook}`,
  '/runs',
  ...[runs.done, runs.rejected, runs.unknown].map((id) => `/runs/${id}`),
  '/attention',
  '/settings',
  '/profile',
  '/api-keys',
  '/nowhere',
];

/** `editor.next`, where words were meant. */
const groups = new Set(
  Object.values(words).flatMap(({ en }) =>
    Object.entries(en).flatMap(([key, value]) => (typeof value === 'object' ? [key] : [])),
  ),
);
const untranslated = new RegExp(
  `(^|\\s)((${[...groups].join('|')})\\.[a-zA-Z]\\w*|${Object.keys(words).join(':|')}:\\w+)`,
);

inBrowser('every page', () => {
  let browser: Browser;
  let office: BusyOffice;
  beforeAll(async () => {
    [browser, office] = await Promise.all([openBrowser(), openBusyOffice()]);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await office?.stop();
  });

  it.each([
    ['/flows', 'button', words.flows.ru.list.new],
    ['/connections', 'link', words.connections.ru.add],
    ['/settings', 'button', words.ui.ru.save],
  ] as const)('%s: Tab reaches the button that the page is for', async (path, role, name) => {
    await visit(browser, { url: office.server.url, language: 'ru' }, async (page) => {
      await personAt(page, 'ru').signIn();
      await page.goto(path);
      const button = page.getByRole(role, { name, exact: true }).first();
      await button.waitFor();
      const reached = async () => {
        for (let press = 0; press < 30; press += 1) {
          await page.keyboard.press('Tab');
          if (await button.evaluate((one) => one === one.ownerDocument.activeElement)) return true;
        }
        return false;
      };
      expect(await reached()).toBe(true);
    });
  });

  it('Ctrl K finds a flow and opens it', async () => {
    await visit(browser, { url: office.server.url, language: 'ru' }, async (page) => {
      const { signIn, say, title } = personAt(page, 'ru');
      await signIn();
      await page.keyboard.press('Control+K');
      const search = page.getByRole('searchbox').or(page.getByRole('textbox', { name: say('app:searchWhat') }));
      await search.fill('заявка выполнена');
      // The list of flows may still be on its way.
      await page.getByRole('dialog').getByText(office.flows.back.name).waitFor();
      await page.keyboard.press('Enter');
      await title(office.flows.back.name);
    });
  });

  describe.each(['ru', 'en'] as const)('in the language %s', (language) => {
    it('fits the screen, speaks in words and can be read aloud', async () => {
      const faults: string[] = [];
      await visit(browser, { url: office.server.url, language }, async (page) => {
        await personAt(page, language).signIn();
        for (const path of pagesOf(office)) {
          // The portal's limit of calls is not what is looked at here.
          await office.server.passTime(60);
          for (const [index, { size, scheme }] of looks[language].entries()) {
            await page.setViewportSize(size);
            await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
            if (index === 0) await page.goto(path);
            await whenStill(page, scheme);
            const where = `${path} at ${size.width} px, ${scheme}`;
            faults.push(...(await faultsOf(page)).map((fault) => `${where}: ${fault}`));
          }
        }
      });
      expect(faults).toEqual([]);
    }, 300_000);
  });
});

async function faultsOf(page: Page): Promise<string[]> {
  const { over, text } = await page.evaluate<{ over: number; text: string }>(`({
    over: document.documentElement.scrollWidth - innerWidth,
    text: document.body.innerText,
  })`);
  const key = untranslated.exec(text)?.[2];
  return [
    ...(over > 0 ? [`wider than the screen by ${over} px`] : []),
    ...(key ? [`shows the key ${key}`] : []),
    ...(await seriousFaults(page)),
  ];
}

/** It is painted in these colours, nothing loads and nothing moves any more. */
async function whenStill(page: Page, scheme: Scheme): Promise<void> {
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  const still = `new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted))).then(() =>
    document.documentElement.dataset.mantineColorScheme === '${scheme}' &&
    !document.querySelector('[aria-busy="true"]') &&
    document.getAnimations().every((one) => one.playState !== 'running'))`;
  await eventually(() => page.evaluate<boolean>(still), { within: 20_000, what: `${page.url()} did not come to rest` });
}
