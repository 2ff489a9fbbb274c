import type { ConnectionForm } from '../../kit/testing/connection.ts';
import { runConnectorContract } from '../../kit/testing/contract.ts';
import { hubex } from './index.ts';
import { type HubexStandIn, startHubexStandIn } from './stand-in.ts';

const connect = (standIn: HubexStandIn): ConnectionForm => ({
  fields: { callsPerMinute: 60_000 },
  secrets: { serviceToken: standIn.serviceToken },
  endpoints: { api: standIn.apiUrl },
});

const path = (url: string) => new URL(url).pathname.toLowerCase();

runConnectorContract<HubexStandIn>(hubex, {
  standIn: () => startHubexStandIn(),
  connect,
  wrongToken: (standIn) => ({ ...connect(standIn), secrets: { serviceToken: 'svc-of-somebody-else' } }),
  wrongAddress: (standIn) => ({ ...connect(standIn), endpoints: { api: `${standIn.url}/nothing-here` } }),
  records: {
    task: {
      create: (_, n) => ({
        erpID: `deal-${n}`,
        notes: `Течёт кондиционер & <${n}>`,
        taskType: { id: '1', label: 'Ремонт' },
        criticality: { id: '3', label: 'Высокая' },
        contactPerson: 'Смирнова Анна',
        contactPhone: '+79211112233',
        deadline: '2027-02-03T09:00:00Z',
        attribute_7: true,
        attribute_34: { id: 'yes', label: 'Гарантийный' },
        attribute_21: 120.5,
      }),
      update: (_, n) => ({
        notes: `Не течёт ${n}`,
        actualCost: 1500.5,
        criticality: { id: '1', label: 'Низкая' },
        attribute_7: false,
      }),
      count: (standIn) => standIn.tenant.tasks.size,
      isCreate: ({ method, url }) => method === 'POST' && path(url).endsWith('/work/tasks'),
      touch: (standIn) => {
        const id = standIn.listTasks()[0]?.id ?? 0;
        standIn.editTask(id, { notes: `Правка ${standIn.requests.length}` });
        return String(id);
      },
    },
    contact: {
      create: (_, n) => ({
        fullName: `Ковалёв Пётр ${n}`,
        phone: `+792155500${10 + n}`,
        email: `kovalev${n}@example.ru`,
      }),
      update: (_, n) => ({ position: `Мастер ${n}`, phone: '+79215550099' }),
      count: (standIn) => standIn.tenant.contacts.size,
      isCreate: ({ method, url }) => method === 'POST' && path(url).endsWith('/contacts'),
      touch: (standIn) => {
        const contact = standIn.tenant.contacts.get(105);
        if (contact) contact.position = 'Директор';
        return '105';
      },
    },
    company: {
      create: (_, n) => ({
        name: `ООО «Ромашка ${n}»`,
        tin: `78010000${10 + n}`,
        registrationType: { id: '2', label: 'ООО' },
        phone: '+78120000000',
      }),
      update: () => ({ tin: '7801999999', phone: '+78121111111' }),
      count: (standIn) => standIn.tenant.companies.size,
      isCreate: ({ method, url }) => method === 'POST' && path(url).endsWith('/companies'),
      touch: (standIn) => {
        const company = standIn.tenant.companies.get(17);
        if (company) company.tin = '7800000017';
        return '17';
      },
    },
    location: {
      create: (_, n) => ({ address: `Санкт-Петербург, Невский пр., ${n}` }),
      count: (standIn) => standIn.tenant.locations.size,
    },
  },
  triggers: {
    'task.enteredStage': {
      happen: async (standIn) => {
        const { id } = standIn.createTask({ notes: 'Новая' });
        await standIn.workTask(id, 'Назначена');
        return 2;
      },
    },
    'task.completed': {
      happen: async (standIn) => {
        await standIn.completeTask(standIn.createTask({ notes: 'Сделать' }).id);
      },
    },
  },
});
