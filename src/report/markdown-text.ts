import { shownName } from './shown-name.ts';

/** What begins a list, a heading or a quotation at the start of a line. */
const AT_START = /^(\s*)([-+#=]|\d{1,9}[.)](?=\s|$))/;

/**
 * A stranger's text as it can stand in a line, a list or a table of Markdown (CommonMark, GitHub's extensions): no markup, no HTML, no link,
 * and nobody is mentioned. `''` becomes `(no name)`.
 */
export function markdownText(text: string): string {
  return (
    shownName(text)
      .trim()
      .replace(/[\\`*_{}[\]|~<>&$]/g, escapedCharacter)
      // GitHub makes links of these after Markdown has been read, so that a backslash is of no help: an empty comment divides them.
      .replace(/@(?=\S)/g, '@<!-- -->')
      .replace(/#(?=\d)/g, '#<!-- -->')
      .replace(/\b(GH-)(?=\d)/gi, '$1<!-- -->')
      .replace(/\b(https?|ftp|mailto|xmpp)(:)/gi, '$1<!-- -->$2')
      .replace(/\b(www)(\.)/gi, '$1<!-- -->$2')
      .replace(/:(?=[\w+-]+:)/g, ':<!-- -->')
      .replace(AT_START, (_, blanks: string, sign: string) => `${blanks}${sign.slice(0, -1)}\\${sign.at(-1)}`)
  );
}

function escapedCharacter(character: string): string {
  if (character === '<') return '&lt;';
  if (character === '>') return '&gt;';
  if (character === '&') return '&amp;';
  return `\\${character}`;
}

/** A table, a line per row; cells are Markdown already. */
export function markdownTable(
  headings: readonly { readonly title: string; readonly numeric?: boolean }[],
  rows: readonly (readonly string[])[],
): string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => (cell === '' ? ' ' : cell)).join(' | ')} |`;
  return [
    line(headings.map(({ title }) => title)),
    line(headings.map(({ numeric }) => (numeric === true ? '---:' : '---'))),
    ...rows.map(line),
  ];
}
