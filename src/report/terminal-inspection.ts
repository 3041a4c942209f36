import type { Inspection } from '../model/inspection.ts';
import { shownName } from './shown-name.ts';
import type { TerminalOptions } from './terminal.ts';
import { painter } from './terminal-paint.ts';
import { wrapTo } from './terminal-width.ts';

/** What is in a file, for a terminal: its name and format, then a fact a line. Ends in a newline. */
export function renderInspection({ file, format, facts }: Inspection, { color, width }: TerminalOptions): string {
  const paint = painter(color);
  const labels = facts.reduce((most, [label]) => Math.max(most, label.length), 0);
  const lines = facts.flatMap(([label, value]) => {
    const [first = '', ...rest] = wrapTo(shownName(value), Math.max(20, width - labels - 4));
    return [`  ${label.padEnd(labels)}  ${first}`, ...rest.map((line) => `${' '.repeat(labels + 4)}${line}`)];
  });
  return [...wrapTo(shownName(file), width).map((line) => paint('bold', line)), `  ${shownName(format)}`, ...lines]
    .map((line) => `${line}\n`)
    .join('');
}
