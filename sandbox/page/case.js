import { ask, el } from './dom.js';
import { openMenu } from './menu.js';
import { openRecord } from './record.js';
import { money, t } from './words.js';

/** A case of Creatio: its status, its form, and what came back from the engineer. */

const colors = {
  Новое: '#39a8ef',
  'В работе': '#2fc6f6',
  'Передано инженеру': '#8a6df0',
  'Ожидает ответа': '#e0a030',
  Решено: '#4db34d',
  Закрыто: '#3f9c35',
  Отменено: '#e05d5d',
};
export const statusColor = (status) => colors[status] ?? '#39a8ef';

const move = (id, status, tools) => tools.act(() => ask('POST', `/api/creatio/cases/${id}/move`, { status }));

export const statusMenu = (one, world, tools) =>
  el(
    'button',
    {
      type: 'button',
      class: 'more',
      'aria-haspopup': 'menu',
      'aria-label': `${t('moveCase')}: ${one.subject}`,
      title: t('moveCase'),
      'data-key': `move-${one.id}`,
      onclick: (event) =>
        openMenu(event.currentTarget, {
          label: t('moveCase'),
          choices: world.creatio.statuses.map((status) => ({
            label: status,
            color: statusColor(status),
            current: status === one.status,
            run: () => void move(one.id, status, tools),
          })),
        }),
    },
    '⋯',
  );

const fieldsOf = (world) => [
  { name: 'subject', label: t('subject'), required: true },
  { name: 'symptoms', label: t('notes'), kind: 'area' },
  {
    name: 'priority',
    label: t('priority'),
    kind: 'select',
    options: world.creatio.priorities.map((name) => ({ id: name, name })),
  },
];

export function openCase(id, tools) {
  openRecord({
    small: `${t('creatio')} · ${t('case')}`,
    title: ({ number, subject }) => `${number} ${subject}`,
    fields: fieldsOf(tools.world()),
    find: () => tools.world().creatio.cases.find((one) => one.id === id),
    above: (one) => aboutCase(one, tools),
    button: t('save'),
    save: (changed) => ask('PATCH', `/api/creatio/cases/${id}`, changed),
    tools,
  });
}

function aboutCase(one, tools) {
  const rows = [
    [t('person'), one.contact],
    [t('solution'), one.solution],
    [t('visitCost'), one.visitCost > 0 ? money(one.visitCost) : ''],
  ].filter(([, value]) => value);
  return el(
    'div',
    { class: 'about' },
    el(
      'div',
      { class: 'stages', role: 'group', 'aria-label': t('status') },
      ...tools.world().creatio.statuses.map((status) =>
        el(
          'button',
          {
            type: 'button',
            color: statusColor(status),
            'aria-pressed': String(status === one.status),
            'data-key': `status-${status}`,
            onclick: () => void move(one.id, status, tools),
          },
          status,
        ),
      ),
    ),
    el('dl', {}, ...rows.flatMap(([label, value]) => [el('dt', {}, label), el('dd', {}, value)])),
  );
}

export function openNewCase(tools) {
  const world = tools.world();
  const people = world.creatio.contacts.map(({ id, name }) => ({ id, name }));
  openRecord({
    small: t('creatio'),
    title: () => t('newCase'),
    fields: [
      ...fieldsOf(world),
      { name: 'contact', label: t('person'), kind: 'select', options: [{ id: '', name: t('notChosen') }, ...people] },
    ],
    button: t('create'),
    save: (form) => ask('POST', '/api/creatio/cases', form),
    tools,
  });
}
