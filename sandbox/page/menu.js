import { el } from './dom.js';

/** A menu under a button: arrows walk, Esc and a click elsewhere close. `choices`: `{ label, color, current, run }`. */
export function openMenu(button, { label, choices }) {
  document.querySelector('.menu')?.remove();
  const menu = el('div', { class: 'menu', role: 'menu', popover: 'auto', 'aria-label': label });
  menu.append(
    el('div', { class: 'menu-title' }, label),
    ...choices.map(({ label: words, color, current, run }) =>
      el(
        'button',
        {
          type: 'button',
          role: 'menuitemradio',
          'aria-checked': String(current),
          color,
          onclick: () => {
            menu.hidePopover();
            if (!current) run();
          },
        },
        words,
      ),
    ),
  );
  const buttons = [...menu.querySelectorAll('button')];
  menu.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const place = buttons.indexOf(document.activeElement);
    buttons.at((place + step + buttons.length) % buttons.length)?.focus();
  });
  menu.addEventListener('toggle', (event) => {
    if (event.newState === 'closed') menu.remove();
  });
  document.body.append(menu);
  menu.showPopover();
  const at = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  menu.style.left = `${Math.max(8, Math.min(at.right - width, innerWidth - width - 8))}px`;
  menu.style.top = `${at.bottom + 4 + height > innerHeight ? Math.max(8, at.top - height - 4) : at.bottom + 4}px`;
  (buttons.find((one) => one.getAttribute('aria-checked') === 'false') ?? buttons[0])?.focus();
}
