import { formatLocal } from '../../model/clock.ts';
import { missingBytes } from '../../plan/findings/volume-space.ts';
import type { Plan, VolumeResult } from '../../plan/plan.ts';
import { type Bytes, formatBytes, formatShare, GIB, MIB, TIB } from '../../units.ts';
import { axisLabels, shownName } from '../shown-name.ts';
import type { Chart, Row } from './chart.ts';
import { BROKEN, fitted, INK, SURFACE, THEME_PARAMS } from './spec-parts.ts';

const VOLUMES_MOST = 30;
const SNAPSHOT = 'snapshots';
const LOGS = 'replica logs (HRL)';
const GROWTH = 'growth of the disks';

/** Share of a volume's capacity that must stay free, as the run had it. */
function reserveRatioOf({ assumptions }: Plan): number {
  const value = assumptions.find(({ name }) => name === 'volumeReserveRatio')?.value;
  return typeof value === 'number' ? value : 0;
}

/** What logs and snapshots can take of a volume: free, less the reserve; `null` where unknown. */
export function roomBytes(plan: Plan, { freeBytes, capacityBytes }: VolumeResult): Bytes | null {
  return freeBytes === null ? null : Math.max(0, freeBytes - (capacityBytes ?? 0) * reserveRatioOf(plan));
}

/** What is missing at the worst moment, as the verdict counts it; 0 where it fits, `null` where the room is unknown. */
export function shortBytes(plan: Plan, volume: VolumeResult): Bytes | null {
  return missingBytes(volume, reserveRatioOf(plan));
}

/** Whether some volume's virtual disks grow during the run. */
export function anyGrows({ volumes }: Plan): boolean {
  return volumes.some(({ growthBytes }) => growthBytes > 0);
}

/** What needs space beside the disks: `logs and snapshots`. */
export function needWords(plan: Plan): string {
  return anyGrows(plan) ? 'logs, snapshots and growth' : 'logs and snapshots';
}

interface Split {
  readonly hrlBytes: Bytes;
  readonly snapshotBytes: Bytes;
  readonly growthBytes: Bytes;
}

/** The peak of all together, split as the logs and the growth were at that moment. */
function splitPeak({ volumes, series }: Plan, index: number): Split {
  const volume = volumes[index]!;
  const { extraPeakBytes, peakAtMs } = volume;
  const then = (of: readonly (readonly Bytes[])[], other: Bytes): Bytes => {
    const values = of[index] ?? [];
    const bucket = Math.min(values.length - 1, Math.max(0, Math.ceil(peakAtMs / series.stateBucketMs) - 1));
    return values[bucket] ?? other;
  };
  const growthBytes = Math.min(then(series.volumeGrowthBytes, volume.growthBytes), extraPeakBytes);
  const restBytes = extraPeakBytes - growthBytes;
  const logged = Math.min(then(series.volumeHrlBytes, volume.hrlPeakBytes), restBytes);
  const hrlBytes = Math.max(restBytes - volume.snapshotPeakBytes, logged, 0);
  return { hrlBytes, snapshotBytes: restBytes - hrlBytes, growthBytes };
}

/** Those that run short first, then those that need most. */
function ranked(plan: Plan): { volume: VolumeResult; index: number }[] {
  return plan.volumes
    .map((volume, index) => ({ volume, index }))
    .sort(
      (left, right) =>
        (shortBytes(plan, right.volume) ?? 0) - (shortBytes(plan, left.volume) ?? 0) ||
        right.volume.extraPeakBytes - left.volume.extraPeakBytes ||
        left.index - right.index,
    );
}

function unitOf(plan: Plan): { name: string; bytes: number } {
  const most = plan.volumes.reduce((peak, volume) => Math.max(peak, volume.extraPeakBytes), 0);
  if (most >= 2 * TIB) return { name: 'TiB', bytes: TIB };
  return most >= GIB ? { name: 'GiB', bytes: GIB } : { name: 'MiB', bytes: MIB };
}

function title(plan: Plan): string {
  const worst = ranked(plan)[0]?.volume;
  if (worst === undefined || worst.extraPeakBytes <= 0) return 'No volume needs space beside the disks';
  const short = plan.volumes.filter((volume) => (shortBytes(plan, volume) ?? 0) > 0);
  const name = shownName(worst.name);
  if (short.length === 1) return `${name} runs short by ${formatBytes(shortBytes(plan, worst)!)}`;
  if (short.length > 1) {
    return `${short.length} of ${plan.volumes.length} volumes run short, ${name} by ${formatBytes(shortBytes(plan, worst)!)}`;
  }
  const known = plan.volumes.filter((volume) => roomBytes(plan, volume) !== null).length;
  const fits =
    known === 0
      ? 'free space is unknown'
      : known < plan.volumes.length
        ? 'it fits where the space is known'
        : 'every volume has room';
  return `${name} needs the most: ${formatBytes(worst.extraPeakBytes)} for ${needWords(plan)}; ${fits}`;
}

function summary(plan: Plan): string {
  const worst = ranked(plan)[0]?.volume;
  if (worst === undefined) return 'The input names no volume.';
  const total = plan.volumes.reduce((sum, volume) => sum + volume.extraPeakBytes, 0);
  const unknown = plan.volumes.filter((volume) => roomBytes(plan, volume) === null).length;
  const missing =
    unknown === 0 ? '' : ` The free space of ${unknown === plan.volumes.length ? 'all' : unknown} of them is unknown.`;
  return `Beyond the disks themselves, the ${plan.volumes.length} volumes need ${formatBytes(total)} in all, each at its own worst moment; ${shownName(worst.name)} is worst at ${formatLocal(plan.clock, worst.peakAtMs)}.${missing}`;
}

