/** What a VM waits for: each function sets its one timer and names the phase in which it waits. */
import type { Millis } from '../units.ts';
import type { ReplicationCore } from './columns.ts';
import { Input, Phase } from './lifecycle.ts';

/** Sets the VM's timer and names the phase in which it runs. */
export function setTimer(core: ReplicationCore, vm: number, atMs: Millis, input: Input, phase: Phase): Phase {
  core.timerAtMs[vm] = atMs;
  core.timerInput[vm] = input;
  return phase;
}

/** Nothing but a transfer's answer, or the logs, moves the VM on. */
export function awaitTransfer(core: ReplicationCore, vm: number, phase: Phase): Phase {
  return setTimer(core, vm, Number.POSITIVE_INFINITY, Input.retryDue, phase);
}

/** The next cut is at the first boundary at or after `nowMs` (semantics 12, 13). */
export function awaitCut(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  const intervalMs = core.policy.copyFrequencyMs;
  const phaseMs = core.cutPhaseMs[vm]!;
  const boundary = Math.max(1, Math.ceil((nowMs - phaseMs) / intervalMs));
  return setTimer(core, vm, phaseMs + boundary * intervalMs, Input.intervalElapsed, Phase.tracking);
}

/** An automatic resynchronization starts at once inside the window, else when it opens (semantics 24). */
export function awaitWindow(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  const span = core.resyncSpans.find((candidate) => candidate.endMs > nowMs);
  const opensAtMs = span === undefined ? Number.POSITIVE_INFINITY : Math.max(nowMs, span.startMs);
  return setTimer(core, vm, opensAtMs, Input.windowOpened, Phase.resyncMarked);
}

/** A recoverable error: the next attempt comes after the ladder's next gap, the last gap repeats (semantics 20). */
export function awaitRetry(core: ReplicationCore, vm: number, nowMs: Millis, phase: Phase): Phase {
  const ladderMs = core.policy.rules.retryLadderMs;
  const gapMs = ladderMs[Math.min(core.attempt[vm]!, ladderMs.length - 1)]!;
  core.attempt[vm]!++;
  return setTimer(core, vm, nowMs + gapMs, Input.retryDue, phase);
}

/** The VM's wake is the earlier of its timer and the half-disk rule's. */
export function armWake(core: ReplicationCore, vm: number): void {
  const timerAtMs = core.timerAtMs[vm]!;
  const halfDueAtMs = core.tracked[vm] === 1 ? core.halfDueAtMs[vm]! : Number.POSITIVE_INFINITY;
  const half = halfDueAtMs < timerAtMs;
  core.wakeAtMs[vm] = half ? halfDueAtMs : timerAtMs;
  core.wakeInput[vm] = half ? Input.logHalfDue : core.timerInput[vm]!;
}
