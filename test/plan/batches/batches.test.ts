import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Run } from '../../../src/model/run.ts';
import type { Disk, Vm } from '../../../src/model/workload.ts';
import { arrange } from '../../../src/plan/batches/arrange.ts';
import { type BatchPlan, batchesOf, withBatches } from '../../../src/plan/batches/batches.ts';
import { fleetModel, LOOK_AHEAD_MS } from '../../../src/plan/batches/fleet-model.ts';
import { simulate } from '../../../src/simulate/simulate.ts';
import { DAY_MS, GIB, HOUR_MS, MIB, MINUTE_MS } from '../../../src/units.ts';
import { anySiteRun } from '../../laws/any-site.ts';
import { buildDisk, buildRun, buildVm, type RunChange } from '../../laws/build-run.ts';

const CAUTION = { time: 1, space: 1, flows: 1, keepsObjective: true };
const QUARTER_MS = 15 * MINUTE_MS;

function vm(name: string, own: Partial<Disk> = {}, change: Partial<Vm> = {}): Vm {
  return buildVm({ name, disks: [buildDisk({ meanWriteBytes: MIB, ...own })], ...change });
}

/** Initial replication from 0 on, over 80 Mbit/s = 10 MB/s, all payload. */
function runOf(vms: readonly Vm[], change: RunChange = {}): Run {
  return buildRun({
    vms,
    ...change,
    link: { capacityBitsPerSec: 80e6, ...change.link },
    options: { skipInitialReplication: false, horizonMs: 7 * DAY_MS, ...change.options },
  });
}

function idle(name: string, usedBytes: number, change: Partial<Disk> = {}): Vm {
  return vm(name, { usedBytes, churn: { kind: 'constant', bytesPerSec: 0 }, ...change });
}

function membersOf(plan: BatchPlan): string[][] {
  return plan.batches.map(({ vms }) => vms.map((one) => one.vm));
}

