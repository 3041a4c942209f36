import { formatLocal } from '../model/clock.ts';
import type { Plan } from '../plan/plan.ts';
import { formatBitsPerSec, formatBytes, formatDurationMs } from '../units.ts';
import { assumptionMarks, type MarkedNumber } from './assumption-marks.ts';
import type { Chart } from './charts/chart.ts';
import { CHARTS } from './charts/registry.ts';
import { chartFigure } from './html-chart.ts';
import { howPart } from './html-derivation.ts';
import { findingsPart } from './html-findings.ts';
import { html, type Markup } from './html-template.ts';
import { keyFigures } from './key-figures.ts';
import { shownName } from './shown-name.ts';
import { cellClass, FIRST_ORDER, hasTrouble, sortedVms, VM_COLUMNS, VMS_PER_PAGE } from './vm-table.ts';

/** The page's head line: what was run. */
export function headerOf(plan: Plan): Markup {
  const { clock, fleet } = plan;
  const facts: readonly (readonly [string, string])[] = [
    ['Scenario', `${plan.scenario.title}, ${copiesOf(plan)}`],
    ['Simulated', `${formatLocal(clock, 0)} to ${formatLocal(clock, plan.horizonMs)} (${shownName(clock.timeZone)})`],
    [
      'Fleet',
      `${fleet.vmCount} VMs, ${fleet.diskCount} disks, ${formatBytes(fleet.usedBytes)} used, ${formatBytes(fleet.churnBytesPerDay)} written per day`,
    ],
    ['Link', linkOf(plan)],
  ];
  return html`<p class="product">asr-plan</p>
<h1>Replication capacity plan</h1>
<dl class="facts">${facts.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** The run's copy frequency, and how many VMs have another. */
function copiesOf({ scenario, vms }: Plan): string {
  const others = vms.filter((vm) => vm.copyFrequencyMs !== scenario.copyFrequencyMs).length;
  const otherwise = others === 0 ? '' : ` (${others} of the VMs at another interval)`;
  return `a copy every ${formatDurationMs(scenario.copyFrequencyMs)}${otherwise}`;
}

/** The site's link, and how many lines there are beside it. */
function linkOf({ link, furtherLinks }: Plan): string {
  const further = furtherLinks.length;
  const others = further === 0 ? '' : `, and ${further} further ${further === 1 ? 'line' : 'lines'}`;
  return `${formatBitsPerSec(link.capacityBitsPerSec)}${others}`;
}

/** Verdict, objectives, five numbers, what to do. */
export function summaryOf(plan: Plan): Markup {
  const { verdict } = plan;
  return html`<section id="summary" aria-labelledby="summary-title">
<h2 id="summary-title" class="unseen">Summary</h2>
<div class="verdict ${outcome(verdict.met)}"><span class="icon" aria-hidden="true">${verdict.met ? '✓' : '✕'}</span><div><p class="word">${verdict.met ? 'Objectives met' : 'Objectives broken'}</p><p class="sentence">${shownName(verdict.sentence)}</p></div></div>
<ul class="objectives">${verdict.objectives.map(
    (objective) =>
      html`<li class="tile ${outcome(objective.met)}"><p class="state"><span aria-hidden="true">${objective.met ? '✓' : '✕'}</span> ${objective.met ? 'met' : 'broken'}</p><p class="name">${objective.title}</p><p class="found">${shownName(objective.found)}</p></li>`,
  )}</ul>
<h3>Five numbers</h3>
<ul class="figures">${keyFigures(plan).map(
    (figure) =>
      html`<li class="tile"><p class="name">${figure.label}${marks(plan, figure.restsOn)}</p><p class="value">${figure.value}</p><p class="found">${figure.detail}</p>${howPart(
        plan,
        plan.derivations.find(({ id }) => id === figure.derivation),
      )}</li>`,
  )}</ul>
<h3>What to do</h3>
${findingsPart(plan.findings)}
</section>`;
}

function outcome(met: boolean): string {
  return met ? 'met' : 'broken';
}

function marks(plan: Plan, number: MarkedNumber): Markup | null {
  const places = assumptionMarks(plan, number);
  if (places.length === 0) return null;
  return html`<sup class="marks">${places.map((place) => html`<a href="#assumption-${place}" aria-label="rests on assumption ${place}">${place}</a>`)}</sup>`;
}

/** A section of charts; the page's script draws into them. */
export function chartSection(plan: Plan, section: Chart['section'], title: string, further?: Markup): Markup {
  const charts = CHARTS.filter((chart) => chart.section === section).map((chart) => chartFigure(plan, chart));
  return html`<section id="${section}" aria-labelledby="${section}-title"><h2 id="${section}-title">${title}</h2>${charts}${further}</section>`;
}

/** The first page of the VMs, the worst first; the script adds search, order and the other pages. */
export function vmSection(plan: Plan): Markup {
  const shown = sortedVms(plan.vms, FIRST_ORDER).slice(0, VMS_PER_PAGE);
  const troubled = plan.vms.filter(hasTrouble).length;
  const rows = shown.map(
    (vm) =>
      html`<tr>${VM_COLUMNS.map((column, index) => {
        const text = column.text(plan, vm);
        return index === 0
          ? html`<th scope="row"><bdi>${text}</bdi></th>`
          : html`<td${cellClass(column) !== '' && html` class="${cellClass(column)}"`}>${text}</td>`;
      })}</tr>`,
  );
  return html`<section id="vms" aria-labelledby="vms-title"><h2 id="vms-title">VMs</h2>
<p class="note">RPO from each VM’s first delta on. ${troubled} of ${plan.vms.length} VMs break the objective, were Critical, had to resynchronize, or are paused, unhealthy or unprotected at the end. Held back by: what kept the VM’s replication waiting longest, as a share of the run. A VM’s name opens its jobs, statistics and phases.</p>
<div id="vm-tools"></div>
<p class="count" id="vm-count" role="status">${shown.length < plan.vms.length ? `The ${shown.length} with the worst RPO of ${plan.vms.length} VMs` : `${plan.vms.length} VMs`}</p>
<div class="scroll" tabindex="0" role="region" aria-label="VMs"><table id="vm-table"><thead><tr>${VM_COLUMNS.map((column) => html`<th scope="col" data-column="${column.id}"${column.numeric ? html` class="number"` : null}>${column.title}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div>
<div id="vm-pages"></div></section>`;
}
