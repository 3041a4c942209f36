import { formatLocal } from '../model/clock.ts';
import type { Plan, PlanVm } from '../plan/plan.ts';
import { formatBytes, formatDurationMs, formatShare } from '../units.ts';
import { shownName } from './shown-name.ts';

/** A column of the table of VMs; the page and the part that is rendered ahead share them. */
export interface VmColumn {
  readonly id: string;
  readonly title: string;
  readonly numeric: boolean;
  readonly text: (plan: Plan, vm: PlanVm) => string;
  /** What to sort by; `null` goes last in either direction. */
  readonly order: (vm: PlanVm) => number | string | null;
}

export const VMS_PER_PAGE = 50;
const NONE = '–';

function sentTotal(vm: PlanVm): number {
  return vm.sentBytes.initial + vm.sentBytes.delta + vm.sentBytes.resync;
}

const HEALTH_ORDER = { Normal: 0, Warning: 1, Critical: 2 } as const;
/** The second cue beside the colour. */
export const HEALTH_ICON = { Normal: '✓', Warning: '!', Critical: '✕' } as const;

export const VM_COLUMNS: readonly VmColumn[] = [
  { id: 'name', title: 'VM', numeric: false, text: (_, vm) => shownName(vm.name), order: (vm) => vm.name },
  { id: 'host', title: 'Host', numeric: false, text: (_, vm) => shownName(vm.host), order: (vm) => vm.host },
  {
    id: 'health',
    title: 'Health at end',
    numeric: false,
    text: (_, vm) => `${HEALTH_ICON[vm.health]} ${vm.health}`,
    order: (vm) => HEALTH_ORDER[vm.health],
  },
  {
    id: 'rpo',
    title: 'Worst RPO',
    numeric: true,
    text: (_, vm) => durationOr(vm.steadyRpo.maxMs),
    order: (vm) => vm.steadyRpo.maxMs,
  },
  {
    id: 'within',
    title: 'Within target',
    numeric: true,
    text: (_, vm) =>
      vm.steadyRpo.withinTargetFraction === null ? NONE : formatShare(vm.steadyRpo.withinTargetFraction),
    order: (vm) => vm.steadyRpo.withinTargetFraction,
  },
  {
    id: 'initial',
    title: 'Initial replication ends',
    numeric: true,
    text: (plan, vm) =>
      vm.initialReplication.endMs === null ? NONE : formatLocal(plan.clock, vm.initialReplication.endMs),
    order: (vm) => vm.initialReplication.endMs,
  },
  {
    id: 'churn',
    title: 'Churn per day',
    numeric: true,
    text: (_, vm) => formatBytes(vm.churnBytesPerDay),
    order: (vm) => vm.churnBytesPerDay,
  },
  { id: 'sent', title: 'Sent', numeric: true, text: (_, vm) => formatBytes(sentTotal(vm)), order: sentTotal },
  {
    id: 'logs',
    title: 'Log peak of disk',
    numeric: true,
    text: (_, vm) => formatShare(vm.hrlPeakRatio),
    order: (vm) => vm.hrlPeakRatio,
  },
  {
    id: 'resyncs',
    title: 'Resyncs',
    numeric: true,
    text: (_, vm) => String(vm.resyncCount),
    order: (vm) => vm.resyncCount,
  },
];

function durationOr(durationMs: number | null): string {
  return durationMs === null ? NONE : formatDurationMs(durationMs);
}

/** Whether a VM breaks the objective or is not healthy: what "only those with a problem" shows. */
export function hasTrouble(vm: PlanVm): boolean {
  const { withinTargetFraction } = vm.steadyRpo;
  return withinTargetFraction === null || withinTargetFraction < 1 || vm.health !== 'Normal' || vm.resyncCount > 0;
}

export interface VmOrder {
  readonly column: string;
  readonly descending: boolean;
}

/** The worst first. */
export const FIRST_ORDER: VmOrder = { column: 'rpo', descending: true };

/** The VMs in the order of a column; equal ones stay in the plan's order. An unknown column leaves them as they are. */
export function sortedVms(vms: readonly PlanVm[], order: VmOrder): PlanVm[] {
  const column = VM_COLUMNS.find((candidate) => candidate.id === order.column);
  if (column === undefined) return [...vms];
  const sign = order.descending ? -1 : 1;
  return [...vms].sort((left, right) => {
    const [a, b] = [column.order(left), column.order(right)];
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    return a < b ? -sign : a > b ? sign : 0;
  });
}

/** Everything about one VM, as label and value. */
export function vmFacts(plan: Plan, vm: PlanVm): [label: string, value: string][] {
  const instant = (atMs: number | null): string => (atMs === null ? NONE : formatLocal(plan.clock, atMs));
  const { initialReplication: initial, rpo, steadyRpo, cycles, sentBytes, bytes } = vm;
  return [
    ['State at the end', vm.phaseAtEnd],
    ['Health', vm.healthReasons.length === 0 ? vm.health : `${vm.health}: ${vm.healthReasons.join('; ')}`],
    ['Disks', `${vm.diskCount}, ${formatBytes(vm.provisionedBytes)} provisioned, ${formatBytes(vm.usedBytes)} used`],
    ['Churn', `${formatBytes(vm.churnBytesPerDay)} per day`],
    [
      'Initial replication',
      initial.startMs === null ? 'none' : `${instant(initial.startMs)} to ${instant(initial.endMs)}`,
    ],
    ['Disks arrived', initial.disks.map((disk) => `${shownName(disk.name)} ${instant(disk.endMs)}`).join('; ') || NONE],
    ['Protected from', instant(vm.protectedAtMs)],
    ['First delta arrived', instant(vm.firstDeltaAtMs)],
    [
      'RPO from then on',
      `half of the time at most ${durationOr(steadyRpo.p50Ms)}, 95 % ${durationOr(steadyRpo.p95Ms)}, worst ${durationOr(steadyRpo.maxMs)}`,
    ],
    ['RPO, catching up included', `95 % at most ${durationOr(rpo.p95Ms)}, worst ${durationOr(rpo.maxMs)}`],
    ['Cycles', `${cycles.completed} completed, ${cycles.missed} missed, ${cycles.failed} failed`],
    ['First failed attempt', instant(vm.firstFailureAtMs)],
    [
      'Sent over the link',
      `${formatBytes(sentBytes.initial)} initial, ${formatBytes(sentBytes.delta)} delta, ${formatBytes(sentBytes.resync)} resynchronization`,
    ],
    [
      'Written by the guest',
      `${formatBytes(bytes.written)}: ${formatBytes(bytes.delivered)} delivered, ${formatBytes(bytes.inFlight)} in flight, ${formatBytes(bytes.inLogs)} in logs, ${formatBytes(bytes.droppedAtMark)} dropped at a mark, ${formatBytes(bytes.untracked)} untracked`,
    ],
    [
      'Log peak',
      `${formatBytes(vm.hrlPeakBytes)} at ${instant(vm.hrlPeakAtMs)}; the fullest disk reached ${formatShare(vm.hrlPeakRatio)} of its size`,
    ],
    ['Snapshot peak', formatBytes(vm.snapshotPeakBytes)],
    ['Marked for resynchronization', vm.resyncCount === 1 ? 'once' : `${vm.resyncCount} times`],
  ];
}
