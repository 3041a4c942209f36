import { formatLocal } from '../model/clock.ts';
import type { Health, Plan, PlanVm } from '../plan/plan.ts';
import { formatBytes, formatDurationMs, formatShare } from '../units.ts';
import { holdText, mainHold } from './held-back.ts';
import { shownName } from './shown-name.ts';

/** A column of the table of VMs; the page and the part that is rendered ahead share them. */
export interface VmColumn {
  readonly id: string;
  readonly title: string;
  readonly numeric: boolean;
  /** Words that may stand on two lines. */
  readonly wraps?: boolean;
  readonly text: (plan: Plan, vm: PlanVm) => string;
  /** What to sort by; `null` goes last in either direction. */
  readonly order: (vm: PlanVm) => number | string | null;
}

/** The style class of a column's cells; empty where it needs none. */
export function cellClass({ numeric, wraps }: VmColumn): string {
  return numeric ? 'number' : wraps === true ? 'wrapped' : '';
}

export const VMS_PER_PAGE = 50;
const NONE = '–';

function sentTotal(vm: PlanVm): number {
  return vm.sentBytes.initial + vm.sentBytes.delta + vm.sentBytes.resync;
}

/** How a VM stands at the end, in a word: health says nothing of a VM that is not protected. */
export type Standing = Health | 'Unprotected';

/** The worst first. */
export const STANDINGS: readonly Standing[] = ['Unprotected', 'Critical', 'Warning', 'Normal'];
/** The second cue beside the colour. */
export const STANDING_ICON: Readonly<Record<Standing, string>> = {
  Unprotected: '✕',
  Critical: '✕',
  Warning: '!',
  Normal: '✓',
};

export function standingOf(vm: PlanVm): Standing {
  return vm.phaseAtEnd === 'unprotected' ? 'Unprotected' : vm.health;
}

export const VM_COLUMNS: readonly VmColumn[] = [
  { id: 'name', title: 'VM', numeric: false, text: (_, vm) => shownName(vm.name), order: (vm) => vm.name },
  { id: 'host', title: 'Host', numeric: false, text: (_, vm) => shownName(vm.host), order: (vm) => vm.host },
  {
    id: 'health',
    title: 'Health at end',
    numeric: false,
    text: (_, vm) => `${STANDING_ICON[standingOf(vm)]} ${standingOf(vm)}`,
    order: (vm) => -STANDINGS.indexOf(standingOf(vm)),
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
    id: 'held',
    title: 'Held back by',
    numeric: false,
    wraps: true,
    text: (_, vm) => {
      const hold = mainHold(vm);
      return hold === undefined ? NONE : holdText(hold);
    },
    order: (vm) => mainHold(vm)?.share ?? null,
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

/** Whether a VM breaks the objective, was Critical, or is not as it should be at the end: what "only those with a problem" shows. */
export function hasTrouble(vm: PlanVm): boolean {
  const { withinTargetFraction } = vm.steadyRpo;
  return (
    withinTargetFraction === null ||
    withinTargetFraction < 1 ||
    vm.health !== 'Normal' ||
    vm.resyncCount > 0 ||
    vm.enableFailure !== null ||
    vm.phaseAtEnd === 'paused' ||
    vm.phaseAtEnd === 'critical' ||
    vm.timeline.some(({ phase }) => phase === 'critical')
  );
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
  const keyed = vms.map((vm) => ({ vm, key: column.order(vm) }));
  keyed.sort(({ key: a }, { key: b }) => {
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    return a < b ? -sign : a > b ? sign : 0;
  });
  return keyed.map(({ vm }) => vm);
}
