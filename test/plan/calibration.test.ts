import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MeasuredReplication } from '../../src/model/measured-replication.ts';
import type { Run } from '../../src/model/run.ts';
import type { ChurnSeries, Vm } from '../../src/model/workload.ts';
import { type CalibratedVm, type Calibration, calibrate } from '../../src/plan/calibration.ts';
import type { VmResult } from '../../src/simulate/result.ts';
import { DAY_MS, HOUR_MS } from '../../src/units.ts';
import { buildDisk, buildRun, buildVm, START_EPOCH_MS, simulated } from '../laws/build-run.ts';

/** 300 s × 100,000 B/s = 30,000,000 bytes of data in ⌈30,000,000 ÷ (127 × 8192)⌉ = 29 metadata blocks of 4096, and 8192. */
const LOG_BYTES = 30_126_976;

function measure(change: Partial<MeasuredReplication> = {}): MeasuredReplication {
  return {
    ...{ vm: 'vm0', source: 'statistics', file: 'replication.csv', isLocal: false },
    ...{ fromMs: START_EPOCH_MS, untilMs: START_EPOCH_MS + 12 * HOUR_MS, successCount: 140, missCount: 3 },
    ...{ averageSizeBytes: 20_000_000, maxSizeBytes: 40_000_000, averageLatencySec: 20, maxLatencySec: 60 },
    ...{ pendingBytes: 0, networkFailureCount: 0, replicationFailureCount: 0, errorCount: 0 },
    ...change,
  };
}

/** The run's results with other statistics: those of the VM at the index are changed. */
function resultsOf(run: Run, change: Partial<VmResult['statistics']> = {}): VmResult[] {
  return simulated(run).vms.map((vm) => ({ ...vm, statistics: { ...vm.statistics, ...change } }));
}

const RUN = buildRun();
const RESULTS = resultsOf(RUN);

function calibrated(...measured: readonly MeasuredReplication[]): Calibration {
  return calibrate(RUN, RESULTS, measured);
}

function onlyVm(calibration: Calibration): CalibratedVm {
  expect(calibration.vms.length).toBe(1);
  return calibration.vms[0]!;
}

function fleetOf(names: readonly string[], change: Partial<Vm> = {}): Run {
  return buildRun({ vms: names.map((name) => buildVm({ name, ...change })) });
}

