import type { Plan } from '../../plan/plan.ts';
import { formatBitsPerSec, formatBytes, formatDurationMs, formatShare, SECOND_MS } from '../../units.ts';
import { type LineOutage, lastingMs, outagesOf, siteLines } from '../site-lines.ts';
import type { Chart, Row } from './chart.ts';
import { bucketLengthMs, clippedMarks, clippedWords, isClipped } from './clipping.ts';
import { axisTime, bucketsPerPoint, clockNote, sumsOf } from './series.ts';
import {
  BROKEN,
  CAUSE_COLORS,
  fitted,
  INK,
  SHADE,
  THEME_PARAMS,
  TIME_AXIS,
  TIME_FORMAT,
  TIME_SCALE,
} from './spec-parts.ts';

const CAUSES = ['initial', 'delta', 'resync'] as const;
const CAUSE_TITLES = { initial: 'initial replication', delta: 'delta', resync: 'resynchronization' } as const;
const DETAIL_POINTS_MOST = 1008;
const OVERVIEW_POINTS_MOST = 252;
const HEADROOM = 1.08;
const CLIPPED = 'link full';
/** Height of the mark, within the headroom. */
const CLIPPED_PIXELS = 8;

interface Bucket {
  readonly startMs: number;
  readonly endMs: number;
  readonly initial: number;
  readonly delta: number;
  readonly resync: number;
  readonly capacity: number;
  /** Share of the time in which the link was full. */
  readonly clipped: number;
}

function buckets(plan: Plan, most: number): Bucket[] {
  const { traffic, trafficBucketMs } = plan.series;
  const size = bucketsPerPoint(traffic.initial.length, most);
  const [initial, delta, resync, capacity] = [traffic.initial, traffic.delta, traffic.resync, traffic.capacity].map(
    (bytes) => sumsOf(bytes, size),
  ) as [number[], number[], number[], number[]];
  const widthMs = trafficBucketMs * size;
  const fullMs = sumsOf(
    traffic.clipped.map((share, bucket) => share * bucketLengthMs(plan, bucket)),
    size,
  );
  return initial.map((bytes, index) => ({
    startMs: index * widthMs,
    endMs: Math.min(plan.horizonMs, (index + 1) * widthMs),
    initial: bytes,
    delta: delta[index] ?? 0,
    resync: resync[index] ?? 0,
    capacity: capacity[index] ?? 0,
    clipped: (fullMs[index] ?? 0) / (Math.min(plan.horizonMs, (index + 1) * widthMs) - index * widthMs),
  }));
}

function mbps(bytes: number, bucket: Bucket): number {
  const seconds = (bucket.endMs - bucket.startMs) / SECOND_MS;
  return seconds > 0 ? (bytes * 8) / 1e6 / seconds : 0;
}

/** Steps need a last point that ends the last one. */
function closed(plan: Plan, points: readonly Bucket[], row: (bucket: Bucket, t: number) => Row[]): Row[] {
  const last = points.at(-1);
  const rows = points.flatMap((bucket) => row(bucket, axisTime(plan.clock, bucket.startMs)));
  return last === undefined ? rows : [...rows, ...row(last, axisTime(plan.clock, last.endMs))];
}

function title(plan: Plan): string {
  const { sentBytes, clippedFraction, capacityBitsPerSec } = plan.link;
  if (sentBytes.total <= 0) return 'Nothing was sent within the horizon';
  const biggest = CAUSES.reduce((most, cause) => (sentBytes[cause] > sentBytes[most] ? cause : most));
  const share = `${formatShare(sentBytes[biggest] / sentBytes.total)} of the ${formatBytes(sentBytes.total)} sent are ${CAUSE_TITLES[biggest]}`;
  return clippedFraction > 0
    ? `${share}; the ${formatBitsPerSec(capacityBitsPerSec)} link is full ${formatShare(clippedFraction)} of the time`
    : `${share}; the ${formatBitsPerSec(capacityBitsPerSec)} link is never full`;
}

