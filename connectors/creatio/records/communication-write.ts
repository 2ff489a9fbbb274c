import { createHash } from 'node:crypto';
import { ConnectorError } from '../../../kit/errors.ts';
import type { Value, Values } from '../../../kit/field.ts';
import { fill } from '../../../kit/text.ts';
import type { CreatioApi } from '../api.ts';
import { guidOf } from '../values.ts';
import { change } from './change.ts';
import {
  hasCommunications,
  isCommunication,
  type Kind,
  keyOf,
  type Option,
  objectOf,
  optionsOf,
  sameNumber,
  typesOf,
} from './communications.ts';

const listOf = (value: Value | undefined): string[] =>
  (Array.isArray(value) ? value : [value]).flatMap((one) =>
    typeof one === 'string' && one.trim() ? [one.trim()] : [],
  );

interface List {
  kind: Kind;
  entity: string;
  /** The record whose list it is. */
  owner: string;
  /** As it shall be. */
  numbers: string[];
  /** As it is. */
  options: Option[];
}

/**
 * Makes the lists of a record what was mapped. A repeat after a crash adds nothing twice: what is there is left, and
 * new rows have ids made of the record and the number.
 */
export async function writeCommunications(
  api: CreatioApi,
  record: { entity: string; id: string },
  values: Values,
): Promise<void> {
  const { entity, id: owner } = record;
  const wanted = Object.keys(values).filter(isCommunication);
  if (wanted.length === 0 || !(await hasCommunications(api, entity))) return;
  const there = await optionsOf(api, entity, [owner]);
  for (const kind of wanted) {
    const options = there.filter((option) => option.kind === kind);
    await writeList(api, { kind, entity, owner, numbers: listOf(values[kind]), options });
  }
}

async function writeList(api: CreatioApi, list: List): Promise<void> {
  const { kind, numbers, options } = list;
  const isNew = (number: string) => !options.some((option) => sameNumber(kind, option.number, number));
  const isFirst = (number: string, at: number) => numbers.findIndex((one) => sameNumber(kind, one, number)) === at;
  const missing = numbers.filter((number, at) => isFirst(number, at) && isNew(number));
  const typeId = missing.length === 0 ? '' : await typeOf(api, kind);
  const kept = new Set<string>();
  for (const number of missing) kept.add(await add(api, list, { number, typeId }));
  for (const option of options) {
    if (kept.has(option.id) || isWanted(list, option.number)) continue;
    await api.remove(objectOf(list.entity), option.id);
  }
}

const isWanted = ({ kind, numbers }: List, number: string): boolean =>
  numbers.some((wanted) => sameNumber(kind, wanted, number));

/** The id of the row that has the number now. */
async function add(api: CreatioApi, list: List, option: { number: string; typeId: string }): Promise<string> {
  const { kind, entity, owner } = list;
  const object = objectOf(entity);
  const Id = idOf([owner, kind, keyOf(kind, option.number)].join(' '));
  const body = { [`${entity}Id`]: owner, CommunicationTypeId: option.typeId, Number: option.number };
  try {
    await api.create(object, { Id, ...body });
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.kind !== 'rejected') throw error;
    // The row of this number is there already, and somebody has made another number of it since.
    const row = await api.get(object, Id);
    const isFree = row !== null && guidOf(row[`${entity}Id`]) === owner && !isWanted(list, String(row.Number));
    if (isFree) await change(api, object, { id: Id, columns: body });
    else await api.create(object, body);
  }
  return Id;
}

/** What a number is of most often: the types are the stand's own, in no order that means anything. */
const preferred: Record<Kind, RegExp[]> = { phones: [/моб|mobile/i, /раб|business|work/i], emails: [] };

async function typeOf(api: CreatioApi, kind: Kind): Promise<string> {
  const types = (await typesOf(api)).filter((type) => type.kind === kind);
  const [likely] = preferred[kind].flatMap((names) => types.find(({ label }) => names.test(label)) ?? []);
  const type = likely ?? types[0];
  if (!type) throw noType(api, kind);
  return type.id;
}

const noType = (api: CreatioApi, kind: Kind): ConnectorError =>
  new ConnectorError({
    kind: 'rejected',
    code: 'creatio.no_communication_type',
    text: fill(
      kind === 'phones'
        ? {
            en: '{app} shows no type of communication option that is called a phone. Add one to the lookup “Communication option types”, or let this user read it.',
            ru: '{app} не показывает ни одного типа средства связи с названием вроде «Мобильный телефон». Добавьте его в справочник «Типы средств связи» или разрешите этому пользователю читать справочник.',
          }
        : {
            en: '{app} shows no type of communication option that is called an e-mail. Add one to the lookup “Communication option types”, or let this user read it.',
            ru: '{app} не показывает ни одного типа средства связи с названием вроде «E-mail». Добавьте его в справочник «Типы средств связи» или разрешите этому пользователю читать справочник.',
          },
      { app: api.about.app },
    ),
    field: kind,
  });

/** A name-based id in the form of RFC 9562, version 8. */
function idOf(name: string): string {
  const hex = createHash('sha256').update(`mostik ${name}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
