/**
 * The checkers' own book of logs and snapshots: from what is observed and what the semantics say of it, never from the core's
 * columns. Only the guests' writes are asked for where the core asks.
 */
import { CAUSE_KEYS, CAUSES } from '../../../src/model/cause.ts';
import type { RuleParameters } from '../../../src/model/policy.ts';
import type { Disk } from '../../../src/model/workload.ts';
import type { ReplicationCore } from '../../../src/replication/columns.ts';
import { Input, Phase } from '../../../src/replication/lifecycle.ts';
import type { ObservedStep } from '../../../src/simulate/simulate.ts';
import type { Bytes, Millis } from '../../../src/units.ts';

/** Of one disk, in written bytes counted from the run's start. */
export interface DiskLogs {
  openFromBytes: Bytes;
  /** After a failover the log ends where it was; Infinity while it grows. */
  openUntilBytes: Bytes;
  inFlightBytes: Bytes;
  deliveredBytes: Bytes;
  droppedBytes: Bytes;
  untrackedBytes: Bytes;
  /** Where tracking ended; meaningful while the VM is not tracked. */
  untrackedFromBytes: Bytes;
  /** −1 where there is no snapshot; `snapshotUntilBytes` −1 while it grows. */
  snapshotFromBytes: Bytes;
  snapshotUntilBytes: Bytes;
}

/** Codes of errors after whose repair the logs no longer tell all changes. */
const RESYNC_AFTER_FIX = new Set(CAUSE_KEYS.filter((key) => CAUSES[key].resyncAfterFix).map((key) => CAUSES[key].code));

export class LogBook {
  readonly disks: readonly DiskLogs[];
  readonly tracked: boolean[];
  /** Since when the VM's logs are there and can be dropped: tracking's begin, or the end of a failover. */
  readonly trackedSinceMs: number[];
  /** When the VM's logs were last opened, cut, dropped or delivered. */
  readonly changedAtMs: number[];
  /** A set is cut and has neither arrived nor been dropped. */
  readonly inFlight: boolean[];
  readonly #core: ReplicationCore;
  readonly #diskData: readonly Disk[];
  readonly #rules: RuleParameters;
  readonly #errorCode: number[];
  readonly #planned: boolean[];

  constructor(core: ReplicationCore, disks: readonly Disk[], rules: RuleParameters) {
    this.#core = core;
    this.#diskData = disks;
    this.#rules = rules;
    this.disks = disks.map(() => ({
      openFromBytes: 0,
      openUntilBytes: Number.POSITIVE_INFINITY,
      inFlightBytes: 0,
      deliveredBytes: 0,
      droppedBytes: 0,
      untrackedBytes: 0,
      untrackedFromBytes: 0,
      snapshotFromBytes: -1,
      snapshotUntilBytes: -1,
    }));
    this.tracked = new Array<boolean>(core.vmCount).fill(false);
    this.inFlight = new Array<boolean>(core.vmCount).fill(false);
    this.trackedSinceMs = new Array<number>(core.vmCount).fill(-1);
    this.changedAtMs = new Array<number>(core.vmCount).fill(-1);
    this.#errorCode = new Array<number>(core.vmCount).fill(0);
    this.#planned = new Array<boolean>(core.vmCount).fill(false);
  }

