import { expect, it } from 'vitest';
import { readOutagesFile } from '../../src/ingest/outages-file.ts';
import type { RunClock } from '../../src/model/clock.ts';
import { DAY_MS, HOUR_MS, WEEK_MS } from '../../src/units.ts';
import { lines, textSource } from './text-sources.ts';

/** Monday 2026-03-30T00:00 in Berlin, the day after summer time has begun. */
const CLOCK: RunClock = {
  startEpochMs: Date.parse('2026-03-29T22:00Z'),
  timeZone: 'Europe/Berlin',
  offsets: [{ fromMs: 0, offsetMs: 2 * HOUR_MS }],
};

it('an outage that began in winter, before the run, ends when its duration says', async () => {
  const text = lines('start,duration', '2026-03-28T10:00,3d', '2026-03-28T09:00Z,3d');
  const { outages } = await readOutagesFile(textSource('o.csv', text), { clock: CLOCK, horizonMs: WEEK_MS });
  const endMs = DAY_MS + 11 * HOUR_MS;
  expect(outages.get('')).toEqual([
    { startMs: 0, endMs },
    { startMs: 0, endMs },
  ]);
});
