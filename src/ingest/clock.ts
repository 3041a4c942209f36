import type { Assumption } from '../model/assumption.ts';
import type { RunClock } from '../model/clock.ts';
import { type Problem, shownValue } from '../model/problem.ts';
import { DAY_MS, type Millis } from '../units.ts';
import { parseIsoTime } from './iso-time.ts';
import { findZone, localReader, nextFullHour, type TimeZone, UTC, zoneOffsets } from './time-zone.ts';

/** Monday, so that a week of the report begins with a weekday (semantics 1). */
const DEFAULT_START = '2026-01-05T00:00';
/** Windows that begin before the end of the run may reach beyond it. */
const BEYOND_HORIZON_MS: Millis = 2 * DAY_MS;

export interface ClockOptions {
  /** `--time-zone` */
  readonly timeZone?: string;
  /** `--start` */
  readonly start?: string;
  readonly horizonMs: Millis;
}

/** What the measured churn knows about the clock. Its zone is asked first, its first row once the zone is known. */
export interface MeasuredTimes {
  /** The zone that its rows agree on, `undefined` where they name different offsets. */
  readonly zone: TimeZone | undefined;
  readonly firstEpochMs: (zone: TimeZone) => Millis | undefined;
}

export interface ClockReading {
  readonly zone: TimeZone;
  readonly clock?: RunClock;
  readonly problems: Problem[];
  readonly assumptions: Assumption[];
}

/**
 * The run's clock (semantics 1): the zone is the user's, else that of the measured churn, else UTC, never the machine's;
 * the start is the user's, else the first full hour of the measured churn, else 2026-01-05T00:00 local.
 */
export function readClock(options: ClockOptions, measured: MeasuredTimes | undefined): ClockReading {
  const problems: Problem[] = [];
  const givenZone = options.timeZone === undefined ? undefined : findZone(options.timeZone);
  if (options.timeZone !== undefined && givenZone === undefined) problems.push(wrongZone(options.timeZone));
  const zone = givenZone ?? measured?.zone ?? UTC;
  const firstEpochMs = measured?.firstEpochMs(zone);
  const given = options.start === undefined ? undefined : instantOf(options.start, zone);
  if (options.start !== undefined && given === undefined) problems.push(wrongStart(options.start));
  if (problems.length > 0) return { zone, problems, assumptions: [] };
  const startEpochMs =
    given ?? (firstEpochMs === undefined ? instantOf(DEFAULT_START, zone)! : nextFullHour(zone, firstEpochMs));
  const offsets = zoneOffsets(zone, startEpochMs, startEpochMs + options.horizonMs + BEYOND_HORIZON_MS, startEpochMs);
  const clock: RunClock = { startEpochMs, timeZone: zone.name, offsets };
  return { zone, clock, problems, assumptions: [zoneAssumption(options, measured, zone), startAssumption(options, startEpochMs, firstEpochMs)] };
}

/** The instant of an ISO time, local in the zone where it names no offset; `undefined` where it is none. */
export function instantOf(text: string, zone: TimeZone): Millis | undefined {
  const time = parseIsoTime(text.trim());
  if (time === undefined) return undefined;
  if (time.offsetMs !== undefined) return time.wallMs - time.offsetMs;
  return localReader(zone, time.wallMs, time.wallMs)(time.wallMs);
}

function zoneAssumption(options: ClockOptions, measured: MeasuredTimes | undefined, zone: TimeZone): Assumption {
  const isGiven = options.timeZone !== undefined;
  let reason = 'no zone was given, and no measured churn names one';
  if (isGiven) reason = 'given with --time-zone';
  else if (measured?.zone !== undefined) reason = 'the zone of the measured churn: times without offset are UTC there';
  else if (measured !== undefined) reason = 'the measured churn names several offsets, and none was given';
  return { name: 'timeZone', value: zone.name, reason, source: 'chosen', origin: isGiven ? 'given' : 'default' };
}

function startAssumption(options: ClockOptions, startEpochMs: Millis, firstEpochMs: Millis | undefined): Assumption {
  const isGiven = options.start !== undefined;
  let reason = `no start was given, and no churn was measured: ${DEFAULT_START} local, a Monday`;
  if (isGiven) reason = 'given with --start';
  else if (firstEpochMs !== undefined) reason = 'the first full hour of the measured churn';
  return { name: 'startEpochMs', value: startEpochMs, reason, source: 'chosen', origin: isGiven ? 'given' : 'default' };
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
