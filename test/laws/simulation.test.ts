/** Laws that hold for every run. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Run } from '../../src/model/run.ts';
import type { Churn, Disk, Vm } from '../../src/model/workload.ts';
import type { RunResult, VmResult } from '../../src/simulate/result.ts';

import { anyRun } from './any-run.ts';
import { simulated } from './build-run.ts';

const RUNS = 120;
const CAUSES = ['initial', 'delta', 'resync'] as const;

function mapDisks(run: Run, change: (disk: Disk) => Disk): Run {
  const vms = run.workload.vms.map((vm): Vm => ({ ...vm, disks: vm.disks.map(change) }));
  return { ...run, workload: { ...run.workload, vms } };
}

function timesFactor(churn: Churn, factor: number): Churn {
  return churn.kind === 'constant'
    ? { ...churn, bytesPerSec: churn.bytesPerSec * factor }
    : { ...churn, writtenBytes: churn.writtenBytes.map((bytes) => bytes * factor) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

describe('bytes', () => {
  it('that guests wrote are delivered, in flight, in logs, dropped at a mark, or were written while untracked', () => {
    fc.assert(
      fc.property(anyRun, (run) => {
        for (const { bytes } of simulated(run).vms) {
          const { written, ...fates } = bytes;
          expect(sum(Object.values(fates))).toBe(written);
          for (const fate of Object.values(fates)) expect(fate).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: RUNS, seed: 101 },
    );
  });

  it('on the wire: the buckets add up to the VMs’, by cause, and no bucket holds more than the link can carry', () => {
    fc.assert(
      fc.property(anyRun, (run) => {
        const { link, series, vms } = simulated(run);
        for (const cause of CAUSES) {
          const ofVms = sum(vms.map((vm) => vm.sentBytes[cause]));
          expect(link.sentBytes[cause]).toBe(ofVms);
          // Each VM's figure is rounded to a whole byte.
          expect(Math.abs(sum(series.traffic[cause]) - ofVms)).toBeLessThanOrEqual(vms.length + 1e-9 * ofVms);
        }
        expect(link.sentBytes.total).toBe(sum(CAUSES.map((cause) => link.sentBytes[cause])));
        series.traffic.capacity.forEach((capacity, bucket) => {
          const carried = sum(CAUSES.map((cause) => series.traffic[cause][bucket]!));
          // Series are in whole bytes whose sums are right: each may be off by one.
          expect(carried).toBeLessThanOrEqual(capacity * (1 + 1e-9) + CAUSES.length + 1);
        });
        const carriable = sum(series.traffic.capacity);
        expect(link.sentBytes.total).toBeLessThanOrEqual(carriable + vms.length + 1e-9 * carriable);
        expect(link.busyFraction).toBeGreaterThanOrEqual(link.clippedFraction);
      }),
      { numRuns: RUNS, seed: 102 },
    );
  });

  it('written are the integral of the churn: growth 0.3 is the same as churn × 1.3', () => {
    fc.assert(
      fc.property(anyRun, (made) => {
        const plain = { ...made, options: { ...made.options, growthRatio: 0 } };
        const grown = { ...made, options: { ...made.options, growthRatio: 0.3 } };
        const multiplied = mapDisks(plain, (disk) => ({ ...disk, churn: timesFactor(disk.churn, 1.3) }));
        expect(simulated(grown)).toEqual(simulated(multiplied));
      }),
      { numRuns: RUNS / 2, seed: 103 },
    );
  });
});

/** What depends on time alone. */
function times(result: RunResult): unknown {
  return {
    rpo: result.rpo,
    busy: result.link.busyFraction.toFixed(9),
    clipped: result.link.clippedFraction.toFixed(9),
    vms: result.vms.map((vm) => ({
      name: vm.name,
      phase: vm.phaseAtEnd,
      health: vm.health,
      cycles: vm.cycles,
      startMs: vm.initialReplication.startMs,
      endMs: vm.initialReplication.endMs,
      protectedAtMs: vm.protectedAtMs,
      firstDeltaAtMs: vm.firstDeltaAtMs,
      resyncCount: vm.resyncCount,
      firstFailureAtMs: vm.firstFailureAtMs,
      timeline: vm.timeline,
    })),
  };
}

