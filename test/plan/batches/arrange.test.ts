import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Run } from '../../../src/model/run.ts';
import { arrange } from '../../../src/plan/batches/arrange.ts';
import { batchesOf } from '../../../src/plan/batches/batches.ts';
import { fleetModel } from '../../../src/plan/batches/fleet-model.ts';
import { plannerBatches } from '../../../src/plan/batches/planner-rule.ts';
import { volumeSpaceOf } from '../../../src/plan/volume-space.ts';
import { simulate } from '../../../src/simulate/simulate.ts';
import { DAY_MS, GIB, MIB, MINUTE_MS } from '../../../src/units.ts';
import { buildDisk, buildRun, buildVm } from '../../laws/build-run.ts';
import { naiveArrange } from './naive-arrange.ts';

const CAUTION = { time: 1, space: 1, flows: 1, keepsObjective: true };

interface Small {
  readonly usedBytes: number;
  readonly bytesPerSec: number;
  readonly host?: string;
  readonly volume?: string;
  readonly sizeBytes?: number;
}

function runOf(vms: readonly Small[], freeGib: readonly (number | undefined)[], slots: number | null = null): Run {
  return buildRun({
    vms: vms.map(({ usedBytes, bytesPerSec, host = 'h0', volume = 'D:', sizeBytes = 100 * GIB }, index) =>
      buildVm({
        ...{ name: `vm${String(index).padStart(4, '0')}`, host },
        disks: [
          buildDisk({
            ...{ volume, usedBytes, sizeBytes, meanWriteBytes: MIB },
            churn: { kind: 'constant', bytesPerSec },
          }),
        ],
      }),
    ),
    volumes: freeGib.flatMap((free, index) =>
      free === undefined ? [] : [{ name: ['D:', 'E:', 'F:'][index]!, freeBytes: free * GIB }],
    ),
    link: { capacityBitsPerSec: 80e6 },
    policy: { maxActiveTransfers: slots },
    options: { skipInitialReplication: false, horizonMs: 7 * DAY_MS, rpoTargetMs: 15 * MINUTE_MS },
  });
}

const anySmall = fc.record({
  usedBytes: fc.integer({ min: 0, max: 30 }).map((gib) => gib * GIB),
  bytesPerSec: fc.integer({ min: 0, max: 600_000 }),
  host: fc.constantFrom('h0', 'h1'),
  volume: fc.constantFrom('D:', 'E:'),
  sizeBytes: fc.constantFrom(4 * GIB, 40 * GIB, 100 * GIB),
});

