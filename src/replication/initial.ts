/**
 * Initial replication: a snapshot is taken, the disks are sent one by one, every change is tracked meanwhile, and the snapshot
 * is merged into its parent afterwards ([seed], "Finalize protection on the virtual machine"; semantics 7–10).
 */
import type { Bytes, Millis } from '../units.ts';
import { type ReplicationCore, TransferKind } from './columns.ts';
import { boundHalfDisk } from './half-disk.ts';
import { Input, Phase } from './lifecycle.ts';
import { diskSnapshotBytes, openLogs } from './logs.ts';
import { awaitRetry, awaitTransfer, setTimer } from './timers.ts';
import { wholeChunks } from './whole-chunks.ts';

export function startSeeding(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  core.snapshotAtMs[vm] = nowMs;
  core.seedingDisk[vm] = 0;
  openLogs(core, vm, nowMs);
  for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
    core.snapshotFromBytes[disk] = core.openFromBytes[disk]!;
    core.recoveryPointBytes[disk] = core.openFromBytes[disk]!;
  }
  boundHalfDisk(core, vm, nowMs);
  return resumeSeeding(core, vm);
}

/** Sends what is missing of the disk whose turn it is. */
export function resumeSeeding(core: ReplicationCore, vm: number): Phase {
  const disk = core.firstDisk[vm]! + core.seedingDisk[vm]!;
  const effects = core.effects;
  effects.upload = TransferKind.initial;
  effects.uploadBytes = (core.usedBytes[disk]! - core.seededBytes[disk]!) * core.policy.compressionRatio;
  effects.uploadBytesPerMs = Number.POSITIVE_INFINITY;
  effects.queuedAtMs = core.snapshotAtMs[vm]!;
  return awaitTransfer(core, vm, Phase.seeding);
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

/** Goes on from the last whole chunk (semantics 10). */
export function seedingBrokenOff(core: ReplicationCore, vm: number, nowMs: Millis, sentBytes: Bytes): Phase {
  const disk = core.firstDisk[vm]! + core.seedingDisk[vm]!;
  const arrivedBytes = core.seededBytes[disk]! + sentBytes / core.policy.compressionRatio;
  core.seededBytes[disk] = Math.min(core.usedBytes[disk]!, wholeChunks(arrivedBytes, core.policy.rules.chunkBytes));
  return awaitRetry(core, vm, nowMs, Phase.seedingBackoff);
}

/** The snapshot stops growing and is merged; its space is given back at the end of the merge (semantics 9). */
function mergeSnapshot(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  let snapshotBytes = 0;
  for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
    core.snapshotUntilBytes[disk] = core.writes.writtenBytes(disk, nowMs);
    snapshotBytes += diskSnapshotBytes(core, disk, nowMs);
  }
  const mergeMs = (snapshotBytes * 1000) / core.policy.rules.mergeBytesPerSec;
  return setTimer(core, vm, nowMs + mergeMs, Input.mergeDone, Phase.merging);
}

export function snapshotMerged(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) core.snapshotFromBytes[disk] = -1;
  return setTimer(core, vm, nowMs + core.policy.rules.finalizeMs, Input.finalizeDone, Phase.finalizing);
}
