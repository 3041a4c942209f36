import { deflateRawSync, crc32 as nodeCrc32 } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAX_SHEET_CELLS, readWorkbook, type Workbook } from '../../src/formats/xlsx.ts';
import { MAX_UNPACKED_BYTES } from '../../src/formats/xlsx-archive.ts';

interface ZipFile {
  readonly name: string;
  readonly text: string;
  readonly isStored?: boolean;
  readonly flags?: number;
  readonly claimedBytes?: number;
  readonly crc?: number;
}

function zip(files: readonly ZipFile[]): Uint8Array {
  const bodies: Buffer[] = [];
  const entries: Buffer[] = [];
  let at = 0;
  for (const { name, text, isStored = false, flags = 0, claimedBytes, crc } of files) {
    const data = Buffer.from(text);
    const packed = isStored ? data : deflateRawSync(data);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(flags, 8);
    entry.writeUInt16LE(isStored ? 0 : 8, 10);
    entry.writeUInt32LE(crc ?? nodeCrc32(data), 16);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt32LE(claimedBytes ?? data.length, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(at, 42);
    bodies.push(local, Buffer.from(name), packed);
    entries.push(entry, Buffer.from(name));
    at += 30 + name.length + packed.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return new Uint8Array(Buffer.concat([...bodies, directory, end]));
}

const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';

/** The files of a workbook whose sheets have the given rows of XML. */
function workbookFiles(
  sheets: readonly (readonly [name: string, sheetXml: string])[],
  shared: readonly string[] = [],
): ZipFile[] {
  const list = sheets.map(([name], at) => `<sheet name="${escaped(name)}" sheetId="${at + 1}" r:id="rId${at + 1}"/>`);
  const relations = sheets.map(
    (_, at) => `<Relationship Id="rId${at + 1}" Type="${OFFICE}/worksheet" Target="worksheets/sheet${at + 1}.xml"/>`,
  );
  return [
    { name: '[Content_Types].xml', text: '<Types/>' },
    {
      name: 'xl/workbook.xml',
      text: `<?xml version="1.0"?>\n<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets>${list.join('')}</sheets></workbook>`,
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      text: `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${relations.join('')}<Relationship Id="s" Type="${OFFICE}/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="t" Type="${OFFICE}/styles" Target="styles.xml"/></Relationships>`,
    },
    {
      name: 'xl/sharedStrings.xml',
      text: `<sst xmlns="${MAIN}">${shared.map((text) => `<si><t xml:space="preserve">${escaped(text)}</t></si>`).join('')}</sst>`,
    },
    {
      name: 'xl/styles.xml',
      text: `<styleSheet xmlns="${MAIN}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs></styleSheet>`,
    },
    ...sheets.map(([, text], at) => ({ name: `xl/worksheets/sheet${at + 1}.xml`, text })),
  ];
}

function sheetXml(rows: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="${MAIN}"><dimension ref="A1"/><sheetData>${rows}</sheetData></worksheet>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

const read = (...rows: readonly string[]): Promise<Workbook> =>
  readWorkbook(
    zip(
      workbookFiles(
        rows.map((row, at) => [`S${at}`, sheetXml(row)] as const),
        ['one', 'two'],
      ),
    ),
  );

function faultOf(workbook: Workbook): string | undefined {
  return 'fault' in workbook ? workbook.fault.kind : undefined;
}

const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown): void => {
  unhandled.push(reason);
};
beforeAll(() => {
  process.on('unhandledRejection', onUnhandled);
});
afterAll(async () => {
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', onUnhandled);
  expect(unhandled).toEqual([]);
});

describe('cells', () => {
  const cell = async (xml: string): Promise<string | undefined> => {
    const workbook = await read(`<row r="1">${xml}<c r="B1"><v>1</v></c></row>`);
    if ('fault' in workbook) throw new Error(workbook.fault.text);
    return workbook.sheets[0]!.rows[0]![0];
  };

  it.each([
    ['a shared text', '<c r="A1" t="s"><v>1</v></c>', 'two'],
    ['an inline text', '<c r="A1" t="inlineStr"><is><t>a &amp; b</t></is></c>', 'a & b'],
    ["a formula's text", '<c r="A1" t="str"><f>X</f><v>sql&lt;1&gt;</v></c>', 'sql<1>'],
    ['a whole number', '<c r="A1"><v>107374182400</v></c>', '107374182400'],
    ['a fraction of 17 digits', '<c r="A1"><v>0.10000000000000001</v></c>', '0.1'],
    ['a number with an exponent', '<c r="A1"><v>1.073741824E11</v></c>', '107374182400'],
    ['a huge number', '<c r="A1"><v>1e21</v></c>', '1000000000000000000000'],
    ['a tiny number', '<c r="A1"><v>-2.5E-7</v></c>', '-0.00000025'],
    ['what is no number', '<c r="A1"><v>12x</v></c>', '12x'],
    ['a truth', '<c r="A1" t="b"><v>1</v></c>', 'TRUE'],
    ['a falsehood', '<c r="A1" t="b"><v>0</v></c>', 'FALSE'],
    ['an error', '<c r="A1" t="e"><v>#DIV/0!</v></c>', ''],
    ['a date', '<c r="A1" s="1"><v>45296.416666666664</v></c>', '2024-01-05T10:00:00'],
    ['a date with a quarter of a second', '<c r="A1" s="1"><v>45296.500002893518</v></c>', '2024-01-05T12:00:00.250'],
    ['a date beyond all', '<c r="A1" s="1"><v>1e300</v></c>', ''],
    ['an empty cell', '<c r="A1" s="1"/>', ''],
  ])('%s', async (_, xml, text) => {
    expect(await cell(xml)).toBe(text);
  });

  it('are given back, whatever they are, with their rows and sheets', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 12 }).map((raw) =>
      // XML has no control characters, a sheet trims, and _x0041_ is its escape of an A.
      raw
        .replace(/[\p{C}\uFFFE\uFFFF]/gu, '')
        .trim()
        .replace(/_x/g, 'x'),
    );
    const value = fc.oneof(text, fc.integer().map(String), fc.double({ noNaN: true, min: -1e15, max: 1e15 }));
    const table = fc.array(fc.array(value, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.array(table, { minLength: 1, maxLength: 3 }), fc.boolean(), async (tables, isStored) => {
        const sheets = tables.map((rows, at) => [`sheet <${at}>`, sheetXml(rows.map(rowXml).join(''))] as const);
        const workbook = await readWorkbook(zip(workbookFiles(sheets).map((file) => ({ ...file, isStored }))));
        if ('fault' in workbook) throw new Error(workbook.fault.text);
        expect(workbook.sheets.map(({ name }) => name)).toEqual(sheets.map(([name]) => name));
        workbook.sheets.forEach(({ rows }, at) => {
          tables[at]!.forEach((cells, row) => {
            cells.forEach((expected, column) => {
              const got = rows[row]?.[column] ?? '';
              if (typeof expected === 'number') expect(Number(got)).toBeCloseTo(expected, 12);
              else expect(got).toBe(expected);
              expect(got).not.toMatch(/^-?[\d.]+e/i);
            });
          });
        });
      }),
      { numRuns: 60 },
    );
  });

  it('keep the numbers of their rows behind blank ones', async () => {
    const workbook = await read('<row r="3"><c r="B3"><v>7</v></c></row><row r="9" s="1"/>');
    expect('sheets' in workbook && workbook.sheets[0]!.rows).toEqual([
      ['', ''],
      ['', ''],
      ['', '7'],
    ]);
  });

  it('of a chart there are none', async () => {
    const files = workbookFiles([['data', sheetXml('<row r="1"><c r="A1"><v>7</v></c></row>')]]).map((file) =>
      file.name === 'xl/workbook.xml'
        ? { ...file, text: file.text.replace('<sheets>', '<sheets><sheet name="chart" sheetId="9" r:id="rId9"/>') }
        : file,
    );
    expect(await readWorkbook(zip(files))).toEqual({
      sheets: [
        { name: 'chart', rows: [] },
        { name: 'data', rows: [['7']] },
      ],
    });
  });
});

