/** The state of the fake HubEx: plain tables and the few verbs that change them. Times are real `Date`s; `wire.ts` writes them as HubEx does. */

export interface Named {
  id: number;
  name: string;
}
export interface Stage extends Named {
  color: string;
  statusID: number;
}
/** A way from stage to stage as the administrator drew it: `name` is what the button says. */
export interface StageLink {
  from: number;
  to: number;
  name: string;
}
export interface Company extends Named {
  tin?: string;
  phone?: string;
  email?: string;
  erpID?: string;
  isEmployer: boolean;
  registrationTypeID: number;
}
export interface Contact {
  id: number;
  fullName: string;
  phone?: string;
  email?: string;
  position?: string;
  description?: string;
}
export interface Location {
  id: number;
  address: string;
  coordinate?: string;
}
export interface Asset extends Named {
  companyID?: number;
  locationID?: number;
}
export interface User {
  id: number;
  lastName: string;
  firstName: string;
}
export interface Attribute extends Named {
  typeID: number;
  values?: Record<string, string>;
}
export interface StageEntry {
  stageID: number;
  at: Date;
  notes?: string;
}
export interface Message {
  id: number;
  created: Date;
  message: string;
  isExternal: boolean;
  author: string;
}
/** What a task's card holds as it is written over the API, by the names of `Task.AddData`. */
export interface TaskData {
  taskTypeID?: number;
  requestMethodID?: number;
  criticalityID?: number;
  workTypeID?: number;
  companyID?: number;
  assetID?: number;
  locationID?: number;
  number?: string;
  erpID?: string;
  notes?: string;
  notesHtml?: string;
  contactPerson?: string;
  contactPhone?: string;
  contactEmail?: string;
  estimatedCost?: number;
  actualCost?: number;
  deadline?: Date;
  requestedStartDateTime?: Date;
  requestedFinishDateTime?: Date;
}
export interface Task {
  id: number;
  number: string;
  data: TaskData;
  stageID: number;
  assignedTo?: number;
  created: Date;
  assigned?: Date;
  accepted?: Date;
  completed?: Date;
  closed?: Date;
  deleted?: Date;
  statusChanged: Date;
  lastModified: Date;
  attributes: Map<number, string>;
  history: StageEntry[];
  messages: Message[];
}
export interface RegisteredWebhook {
  id: number;
  name: string;
  uri: string;
  isActive: boolean;
  events: number[];
  taskStages: number[];
}

export interface Tenant {
  clock: { now(): Date; advance(milliseconds: number): void };
  taskTypes: Named[];
  workTypes: Named[];
  criticalities: (Named & { color: string; isDefault?: boolean })[];
  requestMethods: Named[];
  statuses: (Named & { color: string })[];
  stages: Stage[];
  links: StageLink[];
  attributeTypes: (Named & { code: string })[];
  attributes: Attribute[];
  registrationTypes: { id: number; nameRu: string; shortNameRu: string }[];
  users: User[];
  companies: Map<number, Company>;
  contacts: Map<number, Contact>;
  locations: Map<number, Location>;
  assets: Map<number, Asset>;
  tasks: Map<number, Task>;
  webhooks: Map<number, RegisteredWebhook>;
  /** Concurrency stamps already used. */
  stamps: Set<string>;
  nextID(): number;
}

/** Stages by what they mean for the clock of a task. */
export const stageIDs = {
  new: 1,
  assigned: 2,
  accepted: 3,
  working: 4,
  completed: 5,
  closed: 6,
  cancelled: 7,
} as const;

/** Stages that may follow the current one. */
export const nextLinks = (tenant: Tenant, stageID: number): StageLink[] =>
  tenant.links.filter((link) => link.from === stageID);

/** The shortest way over the links, without the stage it starts from; null when there is none. */
export function wayTo(tenant: Tenant, from: number, to: number): number[] | null {
  const ways: number[][] = [[from]];
  const visited = new Set([from]);
  for (let way = ways.shift(); way; way = ways.shift()) {
    const last = way.at(-1) as number;
    if (last === to) return way.slice(1);
    for (const link of nextLinks(tenant, last)) {
      if (visited.has(link.to)) continue;
      visited.add(link.to);
      ways.push([...way, link.to]);
    }
  }
  return null;
}

export function addTask(tenant: Tenant, data: TaskData): Task {
  const id = tenant.nextID();
  const now = tenant.clock.now();
  const task: Task = {
    id,
    number: data.number ?? `02070000${String(id).padStart(5, '0')}`,
    data,
    stageID: stageIDs.new,
    created: now,
    statusChanged: now,
    lastModified: now,
    attributes: new Map(),
    history: [{ stageID: stageIDs.new, at: now }],
    messages: [],
  };
  tenant.tasks.set(id, task);
  return task;
}

/** Enters a stage without asking whether a link leads there. */
export function enterStage(
  tenant: Tenant,
  task: Task,
  move: { stageID: number; notes?: string; moveLastModified: boolean; at?: Date },
): void {
  const at = move.at ?? tenant.clock.now();
  task.stageID = move.stageID;
  task.statusChanged = at;
  task.history.push({ stageID: move.stageID, at, ...(move.notes === undefined ? {} : { notes: move.notes }) });
  if (move.moveLastModified) task.lastModified = tenant.clock.now();
  if (move.stageID === stageIDs.assigned) {
    task.assigned = at;
    task.assignedTo ??= tenant.users[task.id % tenant.users.length]?.id ?? 1;
  }
  if (move.stageID === stageIDs.accepted) task.accepted = at;
  if (move.stageID === stageIDs.completed) task.completed = at;
  if (move.stageID === stageIDs.working) {
    delete task.completed;
    delete task.closed;
  }
  if (move.stageID === stageIDs.closed || move.stageID === stageIDs.cancelled) task.closed = at;
}

export function addMessage(
  tenant: Tenant,
  task: Task,
  message: { text: string; isExternal: boolean; author: string },
): Message {
  const added: Message = {
    id: tenant.nextID(),
    created: tenant.clock.now(),
    message: message.text,
    isExternal: message.isExternal,
    author: message.author,
  };
  task.messages.push(added);
  return added;
}
