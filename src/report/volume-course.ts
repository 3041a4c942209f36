import { formatLocal } from '../model/clock.ts';
import type { Plan } from '../plan/plan.ts';
import { type Bytes, formatBytes } from '../units.ts';
import { html, type Markup } from './html-template.ts';

const WIDTH = 720;
const HEIGHT = 120;

/** What a volume holds over the run, as an area of logs on one of snapshots and growth: drawn small, beside the numbers of the same. */
export function volumeCourse({ clock, horizonMs, series, volumes }: Plan, index: number): Markup {
  const at = (of: readonly (readonly Bytes[])[], bucket: number): Bytes => of[index]?.[bucket] ?? 0;
  const count = Math.max(series.volumeHrlBytes[index]?.length ?? 0, series.volumeSnapshotBytes[index]?.length ?? 0);
  const rest = Array.from(
    { length: count },
    (_, bucket) => at(series.volumeSnapshotBytes, bucket) + at(series.volumeGrowthBytes, bucket),
  );
  const all = rest.map((bytes, bucket) => bytes + at(series.volumeHrlBytes, bucket));
  const most = all.reduce((peak, bytes) => Math.max(peak, bytes), 0);
  if (most <= 0) return html`<p class="empty">Nothing ever lies on it beside its disks.</p>`;
  const { extraPeakBytes, peakAtMs } = volumes[index]!;
  const summary = `Logs, snapshots and growth from ${formatLocal(clock, 0)} to ${formatLocal(clock, horizonMs)}: at most ${formatBytes(extraPeakBytes)} together, at ${formatLocal(clock, peakAtMs)}`;
  return html`<h3>Over the run</h3>
<svg class="volume-area" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${summary}" preserveAspectRatio="none"><path class="logs" d="${area(all, most)}"/><path class="rest" d="${area(rest, most)}"/></svg>
<p class="strip-ends"><span>${formatLocal(clock, 0)}</span><span>${formatLocal(clock, horizonMs)}</span></p>
<p class="note">${summary}. Full colour: snapshots and growth; pale, on them: logs. The largest of each bucket.</p>`;
}

/** A step for each bucket, from the ground to its value. */
function area(values: readonly Bytes[], most: Bytes): string {
  const x = (bucket: number): string => ((bucket * WIDTH) / values.length).toFixed(1);
  const steps = values.map((bytes, bucket) => {
    const y = (HEIGHT - (HEIGHT * bytes) / most).toFixed(1);
    return `V${y}H${x(bucket + 1)}`;
  });
  return `M0 ${HEIGHT}${steps.join('')}V${HEIGHT}Z`;
}