  take(step: ObservedStep): void {
    const { vm, input, before, after, nowMs, cause } = step;
    if (input === Input.fatalError) this.#errorCode[vm] = cause;
    if (input === Input.failoverCancelled && before === Phase.failedOver) this.#discard(vm, nowMs);
    if (arrives(step)) this.#deliver(vm, nowMs);
    if (this.tracked[vm] && this.#drops(step)) this.#drop(vm, nowMs);
    if (input === Input.failoverCommitted || input === Input.disabled) this.#goOn(vm, nowMs);
    if (opens(step)) this.#open(vm, nowMs);
    if (before === Phase.committed && after !== before) this.trackedSinceMs[vm] = nowMs;
    if (cuts(step)) this.#cut(vm, nowMs);
    if (after === Phase.failedOver && before !== after) {
      this.#planned[vm] = input === Input.transferDone;
      this.#end(vm, nowMs);
    }
    this.#snapshots(step);
  }

  /** The file of a log with so much data: a header and an empty block, the data, and a block for each run of entries. */
  fileBytes(disk: number, dataBytes: Bytes): Bytes {
    const { logEmptyBytes, logBlockBytes, logBlockEntries } = this.#rules;
    const blocks = Math.ceil(dataBytes / (logBlockEntries * this.#diskData[disk]!.meanWriteBytes));
    return logEmptyBytes + dataBytes + blocks * logBlockBytes;
  }

  /** Both logs of a disk of a tracked VM, so many bytes being written. */
  logBytes(vm: number, disk: number, writtenBytes: Bytes): Bytes {
    if (!this.tracked[vm]) return 0;
    const own = this.disks[disk]!;
    const openBytes = Math.min(writtenBytes, own.openUntilBytes) - own.openFromBytes;
    return (
      this.fileBytes(disk, Math.max(0, openBytes)) + (this.inFlight[vm] ? this.fileBytes(disk, own.inFlightBytes) : 0)
    );
  }

  snapshotBytes(disk: number, writtenBytes: Bytes): Bytes {
    const { snapshotFromBytes, snapshotUntilBytes } = this.disks[disk]!;
    if (snapshotFromBytes < 0) return 0;
    const { sizeBytes, overwrite } = this.#diskData[disk]!;
    const written = (snapshotUntilBytes < 0 ? writtenBytes : snapshotUntilBytes) - snapshotFromBytes;
    const distinct =
      overwrite === undefined || overwrite.hotBytes === 0
        ? written
        : (1 - overwrite.hotShare) * written +
          overwrite.hotBytes * (1 - Math.exp((-overwrite.hotShare * written) / overwrite.hotBytes));
    const block = this.#rules.snapshotBlockBytes;
    return Math.min(sizeBytes, Math.ceil(Math.min(distinct, written, sizeBytes) / block) * block);
  }

  /** Half of the disk, at which its logs make the VM be marked. */
  halfBytes(disk: number): Bytes {
    return this.#diskData[disk]!.sizeBytes * this.#rules.resyncLogRatio;
  }

  isAtHalf(vm: number, nowMs: Millis): boolean {
    return this.#numbers(vm).some(
      (disk) => this.logBytes(vm, disk, this.#written(disk, nowMs)) >= this.halfBytes(disk),
    );
  }

  #drops({ vm, input, after, nowMs }: ObservedStep): boolean {
    switch (input) {
      case Input.resyncRequired:
      case Input.resyncRequested:
      case Input.disabled:
      case Input.reversedInFull:
        return true;
      case Input.logHalfDue:
        return this.isAtHalf(vm, nowMs);
      case Input.fixed:
        return RESYNC_AFTER_FIX.has(this.#errorCode[vm]!);
      case Input.failoverCommitted:
        return !this.#planned[vm];
      case Input.failoverCancelled:
        return after === Phase.resyncMarked;
      default:
        return false;
    }
  }

  #open(vm: number, nowMs: Millis): void {
    for (const disk of this.#numbers(vm)) {
      const own = this.disks[disk]!;
      own.openFromBytes = this.#written(disk, nowMs);
      own.untrackedBytes += own.openFromBytes - own.untrackedFromBytes;
    }
    this.tracked[vm] = true;
    this.trackedSinceMs[vm] = nowMs;
    this.changedAtMs[vm] = nowMs;
  }

  #drop(vm: number, nowMs: Millis): void {
    for (const disk of this.#numbers(vm)) {
      const own = this.disks[disk]!;
      const endBytes = Math.min(own.openUntilBytes, this.#written(disk, nowMs));
      own.droppedBytes += own.inFlightBytes + endBytes - own.openFromBytes;
      own.inFlightBytes = 0;
      own.untrackedFromBytes = endBytes;
      own.openUntilBytes = Number.POSITIVE_INFINITY;
    }
    this.tracked[vm] = false;
    this.inFlight[vm] = false;
    this.changedAtMs[vm] = nowMs;
  }

  #cut(vm: number, nowMs: Millis): void {
    for (const disk of this.#numbers(vm)) {
      const own = this.disks[disk]!;
      const writtenBytes = this.#written(disk, nowMs);
      own.inFlightBytes = writtenBytes - own.openFromBytes;
      own.openFromBytes = writtenBytes;
    }
    this.inFlight[vm] = true;
    this.changedAtMs[vm] = nowMs;
  }

  #deliver(vm: number, nowMs: Millis): void {
    for (const own of this.#of(vm)) {
      own.deliveredBytes += own.inFlightBytes;
      own.inFlightBytes = 0;
    }
    this.inFlight[vm] = false;
    this.changedAtMs[vm] = nowMs;
  }

