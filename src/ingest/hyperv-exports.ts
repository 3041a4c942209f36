import { type DiskTraits, knownTraits, type VmTraits } from '../model/traits.ts';
import { MIB } from '../units.ts';
import { isDiskPath } from './disk-path.ts';
import { coresOf, formatOf, kindOf, memoryOf, nicCountOf, sectorOf, withTraits, yesNoOf } from './export-traits.ts';
import { Export, type ExportColumn, headerKey, inUnit, isYes } from './inventory-export.ts';
import type { InventoryFile } from './inventory-file.ts';
import { diskSize, usedWithin, warnOfSizes } from './inventory-sizes.ts';
import type { TableSource } from './table-source.ts';

/** What Hyper-V's cmdlets give, by Export-Csv, by a selection of properties, or by Format-List (formats F3, F4). */
const BYTES = { measure: 'size', unit: inUnit(1), isWhole: true } as const;
const VM: ExportColumn = { key: 'vm', names: ['vmname', 'name'], isRequired: true };
const HOST: ExportColumn = { key: 'host', names: ['computername'] };

/** What the file of a fixed disk has beyond the disk: header, log, tables. */
const FILE_OVERHEAD_BYTES = 64 * MIB;

/** Whether the columns are properties of Get-VHD. */
export function isGetVhd(headers: readonly string[]): boolean {
  const names = headers.map(headerKey);
  const has = (name: string): boolean => names.includes(name);
  if (!has('path') || !has('size')) return false;
  return has('vhdtype') || has('vhdformat') || (has('filesize') && !has('vmname') && !has('vm') && !has('name'));
}

/** Whether the columns are properties of Get-VMHardDiskDrive. */
export function isGetVmHardDiskDrive(headers: readonly string[]): boolean {
  const names = headers.map(headerKey);
  return names.includes('vmname') && names.includes('path') && names.some((name) => /^controller/.test(name));
}

/** Whether the columns are properties of Get-VM. */
export function isGetVm(headers: readonly string[]): boolean {
  const names = headers.map(headerKey);
  const isNamed = names.includes('name') || names.includes('vmname');
  const own = /^(generation|processorcount|memoryassigned|memorystartup|cpuusage|replicationstate)$/;
  return isNamed && names.includes('state') && names.some((name) => own.test(name));
}

/** Whether the columns are properties of Measure-VM. */
export function isMeasureVm(headers: readonly string[]): boolean {
  const names = headers.map(headerKey);
  return names.includes('aggregateddiskdatawritten') && names.some((name) => name === 'vmname' || name === 'name');
}

/** Get-VHD: disks by their paths, with their sizes and what their files take; of no VM, unless a column `VMName` was added. */
export async function readGetVhd(source: TableSource): Promise<InventoryFile> {
  const table = new Export(source.name);
  const columns: readonly ExportColumn[] = [
    { key: 'path', names: ['path'], isRequired: true },
    { key: 'size', names: ['size'], isRequired: true, ...BYTES },
    { key: 'used', names: ['filesize'], ...BYTES },
    { key: 'type', names: ['vhdtype'] },
    { key: 'format', names: ['vhdformat'] },
    { key: 'logical', names: ['logicalsectorsize'] },
    { key: 'physical', names: ['physicalsectorsize'] },
    { key: 'parent', names: ['parentpath'] },
    { key: 'vm', names: ['vmname', 'vm'] },
    HOST,
  ];
  await table.read(source, columns, () => {
    const path = table.name('path', "disk's file");
    if (path === '') {
      table.error('get-vhd-no-path', 'path', 'The disk has no path: nothing tells whose it is.', 'Select Path too.');
      return;
    }
    const sizeBytes = diskSize(table, 'size');
    const usedBytes = usedWithin(table, 'used', sizeBytes, path, FILE_OVERHEAD_BYTES);
    // ConvertTo-Json of PowerShell 5 writes the number.
    const isDifferencing = /^(differencing|4)$/i.test(table.text('type')) || table.text('parent') !== '';
    if (isDifferencing && usedBytes !== undefined) table.note('differencing', path);
    const vm = table.name('vm', 'VM');
    const host = table.name('host', 'host');
    table.addDisk({
      vm,
      disk: '',
      host,
      volume: '',
      path,
      sizeBytes,
      ...(usedBytes === undefined ? {} : { usedBytes }),
      ...withTraits(
        knownTraits<DiskTraits>({
          format: formatOf(table.text('format')),
          kind: kindOf(table.text('type')),
          logicalSectorBytes: sectorOf(table.text('logical')),
          physicalSectorBytes: sectorOf(table.text('physical')),
        }),
      ),
    });
  });
  table.warnOf(
    'differencing',
    'get-vhd-differencing',
    (count, names) => `The used bytes of ${count} are those of the checkpoint alone, without its parents': ${names}.`,
    'differencing disk',
    'Merge the checkpoints before the export, or give the used bytes in another file.',
  );
  warnOfSizes(table);
  return table.done('Get-VHD');
}

