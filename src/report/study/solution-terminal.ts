import type { Solution } from '../../study/solve-for.ts';
import { shownName } from '../shown-name.ts';
import type { TerminalOptions } from '../terminal.ts';
import { heading, painter } from '../terminal-paint.ts';
import { wrapTo } from '../terminal-width.ts';
import { judgementText } from './study-values.ts';

const NARROWEST = 40;

/** What a terminal shows of a solution. Ends in a newline. */
export function renderSolutionTerminal(solution: Solution, options: TerminalOptions): string {
  const width = Math.max(NARROWEST, Math.floor(options.width));
  const paint = painter(options.color);
  const { promises, under, witness, text, methodText, scenariosRun, resolution } = solution;
  const indented = (words: string): string[] => wrapTo(words, width - 2).map((line) => `  ${line}`);
  const said = promises.map((promise) => shownName(promise.text)).join(' and ');
  const lines = [
    ...wrapTo(shownName(text), width).map((line) => paint('bold', line)),
    ...wrapTo(`So that ${said}${under.length === 0 ? '' : `, under ${under.map(shownName).join(', ')}`}.`, width),
  ];
  if (witness !== null) {
    const judged = witness.planValue.map((judgement, index) => judgementText(promises[index]!, judgement)).join('; ');
    lines.push('', heading('What breaks beyond it', paint), ...indented(shownName(witness.text)), ...indented(judged));
    // In one line, however long: it is there to be copied.
    lines.push('  Replay:', `  ${shownName(witness.replay)}`);
  }
  lines.push('', heading('How it was found', paint));
  lines.push(
    ...indented(`${scenariosRun} scenarios were run. ${shownName(methodText)} Resolution: ${resolution}.`).map((line) =>
      paint('dim', line),
    ),
  );
  return `${lines.join('\n')}\n`;
}
