import { formatLocal, type RunClock } from '../model/clock.ts';
import {
  CALIBRATED_METRICS,
  type CalibratedMetric,
  type CalibratedVm,
  type Calibration,
  type CalibrationPair,
  CLOSE_SHARE,
  type MetricScore,
} from '../plan/calibration.ts';
import { formatBytes, formatDurationMs, formatShare, SECOND_MS } from '../units.ts';
import { type Heading, scrollTable } from './html-table.ts';
import { type Hole, html, type Markup } from './html-template.ts';
import { shownName } from './shown-name.ts';

const VMS_MOST = 50;
const REASONS_MOST = 20;
const NONE = '–';
const CLOSE = `${Math.round(CLOSE_SHARE * 100)} %`;

interface Metric {
  readonly title: string;
  readonly text: (value: number) => string;
}

const METRICS: Readonly<Record<CalibratedMetric, Metric>> = {
  averageSizeBytes: { title: 'Average size', text: formatBytes },
  maximumSizeBytes: { title: 'Largest size', text: formatBytes },
  averageLatencySec: { title: 'Average latency', text: (seconds) => formatDurationMs(seconds * SECOND_MS) },
  missesPerDay: {
    title: 'Misses per day',
    text: (count) => count.toLocaleString('en-US', { maximumFractionDigits: 1 }),
  },
};

/** The model held against replication that already runs: each VM, the fleet, and what could not be compared. */
export function calibrationSection(calibration: Calibration | null, clock: RunClock): Markup {
  const content = calibration === null ? emptyState() : calibrated(calibration, clock);
  return html`<section id="calibration" aria-labelledby="calibration-title"><h2 id="calibration-title">Calibration</h2>${content}</section>`;
}

function emptyState(): Markup {
  return html`<p>No measurements of running replication were given, so the model could not be held against them. Where VMs are replicated already, export on each host and give the file beside the others:</p>
<pre class="example" tabindex="0" role="region" aria-label="Export of the measurements">Measure-VMReplication | Export-Csv replication.csv</pre>`;
}

function calibrated(calibration: Calibration, clock: RunClock): Hole {
  const { vms, growthRatio } = calibration;
  return [
    html`<p class="sentence">${fleetSentence(calibration)}</p>`,
    html`<p class="note">Predicted: the run’s last monitoring interval, as Measure-VMReplication would print it. Measured: what it printed, or the counters of Hyper-V Replica. ✕ marks what is off by more than ${CLOSE}. Microsoft does not say whether the sizes are taken before or after compression: the prediction is before.</p>`,
    growthRatio !== 0 &&
      html`<p class="note">The run counts on a growth of ${formatShare(growthRatio)}, which the measurements do not contain.</p>`,
    vms.length > 0 && [scoreTable(calibration), vmTable(vms, clock)],
    html`<p>${compressionSentence(calibration)}</p>`,
    notComparedPart(calibration),
  ];
}

function fleetSentence({ vms, fleet }: Calibration): string {
  if (vms.length === 0) return 'None of the measured VMs could be compared with the run.';
  const { vmCount, medianErrorShare, closeCount } = fleet.averageSizeBytes;
  if (medianErrorShare === null) return `${countedVms(vms.length)} compared; none of them has a measured average size.`;
  return `The predicted average size of a cycle is off by ${formatShare(medianErrorShare)} in the median; ${closeCount} of ${countedVms(vmCount)} ${vmCount === 1 ? 'lies' : 'lie'} within ± ${CLOSE} of what was measured.`;
}

function countedVms(count: number): string {
  return `${count} ${count === 1 ? 'VM' : 'VMs'}`;
}

function scoreTable({ fleet }: Calibration): Markup {
  const headings = [
    { title: 'Figure' },
    { title: 'VMs compared', numeric: true },
    { title: 'Median error', numeric: true },
    { title: `Within ± ${CLOSE}`, numeric: true },
  ];
  const rows = CALIBRATED_METRICS.map((metric) => scoreRow(METRICS[metric].title, fleet[metric]));
  return scrollTable('Predicted and measured over the fleet', headings, rows, { class: 'calibration-scores' });
}

