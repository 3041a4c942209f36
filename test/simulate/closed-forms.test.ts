/** The closed forms at the end of the semantics, to the millisecond and the byte; expectations are computed by hand here. */
import { describe, expect, it } from 'vitest';

import { DAY_MS, GIB, HOUR_MS, MIB, MINUTE_MS } from '../../src/units.ts';
import { buildDisk, buildRun, buildVm, type RunChange, START_EPOCH_MS, simulated } from '../laws/build-run.ts';

const T_MS = 5 * MINUTE_MS;

/** [MS-HRL] size law with writes of 8 KiB. */
function logBytes(written: number, meanWriteBytes = 8192): number {
  return written + 8192 + 4096 * Math.ceil(written / (127 * meanWriteBytes));
}

/** Duration on the wire, exact. */
function wireMs(bytes: number, bitsPerSec: number, q = 1, e = 1): number {
  return (bytes * q * 8 * 1000) / (bitsPerSec * e);
}

function oneVm(bytesPerSec: number, change: RunChange = {}, disk: Parameters<typeof buildDisk>[0] = {}) {
  const churn = { kind: 'constant', bytesPerSec } as const;
  return simulated(buildRun({ vms: [buildVm({ disks: [buildDisk({ churn, ...disk })] })], ...change }));
}

describe('d ≤ T: no misses, max RPO = T + d, L(c·T)·q/e bytes a cycle', () => {
  it.each([
    [100_000, 10e6, 1, 1],
    [100_000, 10e6, 1, 0.95],
    [123_456, 10e6, 0.6, 0.95],
    [0, 1e6, 1, 1],
    [1, 1e6, 1, 1],
    [1_000_000, 100e6, 0.33, 0.9],
  ])('churn %d B/s over %d bit/s, q %d, e %d', (bytesPerSec, bitsPerSec, q, e) => {
    const L = logBytes((bytesPerSec * T_MS) / 1000);
    const dMs = wireMs(L, bitsPerSec, q, e);
    expect(dMs).toBeLessThanOrEqual(T_MS);
    const result = oneVm(bytesPerSec, {
      policy: { compressionRatio: q },
      link: { capacityBitsPerSec: bitsPerSec, efficiencyRatio: e },
    });
    const [vm] = result.vms;
    // Cuts at T … 287·T; the one at the horizon does not happen. The last set arrives before it.
    const cycles = DAY_MS / T_MS - 1;
    expect(vm!.cycles).toEqual({ completed: cycles, missed: 0, failed: 0 });
    expect(vm!.rpo.maxMs).toBe(Math.ceil(T_MS + dMs - 1e-5));
    expect(vm!.rpo.minMs).toBe(0); // the age at 0, when the VM is protected
    expect(vm!.steadyRpo.minMs).toBe(Math.ceil(dMs - 1e-5));
    expect(vm!.firstDeltaAtMs).toBe(Math.ceil(T_MS + dMs - 1e-5));
    expect(vm!.sentBytes).toEqual({ initial: 0, delta: Math.round((cycles * L * q) / e), resync: 0 });
    expect(vm!.hrlPeakBytes).toBe(L + logBytes(Math.floor((bytesPerSec * dMs) / 1000 + 1e-9)));
    expect(vm!.resyncCount).toBe(0);
  });

  it('a transfer that takes exactly T is in time, whatever the last bit of a double says', () => {
    for (const bytesPerSec of [99_999, 100_003, 123_457, 777_777]) {
      const L = logBytes((bytesPerSec * T_MS) / 1000);
      const result = oneVm(bytesPerSec, { link: { capacityBitsPerSec: (L * 8 * 1000) / T_MS } });
      expect(result.vms[0]!.cycles).toEqual({ completed: 287, missed: 0, failed: 0 });
      expect(result.vms[0]!.rpo.maxMs).toBe(2 * T_MS);
    }
  });
});

