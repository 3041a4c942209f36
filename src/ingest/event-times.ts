import { formatLocal, fromLocal, localMs, offsetAt, type RunClock } from '../model/clock.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, type Millis, parseDurationMs } from '../units.ts';
import { type Clauses, Complaint, shown } from './event-words.ts';
import { parseIsoTime } from './iso-time.ts';
import { findZone, fixedZone, localReader } from './time-zone.ts';

export interface EventSpan {
  readonly atMs: Millis;
  readonly untilMs: Millis;
}

/** When an event begins and ends; `example` shows how it is written. */
export function readSpan(clauses: Clauses, clock: RunClock, example: string): EventSpan | Complaint {
  const atMs = readInstant(clauses, clock, example);
  if (atMs instanceof Complaint) return atMs;
  if (clauses.for === undefined) return new Complaint('It does not say for how long.', `Write it as '${example}'.`);
  const lengthMs = parseDurationMs(clauses.for);
  if (lengthMs === undefined || lengthMs <= 0) {
    return new Complaint(`${shown(clauses.for)} is no duration above 0.`, 'Write it as 40min, 2h or 1d12h.');
  }
  return Number.isSafeInteger(atMs + lengthMs) ? { atMs, untilMs: atMs + lengthMs } : beyondAnyRun(clauses.for);
}

/**
 * When an event happens: a duration from the start of the run, an ISO time (local where it names no offset), or a time of day,
 * which is the first such in the run.
 */
export function readInstant({ at: text }: Clauses, clock: RunClock, example: string): Millis | Complaint {
  if (text === undefined) return new Complaint('It does not say when.', `Write it as '${example}'.`);
  const atMs = parseDurationMs(text) ?? isoInstant(text, clock) ?? timeOfDay(text, clock);
  if (atMs === undefined) {
    const message = `${shown(text)} is neither a duration from the start of the run nor an ISO time nor a time of day.`;
    return new Complaint(message, 'Write it as 2d10h, 2026-01-07T10:00 (local time) or 10:00 (the first in the run).');
  }
  if (atMs < 0) {
    const start = `${formatLocal(clock, 0)} ${clock.timeZone}`;
    const message = `${shown(text)} is before the run, which starts at ${start}.`;
    return new Complaint(message, 'Give a later time, or an earlier --start.');
  }
  return Number.isSafeInteger(atMs) ? atMs : beyondAnyRun(text);
}

/**
 * Reads ISO times on the run's clock, local where they name no offset, as {@link isoInstant}, but also long before and after the
 * run: the clock knows no change of its zone there, the calendar does. It is asked once for each local day.
 */
export function isoReader(clock: RunClock): (text: string) => Millis | undefined {
  const zone = findZone(clock.timeZone) ?? fixedZone(offsetAt(clock, 0));
  const readers = new Map<number, (localMs: Millis) => Millis>();
  const instantOfWall = (wallMs: Millis): Millis => {
    const day = Math.floor(wallMs / DAY_MS);
    const reader = readers.get(day) ?? localReader(zone, day * DAY_MS, (day + 1) * DAY_MS);
    readers.set(day, reader);
    return reader(wallMs) - clock.startEpochMs;
  };
  return (text) => isoInstant(text, clock, instantOfWall);
}

/** The instant of an ISO time on the run's clock; local where it names no offset. */
function isoInstant(
  text: string,
  clock: RunClock,
  instantOfWall: (wallMs: Millis) => Millis = (wallMs) => fromLocal(clock, wallMs),
): Millis | undefined {
  const time = parseIsoTime(text);
  if (time === undefined) return undefined;
  return time.offsetMs === undefined ? instantOfWall(time.wallMs) : time.wallMs - time.offsetMs - clock.startEpochMs;
}

function timeOfDay(text: string, clock: RunClock): Millis | undefined {
  const match = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text);
  if (match === null) return undefined;
  const sinceMidnightMs = Number(match[1]) * HOUR_MS + Number(match[2]) * MINUTE_MS;
  const todayLocalMs = Math.floor(localMs(clock, 0) / DAY_MS) * DAY_MS + sinceMidnightMs;
  const todayMs = fromLocal(clock, todayLocalMs);
  return todayMs >= 0 ? todayMs : fromLocal(clock, todayLocalMs + DAY_MS);
}

function beyondAnyRun(text: string): Complaint {
  return new Complaint(`${shown(text)} is beyond the end of any run.`, 'Write it as 40min, 2h or 1d12h.');
}
