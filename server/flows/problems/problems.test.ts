import { describe, expect, test } from 'vitest';
import { shelf } from '../../../connectors/index.ts';
import { actionsOf, triggersOf } from '../../../kit/derive.ts';
import type { Field } from '../../../kit/field.ts';
import { describeConnector } from '../../connections/index.ts';
import { type FlowDraft, flowDraft } from '../contract.ts';
import { templates } from '../templates.ts';
import { draftPaths, draftToDefinition, findProblems, type Known } from './problems.ts';

const bitrix = '00000000-0000-4000-8000-000000000001';
const hubex = '00000000-0000-4000-8000-000000000002';
const webhook = '00000000-0000-4000-8000-000000000003';
const stages = [
  { id: 'C1:NEW', label: 'Новая' },
  { id: 'C1:SERVICE', label: 'Сервисная служба' },
];
const source: Record<string, Field> = {
  id: { key: 'id', label: 'ID', type: 'number' },
  title: { key: 'title', label: { en: 'Title', ru: 'Название' }, type: 'text' },
  amount: { key: 'amount', label: { en: 'Amount', ru: 'Сумма' }, type: 'number' },
  stage: { key: 'stage', label: { en: 'Stage', ru: 'Стадия' }, type: 'choice', choices: stages },
  contact: { key: 'contact', label: { en: 'Contact', ru: 'Контакт' }, type: 'reference', target: 'contact' },
  'contact.phone': { key: 'phone', label: { en: 'Phone', ru: 'Телефон' }, type: 'phone', list: true },
};
const types = [
  { id: '1', label: 'Ремонт' },
  { id: '2', label: 'Монтаж' },
];
const targets: Field[] = [
  { key: 'taskType', label: { en: 'Task type', ru: 'Тип заявки' }, type: 'choice', required: true, choices: types },
  { key: 'notes', label: { en: 'Notes', ru: 'Описание' }, type: 'text' },
  { key: 'cost', label: { en: 'Cost', ru: 'Стоимость' }, type: 'number' },
  { key: 'erpID', label: 'erpID', type: 'text', search: 'exact' },
  { key: 'number', label: { en: 'Number', ru: 'Номер' }, type: 'text', readOnly: true },
];
const apps = Object.fromEntries(Object.values(shelf).map((connector) => [connector.key, describeConnector(connector)]));
const known: Known = {
  connections: [
    { id: bitrix, connector: 'bitrix24' },
    { id: hubex, connector: 'hubex' },
    { id: webhook, connector: 'webhook' },
  ],
  apps,
  fieldAt: (path) => source[path],
  steps: { a1: { targets, fields: targets }, a2: { targets, fields: targets } },
};

const whole = (): FlowDraft =>
  flowDraft.parse({
    trigger: {
      connection: bitrix,
      trigger: 'deal.changed',
      settings: {},
      mode: 'realTime',
      everyMinutes: 5,
      once: true,
    },
    filter: { combinator: 'and', rules: [{ field: 'stage', operator: 'startsWith', value: 'Сервис' }] },
    steps: [
      {
        id: 'a1',
        connection: hubex,
        action: 'task.create',
        settings: {},
        mapping: {
          taskType: { kind: 'constant', value: { id: '1', label: 'Ремонт' } },
          notes: { kind: 'template', text: '{{ trigger.title }}, {{ trigger.contact.phone | first }}' },
        },
        duplicates: {
          mode: 'skip',
          keys: [{ field: 'erpID', template: '{{ trigger.id }}' }],
          several: 'first',
          fields: {},
        },
      },
    ],
  });

