import { MIB } from '../units.ts';
import { decodeUtf8 } from './byte-text.ts';
import { type ArchiveEntry, archive, fault, latin1, readArchive, unpack, type WorkbookFault } from './xlsx-archive.ts';

export type { WorkbookFault } from './xlsx-archive.ts';

/** A sheet of a workbook, every row as long as the longest; rows[0] is the sheet's row 1, blank ones are kept. */
export interface WorkbookSheet {
  readonly name: string;
  readonly rows: string[][];
}

export type Workbook = { readonly sheets: WorkbookSheet[] } | { readonly fault: WorkbookFault };

/** Rows times columns of one sheet. [chosen] */
export const MAX_SHEET_CELLS = 1_000_000;
/** Of all sheets together: the 27 of RVTools with some 10,000 VMs. [chosen] */
export const MAX_WORKBOOK_CELLS = 4_000_000;
/** Excel's own limits ("Excel specifications and limits"). */
const MAX_ROWS = 1_048_576;
const MAX_COLUMNS = 16_384;
const MAX_SHEETS = 512;
/** Declarations and the root's start, with the namespaces that it declares, are shorter. [chosen] */
const START_BYTES = 16_384;

/** Of all else nothing is known, and the library gets none of it. */
const KNOWN_ROOTS: ReadonlySet<string> = new Set(['workbook', 'Relationships', 'sst', 'styleSheet', 'worksheet']);

interface Part {
  readonly entry: ArchiveEntry;
  readonly bytes: Uint8Array;
  /** Its root element, without a prefix: `worksheet`, `sst`, `styleSheet`, `workbook`, `Relationships`. */
  readonly root: string;
}

/**
 * Reads the cells of all sheets of an XLSX workbook as text: numbers as plain decimals, dates as ISO 8601 without a zone (a sheet's dates
 * have none), booleans as TRUE and FALSE, errors and formulas without a value as empty cells. What is wrong with the file is returned,
 * never thrown.
 *
 * The file is unpacked here, not by the library, so that sizes and addresses are known before anything is made of them; the library gets it
 * packed anew.
 */
export async function readWorkbook(bytes: Uint8Array): Promise<Workbook> {
  const entries = readArchive(bytes);
  if ('fault' in entries) return entries;
  const parts: Part[] = [];
  for (const entry of entries) {
    if (!/\.xml(\.rels)?$/.test(entry.text)) continue;
    const unpacked = await unpack(entry);
    if ('fault' in unpacked) return unpacked;
    parts.push({ entry, bytes: unpacked, root: rootOf(unpacked) });
  }
  if (!parts.some(({ entry }) => entry.text === 'xl/workbook.xml')) {
    return fault('not-a-workbook', 'It is a ZIP archive, but no XLSX workbook.');
  }
  const worksheets = parts.filter(({ root }) => root === 'worksheet');
  const size = checkSizes(parts, worksheets);
  if (size !== undefined) return { fault: size };
  return readSheets(parts);
}

function checkSizes(parts: readonly Part[], worksheets: readonly Part[]): WorkbookFault | undefined {
  const book = parts.filter(({ root }) => root === 'workbook' || root === 'Relationships');
  if (worksheets.length > MAX_SHEETS) {
    return fault('too-large', `It has ${worksheets.length} sheets.`).fault;
  }
  if (book.some(({ bytes }) => bytes.length > MIB)) {
    return fault('too-large', 'Its list of sheets is longer than 1 MiB.').fault;
  }
  const listed = parts
    .filter(({ root }) => root === 'workbook')
    .map(({ bytes }) => decodeUtf8(bytes, 0, bytes.length).text);
  if (listed.some((text) => (text.match(/[<:]sheet[\s/>]/g)?.length ?? 0) > MAX_SHEETS)) {
    return fault('too-large', `It has more than ${MAX_SHEETS} sheets.`).fault;
  }
  // What is no worksheet by its root may be called one by the list of sheets.
  if (parts.some(({ root, bytes }) => root !== 'worksheet' && hasSheetData(bytes))) {
    return fault('damaged', 'A file in it that is no sheet holds the rows of one.').fault;
  }
  let cells = 0;
  for (const { bytes, entry } of worksheets) {
    const extent = extentOf(bytes);
    if (extent === undefined) return fault('damaged', `An address in ${entry.text} is none of a sheet.`).fault;
    if (extent > MAX_SHEET_CELLS) return fault('too-large', 'A sheet has more than 1,000,000 cells.').fault;
    cells += extent;
  }
  return cells > MAX_WORKBOOK_CELLS ? fault('too-large', 'It has more than 4,000,000 cells.').fault : undefined;
}

async function readSheets(parts: readonly Part[]): Promise<Workbook> {
  const { default: readXlsxFile } = await import('read-excel-file/universal');
  const known = parts.filter(({ root }) => KNOWN_ROOTS.has(root));
  const packed = archive(known.map((part) => (part.root === 'worksheet' ? withSheetData(part) : part)));
  try {
    const read = (await readXlsxFile(packed, { parseNumber: plainDecimal })) as readonly {
      readonly sheet: string;
      /** A chart's sheet has none. */
      readonly data?: readonly (readonly unknown[])[];
    }[];
    // A file may be listed as many sheets.
    const rowsOf = new Map<unknown, string[][]>();
    const sheets = read.map(({ sheet: name, data = [] }) => {
      const rows = rowsOf.get(data) ?? data.map((row) => row.map(cellText));
      rowsOf.set(data, rows);
      return { name, rows };
    });
    return { sheets };
  } catch (error) {
    const why = error instanceof Error ? error.message.slice(0, 200) : String(error);
    return fault('damaged', `The workbook cannot be read: ${why}`);
  }
}

