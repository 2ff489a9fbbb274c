import { ConnectorError } from '../../../kit/errors.ts';
import type { Field, Values } from '../../../kit/field.ts';
import type { Condition, Rec, RecordType } from '../../../kit/record-type.ts';
import type { HubexApi } from '../api.ts';
import { contactSchema, type Row } from '../wire.ts';
import { idOf, present } from './choices.ts';
import { matches } from './matches.ts';

const fields: Field[] = [
  { key: 'fullName', label: { en: 'Full name', ru: 'ФИО' }, type: 'text', required: true, search: 'text' },
  { key: 'phone', label: { en: 'Phone', ru: 'Телефон' }, type: 'phone', search: 'text' },
  { key: 'email', label: { en: 'E-mail', ru: 'E-mail' }, type: 'email', search: 'text' },
  { key: 'position', label: { en: 'Position', ru: 'Должность' }, type: 'text' },
  { key: 'description', label: { en: 'Comment', ru: 'Комментарий' }, type: 'text', multiline: true },
];
const keys = fields.map(({ key }) => key);
const pageSize = 500;

function toRec(id: string, row: unknown): Rec | null {
  const contact = contactSchema.safeParse(row).data;
  if (!contact || contact.deleted !== undefined) return null;
  const { fullName, phone, email, position, description } = contact;
  return {
    id,
    values: present({ fullName, phone, email, position, description }),
    ...(fullName ? { label: fullName } : {}),
  };
}

const toRecs = (rows: Row[]): Rec[] => rows.flatMap(({ id, row }) => toRec(id, row) ?? []);

async function all(api: HubexApi): Promise<Rec[]> {
  const records: Rec[] = [];
  for (let from = 1; ; ) {
    const page = await api.listContacts({}, { from, till: from + pageSize - 1 });
    records.push(...toRecs(page.rows));
    if (page.rows.length === 0 || page.till >= page.total) return records;
    from = page.till + 1;
  }
}

/** `searchText` looks through name, phone and e-mail by substring, and only through these. */
async function search(api: HubexApi, where: Condition[]): Promise<Rec[]> {
  const condition = where.find(({ field }) =>
    fields.some(({ key, search: kind }) => key === field && kind !== undefined),
  );
  const found = new Map<string, Rec>();
  for (const value of condition?.values ?? []) {
    const page = await api.listContacts({ searchText: idOf(value) ?? '' }, { from: 1, till: 100 });
    for (const record of toRecs(page.rows)) if (matches(record, where, fields)) found.set(record.id, record);
  }
  return [...found.values()];
}

const newestFirst = (records: Rec[]): Rec[] => records.sort((one, other) => Number(other.id) - Number(one.id));

const writable = (values: Values): Values =>
  Object.fromEntries(keys.filter((key) => values[key] !== undefined).map((key) => [key, values[key] ?? null]));

export const contact: RecordType<HubexApi> = {
  key: 'contact',
  label: { en: 'Contact', ru: 'Контакт' },
  labelMany: { en: 'Contacts', ru: 'Контакты' },
  describe: async () => fields,

  // HubEx has no changed-since for contacts: the whole list in one page.
  fullPass: true,
  changes: async (api, { cursor, since }) => ({
    items: cursor === null && since === undefined ? [] : await all(api),
    removed: [],
    next: { pass: api.now().toISOString() },
    more: false,
  }),
  newest: async (api, { limit }) => newestFirst(await all(api)).slice(0, limit),

  async get(api, id) {
    return toRec(id, await api.getContact(id));
  },
  find: async (api, { where, limit }) => newestFirst(await search(api, where)).slice(0, limit),

  async create(api, { values }) {
    const id = await api.createContact(present(writable(values)));
    return { id, ...(typeof values.fullName === 'string' ? { label: values.fullName } : {}) };
  },
  /** PUT takes the whole contact: what is not said would be cleared. */
  async update(api, { id, values }) {
    const now = await api.getContact(id);
    if (!now) throw gone();
    const { fullName, phone, email, position, description } = now;
    const merged = { ...present({ fullName, phone, email, position, description }), ...writable(values) };
    await api.putContact({ id: Number(id), ...present(merged) });
    return { id };
  },
  repeat: {
    kind: 'recover',
    afterSeconds: 60,
    async recover(api, { values }) {
      const told = (['phone', 'email', 'fullName'] as const).filter((key) => values[key]);
      // A name alone says too little to know our contact by.
      if (!told.some((key) => key !== 'fullName')) return 'unknown';
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

const gone = (): ConnectorError =>
  new ConnectorError({
    kind: 'gone',
    code: 'hubex.contact_gone',
    text: { en: 'The contact is not in HubEx any more.', ru: 'Контакта больше нет в HubEx.' },
  });
