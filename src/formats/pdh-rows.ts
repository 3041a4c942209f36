import { readDecimal } from './byte-decimal.ts';
import { BLANK, LINE_FEED, QUOTE, RETURN } from './byte-lines.ts';
import type { Delimiter } from './csv-records.ts';
import type { PdhTimeReader } from './pdh-time.ts';

/** What a row may have wrong. */
export type PdhRowFaultKind =
  /** The first cell holds no time. The row is left out. */
  | 'bad-time'
  /** This date and those before it, which could be read either way, need different orders. Reading ends. */
  | 'date-order'
  /** The cell's value is NaN. */
  | 'not-a-number'
  /** The cells that lack are NaN, and so is the last that is there if it has no quotes: it may be cut off. */
  | 'short-row'
  /** More cells than the header. The row is left out. */
  | 'long-row'
  /** A quote does not close in its line, or text stands behind a closing quote. The row is left out. */
  | 'broken-cell';

/** The bytes `from` to `to` are what is wrong; `column` as in the header's counters. */
type OnRowFault = (kind: PdhRowFaultKind, from: number, to: number, column: number | undefined) => void;

/** Reads rows of a performance log: a time, then as many numbers as the header has counters. */
export class PdhRowReader {
  /** Of the wanted columns, in their order; NaN is missing. Used for every row. */
  readonly values: Float64Array;
  /** Whether the last row that was read is to be used. */
  isUsable = false;
  /** Whether its last cell was closed by a quote. */
  isLastQuoted = false;
  private readonly time: PdhTimeReader;
  private readonly onFault: OnRowFault;
  private readonly delimiter: number;
  private readonly takesComma: boolean;
  /** Place in `values` of each column, or -1. */
  private readonly slots: Int32Array;
  /** 1 for bytes that end a cell without quotes. */
  private readonly ends = new Uint8Array(256);

  /** `wanted` has each column at most once. */
  constructor(
    columnCount: number,
    wanted: Uint32Array,
    delimiter: Delimiter,
    time: PdhTimeReader,
    onFault: OnRowFault,
  ) {
    this.time = time;
    this.onFault = onFault;
    this.delimiter = delimiter.charCodeAt(0);
    this.takesComma = delimiter !== ',';
    this.slots = new Int32Array(columnCount).fill(-1);
    for (let slot = 0; slot < wanted.length; slot++) {
      const column = wanted[slot]!;
      if (column >= columnCount || this.slots[column] !== -1) throw new RangeError(`column ${column} cannot be wanted`);
      this.slots[column] = slot;
    }
    this.values = new Float64Array(wanted.length);
    for (const byte of [this.delimiter, LINE_FEED, RETURN]) this.ends[byte] = 1;
  }

  /** Reads the row at `from`, which ends in a line feed; returns where the next begins. */
  read(bytes: Uint8Array, from: number): number {
    this.isUsable = false;
    this.isLastQuoted = false;
    let at = this.time.read(bytes, from);
    if (at < 0 || this.ends[bytes[at]!] === 0) {
      const end = this.plainEnd(bytes, from);
      this.onFault(this.time.isContradicted ? 'date-order' : 'bad-time', from, end, undefined);
      return lineEnd(bytes, from);
    }
    const { slots, delimiter } = this;
    let isQuoted = false;
    for (let column = 0; column < slots.length; column++) {
      if (bytes[at] !== delimiter) return this.endShort(bytes, from, at, column, isQuoted);
      at++;
      isQuoted = bytes[at] === QUOTE;
      if (isQuoted) at++;
      const slot = slots[column]!;
      const end = slot < 0 ? this.skip(bytes, at, isQuoted) : this.readCell(bytes, at, isQuoted, slot, column);
      if (end < 0) {
        this.onFault('broken-cell', at, this.plainEnd(bytes, at), column);
        return lineEnd(bytes, at);
      }
      at = end;
    }
    this.isLastQuoted = isQuoted;
    return this.endWhole(bytes, from, at);
  }

  private endWhole(bytes: Uint8Array, from: number, at: number): number {
    const end = bytes[at] === RETURN ? at + 1 : at;
    if (bytes[end] === LINE_FEED) {
      this.isUsable = true;
      return end + 1;
    }
    const isLong = bytes[at] === this.delimiter;
    const last = this.slots.length - 1;
    if (isLong) this.onFault('long-row', from, this.plainEnd(bytes, from), undefined);
    else this.onFault('broken-cell', at, this.plainEnd(bytes, at), last < 0 ? undefined : last);
    return lineEnd(bytes, at);
  }

  /** The row ends, or is broken, before `column`. */
  private endShort(bytes: Uint8Array, from: number, at: number, column: number, isQuoted: boolean): number {
    const end = bytes[at] === RETURN ? at + 1 : at;
    if (bytes[end] !== LINE_FEED) {
      this.onFault('broken-cell', at, this.plainEnd(bytes, at), column === 0 ? undefined : column - 1);
      return lineEnd(bytes, at);
    }
    const firstUnknown = column > 0 && !isQuoted ? column - 1 : column;
    for (let missing = firstUnknown; missing < this.slots.length; missing++) {
      if (this.slots[missing]! >= 0) this.values[this.slots[missing]!] = Number.NaN;
    }
    this.onFault('short-row', from, this.plainEnd(bytes, from), column);
    this.isUsable = true;
    return end + 1;
  }

  /** Reads the cell whose text begins at `at` into its slot; returns what is behind the cell, -1 where it is broken. */
  private readCell(bytes: Uint8Array, at: number, isQuoted: boolean, slot: number, column: number): number {
    const end = readDecimal(bytes, at, this.values, slot, isQuoted || this.takesComma);
    if (isQuoted) {
      if (end >= 0 && bytes[end] === QUOTE) return end + 1;
    } else if (end >= 0 && this.ends[bytes[end]!] === 1) {
      return end;
    }
    return this.readAwkward(bytes, at, isQuoted, slot, column);
  }

  /** A cell that is blank, has blanks around its number, or holds no number. */
  private readAwkward(bytes: Uint8Array, from: number, isQuoted: boolean, slot: number, column: number): number {
    const next = this.skip(bytes, from, isQuoted);
    if (next < 0) return -1;
    const to = isQuoted ? next - 1 : next;
    let start = from;
    while (start < to && bytes[start] === BLANK) start++;
    let end = start < to ? readDecimal(bytes, start, this.values, slot, isQuoted || this.takesComma) : start;
    while (end >= 0 && end < to && bytes[end] === BLANK) end++;
    if (start < to && end === to) return next;
    this.values[slot] = Number.NaN;
    if (start < to) this.onFault('not-a-number', from, to, column);
    return next;
  }

  /** Behind the cell whose text begins at `from`; -1 where its quote does not close in the line. */
  private skip(bytes: Uint8Array, from: number, isQuoted: boolean): number {
    if (!isQuoted) return this.plainEnd(bytes, from);
    for (let at = from; ; at++) {
      const byte = bytes[at];
      if (byte === LINE_FEED) return -1;
      if (byte !== QUOTE) continue;
      if (bytes[at + 1] !== QUOTE) return at + 1;
      at++;
    }
  }

  private plainEnd(bytes: Uint8Array, from: number): number {
    let at = from;
    while (this.ends[bytes[at]!] === 0) at++;
    return at;
  }
}

function lineEnd(bytes: Uint8Array, from: number): number {
  return bytes.indexOf(LINE_FEED, from) + 1;
}
