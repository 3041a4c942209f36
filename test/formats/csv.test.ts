import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CsvFault, type Delimiter, readCsv } from '../../src/formats/csv.ts';
import { MAX_RECORD_CHARACTERS } from '../../src/formats/csv-records.ts';

interface Seen {
  readonly rows: { readonly line: number; readonly cells: readonly string[] }[];
  readonly faults: CsvFault[];
  delimiter: Delimiter | undefined;
}

async function read(chunks: Iterable<string> | AsyncIterable<string>): Promise<Seen> {
  const seen: Seen = { rows: [], faults: [], delimiter: undefined };
  async function* stream(): AsyncGenerator<string> {
    yield* chunks;
  }
  await readCsv(stream(), {
    header(cells, line, delimiter) {
      seen.delimiter = delimiter;
      seen.rows.push({ line, cells });
      return true;
    },
    record: (cells, line) => seen.rows.push({ line, cells }),
    fault: (fault) => seen.faults.push(fault),
  });
  return seen;
}

function cut(text: string, lengths: readonly number[]): string[] {
  const pieces: string[] = [];
  for (let from = 0, index = 0; from < text.length; index++) {
    const length = lengths[index % lengths.length]!;
    pieces.push(text.slice(from, from + length));
    from += length;
  }
  return pieces;
}

describe('what is skipped and counted', () => {
  it.each([
    [
      'a byte order mark',
      '\uFEFFa,b\n1,2\n',
      [
        [1, 'a', 'b'],
        [2, '1', '2'],
      ],
    ],
    [
      'a #TYPE line',
      '#TYPE System.Object\r\n"a","b"\r\n"1","2"\r\n',
      [
        [2, 'a', 'b'],
        [3, '1', '2'],
      ],
    ],
    [
      'a sep line',
      'sep=;\na,x;b\n1;2',
      [
        [2, 'a,x', 'b'],
        [3, '1', '2'],
      ],
    ],
    [
      'both',
      '\uFEFF#TYPE x\n"sep=;"\na;b\n1;2',
      [
        [3, 'a', 'b'],
        [4, '1', '2'],
      ],
    ],
    [
      'blank lines',
      '\n \na\tb\n\n\t\n1\t2\n,\n',
      [
        [3, 'a', 'b'],
        [6, '1', '2'],
        [7, ','],
      ],
    ],
    [
      'lines inside quotes',
      'a,b\n"x\r\ny\nz",2\n3,4',
      [
        [1, 'a', 'b'],
        [2, 'x\r\ny\nz', '2'],
        [5, '3', '4'],
      ],
    ],
    [
      'old line ends',
      'a,b\r1,2\r\r3,4',
      [
        [1, 'a', 'b'],
        [2, '1', '2'],
        [4, '3', '4'],
      ],
    ],
    [
      'blanks behind a quote',
      'a,b\n"1" ,"2" \n',
      [
        [1, 'a', 'b'],
        [2, '1', '2'],
      ],
    ],
    [
      'quotes inside plain text',
      'a,b\n15" disk,2\n',
      [
        [1, 'a', 'b'],
        [2, '15" disk', '2'],
      ],
    ],
    [
      'delimiters of other files',
      'a;b\n"1;2";3,4\t5\n',
      [
        [1, 'a', 'b'],
        [2, '1;2', '3,4\t5'],
      ],
    ],
  ])('%s', async (_name, text, expected) => {
    for (const pieces of [[text], [...text]]) {
      const seen = await read(pieces);
      expect(seen.faults).toEqual([]);
      expect(seen.rows.map(({ line, cells }) => [line, ...cells])).toEqual(expected);
    }
  });

  it('takes the delimiter from the header, not from quoted text in it', async () => {
    expect((await read(['"size, used, free";b\n1;2\n'])).delimiter).toBe(';');
  });
});