describe('times', () => {
  it('do not change when all bytes and all rates are scaled by a power of two (no log overhead)', () => {
    fc.assert(
      fc.property(anyRun, fc.constantFrom(2, 8, 1024), (made, k) => {
        // Whole bytes are a grain that does not scale: keep to churns and sizes that leave none of it.
        const whole = mapDisks(withoutOverhead(made, 1), (disk) => ({ ...disk, churn: wholePerMs(disk.churn) }));
        const scaled = mapDisks(withoutOverhead(whole, k), (disk) => ({
          ...disk,
          sizeBytes: disk.sizeBytes * k,
          usedBytes: disk.usedBytes * k,
          churn: timesFactor(disk.churn, k),
          meanWriteBytes: disk.meanWriteBytes * k,
          ...(disk.overwrite === undefined
            ? {}
            : { overwrite: { ...disk.overwrite, hotBytes: disk.overwrite.hotBytes * k } }),
        }));
        const [one, other] = [simulated(whole), simulated(scaled)];
        expect(other.vms.map((vm) => vm.resyncCount)).toEqual(one.vms.map((vm) => vm.resyncCount));
        expect(nearTimes(times(other), times(one))).toBe('');
        for (const [index, vm] of other.vms.entries()) {
          for (const cause of CAUSES) {
            const unscaled = one.vms[index]!.sentBytes[cause];
            // A byte more or less at a mark is, at the slowest churn, a millisecond of the link.
            const grainBytes = (1 + 2 * vm.resyncCount) * (made.site.link.capacityBitsPerSec / 8000);
            expect(Math.abs(vm.sentBytes[cause] / k - unscaled)).toBeLessThanOrEqual(grainBytes + unscaled * 1e-6);
          }
        }
      }),
      { numRuns: RUNS, seed: 104 },
    );
  });
});

function withoutOverhead(run: Run, k: number): Run {
  const { rules } = run.policy;
  return {
    ...run,
    site: {
      ...run.site,
      hosts: run.site.hosts.map((host) =>
        host.uplinkBitsPerSec === undefined ? host : { ...host, uplinkBitsPerSec: host.uplinkBitsPerSec * k },
      ),
      link: { ...run.site.link, capacityBitsPerSec: run.site.link.capacityBitsPerSec * k },
    },
    policy: {
      ...run.policy,
      rules: {
        ...rules,
        logEmptyBytes: 0,
        logBlockBytes: 0,
        // Fine grains: the first whole byte must not decide over a block of 2 MiB.
        snapshotBlockBytes: 1024 * k,
        mergeBytesPerSec: rules.mergeBytesPerSec * k,
        chunkBytes: 4096 * k,
        checksumBytes: rules.checksumBytes * k,
        compareBytesPerSec: rules.compareBytesPerSec * k,
      },
    },
  };
}

/** A whole multiple of 1,000 bytes a second: whole bytes at whole milliseconds. */
function wholePerMs(churn: Churn): Churn {
  if (churn.kind === 'constant') return { ...churn, bytesPerSec: Math.ceil(churn.bytesPerSec / 1000) * 1000 };
  return {
    ...churn,
    writtenBytes: churn.writtenBytes.map((bytes, index) => {
      const lengthMs = (churn.startMs[index + 1] ?? churn.endMs) - churn.startMs[index]!;
      return Math.ceil(bytes / lengthMs) * lengthMs;
    }),
  };
}

/** The first place at which two values differ by more than a millisecond (or a thousandth of a share); '' where none. */
function nearTimes(a: unknown, b: unknown, path = 'result'): string {
  if (typeof a === 'number' && typeof b === 'number') {
    // A whole byte more or less at the instant of a decision is at most some milliseconds.
    return Math.abs(a - b) <= 2 + 1e-5 * Math.abs(b) ? '' : `${path}: ${a} and ${b}`;
  }
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) {
    return a === b || path.endsWith('busy') || path.endsWith('clipped') ? '' : `${path}: ${a} and ${b}`;
  }
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  for (const key of keys) {
    if (path.endsWith('rpo') && /urvival/.test(key)) continue;
    const found = nearTimes((a as never)[key], (b as never)[key], `${path}.${key}`);
    if (found !== '') return found;
  }
  return '';
}

