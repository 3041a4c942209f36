import type { VmTraits } from '../model/traits.ts';
import { GIB, MIB, TIB } from '../units.ts';
import { ioOf, MACHINE_COLUMNS, machineTraits, withTraits } from './export-traits.ts';
import { Export, type ExportColumn, headerKey, inUnit } from './inventory-export.ts';
import type { InventoryFile } from './inventory-file.ts';
import { diskSize, usedWithin, vmSize, warnOfSizes } from './inventory-sizes.ts';
import type { TableSource } from './table-source.ts';

/**
 * Azure Migrate counts by 1,024 whatever it writes: its assessments have sizes such as 700.1767578125 GB, which are 716,981 MiB exactly. Microsoft's
 * pages say "GB" ("Maximum size of disk, in GB", tutorial-discover-import) and compare it with the sizes of Azure disks, which are GiB.
 * For throughputs nothing is said; the larger reading is taken, which errs on the safe side by 5 %.
 */
const UNITS: ReadonlyMap<string, number> = new Map([
  ['', GIB],
  ['gb', GIB],
  ['gib', GIB],
  ['mb', MIB],
  ['mib', MIB],
  ['tb', TIB],
  ['tib', TIB],
]);
const MB_PER_SEC = { measure: 'churn', unit: inUnit(MIB) } as const;
/** As many as Hyper-V attaches to a VM: 4 SCSI controllers of 64, and 4 by IDE. The template says eight. */
const MAX_DISKS_PER_VM = 260;

const SIZE = /^disk(\d{1,3})size(?:in)?(|[gmt]i?b)$/;
/** Columns of whole VMs whose unit is in the header. */
const TOTAL_SIZE = /^(?:storageallocated|storage|storagesize)(?:in)?(|[gmt]i?b)$/;
const TOTAL_USED = /^(?:storageinuse|storageutilization)(?:in)?(|[gmt]i?b)$/;

const VM: ExportColumn = { key: 'vm', names: ['servername', 'machinename', 'machine', 'vmname'], isRequired: true };
const TOTAL_CHURN: ExportColumn = {
  key: 'churn',
  names: ['totaldiskswritethroughputmbpersecond', 'totaldiskswritethroughput', 'diskwriteinmbps', 'diskwritembps'],
  ...MB_PER_SEC,
};

/** Of whole machines, where an assessment measured them. */
const TOTAL_OPS: readonly ExportColumn[] = [
  { key: 'reads', names: ['diskreadinops', 'diskreadops'] },
  { key: 'writes', names: ['diskwriteinops', 'diskwriteops'] },
];

function totalTraits(table: Export): VmTraits | undefined {
  const [reads, writes] = [ioOf(table.text('reads')), ioOf(table.text('writes'))];
  return machineTraits(table, {
    ...(writes === undefined ? {} : { writesPerSec: writes }),
    ...(reads === undefined || writes === undefined ? {} : { ioPerSec: reads + writes }),
  });
}

/** Whether the headers are those of the CSV with which servers are imported into Azure Migrate: a row per server, columns per disk (formats F9). */
export function isAzureMigrateImport(headers: readonly string[]): boolean {
  const names = headers.map(headerKey);
  const hasSizes = names.some((name) => SIZE.test(name) || /^storage(inuse|allocated)/.test(name));
  return names.includes('servername') && names.includes('cores') && hasSizes;
}

/** Whether the headers are those of an assessment that was exported from Azure Migrate: a row per machine. */
export function isAzureMigrateAssessment(headers: readonly string[]): boolean {
  const names = headers.map(headerKey);
  const has = (...some: readonly string[]): boolean => some.some((name) => names.includes(name));
  return (
    (has('machinename') || has('machine')) &&
    has('storageingb', 'storagegb') &&
    has('recommendedvmsize', 'diskwriteinmbps', 'diskwritembps', 'disknames')
  );
}

/** The CSV for the import: a disk for each `Disk N size` with a size; of a server without any, one VM as large as its storage. */
export function readAzureMigrateImport(source: TableSource): Promise<InventoryFile> {
  return readServers(source, 'Azure Migrate import');
}

/** An assessment: each machine's storage and, where it was measured, what its disks are written on average. */
export function readAzureMigrateAssessment(source: TableSource): Promise<InventoryFile> {
  return readServers(source, 'Azure Migrate assessment');
}

async function readServers(source: TableSource, format: string): Promise<InventoryFile> {
  const table = new Export(source.name);
  let numbers: readonly number[] = [];
  await table.read(
    source,
    (headers) => {
      const names = headers.map(headerKey);
      numbers = diskNumbers(names);
      return [
        VM,
        TOTAL_CHURN,
        ...TOTAL_OPS,
        ...MACHINE_COLUMNS,
        ...totals(names),
        ...numbers.flatMap((number) => diskColumns(number, names)),
      ];
    },
    () => {
      const vm = table.vm();
      if (vm !== undefined) readServer(table, vm, numbers);
    },
  );
  warn(table);
  return table.done(format);
}

