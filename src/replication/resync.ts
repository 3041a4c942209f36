/**
 * Resynchronization: both sides are divided into fixed chunks, their checksums are compared and the chunks that differ are
 * sent; it starts in its window, goes on where it was broken off, and delta replication follows ([seed], "Resynchronization";
 * semantics 23–26). What is written meanwhile goes to new logs.
 */
import type { Bytes, Millis } from '../units.ts';
import { type ReplicationCore, TransferKind } from './columns.ts';
import { boundHalfDisk } from './half-disk.ts';
import { Phase } from './lifecycle.ts';
import { openLogs } from './logs.ts';
import { awaitCut, awaitRetry, awaitTransfer } from './timers.ts';
import { wholeChunks } from './whole-chunks.ts';

export function startResync(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  core.resyncStartCount[vm]!++;
  core.resyncStartedAtMs[vm] = nowMs;
  openLogs(core, vm, nowMs);
  const { rules, compressionRatio } = core.policy;
  let bytes = 0;
  let readingMs = 0;
  for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
    const chunks = Math.ceil(core.diskBytes[disk]! / rules.chunkBytes);
    const differing = Math.min(chunks, differingChunks(core, disk, nowMs));
    bytes += chunks * rules.checksumBytes + differing * rules.chunkBytes * compressionRatio;
    // The disks are compared side by side: the largest one sets the time (decision 0002, 10).
    readingMs = Math.max(readingMs, (core.diskBytes[disk]! * 1000) / rules.compareBytesPerSec);
  }
  core.resyncBytes[vm] = bytes;
  core.resyncSentBytes[vm] = 0;
  core.resyncBytesPerMs[vm] = bytes / readingMs;
  boundHalfDisk(core, vm, nowMs);
  return resumeResync(core, vm);
}

/** Chunks that differ: those of the distinct bytes written since the recovery point (semantics 25). */
function differingChunks(core: ReplicationCore, disk: number, nowMs: Millis): number {
  const writtenBytes = core.writes.writtenBytes(disk, nowMs) - core.recoveryPointBytes[disk]!;
  return Math.ceil(core.distinctBytes(disk, writtenBytes) / core.policy.rules.chunkBytes);
}

export function resumeResync(core: ReplicationCore, vm: number): Phase {
  const effects = core.effects;
  effects.upload = TransferKind.resync;
  effects.uploadBytes = core.resyncBytes[vm]! - core.resyncSentBytes[vm]!;
  effects.uploadBytesPerMs = core.resyncBytesPerMs[vm]!;
  effects.queuedAtMs = core.resyncStartedAtMs[vm]!;
  return awaitTransfer(core, vm, Phase.resyncing);
}

/** The replica is consistent to the start of the resynchronization (semantics 14). */
export function finishResync(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
    core.recoveryPointBytes[disk] = core.openFromBytes[disk]!;
  }
  core.recoveryPointAtMs[vm] = core.resyncStartedAtMs[vm]!;
  core.attempt[vm] = 0;
  return awaitCut(core, vm, nowMs);
}

/** Goes on where it stopped, in whole chunks (semantics 26; decision 0002, 11). */
export function resyncBrokenOff(core: ReplicationCore, vm: number, nowMs: Millis, sentBytes: Bytes): Phase {
  const { chunkBytes } = core.policy.rules;
  core.resyncSentBytes[vm] = wholeChunks(core.resyncSentBytes[vm]! + sentBytes, chunkBytes);
  return awaitRetry(core, vm, nowMs, Phase.resyncBackoff);
}
