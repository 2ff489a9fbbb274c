import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const allowed = [
  ['connectors/a/index.ts', '../../kit/http.ts'],
  ['connectors/a/records/deal.ts', '../api.ts'],
  ['connectors/a/records/lead.ts', '../../../kit/record-type.ts'],
  ['connectors/a/stand-in.ts', '../../kit/testing/stand-in.ts'],
  ['connectors/a/a.test.ts', './stand-in.ts'],
  ['server/crm/index.ts', '../mail/index.ts'],
  ['server/crm/views.ts', '../mail/contract.ts'],
  ['server/crm/parts/a.ts', '../../mail/index.ts'],
  ['server/main.ts', './flows/index.ts'],
  ['server/commands.ts', './flows/apply/index.ts'],
  ['server/flows/history/days.ts', '../store.ts'],
  ['server/flows/load.ts', '../connections/index.ts'],
  ['server/flows/run.ts', './load.ts'],
  ['server/http/app.ts', '../flows/index.ts'],
  ['web/flows/list.tsx', '../../server/flows/contract.ts'],
] as const;
const refused = [
  ['kit/a.ts', '../server/config.ts', 'stands on nothing of ours'],
  ['kit/b.ts', './testing/contract.ts', 'never imports a stand-in'],
  ['connectors/b/api.ts', '../a/api.ts', 'Ask the kit for it'],
  ['connectors/b/records/deal.ts', '../../a/api.ts', 'Ask the kit for it'],
  ['connectors/b/auth.ts', '../../server/config.ts', 'Ask the kit for it'],
  ['connectors/b/check.ts', './stand-in.ts', 'never imports a stand-in'],
  ['server/crm/store.ts', '../mail/store.ts', 'Use the door'],
  ['server/http/hooks.ts', '../flows/receive.ts', 'Use the door'],
  ['server/crm/send.ts', '../testing/index.ts', 'never imports a stand-in'],
  ['server/demo.ts', '../sandbox/index.ts', 'never imports a stand-in'],
  ['server/flows/store.ts', '../connections/store.ts', 'Use the door'],
  ['server/flows/receive.ts', '../crm/index.ts', 'of no other room'],
  ['server/flows/action.ts', './load.ts', 'A step imports no other step'],
  ['server/flows/once.ts', './load.ts', 'A step imports no other step'],
  ['server/notices/a.ts', '../connections/store.ts', 'Use the door'],
  ['server/settings/a.ts', '../notices/alerts.ts', 'Use the door'],
  ['server/crm/parts/b.ts', '../../mail/store.ts', 'Use the door'],
  ['server/flows/alerts.ts', '../notices/index.ts', 'of no other room'],
  ['server/flows/contract/a.ts', '../../accounts/auth.ts', 'of no other room'],
  ['server/flows/history/a.ts', '../../connections/store.ts', 'Use the door'],
  ['server/flows/history/b.ts', '../../accounts/index.ts', 'of no other room'],
  ['server/demo-more.ts', './flows/store.ts', 'Use the door'],
  ['server/db/a.ts', '../flows/index.ts', 'it knows none of them'],
  ['web/app.tsx', '../server/flows/store.ts', 'promises, not code'],
  ['web/ui/text.ts', '../../kit/text.ts', 'promises, not code'],
] as const;

let folder: string;
let said: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mostik-walls-'));
  const put = (file: string, text: string) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  };
  put('oxlint.config.ts', readFileSync(join(root, 'oxlint.config.ts'), 'utf8'));
  for (const room of ['accounts', 'mail', 'connections']) put(`server/${room}/index.ts`, '');
  for (const [file, from] of [...allowed, ...refused]) put(file, `import x from '${from}';\nexport default x;\n`);
  put('server/crm/env.ts', 'export const port = process.env.PORT;\n');
  put('server/crm/call.ts', `export const answer = await fetch('https://example.com');\n`);
  const oxlint = join(root, 'node_modules/oxlint/bin/oxlint');
  said = spawnSync(process.execPath, [oxlint, '-f', 'json'], { cwd: folder, encoding: 'utf8' }).stdout;
});
afterAll(() => rmSync(folder, { recursive: true }));

const wordsFor = (file: string): string[] => {
  const { diagnostics } = JSON.parse(said) as { diagnostics: { filename: string; message: string; help?: string }[] };
  return diagnostics.filter(({ filename }) => filename === file).map(({ message, help }) => `${message} ${help ?? ''}`);
};

test.each(allowed)('%s may import %s', (file) => {
  expect(wordsFor(file)).toEqual([]);
});

test.each(refused)('%s may not import %s', (file, _from, words) => {
  expect(wordsFor(file)).toEqual([expect.stringContaining(words)]);
});

test('only config.ts reads the environment, and calls go out through the kit', () => {
  expect(wordsFor('server/crm/env.ts')).toEqual([expect.stringContaining('process.env')]);
  expect(wordsFor('server/crm/call.ts')).toEqual([expect.stringContaining('kit/http.ts')]);
});
