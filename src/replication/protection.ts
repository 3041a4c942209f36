/**
 * Enabling protection, finalizing it and ending it ([seed], "Enable protection", "Finalize protection on the virtual machine";
 * semantics 6, 9).
 */
import type { Millis } from '../units.ts';
import { GuestEffect, InitialMode, type ReplicationCore } from './columns.ts';
import { boundHalfDisk } from './half-disk.ts';
import { hasTransfer, Input, Phase } from './lifecycle.ts';
import { openLogs } from './logs.ts';
import { giveUpLogs } from './mark.ts';
import { forgetPoints, startPoints } from './recovery-points.ts';
import { awaitCut, awaitNothing, awaitWindow, setTimer } from './timers.ts';

export function enable(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  return setTimer(core, vm, nowMs + core.policy.rules.enableMs, Input.enableDone, Phase.enabling);
}

/** The VM is protected with a replica that is identical now: empty logs, recovery point now (semantics 6). */
export function adopt(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  openLogs(core, vm, nowMs);
  for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
    core.recoveryPointBytes[disk] = core.openFromBytes[disk]!;
  }
  protect(core, vm, nowMs, nowMs);
  boundHalfDisk(core, vm, nowMs);
  return awaitCut(core, vm, nowMs);
}

/** From now on the VM is protected; its recovery point does not go back. */
export function protect(core: ReplicationCore, vm: number, recoveryPointAtMs: Millis, nowMs: Millis): void {
  core.protectedAtMs[vm] = nowMs;
  core.recoveryPointAtMs[vm] = Math.max(core.recoveryPointAtMs[vm]!, recoveryPointAtMs);
  startPoints(core, vm, nowMs);
  core.appConsistentDueAtMs[vm] = nowMs + core.appConsistentMs[vm]!;
}

export function finalize(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  return setTimer(core, vm, nowMs + core.policy.rules.finalizeMs, Input.finalizeDone, Phase.finalizing);
}

/** Finalize protection has ended: delta replication begins, or the resynchronization that a mark has put off. */
export function finalized(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  protect(core, vm, core.snapshotAtMs[vm]!, nowMs);
  if (core.resyncPending[vm] === 0) return awaitCut(core, vm, nowMs);
  core.resyncPending[vm] = 0;
  return awaitWindow(core, vm, nowMs);
}

/** Protection ends: logs and snapshot go, and so does what was known of the replica (decision 0005, 31). */
export function endProtection(core: ReplicationCore, vm: number, phase: Phase, nowMs: Millis): Phase {
  core.effects.abort = hasTransfer(phase);
  if (phase === Phase.sendingLast) core.effects.guest = GuestEffect.start;
  if (core.tracked[vm] === 1) giveUpLogs(core, vm, phase, nowMs);
  for (let disk = core.firstDisk[vm]!; disk < core.firstDisk[vm + 1]!; disk++) {
    core.snapshotFromBytes[disk] = -1;
    core.snapshotUntilBytes[disk] = -1;
    core.openUntilBytes[disk] = Number.POSITIVE_INFINITY;
  }
  // Enabled again, the VM is copied anew in full: the replica that was there belonged to this protection.
  const begun = phase !== Phase.enabling && phase !== Phase.awaitingStart;
  if (begun && core.initialMode[vm] === InitialMode.existing) core.initialMode[vm] = InitialMode.network;
  core.protectedAtMs[vm] = -1;
  core.recoveryPointAtMs[vm] = -1;
  core.attempt[vm] = 0;
  core.resyncPending[vm] = 0;
  core.mediaPending[vm] = 0;
  core.mediaDueAtMs[vm] = Number.POSITIVE_INFINITY;
  core.testing[vm] = 0;
  core.atTarget[vm] = 0;
  core.reversed[vm] = 0;
  core.failbackPending[vm] = 0;
  forgetPoints(core, vm);
  return awaitNothing(core, vm, Phase.unprotected);
}
