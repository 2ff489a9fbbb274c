import type { StandInRequest, StandInResponse } from '../../../kit/testing/stand-in.ts';
import { taskOrderBy } from './task-list.ts';
import type { Company, Contact, Tenant } from './tenant.ts';
import { bodyOf, error, json, listAnswer, present } from './wire.ts';

/** Everything that is not a task: companies, contacts, locations, assets, dictionaries. */

type Row = { id: number; row: unknown };

/** Dictionaries carry their id in the key alone. */
const keyed = (rows: { id: number }[]): Row[] => rows.map(({ id, ...row }) => ({ id, row }));
const withID = (rows: Iterable<{ id: number }>): Row[] =>
  [...rows].map((row) => ({ id: row.id, row: present({ ...row }) }));

const searchText = (request: StandInRequest): string => (request.query.get('searchText') ?? '').toLowerCase();
const matches = (words: (string | undefined)[], search: string): boolean =>
  search === '' || words.some((word) => word?.toLowerCase().includes(search));

function attributeRows(tenant: Tenant): Row[] {
  return tenant.attributes.map((attribute) => ({
    id: attribute.id,
    row: present({
      name: attribute.name,
      type: tenant.attributeTypes.find((type) => type.id === attribute.typeID),
      listOfValues: attribute.values,
      relevantFor: { task: true },
    }),
  }));
}

const dictionaries: Record<string, (tenant: Tenant) => Row[]> = {
  'work/tasktypes': (tenant) => keyed(tenant.taskTypes),
  'work/worktypes': (tenant) => keyed(tenant.workTypes),
  'work/taskstatuses': (tenant) => keyed(tenant.statuses),
  'work/requestmethods': (tenant) => keyed(tenant.requestMethods),
  'work/taskorderby': () => Object.entries(taskOrderBy).map(([id, row]) => ({ id: Number(id), row })),
  'sla/criticalities': (tenant) => keyed(tenant.criticalities),
  'common/attributes': attributeRows,
  'common/attributetypes': (tenant) => keyed(tenant.attributeTypes),
  'es/companyregistrationtypes': (tenant) => withID(tenant.registrationTypes),
};

function postCompanies(tenant: Tenant, request: StandInRequest): StandInResponse {
  const body = bodyOf(request);
  if (!Array.isArray(body)) return error(400, 'InvalidDataFormat', 'Ожидается массив');
  const added: number[] = [];
  for (const row of body as Record<string, unknown>[]) {
    if (!row.name) return error(409, 'ParameterNull', 'Не заполнено наименование', { parameter: 'name' });
    if (!tenant.registrationTypes.some(({ id }) => id === Number(row.registrationtypeid))) {
      return error(409, 'InvalidData', 'Вид регистрации не найден', { field: 'registrationTypeID' });
    }
    const id = tenant.nextID();
    tenant.companies.set(id, companyFrom(id, row));
    added.push(id);
  }
  return json(201, added);
}

const companyFrom = (id: number, row: Record<string, unknown>): Company =>
  present({
    id,
    name: String(row.name),
    tin: row.tin,
    phone: row.phone,
    email: row.email,
    erpID: row.erpid,
    isEmployer: row.isemployer === true,
    registrationTypeID: Number(row.registrationtypeid),
  }) as unknown as Company;

function putCompanies(tenant: Tenant, request: StandInRequest): StandInResponse {
  const body = bodyOf(request);
  for (const row of (Array.isArray(body) ? body : []) as Record<string, unknown>[]) {
    const id = Number(row.id);
    if (!tenant.companies.has(id)) return error(409, 'InvalidData', 'Компания не найдена');
    if (row.customerorgunitid === undefined || row.stafforgunitid === undefined) {
      return error(409, 'ParameterNull', 'Не указано подразделение', { parameter: 'customerOrgUnitID' });
    }
    tenant.companies.set(id, companyFrom(id, row));
  }
  return { status: 202 };
}

const companyRow = (company: Company) => ({
  ...company,
  customerOrgUnit: { id: company.id * 10 + 1, name: `Заказчики: ${company.name}` },
  staffOrgUnit: { id: company.id * 10 + 2, name: `Сотрудники: ${company.name}` },
});

