import type { Millis } from '../units.ts';
import { ByteBuffer, LINE_FEED, RETURN } from './byte-lines.ts';
import { decodeUtf8 } from './byte-text.ts';
import { type CsvFault, type Delimiter, detectDelimiter, MAX_RECORD_CHARACTERS } from './csv-records.ts';
import { Names } from './long-csv-names.ts';
import { RecordEnd, splitRecord } from './long-csv-record.ts';
import { type LongColumns, MAX_PLAIN_ROW_BYTES, PlainRowReader } from './long-csv-rows.ts';

export { splitRecord } from './long-csv-record.ts';
export type { LongColumns, LongTime } from './long-csv-rows.ts';

/** What a reader of a long CSV does with it. Lines are the file's, of the record's first byte, from 1. */
export interface LongCsvSink {
  /** The first record. `undefined` ends the reading. */
  header(cells: readonly string[], line: number, delimiter: Delimiter): LongColumns | undefined;
  /** A pair of names that no plain row has had before; ids count from 0. Names are not empty (a disk's may be), not trimmed. */
  name(id: number, vm: string, disk: string): void;
  /**
   * A plain row. `wallMs` is the time as if it had been written in UTC, in milliseconds since 1970-01-01T00:00;
   * `offsetMs` what it says local time is ahead of UTC (0 for epochs), NaN where it names none. `written` is the cell's
   * number, at most 2^53 - 1.
   */
  row(nameId: number, wallMs: Millis, offsetMs: Millis, written: number, line: number): void;
  /**
   * A record that is not plain, without its line end, for a careful reader ({@link splitRecord}). In file order among
   * the rows. Blank records are not given. Bytes that are no UTF-8 are U+FFFD.
   */
  slow(text: string, line: number): void;
  /** The header's `stray-quote`, and what ends the reading. */
  fault(fault: CsvFault): void;
}

/**
 * Bytes without a line feed are looked at once there are as many: a file of old line ends has none at all. No such row
 * is plain.
 */
const NO_LINE_FEED_BYTES: number = 2 * MAX_PLAIN_ROW_BYTES;

/**
 * Reads a CSV of `time, vm, disk, write_bytes` (formats F10), whole cells in any column order, from bytes of UTF-8 in
 * chunks cut anywhere, in constant memory but for the distinct names. Plain rows cost no string; every other record is
 * handed over as text. BOM, `#TYPE`, `sep=;`, blank lines, delimiters and line ends are those of {@link readCsv}.
 *
 * A plain row has as many cells as the header, each bare or all in quotes without quotes inside; a time as
 * {@link IsoTimeReader} reads it, or digits; names without blanks around them; a decimal number without a sign.
 */
export class LongCsvScanner {
  /** Nothing more is read. */
  isDone = false;
  private readonly sink: LongCsvSink;
  private readonly buffer = new ByteBuffer();
  private readonly recordEnd = new RecordEnd();
  private readonly names: Names;
  private delimiter: Delimiter = ',';
  /** `undefined` until the header is known. */
  private rows: PlainRowReader | undefined;
  /** Line of the record at `buffer.from`. */
  private line = 1;
  private isAtStart = true;
  /** The record before ended with a CR: an LF behind belongs to it. */
  private isAfterReturn = false;

  constructor(sink: LongCsvSink) {
    this.sink = sink;
    this.names = new Names((id, vm, disk) => this.sink.name(id, vm, disk));
  }

  push(chunk: Uint8Array): void {
    if (this.isDone) return;
    let scanned = this.buffer.to - this.buffer.from;
    this.buffer.push(chunk, () => {
      this.drain(this.buffer.endOfLines(scanned), false);
      scanned = this.buffer.to - this.buffer.from;
      return !this.isDone;
    });
  }

  /** The end of the file: the last record needs no line end. */
  end(): void {
    if (this.isDone) return;
    const { buffer } = this;
    // A line feed more ends the last record; where the file has one already, it is a blank line.
    buffer.append(Uint8Array.of(LINE_FEED));
    this.drain(buffer.to, true);
    this.isDone = true;
  }

