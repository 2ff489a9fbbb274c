/** `el('button', { class: 'plain', onclick }, 'Save')`: an element; null children are left out. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'color') element.style.setProperty('--color', value);
    else if (name === 'value') element.value = value;
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** A label, its control and a word of help. */
export function field(label, control, help) {
  return el('label', { class: 'field' }, el('span', {}, label), control, help ? el('small', {}, help) : null);
}

/** Puts new content in, and the focus and scroll back where they were, by `data-key`. */
export function refill(container, ...content) {
  const focused = container.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  const scrolls = new Map(
    [...container.querySelectorAll('[data-scrolls]')].map((one) => [
      one.dataset.scrolls,
      [one.scrollLeft, one.scrollTop],
    ]),
  );
  container.replaceChildren(...content.filter(Boolean));
  for (const one of container.querySelectorAll('[data-scrolls]')) {
    const [left, top] = scrolls.get(one.dataset.scrolls) ?? [0, 0];
    one.scrollLeft = left;
    one.scrollTop = top;
  }
  if (focused) container.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

/** Asks the sandbox to do something; a refusal is thrown in its words. */
export async function ask(method, path, body) {
  const answer = await fetch(path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const content = await answer.json();
  if (!answer.ok) throw new Error(content.error);
  return content;
}

/** Opens a sheet; `build(sheet)` fills it and may give back what is called at each change of the world. */
export function openSheet({ label, build }) {
  const sheet = el('dialog', { class: 'sheet', 'aria-label': label });
  sheet.addEventListener('close', () => sheet.remove());
  // A click beside the sheet lands on the dialog itself.
  sheet.addEventListener('mousedown', (event) => {
    if (event.target === sheet) sheet.close();
  });
  document.body.append(sheet);
  const update = build(sheet);
  sheet.update = update ?? (() => {});
  sheet.showModal();
  return sheet;
}
