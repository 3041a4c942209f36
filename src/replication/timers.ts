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

/** Nothing but a transfer's answer, the logs, or an administrator moves the VM on. */
export function awaitNothing(core: ReplicationCore, vm: number, phase: Phase): Phase {
  return setTimer(core, vm, Number.POSITIVE_INFINITY, Input.retryDue, phase);
}

/** The next cut is at the first boundary at or after `nowMs` that has not been cut at yet (semantics 12, 13; decision 0002, 19). */
export function awaitCut(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  const intervalMs = core.intervalMs[vm]!;
  const phaseMs = core.cutPhaseMs[vm]!;
  const boundary = Math.max(Math.ceil((nowMs - phaseMs) / intervalMs), boundaryAt(core, vm, core.cutAtMs[vm]!) + 1);
  return setTimer(core, vm, phaseMs + boundary * intervalMs, Input.intervalElapsed, Phase.tracking);
}

/**
 * A set that was cut at `cutAtMs` of the VM is done: the boundaries that passed since are missed cycles, and the next cut is
 * {@link awaitCut}'s. Both in one, since this is what a VM does most.
 */
export function missAndAwaitCut(core: ReplicationCore, vm: number, nowMs: Millis): Phase {
  const intervalMs = core.intervalMs[vm]!;
  const phaseMs = core.cutPhaseMs[vm]!;
  const first = Math.ceil((nowMs - phaseMs) / intervalMs);
  const next = boundaryAt(core, vm, core.cutAtMs[vm]!) + 1;
  if (first > next) core.missedCycles[vm]! += first - next;
  core.timerAtMs[vm] = phaseMs + (first > next ? first : next) * intervalMs;
  core.timerInput[vm] = Input.intervalElapsed;
  return Phase.tracking;
}

/** Boundaries after `fromMs` and before `untilMs`: while a set is in flight, each is a missed cycle (semantics 13). */
export function boundariesBetween(core: ReplicationCore, vm: number, fromMs: Millis, untilMs: Millis): number {
  return Math.max(
    0,
    Math.ceil((untilMs - core.cutPhaseMs[vm]!) / core.intervalMs[vm]!) - 1 - boundaryAt(core, vm, fromMs),
  );
}

/** Boundaries after `fromMs`, up to `untilMs` itself. */
export function boundariesUpTo(core: ReplicationCore, vm: number, fromMs: Millis, untilMs: Millis): number {
  return Math.max(0, boundaryAt(core, vm, untilMs) - boundaryAt(core, vm, fromMs));
}

/** The number of the last boundary at or before an instant; boundaries are counted from 1 on. */
function boundaryAt(core: ReplicationCore, vm: number, atMs: Millis): number {
  return Math.max(0, Math.floor((atMs - core.cutPhaseMs[vm]!) / core.intervalMs[vm]!));
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

/** The VM's wake is the earliest of its media's, its timer's and the half-disk rule's; its alarm leaves a cut out. */
export function armWake(core: ReplicationCore, vm: number): void {
  const timerAtMs = core.timerAtMs[vm]!;
  const timerInput = core.timerInput[vm]!;
  const isCut = timerInput === Input.intervalElapsed;
  let atMs = isCut ? Number.POSITIVE_INFINITY : timerAtMs;
  let input = timerInput;
  if (core.tracked[vm] === 1 && core.halfDueAtMs[vm]! < atMs) {
    atMs = core.halfDueAtMs[vm]!;
    input = Input.logHalfDue;
  }
  // The import is a completion: at one instant it comes before a cut, a retry or a mark.
  if (core.mediaDueAtMs[vm]! <= atMs && core.mediaDueAtMs[vm]! < Number.POSITIVE_INFINITY) {
    atMs = core.mediaDueAtMs[vm]!;
    input = Input.mediaImported;
  }
  core.alarmAtMs[vm] = atMs;
  core.alarmInput[vm] = input;
  // At one instant a cut comes before the half-disk rule.
  if (isCut && (timerAtMs < atMs || (timerAtMs === atMs && input !== Input.mediaImported))) {
    atMs = timerAtMs;
    input = timerInput;
  }
  core.wakeAtMs[vm] = atMs;
  core.wakeInput[vm] = input;
}
