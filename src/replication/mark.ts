/**
 * Marking for resynchronization: whatever the trigger, the logs are dropped and nothing is tracked until the resynchronization
 * starts (semantics 23; decision 0005, 29). What is under way and can go on without logs goes to its end first.
 */
import type { Millis } from '../units.ts';
import { GuestEffect, type ReplicationCore } from './columns.ts';
import { hasTransfer, Phase } from './lifecycle.ts';
import { dropLogs } from './logs.ts';
import { awaitNothing, awaitWindow, boundariesBetween, boundariesUpTo } from './timers.ts';

export function mark(core: ReplicationCore, vm: number, phase: Phase, nowMs: Millis, cause: number): Phase {
  // Without logs the VM is marked already.
  if (core.tracked[vm] === 0) return phase;
  loseLogs(core, vm, phase, nowMs, cause);
  switch (phase) {
    case Phase.seeding:
    case Phase.seedingBackoff:
    case Phase.exporting:
    case Phase.merging:
    case Phase.finalizing:
    case Phase.paused:
    case Phase.resyncPaused:
    case Phase.critical:
      core.resyncPending[vm] = 1;
      return phase;
    case Phase.committed:
      return phase;
    default:
      return leaveForResync(core, vm, phase, nowMs);
  }
}

/** The logs are dropped; the mark and its cause are counted. */
export function loseLogs(core: ReplicationCore, vm: number, phase: Phase, nowMs: Millis, cause: number): void {
  core.markCount[vm]!++;
  core.markCause[vm] = cause;
  if (isSetInFlight(core, vm, phase)) {
    // Every boundary since the cut was missed, the one at this very instant too (decision 0002, 3).
    core.missedCycles[vm]! += boundariesUpTo(core, vm, core.cutAtMs[vm]!, nowMs);
  }
  dropLogs(core, vm, nowMs);
}

/** An administrator ends what the logs were for; a boundary at this very instant has not come yet. */
export function giveUpLogs(core: ReplicationCore, vm: number, phase: Phase, nowMs: Millis): void {
  if (isSetInFlight(core, vm, phase)) {
    core.missedCycles[vm]! += boundariesBetween(core, vm, core.cutAtMs[vm]!, nowMs);
  }
  dropLogs(core, vm, nowMs);
}

/** Ends what ran; the window decides when the resynchronization starts, or the media that it needs. */
export function leaveForResync(core: ReplicationCore, vm: number, phase: Phase, nowMs: Millis): Phase {
  core.attempt[vm] = 0;
  core.effects.abort = hasTransfer(phase);
  if (phase === Phase.sendingLast) core.effects.guest = GuestEffect.start;
  if (core.mediaPending[vm] === 0) return awaitWindow(core, vm, nowMs);
  core.resyncPending[vm] = 1;
  return awaitNothing(core, vm, Phase.awaitingMedia);
}

/** Whether a set of logs is in flight: sent, waiting, or held by a pause or an error. */
export function isSetInFlight(core: ReplicationCore, vm: number, phase: Phase): boolean {
  switch (phase) {
    case Phase.sending:
    case Phase.sendingBackoff:
    case Phase.sendingLast:
      return true;
    case Phase.paused:
    case Phase.critical:
    case Phase.failedOver:
      return core.interrupted[vm] === Phase.sending && core.tracked[vm] === 1;
    default:
      return false;
  }
}
