import { readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { beforeAll, describe, expect, inject } from 'vitest';
import { buildWeb, webIsCurrent } from '../web/build.mjs';

/** As `describe`; without a browser its tests are skipped, and the end of `npm test` says why there is none. */
export function inBrowser(name: string, tests: () => void): void {
  describe.skipIf(inject('chromium') === null)(name, () => {
    // Before any server starts: it looks for the bundle once.
    beforeAll(makeSureOfWeb);
    tests();
  });
}

export type Language = 'en' | 'ru';

/** How long a person would wait for anything, on a machine that is busy with other tests. */
const patience = 20_000;

/** The machine's own Chromium. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: inject('chromium') ?? '',
    args: [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

/** Builds the bundle as the sources are now, once, though several files of tests begin at the same time. */
async function makeSureOfWeb(): Promise<void> {
  if (webIsCurrent()) return;
  const client = new Client({ connectionString: inject('postgres').url });
  await client.connect();
  try {
    await client.query(`select pg_advisory_lock(hashtext('mostik web bundle'))`);
    await buildWeb();
  } finally {
    await client.end();
  }
}

interface VisitOptions extends Pick<BrowserContextOptions, 'viewport' | 'colorScheme' | 'storageState'> {
  /** Where the addresses of the pages begin. */
  url: string;
  language: Language;
}

/**
 * One person's browser: opens it, walks, closes it. Errors of the page and of its console fail the walk; of a walk that
 * fails, a picture is left in the folder for temporary files.
 */
export async function visit(browser: Browser, options: VisitOptions, walk: (page: Page) => Promise<void>) {
  const { url, language, viewport = { width: 1440, height: 900 }, ...rest } = options;
  const context = await browser.newContext({
    ...rest,
    baseURL: url,
    viewport,
    locale: language === 'ru' ? 'ru-RU' : 'en-US',
    timezoneId: 'Europe/Moscow',
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(patience);
  const errors: string[] = [];
  context.on('page', (page) => listenForErrors(page, errors));
  const page = await context.newPage();
  try {
    await walk(page);
    expect(errors).toEqual([]);
  } catch (error) {
    const folder = await mkdtemp(join(tmpdir(), 'mostik-e2e-'));
    const pages = context.pages();
    await Promise.all(pages.map((one, index) => one.screenshot({ path: join(folder, `${index}.png`) })));
    console.error(`${pages.map((one) => one.url()).join(', ')}: pictures in ${folder}`, ...errors);
    throw error;
  } finally {
    await context.close();
  }
}

function listenForErrors(page: Page, errors: string[]): void {
  page.on('pageerror', (error) => errors.push(error.stack ?? error.message));
  page.on('console', (message) => {
    // Chromium writes one for every refused request; which of them are mistakes is told by `response`.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      errors.push(message.text());
  });
  page.on('response', (response) => {
    const refusal = response.status() < 500 && new URL(response.url()).pathname.startsWith('/api/');
    if (response.status() >= 400 && !refusal) errors.push(`${response.status()} ${response.url()}`);
  });
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  id: string;
  impact: string;
  help: string;
  nodes: { target: string[]; failureSummary: string }[];
}

/** What axe finds serious or critical on the page as it is now. */
export async function seriousFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const { violations } = await page.evaluate<{ violations: Violation[] }>(
    `axe.run(document, { resultTypes: ['violations'] })`,
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) =>
      nodes.map((node) => `${id}: ${help} · ${node.target.join(' ')} · ${node.failureSummary}`),
    );
}
