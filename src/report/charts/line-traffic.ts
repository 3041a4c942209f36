import type { Plan } from '../../plan/plan.ts';
import {
  type BitsPerSec,
  type Bytes,
  formatBitsPerSec,
  formatBytes,
  formatDurationMs,
  formatShare,
  type Millis,
  SECOND_MS,
} from '../../units.ts';
import { shortName, shownName } from '../shown-name.ts';
import type { Chart, Row } from './chart.ts';
import { axisTime, bucketsPerPoint, clockNote, sumsOf } from './series.ts';
import { SMALL_POINTS_MOST, type SmallPlots, smallMultiples } from './small-multiples.ts';
import { CAUSE_COLORS, INK } from './spec-parts.ts';

const PARTS_MOST = 12;
/** A capacity beyond so many times the highest traffic would press the areas flat, and nobody waits for it. */
const CAPACITY_TIMES_MOST = 1.5;

/** A further line or a host: a way that only a part of the traffic goes. */
interface Way {
  readonly kind: 'line' | 'host';
  readonly name: string;
  readonly capacityBitsPerSec: BitsPerSec | null;
  readonly sentBytes: Bytes;
  readonly clippedFraction: number;
  readonly bytes: readonly Bytes[];
  readonly bucketMs: Millis;
}

/** Those over which something went: the ones that were full longest first, then the busiest. */
function ways({ furtherLinks, hosts, series }: Plan): Way[] {
  const lines = furtherLinks.map((line, index): Way => {
    const bytes = series.furtherLinkBytes[index] ?? [];
    return { ...line, kind: 'line', bytes, bucketMs: series.trafficBucketMs };
  });
  const hostWays = hosts.map((host, index): Way => {
    const bytes = series.hostBytes[index] ?? [];
    return { ...host, kind: 'host', capacityBitsPerSec: host.uplinkBitsPerSec, bytes, bucketMs: series.stateBucketMs };
  });
  return [...lines, ...hostWays]
    .filter(({ sentBytes, bytes }) => sentBytes > 0 && bytes.length > 0)
    .sort((left, right) => right.clippedFraction - left.clippedFraction || right.sentBytes - left.sentBytes);
}

interface Point {
  readonly way: Way;
  readonly rank: number;
  readonly startMs: Millis;
  readonly endMs: Millis;
  readonly bytes: Bytes;
}

function points(plan: Plan): Point[] {
  return ways(plan)
    .slice(0, PARTS_MOST)
    .flatMap((way, rank) => {
      const size = bucketsPerPoint(way.bytes.length, SMALL_POINTS_MOST);
      const widthMs = size * way.bucketMs;
      return sumsOf(way.bytes, size).map((bytes, index) => ({
        way,
        rank,
        startMs: index * widthMs,
        endMs: Math.min(plan.horizonMs, (index + 1) * widthMs),
        bytes,
      }));
    });
}

function bitsPerSecOf({ bytes, startMs, endMs }: Point): BitsPerSec {
  return (bytes * 8 * SECOND_MS) / (endMs - startMs);
}

function areas(plan: Plan): Row[] {
  const drawn = points(plan);
  const highest = drawn.reduce((most, point) => Math.max(most, bitsPerSecOf(point)), 0);
  return drawn.flatMap((point, index) => {
    const { way, rank } = point;
    const { capacityBitsPerSec: capacity } = way;
    const full = way.clippedFraction > 0 ? `, full ${formatShare(way.clippedFraction)}` : '';
    const row = {
      // The rank makes the labels of the plots differ, whatever the names are.
      panel: `${rank + 1}. ${shortName(way.name, 22)}${full}`,
      rank,
      t: axisTime(plan.clock, point.startMs),
      mbps: bitsPerSecOf(point) / 1e6,
      capacity: capacity === null || capacity > CAPACITY_TIMES_MOST * highest ? null : capacity / 1e6,
    };
    const last = drawn[index + 1]?.rank !== rank;
    return last ? [row, { ...row, t: axisTime(plan.clock, point.endMs) }] : [row];
  });
}