function scoreRow(title: string, { vmCount, medianErrorShare, closeCount }: MetricScore): Markup {
  const median = medianErrorShare === null ? NONE : formatShare(medianErrorShare);
  const close = vmCount === 0 ? NONE : `${closeCount} of ${vmCount}`;
  return html`<tr><th scope="row">${title}</th><td class="number">${vmCount}</td><td class="number">${median}</td><td class="number">${close}</td></tr>`;
}

function vmTable(vms: readonly CalibratedVm[], clock: RunClock): Markup {
  const headings: Heading[] = [
    { title: 'VM' },
    { title: 'Measured' },
    { title: 'Cycles', numeric: true },
    ...CALIBRATED_METRICS.flatMap((metric) => [
      { title: `${METRICS[metric].title}, predicted`, numeric: true },
      { title: 'measured', numeric: true },
    ]),
    { title: 'Compression ratio', numeric: true },
  ];
  const shown = vms.toSorted((a, b) => badness(b) - badness(a)).slice(0, VMS_MOST);
  const rows = shown.map((vm) => {
    const ratio = vm.compression.ratio;
    const pairs = CALIBRATED_METRICS.map((metric) => pairCells(vm.pairs[metric], METRICS[metric]));
    return html`<tr><th scope="row"><bdi>${shownName(vm.vm)}</bdi></th><td>${spanOf(vm, clock)}</td><td class="number">${vm.cycleCount === null ? NONE : vm.cycleCount.toLocaleString('en-US')}</td>${pairs}<td class="number">${ratio === null ? NONE : ratio.toFixed(2)}</td></tr>`;
  });
  const count =
    shown.length < vms.length
      ? html`<p class="count">The ${shown.length} that are predicted worst of ${vms.length} VMs</p>`
      : null;
  return html`${count}${scrollTable('Predicted and measured of each VM', headings, rows, { class: 'calibration' })}`;
}

/** The VMs whose average size is off most come first; those of which nothing can be told, last. */
function badness({ pairs }: CalibratedVm): number {
  const { errorShare, measured, predicted } = pairs.averageSizeBytes;
  if (measured === null || predicted === null) return -1;
  return errorShare ?? Number.MAX_VALUE;
}

function spanOf({ measuredFromMs, measuredUntilMs }: CalibratedVm, clock: RunClock): string {
  if (measuredFromMs === null || measuredUntilMs === null) return NONE;
  return `${formatLocal(clock, measuredFromMs)} to ${formatLocal(clock, measuredUntilMs)}`;
}

function pairCells({ predicted, measured, errorShare }: CalibrationPair, { text }: Metric): Markup {
  const isOff = predicted !== null && measured !== null && (errorShare === null || errorShare > CLOSE_SHARE);
  return html`<td class="number${isOff && ' attention'}">${isOff && '✕ '}${predicted === null ? NONE : text(predicted)}</td><td class="number">${measured === null ? NONE : text(measured)}</td>`;
}

function compressionSentence({ vms, compressionRatio }: Calibration): string {
  if (compressionRatio === null)
    return 'Compression: nothing that was measured tells it. Sizes alone do not, since nobody says whether they are taken before or after it; log \\Hyper-V Replica VM(*)\\Compression Efficiency on the hosts.';
  const told = vms.filter(({ compression }) => compression.ratio !== null).length;
  return `Compression: ${compressionRatio.toFixed(2)} wire bytes per log byte over ${countedVms(told)}, by the counter Compression Efficiency read as the share saved.`;
}

function notComparedPart({ vms, notCompared, unmeasuredCount }: Calibration): Hole {
  const unusable = vms
    .filter(({ compression }) => compression.basis === 'contradicted')
    .map(({ vm, compression }) => ({ vm, reason: `compression: ${compression.reason}` }));
  const all = [...notCompared, ...unusable];
  const rest = all.length - REASONS_MOST;
  return [
    all.length > 0 &&
      html`<h3>What could not be compared</h3><ul class="reasons">${all.slice(0, REASONS_MOST).map(({ vm, reason }) => html`<li><bdi>${shownName(vm)}</bdi>: ${shownName(reason)}</li>`)}${rest > 0 && html`<li>and ${rest} more</li>`}</ul>`,
    unmeasuredCount > 0 &&
      html`<p class="note">${countedVms(unmeasuredCount)} of the inventory ${unmeasuredCount === 1 ? 'was' : 'were'} not measured.</p>`,
  ];
}
