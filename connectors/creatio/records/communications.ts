import type { Field, Value, Values } from '../../../kit/field.ts';
import type { CreatioApi } from '../api.ts';
import type { Row } from '../dialect.ts';
import { choicesOf } from '../lookups.ts';
import { guidOf } from '../values.ts';
import { inParts, rowsOf } from './by-id.ts';

/** Phones and e-mails beyond the columns of a contact or an account stand as rows of an object of their own. */
export type Kind = 'phones' | 'emails';
const kinds: { key: Kind; type: 'phone' | 'email'; names: RegExp; label: { en: string; ru: string } }[] = [
  {
    key: 'phones',
    type: 'phone',
    names: /phone|телефон|тел\./i,
    label: { en: 'All phones', ru: 'Все телефоны' },
  },
  { key: 'emails', type: 'email', names: /e-?mail|почт/i, label: { en: 'All e-mails', ru: 'Все e-mail' } },
];

/** The columns that show the first of each kind on the card. */
const cardColumns: Record<Kind, string[]> = {
  phones: ['MobilePhone', 'Phone', 'HomePhone', 'AdditionalPhone'],
  emails: ['Email'],
};

const owners = ['Contact', 'Account'];
export const objectOf = (entity: string): string => `${entity}Communication`;

export const hasCommunications = async (api: CreatioApi, entity: string): Promise<boolean> =>
  owners.includes(entity) && (await api.model()).has(objectOf(entity));

export const isCommunication = (key: string): key is Kind => kinds.some((kind) => kind.key === key);

/** The two lists as fields, where the stand has them. */
export async function communicationFields(api: CreatioApi, entity: string): Promise<Field[]> {
  if (!(await hasCommunications(api, entity))) return [];
  return kinds.map(({ key, type, label }) => ({
    key,
    label,
    type,
    list: true,
    search: type === 'phone' ? ('text' as const) : ('normalised' as const),
    help: {
      en: 'From the communication options. Writing makes the list what is given: missing ones are added, others removed.',
      ru: 'Из средств связи. При записи список становится таким, как задан: недостающие добавляются, лишние удаляются.',
    },
  }));
}

/** Which types of communication are phones and which e-mails: told by their names, which are the stand's own. */
export async function typesOf(api: CreatioApi): Promise<{ id: string; label: string; kind: Kind }[]> {
  const choices = (await choicesOf(api, ['CommunicationType'])).get('CommunicationType') ?? [];
  return choices.flatMap(({ id, label }) => {
    const kind = kinds.find(({ names }) => names.test(label));
    return kind ? [{ id, label, kind: kind.key }] : [];
  });
}

export interface Option {
  id: string;
  owner: string;
  kind: Kind;
  number: string;
}

export async function optionsOf(api: CreatioApi, entity: string, ids: string[]): Promise<Option[]> {
  const object = objectOf(entity);
  const types = new Map((await typesOf(api)).map(({ id, kind }) => [id, kind]));
  const { dialect } = api;
  const questions = inParts(api, ids, (part) => ({
    entity: object,
    ask: {
      filter: part.map((id) => `${entity}/Id eq ${dialect.guid(id)}`).join(' or '),
      select: ['Id', 'Number', 'CommunicationTypeId', `${entity}Id`],
      order: 'CreatedOn,Id',
    },
  }));
  const rows = await rowsOf(api, questions);
  return rows.flatMap((row) => optionOf(row, { entity, types }) ?? []);
}

function optionOf(row: Row, known: { entity: string; types: Map<string, Kind> }): Option | null {
  const id = guidOf(row.Id);
  const owner = guidOf(row[`${known.entity}Id`]);
  const kind = known.types.get(guidOf(row.CommunicationTypeId) ?? '');
  const number = typeof row.Number === 'string' ? row.Number.trim() : '';
  return id && owner && kind && number !== '' ? { id, owner, kind, number } : null;
}

/**
 * Phones and e-mails of several records, by record: the communication options and what stands on the card alone. A
 * search finds by both, and what it finds must show the number it was found by.
 */
export async function communicationsOf(api: CreatioApi, entity: string, rows: Row[]): Promise<Map<string, Values>> {
  const found = new Map<string, Record<Kind, string[]>>();
  if (rows.length === 0 || !(await hasCommunications(api, entity))) return new Map();
  for (const row of rows) found.set(guidOf(row.Id) ?? '', { phones: [], emails: [] });
  for (const { owner, kind, number } of await optionsOf(api, entity, [...found.keys()]))
    addTo(found.get(owner)?.[kind], kind, number);
  for (const row of rows)
    for (const { key } of kinds)
      for (const column of cardColumns[key]) addTo(found.get(guidOf(row.Id) ?? '')?.[key], key, row[column]);
  return new Map([...found].map(([id, lists]) => [id, filled(lists)]));
}

function addTo(list: string[] | undefined, kind: Kind, value: unknown): void {
  const number = typeof value === 'string' ? value.trim() : '';
  if (number !== '' && !list?.some((known) => sameNumber(kind, known, number))) list?.push(number);
}

const filled = (lists: Record<Kind, string[]>): Values =>
  Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0));

/** Two spellings of one number are one: digits of a phone, letters of an address whatever their case. */
export const sameNumber = (kind: Kind, a: string, b: string): boolean => keyOf(kind, a) === keyOf(kind, b);
export const keyOf = (kind: Kind, number: string): string =>
  kind === 'emails' ? number.trim().toLowerCase() : number.replace(/\D/g, '').replace(/^8(?=\d{10}$)/, '7');

/** Ids of records that have one of these phones or e-mails, in the card's columns or among the communication options. */
export async function ownersOf(
  api: CreatioApi,
  entity: string,
  search: { kind: Kind; values: Value[]; filter: (column: string, values: Value[]) => string; columns: Set<string> },
): Promise<string[]> {
  const { kind, values, filter, columns } = search;
  const shown = cardColumns[kind].filter((column) => columns.has(column));
  const ofOptions = inParts(api, values, (part) => ({
    entity: objectOf(entity),
    ask: { filter: filter('Number', part), select: [`${entity}Id`], order: 'CreatedOn desc', top: 50 },
  }));
  const ofCards = inParts(api, shown.length > 0 ? values : [], (part) => ({
    entity,
    ask: { filter: shown.map((column) => `(${filter(column, part)})`).join(' or '), select: ['Id'], top: 50 },
  }));
  const rows = await rowsOf(api, [...ofOptions, ...ofCards]);
  return [...new Set(rows.flatMap((row) => guidOf(row[`${entity}Id`]) ?? guidOf(row.Id) ?? []))];
}