/** Space for logs, snapshots and growth on each volume at its worst moment, against what is free. */
export const volumes: Chart = {
  id: 'volumes',
  section: 'storage',
  title,
  summary,
  note: (plan) => {
    const chosen =
      plan.volumes.length > VOLUMES_MOST ? `The worst ${VOLUMES_MOST} of ${plan.volumes.length} volumes. ` : '';
    return `${chosen}${unitOf(plan).name} needed beyond the disks themselves, at each volume’s worst moment. Upright tick: free space, less ${formatShare(reserveRatioOf(plan))} of the volume in reserve, where it is known; a cross marks a volume that runs short.`;
  },
  drawable: (plan) => plan.volumes.some((volume) => volume.extraPeakBytes > 0),
  rows: (plan) =>
    ranked(plan).map(({ volume, index }) => ({
      volume: volume.name,
      diskCount: volume.diskCount,
      ...splitPeak(plan, index),
      extraBytes: volume.extraPeakBytes,
      peakAtMs: volume.peakAtMs,
      roomBytes: roomBytes(plan, volume),
      shortBytes: shortBytes(plan, volume),
    })),
  columns: [
    { field: 'volume', title: 'Volume', kind: 'text' },
    { field: 'diskCount', title: 'Disks', kind: 'number' },
    { field: 'snapshotBytes', title: 'Snapshots then (B)', kind: 'bytes' },
    { field: 'hrlBytes', title: 'Logs then (B)', kind: 'bytes' },
    { field: 'growthBytes', title: 'Grown by then (B)', kind: 'bytes' },
    { field: 'extraBytes', title: 'Together (B)', kind: 'bytes' },
    { field: 'peakAtMs', title: 'Worst moment', kind: 'instant' },
    { field: 'roomBytes', title: 'Free less the reserve (B)', kind: 'bytes' },
    { field: 'shortBytes', title: 'Short by (B)', kind: 'bytes' },
  ],
  sources: (plan) => {
    const shown = ranked(plan).slice(0, VOLUMES_MOST);
    const labels = axisLabels(shown.map(({ volume }) => volume.name));
    const unit = unitOf(plan);
    const need: Row[] = [];
    const room: Row[] = [];
    const short: Row[] = [];
    // Far more room than need would press the bars flat: the tick is then left out, nothing is short there.
    const mostBytes = 3 * shown.reduce((most, { volume }) => Math.max(most, volume.extraPeakBytes), 0);
    for (const [rank, { volume, index }] of shown.entries()) {
      const { hrlBytes, snapshotBytes, growthBytes } = splitPeak(plan, index);
      const label = { volume: labels[rank]!, rank };
      need.push({ ...label, part: SNAPSHOT, order: 0, amount: snapshotBytes / unit.bytes });
      need.push({ ...label, part: LOGS, order: 1, amount: hrlBytes / unit.bytes });
      if (growthBytes > 0) need.push({ ...label, part: GROWTH, order: 2, amount: growthBytes / unit.bytes });
      const free = roomBytes(plan, volume);
      if (free !== null && free <= mostBytes) room.push({ ...label, amount: free / unit.bytes });
      const missing = shortBytes(plan, volume) ?? 0;
      if (missing > 0) {
        short.push({
          ...label,
          amount: volume.extraPeakBytes / unit.bytes,
          label: `✕ short by ${formatBytes(missing)}`,
        });
      }
    }
    return { need, room, short };
  },
  height: (plan) => Math.max(2, Math.min(VOLUMES_MOST, plan.volumes.length)) * 22,
  params: (plan) => ({ shownParts: [SNAPSHOT, LOGS, ...(anyGrows(plan) ? [GROWTH] : [])] }),
  spec: {
    ...fitted(264),
    params: [...THEME_PARAMS, { name: 'shownParts', value: [SNAPSHOT, LOGS] }],
    encoding: {
      y: {
        field: 'volume',
        type: 'nominal',
        sort: { field: 'rank', op: 'min' },
        axis: { title: null, labelLimit: { expr: 'labelRoom' }, ticks: false, domain: false, grid: false },
      },
    },
    layer: [
      {
        data: { name: 'need' },
        mark: { type: 'bar', height: { band: 0.7 } },
        encoding: {
          x: {
            field: 'amount',
            type: 'quantitative',
            stack: 'zero',
            axis: { title: null, orient: 'top', tickCount: { expr: 'max(2, floor(width / 80))' } },
          },
          color: {
            field: 'part',
            type: 'nominal',
            scale: { domain: [SNAPSHOT, LOGS, GROWTH], range: ['#9dbfdc', '#2f6da8', '#e3a32b'] },
            legend: { orient: 'top', title: null, symbolType: 'square', values: { expr: 'shownParts' } },
          },
          order: { field: 'order', type: 'quantitative' },
          tooltip: [
            { field: 'volume', type: 'nominal' },
            { field: 'part', type: 'nominal' },
            { field: 'amount', type: 'quantitative', format: ',.2f' },
          ],
        },
      },
      {
        // A light edge, or the tick would be lost on a dark bar.
        data: { name: 'room' },
        mark: { type: 'tick', thickness: 7, size: 20, color: SURFACE, orient: 'vertical' },
        encoding: { x: { field: 'amount', type: 'quantitative' } },
      },
      {
        data: { name: 'room' },
        mark: { type: 'tick', thickness: 3, size: 20, color: INK, orient: 'vertical' },
        encoding: { x: { field: 'amount', type: 'quantitative' } },
      },
      {
        data: { name: 'short' },
        mark: { type: 'text', align: 'left', dx: 8, fontWeight: 700, color: BROKEN },
        encoding: { x: { field: 'amount', type: 'quantitative' }, text: { field: 'label' } },
      },
    ],
  },
};
