import { type Hole, html, type Markup } from './html-template.ts';
import { shownName } from './shown-name.ts';

/** A column's heading. */
export interface Heading {
  readonly title: string;
  readonly numeric?: boolean;
}

export interface TableOptions {
  readonly id?: string;
  readonly class?: string;
  /** Rows of totals. */
  readonly foot?: Hole;
}

/** A table that scrolls by itself where the page is too narrow for it, so that the keyboard must reach it. */
export function scrollTable(
  label: string,
  headings: readonly Heading[],
  rows: Hole,
  options: TableOptions = {},
): Markup {
  const attributes = [
    options.id !== undefined && html` id="${options.id}"`,
    options.class !== undefined && html` class="${options.class}"`,
  ];
  const heads = headings.map(
    ({ title, numeric }) => html`<th scope="col"${numeric === true && html` class="number"`}>${title}</th>`,
  );
  const foot = options.foot === undefined ? null : html`<tfoot>${options.foot}</tfoot>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table${attributes}><thead><tr>${heads}</tr></thead><tbody>${rows}</tbody>${foot}</table></div>`;
}

/** Names from strangers' files, the first few of `count`; nothing where there are none. */
export function nameList(names: readonly string[], most: number, count: number = names.length): Markup | null {
  if (names.length === 0) return null;
  const shown = names.slice(0, most).map((name) => html`<li><bdi>${shownName(name)}</bdi></li>`);
  const rest = count - shown.length;
  return html`<ul class="subjects">${shown}${rest > 0 && html`<li>and ${rest} more</li>`}</ul>`;
}
