import type { ChangeFigures, Plan } from '../plan/plan.ts';
import { type BitsPerSec, formatBitsPerSec, formatBytes, formatDurationMs, formatShare } from '../units.ts';
import { scrollTable } from './html-table.ts';
import { html, type Markup } from './html-template.ts';

const NONE = '–';

/** Bandwidths for shares of the time, for other objectives and for initial replication; the planner's way; what changes would buy. */
export function bandwidthPart(plan: Plan): Markup {
  return html`<div data-study>${answers(plan)}${objectives(plan)}${percentileSteps(plan)}${changes(plan)}</div>`;
}

function answers({ recommendation, rpo }: Plan): Markup {
  const { initialReplication } = recommendation;
  const target = formatDurationMs(rpo.targetMs);
  const row = (words: string, whole: BitsPerSec | null, deltaOnly: BitsPerSec | null): Markup =>
    html`<tr><th scope="row">${words}</th><td class="number">${bits(whole)}</td><td class="number">${bits(deltaOnly)}</td></tr>`;
  const rows = [
    row(
      `RPO of ${target} always`,
      recommendation.bitsPerSecForRpoAlways,
      recommendation.deltaOnlyBitsPerSecForRpoAlways,
    ),
    row('for 95 % of the VM-time', recommendation.bitsPerSecForRpo95, recommendation.deltaOnlyBitsPerSecForRpo95),
    row('for 90 % of the VM-time', recommendation.bitsPerSecForRpo90, recommendation.deltaOnlyBitsPerSecForRpo90),
    initialReplication !== null &&
      html`<tr><th scope="row">initial replication through in ${formatDurationMs(initialReplication.withinMs)}</th><td class="number">${bits(initialReplication.bitsPerSec)}</td><td class="number">${NONE}</td></tr>`,
  ];
  const headings = [
    { title: 'What the link must do' },
    { title: 'Bandwidth', numeric: true },
    { title: 'Deltas alone', numeric: true },
  ];
  return html`<h3>Bandwidth for what is wanted</h3><p class="note">Each is the smallest of a grid of three digits at which a run of the simulation did it; the next one below did not.</p>${scrollTable('Bandwidth for what is wanted', headings, [rows])}`;
}

function objectives({ recommendation }: Plan): Markup | null {
  if (recommendation.objectives.length === 0) return null;
  const rows = recommendation.objectives.map(
    ({ rpoMs, meetsBitsPerSec, failsBitsPerSec }) =>
      html`<tr><th scope="row">${formatDurationMs(rpoMs)}</th><td class="number">${bits(failsBitsPerSec)}</td><td class="number">${bits(meetsBitsPerSec)}</td></tr>`,
  );
  const headings = [
    { title: 'Another RPO' },
    { title: 'Not yet at', numeric: true },
    { title: 'Met from', numeric: true },
  ];
  return html`<h3>Bandwidth for another RPO</h3><p class="note">Read off the runs of the chart above: the answer lies between the two. Plan with <code>--rpo</code> for the exact one.</p>${scrollTable('Bandwidth for another RPO', headings, rows)}`;
}

function percentileSteps({ percentileWay: way }: Plan): Markup | null {
  if (way.steps.length === 0) return null;
  const rows = way.steps.map(
    ({ title, why, changeBitsPerSec, bitsPerSec }) =>
      html`<tr><th scope="row">${title}<p class="why">${why}</p></th><td class="number">${signed(changeBitsPerSec)}</td><td class="number">${formatBitsPerSec(bitsPerSec)}</td></tr>`,
  );
  const first = html`<tr><th scope="row">By percentile and growth<p class="why">The 95th percentile of each VM’s churn, times 1.30, added up. The deployment planner publishes the percentile and the growth, not how it makes a bandwidth of them: adding the VMs up is our reading.</p></th><td class="number">${NONE}</td><td class="number">${formatBitsPerSec(way.bitsPerSec)}</td></tr>`;
  const headings = [
    { title: 'Step' },
    { title: 'Changes it by', numeric: true },
    { title: 'Bandwidth', numeric: true },
  ];
  return html`<h3>Why the deployment planner’s way comes to another figure</h3><p class="note">Values of the churn are means over ${formatDurationMs(Math.round(way.bucketMs))}. Source of the percentile: Azure Site Recovery Deployment Planner for Hyper-V, report of 2019-10-21.</p>${scrollTable('From percentile and growth to the simulation', headings, [first, ...rows], { class: 'steps' })}`;
}

function changes({ changes: tried }: Plan): Markup | null {
  if (tried.changes.length === 0) return null;
  const cells = (figures: ChangeFigures): Markup =>
    html`<td class="number">${figures.worstRpoMs === null ? NONE : formatDurationMs(figures.worstRpoMs)}</td><td class="number">${figures.withinTargetFraction === null ? NONE : formatShare(figures.withinTargetFraction)}</td><td class="number">${formatBytes(figures.wireBytesPerDay)}</td><td class="number">${figures.initialReplicationEndMs === null ? NONE : formatDurationMs(figures.initialReplicationEndMs)}</td><td class="number">${figures.resyncCount}</td>`;
  const rows = tried.changes.map(
    ({ title, how, sideEffect, figures }) =>
      html`<tr><th scope="row">${title}<p class="why"><code>${how}</code></p></th>${cells(figures)}<td>${sideEffect}</td></tr>`,
  );
  const planned = html`<tr><th scope="row">As planned</th>${cells(tried.asPlanned)}<td></td></tr>`;
  const headings = [
    { title: 'Change' },
    { title: 'Worst RPO', numeric: true },
    { title: 'Within', numeric: true },
    { title: 'On the wire a day', numeric: true },
    { title: 'Initial replication', numeric: true },
    { title: 'Marked for resync', numeric: true },
    { title: 'Besides' },
  ];
  const left =
    tried.notTried.length > 0 &&
    html`<p class="note">Not tried, since the fleet is large: ${tried.notTried.join('; ')}.</p>`;
  return html`<h3>What single changes would buy</h3><p class="note">Each is one run of the simulation with nothing else changed.</p>${scrollTable('What single changes would buy', headings, [planned, ...rows], { class: 'changes' })}${left}`;
}

function bits(bitsPerSec: BitsPerSec | null): string {
  return bitsPerSec === null ? 'none found' : formatBitsPerSec(bitsPerSec);
}

function signed(bitsPerSec: BitsPerSec): string {
  if (Math.abs(bitsPerSec) < 1) return '±0';
  return `${bitsPerSec < 0 ? '−' : '+'}${formatBitsPerSec(Math.abs(bitsPerSec))}`;
}
