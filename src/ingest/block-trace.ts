import type { CsvSink } from '../formats/csv.ts';
import type { Bytes, Millis } from '../units.ts';
import type { Column, ColumnSpec, Columns } from './columns.ts';
import { parseIsoTime, type WrittenTime } from './iso-time.ts';
import { countOf, ProblemList } from './problem-list.ts';
import { QuantityReader } from './quantity.ts';
import { readTable } from './table.ts';
import { csvTable, type TableSource } from './table-source.ts';
import type { TextSource } from './text-source.ts';
import { MAX_AT_MS, type OtherRequest, type WriteHistory, type WriteRefusal } from './write-history.ts';

type TraceColumn =
  | 'time'
  | 'time_s'
  | 'time_ms'
  | 'time_us'
  | 'time_ns'
  | 'op'
  | 'offset'
  | 'offset_sectors'
  | 'length'
  | 'length_sectors'
  | 'host'
  | 'disk'
  | 'response_time';

const OFFSETS = ['offset', 'offsetbytes', 'byteoffset', 'offsetinbytes', 'startoffset'];
const LENGTHS = ['length', 'size', 'len', 'lengthbytes', 'sizebytes', 'datalength', 'bytes', 'requestsize', 'iosize'];

const COLUMNS: readonly ColumnSpec<TraceColumn>[] = [
  { key: 'time', measure: 'text', isRequired: false, names: ['time', 'timestamp', 'ts', 'datetime', 'filetime'] },
  { key: 'time_s', measure: 'count', isRequired: false, names: timeNames('s', 'sec', 'seconds') },
  { key: 'time_ms', measure: 'count', isRequired: false, names: timeNames('ms', 'millis', 'milliseconds') },
  { key: 'time_us', measure: 'count', isRequired: false, names: timeNames('us', 'micros', 'microseconds') },
  { key: 'time_ns', measure: 'count', isRequired: false, names: timeNames('ns', 'nanos', 'nanoseconds') },
  { key: 'op', measure: 'text', isRequired: false, names: ['op', 'operation', 'type', 'iotype', 'rw', 'opcode'] },
  { key: 'offset', measure: 'size', isRequired: false, names: OFFSETS, byteNames: OFFSETS },
  {
    key: 'offset_sectors',
    measure: 'count',
    isRequired: false,
    names: [
      'offsetsectors',
      'sector',
      'lba',
      'startsector',
      'sectoroffset',
      'startlba',
      'offsetinsectors',
      'lbasectors',
    ],
  },
  { key: 'length', measure: 'size', isRequired: false, names: LENGTHS, byteNames: LENGTHS },
  {
    key: 'length_sectors',
    measure: 'count',
    isRequired: false,
    names: ['lengthsectors', 'sizesectors', 'sectors', 'sectorcount', 'nsectors', 'lengthinsectors', 'sizeinsectors'],
  },
  { key: 'host', measure: 'text', isRequired: false, names: ['hostname', 'host'] },
  { key: 'disk', measure: 'text', isRequired: false, names: ['disknumber', 'disk', 'diskid', 'device'] },
  { key: 'response_time', measure: 'text', isRequired: false, names: ['responsetime', 'latency'] },
];

/** The columns of the traces of Microsoft Research, Cambridge, whose files have no header. */
const MSR_HEADER = ['Timestamp', 'Hostname', 'DiskNumber', 'Type', 'Offset', 'Size', 'ResponseTime'];

const SECTOR_BYTES: Bytes = 512;
/** The keys of which a file has one, and how a user names it. */
const NEEDED = {
  time: { keys: ['time', 'time_s', 'time_ms', 'time_us', 'time_ns'], name: 'ts_us (or time_ms, time_s, timestamp)' },
  offset: { keys: ['offset', 'offset_sectors'], name: 'offset (bytes) or lba (sectors of 512 bytes)' },
  length: { keys: ['length', 'length_sectors'], name: 'length (bytes) or length_sectors' },
} as const;

type Op = 'write' | OtherRequest;

const OPS: ReadonlyMap<string, Op> = new Map([
  ...(['w', 'write', 'writes'] as const).map((name) => [name, 'write'] as const),
  ...(['r', 'read', 'reads'] as const).map((name) => [name, 'read'] as const),
  ...(['t', 'd', 'trim', 'discard', 'unmap'] as const).map((name) => [name, 'trim'] as const),
  ...(['z', 'zero', 'zeroes', 'writezero', 'writezeroes', 'writezeros'] as const).map(
    (name) => [name, 'zero'] as const,
  ),
  ...(['f', 'flush', 'sync', 'fsync'] as const).map((name) => [name, 'flush'] as const),
]);

