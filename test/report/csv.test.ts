import fc from 'fast-check';
import Papa from 'papaparse';
import { describe, expect, test } from 'vitest';
import { localMs } from '../../src/model/clock.ts';
import { renderCsv, withFormulas, withoutFormulas } from '../../src/report/csv.ts';
import { tablesOf } from '../../src/report/tables/registry.ts';
import { samplePlan } from './sample-plan.ts';
import { DOCUMENT_NAMES, fullPlan } from './sample-tables.ts';

/** A reader that knows RFC 4180 and nothing else, character by character: the twin of the writer's library. */
function parseRfc4180(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    let cell = '';
    if (text[at] === '"') {
      at++;
      for (; !(text[at] === '"' && text[at + 1] !== '"'); at++) {
        if (at >= text.length) throw new Error('a quote has no end');
        cell += text[at];
        if (text[at] === '"') at++;
      }
      at++;
    } else {
      for (; at < text.length && text[at] !== ',' && text[at] !== '\r'; at++) {
        if (text[at] === '"' || text[at] === '\n') throw new Error(`stray ${JSON.stringify(text[at])}`);
        cell += text[at];
      }
    }
    row.push(cell);
    if (text[at] === ',') {
      at++;
      continue;
    }
    if (text.slice(at, at + 2) !== '\r\n') throw new Error('a line that does not end in CR LF');
    at += 2;
    rows.push(row);
    row = [];
  }
  return rows;
}

const FORMULA_START = /^[=+\-@\t\r\n＝＋－＠]/;
const plan = fullPlan();
const { clock, tables } = tablesOf(plan);

describe('CSV', () => {
  test.each(tables.map((table) => [table.id, table] as const))('%s comes back with the same values', (_, table) => {
    const text = renderCsv(table, clock);
    expect(text.startsWith('\uFEFF')).toBe(true);
    const [header, ...rows] = parseRfc4180(text.slice(1));
    expect(header).toEqual(table.columns.map(({ key }) => key));
    expect(rows).toHaveLength(table.rows.length);
    const back = rows.map((row) =>
      row.map((cell, index) => {
        const { kind } = table.columns[index]!;
        if (cell === '') return null;
        if (kind === 'instant') return Date.parse(cell) - clock.startEpochMs;
        return kind === 'text' ? withFormulas(cell) : cell;
      }),
    );
    const wanted = table.rows.map((row) =>
      row.map((cell, index) => {
        const { kind } = table.columns[index]!;
        if (cell === '' || cell === null) return null;
        if (kind === 'mixed') return typeof cell === 'number' ? String(cell) : withoutFormulas(cell as string);
        return kind === 'text' || kind === 'instant' ? cell : String(cell);
      }),
    );
    expect(back).toEqual(wanted);
    // Another reader agrees.
    expect(Papa.parse<string[]>(text.slice(1).trimEnd(), { newline: '\r\n' }).data).toEqual([header, ...rows]);
  });

  test('no text of any table begins like a formula, with commas or semicolons between cells', () => {
    let texts = 0;
    for (const table of tables) {
      const text = renderCsv(table, clock).slice(1);
      for (const row of parseRfc4180(text)) {
        row.forEach((cell, index) => {
          const { kind } = table.columns[index]!;
          if (kind !== 'text' && !(kind === 'mixed' && Number.isNaN(Number(cell)))) return;
          texts++;
          expect(cell.trimStart()).not.toMatch(FORMULA_START);
        });
        // Excel where the list separator is a semicolon: what stands behind one begins a cell, in quotes or not.
        for (const part of row.join(',').split(';').slice(1)) expect(part.trimStart()).not.toMatch(FORMULA_START);
      }
    }
    expect(texts).toBeGreaterThan(1000);
  });

  test('making text of formulas can be taken back, for any text', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom('=', '+', '-', '@', "'", ';', ' ', '\t', '\r', '\n', 'a', '＝') }),
      fc.constantFrom(...DOCUMENT_NAMES),
    );
    fc.assert(
      fc.property(text, (original) => {
        const safe = withoutFormulas(original);
        expect(withFormulas(safe)).toBe(original);
        for (const part of safe.split(';')) expect(part.replace(/^\s+/, '')).not.toMatch(FORMULA_START);
        expect(safe).not.toMatch(FORMULA_START);
      }),
    );
  });

  test.each([
    ['=1+1', "'=1+1"],
    ['-2', "'-2"],
    ['@x', "'@x"],
    ["'=x", "''=x"],
    ['a;=x', "a;'=x"],
    ['a; =x', "a;' =x"],
    ['SQL-01', 'SQL-01'],
    ["it's", "it's"],
    ['a,=x', 'a,=x'],
    ['', ''],
  ])('%j is written as %j', (text, safe) => {
    expect(withoutFormulas(text)).toBe(safe);
  });

  test('a number is no text: negative ones stay numbers, small and large ones have no exponent', () => {
    const [table] = tables;
    const column = { key: 'x', title: 'x', kind: 'number' as const, unit: '', perUnit: 1 };
    const text = renderCsv({ ...table!, columns: [column], rows: [[-3.5], [1e-7], [2e21], [0], [null]] }, clock);
    expect(text).toBe('\uFEFFx\r\n-3.5\r\n0.0000001\r\n2000000000000000000000\r\n0\r\n\r\n');
  });

  test('an instant has the offset of its own side of a change to summer time', () => {
    const { clock: winter } = samplePlan();
    // Sunday 2026-03-29 01:00Z: Berlin goes from +01:00 to +02:00.
    const startEpochMs = Date.UTC(2026, 2, 29, 0, 30);
    const berlin = {
      ...winter,
      startEpochMs,
      offsets: [
        { fromMs: 0, offsetMs: 3_600_000 },
        { fromMs: 1_800_000, offsetMs: 7_200_000 },
      ],
    };
    const column = { key: 'atMs', title: 'x', kind: 'instant' as const, unit: '', perUnit: 1 };
    const text = renderCsv({ ...tables[0]!, columns: [column], rows: [[0], [1_800_000], [1_800_007]] }, berlin);
    expect(text.split('\r\n').slice(1, 4)).toEqual([
      '2026-03-29T01:30:00+01:00',
      '2026-03-29T03:00:00+02:00',
      '2026-03-29T03:00:00.007+02:00',
    ]);
    expect(localMs(berlin, 0)).toBe(Date.UTC(2026, 2, 29, 1, 30));
  });
});