/** The problems of the whole flow with one thing spoiled, as `card/field code: words`. */
function spoiled(
  spoil: (draft: FlowDraft, step: FlowDraft['steps'][number]) => void,
  about: Partial<Known> = {},
): string[] {
  const draft = whole();
  const [step] = draft.steps;
  if (step) spoil(draft, step);
  return findProblems(draft, { ...known, ...about }).map(({ card, field, code, text }) => {
    const words = typeof text === 'string' ? text : text.ru;
    return `${card}${field === undefined ? '' : `/${field}`} ${code}: ${words}`;
  });
}
const map = (field: string, text: string) => (_: FlowDraft, step: FlowDraft['steps'][number]) => {
  step.mapping = { ...step.mapping, [field]: { kind: 'template', text } };
};
const rule =
  (
    field: string,
    operator: 'equals' | 'contains' | 'matches' | 'inList' | 'greater',
    value?: string | number | string[],
  ) =>
  (draft: FlowDraft) => {
    draft.filter = { combinator: 'or', rules: [{ combinator: 'and', rules: [{ field, operator, value }] }] };
  };

describe('findProblems', () => {
  test('a whole flow has none and is a definition', () => {
    expect(spoiled(() => {})).toEqual([]);
    expect(draftToDefinition(whole())).toMatchObject({ steps: [{ id: 'a1' }] });
  });

  test('an empty one says where to begin', () => {
    const empty = flowDraft.parse({});
    expect(findProblems(empty, known).map(({ card, code }) => [card, code])).toEqual([
      ['trigger', 'trigger.no_connection'],
      ['steps', 'steps.none'],
    ]);
    expect(draftToDefinition(empty)).toBeNull();
  });

  test.each<[string, Parameters<typeof spoiled>[0]]>([
    [
      'trigger trigger.connection_gone: Подключение удалено. Выберите другое.',
      (draft) => Object.assign(draft.trigger ?? {}, { connection: crypto.randomUUID() }),
    ],
    [
      'trigger trigger.none: Выберите, что должно произойти.',
      (draft) => Object.assign(draft.trigger ?? {}, { trigger: '' }),
    ],
    [
      'trigger/trigger trigger.unknown: В приложении больше нет такого события. Выберите другое.',
      (draft) => Object.assign(draft.trigger ?? {}, { trigger: 'deal.exploded' }),
    ],
    ['filter filter.no_field: Выберите поле для условия.', rule('', 'equals', 'x')],
    ['filter/stage filter.value: «Стадия»: у условия нет значения.', rule('stage', 'contains')],
    ['filter/budget filter.unknown_field: «budget»: такого поля больше нет.', rule('budget', 'equals', 'x')],
    [
      'filter/contact.fax filter.unknown_field: «Контакт → fax»: такого поля больше нет.',
      rule('contact.fax', 'equals', 'x'),
    ],
    ['filter/amount filter.operator: «Сумма»: такое сравнение к полю не подходит.', rule('amount', 'contains', '1')],
    ['filter/amount filter.value: «Сумма»: «много» — не число.', rule('amount', 'greater', 'много')],
    [
      'filter/title filter.value: «Название»: в шаблоне ошибка: missing closing ]: `[а`.',
      rule('title', 'matches', '[а'),
    ],
    ['filter/stage filter.value: «Стадия»: варианта «Архив» больше нет.', rule('stage', 'inList', ['Новая', 'Архив'])],
    ['a1 step.no_action: Выберите, что сделать.', (_, step) => delete step.action],
    ['a1 step.no_connection: Выберите приложение.', (_, step) => delete step.connection],
    [
      'a1/taskType mapping.required: «Тип заявки»: обязательное поле не сопоставлено.',
      (_, step) => delete step.mapping?.taskType,
    ],
    ['a1/taskType mapping.required: «Тип заявки»: обязательное поле не сопоставлено.', map('taskType', ' ')],
    ['a1/taskType mapping.constant: «Тип заявки»: варианта «Осмотр» нет.', map('taskType', 'Осмотр')],
    [
      'a1/notes mapping.template: «Описание»: не закрыты скобки: {{ trigger.title (строка 1, место 1).',
      map('notes', '{{ trigger.title'),
    ],
    ['a1/notes mapping.unknown_path: «Описание»: поля «trigger.budget» нет.', map('notes', '{{ trigger.budget }}')],
    [
      'a1/notes mapping.unknown_path: «Описание»: поля «trigger.stage.color» нет.',
      map('notes', '{{ trigger.stage.color }}'),
    ],
    ['a1/notes mapping.unknown_path: «Описание»: ничего с именем «deal.title» нет.', map('notes', '{{ deal.title }}')],
    [
      'a1/notes mapping.later_step: «Описание»: «a1.id» появится только на более позднем шаге.',
      map('notes', '{{ a1.id }}'),
    ],
    ['a1/cost mapping.constant: «Стоимость»: «дорого» — не число.', map('cost', 'дорого')],
    ['a1/number mapping.read_only: «Номер»: поле доступно только для чтения.', map('number', '1')],
    ['a1/gone mapping.unknown_field: «gone»: такого поля больше нет.', map('gone', '1')],
    [
      'a1/taskType mapping.constant: «Тип заявки»: варианта «Осмотр» больше нет.',
      (_, step) => {
        step.mapping = { taskType: { kind: 'constant', value: { id: '9', label: 'Осмотр' } } };
      },
    ],
    [
      'a1/taskType mapping.table: «Тип заявки»: в таблице значений нет строк.',
      (_, step) => {
        step.mapping = { taskType: { kind: 'table', source: 'trigger.stage', rows: [] } };
      },
    ],
    [
      'a1/taskType mapping.constant: «Тип заявки»: варианта «Осмотр» больше нет.',
      (_, step) => {
        step.mapping = {
          taskType: { kind: 'table', source: '{{ trigger.stage }}', rows: [{ from: 'Новая', to: 'Осмотр' }] },
        };
      },
    ],
    [
      'a1/notes duplicates.not_searchable: Поиск по полю «Описание»: приложение не умеет искать по этому полю.',
      (_, step) => {
        step.duplicates = { mode: 'skip', keys: [{ field: 'notes', template: 'x' }], several: 'stop', fields: {} };
      },
    ],
    [
      'a1/erpID duplicates.unknown_path: Поиск по полю «erpID»: поля «trigger.nr» нет.',
      (_, step) => {
        step.duplicates = {
          mode: 'upsert',
          keys: [{ field: 'erpID', template: '{{ trigger.nr }}' }],
          several: 'stop',
          fields: {},
        };
      },
    ],
    ['a1 step.id_taken: У двух шагов одно имя.', (draft, step) => draft.steps.push(structuredClone(step))],
  ])('%s', (expected, spoil) => {
    expect(spoiled(spoil)).toEqual([expected]);
  });

  test('later steps may use earlier ones', () => {
    const second = (text: string) => (draft: FlowDraft, step: FlowDraft['steps'][number]) => {
      draft.steps.push({
        ...structuredClone(step),
        id: 'a2',
        mapping: { ...step.mapping, notes: { kind: 'template', text } },
      });
    };
    expect(spoiled(second('{{ a1.id }}'))).toEqual([]);
    const about = { steps: { ...known.steps, a1: { ...known.steps.a1, output: targets } } };
    expect(spoiled(second('{{ a1.notes }}'), about)).toEqual([]);
    expect(spoiled(second('{{ a1.colour }}'), about)).toEqual([
      'a2/notes mapping.unknown_path: «Описание»: шаг не даёт «a1.colour».',
    ]);
  });

  test('an update asks for no required field, and without a key only for a trigger that can have a pair', () => {
    const update = (_: FlowDraft, step: FlowDraft['steps'][number]) => {
      step.mapping = { notes: { kind: 'template', text: 'x' } };
      step.duplicates = { mode: 'update', keys: [], several: 'stop', fields: {} };
    };
    expect(spoiled(update)).toEqual([]);
    const fromCall = (draft: FlowDraft, step: FlowDraft['steps'][number]) => {
      update(draft, step);
      draft.filter = null;
      draft.trigger = { ...draft.trigger, connection: webhook, trigger: 'webhook.received' };
    };
    expect(spoiled(fromCall)).toEqual([expect.stringMatching(/^a1 duplicates\.no_key: Выберите хотя бы одно поле/)]);
  });

  test('a later step that makes the same records needs a key, where one record may come again', () => {
    const twice =
      (event: string, mode: 'create' | 'upsert' | 'update') => (draft: FlowDraft, step: FlowDraft['steps'][number]) => {
        draft.trigger = { ...draft.trigger, trigger: `deal.${event}` };
        step.duplicates = { mode: 'upsert', keys: [], several: 'stop', fields: {} };
        draft.steps.push({ ...step, id: 'a2', duplicates: { mode, keys: [], several: 'stop', fields: {} } });
      };
    const asks = [expect.stringMatching(/^a2 duplicates\.no_key: .*пара принадлежит предыдущему шагу/)];
    expect(spoiled(twice('createdOrChanged', 'upsert'))).toEqual(asks);
    expect(spoiled(twice('changed', 'upsert'))).toEqual(asks);
    expect(spoiled(twice('created', 'upsert'))).toEqual([]);
    expect(spoiled(twice('changed', 'update'))).toEqual([]);
    expect(spoiled(twice('changed', 'create'))).toEqual([]);
  });

  test('what could not be loaded is not asked', () => {
    const nothing: Partial<Known> = { steps: {} };
    const draft = whole();
    const { fieldAt: _, ...rest } = known;
    expect(findProblems(draft, { ...rest, ...nothing })).toEqual([]);
    expect(spoiled(map('gone', '{{ trigger.budget }}'), nothing)).toEqual([
      'a1/gone mapping.unknown_path: «gone»: поля «trigger.budget» нет.',
    ]);
  });

  describe('objects that only an account has', () => {
    const creatio = 'cccccccc-0000-4000-8000-000000000004';
    const fromVehicle = (draft: FlowDraft) => {
      draft.filter = null;
      draft.trigger = { ...draft.trigger, connection: creatio, trigger: 'UsrVehicle.created', mode: 'poll' };
    };
    const view = { ...triggersOf(shelf.creatio as never)[0], settings: [], polled: true, realTime: true } as never;
    const about = (triggers: NonNullable<Known['live']>['triggers']) => ({
      connections: [...known.connections, { id: creatio, connector: 'creatio' }],
      live: { triggers, actions: {} },
    });

    test('are there when the account says so', () => {
      expect(spoiled(fromVehicle, about({ [`${creatio} UsrVehicle.created`]: view }))).toEqual([]);
    });
    test('are not judged while the account does not answer', () => {
      expect(spoiled(fromVehicle, about({}))).toEqual([]);
    });
    test('are named when they are gone', () => {
      const text = { en: 'No object UsrVehicle.', ru: 'Нет объекта UsrVehicle.' };
      expect(spoiled(fromVehicle, about({ [`${creatio} UsrVehicle.created`]: { gone: text } }))).toEqual([
        'trigger/trigger trigger.unknown: Нет объекта UsrVehicle.',
      ]);
    });
  });

  test('the paths a draft reads come with what they go through', () => {
    expect(draftPaths(whole())).toEqual(['stage', 'title', 'contact', 'contact.phone', 'id']);
  });
});

describe('ready-made flows', () => {
  const ids = { bitrix24: [bitrix], hubex: [hubex], webhook: [webhook] };

  test.each(templates)('$key names events, actions and apps that are there', (template) => {
    const draft = template.build(ids);
    const inOrder = [draft.trigger?.connection, ...draft.steps.map(({ connection }) => connection)];
    const keys = inOrder.map((id) => known.connections.find((one) => one.id === id)?.connector ?? '');
    expect(keys).toEqual(template.apps);
    expect(triggersOf(shelf[keys[0] ?? ''] as never).map(({ key }) => key)).toContain(draft.trigger?.trigger);
    expect(actionsOf(shelf[keys[1] ?? ''] as never).map(({ key }) => key)).toContain(draft.steps[0]?.action);
  });

  test('choose a connection only where there is no choice', () => {
    const [first] = templates;
    expect(first?.build({ bitrix24: [bitrix, webhook], hubex: [hubex] })).toMatchObject({
      steps: [{ connection: hubex }],
    });
    expect(first?.build({ bitrix24: [bitrix, webhook] }).trigger).not.toHaveProperty('connection');
    expect(first?.build({}).steps[0]).not.toHaveProperty('connection');
  });
});
