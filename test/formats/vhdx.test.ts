import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32c } from '../../src/formats/crc32c.ts';
import { inMemory } from '../../src/formats/random-access.ts';
import { readVirtualDisk, type VirtualDisk } from '../../src/formats/virtual-disk.ts';
import { GIB, KIB, MIB, TIB } from '../../src/units.ts';
import {
  buildVhdx,
  headerBytes,
  ITEM_IDS,
  itemsOf,
  locatorBytes,
  METADATA_AT,
  metadataBytes,
  NO_GUID,
  sealAgain,
  TABLE_AT,
  type VhdxSpec,
} from './vhd-build-vhdx.ts';
import { anyVhdx, codesOf, naiveHeldBytes } from './vhd-laws.ts';
import { ascii, guidBytes, type SparseFile, u32, u64 } from './vhd-sparse-file.ts';

const ID = '{11111111-2222-4333-8444-0123456789ab}';
const WRITE_ID = '{22222222-2222-4333-8444-0123456789ab}';
const PARENT_ID = '{33333333-2222-4333-8444-0123456789ab}';

const PLAIN: VhdxSpec = {
  type: 'dynamic',
  virtualSizeBytes: 10 * MIB,
  blockBytes: MIB,
  logicalSectorBytes: 512,
  physicalSectorBytes: 4096,
  id: ID,
  dataWriteGuid: WRITE_ID,
  logGuid: NO_GUID,
  createdBy: 'a test',
  locator: [],
  blocks: [
    { block: 3, state: 6, sectors: 0 },
    { block: 9, state: 6, sectors: 0 },
  ],
};
const CHILD: VhdxSpec = {
  ...PLAIN,
  type: 'differencing',
  locator: [
    ['parent_linkage', PARENT_ID.toUpperCase()],
    ['relative_path', '.\\base.vhdx'],
    ['absolute_win32_path', 'D:\\vm\\base.vhdx'],
  ],
  blocks: [
    { block: 1, state: 7, sectors: 5 },
    { block: 2, state: 6, sectors: 0 },
    { block: 4, state: 7, sectors: 2048 },
  ],
};

async function read(file: SparseFile): Promise<{ disk: VirtualDisk | undefined; codes: readonly string[] }> {
  const { disk, problems } = await readVirtualDisk(file);
  if (disk !== undefined) expect(disk.problems).toBe(problems);
  return { disk, codes: codesOf(problems) };
}

describe('CRC-32C', () => {
  it('is that of the standard, and of a division bit by bit', () => {
    expect(crc32c(ascii('123456789'))).toBe(0xe3069283);
    // RFC 3720, appendix B.4.
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        let value = 0xffffffffn;
        for (const byte of bytes) {
          value ^= BigInt(byte);
          for (let bit = 0; bit < 8; bit++) value = (value >> 1n) ^ (value & 1n ? 0x82f63b78n : 0n);
        }
        expect(crc32c(bytes)).toBe(Number(value ^ 0xffffffffn));
      }),
    );
  });
});

