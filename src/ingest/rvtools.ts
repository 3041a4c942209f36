import { type DiskTraits, knownTraits } from '../model/traits.ts';
import { MIB } from '../units.ts';
import { MACHINE_COLUMNS, machineTraits, withTraits, yesNoOf } from './export-traits.ts';
import { Export, type ExportColumn, headerKey, inUnit, isYes } from './inventory-export.ts';
import type { InventoryFile } from './inventory-file.ts';
import { diskSize, usedWithin, vmSize, warnOfSizes } from './inventory-sizes.ts';
import { countOf, fewNames } from './problem-list.ts';
import type { TableSource } from './table-source.ts';

/**
 * RVTools: an inventory of VMware, as CSV files per sheet or one workbook (formats F11). It tells sizes, no churn. Columns that it calls `MB` in its
 * older releases are MiB: newer ones write the same numbers under `MiB`.
 */
const MIBS = { measure: 'size', unit: inUnit(MIB), isWhole: true } as const;

const COMMON: readonly ExportColumn[] = [
  { key: 'vm', names: ['vm', 'vmname'], isRequired: true },
  { key: 'power', names: ['powerstate'] },
  { key: 'template', names: ['template'] },
  { key: 'placeholder', names: ['srmplaceholder'] },
  { key: 'host', names: ['host', 'hostname'] },
];

const DISK_COLUMNS: readonly ExportColumn[] = [
  ...COMMON,
  { key: 'disk', names: ['disk', 'label'], isRequired: true },
  { key: 'size', names: ['capacitymib', 'capacitymb', 'capacity'], isRequired: true, ...MIBS },
  { key: 'path', names: ['path'] },
  { key: 'diskPath', names: ['diskpath'] },
  { key: 'thin', names: ['thin'] },
  { key: 'sharing', names: ['sharingmode', 'sharing'] },
];

const INFO_COLUMNS: readonly ExportColumn[] = [
  ...COMMON,
  ...MACHINE_COLUMNS,
  { key: 'used', names: ['inusemib', 'inusemb', 'inuse'], isRequired: true, ...MIBS },
  { key: 'size', names: ['totaldiskcapacitymib', 'totaldiskcapacitymb', 'totaldiskcapacity'], ...MIBS },
  { key: 'provisioned', names: ['provisionedmib', 'provisionedmb', 'provisioned'], ...MIBS },
];

const PARTITION_COLUMNS: readonly ExportColumn[] = [
  ...COMMON,
  { key: 'disk', names: ['disk'] },
  { key: 'size', names: ['capacitymib', 'capacitymb', 'capacity'], ...MIBS },
  { key: 'used', names: ['consumedmib', 'consumedmb', 'consumed'], isRequired: true, ...MIBS },
];

/** Whether the headers are those of the sheet vDisk: a row per virtual disk. */
export function isVDisk(headers: readonly string[]): boolean {
  const names = namesOf(headers);
  return isOfVms(names) && hasOne(names, 'capacity') && !hasOne(names, 'consumed') && names.includes('disk');
}

/** Whether the headers are those of the sheet vInfo: a row per VM. */
export function isVInfo(headers: readonly string[]): boolean {
  const names = namesOf(headers);
  return isOfVms(names) && hasOne(names, 'inuse') && hasOne(names, 'provisioned');
}

/** Whether the headers are those of the sheet vPartition: a row per file system in a guest. */
export function isVPartition(headers: readonly string[]): boolean {
  const names = namesOf(headers);
  return isOfVms(names) && hasOne(names, 'capacity') && hasOne(names, 'consumed');
}

/** vDisk: a row per disk, its size, its VMDK's path where the export has it, and the datastore in that as the volume. */
export function readVDisk(source: TableSource): Promise<InventoryFile> {
  return readSheet(source, 'RVTools vDisk', DISK_COLUMNS, (table, vm) => {
    const disk = table.name('disk', 'disk');
    const host = table.name('host', 'host');
    const path = table.text('diskPath') || table.text('path');
    table.name(table.text('diskPath') === '' ? 'path' : 'diskPath', "disk's file", path);
    const volume = /^\[([^\]]+)\]/.exec(path)?.[1] ?? '';
    table.addDisk({
      ...{ vm, disk, host, volume, sizeBytes: diskSize(table, 'size') },
      ...(path === '' ? {} : { path }),
      ...withTraits(diskTraits(table)),
    });
  });
}

function diskTraits(table: Export): DiskTraits | undefined {
  const isThin = yesNoOf(table.text('thin'));
  const sharing = /^sharing(none|multiwriter)$/i.exec(table.text('sharing'))?.[1]?.toLowerCase();
  return knownTraits<DiskTraits>({
    kind: isThin === undefined ? undefined : isThin ? 'dynamic' : 'fixed',
    isShared: sharing === undefined ? undefined : sharing !== 'none',
  });
}

