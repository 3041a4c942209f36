import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  civilDate,
  epochDay,
  formatLocal,
  fromLocal,
  localMinuteOfDay,
  localMs,
  localWeekday,
  type RunClock,
  windowSpans,
} from '../../src/model/clock.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/units.ts';

/** Berlin around the change to summer time on 2026-03-29 at 01:00 UTC; the run starts on the 28th at 00:00 local. */
const START_MS = Date.UTC(2026, 2, 27, 23);
const BERLIN: RunClock = {
  startEpochMs: START_MS,
  timeZone: 'Europe/Berlin',
  offsets: [
    { fromMs: 0, offsetMs: HOUR_MS },
    { fromMs: Date.UTC(2026, 2, 29, 1) - START_MS, offsetMs: 2 * HOUR_MS },
  ],
};

describe('dates', () => {
  test('agree with the calendar of the machine over four thousand years', () => {
    fc.assert(
      fc.property(fc.integer({ min: -730_000, max: 730_000 }), (day) => {
        const date = new Date(day * DAY_MS);
        const expected = { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
        expect(civilDate(day)).toEqual(expected);
        expect(epochDay(expected.year, expected.month, expected.day)).toBe(day);
        expect(localWeekday({ ...BERLIN, startEpochMs: day * DAY_MS, offsets: [] }, 0)).toBe(
          (date.getUTCDay() + 6) % 7,
        );
      }),
    );
  });
});

describe('local time', () => {
  test('is shown across the change to summer time', () => {
    expect(formatLocal(BERLIN, 0)).toBe('2026-03-28 00:00');
    expect(formatLocal(BERLIN, 26 * HOUR_MS - 1)).toBe('2026-03-29 01:59');
    expect(formatLocal(BERLIN, 26 * HOUR_MS)).toBe('2026-03-29 03:00');
    expect(localMinuteOfDay(BERLIN, 26 * HOUR_MS)).toBe(180);
  });

  test('a time that summer time leaves out lies behind the gap, every other one comes back', () => {
    const instantOf = (day: number, hour: number, minute = 0): number =>
      fromLocal(BERLIN, Date.UTC(2026, 2, day, hour, minute));
    expect(START_MS + instantOf(29, 2, 30)).toBe(Date.UTC(2026, 2, 29, 1, 30));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 * 24 * 4 }), (minute) => {
        const atMs = minute * MINUTE_MS;
        expect(fromLocal(BERLIN, localMs(BERLIN, atMs))).toBe(atMs);
      }),
    );
  });
});

describe('windows', () => {
  const NIGHT = { startMinute: 18 * 60 + 30, endMinute: 6 * 60 };

  test('the one that is open at the start, then one a day, an hour shorter when summer time begins', () => {
    const spans = windowSpans(BERLIN, NIGHT, 3 * DAY_MS);
    expect(spans[0]).toEqual({ startMs: -5.5 * HOUR_MS, endMs: 6 * HOUR_MS });
    expect(spans[1]).toEqual({ startMs: 18.5 * HOUR_MS, endMs: 29 * HOUR_MS });
    expect(spans.at(-1)!.startMs).toBeGreaterThanOrEqual(3 * DAY_MS);
  });

  test('hold exactly the minutes that are inside by the local clock', () => {
    const minutes = fc.integer({ min: 0, max: 1439 });
    fc.assert(
      fc.property(minutes, minutes, fc.integer({ min: 0, max: 60 * 24 * 4 }), (startMinute, endMinute, minute) => {
        fc.pre(startMinute !== endMinute && Math.abs(startMinute - 150) > 30 && Math.abs(endMinute - 150) > 30);
        const atMs = minute * MINUTE_MS;
        const local = localMinuteOfDay(BERLIN, atMs);
        const inside =
          startMinute < endMinute
            ? local >= startMinute && local < endMinute
            : local >= startMinute || local < endMinute;
        const spans = windowSpans(BERLIN, { startMinute, endMinute }, 4 * DAY_MS);
        expect(spans.some((span) => span.startMs <= atMs && atMs < span.endMs)).toBe(inside);
      }),
      { numRuns: 300 },
    );
  });

  test('a window of the whole day is always open', () => {
    expect(windowSpans(BERLIN, { startMinute: 60, endMinute: 60 }, DAY_MS)).toEqual([
      { startMs: -DAY_MS, endMs: Number.POSITIVE_INFINITY },
    ]);
  });
});
