import { formatLocal } from '../../model/clock.ts';
import type { Study } from '../../study/study.ts';
import { formatBitsPerSec, formatDurationMs } from '../../units.ts';
import type { Chart } from '../charts/chart.ts';
import { chartFigure } from '../html-chart.ts';
import { scrollTable } from '../html-table.ts';
import { html, type Markup } from '../html-template.ts';
import { shownName } from '../shown-name.ts';
import { STUDY_CHARTS } from './charts/registry.ts';
import { dimensionOf, promiseValueText, studyValueText } from './study-values.ts';

/** The parts of a study's page, as those of a plan's (page.ts). */
export interface StudyParts {
  readonly title: string;
  readonly header: Markup;
  readonly navigation: Markup;
  readonly sections: Markup;
  readonly footer: Markup;
}

interface StudySection {
  readonly id: string;
  readonly title: string;
  readonly render: (study: Study) => Markup;
  /** Absent = always. */
  readonly isThere?: (study: Study) => boolean;
}

const SECTIONS: readonly StudySection[] = [
  { id: 'answer', title: 'Answer', render: answerSection },
  {
    id: 'counterexample',
    title: 'Counterexample',
    render: counterexampleSection,
    isThere: ({ counterexample }) => counterexample !== null,
  },
  {
    id: 'frontier',
    title: 'Frontier',
    render: (study) => chartsSection('frontier', 'Frontier', study),
    isThere: ({ frontiers }) => frontiers.length > 0,
  },
  {
    id: 'sensitivity',
    title: 'What matters most',
    render: sensitivitySection,
    isThere: ({ tornado }) => tornado.length > 0,
  },
  { id: 'draws', title: 'Drawn scenarios', render: drawsSection, isThere: ({ monteCarlo }) => monteCarlo !== null },
  { id: 'method', title: 'Space & method', render: methodSection },
];

const CHARTS_OF: Readonly<Record<string, readonly string[]>> = {
  counterexample: ['study-ages', 'study-logs', 'study-traffic'],
  frontier: ['study-frontier-map', 'study-frontier-line'],
  sensitivity: ['study-tornado'],
  draws: ['study-draws'],
};

export function studyParts(study: Study): StudyParts {
  const shown = SECTIONS.filter(({ isThere }) => isThere?.(study) ?? true);
  return {
    title: `What-if study: ${study.holds ? 'every promise holds' : 'a promise is broken'}`,
    header: headerOf(study),
    navigation: html`${shown.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}`,
    sections: html`${shown.map(({ render }) => render(study))}`,
    footer: html`<p>asr-plan ${study.version} · base case run ${study.runHash} · ${study.schema} · all times are local (${study.clock.timeZone})</p>`,
  };
}

function headerOf({ clock, horizonMs, vmCount, linkBitsPerSec, fixed, dimensions }: Study): Markup {
  const facts: readonly (readonly [string, string])[] = [
    ['Simulated', `${formatLocal(clock, 0)} to ${formatLocal(clock, horizonMs)} (${shownName(clock.timeZone)})`],
    ['Fleet', `${vmCount} VMs on ${formatBitsPerSec(linkBitsPerSec)}`],
    ['What varies', dimensions.map(({ name }) => shownName(name)).join(', ')],
    ...(fixed.length === 0 ? [] : [['In every scenario', fixed.map(shownName).join(', ')] as const]),
  ];
  return html`<p class="product">asr-plan</p>
<h1>What-if study</h1>
<dl class="facts">${facts.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function section(id: string, title: string, content: Markup, isTitleSeen = true): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title"${!isTitleSeen && html` class="unseen"`}>${title}</h2>
${content}
</section>`;
}

