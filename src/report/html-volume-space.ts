import { formatLocal } from '../model/clock.ts';
import type { Plan, SpaceCause, VolumeSpaceNeed } from '../plan/plan.ts';
import { formatBytes } from '../units.ts';
import { scrollTable } from './html-table.ts';
import { type Hole, html, type Markup } from './html-template.ts';
import { shownName } from './shown-name.ts';

const VOLUMES_MOST = 200;
const CAUSE_WORDS: Readonly<Record<SpaceCause['cause'], string>> = {
  snapshots: 'snapshots of initial replication (AVHDX)',
  logs: 'replica logs (HRL)',
  growth: 'growth of the disks',
};

/** What each volume's space is needed for, when, and what to do where it is short; the shortest first. */
export function volumeSpacePart(plan: Plan): Markup | null {
  const needs = plan.volumeSpace
    .filter(({ causes }) => causes.length > 0)
    .toSorted((left, right) => (right.deficitBytes ?? 0) - (left.deficitBytes ?? 0));
  if (needs.length === 0) return null;
  const headings = [
    { title: 'Volume' },
    { title: 'Needed for, each at its own worst moment' },
    { title: 'Largest logs' },
    { title: 'In the plan’s batches', numeric: true },
    { title: 'What to do' },
  ];
  const rows = needs.slice(0, VOLUMES_MOST).map((need) => row(plan, need));
  const rest =
    needs.length > VOLUMES_MOST &&
    html`<p class="note">${needs.length - VOLUMES_MOST} more stand in the table “Volume space” of the workbook.</p>`;
  const note =
    'Space at this site. What recovery points and test failovers take at the other one is not on these volumes; the storage of recovery points stands under Site.';
  return html`<details class="fold"><summary>What the space is needed for</summary><p class="note">${note}</p>${scrollTable('What the space is needed for', headings, rows, { id: 'volume-space-table' })}${rest}</details>`;
}

function row(plan: Plan, need: VolumeSpaceNeed): Markup {
  const { largestLogs: logs, inBatchesPeakBytes: peak, inBatchesDeficitBytes: deficit, causes, advice } = need;
  const causeItems = causes.map(
    ({ cause, peakBytes, atMs }) =>
      html`<p class="why">${CAUSE_WORDS[cause]}: ${formatBytes(peakBytes)} by ${formatLocal(plan.clock, atMs)}</p>`,
  );
  const largest =
    logs === null
      ? 'none'
      : html`<bdi>${shownName(logs.vm)}</bdi>: ${formatBytes(logs.peakBytes)} on ${formatLocal(plan.clock, logs.atMs)}, ${logs.phase}`;
  const missing = deficit !== null && deficit > 0 && html`<p class="why">short by ${formatBytes(deficit)}</p>`;
  const inBatches: Hole = peak === null ? '–' : [formatBytes(peak), missing];
  const todo: Hole =
    advice.length === 0 ? 'nothing' : advice.map((sentence) => html`<p class="why">${shownName(sentence)}</p>`);
  return html`<tr><th scope="row"><bdi>${shownName(need.name)}</bdi></th><td>${causeItems}</td><td>${largest}</td><td class="number" data-study>${inBatches}</td><td>${todo}</td></tr>`;
}
