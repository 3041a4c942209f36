import { GIB, MIB } from '../units.ts';
import { isDiskPath } from './disk-path.ts';
import { ioOf, MACHINE_COLUMNS, machineTraits, withTraits } from './export-traits.ts';
import { Export, type ExportColumn, headerKey, inUnit } from './inventory-export.ts';
import type { InventoryFile } from './inventory-file.ts';
import { diskSize, vmSize, warnOfSizes } from './inventory-sizes.ts';
import type { TableSource } from './table-source.ts';

/** "Growth factor (default is 30 percent)" (hyper-v-deployment-planner-analyze-report): what the planner adds to every churn. */
const GROWTH = 1.3;

/** As with Azure Migrate: GB that are compared with Azure's disks are GiB, and MB/s are read as the larger MiB/s. */
const COLUMNS: readonly ExportColumn[] = [
  { key: 'vm', names: ['vmname'], isRequired: true },
  { key: 'compatibility', names: ['vmcompatibility'] },
  { key: 'count', names: ['numberofdisks'], measure: 'count' },
  ...MACHINE_COLUMNS,
  { key: 'io', names: ['peakrwiopswithgrowthfactor', 'peakreadwriteiopswithgrowthfactor'] },
  {
    key: 'size',
    names: ['disksizegb', 'disksizegib', 'disksize'],
    measure: 'size',
    unit: inUnit(GIB),
    isRequired: true,
  },
  {
    ...{ key: 'churn', measure: 'churn', unit: inUnit(MIB), isRequired: true },
    names: [
      'peakdatachurninmbswithgrowthfactor',
      'peakdatachurnmbpswithgrowthfactor',
      'peakdatachurnmbswithgrowthfactor',
    ],
  },
];

/** Whether the headers are those of the sheet "Compatible VMs" of the ASR deployment planner, or of "Incompatible VMs" (formats F8). */
export function isPlannerSheet(headers: readonly string[]): boolean {
  const names = headers.map(headerKey);
  return (
    names.includes('vmname') &&
    names.some((name) => name.startsWith('peakdatachurn')) &&
    names.some((name) => name.startsWith('disksize'))
  );
}

interface PlannedVm {
  readonly row: number;
  readonly vm: string;
  readonly host: string;
  readonly diskCount: number | undefined;
  seen: number;
}

/** A row per VM, `NAME (HOST)`, and under it one per disk. The planner's churn is a peak (95th percentile), with growth, which is taken off. */
export async function readPlannerSheet(source: TableSource): Promise<InventoryFile> {
  const table = new Export(source.name);
  let current: PlannedVm | undefined;
  await table.read(source, COLUMNS, () => {
    if (isOfVm(table)) {
      checkCount(table, current);
      current = readVm(table);
    } else if (current === undefined) {
      const remedy = "Keep the sheet's order: each VM before its disks.";
      table.error('planner-disk-without-vm', 'vm', 'The disk stands before any VM.', remedy);
    } else {
      readDisk(table, current);
    }
  });
  checkCount(table, current);
  table.warnOf(
    'churn',
    'planner-growth-removed',
    (count) =>
      `The churn of ${count} is the planner's 95th percentile with growth; its default growth of 30 % was taken off, and no hour is known in which it comes.`,
    'row',
    'Where the report was made with another -GrowthFactor, correct the churn; measure the busiest VMs with a performance counter.',
  );
  table.warnOf(
    'count',
    'planner-disk-count',
    (count, names) => `The number of disks is not that of the rows under ${count}: ${names}.`,
    'VM',
    'Export the whole sheet, with the rows of all disks.',
  );
  warnOfSizes(table);
  return table.done('ASR deployment planner');
}

/** Rows of disks have a name, a size and loads only. */
function isOfVm(table: Export): boolean {
  if (table.has('count') || table.has('cores')) return table.text('count') !== '' || table.text('cores') !== '';
  return table.text('compatibility') !== '' || !isDiskPath(table.text('vm'));
}

function readVm(table: Export): PlannedVm | undefined {
  // The name ends where the last bracket opens: VMs may have brackets of their own.
  const match = /^(.*\S)\s*\(([^()]+)\)$/.exec(table.text('vm'));
  const vm = table.vm(match?.[1] ?? table.text('vm'));
  if (vm === undefined) return undefined;
  const host = table.name('vm', 'host', match?.[2]?.trim() ?? '');
  const sizeBytes = vmSize(table, 'size', vm);
  const churn = churnOf(table);
  table.addVm({
    vm,
    host,
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    ...(churn === undefined ? {} : { churn }),
    ...withTraits(machineTraits(table, ioTraits(table))),
  });
  const diskCount = table.number('count');
  return { row: table.row, vm, host, diskCount, seen: 0 };
}

function readDisk(table: Export, owner: PlannedVm): void {
  owner.seen++;
  const text = table.name('vm', 'disk');
  if (text === '') {
    table.error('vms-unnamed-disk', 'vm', 'The disk has no name.', 'Name the disk, or delete the row.');
    return;
  }
  const names = isDiskPath(text) && /[\\/]/.test(text) ? { disk: '', path: text } : { disk: text };
  const churn = churnOf(table);
  const io = ioTraits(table);
  table.addDisk({
    ...{ vm: owner.vm, host: owner.host, volume: '', ...names, sizeBytes: diskSize(table, 'size') },
    ...(churn === undefined ? {} : { churn }),
    ...withTraits(Object.keys(io).length === 0 ? undefined : io),
  });
}

/** The planner's peak of reads and writes, without its growth. */
function ioTraits(table: Export): { readonly ioPerSec?: number } {
  const io = ioOf(table.text('io'));
  return io === undefined ? {} : { ioPerSec: io / GROWTH };
}

function churnOf(table: Export): { perSec: number; isShare: false } | undefined {
  const churn = table.churn('churn');
  if (churn === undefined) return undefined;
  table.note('churn', table.text('vm'));
  return { perSec: churn.perSec / GROWTH, isShare: false };
}

function checkCount(table: Export, vm: PlannedVm | undefined): void {
  if (vm?.diskCount !== undefined && vm.diskCount !== vm.seen) table.note('count', vm.vm);
}
