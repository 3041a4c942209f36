import { type Bytes, type BytesPerSec, formatBytes, MIB, TIB } from '../units.ts';
import { type Column, type Columns, readingOf } from './columns.ts';
import type { DiskRow, InventoryFile, RowChurn } from './inventory-file.ts';
import { checkName } from './names.ts';
import { countOf, ProblemList } from './problem-list.ts';
import { QuantityReader } from './quantity.ts';
import { type OnRow, readTable } from './table.ts';
import type { TableSource } from './table-source.ts';
import { type VmsColumn, vmsColumns } from './vms-columns.ts';
import { traitsOf } from './vms-traits.ts';

/** Largest VHDX (Microsoft, "Hyper-V scalability": 64 TB for VHDX). */
export const MAX_DISK_BYTES: Bytes = 64 * TIB;
/** One chunk of a resynchronization; of a much smaller disk an empty log would be half already. [chosen] */
export const MIN_DISK_BYTES: Bytes = MIB;
/** Beyond it the unit is wrong, most likely (issue 2). */
export const MAX_BYTES_PER_SEC: BytesPerSec = 10e9;
/** Each disk costs memory in every later step; a larger file is most likely no inventory. [chosen] */
export const MAX_DISKS = 200_000;
/** More than any Hyper-V VM has (Microsoft, "Hyper-V scalability"). */
const MAX_MEMORY_BYTES: Bytes = 240 * TIB;
/** One sector: no write is smaller. */
export const MIN_WRITE_BYTES: Bytes = 512;

/**
 * Reads the inventory: every row is judged on its own, and all that is wrong is reported in one pass. Without measured
 * churn the churn column is required.
 */
export async function readVms(source: TableSource, isChurnMeasured: boolean): Promise<InventoryFile> {
  const problems = new ProblemList(source.name);
  const rows: DiskRow[] = [];
  const excluded: { vm: string; disk: string }[] = [];
  let quantities: QuantityReader | undefined;
  let columns: Columns<VmsColumn> = new Map();
  let rowCount = 0;
  let read: string[] = [];
  await readTable(source, vmsColumns(isChurnMeasured), problems, (found, _row, delimiter): OnRow => {
    columns = found;
    read = readingOf(found, delimiter);
    quantities = new QuantityReader(delimiter, problems);
    const reader = new RowReader(columns, quantities, problems);
    return (cells, row) => {
      rowCount++;
      if (rows.length > MAX_DISKS) return;
      const name = { vm: reader.text('vm', cells), disk: reader.text('disk', cells) };
      if (reader.isExcluded(cells, row)) excluded.push(name);
      else reader.addTo(rows, cells, row);
    };
  });
  quantities?.settle();
  if (rows.length > MAX_DISKS) reportTooMany(rows.pop()!.row, problems);
  if (excluded.length > 0) reportExcluded(excluded.length, rows.length, problems);
  const headerOf = (key: VmsColumn): string => columns.get(key)?.header ?? key;
  return {
    ...{
      format: 'inventory CSV',
      read,
      rows,
      vms: [],
      excluded,
      hasDiskColumn: columns.has('disk'),
      headerOf,
      problems,
      rowCount,
    },
    dropped: new Map(excluded.length === 0 ? [] : [['excluded by its own column', excluded.length]]),
  };
}

function reportTooMany(row: number, problems: ProblemList): void {
  const message = `More than ${MAX_DISKS} disks; the rows from here on were not read.`;
  problems.error('vms-too-many-disks', { row }, message, 'Split the file and plan the parts one by one.');
}

function reportExcluded(count: number, keptCount: number, problems: ProblemList): void {
  if (keptCount === 0 && problems.errorCount === 0) {
    problems.error(
      'vms-all-excluded',
      {},
      'Every disk is excluded.',
      'Keep at least one: leave its exclude cell empty.',
    );
  } else {
    const message = `${countOf(count, 'disk')} left out: the column "exclude" says so.`;
    problems.warning('vms-excluded-disks', {}, message, 'Empty the exclude cell of a disk that is to be planned.');
  }
}

