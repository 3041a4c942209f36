/**
 * Failover, and replication back: planned (the last changes are sent first, nothing is lost), unplanned (what is lost is the age of
 * the recovery point), commit, cancellation, reverse replication ([B], task 5; facts 8; semantics 30; decision 0005, 32–38).
 */
import { CAUSES, causeOf } from '../model/cause.ts';
import type { Millis } from '../units.ts';
import { GuestEffect, type ReplicationCore } from './columns.ts';
import { applySet, cutLogs, resendSet, setBrokenOff } from './delta.ts';
import { checkHalfDiskNow } from './half-disk.ts';
import { startSeeding } from './initial.ts';
import { hasTransfer, Phase } from './lifecycle.ts';
import { dropLogs } from './logs.ts';
import { giveUpLogs, mark } from './mark.ts';
import { protect } from './protection.ts';
import { forgetPoints, shiftPoints } from './recovery-points.ts';
import { finishResync, startResync } from './resync.ts';
import { awaitCut, awaitNothing, awaitWindow } from './timers.ts';

/** The guest stops; a set in flight arrives first, then the last changes are cut at this very instant and sent. */
export function planFailover(core: ReplicationCore, vm: number, phase: Phase, nowMs: Millis): Phase {
  core.effects.guest = GuestEffect.stop;
  if (phase === Phase.sending) {
    core.lastCut[vm] = 0;
    return awaitNothing(core, vm, Phase.sendingLast);
  }
  return sendLastSet(core, vm, nowMs);
}

function sendLastSet(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  core.lastCut[vm] = 1;
  cutLogs(core, vm, nowMs);
  return Phase.sendingLast;
}

/** A set has arrived while the guest is off: the last one follows, or it was the last and the guest starts at the other side. */
export function lastSetSent(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  applySet(core, vm, nowMs);
  if (core.lastCut[vm] === 0) return sendLastSet(core, vm, nowMs);
  core.failoverPlanned[vm] = 1;
  core.effects.guest = GuestEffect.start;
  core.interrupted[vm] = Phase.tracking;
  return failOver(core, vm, nowMs);
}

/** The attempt has failed, and the failover with it: the guest goes on where it was. */
export function lastSetBrokenOff(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  guestGoesOn(core, vm, nowMs);
  return setBrokenOff(core, vm, nowMs);
}

/** The guest starts from its replica, at its recovery point. */
export function failOverUnplanned(core: ReplicationCore, vm: number, phase: Phase, nowMs: Millis): Phase {
  core.effects.abort = hasTransfer(phase);
  if (phase === Phase.sendingLast) core.effects.guest = GuestEffect.start;
  core.failoverPlanned[vm] = 0;
  core.interrupted[vm] = whereToReturn(core, vm, phase);
  const toBeRepaired = phase === Phase.critical && causeOf(core.cause[vm]!)?.resyncAfterFix === true;
  core.resyncPending[vm] = toBeRepaired && core.interrupted[vm] !== Phase.resyncMarked ? 1 : 0;
  return failOver(core, vm, nowMs);
}

/** Where a cancelled failover goes on: a pause or an error is over, a resynchronization begins anew (decision 0005, 35). */
function whereToReturn(core: ReplicationCore, vm: number, phase: Phase): Phase {
  const suspended = phase === Phase.paused || phase === Phase.resyncPaused || phase === Phase.critical;
  const under = suspended ? (core.interrupted[vm] as Phase) : phase;
  if (core.resyncPending[vm] === 1) return Phase.resyncMarked;
  switch (under) {
    case Phase.tracking:
      return Phase.tracking;
    case Phase.sending:
    case Phase.sendingBackoff:
    case Phase.sendingLast:
      return Phase.sending;
    default:
      return Phase.resyncMarked;
  }
}

/** The logs stay as they are until the failover is committed or cancelled. */
function failOver(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
    core.openUntilBytes[disk] = core.writes.writtenBytes(disk, nowMs);
  }
  core.failedOverAtMs[vm] = nowMs;
  core.atTarget[vm] = 1 - core.atTarget[vm]!;
  core.attempt[vm] = 0;
  core.failbackPending[vm] = 0;
  core.halfDueAtMs[vm] = Number.POSITIVE_INFINITY;
  return awaitNothing(core, vm, Phase.failedOver);
}

