import { createHash } from 'node:crypto';
import type { Field, Value, Values } from '../../../kit/field.ts';
import { mostRows } from '../api/read.ts';
import type { CreatioApi } from '../api.ts';
import type { Row } from '../dialect.ts';
import { choicesOf } from '../lookups.ts';
import { guidOf } from '../values.ts';
import { inParts, rowsOf } from './by-id.ts';

/** Phones and e-mails beyond the columns of a contact or an account stand as rows of an object of their own. */
type Kind = 'phones' | 'emails';
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
const objectOf = (entity: string): string => `${entity}Communication`;

const hasCommunications = async (api: CreatioApi, entity: string): Promise<boolean> =>
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
async function typesOf(api: CreatioApi): Promise<{ id: string; kind: Kind }[]> {
  const choices = (await choicesOf(api, ['CommunicationType'])).get('CommunicationType') ?? [];
  return choices.flatMap(({ id, label }) => {
    const kind = kinds.find(({ names }) => names.test(label));
    return kind ? [{ id, kind: kind.key }] : [];
  });
}

interface Option {
  id: string;
  owner: string;
  kind: Kind;
  number: string;
}

async function optionsOf(api: CreatioApi, entity: string, ids: string[]): Promise<Option[]> {
  const object = objectOf(entity);
  const types = new Map((await typesOf(api)).map(({ id, kind }) => [id, kind]));
  const { dialect } = api;
  const asks = inParts(ids).map((part) => ({
    filter: part.map((id) => `${entity}/Id eq ${dialect.guid(id)}`).join(' or '),
    select: ['Id', 'Number', 'CommunicationTypeId', `${entity}Id`],
    order: 'CreatedOn,Id',
  }));
  const pages = await api.listMany(asks.map((ask) => ({ entity: object, ask })));
  const rows = rowsOf(pages);
  for (const [index, page] of pages.entries()) {
    const ask = asks[index];
    // Cut by the server: the whole part again, page by page.
    if (ask && 'next' in page && page.next !== null) rows.push(...(await api.listAll(object, ask, mostRows)));
  }
  return rows.flatMap((row) => optionOf(row, { entity, types }) ?? []);
}

function optionOf(row: Row, known: { entity: string; types: Map<string, Kind> }): Option | null {
  const id = guidOf(row.Id);
  const owner = guidOf(row[`${known.entity}Id`]);
  const kind = known.types.get(guidOf(row.CommunicationTypeId) ?? '');
  const number = typeof row.Number === 'string' ? row.Number.trim() : '';
  return id && owner && kind && number !== '' ? { id, owner, kind, number } : null;
}

/** Phones and e-mails of several records, by record. */
export async function communicationsOf(api: CreatioApi, entity: string, ids: string[]): Promise<Map<string, Values>> {
  const found = new Map<string, Values>();
  if (ids.length === 0 || !(await hasCommunications(api, entity))) return found;
  for (const { owner, kind, number } of await optionsOf(api, entity, ids)) {
    const values = found.get(owner) ?? {};
    const list = (values[kind] as string[] | undefined) ?? [];
    values[kind] = list.includes(number) ? list : [...list, number];
    found.set(owner, values);
  }
  return found;
}

/** Two spellings of one number are one: digits of a phone, letters of an address whatever their case. */
const sameNumber = (kind: Kind, a: string, b: string): boolean => keyOf(kind, a) === keyOf(kind, b);
const keyOf = (kind: Kind, number: string): string =>
  kind === 'emails' ? number.trim().toLowerCase() : number.replace(/\D/g, '').replace(/^8(?=\d{10}$)/, '7');

const listOf = (value: Value | undefined): string[] =>
  (Array.isArray(value) ? value : [value]).flatMap((one) =>
    typeof one === 'string' && one.trim() ? [one.trim()] : [],
  );

/**
 * Makes the lists of a record what was mapped. A repeat after a crash adds nothing twice: what is there is left, and
 * new rows have ids made of the record and the number.
 */
export async function writeCommunications(
  api: CreatioApi,
  record: { entity: string; id: string },
  values: Values,
): Promise<void> {
  const { entity, id } = record;
  const wanted = Object.keys(values).filter(isCommunication);
  if (wanted.length === 0 || !(await hasCommunications(api, entity))) return;
  const types = await typesOf(api);
  const there = await optionsOf(api, entity, [id]);
  for (const kind of wanted) {
    const numbers = listOf(values[kind]);
    const ofKind = there.filter((option) => option.kind === kind);
    const typeId = types.find((type) => type.kind === kind)?.id;
    for (const number of numbers) {
      if (typeId === undefined || ofKind.some((option) => sameNumber(kind, option.number, number))) continue;
      const Id = idOf([id, kind, keyOf(kind, number)].join(' '));
      await api.create(objectOf(entity), { Id, [`${entity}Id`]: id, CommunicationTypeId: typeId, Number: number });
    }
    for (const option of ofKind) {
      if (numbers.some((number) => sameNumber(kind, option.number, number))) continue;
      await api.remove(objectOf(entity), option.id);
    }
  }
}

/** A name-based id in the form of RFC 9562, version 8. */
function idOf(name: string): string {
  const hex = createHash('sha256').update(`mostik ${name}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Ids of records that have one of these phones or e-mails, in the card's columns or among the communication options. */
export async function ownersOf(
  api: CreatioApi,
  entity: string,
  search: { kind: Kind; filter: (column: string) => string; columns: Set<string> },
): Promise<string[]> {
  const { kind, filter, columns } = search;
  const shown = cardColumns[kind].filter((column) => columns.has(column));
  const select = ['Id'];
  const [options, cards] = await api.listMany([
    {
      entity: objectOf(entity),
      ask: { filter: filter('Number'), select: [`${entity}Id`], order: 'CreatedOn desc', top: 50 },
    },
    ...(shown.length > 0
      ? [{ entity, ask: { filter: shown.map((column) => `(${filter(column)})`).join(' or '), select, top: 50 } }]
      : []),
  ]);
  const rows = rowsOf([options, cards].flatMap((page) => page ?? []));
  return [...new Set(rows.flatMap((row) => guidOf(row[`${entity}Id`]) ?? guidOf(row.Id) ?? []))];
}
