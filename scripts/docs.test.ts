import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig } from '../server/config.ts';

const root = resolve(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const pages = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
];

test.each(pages)('%s leads nowhere that is not there', (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link = '']) => link);
  expect(links.filter((link) => !existsSync(join(root, dirname(page), link)))).toEqual([]);
});

test('pictures are small enough to be read over a slow line', () => {
  const folder = join(root, 'docs/using/pictures');
  const sizes = readdirSync(folder).map((file) => ({ file, bytes: statSync(join(folder, file)).size }));
  expect(sizes.filter(({ bytes }) => bytes > 250_000)).toEqual([]);
});

/** Of the table: `| \`PORT\` | \`8080\` | \`PORT=8090\` | … |`. */
const documented = [
  ...read('docs/hosting/configuration.md').matchAll(/^\| `([A-Z_]+)` \| [^|]+ \| `([^`]+)` \|/gm),
].map(([, name = '', example = '']) => ({ name, example }));

test('every setting the program reads is in the table, and no other', () => {
  const settings = [...read('server/config.ts').matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map(([, name]) => name);
  expect(documented.map(({ name }) => name).sort()).toEqual(settings.sort());
});

test.each(documented)('the example $example is taken, and changes something', ({ name, example }) => {
  const given = example.slice(name.length + 1);
  expect(example).toBe(`${name}=${given}`);
  // These two are only taken together.
  const person = { MOSTIK_ADMIN_EMAIL: 'somebody@example.com', MOSTIK_ADMIN_PASSWORD: 'some-password' };
  const around = name in person ? person : {};
  expect(readConfig({ ...around, [name]: given })).not.toEqual(readConfig(around));
});