/** The sentence, how sure it is, and what is safe. */
function answerSection(study: Study): Markup {
  const { holds, promises, base, safe, counterexample } = study;
  const sentence = holds
    ? `No scenario that was run breaks ${promises.length === 1 ? 'the promise' : 'a promise'}.`
    : `${base.holds ? '' : 'The base case is broken already. '}The smallest ${study.exact ? 'scenario that breaks it' : 'found that breaks it'}: ${counterexample!.text === '' ? 'the base case itself' : counterexample!.text}.`;
  const tiles = promises.map((promise, index) => {
    const judgement = base.judgements[index]!;
    const isBroken = counterexample?.planValue[index]?.holds === false;
    const found = `Base case: ${promiseValueText(promise.unit, judgement.value)}${counterexample === null ? '' : `; counterexample: ${promiseValueText(promise.unit, counterexample.planValue[index]!.value)}`}`;
    return html`<li class="tile ${isBroken ? 'broken' : 'met'}"><p class="state"><span aria-hidden="true">${isBroken ? '✕' : '✓'}</span> ${isBroken ? 'broken' : 'not broken'}</p><p class="name">${shownName(promise.text)}</p><p class="found">${promise.unit === 'truth' ? '' : found}</p></li>`;
  });
  return section(
    'answer',
    'Answer',
    html`<div class="verdict ${holds ? 'met' : 'broken'}"><span class="icon" aria-hidden="true">${holds ? '✓' : '✕'}</span><div><p class="word">${holds ? 'Holds' : 'Broken'}</p><p class="sentence">${shownName(sentence)}</p></div></div>
<ul class="objectives">${tiles}</ul>
<h3>Safe</h3>
<p class="safe">${safe === null ? 'Nothing was found safe: even the mildest scenario breaks it.' : shownName(safe.text)}${safe !== null && !safe.wholeRun && ' Its worst corner was run at every shape that was looked at; that milder scenarios are no worse was checked by comparing pairs.'}</p>
<p class="note">${howSure(study)}</p>`,
    false,
  );
}

function howSure({ scenariosRun, scenarioCount, methodText }: Study): string {
  const of = scenarioCount === null ? 'more than can be counted' : String(scenarioCount);
  return `${scenariosRun} of ${of} scenarios were run. ${shownName(methodText)}`;
}

const PROMISE_HEADINGS = [
  { title: 'Promise' },
  { title: 'Base case', numeric: true },
  { title: 'Counterexample', numeric: true },
  { title: 'There' },
];

function counterexampleSection(study: Study): Markup {
  const { counterexample, promises, dimensions, clock, base } = study;
  const { values, planValue, replay, size } = counterexample!;
  const rows = dimensions.map((dimension) => {
    const text = (value: number): string => studyValueText(dimension, value, clock);
    return html`<tr><th scope="row"><bdi>${shownName(dimension.name)}</bdi></th><td>${text(dimension.base)}</td><td>${text(values[dimension.name]!)}</td></tr>`;
  });
  const judged = promises.map(({ text, unit }, index) => {
    const [before, after] = [base.judgements[index]!, planValue[index]!];
    const value = (of: number | null): string => (unit === 'truth' ? '–' : promiseValueText(unit, of));
    return html`<tr><th scope="row"><bdi>${shownName(text)}</bdi></th><td class="number">${value(before.value)}</td><td class="number${!after.holds && ' attention'}">${value(after.value)}</td><td>${after.holds ? '✓ holds' : '✕ broken'}</td></tr>`;
  });
  return section(
    'counterexample',
    'Counterexample',
    html`${scrollTable('The counterexample', [{ title: 'What varies' }, { title: 'Base case' }, { title: 'Counterexample' }], rows, { class: 'varied' })}
<h3>What it comes to</h3>
${scrollTable('What the promises come to', PROMISE_HEADINGS, judged, { class: 'varied' })}
<p class="note">Its size is ${size.toFixed(3)}: the sum over the severities of the share of the way from the base case to the worst level.</p>
<figure class="script"><figcaption>Replay: this command makes the whole plan of it</figcaption><pre tabindex="0" role="region" aria-label="Command that replays it" data-copy>${shownName(replay)}</pre></figure>
${figures('counterexample', study)}`,
  );
}

function figures(id: string, study: Study): Markup {
  return html`${chartsOf(id).map((chart) => chartFigure(study, chart))}`;
}