/** Reads the cells of one row after the other, reporting what is wrong with each. */
class RowReader {
  private readonly columns: Columns<VmsColumn>;
  private readonly quantities: QuantityReader;
  private readonly problems: ProblemList;

  constructor(columns: Columns<VmsColumn>, quantities: QuantityReader, problems: ProblemList) {
    this.columns = columns;
    this.quantities = quantities;
    this.problems = problems;
  }

  text(key: VmsColumn, cells: readonly string[]): string {
    const column = this.columns.get(key);
    return column === undefined ? '' : (cells[column.index] ?? '').trim();
  }

  isExcluded(cells: readonly string[], row: number): boolean {
    const text = this.text('exclude', cells);
    if (/^(yes|y|true|1|x)$/i.test(text)) return true;
    if (/^(no|n|false|0|)$/i.test(text)) return false;
    this.error(
      'vms-wrong-exclude',
      'exclude',
      text,
      row,
      'This is neither yes nor no.',
      'Write yes, or leave the cell empty.',
    );
    return false;
  }

  addTo(rows: DiskRow[], cells: readonly string[], row: number): void {
    const sizeBytes = this.size(cells, row);
    const usedBytes = this.used(cells, row, sizeBytes);
    const churn = this.churn(cells, row);
    const meanWriteBytes = this.meanWrite(cells, row);
    const writesPerSec = this.perSec('write_iops', cells, row);
    const traits = this.traits(cells, row, writesPerSec);
    const vm = this.name('vm', cells, row);
    const disk = this.name('disk', cells, row);
    const host = this.name('host', cells, row);
    const volume = this.name('volume', cells, row);
    if (vm === '') {
      this.error('vms-empty-name', 'vm', '', row, 'The VM has no name.', 'Name the VM in each of its rows.');
      return;
    }
    rows.push({
      ...{ row, vm, disk, host, volume, sizeBytes: sizeBytes ?? 0 },
      ...(usedBytes === undefined ? {} : { usedBytes }),
      ...(churn === undefined ? {} : { churn }),
      ...(meanWriteBytes === undefined ? {} : { meanWriteBytes }),
      ...(writesPerSec === undefined ? {} : { writesPerSec }),
      ...traits,
    });
  }

  private name(key: VmsColumn, cells: readonly string[], row: number): string {
    const text = this.text(key, cells);
    const what = key === 'vm' ? 'VM' : key;
    checkName(text, what, this.columns.get(key)?.header ?? key, row, this.problems);
    return text;
  }

  private size(cells: readonly string[], row: number): Bytes | undefined {
    const text = this.text('size', cells);
    if (text === '') {
      this.error(
        'vms-missing-size',
        'size',
        '',
        row,
        'The disk has no size.',
        'Give its virtual size, or exclude the disk.',
      );
      return undefined;
    }
    const bytes = this.bytes('size', text, row);
    if (bytes === undefined) return undefined;
    if (bytes <= 0) {
      this.error(
        'vms-size-not-positive',
        'size',
        text,
        row,
        'A disk is larger than 0 bytes.',
        'Give its virtual size.',
      );
      return undefined;
    }
    if (bytes < MIN_DISK_BYTES) {
      const message = `The disk is smaller than ${formatBytes(MIN_DISK_BYTES)}.`;
      this.error('vms-size-too-small', 'size', text, row, message, 'Check the unit.');
      return undefined;
    }
    if (bytes <= MAX_DISK_BYTES) return bytes;
    const message = `The disk is larger than ${formatBytes(MAX_DISK_BYTES)}, the limit of a VHDX.`;
    this.error('vms-size-too-large', 'size', text, row, message, 'Check the unit.');
    return undefined;
  }

