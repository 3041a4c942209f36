import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isSampled, TouchedBlocks } from '../../src/ingest/fit-touched-blocks.ts';

const GRAIN = 4096;
const PAGE_BYTES = 16 * GRAIN;

/** The finalizer of MurmurHash3, to find pages that the table's hash puts in one place. */
function murmur(key: number): number {
  let hash = Math.imul(key ^ (key >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

it('keeps a million pages that are far from each other', () => {
  const blocks = new TouchedBlocks(GRAIN, 1, 2 ** 21);
  for (let page = 0; page < 1_000_000; page++) blocks.touch(page * 2 ** 26, page * 2 ** 26 + 1, page);
  for (let page = 0; page < 1_000_000; page++) blocks.touch(page * 2 ** 26, page * 2 ** 26 + 1, 1_000_000);
  expect([blocks.sampledOneIn, blocks.distinctBytes[0]]).toEqual([1, 1_000_000 * GRAIN]);
});

it('keeps fewer pages where offsets were chosen to fall on one place of the hash', () => {
  const pages: number[] = [];
  // With 2,048 pages at most the hash has at most 8,192 places.
  for (let key = 1; pages.length < 600; key++) if (murmur(key) % 8192 === 7) pages.push(key - 1);
  const blocks = new TouchedBlocks(GRAIN, 1, 2048);
  for (const page of pages) blocks.touch(page * PAGE_BYTES, page * PAGE_BYTES + 1, 5);
  expect(blocks.sampledOneIn).toBeGreaterThan(1);
  const kept = pages.filter((page) => isSampled(page, blocks.sampledOneIn));
  expect(kept.length).toBeGreaterThan(100);
  expect(blocks.distinctBytes[0]).toBe(kept.length * GRAIN * blocks.sampledOneIn);
});

it('picks a page in so many, and of those that were picked again', () => {
  for (const oneIn of [1, 2, 4, 64, 1024]) {
    const pages = Array.from({ length: 2 ** 17 }, (_, page) => page);
    const picked = pages.filter((page) => isSampled(page, oneIn));
    expect(picked.length / (2 ** 17 / oneIn)).toBeCloseTo(1, oneIn > 64 ? 0 : 1);
    expect(picked.filter((page) => isSampled(page, oneIn / 2 || 1))).toEqual(picked);
  }
});

it('counts a block anew in a window that was opened after its last touch, and only in that', () => {
  const touch = fc.record({ block: fc.integer({ min: 0, max: 40 }), opens: fc.boolean() });
  fc.assert(
    fc.property(fc.array(touch), fc.constantFrom(2, 64), (touches, pagesMost) => {
      const blocks = new TouchedBlocks(GRAIN, 2, pagesMost);
      let inWindow = new Set<number>();
      const ever = new Set<number>();
      touches.forEach(({ block, opens }, step) => {
        if (opens) {
          blocks.open(0, step);
          inWindow = new Set();
        }
        blocks.touch(block * GRAIN, (block + 1) * GRAIN, step);
        blocks.touch(block * GRAIN, (block + 1) * GRAIN, step);
        inWindow.add(block);
        ever.add(block);
        if (blocks.sampledOneIn === 1) {
          expect([...blocks.distinctBytes]).toEqual([inWindow.size * GRAIN, ever.size * GRAIN]);
        }
      });
    }),
  );
});
