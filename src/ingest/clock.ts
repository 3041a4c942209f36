import type { Assumption } from '../model/assumption.ts';
import { formatLocal, type RunClock } from '../model/clock.ts';
import { type Problem, shownValue } from '../model/problem.ts';
import { DAY_MS, type Millis } from '../units.ts';
import { formatOffset, parseIsoTime } from './iso-time.ts';
import { findZone, localReader, nextFullHour, type TimeZone, UTC, zoneOffsets } from './time-zone.ts';

/** Monday, so that a week of the report begins with a weekday (semantics 1). */
const DEFAULT_START = '2026-01-05T00:00';
/** Windows that begin before the end of the run may reach beyond it. */
const BEYOND_HORIZON_MS: Millis = 2 * DAY_MS;

/** The zone of the run: the user's, else that of the measured churn, else UTC, never the machine's (semantics 1). */
export interface ZoneChoice {
  readonly zone: TimeZone;
  readonly problem?: Problem;
  readonly assumption: Assumption;
}

/**
 * `measured` is present where churn was measured; its zone is that on which the rows agree, `undefined` where they name
 * several offsets. With a problem the zone is UTC, so that the rest can still be checked.
 */
export function chooseZone(given: string | undefined, measured?: { readonly zone: TimeZone | undefined }): ZoneChoice {
  const zone = given === undefined ? (measured?.zone ?? UTC) : findZone(given);
  let reason = 'no zone was given, and no measured churn names one';
  if (given !== undefined) reason = 'given with --time-zone';
  else if (measured?.zone !== undefined) reason = 'the zone of the measured churn, whose times without offset are UTC';
  else if (measured !== undefined) reason = 'the measured churn names several offsets, and none was given';
  const origin = given === undefined ? 'default' : 'given';
  const assumption = { name: 'timeZone', value: (zone ?? UTC).name, reason, source: 'chosen', origin } as const;
  if (zone !== undefined) return { zone, assumption };
  return { zone: UTC, problem: wrongZone(given!), assumption };
}

/**
 * The run's clock: it starts at the time that the user gives, else at the first full hour (local) of the measured churn,
 * else at 2026-01-05T00:00 local. It knows the zone's changes up to two days beyond the horizon.
 */
export function makeClock(
  zone: TimeZone,
  start: string | undefined,
  horizonMs: Millis,
  firstMeasuredMs?: Millis,
): { clock: RunClock; assumption: Assumption } | { problem: Problem } {
  const startEpochMs =
    start !== undefined
      ? instantOf(start, zone)
      : firstMeasuredMs !== undefined
        ? nextFullHour(zone, firstMeasuredMs)
        : instantOf(DEFAULT_START, zone);
  if (startEpochMs === undefined) return { problem: wrongStart(start!) };
  const offsets = zoneOffsets(zone, startEpochMs, startEpochMs + horizonMs + BEYOND_HORIZON_MS, startEpochMs);
  const clock: RunClock = { startEpochMs, timeZone: zone.name, offsets };
  let reason = `no start was given, and no churn was measured: ${DEFAULT_START} local, a Monday`;
  if (start !== undefined) reason = 'given with --start';
  else if (firstMeasuredMs !== undefined) reason = 'the first full hour of the measured churn';
  const origin = start === undefined ? 'default' : 'given';
  return { clock, assumption: { name: 'start', value: isoTime(clock), reason, source: 'chosen', origin } };
}

/** `2026-01-05T00:00+01:00` of the clock's start. */
function isoTime(clock: RunClock): string {
  return `${formatLocal(clock, 0).replace(' ', 'T')}${formatOffset(clock.offsets[0]!.offsetMs)}`;
}

/** The instant of an ISO time, local in the zone where it names no offset; `undefined` where it is none. */
export function instantOf(text: string, zone: TimeZone): Millis | undefined {
  const time = parseIsoTime(text.trim());
  if (time === undefined) return undefined;
  if (time.offsetMs !== undefined) return time.wallMs - time.offsetMs;
  return localReader(zone, time.wallMs, time.wallMs)(time.wallMs);
}

function wrongZone(text: string): Problem {
  return {
    ...{ severity: 'error', code: 'clock-wrong-zone', file: '--time-zone', value: shownValue(text) },
    message: 'This is no time zone.',
    remedy: 'Give an IANA name such as Europe/Berlin, UTC, or a fixed offset such as +02:00.',
  };
}

function wrongStart(text: string): Problem {
  return {
    ...{ severity: 'error', code: 'clock-wrong-start', file: '--start', value: shownValue(text) },
    message: 'This is no time of the years 1970 to 2199.',
    remedy: 'Give it as 2026-01-05T08:00 (local in the time zone) or with an offset, 2026-01-05T08:00+01:00.',
  };
}
