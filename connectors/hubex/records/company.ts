import { ConnectorError } from '../../../kit/errors.ts';
import type { Field, Values } from '../../../kit/field.ts';
import type { Condition, Rec, RecordType } from '../../../kit/record-type.ts';
import type { HubexApi } from '../api.ts';
import { companySchema, type Row } from '../wire.ts';
import { choicesOf, idOf, present, wireID } from './choices.ts';
import { matches } from './matches.ts';

/** Phone and e-mail stand on the card alone, so a full pass cannot see that they changed: hence `derived`. */
const onCardOnly = {
  en: 'Not part of the list of companies: a change of this field alone starts no flow.',
  ru: 'Не входит в список компаний: изменение только этого поля не запускает связку.',
};
const fields: Field[] = [
  { key: 'name', label: { en: 'Name', ru: 'Название' }, type: 'text', required: true, search: 'text' },
  { key: 'tin', label: { en: 'Tax number (ИНН)', ru: 'ИНН' }, type: 'text', search: 'text' },
  { key: 'erpID', label: { en: 'External ID (erpID)', ru: 'Внешний код (erpID)' }, type: 'text', search: 'text' },
  { key: 'phone', label: { en: 'Phone', ru: 'Телефон' }, type: 'phone', derived: true, help: onCardOnly },
  { key: 'email', label: { en: 'E-mail', ru: 'E-mail' }, type: 'email', derived: true, help: onCardOnly },
  {
    key: 'registrationType',
    label: { en: 'Registration type', ru: 'Вид регистрации' },
    type: 'choice',
    required: true,
  },
  { key: 'isEmployer', label: { en: 'Customer', ru: 'Заказчик' }, type: 'boolean' },
];
const pageSize = 500;

function toRec(id: string, row: unknown): Rec | null {
  const company = companySchema.safeParse(row).data;
  if (!company || company.deleted !== undefined) return null;
  const { name, tin, erpID, phone, email, isEmployer, registrationTypeID: type } = company;
  const registrationType = type === undefined ? undefined : { id: type, label: company.registrationTypeNameRu ?? type };
  return {
    id,
    values: present({ name, tin, erpID, phone, email, isEmployer, registrationType }),
    ...(name ? { label: name } : {}),
  };
}

const toRecs = (rows: Row[]): Rec[] => rows.flatMap(({ id, row }) => toRec(id, row) ?? []);

async function all(api: HubexApi): Promise<Rec[]> {
  const records: Rec[] = [];
  for (let from = 1; ; ) {
    const page = await api.listCompanies({}, { from, till: from + pageSize - 1 });
    records.push(...toRecs(page.rows));
    if (page.rows.length === 0 || page.till >= page.total) return records;
    from = page.till + 1;
  }
}

async function search(api: HubexApi, where: Condition[]): Promise<Rec[]> {
  const condition = where.find(({ field }) =>
    fields.some(({ key, search: kind }) => key === field && kind !== undefined),
  );
  const found = new Map<string, Rec>();
  for (const value of condition?.values ?? []) {
    const page = await api.listCompanies({ searchText: idOf(value) ?? '' }, { from: 1, till: 100 });
    for (const record of toRecs(page.rows)) if (matches(record, where, fields)) found.set(record.id, record);
  }
  return [...found.values()].sort((one, other) => Number(other.id) - Number(one.id));
}

/** The members of `CompanyAddData`; null clears. */
function companyBody(values: Values): Record<string, unknown> {
  const { registrationType, isEmployer, ...texts } = values;
  const body: Record<string, unknown> = {};
  for (const key of ['name', 'tin', 'erpID', 'phone', 'email']) {
    if (texts[key] !== undefined) body[key] = texts[key] === null ? null : String(texts[key]);
  }
  if (registrationType !== undefined) body.registrationTypeID = wireID(registrationType);
  if (isEmployer !== undefined) body.isEmployer = isEmployer === true;
  return body;
}

export const company: RecordType<HubexApi> = {
  key: 'company',
  label: { en: 'Company', ru: 'Компания' },
  labelMany: { en: 'Companies', ru: 'Компании' },
  async describe(api) {
    const choices = await choicesOf(api, 'registrationType');
    return fields.map((field) => (field.key === 'registrationType' ? { ...field, choices } : field));
  },

  // HubEx has no changed-since for companies: the whole list in one page.
  fullPass: true,
  changes: async (api, { cursor, since }) => ({
    items: cursor === null && since === undefined ? [] : await all(api),
    removed: [],
    next: { pass: api.now().toISOString() },
    more: false,
  }),
  newest: async (api, { limit }) =>
    (await all(api)).sort((one, other) => Number(other.id) - Number(one.id)).slice(0, limit),

  async get(api, id) {
    return toRec(id, await api.getCompany(id));
  },
  async find(api, { where, limit }) {
    const found = (await search(api, where)).slice(0, limit);
    return Promise.all(found.map(async (record) => (await company.get?.(api, record.id)) ?? record));
  },

  async create(api, { values }) {
    const id = await api.createCompany({ isEmployer: true, ...present(companyBody(values)) });
    return { id, ...(typeof values.name === 'string' ? { label: values.name } : {}) };
  },
  async update(api, { id, values }) {
    const now = await api.getCompany(id);
    if (!now) throw gone();
    await api.putCompany({ ...fullRecord(now), ...companyBody(values), id: Number(id) });
    return { id };
  },
  repeat: {
    kind: 'recover',
    afterSeconds: 60,
    async recover(api, { values }) {
      const told = (['erpID', 'tin', 'name'] as const).filter((key) => values[key]);
      if (!told.some((key) => key !== 'name')) return 'unknown';
      const found = await search(
        api,
        told.map((field) => ({ field, values: [values[field] ?? null] })),
      );
      const [only, ...others] = found;
      if (!only) return 'notDone';
      return others.length > 0 ? 'unknown' : { id: only.id, ...(only.label ? { label: only.label } : {}) };
    },
  },
};

/** What PUT takes back of a card: it wants the ids of linked things where the card shows the things themselves. */
function fullRecord(card: Record<string, unknown>): Record<string, unknown> {
  const { customerOrgUnit, staffOrgUnit, location, ...rest } = card;
  const linked = present({
    customerOrgUnitID: memberID(customerOrgUnit),
    staffOrgUnitID: memberID(staffOrgUnit),
    locationID: memberID(location),
    // The wiki's sample sends the objects, the swagger asks for the ids: both are given.
    customerOrgUnit,
    staffOrgUnit,
  });
  const plain = Object.entries(rest).filter(
    ([key]) => !/^(counters|deleted|registrationType(Short)?Name.*)$/.test(key),
  );
  const { registrationTypeID, ...members } = Object.fromEntries(plain);
  return {
    ...present(members),
    ...linked,
    ...(registrationTypeID ? { registrationTypeID: Number(registrationTypeID) } : {}),
  };
}

const memberID = (value: unknown): unknown =>
  value !== null && typeof value === 'object' ? (value as { id?: unknown }).id : undefined;

const gone = (): ConnectorError =>
  new ConnectorError({
    kind: 'gone',
    code: 'hubex.company_gone',
    text: { en: 'The company is not in HubEx any more.', ru: 'Компании больше нет в HubEx.' },
  });
