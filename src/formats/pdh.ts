import type { Millis } from '../units.ts';
import { ByteBuffer, LINE_FEED, RETURN } from './byte-lines.ts';
import { decodeUtf8 } from './byte-text.ts';
import { isPdhText, MAX_HEADER_BYTES, type PdhHeader, parseHeader } from './pdh-header.ts';
import { type PdhRowFaultKind, PdhRowReader } from './pdh-rows.ts';
import { type DateOrder, PdhTimeReader } from './pdh-time.ts';

export { type CounterPath, isPdhText, type PdhHeader, parseCounterPath } from './pdh-header.ts';
export type { PdhRowFaultKind } from './pdh-rows.ts';
export type { DateOrder } from './pdh-time.ts';

export type PdhFaultKind =
  | PdhRowFaultKind
  /** The file does not begin with `(PDH-CSV 4.0)` or `(PDH-TSV 4.0)`, or is empty. Reading ends. */
  | 'no-pdh-header'
  /** A header line of more than 64 MiB. Reading ends. */
  | 'header-too-long'
  /** More than 262,144 counters. Reading ends. */
  | 'too-many-counters'
  /** Some text of the header is no UTF-8; U+FFFD stands for it. */
  | 'not-utf8'
  /** Further down begins a log of other counters. Reading ends: which columns its rows have is not known to the caller. */
  | 'second-header'
  /** A row of more than 64 MiB. Reading ends. */
  | 'row-too-long'
  /** The file ends inside its last row, which is left out. A last line without a line end is whole only if its last cell is in quotes. */
  | 'torn-end';

export interface PdhFault {
  readonly kind: PdhFaultKind;
  /** Of the file, from 1. */
  readonly line: number;
  /** As in the header's counters, from 0. */
  readonly column?: number;
  /** The beginning of what is wrong. */
  readonly text: string;
}

/** What a reader of a performance log does with it. */
export interface PdhSink {
  /** The header. Returns which columns are wanted, each once; `undefined` ends the reading. */
  columns(header: PdhHeader): Uint32Array | undefined;
  /**
   * A row. `wallMs` is its local time as if it were UTC's, in milliseconds since 1970-01-01T00:00. `values` are the
   * wanted columns', in the order wanted, NaN where missing; the array is used again for the next row.
   */
  row(wallMs: Millis, values: Float64Array, line: number): void;
  /** The first 100 of each kind; {@link PdhSummary.faultCounts} counts all. */
  fault(fault: PdhFault): void;
}

export interface PdhSummary {
  readonly rowCount: number;
  readonly faultCounts: ReadonlyMap<PdhFaultKind, number>;
  /** `undefined` where no time was read. */
  readonly dateOrder?: DateOrder;
  /** Whether the dates themselves told it: a number above 12, points, a year in front. Else it is the habit of Windows. */
  readonly isDateOrderProved: boolean;
}

export interface PdhOptions {
  /** Of dates with slashes, where it is known: after a fault `date-order` a second reading with `dmy` gives all rows. */
  readonly dateOrder?: 'mdy' | 'dmy';
}

const MAX_LISTED_FAULTS = 100;
const MAX_TEXT_BYTES = 80;
const OPENING_BRACKET = 40;

/**
 * Reads the text logs of PerfMon, logman, relog, typeperf and Export-Counter (formats F1) from bytes of UTF-8 or ASCII
 * in chunks cut anywhere, in constant memory: twice the longest line. CSV and TSV, `;` with decimal commas, cells with
 * and without quotes, LF and CRLF. A line is a row: no cell goes on in the next line.
 *
 * Dates with slashes are taken as month, day, year, as Windows writes them, unless the first cannot be.
 */
export class PdhScanner {
  /** Nothing more is read. */
  isDone = false;
  private readonly sink: PdhSink;
  private readonly buffer = new ByteBuffer();
  private readonly time: PdhTimeReader;
  private readonly faultCounts = new Map<PdhFaultKind, number>();
  private rows: PdhRowReader | undefined;
  private headerBytes: Uint8Array = new Uint8Array(0);
  private line = 1;
  private rowCount = 0;
  /** Faults of a last line, which count only if it is whole. */
  private held: PdhFault[] | undefined;

  constructor(sink: PdhSink, options: PdhOptions = {}) {
    this.sink = sink;
    this.time = new PdhTimeReader(options.dateOrder);
  }

  push(chunk: Uint8Array): void {
    if (this.isDone) return;
    const { buffer } = this;
    let scanned = buffer.to - buffer.from;
    buffer.push(chunk, () => {
      this.drain(buffer.endOfLines(scanned));
      scanned = buffer.to - buffer.from;
      if (!this.isDone && scanned > MAX_HEADER_BYTES)
        this.stop(this.rows === undefined ? 'header-too-long' : 'row-too-long', buffer.from, buffer.to);
      return !this.isDone;
    });
  }

