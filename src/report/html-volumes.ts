import { formatLocal } from '../model/clock.ts';
import type { Plan, VolumeResult } from '../plan/plan.ts';
import { type Bytes, formatBytes } from '../units.ts';
import { anyGrows, shortBytes } from './charts/volumes.ts';
import { type Heading, scrollTable } from './html-table.ts';
import { type Hole, html, type Markup } from './html-template.ts';
import { shownName } from './shown-name.ts';

/** Space on every volume; the growth of the virtual disks only where some grow. */
export function volumePart(plan: Plan): Markup {
  if (plan.volumes.length === 0) {
    return html`<p class="empty">The input names no volume, so the space for logs and snapshots cannot be placed.</p>`;
  }
  const grows = anyGrows(plan);
  const headings: Heading[] = [
    { title: 'Volume' },
    { title: 'Disks', numeric: true },
    { title: 'Provisioned', numeric: true },
    { title: 'Log peak', numeric: true },
    { title: 'Snapshot peak', numeric: true },
    ...(grows ? [{ title: 'Disks grow by', numeric: true }] : []),
    { title: grows ? 'All together' : 'Both together', numeric: true },
    { title: 'Worst moment', numeric: true },
    { title: 'Free', numeric: true },
    { title: 'Verdict' },
  ];
  const rows = plan.volumes.map((volume) => {
    const { freeBytes } = volume;
    const growth = grows && html`<td class="number">${formatBytes(volume.growthBytes)}</td>`;
    return html`<tr><th scope="row"><bdi>${shownName(volume.name)}</bdi></th><td class="number">${volume.diskCount}</td><td class="number">${formatBytes(volume.provisionedBytes)}</td><td class="number">${formatBytes(volume.hrlPeakBytes)}</td><td class="number">${formatBytes(volume.snapshotPeakBytes)}</td>${growth}<td class="number strong">${formatBytes(volume.extraPeakBytes)}</td><td class="number">${formatLocal(plan.clock, volume.peakAtMs)}</td><td class="number">${freeBytes === null ? 'unknown' : formatBytes(freeBytes)}</td><td>${volumeVerdict(plan, volume)}</td></tr>`;
  });
  const note = grows
    ? 'Space beyond the disks as they are at the start. Peaks of logs, of snapshots and of the disks’ own growth need not come at the same time; “all together” is what must be free, and the verdict keeps the volume’s reserve free beside it. A volume’s name opens its course, its VMs, and how its numbers come about.'
    : 'Space beyond the disks themselves. Peaks of logs and of snapshots need not come at the same time; “both together” is what must be free, and the verdict keeps the volume’s reserve free beside it. A volume’s name opens its course, its VMs, and how its numbers come about.';
  return html`<p class="note">${note}</p>${scrollTable('Volumes', headings, rows, { id: 'volume-table' })}`;
}

function volumeVerdict(plan: Plan, volume: VolumeResult): Hole {
  const { lowAtMs, fullAtMs } = volume;
  return [
    fitBadge(shortBytes(plan, volume)),
    lowAtMs !== null && html`<p class="why">sending first stopped ${formatLocal(plan.clock, lowAtMs)}</p>`,
    fullAtMs !== null && html`<p class="why">a log write first failed ${formatLocal(plan.clock, fullAtMs)}</p>`,
  ];
}

function fitBadge(missingBytes: Bytes | null): Hole {
  if (missingBytes === null) return 'free space unknown';
  return missingBytes > 0
    ? html`<span class="badge broken"><span aria-hidden="true">✕</span> short by ${formatBytes(missingBytes)}</span>`
    : html`<span class="badge fine"><span aria-hidden="true">✓</span> fits</span>`;
}
