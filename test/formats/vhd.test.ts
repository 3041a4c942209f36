import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guidAt, parseGuid } from '../../src/formats/guid.ts';
import { inMemory } from '../../src/formats/random-access.ts';
import { readVirtualDisk, virtualDiskFormat } from '../../src/formats/virtual-disk.ts';
import { GIB, MIB } from '../../src/units.ts';
import { buildVhd, footerOf, sealAgain, type VhdSpec } from './vhd-build-vhd.ts';
import { anyVhd, codesOf } from './vhd-laws.ts';
import { ascii, type SparseFile, u32, u64 } from './vhd-sparse-file.ts';

const ID = '{11111111-2222-4333-8444-0123456789ab}';
const PARENT_ID = '{33333333-2222-4333-8444-0123456789ab}';
const HEADER_AT = 512;
const TABLE_AT = 8192;

const PLAIN: VhdSpec = {
  type: 'dynamic',
  virtualSizeBytes: 20 * MIB,
  blockBytes: 2 * MIB,
  id: ID,
  footerBytes: 512,
  parentId: PARENT_ID,
  parentName: 'D:\\vm\\base.vhd',
  relativePath: '.\\base.vhd',
  absolutePath: 'D:\\vm\\base.vhd',
  blocks: [
    { block: 3, sectors: 0 },
    { block: 9, sectors: 0 },
  ],
};
const FIXED: VhdSpec = { ...PLAIN, type: 'fixed', virtualSizeBytes: MIB };
const CHILD: VhdSpec = { ...PLAIN, type: 'differencing', blocks: [{ block: 3, sectors: 9 }] };

