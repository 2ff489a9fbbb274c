import { openCase, openNewCase, statusColor, statusMenu } from './case.js';
import { contactList, openNewContact } from './contacts.js';
import { ask, el, refill } from './dom.js';
import { openRecord, recordCard, recordList, switchOf } from './record.js';
import { t } from './words.js';

const chosen = { section: 'cases' };
const sections = {
  cases: { button: 'newCase', create: openNewCase, list: caseList },
  leads: { button: 'newLead', create: (tools) => openLead(null, tools), list: leadList },
  contacts: {
    button: 'newContact',
    create: (tools) => openNewContact('creatio', tools),
    list: (world, tools) => contactList('creatio', world, tools),
  },
};

/** The sections of Creatio, one at a time. */
export function showCreatio(content, world, tools) {
  const { button, create, list } = sections[chosen.section];
  const choose = (section) => {
    chosen.section = section;
    showCreatio(content, world, tools);
  };
  refill(
    content,
    el(
      'div',
      { class: 'toolbar' },
      switchOf({
        label: t('section'),
        choices: Object.keys(sections).map((id) => ({ id, name: t(id) })),
        chosen: chosen.section,
        choose,
      }),
      el('button', { type: 'button', class: 'primary', 'data-key': 'new', onclick: () => create(tools) }, t(button)),
    ),
    list(world, tools),
  );
}

/** The contacts of bpm'online are all that the demo shows of it. */
export function showBpmonline(content, world, tools) {
  const { contacts } = world.bpmonline;
  refill(
    content,
    el(
      'div',
      { class: 'toolbar' },
      el('h3', {}, t('contacts'), el('span', { class: 'count' }, String(contacts.length))),
      el(
        'button',
        { type: 'button', class: 'primary', 'data-key': 'new', onclick: () => openNewContact('bpmonline', tools) },
        t('newContact'),
      ),
    ),
    el('p', { class: 'quiet help' }, t('bpmonlineHelp')),
    contactList('bpmonline', world, tools),
  );
}

function caseList(world, tools) {
  return recordList(
    'cases',
    world.creatio.cases.map((one) =>
      recordCard({
        id: one.id,
        name: one.subject,
        top: [
          el('span', { class: 'number' }, one.number),
          el('span', { class: 'stage', color: statusColor(one.status) }, one.status),
        ],
        lines: [[one.contact, one.priority], [one.solution]],
        menu: statusMenu(one, world, tools),
        fresh: tools.isFresh(one.mark),
        open: () => openCase(one.id, tools),
      }),
    ),
  );
}

function leadList(world, tools) {
  return recordList(
    'leads',
    world.creatio.leads.map((lead) =>
      recordCard({
        id: lead.id,
        name: lead.name,
        top: [el('span', { class: 'stage', color: statusColor(lead.stage) }, lead.stage)],
        lines: [[lead.mobilePhone, lead.email], [lead.commentary]],
        fresh: tools.isFresh(lead.mark),
        open: () => openLead(lead.id, tools),
      }),
    ),
  );
}

/** Without an id: a new lead. */
export function openLead(id, tools) {
  const isNew = id === null;
  openRecord({
    small: isNew ? t('creatio') : `${t('creatio')} · ${t('lead')}`,
    title: (lead) => (isNew ? t('newLead') : lead.name),
    fields: [
      { name: 'contact', label: t('contactOfLead'), required: true },
      { name: 'account', label: t('company') },
      { name: 'mobilePhone', label: t('phone'), kind: 'tel' },
      { name: 'email', label: t('email'), kind: 'email' },
      { name: 'commentary', label: t('comment'), kind: 'area' },
    ],
    ...(!isNew && { find: () => tools.world().creatio.leads.find((lead) => lead.id === id) }),
    button: t(isNew ? 'create' : 'save'),
    save: (form) => ask(isNew ? 'POST' : 'PATCH', `/api/creatio/leads${isNew ? '' : `/${id}`}`, form),
    tools,
  });
}