describe('d > T: a cut every ⌈d′/T⌉ boundaries, d′ the transfer of what had piled up', () => {
  it.each([
    [1_000_000, 8.03e6],
    [1_000_000, 7.9e6],
    [500_000, 2e6],
    [20_000, 1e5],
  ])('churn %d B/s over %d bit/s', (bytesPerSec, bitsPerSec) => {
    const horizonMs = DAY_MS;
    let [cutMs, writtenAtCut, completed, missed, maxAgeMs, pointMs, sent, peak] = [T_MS, 0, 0, 0, 0, 0, 0, 0];
    for (;;) {
      const written = (bytesPerSec * cutMs) / 1000;
      const L = logBytes(written - writtenAtCut);
      const doneMs = cutMs + wireMs(L, bitsPerSec);
      if (doneMs > horizonMs) {
        maxAgeMs = Math.max(maxAgeMs, horizonMs - pointMs);
        missed += Math.ceil((horizonMs - cutMs) / T_MS) - 1;
        sent += (L * (horizonMs - cutMs)) / (doneMs - cutMs);
        peak = Math.max(peak, L + logBytes(Math.floor((bytesPerSec * (horizonMs - cutMs)) / 1000)));
        break;
      }
      maxAgeMs = Math.max(maxAgeMs, doneMs - pointMs);
      pointMs = cutMs;
      completed++;
      const boundaries = Math.max(1, Math.ceil((doneMs - cutMs) / T_MS - 1e-12));
      missed += boundaries - 1;
      sent += L;
      peak = Math.max(peak, L + logBytes(Math.floor((bytesPerSec * doneMs) / 1000 + 1e-4) - written));
      writtenAtCut = written;
      cutMs += boundaries * T_MS;
      if (cutMs >= horizonMs) {
        maxAgeMs = Math.max(maxAgeMs, horizonMs - pointMs);
        break;
      }
    }
    const [vm] = oneVm(bytesPerSec, { link: { capacityBitsPerSec: bitsPerSec } }, { sizeBytes: 1000 * GIB }).vms;
    expect(missed).toBeGreaterThan(0);
    expect(vm!.cycles).toEqual({ completed, missed, failed: 0 });
    expect(vm!.rpo.maxMs).toBe(Math.ceil(maxAgeMs - 1e-5));
    expect(vm!.sentBytes.delta).toBe(Math.round(sent));
    expect(vm!.hrlPeakBytes).toBe(peak);
  });
});

describe('a backlog that grows without bound ends in a resynchronization at half the disk, at the computed instant', () => {
  it('to the millisecond, with the first set still in flight', () => {
    // 10 MB/s against 8 Mbit/s: the first set of 3 GB takes 50 minutes; half of 8 GiB is reached before.
    const bytesPerSec = 10e6;
    const sizeBytes = 8 * GIB;
    const L = logBytes((bytesPerSec * T_MS) / 1000);
    // The least x with L(first) + L(x) ≥ 4 GiB, by trying blocks of metadata.
    let blocks = 0;
    let x = 0;
    for (; ; blocks++) {
      x = sizeBytes / 2 - L - 8192 - 4096 * blocks;
      if (Math.ceil(x / (127 * 8192)) <= blocks) break;
    }
    x = Math.max(x, (blocks - 1) * 127 * 8192 + 1);
    const markMs = T_MS + (x / bytesPerSec) * 1000;
    const horizonMs = Math.ceil(markMs) + 1; // in the window: the resynchronization starts at the very instant
    const options = { horizonMs, skipInitialReplication: true };
    const change = { link: { capacityBitsPerSec: 8e6 } };
    const [before] = oneVm(
      bytesPerSec,
      { ...change, options: { ...options, horizonMs: Math.floor(markMs) } },
      { sizeBytes },
    ).vms;
    expect(before!.resyncCount).toBe(0);
    const [after] = oneVm(bytesPerSec, { ...change, options }, { sizeBytes }).vms;
    expect(after!.resyncCount).toBe(1);
    expect(after!.phaseAtEnd).toBe('resynchronization');
    expect(after!.hrlPeakAtMs).toBe(Math.ceil(markMs - 1e-5));
    expect(after!.hrlPeakRatio).toBeGreaterThanOrEqual(0.5);
    expect(after!.hrlPeakBytes).toBe(L + logBytes(x));
    expect(after!.timeline.at(-1)!.startMs).toBe(Math.ceil(markMs - 1e-5));
    // Boundaries at 2T … up to the mark are missed, the set in flight too is dropped.
    expect(after!.cycles).toEqual({ completed: 0, missed: Math.floor(markMs / T_MS) - 1, failed: 0 });
    expect(after!.bytes.droppedAtMark).toBe((bytesPerSec * T_MS) / 1000 + x);
    // The broken-off set counts what it had sent.
    expect(after!.sentBytes.delta).toBe(Math.round((markMs - T_MS) * 1000));
  });

  it('at the least byte: with no metadata and 1 byte per ms the mark falls on the byte’s millisecond, the start on the window', () => {
    const startEpochMs = START_EPOCH_MS + 12 * HOUR_MS; // noon: the mark at 17:33:20, the window opens at 18:30
    const noOverhead = { logEmptyBytes: 0, logBlockBytes: 0 };
    const outages = [{ startMs: 1, endMs: DAY_MS }];
    const sizeBytes = 40_000_000;
    const [vm] = oneVm(1000, { rules: noOverhead, outages, startEpochMs }, { sizeBytes, usedBytes: 0 }).vms;
    expect(vm!.timeline.find((entry) => entry.phase === 'marked for resynchronization')).toEqual({
      phase: 'marked for resynchronization',
      startMs: 20_000_000,
      endMs: 6.5 * HOUR_MS,
    });
  });
});

