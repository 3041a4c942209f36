/**
 * The naive twin of the replication core: one immutable object per VM, one per disk, slow and obvious. Written from the
 * semantics (numbers in brackets), the readings of decision 2 (R numbers) and the host's contract in
 * `src/replication/README.md` alone. It shares with the core the names of phases and inputs and nothing else.
 */
import type { Span } from '../../src/model/clock.ts';
import type { Policy } from '../../src/model/policy.ts';
import type { Disk, Vm } from '../../src/model/workload.ts';
import { Input, type InputKey, LIFECYCLE, type PhaseKey } from '../../src/replication/lifecycle.ts';

export interface NaiveWorld {
  readonly vm: Vm;
  readonly policy: Policy;
  readonly cutPhaseMs: number;
  readonly resyncSpans: readonly Span[];
  /** Whole bytes written to a disk of the VM (in the order of its rows) from the run's start to an instant. */
  readonly written: (disk: number, atMs: number) => number;
}

export interface NaiveDisk {
  /** Written bytes (since the run's start) at which the open log began; `null` while nothing is tracked. */
  readonly openFrom: number | null;
  readonly inFlight: { readonly from: number; readonly to: number } | null;
  /** Written bytes at which tracking stopped (or the run began); `null` while it is on. */
  readonly untrackedFrom: number | null;
  readonly delivered: number;
  readonly dropped: number;
  readonly untracked: number;
}

export interface NaiveVm {
  readonly phase: PhaseKey;
  readonly disks: readonly NaiveDisk[];
  /** Failed attempts in a row. */
  readonly attempts: number;
  readonly dueMs: number;
  readonly snapshotMs: number | null;
  readonly snapshotFrozenMs: number | null;
  readonly snapshotDeleted: boolean;
  /** Place in the order of names of the disk that is being sent, and what of it has arrived for good. */
  readonly diskTurn: number;
  readonly diskArrivedBytes: number;
  readonly initialEndMs: number | null;
  readonly protectedMs: number | null;
  readonly firstDeltaMs: number | null;
  readonly firstFailureMs: number | null;
  readonly recoveryPointMs: number | null;
  readonly cutMs: number | null;
  readonly lastCutMs: number;
  readonly resync: {
    readonly startMs: number;
    readonly wireBytes: number;
    readonly keptBytes: number;
    readonly capBytesPerMs: number;
  } | null;
  /** Marked while initial replication goes on to its end. */
  readonly markPending: boolean;
  readonly completed: number;
  readonly missed: number;
  /** Failed attempts of sets of logs, and of everything. */
  readonly failedSets: number;
  readonly failed: number;
  readonly marks: number;
}

export type NaiveEffect =
  | { readonly type: 'abort' }
  | {
      readonly type: 'upload';
      readonly kind: 'initial' | 'delta' | 'resync';
      readonly bytes: number;
      readonly capBytesPerMs: number;
      readonly queuedAtMs: number;
    };

export interface NaiveWake {
  readonly atMs: number;
  readonly input: InputKey | null;
}

export interface NaiveStep {
  readonly state: NaiveVm;
  readonly effects: readonly NaiveEffect[];
  readonly wake: NaiveWake;
}

const FAR_MS = 1e10;

export function naiveVm(vm: Vm): NaiveVm {
  return {
    phase: 'unprotected',
    disks: vm.disks.map(() => ({
      openFrom: null,
      inFlight: null,
      untrackedFrom: 0,
      delivered: 0,
      dropped: 0,
      untracked: 0,
    })),
    attempts: 0,
    dueMs: Number.POSITIVE_INFINITY,
    snapshotMs: null,
    snapshotFrozenMs: null,
    snapshotDeleted: false,
    diskTurn: 0,
    diskArrivedBytes: 0,
    initialEndMs: null,
    protectedMs: null,
    firstDeltaMs: null,
    firstFailureMs: null,
    recoveryPointMs: null,
    cutMs: null,
    lastCutMs: Number.NEGATIVE_INFINITY,
    resync: null,
    markPending: false,
    completed: 0,
    missed: 0,
    failedSets: 0,
    failed: 0,
    marks: 0,
  };
}

export function naiveStep(
  before: NaiveVm,
  input: InputKey,
  nowMs: number,
  amountBytes: number,
  world: NaiveWorld,
): NaiveStep {
  const allowed = LIFECYCLE[before.phase][input];
  if (allowed === undefined) throw new Error(`${input} cannot happen in ${before.phase}`);
  const [state, effects] = happen(before, input, nowMs, amountBytes, world);
  return { state, effects, wake: naiveWake(state, nowMs, world) };
}

