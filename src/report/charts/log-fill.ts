import type { Plan } from '../../plan/plan.ts';
import { formatDurationMs, formatShare } from '../../units.ts';
import { shortName } from '../shown-name.ts';
import type { Chart, Row } from './chart.ts';
import { axisTime, bucketsPerPoint, clockNote, peaksOf } from './series.ts';
import { SMALL_POINTS_MOST, type SmallPlots, smallMultiples } from './small-multiples.ts';
import { BROKEN, CAUSE_COLORS } from './spec-parts.ts';

/** The share of a disk's size at which its logs force a resynchronization. */
const MARK_RATIO = 0.5;

type Fill = Plan['series']['logFill'][number];

function peakOf(fill: Fill): number {
  return fill.ratio.reduce((most, ratio) => Math.max(most, ratio), 0);
}

function points(plan: Plan): { fill: Fill; rank: number; atMs: number; endMs: number; ratio: number }[] {
  return plan.series.logFill.flatMap((fill, rank) => {
    const size = bucketsPerPoint(fill.ratio.length, SMALL_POINTS_MOST);
    const widthMs = size * plan.series.stateBucketMs;
    return peaksOf(fill.ratio, size).map((ratio, index) => ({
      fill,
      rank,
      atMs: index * widthMs,
      endMs: Math.min(plan.horizonMs, (index + 1) * widthMs),
      ratio: ratio ?? 0,
    }));
  });
}

function areas(plan: Plan): Row[] {
  const drawn = points(plan);
  return drawn.flatMap((point, index) => {
    const { fill, rank, ratio } = point;
    // Rank and peak make the labels of the plots differ, whatever the names are.
    const panel = `${rank + 1}. ${formatShare(peakOf(fill))} ${shortName(fill.vm, 14)} · ${shortName(fill.disk, 10)}`;
    const row = { panel, rank, t: axisTime(plan.clock, point.atMs), ratio };
    const last = drawn[index + 1]?.rank !== rank;
    return last ? [row, { ...row, t: axisTime(plan.clock, point.endMs) }] : [row];
  });
}

function title(plan: Plan): string {
  const worst = plan.series.logFill[0];
  if (worst === undefined) return 'No disk has kept a log';
  const reached = plan.series.logFill.filter((fill) => peakOf(fill) >= MARK_RATIO).length;
  if (reached > 0) {
    const all = reached === plan.series.logFill.length && reached > 1 ? 'At least ' : '';
    return `${all}${reached} ${reached === 1 ? 'disk has' : 'disks have'} logs of 50 % of the disk’s size, which forces a resynchronization`;
  }
  return `Logs fill at most ${formatShare(peakOf(worst))} of a disk; 50 % would force a resynchronization`;
}

function summary(plan: Plan): string {
  const worst = plan.series.logFill[0];
  if (worst === undefined) return 'There is nothing to draw: no change was logged within the horizon.';
  return `The logs of ${shortName(worst.vm, 40)}, disk ${shortName(worst.disk, 30)}, come nearest to the threshold: ${formatShare(peakOf(worst))} of the disk’s size. The plots show the ${plan.series.logFill.length} fullest disks, the worst first.`;
}

const PLOTS: SmallPlots = {
  source: 'fill',
  color: CAUSE_COLORS.delta,
  y: {
    field: 'ratio',
    type: 'quantitative',
    scale: { nice: false, zero: true },
    axis: { title: null, values: [0, 0.25, 0.5, 0.75, 1], labelExpr: "format(datum.value * 100, '~g') + ' %'" },
  },
  over: [
    {
      mark: { type: 'rule', color: BROKEN, strokeWidth: 1.5, strokeDash: [4, 2] },
      encoding: { y: { datum: MARK_RATIO } },
    },
  ],
};

/** Share of their disk's size that the logs of the fullest disks take. */
export const logFill: Chart = {
  id: 'log-fill',
  section: 'storage',
  title,
  summary,
  note: (plan) => {
    const first = plan.series.logFill[0];
    const size = first === undefined ? 1 : bucketsPerPoint(first.ratio.length, SMALL_POINTS_MOST);
    return `Replica logs (HRL) as a share of the disk’s virtual size, largest value in each ${formatDurationMs(size * plan.series.stateBucketMs)}; ${clockNote(plan.clock, plan.horizonMs)}. Dashed: 50 %, where the VM is marked for resynchronization.`;
  },
  drawable: (plan) => plan.series.logFill.length > 0,
  rows: (plan) =>
    points(plan).map(({ fill, atMs, endMs, ratio }) => ({ vm: fill.vm, disk: fill.disk, startMs: atMs, endMs, ratio })),
  columns: [
    { field: 'vm', title: 'VM', kind: 'text' },
    { field: 'disk', title: 'Disk', kind: 'text' },
    { field: 'startMs', title: 'From', kind: 'instant' },
    { field: 'endMs', title: 'To', kind: 'instant' },
    { field: 'ratio', title: 'Largest share of the disk’s size', kind: 'share' },
  ],
  sources: (plan) => ({ fill: areas(plan) }),
  spec: smallMultiples(PLOTS, 4),
  narrowSpec: smallMultiples(PLOTS, 2),
};
