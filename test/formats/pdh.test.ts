import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PdhFault, type PdhHeader, type PdhOptions, PdhScanner, type PdhSummary } from '../../src/formats/pdh.ts';

const encoder = new TextEncoder();

interface Reading {
  header: PdhHeader | undefined;
  readonly rows: { readonly line: number; readonly wall: string; readonly values: readonly number[] }[];
  readonly faults: PdhFault[];
  readonly summary: PdhSummary;
}

const all = (header: PdhHeader): Uint32Array => Uint32Array.from(header.counters.keys());

function scan(
  given: string | Iterable<Uint8Array>,
  wanted: (header: PdhHeader) => Uint32Array | undefined = all,
  options?: PdhOptions,
): Reading {
  const reading: Omit<Reading, 'summary'> = { header: undefined, rows: [], faults: [] };
  const scanner = new PdhScanner(
    {
      columns(header) {
        reading.header = header;
        return wanted(header);
      },
      row: (wallMs, values, line) =>
        reading.rows.push({ line, wall: new Date(wallMs).toISOString().slice(0, -1), values: [...values] }),
      fault: (fault) => reading.faults.push(fault),
    },
    options,
  );
  for (const chunk of typeof given === 'string' ? [encoder.encode(given)] : given) scanner.push(chunk);
  return { ...reading, summary: scanner.end() };
}

function cut(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let from = 0, index = 0; from < bytes.length; index++) {
    const length = lengths[index % lengths.length]!;
    pieces.push(bytes.slice(from, from + length));
    from += length;
  }
  return pieces;
}

const HEADER = '"(PDH-CSV 4.0) (UTC)(0)","\\\\H\\O(a)\\C","\\\\H\\O(b)\\C"\r\n';
const TIME = '01/05/2026 08:00:00.000';
const row = (...cells: string[]): string => `${[TIME, ...cells].map((cell) => `"${cell}"`).join(',')}\r\n`;
const kinds = ({ faults }: Reading): unknown[] => faults.map(({ kind, line, column }) => [kind, line, column]);

describe('rows', () => {
  it('of quoted and bare cells, blanks, exponents and decimal commas', () => {
    const cells: readonly [string, number][] = [
      ['"1.5"', 1.5],
      ['1.5', 1.5],
      ['" "', Number.NaN],
      ['""', Number.NaN],
      ['', Number.NaN],
      ['" 12 "', 12],
      [' 12 ', 12],
      ['"6.9494827586206889356e-005"', 6.9494827586206889e-5],
      ['"-1"', -1],
      ['"11,29"', 11.29],
      ['"52,8067447676745374"', 52.80674476767454],
    ];
    const text = HEADER + cells.map(([cell]) => `"${TIME}",7,${cell}\n${TIME},${cell},"8"\r\n`).join('');
    const reading = scan(text);
    expect(reading.faults).toEqual([]);
    expect(reading.rows.map(({ values }) => values)).toEqual(
      cells.flatMap(([, value]) => [
        [7, value],
        [value, 8],
      ]),
    );
  });

  it('of a TSV and of a file with semicolons', () => {
    const tsv = scan(`(PDH-TSV 4.0) (UTC)(0)\t\\\\H\\O(a)\\C\t"\\\\H\\O(b)\\C"\n"${TIME}"\t"1"\t2,5\n`);
    expect([tsv.header?.delimiter, tsv.rows[0]?.values]).toEqual(['\t', [1, 2.5]]);
    const german = scan(`"(PDH-CSV 4.0) (MEZ)(-60)";"\\\\H\\O(a)\\C";"\\\\H\\O(b)\\C"\n"${TIME}";11,29;"3"\n`);
    expect([german.header?.delimiter, german.rows[0]?.values]).toEqual([';', [11.29, 3]]);
  });

  it('give the wanted columns in the order wanted', () => {
    const text = HEADER + row('1', '2') + row(' ', '4');
    expect(scan(text, () => Uint32Array.of(1, 0)).rows.map(({ values }) => values)).toEqual([
      [2, 1],
      [4, Number.NaN],
    ]);
    expect(scan(text, () => Uint32Array.of(1)).rows.map(({ values }) => values)).toEqual([[2], [4]]);
    expect(scan(text, () => new Uint32Array(0)).summary.rowCount).toBe(2);
    expect(scan(text, () => undefined)).toMatchObject({ rows: [], faults: [] });
    expect(() => scan(text, () => Uint32Array.of(2))).toThrow(RangeError);
    expect(() => scan(text, () => Uint32Array.of(0, 0))).toThrow(RangeError);
  });

  it('may follow blank lines, a byte order mark, and the same header again', () => {
    const reading = scan(
      `\ufeff\r\n\r\n${HEADER}\r\n${row('1', '2')}${HEADER}\n${row('3', '4')}`.replace('\ufeff\r\n', '\ufeff'),
    );
    expect(reading.rows.map(({ line, values }) => [line, ...values])).toEqual([
      [4, 1, 2],
      [7, 3, 4],
    ]);
    expect(reading.faults).toEqual([]);
    expect(scan(`\ufeff${HEADER}${row('1', '2')}`).rows).toHaveLength(1);
  });
});

