import { nextLinks, type Task, type Tenant } from './tenant.ts';

/** A task as the sandbox page and tests see it. */
export interface HubexTaskView {
  id: number;
  number: string;
  notes: string;
  erpID: string | null;
  stage: { id: number; name: string; color: string };
  /** Where it may go next. */
  next: { id: number; name: string; action: string }[];
  criticality: string | null;
  company: string | null;
  address: string | null;
  contactPerson: string | null;
  contactPhone: string | null;
  contactEmail: string | null;
  assignedTo: string | null;
  actualCost: number | null;
  created: string;
  completed: string | null;
  messages: { text: string; isExternal: boolean; author: string }[];
}

export function viewOf(tenant: Tenant, task: Task): HubexTaskView {
  const { data } = task;
  const stage = tenant.stages.find(({ id }) => id === task.stageID);
  const user = tenant.users.find(({ id }) => id === task.assignedTo);
  const stageName = (id: number) => tenant.stages.find((candidate) => candidate.id === id)?.name ?? String(id);
  return {
    id: task.id,
    number: task.number,
    notes: data.notes ?? '',
    erpID: data.erpID ?? null,
    stage: { id: task.stageID, name: stage?.name ?? '', color: stage?.color ?? '' },
    next: nextLinks(tenant, task.stageID).map((link) => ({ id: link.to, name: stageName(link.to), action: link.name })),
    criticality: tenant.criticalities.find(({ id }) => id === data.criticalityID)?.name ?? null,
    company: tenant.companies.get(data.companyID ?? -1)?.name ?? null,
    address: tenant.locations.get(data.locationID ?? -1)?.address ?? null,
    contactPerson: data.contactPerson ?? null,
    contactPhone: data.contactPhone ?? null,
    contactEmail: data.contactEmail ?? null,
    assignedTo: user ? `${user.lastName} ${user.firstName}` : null,
    actualCost: data.actualCost ?? null,
    created: task.created.toISOString(),
    completed: task.completed?.toISOString() ?? null,
    messages: task.messages.map(({ message, isExternal, author }) => ({ text: message, isExternal, author })),
  };
}
