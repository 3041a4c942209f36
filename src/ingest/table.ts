import type { CsvFault, Delimiter } from '../formats/csv.ts';
import type { Problem } from '../model/problem.ts';
import { type ColumnSpec, type Columns, matchColumns } from './columns.ts';
import { countOf, type ProblemList } from './problem-list.ts';
import type { TableSource } from './table-source.ts';

/** Takes each row with as many cells as the header, or fewer: the missing ones are empty. */
export type OnRow = (cells: readonly string[], row: number) => void;

/**
 * Reads a table with known columns. `begin` is called once, when the header is known and holds all that is required; with
 * an error in the header, or where `begin` finds one, no row is read. Everything that is wrong with the file itself is reported; returns whether
 * rows were read.
 */
export async function readTable<K extends string>(
  source: TableSource,
  specs: readonly ColumnSpec<K>[],
  problems: ProblemList,
  begin: (columns: Columns<K>, headerRow: number, delimiter: Delimiter) => OnRow | undefined,
): Promise<boolean> {
  let onRow: OnRow | undefined;
  let headerLength = 0;
  let rowCount = 0;
  let hasHeader = false;
  await source.read({
    header(cells, row, delimiter) {
      hasHeader = true;
      headerLength = cells.length;
      const columns = matchColumns(specs, cells, row, problems);
      if (problems.errorCount > 0) return false;
      onRow = begin(columns, row, delimiter);
      return onRow !== undefined;
    },
    record(cells, row) {
      rowCount++;
      if (cells.length > headerLength) reportExtraCells(cells, headerLength, row, problems);
      else onRow?.(cells, row);
    },
    fault: (fault) => reportFault(fault, problems),
  });
  reportEnd(source.brokenOff?.(), hasHeader, rowCount, problems);
  return rowCount > 0;
}

/** What shows at a table's end: what broke it off, or that there was nothing in it. */
export function reportEnd(
  brokenOff: Problem | undefined,
  hasHeader: boolean,
  rowCount: number,
  problems: ProblemList,
): void {
  if (brokenOff !== undefined) problems.add(brokenOff);
  if (problems.errorCount > 0) return;
  if (!hasHeader)
    problems.error('csv-empty', {}, 'The file is empty.', 'Give a CSV with a header line and rows under it.');
  else if (rowCount === 0) {
    problems.error('csv-header-only', {}, 'The file has a header line and no row under it.', 'Add the rows.');
  }
}

export function reportExtraCells(
  cells: readonly string[],
  headerLength: number,
  row: number,
  problems: ProblemList,
): void {
  const message = `The row has ${countOf(cells.length, 'cell')}, the header ${headerLength}.`;
  const remedy = 'Quote the cells that hold the delimiter, such as "1,5"; delete delimiters at the end of the row.';
  problems.error('csv-extra-cells', { row, value: cells[headerLength]! }, message, remedy);
}

export function reportFault(fault: CsvFault, problems: ProblemList): void {
  if (fault.kind === 'record-too-long') {
    const inQuotes =
      fault.quoteLine === undefined
        ? ''
        : ` It is inside quotes that open in line ${fault.quoteLine} and may lack their end.`;
    const message = `The row that begins here is longer than 1 MiB; the file was not read beyond it.${inQuotes}`;
    problems.error(
      'csv-record-too-long',
      { row: fault.line },
      message,
      'Check that this is a CSV with a line per row.',
    );
  } else if (fault.kind === 'unclosed-quote') {
    const message = 'A quote opens here and never closes; the file was not read beyond it.';
    problems.error('csv-unclosed-quote', { row: fault.line }, message, 'Close the quote, or delete it.');
  } else {
    const message = 'A quoted cell goes on behind its closing quote.';
    problems.error('csv-stray-quote', { row: fault.line }, message, 'Write a quote inside a quoted cell twice: "".');
  }
}
