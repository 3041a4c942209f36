import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CsvFault, type Delimiter, readCsv } from '../../src/formats/csv.ts';
import { MAX_RECORD_CHARACTERS } from '../../src/formats/csv-records.ts';
import { type LongColumns, LongCsvScanner, splitRecord } from '../../src/formats/long-csv.ts';
import { parseIsoTime } from '../../src/ingest/iso-time.ts';
import { parseDecimal } from '../../src/units.ts';

const encoder = new TextEncoder();

/** What a file says, whoever read it. */
interface Reading {
  readonly events: unknown[];
  header: readonly string[] | undefined;
  /** How many rows cost no string. */
  plainRows: number;
}

const columnsOf = (cells: readonly string[]): LongColumns => ({
  time: cells.indexOf('time'),
  timeKind: 'iso',
  vm: cells.indexOf('vm'),
  disk: cells.includes('disk') ? cells.indexOf('disk') : undefined,
  written: cells.indexOf('write_bytes'),
});

/** A careful reader's view of a record's cells. */
function judge(cells: readonly string[], header: readonly string[], line: number): unknown {
  if (cells.length > header.length) return { line, extra: cells };
  const cell = (name: string): string => (cells[header.indexOf(name)] ?? '').trim();
  const time = parseIsoTime(cell('time'));
  return {
    line,
    vm: cell('vm'),
    disk: cell('disk'),
    time: time === undefined ? cell('time') : { wallMs: time.wallMs, offsetMs: time.offsetMs ?? Number.NaN },
    written: parseDecimal(cell('write_bytes')) ?? cell('write_bytes'),
  };
}

function scan(chunks: Iterable<Uint8Array>, columns: (cells: readonly string[]) => LongColumns = columnsOf): Reading {
  const reading: Reading = { events: [], header: undefined, plainRows: 0 };
  const names: { vm: string; disk: string }[] = [];
  const distinct = new Set<string>();
  let delimiter: Delimiter = ',';
  const scanner = new LongCsvScanner({
    header(cells, _line, by) {
      reading.header = cells;
      delimiter = by;
      return columns(cells);
    },
    name(id, vm, disk) {
      expect(id).toBe(names.length);
      expect(distinct.has(JSON.stringify([vm, disk]))).toBe(false);
      distinct.add(JSON.stringify([vm, disk]));
      names.push({ vm, disk });
    },
    row(nameId, wallMs, offsetMs, written, line) {
      reading.plainRows++;
      reading.events.push({ line, ...names[nameId]!, time: { wallMs, offsetMs }, written });
    },
    slow(text, line) {
      const cells = splitRecord(text, delimiter);
      reading.events.push(cells === undefined ? { kind: 'stray-quote', line } : judge(cells, reading.header!, line));
    },
    fault: (fault) => reading.events.push(fault),
  });
  for (const chunk of chunks) scanner.push(chunk);
  scanner.end();
  return reading;
}

/** The same with papaparse and regular expressions. */
async function naive(text: string): Promise<Reading> {
  const reading: Reading = { events: [], header: undefined, plainRows: 0 };
  async function* whole(): AsyncGenerator<string> {
    yield text;
  }
  await readCsv(whole(), {
    header(cells) {
      reading.header = cells;
      return true;
    },
    record: (cells, line) => reading.events.push(judge(cells, reading.header!, line)),
    fault: (fault) => reading.events.push(fault),
  });
  return reading;
}

function cut(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let from = 0, index = 0; from < bytes.length; index++) {
    const length = lengths[index % lengths.length]!;
    // A chunk's memory is the caller's again once it has been taken.
    pieces.push(bytes.slice(from, from + length));
    from += length;
  }
  return pieces;
}

const lengths = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 });
const two = (value: number): string => String(value).padStart(2, '0');
const digits = (max: number): fc.Arbitrary<string> => fc.integer({ min: 0, max }).map(String);

