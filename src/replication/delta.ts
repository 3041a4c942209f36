/**
 * Delta replication: at every copy interval the open log of each disk is cut and sent, and a new one collects what is written
 * meanwhile ([seed], "Delta replication"; semantics 12–16). The logs of one cut are one set and one transfer.
 */
import type { Millis } from '../units.ts';
import { type ReplicationCore, TransferKind } from './columns.ts';
import { boundHalfDisk } from './half-disk.ts';
import { Phase } from './lifecycle.ts';
import { logFileBytes } from './log-size.ts';
import { openLogs } from './logs.ts';
import { awaitCut, awaitRetry, awaitTransfer } from './timers.ts';

/** The VM is protected with a replica that is identical now: empty logs, recovery point now (semantics 6). */
export function startTracking(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  openLogs(core, vm, nowMs);
  for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
    core.recoveryPointBytes[disk] = core.openFromBytes[disk]!;
  }
  core.protectedAtMs[vm] = nowMs;
  core.recoveryPointAtMs[vm] = nowMs;
  boundHalfDisk(core, vm, nowMs);
  return awaitCut(core, vm, nowMs);
}

/** The open logs become the set in flight, also where they are empty (semantics 4). */
export function cutLogs(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
    const writtenBytes = core.writes.writtenBytes(disk, nowMs);
    const dataBytes = writtenBytes - core.openFromBytes[disk]!;
    core.inFlightBytes[disk] = dataBytes;
    core.inFlightFileBytes[disk] = logFileBytes(dataBytes, core.entryRunBytes[disk]!, core.policy.rules);
    core.openFromBytes[disk] = writtenBytes;
  }
  core.cutAtMs[vm] = nowMs;
  boundHalfDisk(core, vm, nowMs);
  return resendSet(core, vm);
}

/** Sends the set in flight from its beginning (semantics 16). */
export function resendSet(core: ReplicationCore, vm: number): Phase {
  let fileBytes = 0;
  for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
    fileBytes += core.inFlightFileBytes[disk]!;
  }
  const effects = core.effects;
  effects.upload = TransferKind.delta;
  effects.uploadBytes = fileBytes * core.policy.compressionRatio;
  effects.uploadBytesPerMs = Number.POSITIVE_INFINITY;
  effects.queuedAtMs = core.cutAtMs[vm]!;
  return awaitTransfer(core, vm, Phase.sending);
}

/** The whole set has arrived: the replica is consistent to its cut (semantics 14). */
export function finishSet(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
    core.deliveredBytes[disk]! += core.inFlightBytes[disk]!;
    core.inFlightBytes[disk] = 0;
    core.inFlightFileBytes[disk] = 0;
    core.recoveryPointBytes[disk] = core.openFromBytes[disk]!;
  }
  core.recoveryPointAtMs[vm] = core.cutAtMs[vm]!;
  core.attempt[vm] = 0;
  core.completedCycles[vm]!++;
  core.missedCycles[vm]! += missedBefore(core, vm, nowMs);
  // The bound of the half-disk rule is left as it is: with less in the logs it can only be early, never late.
  // A set that took no time does not make its own boundary come again.
  return awaitCut(core, vm, Math.max(nowMs, core.cutAtMs[vm]! + core.policy.copyFrequencyMs));
}

/** Boundaries strictly between the cut of the set in flight and `nowMs`: each is a missed cycle (semantics 13). */
export function missedBefore(core: ReplicationCore, vm: number, nowMs: Millis): number {
  return Math.max(0, Math.ceil((nowMs - core.cutAtMs[vm]!) / core.policy.copyFrequencyMs) - 1);
}

export function setBrokenOff(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  core.failedCycles[vm]!++;
  return awaitRetry(core, vm, nowMs, Phase.sendingBackoff);
}
