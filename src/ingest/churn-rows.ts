import { type Bytes, type Millis, SECOND_MS } from '../units.ts';
import { CHURN_COLUMNS, type ChurnColumn, timeColumn } from './churn-columns.ts';
import { type ChurnFile, Offsets } from './churn-file.ts';
import type { ChurnStore } from './churn-store.ts';
import type { Column, Columns } from './columns.ts';
import { DiskFinder } from './disk-finder.ts';
import { EXCLUDED, type Inventory } from './inventory.ts';
import { parseIsoTime, type WrittenTime } from './iso-time.ts';
import { ProblemList } from './problem-list.ts';
import { QuantityReader } from './quantity.ts';
import { readTable } from './table.ts';
import { csvTable } from './table-source.ts';
import type { TextSource } from './text-source.ts';

/** 2200-01-01: a later epoch is another unit, not a date. */
const MAX_EPOCH_MS: Millis = 7_258_118_400_000;

/** Reads `time, vm, disk, write_bytes` (formats F10). The inventory tells which disks there are. */
export async function readChurn(
  source: TextSource,
  inventory: Inventory,
  store: ChurnStore,
  fileIndex: number,
): Promise<ChurnFile> {
  const problems = new ProblemList(source.name);
  const offsets = new Offsets();
  const disks = new DiskFinder(inventory, problems);
  let quantities: QuantityReader | undefined;
  let timeHeader = 'time';
  let writeHeader = 'write';
  let rowCount = 0;
  const usedBefore = store.length + store.summedCount;
  await readTable(csvTable(source), CHURN_COLUMNS, problems, (columns, headerRow, delimiter) => {
    const time = timeColumn(columns, headerRow, problems);
    if (time === undefined) return undefined;
    timeHeader = time.header;
    writeHeader = columns.get('write')!.header;
    quantities = new QuantityReader(delimiter, problems);
    const reader = new RowReader(columns, time, quantities, problems);
    return (cells, row) => {
      rowCount++;
      const diskIndex = disks.find(reader.text('vm', cells), reader.text('disk', cells), row);
      const timeMs = reader.timeMs(cells, row);
      const writtenBytes = reader.writtenBytes(cells, row);
      if (timeMs === undefined) return;
      offsets.add(reader.offsetMs);
      if (diskIndex === undefined || diskIndex === EXCLUDED || writtenBytes === undefined) return;
      const offsetMs = reader.offsetMs;
      store.add(diskIndex, fileIndex, row, timeMs - (offsetMs ?? 0), offsetMs === undefined, writtenBytes);
    };
  });
  quantities?.settle();
  disks.reportUnknown();
  if (offsets.isMixed) {
    const message =
      'Some times have an offset or Z, others have none; the latter are local in the time zone of the run.';
    problems.warning('churn-mixed-times', {}, message, 'Write all times alike, and name the zone with --time-zone.');
  }
  const usedCount = store.length + store.summedCount - usedBefore;
  return {
    ...{ format: 'churn CSV', offsets, timeHeader, writeHeader, problems, rowCount, usedCount },
    ...{ read: [], dropped: new Map(), notFound: disks.notFound() },
  };
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