const isoTime = fc
  .tuple(
    fc.integer({ min: 1970, max: 2199 }),
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 1, max: 28 }),
    fc.integer({ min: 0, max: 86_399 }),
    fc.constantFrom('T', ' '),
    fc.constantFrom('', 's', 's.1', 's.123', 's.987654321'),
    fc.constantFrom('', '', 'Z', '+02:00', '-09:30', '+00:00', '-00:00', '+18:00'),
  )
  .map(([year, month, day, second, separator, precision, zone]) => {
    const clock = `${two(Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}`;
    const seconds = precision === '' ? '' : `:${two(second % 60)}${precision.slice(1)}`;
    return `${year}-${two(month)}-${two(day)}${separator}${clock}${seconds}${zone}`;
  });
const fewTimes = fc.constantFrom(
  '2026-01-05 08:00Z',
  '2026-01-05T08:00:00Z',
  '2026-01-05T08:00:00',
  '2026-01-05 08:00',
  '2024-02-29T23:59:59.999+01:00',
);
const oddTime = fc.constantFrom(
  '2026-02-30T08:00',
  '2026-02-29 08:00',
  '2026-13-01T00:00',
  '2026-01-05T24:00',
  '2026-01-05T08:60',
  '2026-01-05T08:00:60',
  '2026-01-05',
  '1969-12-31T23:59',
  '2200-01-01T00:00',
  '2026-01-05T08:00:00,5',
  '2026-01-05t08:00z',
  '2026-01-05T08:00+0200',
  '2026-01-05T08:00 Z',
  '2026-01-05T08:00+19:00',
  '2026-01-05T08:00+01:60',
  '2026-01-05T08:00:00.',
  '2026-01-05T08:00:00.1234567890',
  '01/05/2026 08:00',
  '1767600000',
  '',
);
const plainNumber = fc.oneof(
  digits(20),
  digits(2 ** 31),
  digits(Number.MAX_SAFE_INTEGER),
  fc
    .tuple(digits(10 ** 9), fc.integer({ min: 0, max: 9999 }))
    .map(([whole, part]) => `${whole}.${String(part).padStart(4, '0')}`),
  fc.double({ min: 0, max: 1e15, noNaN: true }).map((value) => String(value)),
);
const oddNumber = fc.constantFrom(
  '',
  '-1',
  '+1',
  '1e3',
  '1,024',
  '1.024',
  '12.345',
  '.5',
  '5.',
  '1_000',
  '0x10',
  'NaN',
  '9007199254740993',
  '99999999999999999999',
  '1e400',
  '00000000000000000000000000000000000000000001',
  '1.2.3',
  '４２',
);
const plainName = fc.oneof(
  fc.constantFrom('vm1', 'vm10', 'vm1 ', 'SQL01', 'sql01', 'diskdisk', 'disk', 'größe', '仮想', '😀', 'a b', "o'brien"),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);
const odd = fc.string({
  unit: fc.constantFrom('a', '1', '"', ',', ';', '\t', '\n', '\r', ' ', 'é', '😀', '\u00a0'),
  maxLength: 8,
});

interface Row {
  readonly [name: string]: string;
}
const row = (isHostile: boolean): fc.Arbitrary<Row> =>
  fc.record({
    time: isHostile ? fc.oneof(isoTime, fewTimes, oddTime, odd) : fc.oneof(isoTime, fewTimes),
    vm: isHostile ? fc.oneof(plainName, odd) : fc.constantFrom('vm1', 'vm10', 'vm2', 'größe'),
    disk: isHostile ? fc.oneof(plainName, odd) : fc.constantFrom('', 'C', 'data1', 'data10'),
    write_bytes: isHostile
      ? fc.oneof(plainNumber, oddNumber, odd)
      : fc.oneof(digits(2 ** 31), digits(Number.MAX_SAFE_INTEGER)),
    note: isHostile ? odd : fc.constantFrom('', 'x', 'a b'),
  });