describe('the same run', () => {
  it('gives the same result', () => {
    fc.assert(
      fc.property(anyRun, (run) => {
        expect(simulated(run)).toEqual(simulated(structuredClone(run)));
        expect(JSON.stringify(simulated(run))).toBe(JSON.stringify(simulated(run)));
      }),
      { numRuns: RUNS / 3, seed: 105 },
    );
  });

  it('with its VMs and disks in another order gives the same, in that order', () => {
    const shuffledRun = anyRun.chain((run) =>
      fc.record({
        run: fc.constant(run),
        order: fc.shuffledSubarray(
          run.workload.vms.map((_, index) => index),
          { minLength: run.workload.vms.length },
        ),
        turn: fc.nat({ max: 2 }),
      }),
    );
    fc.assert(
      fc.property(shuffledRun, ({ run, order, turn }) => {
        const rotated = (disks: readonly Disk[]): Disk[] => {
          const by = turn % disks.length;
          return [...disks.slice(by), ...disks.slice(0, by)].reverse();
        };
        const vms = order.map((index): Vm => {
          const vm = run.workload.vms[index]!;
          return { ...vm, disks: rotated(vm.disks) };
        });
        const straight = simulated(run);
        const shuffled = simulated({ ...run, workload: { ...run.workload, vms } });
        expect(shuffled.vms).toEqual(order.map((index) => straight.vms[index]));
        expect({ ...shuffled, vms: [] }).toEqual({ ...straight, vms: [] });
      }),
      { numRuns: RUNS, seed: 106 },
    );
  });

  it('asked only for its objectives, or run in pieces of progress, says the same about them', () => {
    fc.assert(
      fc.property(anyRun, (run) => {
        const full = simulated(run);
        const lean = simulated(run, { objectivesOnly: true });
        expect(lean.rpo).toEqual(full.rpo);
        expect(lean.link.sentBytes).toEqual(full.link.sentBytes);
        expect(lean.vms.map((vm) => [vm.cycles, vm.rpo, vm.steadyRpo, vm.bytes])).toEqual(
          full.vms.map((vm) => [vm.cycles, vm.rpo, vm.steadyRpo, vm.bytes]),
        );
      }),
      { numRuns: RUNS / 2, seed: 107 },
    );
  });
});

describe('the recovery point', () => {
  it('never moves back, and its age counts from protection to the horizon', () => {
    fc.assert(
      fc.property(anyRun, (run) => {
        const { horizonMs } = run.options;
        for (const vm of simulated(run).vms) checkAges(vm, horizonMs);
      }),
      { numRuns: RUNS, seed: 108 },
    );
  });

  function checkAges(vm: VmResult, horizonMs: number): void {
    const observedMs = vm.protectedAtMs === null ? 0 : horizonMs - vm.protectedAtMs;
    // Both are rounded up.
    expect(Math.abs(vm.rpo.observedMs - observedMs)).toBeLessThanOrEqual(1);
    if (vm.rpo.observedMs === 0) {
      expect(vm.rpo).toMatchObject({ minMs: null, maxMs: null, withinTargetFraction: null });
      return;
    }
    const { minMs, p50Ms, p95Ms, p99Ms, maxMs, withinTargetFraction } = vm.rpo;
    expect(minMs).toBeGreaterThanOrEqual(0);
    expect(p50Ms).toBeGreaterThanOrEqual(minMs!);
    expect(p95Ms).toBeGreaterThanOrEqual(p50Ms!);
    expect(p99Ms).toBeGreaterThanOrEqual(p95Ms!);
    expect(maxMs).toBeGreaterThanOrEqual(p99Ms!);
    expect(maxMs).toBeLessThanOrEqual(horizonMs);
    expect(withinTargetFraction).toBeGreaterThanOrEqual(0);
    expect(withinTargetFraction).toBeLessThanOrEqual(1);
    if (vm.firstDeltaAtMs !== null) expect(vm.firstDeltaAtMs).toBeGreaterThanOrEqual(vm.protectedAtMs!);
  }
});

