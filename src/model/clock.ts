import { DAY_MS, MINUTE_MS, type Millis } from '../units.ts';

/**
 * How the run's clock (0 = start) lies on the wall's. The core knows no time zone: the offsets of the zone and their
 * changes come in as data, so that no room but the one that reads files asks a calendar (semantics 1).
 */
export interface RunClock {
  /** Milliseconds since 1970-01-01T00:00Z of the run's 0. */
  readonly startEpochMs: Millis;
  /** IANA name or `UTC` or a fixed offset such as `+02:00`; for people. */
  readonly timeZone: string;
  /** Offsets of local time from UTC from an instant of the run on, ascending; the first holds from the start. */
  readonly offsets: readonly ZoneOffset[];
}

export interface ZoneOffset {
  readonly fromMs: Millis;
  readonly offsetMs: Millis;
}

/** A daily window of local time; `endMinute` ≤ `startMinute` reaches over midnight. */
export interface DailyWindow {
  /** Minute of the local day, 0 to 1,439. */
  readonly startMinute: number;
  readonly endMinute: number;
}

export interface Span {
  readonly startMs: Millis;
  readonly endMs: Millis;
}

export function offsetAt(clock: RunClock, atMs: Millis): Millis {
  let offsetMs = clock.offsets[0]?.offsetMs ?? 0;
  for (const change of clock.offsets) {
    if (change.fromMs > atMs) break;
    offsetMs = change.offsetMs;
  }
  return offsetMs;
}

/** Local wall-clock time of an instant, as milliseconds since the local 1970-01-01T00:00. */
export function localMs(clock: RunClock, atMs: Millis): Millis {
  return clock.startEpochMs + atMs + offsetAt(clock, atMs);
}

/** Minute of the local day, 0 to 1,439. */
export function localMinuteOfDay(clock: RunClock, atMs: Millis): number {
  return Math.floor(modulo(localMs(clock, atMs), DAY_MS) / MINUTE_MS);
}

/** Day of the local week, Monday = 0. 1970-01-01 was a Thursday. */
export function localWeekday(clock: RunClock, atMs: Millis): number {
  return modulo(Math.floor(localMs(clock, atMs) / DAY_MS) + 3, 7);
}

/** `2026-01-05 18:30` of an instant, in local time. */
export function formatLocal(clock: RunClock, atMs: Millis): string {
  const totalMinutes = Math.floor(localMs(clock, atMs) / MINUTE_MS);
  const { year, month, day } = civilDate(Math.floor(totalMinutes / 1440));
  const minute = modulo(totalMinutes, 1440);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${year}-${two(month)}-${two(day)} ${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

/**
 * The instants of the run at which a daily window is open, ascending and apart, from the one that is open at 0 (or the
 * first after it) to the first that begins at or after `untilMs`, so that a search never runs off the end.
 */
export function windowSpans(clock: RunClock, window: DailyWindow, untilMs: Millis): Span[] {
  const lengthMinutes = modulo(window.endMinute - window.startMinute, 1440) || 1440;
  if (lengthMinutes === 1440) return [{ startMs: -DAY_MS, endMs: Number.POSITIVE_INFINITY }];
  const spans: Span[] = [];
  const firstDay = Math.floor(localMs(clock, 0) / DAY_MS) - 1;
  for (let day = firstDay; ; day++) {
    const startLocalMs = day * DAY_MS + window.startMinute * MINUTE_MS;
    const startMs = fromLocal(clock, startLocalMs);
    const endMs = fromLocal(clock, startLocalMs + lengthMinutes * MINUTE_MS);
    if (endMs > 0 && endMs > startMs) spans.push({ startMs, endMs });
    if (startMs >= untilMs) return spans;
  }
}

/** The instant of the run at a local wall-clock time, as {@link instantOfLocal}. */
export function fromLocal(clock: RunClock, atLocalMs: Millis): Millis {
  return instantOfLocal(clock.offsets, atLocalMs - clock.startEpochMs);
}

/**
 * The instant of a local time, both since the origin of the offsets' instants. A local time that comes twice is the
 * first; one that summer time leaves out is read with the offset before the change, and so lies behind it.
 */
export function instantOfLocal(offsets: readonly ZoneOffset[], localMs: Millis): Millis {
  for (let index = 0; index < offsets.length; index++) {
    const { fromMs, offsetMs } = offsets[index]!;
    const atMs = localMs - offsetMs;
    const next = offsets[index + 1];
    if (next !== undefined && atMs >= next.fromMs) continue;
    return index === 0 || atMs >= fromMs ? atMs : localMs - offsets[index - 1]!.offsetMs;
  }
  return localMs;
}

/** Always in [0, divisor). */
export function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}

/** Days since 1970-01-01 to a date of the Gregorian calendar (the well-known era arithmetic; no `Date` in these rooms). */
export function civilDate(epochDay: number): { year: number; month: number; day: number } {
  const shifted = epochDay + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

/** The day number of a Gregorian date, days since 1970-01-01; the inverse of {@link civilDate}. */
export function epochDay(year: number, month: number, day: number): number {
  const shiftedYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(shiftedYear / 400);
  const yearOfEra = shiftedYear - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
