/**
 * Initial replication: a snapshot is taken, the disks are sent one by one, every change is tracked meanwhile, and the snapshot
 * is merged into its parent afterwards ([seed], "Finalize protection on the virtual machine"; semantics 7–11).
 */
import type { Bytes, Millis } from '../units.ts';
import { InitialMode, type ReplicationCore, TransferKind } from './columns.ts';
import { boundHalfDisk } from './half-disk.ts';
import { Input, Phase } from './lifecycle.ts';
import { diskSnapshotBytes, openLogs } from './logs.ts';
import { finalize, protect } from './protection.ts';
import { startResync } from './resync.ts';
import { awaitCut, awaitNothing, awaitRetry, awaitWindow, setTimer } from './timers.ts';
import { wholeChunks } from './whole-chunks.ts';

/** Enable protection is done: initial replication starts, or waits for the time that it was scheduled for. */
export function enabled(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  const startAtMs = core.initialStartAtMs[vm]!;
  return startAtMs > nowMs
    ? setTimer(core, vm, startAtMs, Input.startDue, Phase.awaitingStart)
    : startInitialReplication(core, vm, nowMs);
}

/** The first full copy, in the way that the VM's policy names (semantics 11). */
export function startInitialReplication(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  switch (core.initialMode[vm]) {
    case InitialMode.media:
      return startExport(core, vm, nowMs);
    case InitialMode.existing:
      return startResync(core, vm, nowMs);
    default:
      return startSeeding(core, vm, nowMs);
  }
}

export function startSeeding(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  takeSnapshot(core, vm, nowMs);
  return resumeSeeding(core, vm);
}

function takeSnapshot(core: ReplicationCore, vm: number, nowMs: Millis): void {
  core.snapshotAtMs[vm] = nowMs;
  core.seedingDisk[vm] = 0;
  core.seededAtMs[vm] = -1;
  openLogs(core, vm, nowMs);
  for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
    core.seededBytes[disk] = 0;
    core.diskSeededAtMs[disk] = -1;
    core.snapshotFromBytes[disk] = core.openFromBytes[disk]!;
    core.snapshotUntilBytes[disk] = -1;
    core.recoveryPointBytes[disk] = core.openFromBytes[disk]!;
  }
  boundHalfDisk(core, vm, nowMs);
}

/** Sends what is missing of the disk whose turn it is. */
export function resumeSeeding(core: ReplicationCore, vm: number): Phase {
  const disk = core.firstDisk[vm]! + core.seedingDisk[vm]!;
  const effects = core.effects;
  effects.upload = TransferKind.initial;
  effects.uploadBytes = (core.usedBytes[disk]! - core.seededBytes[disk]!) * core.compressionRatio[vm]!;
  effects.uploadBytesPerMs = Number.POSITIVE_INFINITY;
  effects.queuedAtMs = core.snapshotAtMs[vm]!;
  return awaitNothing(core, vm, Phase.seeding);
}

/** A disk has arrived: the next one's turn, or the merge. */
export function diskSent(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  core.attempt[vm] = 0;
  const disk = core.firstDisk[vm]! + core.seedingDisk[vm]!;
  core.seededBytes[disk] = core.usedBytes[disk]!;
  core.diskSeededAtMs[disk] = nowMs;
  core.seedingDisk[vm]!++;
  if (disk + 1 < core.firstDisk[vm + 1]!) return resumeSeeding(core, vm);
  core.seededAtMs[vm] = nowMs;
  return mergeSnapshot(core, vm, nowMs);
}

export function seedingBrokenOff(core: ReplicationCore, vm: number, nowMs: Millis, sentBytes: Bytes): Phase {
  keepSeeded(core, vm, sentBytes);
  return awaitRetry(core, vm, nowMs, Phase.seedingBackoff);
}

/** What was broken off goes on from the last whole chunk (semantics 10). */
export function keepSeeded(core: ReplicationCore, vm: number, sentBytes: Bytes): void {
  const disk = core.firstDisk[vm]! + core.seedingDisk[vm]!;
  const arrivedBytes = core.seededBytes[disk]! + sentBytes / core.compressionRatio[vm]!;
  core.seededBytes[disk] = Math.min(core.usedBytes[disk]!, wholeChunks(arrivedBytes, core.policy.rules.chunkBytes));
}

/** All disks are copied to media, one after another, off the link (decision 0005, 24). */
export function startExport(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  takeSnapshot(core, vm, nowMs);
  core.mediaPending[vm] = 1;
  let exportBytes = 0;
  for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) exportBytes += core.usedBytes[disk]!;
  const exportMs = (exportBytes * 1000) / core.policy.rules.exportBytesPerSec;
  return setTimer(core, vm, nowMs + exportMs, Input.exportDone, Phase.exporting);
}

/** The media leave; the snapshot is not needed any more. */
export function exported(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  core.mediaDueAtMs[vm] = nowMs + core.shippingMs[vm]! + core.policy.rules.finalizeMs;
  return mergeSnapshot(core, vm, nowMs);
}

/** The media are in: the VM is protected, but where its snapshot is still being merged (decision 0005, 24 and 25). */
export function mediaImported(core: ReplicationCore, vm: number, phase: Phase, nowMs: Millis): Phase {
  core.mediaPending[vm] = 0;
  core.mediaDueAtMs[vm] = Number.POSITIVE_INFINITY;
  core.seededAtMs[vm] = nowMs;
  for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) core.diskSeededAtMs[disk] = nowMs;
  if (phase === Phase.merging) return phase;
  protect(core, vm, core.snapshotAtMs[vm]!, nowMs);
  if (phase !== Phase.awaitingMedia) return phase;
  core.resyncPending[vm] = 0;
  return awaitWindow(core, vm, nowMs);
}

/** The snapshot stops growing and is merged; its space is given back at the end of the merge (semantics 9). */
function mergeSnapshot(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  let mergeMs = 0;
  for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
    core.snapshotUntilBytes[disk] = core.writes.writtenBytes(disk, nowMs);
    mergeMs += diskSnapshotBytes(core, disk, nowMs) / core.mergeBytesPerMs[disk]!;
  }
  return setTimer(core, vm, nowMs + mergeMs, Input.mergeDone, Phase.merging);
}

export function snapshotMerged(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) core.snapshotFromBytes[disk] = -1;
  if (core.mediaPending[vm] === 0) return finalize(core, vm, nowMs);
  // With exported media deltas flow to the placeholder at once, unless a mark has left none to send.
  return core.resyncPending[vm] === 0 ? awaitCut(core, vm, nowMs) : awaitNothing(core, vm, Phase.awaitingMedia);
}