/** Attempts by hand: the first at `firstMs`, then the ladder's gaps from each failure to the next attempt. */
function firstGoodAttemptMs(firstMs: number, backMs: number): { attemptMs: number; failed: number } {
  const gaps = [1, 2, 4, 8, 10];
  let attemptMs = firstMs;
  let failed = 0;
  while (attemptMs < backMs) {
    attemptMs += (gaps[failed] ?? 30) * MINUTE_MS;
    failed++;
  }
  return { attemptMs, failed };
}

describe('an outage of any length: the first good attempt is the first rung at or after the return', () => {
  const lengths = [
    0.5, 1, 1.5, 2.9, 3, 3.1, 7, 7.01, 14, 15, 15.5, 24, 25, 25.1, 39, 40, 41, 54, 55, 55.5, 84, 85, 100, 240,
  ];

  it.each(lengths)('down for %d min while a set is on its way', (minutes) => {
    // A set of 300,000 bytes at 10,000 B/s takes some 31 s; the link goes down 10 s after the cut at 1 h.
    const [bytesPerSec, bitsPerSec] = [1000, 80_000];
    const L = logBytes((bytesPerSec * T_MS) / 1000);
    const cutMs = HOUR_MS;
    const downMs = cutMs + 10_000;
    const upMs = downMs + minutes * MINUTE_MS;
    const { attemptMs, failed } = firstGoodAttemptMs(downMs, upMs);
    const doneMs = attemptMs + wireMs(L, bitsPerSec);
    const [vm] = oneVm(bytesPerSec, {
      link: { capacityBitsPerSec: bitsPerSec },
      outages: [{ startMs: downMs, endMs: upMs }],
      options: { horizonMs: 12 * HOUR_MS },
    }).vms;
    expect(vm!.cycles.failed).toBe(failed);
    expect(vm!.firstFailureAtMs).toBe(downMs);
    // Up to the completion the replica stands at the cut before.
    const nextCutMs = Math.ceil(doneMs / T_MS) * T_MS;
    const nextL = logBytes((bytesPerSec * (nextCutMs - cutMs)) / 1000);
    const longestMs = Math.max(doneMs - (cutMs - T_MS), nextCutMs + wireMs(nextL, bitsPerSec) - cutMs);
    expect(vm!.rpo.maxMs).toBe(Math.ceil(longestMs - 1e-5));
  });

  it('40 minutes cost a VM 55', () => {
    expect(firstGoodAttemptMs(0, 40 * MINUTE_MS)).toEqual({ attemptMs: 55 * MINUTE_MS, failed: 6 });
    const downMs = 2 * HOUR_MS + 1000;
    const [vm] = oneVm(1000, {
      link: { capacityBitsPerSec: 80_000 },
      outages: [{ startMs: downMs, endMs: downMs + 40 * MINUTE_MS }],
    }).vms;
    expect(vm!.cycles.failed).toBe(6);
    const retrying = vm!.timeline.find((entry) => entry.phase === 'retrying')!;
    expect(retrying.startMs).toBe(downMs);
    // The attempts in between fail at once: one wait, from the outage to the good attempt.
    expect(retrying.endMs).toBe(downMs + 55 * MINUTE_MS);
  });

  it('an outage is [start, end): an attempt at its end gets through, one at its start does not', () => {
    const downMs = HOUR_MS;
    const [vm] = oneVm(1000, {
      link: { capacityBitsPerSec: 80_000 },
      outages: [{ startMs: downMs, endMs: downMs + MINUTE_MS }],
    }).vms;
    // The cut at 1 h fails at once, the attempt one minute later is good.
    expect(vm!.cycles.failed).toBe(1);
    expect(vm!.firstFailureAtMs).toBe(downMs);
  });

  it('a transfer done exactly at the outage’s start is done', () => {
    const L = logBytes(300_000);
    const dMs = 30_000;
    const [vm] = oneVm(1000, {
      link: { capacityBitsPerSec: (L * 8000) / dMs },
      outages: [{ startMs: HOUR_MS + dMs, endMs: HOUR_MS + dMs + MINUTE_MS }],
    }).vms;
    expect(vm!.cycles.failed).toBe(0);
  });
});