describe('the rule', () => {
  it('does what its naive twin does', () => {
    fc.assert(
      fc.property(
        fc.array(anySmall, { minLength: 1, maxLength: 14 }),
        fc.array(fc.constantFrom(undefined, 1, 2, 5, 12, 40), { minLength: 2, maxLength: 2 }),
        fc.constantFrom(null, 1, 2, 4),
        (vms, free, slots) => {
          const run = runOf(vms, free, slots);
          const fitting = arrange(fleetModel(run), CAUTION).map(({ members }) => ({
            names: members.map(({ candidate }) => candidate.vm.name),
            alone: members.every(({ alone }) => alone.refusal === undefined || alone.needs.length === 0),
          }));
          const expected = naiveArrange(run);
          expect(fitting.slice(0, expected.length).map(({ names }) => names)).toEqual(expected);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('is bounded: 5,000 VMs on one volume that is nearly full', () => {
    const vms = Array.from({ length: 5000 }, (_, index) => ({ usedBytes: (1 + (index % 7)) * GIB, bytesPerSec: 2000 }));
    const batches = arrange(fleetModel(runOf(vms, [3])), CAUTION);
    expect(batches.reduce((sum, { members }) => sum + members.length, 0)).toBe(5000);
  }, 60_000);

  it('bears nothing used, nothing written, no churn at all and tiny disks', () => {
    const run = runOf(
      [
        { usedBytes: 0, bytesPerSec: 0 },
        { usedBytes: 0, bytesPerSec: 1, sizeBytes: 65_536 },
        { usedBytes: 0, bytesPerSec: 0, sizeBytes: 65_536 },
        { usedBytes: 1, bytesPerSec: 0 },
      ],
      [0],
    );
    const plan = batchesOf(run)!;
    expect(plan.batches.flatMap(({ vms }) => vms)).toHaveLength(4);
    expect(JSON.stringify(plan)).not.toMatch(/NaN|Infinity/);
  });
});

describe('the deployment planner’s rule', () => {
  const link = { bytesPerSec: 10e6, wireRatio: 1 };

  it('the documented example: 500 GB free, three VMs with 300 GB of deltas each see 500, 200 and −100', () => {
    const vms = ['VM1', 'VM2', 'VM3'].map((vm) => ({
      ...{ vm, usedBytes: 36e9, deltaBytesPerSec: 1e6 },
      volumes: [{ volume: 'D:', initialBytes: 300e9, deltaBytes: 300e9 }],
    }));
    const batches = plannerBatches(vms, new Map([['D:', 500e9]]), link);
    expect(batches.map((batch) => batch.vms.map(({ vm }) => vm))).toEqual([['VM1'], ['VM2'], ['VM3']]);
    expect(batches.map((batch) => batch.vms[0]!.volumes[0]!.freeBytes)).toEqual([500e9, 200e9, -100e9]);
    expect(batches.map((batch) => batch.vms[0]!.volumes[0]!.additionalBytes)).toEqual([0, 100e9, 400e9]);
    expect(batches.map((batch) => batch.vms[0]!.comment)).toEqual([
      '',
      ...Array(2).fill('Add additional storage to protect this VM'),
    ]);
    // All of the link for the first, less 8 Mbit/s for each batch before.
    expect(batches.map(({ availableBitsPerSec }) => availableBitsPerSec)).toEqual([80e6, 72e6, 64e6]);
    expect(batches.map(({ initialReplicationMs }) => initialReplicationMs)).toEqual([3_600_000, 4_000_000, 4_500_000]);
  });

  it('takes all at once where nothing is known of the space, and has no time where no bandwidth is left', () => {
    const vms = ['a', 'b', 'c'].map((vm) => ({
      ...{ vm, usedBytes: 1e9, deltaBytesPerSec: 10e6 },
      volumes: [{ volume: 'D:', initialBytes: 5, deltaBytes: 4 }],
    }));
    expect(plannerBatches(vms, new Map(), link)).toHaveLength(1);
    const two = plannerBatches(vms, new Map([['D:', 12]]), link);
    expect(two.map((batch) => batch.vms.length)).toEqual([2, 1]);
    expect(two[1]).toMatchObject({ availableBitsPerSec: 0, initialReplicationMs: null });
  });

  it('every VM once, in any order of rows the same; free space falls by what batches before take', () => {
    const vms = fc.uniqueArray(
      fc.record({
        vm: fc.string({ minLength: 1, maxLength: 3 }),
        usedBytes: fc.nat(1e6),
        deltaBytesPerSec: fc.nat(1e6),
        volumes: fc
          .constantFrom('D:', 'E:')
          .chain((volume) =>
            fc
              .record({ volume: fc.constant(volume), initialBytes: fc.nat(500), deltaBytes: fc.nat(300) })
              .map((one) => [one]),
          ),
      }),
      { selector: ({ vm }) => vm, maxLength: 20 },
    );
    fc.assert(
      fc.property(vms, fc.nat(2000), (given, free) => {
        const freeBytes = new Map([['D:', free]]);
        const batches = plannerBatches(given, freeBytes, link);
        expect(plannerBatches(given.toReversed(), freeBytes, link)).toEqual(batches);
        expect(batches.flatMap((batch) => batch.vms.map(({ vm }) => vm)).toSorted()).toEqual(
          given.map(({ vm }) => vm).toSorted(),
        );
        let seen = free;
        for (const { vms: members } of batches) {
          const onD = members.flatMap(({ volumes }) => volumes).filter(({ volume }) => volume === 'D:');
          for (const { freeBytes: own } of onD) expect(own).toBe(seen);
          // More than one only where all of them fit together.
          const needed = onD.reduce((sum, one) => sum + Math.max(one.initialBytes, one.deltaBytes), 0);
          if (onD.length > 1) expect(needed).toBeLessThanOrEqual(seen);
          for (const { deltaBytes } of onD) seen -= deltaBytes;
        }
      }),
    );
  });
});

describe('space by cause', () => {
  const run = runOf(
    [
      { usedBytes: 36e9, bytesPerSec: 200_000 },
      { usedBytes: 3e9, bytesPerSec: 1000, volume: 'E:' },
    ],
    [1],
  );
  const result = simulate({ ...run, site: { ...run.site, volumes: [{ name: 'D:', capacityBytes: 100 * GIB }] } });

  it('each cause has its peak and its moment; the deficit keeps the reserve free', () => {
    const volumes = result.volumes.map((volume) => (volume.name === 'D:' ? { ...volume, freeBytes: 6 * GIB } : volume));
    const [shared, other] = volumeSpaceOf(run, result, { volumes, series: result.series }, null);
    expect(shared!.name).toBe('D:');
    expect(shared!.reserveBytes).toBe(5 * GIB);
    const byCause = new Map(shared!.causes.map((one) => [one.cause, one]));
    expect(byCause.get('snapshots')!.peakBytes).toBe(volumes[0]!.snapshotPeakBytes);
    expect(byCause.get('logs')!.peakBytes).toBe(volumes[0]!.hrlPeakBytes);
    expect(byCause.has('growth')).toBe(false);
    expect(shared!.deficitBytes).toBe(Math.ceil(volumes[0]!.extraPeakBytes + 5 * GIB - 6 * GIB));
    expect(shared!.deficitBytes!).toBeGreaterThan(0);
    expect(shared!.advice[0]).toMatch(/^Extend the volume by/);
    expect(shared!.largestLogs).toMatchObject({ vm: 'vm0000', phase: expect.stringMatching(/replication|snapshot/) });
    expect(other).toMatchObject({ name: 'h0: E:', reserveBytes: null, deficitBytes: null, advice: [] });
  });

  it('says first that the batches of the plan do it, where they do', () => {
    const volumes = result.volumes.map((volume) => (volume.name === 'D:' ? { ...volume, freeBytes: 6 * GIB } : volume));
    const plan = batchesOf(run)!;
    const [first] = plan.batches;
    const onD = { volume: 'D:', roomBytes: 0, predictedBytes: 9, simulatedBytes: 0.5 * GIB };
    const two = {
      ...plan,
      batches: [
        { ...first!, volumes: [onD] },
        { ...first!, volumes: [] },
      ],
    };
    const [shared] = volumeSpaceOf(run, result, { volumes, series: result.series }, two);
    expect(shared).toMatchObject({ inBatchesPeakBytes: 0.5 * GIB, inBatchesDeficitBytes: 0 });
    expect(shared!.advice[0]).toBe('Enable the VMs in the 2 batches of this plan: then it fits.');
  });
});