describe('times', () => {
  const times = (...texts: string[]): Reading => scan(HEADER + texts.map((text) => `"${text}","1","2"\n`).join(''));
  const walls = (reading: Reading): string[] => reading.rows.map(({ wall }) => wall);

  it.each([
    ['11/14/2025 13:46:00.750', '2025-11-14T13:46:00.750', 'mdy', true],
    ['02/29/2024 00:00:00.000', '2024-02-29T00:00:00.000', 'mdy', true],
    ['1/5/2026 8:00', '2026-01-05T08:00:00.000', 'mdy', false],
    ['01/05/2026 08:00:00', '2026-01-05T08:00:00.000', 'mdy', false],
    ['01/05/2026 08:00:00,5', '2026-01-05T08:00:00.500', 'mdy', false],
    ['14/11/2025 13:46:00.750', '2025-11-14T13:46:00.750', 'dmy', true],
    ['05.01.2026 08:00:00.001', '2026-01-05T08:00:00.001', 'dmy', true],
    ['2026-01-05 08:00:00.001', '2026-01-05T08:00:00.001', 'ymd', true],
    ['2026/01/05 08:00:00.0019', '2026-01-05T08:00:00.001', 'ymd', true],
  ])('%s', (text, wall, dateOrder, isDateOrderProved) => {
    const reading = times(text);
    expect(walls(reading)).toEqual([wall]);
    expect(reading.summary).toMatchObject({ dateOrder, isDateOrderProved });
  });

  it.each([
    '13/13/2025 00:00:00.000',
    '02/29/2025 00:00:00.000',
    '00/10/2025 00:00:00.000',
    '01-05-2026 08:00:00',
    '01/05.2026 08:00:00',
    '01/05/26 08:00:00',
    '01/05/2026 24:00:00',
    '01/05/2026 08:60:00',
    '01/05/2026 08:00:60',
    '01/05/2026T08:00:00',
    '01/05/2026',
    '46:00.8',
    '05.2026.01 08:00',
    '01/05/2026 08:00:00.1234567890',
    '01/05/2026 08:00:00 PM',
    '01/05/12026 08:00:00',
    '',
  ])('is no time: %s', (text) => {
    const reading = times(text, '01/06/2026 08:00:00.000');
    expect(kinds(reading)).toEqual([['bad-time', 2, undefined]]);
    expect(reading.faults[0]?.text).toContain(text);
    expect(walls(reading)).toEqual(['2026-01-06T08:00:00.000']);
  });

  it('that could be read either way prove nothing until one cannot', () => {
    expect(times('01/05/2026 08:00:00').summary).toMatchObject({ dateOrder: 'mdy', isDateOrderProved: false });
    expect(times('01/05/2026 08:00:00', '01/13/2026 08:00:00').summary).toMatchObject({ isDateOrderProved: true });
  });

  it('that contradict those before end the reading; a second one with the other order gives all', () => {
    const text = `${HEADER}"12/01/2026 08:00:00","1","2"\n"13/01/2026 08:00:00","1","2"\n"14/01/2026 08:00:00","1","2"\n`;
    const first = scan(text);
    expect(kinds(first)).toEqual([['date-order', 3, undefined]]);
    expect(first.rows).toHaveLength(1);
    const second = scan(text, all, { dateOrder: 'dmy' });
    expect(walls(second)).toEqual(['2026-01-12', '2026-01-13', '2026-01-14'].map((day) => `${day}T08:00:00.000`));
    expect(second.summary).toMatchObject({ dateOrder: 'dmy', isDateOrderProved: true });
  });

  it('of another order are refused where the order is proved or given', () => {
    expect(kinds(times('01/13/2026 08:00', '14/01/2026 08:00'))).toEqual([['bad-time', 3, undefined]]);
    expect(kinds(times('14/01/2026 08:00', '01/13/2026 08:00'))).toEqual([['bad-time', 3, undefined]]);
    expect(kinds(times('2026-01-05 08:00', '01/13/2026 08:00', '05.01.2026 08:00'))).toEqual([
      ['bad-time', 3, undefined],
      ['bad-time', 4, undefined],
    ]);
    expect(kinds(scan(`${HEADER}"01/13/2026 08:00","1","2"\n`, all, { dateOrder: 'dmy' }))).toEqual([
      ['bad-time', 2, undefined],
    ]);
  });
});