/** A row of cells as XML; numbers as such. */
function rowXml(cells: readonly (string | number)[], at: number): string {
  const xml = cells.map((value, column) => {
    const address = `${'ABC'[column]!}${at + 1}`;
    if (typeof value === 'number') return `<c r="${address}"><v>${value}</v></c>`;
    return `<c r="${address}" t="inlineStr"><is><t xml:space="preserve">${escaped(value)}</t></is></c>`;
  });
  return `<row r="${at + 1}">${xml.join('')}</row>`;
}

/** A sound workbook but for what is said of its sheet. */
function soundFiles(wrong: Partial<ZipFile> = {}): ZipFile[] {
  const files = workbookFiles([['a', sheetXml('<row r="1"><c r="A1"><v>1</v></c></row>')]]);
  return files.map((file) => (file.name.endsWith('sheet1.xml') ? { ...file, ...wrong } : file));
}

describe('what is refused', () => {
  it('is not the sound workbook that the others are made of', async () => {
    expect(await readWorkbook(zip(soundFiles()))).toEqual({ sheets: [{ name: 'a', rows: [['1']] }] });
  });

  const value = '<v>1</v>';
  it.each([
    ['nothing', new Uint8Array(0), 'not-a-workbook'],
    ['a text', Buffer.from('vm,size\n'.repeat(100)), 'not-a-workbook'],
    ['an old workbook', Buffer.from([0xd0, 0xcf, 0x11, 0xe0, ...Array(600).fill(0)]), 'encrypted'],
    ['an archive of something else', zip([{ name: 'word/document.xml', text: '<document/>' }]), 'not-a-workbook'],
    ['an encrypted archive', zip([{ name: 'xl/workbook.xml', text: '<workbook/>', flags: 1 }]), 'encrypted'],
    ['a wrong checksum', zip(soundFiles({ crc: 7 })), 'damaged'],
    ['more than it claims', zip(soundFiles({ claimedBytes: 50 })), 'damaged'],
    ['less than it claims', zip(soundFiles({ claimedBytes: 1000 })), 'damaged'],
    [
      'a bomb by its claim',
      zip([{ name: 'a.png', text: 'x'.repeat(9), isStored: true, claimedBytes: 9_001 }]),
      'too-large',
    ],
    [
      'claims that are too much together',
      zip(
        Array.from({ length: 3 }, (_, at) => ({
          ...{ name: `${at}.png`, text: 'x'.repeat(200_000), isStored: true },
          claimedBytes: Math.ceil(MAX_UNPACKED_BYTES / 2.9),
        })),
      ).slice(),
      'too-large',
    ],
    ['a bomb that is one', zip([{ name: 'xl/workbook.xml', text: ' '.repeat(20_000_000) }]), 'too-large'],
    [
      'no list of files',
      zip(workbookFiles([['a', sheetXml('')]]).filter(({ name }) => !name.endsWith('.rels'))),
      'damaged',
    ],
    ['a sheet that is not there', zip(workbookFiles([['a', sheetXml('')]]).slice(0, -1)), 'damaged'],
    [
      'more sheets than anybody has',
      zip(workbookFiles(Array.from({ length: 513 }, (_, at) => [`${at}`, sheetXml('')] as const))),
      'too-large',
    ],
  ])('%s', async (_, bytes, kind) => {
    expect(faultOf(await readWorkbook(bytes))).toBe(kind);
  });

  it.each([
    ['a row beyond any sheet', `<row r="1000000000"><c r="A1000000000">${value}</c></row>`, 'damaged'],
    ['a column beyond any sheet', `<row r="1"><c r="ZZZZZZ1">${value}</c></row>`, 'damaged'],
    ['a column in single quotes', `<row r="1"><c r='XFE1'>${value}</c></row>`, 'damaged'],
    ['a row of infinity', `<row r="Infinity"><c r="A1">${value}</c></row>`, 'damaged'],
    ['a row as a hexadecimal', `<row r="0xFFFFFFF"><c r="A1">${value}</c></row>`, 'damaged'],
    ['an address in references to characters', `<row r="1"><c r="&#90;&#90;&#90;&#90;1">${value}</c></row>`, 'damaged'],
    ['an address with a prefix', `<row r="1"><c x:r="ZZZZ1">${value}</c></row>`, 'damaged'],
    [
      'a tag that seems empty',
      `<row r="1"><c r="XFD1" s="/>" t="n">${value}</c></row><row r="9999"><c r="A9999">${value}</c></row>`,
      'too-large',
    ],
    [
      'two corners far apart',
      `<row r="1"><c r="XFD1">${value}</c></row><row r="62"><c r="A62">${value}</c></row>`,
      'too-large',
    ],
    ['no address', `<row r="1"><c>${value}</c></row>`, 'damaged'],
    ['a shared text that is not there', '<row r="1"><c r="A1" t="s"><v>2</v></c></row>', 'damaged'],
    [
      'rows in a wrong order',
      `<row r="2"><c r="A2">${value}</c></row><row r="1"><c r="A1">${value}</c></row>`,
      'damaged',
    ],
  ])('%s', async (_, rows, kind) => {
    expect(faultOf(await read(rows))).toBe(kind);
  });

  it('a cell more than the limit of a sheet, and not one less', async () => {
    expect(MAX_SHEET_CELLS).toBe(62_500 * 16);
    const corner = (row: number): string =>
      `<row r="1"><c r="P1">${value}</c></row><row r="${row}"><c r="A${row}">${value}</c></row>`;
    expect(faultOf(await read(corner(62_500)))).toBeUndefined();
    expect(faultOf(await read(corner(62_501)))).toBe('too-large');
    // Five sheets of 900,000 cells each.
    expect(faultOf(await read(...Array.from({ length: 5 }, () => corner(56_250))))).toBe('too-large');
  });

  it('not: empty cells and rows far away', async () => {
    const workbook = await read(
      `<row r="1"><c r="A1">${value}</c><c r="XFD1" s="0"/></row><row r="1048576" spans="1:3" customFormat="1" ht="15.5" />`,
    );
    expect('sheets' in workbook && workbook.sheets[0]!.rows).toEqual([['1']]);
  });

  it('rows that hide in a file that is no worksheet', async () => {
    const files = workbookFiles([['a', sheetXml('')]], []).map((file) =>
      file.name === 'xl/worksheets/sheet1.xml'
        ? { ...file, text: `<sst><sheetData><row r="900000000"><c r="A900000000">${value}</c></row></sheetData></sst>` }
        : file,
    );
    expect(faultOf(await readWorkbook(zip(files)))).toBe('damaged');
  });

  it('two broken sheets, whose rejections are both handled', async () => {
    const broken = `<worksheet xmlns="${MAIN}"><!-- <sheetData> --></worksheet>`;
    const files = workbookFiles([
      ['a', broken],
      ['b', sheetXml(`<row r="1"><c>${value}</c></row>`)],
    ]);
    expect(faultOf(await readWorkbook(zip(files)))).toBe('damaged');
  });
});