/** Get-VMHardDiskDrive: the paths of each VM's disks. Sizes are in Get-VHD. */
export async function readGetVmHardDiskDrive(source: TableSource): Promise<InventoryFile> {
  const table = new Export(source.name);
  const columns: readonly ExportColumn[] = [
    VM,
    HOST,
    { key: 'path', names: ['path'], isRequired: true },
    { key: 'number', names: ['disknumber'] },
    { key: 'shared', names: ['supportpersistentreservations'] },
    { key: 'controller', names: ['controllertype'] },
    { key: 'controllerNumber', names: ['controllernumber'] },
    { key: 'location', names: ['controllerlocation'] },
  ];
  await table.read(source, columns, () => {
    const path = table.name('path', "disk's file");
    const vm = table.vm();
    if (vm === undefined) return;
    if (table.text('number') !== '' && !isDiskPath(path)) {
      table.note('pass-through', `${vm}: disk ${table.text('number')}`);
      return table.drop('a pass-through disk');
    }
    if (path === '') return table.drop('a drive without a disk');
    if (/\.iso$/i.test(path)) return table.drop('a DVD');
    if (isYes(table.text('shared'))) table.note('shared', path);
    table.addDisk({
      vm,
      disk: '',
      host: table.name('host', 'host'),
      volume: '',
      path,
      sizeBytes: 0,
      ...withTraits(driveTraits(table)),
    });
  });
  table.warnOf(
    'pass-through',
    'hyperv-pass-through',
    (count, names) => `${count} left out, since they cannot be replicated: ${names}.`,
    'pass-through disk',
    'Move their data to virtual disks, or protect them by other means.',
  );
  table.warnOf(
    'shared',
    'hyperv-shared-disk',
    (count, names) => `VMs with ${count} cannot be replicated: ${names}.`,
    'shared disk',
    'Exclude these VMs, or protect them by other means.',
  );
  return table.done('Get-VMHardDiskDrive');
}

/**
 * A generation 1 VM starts from its IDE disks, the first of which is at controller 0, location 0; IDE is in no other generation. [inferred]
 * Where generation 2 starts from stands in its firmware, which no file tells.
 */
function driveTraits(table: Export): DiskTraits | undefined {
  const place = ['controller', 'controllerNumber', 'location'].map((key) => table.text(key).toLowerCase()).join(' ');
  return knownTraits<DiskTraits>({
    isShared: yesNoOf(table.text('shared')),
    isOsDisk: place === 'ide 0 0' ? true : undefined,
  });
}

/** Of memory that changes, what the VM starts with or has now, the larger; its maximum is often more than the host has. [chosen] */
function vmTraits(table: Export): VmTraits | undefined {
  const memory = ['startup', 'assigned'].flatMap((key) => memoryOf(table.text(key), 1) ?? []);
  const fibreChannelCount = nicCountOf(table.text('fibreChannel'));
  const generation = table.text('generation');
  return knownTraits<VmTraits>({
    generation: generation === '1' ? 1 : generation === '2' ? 2 : undefined,
    cores: coresOf(table.text('cores')),
    memoryBytes: memory.length === 0 ? undefined : Math.max(...memory),
    nicCount: nicCountOf(table.text('nics')),
    isClustered: yesNoOf(table.text('clustered')),
    hasFibreChannel: fibreChannelCount === undefined ? undefined : fibreChannelCount > 0,
  });
}

