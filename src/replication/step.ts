/**
 * The replication core: what Hyper-V Replica and Site Recovery do to ONE VM at a time.
 *
 * It is fed one input at an instant and answers with what its host must do (`effects`) and the one deadline at which it wants
 * to be woken (`wakeAtMs`, `wakeInput`). It has no clock, no files, no network and draws nothing; the guests' writes are asked
 * for when a log is cut. README.md beside this file has the contract of the host.
 */
import type { Bytes, Millis } from '../units.ts';
import { GuestEffect, type ReplicationCore, TransferKind } from './columns.ts';
import { cutLogs, finishSet, resendSet, setBrokenOff } from './delta.ts';
import {
  cancelFailover,
  commitFailover,
  failBack,
  failOverUnplanned,
  lastSetBrokenOff,
  lastSetSent,
  planFailover,
  resyncSent,
  reverse,
  reverseInFull,
} from './failover.ts';
import { checkHalfDisk } from './half-disk.ts';
import {
  diskSent,
  enabled,
  exported,
  mediaImported,
  resumeSeeding,
  seedingBrokenOff,
  snapshotMerged,
  startInitialReplication,
} from './initial.ts';
import { InvariantError } from './invariant.ts';
import { INPUT_KEYS, Input, isLegal, mayLead, PHASE_KEYS, Phase } from './lifecycle.ts';
import { mark } from './mark.ts';
import { adopt, enable, endProtection, finalized } from './protection.ts';
import { resumeResync, resyncBrokenOff, resyncByHand, startResync } from './resync.ts';
import { fatalError, fix, pause, resume } from './suspension.ts';
import { armWake } from './timers.ts';

/**
 * Feeds ONE input to one VM. The host then carries out `core.effects` and re-reads the VM's wake before it feeds the next.
 *
 * @param amountBytes where the VM has a transfer that flows: what had gone out of it (compressed, before the link's overhead)
 * @param cause with `transferFailed`, `fatalError` and `resyncRequired`: a code of `model/cause.ts`
 * @throws InvariantError where the lifecycle does not allow the input in the VM's phase
 */
export function step(
  core: ReplicationCore,
  vm: number,
  input: Input,
  nowMs: Millis,
  amountBytes: Bytes = 0,
  cause = 0,
): void {
  const phase = core.phase[vm] as Phase;
  if (!isLegal(phase, input)) {
    throw new InvariantError(`VM ${vm}: ${INPUT_KEYS[input]} in phase ${PHASE_KEYS[phase]} at ${nowMs} ms`);
  }
  const effects = core.effects;
  effects.abort = false;
  effects.guest = GuestEffect.none;
  effects.upload = TransferKind.none;
  const next =
    input === Input.intervalElapsed
      ? cutLogs(core, vm, nowMs)
      : input === Input.transferDone
        ? transferDone(core, vm, phase, nowMs)
        : handle(core, vm, phase, input, nowMs, amountBytes, cause);
  if (!mayLead(phase, input, next)) {
    const led = `${INPUT_KEYS[input]} led from ${PHASE_KEYS[phase]} to ${PHASE_KEYS[next]}`;
    throw new InvariantError(`VM ${vm}: ${led} at ${nowMs} ms`);
  }
  core.phase[vm] = next;
  if (effects.upload !== TransferKind.none) core.transferId[vm]!++;
  armWake(core, vm);
}

/** Every input but cuts and arrivals, which are nearly all steps and go straight. */
function handle(
  core: ReplicationCore,
  vm: number,
  phase: Phase,
  input: Exclude<Input, typeof Input.intervalElapsed | typeof Input.transferDone>,
  nowMs: Millis,
  amountBytes: Bytes,
  cause: number,
): Phase {
  switch (input) {
    case Input.logHalfDue:
      return checkHalfDisk(core, vm, phase, nowMs);
    case Input.transferFailed:
      return transferFailed(core, vm, phase, nowMs, amountBytes, cause);
    case Input.retryDue:
      if (phase === Phase.sendingBackoff) return resendSet(core, vm);
      return phase === Phase.seedingBackoff ? resumeSeeding(core, vm) : resumeResync(core, vm);
    case Input.windowOpened:
      return startResync(core, vm, nowMs);
    case Input.enabled:
      return enable(core, vm, nowMs);
    case Input.adopted:
      return adopt(core, vm, nowMs);
    case Input.enableDone:
      return enabled(core, vm, nowMs);
    case Input.startDue:
      return startInitialReplication(core, vm, nowMs);
    case Input.exportDone:
      return exported(core, vm, nowMs);
    case Input.mediaImported:
      return mediaImported(core, vm, phase, nowMs);
    case Input.mergeDone:
      return snapshotMerged(core, vm, nowMs);
    case Input.finalizeDone:
      return finalized(core, vm, nowMs);
    case Input.disabled:
      return endProtection(core, vm, phase, nowMs);
    case Input.fatalError:
      return fatalError(core, vm, phase, nowMs, cause, amountBytes);
    case Input.fixed:
      return fix(core, vm, nowMs);
    case Input.paused:
      return pause(core, vm, phase, amountBytes);
    case Input.resumed:
      return resume(core, vm, nowMs);
    case Input.resyncRequired:
      return mark(core, vm, phase, nowMs, cause);
    case Input.resyncRequested:
      return resyncByHand(core, vm, phase, nowMs);
    case Input.testFailoverStarted:
      core.testing[vm] = 1;
      return phase;
    case Input.testFailoverCleanedUp:
      core.testing[vm] = 0;
      return phase;
    case Input.plannedFailover:
      return phase === Phase.committed ? failBack(core, vm, nowMs) : planFailover(core, vm, phase, nowMs);
    case Input.unplannedFailover:
      return failOverUnplanned(core, vm, phase, nowMs);
    case Input.failoverCancelled:
      return cancelFailover(core, vm, phase, nowMs);
    case Input.failoverCommitted:
      return commitFailover(core, vm, nowMs);
    case Input.reversed:
      return reverse(core, vm, nowMs);
    case Input.reversedInFull:
      return reverseInFull(core, vm, nowMs);
    default:
      return input satisfies never;
  }
}

function transferDone(core: ReplicationCore, vm: number, phase: Phase, nowMs: Millis): Phase {
  if (phase === Phase.sending) return finishSet(core, vm, nowMs);
  if (phase === Phase.seeding) return diskSent(core, vm, nowMs);
  return phase === Phase.resyncing ? resyncSent(core, vm, nowMs) : lastSetSent(core, vm, nowMs);
}

/** A recoverable error: on the ladder (semantics 20). */
function transferFailed(
  core: ReplicationCore,
  vm: number,
  phase: Phase,
  nowMs: Millis,
  sentBytes: Bytes,
  cause: number,
): Phase {
  if (core.firstFailureAtMs[vm] === -1) core.firstFailureAtMs[vm] = nowMs;
  core.cause[vm] = cause;
  if (phase === Phase.sending) return setBrokenOff(core, vm, nowMs);
  if (phase === Phase.sendingLast) return lastSetBrokenOff(core, vm, nowMs);
  return phase === Phase.seeding
    ? seedingBrokenOff(core, vm, nowMs, sentBytes)
    : resyncBrokenOff(core, vm, nowMs, sentBytes);
}
