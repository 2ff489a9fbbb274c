import type { Locator, Page } from 'playwright-core';
import { administrator } from '../server/testing/index.ts';
import type { Language } from './browser.ts';
import { sayIn } from './words.ts';

/** What a person does, by the names that a screen reader says. */
export function personAt(page: Page, language: Language) {
  const say = sayIn(language);
  /** In the whole page, or within a part of it. */
  const within = (place: Page | Locator) => ({
    button: (name: string) => place.getByRole('button', { name, exact: true }),
    link: (name: string) => place.getByRole('link', { name, exact: true }),
    press: (name: string) => place.getByRole('button', { name, exact: true }).click(),
    type: (label: string, text: string) => place.getByRole('textbox', { name: label, exact: true }).fill(text),
    async choose(label: string, option: string) {
      await place.getByRole('combobox', { name: label, exact: true }).click();
      await page.getByRole('option', { name: option, exact: true }).click();
    },
  });
  const everywhere = within(page);
  return {
    page,
    say,
    within,
    ...everywhere,
    dialog: (name: string) => page.getByRole('dialog', { name }),
    /** A card of the flow editor. */
    card: (name: string) => page.getByRole('region', { name, exact: true }),
    title: (name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor(),
    /** Words that are read out when they appear: notices, results. */
    hears: (words: string | RegExp) => page.getByText(words).first().waitFor(),
    /** Looks for a field in the picker that is open, by its words, and takes it. An option says type, name and value. */
    async pickField(words: string, name: string) {
      await page.getByRole('combobox', { name: say('flows:picker.search') }).fill(words);
      const fields = page.getByRole('listbox', { name: say('flows:picker.fields') });
      await fields
        .getByRole('option', { name: new RegExp(`(^|\\s)${escape(name)}(\\s|$)`) })
        .first()
        .click();
    },
    async signIn() {
      await page.goto('/sign-in');
      await everywhere.type(say('accounts:email'), administrator.email);
      await page.getByLabel(say('accounts:password'), { exact: true }).fill(administrator.password);
      await everywhere.press(say('accounts:signIn'));
      await page.getByRole('heading', { level: 1, name: say('home:title') }).waitFor();
    },
  };
}
export type Person = ReturnType<typeof personAt>;

const escape = (words: string) => words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
