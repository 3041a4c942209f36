import { HOUR_MS, type Millis, WEEK_MS } from '../../units.ts';

/** Hours of the run's first week, repeated for ever: the shape in which batches look at churn. [chosen] */
export const WEEK_HOURS: number = WEEK_MS / HOUR_MS;

/** Bytes written from the start of the run to each full hour of its first week: 169 values, the first 0, straight between. */
export type WeekProfile = Float64Array;

export function emptyProfile(): WeekProfile {
  return new Float64Array(WEEK_HOURS + 1);
}

/** Bytes from the start of the run to an instant. */
export function bytesUntil(profile: WeekProfile, atMs: Millis): number {
  const weeks = Math.floor(atMs / WEEK_MS);
  const hours = (atMs - weeks * WEEK_MS) / HOUR_MS;
  const hour = Math.min(WEEK_HOURS - 1, Math.floor(hours));
  const before = profile[hour]!;
  return weeks * profile[WEEK_HOURS]! + before + (hours - hour) * (profile[hour + 1]! - before);
}

export function bytesBetween(profile: WeekProfile, fromMs: Millis, untilMs: Millis): number {
  return bytesUntil(profile, untilMs) - bytesUntil(profile, fromMs);
}

/** Bytes in the busiest hour of the week. */
export function busiestHourBytes(profile: WeekProfile): number {
  let most = 0;
  for (let hour = 0; hour < WEEK_HOURS; hour++) most = Math.max(most, profile[hour + 1]! - profile[hour]!);
  return most;
}

/** Adds a profile, times a factor, to another in place. */
export function addProfile(to: WeekProfile, profile: WeekProfile, factor: number): void {
  for (let hour = 0; hour <= WEEK_HOURS; hour++) to[hour]! += profile[hour]! * factor;
}