describe('what a sound file says', () => {
  it('is given back, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(anyVhdx(), async (spec) => {
        const { disk, problems } = await readVirtualDisk(buildVhdx(spec));
        expect(problems).toEqual([]);
        const of = (key: string): string | undefined => spec.locator.find(([name]) => name === key)?.[1];
        const paths = ['relative_path', 'volume_path', 'absolute_win32_path'].flatMap((key) => of(key) ?? []);
        const parent = { id: of('parent_linkage')?.toLowerCase(), paths };
        expect(disk).toEqual({
          format: 'vhdx',
          type: spec.type,
          virtualSizeBytes: spec.virtualSizeBytes,
          allocatedBytes: naiveHeldBytes(spec),
          blockBytes: spec.blockBytes,
          logicalSectorBytes: spec.logicalSectorBytes,
          physicalSectorBytes: spec.physicalSectorBytes,
          id: spec.id,
          dataWriteGuid: spec.dataWriteGuid,
          ...(spec.type === 'differencing' ? { parent } : {}),
          hasLogToReplay: spec.logGuid !== NO_GUID,
          createdBy: spec.createdBy,
          problems: [],
        });
      }),
      { numRuns: 60 },
    );
  });

  it('counts a partly present block by its sectors', async () => {
    expect((await read(buildVhdx(CHILD))).disk?.allocatedBytes).toBe(5 * 512 + MIB + 2048 * 512);
  });

  it('takes the header with the greater number, in whichever place', async () => {
    const other = '{99999999-2222-4333-8444-0123456789ab}';
    for (const [at, sequence, expected] of [
      [64 * KIB, 9n, other],
      [64 * KIB, 7n, WRITE_ID],
      [128 * KIB, 2n ** 64n - 1n, other],
      [128 * KIB, 6n, NO_GUID],
    ] as const) {
      const file = buildVhdx(PLAIN).with({ at, bytes: headerBytes(PLAIN, sequence, other) });
      const { disk, codes } = await read(file);
      expect(disk?.dataWriteGuid).toBe(expected);
      expect(codes).toEqual([]);
    }
  });

  it('takes two headers that are one for what they are', async () => {
    const header = headerBytes(PLAIN, 1n, WRITE_ID);
    const file = buildVhdx(PLAIN).with({ at: 64 * KIB, bytes: header }, { at: 128 * KIB, bytes: header });
    expect(await read(file)).toMatchObject({ disk: { dataWriteGuid: WRITE_ID }, codes: [] });
  });

  it('does not look at entries of blocks beyond the end', async () => {
    const beyond = { at: TABLE_AT + 8 * 12, bytes: u64(BigInt(4 * MIB) + 6n, true) };
    const { disk, codes } = await read(buildVhdx(CHILD).with(beyond));
    expect(codes).toEqual([]);
    expect(disk?.allocatedBytes).toBe(5 * 512 + MIB + 2048 * 512);
  });

  it.each([
    ['dynamic', 4096, 4096, true],
    ['dynamic', 4096, 4095, false],
    ['dynamic', 4097, 4098, true],
    ['dynamic', 4097, 4097, false],
    ['differencing', 4096, 4097, true],
    ['differencing', 4096, 4096, false],
    ['differencing', 4097, 2 * 4097, true],
    ['differencing', 4097, 2 * 4097 - 1, false],
  ] as const)('a %s disk of %i blocks of 1 MiB and a table of %i entries', async (type, blocks, entries, isEnough) => {
    const file = buildVhdx({ ...CHILD, type, virtualSizeBytes: blocks * MIB, blocks: [] });
    const length = u32(8 * entries, true);
    const { codes } = await read(
      await sealAgain(file.with({ at: 192 * KIB + 40, bytes: length }, { at: 256 * KIB + 40, bytes: length })),
    );
    expect(codes).toEqual(isEnough ? [] : ['vhdx-block-table']);
  });

  it('reads both linkages of a parent', async () => {
    const second = '{44444444-2222-4333-8444-0123456789ab}';
    const { disk } = await read(buildVhdx({ ...CHILD, locator: [...CHILD.locator, ['parent_linkage2', second]] }));
    expect(disk?.parent).toEqual({
      id: PARENT_ID,
      linkage2: second,
      paths: ['.\\base.vhdx', 'D:\\vm\\base.vhdx'],
    });
  });
});

