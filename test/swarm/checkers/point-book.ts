/** The checkers' own book of recovery points, protection and missed cycles, from what is observed. */
import { Input, Phase } from '../../../src/replication/lifecycle.ts';
import type { ObservedStep } from '../../../src/simulate/simulate.ts';
import type { Millis } from '../../../src/units.ts';
import { arrives, cuts, opens } from './log-book.ts';

export interface VmPoints {
  /** −1 before there is one. */
  recoveryPointAtMs: Millis;
  cutAtMs: Millis;
  snapshotAtMs: Millis;
  resyncAtMs: Millis;
  failedOverAtMs: Millis;
  protectedAtMs: Millis;
  phase: Phase;
}

export class PointBook {
  readonly vms: readonly VmPoints[];

  constructor(vmCount: number) {
    this.vms = Array.from({ length: vmCount }, () => ({
      recoveryPointAtMs: -1,
      cutAtMs: -1,
      snapshotAtMs: -1,
      resyncAtMs: -1,
      failedOverAtMs: -1,
      protectedAtMs: -1,
      phase: Phase.unprotected,
    }));
  }

  take(step: ObservedStep): void {
    const own = this.vms[step.vm]!;
    const { after, nowMs } = step;
    if (arrives(step)) own.recoveryPointAtMs = own.cutAtMs;
    if (opens(step) && (after === Phase.seeding || after === Phase.exporting)) own.snapshotAtMs = nowMs;
    if (opens(step) && after === Phase.resyncing) own.resyncAtMs = nowMs;
    this.#turn(own, step);
    if (cuts(step)) own.cutAtMs = nowMs;
    if (after === Phase.failedOver && step.before !== after) own.failedOverAtMs = nowMs;
    own.phase = after;
  }

  /** Whether the age of the recovery point counts (semantics 14): while protected, and the guest is not at its replica. */
  ages(vm: number): boolean {
    const { protectedAtMs, phase } = this.vms[vm]!;
    return protectedAtMs >= 0 && phase !== Phase.failedOver;
  }

  #turn(own: VmPoints, { input, before, after, nowMs }: ObservedStep): void {
    switch (input) {
      case Input.adopted:
        protect(own, nowMs, nowMs);
        break;
      case Input.finalizeDone:
        protect(own, own.snapshotAtMs, nowMs);
        break;
      case Input.mediaImported:
        // While the snapshot is still being merged, Finalize protection follows.
        if (before !== Phase.merging) protect(own, own.snapshotAtMs, nowMs);
        break;
      case Input.transferDone:
        if (before === Phase.resyncing) resynchronized(own, after, nowMs);
        break;
      case Input.reversed:
      case Input.plannedFailover:
        if (before === Phase.committed && after !== Phase.resyncing) protect(own, own.failedOverAtMs, nowMs);
        break;
      case Input.failoverCommitted:
        own.protectedAtMs = -1;
        break;
      case Input.disabled:
        own.protectedAtMs = -1;
        own.recoveryPointAtMs = -1;
        break;
      default:
    }
  }
}

/** The replica is consistent to the start of the resynchronization; a first copy is protected after Finalize. */
function resynchronized(own: VmPoints, after: Phase, nowMs: Millis): void {
  own.recoveryPointAtMs = own.resyncAtMs;
  if (after !== Phase.finalizing && own.protectedAtMs < 0) own.protectedAtMs = nowMs;
}

function protect(own: VmPoints, recoveryPointAtMs: Millis, nowMs: Millis): void {
  own.protectedAtMs = nowMs;
  own.recoveryPointAtMs = Math.max(own.recoveryPointAtMs, recoveryPointAtMs);
}
