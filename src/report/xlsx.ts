import { localMs, type RunClock } from '../model/clock.ts';
import { DAY_MS } from '../units.ts';
import { isoInstant } from './tables/cell-text.ts';
import { type Cell, type Column, headingOf, inUnit, type Table, type Tables } from './tables/table.ts';
import { columnsOf } from './terminal-width.ts';
import { legalSheetName, MAX_ROWS, type Sheet, type SheetCell, type Style, workbook } from './xlsx/workbook.ts';

/** The note, and the columns' headings. */
const HEAD_ROWS = 2;
const WIDTH_LEAST = 9;
const WIDTH_MOST = 60;
/** Enough of a long table to see how wide its texts are. */
const ROWS_FOR_WIDTH = 500;
/** 1970-01-01 and 1900-03-01 (before which Excel's calendar is a day off) and 10000-01-01 as serial numbers of days. */
const EPOCH_SERIAL = 25_569;
const FIRST_SERIAL = 61;
const LAST_SERIAL = 2_958_466;

/**
 * The tables as a workbook, a sheet each: a note, the headings with their units (both stay in sight), then the rows. Sizes are GiB, rates
 * Mbit/s, durations minutes or hours, as the headings say; instants are dates in local time. Texts are texts, whatever they begin with. A
 * table without rows keeps its headings.
 */
export function renderXlsx({ clock, tables }: Tables): Uint8Array {
  const taken = new Set<string>();
  return workbook(tables.flatMap((table) => sheetsOf(table, clock, taken)));
}

/** One sheet; more where there are more rows than one can have. */
function sheetsOf(table: Table, clock: RunClock, taken: Set<string>): Sheet[] {
  const rowsMost = MAX_ROWS - HEAD_ROWS;
  const count = Math.max(1, Math.ceil(table.rows.length / rowsMost));
  return Array.from({ length: count }, (_, part) => {
    const rows = table.rows.slice(part * rowsMost, (part + 1) * rowsMost);
    return {
      name: legalSheetName(table.sheet, taken),
      columnWidths: table.columns.map((column, index) => widthOf(column, rows, index)),
      frozenRows: HEAD_ROWS,
      rows: [
        [{ value: table.note, style: 'note' as const }],
        table.columns.map((column) => ({ value: headingOf(column), style: 'heading' as const })),
        ...rows.map((row) => row.map((cell, index) => sheetCell(table.columns[index]!, cell, clock))),
      ],
    };
  });
}

const STYLES: Readonly<Record<Column['kind'], Style>> = {
  text: 'text',
  flag: 'text',
  mixed: 'general',
  number: 'general',
  bytes: 'decimal',
  rate: 'decimal',
  duration: 'oneDecimal',
  share: 'share',
  instant: 'instant',
};

function sheetCell(column: Column, cell: Cell, clock: RunClock): SheetCell {
  const { kind } = column;
  if (typeof cell === 'boolean') return { value: cell ? 'yes' : 'no', style: 'text' };
  // An empty text would keep its neighbour from running over.
  if (typeof cell !== 'number') return { value: cell === '' ? null : cell, style: 'text' };
  if (kind !== 'instant') return { value: inUnit(column, cell) as number, style: STYLES[kind] };
  const serial = localMs(clock, cell) / DAY_MS + EPOCH_SERIAL;
  if (serial >= FIRST_SERIAL && serial < LAST_SERIAL) return { value: serial, style: 'instant' };
  return { value: isoInstant(clock, cell), style: 'text' };
}

/** As wide as the longest of its texts, within reason. A heading may take two lines. */
function widthOf(column: Column, rows: Table['rows'], index: number): number {
  const words = headingOf(column).split(' ').map(columnsOf);
  const heading = Math.max(...words, Math.ceil(columnsOf(headingOf(column)) / 2)) + 3;
  const number = column.kind === 'instant' ? 19 : 0;
  const texts = rows
    .slice(0, ROWS_FOR_WIDTH)
    .map((row) => (typeof row[index] === 'string' ? columnsOf(row[index]) : 0));
  return Math.min(WIDTH_MOST, Math.max(WIDTH_LEAST, heading, number, ...texts) + 1);
}