const header = fc.shuffledSubarray(['time', 'vm', 'disk', 'write_bytes', 'note'], { minLength: 5, maxLength: 5 });
const delimiter = fc.constantFrom<Delimiter>(',', ';', '\t');
const lineEnd = fc.constantFrom('\n', '\r\n', '\r');
const quoting = fc.constantFrom('all', 'needed', 'never');

function write(
  names: readonly string[],
  rows: readonly Row[],
  by: Delimiter,
  end: string,
  quotes: string,
  isEnded: boolean,
): string {
  const quote = (text: string): string =>
    quotes === 'all' || (quotes === 'needed' && /[",;\t\r\n]/.test(text)) ? `"${text.replaceAll('"', '""')}"` : text;
  const records = [names.join(by), ...rows.map((cells) => names.map((name) => quote(cells[name]!)).join(by))];
  return records.join(end) + (isEnded ? end : '');
}

describe('beside a reading by papaparse and regular expressions', () => {
  it('says the same of any table, whatever its cells, quotes, line ends and chunks', async () => {
    await fc.assert(
      fc.asyncProperty(
        header,
        fc.array(row(true), { maxLength: 12 }),
        delimiter,
        lineEnd,
        quoting,
        fc.boolean(),
        lengths,
        async (names, rows, by, end, quotes, isEnded, cuts) => {
          const text = write(names, rows, by, end, quotes, isEnded);
          const seen = scan(cut(encoder.encode(text), cuts));
          const twin = await naive(text);
          expect(seen.header).toEqual(twin.header);
          expect(seen.events).toEqual(twin.events);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('reads tables of plain cells without a string for a row', async () => {
    await fc.assert(
      fc.asyncProperty(
        header,
        fc.array(row(false), { minLength: 1, maxLength: 30 }),
        delimiter,
        fc.constantFrom('\n', '\r\n'),
        quoting,
        lengths,
        async (names, rows, by, end, quotes, cuts) => {
          const text = write(names, rows, by, end, quotes, true);
          const seen = scan(cut(encoder.encode(text), cuts));
          expect(seen.events).toEqual((await naive(text)).events);
          expect(seen.plainRows).toBe(rows.length);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('depends on no chunk boundary, whatever the bytes', () => {
    const unit = fc.constantFrom(...'time,vm\n\r"2026-01-05T08:00 Z;\t.é'.split(''), '2026-01-05T08:00Z,a,b,1\n');
    const bytes = fc.oneof(
      fc.string({ unit, maxLength: 80 }).map((text) => encoder.encode(`time,vm,disk,write_bytes\n${text}`)),
      fc.uint8Array({ maxLength: 80 }),
    );
    const columns = (): LongColumns => ({ time: 0, timeKind: 'iso', vm: 1, disk: 2, written: 3 });
    fc.assert(
      fc.property(bytes, lengths, (given, cuts) => {
        expect(scan(cut(given, cuts), columns)).toEqual(scan([given], columns));
      }),
      { numRuns: 1000 },
    );
  });

  it('is the reading of a prefix for every prefix of a file', async () => {
    const text =
      '\ufeff#TYPE x\r\ntime,vm,disk,write_bytes\r\n2026-01-05T08:00Z,ä,"d""1\n",7\r\n\r\n2026-01-05 08:05,ä,d,8.5\n';
    const bytes = encoder.encode(text);
    for (let to = 0; to <= bytes.length; to++) {
      const prefix = bytes.subarray(0, to);
      expect(scan([prefix]).events).toEqual(
        (await naive(new TextDecoder('utf-8', { ignoreBOM: true }).decode(prefix))).events,
      );
    }
  });
});

const HEADER = 'time,vm,disk,write_bytes\n';

describe('plain rows', () => {
  const one = (text: string, columns?: (cells: readonly string[]) => LongColumns): Reading =>
    scan([encoder.encode(text)], columns);

  it.each<[LongColumns['timeKind'], string, number | undefined]>([
    ['epoch-s', '1767600000', 1_767_600_000_000],
    ['epoch-ms', '1767600000123', 1_767_600_000_123],
    ['epoch-s', '0', 0],
    ['epoch-ms', '7258118399999', 7_258_118_399_999],
    ['epoch-ms', '7258118400000', undefined],
    ['epoch-s', '1767600000123', undefined],
    ['epoch-s', '1767600000.5', undefined],
    ['epoch-s', '-1', undefined],
    ['epoch-ms', '1000000000000000000000', undefined],
  ])('%s %s', (timeKind, text, wallMs) => {
    const { events, plainRows } = one(`${HEADER}${text},a,b,1\n`, (cells) => ({ ...columnsOf(cells), timeKind }));
    expect(plainRows).toBe(wallMs === undefined ? 0 : 1);
    if (wallMs !== undefined) {
      expect(events).toEqual([{ line: 2, vm: 'a', disk: 'b', time: { wallMs, offsetMs: 0 }, written: 1 }]);
    }
  });

  it('leaves to the careful reader what it may refuse or doubt', () => {
    const cells = ['1.024', '999.999', '9007199254740993', '-0', '1'.repeat(41), '1 GiB', '', ' 1', '1 '];
    const { events, plainRows } = one(HEADER + cells.map((cell) => `2026-01-05T08:00,a,b,${cell}\n`).join(''));
    expect([events.length, plainRows]).toEqual([cells.length, 0]);
    expect(one(`${HEADER}2026-01-05T08:00,a,b,9007199254740991\n`).plainRows).toBe(1);
  });

  it('names no disk where the file has no such column', () => {
    const { events, plainRows } = one('write_bytes,time,vm\n5,2026-01-05T08:00Z,a\n6,2026-01-05T08:05Z,a\n');
    expect(plainRows).toBe(2);
    expect(events.map((event) => (event as { disk: string }).disk)).toEqual(['', '']);
  });

  it('hands over names of no UTF-8, of 4,097 bytes, of blanks and of nothing', () => {
    const bad = new Uint8Array([...encoder.encode(`${HEADER}2026-01-05T08:00,`), 0xff, ...encoder.encode(',b,1\n')]);
    expect(scan([bad])).toMatchObject({ plainRows: 0, events: [{ vm: '\ufffd' }] });
    const row = (vm: string): string => `${HEADER}2026-01-05T08:00,${vm},b,1\n`;
    expect(one(row('x'.repeat(4096))).plainRows).toBe(1);
    expect(one(row('x'.repeat(4097)))).toMatchObject({ plainRows: 0, events: [{ vm: 'x'.repeat(4097) }] });
    expect(one(row('\u00a0x'))).toMatchObject({ plainRows: 0, events: [{ vm: 'x' }] });
    expect(one(row(''))).toMatchObject({ plainRows: 0, events: [{ vm: '' }] });
  });

  it('tells apart names that share their beginnings, their bytes in all, or their end', () => {
    const pairs = [
      ['ab', 'c'],
      ['a', 'bc'],
      ['abc', ''],
      ['ab', 'cd'],
      ['abcd', 'c'],
      ['abcde', 'c'],
      ['abcdefgh', 'c'],
      ['abcdefgi', 'c'],
      ['ab', 'c'],
    ];
    const text =
      HEADER +
      pairs
        .map(([vm, disk]) => `2026-01-05T08:00,${vm},${disk},1\n`)
        .join('')
        .repeat(3);
    const seen = one(text).events.map((event) => Object.values(event as object).slice(1, 3));
    expect(seen).toEqual([...pairs, ...pairs, ...pairs]);
  });

  it('tells apart 100,000 names, many of which share a place in its table', () => {
    const pairs = Array.from({ length: 100_000 }, (_, index) => [`vm${index % 50_000}`, `d${index % 4}`]);
    const more = Array.from({ length: 3000 }, (_, index) => ['x'.repeat(index + 1), '']);
    const rows = [...pairs, ...more, ...pairs, ...more];
    const text = HEADER + rows.map(([vm, disk]) => `2026-01-05T08:00,${vm},${disk},1\n`).join('');
    const { events, plainRows } = one(text);
    expect(plainRows).toBe(rows.length);
    const wrong = rows.filter(([vm, disk], index) => {
      const event = events[index] as { vm: string; disk: string; line: number };
      return event.vm !== vm || event.disk !== disk || event.line !== index + 2;
    });
    expect(wrong).toEqual([]);
  });

  it('are at most 32 KiB long, whether they come in one piece or in many', () => {
    const text = (length: number): string =>
      `time,vm,disk,write_bytes,note\n2026-01-05T08:00,a,b,1,${'n'.repeat(length)}\n2026-01-05T08:00,a,b,1,\n`;
    for (const [length, expected] of [
      [30_000, 2],
      [40_000, 1],
      [100_000, 1],
    ] as const) {
      const whole = one(text(length));
      expect(whole.plainRows).toBe(expected);
      expect(scan(cut(encoder.encode(text(length)), [7000]))).toEqual(whole);
    }
  });
});

describe('faults', () => {
  const faults = (pieces: Iterable<Uint8Array>): CsvFault[] =>
    scan(pieces).events.filter(
      (event): event is CsvFault => typeof event === 'object' && event !== null && 'kind' in event,
    );

  it('takes a record of 1 MiB and refuses one of a byte more, in one piece or many', () => {
    const fits = 'x'.repeat(MAX_RECORD_CHARACTERS);
    for (const length of [1000, 70_000, 300_000, 4 * 1024 ** 2]) {
      const pieces = (text: string): Uint8Array[] => cut(encoder.encode(HEADER + text), [length]);
      expect(faults(pieces(`${fits}\n1\n`))).toEqual([]);
      expect(faults(pieces(`${fits}x\n1\n`))).toEqual([{ kind: 'record-too-long', line: 2 }]);
      expect(faults(pieces(`${fits}x`))).toEqual([{ kind: 'record-too-long', line: 2 }]);
    }
  });

  it('stops in a line of 200 MB after little more than 1 MiB of it, and says where a quote opened', () => {
    let given = 0;
    const scanner = new LongCsvScanner({
      header: columnsOf,
      name() {},
      row() {},
      slow() {},
      fault: (fault) => expect(fault).toEqual({ kind: 'record-too-long', line: 2, quoteLine: 4 }),
    });
    scanner.push(encoder.encode(`${HEADER}1,"\n\n",3,"`));
    for (; given < 200e6 && !scanner.isDone; given += 65_536) scanner.push(new Uint8Array(65_536).fill(0x78));
    expect(given).toBeLessThan(1.2 * MAX_RECORD_CHARACTERS);
  });

  it('reads nothing more when the sink wants no more', () => {
    const fail = (): never => expect.unreachable();
    const scanner = new LongCsvScanner({ header: () => undefined, name: fail, row: fail, slow: fail, fault: fail });
    scanner.push(encoder.encode(`${HEADER}2026-01-05T08:00,a,b,1\n`));
    expect(scanner.isDone).toBe(true);
    scanner.push(encoder.encode('2026-01-05T08:00,a,b,1\n'));
    scanner.end();
  });

  it.each(['"a"a', '"a"a\n', '"a" ', '""', '",', 'a"\n', '\r\n"', ',"\n', '\r', '\n', '2026-01-05T08:00,a,b,\r'])(
    'ends soon on two megabytes of %j',
    (unit) => {
      const text = HEADER + unit.repeat(2_000_000 / unit.length);
      scan(cut(encoder.encode(text), [65_536]));
    },
  );
});
