import type { Text } from '../../kit/text.ts';
import { type FlowDraft, flowDraft } from './contract.ts';

/** A ready-made flow: everything that does not depend on the other side's own stages and types is filled in. */
export interface FlowTemplate {
  key: string;
  name: Text;
  about: Text;
  /** Connector keys from trigger to last step. */
  apps: string[];
  /** `connections`: ids by connector key. An app with exactly one is chosen, else the card asks. */
  build(connections: Record<string, string[]>): FlowDraft;
}

const only = (connections: Record<string, string[]>, connector: string): { connection?: string } => {
  const [first, ...others] = connections[connector] ?? [];
  return first !== undefined && others.length === 0 ? { connection: first } : {};
};

const template = (text: string) => ({ kind: 'template' as const, text });

/** The client stands in the deal's contact, else in its company. */
const fromClient = (field: string) => template(`{{ trigger.contact.${field} | default: trigger.company.${field} }}`);

const dealToTask: FlowTemplate = {
  key: 'bitrix24-deal-to-hubex-task',
  name: { en: 'Bitrix24 deal → HubEx task', ru: 'Сделка Битрикс24 → заявка HubEx' },
  about: {
    en: 'When a deal enters the service stage, an engineer gets a task with the client, the address and the comment.',
    ru: 'Когда сделка переходит на стадию сервиса, инженер получает заявку с клиентом, адресом и комментарием.',
  },
  apps: ['bitrix24', 'hubex'],
  build: (connections) =>
    flowDraft.parse({
      trigger: {
        ...only(connections, 'bitrix24'),
        trigger: 'deal.changed',
        settings: {},
        mode: 'realTime',
        everyMinutes: 5,
        once: true,
      },
      filter: {
        combinator: 'and',
        rules: [{ field: 'stage', operator: 'startsWith', value: 'Сервисная служба', by: 'label' }],
      },
      steps: [
        {
          id: 'a1',
          ...only(connections, 'hubex'),
          action: 'task.create',
          settings: {},
          mapping: {
            contactPerson: template(
              '{% if trigger.contact.id %}{{ trigger.contact.name }} {{ trigger.contact.lastName }}{% else %}{{ trigger.company.title }}{% endif %}',
            ),
            contactPhone: fromClient('phone'),
            contactEmail: fromClient('email'),
            address: fromClient('address'),
            notes: template('{{ trigger.title }}\n{{ trigger.comments | strip_bbcode }}'),
            erpID: template('{{ trigger.id }}'),
          },
          duplicates: {
            mode: 'skip',
            keys: [{ field: 'erpID', template: '{{ trigger.id }}' }],
            several: 'first',
            fields: {},
          },
        },
      ],
    }),
};

const taskToDeal: FlowTemplate = {
  key: 'hubex-task-to-bitrix24-deal',
  name: { en: 'HubEx task completed → Bitrix24 deal', ru: 'Заявка HubEx выполнена → сделка Битрикс24' },
  about: {
    en: 'When the engineer completes the task, its deal moves on and keeps when it was done, what it cost and what was written.',
    ru: 'Когда инженер выполнил заявку, её сделка переходит дальше и хранит дату, стоимость и комментарий.',
  },
  apps: ['hubex', 'bitrix24'],
  build: (connections) =>
    flowDraft.parse({
      trigger: {
        ...only(connections, 'hubex'),
        trigger: 'task.completed',
        settings: {},
        mode: 'poll',
        everyMinutes: 5,
        once: false,
      },
      steps: [
        {
          id: 'a1',
          ...only(connections, 'bitrix24'),
          action: 'deal.update',
          settings: {},
          mapping: {
            stage: { kind: 'table', source: '{{ trigger.stage }}', rows: [] },
            comments: template(
              'HubEx, {{ trigger.completed | date: "%d.%m.%Y %H:%M" }}{% if trigger.actualCost %}, {{ trigger.actualCost }} ₽{% endif %}: {{ trigger.finishComment }}',
            ),
          },
          // Without keys: the deal is found by the pair that the way there remembered.
          duplicates: { mode: 'update', keys: [], several: 'stop', fields: { comments: 'append' } },
        },
      ],
    }),
};

const formToTask: FlowTemplate = {
  key: 'webhook-form-to-hubex-task',
  name: { en: 'Form on a site → HubEx task', ru: 'Форма на сайте → заявка HubEx' },
  about: {
    en: 'A form on your site, or anything that can call an address, makes a task.',
    ru: 'Форма на сайте или любая программа, которая умеет обращаться по адресу, создаёт заявку.',
  },
  apps: ['webhook', 'hubex'],
  build: (connections) =>
    flowDraft.parse({
      trigger: {
        ...only(connections, 'webhook'),
        trigger: 'webhook.received',
        settings: {},
        mode: 'realTime',
        everyMinutes: 5,
        once: false,
      },
      steps: [
        {
          id: 'a1',
          ...only(connections, 'hubex'),
          action: 'task.create',
          settings: {},
          mapping: {
            contactPerson: template('{{ trigger.name }}'),
            contactPhone: template('{{ trigger.phone }}'),
            contactEmail: template('{{ trigger.email }}'),
            address: template('{{ trigger.address }}'),
            notes: template('{{ trigger.comment }}'),
          },
          duplicates: { mode: 'create', keys: [], several: 'stop', fields: {} },
        },
      ],
    }),
};

/** Ready-made flows to begin from, in the order they are shown. */
export const templates: FlowTemplate[] = [dealToTask, taskToDeal, formToTask];