type Outcome = readonly [NaiveVm, readonly NaiveEffect[]];

function happen(vm: NaiveVm, input: InputKey, nowMs: number, amountBytes: number, world: NaiveWorld): Outcome {
  const { rules } = world.policy;
  switch (input) {
    case 'enabled':
      return [{ ...vm, phase: 'enabling', dueMs: nowMs + rules.enableMs }, []];
    case 'adopted': // [6] protected with the recovery point now and empty logs
      return [
        { ...startTracking(vm, nowMs, world), phase: 'tracking', recoveryPointMs: nowMs, protectedMs: nowMs },
        [],
      ];
    case 'enableDone': {
      // [7] a snapshot is taken, the first disk is sent
      const seeding: NaiveVm = { ...startTracking(vm, nowMs, world), phase: 'seeding', snapshotMs: nowMs };
      return [seeding, [uploadDisk(seeding, world)]];
    }
    case 'transferDone':
      return transferDone(vm, nowMs, world);
    case 'transferFailed':
      return transferFailed(vm, nowMs, amountBytes, world);
    case 'retryDue':
      if (vm.phase === 'seedingBackoff') return [{ ...vm, phase: 'seeding' }, [uploadDisk(vm, world)]];
      if (vm.phase === 'sendingBackoff') return [{ ...vm, phase: 'sending' }, [uploadSet(vm, world)]];
      return [{ ...vm, phase: 'resyncing' }, [uploadResync(vm)]];
    case 'mergeDone': // [9] the snapshot's space is given back, Finalize protection begins
      return [{ ...vm, phase: 'finalizing', snapshotDeleted: true, dueMs: nowMs + rules.finalizeMs }, []];
    case 'finalizeDone': {
      // [9] [14] protected, with the snapshot's instant as recovery point; R9: a mark during it waits for its window from here.
      const done: NaiveVm = { ...vm, protectedMs: nowMs, recoveryPointMs: vm.snapshotMs };
      if (vm.markPending) return [{ ...done, markPending: false, phase: 'resyncMarked' }, []];
      return [{ ...done, phase: 'tracking' }, []];
    }
    case 'intervalElapsed': {
      // [12] the open log of every disk becomes the in-flight one, a new one starts
      const disks = vm.disks.map((disk, index): NaiveDisk => {
        const written = world.written(index, nowMs);
        return { ...disk, inFlight: { from: disk.openFrom!, to: written }, openFrom: written };
      });
      const cut: NaiveVm = { ...vm, disks, phase: 'sending', cutMs: nowMs, lastCutMs: nowMs };
      return [cut, [uploadSet(cut, world)]];
    }
    case 'logHalfDue':
      return isHalfReached(vm, nowMs, world) ? mark(vm, nowMs, world) : [vm, []];
    case 'windowOpened':
      return startResync(vm, nowMs, world);
  }
}

function transferDone(vm: NaiveVm, nowMs: number, world: NaiveWorld): Outcome {
  if (vm.phase === 'seeding') {
    const turn = vm.diskTurn + 1;
    const next: NaiveVm = { ...vm, attempts: 0, diskTurn: turn, diskArrivedBytes: 0 }; // R5
    if (turn < world.vm.disks.length) return [next, [uploadDisk(next, world)]]; // [7] one by one
    const frozen: NaiveVm = { ...next, phase: 'merging', initialEndMs: nowMs, snapshotFrozenMs: nowMs }; // R8
    const mergeMs = (naiveSnapshotBytes(frozen, nowMs, world) / world.policy.rules.mergeBytesPerSec) * 1000;
    return [{ ...frozen, dueMs: nowMs + mergeMs }, []];
  }
  if (vm.phase === 'sending') {
    const disks = vm.disks.map(
      (disk): NaiveDisk => ({
        ...disk,
        delivered: disk.delivered + (disk.inFlight!.to - disk.inFlight!.from),
        inFlight: null,
      }),
    );
    return [
      {
        ...vm,
        disks,
        phase: 'tracking',
        attempts: 0,
        recoveryPointMs: vm.cutMs, // [14]
        firstDeltaMs: vm.firstDeltaMs ?? nowMs,
        completed: vm.completed + 1,
        missed: vm.missed + boundariesBetween(vm.cutMs!, nowMs, world, false),
        cutMs: null,
      },
      [],
    ];
  }
  // [14] [26] after a resynchronization: its start
  return [{ ...vm, phase: 'tracking', attempts: 0, recoveryPointMs: vm.resync!.startMs, resync: null }, []];
}

