import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { discover } from './discover.ts';
import { addColumn, objectOf } from './stand-in/objects.ts';
import { idFor } from './stand-in/seed.ts';
import { insert, noRecord, tableOf } from './stand-in/stand.ts';
import { asked, openBpmonline, openCreatio, where } from './testing/bench.ts';
import { contact } from './testing/records.ts';

/** The columns of a contact of the vendor's own stand. */
const sample = JSON.parse(
  readFileSync(new URL('./samples/odata4-contact-list.response.json', import.meta.url), 'utf8').replace(/^\uFEFF/, ''),
) as { value: Record<string, unknown>[] };
const columns = Object.keys(sample.value[0] ?? {}).filter((name) => !name.includes('@'));

const bothWays = [
  ['Creatio', openCreatio],
  ['Creatio without $batch', (options = {}) => openCreatio(options).then(withoutBatch)],
  ['bpm’online', openBpmonline],
] as const;

function withoutBatch(opened: Awaited<ReturnType<typeof openCreatio>>) {
  opened.standIn.rules.batch = false;
  return opened;
}

test.each(bothWays)('IIS as it comes takes forty contacts by id with all their columns: %s', async (_name, open) => {
  const { standIn, api } = await open();
  const { schema, rows } = tableOf(standIn.stand, 'Contact');
  for (const name of columns.filter((column) => !schema.columns.has(column)))
    addColumn(schema, name, [name.endsWith('Id') ? '-> ContactType' : 'text 250', name]);
  for (const row of rows.values())
    for (const { name, kind } of schema.columns.values()) row[name] ??= kind === 'lookup' ? noRecord : '';
  const account = { AccountId: idFor('Кафе «Ладога»') };
  const ids = Array.from({ length: 40 }, (_, n) => standIn.createContact({ Name: `К ${n}`, ...account }).id);
  const found = (await contact.getMany?.(api, ids)) ?? [];
  expect(found.map(({ values }) => values.Account)).toEqual(
    ids.map(() => ({ id: account.AccountId, label: 'Кафе «Ладога»' })),
  );
});

test.each(bothWays)('a phone in many spellings is found in every column: %s', async (_name, open) => {
  const { api } = await open();
  const others = Array.from({ length: 15 }, (_, n) => `8 (911) 555-77-0${n}, доб. 100${n}`);
  const found = await contact.find?.(api, { ...where('phones', ...others, '8 (911) 555-77-01'), settings: {} });
  expect(found?.map(({ label }) => label)).toEqual(['Гусев Олег Петрович']);
});

test.each(bothWays)('an object with forty references is read: %s', async (_name, open) => {
  const { standIn, api } = await open();
  const schema = objectOf('UsrBig', 'Большой');
  for (let n = 0; n < 40; n++) addColumn(schema, `UsrResponsibleForStage${n}Id`, ['-> Contact', `Ответственный ${n}`]);
  standIn.stand.tables.set('UsrBig', { schema, rows: new Map(), version: 0 });
  const ids = Array.from({ length: 30 }, (_, n) => String(insert(standIn.stand, 'UsrBig', { Name: `К ${n}` }).Id));
  const type = (await discover(api)).find(({ key }) => key === 'UsrBig');
  expect(await type?.getMany?.(api, ids)).toHaveLength(30);
  expect(await type?.newest?.(api, { limit: 5, settings: {} })).toHaveLength(5);
  expect(asked(standIn).filter((line) => line.endsWith('/odata/')).length).toBeLessThanOrEqual(1);
});
