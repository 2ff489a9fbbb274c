import type { RecordCases } from '../../kit/testing/bench.ts';
import { runConnectorContract } from '../../kit/testing/contract.ts';
import { bitrix24 } from './index.ts';
import { updateItem } from './stand-in/portal.ts';
import { type Bitrix24StandIn, startBitrix24StandIn } from './stand-in.ts';

const overlap =
  'a pass overlaps the last minute of the pass before, the record state tells what is new: see records.test.ts';

const count = (entityTypeId: number) => (standIn: Bitrix24StandIn) => standIn.portal.items.get(entityTypeId)?.size ?? 0;
const isCreate: RecordCases<Bitrix24StandIn>['isCreate'] = (request) => request.url.endsWith('/crm.item.add');

const touch = (entityTypeId: number) => (standIn: Bitrix24StandIn) => {
  const [id] = standIn.portal.items.get(entityTypeId)?.keys() ?? [];
  updateItem(standIn.portal, entityTypeId, id, { comments: `изменено ${Math.random()}` });
  return String(id);
};

const person = (n: number) => ({
  name: 'Анна',
  lastName: `Белова ${n}`,
  phone: `+7 916 000-00-0${n}`,
  email: `belova${n}@example.com`,
});

runConnectorContract(bitrix24, {
  standIn: () => startBitrix24StandIn({ limited: false }),
  connect: (standIn) => ({
    fields: {},
    secrets: { webhookUrl: standIn.webhookUrl },
    endpoints: { rest: standIn.restBase },
  }),
  wrongToken: (standIn) => ({
    fields: {},
    secrets: { webhookUrl: `https://${standIn.domain}/rest/1/wrongsecretwrong/` },
    endpoints: { rest: standIn.restBase },
  }),
  wrongAddress: (standIn) => ({
    fields: {},
    secrets: { webhookUrl: standIn.webhookUrl },
    endpoints: { rest: `${standIn.url}/elsewhere` },
  }),
  records: {
    deal: {
      create: (_, n) => ({
        title: `Ремонт ${n}`,
        opportunity: 1500.5,
        stage: { id: 'C1:EXECUTING', label: 'В работе' },
        closedate: '2026-09-30',
        ufCrm_1700000003: '2026-09-01T09:30:00Z',
        ufCrm_1700000001: { id: '42', label: 'Высокая' },
        ufCrm_1700000006: 990,
        ufCrm_1700000008: ['Печь', 'Тестомес'],
        ufCrm_1700000009: true,
      }),
      update: (_, n) => ({ title: `Ремонт, срочно ${n}`, stage: { id: 'C1:WON', label: '' }, ufCrm_1700000009: false }),
      count: count(2),
      touch: touch(2),
      isCreate,
      skip: { quiet: overlap },
    },
    contact: {
      create: (_, n) => ({ ...person(n), birthdate: '1985-02-03' }),
      update: (_, n) => ({ post: 'Директор', phone: `+7 916 111-11-1${n}` }),
      count: count(3),
      touch: touch(3),
      isCreate,
      findBy: (values) => ({ field: 'email', value: values.email ?? null }),
      skip: { quiet: overlap },
    },
    company: {
      create: (_, n) => ({ title: `ООО «Тест ${n}»`, phones: [`+7 495 000-00-0${n}`, '+7 495 999-99-99'] }),
      update: () => ({ industry: { id: 'RETAIL', label: '' } }),
      count: count(4),
      touch: touch(4),
      isCreate,
      skip: { quiet: overlap },
    },
    lead: {
      create: (_, n) => ({ title: `Заявка ${n}`, ...person(n) }),
      update: () => ({ stage: { id: 'IN_PROCESS', label: '' }, comments: 'Перезвонить' }),
      count: count(1),
      touch: touch(1),
      isCreate,
      skip: { quiet: overlap },
    },
  },
  triggers: {
    'deal.enteredStage': {
      happen: (standIn) => {
        const [first] = standIn.listDeals();
        standIn.moveDeal(first?.id ?? 0, 'C1:EXECUTING');
        standIn.moveDeal(first?.id ?? 0, 'C1:UC_SERVICE');
        return 2;
      },
    },
    'lead.enteredStage': { happen: (standIn) => void standIn.createLead({ title: 'Новый лид' }) },
  },
});
