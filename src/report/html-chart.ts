import type { Chart, Term, Timed } from './charts/chart.ts';
import { html, type Markup } from './html-template.ts';
import { shownName } from './shown-name.ts';

/** The place of a chart, with its words; the page's script draws into it. */
export function chartFigure<About extends Timed>(about: About, chart: Chart<About>): Markup {
  const summary = shownName(chart.summary(about));
  const heading = html`<h3>${shownName(chart.title(about))}</h3>`;
  if (!chart.drawable(about))
    return html`<figure class="chart" id="chart-${chart.id}">${heading}<figcaption>${summary}</figcaption></figure>`;
  return html`<figure class="chart" id="chart-${chart.id}" data-chart="${chart.id}">${heading}
<p class="note">${shownName(chart.note(about))}${chart.gesture !== undefined && ` ${chart.gesture}`}</p>
<div class="plot" role="img" aria-label="${summary}"></div>
<figcaption>${summary}</figcaption>${chart.terms !== undefined && terms(chart.terms(about))}</figure>`;
}

/** The legend in words. */
function terms(entries: readonly Term[]): Markup {
  return html`<details><summary>What these words mean</summary><dl class="terms">${entries.map(({ term, meaning, color }) => html`<div><dt><span class="swatch" style="background:${color}" aria-hidden="true"></span>${term}</dt><dd>${meaning}</dd></div>`)}</dl></details>`;
}
