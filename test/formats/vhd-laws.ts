import fc from 'fast-check';
import type { DiskProblem } from '../../src/formats/virtual-disk.ts';
import { MIB } from '../../src/units.ts';
import type { VhdSpec } from './vhd-build-vhd.ts';
import { type BlockSpec, NO_GUID, type VhdxSpec } from './vhd-build-vhdx.ts';

export function codesOf(problems: readonly DiskProblem[]): readonly string[] {
  return problems.map((problem) => problem.code);
}

const guid = (): fc.Arbitrary<string> => fc.uuid({ version: 4 }).map((text) => `{${text}}`);
const path = (): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom('a', 'B', '\\', ':', '.', 'ü', '名', '😀', ' '), minLength: 1, maxLength: 30 });

/** A sound VHDX: any shape up to some chunks, few blocks. */
export function anyVhdx(): fc.Arbitrary<VhdxSpec> {
  return fc
    .record({
      type: fc.constantFrom('fixed' as const, 'dynamic' as const, 'differencing' as const),
      blockPower: fc.integer({ min: 0, max: 8 }),
      logicalSectorBytes: fc.constantFrom(512, 4096),
      physicalSectorBytes: fc.constantFrom(512, 4096),
      id: guid(),
      dataWriteGuid: guid(),
      logGuid: fc.oneof(fc.constant(NO_GUID), guid()),
      createdBy: fc.string({ unit: fc.constantFrom('M', 'é', ' ', '6', '.'), maxLength: 40 }),
      linkage: fc.tuple(guid(), fc.boolean()).map(([text, isUpper]) => (isUpper ? text.toUpperCase() : text)),
      paths: fc.tuple(path(), fc.option(path(), { nil: undefined }), fc.option(path(), { nil: undefined })),
      blockCount: fc.integer({ min: 0, max: 9000 }),
      lastSectors: fc.integer({ min: 1, max: 2048 }),
      picks: fc.array(
        fc.record({
          place: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
          state: fc.constantFrom(1 as const, 2 as const, 3 as const, 6 as const, 7 as const),
          share: fc.double({ min: 0, max: 1, noNaN: true }),
        }),
        { maxLength: 6 },
      ),
    })
    .map(({ blockPower, blockCount, lastSectors, linkage, paths, picks, ...rest }) => {
      const blockBytes = MIB * 2 ** blockPower;
      const { type, logicalSectorBytes } = rest;
      const sectorsPerBlock = blockBytes / logicalSectorBytes;
      const fixedCount = Math.min(blockCount, 3);
      const count = type === 'fixed' ? fixedCount : blockCount;
      const lastBytes = Math.min(lastSectors, sectorsPerBlock) * logicalSectorBytes;
      const virtualSizeBytes = count === 0 ? 0 : (count - 1) * blockBytes + lastBytes;
      const blocks = new Map<number, BlockSpec>();
      for (const { place, state, share } of picks) {
        const block = Math.floor(place * count);
        const isPart = state === 7 && type === 'differencing';
        const sectors = Math.floor(share * (block === count - 1 ? lastBytes / logicalSectorBytes : sectorsPerBlock));
        if (count > 0) blocks.set(block, { block, state: state === 7 && !isPart ? 6 : state, sectors });
      }
      for (let block = 0; type === 'fixed' && block < count; block++)
        blocks.set(block, { block, state: 6, sectors: 0 });
      const keys = ['relative_path', 'volume_path', 'absolute_win32_path'];
      const locator = paths.flatMap((text, index) => (text === undefined ? [] : [[keys[index]!, text] as const]));
      return {
        ...rest,
        virtualSizeBytes,
        blockBytes,
        locator: type === 'differencing' ? [...locator.reverse(), ['parent_linkage', linkage] as const] : [],
        blocks: [...blocks.values()],
      };
    });
}

/** Sector by sector. */
export function naiveHeldBytes(spec: VhdxSpec): number {
  let heldBytes = 0;
  for (const { block, state, sectors } of spec.blocks) {
    if (state === 7) heldBytes += sectors * spec.logicalSectorBytes;
    if (state !== 6) continue;
    const startBytes = block * spec.blockBytes;
    for (let at = startBytes; at < startBytes + spec.blockBytes && at < spec.virtualSizeBytes; ) {
      heldBytes += spec.logicalSectorBytes;
      at += spec.logicalSectorBytes;
    }
  }
  return heldBytes;
}

/** A sound VHD with few blocks. */
export function anyVhd(): fc.Arbitrary<VhdSpec> {
  return fc
    .record({
      type: fc.constantFrom('fixed' as const, 'dynamic' as const, 'differencing' as const),
      blockBytes: fc.constantFrom(4096, 64 * 1024, 512 * 1024, 2 * MIB),
      id: guid(),
      footerBytes: fc.constantFrom(512, 511),
      parentId: guid(),
      parentName: path(),
      relativePath: path(),
      absolutePath: path(),
      blockCount: fc.integer({ min: 1, max: 3000 }),
      lastSectors: fc.integer({ min: 1, max: 8 }),
      places: fc.uniqueArray(fc.integer({ min: 0, max: 2999 }), { maxLength: 6 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    .map(({ blockCount, lastSectors, places, share, ...rest }) => {
      const virtualSizeBytes = (blockCount - 1) * rest.blockBytes + lastSectors * 512;
      const here = places.filter((block) => block < blockCount);
      const blocks = here.map((block) => {
        const most = block === blockCount - 1 ? lastSectors : rest.blockBytes / 512;
        return { block, sectors: Math.floor(share * most) };
      });
      return { ...rest, virtualSizeBytes, blocks };
    });
}
