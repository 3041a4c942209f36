import type { Checked, CheckResult } from '../../study/check.ts';
import { shownName } from '../shown-name.ts';
import type { TerminalOptions } from '../terminal.ts';
import { type Paint, painter } from '../terminal-paint.ts';
import { wrapTo } from '../terminal-width.ts';
import { judgementText } from './study-values.ts';

const NARROWEST = 40;

/** A line for each objective, and more where it is broken. Ends in a newline. */
export function renderCheckTerminal({ objectives }: CheckResult, options: TerminalOptions): string {
  const width = Math.max(NARROWEST, Math.floor(options.width));
  const paint = painter(options.color);
  const broken = objectives.filter(({ holds }) => !holds).length;
  const lines = objectives.flatMap((objective) => objectiveLines(objective, width, paint));
  const sum =
    broken === 0
      ? `All ${objectives.length} objectives hold.`
      : `${broken} of ${objectives.length} objectives are broken.`;
  return `${[...lines, '', sum].join('\n')}\n`;
}

function objectiveLines(
  { name, holds, promises, counterexample, scenariosRun, exact }: Checked,
  width: number,
  paint: Paint,
): string[] {
  const cue = holds ? paint('blue', '✓') : paint('red', '✕');
  const run = `${scenariosRun} scenario${scenariosRun === 1 ? '' : 's'}${exact ? ', all' : ''}`;
  const [first = '', ...rest] = wrapTo(`${shownName(name)} (${run})`, width - 2);
  const lines = [`${cue} ${first}`, ...rest.map((line) => `  ${line}`)];
  if (counterexample === null) return lines;
  const judged = counterexample.planValue
    .map((judgement, index) => judgementText(promises[index]!, judgement))
    .join('; ');
  const where = counterexample.text === '' ? 'in the base case' : shownName(counterexample.text);
  return [
    ...lines,
    ...wrapTo(`${where}: ${judged}`, width - 4).map((line) => `    ${line}`),
    `    ${shownName(counterexample.replay)}`,
  ];
}