/**
 * The sheet with an empty `sheetData` before its own, which takes its place. Of a sheet with none the library's promise is rejected later than
 * another sheet may throw, and nobody would handle that: the process would end.
 */
function withSheetData(part: Part): Part {
  const start = latin1(part.bytes, 0, Math.min(START_BYTES, part.bytes.length));
  const tag = /<(?:[\w.-]+:)?worksheet(?:\s(?:[^<>"']|"[^"]*"|'[^']*')*)?>/.exec(start);
  const at = tag === null || tag[0].endsWith('/>') ? undefined : tag.index + tag[0].length;
  if (at === undefined) return { ...part, bytes: ascii('<worksheet><sheetData/></worksheet>') };
  const bytes = new Uint8Array(part.bytes.length + EMPTY_DATA.length);
  bytes.set(part.bytes.subarray(0, at));
  bytes.set(EMPTY_DATA, at);
  bytes.set(part.bytes.subarray(at), at + EMPTY_DATA.length);
  return { ...part, bytes };
}

const EMPTY_DATA: Uint8Array = ascii('<sheetData/>');

function cellText(cell: unknown): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'boolean') return cell ? 'TRUE' : 'FALSE';
  if (typeof cell === 'string') return cell;
  // A date: its clock is the sheet's, whatever the zone.
  const date = cell as { valueOf(): number; setTime(epochMs: number): void; toISOString(): string };
  const epochMs = date.valueOf();
  if (!Number.isFinite(epochMs)) return '';
  // Fractions of days are inexact, and the library rounds down.
  if (epochMs % 1000 === 999) date.setTime(epochMs + 1);
  return date.toISOString().replace(/(\.000)?Z$/, '');
}

/** The text of a number as the file has it (17 digits, perhaps an exponent) as a plain decimal; what is no number stays as it is. */
function plainDecimal(text: string): string {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) return text;
  const magnitude = Math.abs(value);
  if (magnitude >= 1e21) return BigInt(value).toString();
  return magnitude > 0 && magnitude < 1e-6 ? value.toFixed(20).replace(/\.?0+$/, '') : String(value);
}

/**
 * Rows times columns of a worksheet's file: to as many the library fills it up. Empty cells and rows (`<c …/>`) count nothing. Every `r="…"` is judged,
 * wherever it stands: what the XML parser will make of it need not be known then.
 *
 * @returns `undefined` where one is no address of a sheet
 */
function extentOf(xml: Uint8Array): number | undefined {
  let rows = 0;
  let columns = 0;
  let rowTags = 0;
  for (let at = 1; at < xml.length; at++) {
    const byte = xml[at]!;
    if (byte === ROW[0] && xml[at + 1] === ROW[1] && xml[at + 2] === ROW[2] && ++rowTags > MAX_ROWS) return undefined;
    if (byte !== EQUALS || xml[at - 1] !== SMALL_R || isNameByte(xml[at - 2] ?? 0)) continue;
    const quote = xml[at + 1]!;
    if (quote !== QUOTE && quote !== APOSTROPHE) continue;
    const end = xml.indexOf(quote, at + 2);
    const address = end < 0 || end > at + 16 ? undefined : addressOf(xml, at + 2, end);
    if (address === undefined) return undefined;
    const { row, column } = address;
    if ((row <= rows && column <= columns) || endsEmpty(xml, end + 1)) continue;
    rows = Math.max(rows, row);
    columns = Math.max(columns, column);
  }
  return rows * columns;
}

const ROW = [0x72, 0x6f, 0x77] as const;
const SMALL_R = 0x72;
const EQUALS = 0x3d;
const QUOTE = 0x22;
const APOSTROPHE = 0x27;

/** Whether an element `sheetData` may begin in it, with a prefix or without. */
function hasSheetData(xml: Uint8Array): boolean {
  for (let at = xml.indexOf(0x44); at >= 0; at = xml.indexOf(0x44, at + 1)) {
    if (/^[<:]sheetData/.test(latin1(xml, Math.max(0, at - 6), Math.min(at + 4, xml.length)))) return true;
  }
  return false;
}

/** A letter, a digit, `-`, `.` or `_`: the `r` before it ends a longer name. */
function isNameByte(byte: number): boolean {
  const isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
  return isLetter || (byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x2e || byte === 0x5f;
}

/** `B12`, or `12` of a row, which is in column 0; `undefined` where it is no address of a sheet. */
function addressOf(xml: Uint8Array, from: number, to: number): { row: number; column: number } | undefined {
  let at = from;
  let column = 0;
  for (; at < to && xml[at]! >= 0x41 && xml[at]! <= 0x5a; at++) column = column * 26 + xml[at]! - 0x40;
  let row = 0;
  const digitsFrom = at;
  for (; at < to && xml[at]! >= 0x30 && xml[at]! <= 0x39; at++) row = row * 10 + xml[at]! - 0x30;
  return at < to || at === digitsFrom || row > MAX_ROWS || column > MAX_COLUMNS ? undefined : { row, column };
}

/** Whether the tag ends itself after plain attributes only, as in ` s="4"/>`. */
function endsEmpty(xml: Uint8Array, from: number): boolean {
  const rest = latin1(xml, from, Math.min(from + 100, xml.length));
  return /^(\s+[\w:.]+="[\w :.]*")*\s*\/>/.test(rest);
}

/** The name of the first element, without a prefix; '' where none begins in the first 16 KiB. */
function rootOf(xml: Uint8Array): string {
  const start = latin1(xml, 0, Math.min(START_BYTES, xml.length));
  return /^(?:\xEF\xBB\xBF)?\s*(?:<\?[^>]*\?>\s*)*<(?:[\w.-]+:)?(\w+)/.exec(start)?.[1] ?? '';
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
