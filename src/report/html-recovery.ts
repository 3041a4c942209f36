import type { ApplicationLoss, Plan, RecoveryPlanOutcome, RecoveryTerm, WorstVm } from '../plan/plan.ts';
import { formatDurationMs, type Millis } from '../units.ts';
import { nameList, scrollTable } from './html-table.ts';
import { type Hole, html, type Markup } from './html-template.ts';
import { recoverySteps } from './recovery-steps.ts';
import { shownName } from './shown-name.ts';

const NAMES_MOST = 4;
const REASONS_MOST = 5;
const NONE = '–';

/** As it stands in a site file; the example of docs and messages. */
const EXAMPLE = `"recoveryPlans": [
  {
    "name": "Shop",
    "groups": [
      { "name": "Databases", "vms": ["SQL01"] },
      { "name": "Web", "vms": ["WEB01", "WEB02"],
        "after": [{ "title": "Switch DNS", "kind": "manual", "takes": "10min" }] }
    ]
  }
]`;

/** RTO and data loss of each recovery plan, with where they come from. */
export function recoverySection(plan: Plan): Markup {
  const { recoveryPlans } = plan;
  const content =
    recoveryPlans.length === 0
      ? emptyState()
      : [
          html`<p class="note">RTO: from the disaster until the last group serves and the last action is done. Data loss: the age of the oldest recovery point among a plan’s VMs at a moment of the run, from each VM’s first delta on. ✕ marks more than the RPO of ${formatDurationMs(plan.rpo.targetMs)}.</p>`,
          overview(plan),
          recoveryPlans.map((outcome, index) => planPart(plan, outcome, index)),
        ];
  return html`<section id="recovery" aria-labelledby="recovery-title"><h2 id="recovery-title">Recovery</h2>${content}</section>`;
}

function emptyState(): Markup {
  return html`<p>The site file names no recovery plan, so there is no recovery time (RTO) to show. A recovery plan says in which groups machines start at the target, one group after another, and what is done in between. Add one to the site file (<code>--site site.json</code>) under the key <code>recoveryPlans</code>:</p>
<pre class="example" tabindex="0" role="region" aria-label="Example of a recovery plan">${EXAMPLE}</pre>`;
}

function overview({ recoveryPlans, rpo }: Plan): Markup {
  const headings = [
    { title: 'Recovery plan' },
    { title: 'VMs', numeric: true },
    { title: 'RTO, unplanned', numeric: true },
    { title: 'Data loss, half of the time', numeric: true },
    { title: '95 % of the time', numeric: true },
    { title: 'Worst', numeric: true },
    { title: 'Down, planned', numeric: true },
    { title: 'Data loss, planned', numeric: true },
  ];
  const rows = recoveryPlans.map(({ name, vmCount, unplanned, planned }) => {
    const { loss } = unplanned;
    return html`<tr><th scope="row"><bdi>${shownName(name)}</bdi></th><td class="number">${vmCount}</td><td class="number strong">${formatDurationMs(unplanned.rtoMs)}</td>${lossCell(loss?.p50, rpo.targetMs)}${lossCell(loss?.p95, rpo.targetMs)}${lossCell(loss?.max, rpo.targetMs)}<td class="number">${formatDurationMs(planned.downtimeMs)}</td><td class="number">${planned.lossMs === null ? 'no replica' : 'nothing'}</td></tr>`;
  });
  return scrollTable('Recovery plans', headings, rows, { class: 'recovery-plans' });
}

function lossCell(worst: WorstVm | undefined, targetMs: Millis): Markup {
  if (worst === undefined) return html`<td class="number">unknown</td>`;
  const late = worst.lossMs > targetMs;
  return html`<td class="number${late && ' attention'}">${late && '✕ '}${formatDurationMs(worst.lossMs)}</td>`;
}

function planPart(plan: Plan, outcome: RecoveryPlanOutcome, index: number): Markup {
  const id = `recovery-${index + 1}`;
  const name = shownName(outcome.name);
  return html`<article class="recovery-plan" aria-labelledby="${id}"><h3 id="${id}"><bdi>${name}</bdi></h3>
<p>${sentence(outcome)}</p>
<h4>How the times add up</h4>
${stepTable(plan, outcome, name)}
<h4>Data loss of an unplanned failover</h4>
${lossPart(plan, outcome, name)}</article>`;
}

