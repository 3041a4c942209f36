import type { PhaseName, Plan, PlanVm, TimelineEntry } from '../../plan/plan.ts';
import { formatDurationMs, type Millis } from '../../units.ts';
import { axisLabels } from '../shown-name.ts';
import type { Chart, Row } from './chart.ts';
import { PHASE_STYLES, PHASES, phaseLabel } from './phases.ts';
import { axisTime, clockNote } from './series.ts';
import {
  fitted,
  INK,
  MUTED,
  SURFACE,
  THEME_PARAMS,
  TIME_AXIS,
  TIME_FORMAT,
  TIME_SCALE,
  VM_ROWS,
} from './spec-parts.ts';

const VMS_MOST = 60;
/** A timeline with more phases than this is drawn in slices of the axis, the gravest phase of each. */
const PHASES_MOST = 40;
const SLICES = 240;

/** A sign needs room: a bar that takes less of the axis than this goes without. */
const SIGN_SHARE_LEAST = 0.02;

/** The VMs with the longest initial replication, the quickest of them first. */
function shownVms(plan: Plan): PlanVm[] {
  const endMs = (vm: PlanVm): Millis => vm.initialReplication.endMs ?? Number.POSITIVE_INFINITY;
  return [...plan.vms]
    .filter((vm) => vm.timeline.length > 0)
    .sort((left, right) => compare(endMs(left), endMs(right)) || compare(left.name, right.name))
    .slice(-VMS_MOST);
}

function compare<T extends string | number>(left: T, right: T): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Where nothing but delta replication follows, the axis ends soon after the last VM's initial replication. */
function shownUntilMs(plan: Plan, vms: readonly PlanVm[]): Millis {
  let quietFromMs = 0;
  for (const { timeline } of vms) {
    const last = timeline.findLast((entry) => entry.phase !== 'delta replication');
    if (last !== undefined) quietFromMs = Math.max(quietFromMs, last.endMs);
  }
  return quietFromMs === 0 ? plan.horizonMs : Math.min(plan.horizonMs, quietFromMs * 1.2);
}

function coarse(timeline: readonly TimelineEntry[], untilMs: Millis): TimelineEntry[] {
  if (timeline.length <= PHASES_MOST) return [...timeline];
  const gravest: PhaseName[] = [];
  const sliceMs = untilMs / SLICES;
  for (const { phase, startMs, endMs } of timeline) {
    for (let slice = Math.floor(startMs / sliceMs); slice < Math.min(SLICES, endMs / sliceMs); slice++) {
      const before = gravest[slice];
      if (before === undefined || PHASES.indexOf(phase) > PHASES.indexOf(before)) gravest[slice] = phase;
    }
  }
  const entries: TimelineEntry[] = [];
  for (let slice = 0; slice < gravest.length; slice++) {
    const phase = gravest[slice];
    if (phase === undefined) continue;
    const last = entries.at(-1);
    const endMs = (slice + 1) * sliceMs;
    if (last?.phase === phase && last.endMs === slice * sliceMs) entries[entries.length - 1] = { ...last, endMs };
    else entries.push({ phase, startMs: slice * sliceMs, endMs });
  }
  return entries;
}

interface Bar extends TimelineEntry {
  readonly vm: string;
  readonly rank: number;
  /** Long enough for the phase's sign. */
  readonly roomy: boolean;
}

function bars(plan: Plan): Bar[] {
  const vms = shownVms(plan);
  const labels = axisLabels(vms.map((vm) => vm.name));
  const untilMs = shownUntilMs(plan, vms);
  return vms.flatMap((vm, rank) =>
    coarse(vm.timeline, untilMs)
      .filter((entry) => entry.startMs < untilMs)
      .map(({ phase, startMs, endMs: wholeEndMs }) => {
        const endMs = Math.min(wholeEndMs, untilMs);
        return { vm: labels[rank]!, rank, phase, startMs, endMs, roomy: endMs - startMs >= untilMs * SIGN_SHARE_LEAST };
      }),
  );
}

function sources(plan: Plan): Record<string, Row[]> {
  const drawn = bars(plan);
  const row = ({ vm, rank, phase, startMs, endMs }: Bar): Row => ({
    vm,
    rank,
    phase: phaseLabel(phase),
    from: axisTime(plan.clock, startMs),
    to: axisTime(plan.clock, endMs),
  });
  return {
    sending: drawn.filter(({ phase }) => PHASE_STYLES[phase].sends).map(row),
    idle: drawn.filter(({ phase }) => !PHASE_STYLES[phase].sends).map(row),
    signs: drawn
      .filter(({ phase, roomy }) => roomy && PHASE_STYLES[phase].sign !== '')
      .map((bar) => ({ ...row(bar), sign: PHASE_STYLES[bar.phase].sign })),
  };
}

/** The legend's entries: what nothing is drawn in would only take room. */
function shownPhases(plan: Plan): string[] {
  const drawn = new Set(bars(plan).map(({ phase }) => phase));
  return PHASES.filter((phase) => drawn.has(phase)).map(phaseLabel);
}

function title(plan: Plan): string {
  const unfinished = plan.vms.filter(({ initialReplication: ir }) => ir.startMs !== null && ir.endMs === null).length;
  if (unfinished > 0) {
    return `Initial replication of ${unfinished} of ${plan.vms.length} VMs does not end within ${formatDurationMs(plan.horizonMs)}`;
  }
  const ends = plan.vms.flatMap((vm) => (vm.initialReplication.endMs === null ? [] : [vm.initialReplication.endMs]));
  if (ends.length === 0) {
    return plan.vms.every((vm) => vm.protectedAtMs !== null)
      ? 'The run begins with the VMs already replicated'
      : `No initial replication within ${formatDurationMs(plan.horizonMs)}: ${othersOf(plan)}`;
  }
  const lastMs = ends.reduce((most, endMs) => Math.max(most, endMs), 0);
  const others = othersOf(plan);
  return others === ''
    ? `Initial replication of all VMs takes ${formatDurationMs(lastMs)}`
    : `Initial replication of ${ends.length} VMs takes ${formatDurationMs(lastMs)}; ${others}`;
}