/** The outages of the site's link within the run. */
function linkOutages(plan: Plan): LineOutage[] {
  return outagesOf(plan, siteLines(plan).slice(0, 1));
}

function summary(plan: Plan): string {
  const { sentBytes, busyFraction, p95BitsPerSec } = plan.link;
  const outages = linkOutages(plan);
  const causes = CAUSES.map((cause) => `${CAUSE_TITLES[cause]} ${formatBytes(sentBytes[cause])}`).join(', ');
  const down =
    outages.length === 0
      ? ''
      : ` ${outages.length === 1 ? 'One outage' : `${outages.length} outages`} of ${formatDurationMs(lastingMs(outages))} in all.`;
  return `Sent over the link: ${causes}. Something is being sent ${formatShare(busyFraction)} of the time; the traffic is at most ${formatBitsPerSec(p95BitsPerSec)} for 95 % of it.${clippedWords(plan)}${down}`;
}

function note(plan: Plan): string {
  const { traffic, trafficBucketMs } = plan.series;
  const widthMs = trafficBucketMs * bucketsPerPoint(traffic.initial.length, DETAIL_POINTS_MOST);
  return `Mbit/s on the wire, means of ${formatDurationMs(widthMs)}; ${clockNote(plan.clock, plan.horizonMs)}. Dashed: what the link can carry.${isClipped(plan) ? ' Strip on top: link full, so that somebody waits for it; the darker, the more of the time.' : ''}`;
}

const OUTAGE_NOTE = 'Grey bands: link down.';
/** Both panes have the same room for labels, so that their time axes stand under each other. */
const RATE_AXIS = { title: null, minExtent: 44, maxExtent: 44 } as const;

/** The layers of the plot; on the page a pointer chooses what of the time they show. */
function layers(scale: object): readonly object[] {
  return [
    {
      data: { name: 'outages' },
      mark: { type: 'rect', color: SHADE, opacity: 0.35, clip: true },
      encoding: { x: { field: 'from', type: 'temporal' }, x2: { field: 'to' } },
    },
    {
      data: { name: 'traffic' },
      mark: { type: 'area', interpolate: 'step-after', clip: true },
      encoding: {
        x: {
          field: 't',
          type: 'temporal',
          scale,
          axis: TIME_AXIS,
        },
        y: {
          field: 'mbps',
          type: 'quantitative',
          stack: 'zero',
          scale: { domainMax: { expr: 'highest' }, nice: false },
          axis: RATE_AXIS,
        },
        color: {
          field: 'cause',
          type: 'nominal',
          scale: {
            domain: [...Object.values(CAUSE_TITLES), CLIPPED],
            range: [...CAUSES.map((cause) => CAUSE_COLORS[cause]), BROKEN],
          },
          legend: {
            orient: 'top',
            title: null,
            symbolType: 'square',
            symbolOpacity: 1,
            columns: { expr: 'max(2, floor(width / 130))' },
            values: { expr: 'shownLegend' },
          },
        },
        order: { field: 'order', type: 'quantitative' },
        tooltip: [
          { field: 't', type: 'temporal', title: 'from', format: TIME_FORMAT, formatType: 'utc' },
          { field: 'cause', type: 'nominal' },
          { field: 'mbps', type: 'quantitative', format: ',.1f', title: 'Mbit/s' },
        ],
      },
    },
    {
      data: { name: 'clipped' },
      mark: { type: 'rect', clip: true },
      encoding: {
        x: { field: 'from', type: 'temporal' },
        x2: { field: 'to' },
        y: { value: 0 },
        y2: { value: CLIPPED_PIXELS },
        color: { datum: CLIPPED },
        opacity: { field: 'opacity', type: 'quantitative', scale: null, legend: null },
        tooltip: [
          { field: 'from', type: 'temporal', title: 'from', format: TIME_FORMAT, formatType: 'utc' },
          { field: 'to', type: 'temporal', format: TIME_FORMAT, formatType: 'utc' },
          { field: 'share', type: 'nominal', title: 'link full' },
        ],
      },
    },
    {
      data: { name: 'capacity' },
      mark: {
        type: 'line',
        interpolate: 'step-after',
        strokeDash: [5, 3],
        strokeWidth: 1.5,
        color: INK,
        clip: true,
      },
      encoding: { x: { field: 't', type: 'temporal' }, y: { field: 'mbps', type: 'quantitative' } },
    },
  ];
}

