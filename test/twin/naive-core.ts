/**
 * The naive twin of the replication core: one immutable object per VM, one per disk, slow and obvious. Written from the
 * semantics (numbers in brackets), the readings of decisions 2 and 5 (R numbers) and the host's contract in
 * `src/replication/README.md` alone. It shares with the core the names of phases and inputs and nothing else.
 */
import { CAUSES, causeOf } from '../../src/model/cause.ts';
import type { Span } from '../../src/model/clock.ts';
import { type Policy, type ReplicationSettings, settingsOf } from '../../src/model/policy.ts';
import { SCENARIOS } from '../../src/model/scenario.ts';
import type { Disk, Vm } from '../../src/model/workload.ts';
import { Input, type InputKey, LIFECYCLE, type PhaseKey } from '../../src/replication/lifecycle.ts';

const HOUR_MS = 3_600_000;

export interface NaiveWorld {
  readonly vm: Vm;
  readonly policy: Policy;
  readonly cutPhaseMs: number;
  readonly resyncSpans: readonly Span[];
  /** Whole bytes written to a disk of the VM (in the order of its rows) from the run's start to an instant. */
  readonly written: (disk: number, atMs: number) => number;
  /** R26: what was written to each disk between the copy that an existing replica VM is and the run's start. */
  readonly existingWrittenBytes?: readonly number[];
}

export interface NaiveDisk {
  /** Written bytes (since the run's start) at which the open log began; `null` while there is none. */
  readonly openFrom: number | null;
  /** Written bytes at which the guest left for its replica: the open log stays as it is; `null` while it grows. */
  readonly openTo: number | null;
  readonly inFlight: { readonly from: number; readonly to: number } | null;
  /** Written bytes at which tracking stopped (or the run began); `null` while there are logs. */
  readonly untrackedFrom: number | null;
  readonly delivered: number;
  readonly dropped: number;
  readonly untracked: number;
}

export interface NaivePoint {
  readonly atMs: number;
  readonly appConsistent: boolean;
  /** Written bytes of each disk that it holds. */
  readonly written: readonly number[];
}

