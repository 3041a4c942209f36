/**
 * The state of the replication core: a column per fact, a row per VM or disk. Columns are public to readers and written only
 * in this folder.
 */
import type { Span } from '../model/clock.ts';
import type { Policy } from '../model/policy.ts';
import { distinctBytes, type Workload } from '../model/workload.ts';
import type { Bytes, Millis } from '../units.ts';
import { invariant } from './invariant.ts';
import { entryRunBytes } from './log-size.ts';
import type { TrackedWrites } from './tracked-writes.ts';

/** What is transferred. */
export const TransferKind = { none: 0, initial: 1, delta: 2, resync: 3 } as const;
export type TransferKind = (typeof TransferKind)[keyof typeof TransferKind];

/**
 * What the host must do after a step, for the stepped VM. At most one transfer of a VM exists at a time, so that two fields
 * carry every effect and a step allocates nothing. `abort` comes before `upload`.
 */
export interface Effects {
  /** End the VM's transfer, waiting or flowing; it will not be answered. */
  abort: boolean;
  /** Start a transfer of this kind, as soon as the host's slots allow. */
  upload: TransferKind;
  /** Bytes to send, compressed, before the link's own overhead. */
  uploadBytes: Bytes;
  /** It cannot be sent at more than this rate (a resynchronization reads while it sends); Infinity = no limit. */
  uploadBytesPerMs: number;
  /** The instant by which waiting transfers are served in order: the cut, or the start of the workflow. */
  queuedAtMs: Millis;
}

export interface ReplicationCore {
  readonly policy: Policy;
  readonly writes: TrackedWrites;
  /** When an automatic resynchronization may start, ascending; the last span begins at or after the horizon. */
  readonly resyncSpans: readonly Span[];
  readonly effects: Effects;
  readonly vmCount: number;
  readonly diskCount: number;

  /** Disks of VM v are firstDisk[v] … firstDisk[v + 1] − 1, in the order in which they are sent. */
  readonly firstDisk: Uint32Array;
  readonly vmOfDisk: Uint32Array;
  readonly phase: Uint8Array;
  /** Failed attempts in a row; 0 after a success. */
  readonly attempt: Uint32Array;
  /** Id of the last transfer that was asked for: an answer with an older one must be ignored. */
  readonly transferId: Uint32Array;
  /** The one deadline; Infinity if none. The input with which to answer it stands beside it. */
  readonly wakeAtMs: Float64Array;
  readonly wakeInput: Uint8Array;
  /** What the VM waits for besides its logs (interval, retry, merge …); the wake is the earlier of this and the next. */
  readonly timerAtMs: Float64Array;
  readonly timerInput: Uint8Array;
  /** No disk of the VM reaches the half-disk rule before; may be early, never late. */
  readonly halfDueAtMs: Float64Array;
  /** Boundaries are phaseMs + k·T, k ≥ 1 (semantics 12). */
  readonly cutPhaseMs: Float64Array;
  /** 1 while writes go to logs. */
  readonly tracked: Uint8Array;
  /** 1 where the VM was marked during initial replication: resynchronization follows it. */
  readonly resyncPending: Uint8Array;
  /** The replica is consistent to this instant; −1 before the first. Never decreases. */
  readonly recoveryPointAtMs: Float64Array;
  /** Instant of the cut of the set in flight; meaningful in `sending` and `sendingBackoff`. */
  readonly cutAtMs: Float64Array;
  /** Start of initial replication, which is the snapshot's instant; −1 before. */
  readonly snapshotAtMs: Float64Array;
  /** The last disk's arrival; −1 before. */
  readonly seededAtMs: Float64Array;
  /** End of Finalize protection, or the adoption; −1 before. */
  readonly protectedAtMs: Float64Array;
  /** The disk being sent, counted within the VM; meaningful in `seeding` and `seedingBackoff`. */
  readonly seedingDisk: Uint32Array;
  /** Start of the resynchronization; meaningful in `resyncing` and `resyncBackoff`. */
  readonly resyncStartedAtMs: Float64Array;
  /** Bytes of the whole resynchronization, before the link's overhead, and those of them that need not be sent again. */
  readonly resyncBytes: Float64Array;
  readonly resyncSentBytes: Float64Array;
  readonly resyncBytesPerMs: Float64Array;
  readonly markCount: Uint32Array;
  readonly resyncStartCount: Uint32Array;
  readonly completedCycles: Float64Array;
  readonly missedCycles: Float64Array;
  readonly failedCycles: Float64Array;
  readonly firstFailureAtMs: Float64Array;