/** FILETIME: ticks of 100 ns since 1601-01-01T00:00Z. 1970 and 2200 in it bound what is taken for one. */
const FILETIME_1970 = 116_444_736_000_000_000;
const FILETIME_2200 = 189_027_072_000_000_000;
const TICKS_PER_MS = 10_000;

/** What a trace told besides the requests that it put into the history. */
export interface BlockTraceFile {
  readonly problems: ProblemList;
  readonly rowCount: number;
  /** Rows that the history took. */
  readonly usedCount: number;
  /** From the first request to the latest one. */
  readonly lengthMs: Millis;
  /** When the first request was made; `undefined` where the file's times have no date. */
  readonly start: WrittenTime | undefined;
}

/**
 * Reads a block trace of one disk into a history, the first request being at its time 0: `ts_us, op, offset, length` or synonyms. The time is
 * `ts_us`, `time_ms`, `time_s`, `time_ns`, or `time` with ISO 8601 times or FILETIME ticks; offset and length are in bytes, or in
 * sectors of 512 bytes (`lba`, `offset_sectors`, `length_sectors`). Without a column `op` every row is a write. The traces
 * of Microsoft Research, which have no header, are known by their first row.
 */
export async function readBlockTrace(source: TextSource, history: WriteHistory): Promise<BlockTraceFile> {
  const problems = new ProblemList(source.name);
  let rows: RequestReader | undefined;
  let quantities: QuantityReader | undefined;
  let rowCount = 0;
  await readTable(withMsrHeader(csvTable(source)), COLUMNS, problems, (columns, headerRow, delimiter) => {
    const time = onlyOne('time', columns, headerRow, problems);
    const offset = onlyOne('offset', columns, headerRow, problems);
    const length = onlyOne('length', columns, headerRow, problems);
    if (time === undefined || offset === undefined || length === undefined) return undefined;
    quantities = new QuantityReader(delimiter, problems);
    const disk = new OneDisk(columns, problems);
    const reader = new RequestReader({ time, offset, length, op: columns.get('op') }, quantities, problems, history);
    rows = reader;
    return (cells, row) => {
      rowCount++;
      if (disk.isSame(cells, row)) reader.read(cells, row);
    };
  });
  quantities?.settle();
  rows?.reportDoubts();
  return {
    ...{ problems, rowCount, usedCount: rows?.usedCount ?? 0, lengthMs: rows?.lengthMs ?? 0, start: rows?.start },
  };
}

function timeNames(...units: readonly string[]): string[] {
  return ['ts', 'time', 'timestamp', 'epoch'].flatMap((name) => units.map((unit) => name + unit));
}

/** The source with a header where its first row is one of a trace of Microsoft Research. */
function withMsrHeader(source: TableSource): TableSource {
  const read = (sink: CsvSink): Promise<void> =>
    source.read({
      ...{ record: (cells, line) => sink.record(cells, line), fault: (fault) => sink.fault(fault) },
      header(cells, line, delimiter) {
        const isRow = cells.length === MSR_HEADER.length && isFileTime(cells[0]!) && OPS.has(cells[3]!.toLowerCase());
        if (!isRow) return sink.header(cells, line, delimiter);
        const goesOn = sink.header(MSR_HEADER, line, delimiter);
        if (goesOn) sink.record(cells, line);
        return goesOn;
      },
    });
  return { ...source, read };
}

function onlyOne(
  need: keyof typeof NEEDED,
  columns: Columns<TraceColumn>,
  row: number,
  problems: ProblemList,
): Column<TraceColumn> | undefined {
  const { keys, name } = NEEDED[need];
  const found = keys.flatMap((key) => columns.get(key) ?? []).sort((a, b) => a.index - b.index);
  if (found.length === 1) return found[0];
  if (found.length === 0) {
    problems.error('csv-missing-column', { row, column: need }, `There is no column "${need}".`, `Name one ${name}.`);
  } else {
    const message = `The columns "${found[0]!.header}" and "${found[1]!.header}" both are the ${need}.`;
    problems.error('csv-same-column-twice', { row, column: found[1]!.header }, message, 'Delete one of them.');
  }
  return undefined;
}

