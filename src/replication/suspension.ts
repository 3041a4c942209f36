/**
 * What stops replication until somebody acts: a pause by an administrator, and the errors that are not retried ([seed], "Retry
 * logic"; semantics 21; decision 0005, 27 and 28). Tracking goes on meanwhile.
 */
import { CAUSES, causeOf } from '../model/cause.ts';
import type { Bytes, Millis } from '../units.ts';
import { GuestEffect, type ReplicationCore } from './columns.ts';
import { resendSet } from './delta.ts';
import { checkHalfDiskNow } from './half-disk.ts';
import { keepSeeded, resumeSeeding } from './initial.ts';
import { hasTransfer, Phase } from './lifecycle.ts';
import { mark } from './mark.ts';
import { keepResync, resumeResync } from './resync.ts';
import { awaitCut, awaitNothing, awaitWindow } from './timers.ts';

export function pause(core: ReplicationCore, vm: number, phase: Phase, sentBytes: Bytes): Phase {
  suspend(core, vm, phase, sentBytes);
  return awaitNothing(core, vm, core.interrupted[vm] === Phase.resyncing ? Phase.resyncPaused : Phase.paused);
}

export function fatalError(
  core: ReplicationCore,
  vm: number,
  phase: Phase,
  nowMs: Millis,
  cause: number,
  sentBytes: Bytes,
): Phase {
  core.cause[vm] = cause;
  // Enable protection fails: the VM was never protected (decision 0005, 28).
  if (phase === Phase.enabling) return awaitNothing(core, vm, Phase.unprotected);
  suspend(core, vm, phase, sentBytes);
  // A planned failover whose guest is off has failed: the guest goes on where it was.
  if (phase === Phase.sendingLast) {
    core.effects.guest = GuestEffect.start;
    checkHalfDiskNow(core, vm, nowMs);
  }
  return awaitNothing(core, vm, Phase.critical);
}

/** Ends the transfer, keeps what need not be sent again, and notes where to go on. */
function suspend(core: ReplicationCore, vm: number, phase: Phase, sentBytes: Bytes): void {
  core.effects.abort = hasTransfer(phase);
  if (phase === Phase.seeding) keepSeeded(core, vm, sentBytes);
  if (phase === Phase.resyncing) keepResync(core, vm, sentBytes);
  core.interrupted[vm] = RUNNING[phase] ?? phase;
  core.attempt[vm] = 0;
}

/** The phase in which the same work is under way. */
const RUNNING: Partial<Record<Phase, Phase>> = {
  [Phase.seedingBackoff]: Phase.seeding,
  [Phase.sendingBackoff]: Phase.sending,
  [Phase.sendingLast]: Phase.sending,
  [Phase.resyncBackoff]: Phase.resyncing,
};

/** The cause is removed; where the logs no longer tell all changes, the VM is marked first. */
export function fix(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  if (causeOf(core.cause[vm]!)?.resyncAfterFix === true) {
    mark(core, vm, Phase.critical, nowMs, CAUSES.repaired.code);
  }
  return resume(core, vm, nowMs);
}

/** Back to where it was, as a first attempt; to the mark where the logs were dropped meanwhile. */
export function resume(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  const interrupted = core.interrupted[vm] as Phase;
  if (interrupted === Phase.seeding) return resumeSeeding(core, vm);
  if (core.resyncPending[vm] === 1) {
    if (core.mediaPending[vm] === 1) return awaitNothing(core, vm, Phase.awaitingMedia);
    core.resyncPending[vm] = 0;
    return awaitWindow(core, vm, nowMs);
  }
  switch (interrupted) {
    case Phase.sending:
      return resendSet(core, vm);
    case Phase.resyncMarked:
      return awaitWindow(core, vm, nowMs);
    case Phase.resyncing:
      return resumeResync(core, vm);
    default:
      return awaitCut(core, vm, nowMs);
  }
}
