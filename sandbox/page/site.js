import { ask, el, field, refill } from './dom.js';
import { language, t, time } from './words.js';

/** Built once a language, so that what is being typed stays. */
let parts = null;

function build(content, tools) {
  const name = el('input', { name: 'name', required: true, autocomplete: 'off', maxlength: 200 });
  const phone = el('input', { name: 'phone', type: 'tel', required: true, autocomplete: 'off', maxlength: 50 });
  const message = el('textarea', { name: 'message', rows: 3, maxlength: 2000 });
  const button = el('button', { class: 'primary' }, t('send'));
  const help = el('small', {});
  const sent = el('ul', { class: 'sent' });
  const form = el(
    'form',
    { class: 'site-form' },
    el('h3', {}, t('form')),
    el('div', { class: 'row' }, field(t('name'), name), field(t('phone'), phone)),
    field(t('message'), message),
    el('div', { class: 'row end' }, help, button),
    sent,
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void tools.act(async () => {
      await ask('POST', '/api/form', { name: name.value, phone: phone.value, message: message.value });
      form.reset();
    });
  });
  const received = el('div', { class: 'received', 'data-scrolls': 'received' });
  content.replaceChildren(form, received);
  return { language, content, button, help, sent, received };
}

const answers = (status) => {
  if (status === null) return t('unanswered');
  return status < 300 ? t('accepted') : `${t('refused')}, ${status}`;
};

/** A form that goes to Mostik, and what Mostik sent. */
export function showSite(content, world, tools) {
  if (parts?.content !== content || parts.language !== language) parts = build(content, tools);
  const { button, help, sent, received } = parts;
  button.disabled = !world.hooks.form;
  help.textContent = world.hooks.form ? t('formHelp') : t('formNone');
  refill(
    sent,
    ...world.webhook.forms
      .slice(0, 3)
      .map(({ at, name, status }) =>
        el('li', { 'data-ok': status !== null && status < 300 }, `${name} · ${time(at)} · ${answers(status)}`),
      ),
  );
  const list = world.webhook.received;
  refill(
    received,
    el('h3', {}, t('received'), el('span', { class: 'count' }, String(list.length))),
    list.length === 0 ? el('p', { class: 'quiet' }, t('receivedNone')) : null,
    ...list.map((entry) =>
      el(
        'article',
        {},
        el(
          'div',
          { class: 'quiet' },
          `${t(entry.kind)} ${entry.id ?? entry.path}${entry.repeated ? ` · ${t('repeated')}` : ''}`,
        ),
        el('pre', {}, JSON.stringify(entry.body, null, 2)),
      ),
    ),
  );
}
