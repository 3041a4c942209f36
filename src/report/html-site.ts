import { formatLocal } from '../model/clock.ts';
import type { HostResult, Plan, ReplicaStorageNeed } from '../plan/plan.ts';
import { formatBitsPerSec, formatBytes, formatDurationMs, formatShare } from '../units.ts';
import { byteRate } from './byte-rate.ts';
import { lineTraffic } from './charts/line-traffic.ts';
import { chartFigure } from './html-chart.ts';
import { scrollTable } from './html-table.ts';
import { html, type Markup } from './html-template.ts';
import { volumeSpacePart } from './html-volume-space.ts';
import { volumePart } from './html-volumes.ts';
import { shownName } from './shown-name.ts';
import { byClipping, lastingMs, OUTAGES_MOST, outagesOf, type SiteLine, siteLines } from './site-lines.ts';

/** A site with more of them shows those that were waited for longest. */
const HOSTS_MOST = 50;
const LINES_MOST = 50;

/** What carries and keeps the data: lines, hosts, volumes, the replicas' storage. */
export function siteSection(plan: Plan): Markup {
  return html`<section id="site" aria-labelledby="site-title"><h2 id="site-title">Site</h2>
${linePart(plan)}
${hostPart(plan)}
${lineTraffic.drawable(plan) && chartFigure(plan, lineTraffic)}
<h3 id="volumes">Volumes</h3>
${volumePart(plan)}
${volumeSpacePart(plan)}
${replicaStoragePart(plan)}
${outagePart(plan)}</section>`;
}

function linePart(plan: Plan): Markup {
  const [siteLink, ...further] = siteLines(plan);
  const shown = [siteLink!, ...chosen(further, LINES_MOST)];
  const headings = [
    { title: 'Line' },
    { title: 'Capacity', numeric: true },
    { title: 'Sent', numeric: true },
    { title: 'Busy', numeric: true },
    { title: 'Full', numeric: true },
    { title: 'Outages', numeric: true },
    { title: 'Down in all', numeric: true },
  ];
  const rows = shown.map((line) => {
    const outages = outagesOf(plan, [line]);
    return html`<tr><th scope="row"><bdi>${line.name}</bdi>${line.isSiteLink && html`<p class="why">everything goes through it</p>`}</th><td class="number">${formatBitsPerSec(line.capacityBitsPerSec)}</td><td class="number">${formatBytes(line.sentBytes)}</td><td class="number">${formatShare(line.busyFraction)}</td>${fullCell(line)}<td class="number">${outages.length}</td><td class="number">${outages.length === 0 ? '–' : formatDurationMs(lastingMs(outages))}</td></tr>`;
  });
  return html`<h3>Lines</h3>
<p class="note">Shares of the run’s time. Busy: something was sent. Full: somebody waited for the line, since it could not carry all that was to be sent.${left(further.length, LINES_MOST, 'further lines')}</p>
${scrollTable('Lines', headings, rows, { class: 'site-lines' })}`;
}

/** The share of the time in which it was full; from a hundredth on one should know of it. */
function fullCell({ clippedFraction }: Pick<SiteLine | HostResult, 'clippedFraction'>): Markup {
  return html`<td class="number${clippedFraction > 0.01 && ' strong'}">${formatShare(clippedFraction)}</td>`;
}

function outagePart(plan: Plan): Markup | null {
  const outages = outagesOf(plan);
  if (outages.length === 0) return null;
  const headings = [
    { title: 'Line' },
    { title: 'Down from', numeric: true },
    { title: 'To', numeric: true },
    { title: 'Lasts', numeric: true },
  ];
  const rows = outages
    .slice(0, OUTAGES_MOST)
    .map(
      ({ line, startMs, endMs }) =>
        html`<tr><th scope="row"><bdi>${line}</bdi></th><td class="number">${formatLocal(plan.clock, startMs)}</td><td class="number">${endMs === plan.horizonMs ? 'the end of the run' : formatLocal(plan.clock, endMs)}</td><td class="number">${formatDurationMs(endMs - startMs)}</td></tr>`,
    );
  const rest = outages.slice(OUTAGES_MOST);
  const foot =
    rest.length === 0
      ? undefined
      : html`<tr><th scope="row" colspan="3">and ${rest.length} more</th><td class="number">${formatDurationMs(lastingMs(rest))} in all</td></tr>`;
  return html`<h3>Outages</h3>
<p class="note">Given and drawn ones alike, as they came in this run.</p>
${scrollTable('Outages', headings, rows, { class: 'outages', foot })}`;
}