/** A trace may name the disk of each request: all must be of one, since their offsets mean nothing together. */
class OneDisk {
  readonly #columns: readonly Column<TraceColumn>[];
  readonly #problems: ProblemList;
  #names: readonly string[] | undefined;
  #isReported = false;

  constructor(columns: Columns<TraceColumn>, problems: ProblemList) {
    this.#columns = (['host', 'disk'] as const).flatMap((key) => columns.get(key) ?? []);
    this.#problems = problems;
  }

  isSame(cells: readonly string[], row: number): boolean {
    if (this.#columns.length === 0) return true;
    this.#names ??= this.#columns.map(({ index }) => cells[index] ?? '');
    const other = this.#columns.find(({ index }, at) => (cells[index] ?? '') !== this.#names![at]);
    if (other !== undefined && !this.#isReported) {
      this.#isReported = true;
      const place = { row, column: other.header, value: cells[other.index] ?? '' };
      const message = 'From this row on the trace has requests of more than one disk.';
      this.#problems.error('trace-several-disks', place, message, 'Give each disk a file of its own.');
    }
    return other === undefined;
  }
}

interface RequestColumns {
  readonly time: Column<TraceColumn>;
  readonly offset: Column<TraceColumn>;
  readonly length: Column<TraceColumn>;
  readonly op: Column<TraceColumn> | undefined;
}

class RequestReader {
  usedCount = 0;
  lengthMs: Millis = 0;
  readonly #columns: RequestColumns;
  readonly #clock: TraceClock;
  readonly #quantities: QuantityReader;
  readonly #problems: ProblemList;
  readonly #history: WriteHistory;
  #outOfOrderCount = 0;
  #outOfOrderRow = 0;

  constructor(columns: RequestColumns, quantities: QuantityReader, problems: ProblemList, history: WriteHistory) {
    this.#columns = columns;
    this.#clock = new TraceClock(columns.time, quantities, problems);
    this.#quantities = quantities;
    this.#problems = problems;
    this.#history = history;
  }

  get start(): WrittenTime | undefined {
    return this.#clock.start;
  }

  read(cells: readonly string[], row: number): void {
    const op = this.#op(cells, row);
    const atMs = this.#clock.read(textOf(this.#columns.time, cells), row);
    if (op === undefined || atMs === undefined) return;
    const length = op === 'flush' ? 0 : this.#bytes(this.#columns.length, cells, row);
    const offset = op === 'write' ? this.#bytes(this.#columns.offset, cells, row) : 0;
    if (length === undefined || offset === undefined) return;
    const refusal = op === 'write' ? this.#history.add(atMs, offset, length) : this.#history.addOther(op, atMs, length);
    // A write of nothing is not wrong; the history counts it.
    if (refusal === 'empty') return;
    if (refusal !== undefined) {
      this.#refuse(refusal, cells, row);
      return;
    }
    this.usedCount++;
    if (atMs < this.lengthMs && this.#outOfOrderCount++ === 0) this.#outOfOrderRow = row;
    this.lengthMs = Math.max(this.lengthMs, atMs);
  }

  /** To be called at the end of the file. */
  reportDoubts(): void {
    if (this.#outOfOrderCount === 0) return;
    const message = `${countOf(this.#outOfOrderCount, 'row')} of an earlier time than one before, the first here: taken as made at the later time.`;
    const place = { row: this.#outOfOrderRow, column: this.#columns.time.header };
    this.#problems.warning('trace-out-of-order', place, message, 'Sort the trace by time.');
  }

  #op(cells: readonly string[], row: number): Op | undefined {
    const column = this.#columns.op;
    if (column === undefined) return 'write';
    const text = textOf(column, cells);
    const op = OPS.get(text.toLowerCase().replace(/[\s_-]/g, ''));
    if (op === undefined) {
      const remedy = 'Write R or read, W or write, T or trim, Z or writezeroes, F or flush.';
      const place = { row, column: column.header, value: text };
      this.#problems.error('trace-wrong-op', place, 'This is no request of a disk.', remedy);
    }
    return op;
  }

  #bytes(column: Column<TraceColumn>, cells: readonly string[], row: number): Bytes | undefined {
    const text = textOf(column, cells);
    if (text === '') {
      const message = `The row has no ${column.header}.`;
      this.#problems.error(
        'trace-missing-value',
        { row, column: column.header },
        message,
        'Fill it in, or delete the row.',
      );
      return undefined;
    }
    const value = this.#quantities.read(column, text, row)?.value;
    return value === undefined || column.measure === 'size' ? value : value * SECTOR_BYTES;
  }

