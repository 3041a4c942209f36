import Papa from 'papaparse';
import { type CsvFault, type Delimiter, detectDelimiter, RecordCutter } from './csv-records.ts';

export type { CsvFault, Delimiter } from './csv-records.ts';

/** What a reader of a CSV does with it. `line` is the file's line of the record's first character, from 1. */
export interface CsvSink {
  /** The first record. `false` ends the reading: the rest of the file would be of no use. */
  header(cells: readonly string[], line: number, delimiter: Delimiter): boolean;
  /** Each further record but blank ones (no text in any cell). Cells are as written, not trimmed. */
  record(cells: readonly string[], line: number): void;
  fault(fault: CsvFault): void;
}

/** Characters of whole records that are parsed at once: papaparse's cost per call vanishes, memory stays small. */
const BLOCK_CHARACTERS = 128 * 1024;
/** Longer chunks are taken in pieces, so that a fault in a long line is seen before all of it has been scanned. */
const PIECE_CHARACTERS = 256 * 1024;

/**
 * Reads a CSV from chunks of text, cut anywhere, into a sink, in bounded memory. The delimiter (`,` `;` tab) is that of
 * the header line or of a line `sep=;` before it; a BOM, a `#TYPE` line (PowerShell's Export-Csv) and blank lines are
 * skipped. A file without any record calls nothing.
 */
export async function readCsv(chunks: AsyncIterable<string>, sink: CsvSink): Promise<void> {
  const reader = new CsvReader(sink);
  let isFirst = true;
  for await (const chunk of chunks) {
    if (chunk.length === 0) continue;
    const text = isFirst && chunk.startsWith('\uFEFF') ? chunk.slice(1) : chunk;
    isFirst = false;
    for (let from = 0; from < text.length; from += PIECE_CHARACTERS) {
      reader.push(text.slice(from, from + PIECE_CHARACTERS));
      if (reader.isDone) return;
    }
  }
  reader.end();
}

class CsvReader {
  isDone = false;
  private readonly sink: CsvSink;
  private readonly cutter: RecordCutter;
  private texts: string[] = [];
  private lines: number[] = [];
  private characters = 0;
  private hasHeader = false;

  constructor(sink: CsvSink) {
    this.sink = sink;
    this.cutter = new RecordCutter((text, line) => this.take(text, line));
  }

  push(text: string): void {
    this.stopAt(this.cutter.push(text));
    if (this.characters >= BLOCK_CHARACTERS) this.flush();
  }

  end(): void {
    this.stopAt(this.cutter.end());
    this.flush();
  }

  private stopAt(fault: CsvFault | undefined): void {
    if (fault === undefined || this.isDone) return;
    this.flush();
    this.sink.fault(fault);
    this.isDone = true;
  }

  private take(text: string, line: number): void {
    if (this.isDone || text.trim() === '') return;
    if (!this.hasHeader) {
      this.begin(text, line);
      return;
    }
    this.texts.push(text);
    this.lines.push(line);
    this.characters += text.length;
  }

  private begin(text: string, line: number): void {
    if (/^"?#TYPE\b/i.test(text)) return;
    const separator = /^"?sep=([,;\t])"?$/i.exec(text.trimStart())?.[1];
    if (separator !== undefined && this.cutter.delimiter === undefined) {
      this.cutter.delimiter = separator as Delimiter;
      return;
    }
    this.cutter.delimiter ??= detectDelimiter(text);
    this.hasHeader = true;
    const cells = this.parseOne(text, line);
    this.isDone = cells === undefined || !this.sink.header(cells, line, this.cutter.delimiter);
  }

  private flush(): void {
    const { texts, lines } = this;
    this.texts = [];
    this.lines = [];
    this.characters = 0;
    const { rows, isClean } = this.parse(texts.join('\n'));
    if (isClean && rows.length === texts.length) {
      for (let index = 0; index < rows.length; index++) this.give(rows[index]!, lines[index]!);
      return;
    }
    // A stray quote makes the parser run on into the next records: one by one, it costs its own record only.
    for (let index = 0; index < texts.length; index++)
      this.give(this.parseOne(texts[index]!, lines[index]!), lines[index]!);
  }

  private give(cells: readonly string[] | undefined, line: number): void {
    if (cells?.some((cell) => cell !== '') === true) this.sink.record(cells, line);
  }

  private parseOne(text: string, line: number): readonly string[] | undefined {
    const { rows, isClean } = this.parse(text);
    if (isClean && rows.length === 1) return rows[0];
    this.sink.fault({ kind: 'stray-quote', line });
    return undefined;
  }

  private parse(text: string): { rows: readonly (readonly string[])[]; isClean: boolean } {
    if (text === '') return { rows: [], isClean: true };
    // The cutter has ended the records and the sink names the columns: papaparse only splits cells. Its `header: true`
    // makes an object per row (slow, and unsafe with a column called __proto__).
    // The line end after the last record lets it end a quoted cell with blanks behind the quote; it adds a row `['']`.
    const parsed = Papa.parse<string[]>(`${text}\n`, { delimiter: this.cutter.delimiter ?? ',', newline: '\n' });
    return { rows: parsed.data.slice(0, -1), isClean: parsed.errors.length === 0 };
  }
}