describe('what a sound file says', () => {
  it('is given back, whatever it is, with a footer of 512 or 511 bytes', async () => {
    await fc.assert(
      fc.asyncProperty(anyVhd(), async (spec) => {
        const { disk, problems } = await readVirtualDisk(buildVhd(spec));
        expect(problems).toEqual([]);
        const isFixed = spec.type === 'fixed';
        const lastBytes = spec.virtualSizeBytes % spec.blockBytes || spec.blockBytes;
        const lastBlock = Math.ceil(spec.virtualSizeBytes / spec.blockBytes) - 1;
        let heldBytes = isFixed ? spec.virtualSizeBytes : 0;
        for (const { block, sectors } of isFixed ? [] : spec.blocks) {
          if (spec.type === 'differencing') heldBytes += sectors * 512;
          else heldBytes += block === lastBlock ? lastBytes : spec.blockBytes;
        }
        expect(disk).toEqual({
          format: 'vhd',
          type: spec.type,
          virtualSizeBytes: spec.virtualSizeBytes,
          allocatedBytes: heldBytes,
          blockBytes: isFixed ? undefined : spec.blockBytes,
          logicalSectorBytes: 512,
          physicalSectorBytes: undefined,
          id: spec.id,
          ...(spec.type === 'differencing'
            ? {
                parent: {
                  id: spec.parentId,
                  paths: [...new Set([spec.relativePath, spec.absolutePath, spec.parentName])],
                },
              }
            : {}),
          hasLogToReplay: false,
          createdBy: 'win 6.3 (Wi2k)',
          problems: [],
        });
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    ['as computed', 120, 4, 17, 4194304, true],
    ['a whole cylinder less', 119, 4, 17, 4177920, false],
    ['more than the disk', 121, 4, 17, 4194304, false],
    ['none', 0, 0, 0, 4194304, false],
    ['the greatest', 65535, 16, 255, 4194304, true],
    ['Hyper-V of 127 GiB', 65278, 16, 255, 127 * GIB, true],
  ])('geometry: %s', async (_name, cylinders, heads, sectors, virtualSizeBytes, isFine) => {
    const spec = { ...PLAIN, virtualSizeBytes, blocks: [] };
    const footer = footerOf(spec, cylinders * 65_536 + heads * 256 + sectors);
    const file = buildVhd(spec);
    const { problems } = await readVirtualDisk(
      file.with({ at: 0, bytes: footer }, { at: file.sizeBytes - 512, bytes: footer }),
    );
    expect(codesOf(problems)).toEqual(isFine ? [] : ['vhd-geometry']);
  });
});

describe('what is damaged', () => {
  const flip = (at: number) => (file: SparseFile) =>
    file.with({ at: at < 0 ? file.sizeBytes + at : at, bytes: Uint8Array.of(0xee) });
  const inFooter = (offset: number, bytes: Uint8Array) => (file: SparseFile) =>
    sealAgain(file.with({ at: offset, bytes }, { at: file.sizeBytes - 512 + offset, bytes }));
  const inHeader = (offset: number, bytes: Uint8Array) => (file: SparseFile) =>
    sealAgain(file.with({ at: HEADER_AT + offset, bytes }));
  const inTable = (index: number, sector: number) => (file: SparseFile) =>
    file.with({ at: TABLE_AT + 4 * index, bytes: u32(sector, false) });

  it.each<[string, VhdSpec, (file: SparseFile) => SparseFile | Promise<SparseFile>, string[], boolean]>([
    ['the footer', PLAIN, flip(70 - 512), ['vhd-footer-damaged'], true],
    ['the footer of a fixed disk', FIXED, flip(-200), ['vhd-footer-damaged'], true],
    ['the copy', PLAIN, flip(200), ['vhd-footer-copy'], true],
    ['the copy is none', PLAIN, flip(0), ['vhd-footer-copy'], true],
    ['both', PLAIN, (file) => flip(-200)(flip(200)(file)), ['vhd-footer-damaged', 'vhd-footer-copy'], true],
    [
      'the copy of another disk',
      PLAIN,
      (file) => file.with({ at: 0, bytes: footerOf({ ...PLAIN, id: PARENT_ID }) }),
      ['vhd-footer-copy'],
      true,
    ],
    ['no footer', PLAIN, (file) => file.cutTo(file.sizeBytes - 512), ['vhd-footer-damaged'], true],
    ['no footer of a fixed disk', FIXED, (file) => file.cutTo(MIB), ['disk-unknown'], false],
    [
      'a footer only at the start, of a fixed disk',
      FIXED,
      (file) => file.with({ at: 0, bytes: footerOf(FIXED) }).cutTo(MIB),
      ['vhd-no-footer'],
      false,
    ],
    [
      'a fixed disk that was cut before its footer',
      FIXED,
      (file) => file.without(512, 1024),
      ['vhd-size-outside'],
      true,
    ],
    ['disk type 6', PLAIN, inFooter(60, u32(6, false)), ['vhd-disk-type'], false],
    ['2,040 GiB and a sector', PLAIN, inFooter(48, u64(2040 * GIB + 512, false)), ['vhd-virtual-size'], false],
    ['a size above 2^53', PLAIN, inFooter(48, u64(2n ** 63n, false)), ['vhd-virtual-size'], false],
    ['a footer to come', PLAIN, inFooter(12, u32(0x20000, false)), ['vhd-version'], true],
    ['a header to come', PLAIN, inHeader(24, u32(0x20000, false)), ['vhd-version'], true],
    ['the header', PLAIN, flip(HEADER_AT + 700), ['vhd-header-damaged'], true],
    ['no header', PLAIN, flip(HEADER_AT), ['vhd-header-lost'], true],
    ['a header outside', PLAIN, inFooter(16, u64(2n ** 62n, false)), ['vhd-header-lost'], true],
    ['blocks of 3 MiB', PLAIN, inHeader(32, u32(3 * MIB, false)), ['vhd-header-lost'], true],
    ['a short table', PLAIN, inHeader(28, u32(9, false)), ['vhd-block-table'], true],
    ['a table outside', PLAIN, inHeader(16, u64(2n ** 52n, false)), ['vhd-block-table'], true],
    ['a table nowhere', PLAIN, inHeader(16, u64(2n ** 64n - 1n, false)), ['vhd-block-table'], true],
    ['a block behind the end', PLAIN, inTable(3, 0xfffffffe), ['vhd-block-outside'], true],
    ['a block in the copy', PLAIN, inTable(3, 0), ['vhd-block-outside'], true],
    [
      'blocks over each other',
      PLAIN,
      (file) => [0, 1, 2].reduce((to, at) => inTable(at, 18)(to), file),
      ['vhd-blocks-overlap'],
      true,
    ],
    ['no parent', CHILD, inHeader(40, new Uint8Array(16)), ['vhd-parent'], true],
    ['a locator outside', CHILD, inHeader(576 + 16, u64(2n ** 40n, false)), ['vhd-parent'], true],
    ['a locator of 64 KiB and a byte', CHILD, inHeader(576 + 8, u32(65_537, false)), ['vhd-parent'], true],
    ['no path', CHILD, inHeader(64, new Uint8Array(704)), ['vhd-parent'], true],
  ])('%s', async (_name, spec, change, codes, hasDisk) => {
    const { disk, problems } = await readVirtualDisk(await change(buildVhd(spec)));
    expect(codesOf(problems)).toEqual(codes);
    expect(disk !== undefined).toBe(hasDisk);
    // Whichever footer is sound is believed.
    if (disk !== undefined) expect(disk.id).toBe(ID);
  });

  it('reads the bitmaps of so many blocks and counts the others whole', async () => {
    const blocks = 20_000;
    const spec = { ...CHILD, virtualSizeBytes: blocks * 2 * MIB, blocks: [{ block: 0, sectors: 3 }] };
    const small = buildVhd(spec);
    const sector = await small.bytesAt(TABLE_AT, 4);
    const table = new Uint8Array(4 * blocks);
    for (let at = 0; at < table.length; at += 4) table.set(sector, at);
    const file = small.with({ at: TABLE_AT, bytes: table });
    const { disk, problems } = await readVirtualDisk(file);
    expect(codesOf(problems)).toEqual(['vhd-bitmaps-uncounted', 'vhd-blocks-overlap']);
    expect(problems[0]?.message).toContain(`: ${blocks - 16_384}.`);
    expect(disk?.allocatedBytes).toBe(file.sizeBytes);
    expect(file.readTotal).toBeLessThan(10 * MIB);
  });

  it('a table that turns out shorter than the file said', async () => {
    const file = buildVhd(PLAIN);
    const bytes = await file.bytesAt(0, TABLE_AT + 12);
    const short = { ...inMemory(bytes), sizeBytes: file.sizeBytes };
    const { disk, problems } = await readVirtualDisk(short);
    expect(codesOf(problems)).toContain('vhd-block-table');
    expect(disk?.allocatedBytes).toBeUndefined();
  });
});

it('is told from other files by its content', () => {
  const footer = footerOf(PLAIN);
  expect(virtualDiskFormat(ascii('vhdxfile'))).toBe('vhdx');
  expect(virtualDiskFormat(footer)).toBe('vhd');
  expect(virtualDiskFormat(new Uint8Array(512), footer)).toBe('vhd');
  expect(virtualDiskFormat(new Uint8Array(512), new Uint8Array([0, ...footer.subarray(0, 511)]))).toBe('vhd');
  expect(virtualDiskFormat(new Uint8Array(512), footer.subarray(0, 510))).toBeUndefined();
  expect(virtualDiskFormat(ascii('vhdxfil'))).toBeUndefined();
  expect(virtualDiskFormat(new Uint8Array(0), new Uint8Array(0))).toBeUndefined();
});

it('names GUIDs as Windows does: three groups of them are little-endian', () => {
  const bytes = Uint8Array.of(
    0xff,
    0x33,
    0x22,
    0x11,
    0,
    0x55,
    0x44,
    0x77,
    0x66,
    0x88,
    0x99,
    0xaa,
    0xbb,
    0xcc,
    0xdd,
    0xee,
    0xff,
  );
  expect(guidAt(bytes, 1)).toBe('{00112233-4455-6677-8899-aabbccddeeff}');
  expect(parseGuid('00112233445566778899AABBCCDDEEFF')).toBe(guidAt(bytes, 1));
  expect(parseGuid('{00112233-4455-6677-8899-aabbccddeef}')).toBeUndefined();
});