describe('IR alone: used bytes × q × 8 / (b·e)', () => {
  it.each([
    [10 * GIB, 1, 1],
    [10 * GIB, 0.5, 0.95],
    [3 * GIB + 17, 0.77, 0.9],
  ])('%d used bytes, q %d, e %d', (usedBytes, q, e) => {
    const irMs = wireMs(usedBytes, 100e6, q, e);
    const [vm] = oneVm(
      0,
      {
        policy: { compressionRatio: q },
        link: { capacityBitsPerSec: 100e6, efficiencyRatio: e },
        options: { skipInitialReplication: false },
      },
      { usedBytes },
    ).vms;
    expect(vm!.initialReplication.startMs).toBe(0);
    expect(vm!.initialReplication.endMs).toBe(Math.ceil(irMs - 1e-5));
    expect(vm!.sentBytes.initial).toBe(Math.round((usedBytes * q) / e));
    expect(vm!.protectedAtMs).toBe(Math.ceil(irMs - 1e-5)); // nothing written: nothing to merge
  });

  it('the merge takes the snapshot’s bytes ÷ 100 MB/s, and the first cut is the next boundary', () => {
    const [usedBytes, bytesPerSec, bitsPerSec] = [GIB, 1_000_000, 100e6];
    const irMs = wireMs(usedBytes, bitsPerSec);
    const snapshotBytes = Math.ceil(Math.floor((bytesPerSec * irMs) / 1000) / (2 * MIB)) * 2 * MIB;
    const protectedMs = irMs + snapshotBytes / 100_000;
    const cutMs = Math.ceil(protectedMs / T_MS) * T_MS;
    const L = logBytes((bytesPerSec * cutMs) / 1000);
    const [vm] = oneVm(
      bytesPerSec,
      { link: { capacityBitsPerSec: bitsPerSec }, options: { skipInitialReplication: false } },
      { usedBytes },
    ).vms;
    expect(vm!.initialReplication.endMs).toBe(Math.ceil(irMs - 1e-5));
    expect(vm!.snapshotPeakBytes).toBe(snapshotBytes);
    expect(vm!.protectedAtMs).toBe(Math.ceil(protectedMs - 1e-5));
    expect(vm!.firstDeltaAtMs).toBe(Math.ceil(cutMs + wireMs(L, bitsPerSec) - 1e-5));
    // The recovery point is the snapshot's instant: the age at protection is all that has passed.
    expect(vm!.rpo.maxMs).toBe(Math.ceil(cutMs + wireMs(L, bitsPerSec) - 1e-5));
  });

  it('broken off, it goes on from the last whole MiB', () => {
    // 100,000 B/s; down after 100 s = 10,000,000 bytes = 9 whole MiB and a bit.
    const usedBytes = 20 * MIB;
    const kept = Math.floor(10_000_000 / MIB) * MIB;
    const downMs = 100_000;
    const againMs = downMs + MINUTE_MS;
    const [vm] = oneVm(
      0,
      {
        link: { capacityBitsPerSec: 800_000 },
        outages: [{ startMs: downMs, endMs: downMs + 1000 }],
        options: { skipInitialReplication: false },
      },
      { usedBytes },
    ).vms;
    expect(vm!.initialReplication.endMs).toBe(Math.ceil(againMs + (usedBytes - kept) / 100));
    expect(vm!.sentBytes.initial).toBe(10_000_000 + usedBytes - kept);
    expect(vm!.firstFailureAtMs).toBe(downMs);
  });
});

