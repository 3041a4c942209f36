import { offsetAt, type RunClock } from '../../model/clock.ts';
import type { Millis } from '../../units.ts';

/** More points than this on a line are not seen, but cost. */
export const LINE_POINTS_MOST = 1500;

/** How many buckets have to become one for a series to have at most `most` of them. */
export function bucketsPerPoint(bucketCount: number, most: number = LINE_POINTS_MOST): number {
  return Math.max(1, Math.ceil(bucketCount / most));
}

/** Merges each `size` neighbours to their sum: for amounts, whose total must stay. */
export function sumsOf(values: readonly number[], size: number): number[] {
  return merged(values, size, (part) => part.reduce((sum, value) => sum + value, 0));
}

/** Merges each `size` neighbours to their maximum: for states, whose peaks must stay. `null` where all of them are. */
export function peaksOf(values: readonly (number | null)[], size: number): (number | null)[] {
  return merged(values, size, (part) =>
    part.reduce<number | null>(
      (most, value) => (value === null || (most !== null && most >= value) ? most : value),
      null,
    ),
  );
}

function merged<T, U>(values: readonly T[], size: number, merge: (part: readonly T[]) => U): U[] {
  const parts: U[] = [];
  for (let from = 0; from < values.length; from += size) parts.push(merge(values.slice(from, from + size)));
  return parts;
}

/**
 * An instant as charts draw it: local time at the offset of the run's start, in milliseconds that a UTC axis prints. One offset
 * for the whole axis, or a change of the clocks would fold it; {@link clockNote} says so.
 */
export function axisTime(clock: RunClock, atMs: Millis): number {
  return clock.startEpochMs + atMs + offsetAt(clock, 0);
}

/** Names the zone of a time axis. */
export function clockNote(clock: RunClock, horizonMs: Millis): string {
  const changes = clock.offsets.some((offset) => offset.fromMs > 0 && offset.fromMs < horizonMs);
  return changes
    ? `local time (${clock.timeZone}); the clocks change during the run, the axis keeps the time of its start`
    : `local time (${clock.timeZone})`;
}