/** vInfo: a row per VM, its host, what it uses, and the size of its disks together. */
export function readVInfo(source: TableSource): Promise<InventoryFile> {
  return readSheet(
    source,
    'RVTools vInfo',
    INFO_COLUMNS,
    (table, vm) => {
      const host = table.name('host', 'host');
      // What is provisioned counts the swap file and logs too: a little more than the disks.
      const sizeBytes = vmSize(table, table.has('size') ? 'size' : 'provisioned', vm);
      const usedBytes = usedWithin(table, 'used', sizeBytes ?? 0, vm);
      table.addVm({
        ...{ vm, host },
        ...(usedBytes === undefined ? {} : { usedBytes }),
        ...(sizeBytes === undefined ? {} : { sizeBytes }),
        ...withTraits(machineTraits(table)),
      });
    },
    (table) => {
      if (table.has('size') || !table.has('provisioned')) return;
      const message =
        'Without a column "Total disk capacity MiB", VMs are as large as what is provisioned, swap files included.';
      const place = { column: table.headerOf('provisioned') };
      table.problems.warning('rvtools-provisioned', place, message, 'Give the sheet vDisk as well: it has the disks.');
    },
  );
}

/** vPartition: what the file systems of each VM consume together. VMs without VMware Tools are not in it. */
export async function readVPartition(source: TableSource): Promise<InventoryFile> {
  const usedOf = new Map<string, { row: number; vm: string; host: string; usedBytes: number }>();
  const file = await readSheet(source, 'RVTools vPartition', PARTITION_COLUMNS, (table, vm) => {
    const host = table.name('host', 'host');
    const sizeBytes = Math.max(0, Math.round(table.number('size') ?? 0));
    const usedBytes = usedWithin(table, 'used', sizeBytes, `${vm} ${table.text('disk')}`) ?? 0;
    const known = usedOf.get(vm.toLowerCase());
    if (known === undefined) usedOf.set(vm.toLowerCase(), { row: table.row, vm, host, usedBytes });
    else known.usedBytes += usedBytes;
  });
  return { ...file, vms: [...usedOf.values()] };
}

async function readSheet(
  source: TableSource,
  format: string,
  columns: readonly ExportColumn[],
  onVm: (table: Export, vm: string) => void,
  atEnd: (table: Export) => void = () => {},
): Promise<InventoryFile> {
  const table = new Export(source.name);
  const off = new Set<string>();
  let renamed: string | undefined;
  await table.read(
    source,
    columns,
    () => {
      if (isYes(table.text('template'))) return table.drop('a template');
      if (isYes(table.text('placeholder'))) return table.drop('an SRM placeholder');
      const vm = table.vm();
      if (vm === undefined) return;
      if (/off$/i.test(table.text('power'))) off.add(vm);
      onVm(table, vm);
    },
    (headers) => {
      const names = namesOf(headers);
      if (!isVmMissing(names)) return names;
      renamed = headers[0]!.trim();
      return ['vm', ...names.slice(1)];
    },
  );
  if (renamed !== undefined) {
    const message = `The first column is "${renamed}" where RVTools has "VM": it is taken as the names of the VMs.`;
    table.problems.warning('rvtools-vm-renamed', { row: 1, column: renamed }, message, 'Name the column VM.');
  }
  if (off.size > 0) {
    const message = `${countOf(off.size, 'VM')} that ${off.size === 1 ? 'is' : 'are'} powered off will be planned too: ${fewNames([...off])}.`;
    table.problems.warning('inventory-powered-off', {}, message, 'Exclude those that are not to be replicated.');
  }
  warnOfSizes(table);
  atEnd(table);
  return table.done(format);
}

/** The headers' names; those of a raw export without the sheet's (`vInfoVMName`, `vDiskCapacityMiB`). */
function namesOf(headers: readonly string[]): string[] {
  const names = headers.map(headerKey);
  const sheet = ['vinfo', 'vdisk', 'vpartition'].find(
    (prefix) => names.filter((name) => name.startsWith(prefix)).length > 2,
  );
  if (sheet === undefined) return names;
  return names.map((name) => (name.startsWith(sheet) && name !== sheet ? name.slice(sheet.length) : name));
}

function hasOne(names: readonly string[], name: string): boolean {
  return names.some((candidate) => candidate === name || candidate === `${name}mib` || candidate === `${name}mb`);
}

/** All sheets of VMs have their names and power states. */
function isOfVms(names: readonly string[]): boolean {
  return names.includes('powerstate') && (names.includes('vm') || names.includes('vmname') || isVmMissing(names));
}

/** A header that became something else by a replacement in the whole file: the VMs are where RVTools has them, before the power state. */
function isVmMissing(names: readonly string[]): boolean {
  return names[1] === 'powerstate' && !names.includes('vm') && !names.includes('vmname');
}
