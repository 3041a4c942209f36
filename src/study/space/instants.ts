import { formatLocal, fromLocal, localMs, localWeekday, type RunClock } from '../../model/clock.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, type Millis, parseDurationMs, WEEK_MS } from '../../units.ts';

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;

/** `Tue 2026-01-06 11:00` of an instant of the run, in local time. */
export function formatInstant(clock: RunClock, atMs: Millis): string {
  return `${WEEKDAYS[localWeekday(clock, atMs)]} ${formatLocal(clock, atMs)}`;
}

/**
 * An instant of the run: `1d11h` from its start, `Tue 11:00` or `11:00` (the first such in the run), `2026-01-06T11:00` (local time).
 * `undefined` where the text is none, or lies before the run.
 */
export function parseInstant(text: string, clock: RunClock): Millis | undefined {
  const trimmed = text.trim();
  const durationMs = parseDurationMs(trimmed);
  if (durationMs !== undefined) return durationMs;
  const startLocalMs = localMs(clock, 0);
  const iso = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}):(\d{2})$/.exec(trimmed);
  if (iso !== null) {
    const startDay = formatLocal(clock, 0).slice(0, 10);
    // Days from the run's first: no calendar is asked but the one that writes dates.
    for (let day = 0; day <= 400; day++) {
      const midnightMs = (Math.floor(startLocalMs / DAY_MS) + day) * DAY_MS;
      const atMs = fromLocal(clock, midnightMs + Number(iso[2]) * HOUR_MS + Number(iso[3]) * MINUTE_MS);
      if (formatLocal(clock, atMs).slice(0, 10) === iso[1]) return atMs >= 0 ? atMs : undefined;
      if (iso[1]! < startDay) return undefined;
    }
    return undefined;
  }
  const match = /^(?:([A-Za-z]{3,9}) )?([01]?\d|2[0-3]):([0-5]\d)$/.exec(trimmed);
  if (match === null) return undefined;
  const [, dayName, hour, minute] = match;
  const weekday = dayName === undefined ? undefined : weekdayOf(dayName);
  if (dayName !== undefined && weekday === undefined) return undefined;
  const sinceMidnightMs = Number(hour) * HOUR_MS + Number(minute) * MINUTE_MS;
  for (let day = 0; day <= 8; day++) {
    const atMs = fromLocal(clock, (Math.floor(startLocalMs / DAY_MS) + day) * DAY_MS + sinceMidnightMs);
    if (atMs >= 0 && (weekday === undefined || localWeekday(clock, atMs) === weekday)) return atMs;
  }
  return undefined;
}

function weekdayOf(text: string): number | undefined {
  const index = WEEKDAYS.findIndex((name) => text.toLowerCase().startsWith(name.toLowerCase()));
  return index < 0 ? undefined : index;
}

/** Sets of start hours that have names; each is a part of the run's first week, or of the whole run. */
export const HOUR_SETS: Readonly<
  Record<string, { readonly says: string; readonly has: (weekday: number, hour: number) => boolean }>
> = {
  week: { says: 'every full hour of the run’s first week', has: () => true },
  workdays: {
    says: 'every full hour from 8:00 to 17:00, Monday to Friday',
    has: (day, hour) => day < 5 && hour >= 8 && hour < 18,
  },
  nights: { says: 'every full hour from 18:00 to 7:00', has: (_, hour) => hour >= 18 || hour < 8 },
  weekend: { says: 'every full hour of Saturday and Sunday', has: (day) => day >= 5 },
  day: { says: 'every full hour of the run’s first day', has: () => true },
};

/** Full local hours of a named set, within the run. */
export function hoursOf(name: string, clock: RunClock, horizonMs: Millis): Millis[] {
  const set = HOUR_SETS[name]!;
  const untilMs = Math.min(horizonMs, name === 'day' ? DAY_MS : WEEK_MS);
  const firstMs = (HOUR_MS - (localMs(clock, 0) % HOUR_MS)) % HOUR_MS;
  const hours: Millis[] = [];
  for (let atMs = firstMs; atMs < untilMs; atMs += HOUR_MS) {
    const hour = Math.floor((localMs(clock, atMs) % DAY_MS) / HOUR_MS);
    if (set.has(localWeekday(clock, atMs), hour)) hours.push(atMs);
  }
  return hours;
}
