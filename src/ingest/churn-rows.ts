import type { CsvFault, Delimiter } from '../formats/csv.ts';
import { type LongColumns, LongCsvScanner, type LongCsvSink, splitRecord } from '../formats/long-csv.ts';
import type { Problem } from '../model/problem.ts';
import { type Bytes, type Millis, SECOND_MS } from '../units.ts';
import { CHURN_COLUMNS, type ChurnColumn, timeColumn } from './churn-columns.ts';
import { type ChurnFile, Offsets } from './churn-file.ts';
import type { ChurnStore } from './churn-store.ts';
import { type Column, type Columns, matchColumns, readingOf } from './columns.ts';
import { DiskFinder } from './disk-finder.ts';
import { EXCLUDED, type Inventory } from './inventory.ts';
import { formatOffset, parseIsoTime, type WrittenTime } from './iso-time.ts';
import { ProblemList } from './problem-list.ts';
import { QuantityReader } from './quantity.ts';
import { reportEnd, reportExtraCells, reportFault } from './table.ts';
import type { ByteSource } from './text-source.ts';

/** A name of which no row has come yet. */
const UNSEEN = -2;
/** 2200-01-01: a later epoch is another unit, not a date. */
const MAX_EPOCH_MS: Millis = 7_258_118_400_000;

/**
 * Reads `time, vm, disk, write_bytes` (formats F10). The inventory tells which disks there are. Plain rows are scanned as bytes; any other row is
 * read cell by cell, with care.
 */
export async function readChurn(
  source: ByteSource,
  inventory: Inventory,
  store: ChurnStore,
  fileIndex: number,
): Promise<ChurnFile> {
  const reader = new ChurnReader(source.name, inventory, store, fileIndex);
  const scanner = new LongCsvScanner(reader);
  for await (const chunk of source.chunks) {
    scanner.push(chunk);
    if (scanner.isDone) break;
  }
  scanner.end();
  return reader.file(source.brokenOff?.());
}

class ChurnReader implements LongCsvSink {
  readonly #problems: ProblemList;
  readonly #store: ChurnStore;
  readonly #fileIndex: number;
  readonly #disks: DiskFinder;
  readonly #offsets = new Offsets();
  readonly #usedBefore: number;
  /** Disk by the scanner's number of its names; {@link EXCLUDED} where its rows are not taken. */
  readonly #diskOf: number[] = [];
  readonly #names: (readonly [vm: string, disk: string])[] = [];
  #columns: Columns<ChurnColumn> = new Map();
  #delimiter: Delimiter = ',';
  #headerLength = 0;
  #hasHeader = false;
  #quantities: QuantityReader | undefined;
  #cells: RowReader | undefined;
  #unitBytes: number | undefined;
  #timeHeader = 'time';
  #lastOffsetMs = Number.NEGATIVE_INFINITY;
  #rowCount = 0;

  constructor(name: string, inventory: Inventory, store: ChurnStore, fileIndex: number) {
    this.#problems = new ProblemList(name);
    this.#store = store;
    this.#fileIndex = fileIndex;
    this.#disks = new DiskFinder(inventory, this.#problems);
    this.#usedBefore = store.length + store.summedCount;
  }