describe('faults', () => {
  it.each<[string, string, unknown[][], number[][]]>([
    ['no number', row('abc', '2'), [['not-a-number', 2, 0]], [[Number.NaN, 2]]],
    ['no number, bare', `${TIME},1.2.3,2\n`, [['not-a-number', 2, 0]], [[Number.NaN, 2]]],
    ['thousands', row('1', '1,024.5'), [['not-a-number', 2, 1]], [[1, Number.NaN]]],
    ['a doubled quote', row('1', 'x""y'), [['not-a-number', 2, 1]], [[1, Number.NaN]]],
    ['a short row', row('1'), [['short-row', 2, 1]], [[1, Number.NaN]]],
    ['a time alone', row(), [['short-row', 2, 0]], [[Number.NaN, Number.NaN]]],
    [
      'a short row whose last bare number may be cut off',
      `${TIME},12\n`,
      [['short-row', 2, 1]],
      [[Number.NaN, Number.NaN]],
    ],
    ['a long row', row('1', '2', '3'), [['long-row', 2, undefined]], []],
    ['an open quote', `"${TIME}","1","2\r\n`, [['broken-cell', 2, 1]], []],
    ['text behind a quote', `"${TIME}","1"2,"2"\r\n`, [['broken-cell', 2, 0]], []],
    ['text behind the last quote', `"${TIME}","1","2"x\r\n`, [['broken-cell', 2, 1]], []],
    ['a row run into the next', `"${TIME}","1","0.${row('3', '4')}`, [['broken-cell', 2, 1]], []],
    ['text behind the time', `"${TIME}"x,"1","2"\n`, [['bad-time', 2, undefined]], []],
    ['another header', HEADER.replace('(b)', '(c)'), [['second-header', 2, undefined]], []],
  ])('%s', (_name, text, expected, values) => {
    const reading = scan(`${HEADER}${text}${row('5', '6')}`);
    expect(kinds(reading)).toEqual(expected);
    const rest = expected[0]![0] === 'second-header' ? [] : [[5, 6]];
    expect(reading.rows.map((one) => one.values)).toEqual([...values, ...rest]);
  });

  it('of no kind stand in columns that are not wanted', () => {
    expect(scan(HEADER + row('abc', '2'), () => Uint32Array.of(1)).faults).toEqual([]);
  });

  it('are listed a hundred times and all counted', () => {
    const reading = scan(HEADER + row('a', 'b').repeat(200));
    expect(reading.faults).toHaveLength(100);
    expect(reading.summary.faultCounts).toEqual(new Map([['not-a-number', 400]]));
    expect(reading.rows).toHaveLength(200);
  });

  it('quote only the beginning of what is wrong', () => {
    expect(scan(HEADER + row('x'.repeat(1000), '2')).faults[0]?.text).toBe('x'.repeat(80));
  });

  it.each(['', '\n', 'time,vm,disk\n1,2,3\n', '"(PDH-BIN 4.0)"\n', '\ufeff'])('of a file that is none: %j', (text) => {
    expect(scan(text).faults).toMatchObject([{ kind: 'no-pdh-header' }]);
  });

  it('tell of a header that is no UTF-8', () => {
    const bytes = Uint8Array.from(HEADER, (letter) => (letter === 'a' ? 0xe4 : letter.charCodeAt(0)));
    const reading = scan([bytes]);
    expect(kinds(reading)).toEqual([['not-utf8', 1, undefined]]);
    expect(reading.header?.counters[0]?.instance).toBe('\ufffd');
  });

  it('end a header of more than 64 MiB, and one of too many counters', () => {
    function* endless(): Generator<Uint8Array> {
      yield encoder.encode('"(PDH-CSV 4.0)"');
      const piece = encoder.encode(',"\\\\HOST\\Object(instance)\\Counter"'.repeat(30_000));
      for (let given = 0; given < 70 * 1024 ** 2; given += piece.length) yield piece;
    }
    expect(kinds(scan(endless()))).toEqual([['header-too-long', 1, undefined]]);
    const wide = `"(PDH-CSV 4.0)"${',"\\x"'.repeat(262_145)}\n`;
    expect(kinds(scan(wide))).toEqual([['too-many-counters', 1, undefined]]);
  });
});

