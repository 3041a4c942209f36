import Papa from 'papaparse';
import type { RunClock } from '../model/clock.ts';
import { isoInstant } from './tables/cell-text.ts';
import type { Cell, Column, Table } from './tables/table.ts';

/**
 * Excel takes a CSV that it opens for one in the machine's code page, unless it begins with this; readers that know UTF-8 skip it.
 */
const BYTE_ORDER_MARK = '\uFEFF';

/**
 * What a spreadsheet takes for the beginning of a formula (OWASP, "CSV Injection": `=`, `+`, `-`, `@`, tab, CR, LF and the full-width forms),
 * at the start of a cell, or behind a `;`, which splits cells where the spreadsheet's list separator is one, quoted or not. Blanks and
 * apostrophes before it are of no help.
 */
const FORMULA = /(^|;)(?=[\s']*[=+\-@\t\r\n＝＋－＠])/g;
const MADE_TEXT = /(^|;)'(?=[\s']*[=+\-@\t\r\n＝＋－＠])/g;

/** The text with an apostrophe before everything that a spreadsheet would take for a formula; any other text as it is. */
export function withoutFormulas(text: string): string {
  return text.replace(FORMULA, "$1'");
}

/** The text that {@link withoutFormulas} was given: for programs that read our CSVs back. */
export function withFormulas(text: string): string {
  return text.replace(MADE_TEXT, '$1');
}

/**
 * The table as CSV (RFC 4180): UTF-8 with a byte order mark, commas, lines that end in CR LF, a header line with the columns' keys. Numbers are
 * exact, in the base unit that the key names (bytes, bits per second, milliseconds, shares of one), instants are ISO 8601 with the offset,
 * what has no value is empty.
 */
export function renderCsv(table: Table, clock: RunClock): string {
  const keys = table.columns.map(({ key }) => key);
  const rows = table.rows.map((row) => row.map((cell, index) => csvCell(table.columns[index]!, cell, clock)));
  return csvText([keys, ...rows]);
}

/** Rows of cells as a CSV of ours; the cells stand as they are. */
export function csvText(rows: readonly (readonly string[])[]): string {
  return `${BYTE_ORDER_MARK}${Papa.unparse(rows as string[][], { newline: '\r\n' })}\r\n`;
}

function csvCell({ kind }: Column, cell: Cell, clock: RunClock): string {
  if (cell === null) return '';
  if (typeof cell === 'string') return withoutFormulas(cell);
  if (typeof cell === 'boolean') return cell ? 'yes' : 'no';
  return kind === 'instant' ? isoInstant(clock, cell) : plainDecimal(cell);
}

/** Without an exponent, which not every reader takes for a number. */
function plainDecimal(value: number): string {
  const text = String(value);
  if (!text.includes('e')) return text;
  return Math.abs(value) >= 1 ? BigInt(value).toString() : value.toFixed(20).replace(/\.?0+$/, '');
}
