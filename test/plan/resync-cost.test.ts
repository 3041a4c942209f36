import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_RULES } from '../../src/model/policy.ts';
import {
  type ChangedDisk,
  type ResyncCostLink,
  type ResyncCostPolicy,
  resyncCost,
} from '../../src/plan/resync-cost.ts';
import { DAY_MS, GIB, HOUR_MS, MIB, MINUTE_MS } from '../../src/units.ts';

const RAW: ResyncCostPolicy = { compressionRatio: 1, rules: DEFAULT_RULES };

function link(capacityBitsPerSec: number, efficiencyRatio = 1): ResyncCostLink {
  return { capacityBitsPerSec, efficiencyRatio };
}

describe('closed forms', () => {
  // 100 chunks of 1 MiB; comparing at 1 MiB/s takes 100 s.
  const policy = { compressionRatio: 0.5, rules: { chunkBytes: MIB, checksumBytes: 32, compareBytesPerSec: MIB } };
  const disk = { sizeBytes: 100 * MIB, usedBytes: 40 * MIB, changedBytes: 10 * MIB };

  test('one disk over a fast link: comparing sets the time', () => {
    // 100 × 32 + 10 × 1,048,576 × 0.5 = 5,246,080; ÷ 0.8 = 6,557,600 bytes = 52,460,800 bits: 5,246.08 ms at 10 Mbit/s.
    // Full: 40 × 1,048,576 × 0.5 ÷ 0.8 = 26,214,400 bytes = 209,715,200 bits: 20,971.52 ms.
    expect(resyncCost([disk], policy, link(10e6, 0.8))).toMatchObject({
      resync: {
        wireBytes: 6_557_600,
        durationMs: 100_000,
        compareMs: 100_000,
        chunkCount: 100,
        differingChunkCount: 10,
      },
      fullCopy: { wireBytes: 26_214_400, durationMs: 20_972 },
      cheaperInBytes: 'resynchronization',
      cheaperInTime: 'full copy',
      breakEvenInTime: null,
    });
  });

  test('one disk over a slow link: sending sets the time', () => {
    // 52,460,800 bits at 100 kbit/s = 524,608 ms; 209,715,200 bits = 2,097,152 ms.
    const cost = resyncCost([disk], policy, link(100e3, 0.8));
    expect(cost.resync.durationMs).toBe(524_608);
    expect(cost.fullCopy.durationMs).toBe(2_097_152);
    expect(cost.cheaperInTime).toBe('resynchronization');
  });

  test('the break-even is the used share less the checksums', () => {
    // Checksums are 100 × 32 ÷ 0.5 = 6,400 bytes of disk: (41,943,040 − 6,400) ÷ 104,857,600.
    const cost = resyncCost([disk], policy, link(100e3, 0.8));
    expect(cost.breakEvenInBytes).toBeCloseTo(41_936_640 / 104_857_600, 15);
    expect(cost.breakEvenInTime).toBe(cost.breakEvenInBytes);
  });

  test('several disks: chunks add up and are rounded disk by disk, the largest is compared longest', () => {
    const disks = [
      { sizeBytes: 3 * MIB, usedBytes: MIB, changedBytes: 1 },
      { sizeBytes: 2 * MIB + 1, usedBytes: MIB, changedBytes: MIB + 1 },
    ];
    const { resync, fullCopy } = resyncCost(disks, { ...policy, compressionRatio: 1 }, link(8e9));
    expect(resync).toEqual({
      chunkCount: 6,
      differingChunkCount: 3,
      wireBytes: 6 * 32 + 3 * MIB,
      compareMs: 3000,
      durationMs: 3000,
    });
    expect(fullCopy.wireBytes).toBe(2 * MIB);
  });

  test('a disk with nothing on it: a full copy sends nothing, the checksums are for nothing', () => {
    const cost = resyncCost([{ sizeBytes: GIB, usedBytes: 0, changedBytes: 0 }], RAW, link(1e6));
    expect(cost.cheaperInBytes).toBe('full copy');
    expect(cost.breakEvenInBytes).toBeNull();
    expect(cost.breakEvenInTime).toBeNull();
  });
});

const anyDisk: fc.Arbitrary<ChangedDisk> = fc
  .record({
    sizeBytes: fc.integer({ min: 1, max: 64 * GIB }),
    used: fc.double({ min: 0, max: 1, noNaN: true }),
    changed: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ sizeBytes, used, changed }) => ({
    sizeBytes,
    usedBytes: Math.floor(sizeBytes * used),
    changedBytes: Math.floor(sizeBytes * changed),
  }));
const anyDisks = fc.array(anyDisk, { minLength: 1, maxLength: 4 });
const anyPolicy = fc.record({
  compressionRatio: fc.double({ min: 0.1, max: 1, noNaN: true }),
  rules: fc.record({
    chunkBytes: fc.constantFrom(64 * 1024, MIB, 4 * MIB),
    checksumBytes: fc.constantFrom(16, 32),
    compareBytesPerSec: fc.integer({ min: 1e6, max: 1e9 }),
  }),
});
const anyLink = fc.record({
  capacityBitsPerSec: fc.integer({ min: 1e5, max: 1e10 }),
  efficiencyRatio: fc.double({ min: 0.5, max: 1, noNaN: true }),
});

