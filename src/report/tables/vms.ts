import { CAUSES } from '../../model/cause.ts';
import type { PlanVm } from '../../plan/plan.ts';
import { CONSTRAINT_STYLES } from '../charts/constraint-styles.ts';
import { mainHold } from '../held-back.ts';
import { shownName } from '../shown-name.ts';
import { CONFIDENCE_WORDS } from '../vm-facts.ts';
import { standingOf } from '../vm-table.ts';
import { listText, shownText } from './cell-text.ts';
import { type ColumnOf, defineTable, type TableMaker } from './table.ts';

const IDENTITY: readonly ColumnOf<PlanVm>[] = [
  { key: 'name', title: 'VM', kind: 'text', of: (vm) => shownName(vm.name) },
  { key: 'host', title: 'Host', kind: 'text', of: (vm) => shownName(vm.host) },
  { key: 'cloud', title: 'Cloud of VMM', kind: 'text', of: (vm) => (vm.cloud === null ? null : shownName(vm.cloud)) },
  { key: 'health', title: 'Health at end', kind: 'text', of: standingOf },
  { key: 'healthReasons', title: 'Why', kind: 'text', of: (vm) => listText(vm.healthReasons) },
  { key: 'phaseAtEnd', title: 'Phase at end', kind: 'text', of: (vm) => vm.phaseAtEnd },
];

const RPO: readonly ColumnOf<PlanVm>[] = [
  { key: 'rpoMaxMs', title: 'Worst RPO', kind: 'duration', of: (vm) => vm.steadyRpo.maxMs },
  { key: 'rpoP95Ms', title: 'RPO for 95 % of the time', kind: 'duration', of: (vm) => vm.steadyRpo.p95Ms },
  { key: 'rpoP50Ms', title: 'RPO, median', kind: 'duration', of: (vm) => vm.steadyRpo.p50Ms },
  {
    key: 'withinTargetShare',
    title: 'Within target',
    kind: 'share',
    of: (vm) => vm.steadyRpo.withinTargetFraction,
  },
  { key: 'lastBreachAtMs', title: 'Last breach', kind: 'instant', of: (vm) => vm.lastBreachAtMs },
  {
    key: 'heldBackBy',
    title: 'Held back by',
    kind: 'text',
    of: (vm) => {
      const hold = mainHold(vm);
      return hold === undefined ? null : CONSTRAINT_STYLES[hold.constraint].title;
    },
  },
  { key: 'heldBackShare', title: 'Held back', kind: 'share', of: (vm) => mainHold(vm)?.share ?? null },
  { key: 'copyFrequencyMs', title: 'Copy frequency', kind: 'duration', of: (vm) => vm.copyFrequencyMs },
];

const INITIAL: readonly ColumnOf<PlanVm>[] = [
  {
    key: 'initialReplicationStartMs',
    title: 'Initial replication begins',
    kind: 'instant',
    of: (vm) => vm.initialReplication.startMs,
  },
  {
    key: 'initialReplicationEndMs',
    title: 'Initial replication ends',
    kind: 'instant',
    of: (vm) => vm.initialReplication.endMs,
  },
  { key: 'protectedAtMs', title: 'Protected', kind: 'instant', of: (vm) => vm.protectedAtMs },
  { key: 'firstDeltaAtMs', title: 'First delta', kind: 'instant', of: (vm) => vm.firstDeltaAtMs },
];

const AMOUNTS: readonly ColumnOf<PlanVm>[] = [
  { key: 'diskCount', title: 'Disks', kind: 'number', of: (vm) => vm.diskCount },
  { key: 'provisionedBytes', title: 'Provisioned', kind: 'bytes', of: (vm) => vm.provisionedBytes },
  { key: 'usedBytes', title: 'Used', kind: 'bytes', of: (vm) => vm.usedBytes },
  { key: 'churnBytesPerDay', title: 'Churn per day', kind: 'bytes', of: (vm) => vm.churnBytesPerDay },
  { key: 'churnIsKnown', title: 'Churn is known', kind: 'text', of: (vm) => CONFIDENCE_WORDS[vm.confidence] },
  { key: 'sentInitialBytes', title: 'Sent, initial', kind: 'bytes', of: (vm) => vm.sentBytes.initial },
  { key: 'sentDeltaBytes', title: 'Sent, deltas', kind: 'bytes', of: (vm) => vm.sentBytes.delta },
  { key: 'sentResyncBytes', title: 'Sent, resynchronization', kind: 'bytes', of: (vm) => vm.sentBytes.resync },
  { key: 'hrlPeakBytes', title: 'Log peak', kind: 'bytes', of: (vm) => vm.hrlPeakBytes },
  { key: 'hrlPeakAtMs', title: 'Log peak at', kind: 'instant', of: (vm) => vm.hrlPeakAtMs },
  { key: 'hrlPeakShare', title: 'Log peak of a disk', kind: 'share', of: (vm) => vm.hrlPeakRatio },
  { key: 'snapshotPeakBytes', title: 'Snapshot peak', kind: 'bytes', of: (vm) => vm.snapshotPeakBytes },
  {
    key: 'recoveryPointPeakBytes',
    title: 'Recovery points, peak',
    kind: 'bytes',
    of: (vm) => vm.recoveryPoints.storagePeakBytes,
  },
];

