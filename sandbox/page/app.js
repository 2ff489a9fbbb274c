import { showBitrix24 } from './bitrix24.js';
import { openCase } from './case.js';
import { contactName, openContact } from './contacts.js';
import { openLead, showBpmonline, showCreatio } from './creatio.js';
import { openDeal } from './deal.js';
import { ask, el, refill } from './dom.js';
import { showHubex } from './hubex.js';
import { showSite } from './site.js';
import { openTask } from './task.js';
import { ago, language, setLanguage, t } from './words.js';

/** What Mostik did is shown as fresh for this long. */
const freshMs = 20_000;
const moods = ['normal', 'slow', 'limited', 'down', 'tokenRefused'];
/** In the order of the tabs. `byPassword`: what is refused there is no token. */
const apps = [
  { key: 'bitrix24', name: 'bitrix24', letters: 'Б24', where: 'romashka.bitrix24.ru', show: showBitrix24 },
  { key: 'hubex', name: 'hubex', letters: 'Hx', where: 'romashka.hubex.ru', show: showHubex },
  {
    key: 'creatio',
    name: 'creatio',
    letters: 'Cr',
    where: 'servicemaster.creatio.com',
    show: showCreatio,
    byPassword: true,
  },
  {
    key: 'bpmonline',
    name: 'bpmonline',
    letters: 'bp',
    where: 'servicemaster.bpmonline.com',
    show: showBpmonline,
    byPassword: true,
  },
  { key: 'webhook', name: 'site', letters: 'www', where: 'romashka.example', show: showSite },
];

const page = { world: null, tab: 'bitrix24', problem: null, dragging: false };
const places = {};

export const isFresh = (mark) => mark !== null && Date.now() - mark.at < freshMs;

/** Does what a person asked for, and tells when it was refused. */
async function act(work) {
  try {
    await work();
    page.problem = null;
  } catch (error) {
    page.problem = error.message;
  }
  showNews();
}

const tools = {
  act,
  isFresh,
  world: () => page.world,
  openDeal: (id) => openDeal(id, tools),
  openTask: (id) => openTask(id, tools),
  /** The board stays as it is while a card hangs in the air. */
  setDragging(dragging) {
    page.dragging = dragging;
    if (!dragging) show();
  },
};

/** How a mood is called in this app. */
const moodIn = (app, mood) => (app.byPassword && mood === 'tokenRefused' ? 'passwordRefused' : mood);

function build() {
  document.documentElement.lang = language;
  document.title = `${t('title')} · ${language === 'ru' ? 'Мостик' : 'Mostik'}`;
  places.news = el('div', { class: 'news', role: 'status' });
  places.tabs = el('nav', { class: 'tabs', 'aria-label': t('title') });
  const main = el('main', { 'data-tab': page.tab }, ...apps.map(buildApp));
  places.main = main;
  refill(document.body, buildTop(), places.news, places.tabs, main);
}

function buildTop() {
  places.link = el('a', { class: 'open', target: '_blank', rel: 'noopener' }, t('openMostik'), ' ↗');
  return el(
    'header',
    { class: 'top' },
    el('h1', {}, t('title'), el('small', {}, t('about'))),
    places.link,
    el(
      'div',
      { class: 'languages', role: 'group', 'aria-label': t('language') },
      ...['ru', 'en'].map((one) =>
        el(
          'button',
          {
            type: 'button',
            'aria-pressed': String(one === language),
            lang: one,
            'data-key': `language-${one}`,
            onclick: () => {
              setLanguage(one);
              build();
              show();
            },
          },
          one.toUpperCase(),
        ),
      ),
    ),
  );
}

function buildApp(app) {
  const select = el(
    'select',
    {
      'aria-label': `${t(app.name)}: ${t('mood')}`,
      title: t('mood'),
      onchange: (event) => act(() => ask('PUT', `/api/moods/${app.key}`, { mood: event.target.value })),
    },
    ...moods.map((mood) => el('option', { value: mood }, t(`mood.${moodIn(app, mood)}`))),
  );
  const content = el('div', { class: 'content' });
  const warning = el('p', { class: 'warning', role: 'status', hidden: true });
  const section = el(
    'section',
    { class: `app ${app.key}`, 'aria-label': t(app.name) },
    el(
      'div',
      { class: 'bar' },
      el('span', { class: 'mark', 'aria-hidden': 'true' }, app.letters),
      el('h2', {}, t(app.name)),
      el('span', { class: 'where' }, app.where),
      el('span', { class: 'mood' }, select),
    ),
    warning,
    content,
  );
  places[app.key] = { section, select, content, warning };
  return section;
}

