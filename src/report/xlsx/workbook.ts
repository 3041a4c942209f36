/**
 * Writes a workbook (ECMA-376, SpreadsheetML). Own code rather than a library's: write-excel-file 4.1 looks texts up in a plain object, so
 * that a VM called `__proto__` spoils the file, drops U+FFFD and writes the time into the archive; hucre 1.0 leaves `_x0041_` as it is, which
 * Excel shows as `A`. Here a text is always a text, and the same sheets give the same bytes.
 */
import { type ArchiveFile, zip } from './zip.ts';

/** How a cell's number is printed; `heading` and `note` are texts. */
export type Style = 'text' | 'heading' | 'note' | 'general' | 'whole' | 'decimal' | 'oneDecimal' | 'share' | 'instant';

export interface SheetCell {
  /** A text is never a formula; `null` is an empty cell. */
  readonly value: string | number | null;
  readonly style: Style;
}

export interface Sheet {
  /** As {@link legalSheetName} gives it. */
  readonly name: string;
  /** In characters of the standard font. */
  readonly columnWidths: readonly number[];
  /** Rows above the data, which stay in sight; the last of them is the heading that filters work on. */
  readonly frozenRows: number;
  readonly rows: readonly (readonly SheetCell[])[];
}

/** Excel's own limits ("Excel specifications and limits"). */
export const MAX_ROWS = 1_048_576;
const MAX_CHARACTERS = 32_767;
const MAX_NAME_CHARACTERS = 31;

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

/** Number formats; 0 is General and 49 is Text, so that a cell that somebody edits stays a text. */
const FORMATS: Readonly<Record<Style, { readonly id: number; readonly code?: string; readonly font?: number }>> = {
  text: { id: 49 },
  heading: { id: 49, font: 1 },
  note: { id: 49, font: 2 },
  general: { id: 0 },
  whole: { id: 3 },
  decimal: { id: 4 },
  oneDecimal: { id: 164, code: '#,##0.0' },
  share: { id: 10 },
  instant: { id: 165, code: 'yyyy\\-mm\\-dd\\ hh:mm:ss' },
};
const STYLES = Object.keys(FORMATS) as Style[];

/** A workbook of the sheets, in their order. @throws where there is none, or more rows than a sheet can have */
export function workbook(sheets: readonly Sheet[]): Uint8Array {
  if (sheets.length === 0) throw new Error('a workbook needs a sheet');
  const files: ArchiveFile[] = [
    file('[Content_Types].xml', contentTypes(sheets.length)),
    file('_rels/.rels', relations([['officeDocument', 'xl/workbook.xml']])),
    file('xl/workbook.xml', workbookXml(sheets)),
    file(
      'xl/_rels/workbook.xml.rels',
      relations([...sheets.map((_, at) => ['worksheet', `worksheets/sheet${at + 1}.xml`]), ['styles', 'styles.xml']]),
    ),
    file('xl/styles.xml', stylesXml()),
  ];
  sheets.forEach((sheet, at) => {
    files.push({ name: `xl/worksheets/sheet${at + 1}.xml`, bytes: sheetXml(sheet) });
  });
  return zip(files);
}

/**
 * A name that a sheet may have: at most 31 characters, none of `[]:*?/\`, no apostrophe at either end, not `History`, and none of `taken`
 * in whatever case (Excel, "Rename a worksheet"). Puts it into `taken`.
 */
export function legalSheetName(wanted: string, taken: Set<string>): string {
  const plain = legalText(wanted)
    .replace(/[[\]:*?/\\]/g, '-')
    .replace(/^['\s]+|['\s]+$/g, '');
  const base = plain === '' || plain.toLowerCase() === 'history' ? `Sheet ${plain}`.trim() : plain;
  for (let count = 1; ; count++) {
    const end = count === 1 ? '' : ` (${count})`;
    const name = `${cut(base, MAX_NAME_CHARACTERS - end.length).replace(/['\s]+$/, '')}${end}`;
    if (taken.has(name.toLowerCase())) continue;
    taken.add(name.toLowerCase());
    return name;
  }
}

/** Cut to so many UTF-16 units, which Excel counts, without halving a character. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = /[\uD800-\uDBFF]/.test(text[most - 1]!) ? most - 1 : most;
  return text.slice(0, end);
}

/** Without what XML 1.0 cannot hold (2.2, Char). */
function legalText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  return text.toWellFormed().replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, '\uFFFD');
}

/** As Excel reads it back: `_x0041_` in a file means `A` (ECMA-376 22.9.2.19, ST_Xstring), so a name of that form needs its first character escaped. */
function cellXml(text: string): string {
  return escaped(
    cut(legalText(text), MAX_CHARACTERS)
      .replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
      .replace(/\r/g, '_x000D_'),
  );
}

