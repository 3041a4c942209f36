import type { Millis } from '../units.ts';
import type { PooledAges } from './age-distribution.ts';
import type { Finished } from './finished.ts';
import { roundedUp } from './instants.ts';
import type { RpoStats } from './result.ts';

/** Ages of all VMs before and after their first deltas, together (semantics 14). */
export function allAges({ recorder, core }: Finished): PooledAges {
  return recorder.backlogAges.pool(core.vmCount).plus(recorder.steadyAges.pool(core.vmCount));
}

/** Figures of a distribution of ages, rounded up to whole milliseconds; all null where nobody was protected. */
export function rpoStats(ages: PooledAges, targetMs: Millis): RpoStats {
  if (ages.observedMs === 0) {
    return {
      minMs: null,
      p50Ms: null,
      p95Ms: null,
      p99Ms: null,
      maxMs: null,
      withinTargetFraction: null,
      observedMs: 0,
    };
  }
  const maxMs = roundedUp(ages.maxMs);
  // A largest age that is the target itself is within it, whatever the last bit of the sums says.
  const share = (ageMs: Millis, withinMs: Millis): number => (maxMs <= ageMs ? 1 : withinMs / ages.observedMs);
  const further = ages.furtherTargetsMs.map((ageMs, i) => ({
    ageMs,
    fraction: share(ageMs, ages.furtherWithinMs[i]!),
  }));
  return {
    minMs: roundedUp(ages.minMs),
    p50Ms: roundedUp(ages.quantile(0.5)!),
    p95Ms: roundedUp(ages.quantile(0.95)!),
    p99Ms: roundedUp(ages.quantile(0.99)!),
    maxMs,
    withinTargetFraction: share(targetMs, ages.withinMs),
    observedMs: roundedUp(ages.observedMs),
    ...(further.length === 0 ? {} : { within: further }),
  };
}
