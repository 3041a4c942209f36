import { localMs, modulo, type RunClock } from '../../model/clock.ts';
import { DAY_MS, HOUR_MS, type Millis, WEEK_MS } from '../../units.ts';

/**
 * Distances in hours at which outages are begun, the coarsest first: each contains the one before it. All contain 09:00, when a working day
 * begins [chosen].
 */
export const START_STEPS_H: readonly number[] = [24, 12, 6, 3, 1];
const ALWAYS_AT_H = 9;

/** The whole hours of local time from `fromMs` on, within the run and a week, ascending. */
export function wholeHours(clock: RunClock, fromMs: Millis, horizonMs: Millis): Millis[] {
  const hours: Millis[] = [];
  const first = fromMs + modulo(-localMs(clock, fromMs), HOUR_MS);
  for (let atMs = first; atMs < Math.min(horizonMs, first + WEEK_MS); atMs += HOUR_MS) {
    // A change of the zone's offset by half an hour leaves the local hours between.
    if (modulo(localMs(clock, atMs), HOUR_MS) === 0) hours.push(atMs);
  }
  return hours;
}

/** Whether an hour belongs to those that lie `stepH` hours of local time apart. */
export function isOnStep(clock: RunClock, atMs: Millis, stepH: number): boolean {
  return modulo(modulo(localMs(clock, atMs), DAY_MS) / HOUR_MS - ALWAYS_AT_H, stepH) === 0;
}
