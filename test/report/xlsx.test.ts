import { inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readWorkbook } from '../../src/formats/xlsx.ts';
import { readArchive } from '../../src/formats/xlsx-archive.ts';
import { localMs } from '../../src/model/clock.ts';
import { tablesOf } from '../../src/report/tables/registry.ts';
import { headingOf, inUnit } from '../../src/report/tables/table.ts';
import { legalSheetName, MAX_ROWS, workbook } from '../../src/report/xlsx/workbook.ts';
import { renderXlsx } from '../../src/report/xlsx.ts';
import { samplePlan } from './sample-plan.ts';
import { DOCUMENT_NAMES, fullPlan } from './sample-tables.ts';

/** The files of the archive, by name. */
function unzip(bytes: Uint8Array): Map<string, string> {
  const entries = readArchive(bytes);
  if ('fault' in entries) throw new Error(entries.fault.text);
  return new Map(entries.map(({ text, packed }) => [text, inflateRawSync(packed).toString('utf8')]));
}

/** Cells of a sheet's XML by address: its text, or its number. Excel reads `_x0041_` as A. */
function cellsOf(xml: string): Map<string, string | number> {
  const plain = (text: string): string =>
    text
      .replace(/&lt;/g, '<')
      .replace(/&gt;/g, '>')
      .replace(/&quot;/g, '"')
      .replace(/&amp;/g, '&')
      .replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  const cells = new Map<string, string | number>();
  for (const [, address, rest, inside] of xml.matchAll(/<c r="([A-Z]+\d+)"([^>]*)>(.*?)<\/c>/gs)) {
    const text = /^<is><t xml:space="preserve">(.*)<\/t><\/is>$/s.exec(inside!)?.[1];
    if (/t="inlineStr"/.test(rest!)) cells.set(address!, plain(text!));
    else cells.set(address!, Number(/^<v>(.*)<\/v>$/.exec(inside!)![1]));
  }
  return cells;
}

function letters(at: number): string {
  return at < 26
    ? String.fromCharCode(65 + at)
    : letters(Math.floor(at / 26) - 1) + String.fromCharCode(65 + (at % 26));
}

const { clock, tables } = tablesOf(fullPlan());
const bytes = renderXlsx({ clock, tables });
const files = unzip(bytes);