  #refuse(refusal: Exclude<WriteRefusal, 'empty'>, cells: readonly string[], row: number): void {
    const [column, message] = {
      'wrong-time': [this.#columns.time, 'More than ten years lie between this request and the first.'],
      'wrong-offset': [this.#columns.offset, 'This is no place on a disk: 0 to 64 TiB, in whole bytes.'],
      'wrong-length': [this.#columns.length, 'This is no length: whole bytes, up to 64 MiB of a write, within 64 TiB.'],
    }[refusal] as [Column<TraceColumn>, string];
    const place = { row, column: column.header, value: textOf(column, cells) };
    this.#problems.error(
      `trace-${refusal}`,
      place,
      message,
      'Check the units of the columns; delete the row if it is damaged.',
    );
  }
}

/** The times of a trace, in whatever it counts them, as milliseconds since its first one. */
class TraceClock {
  start: WrittenTime | undefined;
  readonly #column: Column<TraceColumn>;
  readonly #quantities: QuantityReader;
  readonly #problems: ProblemList;
  #first: number | undefined;
  #hasOffset: boolean | undefined;
  #isUnitReported = false;

  constructor(column: Column<TraceColumn>, quantities: QuantityReader, problems: ProblemList) {
    this.#column = column;
    this.#quantities = quantities;
    this.#problems = problems;
  }

  /** @returns `undefined` where the text is no time, which is then reported */
  read(text: string, row: number): Millis | undefined {
    if (this.#column.key !== 'time') return this.#readCount(text, row);
    if (isFileTime(text)) {
      const ticks = Number(text);
      if (this.#first === undefined) this.start = { wallMs: (ticks - FILETIME_1970) / TICKS_PER_MS, offsetMs: 0 };
      return this.#since(ticks) / TICKS_PER_MS;
    }
    const time = parseIsoTime(text);
    if (time === undefined) return this.#wrong(text, row);
    this.#hasOffset ??= time.offsetMs !== undefined;
    if (this.#hasOffset !== (time.offsetMs !== undefined)) return this.#wrong(text, row);
    if (this.#first === undefined) this.start = time;
    return this.#since(time.wallMs - (time.offsetMs ?? 0));
  }

  #readCount(text: string, row: number): Millis | undefined {
    const count = text === '' ? undefined : this.#quantities.read(this.#column, text, row)?.value;
    if (text === '') this.#wrong(text, row);
    if (count === undefined) return undefined;
    const isFirst = this.#first === undefined;
    const sinceMs = toMs(this.#column.key, this.#since(count));
    // So late a time is since 1970, not since the trace began.
    const wallMs = toMs(this.#column.key, count);
    if (isFirst && wallMs > MAX_AT_MS) this.start = { wallMs, offsetMs: 0 };
    return sinceMs;
  }

  /** Subtracted before it is converted: whole counts stay exact. */
  #since(count: number): number {
    this.#first ??= count;
    return count - this.#first;
  }

  #wrong(text: string, row: number): undefined {
    const place = { row, column: this.#column.header, value: text };
    if (!/^[+-]?[\d.,]+$/.test(text)) {
      const message = 'This is no time as those of the other rows.';
      const remedy =
        'Write all as 2026-01-05T08:00:00.000, all with Z or an offset or none; or count them in a column ts_us.';
      this.#problems.error('trace-wrong-time', place, message, remedy);
    } else if (!this.#isUnitReported) {
      this.#isUnitReported = true;
      const message = `The column "${this.#column.header}" does not say what its numbers count.`;
      const remedy =
        'Name it ts_us for microseconds, time_ms for milliseconds, time_s for seconds, time_ns for nanoseconds.';
      this.#problems.error('csv-missing-unit', place, message, remedy);
    }
    return undefined;
  }
}

function toMs(key: TraceColumn, count: number): Millis {
  if (key === 'time_s') return count * 1e3;
  if (key === 'time_us') return count / 1e3;
  return key === 'time_ns' ? count / 1e6 : count;
}

function isFileTime(text: string): boolean {
  return /^\d{18}$/.test(text) && Number(text) >= FILETIME_1970 && Number(text) < FILETIME_2200;
}

function textOf(column: Column<TraceColumn>, cells: readonly string[]): string {
  return (cells[column.index] ?? '').trim();
}
