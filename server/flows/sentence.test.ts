import { expect, test } from 'vitest';
import type { Field } from '../../kit/field.ts';
import type { Text } from '../../kit/text.ts';
import { type FlowDefinition, flowDefinition } from './contract.ts';
import { sentence } from './sentence.ts';

const bitrix = '00000000-0000-4000-8000-000000000001';
const hubex = '00000000-0000-4000-8000-000000000002';
const fields: Record<string, Field> = {
  stage: { key: 'stage', label: { en: 'Stage', ru: 'Стадия' }, type: 'choice' },
  contact: { key: 'contact', label: 'Контакт', type: 'reference' },
  'contact.phone': { key: 'phone', label: { en: 'Phone', ru: 'Телефон' }, type: 'phone' },
};
const names = (label: Text, record: Text | null, action: Text) => ({
  app: (id: string): Text => (id === bitrix ? { en: 'Bitrix24', ru: 'Битрикс24' } : 'HubEx'),
  trigger: { label, record },
  action: () => action,
  fieldAt: (path: string) => fields[path],
});
const flow = (more: object, filter: FlowDefinition['filter'] = null, step: object = {}): FlowDefinition =>
  flowDefinition.parse({
    trigger: { connection: bitrix, trigger: 'deal.changed', mode: 'realTime', ...more },
    filter,
    steps: [{ id: 'a1', connection: hubex, action: 'task.create', ...step }],
  });
const deal = { en: 'Deal', ru: 'Сделка' };
const createTask = { en: 'Create task', ru: 'Создать заявку' };

test('sums a flow up in both languages', () => {
  const filter: FlowDefinition['filter'] = {
    combinator: 'and',
    rules: [{ field: 'stage', operator: 'startsWith', value: 'Сервисная служба' }],
  };
  expect(sentence(flow({ once: true }, filter), names('Deal changed', deal, createTask))).toEqual({
    en: 'When a deal in Bitrix24 changes and stage starts with "Сервисная служба", we create a task in HubEx, each deal once.',
    ru: 'Когда сделка в Битрикс24 изменится и стадия начинается с «Сервисная служба», создадим заявку в HubEx, каждую сделку один раз.',
  });
});

test('says what it does with duplicates, and keeps the words of others as they are', () => {
  const skip = { duplicates: { mode: 'skip', keys: [{ field: 'erpID', template: '{{ trigger.id }}' }] } };
  expect(
    sentence(flow({ trigger: 'item.createdOrChanged' }, null, skip), names('', 'Элемент смарт-процесса', createTask)),
  ).toEqual({
    en: 'When "Элемент смарт-процесса" in Bitrix24 appears or changes, we create a task in HubEx unless it is there already.',
    ru: 'Когда «Элемент смарт-процесса» в Битрикс24 появится или изменится, создадим заявку в HubEx (найденный дубль пропустим).',
  });
  const own = names({ en: 'Call received', ru: 'Получен вызов' }, null, 'Ping');
  expect(sentence(flow({ trigger: 'webhook.received', once: true }, null, { action: 'x.ping' }), own)).toEqual({
    en: 'When the event "Call received" comes (Bitrix24), we do "Ping" in HubEx, each record once.',
    ru: 'Когда придёт событие «Получен вызов» (Битрикс24), выполним «Ping» в HubEx, каждую запись один раз.',
  });
});

test('nests groups, follows links, and stays readable with many conditions', () => {
  const rule = (field: string) => ({ field, operator: 'empty' as const });
  const filter: FlowDefinition['filter'] = {
    combinator: 'or',
    rules: [
      rule('stage'),
      { combinator: 'and', rules: [rule('contact.phone'), rule('a'), rule('b'), rule('c'), rule('d')] },
    ],
  };
  expect(sentence(flow({}, filter), names('', deal, createTask))).toMatchObject({
    ru: 'Когда сделка в Битрикс24 изменится и стадия без значения или (контакт → Телефон без значения и a без значения и b без значения и выполнены другие условия), создадим заявку в HubEx.',
  });
});