function transferFailed(vm: NaiveVm, nowMs: number, sentBytes: number, world: NaiveWorld): Outcome {
  const { chunkBytes, retryLadderMs } = world.policy.rules;
  const attempts = vm.attempts + 1;
  const gapMs = retryLadderMs[Math.min(attempts, retryLadderMs.length) - 1]!; // [20]
  const failed: NaiveVm = {
    ...vm,
    attempts,
    dueMs: nowMs + gapMs,
    failed: vm.failed + 1,
    failedSets: vm.failedSets + (vm.phase === 'sending' ? 1 : 0),
    firstFailureMs: vm.firstFailureMs ?? nowMs,
  };
  if (vm.phase === 'seeding') {
    // [10] R7: from the last whole chunk of the disk
    const arrived = vm.diskArrivedBytes + sentBytes / world.policy.compressionRatio;
    return [{ ...failed, phase: 'seedingBackoff', diskArrivedBytes: wholeChunks(arrived, chunkBytes) }, []];
  }
  if (vm.phase === 'sending') return [{ ...failed, phase: 'sendingBackoff' }, []]; // [16] again from its beginning
  // R11
  const keptBytes = wholeChunks(vm.resync!.keptBytes + sentBytes, chunkBytes);
  return [{ ...failed, phase: 'resyncBackoff', resync: { ...vm.resync!, keptBytes } }, []];
}

/** [23] Logs of all disks are dropped, nothing is tracked from now on. */
function mark(vm: NaiveVm, nowMs: number, world: NaiveWorld): Outcome {
  const disks = vm.disks.map((disk, index): NaiveDisk => {
    const written = world.written(index, nowMs);
    const open = written - disk.openFrom!;
    const inFlight = disk.inFlight === null ? 0 : disk.inFlight.to - disk.inFlight.from;
    return {
      ...disk,
      openFrom: null,
      inFlight: null,
      dropped: disk.dropped + open + inFlight,
      untrackedFrom: written,
    };
  });
  const marked: NaiveVm = { ...vm, disks, marks: vm.marks + 1 };
  if (['seeding', 'seedingBackoff', 'merging', 'finalizing'].includes(vm.phase)) {
    return [{ ...marked, markPending: true }, []]; // R9
  }
  const missed = vm.cutMs === null ? 0 : boundariesBetween(vm.cutMs, nowMs, world, true); // R3
  const effects: NaiveEffect[] = vm.phase === 'sending' || vm.phase === 'resyncing' ? [{ type: 'abort' }] : [];
  return [
    { ...marked, phase: 'resyncMarked', attempts: 0, cutMs: null, resync: null, missed: vm.missed + missed }, // R16, R17
    effects,
  ];
}

/** [25] Both disks are read in chunks; what differs is what was written since the recovery point. */
function startResync(vm: NaiveVm, nowMs: number, world: NaiveWorld): Outcome {
  const { chunkBytes, checksumBytes, compareBytesPerSec } = world.policy.rules;
  let wireBytes = 0;
  let readMs = 0;
  for (const [index, disk] of world.vm.disks.entries()) {
    const chunks = Math.ceil(disk.sizeBytes / chunkBytes);
    const writtenSince = world.written(index, nowMs) - world.written(index, vm.recoveryPointMs!);
    const differing = Math.min(chunks, Math.ceil(naiveDistinctBytes(disk, writtenSince) / chunkBytes)); // R12
    wireBytes += chunks * checksumBytes + differing * chunkBytes * world.policy.compressionRatio;
    readMs = Math.max(readMs, (disk.sizeBytes / compareBytesPerSec) * 1000); // R10
  }
  const resyncing: NaiveVm = {
    ...startTracking(vm, nowMs, world),
    phase: 'resyncing',
    resync: { startMs: nowMs, wireBytes, keptBytes: 0, capBytesPerMs: wireBytes / readMs },
  };
  return [resyncing, [uploadResync(resyncing)]];
}