describe('closed forms', () => {
  it('a batch without churn lasts used bytes by the rate, and the wait for a cut', () => {
    const run = runOf([idle('a', 36e9)]);
    const [batch] = arrange(fleetModel(run), CAUTION);
    expect(batch!.startMs).toBe(0);
    expect(batch!.endMs).toBeCloseTo(3_600_000 + 5 * MINUTE_MS, 3);
    const plan = batchesOf(run)!;
    expect(plan.batches).toHaveLength(1);
    expect(plan.batches[0]!.initialReplicationEndMs).toBe(3_600_000);
    expect(plan.holds).toBe(true);
    expect(plan.roundCount).toBe(1);
  });

  it('with a churn of a tenth of the link the same bytes last 10/9 as long', () => {
    // 36 GB at 10 MB/s less 1 MB/s of its own writes (1 MiB writes: metadata is 4096 in 127 MiB).
    const run = runOf([vm('a', { usedBytes: 36e9, churn: { kind: 'constant', bytesPerSec: 1e6 } })]);
    const [batch] = arrange(fleetModel(run), CAUTION);
    const rate = 10e6 - 1e6 * (1 + 4096 / (127 * MIB));
    const transferMs = (36e9 / rate) * 1000;
    const mergeMs = (Math.ceil((1e6 * transferMs) / 1000 / (2 * MIB)) * 2 * MIB) / 100e3;
    expect(batch!.endMs).toBeCloseTo(transferMs + mergeMs + 5 * MINUTE_MS, 0);
  });

  it('VMs whose logs and snapshots fit together are one batch; a byte less of room, and they are two', () => {
    const two = (freeBytes: number): Run =>
      runOf(
        ['a', 'b'].map((name) => vm(name, { usedBytes: 18e9, churn: { kind: 'constant', bytesPerSec: 100_000 } })),
        { volumes: [{ name: 'D:', freeBytes, host: 'host0' }] },
      );
    const needBytes = arrange(fleetModel(two(Number.MAX_SAFE_INTEGER)), CAUTION)[0]!.volumes[0]!.needBytes;
    // Both write 100 kB/s for a bit more than an hour, once into a log and once into a snapshot.
    expect(needBytes / 1e9).toBeCloseTo(4 * 0.1 * 3.6 * 1.1, 1);
    expect(arrange(fleetModel(two(Math.ceil(needBytes))), CAUTION)).toHaveLength(1);
    const apart = arrange(fleetModel(two(Math.floor(needBytes) - 1)), CAUTION);
    expect(apart.map(({ members }) => members.length)).toEqual([1, 1]);
    expect(apart[1]!.members[0]!.refusal).toMatchObject({ limit: 'space', why: { kind: 'space', volume: 0 } });
    expect(apart[1]!.startMs).toBe(Math.ceil(apart[0]!.endMs! / QUARTER_MS) * QUARTER_MS);
  });

  it('the reserve of a volume is no room', () => {
    const of = (capacityBytes: number | undefined): number =>
      fleetModel(
        runOf([idle('a', 1e9)], {
          volumes: [
            { name: 'D:', host: 'host0', freeBytes: 100, ...(capacityBytes === undefined ? {} : { capacityBytes }) },
          ],
        }),
      ).volumes[0]!.roomBytes;
    expect([of(undefined), of(1000), of(4000)]).toEqual([100, 50, 0]);
  });

  it('the VM that needs most of its volume alone comes first, whatever the order of the names', () => {
    const busy = { kind: 'constant', bytesPerSec: 200_000 } as const;
    const vms = [
      vm('a', { volume: 'E:', churn: { kind: 'constant', bytesPerSec: 10_000 } }),
      vm('z', { volume: 'D:', churn: busy }),
    ];
    const volumes = ['D:', 'E:'].map((name) => ({ name, host: 'host0', freeBytes: 20 * GIB }));
    const [batch] = arrange(fleetModel(runOf(vms, { volumes })), CAUTION);
    expect(batch!.members.map(({ candidate }) => candidate.vm.name)).toEqual(['z', 'a']);
  });

  it('a VM whose logs would reach half of its disk beside another is copied by itself', () => {
    // Half of 4 GiB at 400 kB/s: 89 minutes; its copy alone takes 3.5, the other's 100.
    const small = vm('small', {
      ...{ sizeBytes: 4 * GIB, usedBytes: 2e9 },
      churn: { kind: 'constant', bytesPerSec: 400_000 },
    });
    const plan = batchesOf(runOf([small, idle('large', 60e9)]))!;
    expect(plan.batches).toHaveLength(2);
    expect(plan.batches[1]!.vms[0]).toMatchObject({ limit: 'log' });
    expect(plan.batches[1]!.vms[0]!.why).toMatch(/logs of small, disk0, reach 50.0 % of the disk/);
    expect(plan.holds).toBe(true);
  });

  it('one transfer of a host stays free for the deltas of VMs that are protected already', () => {
    const run = runOf(
      Array.from({ length: 8 }, (_, index) => idle(`vm${index}`, (9 - index) * 1e9)),
      { policy: { maxActiveTransfers: 3 } },
    );
    expect(membersOf(batchesOf(run)!).map((batch) => batch.length)).toEqual([3, 2, 2, 1]);
    expect(batchesOf(run)!.batches[1]!.vms[0]!.why).toMatch(/host host0 makes 3 transfers/);
    expect(batchesOf(run)!.batches[2]!.vms[0]!.why).toMatch(/one is kept for the deltas/);
    expect(membersOf(batchesOf(run, { objectiveHoldsAlone: false })!).map((batch) => batch.length)).toEqual([3, 3, 2]);
  });

  it('as many first copies at a time as leave a delta time enough', () => {
    // A cut of 60 MB must get through in 10 minutes: 0.1 MB/s; 9.8 MB/s are left. 97 flows, of which it is one.
    const vms = [
      vm('busy', { usedBytes: 4e9, churn: { kind: 'constant', bytesPerSec: 200_000 } }),
      ...Array.from({ length: 120 }, (_, index) => idle(`idle${index}`, 3e9)),
    ];
    const run = runOf(vms, { options: { rpoTargetMs: QUARTER_MS } });
    const [first] = arrange(fleetModel(run), CAUTION);
    expect(first!.members).toHaveLength(96);
    const roomy = arrange(fleetModel(run), { ...CAUTION, keepsObjective: false });
    expect(roomy).toHaveLength(1);
  });

  it('a VM that does not fit alone comes last, with what is missing and what to do', () => {
    const busy = vm('busy', { usedBytes: 36e9, churn: { kind: 'constant', bytesPerSec: 1e6 } });
    const plan = batchesOf(
      runOf([busy, vm('calm', { usedBytes: 1e9 })], { volumes: [{ name: 'D:', host: 'host0', freeBytes: 3 * GIB }] }),
    )!;
    expect(membersOf(plan)).toEqual([['calm'], ['busy']]);
    expect(plan.holds).toBe(false);
    const [lacking] = plan.batches[1]!.vms;
    expect(plan.batches[1]!.fits).toBe(false);
    expect(lacking!.deficits).toHaveLength(1);
    // About 4,400 s at 1 MB/s, twice, less the 3 GiB that are there.
    expect(lacking!.deficits[0]!.missingBytes / 1e9).toBeCloseTo(2 * 4.4 - 3.2, 0);
    expect(lacking!.advice).toMatch(/^Extend host0: D: by .* move one of its disks .* leave out a disk/);
    expect(plan.broken.join()).toMatch(/1 VM fits in no batch/);
  });

  it('a link that is never enough gives a last batch without an end, and nothing is dropped', () => {
    const plan = batchesOf(
      runOf([vm('flood', { churn: { kind: 'constant', bytesPerSec: 20e6 }, sizeBytes: 1e15 }), idle('calm', 1e9)]),
    )!;
    expect(membersOf(plan)).toEqual([['calm'], ['flood']]);
    expect(plan.batches[1]).toMatchObject({ fits: false, predictedEndMs: null });
    expect(plan.batches[1]!.vms[0]).toMatchObject({ limit: 'time', aloneMs: null });
    expect(plan.holds).toBe(false);
  });

  it('an outage carries nothing, and a throttle less', () => {
    const endOf = (change: RunChange): number =>
      arrange(fleetModel(runOf([idle('a', 36e9)], change)), CAUTION)[0]!.endMs!;
    const plain = endOf({});
    expect(endOf({ outages: [{ startMs: 10 * MINUTE_MS, endMs: 70 * MINUTE_MS }] }) - plain).toBeCloseTo(HOUR_MS, 3);
    const throttle = {
      windows: [
        {
          ...{ days: [0, 1, 2, 3, 4, 5, 6], startMinute: 0, endMinute: 60 },
          value: { kind: 'share', ratio: 0.5 } as const,
        },
      ],
      otherwise: { kind: 'none' } as const,
    };
    expect(endOf({ link: { throttle } }) - plain).toBeCloseTo(HOUR_MS / 2, 3);
  });

  it('what cannot be protected is in no batch and says why; without initial replication there is none', () => {
    const run = runOf([idle('a', 1e9), idle('b', 1e9)], {
      policy: { overrides: [{ vm: 'b', settings: {}, missingPrerequisite: 'in no cloud' }] },
    });
    const plan = batchesOf(run)!;
    expect(membersOf(plan)).toEqual([['a']]);
    expect(plan.leftOut).toEqual([{ vm: 'b', why: 'in no cloud' }]);
    expect(batchesOf({ ...run, options: { ...run.options, skipInitialReplication: true } })).toBeNull();
    expect(batchesOf(runOf([]))).toBeNull();
  });
});

