import { contactList, openNewContact } from './contacts.js';
import { openNewDeal } from './deal.js';
import { ask, el, refill } from './dom.js';
import { openMenu } from './menu.js';
import { switchOf } from './record.js';
import { stageColor } from './stage-color.js';
import { money, t, time } from './words.js';

/** In the service pipeline the demo begins. */
const chosen = { section: 1 };

/** The board of one pipeline, or the contacts. */
export function showBitrix24(content, world, tools) {
  const { pipelines } = world.bitrix24;
  const pipeline = pipelines.find(({ id }) => id === chosen.section);
  const choose = (section) => {
    chosen.section = section;
    showBitrix24(content, world, tools);
  };
  refill(
    content,
    el(
      'div',
      { class: 'toolbar' },
      switchOf({
        label: t('section'),
        choices: [...pipelines.toReversed(), { id: 'contacts', name: t('contacts') }],
        chosen: chosen.section,
        choose,
      }),
      el(
        'button',
        {
          type: 'button',
          class: 'primary',
          'data-key': 'new',
          onclick: () => (pipeline ? openNewDeal(pipeline, tools) : openNewContact('bitrix24', tools)),
        },
        t(pipeline ? 'newDeal' : 'newContact'),
      ),
    ),
    pipeline ? board(pipeline, world, tools) : contactList('bitrix24', world, tools),
  );
}

/** A column a stage. */
function board(pipeline, world, tools) {
  return el(
    'div',
    { class: 'board', 'data-scrolls': `board-${pipeline.id}` },
    ...pipeline.stages.map((stage, index) => {
      const here = world.bitrix24.deals.filter((deal) => deal.pipeline === pipeline.id && deal.stage === stage.id);
      return column({ stage, color: stageColor(pipeline.stages, index), deals: here, pipeline, tools });
    }),
  );
}

function column({ stage, color, deals, pipeline, tools }) {
  const sum = deals.reduce((total, { amount }) => total + amount, 0);
  const list = el(
    'ul',
    { class: 'cards', 'data-scrolls': `stage-${stage.id}` },
    deals.length === 0 ? el('li', { class: 'none' }, t('emptyStage')) : null,
    ...deals.map((deal) => card({ deal, pipeline, tools })),
  );
  const element = el(
    'section',
    { class: 'column', color, 'aria-label': `${stage.name}: ${deals.length}` },
    el('h3', {}, el('span', { title: stage.name }, stage.name), el('span', { class: 'count' }, String(deals.length))),
    el('div', { class: 'sum' }, sum > 0 ? money(sum) : '—'),
    list,
  );
  const over = (isOver) => element.toggleAttribute('data-over', isOver);
  element.addEventListener('dragover', (event) => {
    event.preventDefault();
    over(true);
  });
  element.addEventListener('dragleave', (event) => over(element.contains(event.relatedTarget)));
  element.addEventListener('drop', (event) => {
    event.preventDefault();
    over(false);
    const id = Number(event.dataTransfer.getData('text/plain'));
    if (id && !deals.some((deal) => deal.id === id)) void move(id, stage.id, tools);
  });
  return element;
}

async function move(id, stage, tools) {
  await tools.act(() => ask('POST', `/api/deals/${id}/move`, { stage }));
  document.querySelector(`[data-deal="${id}"]`)?.scrollIntoView({ block: 'nearest', inline: 'center' });
}

function card({ deal, pipeline, tools }) {
  const fresh = tools.isFresh(deal.mark);
  const moveTo = el(
    'button',
    {
      type: 'button',
      class: 'more',
      'aria-haspopup': 'menu',
      'aria-label': `${t('move')}: ${deal.title}`,
      title: t('move'),
      'data-key': `move-${deal.id}`,
      onclick: (event) =>
        openMenu(event.currentTarget, {
          label: t('move'),
          choices: pipeline.stages.map((stage, index) => ({
            label: stage.name,
            color: stageColor(pipeline.stages, index),
            current: stage.id === deal.stage,
            run: () => void move(deal.id, stage.id, tools),
          })),
        }),
    },
    '⋯',
  );
  return el(
    'li',
    {
      class: 'card',
      draggable: 'true',
      'data-deal': String(deal.id),
      'data-fresh': fresh,
      ondragstart: (event) => {
        event.dataTransfer.setData('text/plain', String(deal.id));
        event.dataTransfer.effectAllowed = 'move';
        tools.setDragging(true);
      },
      ondragend: () => tools.setDragging(false),
    },
    el(
      'div',
      { class: 'card-title' },
      el(
        'button',
        { type: 'button', class: 'link', 'data-key': `deal-${deal.id}`, onclick: () => tools.openDeal(deal.id) },
        deal.title,
      ),
    ),
    el('div', { class: 'card-row' }, el('span', { class: 'amount' }, money(deal.amount)), moveTo),
    deal.client ? el('div', {}, deal.client) : null,
    deal.phone ? el('div', { class: 'quiet' }, deal.phone) : null,
    deal.finishedAt
      ? el('div', { class: 'done' }, `✓ ${time(deal.finishedAt)}${deal.cost === null ? '' : ` · ${money(deal.cost)}`}`)
      : null,
    fresh ? el('span', { class: 'by' }, t('byMostik')) : null,
  );
}