function escaped(text: string): string {
  return text.replace(
    /[&<>"]/g,
    (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[character]!,
  );
}

function file(name: string, xml: string): ArchiveFile {
  return { name, bytes: Buffer.from(xml) };
}

function contentTypes(count: number): string {
  const type = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
  const override = (part: string, kind: string): string =>
    `<Override PartName="/xl/${part}.xml" ContentType="${type}.${kind}+xml"/>`;
  const sheets = Array.from({ length: count }, (_, at) => override(`worksheets/sheet${at + 1}`, 'worksheet'));
  return `${HEAD}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${override('workbook', 'sheet.main')}${override('styles', 'styles')}${sheets.join('')}</Types>`;
}

function relations(targets: readonly (readonly string[])[]): string {
  const items = targets.map(
    ([type, target], at) => `<Relationship Id="rId${at + 1}" Type="${OFFICE}/${type}" Target="${target}"/>`,
  );
  return `${HEAD}<Relationships xmlns="${PACKAGE}/relationships">${items.join('')}</Relationships>`;
}

function workbookXml(sheets: readonly Sheet[]): string {
  const list = sheets.map(({ name }, at) => `<sheet name="${escaped(name)}" sheetId="${at + 1}" r:id="rId${at + 1}"/>`);
  // A filter is a hidden name of its sheet; without it Excel finds fault with the file.
  const filters = sheets.map((sheet, at) => {
    const quoted = `'${sheet.name.replaceAll("'", "''")}'`;
    return `<definedName name="_xlnm._FilterDatabase" localSheetId="${at}" hidden="1">${escaped(quoted)}!${filterRange(sheet, '$')}</definedName>`;
  });
  return `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets>${list.join('')}</sheets><definedNames>${filters.join('')}</definedNames></workbook>`;
}

function stylesXml(): string {
  const own = STYLES.map((style) => FORMATS[style]).filter(({ code }) => code !== undefined);
  const formats = own.map(({ id, code }) => `<numFmt numFmtId="${id}" formatCode="${escaped(code!)}"/>`).join('');
  const font = (inside: string): string => `<font>${inside}<sz val="11"/><name val="Calibri"/><family val="2"/></font>`;
  const cells = STYLES.map((style) => {
    const { id, font: fontId = 0 } = FORMATS[style];
    const top = style === 'heading' ? '<alignment vertical="top" wrapText="1"/>' : '<alignment vertical="top"/>';
    return `<xf numFmtId="${id}" fontId="${fontId}" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1" applyAlignment="1">${top}</xf>`;
  });
  return `${HEAD}<styleSheet xmlns="${MAIN}"><numFmts count="${own.length}">${formats}</numFmts><fonts count="3">${font('')}${font('<b/>')}${font('<i/>')}</fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="${cells.length}">${cells.join('')}</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`;
}

/** In pieces, since a long sheet's XML is longer than a text may be. */
function sheetXml(sheet: Sheet): Uint8Array {
  const { columnWidths, frozenRows, rows } = sheet;
  if (rows.length > MAX_ROWS) throw new Error(`sheet ${sheet.name} has ${rows.length} rows`);
  const below = `A${frozenRows + 1}`;
  const columns = columnWidths.map(
    (width, at) => `<col min="${at + 1}" max="${at + 1}" width="${width}" customWidth="1"/>`,
  );
  const pieces: Uint8Array[] = [
    Buffer.from(
      `${HEAD}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="${frozenRows}" topLeftCell="${below}" activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft" activeCell="${below}" sqref="${below}"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/><cols>${columns.join('')}</cols><sheetData>`,
    ),
  ];
  const names = columnWidths.map((_, at) => columnName(at));
  let pending: string[] = [];
  rows.forEach((row, at) => {
    pending.push(rowXml(row, at + 1, names));
    if (pending.length < 5000) return;
    pieces.push(Buffer.from(pending.join('')));
    pending = [];
  });
  pieces.push(Buffer.from(`${pending.join('')}</sheetData><autoFilter ref="${filterRange(sheet, '')}"/></worksheet>`));
  return Buffer.concat(pieces);
}

function rowXml(row: readonly SheetCell[], number: number, names: readonly string[]): string {
  const cells = row.map(({ value, style }, at) => {
    if (value === null) return '';
    const place = `r="${names[at]}${number}" s="${STYLES.indexOf(style)}"`;
    if (typeof value === 'number') return `<c ${place}><v>${value}</v></c>`;
    return `<c ${place} t="inlineStr"><is><t xml:space="preserve">${cellXml(value)}</t></is></c>`;
  });
  return `<row r="${number}">${cells.join('')}</row>`;
}

/** From the heading to the last row. */
function filterRange({ columnWidths, frozenRows, rows }: Sheet, sign: '$' | ''): string {
  const last = columnName(Math.max(0, columnWidths.length - 1));
  return `${sign}A${sign}${frozenRows}:${sign}${last}${sign}${Math.max(rows.length, frozenRows)}`;
}

/** `A` for 0, `AA` for 26. */
function columnName(at: number): string {
  return at < 26 ? String.fromCharCode(65 + at) : `${columnName(Math.floor(at / 26) - 1)}${columnName(at % 26)}`;
}