function diskNumbers(names: readonly string[]): number[] {
  const numbers = new Set(names.flatMap((name) => SIZE.exec(name)?.[1] ?? []).map(Number));
  return [...numbers].sort((a, b) => a - b).slice(0, MAX_DISKS_PER_VM);
}

function diskColumns(number: number, names: readonly string[]): ExportColumn[] {
  const isOwn = (name: string): boolean => Number(SIZE.exec(name)?.[1] ?? Number.NaN) === number;
  const sizes = names.filter(isOwn);
  const written = `${/^disk(\d+)/.exec(sizes[0] ?? '')?.[1] ?? number}`;
  const throughput = `disk${written}writethroughput`;
  const ops = `disk${written}writeops`;
  const reads = `disk${written}readops`;
  return [
    sized(`size${number}`, sizes, SIZE, 2),
    {
      key: `churn${number}`,
      names: [`${throughput}mbpersecond`, `${throughput}inmbps`, `${throughput}mbps`, throughput],
      ...MB_PER_SEC,
    },
    { key: `reads${number}`, names: [`${reads}operationspersecond`, reads] },
    { key: `ops${number}`, names: [`${ops}operationspersecond`, ops], measure: 'count' },
  ];
}

function totals(names: readonly string[]): ExportColumn[] {
  return [
    sized(
      'size',
      names.filter((name) => TOTAL_SIZE.test(name)),
      TOTAL_SIZE,
      1,
    ),
    sized(
      'used',
      names.filter((name) => TOTAL_USED.test(name)),
      TOTAL_USED,
      1,
    ),
  ];
}

function sized(key: string, names: readonly string[], pattern: RegExp, group: number): ExportColumn {
  const unit = pattern.exec(names[0] ?? '')?.[group] ?? '';
  return { key, names: names.slice(0, 1), measure: 'size', unit: inUnit(UNITS.get(unit) ?? GIB) };
}

function readServer(table: Export, vm: string, numbers: readonly number[]): void {
  let isAnyDisk = false;
  for (const number of numbers) {
    const [size, written, ops] = [`size${number}`, `churn${number}`, `ops${number}`];
    const [sizeText, writtenText, opsText] = [table.text(size), table.text(written), table.text(ops)];
    // A server with fewer disks than the file has columns for them: nothing, or zeros.
    if ([sizeText, writtenText, opsText].every((text) => /^0*$/.test(text))) continue;
    isAnyDisk = true;
    const churn = table.churn(written);
    const writesPerSec = table.number(ops);
    if (writesPerSec !== undefined && writesPerSec < 0) {
      table.error('vms-negative-iops', ops, 'Writes per second cannot be negative.', 'Give 0 or more.');
    }
    const reads = ioOf(table.text(`reads${number}`));
    if (churn !== undefined) table.note('mean', vm);
    table.addDisk({
      ...{ vm, disk: `Disk ${number}`, host: '', volume: '', sizeBytes: diskSize(table, size) },
      ...(churn === undefined ? {} : { churn }),
      ...(writesPerSec === undefined ? {} : { writesPerSec }),
      ...(reads === undefined || writesPerSec === undefined ? {} : { traits: { ioPerSec: reads + writesPerSec } }),
    });
  }
  const sizeBytes = isAnyDisk ? undefined : vmSize(table, 'size', vm);
  if (!isAnyDisk && sizeBytes === undefined) table.note('sizeless', vm);
  const used = usedWithin(table, 'used', sizeBytes ?? 0, vm);
  // What is used of a server that runs is not nothing: it was not measured.
  if (used === 0) table.note('unused', vm);
  const churn = table.churn('churn');
  if (churn !== undefined) table.note('mean', vm);
  table.addVm({
    ...{ vm, host: '' },
    ...(used === undefined || used === 0 ? {} : { usedBytes: used }),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    ...(churn === undefined ? {} : { churn }),
    ...withTraits(totalTraits(table)),
  });
}

function warn(table: Export): void {
  table.warnOf(
    'mean',
    'azure-migrate-mean-churn',
    (count) =>
      `The write throughput of ${count} is an average: bursts, by which links and logs are sized, do not show in it.`,
    'disk',
    'Measure the busiest VMs with a performance counter.',
  );
  table.warnOf(
    'unused',
    'azure-migrate-no-used',
    (count, names) => `Nothing is said to be used in ${count}: it was not measured, and is left open: ${names}.`,
    'row',
    'Give the used bytes in another file, or plan with full disks.',
  );
  table.warnOf(
    'sizeless',
    'azure-migrate-no-size',
    (count, names) => `No size of a disk is told of ${count}: nothing is planned for it here: ${names}.`,
    'server',
    'Give the sizes of the disks, or another file with them.',
  );
  warnOfSizes(table);
}
