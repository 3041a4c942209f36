import { formatLocal } from '../../model/clock.ts';
import type { Study } from '../../study/study.ts';
import { formatBitsPerSec } from '../../units.ts';
import { markdownTable, markdownText } from '../markdown-text.ts';
import { shownName } from '../shown-name.ts';
import { dimensionOf, promiseValueText, studyValueText } from './study-values.ts';

const NONE = '–';

/** The study as a summary in Markdown, for a ticket or a wiki: the answer, what breaks it and how to replay it, what is safe, how sure that is. */
export function renderStudyMarkdown(study: Study): string {
  const parts = [
    answerPart(study),
    counterexamplePart(study),
    safePart(study),
    alonePart(study),
    drawsPart(study),
    methodPart(study),
    [footOf(study)],
  ];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function answerPart({
  holds,
  promises,
  base,
  counterexample,
  clock,
  horizonMs,
  vmCount,
  linkBitsPerSec,
}: Study): string[] {
  const headings = [
    { title: 'Promise' },
    { title: 'Base case', numeric: true },
    ...(counterexample === null ? [] : [{ title: 'Counterexample', numeric: true }, { title: 'There' }]),
  ];
  const rows = promises.map(({ text, unit }, index) => {
    const value = (of: number | null): string => (unit === 'truth' ? NONE : promiseValueText(unit, of));
    const broken = counterexample?.planValue[index];
    return [
      markdownText(text),
      value(base.judgements[index]!.value),
      ...(broken === undefined ? [] : [value(broken.value), broken.holds ? '✓ holds' : '✕ broken']),
    ];
  });
  const facts = `${vmCount} VMs on ${formatBitsPerSec(linkBitsPerSec)}, ${formatLocal(clock, 0)} to ${formatLocal(clock, horizonMs)} (${clock.timeZone})`;
  return [
    `# ${holds ? '✓ Every promise holds' : '✕ A promise is broken'}`,
    '',
    markdownText(facts),
    '',
    ...markdownTable(headings, rows),
  ];
}

function counterexamplePart({ counterexample, exact, base }: Study): string[] {
  if (counterexample === null) return [];
  return [
    `## The smallest ${exact ? 'that breaks it' : 'found that breaks it'}`,
    '',
    `${base.holds ? '' : 'The base case is broken already. '}${counterexample.text === '' ? 'The base case itself' : markdownText(counterexample.text)}.`,
    '',
    'Its whole plan:',
    '',
    ...codeBlock(counterexample.replay),
  ];
}

/** Inside a fence nothing is Markdown but a longer row of the fence's own signs. */
function codeBlock(text: string): string[] {
  const shown = shownName(text);
  const longest = (shown.match(/`+/g) ?? []).reduce((most, { length }) => Math.max(most, length), 2);
  const fence = '`'.repeat(longest + 1);
  return [fence, shown, fence];
}

function safePart({ safe }: Study): string[] {
  const text = safe === null ? 'Nothing was found safe: even the mildest scenario breaks it.' : safe.text;
  return ['## Safe', '', markdownText(text)];
}

function alonePart(study: Study): string[] {
  if (study.alone.length === 0) return [];
  const rows = study.alone.map(({ dimension, largestSafe, smallestBreaking }) => {
    const own = dimensionOf(study, dimension);
    const text = (value: number | null, none: string): string =>
      value === null ? none : markdownText(studyValueText(own, value, study.clock));
    return [
      markdownText(dimension),
      text(own.base, NONE),
      text(largestSafe, 'nothing: broken as it is'),
      largestSafe === null ? NONE : text(smallestBreaking, 'nowhere in its range'),
    ];
  });
  const headings = [{ title: 'Alone' }, { title: 'Base case' }, { title: 'Safe to' }, { title: 'Breaks at' }];
  return ['## Each by itself', '', ...markdownTable(headings, rows)];
}

function drawsPart({ monteCarlo }: Study): string[] {
  if (monteCarlo === null) return [];
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  const rows = monteCarlo.alternatives.map(({ name, share, from, to }) => [
    markdownText(name),
    percent(share),
    `${percent(from)} to ${percent(to)}`,
  ]);
  const headings = [{ title: 'Drawn' }, { title: 'Holds in', numeric: true }, { title: '95 % interval' }];
  return [
    '## Drawn scenarios',
    '',
    ...markdownTable(headings, rows),
    '',
    `${monteCarlo.draws} draws, seed ${monteCarlo.seed}${monteCarlo.settled ? '' : '; the intervals are wider than was asked for'}.`,
  ];
}

function methodPart({
  methodText,
  scenariosRun,
  scenarioCount,
  dimensions,
  resolution,
  fixed,
  clock,
}: Study): string[] {
  const of = scenarioCount === null ? 'more scenarios than can be counted' : `${scenarioCount} scenarios`;
  const rows = dimensions.map((dimension) => [
    markdownText(dimension.name),
    dimension.role,
    markdownText(studyValueText(dimension, dimension.first, clock)),
    markdownText(studyValueText(dimension, dimension.last, clock)),
    markdownText(resolution[dimension.name] ?? NONE),
  ]);
  const headings = [
    ...[{ title: 'What varies' }, { title: 'Role' }, { title: 'Mildest, or first' }, { title: 'Worst, or last' }],
    { title: 'Resolution' },
  ];
  return [
    '## How it was found',
    '',
    `${scenariosRun} of ${of} were run. ${markdownText(methodText)}`,
    '',
    ...markdownTable(headings, rows),
    ...(fixed.length === 0 ? [] : ['', `In every scenario: ${fixed.map(markdownText).join(', ')}.`]),
  ];
}

function footOf({ version, runHash, schema }: Study): string {
  return `asr-plan ${markdownText(version)}, base case run ${markdownText(runHash)}, \`${schema}\``;
}
