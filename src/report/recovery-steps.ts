import type { RecoveryPlanOutcome, RecoveryTerm } from '../plan/plan.ts';
import type { Millis } from '../units.ts';

/** A line of the derivation: a term of the unplanned failover, of the planned one, or of both. */
export interface RecoveryStep {
  readonly term: RecoveryTerm;
  /** From the disaster until it begins; `null` where the unplanned failover has no such step. */
  readonly unplannedFromMs: Millis | null;
  readonly planned: boolean;
}

/** Both derivations in one: they begin differently and end with the same groups. */
export function recoverySteps({ unplanned, planned }: RecoveryPlanOutcome): RecoveryStep[] {
  const common = commonEnd(unplanned.terms, planned.terms);
  const split = unplanned.terms.length - common;
  let fromMs = 0;
  const timed = unplanned.terms.map((term, index) => {
    const step = { term, unplannedFromMs: fromMs, planned: index >= split };
    fromMs += term.durationMs;
    return step;
  });
  const onlyPlanned = planned.terms
    .slice(0, planned.terms.length - common)
    .map((term) => ({ term, unplannedFromMs: null, planned: true }));
  return [...timed.slice(0, split), ...onlyPlanned, ...timed.slice(split)];
}

/** How many terms, from the last one back, are the same in both. */
function commonEnd(left: readonly RecoveryTerm[], right: readonly RecoveryTerm[]): number {
  const most = Math.min(left.length, right.length);
  for (let count = 0; count < most; count++) {
    if (!isSame(left.at(-1 - count)!, right.at(-1 - count)!)) return count;
  }
  return most;
}

function isSame(left: RecoveryTerm, right: RecoveryTerm): boolean {
  return left.title === right.title && left.durationMs === right.durationMs && left.source === right.source;
}
