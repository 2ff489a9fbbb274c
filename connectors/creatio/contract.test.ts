import type { RecordCases, TriggerCases } from '../../kit/testing/bench.ts';
import type { ConnectionForm } from '../../kit/testing/connection.ts';
import { runConnectorContract } from '../../kit/testing/contract.ts';
import { bpmonline, creatio } from './index.ts';
import { idFor } from './stand-in/seed.ts';
import { type BpmonlineStandIn, type CreatioStandIn, startBpmonlineStandIn, startCreatioStandIn } from './stand-in.ts';

type StandIn = CreatioStandIn | BpmonlineStandIn;

const overlap =
  'a pass overlaps the last minute of the pass before, the record state tells what is new: see changes.test.ts';
const isCreate =
  (entity: string): RecordCases<StandIn>['isCreate'] =>
  ({ method, url }) =>
    method === 'POST' && new RegExp(`/${entity}(Collection)?$`).test(new URL(url).pathname);

const connect = (standIn: StandIn): ConnectionForm => ({
  fields: { address: standIn.url, userName: standIn.gate.userName },
  secrets: { password: standIn.gate.password },
});

const records: Record<string, RecordCases<StandIn>> = {
  contact: {
    create: (standIn, n) => ({
      Name: `Белова Анна & <${n}>`,
      MobilePhone: `+7 916 000-00-0${n}`,
      Email: `belova${n}@example.com`,
      BirthDate: '1985-02-03',
      Type: { id: standIn.valueOf('ContactType', 'Клиент'), label: 'Клиент' },
      UsrBonusPoints: 150.5,
      UsrLoyal: true,
      phones: [`+7 916 000-00-0${n}`, `+7 812 777-00-0${n}`],
    }),
    update: () => ({ JobTitle: 'Директор', Email: 'director@example.com', UsrLoyal: false }),
    count: (standIn) => standIn.count('Contact'),
    isCreate: isCreate('Contact'),
    touch(standIn) {
      const [first] = standIn.listContacts();
      return standIn.editContact(first?.id ?? '', { Notes: `Правка ${Math.random()}` }).id;
    },
    findBy: (values) => ({ field: 'Email', value: values.Email ?? null }),
    skip: { quiet: overlap },
  },
  account: {
    create: (standIn, n) => ({
      Name: `ООО «Тест ${n}»`,
      Phone: `+7 495 000-00-0${n}`,
      Web: 'https://test.example',
      Industry: { id: standIn.valueOf('AccountIndustry', 'Торговля'), label: 'Торговля' },
    }),
    update: () => ({ Address: 'Москва, Тверская, 1', Phone: '+7 495 111-11-11' }),
    count: (standIn) => standIn.count('Account'),
    isCreate: isCreate('Account'),
    touch(standIn) {
      const { id } = standIn.change('Account', 'Кафе «Ладога»', { Notes: `Правка ${Math.random()}` });
      return id;
    },
    skip: { quiet: overlap },
  },
  lead: {
    create: (_, n) => ({
      Contact: `Фролов ${n}`,
      MobilePhone: `+7 905 555-00-0${n}`,
      Commentary: "O'Брайен и «Ко»",
      Budget: 12.25,
    }),
    update: (standIn) => ({ QualifyStatus: { id: standIn.valueOf('QualifyStatus', 'Распределение'), label: '' } }),
    count: (standIn) => standIn.count('Lead'),
    isCreate: isCreate('Lead'),
    touch: (standIn) => standIn.createLead({ Contact: 'Новый' }).id,
    skip: {
      quiet: overlap,
      repeat: 'a lead is named by the application, so only its Id tells a repeat: see records.test.ts',
    },
  },
  case: {
    create: (_, n) => ({ Subject: `Не греет ${n}`, Symptoms: 'Под холодный', RegisteredOn: '2026-09-01T09:30:00Z' }),
    update: (standIn) => ({
      Status: { id: standIn.valueOf('CaseStatus', 'Решено'), label: 'Решено' },
      Solution: 'Заменён ТЭН',
      UsrVisitCost: 3500,
    }),
    count: (standIn) => standIn.count('Case'),
    isCreate: isCreate('Case'),
    touch: (standIn) => standIn.moveCase(standIn.listCases()[0]?.id ?? '', 'Ожидает ответа').id,
    skip: { quiet: overlap },
  },
};

/** Lookups of the seed have the same ids everywhere. */
const triggers: Record<string, TriggerCases<StandIn>> = {
  'case.enteredStatus': {
    settings: { status: idFor('CaseStatus Передано инженеру') },
    happen: (standIn) => void standIn.moveCase(standIn.listCases()[0]?.id ?? '', 'Передано инженеру'),
  },
  'lead.enteredStage': {
    settings: { status: idFor('QualifyStatus Квалификация') },
    happen: (standIn) => void standIn.createLead({ Contact: 'Новый' }),
  },
};

const suite = { connect, records, triggers };

runConnectorContract<CreatioStandIn>(creatio, {
  ...suite,
  standIn: () => startCreatioStandIn(),
  wrongToken: (standIn) => ({ ...connect(standIn), secrets: { password: 'somebody-elses' } }),
  wrongAddress: (standIn) => ({
    ...connect(standIn),
    fields: { ...connect(standIn).fields, address: `${standIn.url}/nothing/here` },
  }),
});

runConnectorContract<BpmonlineStandIn>(bpmonline, {
  ...suite,
  standIn: () => startBpmonlineStandIn(),
  wrongToken: (standIn) => ({ ...connect(standIn), secrets: { password: 'somebody-elses' } }),
  wrongAddress: (standIn) => ({
    ...connect(standIn),
    fields: { ...connect(standIn).fields, address: `${standIn.url}/nothing/here` },
  }),
});