/** The VMs that have no initial replication, by why. */
function othersOf(plan: Plan): string {
  const others = plan.vms.filter(({ initialReplication }) => initialReplication.startMs === null);
  const failed = others.filter((vm) => vm.enableFailure !== null).length;
  const without = others.filter((vm) => vm.protectedAtMs !== null).length;
  const waiting = others.length - failed - without;
  const parts = [
    failed > 0 && `${failed} cannot be protected`,
    waiting > 0 && `${waiting} ${waiting === 1 ? 'has' : 'have'} not begun`,
    without > 0 && `${without} ${without === 1 ? 'does' : 'do'} without`,
  ];
  return parts.filter((part) => part !== false).join(', ');
}

function summary(plan: Plan): string {
  const finished = plan.vms
    .filter((vm) => vm.initialReplication.endMs !== null)
    .sort((left, right) => left.initialReplication.endMs! - right.initialReplication.endMs!);
  const marked = plan.vms.filter((vm) => vm.resyncCount > 0).length;
  const resyncs =
    marked === 0
      ? 'No VM has to resynchronize.'
      : `${marked} ${marked === 1 ? 'VM has' : 'VMs have'} to resynchronize.`;
  const middle = finished[Math.floor((finished.length - 1) / 2)];
  if (middle === undefined) return resyncs;
  return `Half of the VMs have finished after ${formatDurationMs(middle.initialReplication.endMs!)}, the last after ${formatDurationMs(finished.at(-1)!.initialReplication.endMs!)}. ${resyncs}`;
}

/** The outline has the contrast to the page that a pale colour lacks. */
function barMark(band: number): object {
  return { type: 'bar', height: { band }, stroke: MUTED, strokeWidth: 0.5 };
}

const FROM = { field: 'from', type: 'temporal', scale: TIME_SCALE, axis: { ...TIME_AXIS, orient: 'top' } } as const;
const BAR = {
  x: FROM,
  x2: { field: 'to' },
  color: {
    field: 'phase',
    type: 'nominal',
    scale: { domain: PHASES.map(phaseLabel), range: PHASES.map((phase) => PHASE_STYLES[phase].color) },
    legend: {
      orient: 'top',
      title: null,
      symbolType: 'square',
      symbolStrokeWidth: 0,
      values: { expr: 'shownPhases' },
      columns: { expr: 'max(1, floor(width / 170))' },
      labelLimit: 200,
    },
  },
  tooltip: [
    { field: 'vm', type: 'nominal', title: 'VM' },
    { field: 'phase', type: 'nominal' },
    { field: 'from', type: 'temporal', format: TIME_FORMAT, formatType: 'utc' },
    { field: 'to', type: 'temporal', format: TIME_FORMAT, formatType: 'utc' },
  ],
} as const;
const SIGN_MARK = { type: 'text', align: 'left', dx: 2, fontSize: 10, fontWeight: 700, color: INK } as const;
const SIGN = { x: FROM, text: { field: 'sign' } } as const;

/** Phases of each VM one after another. */
export const irTimeline: Chart = {
  id: 'ir-timeline',
  section: 'initial-replication',
  title,
  summary,
  note: (plan) => {
    const chosen = plan.vms.length > VMS_MOST ? `The ${VMS_MOST} slowest of ${plan.vms.length} VMs. ` : '';
    const until =
      shownUntilMs(plan, shownVms(plan)) < plan.horizonMs ? ' Afterwards there is only delta replication.' : '';
    return `${chosen}A row per VM, in the order of finishing; thick bars: something is sent, thin bars: nothing is; ${clockNote(plan.clock, plan.horizonMs)}.${until}`;
  },
  drawable: (plan) => plan.vms.some((vm) => vm.timeline.length > 0),
  rows: (plan) =>
    shownVms(plan).flatMap((vm) =>
      vm.timeline.map(({ phase, startMs, endMs }) => ({ vm: vm.name, phase, startMs, endMs })),
    ),
  columns: [
    { field: 'vm', title: 'VM', kind: 'text' },
    { field: 'phase', title: 'Phase', kind: 'text' },
    { field: 'startMs', title: 'From', kind: 'instant' },
    { field: 'endMs', title: 'To', kind: 'instant' },
  ],
  sources,
  params: (plan) => ({ shownPhases: shownPhases(plan) }),
  height: (plan) => Math.max(2, shownVms(plan).length) * 13,
  spec: {
    ...fitted(780),
    params: [...THEME_PARAMS, { name: 'shownPhases', value: PHASES.map(phaseLabel) }],
    encoding: { y: VM_ROWS },
    layer: [
      { data: { name: 'sending' }, mark: barMark(0.8), encoding: BAR },
      { data: { name: 'idle' }, mark: barMark(0.42), encoding: BAR },
      // An edge in the page's colour, or a sign would be lost on its bar.
      { data: { name: 'signs' }, mark: { ...SIGN_MARK, stroke: SURFACE, strokeWidth: 3 }, encoding: SIGN },
      { data: { name: 'signs' }, mark: SIGN_MARK, encoding: SIGN },
    ],
  },
};
