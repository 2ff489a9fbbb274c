import { ConnectorError } from '../../../kit/errors.ts';
import type { Value } from '../../../kit/field.ts';
import type { Condition, Rec } from '../../../kit/record-type.ts';
import { fill } from '../../../kit/text.ts';
import { type Api, methods, type Params } from '../api.ts';
import { schemaOf } from '../schema.ts';
import { writeValue } from '../values.ts';
import { type Kind, listItems, toRecs } from './read.ts';

/** crm.duplicate.findbycomm takes 20 values at once. */
const COMM_VALUES = 20;
const commTypes: Record<string, 'PHONE' | 'EMAIL'> = {
  phone: 'PHONE',
  phones: 'PHONE',
  phoneWork: 'PHONE',
  email: 'EMAIL',
  emails: 'EMAIL',
};
const entityNames: Record<number, string> = { 1: 'LEAD', 3: 'CONTACT', 4: 'COMPANY' };

/** Records with one of these phones or e-mails, through the vendor's own index of duplicates. */
async function byComm(api: Api, kind: Kind, type: 'PHONE' | 'EMAIL', values: Value[]): Promise<number[]> {
  // Always with the type of record: 20 hits of one type would hide the later ones.
  const entity = entityNames[kind.entityTypeId] ?? '';
  const wanted = values.map(String);
  const found: number[] = [];
  for (let from = 0; from < wanted.length; from += COMM_VALUES) {
    const part = wanted.slice(from, from + COMM_VALUES);
    const { value } = await api.run(methods.findByComm({ type, values: part, entity_type: entity }));
    found.push(...(value[entity] ?? []));
  }
  return [...new Set(found)];
}

const notSearchable = (field: string): ConnectorError =>
  new ConnectorError({
    kind: 'rejected',
    code: 'bitrix24.not_searchable',
    text: fill(
      {
        en: 'Bitrix24 cannot search by the field “{field}”. Choose another key of the duplicate rule.',
        ru: 'Битрикс24 не умеет искать по полю «{field}». Выберите другой ключ в поиске дублей.',
      },
      { field },
    ),
    field,
  });

async function filterOf(api: Api, kind: Kind, where: Condition[]): Promise<Params> {
  const schema = await schemaOf(api, kind.entityTypeId);
  const filter: Params = {};
  for (const { field, values } of where) {
    const live = schema.byKey.get(field);
    if (!live) throw notSearchable(field);
    const wanted = values.map((value) => writeValue(value, live, schema));
    // Numbers in a text field's search come back as they went: the vendor compares by the column's type.
    if (wanted.length === 1) filter[`=${live.name}`] = wanted[0];
    else filter[`@${live.name}`] = wanted;
  }
  return filter;
}

/** Records that match every condition, newest first. */
export async function find(api: Api, kind: Kind, input: { where: Condition[]; limit: number }): Promise<Rec[]> {
  const isComm = ({ field }: Condition) => kind.entityTypeId in entityNames && commTypes[field] !== undefined;
  const filter = await filterOf(
    api,
    kind,
    input.where.filter((condition) => !isComm(condition)),
  );
  let ids: number[] | undefined;
  for (const { field, values } of input.where.filter(isComm)) {
    const found = await byComm(api, kind, commTypes[field] as 'PHONE' | 'EMAIL', values);
    ids = ids ? ids.filter((id) => found.includes(id)) : found;
  }
  if (ids?.length === 0) return [];
  if (ids) filter['@id'] = ids;
  const { items } = await listItems(api, kind, { filter, order: { id: 'DESC' } });
  return toRecs(api, kind, items.slice(0, input.limit));
}
