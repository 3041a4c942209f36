/**
 * The replication core: what Hyper-V Replica and Site Recovery do to ONE VM at a time.
 *
 * It is fed one input at an instant and answers with what its host must do (`effects`) and the one deadline at which it wants
 * to be woken (`wakeAtMs`, `wakeInput`). It has no clock, no files, no network and draws nothing; the guests' writes are asked
 * for when a log is cut. README.md beside this file has the contract of the host.
 */
import type { Bytes, Millis } from '../units.ts';
import { type ReplicationCore, TransferKind } from './columns.ts';
import { cutLogs, finishSet, resendSet, setBrokenOff, startTracking } from './delta.ts';
import { checkHalfDisk } from './half-disk.ts';
import { diskSent, resumeSeeding, seedingBrokenOff, snapshotMerged, startSeeding } from './initial.ts';
import { invariant } from './invariant.ts';
import { INPUT_KEYS, Input, isLegal, mayLead, PHASE_KEYS, Phase } from './lifecycle.ts';
import { finishResync, resumeResync, resyncBrokenOff, startResync } from './resync.ts';
import { armWake, awaitCut, awaitWindow, setTimer } from './timers.ts';

/**
 * Feeds ONE input to one VM. The host then carries out `core.effects` and re-reads the VM's wake before it feeds the next.
 *
 * @param amountBytes with `transferFailed`: how many of the transfer's bytes (compressed, before the link's overhead) had gone out
 * @throws InvariantError where the lifecycle does not allow the input in the VM's phase
 */
export function step(core: ReplicationCore, vm: number, input: Input, nowMs: Millis, amountBytes: Bytes = 0): void {
  const phase = core.phase[vm] as Phase;
  invariant(isLegal(phase, input), () => `VM ${vm}: ${INPUT_KEYS[input]} in phase ${PHASE_KEYS[phase]} at ${nowMs} ms`);
  const effects = core.effects;
  effects.abort = false;
  effects.upload = TransferKind.none;
  const next = handle(core, vm, phase, input, nowMs, amountBytes);
  invariant(
    mayLead(phase, input, next),
    () => `VM ${vm}: ${INPUT_KEYS[input]} led from ${PHASE_KEYS[phase]} to ${PHASE_KEYS[next]} at ${nowMs} ms`,
  );
  core.phase[vm] = next;
  if (effects.upload !== TransferKind.none) core.transferId[vm]!++;
  armWake(core, vm);
}

function handle(
  core: ReplicationCore,
  vm: number,
  phase: Phase,
  input: Input,
  nowMs: Millis,
  amountBytes: Bytes,
): Phase {
  switch (input) {
    case Input.enabled:
      return setTimer(core, vm, nowMs + core.policy.rules.enableMs, Input.enableDone, Phase.enabling);
    case Input.adopted:
      return startTracking(core, vm, nowMs);
    case Input.enableDone:
      return startSeeding(core, vm, nowMs);
    case Input.mergeDone:
      return snapshotMerged(core, vm, nowMs);
    case Input.finalizeDone:
      return startDelta(core, vm, nowMs);
    case Input.intervalElapsed:
      return cutLogs(core, vm, nowMs);
    case Input.windowOpened:
      return startResync(core, vm, nowMs);
    case Input.logHalfDue:
      return checkHalfDisk(core, vm, phase, nowMs);
    case Input.transferDone:
      if (phase === Phase.sending) return finishSet(core, vm, nowMs);
      return phase === Phase.seeding ? diskSent(core, vm, nowMs) : finishResync(core, vm, nowMs);
    case Input.transferFailed:
      if (core.firstFailureAtMs[vm] === -1) core.firstFailureAtMs[vm] = nowMs;
      if (phase === Phase.sending) return setBrokenOff(core, vm, nowMs);
      return phase === Phase.seeding
        ? seedingBrokenOff(core, vm, nowMs, amountBytes)
        : resyncBrokenOff(core, vm, nowMs, amountBytes);
    case Input.retryDue:
      if (phase === Phase.sendingBackoff) return resendSet(core, vm);
      return phase === Phase.seedingBackoff ? resumeSeeding(core, vm) : resumeResync(core, vm);
    default:
      return input satisfies never;
  }
}

/** Finalize protection has ended: delta replication begins, or the resynchronization that a mark has put off. */
function startDelta(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  core.protectedAtMs[vm] = nowMs;
  core.recoveryPointAtMs[vm] = core.snapshotAtMs[vm]!;
  if (core.resyncPending[vm] === 0) return awaitCut(core, vm, nowMs);
  core.resyncPending[vm] = 0;
  return awaitWindow(core, vm, nowMs);
}
