import { describe, expect, test } from 'vitest';
import type { Connector } from '../connector.ts';
import type { FormField } from '../form.ts';
import type { Text } from '../text.ts';
import type { Bench } from './bench.ts';
import type { StandInServer } from './stand-in.ts';

interface Words {
  where: string;
  text: Text | undefined;
}

const formWords = (where: string, fields: FormField[] | undefined): Words[] =>
  (fields ?? []).flatMap((field) => [
    { where: `${where}.${field.key}`, text: field.label },
    { where: `${where}.${field.key} help`, text: field.help },
    { where: `${where}.${field.key} patternHelp`, text: field.patternHelp },
  ]);

/** All words of our own a connector shows; names of products and algorithms may be plain. */
function wordsOf(connector: Connector): Words[] {
  return [
    { where: 'description', text: connector.description },
    ...connector.auth.flatMap((kind) => [
      { where: `auth.${kind.key}`, text: kind.label },
      { where: `auth.${kind.key} help`, text: kind.help },
      ...formWords(`auth.${kind.key}`, kind.fields),
    ]),
    ...connector.endpoints.map((endpoint) => ({ where: `endpoints.${endpoint.key}`, text: endpoint.label })),
    ...Object.values(connector.records).flatMap((type) => [
      { where: type.key, text: type.label },
      { where: `${type.key} many`, text: type.labelMany },
      ...formWords(type.key, type.actionSettings),
    ]),
    ...[...Object.values(connector.triggers), ...Object.values(connector.actions)].flatMap((entry) => [
      { where: entry.key, text: entry.label },
      { where: `${entry.key} help`, text: entry.help },
      ...formWords(entry.key, entry.settings),
    ]),
    { where: 'webhook help', text: connector.webhook?.help },
    ...formWords('webhook', connector.webhook?.fields),
  ];
}

function badWords({ where, text }: Words): string[] {
  if (text === undefined) return [];
  if (typeof text === 'string') return [`${where}: only one language: ${text}`];
  const empty = !text.en.trim() || !text.ru.trim();
  const loud = /[!]|успешно/i.test(text.ru) || /!/.test(text.en);
  return [...(empty ? [`${where}: a language is empty`] : []), ...(loud ? [`${where}: ${text.ru}`] : [])];
}

const formKey = /^[a-z][A-Za-z0-9]*$/;
const dottedKey = /^[a-z][A-Za-z0-9]*\.[a-z][A-Za-z0-9]*$/;

/** What can be seen without asking the other side, and what the live record types add. */
export function describeShelf<S extends StandInServer>(connector: Connector, bench: () => Bench<S>): void {
  describe('on the shelf', () => {
    test('keys are the property names and well formed', async () => {
      expect(connector.key).toMatch(/^[a-z][a-z0-9]*$/);
      expect(connector.mark.letters).toMatch(/^\p{L}[\p{L}\d]$/u);
      for (const [property, type] of Object.entries(connector.records)) {
        expect(type.key).toBe(property);
        expect(property).toMatch(formKey);
      }
      for (const [property, entry] of [...Object.entries(connector.triggers), ...Object.entries(connector.actions)]) {
        expect(entry.key).toBe(property);
        expect(property).toMatch(dottedKey);
      }
      for (const kind of connector.auth) {
        const keys = kind.fields.map((field) => field.key);
        expect(new Set(keys).size, `auth.${kind.key}: ${keys.join(', ')}`).toBe(keys.length);
      }
    });

    test('says everything in both languages', async () => {
      expect(wordsOf(connector).flatMap(badWords)).toEqual([]);
    });

    test('triggers and actions name existing record types', async () => {
      const known = (await bench().recordTypes()).map((type) => type.key);
      expect(new Set(known).size).toBe(known.length);
      for (const entry of [...Object.values(connector.triggers), ...Object.values(connector.actions)]) {
        if (entry.recordType !== null) expect(known, entry.key).toContain(entry.recordType);
      }
    });
  });
}