describe('the trial', () => {
  it('says what the same starts say when the run itself has them', () => {
    const vms = Array.from({ length: 6 }, (_, index) =>
      vm(`vm${index}`, { usedBytes: 9e9, churn: { kind: 'constant', bytesPerSec: 50_000 + index * 5000 } }),
    );
    const run = runOf(vms, { volumes: [{ name: 'D:', host: 'host0', freeBytes: 1.2 * GIB }] });
    const plan = batchesOf(run)!;
    expect(plan.batches.length).toBeGreaterThan(1);
    expect(plan.holds).toBe(true);
    const result = simulate(
      withBatches(
        { ...run, options: { ...run.options, horizonMs: plan.simulatedUntilMs } },
        plan.batches.map(({ startMs, vms: members }) => ({ startMs: startMs!, vms: members.map((one) => one.vm) })),
      ),
    );
    const byName = new Map(result.vms.map((one) => [one.name, one]));
    for (const batch of plan.batches) {
      const own = batch.vms.map((one) => byName.get(one.vm)!);
      expect(Math.max(...own.map((one) => one.initialReplication.endMs!))).toBe(batch.initialReplicationEndMs);
      expect(Math.max(...own.map((one) => one.firstDeltaAtMs!))).toBe(batch.endMs);
      expect(Math.min(...own.map((one) => one.initialReplication.startMs!))).toBeGreaterThanOrEqual(batch.startMs!);
    }
    // The volume has the room that the plan promised: nothing ran low.
    expect(result.volumes[0]).toMatchObject({ lowAtMs: null, fullAtMs: null });
    expect(result.volumes[0]!.extraPeakBytes).toBeLessThanOrEqual(1.2 * GIB);
  });

  it('a burst that hourly means do not show makes the next round stricter, and the plan says what came', () => {
    // All of an hour's writes within one minute of it.
    const minutes = 60;
    const burst: Disk['churn'] = {
      kind: 'series',
      startMs: [0, 54 * MINUTE_MS, 55 * MINUTE_MS],
      writtenBytes: [0, minutes * 9e6, 0],
      endMs: HOUR_MS,
      repeatMs: HOUR_MS,
    };
    const vms = ['a', 'b', 'c', 'd'].map((name) => vm(name, { usedBytes: 6e9, churn: burst }));
    const run = runOf(vms, { volumes: [{ name: 'D:', host: 'host0', freeBytes: 1.35e9 }] });
    const plan = batchesOf(run)!;
    const peak = Math.max(...plan.batches.flatMap(({ volumes }) => volumes.map((one) => one.simulatedBytes!)));
    expect(plan.holds).toBe(plan.broken.length === 0);
    if (plan.holds) expect(peak).toBeLessThanOrEqual(1.35e9);
    expect(plan.roundCount).toBeGreaterThan(1);
  });
});

