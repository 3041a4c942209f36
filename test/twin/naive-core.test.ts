import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Churn } from '../../src/model/workload.ts';
import { createCore, type ReplicationCore, TransferKind } from '../../src/replication/columns.ts';
import { INPUT_KEYS, Input, type InputKey, LIFECYCLE, PHASE_KEYS } from '../../src/replication/lifecycle.ts';
import { diskLogBytes, diskSnapshotBytes } from '../../src/replication/logs.ts';
import { step } from '../../src/replication/step.ts';
import { ChurnIntegral } from '../../src/simulate/churn-integral.ts';
import { anyChurn, type CoreCase, coreCase } from './core-case.ts';
import {
  type NaiveEffect,
  type NaiveStep,
  type NaiveVm,
  type NaiveWake,
  type NaiveWorld,
  naiveDiskLogBytes,
  naiveOpenWritten,
  naiveSnapshotBytes,
  naiveStep,
  naiveUntracked,
  naiveVm,
} from './naive-core.ts';
import { naiveIntegral, naiveWrites, naiveWritten } from './naive-writes.ts';

/** What a command does; the harness brings it to where it makes sense. */
type Command =
  | { readonly type: 'protect'; readonly vm: number; readonly adopt: boolean }
  | { readonly type: 'wake' }
  | { readonly type: 'pass'; readonly ms: number }
  | { readonly type: 'answer'; readonly vm: number; readonly when: When; readonly sentShare: number | null };
/** After so many ms, at the next wake's instant, or at the VM's next boundary. */
type When = number | 'wake' | 'boundary';

const TIME_TOLERANCE_MS = 1e-6;
/** Nobody looks beyond: the twin's search of instants ends somewhere. */
const HORIZON_MS = 1e9;
const KIND_NAMES = ['none', 'initial', 'delta', 'resync'] as const;

/** Drives the fast core and the naive twin through the same inputs and compares them after each. */
class Pair {
  readonly visited = new Set<string>();
  readonly #world: readonly NaiveWorld[];
  readonly #core: ReplicationCore;
  readonly #states: NaiveVm[];
  readonly #wakes: NaiveWake[];
  readonly #uploadBytes: (number | null)[];
  #nowMs = 0;