function chartsOf(id: string): Chart<Study>[] {
  return STUDY_CHARTS.filter((chart) => CHARTS_OF[id]!.includes(chart.id));
}

/** Those that have something to draw. */
function chartsSection(id: string, title: string, study: Study): Markup {
  return section(id, title, html`${chartsOf(id).map((chart) => chart.drawable(study) && chartFigure(study, chart))}`);
}

function sensitivitySection(study: Study): Markup {
  const rows = study.alone.map(({ dimension, largestSafe, smallestBreaking }) => {
    const own = dimensionOf(study, dimension);
    const text = (value: number | null, none: string): string =>
      value === null ? none : studyValueText(own, value, study.clock);
    return html`<tr><th scope="row"><bdi>${shownName(dimension)}</bdi></th><td>${text(own.base, '–')}</td><td>${text(largestSafe, 'nothing: broken as it is')}</td><td>${largestSafe === null ? '–' : text(smallestBreaking, 'nowhere in its range')}</td></tr>`;
  });
  const headings = [{ title: 'Alone' }, { title: 'Base case' }, { title: 'Safe to' }, { title: 'Breaks at' }];
  return section(
    'sensitivity',
    'What matters most',
    html`${figures('sensitivity', study)}
<h3>Each by itself</h3>
${scrollTable('Each severity by itself', headings, rows, { class: 'varied' })}`,
  );
}

function drawsSection(study: Study): Markup {
  const { quantiles, draws } = study.monteCarlo!;
  const { unit, text } = study.promises[0]!;
  const rows = quantiles.map(
    ({ share, value }) =>
      html`<tr><th scope="row">${Math.round(share * 100)} %</th><td class="number">${promiseValueText(unit, value)}</td></tr>`,
  );
  return section(
    'draws',
    'Drawn scenarios',
    html`${figures('draws', study)}
${
  unit !== 'truth' &&
  html`<h3>What ${shownName(text)} comes to</h3>
${scrollTable('Quantiles over the draws', [{ title: `Of ${draws} draws at or below` }, { title: 'Value', numeric: true }], rows)}`
}`,
  );
}

function methodSection(study: Study): Markup {
  const { dimensions, resolution, clock, monotonicity, assumptions } = study;
  const rows = dimensions.map((dimension) => {
    const text = (value: number): string => studyValueText(dimension, value, clock);
    return html`<tr><th scope="row"><bdi>${shownName(dimension.name)}</bdi></th><td>${dimension.role}</td><td>${text(dimension.first)}</td><td>${text(dimension.last)}</td><td class="number">${dimension.levelCount}</td><td>${resolution[dimension.name]}</td></tr>`;
  });
  const headings = [
    ...[{ title: 'What varies' }, { title: 'Role' }, { title: 'Mildest, or first' }, { title: 'Worst, or last' }],
    ...[{ title: 'Levels', numeric: true }, { title: 'Resolution' }],
  ];
  const violations = monotonicity.violations.map(
    ({ milder, worse }) => html`<li>breaks: ${shownName(milder)}; holds: ${shownName(worse)}</li>`,
  );
  const rested = assumptions.map(
    ({ name, value, reason, source }) =>
      html`<tr><th scope="row"><code>${shownName(name)}</code></th><td><bdi>${shownName(String(value))}</bdi></td><td>${shownName(reason)}</td><td>${shownName(source)}</td></tr>`,
  );
  return section(
    'method',
    'Space & method',
    html`${scrollTable('What varies', headings, rows, { class: 'varied' })}
<p class="how-sure">${howSure(study)}</p>
<p class="note">A severity goes from the mildest level to the worst; a shape has no worse level. At most ${study.scenariosMost} scenarios were to be run (--scenarios); the run is ${formatDurationMs(study.horizonMs)} long.</p>
${violations.length > 0 && html`<h3>Where worse was not worse</h3><ul>${violations}</ul>`}
${rested.length > 0 && html`<details><summary>What the base case rests on</summary>${scrollTable('Assumptions', [{ title: 'Parameter' }, { title: 'Value' }, { title: 'Why' }, { title: 'Source' }], rested)}</details>`}`,
  );
}
