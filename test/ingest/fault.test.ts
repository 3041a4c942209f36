import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeOutages, parseFault } from '../../src/ingest/fault.ts';
import type { RunClock } from '../../src/model/clock.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/units.ts';

/** Monday 2026-01-05T00:00 in Berlin. */
const CLOCK: RunClock = {
  startEpochMs: Date.parse('2026-01-04T23:00Z'),
  timeZone: 'Europe/Berlin',
  offsets: [{ fromMs: 0, offsetMs: HOUR_MS }],
};

describe('parseFault', () => {
  it.each([
    ['link down at 2d10h for 40min', 2 * DAY_MS + 10 * HOUR_MS, 40 * MINUTE_MS],
    ['  Link  DOWN at 0s for 1 w ', 0, 7 * DAY_MS],
    ['link down at 2026-01-07T10:00 for 40min', 2 * DAY_MS + 10 * HOUR_MS, 40 * MINUTE_MS],
    ['link down at 2026-01-07 10:00 for 40min', 2 * DAY_MS + 10 * HOUR_MS, 40 * MINUTE_MS],
    ['link down at 2026-01-07T09:00Z for 40min', 2 * DAY_MS + 10 * HOUR_MS, 40 * MINUTE_MS],
  ])('%s', (text, startMs, lengthMs) => {
    expect(parseFault(text, CLOCK)).toEqual({ outage: { startMs, endMs: startMs + lengthMs } });
  });

  it.each([
    ['', 'no fault'],
    ['link up at 2d for 1h', 'no fault'],
    ['link down at 2d', 'no fault'],
    ['link down at noon for 1h', '"noon"'],
    ['link down at 2d for 0min', '"0min"'],
    ['link down at 2d for 40m', '"40m"'],
    ['link down at 2026-01-04T10:00 for 1h', 'before the run'],
    [`link down at ${'9'.repeat(1e6)} for 1h`, 'no fault'],
  ])('%.60s', (text, message) => {
    const { outage, problem } = parseFault(text, CLOCK);
    expect(outage).toBeUndefined();
    expect(problem).toMatchObject({ severity: 'error', code: 'fault-wrong', file: '--fault' });
    expect(problem!.message).toContain(message);
  });
});

describe('mergeOutages', () => {
  it('joins what overlaps or touches', () => {
    const outages = [
      { startMs: 50, endMs: 60 },
      { startMs: 0, endMs: 10 },
      { startMs: 10, endMs: 20 },
      { startMs: 5, endMs: 8 },
    ];
    expect(mergeOutages(outages)).toEqual([
      { startMs: 0, endMs: 20 },
      { startMs: 50, endMs: 60 },
    ]);
  });

  it('is down at exactly the instants of any outage, in spans ascending and apart', () => {
    const outage = fc
      .tuple(fc.nat(40), fc.integer({ min: 1, max: 10 }))
      .map(([startMs, lengthMs]) => ({ startMs, endMs: startMs + lengthMs }));
    fc.assert(
      fc.property(fc.array(outage, { maxLength: 8 }), (outages) => {
        const merged = mergeOutages(outages);
        const isDown = (list: typeof outages, atMs: number): boolean =>
          list.some(({ startMs, endMs }) => startMs <= atMs && atMs < endMs);
        for (let atMs = 0; atMs < 60; atMs++) expect(isDown(merged, atMs)).toBe(isDown(outages, atMs));
        for (let index = 1; index < merged.length; index++) {
          expect(merged[index]!.startMs).toBeGreaterThan(merged[index - 1]!.endMs);
        }
      }),
    );
  });
});
