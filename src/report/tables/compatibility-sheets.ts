import type { PlanVm } from '../../plan/plan.ts';
import { shownName } from '../shown-name.ts';
import { shownText } from './cell-text.ts';
import { type ColumnOf, defineTable, type TableMaker } from './table.ts';

/** The columns of the deployment planner's two sheets of VMs for which a plan has values (facts 2.3, 4 and 5). */
const COLUMNS: readonly ColumnOf<PlanVm>[] = [
  { key: 'name', title: 'VM name', kind: 'text', of: (vm) => shownName(vm.name) },
  { key: 'host', title: 'Hyper-V host', kind: 'text', of: (vm) => shownName(vm.host) },
  { key: 'diskCount', title: 'Number of disks', kind: 'number', of: (vm) => vm.diskCount },
  { key: 'provisionedBytes', title: 'Disk size', kind: 'bytes', of: (vm) => vm.provisionedBytes },
  { key: 'usedBytes', title: 'Used', kind: 'bytes', of: (vm) => vm.usedBytes },
  { key: 'churnBytesPerDay', title: 'Churn per day', kind: 'bytes', of: (vm) => vm.churnBytesPerDay },
];

/** VMs for which Enable protection did not fail. */
export const compatibleVms: TableMaker = defineTable<PlanVm>({
  id: 'compatible-vms',
  title: 'Compatible VMs',
  sheet: 'Compatible VMs',
  note: 'VMs for which Enable protection did not fail in the run. Churn is the mean of the run, with growth.',
  columns: COLUMNS,
  items: ({ vms }) => vms.filter(({ enableFailure }) => enableFailure === null),
});

/** The others, and why. */
export const incompatibleVms: TableMaker = defineTable<PlanVm>({
  id: 'incompatible-vms',
  title: 'Incompatible VMs',
  sheet: 'Incompatible VMs',
  note: 'VMs for which Enable protection failed in the run, and why.',
  columns: [
    ...COLUMNS.slice(0, 1),
    { key: 'enableFailure', title: 'Reason', kind: 'text', of: (vm) => shownText(vm.enableFailure ?? '') },
    ...COLUMNS.slice(1),
  ],
  items: ({ vms }) => vms.filter(({ enableFailure }) => enableFailure !== null),
});