it('gives a workbook or a fault of any prefix and mutation, and never throws', async () => {
  const whole = zip(
    workbookFiles(
      [
        ['vDisk', sheetXml('<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>1.5</v></c></row>')],
        ['vInfo', sheetXml('<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row>')],
      ],
      ['one'],
    ).map((file) => ({ ...file, isStored: file.name.includes('sheet') })),
  );
  const mutant = fc
    .array(
      fc.tuple(fc.nat(whole.length - 1), fc.oneof(fc.constantFrom(0, 0xff, 0x3c, 0x3e, 0x22, 0x39), fc.nat(255))),
      {
        minLength: 1,
        maxLength: 4,
      },
    )
    .map((edits) => {
      const bytes = whole.slice();
      for (const [at, byte] of edits) bytes[at] = byte;
      return bytes;
    });
  const prefix = fc.nat(whole.length).map((length) => whole.slice(0, length));
  await fc.assert(
    fc.asyncProperty(fc.oneof({ weight: 3, arbitrary: mutant }, prefix), async (bytes) => {
      const workbook = await readWorkbook(bytes);
      if ('fault' in workbook) expect(workbook.fault.text).not.toBe('');
      else expect(workbook.sheets.length).toBeLessThanOrEqual(512);
    }),
    { numRuns: 400 },
  );
  // With checksums that are right, the XML itself is what is wrong.
  const files = workbookFiles(
    [['a', sheetXml('<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>1.5</v></c></row>')]],
    ['one'],
  );
  await fc.assert(
    fc.asyncProperty(
      fc.nat(files.length - 1),
      fc.nat(2_000),
      fc.nat(8),
      fc.string({ maxLength: 4 }),
      async (of, at, length, bit) => {
        const changed = files.map((file, index) => {
          const from = at % file.text.length;
          return index === of
            ? { ...file, text: file.text.slice(0, from) + bit + file.text.slice(from + length) }
            : file;
        });
        expect(await readWorkbook(zip(changed))).toBeTypeOf('object');
      },
    ),
    { numRuns: 300 },
  );
});