describe('what is damaged', () => {
  const flip = (at: number) => (file: SparseFile) => file.with({ at, bytes: Uint8Array.of(0xee) });
  const inTable = (index: number, entry: bigint) => (file: SparseFile) =>
    file.with({ at: TABLE_AT + 8 * index, bytes: u64(entry, true) });
  const inMetadata = (change: (items: ReturnType<typeof itemsOf>[number]) => Uint8Array | number) => {
    return (file: SparseFile, spec: VhdxSpec) => {
      const items = itemsOf(spec).map((item) => {
        const changed = change(item);
        return typeof changed === 'number' ? { ...item, flags: changed } : { ...item, bytes: changed };
      });
      return file.with({ at: METADATA_AT, bytes: metadataBytes(items) });
    };
  };
  const item = (id: string, bytes: Uint8Array) => inMetadata((found) => (found.id === id ? bytes : found.bytes));
  const both = (offset: number, bytes: Uint8Array) => (file: SparseFile) =>
    sealAgain(file.with({ at: 192 * KIB + offset, bytes }, { at: 256 * KIB + offset, bytes }));

  it.each<
    [string, VhdxSpec, (file: SparseFile, spec: VhdxSpec) => SparseFile | Promise<SparseFile>, string[], boolean]
  >([
    ['one header', PLAIN, flip(64 * KIB + 100), ['vhdx-header-damaged'], true],
    [
      'both headers',
      PLAIN,
      (file) => flip(128 * KIB)(flip(64 * KIB + 4000)(file)),
      ['vhdx-header-damaged', 'vhdx-header-damaged', 'vhdx-no-header'],
      false,
    ],
    [
      'two current headers',
      PLAIN,
      (file) => file.with({ at: 64 * KIB, bytes: headerBytes(PLAIN, 8n, ID) }),
      ['vhdx-header-order'],
      true,
    ],
    ['a version to come', PLAIN, (file) => sealAgain(flip(128 * KIB + 66)(file)), ['vhdx-version'], false],
    ['a log to come', { ...PLAIN, logGuid: ID }, (file) => sealAgain(flip(128 * KIB + 64)(file)), ['vhdx-log'], true],
    ['a log outside', { ...PLAIN, logGuid: ID }, (file) => sealAgain(flip(128 * KIB + 77)(file)), ['vhdx-log'], true],
    ['one region table', PLAIN, flip(192 * KIB + 65_535), ['vhdx-region-table-damaged'], true],
    [
      'both region tables',
      PLAIN,
      (file) => flip(256 * KIB)(flip(192 * KIB)(file)),
      ['vhdx-region-table-damaged', 'vhdx-region-table-damaged', 'vhdx-no-region-table'],
      false,
    ],
    ['no region', PLAIN, both(8, u32(0, true)), ['vhdx-no-metadata'], false],
    ['an unknown region', PLAIN, both(16, guidBytes(ID)), ['vhdx-region-unknown', 'vhdx-block-table'], true],
    ['a block table outside', PLAIN, both(32, u64(TIB, true)), ['vhdx-block-table'], true],
    [
      'a block table above 2^53',
      PLAIN,
      both(32, u64(2n ** 63n, true)),
      ['vhdx-region-table-damaged', 'vhdx-block-table'],
      true,
    ],
    ['a block table too short', PLAIN, both(40, u32(79, true)), ['vhdx-block-table'], true],
    ['no metadata', PLAIN, flip(METADATA_AT), ['vhdx-no-metadata'], false],
    [
      'unknown metadata',
      PLAIN,
      (file, spec) => {
        const unknown = { id: PARENT_ID, flags: 5, bytes: new Uint8Array(3) };
        return file.with({ at: METADATA_AT, bytes: metadataBytes([...itemsOf(spec), unknown]) });
      },
      ['vhdx-metadata-unknown'],
      true,
    ],
    [
      'an item there twice',
      PLAIN,
      (file, spec) =>
        file.with({ at: METADATA_AT, bytes: metadataBytes([...itemsOf(spec), ...itemsOf(spec).slice(2, 3)]) }),
      ['vhdx-metadata-damaged'],
      true,
    ],
    [
      'an item outside its region',
      PLAIN,
      (file) => file.with({ at: METADATA_AT + 32 * 3 + 16, bytes: u32(MIB - 15, true) }),
      ['vhdx-metadata-damaged', 'vhdx-disk-id'],
      true,
    ],
    ['a block size of 3 MiB', PLAIN, item(ITEM_IDS.parameters, u64(3 * MIB, true)), ['vhdx-block-size'], false],
    ['a block size of 512 MiB', PLAIN, item(ITEM_IDS.parameters, u64(512 * MIB, true)), ['vhdx-block-size'], false],
    ['64 TiB and a sector', PLAIN, item(ITEM_IDS.size, u64(64 * TIB + 512, true)), ['vhdx-virtual-size'], false],
    ['a size above 2^53', PLAIN, item(ITEM_IDS.size, u64(2n ** 64n - 512n, true)), ['vhdx-virtual-size'], false],
    ['half a sector', PLAIN, item(ITEM_IDS.size, u64(10 * MIB - 256, true)), ['vhdx-sector-size'], true],
    [
      'a sector of 1,024 bytes',
      PLAIN,
      item(ITEM_IDS.logicalSector, u32(1024, true)),
      ['vhdx-sector-size', 'vhdx-virtual-size'],
      false,
    ],
    ['no physical sector', PLAIN, item(ITEM_IDS.physicalSector, u32(0, true)), ['vhdx-sector-size'], true],
    ['a reserved state', PLAIN, inTable(3, 4n), ['vhdx-block-state'], true],
    ['a part of a disk without parent', PLAIN, inTable(3, BigInt(4 * MIB) + 7n), ['vhdx-block-state'], true],
    ['a block behind the end', PLAIN, inTable(5, 2n ** 63n + 6n), ['vhdx-block-outside'], true],
    ['a block in the header', PLAIN, inTable(5, 6n), ['vhdx-block-outside'], true],
    ['no sector bitmap', CHILD, inTable(4096, 0n), ['vhdx-bitmap'], true],
    [
      'no parent locator',
      CHILD,
      inMetadata((found) => (found.id === ITEM_IDS.locator ? ascii('short') : found.bytes)),
      ['vhdx-metadata-damaged', 'vhdx-parent'],
      true,
    ],
    ['another kind of parent', CHILD, item(ITEM_IDS.locator, new Uint8Array(20)), ['vhdx-parent'], true],
    [
      'no linkage and no path',
      CHILD,
      item(ITEM_IDS.locator, locatorBytes([['parent_linkage', 'none']])),
      ['vhdx-parent', 'vhdx-parent', 'vhdx-parent'],
      true,
    ],
    [
      'a key there twice',
      CHILD,
      item(ITEM_IDS.locator, locatorBytes([...CHILD.locator, ['parent_linkage', ID]])),
      ['vhdx-parent'],
      true,
    ],
  ])('%s', async (_name, spec, change, codes, hasDisk) => {
    const seen = await read(await change(buildVhdx(spec), spec));
    expect(seen.codes).toEqual(codes);
    expect(seen.disk !== undefined).toBe(hasDisk);
    if (seen.disk?.parent !== undefined) expect([PARENT_ID, undefined]).toContain(seen.disk.parent.id);
  });

  it('counts lost blocks, and no block that is lost', async () => {
    const file = inTable(5, 2n ** 50n + 6n)(inTable(6, 2n ** 50n + 6n)(buildVhdx(PLAIN)));
    const { disk } = await read(file);
    expect(disk?.allocatedBytes).toBe(2 * MIB);
    expect(disk?.problems).toEqual([
      {
        code: 'vhdx-block-outside',
        atBytes: TABLE_AT + 40,
        message: 'Blocks that are lost, because the block table points outside the file: 2.',
      },
    ]);
  });

  it('names blocks that lie over each other, and holds no more than the file', async () => {
    const spec = { ...PLAIN, virtualSizeBytes: GIB, blocks: [{ block: 0, state: 6, sectors: 0 }] as const };
    let file = buildVhdx(spec);
    for (let index = 1; index < 1024; index++) file = inTable(index, BigInt(4 * MIB) + 6n)(file);
    const { disk, codes } = await read(file);
    expect(codes).toEqual(['vhdx-blocks-overlap']);
    expect(disk?.allocatedBytes).toBe(file.sizeBytes);
  });

  it('keeps few of many like problems', async () => {
    const unknown = Array.from({ length: 2000 }, () => ({ id: PARENT_ID, flags: 4, bytes: new Uint8Array(0) }));
    const file = buildVhdx(PLAIN).with({ at: METADATA_AT, bytes: metadataBytes([...itemsOf(PLAIN), ...unknown]) });
    expect((await read(file)).codes).toHaveLength(8);
  });
});

