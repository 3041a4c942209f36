import { fileNameOf } from './disk-path.ts';
import type { Excluder } from './exclusions.ts';
import type { DiskRow, InventoryFile } from './inventory-file.ts';
import { type JoinedDisk, joinRows } from './join-rows.ts';
import { warnOfCase } from './names.ts';
import { withVmRows } from './vm-rows.ts';

/** The disks that are to be planned, of all files together, told apart, and how to find one by its names. */
export interface Inventory {
  readonly files: readonly InventoryFile[];
  readonly vms: readonly InventoryVm[];
  /** By the VM's name, by the disk's name: the disk's index in file order, or {@link EXCLUDED}. */
  readonly indexes: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly diskCount: number;
}

export interface InventoryVm {
  readonly name: string;
  /** `undefined`: none of its rows names one. */
  readonly host: string | undefined;
  readonly disks: readonly InventoryDisk[];
}

export interface InventoryDisk {
  readonly name: string;
  readonly index: number;
  /** What all files together say of it. */
  readonly row: DiskRow;
  /** The file in whose row it came first: problems with it are told of that row. */
  readonly file: InventoryFile;
}

/** The disk is in a file, but the file leaves it out. */
export const EXCLUDED = -1;
/** The name of a VM's only disk where the file gives none. */
export const ONLY_DISK = 'disk0';

/** Puts the rows of all files together by VM, in their order, and reports names that do not tell the disks apart. */
export function takeInventory(files: readonly InventoryFile[], excluder?: Excluder): Inventory {
  const indexes = new Map<string, Map<string, number>>();
  const vms: InventoryVm[] = [];
  let diskCount = 0;
  const all = withVmRows(joinRows(files.flatMap(disksOf)), files, ONLY_DISK);
  const isLeftOut = (disk: JoinedDisk): boolean => excluder?.excludes(namesOf(disk)) === true;
  const { kept: joined = [], out = [] } = Object.groupBy(all, (disk) => (isLeftOut(disk) ? 'out' : 'kept'));
  for (const [name, members] of Map.groupBy(joined, ({ vm }) => vm)) {
    const disks = members.map(({ name: disk, row, file }, at) => ({ name: disk, index: diskCount + at, row, file }));
    diskCount += disks.length;
    indexes.set(name, new Map(disks.map((disk) => [disk.name, disk.index])));
    vms.push({ name, host: onlyHost(disks), disks });
  }
  for (const file of files) {
    addExcluded(file.excluded, indexes);
    warnOfNames(file);
  }
  addExcluded(
    out.map(({ vm, name }) => ({ vm, disk: name })),
    indexes,
  );
  return { files, vms, indexes, diskCount };
}

/** The disks of one file, each with a name of its own within its VM. */
function disksOf(file: InventoryFile): JoinedDisk[] {
  return [...Map.groupBy(file.rows, (row) => row.vm)].flatMap(([vm, rows]) => tellDisksApart(vm, rows, file));
}

function tellDisksApart(vm: string, rows: readonly DiskRow[], file: InventoryFile): JoinedDisk[] {
  const byName = new Map<string, JoinedDisk>();
  for (const row of rows) {
    const own = row.disk === '' && row.path !== undefined ? fileNameOf(row.path) : row.disk;
    if (own === '' && rows.length > 1) {
      reportUnnamed(row, rows, file);
      continue;
    }
    // Of two files of one name in different folders the second is told apart by its path.
    const isTaken = byName.has(own) && row.path !== undefined && byName.get(own)!.row.path !== row.path;
    const name = own === '' ? ONLY_DISK : isTaken ? row.path! : own;
    const first = byName.get(name);
    if (first === undefined) byName.set(name, { vm, name, row, file });
    else reportTwice(name, first.row, row, file);
  }
  // Without a VM the rows are of many.
  if (vm !== '') checkHost(rows, file);
  return [...byName.values()];
}

function reportTwice(name: string, first: DiskRow, row: DiskRow, file: InventoryFile): void {
  const message = `The disk "${name}" of VM "${row.vm}" is in row ${first.row} already.`;
  const remedy = 'Delete one of the two rows, or correct the name.';
  const place = { row: row.row, column: file.headerOf('disk'), value: name };
  file.problems.error('vms-duplicate-disk', place, message, remedy);
}

function reportUnnamed(row: DiskRow, rows: readonly DiskRow[], file: InventoryFile): void {
  // With no disk column every row but the first is one too many; the first is a fine row per VM.
  if (!file.hasDiskColumn && row === rows[0]) return;
  const message = `VM "${row.vm}" has ${rows.length} rows, and this one names no disk.`;
  const remedy = file.hasDiskColumn
    ? 'Name the disk in each row of the VM.'
    : 'Add a column "disk" that names each disk, or keep one row per VM.';
  file.problems.error('vms-unnamed-disk', { row: row.row, column: file.headerOf('disk'), value: '' }, message, remedy);
}

/** The host of the first file that names one; a VM may have moved between two exports. */
function onlyHost(disks: readonly InventoryDisk[]): string | undefined {
  const first = disks.find(({ row }) => row.host !== '');
  const other = disks.find(({ row, file }) => row.host !== '' && row.host !== first?.row.host && file !== first?.file);
  if (first !== undefined && other !== undefined) {
    const { row, file } = other;
    const message = `VM "${row.vm}" is on host "${first.row.host}" in ${first.file.problems.file} and on "${row.host}" here; the first is taken.`;
    const place = { row: row.row, column: file.headerOf('host'), value: row.host };
    file.problems.warning('join-two-hosts', place, message, 'Give the file with the right host first.');
  }
  return first?.row.host;
}

function checkHost(rows: readonly DiskRow[], file: InventoryFile): void {
  const first = rows.find(({ host }) => host !== '');
  const other = rows.find(({ host }) => host !== '' && host !== first?.host);
  if (other === undefined) return;
  const message = `VM "${other.vm}" is on host "${first!.host}" in row ${first!.row} and on "${other.host}" here.`;
  const place = { row: other.row, column: file.headerOf('host'), value: other.host };
  file.problems.error('vms-two-hosts', place, message, 'Give the host that runs the VM in all of its rows.');
}

function warnOfNames(file: InventoryFile): void {
  warnOfCase(new Set(file.rows.map((row) => row.vm)), 'VM', file.problems);
  for (const [vm, rows] of Map.groupBy(file.rows, (row) => row.vm)) {
    warnOfCase(new Set(rows.map(({ disk }) => disk)), `disk of VM "${vm}"`, file.problems);
  }
  for (const what of ['host', 'volume'] as const) {
    warnOfCase(new Set(file.rows.map((row) => row[what])), what, file.problems);
  }
}

/** What a disk can be called by. */
function namesOf({
  vm,
  name,
  row,
}: JoinedDisk): Readonly<Record<'vm' | 'disk' | 'host' | 'volume', readonly string[]>> {
  return {
    vm: [vm],
    disk: [name, ...(row.path === undefined ? [] : [row.path])],
    host: [row.host],
    volume: [row.volume],
  };
}

function addExcluded(excluded: InventoryFile['excluded'], indexes: Map<string, Map<string, number>>): void {
  for (const { vm, disk } of excluded) {
    const disks = indexes.get(vm) ?? new Map<string, number>();
    indexes.set(vm, disks);
    const name = disk === '' ? ONLY_DISK : disk;
    if (!disks.has(name)) disks.set(name, EXCLUDED);
  }
}