function show() {
  const { world } = page;
  if (!world || page.dragging) return;
  if (world.mostik) places.link.href = mostikAddress(world.mostik);
  places.link.hidden = !world.mostik;
  for (const app of apps) {
    const { section, select, content, warning } = places[app.key];
    const mood = world.moods[app.key];
    section.dataset.mood = mood;
    if (document.activeElement !== select) select.value = mood;
    warning.hidden = mood === 'normal';
    warning.textContent = mood === 'normal' ? '' : t(`about.${moodIn(app, mood)}`);
    app.show(content, world, tools);
  }
  showTabs();
  showNews();
  for (const sheet of document.querySelectorAll('dialog.sheet')) sheet.update();
}

/** Seen from another computer Mostik is where we are, at its own port. */
function mostikAddress(address) {
  const url = new URL(address);
  if (url.hostname === '127.0.0.1') url.hostname = location.hostname;
  return url.href;
}

function showTabs() {
  const fresh = new Set(
    happened(page.world)
      .filter(({ mark }) => isFresh(mark))
      .map(({ app }) => app),
  );
  refill(
    places.tabs,
    ...apps.map((app) =>
      el(
        'button',
        {
          type: 'button',
          'aria-pressed': String(page.tab === app.key),
          'data-key': `tab-${app.key}`,
          'data-fresh': fresh.has(app.key) && page.tab !== app.key,
          onclick: () => {
            page.tab = app.key;
            places.main.dataset.tab = app.key;
            showTabs();
          },
        },
        t(app.key === 'webhook' ? 'siteTab' : app.name),
      ),
    ),
  );
}

/** One line that tells what Mostik did last, else what to try. */
function showNews() {
  const { world } = page;
  const line = page.problem ?? (world ? null : t('lost'));
  places.news.dataset.kind = line ? 'problem' : 'plain';
  if (line) return refill(places.news, el('span', {}, line));
  if (!world.hooks.bitrix24) return refill(places.news, el('span', {}, t('notConnected')));
  const [last] = happened(world);
  if (!last) return refill(places.news, el('span', {}, t('hint')));
  places.news.dataset.kind = isFresh(last.mark) ? 'fresh' : 'plain';
  refill(
    places.news,
    el('span', { class: 'dot', 'aria-hidden': 'true' }),
    el('span', {}, `${t(`${last.kind}${last.mark.how === 'created' ? 'Created' : 'Changed'}`, { app: t(last.app) })} `),
    el('button', { type: 'button', class: 'link', 'data-key': 'news', onclick: last.open }, last.name),
    el('span', { class: 'quiet' }, ` · ${ago(last.mark.at)}`),
    last.leadsBack ? el('span', { class: 'quiet next' }, `. ${t('nextComplete')}`) : null,
  );
}

/** What Mostik did, the last first. */
function happened({ bitrix24, hubex, creatio, bpmonline }) {
  // A task of the site's form has none to go back to.
  const origins = new Set([
    ...bitrix24.deals.map(({ id }) => String(id)),
    ...creatio.cases.map(({ number }) => number),
  ]);
  const each = (list, about) =>
    list.filter(({ mark }) => mark).map((record) => ({ mark: record.mark, ...about(record) }));
  const contacts = (app, list) =>
    each(list, (contact) => ({
      app,
      kind: 'contact',
      name: contactName(app, contact),
      open: () => openContact(app, contact.id, tools),
    }));
  return [
    ...each(bitrix24.deals, ({ id, title }) => ({
      app: 'bitrix24',
      kind: 'deal',
      name: title,
      open: () => openDeal(id, tools),
    })),
    ...contacts('bitrix24', bitrix24.contacts),
    ...each(hubex.tasks, ({ id, number, completed, erpID }) => ({
      app: 'hubex',
      kind: 'task',
      name: number,
      leadsBack: completed === null && origins.has(erpID),
      open: () => openTask(id, tools),
    })),
    ...contacts('creatio', creatio.contacts),
    ...each(creatio.leads, ({ id, name }) => ({ app: 'creatio', kind: 'lead', name, open: () => openLead(id, tools) })),
    ...each(creatio.cases, ({ id, number, subject }) => ({
      app: 'creatio',
      kind: 'case',
      name: `${number} ${subject}`,
      open: () => openCase(id, tools),
    })),
    ...contacts('bpmonline', bpmonline.contacts),
  ].sort((one, other) => other.mark.at - one.mark.at);
}

function listen() {
  const live = new EventSource('/api/live');
  live.onmessage = (event) => {
    page.world = JSON.parse(event.data);
    if (page.problem === t('lost')) page.problem = null;
    show();
  };
  live.onerror = () => {
    page.problem = t('lost');
    showNews();
  };
}

build();
listen();
// Freshness and "3 s ago" move on by themselves.
setInterval(() => {
  if (page.world && happened(page.world).some(({ mark }) => Date.now() - mark.at < freshMs + 6000)) show();
  else if (page.world) showNews();
}, 5000);
