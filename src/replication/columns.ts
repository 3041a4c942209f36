/**
 * The state of the replication core: a column per fact, a row per VM or disk. Columns are public to readers and written only
 * in this folder.
 */
import type { Span } from '../model/clock.ts';
import { type InitialReplicationMode, type Policy, type ReplicationSettings, settingsOf } from '../model/policy.ts';
import { distinctBytes, modelledTouchedBytes, type Workload } from '../model/workload.ts';
import { type Bytes, type BytesPerSec, HOUR_MS, type Millis } from '../units.ts';
import { invariant } from './invariant.ts';
import { entryRunBytes } from './log-size.ts';
import type { TouchedPlaces, TrackedWrites } from './tracked-writes.ts';

/** What is transferred. */
export const TransferKind = { none: 0, initial: 1, delta: 2, resync: 3 } as const;
export type TransferKind = (typeof TransferKind)[keyof typeof TransferKind];

/** What becomes of the guest: it stops, or it starts where it now belongs. */
export const GuestEffect = { none: 0, stop: 1, start: 2 } as const;
export type GuestEffect = (typeof GuestEffect)[keyof typeof GuestEffect];

/** How the first full copy gets to the target, as a column carries it. */
export const InitialMode: Readonly<Record<InitialReplicationMode, number>> = { network: 0, media: 1, existing: 2 };

/**
 * What the host must do after a step, for the stepped VM. At most one transfer of a VM exists at a time, so that two fields
 * carry every effect and a step allocates nothing. `abort` comes before `upload`.
 */
export interface Effects {
  /** End the VM's transfer, waiting or flowing; it will not be answered. */
  abort: boolean;
  guest: GuestEffect;
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
  readonly places: TouchedPlaces;
  /** When an automatic resynchronization may start, ascending; the last span begins at or after the horizon. */
  readonly resyncSpans: readonly Span[];
  readonly effects: Effects;
  readonly vmCount: number;
  readonly diskCount: number;

  /** Disks of VM v are firstDisk[v] … firstDisk[v + 1] − 1, in the order in which they are sent. */
  readonly firstDisk: Uint32Array;
  readonly vmOfDisk: Uint32Array;
  readonly phase: Uint8Array;
  /** Copy interval T, wire bytes per log byte, and how the first copy gets to the target: each VM's own. */
  readonly intervalMs: Float64Array;
  readonly compressionRatio: Float64Array;
  readonly initialMode: Uint8Array;
  readonly initialStartAtMs: Float64Array;
  readonly shippingMs: Float64Array;
  /** Codes (`model/cause.ts`) of the last error, and of what marked the VM last; 0 before. */
  readonly cause: Uint8Array;
  readonly markCause: Uint8Array;
  /** The phase to go back to; meaningful in `paused`, `resyncPaused`, `critical` and `failedOver`. */
  readonly interrupted: Uint8Array;
  /** 1 from the export on, until the media are imported; and when that will be. */
  readonly mediaPending: Uint8Array;
  readonly mediaDueAtMs: Float64Array;
  /** 1 while a test failover has not been cleaned up. */
  readonly testing: Uint8Array;
  /** 1 while the guest runs at the target. */
  readonly atTarget: Uint8Array;
  /** 1 while replication runs from the target back. */
  readonly reversed: Uint8Array;
  /** 1 where the planned failover's own set is in flight; meaningful in `sendingLast`. */
  readonly lastCut: Uint8Array;
  /** 1 where a planned failover follows the resynchronization (failback from Azure). */
  readonly failbackPending: Uint8Array;
  /** 1 where the last failover was a planned one, and when it was; meaningful in `failedOver` and `committed`. */
  readonly failoverPlanned: Uint8Array;
  readonly failedOverAtMs: Float64Array;
  /** Failed attempts in a row; 0 after a success. */
  readonly attempt: Uint32Array;
  /** Id of the last transfer that was asked for: an answer with an older one must be ignored. */
  readonly transferId: Uint32Array;
  /** The one deadline; Infinity if none. The input with which to answer it stands beside it. */
  readonly wakeAtMs: Float64Array;
  readonly wakeInput: Uint8Array;
  /**
   * The earliest deadline that is no cut: the wake itself, unless that is a cut. For hosts that keep cuts in a cheaper order than
   * other deadlines, since a VM in delta replication hardly ever changes this one.
   */
  readonly alarmAtMs: Float64Array;
  readonly alarmInput: Uint8Array;
  /** What the VM waits for besides its logs (interval, retry, merge …); the wake is the earlier of this and the next. */
  readonly timerAtMs: Float64Array;
  readonly timerInput: Uint8Array;
  /** No disk of the VM reaches the half-disk rule before; may be early, never late. */
  readonly halfDueAtMs: Float64Array;
  /** 1 where that instant holds only for the logs as they are: a cut divides them anew. */
  readonly halfIsNear: Uint8Array;
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
  /** Recovery points that are kept beside the latest (`recovery-points.ts`): a ring for each VM. */
  readonly pointKeepMs: Float64Array;
  readonly appConsistentMs: Float64Array;
  readonly pointBase: Uint32Array;
  readonly pointCapacity: Uint32Array;
  readonly pointFirst: Uint32Array;
  readonly pointCount: Uint32Array;
  readonly pointAtMs: Float64Array;
  readonly pointAppConsistent: Uint8Array;
  /** Written bytes of each disk at each point: disk d of VM v at slot s is pointDiskBase[v] + s · its disks + d. */
  readonly pointDiskBase: Uint32Array;
  readonly pointBytes: Float64Array;
  /** The instant from which the next point's hour counts, and the next app-consistent one's due instant. */
  readonly lastPointAtMs: Float64Array;
  readonly appConsistentDueAtMs: Float64Array;
  /** Most bytes that the kept points have taken at the target. */
  readonly pointPeakBytes: Float64Array;
  readonly completedCycles: Float64Array;
  readonly missedCycles: Float64Array;
  readonly failedCycles: Float64Array;
  readonly firstFailureAtMs: Float64Array;