  private used(cells: readonly string[], row: number, sizeBytes: Bytes | undefined): Bytes | undefined {
    const text = this.text('used', cells);
    const bytes = text === '' ? undefined : this.bytes('used', text, row);
    if (bytes === undefined) return undefined;
    if (bytes < 0) {
      this.error('vms-negative-used', 'used', text, row, 'Used bytes cannot be negative.', 'Give 0 or more.');
    } else if (sizeBytes !== undefined && bytes > sizeBytes) {
      const message = `More is used (${formatBytes(bytes)}) than the disk's size (${formatBytes(sizeBytes)}).`;
      this.error(
        'vms-used-over-size',
        'used',
        text,
        row,
        message,
        'Check the units of both (GB is 10^9, GiB is 2^30 bytes).',
      );
    }
    return bytes;
  }

  private churn(cells: readonly string[], row: number): RowChurn | undefined {
    const text = this.text('churn', cells);
    const column = this.columns.get('churn');
    if (text === '' || column === undefined) return undefined;
    // What was refused is no missing churn: that would be a second error on one cell.
    const quantity = this.quantities.read(column, text, row) ?? { value: 0, isShare: false };
    if (quantity.value < 0) {
      this.error('vms-negative-churn', 'churn', text, row, 'Churn cannot be negative.', 'Give 0 or more.');
    } else if (!quantity.isShare && quantity.value > MAX_BYTES_PER_SEC) {
      const message = 'No disk is written at more than 10 GB/s.';
      this.error('vms-churn-too-high', 'churn', text, row, message, 'Check the unit (MB/s or GiB/day).');
    }
    return { perSec: quantity.value, isShare: quantity.isShare };
  }

  private meanWrite(cells: readonly string[], row: number): Bytes | undefined {
    const text = this.text('mean_write', cells);
    const bytes = text === '' ? undefined : this.bytes('mean_write', text, row);
    if (bytes !== undefined && bytes < MIN_WRITE_BYTES) {
      const message = `No write is smaller than a sector of ${MIN_WRITE_BYTES} bytes.`;
      this.error(
        'vms-mean-write-too-small',
        'mean_write',
        text,
        row,
        message,
        'Check the unit, or leave the cell empty.',
      );
    }
    return bytes;
  }

  private traits(cells: readonly string[], row: number, writesPerSec: number | undefined): ReturnType<typeof traitsOf> {
    return traitsOf({
      text: (key) => this.text(key, cells),
      refuse: (key, text, form) =>
        this.error('vms-wrong-trait', key, text, row, `This is no ${key}.`, `Write ${form}, or leave the cell empty.`),
      memoryBytes: this.memory(cells, row),
      readsPerSec: this.perSec('read_iops', cells, row),
      writesPerSec,
    });
  }

  private memory(cells: readonly string[], row: number): Bytes | undefined {
    const text = this.text('memory', cells);
    const bytes = text === '' ? undefined : this.bytes('memory', text, row);
    if (bytes === undefined || (bytes > 0 && bytes <= MAX_MEMORY_BYTES)) return bytes;
    this.error('vms-wrong-memory', 'memory', text, row, 'No VM has so much or so little memory.', 'Check the unit.');
    return undefined;
  }

  private perSec(key: 'write_iops' | 'read_iops', cells: readonly string[], row: number): number | undefined {
    const text = this.text(key, cells);
    const column = this.columns.get(key);
    const value = text === '' || column === undefined ? undefined : this.quantities.read(column, text, row)?.value;
    if (value !== undefined && value < 0) {
      this.error(
        'vms-negative-iops',
        key,
        text,
        row,
        `${key === 'write_iops' ? 'Writes' : 'Reads'} per second cannot be negative.`,
        'Give 0 or more.',
      );
    }
    return value;
  }

  private bytes(key: VmsColumn, text: string, row: number): Bytes | undefined {
    const quantity = this.quantities.read(this.columns.get(key) as Column<VmsColumn>, text, row);
    return quantity === undefined ? undefined : Math.round(quantity.value);
  }

  private error(code: string, key: VmsColumn, value: string, row: number, message: string, remedy: string): void {
    this.problems.error(code, { row, column: this.columns.get(key)?.header ?? key, value }, message, remedy);
  }
}
