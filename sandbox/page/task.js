import { ask, el, field, openSheet, refill } from './dom.js';
import { money, t, time } from './words.js';

/** A task in a sheet: what is known, where it may go, and the engineer's report. */
export function openTask(id, tools) {
  const find = () => tools.world().hubex.tasks.find((task) => task.id === id);
  if (!find()) return;
  openSheet({
    label: `${t('task')} ${find().number}`,
    build(sheet) {
      const head = el('div', {});
      const next = el('div', { class: 'next-stages' });
      const report = buildReport(sheet, { id, tools });
      const facts = el('div', {});
      sheet.append(head, next, report, facts);
      const update = () => {
        const task = find();
        if (!task) return sheet.close();
        const [title] = task.notes.split('\n');
        const close = () => sheet.close();
        refill(
          head,
          el(
            'header',
            {},
            el(
              'div',
              {},
              el('small', {}, `${t('hubex')} · ${t('task')} ${task.number}`),
              el('h2', {}, title || task.number),
            ),
            el(
              'button',
              { type: 'button', class: 'x', 'aria-label': t('close'), 'data-key': 'close', onclick: close },
              '×',
            ),
          ),
        );
        showNext(next, task, tools);
        report.hidden = task.completed !== null || task.next.length === 0;
        showFacts(facts, task);
      };
      update();
      return update;
    },
  });
}

function showNext(place, task, tools) {
  // Completing asks for a report, so it has a form of its own.
  const ways = task.next.filter(({ id }) => id !== 5);
  refill(
    place,
    el('span', { class: 'stage', color: task.stage.color }, task.stage.name),
    ...ways.map(({ id, action }) =>
      el(
        'button',
        {
          type: 'button',
          'data-key': `stage-${id}`,
          onclick: () => void tools.act(() => ask('POST', `/api/tasks/${task.id}/move`, { stage: id })),
        },
        action,
      ),
    ),
  );
}

function buildReport(sheet, { id, tools }) {
  const comment = el('textarea', { name: 'comment', rows: 2, placeholder: t('completeExample') });
  const cost = el('input', { name: 'cost', type: 'number', min: 0, step: 'any', placeholder: '4500' });
  const form = el(
    'form',
    { class: 'report' },
    el('h3', {}, t('completeTitle')),
    field(t('completeComment'), comment),
    el('div', { class: 'row end' }, field(t('actualCost'), cost), el('button', { class: 'primary' }, t('complete'))),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const body = { comment: comment.value, cost: cost.value === '' ? null : Number(cost.value) };
    void tools.act(async () => {
      await ask('POST', `/api/tasks/${id}/complete`, body);
      sheet.close();
    });
  });
  return form;
}

function showFacts(place, task) {
  const rows = [
    [t('notes'), task.notes],
    [t('person'), task.contactPerson],
    [t('phone'), task.contactPhone],
    [t('email'), task.contactEmail],
    [t('company'), task.company],
    [t('location'), task.address],
    [t('criticality'), task.criticality],
    [t('engineer'), task.assignedTo],
    [t('erpID'), task.erpID],
    [t('created'), time(task.created)],
    [t('completed'), task.completed && time(task.completed)],
    [t('engineerComment'), task.report],
    [t('actualCost'), task.actualCost === null ? null : money(task.actualCost)],
  ].filter(([, value]) => value);
  refill(
    place,
    el('dl', {}, ...rows.flatMap(([label, value]) => [el('dt', {}, label), el('dd', {}, value)])),
    task.messages.length > 0 ? el('h3', {}, t('messages')) : null,
    ...task.messages.map(({ author, text }) => el('p', { class: 'message' }, el('b', {}, author), ' ', text)),
  );
}