/** Get-VM: the host of each VM, its generation, processors and memory. */
export async function readGetVm(source: TableSource): Promise<InventoryFile> {
  const table = new Export(source.name);
  const columns: readonly ExportColumn[] = [
    { ...VM, names: ['name', 'vmname'] },
    HOST,
    { key: 'state', names: ['state'] },
    { key: 'generation', names: ['generation'] },
    { key: 'cores', names: ['processorcount'] },
    { key: 'startup', names: ['memorystartup'] },
    { key: 'assigned', names: ['memoryassigned'] },
    { key: 'clustered', names: ['isclustered'] },
    { key: 'nics', names: ['niccount', 'networkadaptercount'] },
    { key: 'fibreChannel', names: ['fibrechannelcount'] },
  ];
  await table.read(source, columns, () => {
    const vm = table.vm();
    if (vm === undefined) return;
    // VMState (Microsoft.HyperV.PowerShell): Off is 3.
    const isOff = /^(off|3)$/i.test(table.text('state'));
    const isNew = table.addVm({ vm, host: table.name('host', 'host'), ...withTraits(vmTraits(table)) });
    if (isNew && isOff) table.note('off', vm);
  });
  table.warnOf(
    'off',
    'inventory-powered-off',
    (count, names) => `Powered off, and planned too: ${count}: ${names}.`,
    'VM',
    'Exclude those that are not to be replicated.',
  );
  return table.done('Get-VM');
}

/**
 * Measure-VM: what was written to each VM's disks since metering began, on average. The cmdlet gives megabytes; of 1,024² bytes, as its TotalDisk
 * has 130,048 for a disk of 127 GiB.
 */
export async function readMeasureVm(source: TableSource): Promise<InventoryFile> {
  const table = new Export(source.name);
  const columns: readonly ExportColumn[] = [
    VM,
    HOST,
    { key: 'churn', names: ['aggregateddiskdatawritten'], isRequired: true, ...BYTES, unit: inUnit(MIB) },
    { key: 'duration', names: ['meteringduration'] },
  ];
  await table.read(source, columns, () => {
    const vm = table.vm();
    if (vm === undefined) return;
    const host = table.name('host', 'host');
    const written = table.number('churn');
    const seconds = timeSpanSeconds(table.text('duration'));
    if (seconds === undefined) {
      const remedy = 'Export the property as it is, such as 6.21:33:18.';
      table.error('measure-vm-duration', 'duration', 'This is no time span of PowerShell.', remedy);
      return;
    }
    if (written === undefined || seconds === 0) {
      table.note('unmetered', vm);
      table.addVm({ vm, host });
      return;
    }
    const perSec = written / seconds;
    table.checkRate('churn', perSec);
    table.note('mean', vm);
    table.addVm({ vm, host, churn: { perSec, isShare: false } });
  });
  table.warnOf(
    'unmetered',
    'measure-vm-no-duration',
    (count, names) => `${count} without a metering duration or without data: no churn was taken of ${names}.`,
    'VM',
    'Enable-VMResourceMetering, wait some days, and export again.',
  );
  table.warnOf(
    'mean',
    'measure-vm-mean-churn',
    (count) =>
      `The churn of ${count} is an average since metering began: bursts, by which links and logs are sized, do not show in it.`,
    'VM',
    'Measure the busiest VMs with a performance counter.',
  );
  return table.done('Measure-VM');
}

/** `6.21:33:18`, `21:33:18.1234567` (.NET's TimeSpan, "c") in seconds; 0 for an empty text, `undefined` for any other. */
function timeSpanSeconds(text: string): number | undefined {
  if (text === '') return 0;
  const match = /^(?:(\d{1,8})\.)?(\d{1,2}):(\d{2}):(\d{2}(?:\.\d{1,7})?)$/.exec(text);
  if (match === null) return undefined;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
  ];
  return hours > 23 || minutes > 59 || seconds >= 60 ? undefined : ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
}