  /** The end of the file. */
  end(): PdhSummary {
    const { buffer } = this;
    if (!this.isDone && buffer.from < buffer.to) {
      buffer.append(Uint8Array.of(LINE_FEED));
      if (this.rows === undefined) this.drain(buffer.to);
      else this.lastLine(this.rows);
    }
    if (!this.isDone && this.rows === undefined) this.stop('no-pdh-header', buffer.to, buffer.to);
    this.isDone = true;
    const { order, isProved } = this.time;
    const { rowCount, faultCounts } = this;
    return {
      rowCount,
      faultCounts,
      ...(rowCount === 0 || order === undefined ? {} : { dateOrder: order }),
      isDateOrderProved: isProved,
    };
  }

  /** Reads the lines before `limit`, which is behind a line feed or at `buffer.from`. */
  private drain(limit: number): void {
    const { buffer } = this;
    while (!this.isDone && buffer.from < limit) {
      if (this.rows === undefined) this.takeHeader();
      else buffer.from = this.takeRow(this.rows, buffer.bytes, buffer.from);
      this.line++;
    }
  }

  private takeRow(rows: PdhRowReader, bytes: Uint8Array, from: number): number {
    const first = bytes[from];
    if (first === LINE_FEED || first === RETURN || first === OPENING_BRACKET || bytes[from + 1] === OPENING_BRACKET) {
      const next = bytes.indexOf(LINE_FEED, from) + 1;
      if (first === LINE_FEED || (first === RETURN && next === from + 2)) return next;
      if (isPdhText(bytes.subarray(from, next))) {
        const to = withoutReturn(bytes, from, next - 1);
        if (!isSame(this.headerBytes, bytes.subarray(from, to))) this.stop('second-header', from, to);
        return next;
      }
    }
    const next = rows.read(bytes, from);
    if (rows.isUsable) this.give(rows);
    return next;
  }

  private give(rows: PdhRowReader): void {
    this.rowCount++;
    this.sink.row(this.time.wallMs, rows.values, this.line);
  }

  /** A last line without a line end. */
  private lastLine(rows: PdhRowReader): void {
    const { bytes, from, to } = this.buffer;
    if (to - from <= 2 && (bytes[from] === LINE_FEED || bytes[from] === RETURN)) return;
    this.held = [];
    rows.read(bytes, from);
    const faults = this.held;
    this.held = undefined;
    if (!rows.isUsable || !rows.isLastQuoted) {
      this.report('torn-end', from, to - 1);
      return;
    }
    for (const fault of faults) this.count(fault);
    this.give(rows);
  }

  private takeHeader(): void {
    const { buffer } = this;
    const { bytes } = buffer;
    let from = buffer.from;
    const next = bytes.indexOf(LINE_FEED, from) + 1;
    buffer.from = next;
    if (this.line === 1 && bytes[from] === 0xef && bytes[from + 1] === 0xbb && bytes[from + 2] === 0xbf) from += 3;
    const to = withoutReturn(bytes, from, next - 1);
    const { text, replaced } = decodeUtf8(bytes, from, to);
    if (text.trim() === '') return;
    const header = parseHeader(text);
    if (typeof header === 'string') {
      this.stop(header, from, to);
      return;
    }
    if (replaced > 0) this.report('not-utf8', from, to);
    const wanted = this.sink.columns(header);
    if (wanted === undefined) {
      this.isDone = true;
      return;
    }
    this.headerBytes = bytes.slice(from, to);
    this.rows = new PdhRowReader(
      header.counters.length,
      wanted,
      header.delimiter,
      this.time,
      (kind, start, end, column) => {
        if (kind === 'date-order') this.stop(kind, start, end);
        else this.report(kind, start, end, column);
      },
    );
  }

  private stop(kind: PdhFaultKind, from: number, to: number): void {
    this.report(kind, from, to);
    this.isDone = true;
  }

  private report(kind: PdhFaultKind, from: number, to: number, column?: number): void {
    const isListed = (this.faultCounts.get(kind) ?? 0) + (this.held?.length ?? 0) < MAX_LISTED_FAULTS;
    const text = isListed ? decodeUtf8(this.buffer.bytes, from, Math.min(to, from + MAX_TEXT_BYTES)).text : '';
    const fault = { kind, line: this.line, ...(column === undefined ? {} : { column }), text };
    if (this.held === undefined) this.count(fault);
    else this.held.push(fault);
  }

  private count(fault: PdhFault): void {
    const count = this.faultCounts.get(fault.kind) ?? 0;
    this.faultCounts.set(fault.kind, count + 1);
    if (count < MAX_LISTED_FAULTS) this.sink.fault(fault);
  }
}

function withoutReturn(bytes: Uint8Array, from: number, to: number): number {
  return to > from && bytes[to - 1] === RETURN ? to - 1 : to;
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