  readonly diskBytes: Float64Array;
  readonly usedBytes: Float64Array;
  /** Bytes of logs at which the VM is marked. */
  readonly halfDiskBytes: Float64Array;
  readonly entryRunBytes: Float64Array;
  /** At which the disk's volume merges a snapshot. */
  readonly mergeBytesPerMs: Float64Array;
  /** Arrived bytes of initial replication that need not be sent again. */
  readonly seededBytes: Float64Array;
  /** Arrival of the disk's initial replication; −1 before. */
  readonly diskSeededAtMs: Float64Array;
  /** Written bytes, counted from the run's start, at which … the open log begins. */
  readonly openFromBytes: Float64Array;
  /** … the open log ends; Infinity while it grows, finite between a failover and its commit or cancellation. */
  readonly openUntilBytes: Float64Array;
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
  /** Absent = nobody knows the places: the disks' overwrite models say it. */
  readonly places?: TouchedPlaces;
  readonly resyncSpans: readonly Span[];
  /** Phase of each VM's boundaries, in the order of `workload.vms`. */
  readonly cutPhaseMs: readonly Millis[];
  /** Bytes written to each disk since the copy was taken that lies at the target already (mode `existing`); 0 where absent. */
  readonly existingWrittenBytes?: readonly Bytes[];
  /** What the volume of each disk merges a snapshot at; undefined = the rule's rate. */
  readonly mergeBytesPerSec?: readonly (BytesPerSec | undefined)[];
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
  const settings = settingsOf(
    policy,
    workload.vms.map((vm) => vm.name),
  );
  const capacities = settings.map(pointCapacityOf);
  const diskSlots = workload.vms.map((vm, v) => vm.disks.length * capacities[v]!);
  return {
    policy,
    writes: options.writes,
    places: options.places ?? {
      touchedBytes: (disk, fromBytes, untilBytes, blockBytes) =>
        modelledTouchedBytes(disks[disk]!, untilBytes - fromBytes, blockBytes),
    },
    resyncSpans: options.resyncSpans,
    effects: {
      abort: false,
      guest: GuestEffect.none,
      upload: TransferKind.none,
      uploadBytes: 0,
      uploadBytesPerMs: 0,
      queuedAtMs: 0,
    },
    vmCount,
    diskCount,
    firstDisk,
    vmOfDisk,
    phase: new Uint8Array(vmCount),
    intervalMs: Float64Array.from(settings, (own) => own.copyFrequencyMs),
    compressionRatio: Float64Array.from(settings, (own) => own.compressionRatio),
    initialMode: Uint8Array.from(settings, (own) => InitialMode[own.initialReplication.mode]),
    initialStartAtMs: Float64Array.from(settings, (own) => own.initialReplication.startAtMs),
    shippingMs: Float64Array.from(settings, (own) => own.initialReplication.shippingMs),
    cause: new Uint8Array(vmCount),
    markCause: new Uint8Array(vmCount),
    interrupted: new Uint8Array(vmCount),
    mediaPending: new Uint8Array(vmCount),
    mediaDueAtMs: perVm(Number.POSITIVE_INFINITY),
    testing: new Uint8Array(vmCount),
    atTarget: new Uint8Array(vmCount),
    reversed: new Uint8Array(vmCount),
    lastCut: new Uint8Array(vmCount),
    failbackPending: new Uint8Array(vmCount),
    failoverPlanned: new Uint8Array(vmCount),
    failedOverAtMs: perVm(-1),
    attempt: new Uint32Array(vmCount),
    transferId: new Uint32Array(vmCount),
    wakeAtMs: perVm(Number.POSITIVE_INFINITY),
    wakeInput: new Uint8Array(vmCount),
    alarmAtMs: perVm(Number.POSITIVE_INFINITY),
    alarmInput: new Uint8Array(vmCount),
    timerAtMs: perVm(Number.POSITIVE_INFINITY),
    timerInput: new Uint8Array(vmCount),
    halfDueAtMs: perVm(Number.POSITIVE_INFINITY),
    halfIsNear: new Uint8Array(vmCount),
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
    pointKeepMs: Float64Array.from(settings, (own) => own.recoveryPointHours * HOUR_MS),
    appConsistentMs: Float64Array.from(
      settings,
      (own) => (own.appConsistentHours ?? Number.POSITIVE_INFINITY) * HOUR_MS,
    ),
    pointBase: startsOf(capacities),
    pointCapacity: Uint32Array.from(capacities),
    pointFirst: new Uint32Array(vmCount),
    pointCount: new Uint32Array(vmCount),
    pointAtMs: new Float64Array(sum(capacities)),
    pointAppConsistent: new Uint8Array(sum(capacities)),
    pointDiskBase: startsOf(diskSlots),
    pointBytes: new Float64Array(sum(diskSlots)),
    lastPointAtMs: perVm(),
    appConsistentDueAtMs: perVm(Number.POSITIVE_INFINITY),
    pointPeakBytes: perVm(),
    completedCycles: perVm(),
    missedCycles: perVm(),
    failedCycles: perVm(),
    firstFailureAtMs: perVm(-1),
    diskBytes: Float64Array.from(disks, (disk) => disk.sizeBytes),
    usedBytes: Float64Array.from(disks, (disk) => disk.usedBytes),
    halfDiskBytes: Float64Array.from(disks, (disk) => disk.sizeBytes * policy.rules.resyncLogRatio),
    entryRunBytes: Float64Array.from(disks, (disk) => entryRunBytes(disk.meanWriteBytes, policy.rules)),
    mergeBytesPerMs: Float64Array.from(
      disks,
      (_, d) => (options.mergeBytesPerSec?.[d] ?? policy.rules.mergeBytesPerSec) / 1000,
    ),
    seededBytes: perDisk(),
    diskSeededAtMs: perDisk(-1),
    openFromBytes: perDisk(),
    openUntilBytes: perDisk(Number.POSITIVE_INFINITY),
    snapshotFromBytes: perDisk(-1),
    snapshotUntilBytes: perDisk(-1),
    recoveryPointBytes: Float64Array.from(disks, (_, d) => -(options.existingWrittenBytes?.[d] ?? 0)),
    untrackedFromBytes: perDisk(),
    inFlightBytes: perDisk(),
    inFlightFileBytes: perDisk(),
    deliveredBytes: perDisk(),
    droppedBytes: perDisk(),
    untrackedBytes: perDisk(),
    distinctBytes: (disk, writtenBytes) => distinctBytes(disks[disk]!, writtenBytes),
  };
}

/** Points an hour apart, and app-consistent ones between them, and the one that is just being kept (decision 0005, 39). */
function pointCapacityOf(settings: ReplicationSettings): number {
  const { recoveryPointHours, appConsistentHours } = settings;
  if (recoveryPointHours === 0) return 0;
  return (
    recoveryPointHours + (appConsistentHours === null ? 0 : Math.ceil(recoveryPointHours / appConsistentHours)) + 3
  );
}

/** Where each one's stretch begins in a column that holds them all. */
function startsOf(lengths: readonly number[]): Uint32Array {
  const starts = new Uint32Array(lengths.length);
  for (let i = 1; i < lengths.length; i++) starts[i] = starts[i - 1]! + lengths[i - 1]!;
  return starts;
}

function sum(lengths: readonly number[]): number {
  return lengths.reduce((total, length) => total + length, 0);
}