const EVENTS: readonly ColumnOf<PlanVm>[] = [
  { key: 'cyclesCompleted', title: 'Cycles completed', kind: 'number', of: (vm) => vm.cycles.completed },
  { key: 'cyclesMissed', title: 'Cycles missed', kind: 'number', of: (vm) => vm.cycles.missed },
  { key: 'cyclesFailed', title: 'Cycles failed', kind: 'number', of: (vm) => vm.cycles.failed },
  { key: 'resyncCount', title: 'Resynchronizations', kind: 'number', of: (vm) => vm.resyncCount },
  {
    key: 'resyncCauses',
    title: 'Their causes',
    kind: 'text',
    of: (vm) => listText(vm.resyncCauses.map(({ cause, count }) => `${CAUSES[cause].title}: ${count}`)),
  },
  {
    key: 'lastError',
    title: 'Last error',
    kind: 'text',
    of: (vm) => (vm.lastError === null ? null : CAUSES[vm.lastError].title),
  },
  {
    key: 'enableFailure',
    title: 'Why it is not protected',
    kind: 'text',
    of: (vm) => (vm.enableFailure === null ? null : shownText(vm.enableFailure)),
  },
  {
    key: 'resyncWireBytes',
    title: 'A resynchronization sends',
    kind: 'bytes',
    of: (vm) => vm.resyncCost.resync.wireBytes,
  },
  {
    key: 'resyncDurationMs',
    title: 'A resynchronization lasts',
    kind: 'duration',
    unit: 'h',
    of: (vm) => vm.resyncCost.resync.durationMs,
  },
  { key: 'fullCopyWireBytes', title: 'A full copy sends', kind: 'bytes', of: (vm) => vm.resyncCost.fullCopy.wireBytes },
  {
    key: 'fullCopyDurationMs',
    title: 'A full copy lasts',
    kind: 'duration',
    unit: 'h',
    of: (vm) => vm.resyncCost.fullCopy.durationMs,
  },
];

/** Every VM with all that is said of it. */
export const vms: TableMaker = defineTable<PlanVm>({
  id: 'vms',
  title: 'VMs',
  sheet: 'VMs',
  note: 'A row per VM. RPO counts from the first delta on; held back is the share of the run under the constraint that held longest.',
  columns: [...IDENTITY, ...RPO, ...INITIAL, ...AMOUNTS, ...EVENTS],
  items: (plan) => plan.vms,
});

interface VmDisk {
  readonly vm: PlanVm;
  readonly name: string;
  readonly endMs: number | null;
}

/** The disks that initial replication sent, in its order. */
export const disks: TableMaker = defineTable<VmDisk>({
  id: 'disks',
  title: 'Disks',
  sheet: 'Disks',
  note: 'A row per disk that initial replication had to send, in the order of sending; none where the run begins without one.',
  columns: [
    { key: 'vm', title: 'VM', kind: 'text', of: ({ vm }) => shownName(vm.name) },
    { key: 'disk', title: 'Disk', kind: 'text', of: ({ name }) => shownName(name) },
    { key: 'host', title: 'Host', kind: 'text', of: ({ vm }) => shownName(vm.host) },
    { key: 'initialReplicationEndMs', title: 'Initial replication ends', kind: 'instant', of: ({ endMs }) => endMs },
  ],
  items: (plan) => plan.vms.flatMap((vm) => vm.initialReplication.disks.map((disk) => ({ vm, ...disk }))),
});
