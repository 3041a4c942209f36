import type { OutageCell, StartTolerance, VmResync } from '../../plan/plan.ts';
import { shownName } from '../shown-name.ts';
import { defineTable, type TableMaker } from './table.ts';

/** The longest outage that keeps the objective. */
export const outageTolerance: TableMaker = defineTable<StartTolerance>({
  id: 'outage-tolerance',
  title: 'Outage tolerance',
  sheet: 'Outage tolerance',
  note: 'A row per hour at which an outage of the site’s link was begun, once initial replication is done: how long it may last. The run’s own outages, faults and actions are left out. No safe length: the objective is broken there without any outage. The half-disk columns are arithmetic, the sending left out.',
  columns: [
    { key: 'startMs', title: 'Outage begins', kind: 'instant', of: ({ startMs }) => startMs },
    { key: 'safeMs', title: 'Safe up to', kind: 'duration', of: ({ safeMs }) => safeMs },
    { key: 'breakingMs', title: 'Breaks at', kind: 'duration', of: ({ breakingMs }) => breakingMs },
    { key: 'breaks', title: 'What breaks', kind: 'text', of: ({ breaks }) => breaks },
    { key: 'ladderBoundMs', title: 'Bound of the retry ladder', kind: 'duration', of: (start) => start.ladderBoundMs },
    {
      ...{ key: 'ladderBoundVm', title: 'VM of the bound', kind: 'text' },
      of: ({ ladderBoundVm }) => (ladderBoundVm === null ? null : shownName(ladderBoundVm)),
    },
    {
      ...{ key: 'halfDiskOutageMs', title: 'Marks no VM up to', kind: 'duration' },
      of: ({ halfDisk }) => halfDisk?.outageMs ?? null,
    },
    {
      ...{ key: 'halfDiskReachedAfterMs', title: 'Logs at half a disk after', kind: 'duration' },
      of: ({ halfDisk }) => halfDisk?.reachedAfterMs ?? null,
    },
    {
      ...{ key: 'halfDiskVm', title: 'VM of that disk', kind: 'text' },
      of: ({ halfDisk }) => (halfDisk === null ? null : shownName(halfDisk.vm)),
    },
    {
      ...{ key: 'halfDiskDisk', title: 'That disk', kind: 'text' },
      of: ({ halfDisk }) => (halfDisk === null ? null : shownName(halfDisk.disk)),
    },
  ],
  items: ({ failures }) => failures.starts,
});

/** Outages that were followed until the fleet was whole again. */
export const outagesTried: TableMaker = defineTable<OutageCell>({
  id: 'outages-tried',
  title: 'Outages that were tried',
  sheet: 'Outages tried',
  note: 'A row per outage of the site’s link that was simulated until all VMs were within the objective for good. Healing counts from the link’s return; none where it took too long, or needs a resynchronization.',
  columns: [
    { key: 'startMs', title: 'Begins', kind: 'instant', of: ({ startMs }) => startMs },
    { key: 'lengthMs', title: 'Lasts', kind: 'duration', of: ({ lengthMs }) => lengthMs },
    { key: 'worstAgeMs', title: 'Worst RPO', kind: 'duration', of: ({ worstAgeMs }) => worstAgeMs },
    { key: 'kept', title: 'Objective kept', kind: 'text', of: ({ kept }) => yesNo(kept) },
    { key: 'healMs', title: 'Healed after', kind: 'duration', of: ({ healMs }) => healMs },
    { key: 'markedVmCount', title: 'VMs marked', kind: 'number', of: ({ markedVmCount }) => markedVmCount },
  ],
  items: ({ failures }) => failures.map,
});

/** What it takes to resynchronize each VM. */
export const resynchronization: TableMaker = defineTable<VmResync>({
  id: 'resynchronization',
  title: 'Resynchronization',
  sheet: 'Resynchronization',
  note: 'A row per VM, the worst first, at most 100: its resynchronization after logs of half a disk, alone on the link and with all other VMs at once. No duration with all others: it is not through within the time that was followed.',
  columns: [
    { key: 'vm', title: 'VM', kind: 'text', of: ({ vm }) => shownName(vm) },
    { key: 'changedBytes', title: 'Changed', kind: 'bytes', of: ({ changedBytes }) => changedBytes },
    { key: 'wireBytes', title: 'On the wire', kind: 'bytes', of: ({ wireBytes }) => wireBytes },
    { key: 'fullCopyWireBytes', title: 'A full copy', kind: 'bytes', of: (vm) => vm.fullCopyWireBytes },
    { key: 'aloneMs', title: 'Alone', kind: 'duration', of: ({ aloneMs }) => aloneMs },
    { key: 'stormMs', title: 'With all others', kind: 'duration', of: ({ stormMs }) => stormMs },
    { key: 'restartCount', title: 'Marked anew', kind: 'number', of: ({ restartCount }) => restartCount },
    { key: 'converges', title: 'Gets through', kind: 'text', of: ({ converges }) => yesNo(converges) },
  ],
  items: ({ failures }) => failures.resync.vms,
});

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}
