import { warnOfCase } from './names.ts';
import type { DiskRow, VmsFile } from './vms.ts';

/** The disks of a file that are to be planned, told apart, and how to find one by its names. */
export interface Inventory {
  readonly file: VmsFile;
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
  readonly row: DiskRow;
}

/** The disk is in the file, but the file leaves it out. */
export const EXCLUDED = -1;
/** The name of a VM's only disk where the file gives none. */
export const ONLY_DISK = 'disk0';

/** Groups the rows by VM, in file order, and reports names that do not tell the disks apart. */
export function takeInventory(file: VmsFile): Inventory {
  const rowsByVm = Map.groupBy(file.rows, (row) => row.vm);
  const indexes = new Map<string, Map<string, number>>();
  const vms: InventoryVm[] = [];
  let diskCount = 0;
  for (const [name, rows] of rowsByVm) {
    const disks = tellDisksApart(rows, diskCount, file);
    diskCount += disks.length;
    indexes.set(name, new Map(disks.map((disk) => [disk.name, disk.index])));
    vms.push({ name, host: onlyHost(rows, file), disks });
  }
  addExcluded(file, indexes);
  warnOfCase(rowsByVm.keys(), 'VM', file.problems);
  for (const what of ['host', 'volume'] as const) {
    warnOfCase(new Set(file.rows.map((row) => row[what])), what, file.problems);
  }
  return { file, vms, indexes, diskCount };
}

function tellDisksApart(rows: readonly DiskRow[], firstIndex: number, file: VmsFile): InventoryDisk[] {
  const byName = new Map<string, InventoryDisk>();
  for (const row of rows) {
    if (row.disk === '' && rows.length > 1) {
      reportUnnamed(row, rows, file);
      continue;
    }
    const name = row.disk === '' ? ONLY_DISK : row.disk;
    const first = byName.get(name);
    if (first === undefined) byName.set(name, { name, index: firstIndex + byName.size, row });
    else {
      const message = `The disk "${name}" of VM "${row.vm}" is in row ${first.row.row} already.`;
      const remedy = 'Delete one of the two rows, or correct the name.';
      file.problems.error(
        'vms-duplicate-disk',
        { row: row.row, column: file.headerOf('disk'), value: name },
        message,
        remedy,
      );
    }
  }
  warnOfCase(byName.keys(), `disk of VM "${rows[0]!.vm}"`, file.problems);
  return [...byName.values()];
}

function reportUnnamed(row: DiskRow, rows: readonly DiskRow[], file: VmsFile): void {
  // With no disk column every row but the first is one too many; the first is a fine row per VM.
  if (!file.hasDiskColumn && row === rows[0]) return;
  const message = `VM "${row.vm}" has ${rows.length} rows, and this one names no disk.`;
  const remedy = file.hasDiskColumn
    ? 'Name the disk in each row of the VM.'
    : 'Add a column "disk" that names each disk, or keep one row per VM.';
  file.problems.error('vms-unnamed-disk', { row: row.row, column: file.headerOf('disk'), value: '' }, message, remedy);
}

function onlyHost(rows: readonly DiskRow[], file: VmsFile): string | undefined {
  const first = rows.find((row) => row.host !== '');
  const other = rows.find((row) => row.host !== '' && row.host !== first?.host);
  if (other !== undefined) {
    const message = `VM "${other.vm}" is on host "${first!.host}" in row ${first!.row} and on "${other.host}" here.`;
    const place = { row: other.row, column: file.headerOf('host'), value: other.host };
    file.problems.error('vms-two-hosts', place, message, 'Give the host that runs the VM in all of its rows.');
  }
  return first?.host;
}

function addExcluded(file: VmsFile, indexes: Map<string, Map<string, number>>): void {
  for (const { vm, disk } of file.excluded) {
    const disks = indexes.get(vm) ?? new Map<string, number>();
    indexes.set(vm, disks);
    const name = disk === '' ? ONLY_DISK : disk;
    if (!disks.has(name)) disks.set(name, EXCLUDED);
  }
}
