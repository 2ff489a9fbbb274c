import type { StandInRequest, StandInResponse } from '../../../kit/testing/stand-in.ts';
import { stageIDs, type Task, type Tenant } from './tenant.ts';
import { error } from './wire.ts';

type Test = (task: Task, value: string, tenant: Tenant) => boolean;

const sameID =
  (pick: (task: Task) => number | undefined): Test =>
  (task, value) =>
    String(pick(task)) === value;
const from =
  (pick: (task: Task) => Date | undefined): Test =>
  (task, value) =>
    (pick(task)?.getTime() ?? Number.NEGATIVE_INFINITY) >= Date.parse(value);
const till =
  (pick: (task: Task) => Date | undefined): Test =>
  (task, value) =>
    (pick(task)?.getTime() ?? Number.POSITIVE_INFINITY) <= Date.parse(value);
const flag =
  (pick: (task: Task) => boolean): Test =>
  (task, value) =>
    pick(task) === (value === 'true');

/** Times are answered to the second, and a row found by its own answered time must be found. */
const second = (date: Date | undefined) => date && new Date(Math.floor(date.getTime() / 1000) * 1000);

const filters: Record<string, Test> = {
  taskid: sameID((task) => task.id),
  tasktypeid: sameID((task) => task.data.taskTypeID),
  worktypeid: sameID((task) => task.data.workTypeID),
  taskstageid: sameID((task) => task.stageID),
  companyid: sameID((task) => task.data.companyID),
  assetid: sameID((task) => task.data.assetID),
  criticalityid: sameID((task) => task.data.criticalityID),
  assignedto: sameID((task) => task.assignedTo),
  tasknumber: (task, value) => task.number === value,
  erpid: (task, value) => task.data.erpID === value,
  searchtext: (task, value) => {
    const { notes, contactPerson, contactPhone, contactEmail } = task.data;
    return [task.number, notes, contactPerson, contactPhone, contactEmail].some((text) =>
      text?.toLowerCase().includes(value.toLowerCase()),
    );
  },
  creationfrom: from((task) => second(task.created)),
  creationtill: till((task) => second(task.created)),
  completionfrom: from((task) => second(task.completed)),
  completiontill: till((task) => second(task.completed)),
  closingfrom: from((task) => second(task.closed)),
  closingtill: till((task) => second(task.closed)),
  lastmodifiedfrom: from((task) => second(task.lastModified)),
  lastmodifiedtill: till((task) => second(task.lastModified)),
  isclosed: flag((task) => task.closed !== undefined),
  iscompleted: flag((task) => task.completed !== undefined),
  isassigned: flag((task) => task.stageID >= stageIDs.assigned && task.assignedTo !== undefined),
  isdeleted: flag((task) => task.deleted !== undefined),
};

/** A value of the wrong type is an error that does not name the parameter; an unknown parameter is ignored. */
function wrongType(name: string, value: string): boolean {
  if (name.endsWith('from') || name.endsWith('till')) return Number.isNaN(Date.parse(value));
  if (name.startsWith('is')) return value !== 'true' && value !== 'false';
  if (name === 'erpid' || name === 'tasknumber' || name === 'searchtext') return false;
  return !/^\d+$/.test(value);
}

/** The tasks a query asks for, in its order, or the refusal. */
export function queryTasks(tenant: Tenant, request: StandInRequest): Task[] | StandInResponse {
  let found = [...tenant.tasks.values()];
  for (const [rawName, value] of request.query) {
    const name = rawName.toLowerCase();
    const isSort = name === 'orderby' || name === 'sortdirection';
    const test = filters[name];
    if (!test && !isSort) continue;
    if (wrongType(name, value)) return error(409, 'InvalidData', 'Некорректные данные');
    // HEAD does not list these two in the swagger.
    if (request.method === 'HEAD' && name.startsWith('lastmodified')) continue;
    if (test) found = found.filter((task) => test(task, value, tenant));
  }
  return sorted(found, request);
}

function sorted(tasks: Task[], request: StandInRequest): Task[] {
  const direction = request.query.get('sortDirection') ?? '2';
  if (direction !== '1' && direction !== '2') return tasks.sort((one, other) => one.id - other.id);
  const pick = (task: Task) => (request.query.get('orderBy') === '8' ? task.lastModified : task.created).getTime();
  const sign = direction === '1' ? 1 : -1;
  return tasks.sort((one, other) => sign * (pick(one) - pick(other) || one.id - other.id));
}

/** `GET /WORK/TaskOrderBy`: the ids are sparse. */
export const taskOrderBy = {
  1: { name: 'Дата подачи', code: 'CreationDate' },
  2: { name: 'Номер', code: 'Number' },
  3: { name: 'Срок выполнения', code: 'Deadline' },
  4: { name: 'Критичность', code: 'Criticality' },
  5: { name: 'Стадия', code: 'TaskStage' },
  7: { name: 'Дата назначения', code: 'AssignationDate' },
  8: { name: 'Дата изменения', code: 'LastModified' },
};
