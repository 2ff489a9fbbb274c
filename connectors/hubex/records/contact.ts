import { ConnectorError } from '../../../kit/errors.ts';
import type { Field, Values } from '../../../kit/field.ts';
import type { Rec, RecordType } from '../../../kit/record-type.ts';
import type { HubexApi } from '../api.ts';
import { contactSchema } from '../wire.ts';
import { present } from './choices.ts';
import { wholeList } from './whole-list.ts';

const fields: Field[] = [
  { key: 'fullName', label: { en: 'Full name', ru: 'ФИО' }, type: 'text', required: true, search: 'text' },
  { key: 'phone', label: { en: 'Phone', ru: 'Телефон' }, type: 'phone', search: 'text' },
  { key: 'email', label: { en: 'E-mail', ru: 'E-mail' }, type: 'email', search: 'text' },
  { key: 'position', label: { en: 'Position', ru: 'Должность' }, type: 'text' },
  { key: 'description', label: { en: 'Comment', ru: 'Комментарий' }, type: 'text', multiline: true },
];
const keys = fields.map(({ key }) => key);

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

const load = async (api: HubexApi, id: string): Promise<Rec | null> => toRec(id, await api.getContact(id));

const whole = wholeList({
  fields,
  list: (api, query, window) => api.listContacts(query, window),
  toRec,
  load,
  keys: { name: 'fullName', others: ['phone', 'email'] },
});

const writable = (values: Values): Values =>
  Object.fromEntries(keys.filter((key) => values[key] !== undefined).map((key) => [key, values[key] ?? null]));

export const contact: RecordType<HubexApi> = {
  key: 'contact',
  label: { en: 'Contact', ru: 'Контакт' },
  labelMany: { en: 'Contacts', ru: 'Контакты' },
  describe: async () => fields,

  fullPass: true,
  changes: whole.changes,
  newest: whole.newest,
  get: load,
  find: async (api, { where, limit }) => (await whole.search(api, where)).slice(0, limit),

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
  repeat: { kind: 'recover', afterSeconds: 60, recover: (api, { values }) => whole.recover(api, values) },
};

const gone = (): ConnectorError =>
  new ConnectorError({
    kind: 'gone',
    code: 'hubex.contact_gone',
    text: {
      en: 'The contact to update is not in HubEx any more. Run again: the duplicate rule then decides anew.',
      ru: 'Контакта, который нужно изменить, больше нет в HubEx. Запустите ещё раз: правило дублей решит заново.',
    },
  });