  readonly diskBytes: Float64Array;
  readonly usedBytes: Float64Array;
  /** Bytes of logs at which the VM is marked. */
  readonly halfDiskBytes: Float64Array;
  readonly entryRunBytes: Float64Array;
  /** Arrived bytes of initial replication that need not be sent again. */
  readonly seededBytes: Float64Array;
  /** Arrival of the disk's initial replication; −1 before. */
  readonly diskSeededAtMs: Float64Array;
  /** Written bytes, counted from the run's start, at which … the open log begins. */
  readonly openFromBytes: Float64Array;
  /** … the snapshot was taken; −1 where there is none. */
  readonly snapshotFromBytes: Float64Array;
  /** … the snapshot stopped growing; −1 while it grows. */
  readonly snapshotUntilBytes: Float64Array;
  /** … the recovery point stands. */
  readonly recoveryPointBytes: Float64Array;
  /** … tracking stopped; meaningful while the VM is not tracked. */
  readonly untrackedFromBytes: Float64Array;
  /** Data in the log in flight, and that log's file size (0 where none is in flight). */
  readonly inFlightBytes: Float64Array;
  readonly inFlightFileBytes: Float64Array;
  /** Guest-written bytes that arrived with deltas, were dropped with logs, were written while untracked. */
  readonly deliveredBytes: Float64Array;
  readonly droppedBytes: Float64Array;
  readonly untrackedBytes: Float64Array;

  /** Distinct bytes among so many written ones, per disk (the overwrite model). */
  readonly distinctBytes: (disk: number, writtenBytes: Bytes) => Bytes;
}

export interface CoreOptions {
  readonly writes: TrackedWrites;
  readonly resyncSpans: readonly Span[];
  /** Phase of each VM's boundaries, in the order of `workload.vms`. */
  readonly cutPhaseMs: readonly Millis[];
}

/**
 * A core for a workload: VMs and disks are numbered in its order, all unprotected.
 *
 * @throws InvariantError where an empty log is half of a disk already: its VM would be marked again and again at one instant.
 *   Whoever reads files refuses such a disk before.
 */
export function createCore(workload: Workload, policy: Policy, options: CoreOptions): ReplicationCore {
  const disks = workload.vms.flatMap((vm) => vm.disks);
  for (const disk of disks) {
    invariant(
      disk.sizeBytes * policy.rules.resyncLogRatio > policy.rules.logEmptyBytes,
      () => `disk ${disk.name}: of ${disk.sizeBytes} bytes an empty log is half already`,
    );
  }
  const vmCount = workload.vms.length;
  const diskCount = disks.length;
  const perVm = (fill = 0): Float64Array => new Float64Array(vmCount).fill(fill);
  const perDisk = (fill = 0): Float64Array => new Float64Array(diskCount).fill(fill);
  const firstDisk = new Uint32Array(vmCount + 1);
  const vmOfDisk = new Uint32Array(diskCount);
  workload.vms.forEach((vm, v) => {
    firstDisk[v + 1] = firstDisk[v]! + vm.disks.length;
    vmOfDisk.fill(v, firstDisk[v], firstDisk[v + 1]);
  });
  return {
    policy,
    writes: options.writes,
    resyncSpans: options.resyncSpans,
    effects: { abort: false, upload: TransferKind.none, uploadBytes: 0, uploadBytesPerMs: 0, queuedAtMs: 0 },
    vmCount,
    diskCount,
    firstDisk,
    vmOfDisk,
    phase: new Uint8Array(vmCount),
    attempt: new Uint32Array(vmCount),
    transferId: new Uint32Array(vmCount),
    wakeAtMs: perVm(Number.POSITIVE_INFINITY),
    wakeInput: new Uint8Array(vmCount),
    timerAtMs: perVm(Number.POSITIVE_INFINITY),
    timerInput: new Uint8Array(vmCount),
    halfDueAtMs: perVm(Number.POSITIVE_INFINITY),
    cutPhaseMs: Float64Array.from(options.cutPhaseMs),
    tracked: new Uint8Array(vmCount),
    resyncPending: new Uint8Array(vmCount),
    recoveryPointAtMs: perVm(-1),
    cutAtMs: perVm(-1),
    snapshotAtMs: perVm(-1),
    seededAtMs: perVm(-1),
    protectedAtMs: perVm(-1),
    seedingDisk: new Uint32Array(vmCount),
    resyncStartedAtMs: perVm(-1),
    resyncBytes: perVm(),
    resyncSentBytes: perVm(),
    resyncBytesPerMs: perVm(),
    markCount: new Uint32Array(vmCount),
    resyncStartCount: new Uint32Array(vmCount),
    completedCycles: perVm(),
    missedCycles: perVm(),
    failedCycles: perVm(),
    firstFailureAtMs: perVm(-1),
    diskBytes: Float64Array.from(disks, (disk) => disk.sizeBytes),
    usedBytes: Float64Array.from(disks, (disk) => disk.usedBytes),
    halfDiskBytes: Float64Array.from(disks, (disk) => disk.sizeBytes * policy.rules.resyncLogRatio),
    entryRunBytes: Float64Array.from(disks, (disk) => entryRunBytes(disk.meanWriteBytes, policy.rules)),
    seededBytes: perDisk(),
    diskSeededAtMs: perDisk(-1),
    openFromBytes: perDisk(),
    snapshotFromBytes: perDisk(-1),
    snapshotUntilBytes: perDisk(-1),
    recoveryPointBytes: perDisk(),
    untrackedFromBytes: perDisk(),
    inFlightBytes: perDisk(),
    inFlightFileBytes: perDisk(),
    deliveredBytes: perDisk(),
    droppedBytes: perDisk(),
    untrackedBytes: perDisk(),
    distinctBytes: (disk, writtenBytes) => distinctBytes(disks[disk]!, writtenBytes),
  };
}
