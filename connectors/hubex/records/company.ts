import { ConnectorError } from '../../../kit/errors.ts';
import type { Field, Values } from '../../../kit/field.ts';
import type { Rec, RecordType } from '../../../kit/record-type.ts';
import type { HubexApi } from '../api.ts';
import { companySchema } from '../wire.ts';
import { choicesOf, present, wireID } from './choices.ts';
import { wholeList } from './whole-list.ts';

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

const load = async (api: HubexApi, id: string): Promise<Rec | null> => toRec(id, await api.getCompany(id));

const whole = wholeList({
  fields,
  list: (api, query, window) => api.listCompanies(query, window),
  toRec,
  load,
  keys: { name: 'name', others: ['erpID', 'tin'] },
});

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
    const live = await choicesOf(api, 'registrationType');
    return fields.map((field) => (field.key === 'registrationType' ? { ...field, ...live } : field));
  },

  fullPass: true,
  changes: whole.changes,
  newest: whole.newest,
  get: load,
  async find(api, { where, limit }) {
    const found = (await whole.search(api, where)).slice(0, limit);
    return Promise.all(found.map(async (record) => (await load(api, record.id)) ?? record));
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
  repeat: { kind: 'recover', afterSeconds: 60, recover: (api, { values }) => whole.recover(api, values) },
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
    text: {
      en: 'The company to update is not in HubEx any more. Run again: the duplicate rule then decides anew.',
      ru: 'Компании, которую нужно изменить, больше нет в HubEx. Запустите ещё раз: правило дублей решит заново.',
    },
  });