  header(cells: readonly string[], line: number, delimiter: Delimiter): LongColumns | undefined {
    this.#hasHeader = true;
    this.#headerLength = cells.length;
    this.#delimiter = delimiter;
    const columns = matchColumns(CHURN_COLUMNS, cells, line, this.#problems);
    if (this.#problems.errorCount > 0) return undefined;
    const time = timeColumn(columns, line, this.#problems);
    if (time === undefined) return undefined;
    this.#columns = columns;
    this.#timeHeader = time.header;
    this.#quantities = new QuantityReader(delimiter, this.#problems);
    this.#cells = new RowReader(columns, time, this.#quantities, this.#problems);
    const write = columns.get('write')!;
    this.#unitBytes = write.unit?.factor;
    const timeKind = time.key === 'time' ? 'iso' : time.key === 'epoch_s' ? 'epoch-s' : 'epoch-ms';
    const [vm, disk] = [columns.get('vm')!.index, columns.get('disk')?.index];
    return { time: time.index, timeKind, vm, disk, written: write.index };
  }

  name(id: number, vm: string, disk: string): void {
    // Whose disk is not said is told of the row, when it comes.
    this.#diskOf[id] = UNSEEN;
    this.#names[id] = [vm, disk];
  }

  row(nameId: number, wallMs: Millis, offsetMs: Millis, written: number, line: number): void {
    this.#rowCount++;
    let disk = this.#diskOf[nameId]!;
    if (disk === UNSEEN) {
      disk = this.#disks.find(...this.#names[nameId]!, line) ?? EXCLUDED;
      this.#diskOf[nameId] = disk;
    }
    const isLocal = Number.isNaN(offsetMs);
    if (offsetMs !== this.#lastOffsetMs && !(isLocal && Number.isNaN(this.#lastOffsetMs))) {
      this.#lastOffsetMs = offsetMs;
      this.#offsets.add(isLocal ? undefined : offsetMs);
    }
    const bytes = this.#unitBytes === undefined ? this.#withoutUnit(written, line) : written * this.#unitBytes;
    if (disk < 0 || bytes === undefined) return;
    this.#store.add(disk, this.#fileIndex, line, isLocal ? wallMs : wallMs - offsetMs, isLocal, Math.round(bytes));
  }

  /** A number whose unit neither header nor cell tells: only 0 can do without. */
  #withoutUnit(written: number, line: number): Bytes | undefined {
    return this.#quantities!.read(this.#columns.get('write')!, String(written), line)?.value;
  }

  slow(text: string, line: number): void {
    this.#rowCount++;
    if (/[\uFFFD\0]/.test(text)) {
      const message = 'The row holds bytes that are no text in UTF-8.';
      const remedy = 'In Excel, save as "CSV UTF-8"; in PowerShell, Export-Csv -Encoding utf8.';
      this.#problems.error('text-wrong-encoding', { row: line }, message, remedy);
      return;
    }
    const cells = splitRecord(text, this.#delimiter);
    if (cells === undefined) reportFault({ kind: 'stray-quote', line }, this.#problems);
    else if (cells.length > this.#headerLength) reportExtraCells(cells, this.#headerLength, line, this.#problems);
    else this.#careful(cells, line);
  }

  #careful(cells: readonly string[], line: number): void {
    const reader = this.#cells!;
    const diskIndex = this.#disks.find(reader.text('vm', cells), reader.text('disk', cells), line);
    const timeMs = reader.timeMs(cells, line);
    const writtenBytes = reader.writtenBytes(cells, line);
    if (timeMs === undefined) return;
    const { offsetMs } = reader;
    this.#offsets.add(offsetMs);
    if (diskIndex === undefined || diskIndex === EXCLUDED || writtenBytes === undefined) return;
    this.#store.add(diskIndex, this.#fileIndex, line, timeMs - (offsetMs ?? 0), offsetMs === undefined, writtenBytes);
  }

  fault(fault: CsvFault): void {
    reportFault(fault, this.#problems);
  }

  #readNotes(): string[] {
    const named = [...this.#offsets.named].map(formatOffset);
    const local = this.#offsets.hasLocal ? ['local times'] : [];
    return [
      ...readingOf(this.#columns, this.#delimiter),
      [...local, ...(named.length === 0 ? [] : [`times of UTC${named.slice(0, 5).join(', ')}`])].join(' and ') ||
        'no times',
    ];
  }

  file(brokenOff: Problem | undefined): ChurnFile {
    const problems = this.#problems;
    reportEnd(brokenOff, this.#hasHeader, this.#rowCount, problems);
    this.#quantities?.settle();
    this.#disks.reportUnknown();
    if (this.#offsets.isMixed) {
      const message =
        'Some times have an offset or Z, others have none; the latter are local in the time zone of the run.';
      problems.warning('churn-mixed-times', {}, message, 'Write all times alike, and name the zone with --time-zone.');
    }
    const usedCount = this.#store.length + this.#store.summedCount - this.#usedBefore;
    const [timeHeader, writeHeader] = [this.#timeHeader, this.#columns.get('write')?.header ?? 'write'];
    return {
      ...{ format: 'churn CSV', offsets: this.#offsets, timeHeader, writeHeader, problems },
      ...{
        rowCount: this.#rowCount,
        usedCount,
        read: this.#readNotes(),
        dropped: new Map(),
        notFound: this.#disks.notFound(),
      },
    };
  }
}

class RowReader {
  /** Of the time that was read last; `undefined` where it named none. */
  offsetMs: Millis | undefined;
  private lastText: string | undefined;
  private lastTime: WrittenTime | undefined;
  private readonly columns: Columns<ChurnColumn>;
  private readonly time: Column<ChurnColumn>;
  private readonly write: Column<ChurnColumn>;
  private readonly quantities: QuantityReader;
  private readonly problems: ProblemList;

  constructor(
    columns: Columns<ChurnColumn>,
    time: Column<ChurnColumn>,
    quantities: QuantityReader,
    problems: ProblemList,
  ) {
    this.columns = columns;
    this.time = time;
    this.write = columns.get('write')!;
    this.quantities = quantities;
    this.problems = problems;
  }

  text(key: ChurnColumn, cells: readonly string[]): string {
    const column = this.columns.get(key);
    return column === undefined ? '' : (cells[column.index] ?? '').trim();
  }

  timeMs(cells: readonly string[], row: number): Millis | undefined {
    const text = (cells[this.time.index] ?? '').trim();
    if (this.time.key !== 'time') return this.epochMs(text, row);
    // Files that go through time row by row name each time once per disk.
    if (text !== this.lastText) {
      this.lastText = text;
      this.lastTime = parseIsoTime(text);
    }
    if (this.lastTime === undefined) this.wrongTime(text, row);
    this.offsetMs = this.lastTime?.offsetMs;
    return this.lastTime?.wallMs;
  }

  private epochMs(text: string, row: number): Millis | undefined {
    this.offsetMs = 0;
    const value = text === '' ? undefined : this.quantities.read(this.time, text, row)?.value;
    if (text !== '' && value === undefined) return undefined;
    const epochMs = value === undefined ? -1 : Math.floor(value * (this.time.key === 'epoch_s' ? SECOND_MS : 1));
    if (epochMs >= 0 && epochMs < MAX_EPOCH_MS) return epochMs;
    const message = `This is no time of the years 1970 to 2199 in ${this.time.key === 'epoch_s' ? 'seconds' : 'milliseconds'}.`;
    const remedy = 'Name the column epoch_s for seconds since 1970, epoch_ms for milliseconds.';
    this.problems.error('churn-wrong-time', { row, column: this.time.header, value: text }, message, remedy);
    return undefined;
  }

  private wrongTime(text: string, row: number): void {
    const isEpoch = /^\d{9,13}(\.\d+)?$/.test(text);
    const remedy = isEpoch
      ? 'Name the column epoch_s where these are seconds since 1970, epoch_ms where they are milliseconds.'
      : 'Write it as 2026-01-05T08:00:00, with Z or an offset such as +01:00 where it is not local.';
    const place = { row, column: this.time.header, value: text };
    this.problems.error('churn-wrong-time', place, 'This is no ISO 8601 time of the years 1970 to 2199.', remedy);
  }

  writtenBytes(cells: readonly string[], row: number): Bytes | undefined {
    const text = (cells[this.write.index] ?? '').trim();
    const place = { row, column: this.write.header, value: text };
    if (text === '') {
      const message = 'The row does not say how much was written.';
      this.problems.error('churn-missing-bytes', place, message, 'Fill in the bytes, or delete the row.');
      return undefined;
    }
    const value = this.quantities.read(this.write, text, row)?.value;
    if (value !== undefined && value < 0) {
      this.problems.error('churn-negative', place, 'Written bytes cannot be negative.', 'Give 0 or more.');
    }
    return value === undefined ? undefined : Math.round(value);
  }
}
