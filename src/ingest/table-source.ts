import { type CsvSink, readCsv } from '../formats/csv.ts';
import type { Problem } from '../model/problem.ts';
import type { TextSource } from './text-source.ts';

/** A table to read: a CSV, or a sheet of a workbook. Read once. */
export interface TableSource {
  /** As the user gave it, with the sheet behind it; problems name it. */
  readonly name: string;
  readonly read: (sink: CsvSink) => Promise<void>;
  /** Asked when it has been read: what broke it off, where something did. */
  readonly brokenOff?: () => Problem | undefined;
}

export function csvTable({ name, chunks, brokenOff }: TextSource): TableSource {
  return { name, read: (sink) => readCsv(chunks, sink), ...(brokenOff === undefined ? {} : { brokenOff }) };
}

/**
 * A sheet's rows as text, the header where `headerAt` says (0 = the first): some exports begin with notes. Numbers in sheets have no thousands
 * separators, and their decimal sign is the point.
 */
export function sheetTable(name: string, rows: readonly (readonly string[])[], headerAt = 0): TableSource {
  return {
    name,
    async read(sink) {
      const header = rows[headerAt];
      if (header === undefined || !sink.header(header, headerAt + 1, '\t')) return;
      for (let at = headerAt + 1; at < rows.length; at++) {
        if (rows[at]!.some((cell) => cell !== '')) sink.record(rows[at]!, at + 1);
      }
    },
  };
}