describe('the last line', () => {
  const line = `"${TIME}","1","2"`;

  it.each([line, `${line}\r`])('is whole without a line end where its last cell is in quotes: %j', (text) => {
    const reading = scan(HEADER + text);
    expect([reading.rows.length, reading.faults]).toEqual([1, []]);
  });

  it.each([...Array(line.length).keys()].slice(1).map((length) => line.slice(0, length)))('is torn: %s', (text) => {
    const reading = scan(`${HEADER}${row('5', '6')}${text}`);
    expect(kinds(reading)).toEqual([['torn-end', 3, undefined]]);
    expect(reading.rows).toHaveLength(1);
  });

  it('is torn where nobody can tell whether its number goes on', () => {
    expect(kinds(scan(`${HEADER}${TIME},1,2`))).toEqual([['torn-end', 2, undefined]]);
    expect(scan(`${HEADER}${TIME},1,2\n`).rows).toHaveLength(1);
  });

  it('that is whole has its faults', () => {
    expect(kinds(scan(`${HEADER}"${TIME}","x","2"`))).toEqual([['not-a-number', 2, 0]]);
  });
});

describe('laws', () => {
  const number = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.double({ noNaN: true, min: 0, max: 1e9 }).map((value) => value.toPrecision(20)),
    fc.integer().map(String),
  );
  const cell = fc.oneof({ arbitrary: number, weight: 5 }, fc.constantFrom('', ' ', '  '));
  const table = fc.integer({ min: 0, max: 6 }).chain((width) =>
    fc.record({
      width: fc.constant(width),
      rows: fc.array(fc.array(cell, { minLength: width, maxLength: width }), { maxLength: 8 }),
    }),
  );
  const lengths = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 });
  const second = fc.integer({ min: 0, max: 7_258_118_399 });

  it('gives back what was written, whatever the delimiter, the quotes, the columns wanted and the chunks', () => {
    fc.assert(
      fc.property(
        table,
        fc.constantFrom(',', ';', '\t'),
        fc.boolean(),
        fc.constantFrom('\n', '\r\n'),
        second,
        fc.func(fc.boolean()),
        lengths,
        ({ width, rows }, by, isQuoted, end, startSec, isWanted, cuts) => {
          const quote = (text: string): string => (isQuoted ? `"${text}"` : text);
          const paths = Array.from({ length: width }, (_, index) => `\\\\H\\O(${index})\\C`);
          const walls = rows.map((_, index) => new Date((startSec - index) * 1000).toISOString());
          const stamps = walls.map((wall) => `${wall.slice(0, 4)}-${wall.slice(5, 10)} ${wall.slice(11, 23)}`);
          const lines = [
            ['(PDH-CSV 4.0) (X)(60)', ...paths],
            ...rows.map((cells, index) => [stamps[index]!, ...cells]),
          ];
          const text = lines.map((cells) => cells.map(quote).join(by) + end).join('');
          const wanted = [...paths.keys()].filter((column) => isWanted(column));
          if (startSec < rows.length) return;
          const reading = scan(cut(encoder.encode(text), cuts), () => Uint32Array.from(wanted));
          expect(reading.faults).toEqual([]);
          expect(reading.header?.counters.map(({ path }) => path)).toEqual(paths);
          expect(reading.rows).toEqual(
            rows.map((cells, index) => ({
              line: index + 2,
              wall: walls[index]!.slice(0, -1),
              values: wanted.map((column) => (cells[column]!.trim() === '' ? Number.NaN : Number(cells[column]))),
            })),
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  it('depends on no chunk boundary, and never throws, whatever the bytes', () => {
    const unit = fc.oneof(
      fc.constantFrom(...'"",;\n\r 1.e-(\\'.split('')),
      fc.constantFrom(`"${TIME}"`, TIME, row('1', '2'), '"(PDH-CSV 4.0)"', HEADER, ',"1"'),
    );
    const bytes = fc.oneof(
      fc.string({ unit, maxLength: 30 }).map((text) => encoder.encode(HEADER + text)),
      fc.string({ unit, maxLength: 30 }).map((text) => encoder.encode(`"(PDH-CSV 4.0)${text}`)),
      fc.uint8Array({ maxLength: 60 }).map((tail) => Uint8Array.from([...encoder.encode(HEADER), ...tail])),
    );
    fc.assert(
      fc.property(bytes, lengths, (given, cuts) => {
        expect(scan(cut(given, cuts))).toEqual(scan([given]));
      }),
      { numRuns: 2000 },
    );
  });

  it.each(['"', '""', ',', '",', '"\n', '\n', '\r\n', '1', '"1",', ' ', `"${TIME}",`, row('1', '2'), `${TIME}\n`])(
    'ends soon on two megabytes of %j',
    (unit) => {
      scan(cut(encoder.encode(HEADER + unit.repeat(2_000_000 / unit.length)), [65_536]));
      scan(cut(encoder.encode(`"(PDH-CSV 4.0)${unit.repeat(2_000_000 / unit.length)}`), [65_536]));
    },
  );
});