/** The list leaves out what only the card has. */
const companyListRow = (company: Company) => {
  const row = Object.entries(companyRow(company)).filter(([key]) => key !== 'phone' && key !== 'email');
  return Object.fromEntries(row);
};

function writeContacts(tenant: Tenant, request: StandInRequest): StandInResponse {
  const body = bodyOf(request);
  if (!Array.isArray(body)) return error(400, 'InvalidDataFormat', 'Ожидается массив');
  const written: number[] = [];
  for (const row of body as Record<string, unknown>[]) {
    if (!row.fullname) return error(409, 'ParameterNull', 'Не заполнено ФИО', { parameter: 'fullName' });
    const id = request.method === 'PUT' ? Number(row.id) : tenant.nextID();
    if (request.method === 'PUT' && !tenant.contacts.has(id)) return error(409, 'InvalidData', 'Контакт не найден');
    const { phone, email, position, description } = row;
    tenant.contacts.set(
      id,
      present({ id, fullName: row.fullname, phone, email, position, description }) as unknown as Contact,
    );
    written.push(id);
  }
  return request.method === 'PUT' ? { status: 202 } : json(201, written);
}

function postLocations(tenant: Tenant, request: StandInRequest): StandInResponse {
  const body = bodyOf(request);
  if (!Array.isArray(body)) return error(400, 'InvalidDataFormat', 'Ожидается массив');
  const ids = (body as { address?: string; coordinate?: string }[]).map(({ address, coordinate }) => {
    const id = tenant.nextID();
    tenant.locations.set(id, { id, address: String(address), ...(coordinate ? { coordinate } : {}) });
    return id;
  });
  return json(201, ids);
}

/** Answers for a path like `es/companies` and the id after it; undefined when nothing lives there. */
export function answerDirectory(tenant: Tenant, request: StandInRequest, path: string): StandInResponse | undefined {
  const dictionary = dictionaries[path];
  if (dictionary && request.method === 'GET') return listAnswer(request, dictionary(tenant), 'map');
  if (path === 'tstg/taskstages') return listAnswer(request, withID(tenant.stages), 'array');
  if (path === 'common/events') return listAnswer(request, withID(events), 'array');
  const [service, name, id] = path.split('/');
  const search = searchText(request);
  switch (`${service}/${name}`) {
    case 'es/companies': {
      if (request.method === 'POST') return postCompanies(tenant, request);
      if (request.method === 'PUT') return putCompanies(tenant, request);
      if (id !== undefined) return one(tenant.companies.get(Number(id)), (company) => present(companyRow(company)));
      const found = [...tenant.companies.values()].filter((company) =>
        // What the search looks through is not documented.
        matches([company.name, company.tin], search),
      );
      return listAnswer(
        request,
        found.map((company) => ({ id: company.id, row: companyListRow(company) })),
        'map',
      );
    }
    case 'common/contacts': {
      if (request.method === 'HEAD') return error(404, 'NotFound', 'Not found');
      if (request.method === 'POST' || request.method === 'PUT') return writeContacts(tenant, request);
      if (id !== undefined) return one(tenant.contacts.get(Number(id)), (contact) => contact);
      const found = [...tenant.contacts.values()].filter((contact) =>
        matches([contact.fullName, contact.phone, contact.email], search),
      );
      return listAnswer(request, withID(found), 'map');
    }
    case 'es/locations': {
      if (request.method === 'POST') return postLocations(tenant, request);
      if (id === undefined) return undefined;
      return one(tenant.locations.get(Number(id)), (location) => ({ [location.id]: location }));
    }
    case 'es/assets': {
      const found = [...tenant.assets.values()].filter((asset) => matches([asset.name], search));
      return listAnswer(request, withID(found), 'map');
    }
    default:
      return undefined;
  }
}

const one = <T>(row: T | undefined, show: (row: T) => unknown): StandInResponse =>
  row ? json(200, show(row)) : { status: 204 };

/** Only the ids of asset events are known from the release notes; the rest of the live list is not. */
const events = [
  { id: 40, name: 'Создан объект' },
  { id: 41, name: 'Изменён объект' },
  { id: 42, name: 'Удалён объект' },
];