export interface NaiveVm {
  readonly phase: PhaseKey;
  readonly disks: readonly NaiveDisk[];
  /** Failed attempts in a row. */
  readonly attempts: number;
  readonly dueMs: number;
  /** Code of the last error, or of what marked the VM last; 0 = none yet. */
  readonly cause: number;
  readonly markCause: number;
  readonly snapshotMs: number | null;
  readonly snapshotFrozenMs: number | null;
  readonly snapshotDeleted: boolean;
  /** Place in the order of names of the disk that is being sent, and what of it has arrived for good. */
  readonly diskTurn: number;
  readonly diskArrivedBytes: number;
  readonly initialEndMs: number | null;
  /** R24: exported media are on their way, or being written; `importMs` is known once the export is done. */
  readonly mediaTravel: boolean;
  readonly importMs: number | null;
  readonly protectedMs: number | null;
  readonly firstDeltaMs: number | null;
  readonly firstFailureMs: number | null;
  readonly recoveryPointMs: number | null;
  /** What the target's disks stand at; it becomes the recovery point where the VM is protected. `null` = no whole copy yet. */
  readonly replica: { readonly atMs: number | null; readonly written: readonly number[] };
  readonly cutMs: number | null;
  readonly lastCutMs: number;
  readonly resync: {
    readonly startMs: number;
    readonly written: readonly number[];
    readonly wireBytes: number;
    readonly keptBytes: number;
    readonly capBytesPerMs: number;
  } | null;
  /** R26: Finalize protection follows the resynchronization. */
  readonly resyncOntoExisting: boolean;
  /** Marked while initial replication goes on to its end. */
  readonly markPending: boolean;
  /** Where a pause or a non-recoverable error leads back to. */
  readonly leftPhase: 'seeding' | 'tracking' | 'sending' | 'resyncMarked' | 'resyncing' | null;
  /** R28: the fix of the error leads to a mark. */
  readonly markAtFix: boolean;
  readonly testing: boolean;
  /** R37: replication runs back. */
  readonly reversed: boolean;
  /** The set in flight of a planned failover is the last one. */
  readonly finalSet: boolean;
  /** R38: when the resynchronization is done, the guest stops and the last changes follow. */
  readonly failback: boolean;
  readonly failover: {
    readonly planned: boolean;
    readonly atMs: number;
    /** Written bytes of each disk then: what comes after is written at the target. */
    readonly written: readonly number[];
    /** R35: cancelling leads to a mark: one that was counted already, or the one that the fix of an error would have brought. */
    readonly markAtCancel: 'none' | 'again' | 'new';
  } | null;
  /** R31: an existing replica VM was one of an earlier protection. */
  readonly endedBefore: boolean;
  readonly points: readonly NaivePoint[];
  /** R39: from when the hours, and the app-consistent intervals, of kept points count. */
  readonly keptFromMs: number;
  readonly appBaseMs: number;
  readonly appKeptMs: number;
  readonly completed: number;
  readonly missed: number;
  /** Failed attempts of sets of logs, and of everything. */
  readonly failedSets: number;
  readonly failed: number;
  readonly marks: number;
  readonly resyncStarts: number;
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

/** What the host does with the guest; `start` is where it now belongs. */
export type NaiveGuest = 'none' | 'stop' | 'start';

export interface NaiveWake {
  readonly atMs: number;
  readonly input: InputKey | null;
}

export interface NaiveStep {
  readonly state: NaiveVm;
  readonly effects: readonly NaiveEffect[];
  readonly guest: NaiveGuest;
  readonly wake: NaiveWake;
}

const FAR_MS = 1e10;

const ABORT: NaiveEffect = { type: 'abort' };

export function naiveVm(vm: Vm): NaiveVm {
  return {
    phase: 'unprotected',
    disks: vm.disks.map(() => ({
      openFrom: null,
      openTo: null,
      inFlight: null,
      untrackedFrom: 0,
      delivered: 0,
      dropped: 0,
      untracked: 0,
    })),
    attempts: 0,
    dueMs: Number.POSITIVE_INFINITY,
    cause: 0,
    markCause: 0,
    snapshotMs: null,
    snapshotFrozenMs: null,
    snapshotDeleted: false,
    diskTurn: 0,
    diskArrivedBytes: 0,
    initialEndMs: null,
    mediaTravel: false,
    importMs: null,
    protectedMs: null,
    firstDeltaMs: null,
    firstFailureMs: null,
    recoveryPointMs: null,
    replica: { atMs: null, written: vm.disks.map(() => 0) },
    cutMs: null,
    lastCutMs: Number.NEGATIVE_INFINITY,
    resync: null,
    resyncOntoExisting: false,
    markPending: false,
    leftPhase: null,
    markAtFix: false,
    testing: false,
    reversed: false,
    finalSet: false,
    failback: false,
    failover: null,
    endedBefore: false,
    points: [],
    keptFromMs: 0,
    appBaseMs: 0,
    appKeptMs: 0,
    completed: 0,
    missed: 0,
    failedSets: 0,
    failed: 0,
    marks: 0,
    resyncStarts: 0,
  };
}

/** @param cause code of `model/cause.ts`; counts with `transferFailed`, `fatalError` and `resyncRequired` */
export function naiveStep(
  before: NaiveVm,
  input: InputKey,
  nowMs: number,
  amountBytes: number,
  world: NaiveWorld,
  cause: number = 0,
): NaiveStep {
  const allowed = LIFECYCLE[before.phase][input];
  if (allowed === undefined) throw new Error(`${input} cannot happen in ${before.phase}`);
  const [state, effects, guest = 'none'] = happen(before, input, nowMs, amountBytes, world, cause);
  if (!allowed.includes(state.phase)) throw new Error(`${input} must not lead from ${before.phase} to ${state.phase}`);
  return { state, effects, guest, wake: naiveWake(state, nowMs, world) };
}

/** R21: whether a fault or an administrator's input cannot be fed to the VM as it is. */
export function naiveRefusal(vm: NaiveVm, input: InputKey, world: NaiveWorld): boolean {
  if (LIFECYCLE[vm.phase][input] === undefined) return true;
  const runsAtAzure = SCENARIOS[world.policy.scenario].target === 'azure' && !vm.reversed;
  switch (input) {
    case 'resyncRequested': // R30: before protection (while paused, Critical or resynchronizing the table has none)
      return vm.protectedMs === null;
    case 'testFailoverStarted': // R32: a resynchronization that an error interrupted has not ended
      return vm.recoveryPointMs === null || vm.testing || vm.resync !== null;
    case 'testFailoverCleanedUp':
      return !vm.testing;
    case 'plannedFailover':
      if (vm.phase === 'committed') return !runsAtAzure; // R38: the failback from Azure
      return vm.protectedMs === null || vm.testing; // R33
    case 'unplannedFailover': // R34: from Azure only the planned way back
      if (SCENARIOS[world.policy.scenario].target === 'azure' && vm.reversed) return true;
      return vm.recoveryPointMs === null || vm.testing;
    case 'reversed':
    case 'reversedInFull':
      return runsAtAzure; // R38
    default:
      return false;
  }
}

type Outcome = readonly [NaiveVm, readonly NaiveEffect[], NaiveGuest?];

function happen(
  vm: NaiveVm,
  input: InputKey,
  nowMs: number,
  amountBytes: number,
  world: NaiveWorld,
  cause: number,
): Outcome {
  const { rules } = world.policy;
  switch (input) {
    case 'enabled':
      return [{ ...vm, phase: 'enabling', dueMs: nowMs + rules.enableMs }, []];
    case 'adopted': {
      // [6] protected with the recovery point now and empty logs
      const tracking: NaiveVm = {
        ...startTracking(vm, nowMs, world),
        phase: 'tracking',
        replica: { atMs: nowMs, written: writtenNow(nowMs, world) },
      };
      return [protect(tracking, nowMs), []];
    }
    case 'enableDone': {
      // R23: once Enable protection is done and its start time has not come, it waits
      const { startAtMs } = own(world).initialReplication;
      if (startAtMs > nowMs) return [{ ...vm, phase: 'awaitingStart', dueMs: startAtMs }, []];
      return beginInitial(vm, nowMs, world);
    }
    case 'startDue':
      return beginInitial(vm, nowMs, world);
    case 'exportDone': {
      // R24: the media are imported shippingMs and the time of Finalize protection after the export's end
      const importMs = nowMs + own(world).initialReplication.shippingMs + rules.finalizeMs;
      return beginMerge({ ...vm, importMs }, nowMs, world);
    }
    case 'mediaImported': {
      // [9] only now the last disk has arrived
      const imported: NaiveVm = { ...vm, mediaTravel: false, importMs: null, initialEndMs: nowMs };
      if (vm.phase === 'merging') return [imported, []]; // R24: on as after a network copy
      // R24, R25: the recovery point is the last set that had arrived, else the snapshot's instant
      const done = protect(imported, nowMs);
      return [vm.phase === 'awaitingMedia' ? { ...done, phase: 'resyncMarked' } : done, []];
    }
    case 'transferDone':
      return transferDone(vm, nowMs, world);
    case 'transferFailed':
      return transferFailed(vm, nowMs, amountBytes, world, cause);
    case 'fatalError': {
      // R28: in Enable protection the error ends the job
      if (vm.phase === 'enabling') return [{ ...vm, phase: 'unprotected', cause }, []];
      const markAtFix = causeOf(cause)?.resyncAfterFix === true;
      const left = breakOff(vm, amountBytes, world);
      const goesOn = vm.phase === 'sendingLast' ? 'start' : 'none';
      // A planned failover whose guest is off has failed; the resynchronization of a failback goes on after the fix (R38).
      return [{ ...left, phase: 'critical', cause, markAtFix, finalSet: false }, abortOf(vm), goesOn];
    }
    case 'resyncRequired': // R29
      return mark(vm, nowMs, world, cause);
    case 'disabled':
      return endProtection(vm, nowMs, world);
    case 'paused': {
      const left = breakOff(vm, amountBytes, world);
      return [{ ...left, phase: vm.phase.startsWith('resync') ? 'resyncPaused' : 'paused' }, abortOf(vm)];
    }
    case 'resumed':
      return leadBack(vm, world);
    case 'fixed': {
      // R28: a broken chain and an invalid replica state lead to a mark; logs are dropped at the fix.
      const [marked] = vm.markAtFix ? mark(vm, nowMs, world, CAUSES.repaired.code) : [vm];
      return leadBack({ ...marked, markAtFix: false }, world);
    }
    case 'resyncRequested': {
      // R30: at once; what was in the logs is dropped, new ones are opened. It counts as a mark, but not a second time on a VM
      // that is marked already (R29).
      const dropped = dropSet(dropLogs(vm, nowMs, world), nowMs, world, true);
      const marked = { marks: vm.marks + 1, markCause: CAUSES.resyncByHand.code };
      const asked: NaiveVm = { ...dropped, attempts: 0, ...(isTracked(vm) ? marked : {}) };
      const [resyncing, uploads] = startResync(asked, nowMs, world);
      return [resyncing, [...abortOf(vm), ...uploads]];
    }
    case 'testFailoverStarted':
      return [{ ...vm, testing: true }, []];
    case 'testFailoverCleanedUp':
      return [{ ...vm, testing: false }, []];
    case 'plannedFailover':
      return plannedFailover(vm, nowMs, world);
    case 'unplannedFailover': {
      // R34: it ends whatever runs at the primary; the logs stay as they are until commit. Where the host has the guest off, it
      // sees from the phase that the guest now belongs to the target; the core speaks only of a guest that it has stopped.
      const markAtCancel = !isTracked(vm) || vm.resync !== null ? 'again' : vm.markAtFix ? 'new' : 'none';
      return [
        failOver(vm, nowMs, world, { planned: false, atMs: nowMs, written: writtenNow(nowMs, world), markAtCancel }),
        abortOf(vm),
        vm.phase === 'sendingLast' ? 'start' : 'none',
      ];
    }
    case 'failoverCancelled':
      return cancelFailover(vm, nowMs, world);
    case 'failoverCommitted': {
      // R36, R37, R39: the recovery point is final; the VM is not protected before replication back brings another one
      const committed: NaiveVm = { ...vm, phase: 'committed', points: [], protectedMs: null };
      if (vm.failover!.planned) {
        return [{ ...committed, disks: vm.disks.map((disk): NaiveDisk => ({ ...disk, openTo: null })) }, []];
      }
      // [13] What the set in flight has missed until it was given up has been missed.
      return [dropSet(dropLogs(committed, nowMs, world), nowMs, world, false), []];
    }
    case 'reversed': {
      const turned: NaiveVm = { ...vm, reversed: !vm.reversed, attempts: 0, failover: null };
      // R37: after a planned failover whose logs tell all, at once; else a resynchronization
      if (!isTracked(vm)) return startResync(unprotect(turned), nowMs, world);
      return [turnBack(turned, vm.failover!.atMs, nowMs), []];
    }
    case 'reversedInFull': {
      const turned: NaiveVm = { ...unprotect(vm), reversed: !vm.reversed, attempts: 0, failover: null };
      return beginSeeding(isTracked(turned) ? dropLogs(turned, nowMs, world) : turned, nowMs, world);
    }
    case 'retryDue':
      if (vm.phase === 'seedingBackoff') return [{ ...vm, phase: 'seeding' }, [uploadDisk(vm, world)]];
      if (vm.phase === 'sendingBackoff') return [{ ...vm, phase: 'sending' }, [uploadSet(vm, world)]];
      return [{ ...vm, phase: 'resyncing' }, [uploadResync(vm)]];
    case 'mergeDone': {
      // [9] the snapshot's space is given back, Finalize protection begins; R24, R25: not while the media travel
      const merged: NaiveVm = { ...vm, snapshotDeleted: true };
      if (!vm.mediaTravel) return [{ ...merged, phase: 'finalizing', dueMs: nowMs + rules.finalizeMs }, []];
      if (vm.markPending) return [{ ...merged, markPending: false, phase: 'awaitingMedia' }, []];
      return [{ ...merged, phase: 'tracking' }, []];
    }
    case 'finalizeDone': {
      // [9] [14] protected, with the snapshot's instant as recovery point; R9: a mark during it waits for its window from here.
      const done = protect({ ...vm, resyncOntoExisting: false }, nowMs);
      if (vm.markPending) return [{ ...done, markPending: false, phase: 'resyncMarked' }, []];
      return [{ ...done, phase: 'tracking' }, []];
    }
    case 'intervalElapsed': {
      const cut: NaiveVm = { ...cutLogs(vm, nowMs, world), phase: 'sending' };
      return [cut, [uploadSet(cut, world)]];
    }
    case 'logHalfDue':
      return isHalfReached(vm, nowMs, world) ? mark(vm, nowMs, world, CAUSES.logsAtHalfDisk.code) : [vm, []];
    case 'windowOpened':
      return startResync(vm, nowMs, world);
  }
}

/** [11] R24, R26: over the network, by media, or onto an existing replica VM. */
function beginInitial(vm: NaiveVm, nowMs: number, world: NaiveWorld): Outcome {
  const { mode } = own(world).initialReplication;
  if (mode === 'media') {
    const usedBytes = world.vm.disks.reduce((sum, disk) => sum + disk.usedBytes, 0);
    const dueMs = nowMs + (usedBytes / world.policy.rules.exportBytesPerSec) * 1000;
    return [{ ...takeSnapshot(vm, nowMs, world), phase: 'exporting', mediaTravel: true, dueMs }, []];
  }
  if (mode === 'existing' && !vm.endedBefore) {
    const sinceCopy = world.existingWrittenBytes ?? world.vm.disks.map(() => 0);
    const replica = { atMs: null, written: sinceCopy.map((bytes) => 0 - bytes) };
    return startResync({ ...vm, replica, resyncOntoExisting: true }, nowMs, world);
  }
  return beginSeeding(vm, nowMs, world);
}

function beginSeeding(vm: NaiveVm, nowMs: number, world: NaiveWorld): Outcome {
  const seeding: NaiveVm = { ...takeSnapshot(vm, nowMs, world), phase: 'seeding' };
  return [seeding, [uploadDisk(seeding, world)]];
}

/** [7] [8] A snapshot is taken; every change is tracked from here on. */
function takeSnapshot(vm: NaiveVm, nowMs: number, world: NaiveWorld): NaiveVm {
  return {
    ...startTracking(vm, nowMs, world),
    snapshotMs: nowMs,
    snapshotFrozenMs: null,
    snapshotDeleted: false,
    diskTurn: 0,
    diskArrivedBytes: 0,
    initialEndMs: null,
    replica: { atMs: nowMs, written: writtenNow(nowMs, world) },
  };
}

/** [9] R8: the snapshot has stopped growing and is merged into its parent. */
function beginMerge(vm: NaiveVm, nowMs: number, world: NaiveWorld): Outcome {
  const frozen: NaiveVm = { ...vm, phase: 'merging', snapshotFrozenMs: nowMs };
  const mergeMs = (naiveSnapshotBytes(frozen, nowMs, world) / world.policy.rules.mergeBytesPerSec) * 1000;
  return [{ ...frozen, dueMs: nowMs + mergeMs }, []];
}

/** The VM is protected from now on; what the target stands at is its recovery point, and points are kept from here on. */
function protect(vm: NaiveVm, nowMs: number): NaiveVm {
  return {
    ...keepFrom(vm, nowMs),
    protectedMs: nowMs,
    recoveryPointMs: vm.replica.atMs,
    appBaseMs: nowMs,
    appKeptMs: nowMs,
  };
}

/** R39: the end of a resynchronization is a point to start from; the app-consistent multiples go on from protection. */
function keepFrom(vm: NaiveVm, nowMs: number): NaiveVm {
  return { ...vm, points: [], keptFromMs: nowMs };
}

function unprotect(vm: NaiveVm): NaiveVm {
  return { ...vm, protectedMs: null, recoveryPointMs: null };
}

/** R37: the VM is protected again at once; its recovery point is the failover's instant. */
function turnBack(vm: NaiveVm, failedOverMs: number, nowMs: number): NaiveVm {
  return protect({ ...vm, phase: 'tracking', replica: { ...vm.replica, atMs: failedOverMs } }, nowMs);
}

function transferDone(vm: NaiveVm, nowMs: number, world: NaiveWorld): Outcome {
  if (vm.phase === 'seeding') {
    const turn = vm.diskTurn + 1;
    const next: NaiveVm = { ...vm, attempts: 0, diskTurn: turn, diskArrivedBytes: 0 }; // R5
    if (turn < world.vm.disks.length) return [next, [uploadDisk(next, world)]]; // [7] one by one
    return beginMerge({ ...next, initialEndMs: nowMs }, nowMs, world);
  }
  if (vm.phase === 'sending') return [{ ...setArrived(vm, nowMs, world), phase: 'tracking' }, []];
  if (vm.phase === 'sendingLast') {
    const arrived = setArrived(vm, nowMs, world);
    if (!vm.finalSet) return sendLast(arrived, nowMs, world); // R33: then the open logs, at that very instant
    return [
      failOver(arrived, nowMs, world, {
        planned: true,
        atMs: nowMs,
        written: writtenNow(nowMs, world),
        markAtCancel: 'none',
      }),
      [],
      'start',
    ];
  }
  // [14] [26] after a resynchronization: its start; all recovery points are deleted
  const { startMs, written } = vm.resync!;
  const same: NaiveVm = {
    ...keepFrom(vm, nowMs),
    attempts: 0,
    replica: { atMs: startMs, written },
    resync: null,
  };
  if (vm.resyncOntoExisting) {
    return [{ ...same, phase: 'finalizing', initialEndMs: nowMs, dueMs: nowMs + world.policy.rules.finalizeMs }, []];
  }
  const back: NaiveVm = vm.protectedMs === null ? protect(same, nowMs) : { ...same, recoveryPointMs: startMs };
  if (!vm.failback) return [{ ...back, phase: 'tracking' }, []];
  const [last, uploads] = sendLast({ ...back, failback: false }, nowMs, world);
  return [last, uploads, 'stop']; // R38
}

/** [14] The whole set has arrived and been applied. */
function setArrived(vm: NaiveVm, nowMs: number, world: NaiveWorld): NaiveVm {
  const written = vm.disks.map((disk) => disk.inFlight!.to);
  const disks = vm.disks.map(
    (disk): NaiveDisk => ({
      ...disk,
      delivered: disk.delivered + (disk.inFlight!.to - disk.inFlight!.from),
      inFlight: null,
    }),
  );
  return keepPoint(
    {
      ...vm,
      disks,
      attempts: 0,
      replica: { atMs: vm.cutMs, written },
      recoveryPointMs: vm.protectedMs === null ? null : vm.cutMs, // R24: none before the import
      firstDeltaMs: vm.firstDeltaMs ?? nowMs,
      completed: vm.completed + 1,
      missed: vm.missed + boundariesBetween(vm.cutMs!, nowMs, world, false),
      cutMs: null,
    },
    vm.cutMs!,
    written,
    world,
  );
}

/** R39: hourly points, and app-consistent ones at multiples of their interval; those that are too old are merged. */
function keepPoint(vm: NaiveVm, cutMs: number, written: readonly number[], world: NaiveWorld): NaiveVm {
  const { recoveryPointHours, appConsistentHours } = own(world);
  if (recoveryPointHours <= 0 || vm.protectedMs === null) return vm;
  const multiples = (atMs: number): number => Math.floor((atMs - vm.appBaseMs) / (appConsistentHours! * HOUR_MS));
  const appConsistent = appConsistentHours !== null && multiples(cutMs) > multiples(vm.appKeptMs);
  const kept = appConsistent || cutMs - vm.keptFromMs >= HOUR_MS;
  const points = kept ? [...vm.points, { atMs: cutMs, appConsistent, written }] : vm.points;
  return {
    ...vm,
    points: points.filter((point) => point.atMs >= cutMs - recoveryPointHours * HOUR_MS),
    keptFromMs: kept ? cutMs : vm.keptFromMs,
    appKeptMs: appConsistent ? cutMs : vm.appKeptMs,
  };
}

function transferFailed(vm: NaiveVm, nowMs: number, sentBytes: number, world: NaiveWorld, cause: number): Outcome {
  const { retryLadderMs } = world.policy.rules;
  const attempts = vm.attempts + 1;
  const gapMs = retryLadderMs[Math.min(attempts, retryLadderMs.length) - 1]!; // [20]
  const failed: NaiveVm = {
    ...keepWholeChunks(vm, sentBytes, world),
    attempts,
    cause,
    dueMs: nowMs + gapMs,
    failed: vm.failed + 1,
    failedSets: vm.failedSets + (vm.phase.startsWith('sending') ? 1 : 0),
    firstFailureMs: vm.firstFailureMs ?? nowMs,
  };
  if (vm.phase === 'seeding') return [{ ...failed, phase: 'seedingBackoff' }, []];
  if (vm.phase === 'resyncing') return [{ ...failed, phase: 'resyncBackoff' }, []];
  // [16] again from its beginning; R33: a planned failover has failed, the guest starts again where it was
  const guest = vm.phase === 'sendingLast' ? 'start' : 'none';
  return [{ ...failed, phase: 'sendingBackoff', finalSet: false }, [], guest];
}

/** [10] R7, R11: whole chunks of the disk that was being sent, or of the resynchronization, are kept; of a set nothing. */
function keepWholeChunks(vm: NaiveVm, sentBytes: number, world: NaiveWorld): NaiveVm {
  const { chunkBytes } = world.policy.rules;
  if (vm.phase === 'seeding') {
    const arrived = vm.diskArrivedBytes + sentBytes / own(world).compressionRatio;
    return { ...vm, diskArrivedBytes: wholeChunks(arrived, chunkBytes) };
  }
  if (vm.phase !== 'resyncing') return vm;
  const keptBytes = wholeChunks(vm.resync!.keptBytes + sentBytes, chunkBytes);
  return { ...vm, resync: { ...vm.resync!, keptBytes } };
}

/** R27, R28: a pause or a non-recoverable error ends the transfer; what it leads back to is remembered. */
function breakOff(vm: NaiveVm, amountBytes: number, world: NaiveWorld): NaiveVm {
  const leftPhase = {
    seeding: 'seeding',
    seedingBackoff: 'seeding',
    tracking: 'tracking',
    sending: 'sending',
    sendingBackoff: 'sending',
    sendingLast: 'sending',
    resyncMarked: 'resyncMarked',
    resyncing: 'resyncing',
    resyncBackoff: 'resyncing',
  } as const satisfies Partial<Record<PhaseKey, NaiveVm['leftPhase']>>;
  return {
    ...keepWholeChunks(vm, amountBytes, world),
    attempts: 0,
    leftPhase: leftPhase[vm.phase as keyof typeof leftPhase],
  };
}

/** R27, R28: back to where it was, as a first attempt; a mark meanwhile leads to the mark. */
function leadBack(vm: NaiveVm, world: NaiveWorld): Outcome {
  const phase = vm.leftPhase!;
  const back: NaiveVm = { ...vm, phase, leftPhase: null };
  if (phase === 'seeding') return [back, [uploadDisk(back, world)]];
  if (phase === 'resyncing') return [back, [uploadResync(back)]];
  if (phase === 'sending') return [back, [uploadSet(back, world)]];
  if (phase === 'resyncMarked' && vm.mediaTravel) return [{ ...back, phase: 'awaitingMedia' }, []];
  return [back, []];
}

/** [23] R29: logs of all disks are dropped, nothing is tracked from now on; on a VM that is marked already nothing happens. */
function mark(vm: NaiveVm, nowMs: number, world: NaiveWorld, cause: number): Outcome {
  if (!isTracked(vm)) return [vm, []];
  const marked: NaiveVm = { ...dropLogs(vm, nowMs, world), marks: vm.marks + 1, markCause: cause };
  if (
    ['seeding', 'seedingBackoff', 'exporting', 'merging', 'finalizing'].includes(vm.phase) ||
    vm.leftPhase === 'seeding'
  ) {
    return [{ ...marked, markPending: true }, []]; // R9, R25
  }
  // R16, R17
  const reset: NaiveVm = {
    ...dropSet(marked, nowMs, world, true),
    attempts: 0,
    resync: null,
    finalSet: false,
  };
  if (vm.leftPhase !== null) return [{ ...reset, leftPhase: 'resyncMarked' }, []];
  if (vm.phase === 'committed') return [reset, []]; // R36
  const guest = vm.phase === 'sendingLast' ? 'start' : 'none';
  return [{ ...reset, phase: vm.mediaTravel ? 'awaitingMedia' : 'resyncMarked' }, abortOf(vm), guest];
}

/** All logs are gone; what follows is untracked from where they ended. */
function dropLogs(vm: NaiveVm, nowMs: number, world: NaiveWorld): NaiveVm {
  const disks = vm.disks.map((disk, index): NaiveDisk => {
    if (disk.openFrom === null) return disk;
    const ended = disk.openTo ?? world.written(index, nowMs);
    const inFlight = disk.inFlight === null ? 0 : disk.inFlight.to - disk.inFlight.from;
    return {
      ...disk,
      openFrom: null,
      openTo: null,
      inFlight: null,
      dropped: disk.dropped + (ended - disk.openFrom) + inFlight,
      untrackedFrom: ended,
    };
  });
  return { ...vm, disks };
}

/** R3: what the set in flight has missed when it is dropped; the boundary at the instant of a mark counts. */
function dropSet(vm: NaiveVm, nowMs: number, world: NaiveWorld, isMark: boolean): NaiveVm {
  if (vm.cutMs === null) return vm;
  return { ...vm, cutMs: null, missed: vm.missed + boundariesBetween(vm.cutMs, nowMs, world, isMark) };
}

/** R31: logs and snapshot are dropped, recovery points are gone; the guest goes on where it is. What was counted stays. */
function endProtection(vm: NaiveVm, nowMs: number, world: NaiveWorld): Outcome {
  const dropped = dropSet(dropLogs(vm, nowMs, world), nowMs, world, false);
  const ended: NaiveVm = {
    ...naiveVm(world.vm),
    disks: dropped.disks,
    cause: dropped.cause,
    markCause: dropped.markCause,
    snapshotMs: dropped.snapshotMs,
    snapshotDeleted: true,
    initialEndMs: dropped.initialEndMs,
    firstDeltaMs: dropped.firstDeltaMs,
    firstFailureMs: dropped.firstFailureMs,
    lastCutMs: dropped.lastCutMs,
    endedBefore: vm.endedBefore || !['enabling', 'awaitingStart'].includes(vm.phase),
    completed: dropped.completed,
    missed: dropped.missed,
    failedSets: dropped.failedSets,
    failed: dropped.failed,
    marks: dropped.marks,
    resyncStarts: dropped.resyncStarts,
  };
  return [ended, abortOf(vm), vm.phase === 'sendingLast' ? 'start' : 'none'];
}

/** R33: the guest stops; a set in flight arrives first. R38: from the committed state it is the failback from Azure. */
function plannedFailover(vm: NaiveVm, nowMs: number, world: NaiveWorld): Outcome {
  if (vm.phase === 'sending') return [{ ...vm, phase: 'sendingLast', finalSet: false }, [], 'stop'];
  if (vm.phase === 'tracking') {
    const [last, uploads] = sendLast(vm, nowMs, world);
    return [last, uploads, 'stop'];
  }
  const turned: NaiveVm = { ...vm, reversed: true, attempts: 0, failover: null };
  if (!isTracked(vm)) return startResync({ ...unprotect(turned), failback: true }, nowMs, world);
  const [last, uploads] = sendLast(turnBack(turned, vm.failover!.atMs, nowMs), nowMs, world);
  return [last, uploads, 'stop'];
}

/** R33: the open logs are cut at this very instant, boundary or not. */
function sendLast(vm: NaiveVm, nowMs: number, world: NaiveWorld): Outcome {
  const cut: NaiveVm = { ...cutLogs(vm, nowMs, world), phase: 'sendingLast', finalSet: true };
  return [cut, [uploadSet(cut, world)]];
}

/** The guest runs from its replica: the logs stay as they are. */
function failOver(vm: NaiveVm, nowMs: number, world: NaiveWorld, failover: NonNullable<NaiveVm['failover']>): NaiveVm {
  const disks = vm.disks.map(
    (disk, index): NaiveDisk => (disk.openFrom === null ? disk : { ...disk, openTo: world.written(index, nowMs) }),
  );
  return {
    ...vm,
    phase: 'failedOver',
    disks,
    failover,
    attempts: 0,
    resync: null,
    leftPhase: null,
    markAtFix: false,
    finalSet: false,
    failback: false,
  };
}

function cancelFailover(vm: NaiveVm, nowMs: number, world: NaiveWorld): Outcome {
  // R33: before the last set has arrived, the set goes on as it is
  if (vm.phase === 'sendingLast') return [{ ...vm, phase: 'sending', finalSet: false }, [], 'start'];
  // R35: what the guest wrote at the target counts as untracked; it is thrown away, so the replica does not differ by it
  const thrownAway = vm.failover!.written.map((bytes, index) => world.written(index, nowMs) - bytes);
  const disks = vm.disks.map((disk, index): NaiveDisk => {
    if (disk.openTo === null) return disk;
    const bytes = thrownAway[index]!;
    const { openFrom, inFlight } = disk;
    return {
      ...disk,
      openTo: null,
      openFrom: openFrom! + bytes,
      inFlight: inFlight && { from: inFlight.from + bytes, to: inFlight.to + bytes },
      untracked: disk.untracked + bytes,
    };
  });
  const moved = (written: readonly number[]): number[] => written.map((bytes, index) => bytes + thrownAway[index]!);
  const back: NaiveVm = {
    ...vm,
    disks,
    phase: 'tracking',
    failover: null,
    attempts: 0,
    replica: { ...vm.replica, written: moved(vm.replica.written) },
    points: vm.points.map((point) => ({ ...point, written: moved(point.written) })),
  };
  const { markAtCancel } = vm.failover!;
  if (markAtCancel !== 'none') {
    const [marked] = mark(back, nowMs, world, CAUSES.repaired.code);
    const counts = markAtCancel === 'new' ? {} : { marks: vm.marks, markCause: vm.markCause };
    return [{ ...marked, ...counts, phase: 'resyncMarked' }, []];
  }
  if (vm.cutMs === null) return [back, []];
  return [{ ...back, phase: 'sending' }, [uploadSet(back, world)]];
}

/** [12] The open log of every disk becomes the in-flight one, a new one starts. */
function cutLogs(vm: NaiveVm, nowMs: number, world: NaiveWorld): NaiveVm {
  const disks = vm.disks.map((disk, index): NaiveDisk => {
    const written = world.written(index, nowMs);
    return { ...disk, inFlight: { from: disk.openFrom!, to: written }, openFrom: written };
  });
  return { ...vm, disks, cutMs: nowMs, lastCutMs: nowMs };
}

/** [25] Both disks are read in chunks; what differs is what was written since the target's disks stood as they do. */
function startResync(vm: NaiveVm, nowMs: number, world: NaiveWorld): Outcome {
  const { chunkBytes, checksumBytes, compareBytesPerSec } = world.policy.rules;
  let wireBytes = 0;
  let readMs = 0;
  for (const [index, disk] of world.vm.disks.entries()) {
    const chunks = Math.ceil(disk.sizeBytes / chunkBytes);
    const writtenSince = world.written(index, nowMs) - vm.replica.written[index]!;
    const differing = Math.min(chunks, Math.ceil(naiveDistinctBytes(disk, writtenSince) / chunkBytes)); // R12
    wireBytes += chunks * checksumBytes + differing * chunkBytes * own(world).compressionRatio;
    readMs = Math.max(readMs, (disk.sizeBytes / compareBytesPerSec) * 1000); // R10
  }
  const written = writtenNow(nowMs, world);
  const resyncing: NaiveVm = {
    ...startTracking(vm, nowMs, world),
    phase: 'resyncing',
    resyncStarts: vm.resyncStarts + 1,
    resync: { startMs: nowMs, written, wireBytes, keptBytes: 0, capBytesPerMs: wireBytes / readMs },
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

/** Whether there are logs, open ones and perhaps some in flight. */
function isTracked(vm: NaiveVm): boolean {
  return vm.disks[0]!.openFrom !== null;
}

/** Whether writes go to logs: not while the guest runs from its replica and nobody has committed that. */
export function isTracking(vm: NaiveVm): boolean {
  return isTracked(vm) && vm.disks[0]!.openTo === null;
}

function writtenNow(nowMs: number, world: NaiveWorld): number[] {
  return world.vm.disks.map((_, index) => world.written(index, nowMs));
}

/** The VM's own settings (a policy in the product's sense). */
function own(world: NaiveWorld): ReplicationSettings {
  return settingsOf(world.policy, [world.vm.name])[0]!;
}

function abortOf(vm: NaiveVm): NaiveEffect[] {
  return ['seeding', 'sending', 'sendingLast', 'resyncing'].includes(vm.phase) ? [ABORT] : [];
}

function uploadDisk(vm: NaiveVm, world: NaiveWorld): NaiveEffect {
  const disk = byName(world.vm.disks)[vm.diskTurn]!;
  const bytes = (disk.usedBytes - vm.diskArrivedBytes) * own(world).compressionRatio;
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
  const bytes = logBytes * own(world).compressionRatio;
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
  if (vm.phase === 'awaitingStart') waits.push({ atMs: vm.dueMs, input: 'startDue' });
  if (vm.phase === 'exporting') waits.push({ atMs: vm.dueMs, input: 'exportDone' });
  if (vm.importMs !== null) waits.push({ atMs: vm.importMs, input: 'mediaImported' });
  if (vm.phase === 'merging') waits.push({ atMs: vm.dueMs, input: 'mergeDone' });
  if (vm.phase === 'finalizing') waits.push({ atMs: vm.dueMs, input: 'finalizeDone' });
  if (vm.phase.endsWith('Backoff')) waits.push({ atMs: vm.dueMs, input: 'retryDue' });
  if (vm.phase === 'resyncMarked') waits.push({ atMs: windowFrom(nowMs, world), input: 'windowOpened' });
  if (vm.phase === 'tracking') waits.push({ atMs: nextBoundary(vm, nowMs, world), input: 'intervalElapsed' });
  const half = isHalfReached(vm, nowMs, world);
  // While the guest is shut down nothing grows.
  const halfMs = vm.phase === 'sendingLast' && !half ? Number.POSITIVE_INFINITY : halfReachedMs(vm, nowMs, world);
  waits.push({ atMs: halfMs, input: 'logHalfDue' });
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
  const { copyFrequencyMs } = own(world);
  let boundaryMs = world.cutPhaseMs + copyFrequencyMs;
  while (boundaryMs < nowMs || boundaryMs <= vm.lastCutMs) boundaryMs += copyFrequencyMs;
  return boundaryMs;
}

function boundariesBetween(fromMs: number, toMs: number, world: NaiveWorld, inclusive: boolean): number {
  const { copyFrequencyMs } = own(world);
  let count = 0;
  for (let boundaryMs = world.cutPhaseMs + copyFrequencyMs; boundaryMs <= toMs; boundaryMs += copyFrequencyMs) {
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
  const open = naiveLogBytes((disk.openTo ?? world.written(index, atMs)) - disk.openFrom, data, world);
  return open + (disk.inFlight === null ? 0 : naiveLogBytes(disk.inFlight.to - disk.inFlight.from, data, world));
}

function isHalfReached(vm: NaiveVm, atMs: number, world: NaiveWorld): boolean {
  return world.vm.disks.some(
    (disk, index) =>
      isTracking(vm) && naiveDiskLogBytes(vm, index, atMs, world) >= disk.sizeBytes * world.policy.rules.resyncLogRatio,
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
  const { openFrom, openTo } = vm.disks[index]!;
  return openFrom === null ? 0 : (openTo ?? world.written(index, atMs)) - openFrom;
}

export function naiveUntracked(vm: NaiveVm, index: number, atMs: number, world: NaiveWorld): number {
  const { untracked, untrackedFrom, openTo } = vm.disks[index]!;
  const since = untrackedFrom ?? openTo;
  return untracked + (since === null ? 0 : world.written(index, atMs) - since);
}

/** [29] R39: the distinct bytes between neighbouring kept points, and from the newest kept one to the latest. */
export function naivePointStorageBytes(vm: NaiveVm, world: NaiveWorld): number {
  let sum = 0;
  for (const [at, point] of vm.points.entries()) {
    const next = vm.points[at + 1]?.written ?? vm.replica.written;
    for (const [index, disk] of world.vm.disks.entries()) {
      sum += naiveDistinctBytes(disk, next[index]! - point.written[index]!);
    }
  }
  return sum;
}

/** R2: worked on in the order of their names, by UTF-16 code unit. */
export function byName<Named extends { readonly name: string }>(things: readonly Named[]): Named[] {
  return [...things].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function wholeChunks(bytes: number, chunkBytes: number): number {
  return Math.floor(bytes / chunkBytes + 1e-9) * chunkBytes;
}