describe('resynchronization: the larger of reading and sending', () => {
  // No metadata, 1,000 B/s, a link that is down until the mark at 20,000 s (05:33, in the window).
  const rules = { logEmptyBytes: 0, logBlockBytes: 0 };
  const sizeBytes = 40_000_000;
  const markMs = 20_000_000;
  const chunks = Math.ceil(sizeBytes / MIB);
  const differing = Math.ceil(20_000_000 / MIB);
  const wireBytes = chunks * 32 + differing * MIB;
  const outages = [{ startMs: 1, endMs: markMs - 1000 }];
  // With a retry gap that ends after the mark, nothing is sent before it.
  const ladder = { retryLadderMs: [DAY_MS] };

  it('is bound by sending on a slow link', () => {
    const [vm] = oneVm(
      1000,
      { rules: { ...rules, ...ladder }, outages, link: { capacityBitsPerSec: 80_000 }, startEpochMs: 0 },
      { sizeBytes, usedBytes: 0 },
    ).vms;
    const entry = vm!.timeline.find((each) => each.phase === 'resynchronization')!;
    expect(entry.startMs).toBe(markMs);
    expect(entry.endMs).toBe(Math.ceil(markMs + wireBytes / 10));
    expect(vm!.sentBytes.resync).toBe(wireBytes);
    // After it the recovery point is its start.
    expect(vm!.resyncCount).toBe(1);
  });

  it('is bound by reading on a fast link', () => {
    const [vm] = oneVm(
      1000,
      { rules: { ...rules, ...ladder, compareBytesPerSec: 10_000 }, outages, link: { capacityBitsPerSec: 80e6 } },
      { sizeBytes, usedBytes: 0 },
    ).vms;
    const entry = vm!.timeline.find((each) => each.phase === 'resynchronization')!;
    expect(entry.startMs).toBe(markMs);
    expect(entry.endMs).toBe(markMs + 4_000_000);
    expect(vm!.sentBytes.resync).toBe(wireBytes);
  });

  it('reads at 1.33 GB per minute and disk by default', () => {
    const [vm] = oneVm(
      1000,
      { rules: { ...rules, ...ladder }, outages, link: { capacityBitsPerSec: 1e9, efficiencyRatio: 0.95 } },
      { sizeBytes, usedBytes: 0 },
    ).vms;
    const entry = vm!.timeline.find((each) => each.phase === 'resynchronization')!;
    expect(entry.endMs).toBe(Math.ceil(markMs + (sizeBytes / (1.33e9 / 60)) * 1000));
    expect(vm!.sentBytes.resync).toBe(Math.round(wireBytes / 0.95));
  });
});

describe('a VM whose initial replication is skipped', () => {
  it('is protected at 0 with recovery point 0 and empty logs', () => {
    const [vm] = oneVm(100_000, { options: { horizonMs: T_MS - 1 } }).vms;
    expect(vm!.initialReplication).toMatchObject({ startMs: null, endMs: null, sentBytes: 0 });
    expect(vm!.protectedAtMs).toBe(0);
    expect(vm!.rpo).toMatchObject({ minMs: 0, maxMs: T_MS - 1, observedMs: T_MS - 1 });
    expect(vm!.bytes).toEqual({
      written: 29_999_900,
      delivered: 0,
      inFlight: 0,
      inLogs: 29_999_900,
      droppedAtMark: 0,
      untracked: 0,
    });
    expect(vm!.hrlPeakBytes).toBe(logBytes(29_999_900));
  });
});

describe('the half-disk instant', () => {
  it('may lie a hair behind a whole millisecond: the run goes on', () => {
    // 1,333,004 bytes at 1,000,003 B/s are reached at 1,333.000001 ms: at 1,333 ms a byte is missing.
    const [written, bytesPerSec] = [1_333_004, 1_000_003];
    const [vm] = oneVm(
      bytesPerSec,
      { policy: { copyFrequencyMs: 15 * MINUTE_MS }, options: { horizonMs: 2000 } },
      { sizeBytes: 2 * logBytes(written), usedBytes: 0 },
    ).vms;
    expect(vm!.resyncCount).toBe(1);
    expect(vm!.hrlPeakBytes).toBe(logBytes(written));
  });

  it.each([0, 1000])(
    'of a disk so small that an empty log is half of it, at %d B/s: the run comes to an end',
    (bytesPerSec) => {
      // By the letter it is marked again and again at one instant: it may be refused, but must not hang.
      const change = { options: { horizonMs: MINUTE_MS } };
      expect(() => oneVm(bytesPerSec, change, { sizeBytes: 16_384, usedBytes: 0 })).not.toThrow('no headway');
    },
  );
});
