import type { Millis } from '../units.ts';
import { MAX_DECIMAL_BYTES, readDecimal } from './byte-decimal.ts';
import { LINE_FEED, QUOTE, RETURN } from './byte-lines.ts';
import { IsoTimeReader } from './byte-time.ts';
import type { Delimiter } from './csv-records.ts';
import type { Names } from './long-csv-names.ts';

/** What the time column holds: ISO 8601 texts, or whole seconds or milliseconds since 1970-01-01T00:00Z. */
export type LongTime = 'iso' | 'epoch-s' | 'epoch-ms';

/** Numbers of the columns, from 0, all different. */
export interface LongColumns {
  readonly time: number;
  readonly timeKind: LongTime;
  readonly vm: number;
  /** `undefined` where the file has none: every disk is then named ''. */
  readonly disk: number | undefined;
  /** What was written, in whatever unit the caller's header says. */
  readonly written: number;
}

const MINUS = 45;
const POINT = 46;
const ZERO = 48;
/** 2200-01-01: a later epoch is another unit, not a date. */
const MAX_EPOCH_MS: Millis = 7_258_118_400_000;
/** Longer numbers are refused by the careful reader. */
const MAX_NUMBER_BYTES = 40;

/** A longer row is not plain. */
export const MAX_PLAIN_ROW_BYTES: number = 32 * 1024;

const TIME = 1;
const VM = 2;
const DISK = 3;
const WRITTEN = 4;

/**
 * Reads plain rows, and says no to all others. What a row has in common with those before it (its time; the names
 * that followed the last ones before) is compared in words instead of being read.
 */
export class PlainRowReader {
  nameId = 0;
  wallMs: Millis = 0;
  /** NaN where the time names none. */
  offsetMs: Millis = Number.NaN;
  /** One number, in an array, so that it needs no box of its own. */
  readonly written: Float64Array = new Float64Array(1);
  private readonly names: Names;
  private readonly isoTime = new IsoTimeReader();
  private readonly epochUnitMs: Millis | undefined;
  private readonly roles: Uint8Array;
  private readonly delimiter: number;
  /** 1 for bytes that end a cell. */
  private readonly ends = new Uint8Array(256);
  /** The text of the last time, where its length is one of whole words. */
  private readonly timeWords = new Int32Array(MAX_DECIMAL_BYTES / 4);
  private timeBytes = 0;
  private vmFrom = 0;
  private vmTo = 0;
  private diskFrom = 0;
  private diskTo = 0;

  constructor(columns: LongColumns, columnCount: number, delimiter: Delimiter, names: Names) {
    this.names = names;
    this.delimiter = delimiter.charCodeAt(0);
    this.roles = new Uint8Array(columnCount);
    this.roles[columns.time] = TIME;
    this.roles[columns.vm] = VM;
    if (columns.disk !== undefined) this.roles[columns.disk] = DISK;
    this.roles[columns.written] = WRITTEN;
    this.epochUnitMs = columns.timeKind === 'iso' ? undefined : columns.timeKind === 'epoch-s' ? 1000 : 1;
    for (const byte of [this.delimiter, LINE_FEED, RETURN, QUOTE]) this.ends[byte] = 1;
  }

  /**
   * Reads the row at `from`, which a line feed ends; `view` is of the same bytes. Every scan stops at a line feed.
   *
   * @returns where the next begins; -1 where it is not plain
   */
  read(bytes: Uint8Array, view: DataView, from: number): number {
    const { roles, names, ends, delimiter } = this;
    let at = from;
    let isExpected = names.expected >= 0;
    this.diskFrom = this.diskTo = from;
    for (let column = 0; column < roles.length; column++) {
      if (column > 0 && bytes[at++] !== delimiter) return -1;
      const isQuoted = bytes[at] === QUOTE;
      if (isQuoted) at++;
      const role = roles[column];
      if (role === TIME) {
        at = this.readTime(bytes, view, at);
      } else if (role === WRITTEN) {
        at = this.readWritten(bytes, at);
      } else {
        const start = at;
        at = isExpected && role !== 0 ? names.match(view, at, role === DISK, ends) : -1;
        if (at < 0) {
          isExpected &&= role === 0;
          at = cellEnd(bytes, start, ends);
        }
        if (role !== 0) this.note(role, start, at);
      }
      if (at < 0 || (isQuoted && bytes[at++] !== QUOTE)) return -1;
    }
    if (bytes[at] === RETURN) at++;
    if (bytes[at] !== LINE_FEED || at - from > MAX_PLAIN_ROW_BYTES) return -1;
    this.nameId = isExpected ? names.confirm() : names.find(bytes, this.vmFrom, this.vmTo, this.diskFrom, this.diskTo);
    return this.nameId < 0 ? -1 : at + 1;
  }

  private note(role: number, from: number, to: number): void {
    if (role === VM) {
      this.vmFrom = from;
      this.vmTo = to;
    } else {
      this.diskFrom = from;
      this.diskTo = to;
    }
  }

  private readTime(bytes: Uint8Array, view: DataView, at: number): number {
    const { timeBytes, timeWords } = this;
    let index = 0;
    while (index < timeBytes && view.getInt32(at + index, true) === timeWords[index >> 2]) index += 4;
    if (timeBytes > 0 && index === timeBytes && this.ends[bytes[at + index]!] === 1) return at + index;
    return this.readNewTime(bytes, view, at);
  }

  private readNewTime(bytes: Uint8Array, view: DataView, at: number): number {
    this.timeBytes = 0;
    const end = this.epochUnitMs === undefined ? this.isoTime.read(bytes, at) : this.readEpoch(bytes, at);
    if (end < 0) return -1;
    if (this.epochUnitMs === undefined) {
      this.wallMs = this.isoTime.wallMs;
      this.offsetMs = this.isoTime.offsetMs;
    }
    if ((end - at) % 4 === 0) {
      for (let index = 0; index < end - at; index += 4) this.timeWords[index >> 2] = view.getInt32(at + index, true);
      this.timeBytes = end - at;
    }
    return end;
  }

  private readEpoch(bytes: Uint8Array, from: number): number {
    let at = from;
    let value = 0;
    for (; at - from < 15 && (bytes[at]! - ZERO) >>> 0 <= 9; at++) value = value * 10 + bytes[at]! - ZERO;
    const epochMs = value * this.epochUnitMs!;
    if (at === from || epochMs >= MAX_EPOCH_MS) return -1;
    this.wallMs = epochMs;
    this.offsetMs = 0;
    return at;
  }

  private readWritten(bytes: Uint8Array, from: number): number {
    let at = from;
    let value = 0;
    for (; at - from < 9 && (bytes[at]! - ZERO) >>> 0 <= 9; at++) value = (value * 10 + bytes[at]! - ZERO) | 0;
    if (at > from && this.ends[bytes[at]!] === 1) {
      this.written[0] = value;
      return at;
    }
    return this.readLongNumber(bytes, from);
  }

  private readLongNumber(bytes: Uint8Array, from: number): number {
    if (bytes[from] === MINUS) return -1;
    const end = readDecimal(bytes, from, this.written, 0, false);
    if (end < 0 || end - from > MAX_NUMBER_BYTES || this.written[0]! > Number.MAX_SAFE_INTEGER) return -1;
    // `1.024` may be 1,024 to who wrote it; a careful reader weighs that.
    return end - from >= 5 && end - from <= 7 && bytes[end - 4] === POINT ? -1 : end;
  }
}

function cellEnd(bytes: Uint8Array, from: number, ends: Uint8Array): number {
  let at = from;
  while (ends[bytes[at]!] === 0) at++;
  return at;
}
