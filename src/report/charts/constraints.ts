import { formatLocal } from '../../model/clock.ts';
import type { Constraint, Plan } from '../../plan/plan.ts';
import { formatDurationMs, formatShare, type Millis } from '../../units.ts';
import type { Chart, Row } from './chart.ts';
import { CONSTRAINT_ORDER, CONSTRAINT_STYLES, cssColor } from './constraint-styles.ts';
import { axisTime, bucketsPerPoint, clockNote, sumsOf } from './series.ts';
import { CALM as CALM_GREY, THEME_PARAMS, TIME_AXIS, TIME_FORMAT, TIME_SCALE } from './spec-parts.ts';

/** A week of half hours. */
const DETAIL_POINTS_MOST = 336;
const OVERVIEW_POINTS_MOST = 168;

const TITLES = CONSTRAINT_ORDER.map((constraint) => CONSTRAINT_STYLES[constraint].title);
const CALM = CONSTRAINT_ORDER.filter((constraint) => CONSTRAINT_STYLES[constraint].calm);
const BINDING = CONSTRAINT_ORDER.filter((constraint) => !CONSTRAINT_STYLES[constraint].calm);

/** VM-time of the whole run under a constraint. */
function totalMs({ series }: Plan, constraint: Constraint): Millis {
  return series.constraintMs[constraint].reduce((sum, part) => sum + part, 0);
}

/** VM-time of the whole run under any of some constraints. */
function sumMs(plan: Plan, constraints: readonly Constraint[]): Millis {
  return constraints.reduce((sum, constraint) => sum + totalMs(plan, constraint), 0);
}

/** Those that held at some time, in the order of the stack. */
function shown(plan: Plan): Constraint[] {
  return CONSTRAINT_ORDER.filter((constraint) => totalMs(plan, constraint) > 0);
}

/** The ones that held something back, the longest first. */
function bindingByLength(plan: Plan): Constraint[] {
  return shown(plan)
    .filter((constraint) => BINDING.includes(constraint))
    .sort((left, right) => totalMs(plan, right) - totalMs(plan, left));
}

interface Bucket {
  readonly startMs: Millis;
  readonly endMs: Millis;
  readonly parts: readonly { readonly constraint: Constraint; readonly vmMs: Millis; readonly share: number }[];
}

function buckets(plan: Plan, most: number): Bucket[] {
  const { constraintMs, stateBucketMs } = plan.series;
  const size = bucketsPerPoint(constraintMs.churn.length, most);
  const widthMs = size * stateBucketMs;
  const merged = shown(plan).map((constraint) => ({ constraint, vmMs: sumsOf(constraintMs[constraint], size) }));
  return sumsOf(constraintMs.churn, size).map((_, index) => {
    const wholeMs = merged.reduce((sum, { vmMs }) => sum + (vmMs[index] ?? 0), 0);
    return {
      startMs: index * widthMs,
      endMs: Math.min(plan.horizonMs, (index + 1) * widthMs),
      parts: merged.map(({ constraint, vmMs }) => {
        const ms = vmMs[index] ?? 0;
        return { constraint, vmMs: ms, share: wholeMs === 0 ? 0 : ms / wholeMs };
      }),
    };
  });
}

/** A row for each part of each bucket; steps need a last point that ends the last one. */
function steps(plan: Plan, points: readonly Bucket[], drawn: readonly Constraint[]): Row[] {
  const last = points.at(-1);
  const ends = last === undefined ? [] : [{ ...last, startMs: last.endMs }];
  return [...points, ...ends].flatMap(({ startMs, parts }) =>
    parts
      .filter(({ constraint }) => drawn.includes(constraint))
      .map(({ constraint, share }) => ({
        t: axisTime(plan.clock, startMs),
        constraint: CONSTRAINT_STYLES[constraint].title,
        order: CONSTRAINT_ORDER.indexOf(constraint),
        share,
      })),
  );
}

function title(plan: Plan): string {
  const [first] = bindingByLength(plan);
  const wholeMs = sumMs(plan, CONSTRAINT_ORDER);
  if (wholeMs === 0) return 'What holds replication back is not known';
  if (first === undefined) return 'Nothing holds replication back: every set of changes goes out at once';
  const heldMs = sumMs(plan, BINDING);
  return `Replication is held back ${formatShare(heldMs / wholeMs)} of the VM-time, mostly by ${CONSTRAINT_STYLES[first].title}`;
}

function summary(plan: Plan): string {
  const wholeMs = sumMs(plan, CONSTRAINT_ORDER);
  if (wholeMs === 0) return 'The plan has no series of what binds.';
  const shareOf = (constraint: Constraint): string =>
    `${CONSTRAINT_STYLES[constraint].title} ${formatShare(totalMs(plan, constraint) / wholeMs)}`;
  const binding = bindingByLength(plan);
  const held = binding.length === 0 ? '' : `Share of the VM-time held back: ${binding.map(shareOf).join(', ')}. `;
  const worst = buckets(plan, DETAIL_POINTS_MOST).reduce<{ startMs: Millis; share: number } | undefined>(
    (most, { startMs, parts }) => {
      const share = parts.reduce((sum, part) => (BINDING.includes(part.constraint) ? sum + part.share : sum), 0);
      return share > (most?.share ?? 0) ? { startMs, share } : most;
    },
    undefined,
  );
  const peak =
    worst === undefined
      ? ''
      : `At its worst, from ${formatLocal(plan.clock, worst.startMs)} on, it holds back ${formatShare(worst.share)} of the VMs. `;
  return `${held}${peak}For the rest: ${CALM.toReversed().map(shareOf).join(', ')}.`;
}

