import { el, field, openSheet, refill } from './dom.js';
import { t } from './words.js';

/** A record in a list: a line on top, its name, facts below. `lines` are lists of words; empty ones are left out. */
export function recordCard({ id, name, top, lines, menu, fresh, open }) {
  const facts = lines.map((line) => line.filter(Boolean)).filter((line) => line.length > 0);
  return el(
    'li',
    { class: 'record', 'data-record': String(id), 'data-fresh': fresh },
    top || fresh || menu
      ? el('div', { class: 'task-top' }, top, fresh ? el('span', { class: 'by' }, t('byMostik')) : null, menu)
      : null,
    el('button', { type: 'button', class: 'link', 'data-key': `record-${id}`, onclick: open }, name || '—'),
    ...facts.map((line) =>
      el(
        'div',
        { class: 'quiet facts' },
        line.map((one) => el('span', { class: 'cut' }, one)),
      ),
    ),
  );
}

/** A list of cards, or a word that there are none. */
export const recordList = (key, cards) =>
  el(
    'ul',
    { class: 'records', 'data-scrolls': key },
    cards.length === 0 ? el('li', { class: 'none' }, t('noRecords')) : null,
    ...cards,
  );

/** The buttons of one choice. `choices`: `[{ id, name }]`. */
export const switchOf = ({ label, choices, chosen, choose }) =>
  el(
    'div',
    { class: 'switch', role: 'group', 'aria-label': label },
    ...choices.map(({ id, name }) =>
      el(
        'button',
        {
          type: 'button',
          'aria-pressed': String(id === chosen),
          'data-key': `switch-${id}`,
          onclick: () => choose(id),
        },
        name,
      ),
    ),
  );

function controlOf({ name, kind = 'text', options, required }, value) {
  if (kind === 'area') return el('textarea', { name, rows: 3, maxlength: 2000, value });
  if (kind === 'select')
    return el(
      'select',
      { name },
      ...options.map((option) => el('option', { value: option.id, selected: option.id === value }, option.name)),
    );
  return el('input', { name, type: kind, required, maxlength: 200, autocomplete: 'off', value });
}

/**
 * A record in a sheet, or an empty form of a new one. `fields`: `{ name, label, kind, options, required }`; `save` gets
 * what the person changed. `find` gives the record as it is now (none: a new one), `above` fills the place over the form.
 */
export function openRecord({ small, title, fields, find, above, button, save, tools }) {
  const before = find?.() ?? {};
  const valueOf = ({ name, options }) => String(before[name] ?? options?.[0]?.id ?? '');
  openSheet({
    label: title(before),
    build(sheet) {
      const head = el('div', {});
      const place = el('div', {});
      const form = el(
        'form',
        {},
        ...fields.map((one) => field(one.label, controlOf(one, valueOf(one)))),
        el('div', { class: 'buttons' }, el('button', { class: 'primary' }, button)),
      );
      form.addEventListener('submit', (event) => {
        event.preventDefault();
        const typed = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).trim()]));
        const changed = fields.filter((one) => !find || typed[one.name] !== valueOf(one));
        void tools.act(async () => {
          await save(Object.fromEntries(changed.map(({ name }) => [name, typed[name]])));
          sheet.close();
        });
      });
      sheet.append(head, place, form);
      const update = () => {
        const now = find ? find() : {};
        if (!now) return sheet.close();
        refill(
          head,
          el(
            'header',
            {},
            el('div', {}, el('small', {}, small), el('h2', {}, title(now))),
            el(
              'button',
              {
                type: 'button',
                class: 'x',
                'aria-label': t('close'),
                'data-key': 'close',
                onclick: () => sheet.close(),
              },
              '×',
            ),
          ),
        );
        if (above) refill(place, above(now));
        place.hidden = !above;
      };
      update();
      return update;
    },
  });
}