describe('what people read', () => {
  it('fits together: peaks, counters, phases', () => {
    fc.assert(
      fc.property(anyRun, (run) => {
        const { vms, volumes } = simulated(run);
        const { horizonMs, skipInitialReplication } = run.options;
        for (const [index, vm] of vms.entries()) {
          const boundaries = Math.ceil(horizonMs / run.policy.copyFrequencyMs);
          expect(vm.cycles.completed + vm.cycles.missed).toBeLessThanOrEqual(boundaries);
          expect(vm.hrlPeakAtMs).toBeLessThanOrEqual(horizonMs);
          if (vm.resyncCount > 0) expect(vm.hrlPeakRatio).toBeGreaterThanOrEqual(run.policy.rules.resyncLogRatio);
          else expect(vm.hrlPeakRatio).toBeLessThan(run.policy.rules.resyncLogRatio);
          expect(vm.sentBytes.resync === 0 || vm.resyncCount > 0).toBe(true);
          expect(vm.snapshotPeakBytes === 0 || !skipInitialReplication).toBe(true);
          const source = run.workload.vms[index]!;
          expect(vm.snapshotPeakBytes).toBeLessThanOrEqual(sum(source.disks.map((disk) => disk.sizeBytes)));
          if (!vm.timelineTruncated) expect(vm.timeline.at(-1)?.endMs).toBe(horizonMs);
          for (const [entry, next] of vm.timeline.slice(1).map((each, i) => [vm.timeline[i]!, each] as const)) {
            expect(next.startMs).toBe(entry.endMs);
          }
        }
        // No VM's disks take more of a volume than the volume was seen to hold.
        for (const volume of volumes) {
          expect(volume.extraPeakBytes).toBeLessThanOrEqual(volume.hrlPeakBytes + volume.snapshotPeakBytes);
          expect(volume.extraPeakBytes).toBeGreaterThanOrEqual(Math.max(volume.hrlPeakBytes, volume.snapshotPeakBytes));
        }
        expect(sum(volumes.map((volume) => volume.hrlPeakBytes))).toBeGreaterThanOrEqual(
          Math.max(...vms.map((vm) => vm.hrlPeakBytes)),
        );
      }),
      { numRuns: RUNS, seed: 109 },
    );
  });

  it('more bandwidth never delays one VM alone', () => {
    fc.assert(
      fc.property(anyRun, (made) => {
        const vm = made.workload.vms[0]!;
        const alone = { ...made, workload: { ...made.workload, vms: [vm] } };
        const { link } = alone.site;
        const faster = {
          ...alone,
          site: { ...alone.site, hosts: [], link: { ...link, capacityBitsPerSec: link.capacityBitsPerSec * 4 } },
        };
        const [slow, fast] = [
          simulated({ ...alone, site: { ...alone.site, hosts: [] } }).vms[0]!,
          simulated(faster).vms[0]!,
        ];
        if (slow.initialReplication.endMs === null || slow.resyncCount > 0 || slow.firstFailureAtMs !== null) return;
        expect(fast.initialReplication.endMs).toBeLessThanOrEqual(slow.initialReplication.endMs);
      }),
      { numRuns: RUNS / 2, seed: 110 },
    );
  });

  it('wire bytes of sets on an idle link are L × q ÷ e of what was delivered, no less', () => {
    fc.assert(
      fc.property(anyRun, (run) => {
        const q = run.policy.compressionRatio / run.site.link.efficiencyRatio;
        for (const vm of simulated(run).vms) {
          const least = (vm.bytes.delivered + vm.cycles.completed * run.policy.rules.logEmptyBytes) * q;
          expect(vm.sentBytes.delta).toBeGreaterThanOrEqual(Math.floor(least * (1 - 1e-9)));
        }
      }),
      { numRuns: RUNS / 2, seed: 111 },
    );
  });
});