describe('XLSX', () => {
  test.each(tables.map((table, at) => [table.sheet, table, at] as const))(
    '%s comes back with the same values',
    (sheet, table, at) => {
      const cells = cellsOf(files.get(`xl/worksheets/sheet${at + 1}.xml`)!);
      expect(files.get('xl/workbook.xml')).toContain(`<sheet name="${sheet}" sheetId="${at + 1}"`);
      expect(cells.get('A1')).toBe(table.note);
      for (const [index, column] of table.columns.entries())
        expect(cells.get(`${letters(index)}2`)).toBe(headingOf(column));
      let count = 0;
      table.rows.forEach((row, line) => {
        row.forEach((cell, index) => {
          const column = table.columns[index]!;
          const found = cells.get(`${letters(index)}${line + 3}`);
          if (cell === null || cell === '') {
            expect(found).toBeUndefined();
            return;
          }
          count++;
          if (typeof cell === 'string') {
            expect(found).toBe(cell.length <= 32_767 ? cell : cell.slice(0, 32_767));
          } else if (column.kind === 'instant') {
            expect(Math.round(((found as number) - 25_569) * 86_400_000)).toBe(localMs(clock, cell as number));
          } else expect(found).toBe(inUnit(column, cell));
        });
      });
      expect(count).toBeGreaterThan(0);
      expect(cells.size).toBe(count + 1 + table.columns.length);
    },
  );

  test('the product’s own reader of workbooks reads it', async () => {
    const read = await readWorkbook(bytes);
    if ('fault' in read) throw new Error(read.fault.text);
    expect(read.sheets.map(({ name }) => name)).toEqual(tables.map(({ sheet }) => sheet));
    const vms = tables.findIndex(({ id }) => id === 'vms');
    const names = read.sheets[vms]!.rows.slice(2).map(([name]) => name);
    expect(names).toContain('=HYPERLINK("http://x","y")');
    expect(names).toContain('__proto__');
    expect(names).toContain('constructor');
    expect(names).toHaveLength(tables[vms]!.rows.length);
    // Another reader than the one above: numbers, too.
    const links = tables.findIndex(({ id }) => id === 'links');
    expect(read.sheets[links]!.rows[2]![1]).toBe('100');
  });

  test('no formula, no link and nothing else but cells is in it, whatever the names', () => {
    for (const [name, xml] of files) {
      expect(xml, name).not.toMatch(/<f[ >]|<hyperlink|<script|<!DOCTYPE|<!ENTITY|externalLink/);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these XML cannot hold
      expect(xml).not.toMatch(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/);
      expect(xml.isWellFormed()).toBe(true);
    }
  });

  test('the heading stays in sight, can be filtered, and texts stay texts when they are edited', () => {
    const xml = files.get('xl/worksheets/sheet1.xml')!;
    expect(xml).toContain('<pane ySplit="2" topLeftCell="A3" activePane="bottomLeft" state="frozen"/>');
    expect(xml).toContain(`<autoFilter ref="A2:D${tables[0]!.rows.length + 2}"/>`);
    const style = /<c r="A3" s="(\d+)" t="inlineStr">/.exec(xml)![1]!;
    const formats = [...files.get('xl/styles.xml')!.matchAll(/<xf numFmtId="(\d+)"[^>]*applyNumberFormat/g)];
    expect(formats[Number(style)]![1]).toBe('49');
    for (const [, width] of xml.matchAll(/<col [^>]*width="([\d.]+)"/g)) {
      expect(Number(width)).toBeGreaterThan(8);
      expect(Number(width)).toBeLessThan(62);
    }
  });

  test('the same plan gives the same bytes', () => {
    expect(Buffer.compare(Buffer.from(renderXlsx(tablesOf(fullPlan()))), Buffer.from(bytes))).toBe(0);
  });

  test('numbers, dates and shares have their formats', () => {
    const vms = tables.findIndex(({ id }) => id === 'vms');
    const xml = files.get(`xl/worksheets/sheet${vms + 1}.xml`)!;
    const formats = [...files.get('xl/styles.xml')!.matchAll(/<xf numFmtId="(\d+)"[^>]*applyNumberFormat/g)].map(
      ([, id]) => id,
    );
    const formatOf = (key: string): string | undefined => {
      const column = letters(tables[vms]!.columns.findIndex((candidate) => candidate.key === key));
      return formats[Number(new RegExp(`<c r="${column}\\d+" s="(\\d+)"><v>`).exec(xml)![1])];
    };
    expect(formatOf('usedBytes')).toBe('4');
    expect(formatOf('withinTargetShare')).toBe('10');
    expect(formatOf('protectedAtMs')).toBe('165');
    expect(files.get('xl/styles.xml')).toContain('<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/>');
  });

  test('an instant beyond Excel’s calendar is a text', () => {
    const column = { key: 'atMs', title: 'x', kind: 'instant' as const, unit: '', perUnit: 1 };
    const far = { ...tables[0]!, columns: [column], rows: [[0], [Date.UTC(12_000, 0, 1)]] };
    const cells = cellsOf(
      unzip(renderXlsx({ clock: samplePlan().clock, tables: [far] })).get('xl/worksheets/sheet1.xml')!,
    );
    expect(typeof cells.get('A3')).toBe('number');
    expect(cells.get('A4')).toMatch(/^12\d{3}-/);
  });

  test('more rows than a sheet can have go on in the next one', () => {
    const column = { key: 'x', title: 'x', kind: 'number' as const, unit: '', perUnit: 1 };
    const long = {
      ...tables[0]!,
      sheet: 'Long',
      columns: [column],
      rows: Array.from({ length: MAX_ROWS }, (_, at) => [at]),
    };
    const book = unzip(renderXlsx({ clock, tables: [long] }));
    expect(book.get('xl/workbook.xml')).toContain('<sheet name="Long (2)"');
    expect([...book.get('xl/worksheets/sheet2.xml')!.matchAll(/<row /g)]).toHaveLength(2 + 2);
    expect(() => workbook([])).toThrow('needs a sheet');
  });
});

describe('names of sheets', () => {
  test('any name becomes a legal one, and no two are the same in whatever case', () => {
    const name = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.constantFrom(...DOCUMENT_NAMES, 'History', "''''", '[]'),
    );
    fc.assert(
      fc.property(fc.array(name, { maxLength: 20 }), (wanted) => {
        const taken = new Set<string>();
        const names = wanted.map((one) => legalSheetName(one, taken));
        for (const one of names) {
          expect(one.length).toBeGreaterThan(0);
          expect(one.length).toBeLessThanOrEqual(31);
          expect(one).not.toMatch(/[[\]:*?/\\]|^'|'$/);
          expect(one.toLowerCase()).not.toBe('history');
          expect(one.isWellFormed()).toBe(true);
        }
        expect(new Set(names.map((one) => one.toLowerCase())).size).toBe(names.length);
      }),
    );
  });

  test.each([
    ['IR batching 15/30', 'IR batching 15-30'],
    ['History', 'Sheet History'],
    ['', 'Sheet'],
    [" ' ", 'Sheet'],
    [" 'a' ", 'a'],
    ['x'.repeat(40), 'x'.repeat(31)],
  ])('%j becomes %j', (wanted, name) => {
    expect(legalSheetName(wanted, new Set())).toBe(name);
  });
});
