import { ask, el, field, openSheet, refill } from './dom.js';
import { stageColor } from './stage-color.js';
import { money, t, time } from './words.js';

const textOf = (form, name) => String(new FormData(form).get(name) ?? '').trim();

const readForm = (form) => ({
  title: textOf(form, 'title'),
  amount: Number(textOf(form, 'amount') || 0),
  comment: textOf(form, 'comment'),
  address: textOf(form, 'address'),
  urgency: textOf(form, 'urgency') === '' ? null : Number(textOf(form, 'urgency')),
});

const controls = (deal, urgencies) => [
  field(t('dealTitle'), el('input', { name: 'title', required: true, maxlength: 200, value: deal.title })),
  el(
    'div',
    { class: 'row' },
    field(
      t('amount'),
      el('input', { name: 'amount', type: 'number', min: 0, step: 'any', value: String(deal.amount) }),
    ),
    field(
      t('urgency'),
      el(
        'select',
        { name: 'urgency' },
        el('option', { value: '' }, t('notChosen')),
        ...urgencies.map(({ id, name }) => el('option', { value: String(id), selected: id === deal.urgency }, name)),
      ),
    ),
  ),
  field(t('comment'), el('textarea', { name: 'comment', rows: 3, value: deal.comment })),
  field(t('address'), el('input', { name: 'address', value: deal.address }), t('addressHelp')),
];

const head = (sheet, small, big) =>
  el(
    'header',
    {},
    el('div', {}, el('small', {}, small), el('h2', {}, big)),
    el('button', { type: 'button', class: 'x', 'aria-label': t('close'), onclick: () => sheet.close() }, '×'),
  );

/** A deal in a sheet: its stage, its fields, and what came back from the engineer. */
export function openDeal(id, tools) {
  const find = () => tools.world().bitrix24.deals.find((deal) => deal.id === id);
  const deal = find();
  if (!deal) return;
  openSheet({
    label: `${t('deal')} ${id}`,
    build(sheet) {
      const title = el('div', {});
      const stages = el('div', { class: 'stages', role: 'group', 'aria-label': t('stage') });
      const results = el('section', { class: 'results' });
      const button = el('button', { class: 'primary' }, t('save'));
      const form = el(
        'form',
        {},
        ...controls(deal, tools.world().bitrix24.urgencies),
        el('div', { class: 'buttons' }, button),
      );
      form.addEventListener('submit', (event) => {
        event.preventDefault();
        void tools.act(async () => {
          await ask('PATCH', `/api/deals/${id}`, readForm(form));
          sheet.close();
        });
      });
      const client = el(
        'p',
        { class: 'client' },
        el('b', {}, deal.client),
        ...[deal.company === deal.client ? '' : deal.company, deal.phone, deal.email]
          .filter(Boolean)
          .map((one) => el('span', {}, one)),
      );
      sheet.append(title, stages, results, client, form);
      const update = () => {
        const now = find();
        if (!now) return sheet.close();
        refill(title, head(sheet, `${t('bitrix24')} · ${t('deal')} ${id}`, now.title));
        showStages(stages, now, tools);
        showResults(results, now, tools);
      };
      update();
      return update;
    },
  });
}

function showStages(place, deal, tools) {
  const pipeline = tools.world().bitrix24.pipelines.find(({ id }) => id === deal.pipeline);
  refill(
    place,
    ...pipeline.stages.map((stage, index) =>
      el(
        'button',
        {
          type: 'button',
          color: stageColor(pipeline.stages, index),
          'aria-pressed': String(stage.id === deal.stage),
          'data-key': stage.id,
          onclick: () => void tools.act(() => ask('POST', `/api/deals/${deal.id}/move`, { stage: stage.id })),
        },
        stage.name,
      ),
    ),
  );
}

function showResults(place, deal, tools) {
  const rows = [
    [t('finishedAt'), deal.finishedAt && time(deal.finishedAt)],
    [t('cost'), deal.cost === null ? null : money(deal.cost)],
    [t('engineerComment'), deal.engineerComment],
  ].filter(([, value]) => value);
  place.toggleAttribute('data-fresh', tools.isFresh(deal.mark));
  refill(
    place,
    el('h3', {}, t('results')),
    rows.length === 0
      ? el('p', { class: 'quiet' }, t('noResults'))
      : el('dl', {}, ...rows.flatMap(([label, value]) => [el('dt', {}, label), el('dd', {}, value)])),
  );
}

/** A new deal in the first stage of a pipeline, with a client of its own. */
export function openNewDeal(pipeline, tools) {
  openSheet({
    label: t('newDeal'),
    build(sheet) {
      const empty = { title: '', amount: 0, comment: '', address: '', urgency: null };
      const form = el(
        'form',
        {},
        ...controls(empty, tools.world().bitrix24.urgencies),
        field(t('client'), el('input', { name: 'client', autocomplete: 'off' })),
        el(
          'div',
          { class: 'row' },
          field(t('phone'), el('input', { name: 'phone', type: 'tel', autocomplete: 'off' })),
          field(t('email'), el('input', { name: 'email', type: 'email', autocomplete: 'off' })),
        ),
        el('div', { class: 'buttons' }, el('button', { class: 'primary' }, t('create'))),
      );
      form.addEventListener('submit', (event) => {
        event.preventDefault();
        const more = {
          pipeline: pipeline.id,
          client: textOf(form, 'client'),
          phone: textOf(form, 'phone'),
          email: textOf(form, 'email'),
        };
        void tools.act(async () => {
          await ask('POST', '/api/deals', { ...readForm(form), ...more });
          sheet.close();
        });
      });
      sheet.append(head(sheet, `${t('bitrix24')} · ${pipeline.name}`, t('newDeal')), form);
    },
  });
}
