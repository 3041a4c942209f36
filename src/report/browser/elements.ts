/** Makes DOM by creation only: text is always text, whatever it says. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** A button that does something when it is pressed. */
export function button(
  label: string,
  onPress: () => void,
  attributes: Readonly<Record<string, string>> = {},
): HTMLButtonElement {
  const made = element('button', { type: 'button', ...attributes }, label);
  made.addEventListener('click', onPress);
  return made;
}

/** A button that opens a panel in a row of its own under this one, and closes it again. */
export function panelButton(
  label: string,
  row: HTMLTableRowElement,
  id: string,
  makePanel: () => HTMLElement,
): HTMLButtonElement {
  const toggle = (): void => {
    const shown = open.getAttribute('aria-expanded') === 'true';
    open.setAttribute('aria-expanded', String(!shown));
    if (shown) {
      row.nextElementSibling?.remove();
      open.removeAttribute('aria-controls');
      return;
    }
    const panel = element('td', { colspan: String(row.cells.length) }, makePanel());
    row.after(element('tr', { class: 'vm-panel', id }, panel));
    open.setAttribute('aria-controls', id);
  };
  const open = button(label, toggle, { 'aria-expanded': 'false', class: 'vm-name', dir: 'auto' });
  return open;
}

/** Hands a text to the user as a file. */
export function download(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = element('a', { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** A row of buttons to go through pages, and where one is; nothing where there is one page only. */
export function pager(page: number, pageCount: number, go: (page: number) => void): HTMLElement {
  const row = element('div', { class: 'pager' });
  if (pageCount <= 1) return row;
  const previous = button('Previous', () => go(page - 1));
  const next = button('Next', () => go(page + 1));
  previous.disabled = page === 0;
  next.disabled = page === pageCount - 1;
  row.append(previous, element('span', {}, `page ${page + 1} of ${pageCount}`), next);
  return row;
}