  constructor(made: CoreCase) {
    const { workload, policy, resyncSpans, cutPhaseMs } = made;
    const churns: Churn[] = workload.vms.flatMap((vm) => vm.disks.map((disk) => disk.churn));
    const writes = naiveWrites(churns);
    this.#core = createCore(workload, policy, { writes, resyncSpans, cutPhaseMs });
    this.#world = workload.vms.map((vm, v) => ({
      vm,
      policy,
      cutPhaseMs: cutPhaseMs[v]!,
      resyncSpans,
      written: (disk, atMs) => naiveWritten(vm.disks[disk]!.churn, atMs),
    }));
    this.#states = workload.vms.map((vm) => naiveVm(vm));
    this.#wakes = workload.vms.map(() => ({ atMs: Number.POSITIVE_INFINITY, input: null }));
    this.#uploadBytes = workload.vms.map(() => null);
  }

  run(command: Command): void {
    switch (command.type) {
      case 'protect': {
        const vm = command.vm % this.#states.length;
        if (this.#states[vm]!.phase === 'unprotected') {
          this.#feed(vm, command.adopt ? 'adopted' : 'enabled', this.#nowMs, 0);
        }
        return;
      }
      case 'wake': {
        const atMs = Math.min(...this.#wakes.map((wake) => wake.atMs));
        if (atMs < HORIZON_MS) this.#passTo(atMs, true);
        return;
      }
      case 'pass':
        this.#passTo(this.#nowMs + command.ms, true);
        return;
      case 'answer': {
        const vm = command.vm % this.#states.length;
        if (this.#uploadBytes[vm] === null) return;
        this.#passTo(this.#instant(vm, command.when), false);
        const bytes = this.#uploadBytes[vm];
        if (bytes === null) return; // aborted on the way
        // A resynchronization is never done at the instant at which it was started by a mark at a cut: it has to read first.
        if (this.#states[vm]!.resync?.startMs === this.#nowMs) return;
        if (command.sentShare === null) this.#feed(vm, 'transferDone', this.#nowMs, 0);
        else this.#feed(vm, 'transferFailed', this.#nowMs, bytes! * command.sentShare);
      }
    }
  }

  #instant(vm: number, when: When): number {
    if (when === 'wake') {
      const atMs = this.#wakes[vm]!.atMs;
      return atMs < HORIZON_MS ? atMs : this.#nowMs;
    }
    if (when !== 'boundary') return this.#nowMs + when;
    const { cutPhaseMs, policy } = this.#world[vm]!;
    let atMs = cutPhaseMs;
    while (atMs <= this.#nowMs) atMs += policy.copyFrequencyMs;
    return atMs;
  }

  /** Feeds every wake up to an instant; those at it only where `inclusive` (completions come first). */
  #passTo(untilMs: number, inclusive: boolean): void {
    for (let count = 0, sinceMs = this.#nowMs; ; count++) {
      if (count > 200) {
        // A small disk with much churn is marked every second: as good as any other place to stop.
        if (this.#nowMs > sinceMs) break;
        throw new Error(`wakes without end at ${this.#nowMs} ms`);
      }
      const due = this.#states.map((_, vm) => vm).sort((a, b) => this.#dueMs(a) - this.#dueMs(b))[0]!;
      const atMs = Math.max(this.#nowMs, this.#dueMs(due));
      if (atMs === Number.POSITIVE_INFINITY || atMs > untilMs || (atMs === untilMs && !inclusive)) break;
      this.#wake(due);
    }
    const dueMs = Math.min(...this.#states.map((_, vm) => this.#dueMs(vm)));
    this.#nowMs = Math.max(this.#nowMs, Math.min(untilMs, dueMs));
    for (const vm of this.#states.keys()) this.#compare(vm);
  }

  #dueMs(vm: number): number {
    return Math.min(this.#wakes[vm]!.atMs, this.#core.wakeAtMs[vm]!);
  }

  #wake(vm: number): void {
    const naive = this.#wakes[vm]!;
    const fast = { atMs: this.#core.wakeAtMs[vm]!, input: INPUT_KEYS[this.#core.wakeInput[vm]!]! };
    if (fast.input === naive.input && Math.abs(fast.atMs - naive.atMs) <= TIME_TOLERANCE_MS) {
      this.#feed(vm, fast.input, Math.max(this.#nowMs, fast.atMs, naive.atMs), 0);
      return;
    }
    // The fast core may look early whether logs have reached half a disk: nothing may change.
    const atMs = Math.max(this.#nowMs, fast.atMs);
    const before = this.#core.phase[vm];
    const marks = this.#core.markCount[vm];
    step(this.#core, vm, Input.logHalfDue, atMs);
    this.#nowMs = atMs;
    expect({ phase: this.#core.phase[vm], marks: this.#core.markCount[vm] }).toEqual({ phase: before, marks });
    expect(this.#core.effects).toMatchObject({ abort: false, upload: TransferKind.none });
    this.#compareWake(vm);
  }

  #feed(vm: number, input: InputKey, atMs: number, amountBytes: number): void {
    this.#nowMs = atMs;
    this.visited.add(`${this.#states[vm]!.phase} ${input}`);
    const naive: NaiveStep = naiveStep(this.#states[vm]!, input, atMs, amountBytes, this.#world[vm]!);
    step(this.#core, vm, Input[input], atMs, amountBytes);
    this.#states[vm] = naive.state;
    this.#wakes[vm] = naive.wake;
    const upload = naive.effects.find((effect) => effect.type === 'upload');
    if (upload !== undefined) this.#uploadBytes[vm] = upload.bytes;
    else if (naive.effects.length > 0 || input.startsWith('transfer')) this.#uploadBytes[vm] = null;
    this.#compareEffects(naive.effects);
    this.#compare(vm);
    this.#compareWake(vm);
  }

  #compareEffects(naive: readonly NaiveEffect[]): void {
    const { effects } = this.#core;
    const fast: string[] = effects.abort ? ['abort'] : [];
    if (effects.upload !== TransferKind.none) fast.push(KIND_NAMES[effects.upload]);
    expect(fast).toEqual(naive.map((effect) => (effect.type === 'abort' ? 'abort' : effect.kind)));
    const upload = naive.find((effect) => effect.type === 'upload');
    if (upload === undefined) return;
    near(effects.uploadBytes, upload.bytes, 'bytes to upload');
    near(effects.uploadBytesPerMs, upload.capBytesPerMs, 'rate cap');
    near(effects.queuedAtMs, upload.queuedAtMs, 'queued at');
  }

  #compareWake(vm: number): void {
    const naive = this.#wakes[vm]!;
    const fast = { atMs: this.#core.wakeAtMs[vm]!, input: INPUT_KEYS[this.#core.wakeInput[vm]!]! };
    const early = fast.input === 'logHalfDue' && fast.atMs < naive.atMs;
    if (naive.atMs > HORIZON_MS && fast.atMs > HORIZON_MS) return;
    if (early) return;
    if (Math.abs(fast.atMs - naive.atMs) > TIME_TOLERANCE_MS || fast.input !== naive.input) {
      throw new Error(
        `wake of VM ${vm} at ${this.#nowMs}: core ${fast.input} at ${fast.atMs}, twin ${naive.input} at ${naive.atMs}`,
      );
    }
  }

  #compare(vm: number): void {
    const [core, state, world, nowMs] = [this.#core, this.#states[vm]!, this.#world[vm]!, this.#nowMs];
    const protectedNow = state.protectedMs !== null;
    expect({
      phase: PHASE_KEYS[core.phase[vm]!],
      attempts: core.attempt[vm],
      completed: core.completedCycles[vm],
      missed: core.missedCycles[vm],
      failed: core.failedCycles[vm],
      marks: core.markCount[vm],
      tracked: core.tracked[vm] === 1,
      pending: core.resyncPending[vm] === 1,
      recoveryPointMs: protectedNow ? core.recoveryPointAtMs[vm] : null,
      protectedMs: orNull(core.protectedAtMs[vm]!),
      initialEndMs: orNull(core.seededAtMs[vm]!),
      firstFailureMs: orNull(core.firstFailureAtMs[vm]!),
    }).toEqual({
      phase: state.phase,
      attempts: state.attempts,
      completed: state.completed,
      missed: state.missed,
      failed: state.failedSets,
      marks: state.marks,
      tracked: state.disks[0]!.openFrom !== null,
      pending: state.markPending,
      recoveryPointMs: protectedNow ? state.recoveryPointMs : null,
      protectedMs: state.protectedMs,
      initialEndMs: state.initialEndMs,
      firstFailureMs: state.firstFailureMs,
    });
    let snapshotBytes = 0;
    for (const index of world.vm.disks.keys()) {
      const disk = core.firstDisk[vm]! + index;
      const naive = state.disks[index]!;
      const writtenBytes = world.written(index, nowMs);
      const tracked = core.tracked[vm] === 1;
      const fast = {
        inFlight: core.inFlightBytes[disk],
        open: tracked ? writtenBytes - core.openFromBytes[disk]! : 0,
        fileBytes: diskLogBytes(core, vm, disk, nowMs),
        delivered: core.deliveredBytes[disk],
        dropped: core.droppedBytes[disk],
        untracked: core.untrackedBytes[disk]! + (tracked ? 0 : writtenBytes - core.untrackedFromBytes[disk]!),
      };
      const twin = {
        inFlight: naive.inFlight === null ? 0 : naive.inFlight.to - naive.inFlight.from,
        open: naiveOpenWritten(state, index, nowMs, world),
        fileBytes: naiveDiskLogBytes(state, index, nowMs, world),
        delivered: naive.delivered,
        dropped: naive.dropped,
        untracked: naiveUntracked(state, index, nowMs, world),
      };
      expect(fast).toEqual(twin);
      // The conservation law.
      expect(twin.delivered + twin.inFlight + twin.open + twin.dropped + twin.untracked).toBe(writtenBytes);
      snapshotBytes += diskSnapshotBytes(core, disk, nowMs);
    }
    expect(snapshotBytes).toBe(naiveSnapshotBytes(state, nowMs, world));
  }
}

function orNull(ms: number): number | null {
  return ms === -1 ? null : ms;
}

function near(fast: number | undefined, naive: number, what: string): void {
  if (fast === naive) return;
  const tolerance = 1e-9 * Math.max(1, Math.abs(naive));
  if (!(Math.abs(fast! - naive) <= tolerance)) throw new Error(`${what}: core ${fast}, twin ${naive}`);
}

const when: fc.Arbitrary<When> = fc.oneof(
  fc.constantFrom<When>(0, 'wake', 'boundary'),
  fc.integer({ min: 1, max: 40_000 }),
  fc.double({ min: 0.001, max: 3_000_000, noNaN: true }),
);

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ type: fc.constant('protect'), vm: fc.nat({ max: 1 }), adopt: fc.boolean() }) },
  { weight: 4, arbitrary: fc.constant<Command>({ type: 'wake' }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('pass'),
      ms: fc.oneof(fc.nat({ max: 90_000 }), fc.nat({ max: 4_000_000 })),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('answer'),
      vm: fc.nat({ max: 1 }),
      when,
      sentShare: fc.oneof(
        { weight: 3, arbitrary: fc.constant(null) },
        { weight: 1, arbitrary: fc.constantFrom(0, 1) },
        { weight: 1, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
      ),
    }),
  },
) as fc.Arbitrary<Command>;

describe('the naive twin and the core', () => {
  it('agree after every input of random lives', () => {
    const visited = new Set<string>();
    fc.assert(
      fc.property(
        coreCase,
        fc.array(command, { minLength: 5, maxLength: 60 }),
        fc.boolean(),
        (made, commands, adopt) => {
          const pair = new Pair(made);
          pair.run({ type: 'protect', vm: 0, adopt });
          for (const each of commands) pair.run(each);
          for (const pairVisited of pair.visited) visited.add(pairVisited);
        },
      ),
      { numRuns: Number(process.env.TWIN_RUNS ?? 1200), seed: Number(process.env.TWIN_SEED ?? 20_261_123) },
    );
    // The lives come to everything that the lifecycle's table lists.
    const listed = PHASE_KEYS.flatMap((phase) => Object.keys(LIFECYCLE[phase]).map((input) => `${phase} ${input}`));
    expect([...visited].sort()).toEqual(listed.sort());
  });
});

describe('the naive writes and the churn integral', () => {
  it('agree to the byte, but for what the last bits of a double say', () => {
    fc.assert(
      fc.property(
        anyChurn,
        fc.array(fc.oneof(fc.nat({ max: 50_000_000 }), fc.double({ min: 0, max: 5e7, noNaN: true })), { minLength: 1 }),
        (churn, instants) => {
          const fast = new ChurnIntegral([churn], 0);
          for (const atMs of instants) {
            const written = fast.writtenBytes(0, atMs);
            expect(Math.abs(written - naiveWritten(churn, atMs))).toBeLessThanOrEqual(1);
          }
        },
      ),
      { numRuns: 300, seed: 7 },
    );
  });

  it('reach a number of bytes at the same instant, and never before the bound', () => {
    fc.assert(
      fc.property(
        anyChurn,
        fc.integer({ min: 1, max: 20_000_000 }),
        fc.nat({ max: 3_000_000 }),
        (churn, bytes, nowMs) => {
          const fast = new ChurnIntegral([churn], 0);
          const reachedMs = fast.reachedAtMs(0, bytes);
          const naiveMs = naiveWrites([churn]).reachedAtMs(0, bytes);
          const boundMs = fast.notReachedBeforeMs(0, bytes, nowMs, fast.writtenBytes(0, nowMs));
          if (naiveMs === Number.POSITIVE_INFINITY) {
            expect(reachedMs).toBeGreaterThan(1e10);
            return;
          }
          // The twin's floor forgives a millionth of a byte, at a slow rate that is a while: compare the bytes.
          const forgivenBytes = 2e-6 + bytes * 1e-11;
          expect(reachedMs).toBeGreaterThanOrEqual(naiveMs - TIME_TOLERANCE_MS);
          expect(naiveIntegral(churn, reachedMs) - bytes).toBeLessThanOrEqual(forgivenBytes + 1e-6 * bytes);
          expect(naiveIntegral(churn, reachedMs) - naiveIntegral(churn, naiveMs)).toBeLessThanOrEqual(forgivenBytes);
          expect(fast.writtenBytes(0, reachedMs)).toBeGreaterThanOrEqual(bytes);
          if (fast.writtenBytes(0, nowMs) < bytes) expect(boundMs).toBeLessThanOrEqual(reachedMs);
        },
      ),
      { numRuns: 300, seed: 8 },
    );
  });
});