/** Fleets on a few volumes with known, unknown and too little space. */
const anyFleet: fc.Arbitrary<Run> = fc
  .record({
    vms: fc.array(
      fc.record({
        usedBytes: fc.integer({ min: 0, max: 20 }).map((gib) => gib * GIB),
        bytesPerSec: fc.constantFrom(0, 1000, 20_000, 100_000, 400_000),
        volume: fc.constantFrom('D:', 'E:', 'F:'),
        host: fc.constantFrom('h0', 'h1'),
      }),
      { minLength: 1, maxLength: 10 },
    ),
    free: fc.array(fc.constantFrom(undefined, 0, 1, 3, 8, 100), { minLength: 3, maxLength: 3 }),
    megabits: fc.constantFrom(20, 80, 400),
    slots: fc.constantFrom(null, 1, 3),
  })
  .map(({ vms, free, megabits, slots }) =>
    runOf(
      vms.map(({ usedBytes, bytesPerSec, volume, host }, index) =>
        vm(`vm${index}`, { usedBytes, volume, churn: { kind: 'constant', bytesPerSec } }, { host }),
      ),
      {
        link: { capacityBitsPerSec: megabits * 1e6 },
        policy: { maxActiveTransfers: slots },
        volumes: ['D:', 'E:', 'F:'].flatMap((name, index) =>
          free[index] === undefined ? [] : [{ name, freeBytes: free[index] * GIB, capacityBytes: 4 * GIB }],
        ),
      },
    ),
  );