/** Before the last set has arrived the guest simply starts again; after the failover what it wrote there is thrown away. */
export function cancelFailover(core: ReplicationCore, vm: number, phase: Phase, nowMs: Millis): Phase {
  if (phase === Phase.sendingLast) {
    guestGoesOn(core, vm, nowMs);
    return awaitNothing(core, vm, Phase.sending);
  }
  core.atTarget[vm] = 1 - core.atTarget[vm]!;
  for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
    const discardedBytes = core.writes.writtenBytes(disk, nowMs) - core.openUntilBytes[disk]!;
    core.openUntilBytes[disk] = Number.POSITIVE_INFINITY;
    core.recoveryPointBytes[disk]! += discardedBytes;
    shiftPoints(core, vm, disk, discardedBytes);
    if (core.tracked[vm] === 0) continue;
    core.openFromBytes[disk]! += discardedBytes;
    core.untrackedBytes[disk]! += discardedBytes;
  }
  return goOnAfterCancel(core, vm, nowMs);
}

function goOnAfterCancel(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  const { interrupted } = core;
  if (core.resyncPending[vm] === 1) {
    // The logs of a VM that was still to be repaired do not tell all changes.
    core.resyncPending[vm] = 0;
    const held = interrupted[vm] === Phase.sending ? Phase.sendingBackoff : Phase.tracking;
    return mark(core, vm, held, nowMs, CAUSES.repaired.code);
  }
  if (interrupted[vm] === Phase.resyncMarked) {
    if (core.tracked[vm] === 1) dropLogs(core, vm, nowMs);
    return awaitWindow(core, vm, nowMs);
  }
  checkHalfDiskNow(core, vm, nowMs);
  return interrupted[vm] === Phase.sending ? resendSet(core, vm) : awaitCut(core, vm, nowMs);
}

/** The recovery point is final. The logs of a planned failover go on at the target, those of an unplanned one are dropped. */
export function commitFailover(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  core.protectedAtMs[vm] = -1;
  core.resyncPending[vm] = 0;
  forgetPoints(core, vm);
  if (core.failoverPlanned[vm] === 1) checkHalfDiskNow(core, vm, nowMs);
  else if (core.tracked[vm] === 1) giveUpLogs(core, vm, Phase.failedOver, nowMs);
  for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
    core.openUntilBytes[disk] = Number.POSITIVE_INFINITY;
  }
  return awaitNothing(core, vm, Phase.committed);
}

/** Replication to the other side begins: with the next boundary where the logs tell all changes, else by a resynchronization. */
export function reverse(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  core.reversed[vm] = core.atTarget[vm]!;
  if (core.tracked[vm] === 0) return startResync(core, vm, nowMs);
  protect(core, vm, core.failedOverAtMs[vm]!, nowMs);
  return awaitCut(core, vm, nowMs);
}

/** Replication to the other side begins with a full copy. */
export function reverseInFull(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  core.reversed[vm] = core.atTarget[vm]!;
  if (core.tracked[vm] === 1) dropLogs(core, vm, nowMs);
  return startSeeding(core, vm, nowMs);
}

/** Failback from Azure: what has changed there comes back while the guest runs, then the last changes (decision 0005, 38). */
export function failBack(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  const next = reverse(core, vm, nowMs);
  if (next === Phase.tracking) return planFailover(core, vm, next, nowMs);
  core.failbackPending[vm] = 1;
  return next;
}

/** A resynchronization is done; one that was the first half of a failback goes on with the last changes. */
export function resyncSent(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  const next = finishResync(core, vm, nowMs);
  if (core.failbackPending[vm] === 0) return next;
  core.failbackPending[vm] = 0;
  return planFailover(core, vm, next, nowMs);
}

/** The guest that was shut down starts again where it was, and its logs grow again. */
function guestGoesOn(core: ReplicationCore, vm: number, nowMs: Millis): void {
  core.effects.guest = GuestEffect.start;
  checkHalfDiskNow(core, vm, nowMs);
}