describe('the log bytes of a cycle', () => {
  test('are those of the size law by hand, and those of the run', () => {
    expect(onlyVm(calibrated(measure())).modelLogBytes).toBe(LOG_BYTES);
    expect(RESULTS[0]!.statistics.AverageReplicationSize).toBe(LOG_BYTES);
  });

  test('add up over disks, and follow the VM’s own copy frequency', () => {
    const disks = [buildDisk(), buildDisk({ name: 'disk1', churn: { kind: 'constant', bytesPerSec: 0 } })];
    const run = buildRun({ vms: [buildVm({ disks })] });
    expect(onlyVm(calibrate(run, resultsOf(run), [measure()])).modelLogBytes).toBe(LOG_BYTES + 8192);
    const often = buildRun({ policy: { overrides: [{ vm: 'vm0', settings: { copyFrequencyMs: 30_000 } }] } });
    // 3,000,000 bytes in ⌈2.88⌉ blocks.
    expect(onlyVm(calibrate(often, resultsOf(often), [measure()])).modelLogBytes).toBe(3_000_000 + 8192 + 3 * 4096);
  });

  describe('of a series', () => {
    // 1,000 B/s in the first hour, 4,000 B/s in the second, 1,000 B/s in the two thereafter: 1,750 B/s on average.
    const churn: ChurnSeries = {
      kind: 'series',
      startMs: [0, HOUR_MS, 2 * HOUR_MS],
      writtenBytes: [3_600_000, 14_400_000, 7_200_000],
      endMs: 4 * HOUR_MS,
      repeatMs: 4 * HOUR_MS,
    };
    const run = buildRun({ vms: [buildVm({ disks: [buildDisk({ churn })] })] });
    const results = resultsOf(run);
    const basisOf = (fromHours: number, untilHours: number, isLocal = false): readonly [number, string] => {
      const window = { fromMs: START_EPOCH_MS + fromHours * HOUR_MS, untilMs: START_EPOCH_MS + untilHours * HOUR_MS };
      const one = onlyVm(calibrate(run, results, [measure({ ...window, isLocal })]));
      return [one.modelLogBytes - 8192 - 4096 * Math.ceil(one.modelLogBytes / 1_100_000), one.churnBasis];
    };

    test.each([
      [1, 2, 4000],
      [0.5, 1.5, 2500],
      [1.5, 3.5, 1750],
      [0, 4, 1750],
    ])('from hour %d to %d it was %d B/s', (from, until, rate) => {
      expect(basisOf(from, until)).toEqual([rate * 300, 'window']);
    });

    test('outside what was measured its mean stands in', () => {
      expect(basisOf(3, 5)).toEqual([1750 * 300, 'mean']);
      expect(basisOf(-1, 1)).toEqual([1750 * 300, 'mean']);
    });

    test('local times are the run’s zone’s', () => {
      const east = {
        ...run,
        workload: { ...run.workload, clock: { ...run.workload.clock, offsets: [{ fromMs: 0, offsetMs: HOUR_MS }] } },
      };
      const window = { fromMs: START_EPOCH_MS + 2 * HOUR_MS, untilMs: START_EPOCH_MS + 3 * HOUR_MS, isLocal: true };
      const one = onlyVm(calibrate(east, results, [measure(window)]));
      expect([one.measuredFromMs, one.measuredUntilMs]).toEqual([HOUR_MS, 2 * HOUR_MS]);
      expect(one.modelLogBytes).toBe(1_200_000 + 8192 + 2 * 4096);
    });

    test('assumed churn is called so', () => {
      const assumed = buildRun({ vms: [buildVm({ disks: [buildDisk({ isChurnAssumed: true })] })] });
      expect(onlyVm(calibrate(assumed, resultsOf(assumed), [measure()])).churnBasis).toBe('assumed');
    });
  });
});