function startTracking(vm: NaiveVm, nowMs: number, world: NaiveWorld): NaiveVm {
  const disks = vm.disks.map((disk, index): NaiveDisk => {
    const written = world.written(index, nowMs);
    return {
      ...disk,
      openFrom: written,
      untracked: disk.untracked + (written - disk.untrackedFrom!),
      untrackedFrom: null,
    };
  });
  return { ...vm, disks };
}

function uploadDisk(vm: NaiveVm, world: NaiveWorld): NaiveEffect {
  const disk = byName(world.vm.disks)[vm.diskTurn]!;
  const bytes = (disk.usedBytes - vm.diskArrivedBytes) * world.policy.compressionRatio;
  return {
    type: 'upload',
    kind: 'initial',
    bytes,
    capBytesPerMs: Number.POSITIVE_INFINITY,
    queuedAtMs: vm.snapshotMs!,
  };
}

function uploadSet(vm: NaiveVm, world: NaiveWorld): NaiveEffect {
  const logBytes = vm.disks.reduce(
    (sum, disk, index) => sum + naiveLogBytes(disk.inFlight!.to - disk.inFlight!.from, world.vm.disks[index]!, world),
    0,
  );
  const bytes = logBytes * world.policy.compressionRatio;
  return { type: 'upload', kind: 'delta', bytes, capBytesPerMs: Number.POSITIVE_INFINITY, queuedAtMs: vm.cutMs! };
}

function uploadResync(vm: NaiveVm): NaiveEffect {
  const { startMs, wireBytes, keptBytes, capBytesPerMs } = vm.resync!;
  return { type: 'upload', kind: 'resync', bytes: wireBytes - keptBytes, capBytesPerMs, queuedAtMs: startMs };
}

/** The one deadline: the earliest of all that the VM waits for, in the order of the contract where they coincide. */
export function naiveWake(vm: NaiveVm, nowMs: number, world: NaiveWorld): NaiveWake {
  const waits: NaiveWake[] = [];
  if (vm.phase === 'enabling') waits.push({ atMs: vm.dueMs, input: 'enableDone' });
  if (vm.phase === 'merging') waits.push({ atMs: vm.dueMs, input: 'mergeDone' });
  if (vm.phase === 'finalizing') waits.push({ atMs: vm.dueMs, input: 'finalizeDone' });
  if (vm.phase.endsWith('Backoff')) waits.push({ atMs: vm.dueMs, input: 'retryDue' });
  if (vm.phase === 'resyncMarked') waits.push({ atMs: windowFrom(nowMs, world), input: 'windowOpened' });
  if (vm.phase === 'tracking') waits.push({ atMs: nextBoundary(vm, nowMs, world), input: 'intervalElapsed' });
  waits.push({ atMs: halfReachedMs(vm, nowMs, world), input: 'logHalfDue' });
  let first: NaiveWake = { atMs: Number.POSITIVE_INFINITY, input: null };
  for (const wait of waits) {
    const earlier = wait.atMs < first.atMs;
    const sooner = wait.atMs === first.atMs && first.input !== null && Input[wait.input!] < Input[first.input];
    if (earlier || sooner) first = wait;
  }
  return first;
}

/** [12] The first boundary, phase + k·T with k ≥ 1, at or after an instant; a boundary cuts once. */
function nextBoundary(vm: NaiveVm, nowMs: number, world: NaiveWorld): number {
  let boundaryMs = world.cutPhaseMs + world.policy.copyFrequencyMs;
  while (boundaryMs < nowMs || boundaryMs <= vm.lastCutMs) boundaryMs += world.policy.copyFrequencyMs;
  return boundaryMs;
}

function boundariesBetween(fromMs: number, toMs: number, world: NaiveWorld, inclusive: boolean): number {
  let count = 0;
  for (
    let boundaryMs = world.cutPhaseMs + world.policy.copyFrequencyMs;
    boundaryMs <= toMs;
    boundaryMs += world.policy.copyFrequencyMs
  ) {
    if (boundaryMs > fromMs && (boundaryMs < toMs || inclusive)) count++;
  }
  return count;
}

function windowFrom(nowMs: number, world: NaiveWorld): number {
  for (const span of world.resyncSpans) {
    if (nowMs < span.endMs) return Math.max(nowMs, span.startMs);
  }
  return Number.POSITIVE_INFINITY;
}

