import type { DiskPlacement, Plan, PlanVm, VmCompatibility, VmPlacement } from '../../plan/plan.ts';
import { shownName } from '../shown-name.ts';
import { listText, shownText } from './cell-text.ts';
import { type ColumnOf, defineTable, type TableMaker } from './table.ts';

/** A VM with what the rules say of it. */
interface JudgedVm {
  readonly vm: PlanVm;
  readonly judged: VmCompatibility | undefined;
  /** Absent between sites. */
  readonly placed: VmPlacement | undefined;
}

/** The columns of the deployment planner's two sheets of VMs for which a plan has values (facts 2.3, 4 and 5). */
const COLUMNS: readonly ColumnOf<JudgedVm>[] = [
  { key: 'name', title: 'VM name', kind: 'text', of: ({ vm }) => shownName(vm.name) },
  { key: 'host', title: 'Hyper-V host', kind: 'text', of: ({ vm }) => shownName(vm.host) },
  { key: 'diskCount', title: 'Number of disks', kind: 'number', of: ({ vm }) => vm.diskCount },
  { key: 'provisionedBytes', title: 'Disk size', kind: 'bytes', of: ({ vm }) => vm.provisionedBytes },
  { key: 'usedBytes', title: 'Used', kind: 'bytes', of: ({ vm }) => vm.usedBytes },
  { key: 'churnBytesPerDay', title: 'Churn per day', kind: 'bytes', of: ({ vm }) => vm.churnBytesPerDay },
  { key: 'storage', title: 'Storage type', kind: 'text', of: ({ placed }) => placed?.storage ?? null },
  { key: 'azureVmSize', title: 'Azure VM size', kind: 'text', of: ({ placed }) => placed?.azureVmSize ?? null },
];

/** VMs that no rule and no prerequisite keeps out. */
export const compatibleVms: TableMaker = defineTable<JudgedVm>({
  id: 'compatible-vms',
  title: 'Compatible VMs',
  sheet: 'Compatible VMs',
  note: 'VMs that break no limit as far as is known, and for which Enable protection did not fail in the run. What could not be checked is named. Churn is the mean of the run, with growth.',
  columns: [
    ...COLUMNS,
    { key: 'verdict', title: 'Verdict', kind: 'text', of: ({ judged }) => judged?.verdict ?? null },
    { key: 'unchecked', title: 'Not checked', kind: 'text', of: ({ judged }) => listText(judged?.unchecked ?? []) },
  ],
  items: (plan) => judgedVms(plan).filter((one) => !isOut(one)),
});

/** The others, and why. */
export const incompatibleVms: TableMaker = defineTable<JudgedVm>({
  id: 'incompatible-vms',
  title: 'Incompatible VMs',
  sheet: 'Incompatible VMs',
  note: 'VMs that break a limit of the service or lack a prerequisite, and why. They still count in the plan unless they are left out.',
  columns: [
    ...COLUMNS.slice(0, 1),
    { key: 'reason', title: 'Reason', kind: 'text', of: (one) => shownText(reasonsOf(one).join('; ')) },
    ...COLUMNS.slice(1),
  ],
  items: (plan) => judgedVms(plan).filter(isOut),
});

interface PlacedDisk extends DiskPlacement {
  readonly vm: string;
  readonly storageReason: string;
}

/** A managed disk for each disk: the deployment planner's placement has storage accounts, which managed disks have taken the place of. */
export const vmStoragePlacement: TableMaker = defineTable<PlacedDisk>({
  id: 'vm-storage-placement',
  title: 'VM-storage placement',
  sheet: 'VM-storage placement',
  note: 'The managed disk that each disk would have in Azure, by the rules in force; none between sites.',
  columns: [
    { key: 'vm', title: 'VM name', kind: 'text', of: ({ vm }) => shownName(vm) },
    { key: 'disk', title: 'Disk', kind: 'text', of: ({ disk }) => shownName(disk) },
    { key: 'sizeBytes', title: 'Disk size', kind: 'bytes', of: ({ sizeBytes }) => sizeBytes },
    { key: 'type', title: 'Disk type', kind: 'text', of: ({ type }) => type },
    { key: 'tier', title: 'Tier', kind: 'text', of: ({ tier }) => tier },
    { key: 'tierReason', title: 'Why this tier', kind: 'text', of: ({ tierReason }) => shownText(tierReason) },
    { key: 'storageReason', title: 'Why this type', kind: 'text', of: ({ storageReason }) => shownText(storageReason) },
  ],
  items: ({ placement }) =>
    (placement?.vms ?? []).flatMap(({ vm, storageReason, disks }) =>
      disks.map((disk) => ({ ...disk, vm, storageReason })),
    ),
});

function judgedVms({ vms, compatibility, placement }: Plan): JudgedVm[] {
  const judged = new Map(compatibility.vms.map((one) => [one.vm, one]));
  const placed = new Map((placement?.vms ?? []).map((one) => [one.vm, one]));
  return vms.map((vm) => ({ vm, judged: judged.get(vm.name), placed: placed.get(vm.name) }));
}

function isOut({ vm, judged }: JudgedVm): boolean {
  return vm.enableFailure !== null || judged?.verdict === 'incompatible';
}

function reasonsOf({ vm, judged }: JudgedVm): string[] {
  const broken = (judged?.failed ?? []).filter(({ effect }) => effect === 'incompatible');
  return [
    ...(vm.enableFailure === null ? [] : [vm.enableFailure]),
    ...broken.map(
      ({ title, value, limit, unit }) => `${title}: found ${String(value)}, limit ${String(limit)} ${unit}`,
    ),
  ];
}
