import type { Plan } from '../../plan/plan.ts';
import { formatDurationMs, type Millis } from '../../units.ts';
import { axisLabels, shownName } from '../shown-name.ts';
import type { Chart } from './chart.ts';
import { axisTime, bucketsPerPoint, clockNote, peaksOf } from './series.ts';
import { fitted, TIME_AXIS, TIME_FORMAT, TIME_SCALE, VM_ROWS } from './spec-parts.ts';

/** 40 rows of these are some 3,400 cells: as many as the page draws without a pause. */
const CELLS_MOST = 84;

const LEVELS = [
  'within the target',
  'up to 2 × the target',
  'up to 4 × the target',
  'beyond',
  'not protected',
] as const;
/** Blue for met, oranges that darken for broken: the order shows in shades of grey too. */
const LEVEL_COLORS = ['#8fbbdd', '#f5b66b', '#dd6b1f', '#8f2d04', '#b7bfc9'] as const;

function levelOf(ageMs: Millis | null, targetMs: Millis): (typeof LEVELS)[number] {
  if (ageMs === null) return 'not protected';
  if (ageMs <= targetMs) return 'within the target';
  if (ageMs <= 2 * targetMs) return 'up to 2 × the target';
  return ageMs <= 4 * targetMs ? 'up to 4 × the target' : 'beyond';
}

interface Cell {
  readonly vm: number;
  readonly startMs: Millis;
  readonly endMs: Millis;
  readonly ageMs: Millis | null;
}

function cellWidthMs(plan: Plan): Millis {
  const count = plan.series.worstAges[0]?.ageMs.length ?? 0;
  return plan.series.stateBucketMs * bucketsPerPoint(count, CELLS_MOST);
}

function cells(plan: Plan): Cell[] {
  const widthMs = cellWidthMs(plan);
  return plan.series.worstAges.flatMap(({ ageMs }, vm) =>
    peaksOf(ageMs, Math.round(widthMs / plan.series.stateBucketMs)).map((age, index) => ({
      vm,
      startMs: index * widthMs,
      endMs: Math.min(plan.horizonMs, (index + 1) * widthMs),
      ageMs: age,
    })),
  );
}

function title(plan: Plan): string {
  const { worstAges } = plan.series;
  const { targetMs } = plan.rpo;
  if (worstAges.length === 0) return 'No VM was protected';
  const late = worstAges.filter(({ ageMs }) => ageMs.some((age) => age !== null && age > targetMs)).length;
  const target = formatDurationMs(targetMs);
  if (late === 0) return `No recovery point ever gets older than ${target}`;
  const shown = late === worstAges.length && plan.vms.length > worstAges.length ? `At least ${late}` : `${late}`;
  return `${shown} of ${plan.vms.length} ${plan.vms.length === 1 ? 'VM has' : 'VMs have'} a recovery point older than ${target} at some time`;
}

function summary(plan: Plan): string {
  const worst = plan.series.worstAges[0];
  if (worst === undefined) return 'There is nothing to draw: no VM finished its initial replication.';
  const oldestMs = worst.ageMs.reduce<Millis>((most, age) => Math.max(most, age ?? 0), 0);
  return `${shownName(worst.vm).slice(0, 60)} has the oldest recovery point, ${formatDurationMs(oldestMs)}. Each row is a VM, the worst first; the backlog that initial replication leaves counts here too.`;
}

/** Largest age of the recovery point in each stretch of time, for the worst VMs. */
export const rpoHeat: Chart = {
  id: 'rpo-heat',
  section: 'rpo',
  title,
  summary,
  note: (plan) => {
    const { worstAges } = plan.series;
    const chosen =
      plan.vms.length > worstAges.length ? `The ${worstAges.length} worst of ${plan.vms.length} VMs. ` : '';
    return `${chosen}Largest age of the recovery point in each ${formatDurationMs(cellWidthMs(plan))}, against the target of ${formatDurationMs(plan.rpo.targetMs)}; ${clockNote(plan.clock, plan.horizonMs)}.`;
  },
  drawable: (plan) => plan.series.worstAges.length > 0,
  rows: (plan) =>
    cells(plan).map((cell) => ({
      ...cell,
      vm: plan.series.worstAges[cell.vm]!.vm,
      level: levelOf(cell.ageMs, plan.rpo.targetMs),
    })),
  columns: [
    { field: 'vm', title: 'VM', kind: 'text' },
    { field: 'startMs', title: 'From', kind: 'instant' },
    { field: 'endMs', title: 'To', kind: 'instant' },
    { field: 'ageMs', title: 'Largest age (ms)', kind: 'duration' },
    { field: 'level', title: 'Against the target', kind: 'text' },
  ],
  sources: (plan) => {
    const labels = axisLabels(plan.series.worstAges.map(({ vm }) => vm));
    return {
      ages: cells(plan).map(({ vm, startMs, endMs, ageMs }) => ({
        vm: labels[vm]!,
        rank: vm,
        from: axisTime(plan.clock, startMs),
        to: axisTime(plan.clock, endMs),
        level: levelOf(ageMs, plan.rpo.targetMs),
        age: ageMs === null ? 'not protected' : formatDurationMs(ageMs),
      })),
    };
  },
  height: (plan) => Math.max(2, plan.series.worstAges.length) * 14,
  spec: {
    ...fitted(560),
    data: { name: 'ages' },
    mark: { type: 'rect' },
    encoding: {
      x: { field: 'from', type: 'temporal', scale: TIME_SCALE, axis: { ...TIME_AXIS, orient: 'top', grid: false } },
      x2: { field: 'to' },
      y: { ...VM_ROWS, scale: { paddingInner: 0.12 } },
      color: {
        field: 'level',
        type: 'nominal',
        scale: { domain: LEVELS, range: LEVEL_COLORS },
        legend: { orient: 'top', title: null, symbolType: 'square', columns: { expr: 'max(1, floor(width / 150))' } },
      },
      tooltip: [
        { field: 'vm', type: 'nominal', title: 'VM' },
        { field: 'from', type: 'temporal', format: TIME_FORMAT, formatType: 'utc' },
        { field: 'age', type: 'nominal', title: 'largest age' },
      ],
    },
  },
};