/** R4: file sizes of open and in-flight log, headers and metadata included. */
export function naiveDiskLogBytes(vm: NaiveVm, index: number, atMs: number, world: NaiveWorld): number {
  const disk = vm.disks[index]!;
  const data = world.vm.disks[index]!;
  if (disk.openFrom === null) return 0;
  const open = naiveLogBytes(world.written(index, atMs) - disk.openFrom, data, world);
  return open + (disk.inFlight === null ? 0 : naiveLogBytes(disk.inFlight.to - disk.inFlight.from, data, world));
}

function isHalfReached(vm: NaiveVm, atMs: number, world: NaiveWorld): boolean {
  return world.vm.disks.some(
    (disk, index) =>
      vm.disks[index]!.openFrom !== null &&
      naiveDiskLogBytes(vm, index, atMs, world) >= disk.sizeBytes * world.policy.rules.resyncLogRatio,
  );
}

/** [23] The first instant from now on at which a disk's logs have reached half its size: by halving a span of time. */
function halfReachedMs(vm: NaiveVm, nowMs: number, world: NaiveWorld): number {
  if (isHalfReached(vm, nowMs, world)) return nowMs;
  let beforeMs = nowMs;
  let stepMs = 1;
  while (!isHalfReached(vm, nowMs + stepMs, world)) {
    beforeMs = nowMs + stepMs;
    stepMs *= 2;
    if (stepMs > FAR_MS) return Number.POSITIVE_INFINITY;
  }
  let reachedMs = nowMs + stepMs;
  for (;;) {
    const middleMs = (beforeMs + reachedMs) / 2;
    if (middleMs <= beforeMs || middleMs >= reachedMs) return reachedMs;
    if (isHalfReached(vm, middleMs, world)) reachedMs = middleMs;
    else beforeMs = middleMs;
  }
}

/** [4] [MS-HRL] size law. */
export function naiveLogBytes(writtenBytes: number, disk: Disk, world: NaiveWorld): number {
  const { logEmptyBytes, logBlockBytes, logBlockEntries } = world.policy.rules;
  return (
    writtenBytes + logEmptyBytes + logBlockBytes * Math.ceil(writtenBytes / (logBlockEntries * disk.meanWriteBytes))
  );
}

/** [3] */
export function naiveDistinctBytes(disk: Disk, writtenBytes: number): number {
  if (disk.overwrite === undefined) return Math.min(writtenBytes, disk.sizeBytes);
  const { hotBytes: w, hotShare: h } = disk.overwrite;
  const distinct = (1 - h) * writtenBytes + (w <= 0 ? h * writtenBytes : w * (1 - Math.exp((-h * writtenBytes) / w)));
  return Math.min(distinct, writtenBytes, disk.sizeBytes);
}

/** [8] A disk's differencing disk: whole blocks of the distinct bytes since the snapshot, at most the disk's size. */
export function naiveDiskSnapshotBytes(vm: NaiveVm, index: number, atMs: number, world: NaiveWorld): number {
  if (vm.snapshotMs === null || vm.snapshotDeleted) return 0;
  const block = world.policy.rules.snapshotBlockBytes;
  const disk = world.vm.disks[index]!;
  const written = world.written(index, vm.snapshotFrozenMs ?? atMs) - world.written(index, vm.snapshotMs);
  return Math.min(disk.sizeBytes, Math.ceil(naiveDistinctBytes(disk, written) / block) * block);
}

export function naiveSnapshotBytes(vm: NaiveVm, atMs: number, world: NaiveWorld): number {
  return world.vm.disks.reduce((sum, _, index) => sum + naiveDiskSnapshotBytes(vm, index, atMs, world), 0);
}

export function naiveOpenWritten(vm: NaiveVm, index: number, atMs: number, world: NaiveWorld): number {
  const from = vm.disks[index]!.openFrom;
  return from === null ? 0 : world.written(index, atMs) - from;
}

export function naiveUntracked(vm: NaiveVm, index: number, atMs: number, world: NaiveWorld): number {
  const disk = vm.disks[index]!;
  return disk.untracked + (disk.untrackedFrom === null ? 0 : world.written(index, atMs) - disk.untrackedFrom);
}

/** R2: worked on in the order of their names, by UTF-16 code unit. */
export function byName<Named extends { readonly name: string }>(things: readonly Named[]): Named[] {
  return [...things].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function wholeChunks(bytes: number, chunkBytes: number): number {
  return Math.floor(bytes / chunkBytes + 1e-9) * chunkBytes;
}
