import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js';
import type { Field, Value, Values } from '../../kit/field.ts';
import { type Multifield, multifield } from './answers.ts';

/** Phones and e-mails of leads, contacts and companies: one array of the vendor, five fields of ours. */
export const contactFields: Field[] = [
  {
    key: 'phone',
    label: { en: 'Phone (first)', ru: 'Телефон (первый)' },
    type: 'phone',
    search: 'text',
    searchedIn: 'phones',
  },
  {
    key: 'phoneWork',
    label: { en: 'Phone (work)', ru: 'Телефон (рабочий)' },
    type: 'phone',
  },
  {
    key: 'phones',
    label: { en: 'Phones (all)', ru: 'Телефоны (все)' },
    type: 'phone',
    list: true,
    help: {
      en: 'Numbers that are missing are added; others stay.',
      ru: 'Недостающие номера добавляются, остальные остаются.',
    },
  },
  {
    key: 'email',
    label: { en: 'E-mail (first)', ru: 'E-mail (первый)' },
    type: 'email',
    search: 'normalised',
    searchedIn: 'emails',
  },
  {
    key: 'emails',
    label: { en: 'E-mails (all)', ru: 'E-mail (все)' },
    type: 'email',
    list: true,
    help: {
      en: 'Addresses that are missing are added; others stay.',
      ru: 'Недостающие адреса добавляются, остальные остаются.',
    },
  },
];

const contactKeys = new Set(contactFields.map((field) => field.key));
export const isContactKey = (key: string): boolean => contactKeys.has(key);

type Kind = 'PHONE' | 'EMAIL';
const kindOf: Record<string, Kind> = {
  phone: 'PHONE',
  phoneWork: 'PHONE',
  phones: 'PHONE',
  email: 'EMAIL',
  emails: 'EMAIL',
};

export function multifieldsOf(raw: unknown): Multifield[] {
  const list: unknown[] = typeof raw === 'object' && raw !== null ? Object.values(raw) : [];
  return list.flatMap((row) => multifield.safeParse(row).data ?? []).filter((row) => row.value !== '');
}

/** The five fields of a record's `fm`. */
export function readMultifields(raw: unknown): Values {
  const rows = multifieldsOf(raw);
  const values = (kind: Kind) => rows.filter((row) => row.typeId === kind).map((row) => row.value);
  const [phones, emails] = [values('PHONE'), values('EMAIL')];
  const work = rows.find((row) => row.typeId === 'PHONE' && row.valueType === 'WORK');
  return {
    ...(phones[0] !== undefined && { phone: phones[0], phones }),
    ...(work && { phoneWork: work.value }),
    ...(emails[0] !== undefined && { email: emails[0], emails }),
  };
}

/** Two spellings of one number or address have one key. */
function sameKey(kind: Kind, value: string, country: string): string {
  if (kind === 'EMAIL') return value.trim().toLowerCase();
  const parsed = parsePhoneNumberFromString(value, country as CountryCode);
  return parsed?.number ?? value.replace(/\D/g, '');
}

const given = (value: Value | undefined): string[] =>
  (Array.isArray(value) ? value : [value]).map((one) => String(one ?? '').trim()).filter(Boolean);

/** The `fm` of a new record: each number and address once. */
export function newMultifields(values: Values, country: string): Omit<Multifield, 'id'>[] {
  const seen = new Set<string>();
  return ['phone', 'phoneWork', 'phones', 'email', 'emails'].flatMap((key) =>
    given(values[key]).flatMap((value) => {
      const kind = kindOf[key] as Kind;
      const known = `${kind} ${sameKey(kind, value, country)}`;
      if (seen.has(known)) return [];
      seen.add(known);
      return [{ typeId: kind, valueType: 'WORK', value }];
    }),
  );
}

interface Change {
  ID?: number;
  VALUE?: string;
  VALUE_TYPE?: string;
  DELETE?: 'Y';
}

/**
 * What must be sent so that the record has these numbers and addresses: a row with its ID changes that value, without
 * one it is added, so a value that is already there is never sent. Null removes the value it stands for.
 */
export function multifieldChanges(
  values: Values,
  current: Multifield[],
  country: string,
): Partial<Record<Kind, Change[]>> {
  const changes: Partial<Record<Kind, Change[]>> = {};
  for (const kind of ['PHONE', 'EMAIL'] as const) {
    const found = changesOfKind(kind, values, { rows: current.filter((row) => row.typeId === kind), country });
    if (found.length > 0) changes[kind] = found;
  }
  return changes;
}

function changesOfKind(kind: Kind, values: Values, has: { rows: Multifield[]; country: string }): Change[] {
  const { rows, country } = has;
  const known = new Set(rows.map((row) => sameKey(kind, row.value, country)));
  const wanted = new Set(
    Object.entries(kindOf)
      .filter(([, one]) => one === kind)
      .flatMap(([key]) => given(values[key]).map((value) => sameKey(kind, value, country))),
  );
  // A row that already holds one of the wanted values gives its place to no other.
  const touched = new Set(rows.filter((row) => wanted.has(sameKey(kind, row.value, country))).map((row) => row.id));
  const changes: Change[] = [];

  const put = (value: string, row: Multifield | undefined): void => {
    const key = sameKey(kind, value, country);
    if (known.has(key)) return;
    known.add(key);
    if (row) touched.add(row.id);
    changes.push(row ? { ID: row.id, VALUE: value, VALUE_TYPE: row.valueType } : { VALUE: value, VALUE_TYPE: 'WORK' });
  };
  const setOne = (key: string, fits: (row: Multifield) => boolean): void => {
    if (!(key in values)) return;
    const row = rows.find((one) => fits(one) && !touched.has(one.id));
    const [value] = given(values[key]);
    if (value !== undefined) put(value, row);
    else if (row) {
      touched.add(row.id);
      changes.push({ ID: row.id, DELETE: 'Y' });
    }
  };

  setOne(kind === 'PHONE' ? 'phone' : 'email', () => true);
  if (kind === 'PHONE') setOne('phoneWork', (row) => row.valueType === 'WORK');
  for (const value of given(values[kind === 'PHONE' ? 'phones' : 'emails'])) put(value, undefined);
  return changes;
}