function hostPart({ hosts }: Plan): Markup | null {
  if (hosts.length === 0) return null;
  const headings = [
    { title: 'Host' },
    { title: 'VMs', numeric: true },
    { title: 'Way out', numeric: true },
    { title: 'VMs sending at a time', numeric: true },
    { title: 'Sent', numeric: true },
    { title: 'Full', numeric: true },
    { title: 'Waited for a slot', numeric: true },
  ];
  const rows = chosen(hosts, HOSTS_MOST).map(
    (host) =>
      html`<tr><th scope="row"><bdi>${shownName(host.name)}</bdi></th><td class="number">${host.vmCount}</td><td class="number">${host.uplinkBitsPerSec === null ? 'not limited' : formatBitsPerSec(host.uplinkBitsPerSec)}</td><td class="number">${host.maxActiveTransfers === null ? 'no limit' : `at most ${host.maxActiveTransfers}`}</td><td class="number">${formatBytes(host.sentBytes)}</td>${fullCell(host)}<td class="number">${host.slotWaitMs === 0 ? '–' : formatDurationMs(host.slotWaitMs)}</td></tr>`,
  );
  return html`<h3>Hosts</h3>
<p class="note">Full: share of the time in which somebody waited for the host’s way out or its throttle. Waited for a slot: VM-time, since the host sends only so many VMs at a time.${left(hosts.length, HOSTS_MOST, 'hosts')}</p>
${scrollTable('Hosts', headings, rows, { class: 'hosts' })}`;
}

/** All where there are few, else those that were waited for longest. */
function chosen<Part extends Pick<HostResult, 'clippedFraction'>>(parts: readonly Part[], most: number): Part[] {
  return parts.length <= most ? [...parts] : byClipping(parts).slice(0, most);
}

function left(count: number, most: number, noun: string): string | null {
  return count <= most ? null : ` Of ${count} ${noun} the ${most} that were full longest.`;
}

function replicaStoragePart({ replicaStorage, series }: Plan): Markup | null {
  if (replicaStorage === null) return null;
  const need = replicaStorage;
  const facts: readonly (readonly [name: string, value: string, why: string])[] = [
    ['Writes for each byte of a log', writeRatio(need), 'by the rule; more where recovery points are kept'],
    ['Throughput needed, mean', byteRate(need.meanWriteBytesPerSec), 'applying the deltas, over the whole run'],
    [
      'Throughput needed, peak',
      byteRate(need.peakWriteBytesPerSec),
      `in the busiest ${formatDurationMs(series.trafficBucketMs)}`,
    ],
    [
      'Throughput that there is',
      need.writeBytesPerSec === null ? 'unknown' : byteRate(need.writeBytesPerSec),
      need.writeBytesPerSec === null ? 'the site file does not say, and nothing waited for it' : 'from the site file',
    ],
    ['Space of the replicas', formatBytes(need.replicaBytes), 'full copies of the disks’ used bytes'],
    ['Space of recovery points', formatBytes(need.recoveryPointPeakBytes), 'at most: the sum of the VMs’ peaks'],
  ];
  const rows = facts.map(
    ([name, value, why]) =>
      html`<tr><th scope="row">${name}</th><td class="number">${value}</td><td class="source">${why}</td></tr>`,
  );
  const headings = [{ title: 'The replicas’ storage' }, { title: 'Value', numeric: true }, { title: 'Meaning' }];
  return html`<h3>Storage of the replicas</h3>
<p class="storage-verdict">${throughputBadge(need)}</p>
${scrollTable('Storage of the replicas', headings, rows, { class: 'replica-storage' })}`;
}

function writeRatio({ writeRatioLeast, writeRatioMost }: ReplicaStorageNeed): string {
  const [least, most] = [writeRatioLeast, writeRatioMost].map((ratio) => String(Number(ratio.toPrecision(3))));
  return least === most ? least! : `${least} to ${most}`;
}

function throughputBadge(need: ReplicaStorageNeed): Markup | null {
  const { writeBytesPerSec, meanWriteBytesPerSec, peakWriteBytesPerSec } = need;
  if (writeBytesPerSec === null) return null;
  if (meanWriteBytesPerSec > writeBytesPerSec) {
    return html`<span class="badge broken"><span aria-hidden="true">✕</span> too slow even for the mean</span>`;
  }
  return peakWriteBytesPerSec > writeBytesPerSec
    ? html`<span class="badge warning"><span aria-hidden="true">!</span> too slow for the peak</span>`
    : html`<span class="badge fine"><span aria-hidden="true">✓</span> fast enough</span>`;
}
