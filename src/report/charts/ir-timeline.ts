import type { PhaseName, Plan, PlanVm, TimelineEntry } from '../../plan/plan.ts';
import { formatDurationMs, type Millis } from '../../units.ts';
import { axisLabels } from '../shown-name.ts';
import type { Chart, Row } from './chart.ts';
import { axisTime, clockNote } from './series.ts';
import { CAUSE_COLORS, fitted, TIME_AXIS, TIME_FORMAT, TIME_SCALE, VM_ROWS } from './spec-parts.ts';

const VMS_MOST = 60;
/** A timeline with more phases than this is drawn in slices of the axis, the gravest phase of each. */
const PHASES_MOST = 40;
const SLICES = 240;

/** From the most harmless to the gravest, with the colours; the order of the legend. */
const PHASE_COLORS: Readonly<Record<PhaseName, string>> = {
  unprotected: '#b7bfc9',
  'delta replication': CAUSE_COLORS.delta,
  'merging snapshot': '#5d9fc4',
  'initial replication': CAUSE_COLORS.initial,
  retrying: '#e3a32b',
  'marked for resynchronization': '#d795c6',
  resynchronization: CAUSE_COLORS.resync,
};
const PHASES = Object.keys(PHASE_COLORS) as PhaseName[];

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

function bars(plan: Plan): Row[] {
  const vms = shownVms(plan);
  const labels = axisLabels(vms.map((vm) => vm.name));
  const untilMs = shownUntilMs(plan, vms);
  return vms.flatMap((vm, rank) =>
    coarse(vm.timeline, untilMs)
      .filter((entry) => entry.startMs < untilMs)
      .map(({ phase, startMs, endMs }) => ({
        vm: labels[rank]!,
        rank,
        phase,
        from: axisTime(plan.clock, startMs),
        to: axisTime(plan.clock, Math.min(endMs, untilMs)),
      })),
  );
}

function title(plan: Plan): string {
  const unfinished = plan.vms.filter(({ initialReplication: ir }) => ir.startMs !== null && ir.endMs === null).length;
  if (unfinished > 0) {
    return `Initial replication of ${unfinished} of ${plan.vms.length} VMs does not end within ${formatDurationMs(plan.horizonMs)}`;
  }
  const ends = plan.vms.flatMap((vm) => (vm.initialReplication.endMs === null ? [] : [vm.initialReplication.endMs]));
  if (ends.length === 0) return 'The run begins with the VMs already replicated';
  const lastMs = ends.reduce((most, endMs) => Math.max(most, endMs), 0);
  const waiting = plan.vms.length - ends.length;
  return waiting === 0
    ? `Initial replication of all VMs takes ${formatDurationMs(lastMs)}`
    : `Initial replication of ${ends.length} VMs takes ${formatDurationMs(lastMs)}; ${waiting} do without`;
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
    return `${chosen}A row per VM, in the order of finishing; ${clockNote(plan.clock, plan.horizonMs)}.${until}`;
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
  sources: (plan) => ({ phases: bars(plan) }),
  height: (plan) => Math.max(2, shownVms(plan).length) * 13,
  spec: {
    ...fitted(780),
    data: { name: 'phases' },
    mark: { type: 'bar', height: { band: 0.8 } },
    encoding: {
      x: { field: 'from', type: 'temporal', scale: TIME_SCALE, axis: { ...TIME_AXIS, orient: 'top' } },
      x2: { field: 'to' },
      y: VM_ROWS,
      color: {
        field: 'phase',
        type: 'nominal',
        scale: { domain: PHASES, range: Object.values(PHASE_COLORS) },
        legend: {
          orient: 'top',
          title: null,
          symbolType: 'square',
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
    },
  },
};
