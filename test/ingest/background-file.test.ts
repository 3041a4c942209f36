import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBackgroundFile } from '../../src/ingest/background-file.ts';
import type { RunClock } from '../../src/model/clock.ts';
import { DAY_MS, HOUR_MS } from '../../src/units.ts';
import { lines, textSource } from './text-sources.ts';

/** Monday 2026-03-30T00:00 in Berlin, the day after summer time has begun: its clock knows nothing of winter. */
const CLOCK: RunClock = {
  startEpochMs: Date.parse('2026-03-29T22:00Z'),
  timeZone: 'Europe/Berlin',
  offsets: [{ fromMs: 0, offsetMs: 2 * HOUR_MS }],
};

async function startsOf(...times: string[]): Promise<readonly number[]> {
  const text = lines('time,mbps', ...times.map((time) => `${time},1`));
  return (await readBackgroundFile(textSource('used.csv', text), CLOCK)).background!.startMs;
}

describe('local times of a file of background use', () => {
  it('are those of the calendar, long before the run and long after it', async () => {
    const instants = ['2026-03-20T09:00Z', '2026-03-29T00:30Z', '2026-03-29T01:00Z', '2026-03-30T08:00Z'];
    const local = ['2026-03-20T10:00', '2026-03-29T01:30', '2026-03-29T03:00', '2026-03-30T10:00'];
    expect(await startsOf(...local)).toEqual(instants.map((text) => Date.parse(text) - CLOCK.startEpochMs));
    expect(await startsOf('2026-11-20T10:00')).toEqual(await startsOf('2026-11-20T09:00Z'));
  });

  it('lie as they are written, also where the days come in no order', async () => {
    const hour = fc.integer({ min: -400 * 24, max: 400 * 24 });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(hour, { minLength: 1, maxLength: 20 }), async (hours) => {
        const instants = hours.map((count) => CLOCK.startEpochMs + count * HOUR_MS);
        // The hour that comes twice is its first in any reading.
        const wall = instants.map((epochMs) =>
          new Date(epochMs).toLocaleString('sv-SE', { timeZone: CLOCK.timeZone }).replace(' ', 'T'),
        );
        fc.pre(new Set(wall).size === wall.length);
        const expected = instants.map((epochMs) => epochMs - CLOCK.startEpochMs).sort((a, b) => a - b);
        const read = await startsOf(...wall);
        read.forEach((startMs, index) => {
          expect([0, HOUR_MS]).toContain(expected[index]! - startMs);
        });
      }),
      { numRuns: 30 },
    );
  });

  it('of many days are read soon', async () => {
    const firstMs = Date.parse('1971-01-01T00:00Z');
    const times = Array.from({ length: 20_000 }, (_, day) => new Date(firstMs + day * DAY_MS).toISOString());
    const startedAtMs = performance.now();
    expect(await startsOf(...times.map((time) => time.slice(0, 16)))).toHaveLength(times.length);
    expect(performance.now() - startedAtMs).toBeLessThan(5000);
  });
});