const PERCENT = "format(datum.value * 100, '~g') + ' %'";
/** Both panes have the same room for labels, so that their time axes stand under each other. */
const SHARE_AXIS = { title: null, minExtent: 44, maxExtent: 44, labelExpr: PERCENT } as const;
const AREA = { type: 'area', interpolate: 'step-after', clip: true } as const;
const COLOR = {
  field: 'constraint',
  type: 'nominal',
  scale: {
    domain: TITLES,
    range: CONSTRAINT_ORDER.map((constraint) => CONSTRAINT_STYLES[constraint].color ?? CALM_GREY),
  },
  legend: {
    orient: 'top',
    title: null,
    symbolType: 'square',
    symbolStrokeWidth: 0,
    values: { expr: 'shownConstraints' },
    columns: { expr: 'max(2, floor(width / 150))' },
  },
} as const;
const ORDER = { field: 'order', type: 'quantitative' } as const;

/**
 * What holds the fleet's recovery points back over time. Mostly nothing does, and a fleet without a trouble would be a grey
 * sheet with coloured threads: the upper pane leaves the calm time out and has a scale of its own, the lower shows all of it.
 */
export const constraints: Chart = {
  id: 'constraints',
  section: 'rpo',
  title,
  summary,
  note: (plan) => {
    const size = bucketsPerPoint(plan.series.constraintMs.churn.length, DETAIL_POINTS_MOST);
    return `Above: share of the VMs whose replication something holds back, means of ${formatDurationMs(size * plan.series.stateBucketMs)}, on a scale of its own. Below: all the VM-time, the calm part in grey; ${clockNote(plan.clock, plan.horizonMs)}.`;
  },
  gesture: 'Drag across the lower pane to zoom.',
  drawable: (plan) => bindingByLength(plan).length > 0,
  rows: (plan) =>
    buckets(plan, DETAIL_POINTS_MOST).flatMap(({ startMs, endMs, parts }) =>
      parts
        .filter(({ vmMs }) => vmMs > 0)
        .map(({ constraint, vmMs, share }) => ({
          startMs,
          endMs,
          constraint: CONSTRAINT_STYLES[constraint].title,
          vmMs,
          share,
        })),
    ),
  columns: [
    { field: 'startMs', title: 'From', kind: 'instant' },
    { field: 'endMs', title: 'To', kind: 'instant' },
    { field: 'constraint', title: 'Held back by', kind: 'text' },
    { field: 'vmMs', title: 'VM-time (ms)', kind: 'duration' },
    { field: 'share', title: 'Share of the VM-time', kind: 'share' },
  ],
  terms: (plan) =>
    shown(plan).map((constraint) => {
      const { title: term, meaning } = CONSTRAINT_STYLES[constraint];
      return { term, meaning, color: cssColor(constraint) };
    }),
  sources: (plan) => ({
    held: steps(plan, buckets(plan, DETAIL_POINTS_MOST), BINDING),
    whole: steps(plan, buckets(plan, OVERVIEW_POINTS_MOST), CONSTRAINT_ORDER),
  }),
  params: (plan) => ({ shownConstraints: shown(plan).map((constraint) => CONSTRAINT_STYLES[constraint].title) }),
  spec: {
    params: [...THEME_PARAMS, { name: 'shownConstraints', value: TITLES }],
    spacing: 8,
    vconcat: [
      {
        width: 580,
        height: 220,
        data: { name: 'held' },
        mark: AREA,
        encoding: {
          x: { field: 't', type: 'temporal', scale: { ...TIME_SCALE, domain: { param: 'brush' } }, axis: TIME_AXIS },
          y: { field: 'share', type: 'quantitative', stack: 'zero', axis: { ...SHARE_AXIS, tickCount: 5 } },
          color: COLOR,
          order: ORDER,
          tooltip: [
            { field: 't', type: 'temporal', title: 'from', format: TIME_FORMAT, formatType: 'utc' },
            { field: 'constraint', type: 'nominal', title: 'held back by' },
            { field: 'share', type: 'quantitative', format: '.1%', title: 'share of the VMs' },
          ],
        },
      },
      {
        width: 580,
        height: 64,
        data: { name: 'whole' },
        params: [{ name: 'brush', select: { type: 'interval', encodings: ['x'] } }],
        mark: AREA,
        encoding: {
          x: { field: 't', type: 'temporal', scale: TIME_SCALE, axis: TIME_AXIS },
          y: {
            field: 'share',
            type: 'quantitative',
            stack: 'zero',
            scale: { domain: [0, 1], nice: false },
            axis: { ...SHARE_AXIS, values: [0, 0.5, 1] },
          },
          color: COLOR,
          order: ORDER,
        },
      },
    ],
  },
};