function title(plan: Plan): string {
  const [first] = ways(plan);
  if (first === undefined) return 'Nothing is known of further lines and hosts';
  const name = `${first.kind === 'host' ? 'host ' : ''}${shownName(first.name)}`;
  return first.clippedFraction > 0
    ? `Beside the site’s link, ${name} is full ${formatShare(first.clippedFraction)} of the time`
    : 'No further line and no host is ever full';
}

function summary(plan: Plan): string {
  const all = ways(plan);
  const busiest = all.reduce<Way | undefined>(
    (most, way) => (most === undefined || way.sentBytes > most.sentBytes ? way : most),
    undefined,
  );
  if (busiest === undefined) return 'There is nothing to draw: the run names no further line and no host.';
  const full = all.filter(({ clippedFraction }) => clippedFraction > 0).length;
  const limit = busiest.capacityBitsPerSec === null ? '' : ` over ${formatBitsPerSec(busiest.capacityBitsPerSec)}`;
  return `${shownName(busiest.name)} sends the most, ${formatBytes(busiest.sentBytes)}${limit}. ${full === 0 ? 'None' : full} of ${all.length} lines and hosts ${full === 1 ? 'was' : 'were'} full at some time.`;
}

const PLOTS: SmallPlots = {
  source: 'ways',
  color: CAUSE_COLORS.delta,
  y: {
    field: 'mbps',
    type: 'quantitative',
    scale: { nice: false, zero: true },
    axis: { title: null, tickCount: 3 },
  },
  over: [
    {
      mark: { type: 'line', interpolate: 'step-after', strokeDash: [5, 3], strokeWidth: 1.5, color: INK },
      encoding: { x: { field: 't', type: 'temporal' }, y: { field: 'capacity', type: 'quantitative' } },
    },
  ],
};

/** What went over each further line and out of each host, against what it can carry. */
export const lineTraffic: Chart = {
  id: 'line-traffic',
  section: 'site',
  title,
  summary,
  note: (plan) => {
    const all = ways(plan);
    const chosen = all.length > PARTS_MOST ? ` The first ${PARTS_MOST} of ${all.length}.` : '';
    const [first] = points(plan);
    const widthMs = first === undefined ? plan.series.stateBucketMs : first.endMs - first.startMs;
    return `Mbit/s on the wire, means of ${formatDurationMs(widthMs)} or so; ${clockNote(plan.clock, plan.horizonMs)}. Further lines and hosts, the ones that were full longest first, then the busiest.${chosen} Dashed: what it can carry, where that is near.`;
  },
  // One host without a line of its own sends what the site’s link carries: that is drawn already.
  drawable: (plan) => ways(plan).length > 1,
  rows: (plan) =>
    points(plan).map((point) => ({
      kind: point.way.kind,
      name: point.way.name,
      startMs: point.startMs,
      endMs: point.endMs,
      bytes: point.bytes,
      bitsPerSec: Math.round(bitsPerSecOf(point)),
      capacityBitsPerSec: point.way.capacityBitsPerSec,
    })),
  columns: [
    { field: 'kind', title: 'Kind', kind: 'text' },
    { field: 'name', title: 'Name', kind: 'text' },
    { field: 'startMs', title: 'From', kind: 'instant' },
    { field: 'endMs', title: 'To', kind: 'instant' },
    { field: 'bytes', title: 'Sent (B)', kind: 'bytes' },
    { field: 'bitsPerSec', title: 'Mean (bit/s)', kind: 'mbps' },
    { field: 'capacityBitsPerSec', title: 'Can carry (bit/s)', kind: 'mbps' },
  ],
  sources: (plan) => ({ ways: areas(plan) }),
  spec: smallMultiples(PLOTS, 4),
  narrowSpec: smallMultiples(PLOTS, 2),
};
