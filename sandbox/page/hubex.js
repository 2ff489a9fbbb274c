import { el, refill } from './dom.js';
import { t, time } from './words.js';

/** The list of tasks, newest first. */
export function showHubex(content, world, tools) {
  const { tasks } = world.hubex;
  refill(
    content,
    el('div', { class: 'toolbar' }, el('h3', {}, t('tasks'), el('span', { class: 'count' }, String(tasks.length)))),
    el(
      'ul',
      { class: 'tasks', 'data-scrolls': 'tasks' },
      tasks.length === 0 ? el('li', { class: 'none' }, t('noTasks')) : null,
      ...tasks.map((task) => row(task, tools)),
    ),
  );
}

function row(task, tools) {
  const fresh = tools.isFresh(task.mark);
  const [first = '', ...rest] = task.notes.split('\n');
  return el(
    'li',
    {
      class: 'task',
      'data-task': String(task.id),
      'data-fresh': fresh,
      onclick: () => tools.openTask(task.id),
    },
    el(
      'div',
      { class: 'task-top' },
      el('span', { class: 'number' }, task.number),
      fresh ? el('span', { class: 'by' }, t('byMostik')) : null,
      el('span', { class: 'stage', color: task.stage.color }, task.stage.name),
    ),
    el(
      'button',
      { type: 'button', class: 'link', 'data-key': `task-${task.id}` },
      first || `${t('task')} ${task.number}`,
    ),
    rest.length > 0 ? el('div', { class: 'quiet cut' }, rest.join(' ')) : null,
    el(
      'div',
      { class: 'facts' },
      [task.contactPerson ?? task.company, task.contactPhone].filter(Boolean).map((one) => el('span', {}, one)),
    ),
    task.address ? el('div', { class: 'quiet cut' }, task.address) : null,
    el(
      'div',
      { class: 'quiet facts' },
      [task.criticality, task.assignedTo, time(task.created)].filter(Boolean).map((one) => el('span', {}, one)),
    ),
  );
}
