/** Cuts CSV text into records as it streams in, keeping no more than the record at hand. */

/** Longest record, in characters: 1 MiB. A row of an inventory has a few hundred; more is no table. */
export const MAX_RECORD_CHARACTERS: number = 1024 ** 2;

export const DELIMITERS = [';', '\t', ','] as const;
export type Delimiter = (typeof DELIMITERS)[number];

export type CsvFault =
  /** Fatal: reading ends here. `quoteLine` where a quoted cell was still open. */
  | { readonly kind: 'record-too-long'; readonly line: number; readonly quoteLine?: number }
  /** Fatal: the text ends inside a quoted cell. `line` is that of the quote. */
  | { readonly kind: 'unclosed-quote'; readonly line: number }
  /** This record cannot be trusted and is left out; reading goes on. */
  | { readonly kind: 'stray-quote'; readonly line: number };

/** A record's raw text, without its line end. `line` is the file's first line of it, from 1. */
type OnRecord = (text: string, line: number) => void;

const TAB = 9;
const LINE_FEED = 10;
const RETURN = 13;
const QUOTE = 34;
const COMMA = 44;
const SEMICOLON = 59;

/** Where the scan stands. A quote opens a quoted cell only at a cell's start, so that `15" disk` is plain text. */
type Place = 'cell-start' | 'unquoted' | 'quoted' | 'quote-in-quoted';

/**
 * Reads each character once, whatever the chunks: the state of the scan outlives them. Records end at LF, CRLF or CR
 * outside quotes. Until `delimiter` is set, each of the three candidates ends a cell.
 */
export class RecordCutter {
  delimiter: Delimiter | undefined;
  private readonly onRecord: OnRecord;
  private place: Place = 'cell-start';
  private previous = 0;
  private line = 1;
  private recordLine = 1;
  private quoteLine = 1;
  /** The record's text in earlier chunks. */
  private carried: string[] = [];
  private carriedCharacters = 0;

  constructor(onRecord: OnRecord) {
    this.onRecord = onRecord;
  }

  /** The next piece of the text. After a fault the cutter must not be used again. */
  push(text: string): CsvFault | undefined {
    let from = 0;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      const secondOfPair = code === LINE_FEED && this.previous === RETURN;
      this.previous = code;
      if (code === LINE_FEED || code === RETURN) {
        if (!secondOfPair) this.line++;
        if (this.place === 'quoted') continue;
        if (!secondOfPair && !this.endRecord(text.slice(from, at))) return this.tooLong();
        from = at + 1;
        this.recordLine = this.line;
      } else {
        this.place = this.placeAfter(code);
      }
    }
    this.carried.push(text.slice(from));
    this.carriedCharacters += text.length - from;
    return this.carriedCharacters > MAX_RECORD_CHARACTERS ? this.tooLong() : undefined;
  }

  /** The end of the text: the last record needs no line end. */
  end(): CsvFault | undefined {
    if (this.place === 'quoted') return { kind: 'unclosed-quote', line: this.quoteLine };
    this.endRecord('');
    return undefined;
  }

  private placeAfter(code: number): Place {
    if (this.place === 'quoted') return code === QUOTE ? 'quote-in-quoted' : 'quoted';
    if (code === QUOTE) {
      if (this.place === 'quote-in-quoted') return 'quoted';
      if (this.place === 'unquoted') return 'unquoted';
      this.quoteLine = this.line;
      return 'quoted';
    }
    return this.isDelimiter(code) ? 'cell-start' : 'unquoted';
  }

  private isDelimiter(code: number): boolean {
    if (code !== COMMA && code !== SEMICOLON && code !== TAB) return false;
    return this.delimiter === undefined || code === this.delimiter.charCodeAt(0);
  }

  private endRecord(tail: string): boolean {
    if (this.carriedCharacters + tail.length > MAX_RECORD_CHARACTERS) return false;
    const text = this.carriedCharacters === 0 ? tail : this.carried.join('') + tail;
    this.carried = [];
    this.carriedCharacters = 0;
    this.place = 'cell-start';
    this.onRecord(text, this.recordLine);
    return true;
  }

  private tooLong(): CsvFault {
    const fault = { kind: 'record-too-long', line: this.recordLine } as const;
    return this.place === 'quoted' ? { ...fault, quoteLine: this.quoteLine } : fault;
  }
}

/** The candidate that stands most often outside quotes in a header line; the comma where there is none. */
export function detectDelimiter(header: string): Delimiter {
  const bare = header.replace(/"(?:[^"]|"")*"/g, '');
  let best: Delimiter = ',';
  for (const candidate of DELIMITERS) {
    if (bare.split(candidate).length > bare.split(best).length) best = candidate;
  }
  return best;
}