describe('predicted and measured', () => {
  test('each pair by hand', () => {
    const results = resultsOf(RUN, {
      ...{ AverageReplicationSize: 15_000_000, MaximumReplicationSize: 50_000_000, AverageReplicationLatency: 30 },
      ...{ MissedReplicationCount: 2, MonitoringStartTime: 0, MonitoringEndTime: 12 * HOUR_MS },
    });
    expect(onlyVm(calibrate(RUN, results, [measure()])).pairs).toEqual({
      averageSizeBytes: { predicted: 15e6, measured: 20e6, ratio: 0.75, error: 5e6, errorShare: 0.25 },
      maximumSizeBytes: { predicted: 50e6, measured: 40e6, ratio: 1.25, error: 10e6, errorShare: 0.25 },
      averageLatencySec: { predicted: 30, measured: 20, ratio: 1.5, error: 10, errorShare: 0.5 },
      missesPerDay: { predicted: 4, measured: 6, ratio: 4 / 6, error: 2, errorShare: 2 / 6 },
    });
  });

  test('what is not measured is not compared; 0 against 0 is right, against anything else it has no share', () => {
    const { pairs } = onlyVm(calibrated(measure({ missCount: 0, maxSizeBytes: null })));
    expect(pairs.maximumSizeBytes).toEqual({
      predicted: LOG_BYTES,
      measured: null,
      ratio: null,
      error: null,
      errorShare: null,
    });
    expect(pairs.missesPerDay).toEqual({ predicted: 0, measured: 0, ratio: null, error: 0, errorShare: 0 });
    const missing = calibrate(RUN, resultsOf(RUN, { MissedReplicationCount: 9 }), [measure({ missCount: 0 })]);
    expect(onlyVm(missing).pairs.missesPerDay).toMatchObject({ ratio: null, errorShare: null });
    expect(missing.fleet.missesPerDay).toEqual({ vmCount: 0, medianErrorShare: null, closeCount: 0 });
  });

  test('intervals of one VM are weighted by their cycles, misses by their time', () => {
    const later = { fromMs: START_EPOCH_MS + DAY_MS, untilMs: START_EPOCH_MS + DAY_MS + 36 * HOUR_MS };
    const { pairs, cycleCount, measuredFromMs, measuredUntilMs } = onlyVm(
      calibrated(
        measure({ successCount: 100, averageSizeBytes: 10, averageLatencySec: 1, maxSizeBytes: 70, missCount: 1 }),
        measure({
          ...later,
          successCount: 300,
          averageSizeBytes: 30,
          averageLatencySec: 5,
          maxSizeBytes: 60,
          missCount: 7,
        }),
      ),
    );
    expect(cycleCount).toBe(400);
    expect([measuredFromMs, measuredUntilMs]).toEqual([0, DAY_MS + 36 * HOUR_MS]);
    expect(pairs.averageSizeBytes.measured).toBe(25);
    expect(pairs.averageLatencySec.measured).toBe(4);
    expect(pairs.maximumSizeBytes.measured).toBe(70);
    expect(pairs.missesPerDay.measured).toBe(4);
  });

  test('an interval that was exported twice counts once; what the cmdlet does not tell the counters do', () => {
    const twice = onlyVm(
      calibrated(measure({ successCount: 50, missCount: 1 }), measure(), measure({ successCount: 60 })),
    );
    expect(twice.cycleCount).toBe(140);
    expect(twice.pairs.missesPerDay.measured).toBe(6);
    const counters = measure({ source: 'counters', averageSizeBytes: 7, averageLatencySec: 9, successCount: 5 });
    const { pairs, cycleCount } = onlyVm(calibrated(counters, measure({ averageLatencySec: null })));
    expect([pairs.averageSizeBytes.measured, pairs.averageLatencySec.measured, cycleCount]).toEqual([20e6, 9, 140]);
  });

  test('the fleet: median error and VMs within a quarter', () => {
    const names = ['a', 'b', 'c', 'd'];
    const run = fleetOf(names);
    const results = resultsOf(run, { AverageReplicationSize: 100 });
    const sizes = [100, 80, 200, 50];
    const { fleet, vms } = calibrate(
      run,
      results,
      names.map((vm, v) => measure({ vm, averageSizeBytes: sizes[v]! })),
    );
    // Errors 0, 25, 50 and 100 %.
    expect(vms.map(({ vm }) => vm)).toEqual(names);
    expect(fleet.averageSizeBytes).toEqual({ vmCount: 4, medianErrorShare: 0.375, closeCount: 2 });
    const three = calibrate(
      run,
      results,
      names.slice(1).map((vm, v) => measure({ vm, averageSizeBytes: sizes[v + 1]! })),
    );
    expect(three.fleet.averageSizeBytes).toEqual({ vmCount: 3, medianErrorShare: 0.5, closeCount: 1 });
    expect(three.unmeasuredCount).toBe(1);
  });
});

describe('who is compared with whom', () => {
  test('by the very name, by the one that a performance log would write, never by one of two', () => {
    const run = fleetOf(['SQL (old)', 'web', 'WEB']);
    const results = resultsOf(run);
    const { vms, notCompared } = calibrate(run, results, [
      measure({ vm: 'sql [old]' }),
      measure({ vm: 'WEB' }),
      measure({ vm: 'Web' }),
      measure({ vm: 'gone' }),
      measure({ vm: 'gone' }),
    ]);
    expect(vms.map(({ vm }) => vm)).toEqual(['SQL (old)', 'WEB']);
    expect(notCompared).toEqual([
      { vm: 'Web', reason: 'several VMs of the inventory have this name' },
      { vm: 'gone', reason: 'not in the inventory' },
    ]);
  });

  test('one that never replicated, in the run or in truth, is named', () => {
    const never = calibrate(RUN, resultsOf(RUN, { SuccessfulReplicationCount: 0 }), [measure()]);
    expect(never.notCompared).toEqual([
      { vm: 'vm0', reason: 'never replicated in the last monitoring interval of the run' },
    ]);
    const idle = calibrated(measure({ successCount: 0, averageSizeBytes: null }));
    expect(idle.notCompared).toEqual([{ vm: 'vm0', reason: 'no cycle was completed while it was measured' }]);
    const nothing = { averageSizeBytes: null, maxSizeBytes: null, averageLatencySec: null, missCount: null };
    expect(calibrated(measure(nothing)).notCompared.map(({ vm }) => vm)).toEqual(['vm0']);
    expect([never.vms, idle.vms, never.unmeasuredCount]).toEqual([[], [], 0]);
  });
});