describe('faults', () => {
  it('names the line of a quote that never closes, and gives the rows before it', async () => {
    const seen = await read(['a,b\n1,2\n3,"4\n5,6\n']);
    expect(seen.faults).toEqual([{ kind: 'unclosed-quote', line: 3 }]);
    expect(seen.rows.map((row) => row.line)).toEqual([1, 2]);
  });

  it('leaves out only the record with a stray quote', async () => {
    const seen = await read(['a,b\n"1"x,2\n"3","4"\n']);
    expect(seen.faults).toEqual([{ kind: 'stray-quote', line: 2 }]);
    expect(seen.rows.map((row) => row.line)).toEqual([1, 3]);
  });

  it('takes a record of 1 MiB and refuses one of a character more', async () => {
    const fits = 'x'.repeat(MAX_RECORD_CHARACTERS);
    expect((await read([`a\n${fits}\n1\n`])).faults).toEqual([]);
    expect((await read([`a\n${fits}x\n1\n`])).faults).toEqual([{ kind: 'record-too-long', line: 2 }]);
    expect((await read([`a\n${fits}x`])).faults).toEqual([{ kind: 'record-too-long', line: 2 }]);
  });

  it('stops in a line of 200 MB after little more than 1 MiB of it', async () => {
    let given = 0;
    function* endless(): Generator<string> {
      yield 'a,b\n1,2\n';
      for (; given < 200e6; given += 65_536) yield 'x'.repeat(65_536);
    }
    const seen = await read(endless());
    expect(seen.faults).toEqual([{ kind: 'record-too-long', line: 3 }]);
    expect(given).toBeLessThan(1.2 * MAX_RECORD_CHARACTERS);
  });

  it('says where the quote opened that swallows a file', async () => {
    const seen = await read(['a,b\n1,"2\n', ...Array.from({ length: 300 }, () => '3,4\n'.repeat(2000))]);
    expect(seen.faults).toEqual([{ kind: 'record-too-long', line: 2, quoteLine: 2 }]);
  });

  it('reads nothing more when the sink wants no more', async () => {
    let wasRead = false;
    async function* stream(): AsyncGenerator<string> {
      yield 'a\n1\n';
      wasRead = true;
    }
    const sink = { header: () => false, record: () => expect.unreachable(), fault: () => expect.unreachable() };
    await readCsv(stream(), sink);
    expect(wasRead).toBe(false);
  });
});

describe('laws', () => {
  const delimiter = fc.constantFrom<Delimiter>(',', ';', '\t');
  const lineEnd = fc.constantFrom('\n', '\r\n', '\r');
  const cell = fc.oneof(
    fc.string({ unit: fc.constantFrom('a', '1', '"', ',', ';', '\t', '\n', '\r', ' ', 'é', '😀', '#'), maxLength: 8 }),
    fc.constantFrom('__proto__', 'sep=;', '#TYPE', ''),
    fc.string({ unit: 'binary', maxLength: 5 }),
  );
  const table = fc.integer({ min: 2, max: 5 }).chain((width) =>
    fc.array(fc.array(cell, { minLength: width, maxLength: width }), { maxLength: 12 }).map((rows) => ({
      // Its delimiters must not outnumber the true ones: a header is names.
      header: Array.from({ length: width }, (_, index) => `column ${index}`),
      rows: rows.filter((row) => row.some((text) => text.trim() !== '')),
    })),
  );
  const lengths = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });

  it('gives back what was written, whatever the delimiter, the quoting and the chunks', async () => {
    await fc.assert(
      fc.asyncProperty(
        table,
        delimiter,
        lineEnd,
        fc.boolean(),
        fc.boolean(),
        lengths,
        async ({ header, rows }, by, end, quoteAll, hasMark, cuts) => {
          const write = (text: string): string =>
            quoteAll || /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
          const records = [header, ...rows].map((row) => row.map(write).join(by));
          const text = `${hasMark ? '\uFEFF' : ''}${records.join(end)}`;
          const seen = await read(cut(text, cuts));
          expect(seen.faults).toEqual([]);
          expect(seen.rows.map((row) => row.cells)).toEqual([header, ...rows]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('depends on no chunk boundary', async () => {
    const unit = fc.constantFrom('a', '"', ',', ';', '\n', '\r', ' ');
    await fc.assert(
      fc.asyncProperty(fc.string({ unit, maxLength: 60 }), lengths, async (text, cuts) => {
        expect(await read(cut(text, cuts))).toEqual(await read([text]));
      }),
      { numRuns: 500 },
    );
  });

  it.each(['"a"a', '"a"a\n', '"a" ', '""', '",', 'a"\n', '\r\n"', ',"\n'])(
    'ends soon on a megabyte of %j',
    async (unit) => {
      const seen = await read(['a,b\n', unit.repeat(1_000_000 / unit.length)]);
      expect(seen.rows.length + seen.faults.length).toBeGreaterThan(0);
    },
  );
});
