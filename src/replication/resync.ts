/**
 * Resynchronization: both sides are divided into fixed chunks, their checksums are compared and the chunks that differ are
 * sent; it starts in its window, goes on where it was broken off, and delta replication follows ([seed], "Resynchronization";
 * semantics 23–26). What is written meanwhile goes to new logs.
 */
import { CAUSES } from '../model/cause.ts';
import type { Bytes, Millis } from '../units.ts';
import { type ReplicationCore, TransferKind } from './columns.ts';
import { boundHalfDisk } from './half-disk.ts';
import { Phase } from './lifecycle.ts';
import { openLogs } from './logs.ts';
import { leaveForResync, loseLogs } from './mark.ts';
import { finalize, protect } from './protection.ts';
import { forgetPoints, startPoints } from './recovery-points.ts';
import { awaitCut, awaitNothing, awaitRetry } from './timers.ts';
import { wholeChunks } from './whole-chunks.ts';

/** To be called while the VM is not tracked. */
export function startResync(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  core.resyncStartCount[vm]!++;
  core.resyncStartedAtMs[vm] = nowMs;
  openLogs(core, vm, nowMs);
  const { rules } = core.policy;
  let bytes = 0;
  let readingMs = 0;
  for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
    const chunks = Math.ceil(core.diskBytes[disk]! / rules.chunkBytes);
    const differing = Math.min(chunks, differingChunks(core, disk, nowMs));
    bytes += chunks * rules.checksumBytes + differing * rules.chunkBytes * core.compressionRatio[vm]!;
    // The disks are compared side by side: the largest one sets the time (decision 0002, 10).
    readingMs = Math.max(readingMs, (core.diskBytes[disk]! * 1000) / rules.compareBytesPerSec);
  }
  core.resyncBytes[vm] = bytes;
  core.resyncSentBytes[vm] = 0;
  core.resyncBytesPerMs[vm] = bytes / readingMs;
  boundHalfDisk(core, vm, nowMs);
  return resumeResync(core, vm);
}

/** An administrator asks for it: at once (semantics 24; decision 0005, 30). */
export function resyncByHand(core: ReplicationCore, vm: number, phase: Phase, nowMs: Millis): Phase {
  if (core.tracked[vm] === 1) {
    loseLogs(core, vm, phase, nowMs, CAUSES.resyncByHand.code);
    leaveForResync(core, vm, phase, nowMs);
  }
  return startResync(core, vm, nowMs);
}

/** Chunks that differ: those that have been written to since the recovery point (semantics 25). */
function differingChunks(core: ReplicationCore, disk: number, nowMs: Millis): number {
  const { chunkBytes } = core.policy.rules;
  const fromBytes = core.recoveryPointBytes[disk]!;
  return core.places.touchedBytes(disk, fromBytes, core.writes.writtenBytes(disk, nowMs), chunkBytes) / chunkBytes;
}

export function resumeResync(core: ReplicationCore, vm: number): Phase {
  const effects = core.effects;
  effects.upload = TransferKind.resync;
  effects.uploadBytes = core.resyncBytes[vm]! - core.resyncSentBytes[vm]!;
  effects.uploadBytesPerMs = core.resyncBytesPerMs[vm]!;
  effects.queuedAtMs = core.resyncStartedAtMs[vm]!;
  return awaitNothing(core, vm, Phase.resyncing);
}

/**
 * The replica is consistent to the start of the resynchronization (semantics 14), and has no older points. What follows is delta
 * replication, or Finalize protection where this was the first copy.
 */
export function finishResync(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  const firstCopy = core.recoveryPointAtMs[vm] === -1;
  for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
    core.recoveryPointBytes[disk] = core.openFromBytes[disk]!;
    if (firstCopy) core.diskSeededAtMs[disk] = nowMs;
  }
  core.recoveryPointAtMs[vm] = core.resyncStartedAtMs[vm]!;
  core.attempt[vm] = 0;
  forgetPoints(core, vm);
  if (firstCopy) {
    core.seededAtMs[vm] = nowMs;
    return finalize(core, vm, nowMs);
  }
  if (core.protectedAtMs[vm] === -1) protect(core, vm, core.resyncStartedAtMs[vm]!, nowMs);
  else startPoints(core, vm, nowMs);
  return awaitCut(core, vm, nowMs);
}

export function resyncBrokenOff(core: ReplicationCore, vm: number, nowMs: Millis, sentBytes: Bytes): Phase {
  keepResync(core, vm, sentBytes);
  return awaitRetry(core, vm, nowMs, Phase.resyncBackoff);
}

/** Goes on where it stopped, in whole chunks (semantics 26; decision 0002, 11). */
export function keepResync(core: ReplicationCore, vm: number, sentBytes: Bytes): void {
  core.resyncSentBytes[vm] = wholeChunks(core.resyncSentBytes[vm]! + sentBytes, core.policy.rules.chunkBytes);
}
