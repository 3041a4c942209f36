/**
 * HTML that escapes by default: whatever stands in a hole of an {@link html} template becomes text, unless it is itself
 * the result of such a template.
 */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** What may stand in a hole. `null`, `undefined` and `false` leave nothing. */
export type Hole = Markup | string | number | null | undefined | false | readonly Hole[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** Tag of a template: ``html`<td>${vm.name}</td>` ``. */
export function html(parts: TemplateStringsArray, ...holes: readonly Hole[]): Markup {
  return new Markup(parts.map((part, index) => (index === 0 ? part : `${filled(holes[index - 1])}${part}`)).join(''));
}

function filled(hole: Hole): string {
  if (hole instanceof Markup) return hole.text;
  if (hole === null || hole === undefined || hole === false) return '';
  if (typeof hole === 'object') return hole.map(filled).join('');
  return escapeHtml(String(hole));
}
