import { ConnectorError } from '../../kit/errors.ts';
import type { Field } from '../../kit/field.ts';
import type { Address } from './answers.ts';
import { type Api, type Command, methods, type Params } from './api.ts';
import { LEAD } from './schema.ts';

/** Company details are a type of their own in the CRM; the addresses hang on them. */
const REQUISITE = 8;

export const addressField: Field = {
  key: 'address',
  label: { en: 'Address', ru: 'Адрес' },
  type: 'address',
  readOnly: true,
  help: {
    en: 'From the company details of the client; for a lead, its own address. The employee behind the webhook must be allowed to read contacts, companies and leads.',
    ru: 'Из реквизитов клиента; у лида — его собственный адрес. Сотруднику, создавшему вебхук, нужно право на чтение контактов, компаний и лидов.',
  },
};

/** The parts in the order of a Russian envelope; the vendor keeps no ready-made line. */
function line(row: Address): string {
  const parts = [row.POSTAL_CODE, row.COUNTRY, row.REGION, row.PROVINCE, row.CITY, row.ADDRESS_1, row.ADDRESS_2];
  const words = parts.map((part) => String(part ?? '').trim()).filter(Boolean);
  return words.filter((word, index) => words.indexOf(word) === index).join(', ');
}

async function readAll<T>(api: Api, command: (params: Params) => Command<T[]>, params: Params): Promise<T[]> {
  const rows: T[] = [];
  for (let start: number | undefined = 0; start !== undefined; ) {
    const page: { value: T[]; next: number | undefined } = await api.run(command({ ...params, start }));
    rows.push(...page.value);
    start = page.next;
  }
  return rows;
}

/** First address by type (1 is the actual one) of each owner. */
async function firstAddresses(api: Api, entityTypeId: number, ids: string[]): Promise<Map<string, string>> {
  const rows = await readAll(api, methods.addressList, {
    filter: { ENTITY_TYPE_ID: entityTypeId, '@ENTITY_ID': ids },
    order: { TYPE_ID: 'asc' },
  });
  const found = new Map<string, string>();
  for (const row of rows.toSorted((a, b) => Number(a.TYPE_ID) - Number(b.TYPE_ID)))
    if (!found.has(row.ENTITY_ID) && line(row)) found.set(row.ENTITY_ID, line(row));
  return found;
}

async function throughDetails(api: Api, entityTypeId: number, ids: string[]): Promise<Map<string, string>> {
  const requisites = await readAll(api, methods.requisiteList, {
    filter: { ENTITY_TYPE_ID: entityTypeId, '@ENTITY_ID': ids },
    order: { ID: 'ASC' },
    select: ['ID', 'ENTITY_ID'],
  });
  if (requisites.length === 0) return new Map();
  const addresses = await firstAddresses(
    api,
    REQUISITE,
    requisites.map((row) => row.ID),
  );
  const found = new Map<string, string>();
  for (const { ID, ENTITY_ID } of requisites) {
    const address = addresses.get(ID);
    if (address && !found.has(ENTITY_ID)) found.set(ENTITY_ID, address);
  }
  return found;
}

/** Addresses of a page of leads, contacts or companies by record id; none where the account may not read them. */
export async function addressesOf(api: Api, entityTypeId: number, ids: string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  try {
    return entityTypeId === LEAD ? await firstAddresses(api, LEAD, ids) : await throughDetails(api, entityTypeId, ids);
  } catch (error) {
    if (error instanceof ConnectorError && error.kind === 'noAccess') return new Map();
    throw error;
  }
}
