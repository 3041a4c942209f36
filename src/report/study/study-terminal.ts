import type { Judgement } from '../../study/promises/promise.ts';
import type { Study } from '../../study/study.ts';
import { formatBitsPerSec, formatDurationMs } from '../../units.ts';
import { shownName } from '../shown-name.ts';
import type { TerminalOptions } from '../terminal.ts';
import { heading, type Paint, painter } from '../terminal-paint.ts';
import { wrapTo } from '../terminal-width.ts';
import { judgementText, studyValueText } from './study-values.ts';

const NARROWEST = 40;

/** What a terminal shows of a study: the answer, what breaks it, what is safe, how it was found. Ends in a newline. */
export function renderStudyTerminal(study: Study, options: TerminalOptions): string {
  const width = Math.max(NARROWEST, Math.floor(options.width));
  const paint = painter(options.color);
  const sections = [
    answerLines(study, width, paint),
    counterexampleLines(study, width, paint),
    safeLines(study, width, paint),
    aloneLines(study, width, paint),
    monteCarloLines(study, width, paint),
    methodLines(study, width, paint),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function answerLines(
  { holds, promises, base, vmCount, horizonMs, linkBitsPerSec }: Study,
  width: number,
  paint: Paint,
): string[] {
  const word = holds ? '✓ HOLDS' : '✕ BROKEN';
  const said = promises.map(({ text }) => shownName(text)).join(' and ');
  const [first = '', ...rest] = wrapTo(`${word}  ${said}`, width);
  const painted = paint(['bold', holds ? 'blue' : 'red'], word);
  const where = `${vmCount} VMs over ${formatDurationMs(horizonMs)} on ${formatBitsPerSec(linkBitsPerSec)}; in the base case ${base.holds ? 'it holds' : 'it is broken'}: ${judgementsText(promises, base.judgements)}`;
  return [first.replace(word, () => painted), ...rest, ...wrapTo(where, width).map((line) => paint('dim', line))];
}

function counterexampleLines({ counterexample, promises, exact }: Study, width: number, paint: Paint): string[] {
  if (counterexample === null) return [];
  return [
    heading(exact ? 'The smallest that breaks it' : 'The smallest found that breaks it', paint),
    ...wrapTo(counterexample.text === '' ? 'The base case itself' : shownName(counterexample.text), width - 2).map(
      (line) => `  ${line}`,
    ),
    ...wrapTo(judgementsText(promises, counterexample.planValue), width - 2).map((line) => `  ${line}`),
    '  Replay:',
    // In one line, however long: it is there to be copied.
    `  ${shownName(counterexample.replay)}`,
  ];
}

function judgementsText(promises: Study['promises'], judgements: readonly Judgement[]): string {
  return judgements.map((judgement, index) => judgementText(promises[index]!, judgement)).join('; ');
}

function safeLines({ safe }: Study, width: number, paint: Paint): string[] {
  const text = safe === null ? 'Nothing was found safe: even the mildest scenario breaks it.' : shownName(safe.text);
  return [heading('Safe', paint), ...wrapTo(text, width - 2).map((line) => `  ${line}`)];
}

function aloneLines({ alone, dimensions, clock }: Study, width: number, paint: Paint): string[] {
  if (alone.length < 2) return [];
  const lines = alone.flatMap(({ dimension, largestSafe, smallestBreaking }) => {
    const own = dimensions.find(({ name }) => name === dimension)!;
    const text = (value: number): string => studyValueText(own, value, clock);
    const breaks = smallestBreaking === null ? 'the end of its range' : `breaks at ${text(smallestBreaking)}`;
    const found = largestSafe === null ? 'breaks as it is' : `holds to ${text(largestSafe)}, ${breaks}`;
    return wrapTo(`${shownName(dimension)} ${found}`, width - 2).map((line) => `  ${line}`);
  });
  return [heading('Each alone', paint), ...lines];
}

function monteCarloLines({ monteCarlo }: Study, width: number, paint: Paint): string[] {
  if (monteCarlo === null) return [];
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  const lines = monteCarlo.alternatives.flatMap(({ name, share, from, to }) =>
    wrapTo(
      `${shownName(name)}: holds in ${percent(share)} of ${monteCarlo.draws} draws (95 %: ${percent(from)} to ${percent(to)})`,
      width - 2,
    ).map((line) => `  ${line}`),
  );
  return [heading('Drawn scenarios', paint), ...lines];
}

function methodLines(
  { methodText, scenariosRun, scenarioCount, resolution }: Study,
  width: number,
  paint: Paint,
): string[] {
  const of = scenarioCount === null ? 'countless' : String(scenarioCount);
  const fine = Object.entries(resolution)
    .map(([name, text]) => `${shownName(name)} ${text}`)
    .join(', ');
  const text = `${scenariosRun} of ${of} scenarios were run. ${shownName(methodText)} Resolution: ${fine}.`;
  return [heading('How it was found', paint), ...wrapTo(text, width - 2).map((line) => paint('dim', `  ${line}`))];
}
