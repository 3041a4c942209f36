/** Records of a CSV that are not plain: where they end in bytes, and their cells. */
import { LINE_FEED, QUOTE, RETURN, TAB } from './byte-lines.ts';
import type { Delimiter } from './csv-records.ts';

const COMMA = 44;
const SEMICOLON = 59;

type Place = 'cell-start' | 'unquoted' | 'quoted' | 'quote-in-quoted';

/**
 * Finds the end of one record after another in bytes as {@link RecordCutter} finds it in text: LF, CRLF or CR outside
 * quotes. A record may come in pieces; each byte is looked at once.
 */
export class RecordEnd {
  /** Until it is set, each of the three candidates ends a cell. */
  delimiter: Delimiter | undefined;
  /** Line ends inside the record so far, those in quotes. */
  innerLines = 0;
  private scannedBytes = 0;
  private place: Place = 'cell-start';
  private innerLinesAtQuote = 0;

  /** Whether a record has been begun whose end is not known. */
  get isOpen(): boolean {
    return this.scannedBytes > 0;
  }

  /** Line ends between the record's start and the quote that is still open; `undefined` where none is. */
  get linesToOpenQuote(): number | undefined {
    return this.place === 'quoted' ? this.innerLinesAtQuote : undefined;
  }

  /**
   * Scans on in the record that begins at `bytes[from]`.
   *
   * @returns where its line end stands, or -1 where it does not end before `to`
   */
  find(bytes: Uint8Array, from: number, to: number): number {
    for (let at = from + this.scannedBytes; at < to; at++) {
      const byte = bytes[at]!;
      if (byte !== LINE_FEED && byte !== RETURN) this.place = this.placeAfter(byte);
      else if (this.place !== 'quoted') return at;
      else if (byte === RETURN || at === from || bytes[at - 1] !== RETURN) this.innerLines++;
    }
    this.scannedBytes = to - from;
    return -1;
  }

  /** Makes ready for the next record. */
  begin(): void {
    this.scannedBytes = 0;
    this.innerLines = 0;
    this.place = 'cell-start';
  }

  private placeAfter(byte: number): Place {
    if (this.place === 'quoted') return byte === QUOTE ? 'quote-in-quoted' : 'quoted';
    if (byte === QUOTE) {
      if (this.place === 'unquoted') return 'unquoted';
      if (this.place === 'cell-start') this.innerLinesAtQuote = this.innerLines;
      return 'quoted';
    }
    const isCandidate = byte === COMMA || byte === SEMICOLON || byte === TAB;
    const isDelimiter = this.delimiter === undefined ? isCandidate : byte === this.delimiter.charCodeAt(0);
    return isDelimiter ? 'cell-start' : 'unquoted';
  }
}

/**
 * The cells of one record's text without its line end, as written; `undefined` where a quoted cell goes on behind its
 * closing quote (blanks there are dropped). A quote in a cell that does not begin with one is plain text.
 */
export function splitRecord(text: string, delimiter: Delimiter): readonly string[] | undefined {
  const cells: string[] = [];
  for (let from = 0; ; ) {
    let end: number;
    if (text[from] === '"') {
      const closing = closingQuote(text, from + 1);
      if (closing < 0) return undefined;
      cells.push(text.slice(from + 1, closing).replaceAll('""', '"'));
      end = text.indexOf(delimiter, closing);
      if (end < 0) end = text.length;
      if (text.slice(closing + 1, end).trim() !== '') return undefined;
    } else {
      end = text.indexOf(delimiter, from);
      if (end < 0) end = text.length;
      cells.push(text.slice(from, end));
    }
    if (end === text.length) return cells;
    from = end + 1;
  }
}

/** The first quote from `from` on that is not doubled; -1 where there is none. */
function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}