describe('the compression ratio', () => {
  const counters = (change: Partial<MeasuredReplication>): MeasuredReplication =>
    measure({ source: 'counters', missCount: null, maxSizeBytes: null, ...change });

  test('sizes do not tell it', () => {
    const { compression } = onlyVm(calibrated(measure({ averageSizeBytes: LOG_BYTES / 2 })));
    expect(compression).toMatchObject({ ratio: null, basis: 'none' });
    expect(calibrated(measure()).compressionRatio).toBeNull();
  });

  test('the counter does: 60 % saved leaves 0.4 of each log byte, over so many cycles', () => {
    const one = onlyVm(calibrated(measure(), counters({ compressionEfficiencyRatio: 0.6, successCount: 77 })));
    expect(one.compression.ratio).toBeCloseTo(0.4, 12);
    expect(one.compression.reason).toContain('60.0 %');
    expect(one.compression.reason).toContain('77 cycles');
    expect(one.pairs.averageSizeBytes.measured).toBe(20_000_000);
    expect(one.cycleCount).toBe(140);
  });

  test('is bounded', () => {
    const ratioOf = (compressionEfficiencyRatio: number): number | null =>
      onlyVm(calibrated(counters({ compressionEfficiencyRatio }))).compression.ratio;
    expect([ratioOf(1), ratioOf(0.999), ratioOf(0)]).toEqual([0.01, 0.01, 1]);
  });

  test('is not taken where the bytes sent show the opposite', () => {
    // 140 cycles of 1,000,000 bytes; 280 MB of them saved or left.
    const sent = (networkSentBytes: number, resynchronizedBytes = 0): CalibratedVm =>
      onlyVm(
        calibrated(
          counters({ compressionEfficiencyRatio: 0.8, averageSizeBytes: 1e6, networkSentBytes, resynchronizedBytes }),
        ),
      );
    expect(sent(140e6 * 0.2).compression).toMatchObject({ basis: 'counter' });
    expect(sent(140e6 * 0.8).compression).toMatchObject({ ratio: null, basis: 'contradicted' });
    // Sizes after compression say nothing, and resynchronizations are not deltas.
    expect(sent(140e6 * 0.98).compression).toMatchObject({ basis: 'counter' });
    expect(sent(140e6 * 0.8, 140e6 * 0.6).compression).toMatchObject({ basis: 'counter' });
  });

  test('of the fleet is weighted by log bytes', () => {
    const slow = buildVm({ name: 'b', disks: [buildDisk({ churn: { kind: 'constant', bytesPerSec: 0 } })] });
    const run = buildRun({ vms: [buildVm({ name: 'a' }), slow, buildVm({ name: 'c' })] });
    const { compressionRatio } = calibrate(run, resultsOf(run), [
      counters({ vm: 'a', compressionEfficiencyRatio: 0.5 }),
      counters({ vm: 'b', compressionEfficiencyRatio: 0 }),
      counters({ vm: 'c' }),
    ]);
    expect(compressionRatio).toBeCloseTo((0.5 * LOG_BYTES + 8192) / (LOG_BYTES + 8192), 12);
  });
});

