import { describe, expect, it } from 'vitest';
import { formatLocal, type RunClock } from '../../../src/model/clock.ts';
import { weekdayTime } from '../../../src/plan/failures/sentence.ts';
import { isOnStep, START_STEPS_H, wholeHours } from '../../../src/plan/failures/starts.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, WEEK_MS } from '../../../src/units.ts';

/** Monday 2026-03-23T00:00Z. */
const START = Date.UTC(2026, 2, 23);
const KOLKATA: RunClock = {
  startEpochMs: START,
  timeZone: 'Asia/Kolkata',
  offsets: [{ fromMs: 0, offsetMs: 5.5 * HOUR_MS }],
};
/** Summer time begins on Sunday the 29th at 01:00 UTC. */
const BERLIN: RunClock = {
  startEpochMs: START,
  timeZone: 'Europe/Berlin',
  offsets: [
    { fromMs: 0, offsetMs: HOUR_MS },
    { fromMs: 6 * DAY_MS + HOUR_MS, offsetMs: 2 * HOUR_MS },
  ],
};

describe('hours at which outages begin', () => {
  it('are whole ones of local time, from a first instant on, within the run and a week', () => {
    const hours = wholeHours(KOLKATA, 15 * MINUTE_MS, 3 * HOUR_MS);
    expect(hours).toEqual([30 * MINUTE_MS, 90 * MINUTE_MS, 150 * MINUTE_MS]);
    expect(hours.map((ms) => formatLocal(KOLKATA, ms).slice(11))).toEqual(['06:00', '07:00', '08:00']);
    expect(wholeHours(KOLKATA, 0, 60 * DAY_MS).length).toBe(168);
    expect(wholeHours(KOLKATA, 0, WEEK_MS).length).toBe(168);
    expect(wholeHours(KOLKATA, 0, 0)).toEqual([]);
    expect(wholeHours(KOLKATA, 2 * HOUR_MS, HOUR_MS)).toEqual([]);
  });

  it('go on by local time where summer time begins', () => {
    const sunday = wholeHours(BERLIN, 0, WEEK_MS).filter((ms) => weekdayTime(BERLIN, ms).startsWith('Sunday'));
    expect(sunday.map((ms) => weekdayTime(BERLIN, ms).slice(7)).slice(0, 4)).toEqual([
      '00:00',
      '01:00',
      '03:00',
      '04:00',
    ]);
    const nine = wholeHours(BERLIN, 0, WEEK_MS).filter((ms) => isOnStep(BERLIN, ms, 24));
    expect(nine.map((ms) => weekdayTime(BERLIN, ms))).toEqual(
      ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'].map((day) => `${day} 09:00`),
    );
  });

  it('of a coarser step are among those of every finer one', () => {
    const hours = wholeHours(KOLKATA, 0, WEEK_MS);
    const levels = START_STEPS_H.map((step) => hours.filter((ms) => isOnStep(KOLKATA, ms, step)));
    expect(levels.map(({ length }) => length)).toEqual([7, 14, 28, 56, 168]);
    for (const [index, level] of levels.slice(1).entries())
      expect(level).toEqual(expect.arrayContaining(levels[index]!));
  });
});
