import { tableOf } from '../connectors/creatio/stand-in/stand.ts';
import type { Apps } from './keep.ts';
import { contactViews, dealViews, pipelineViews, taskViews, urgencies } from './views.ts';
import type { Mark, Watch } from './watch.ts';

/** Every record that the page shows, by what its key begins with; newest first. */
const recordsOf = ({ bitrix24, hubex, creatio, bpmonline }: Omit<Apps, 'webhook'>) => ({
  deal: dealViews(bitrix24),
  'bitrix24.contact': contactViews(bitrix24),
  task: taskViews(hubex),
  'creatio.contact': creatio.listContacts(),
  'creatio.lead': creatio.listLeads(),
  'creatio.case': creatio.listCases(),
  'bpmonline.contact': bpmonline.listContacts(),
});
type Records = ReturnType<typeof recordsOf>;

/** What a view takes from other records: a client with a new name is no change of the deal. */
const borrowed: Record<keyof Records, string[]> = {
  deal: ['client', 'company', 'phone', 'email'],
  'bitrix24.contact': ['company'],
  task: [],
  'creatio.contact': ['account'],
  'creatio.lead': [],
  'creatio.case': ['contact'],
  'bpmonline.contact': ['account'],
};

/** All records as text, by key: a text that is another one was changed. */
export function textsOf(apps: Apps): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [kind, records] of Object.entries(recordsOf(apps)))
    for (const record of records) {
      const others = borrowed[kind as keyof Records];
      texts.set(
        `${kind}:${record.id}`,
        JSON.stringify(record, (name, value: unknown) => (others.includes(name) ? undefined : value)),
      );
    }
  return texts;
}

type Marked<T> = (T & { mark: Mark | null })[];

/** The records of each app with what Mostik did to them. */
export function describeRecords(apps: Apps, watch: Watch) {
  const records = recordsOf(apps);
  const marked = <T extends { id: number | string }>(kind: keyof Records, list: T[]): Marked<T> =>
    list.map((record) => ({ ...record, mark: watch.mark(`${kind}:${record.id}`) }));
  return {
    bitrix24: {
      pipelines: pipelineViews(apps.bitrix24),
      urgencies: urgencies(apps.bitrix24),
      deals: marked('deal', records.deal),
      contacts: marked('bitrix24.contact', records['bitrix24.contact']),
    },
    hubex: { tasks: marked('task', records.task) },
    creatio: {
      contacts: marked('creatio.contact', records['creatio.contact']),
      leads: marked('creatio.lead', records['creatio.lead']),
      cases: marked('creatio.case', records['creatio.case']),
      statuses: apps.creatio.caseStatuses(),
      priorities: [...tableOf(apps.creatio.stand, 'CasePriority').rows.values()].map(({ Name }) => String(Name)),
    },
    bpmonline: { contacts: marked('bpmonline.contact', records['bpmonline.contact']) },
  };
}