  /** Reads the records before `limit`, which is behind a line feed or at `buffer.from`. */
  private drain(limit: number, isEnd: boolean): void {
    const { buffer } = this;
    if (this.isAtStart && !this.skipMark(isEnd)) return;
    while (!this.isDone && buffer.from < limit) {
      if (this.rows !== undefined && !this.recordEnd.isOpen && !this.isAfterReturn)
        buffer.from = this.plainRows(this.rows, limit);
      if (buffer.from < limit && !this.careful(isEnd)) return;
    }
    while (!this.isDone && buffer.to - buffer.from > NO_LINE_FEED_BYTES) {
      if (!this.careful(isEnd)) return;
    }
  }

  private skipMark(isEnd: boolean): boolean {
    const { buffer } = this;
    const { bytes, from } = buffer;
    if (buffer.to - from < 3 && !isEnd) return false;
    if (buffer.to - from >= 3 && bytes[from] === 0xef && bytes[from + 1] === 0xbb && bytes[from + 2] === 0xbf)
      buffer.from += 3;
    this.isAtStart = false;
    return true;
  }

  /** Reads rows from `buffer.from` up to `limit` or the first that is not plain; returns where that is. */
  private plainRows(rows: PlainRowReader, limit: number): number {
    const { sink } = this;
    const { bytes, view } = this.buffer;
    const { written } = rows;
    let at = this.buffer.from;
    while (at < limit) {
      const next = rows.read(bytes, view, at);
      if (next < 0) break;
      sink.row(rows.nameId, rows.wallMs, rows.offsetMs, written[0]!, this.line);
      this.line++;
      at = next;
    }
    return at;
  }

  /** Takes one record as text. False where its end is not in the buffer yet. */
  private careful(isEnd: boolean): boolean {
    const { buffer, recordEnd } = this;
    const { bytes, from } = buffer;
    if (this.isAfterReturn) {
      this.isAfterReturn = false;
      if (bytes[from] === LINE_FEED) {
        buffer.from++;
        return true;
      }
    }
    const end = recordEnd.find(bytes, from, buffer.to);
    const quoteLines = recordEnd.linesToOpenQuote;
    if ((end < 0 ? buffer.to : end) - from > MAX_RECORD_CHARACTERS) {
      const fault = { kind: 'record-too-long', line: this.line } as const;
      this.stop(quoteLines === undefined ? fault : { ...fault, quoteLine: this.line + quoteLines });
      return false;
    }
    if (end < 0) {
      if (isEnd) this.stop({ kind: 'unclosed-quote', line: this.line + (quoteLines ?? 0) });
      return false;
    }
    const { text } = decodeUtf8(bytes, from, end);
    const line = this.line;
    this.line += recordEnd.innerLines + 1;
    this.isAfterReturn = bytes[end] === RETURN;
    buffer.from = end + 1;
    recordEnd.begin();
    this.takeText(text, line);
    return true;
  }

  private stop(fault: CsvFault): void {
    this.isDone = true;
    this.sink.fault(fault);
  }

  private takeText(text: string, line: number): void {
    if (text.trim() === '') return;
    if (this.rows === undefined) this.takeHeader(text, line);
    else if (splitRecord(text, this.delimiter)?.every((cell) => cell === '') !== true) this.sink.slow(text, line);
  }

  private takeHeader(text: string, line: number): void {
    const { recordEnd } = this;
    if (/^"?#TYPE\b/i.test(text)) return;
    const separator = /^"?sep=([,;\t])"?$/i.exec(text.trimStart())?.[1];
    if (separator !== undefined && recordEnd.delimiter === undefined) {
      recordEnd.delimiter = separator as Delimiter;
      return;
    }
    this.delimiter = recordEnd.delimiter ??= detectDelimiter(text);
    const cells = splitRecord(text, this.delimiter);
    if (cells === undefined) {
      this.stop({ kind: 'stray-quote', line });
      return;
    }
    const columns = this.sink.header(cells, line, this.delimiter);
    if (columns === undefined) this.isDone = true;
    else this.rows = new PlainRowReader(columns, cells.length, this.delimiter, this.names);
  }
}
