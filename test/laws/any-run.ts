/** Random small fleets for the laws: contended links, outages, slots, windows, small disks among large ones. */
import fc from 'fast-check';
import { DEFAULT_RULES } from '../../src/model/policy.ts';
import type { Run } from '../../src/model/run.ts';
import type { Outage } from '../../src/model/site.ts';
import type { Churn, Disk, Vm } from '../../src/model/workload.ts';
import { GIB, HOUR_MS, MIB, MINUTE_MS } from '../../src/units.ts';
import { buildRun, START_EPOCH_MS } from './build-run.ts';

const churn: fc.Arbitrary<Churn> = fc.oneof(
  fc
    .oneof(fc.constant(0), fc.integer({ min: 1, max: 60_000 }), fc.integer({ min: 60_000, max: 1_500_000 }))
    .map((bytesPerSec): Churn => ({ kind: 'constant', bytesPerSec })),
  fc
    .record({
      steps: fc.array(
        fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 200 * MIB }), fc.integer({ min: 1, max: MIB })),
        { minLength: 1, maxLength: 8 },
      ),
      widthMs: fc.constantFrom(5 * MINUTE_MS, 30 * MINUTE_MS, HOUR_MS),
      repeat: fc.boolean(),
    })
    .map(
      ({ steps, widthMs, repeat }): Churn => ({
        kind: 'series',
        startMs: steps.map((_, index) => index * widthMs),
        writtenBytes: steps,
        endMs: steps.length * widthMs,
        repeatMs: repeat ? steps.length * widthMs : 0,
      }),
    ),
);

function anyDisk(name: string, volume: fc.Arbitrary<string>): fc.Arbitrary<Disk> {
  return fc
    .record({
      volume,
      sizeBytes: fc.oneof(fc.integer({ min: 64 * MIB, max: 600 * MIB }), fc.integer({ min: GIB, max: 40 * GIB })),
      usedShare: fc.double({ min: 0, max: 1, noNaN: true }),
      churn,
      meanWriteBytes: fc.constantFrom(4096, 8192, 65_536),
      overwrite: fc.option(
        fc.record({ hotBytes: fc.integer({ min: MIB, max: GIB }), hotShare: fc.constantFrom(0.2, 0.8, 1) }),
        { nil: undefined },
      ),
    })
    .map(({ sizeBytes, usedShare, overwrite, ...rest }) => ({
      name,
      sizeBytes,
      usedBytes: Math.floor(Math.min(sizeBytes, 3 * GIB) * usedShare),
      ...rest,
      ...(overwrite === undefined ? {} : { overwrite }),
    }));
}

function anyVm(name: string): fc.Arbitrary<Vm> {
  return fc
    .record({
      host: fc.constantFrom('host0', 'host1'),
      disks: fc
        .integer({ min: 1, max: 3 })
        .chain((count) =>
          fc.tuple(...Array.from({ length: count }, (_, d) => anyDisk(`disk${d}`, fc.constantFrom('C:', 'D:')))),
        ),
    })
    .map((vm) => ({ name, ...vm }));
}

const outages: fc.Arbitrary<readonly Outage[]> = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 4 * HOUR_MS }), fc.integer({ min: 1000, max: 2 * HOUR_MS })), {
    maxLength: 3,
  })
  .map((gaps) => {
    let atMs = 0;
    return gaps.map(([gapMs, lengthMs]) => {
      const startMs = atMs + gapMs;
      atMs = startMs + lengthMs;
      return { startMs, endMs: atMs };
    });
  });

export const anyRun: fc.Arbitrary<Run> = fc
  .record({
    vms: fc
      .integer({ min: 1, max: 5 })
      .chain((count) => fc.tuple(...Array.from({ length: count }, (_, v) => anyVm(`vm${v}`)))),
    startHour: fc.integer({ min: 0, max: 23 }),
    copyFrequencyMs: fc.constantFrom(30_000, 5 * MINUTE_MS, 15 * MINUTE_MS),
    compressionRatio: fc.constantFrom(1, 0.5),
    maxActiveTransfers: fc.constantFrom(null, 1, 2),
    alignedCuts: fc.boolean(),
    capacityBitsPerSec: fc.constantFrom(1e6, 10e6, 100e6),
    efficiencyRatio: fc.constantFrom(1, 0.95),
    uplinkBitsPerSec: fc.constantFrom(null, 5e6, 50e6),
    outages,
    logOverhead: fc.boolean(),
    finalizeMs: fc.constantFrom(0, 10 * MINUTE_MS),
    horizonMs: fc.constantFrom(6 * HOUR_MS, 10 * HOUR_MS + 12_345, 24 * HOUR_MS),
    growthRatio: fc.constantFrom(0, 0.3),
    skipInitialReplication: fc.boolean(),
    seed: fc.nat({ max: 1000 }),
  })
  .map((made) =>
    buildRun({
      vms: made.vms,
      startEpochMs: START_EPOCH_MS + made.startHour * HOUR_MS,
      policy: {
        copyFrequencyMs: made.copyFrequencyMs,
        compressionRatio: made.compressionRatio,
        maxActiveTransfers: made.maxActiveTransfers,
        alignedCuts: made.alignedCuts,
      },
      rules: {
        finalizeMs: made.finalizeMs,
        ...(made.logOverhead ? {} : { logEmptyBytes: 0, logBlockBytes: 0 }),
        retryLadderMs: DEFAULT_RULES.retryLadderMs,
      },
      hosts: made.uplinkBitsPerSec === null ? [] : [{ name: 'host0', uplinkBitsPerSec: made.uplinkBitsPerSec }],
      outages: made.outages,
      link: { capacityBitsPerSec: made.capacityBitsPerSec, efficiencyRatio: made.efficiencyRatio },
      options: {
        horizonMs: made.horizonMs,
        growthRatio: made.growthRatio,
        skipInitialReplication: made.skipInitialReplication,
        seed: made.seed,
      },
    }),
  );