describe('laws', () => {
  test('more changed bytes never make the resynchronization cheaper, nor the full copy anything else', () => {
    const law = fc.property(anyDisks, anyPolicy, anyLink, fc.nat(), fc.nat(), (disks, policy, way, which, more) => {
      const index = which % disks.length;
      const grown = disks.map((disk, at) =>
        at === index ? { ...disk, changedBytes: Math.min(disk.sizeBytes, disk.changedBytes + more) } : disk,
      );
      const before = resyncCost(disks, policy, way);
      const after = resyncCost(grown, policy, way);
      expect(after.resync.wireBytes).toBeGreaterThanOrEqual(before.resync.wireBytes);
      expect(after.resync.durationMs).toBeGreaterThanOrEqual(before.resync.durationMs);
      expect(after.fullCopy).toEqual(before.fullCopy);
      expect(after.breakEvenInBytes).toBe(before.breakEvenInBytes);
    });
    fc.assert(law, { numRuns: 500 });
  });

  test('at the break-even both cost the same within one chunk per disk, in bytes and in time', () => {
    const law = fc.property(anyDisks, anyPolicy, anyLink, (disks, policy, way) => {
      const share = resyncCost(disks, policy, way).breakEvenInBytes;
      fc.pre(share !== null);
      const atIt = disks.map((disk) => ({ ...disk, changedBytes: share * disk.sizeBytes }));
      const cost = resyncCost(atIt, policy, way);
      // A byte and a millisecond for the rounding up of either.
      const chunksWireBytes = (disks.length * policy.rules.chunkBytes * policy.compressionRatio) / way.efficiencyRatio;
      expect(cost.resync.wireBytes - cost.fullCopy.wireBytes).toBeGreaterThanOrEqual(-1);
      expect(cost.resync.wireBytes - cost.fullCopy.wireBytes).toBeLessThanOrEqual(chunksWireBytes + 1);
      if (cost.breakEvenInTime === null) {
        expect(cost.cheaperInTime).toBe('full copy');
        return;
      }
      const chunksMs = ((chunksWireBytes + 1) * 8000) / way.capacityBitsPerSec;
      expect(cost.breakEvenInTime).toBe(share);
      expect(cost.resync.durationMs - cost.fullCopy.durationMs).toBeGreaterThanOrEqual(-1);
      expect(cost.resync.durationMs - cost.fullCopy.durationMs).toBeLessThanOrEqual(chunksMs + 1);
    });
    fc.assert(law, { numRuns: 500 });
  });

  test('below the break-even by a chunk per disk the resynchronization sends less, above it the full copy does', () => {
    const law = fc.property(anyDisks, anyPolicy, anyLink, (disks, policy, way) => {
      const { breakEvenInBytes, cheaperInBytes } = resyncCost(disks, policy, way);
      const breakEvenBytes = (breakEvenInBytes ?? -1) * disks.reduce((sum, disk) => sum + disk.sizeBytes, 0);
      const changedBytes = disks.reduce((sum, disk) => sum + disk.changedBytes, 0);
      const chunksBytes = disks.length * policy.rules.chunkBytes;
      if (changedBytes + chunksBytes < breakEvenBytes) expect(cheaperInBytes).toBe('resynchronization');
      if (changedBytes > breakEvenBytes + 1 / policy.compressionRatio)
        expect(cheaperInBytes).not.toBe('resynchronization');
    });
    fc.assert(law, { numRuns: 500 });
  });
});

/**
 * The published lab (facts 10.2): two VMs with 80 GB of initial replication, compared in about an hour. Orders of magnitude only,
 * and only the rows that the facts page says the model explains: not the scheduled resynchronization at 1 Gbit/s, nor initial
 * replication there, which the disks held back.
 */
describe('the lab of 2013', () => {
  const GB = 1e9;

  test.each([
    ['immediate, 1 Gbit/s', 1e9, 0.1 * GB, HOUR_MS],
    ['immediate, 1.5 Mbit/s', 1.5e6, 0.078 * GB, HOUR_MS],
    ['scheduled, 1.5 Mbit/s', 1.5e6, 10 * GB, DAY_MS],
  ])('%s', (_, bitsPerSec, sentBytes, publishedMs) => {
    const disk = { sizeBytes: 80 * GB, usedBytes: 80 * GB, changedBytes: sentBytes };
    const { resync } = resyncCost([disk], RAW, link(bitsPerSec));
    expect(resync.wireBytes / sentBytes).toBeGreaterThan(0.9);
    expect(resync.wireBytes / sentBytes).toBeLessThan(1.1);
    expect(resync.durationMs / publishedMs).toBeGreaterThan(0.5);
    expect(resync.durationMs / publishedMs).toBeLessThan(2);
  });

  test('at 1.5 Mbit/s a full copy takes days where a resynchronization takes an hour', () => {
    const disk = { sizeBytes: 80 * GB, usedBytes: 80 * GB, changedBytes: 0.078 * GB };
    const cost = resyncCost([disk], RAW, link(1.5e6));
    // 80 GB ÷ 1.5 Mbit/s = 4.94 days raw; 4 were published, the difference is compression.
    expect(cost.fullCopy.durationMs / (4 * DAY_MS)).toBeCloseTo(4.94 / 4, 2);
    expect(cost.cheaperInTime).toBe('resynchronization');
  });

  test('80 GB are compared in an hour', () => {
    const disk = { sizeBytes: 80 * GB, usedBytes: 80 * GB, changedBytes: 0 };
    expect(resyncCost([disk], RAW, link(1e9)).resync.compareMs / MINUTE_MS).toBeCloseTo(60.15, 2);
  });
});
