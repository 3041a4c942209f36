/**
 * Delta replication: at every copy interval the open log of each disk is cut and sent, and a new one collects what is written
 * meanwhile ([seed], "Delta replication"; semantics 12–16). The logs of one cut are one set and one transfer.
 */
import type { Bytes, Millis } from '../units.ts';
import { type ReplicationCore, TransferKind } from './columns.ts';
import { boundHalfDiskAtCut } from './half-disk.ts';
import { Phase } from './lifecycle.ts';
import { logFileBytes } from './log-size.ts';
import { keepPoint } from './recovery-points.ts';
import { awaitNothing, awaitRetry, boundariesBetween, missAndAwaitCut } from './timers.ts';

/** The open logs become the set in flight, also where they are empty (semantics 4). */
export function cutLogs(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  const { rules } = core.policy;
  const endDisk = core.firstDisk[vm + 1]!;
  let setFileBytes = 0;
  for (let disk = core.firstDisk[vm]!; disk < endDisk; disk++) {
    const writtenBytes = core.writes.writtenBytes(disk, nowMs);
    const dataBytes = writtenBytes - core.openFromBytes[disk]!;
    const fileBytes = logFileBytes(dataBytes, core.entryRunBytes[disk]!, rules);
    core.inFlightBytes[disk] = dataBytes;
    core.inFlightFileBytes[disk] = fileBytes;
    core.openFromBytes[disk] = writtenBytes;
    setFileBytes += fileBytes;
  }
  core.cutAtMs[vm] = nowMs;
  boundHalfDiskAtCut(core, vm, nowMs);
  return sendSet(core, vm, setFileBytes);
}

/** Sends the set in flight from its beginning (semantics 16). */
export function resendSet(core: ReplicationCore, vm: number): Phase {
  let fileBytes = 0;
  for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
    fileBytes += core.inFlightFileBytes[disk]!;
  }
  return sendSet(core, vm, fileBytes);
}

function sendSet(core: ReplicationCore, vm: number, fileBytes: Bytes): Phase {
  const effects = core.effects;
  effects.upload = TransferKind.delta;
  effects.uploadBytes = fileBytes * core.compressionRatio[vm]!;
  effects.uploadBytesPerMs = Number.POSITIVE_INFINITY;
  effects.queuedAtMs = core.cutAtMs[vm]!;
  return awaitNothing(core, vm, Phase.sending);
}

/** The whole set has arrived: the next cut is at a later boundary. */
export function finishSet(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  bringForward(core, vm);
  // The bound of the half-disk rule is left as it is: with less in the logs it can only be early, never late.
  return missAndAwaitCut(core, vm, nowMs);
}

/** The replica is consistent to the cut of the set that has arrived (semantics 14). */
export function applySet(core: ReplicationCore, vm: number, nowMs: Millis): void {
  bringForward(core, vm);
  core.missedCycles[vm]! += boundariesBetween(core, vm, core.cutAtMs[vm]!, nowMs);
}

function bringForward(core: ReplicationCore, vm: number): void {
  for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
    core.deliveredBytes[disk]! += core.inFlightBytes[disk]!;
    core.inFlightBytes[disk] = 0;
    core.inFlightFileBytes[disk] = 0;
    core.recoveryPointBytes[disk] = core.openFromBytes[disk]!;
  }
  core.recoveryPointAtMs[vm] = core.cutAtMs[vm]!;
  core.attempt[vm] = 0;
  core.completedCycles[vm]!++;
  keepPoint(core, vm);
}

export function setBrokenOff(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  core.failedCycles[vm]!++;
  return awaitRetry(core, vm, nowMs, Phase.sendingBackoff);
}
