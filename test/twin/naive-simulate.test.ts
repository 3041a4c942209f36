import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Run } from '../../src/model/run.ts';
import { cutPhaseMs } from '../../src/simulate/fleet.ts';
import type { VmResult, VolumeResult } from '../../src/simulate/result.ts';
import { anyRun } from '../laws/any-run.ts';
import { simulated } from '../laws/build-run.ts';
import { byName, naiveUntracked } from './naive-core.ts';
import { type NaiveVmResult, type NaiveVolumeResult, naiveSimulate } from './naive-simulate.ts';
import { naiveWritten } from './naive-writes.ts';

const RUNS = Number(process.env.TWIN_RUNS ?? 60);

function near(fast: number | null, naive: number | null, tolerance: number, what: string): void {
  if (fast === null || naive === null) {
    if (fast !== naive) throw new Error(`${what}: simulation ${fast}, twin ${naive}`);
    return;
  }
  if (!(Math.abs(fast - naive) <= tolerance)) throw new Error(`${what}: simulation ${fast}, twin ${naive}`);
}

function compare(fast: VmResult, naive: NaiveVmResult, run: Run): void {
  const { name } = fast;
  const { state } = naive;
  const { horizonMs } = run.options;
  expect({ name, ...fast.cycles, marks: fast.resyncCount }).toEqual({
    name,
    completed: state.completed,
    missed: naive.missed,
    failed: state.failedSets,
    marks: state.marks,
  });
  near(fast.initialReplication.startMs, state.snapshotMs, 1, `${name} start`);
  near(fast.initialReplication.endMs, state.initialEndMs, 1, `${name} end of initial replication`);
  near(fast.protectedAtMs, state.protectedMs, 1, `${name} protected`);
  near(fast.firstDeltaAtMs, state.firstDeltaMs, 1, `${name} first delta`);
  near(fast.firstFailureAtMs, state.firstFailureMs, 1, `${name} first failure`);
  near(fast.rpo.minMs, naive.minAgeMs, 1, `${name} least age`);
  near(fast.rpo.maxMs, naive.maxAgeMs, 1, `${name} largest age`);
  near(fast.rpo.observedMs, naive.observedMs, 1, `${name} observed`);
  if (naive.observedMs > 0) {
    near(fast.rpo.withinTargetFraction, naive.withinMs / naive.observedMs, 1e-6, `${name} within the target`);
  }
  // A byte that the last bit of a double decides, or the microsecond of a mark, on the wire.
  const grainBytes = 1 + (state.marks * run.site.link.capacityBitsPerSec) / 8000 / 1000;
  for (const cause of ['initial', 'delta', 'resync'] as const) {
    near(fast.sentBytes[cause], naive.sentBytes[cause], grainBytes + 1e-9 * naive.sentBytes[cause], `${name} ${cause}`);
  }
  near(fast.hrlPeakBytes, naive.hrlPeakBytes, 1, `${name} peak of the logs`);
  near(fast.snapshotPeakBytes, naive.snapshotPeakBytes, 1, `${name} peak of the snapshot`);
  // What became of the bytes.
  const vm = run.workload.vms.find((each) => each.name === name)!;
  const disks = byName(vm.disks);
  const written = (index: number, atMs: number): number => {
    const { churn } = disks[index]!;
    const factor = 1 + run.options.growthRatio;
    const grown =
      churn.kind === 'constant'
        ? { ...churn, bytesPerSec: churn.bytesPerSec * factor }
        : { ...churn, writtenBytes: churn.writtenBytes.map((bytes) => bytes * factor) };
    return naiveWritten(grown, atMs);
  };
  const world = { vm, policy: run.policy, cutPhaseMs: 0, resyncSpans: [], written };
  const total = (value: (index: number) => number): number => disks.reduce((sum, _, index) => sum + value(index), 0);
  const disk = (index: number) => state.disks[index]!;
  const grain = disks.length * (1 + state.marks);
  near(
    fast.bytes.written,
    total((d) => written(d, horizonMs)),
    grain,
    `${name} written`,
  );
  near(
    fast.bytes.delivered,
    total((d) => disk(d).delivered),
    grain,
    `${name} delivered`,
  );
  near(
    fast.bytes.inFlight,
    total((d) => (disk(d).inFlight === null ? 0 : disk(d).inFlight!.to - disk(d).inFlight!.from)),
    grain,
    `${name} in flight`,
  );
  near(
    fast.bytes.droppedAtMark,
    total((d) => disk(d).dropped),
    grain,
    `${name} dropped`,
  );
  near(
    fast.bytes.untracked,
    total((d) => naiveUntracked(state, d, horizonMs, world)),
    grain,
    `${name} untracked`,
  );
}

/** Measured exactly, not sampled: the space that must be free is the largest that is ever taken. */
function compareVolumes(fast: readonly VolumeResult[], naive: readonly NaiveVolumeResult[]): void {
  expect(fast.map((volume) => volume.name)).toEqual(naive.map((volume) => volume.name));
  for (const [index, volume] of fast.entries()) {
    const other = naive[index]!;
    near(volume.hrlPeakBytes, other.hrlPeakBytes, 8, `logs of ${volume.name}`);
    near(volume.snapshotPeakBytes, other.snapshotPeakBytes, 8, `snapshots of ${volume.name}`);
    near(volume.extraPeakBytes, other.extraPeakBytes, 8, `extra of ${volume.name}`);
  }
}

describe('the naive simulation and the fast one', () => {
  it('agree on every VM of random fleets', () => {
    fc.assert(
      fc.property(anyRun, (run) => {
        const fast = simulated(run);
        // A VM that is marked every few seconds says little and takes the twin long.
        fc.pre(fast.eventCount < 4000);
        const naive = naiveSimulate(run, (name) => cutPhaseMs(name, run.options.seed, run.policy.copyFrequencyMs));
        for (const [index, vm] of fast.vms.entries()) compare(vm, naive.vms[index]!, run);
      }),
      { numRuns: RUNS, seed: Number(process.env.TWIN_SEED ?? 31) },
    );
  });

  it('agree on the peaks of every volume', () => {
    fc.assert(
      fc.property(anyRun, (run) => {
        const fast = simulated(run);
        fc.pre(fast.eventCount < 4000);
        const naive = naiveSimulate(run, (name) => cutPhaseMs(name, run.options.seed, run.policy.copyFrequencyMs));
        compareVolumes(fast.volumes, naive.volumes);
      }),
      { numRuns: RUNS, seed: 32 },
    );
  });
});