it('reads no item twice, however often it is named', async () => {
  const again = Array.from({ length: 2000 }, () => ({ id: ITEM_IDS.id, flags: 4, bytes: new Uint8Array(0) }));
  const metadata = metadataBytes([...itemsOf(PLAIN), ...again]);
  for (let index = 6; index < 2006; index++) {
    metadata.set(u32(64 * KIB, true), 32 * index + 16);
    metadata.set(u32(900 * KIB, true), 32 * index + 20);
  }
  const file = buildVhdx(PLAIN).with({ at: METADATA_AT, bytes: metadata });
  expect((await read(file)).disk?.id).toBe(ID);
  expect(file.readTotal).toBeLessThan(2 * MIB);
});

describe('the largest disk', () => {
  it('reads 64 TiB of blocks of 1 MiB in pieces', async () => {
    const tableBytes = (64 * MIB + 16 * KIB - 1) * 8;
    const regionBytes = Math.ceil(tableBytes / MIB) * MIB;
    const small = buildVhdx({ ...PLAIN, virtualSizeBytes: 0, blocks: [] });
    const size = itemsOf({ ...PLAIN, virtualSizeBytes: 64 * TIB });
    const present = (index: number) => ({ at: TABLE_AT + 8 * index, bytes: u64(BigInt(600 * MIB) + 6n, true) });
    const file = await sealAgain(
      small.with(
        { at: METADATA_AT, bytes: metadataBytes(size) },
        { at: 192 * KIB + 40, bytes: u32(regionBytes, true) },
        { at: 256 * KIB + 40, bytes: u32(regionBytes, true) },
        // The first and the last block of the disk; behind each 4,096 stands a sector bitmap's entry.
        present(0),
        present(64 * MIB + 16 * KIB - 2),
        { at: 601 * MIB - 1, bytes: Uint8Array.of(0) },
      ),
    );
    const { disk, codes } = await read(file);
    expect(codes).toEqual([]);
    expect(disk).toMatchObject({ virtualSizeBytes: 64 * TIB, allocatedBytes: 2 * MIB });
    expect(file.readTotal).toBeLessThan(tableBytes + MIB);
    expect(file.readLargest).toBe(MIB);
  });

  it('reads sector bitmaps up to a bound, and then counts whole', async () => {
    // 300 chunks, each with its first and last block there in part and so all of its sector bitmap to read.
    const blocks = Array.from({ length: 300 }, (_, chunk) => [chunk * 4096, chunk * 4096 + 4095])
      .flat()
      .map((block) => ({ block, state: 7 as const, sectors: 1 }));
    const spec = { ...CHILD, virtualSizeBytes: 300 * 4 * GIB, blocks: blocks.slice(0, 4) };
    let file = buildVhdx(spec);
    const bitmapAt = (await file.bytesAt(TABLE_AT + 8 * 4096, 8)).slice();
    for (const { block } of blocks.slice(4)) {
      const index = block + Math.floor(block / 4096);
      file = file.with({ at: TABLE_AT + 8 * index, bytes: await file.bytesAt(TABLE_AT, 8) });
      if (block % 4096 === 4095) file = file.with({ at: TABLE_AT + 8 * (index + 1), bytes: bitmapAt });
    }
    file = file.cutTo(GIB);
    const { disk, codes } = await read(file);
    expect(codes).toEqual(['vhdx-bitmaps-uncounted']);
    expect(disk?.allocatedBytes).toBe(256 * 2 * 512 + 44 * 2 * MIB);
    expect(file.readTotal).toBeLessThan(270 * MIB);
  });
});

it('a file whose reader gives less than it should is damaged, no more', async () => {
  const file = buildVhdx(CHILD);
  const bytes = await file.bytesAt(0, file.sizeBytes);
  for (const given of [0, 7, 70 * KIB, 130 * KIB, 200 * KIB, METADATA_AT + 9, TABLE_AT + 12]) {
    const short = { ...inMemory(bytes.subarray(0, given)), sizeBytes: bytes.length };
    expect((await readVirtualDisk(short)).problems.length).toBeGreaterThan(0);
  }
});