  /** A failover: the logs stay as they are. */
  #end(vm: number, nowMs: Millis): void {
    for (const disk of this.#numbers(vm)) this.disks[disk]!.openUntilBytes = this.#written(disk, nowMs);
  }

  /** The logs go on, or there are none any more: what the guest has written at the target is in them at once. */
  #goOn(vm: number, nowMs: Millis): void {
    this.changedAtMs[vm] = nowMs;
    for (const own of this.#of(vm)) own.openUntilBytes = Number.POSITIVE_INFINITY;
  }

  /** A failover is taken back: what was written at the target is gone, and was never in a log. */
  #discard(vm: number, nowMs: Millis): void {
    for (const disk of this.#numbers(vm)) {
      const own = this.disks[disk]!;
      const discardedBytes = this.#written(disk, nowMs) - own.openUntilBytes;
      own.openUntilBytes = Number.POSITIVE_INFINITY;
      if (!this.tracked[vm]) continue;
      own.untrackedBytes += discardedBytes;
      own.openFromBytes += discardedBytes;
    }
    this.trackedSinceMs[vm] = nowMs;
    this.changedAtMs[vm] = nowMs;
  }

  #snapshots({ vm, before, after, nowMs, input }: ObservedStep): void {
    for (const disk of this.#numbers(vm)) {
      const own = this.disks[disk]!;
      if (opens({ vm, before, after, nowMs, input, cause: 0 }) && copies(after)) {
        own.snapshotFromBytes = this.#written(disk, nowMs);
        own.snapshotUntilBytes = -1;
      }
      if (after === Phase.merging && before !== after) own.snapshotUntilBytes = this.#written(disk, nowMs);
      if (input === Input.mergeDone || input === Input.disabled) own.snapshotFromBytes = -1;
    }
  }

  #numbers(vm: number): number[] {
    const first = this.#core.firstDisk[vm]!;
    return Array.from({ length: this.#core.firstDisk[vm + 1]! - first }, (_, d) => first + d);
  }

  #of(vm: number): DiskLogs[] {
    return this.#numbers(vm).map((disk) => this.disks[disk]!);
  }

  #written(disk: number, atMs: Millis): Bytes {
    return this.#core.writes.writtenBytes(disk, atMs);
  }
}

function copies(phase: Phase): boolean {
  return phase === Phase.seeding || phase === Phase.exporting;
}

/** Whether a set of logs has arrived. */
export function arrives({ input, before }: ObservedStep): boolean {
  return input === Input.transferDone && (before === Phase.sending || before === Phase.sendingLast);
}

/** Whether the logs are cut: at a boundary, or by a planned failover that has nothing else in flight. */
export function cuts({ input, before, after }: ObservedStep): boolean {
  if (input === Input.intervalElapsed) return true;
  if (after !== Phase.sendingLast) return false;
  return input === Input.transferDone || (input === Input.plannedFailover && before !== Phase.sending);
}

/** Whether tracking begins: with the first copy, or with a resynchronization that starts (and is not merely gone on with). */
export function opens({ input, after }: ObservedStep): boolean {
  switch (input) {
    case Input.adopted:
    case Input.windowOpened:
    case Input.resyncRequested:
    case Input.reversedInFull:
      return true;
    case Input.enableDone:
    case Input.startDue:
      return after !== Phase.awaitingStart;
    case Input.reversed:
    case Input.plannedFailover:
      return after === Phase.resyncing;
    default:
      return false;
  }
}