describe('laws', () => {
  it('every VM is in exactly one batch, and batches follow one another', () => {
    fc.assert(
      fc.property(anyFleet, (run) => {
        const plan = batchesOf(run)!;
        const names = plan.batches.flatMap(({ vms }) => vms.map((one) => one.vm));
        expect(names.toSorted()).toEqual(run.workload.vms.map(({ name }) => name).toSorted());
        plan.batches.forEach((batch, index) => {
          expect(batch.name).toBe(`Batch ${index + 1}`);
          if (batch.startMs !== null) expect(batch.startMs % QUARTER_MS).toBe(0);
          const next = plan.batches[index + 1];
          if (next?.startMs != null) expect(batch.predictedEndMs!).toBeLessThanOrEqual(next.startMs);
          if (plan.holds && next !== undefined) expect(batch.endMs!).toBeLessThanOrEqual(next.startMs!);
          // Who does not fit says what is missing, or that the link is too slow; who fits says nothing of it.
          for (const one of batch.vms) {
            if (batch.fits) expect([one.deficits, one.advice]).toEqual([[], null]);
            else expect(one.advice!.length).toBeGreaterThan(20);
            expect(`${one.why} ${one.advice}`).not.toMatch(/NaN|undefined|Infinity/);
          }
        });
      }),
      { numRuns: 60 },
    );
  }, 120_000);

  it('what holds has room in the simulation, and what does not says where', () => {
    fc.assert(
      fc.property(anyFleet, (run) => {
        const plan = batchesOf(run)!;
        expect(plan.holds).toBe(plan.broken.length === 0);
        for (const { fits, volumes } of plan.batches) {
          for (const { roomBytes, simulatedBytes } of volumes) {
            if (!plan.holds || !fits || roomBytes === null) continue;
            expect(simulatedBytes!).toBeLessThanOrEqual(roomBytes);
          }
        }
        if (!plan.holds) return;
        // The run with its real volumes, and not only on roomy ones.
        const starts = plan.batches.map(({ startMs, vms }) => ({ startMs: startMs!, vms: vms.map((one) => one.vm) }));
        const result = simulate(
          withBatches({ ...run, options: { ...run.options, horizonMs: plan.simulatedUntilMs } }, starts),
        );
        for (const volume of result.volumes)
          expect([volume.name, volume.lowAtMs, volume.fullAtMs]).toEqual([volume.name, null, null]);
      }),
      { numRuns: 60 },
    );
  }, 120_000);

  it('the order of the rows changes nothing', () => {
    fc.assert(
      fc.property(anyFleet, fc.integer(), (run, salt) => {
        const { vms } = run.workload;
        const turned = vms.map((_, index) => vms[(index * 7 + Math.abs(salt)) % vms.length]!);
        const shuffled = new Set(turned).size === vms.length ? turned : vms.toReversed();
        const other = { ...run, workload: { ...run.workload, vms: shuffled } };
        expect(batchesOf(other)).toEqual(batchesOf(run));
      }),
      { numRuns: 40 },
    );
  }, 120_000);

  it('of any site, with all that sites have: whole, finite, in order', () => {
    fc.assert(
      fc.property(anySiteRun, (given) => {
        const run = { ...given, options: { ...given.options, skipInitialReplication: false } };
        const plan = batchesOf(run);
        if (plan === null) return;
        const text = JSON.stringify(plan);
        expect(JSON.parse(text)).toEqual(plan);
        expect(text).not.toMatch(/NaN|undefined|Infinity/);
        expect(plan.roundCount).toBeLessThanOrEqual(3);
        expect(plan.simulatedUntilMs).toBeLessThanOrEqual(LOOK_AHEAD_MS);
      }),
      { numRuns: 60 },
    );
  }, 120_000);
});
