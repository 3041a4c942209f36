import type { Delimiter } from '../formats/csv.ts';
import type { Column, Measure, Unit } from './columns.ts';
import type { DiskRow, InventoryFile, RowChurn, VmRow } from './inventory-file.ts';
import { checkName } from './names.ts';
import { countOf, fewNames, ProblemList } from './problem-list.ts';
import { QuantityReader } from './quantity.ts';
import { type OnRow, readTable } from './table.ts';
import type { TableSource } from './table-source.ts';
import { MAX_BYTES_PER_SEC, MAX_DISKS } from './vms.ts';
import type { VmsColumn } from './vms-columns.ts';

/** A column of a known tool's export. Its unit is the tool's, not the header's: RVTools calls MiB `MB`. */
export interface ExportColumn<K extends string = string> {
  readonly key: K;
  /** Its headers, as {@link headerKey} has them; the first that the file has is taken. */
  readonly names: readonly string[];
  readonly measure?: Measure;
  readonly unit?: Unit;
  /** The tool writes whole numbers only: a sign between groups of three digits is a thousands separator. */
  readonly isWhole?: boolean;
  readonly isRequired?: boolean;
}

/** A header's name: letters and digits, lower case. `*Server name` and `Server Name` are one, `Capacity MB` and `Capacity MiB` are not. */
export function headerKey(header: string): string {
  return header.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

/** The unit of a tool that writes one: a factor to bytes, or to bytes per second. */
export function inUnit(factor: number): Unit {
  return { factor, isShare: false };
}

/** What a cell says that answers yes or no, in the languages in which spreadsheets write it. */
export function isYes(text: string): boolean {
  return /^(true|yes|1|wahr|vrai|verdadero|verdadeiro|vero|waar|prawda)$/i.test(text);
}

/** Takes the rows of one export and keeps what comes of them. */
export class Export {
  readonly problems: ProblemList;
  readonly disks: DiskRow[] = [];
  readonly vms: VmRow[] = [];
  /** Names and counts for the warnings at the end, by what they are of. */
  readonly #noted = new Map<string, string[]>();
  readonly #dropped = new Map<string, number>();
  readonly #columns = new Map<string, Column<string>>();
  readonly #wholes = new Set<string>();
  readonly #vmKeys = new Set<string>();
  #quantities: QuantityReader;
  #cells: readonly string[] = [];
  #row = 0;
  #rowCount = 0;

  constructor(file: string) {
    this.problems = new ProblemList(file);
    this.#quantities = new QuantityReader(',', this.problems);
  }

  /** The row at hand: the file's line, the first is 1. */
  get row(): number {
    return this.#row;
  }

  /** Whether the file has the column. */
  has(key: string): boolean {
    return this.#columns.has(key);
  }

  /** The cell as written, without blanks around it; '' where there is none. */
  text(key: string): string {
    const column = this.#columns.get(key);
    return column === undefined ? '' : (this.#cells[column.index] ?? '').trim();
  }

  /** The name in a cell, reported where it is none. */
  name(key: string, what: string, text: string = this.text(key)): string {
    checkName(text, what, this.headerOf(key), this.#row, this.problems);
    return text;
  }

  /** The VM's name; `undefined` where it has none, which is reported. */
  vm(text: string = this.text('vm')): string | undefined {
    if (text !== '') return this.name('vm', 'VM', text);
    this.error('vms-empty-name', 'vm', 'The VM has no name.', 'Name the VM in each of its rows.');
    return undefined;
  }

  /** The number in a cell, in bytes or the like; `undefined` where the cell is empty, or holds none, which is reported. */
  number(key: string): number | undefined {
    const column = this.#columns.get(key);
    const text = this.text(key);
    if (column === undefined || text === '') return undefined;
    const plain = this.#wholes.has(key) && GROUPED.test(text) ? text.replace(/[^\d-]/g, '') : text;
    const value = this.#quantities.read(column, plain, this.#row)?.value;
    if (value === undefined || Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value;
    this.error('export-number-too-large', key, 'Nothing is as large as this.', 'Check the number.');
    return undefined;
  }

  /** The rate in a cell; a refused one is 0, so that it is no second error as a missing one. */
  churn(key: string): RowChurn | undefined {
    if (this.text(key) === '') return undefined;
    const perSec = this.number(key) ?? 0;
    this.checkRate(key, perSec);
    return { perSec, isShare: false };
  }

  /** Reports a rate in bytes per second that no disk has. */
  checkRate(key: string, perSec: number): void {
    if (perSec < 0) {
      this.error('vms-negative-churn', key, 'Churn cannot be negative.', 'Give 0 or more.');
    } else if (perSec > MAX_BYTES_PER_SEC) {
      this.error('vms-churn-too-high', key, 'No disk is written at more than 10 GB/s.', 'Check the number.');
    }
  }

  /** Keeps a disk of the row at hand; beyond {@link MAX_DISKS} none, which is reported once. */
  addDisk(disk: Omit<DiskRow, 'row'>): void {
    if (this.disks.length === MAX_DISKS) {
      const remedy = 'Split the file and plan the parts one by one.';
      this.problems.error('vms-too-many-disks', { row: this.#row }, `More than ${MAX_DISKS} disks.`, remedy);
    }
    if (this.disks.length <= MAX_DISKS) this.disks.push({ row: this.#row, ...disk });
  }

  /** @returns whether it was taken: a VM that was there before is not, which is warned of at the end */
  addVm(vm: Omit<VmRow, 'row'>): boolean {
    const key = vm.vm.toLowerCase();
    if (this.#vmKeys.has(key)) {
      this.note('again', vm.vm);
      return false;
    }
    this.#vmKeys.add(key);
    this.vms.push({ row: this.#row, ...vm });
    return true;
  }

  /** Leaves the row aside. */
  drop(reason: string): void {
    this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + 1);
  }

  /** Keeps a name for a warning that is given once for all rows: {@link warnOf}. */
  note(of: string, name: string): void {
    const names = this.#noted.get(of);
    if (names === undefined) this.#noted.set(of, [name]);
    else names.push(name);
  }

  /** Warns of what was noted, if anything was; `message` takes the count and the first names. */
  warnOf(
    of: string,
    code: string,
    message: (count: string, names: string) => string,
    noun: string,
    remedy: string,
  ): void {
    const names = this.#noted.get(of);
    if (names === undefined) return;
    this.problems.warning(code, {}, message(countOf(names.length, noun), fewNames(names)), remedy);
  }

  /** Reports an error in a cell of the row at hand. */
  error(code: string, key: string, message: string, remedy: string, value: string = this.text(key)): void {
    this.problems.error(code, { row: this.#row, column: this.headerOf(key), value }, message, remedy);
  }

  /** The header of a column as written; its key where the file has none. */
  headerOf(key: string): string {
    return this.#columns.get(key)?.header ?? key;
  }

  /**
   * Reads the table: finds the columns, then gives each row to `onRow`, while {@link text} and the like tell of it.
   *
   * @param headersOf puts the headers right where the tool's own are not: called with them as written
   */
  async read(
    source: TableSource,
    columnsOf: readonly ExportColumn[] | ((headers: readonly string[]) => readonly ExportColumn[]),
    onRow: () => void,
    headersOf: (headers: readonly string[]) => readonly string[] = (headers) => headers,
  ): Promise<void> {
    let headers: readonly string[] = [];
    const bare = withoutHeaders(source, (written) => {
      headers = written;
    });
    await readTable(bare, [], this.problems, (_, headerRow, delimiter): OnRow | undefined => {
      const named = headersOf(headers);
      this.#begin(typeof columnsOf === 'function' ? columnsOf(named) : columnsOf, headers, named, headerRow, delimiter);
      if (this.problems.errorCount > 0) return undefined;
      return (cells, row) => {
        this.#rowCount++;
        this.#cells = cells;
        this.#row = row;
        onRow();
      };
    });
    this.#quantities.settle();
  }

  #begin(
    specs: readonly ExportColumn[],
    headers: readonly string[],
    named: readonly string[],
    row: number,
    delimiter: Delimiter,
  ): void {
    this.#quantities = new QuantityReader(delimiter, this.problems);
    const keys = named.map(headerKey);
    for (const { key, names, measure = 'text', unit, isWhole, isRequired } of specs) {
      const name = names.find((candidate) => keys.includes(candidate));
      const index = name === undefined ? -1 : keys.indexOf(name);
      if (index < 0) {
        if (isRequired === true) this.#reportMissing(names[0]!, row, headers);
        continue;
      }
      const header = (headers[index] ?? '').trim();
      if (keys.indexOf(name!, index + 1) >= 0) {
        const message = `There are two columns "${header}".`;
        this.problems.error(
          'csv-same-column-twice',
          { row, column: header },
          message,
          'Delete one of the two columns.',
        );
      }
      this.#columns.set(key, {
        key,
        measure,
        header,
        index,
        unit: unit ?? (measure === 'count' ? inUnit(1) : undefined),
      });
      if (isWhole === true) this.#wholes.add(key);
    }
  }

  #reportMissing(name: string, row: number, headers: readonly string[]): void {
    const found = fewNames(headers.map((header) => header.trim()).filter((header) => header !== ''));
    const message = `There is no column "${name}". Found: ${found}.`;
    this.problems.error(
      'csv-missing-column',
      { row, column: name },
      message,
      'Export the table again, with all columns.',
    );
  }

  /** What all the rows came to; to be asked once, at the end. */
  done(format: string): InventoryFile {
    if (this.disks.length > MAX_DISKS) this.disks.pop();
    this.warnOf(
      'again',
      'inventory-vm-twice',
      (count, names) => `${count} of VMs that have one already; their first rows are taken: ${names}.`,
      'row',
      'Delete the rows that are not to be planned.',
    );
    return {
      ...{ format, rows: this.disks, vms: this.vms, excluded: [], hasDiskColumn: true, problems: this.problems },
      headerOf: (key: VmsColumn) => this.headerOf(key),
      dropped: this.#dropped,
      rowCount: this.#rowCount,
    };
  }
}

/** `40,960`, `1.024.000`, `40 960`, `40'960`. */
const GROUPED = /^-?\d{1,3}([.,'’\s]\d{3})+$/;

/** The table without names in its header, so that its reader reports none as unknown, and without empty cells beyond it. */
function withoutHeaders(source: TableSource, onHeaders: (headers: readonly string[]) => void): TableSource {
  return {
    ...source,
    read(sink) {
      let length = 0;
      return source.read({
        header(cells, line, delimiter) {
          onHeaders(cells);
          length = cells.length;
          return sink.header(
            cells.map(() => ''),
            line,
            delimiter,
          );
        },
        record: (cells, line) => sink.record(withoutTail(cells, length), line),
        fault: (fault) => sink.fault(fault),
      });
    },
  };
}

function withoutTail(cells: readonly string[], length: number): readonly string[] {
  if (cells.length <= length || cells.slice(length).some((cell) => cell.trim() !== '')) return cells;
  return cells.slice(0, length);
}