describe('laws', () => {
  const sizes = fc.double({ min: 1, max: 1e12, noNaN: true });

  test('measured sizes × k make the size ratio × k, and leave the compression ratio', () => {
    fc.assert(
      fc.property(
        sizes,
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (size, k, efficiency) => {
          const at = (averageSizeBytes: number): CalibratedVm =>
            onlyVm(
              calibrated(measure({ averageSizeBytes, source: 'counters', compressionEfficiencyRatio: efficiency })),
            );
          const [one, other] = [at(size), at(size * k)];
          expect(other.sizeRatio! / one.sizeRatio!).toBeCloseTo(k, 9);
          expect(other.compression).toEqual(one.compression);
        },
      ),
    );
  });

  test('what is predicted exactly scores 0 %, whatever was measured', () => {
    const names = ['a', 'b', 'c'];
    const run = fleetOf(names);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(1e9), fc.nat(1e9), fc.nat(9000), fc.nat(500)), { minLength: 3, maxLength: 3 }),
        (facts) => {
          const results = RESULTS_OF_THREE.map((vm, v) => {
            const [average, most, latency, missed] = facts[v]!;
            return {
              ...vm,
              statistics: {
                ...vm.statistics,
                ...{
                  AverageReplicationSize: average,
                  MaximumReplicationSize: most,
                  AverageReplicationLatency: latency,
                },
                ...{ MissedReplicationCount: missed, MonitoringStartTime: 0, MonitoringEndTime: 12 * HOUR_MS },
              },
            };
          });
          const measured = facts.map(([averageSizeBytes, maxSizeBytes, averageLatencySec, missCount], v) =>
            measure({ vm: names[v]!, averageSizeBytes, maxSizeBytes, averageLatencySec, missCount }),
          );
          for (const score of Object.values(calibrate(run, results, measured).fleet)) {
            expect(score).toEqual({ vmCount: 3, medianErrorShare: 0, closeCount: 3 });
          }
        },
      ),
    );
  });

  test('every measured VM is compared or named, in any order of the files', () => {
    const names = ['a', 'b', 'c'];
    const run = fleetOf(names);
    const one = fc.record({
      vm: fc.constantFrom('a', 'b', 'C', 'x', '__proto__'),
      successCount: fc.constantFrom(null, 0, 5),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 8 }), (changes) => {
        const { vms, notCompared, unmeasuredCount } = calibrate(run, RESULTS_OF_THREE, changes.map(measure));
        const told = new Set([...vms, ...notCompared].map(({ vm }) => vm.toLowerCase()));
        expect(told).toEqual(new Set(changes.map(({ vm }) => vm.toLowerCase())));
        const found = names.filter((name) => told.has(name)).length;
        expect(unmeasuredCount).toBe(3 - found);
      }),
    );
  });

  const RESULTS_OF_THREE = resultsOf(fleetOf(['a', 'b', 'c']));
});

test('a simulated fleet whose own statistics are the measurement is predicted without error', () => {
  const run = buildRun({ outages: [{ startMs: 22 * HOUR_MS, endMs: 22.5 * HOUR_MS }] });
  const results = simulated(run).vms;
  const { statistics } = results[0]!;
  expect(statistics.MissedReplicationCount).toBeGreaterThan(0);
  const own = measure({
    fromMs: START_EPOCH_MS + statistics.MonitoringStartTime,
    untilMs: START_EPOCH_MS + statistics.MonitoringEndTime,
    successCount: statistics.SuccessfulReplicationCount,
    missCount: statistics.MissedReplicationCount,
    averageSizeBytes: statistics.AverageReplicationSize,
    maxSizeBytes: statistics.MaximumReplicationSize,
    averageLatencySec: statistics.AverageReplicationLatency,
  });
  const { fleet } = calibrate(run, results, [own]);
  for (const { medianErrorShare } of Object.values(fleet)) expect(medianErrorShare).toBe(0);
  // Cuts that wait for the link carry more than a cycle of the copy frequency does: the closed form is the least.
  expect(calibrate(run, results, [own]).vms[0]!.sizeRatio).toBeGreaterThan(1);
});