function sentence({ unplanned, planned }: RecoveryPlanOutcome): string {
  const worst = unplanned.loss?.max;
  const loses =
    worst === undefined
      ? '; how much data it loses is not known'
      : ` and loses ${formatDurationMs(worst.lossMs)} of data at most`;
  const keeps = planned.lossMs === null ? ', but not every VM has a replica' : ' and loses nothing';
  return `An unplanned failover takes ${formatDurationMs(unplanned.rtoMs)}${loses}. With a planned one the application is down for ${formatDurationMs(planned.downtimeMs)}${keeps}.`;
}

function stepTable(plan: Plan, outcome: RecoveryPlanOutcome, name: string): Markup {
  const { rtoMs } = outcome.unplanned;
  const headings = [
    { title: 'Step' },
    { title: 'Unplanned', numeric: true },
    { title: 'Course' },
    { title: 'Planned', numeric: true },
    { title: 'Source' },
    { title: 'Decided by' },
  ];
  const rows = recoverySteps(outcome).map(
    ({ term, unplannedFromMs, planned }) =>
      html`<tr><th scope="row">${shownName(term.title)}</th><td class="number">${unplannedFromMs === null ? NONE : formatDurationMs(term.durationMs)}</td><td class="course">${unplannedFromMs !== null && courseBar(unplannedFromMs, term, rtoMs)}</td><td class="number">${planned ? formatDurationMs(term.durationMs) : NONE}</td><td class="source">${linkedSource(plan, term.source)}</td><td>${nameList(term.decidedBy, NAMES_MOST) ?? NONE}</td></tr>`,
  );
  const foot = html`<tr><th scope="row">In all</th><td class="number strong">${formatDurationMs(rtoMs)}</td><td class="course"></td><td class="number strong">${formatDurationMs(outcome.planned.downtimeMs)}</td><td></td><td></td></tr>`;
  return scrollTable(`How the times of ${name} add up`, headings, rows, { class: 'recovery-steps', foot });
}

/** The names of rules in it lead to their rows among the assumptions. */
function linkedSource({ assumptions }: Plan, source: string): Hole[] {
  return source.split(/(\w+Ms)\b/).map((part) => {
    const place = assumptions.findIndex(({ name }) => name === part);
    return place === -1 ? (part === '' ? null : shownName(part)) : html`<a href="#assumption-${place + 1}">${part}</a>`;
  });
}

/** Where in the unplanned failover the step lies, and how much of it it takes; the columns beside it say the same. */
function courseBar(fromMs: Millis, { durationMs }: RecoveryTerm, rtoMs: Millis): Markup | null {
  if (rtoMs === 0) return null;
  const percent = (ms: Millis): string => ((100 * ms) / rtoMs).toFixed(2);
  return html`<span class="course-bar" style="margin-left:${percent(fromMs)}%;width:${percent(durationMs)}%"></span>`;
}

function lossPart(plan: Plan, { unplanned }: RecoveryPlanOutcome, name: string): Markup {
  const { loss, lossUnknown } = unplanned;
  if (loss === null) {
    const rest = lossUnknown.length - REASONS_MOST;
    return html`<p>Not known:</p><ul class="reasons">${lossUnknown.slice(0, REASONS_MOST).map((reason) => html`<li>${shownName(reason)}</li>`)}${rest > 0 && html`<li>and ${rest} more</li>`}</ul>`;
  }
  const headings = [{ title: 'Share of the time' }, { title: 'At most', numeric: true }, { title: 'Decided by' }];
  const rows = lossRows(loss).map(
    ([share, worst]) =>
      html`<tr><th scope="row">${share}</th>${lossCell(worst, plan.rpo.targetMs)}<td>${nameList(worst.decidedBy, NAMES_MOST)}</td></tr>`,
  );
  return html`${scrollTable(`Data loss of ${name}`, headings, rows, { class: 'recovery-loss' })}
<p class="note">Each figure is the largest of the VMs’ own: exact for the worst; half of the time and 95 % of the time it can be more, where different VMs lag at different times.</p>`;
}

function lossRows(loss: ApplicationLoss): [string, WorstVm][] {
  return [
    ['half of the time', loss.p50],
    ['95 % of the time', loss.p95],
    ['always (the worst)', loss.max],
  ];
}