const PARAMS = [
  ...THEME_PARAMS,
  { name: 'highest', value: 100 },
  { name: 'shownLegend', value: Object.values(CAUSE_TITLES) },
];
const PLOT_PIXELS = 240;

/** What went over the link and why, against what it can carry. */
export const traffic: Chart = {
  id: 'traffic',
  section: 'bandwidth',
  title,
  summary,
  note: (plan) => (linkOutages(plan).length === 0 ? note(plan) : `${note(plan)} ${OUTAGE_NOTE}`),
  gesture: 'Drag across the small chart to zoom.',
  drawable: (plan) => plan.link.sentBytes.total > 0 && plan.series.traffic.initial.length > 0,
  rows: (plan) => buckets(plan, DETAIL_POINTS_MOST).map((bucket) => ({ ...bucket })),
  columns: [
    { field: 'startMs', title: 'From', kind: 'instant' },
    { field: 'endMs', title: 'To', kind: 'instant' },
    { field: 'initial', title: 'Initial replication (B)', kind: 'bytes' },
    { field: 'delta', title: 'Delta (B)', kind: 'bytes' },
    { field: 'resync', title: 'Resynchronization (B)', kind: 'bytes' },
    { field: 'capacity', title: 'Link could carry (B)', kind: 'bytes' },
    { field: 'clipped', title: 'Link full, share of the time', kind: 'share' },
  ],
  sources: (plan) => {
    const detail = buckets(plan, DETAIL_POINTS_MOST);
    return {
      traffic: closed(plan, detail, (bucket, t) =>
        CAUSES.map((cause, order) => ({
          t,
          cause: CAUSE_TITLES[cause],
          order: CAUSES.length - order,
          mbps: mbps(bucket[cause], bucket),
        })),
      ),
      capacity: closed(plan, detail, (bucket, t) => [{ t, mbps: mbps(bucket.capacity, bucket) }]),
      clipped: clippedMarks(plan, detail),
      outages: linkOutages(plan).map(({ startMs, endMs }) => ({
        from: axisTime(plan.clock, startMs),
        to: axisTime(plan.clock, endMs),
      })),
      overview: closed(plan, buckets(plan, OVERVIEW_POINTS_MOST), (bucket, t) => [
        { t, mbps: mbps(bucket.initial + bucket.delta + bucket.resync, bucket) },
      ]),
    };
  },
  // Room above the highest line, or the link's capacity would lie on the frame.
  params: (plan) => ({
    highest:
      HEADROOM *
      buckets(plan, DETAIL_POINTS_MOST).reduce(
        (most, bucket) =>
          Math.max(most, mbps(bucket.capacity, bucket), mbps(bucket.initial + bucket.delta + bucket.resync, bucket)),
        0,
      ),
    shownLegend: [...Object.values(CAUSE_TITLES), ...(isClipped(plan) ? [CLIPPED] : [])],
  }),
  spec: {
    params: PARAMS,
    spacing: 8,
    vconcat: [
      { width: 580, height: PLOT_PIXELS, layer: layers({ ...TIME_SCALE, domain: { param: 'brush' } }) },
      {
        width: 580,
        height: 44,
        data: { name: 'overview' },
        params: [{ name: 'brush', select: { type: 'interval', encodings: ['x'] } }],
        mark: { type: 'area', interpolate: 'step-after', color: SHADE },
        encoding: {
          x: { field: 't', type: 'temporal', scale: TIME_SCALE, axis: TIME_AXIS },
          y: { field: 'mbps', type: 'quantitative', axis: { ...RATE_AXIS, tickCount: 2 } },
        },
      },
    ],
  },
  stillSpec: { ...fitted(PLOT_PIXELS), params: PARAMS, layer: layers(TIME_SCALE) },
};
