import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readVirtualDisk } from '../../src/formats/virtual-disk.ts';
import { GIB, KIB, MIB } from '../../src/units.ts';
import { buildVhd, sealAgain as sealVhd } from './vhd-build-vhd.ts';
import { buildVhdx, METADATA_AT, sealAgain as sealVhdx, TABLE_AT } from './vhd-build-vhdx.ts';
import { anyVhd, anyVhdx, codesOf } from './vhd-laws.ts';
import { SparseFile, u32, u64 } from './vhd-sparse-file.ts';

const FATAL = [
  'disk-unknown',
  'vhdx-no-header',
  'vhdx-version',
  'vhdx-no-region-table',
  'vhdx-no-metadata',
  'vhdx-block-size',
  'vhdx-virtual-size',
  'vhd-no-footer',
  'vhd-disk-type',
  'vhd-virtual-size',
];

/** What holds of any bytes at all. The file itself refuses to be read outside. */
async function readAnything(file: SparseFile): Promise<readonly string[]> {
  const { disk, problems } = await readVirtualDisk(file);
  const codes = codesOf(problems);
  expect(codes.some((code) => FATAL.includes(code))).toBe(disk === undefined);
  expect(file.readTotal).toBeLessThan(Math.min(GIB, 2 * file.sizeBytes + 8 * MIB));
  expect(file.readLargest).toBeLessThanOrEqual(MIB);
  expect(problems.length).toBeLessThan(200);
  for (const { atBytes, message } of problems) {
    expect(Number.isSafeInteger(atBytes) && atBytes >= 0).toBe(true);
    expect(message).toMatch(/\.$/);
  }
  if (disk === undefined) return codes;
  expect(disk.problems).toBe(problems);
  for (const size of [disk.virtualSizeBytes, disk.allocatedBytes ?? 0, disk.blockBytes ?? 0]) {
    expect(Number.isSafeInteger(size) && size >= 0).toBe(true);
  }
  expect(disk.allocatedBytes ?? 0).toBeLessThanOrEqual(Math.min(disk.virtualSizeBytes, file.sizeBytes));
  const isLost = disk.type !== 'fixed' && codes.some((code) => LOSES_TABLE.includes(code));
  expect(disk.allocatedBytes === undefined).toBe(isLost);
  return codes;
}

const LOSES_TABLE = ['vhdx-block-table', 'vhd-block-table', 'vhd-header-lost'];

/** Bytes that say much: bounds, powers, all ones, and any. */
const bytes = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 8 }),
  fc
    .tuple(
      fc.constantFrom(0n, 1n, 2n ** 16n, 2n ** 20n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n),
      fc.integer({ min: -1, max: 1 }),
      fc.boolean(),
      fc.boolean(),
    )
    .map(([value, more, isLong, isLittleEndian]) => {
      const number = (value + BigInt(more) + 2n ** 64n) % 2n ** 64n;
      return isLong ? u64(number, isLittleEndian) : u32(Number(number % 2n ** 32n), isLittleEndian);
    }),
);

const change = (places: readonly (readonly [number, number])[]) =>
  fc.oneof(
    ...places.map(([from, to]) =>
      fc.record({ kind: fc.constant('put' as const), at: fc.integer({ min: from, max: to }), bytes }),
    ),
    fc.record({ kind: fc.constant('put-end' as const), at: fc.integer({ min: 1, max: 512 }), bytes }),
    fc.record({
      kind: fc.constant('drop' as const),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.nat(MIB),
    }),
    fc.record({ kind: fc.constant('cut' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
  );
type Change = typeof change extends (places: never) => fc.Arbitrary<infer C> ? C : never;

function changed(file: SparseFile, what: Change): SparseFile {
  if (what.kind === 'put') return file.with({ at: what.at, bytes: what.bytes });
  if (what.kind === 'put-end') return file.with({ at: Math.max(0, file.sizeBytes - what.at), bytes: what.bytes });
  const at = Math.floor(what.share * file.sizeBytes);
  return what.kind === 'cut' ? file.cutTo(at) : file.without(at, Math.min(file.sizeBytes, at + what.length));
}

describe('changed here and there, and sealed again or not', () => {
  const places = [
    [0, 600],
    [64 * KIB, 64 * KIB + 80],
    [128 * KIB, 128 * KIB + 80],
    [192 * KIB, 192 * KIB + 80],
    [256 * KIB, 256 * KIB + 80],
    [METADATA_AT, METADATA_AT + 32 * 7],
    [METADATA_AT + 64 * KIB, METADATA_AT + 64 * KIB + 300],
    [TABLE_AT, TABLE_AT + 80],
  ] as const;

  it('a VHDX reads, or its problems are named', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyVhdx(),
        fc.array(change(places), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        async (spec, changes, seals) => {
          const file = changes.reduce(changed, buildVhdx(spec));
          await readAnything(seals ? await sealVhdx(file) : file);
        },
      ),
      { numRuns: 600 },
    );
  });

  it('a VHD reads, or its problems are named', async () => {
    const vhdPlaces = [
      [0, 100],
      [512, 512 + 60],
      [512 + 570, 512 + 640],
      [8192, 8192 + 80],
    ] as const;
    await fc.assert(
      fc.asyncProperty(
        anyVhd(),
        fc.array(change(vhdPlaces), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        async (spec, changes, seals) => {
          const file = changes.reduce(changed, buildVhd(spec));
          await readAnything(seals && file.sizeBytes > 8192 ? await sealVhd(file) : file);
        },
      ),
      { numRuns: 600 },
    );
  });
});

describe('cut anywhere', () => {
  const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

  it('a VHDX that ends in a block has lost something, and says so', async () => {
    await fc.assert(
      fc.asyncProperty(anyVhdx(), share, fc.boolean(), async (spec, place, isNearStart) => {
        const file = buildVhdx({ ...spec, blocks: spec.blocks.filter(({ state }) => state >= 6) });
        fc.pre(file.sizeBytes > 4 * MIB);
        const end = isNearStart ? 3.2 * MIB : file.sizeBytes;
        expect(await readAnything(file.cutTo(Math.floor(place * end)))).not.toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('a VHD has lost its footer, and says so; but one of 512 bytes may be cut to one of 511', async () => {
    await fc.assert(
      fc.asyncProperty(anyVhd(), share, fc.boolean(), async (spec, place, isNearStart) => {
        const file = buildVhd(spec);
        const whole = file.sizeBytes - (spec.footerBytes === 512 ? 1 : 0);
        const end = isNearStart ? Math.min(whole, 9000) : whole;
        expect(await readAnything(file.cutTo(Math.floor(place * end)))).not.toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

it('bytes of any kind are read without a throw', async () => {
  const magic = fc.constantFrom('', 'vhdxfile', 'conectix');
  await fc.assert(
    fc.asyncProperty(magic, fc.uint8Array({ maxLength: 1200 }), fc.boolean(), async (text, noise, isAtEnd) => {
      const letters = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
      const whole = new Uint8Array([...letters, ...noise]);
      const at = isAtEnd ? whole.length % 512 : 0;
      await readAnything(new SparseFile(whole.length + at, [{ at, bytes: whole }]));
    }),
    { numRuns: 200 },
  );
});
