import { button } from './elements.ts';

const SAID_MS = 2000;

/** Every text that is meant to be copied gets a button for it; where the browser refuses the clipboard, the text is selected instead. */
export function addCopyButtons(): void {
  for (const text of document.querySelectorAll<HTMLElement>('pre[data-copy]')) {
    const copy = button('Copy', () => void copyText(text, copy), { class: 'copy' });
    text.before(copy);
  }
}

async function copyText(text: HTMLElement, from: HTMLButtonElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(text.textContent);
    from.textContent = 'Copied';
  } catch {
    getSelection()?.selectAllChildren(text);
    from.textContent = 'Selected';
  }
  setTimeout(() => {
    from.textContent = 'Copy';
  }, SAID_MS);
}
